-- oldest binary: 17
-- 实名核验 and 学历核验: what is asked about whom, on which list it went out, and what came back.

-- owner: check
-- Whose name, document or education may have changed since he was last asked about; emptied by a job.
CREATE TABLE check_due (
  kind TEXT NOT NULL CHECK (kind IN ('identity', 'education')),
  account_id INTEGER NOT NULL REFERENCES account (id),
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, account_id)
) STRICT;
CREATE INDEX check_due_order ON check_due (kind, at, account_id);

-- owner: check
-- A list for the authority. Its answers count from the commit in which it becomes 'answered'.
CREATE TABLE check_batch (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('identity', 'education')),
  state TEXT NOT NULL CHECK (state IN ('filling', 'open', 'reading', 'staged', 'answered', 'discarded')),
  people INTEGER NOT NULL,
  reason TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  -- Until when it can be taken.
  expires_at INTEGER NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_good INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  matched INTEGER NOT NULL,
  mismatched INTEGER NOT NULL,
  unknown INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  -- The upload whose answers they are, 0 for none.
  upload INTEGER NOT NULL,
  answered_by INTEGER,
  answered_at INTEGER,
  CHECK (rows_good = matched + mismatched + unknown)
) STRICT;

-- owner: check
-- A question about a person. The answer is bound to the keyed digest of what was asked; another question replaces it.
CREATE TABLE check_item (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('identity', 'education')),
  account_id INTEGER NOT NULL REFERENCES account (id),
  subject BLOB NOT NULL,
  source TEXT NOT NULL,
  batch_id INTEGER REFERENCES check_batch (id),
  -- An answer that came at once or was given by staff; one that came on a list is in check_result.
  verdict TEXT CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  unknown TEXT CHECK (unknown IN ('not_found', 'down', 'missing')),
  reference TEXT,
  answered_at INTEGER,
  due_at INTEGER NOT NULL,
  replaced_at INTEGER
) STRICT;
CREATE UNIQUE INDEX check_item_current ON check_item (account_id, kind) WHERE replaced_at IS NULL;
CREATE INDEX check_item_account ON check_item (account_id, id);
CREATE INDEX check_item_waiting ON check_item (kind, id) WHERE batch_id IS NULL AND verdict IS NULL AND replaced_at IS NULL;
CREATE INDEX check_item_batch ON check_item (batch_id, id) WHERE batch_id IS NOT NULL;

-- owner: check
CREATE TABLE check_result (
  id INTEGER NOT NULL PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES check_batch (id),
  item_id INTEGER NOT NULL REFERENCES check_item (id),
  upload INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  unknown TEXT CHECK (unknown IN ('not_found', 'down', 'missing')),
  reference TEXT NOT NULL,
  UNIQUE (batch_id, item_id, upload)
) STRICT;
CREATE INDEX check_result_item ON check_result (item_id, batch_id, upload);

-- owner: check
CREATE TABLE check_problem (
  batch_id INTEGER NOT NULL REFERENCES check_batch (id),
  item INTEGER NOT NULL,
  line INTEGER NOT NULL,
  field TEXT NOT NULL,
  cell TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (batch_id, item)
) STRICT;

-- owner: application
-- What was known of a check when an application was saved; the whole answer is in its snapshot.
CREATE TABLE application_check (
  application_id INTEGER NOT NULL REFERENCES application (id),
  exam_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('identity', 'education')),
  demand TEXT NOT NULL CHECK (demand IN ('off', 'asked', 'needed')),
  verdict TEXT CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  at INTEGER NOT NULL,
  PRIMARY KEY (application_id, kind)
) STRICT;

-- Those who were here before.
INSERT INTO check_due (kind, account_id, at) SELECT 'identity', id, created_at FROM account WHERE state = 'active';
INSERT INTO check_due (kind, account_id, at) SELECT 'education', id, created_at FROM account WHERE state = 'active';
