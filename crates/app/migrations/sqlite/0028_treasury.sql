-- 退库: refunds of money that was handed over to the treasury. No channel has it any more; the fiscal office pays it back by lists.

-- How a refund goes, where it isn't the way on which the money came. NULL for that.
ALTER TABLE refund ADD COLUMN method TEXT;

-- owner: payment
-- A list for the fiscal office: made by one, entered as paid back with date and voucher, confirmed by another, settled line by line.
CREATE TABLE treasury_list (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  rows INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('listed', 'entered', 'paid', 'done')),
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  voucher_no TEXT,
  paid_on TEXT,
  entered_by INTEGER,
  entered_at INTEGER,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
) STRICT;
CREATE INDEX treasury_list_state ON treasury_list (state, id);

-- owner: payment
-- A refund that goes this way; on no list while `list_id` is NULL.
CREATE TABLE treasury_line (
  refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refund (id),
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  since INTEGER NOT NULL,
  list_id INTEGER REFERENCES treasury_list (id),
  listed_at INTEGER,
  done_at INTEGER
) STRICT;
CREATE INDEX treasury_line_order ON treasury_line (order_id);
CREATE INDEX treasury_line_list ON treasury_line (list_id, refund_id);
CREATE INDEX treasury_line_waiting ON treasury_line (refund_id) WHERE list_id IS NULL;

-- Whose questions they are: what a desk shows.
CREATE INDEX discrepancy_owner ON discrepancy (owner_id, id) WHERE owner_id IS NOT NULL;
