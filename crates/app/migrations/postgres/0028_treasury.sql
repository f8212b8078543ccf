-- 退库: refunds of money that was handed over to the treasury. No channel has it any more; the fiscal office pays it back by lists.

-- How a refund goes, where it isn't the way on which the money came. NULL for that.
ALTER TABLE refund ADD COLUMN method TEXT COLLATE "C";

-- owner: payment
-- A list for the fiscal office: made by one, entered as paid back with date and voucher, confirmed by another, settled line by line.
CREATE TABLE treasury_list (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  rows BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('listed', 'entered', 'paid', 'done')),
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  voucher_no TEXT COLLATE "C",
  paid_on TEXT COLLATE "C",
  entered_by BIGINT,
  entered_at BIGINT,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
);
CREATE INDEX treasury_list_state ON treasury_list (state, id);

-- owner: payment
-- A refund that goes this way; on no list while `list_id` is NULL.
CREATE TABLE treasury_line (
  refund_id BIGINT NOT NULL PRIMARY KEY REFERENCES refund (id),
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  since BIGINT NOT NULL,
  list_id BIGINT REFERENCES treasury_list (id),
  listed_at BIGINT,
  done_at BIGINT
);
CREATE INDEX treasury_line_order ON treasury_line (order_id);
CREATE INDEX treasury_line_list ON treasury_line (list_id, refund_id);
CREATE INDEX treasury_line_waiting ON treasury_line (refund_id) WHERE list_id IS NULL;

-- Whose questions they are: what a desk shows.
CREATE INDEX discrepancy_owner ON discrepancy (owner_id, id) WHERE owner_id IS NOT NULL;
