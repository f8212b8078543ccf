-- 财政电子票据: numbers of the receipts that the fiscal office issued, brought in by files.

-- owner: payment
-- A file: staged in chunks, looked at, then taken over row by row. Rows with mistakes are left out and told.
CREATE TABLE fiscal_import (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'staged', 'applying', 'done', 'discarded')),
  file_name TEXT COLLATE "C" NOT NULL,
  file_hash TEXT COLLATE "C" NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_new BIGINT NOT NULL,
  rows_same BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL,
  rows_bad BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_by BIGINT,
  confirmed_at BIGINT
);
CREATE INDEX fiscal_import_state ON fiscal_import (state, id);

-- owner: payment
CREATE TABLE fiscal_row (
  import_id BIGINT NOT NULL REFERENCES fiscal_import (id),
  line BIGINT NOT NULL,
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  code TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  check_code TEXT COLLATE "C" NOT NULL,
  issued_on TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  -- What it does to what was known when it was staged.
  change TEXT COLLATE "C" NOT NULL CHECK (change IN ('new', 'changed')),
  -- What taking it over came to; empty until then.
  outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('', 'taken', 'same', 'left_out')),
  PRIMARY KEY (import_id, line)
);
CREATE INDEX fiscal_row_order ON fiscal_row (order_id);
CREATE INDEX fiscal_row_open ON fiscal_row (import_id, line) WHERE outcome = '';

-- owner: payment
CREATE TABLE fiscal_problem (
  import_id BIGINT NOT NULL REFERENCES fiscal_import (id),
  item BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (import_id, item)
);

-- owner: payment
-- The receipt of an order. Corrections by a later file overwrite it and stand in the trail.
CREATE TABLE fiscal_receipt (
  order_id BIGINT NOT NULL PRIMARY KEY REFERENCES payment_order (id),
  exam_id BIGINT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  check_code TEXT COLLATE "C" NOT NULL,
  issued_on TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  import_id BIGINT NOT NULL REFERENCES fiscal_import (id),
  taken_at BIGINT NOT NULL,
  -- 冲红: the number of the red receipt, and who said so.
  red_no TEXT COLLATE "C",
  red_by BIGINT,
  red_at BIGINT,
  version BIGINT NOT NULL,
  UNIQUE (code, number)
);
CREATE INDEX fiscal_receipt_exam ON fiscal_receipt (exam_id, order_id);
CREATE INDEX fiscal_receipt_number ON fiscal_receipt (number);
