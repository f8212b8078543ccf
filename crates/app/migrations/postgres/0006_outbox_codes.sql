-- Codes go before what everybody is told: whoever waits for one stands at a form.
CREATE INDEX outbox_message_code ON outbox_message (state, next_at, id) WHERE substr(template, 1, 5) = 'code_';
