-- 线下缴费: money that came or went back outside of the channels, entered from a document by one person and confirmed by another.

-- owner: payment
CREATE TABLE offline_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  -- The refund that was paid back; NULL for a payment.
  refund_id INTEGER REFERENCES refund (id),
  method TEXT NOT NULL CHECK (method IN ('cash', 'transfer', 'pos')),
  document_no TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  paid_at INTEGER NOT NULL,
  remark TEXT NOT NULL,
  -- A scan of the document.
  voucher_id INTEGER REFERENCES object (id),
  state TEXT NOT NULL CHECK (state IN ('entered', 'confirmed', 'refused')),
  entered_by INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  version INTEGER NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
) STRICT;
-- A document counts once, and an order waits for one word at a time.
CREATE UNIQUE INDEX offline_entry_document ON offline_entry (method, document_no) WHERE state <> 'refused';
CREATE UNIQUE INDEX offline_entry_open ON offline_entry (order_id) WHERE state = 'entered';
CREATE INDEX offline_entry_order ON offline_entry (order_id, id);
CREATE INDEX offline_entry_state ON offline_entry (state, id);
CREATE INDEX offline_entry_voucher ON offline_entry (voucher_id) WHERE voucher_id IS NOT NULL;

-- owner: payment
-- 缴款码: asked for by a candidate, given by the fiscal office.
CREATE TABLE nontax_code (
  order_id INTEGER NOT NULL PRIMARY KEY REFERENCES payment_order (id),
  exam_id INTEGER NOT NULL,
  code TEXT UNIQUE,
  asked_at INTEGER NOT NULL,
  given_at INTEGER,
  CHECK ((code IS NULL) = (given_at IS NULL))
) STRICT;
CREATE INDEX nontax_code_waiting ON nontax_code (order_id) WHERE code IS NULL;

-- owner: payment
-- A list of the collection bank of what was paid by such codes, taken whole, confirmed by another person, settled line by line.
CREATE TABLE nontax_batch (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  file_name TEXT NOT NULL,
  rows INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staged', 'confirmed', 'refused', 'done')),
  entered_by INTEGER NOT NULL,
  entered_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
) STRICT;
CREATE INDEX nontax_batch_state ON nontax_batch (state, id);

-- owner: payment
CREATE TABLE nontax_row (
  batch_id INTEGER NOT NULL REFERENCES nontax_batch (id),
  line INTEGER NOT NULL,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  code TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  paid_at INTEGER NOT NULL,
  voucher TEXT NOT NULL,
  -- What settling it came to; empty until then.
  outcome TEXT NOT NULL,
  PRIMARY KEY (batch_id, line)
) STRICT;
CREATE INDEX nontax_row_order ON nontax_row (order_id);
CREATE INDEX nontax_row_open ON nontax_row (batch_id, line) WHERE outcome = '';
