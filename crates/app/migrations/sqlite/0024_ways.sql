-- oldest binary: 24
-- How a payer is led to a channel: an address, a code, a form, the channel's own app. NULL for payments from before, which were
-- all led to an address.
ALTER TABLE payment_attempt ADD COLUMN way TEXT;
-- When the channel told the way: some are good for minutes only.
ALTER TABLE payment_attempt ADD COLUMN checkout_at INTEGER;
UPDATE payment_attempt SET checkout = json_object('way', 'page', 'url', checkout) WHERE checkout <> '';
