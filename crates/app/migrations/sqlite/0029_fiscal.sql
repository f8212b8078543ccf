-- 财政电子票据: numbers of the receipts that the fiscal office issued, brought in by files.

-- owner: payment
-- A file: staged in chunks, looked at, then taken over row by row. Rows with mistakes are left out and told.
CREATE TABLE fiscal_import (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('staging', 'staged', 'applying', 'done', 'discarded')),
  file_name TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_new INTEGER NOT NULL,
  rows_same INTEGER NOT NULL,
  rows_changed INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_by INTEGER,
  confirmed_at INTEGER
) STRICT;
CREATE INDEX fiscal_import_state ON fiscal_import (state, id);

-- owner: payment
CREATE TABLE fiscal_row (
  import_id INTEGER NOT NULL REFERENCES fiscal_import (id),
  line INTEGER NOT NULL,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  code TEXT NOT NULL,
  number TEXT NOT NULL,
  check_code TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  -- What it does to what was known when it was staged.
  change TEXT NOT NULL CHECK (change IN ('new', 'changed')),
  -- What taking it over came to; empty until then.
  outcome TEXT NOT NULL CHECK (outcome IN ('', 'taken', 'same', 'left_out')),
  PRIMARY KEY (import_id, line)
) STRICT;
CREATE INDEX fiscal_row_order ON fiscal_row (order_id);
CREATE INDEX fiscal_row_open ON fiscal_row (import_id, line) WHERE outcome = '';

-- owner: payment
CREATE TABLE fiscal_problem (
  import_id INTEGER NOT NULL REFERENCES fiscal_import (id),
  item INTEGER NOT NULL,
  line INTEGER NOT NULL,
  field TEXT NOT NULL,
  cell TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (import_id, item)
) STRICT;

-- owner: payment
-- The receipt of an order. Corrections by a later file overwrite it and stand in the trail.
CREATE TABLE fiscal_receipt (
  order_id INTEGER NOT NULL PRIMARY KEY REFERENCES payment_order (id),
  exam_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  number TEXT NOT NULL,
  check_code TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  import_id INTEGER NOT NULL REFERENCES fiscal_import (id),
  taken_at INTEGER NOT NULL,
  -- 冲红: the number of the red receipt, and who said so.
  red_no TEXT,
  red_by INTEGER,
  red_at INTEGER,
  version INTEGER NOT NULL,
  UNIQUE (code, number)
) STRICT;
CREATE INDEX fiscal_receipt_exam ON fiscal_receipt (exam_id, order_id);
CREATE INDEX fiscal_receipt_number ON fiscal_receipt (number);
