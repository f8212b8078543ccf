-- The number of a receipt that was reversed is never anybody's again.

-- owner: payment
-- Numbers of receipts that were reversed (冲红); each stands here and in `fiscal_receipt` until another follows.
CREATE TABLE fiscal_past (
  code TEXT NOT NULL,
  number TEXT NOT NULL,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  -- The number of the red receipt; NULL where it had been entered for another one before.
  red_no TEXT,
  at INTEGER NOT NULL,
  PRIMARY KEY (code, number)
) STRICT;
CREATE INDEX fiscal_past_order ON fiscal_past (order_id);
CREATE UNIQUE INDEX fiscal_past_red ON fiscal_past (code, red_no) WHERE red_no IS NOT NULL;

-- What was reversed before; a red number that was entered twice counts for the first.
INSERT INTO fiscal_past (code, number, order_id, amount, red_no, at)
SELECT f.code, f.number, f.order_id, f.amount, CASE WHEN EXISTS (SELECT 1 FROM fiscal_receipt o WHERE o.code = f.code
  AND o.red_no = f.red_no AND o.order_id < f.order_id) THEN NULL ELSE f.red_no END, f.red_at
FROM fiscal_receipt f WHERE f.red_at IS NOT NULL;
