-- 线下缴费: money that came or went back outside of the channels, entered from a document by one person and confirmed by another.

-- owner: payment
CREATE TABLE offline_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  -- The refund that was paid back; NULL for a payment.
  refund_id BIGINT REFERENCES refund (id),
  method TEXT COLLATE "C" NOT NULL CHECK (method IN ('cash', 'transfer', 'pos')),
  document_no TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  paid_at BIGINT NOT NULL,
  remark TEXT COLLATE "C" NOT NULL,
  -- A scan of the document.
  voucher_id BIGINT REFERENCES object (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('entered', 'confirmed', 'refused')),
  entered_by BIGINT NOT NULL,
  entered_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
);
-- A document counts once, and an order waits for one word at a time.
CREATE UNIQUE INDEX offline_entry_document ON offline_entry (method, document_no) WHERE state <> 'refused';
CREATE UNIQUE INDEX offline_entry_open ON offline_entry (order_id) WHERE state = 'entered';
CREATE INDEX offline_entry_order ON offline_entry (order_id, id);
CREATE INDEX offline_entry_state ON offline_entry (state, id);
CREATE INDEX offline_entry_voucher ON offline_entry (voucher_id) WHERE voucher_id IS NOT NULL;

-- owner: payment
-- 缴款码: asked for by a candidate, given by the fiscal office.
CREATE TABLE nontax_code (
  order_id BIGINT NOT NULL PRIMARY KEY REFERENCES payment_order (id),
  exam_id BIGINT NOT NULL,
  code TEXT COLLATE "C" UNIQUE,
  asked_at BIGINT NOT NULL,
  given_at BIGINT,
  CHECK ((code IS NULL) = (given_at IS NULL))
);
CREATE INDEX nontax_code_waiting ON nontax_code (order_id) WHERE code IS NULL;

-- owner: payment
-- A list of the collection bank of what was paid by such codes, taken whole, confirmed by another person, settled line by line.
CREATE TABLE nontax_batch (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  file_name TEXT COLLATE "C" NOT NULL,
  rows BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staged', 'confirmed', 'refused', 'done')),
  entered_by BIGINT NOT NULL,
  entered_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> entered_by)
);
CREATE INDEX nontax_batch_state ON nontax_batch (state, id);

-- owner: payment
CREATE TABLE nontax_row (
  batch_id BIGINT NOT NULL REFERENCES nontax_batch (id),
  line BIGINT NOT NULL,
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  code TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  paid_at BIGINT NOT NULL,
  voucher TEXT COLLATE "C" NOT NULL,
  -- What settling it came to; empty until then.
  outcome TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (batch_id, line)
);
CREATE INDEX nontax_row_order ON nontax_row (order_id);
CREATE INDEX nontax_row_open ON nontax_row (batch_id, line) WHERE outcome = '';
