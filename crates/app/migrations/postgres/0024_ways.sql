-- oldest binary: 24
-- How a payer is led to a channel: an address, a code, a form, the channel's own app. NULL for payments from before, which were
-- all led to an address.
ALTER TABLE payment_attempt ADD COLUMN way TEXT COLLATE "C";
-- When the channel told the way: some are good for minutes only.
ALTER TABLE payment_attempt ADD COLUMN checkout_at BIGINT;
UPDATE payment_attempt SET checkout = json_build_object('way', 'page', 'url', checkout)::text WHERE checkout <> '';
