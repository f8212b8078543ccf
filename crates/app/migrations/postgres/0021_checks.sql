-- oldest binary: 17
-- 实名核验 and 学历核验: what is asked about whom, on which list it went out, and what came back.

-- owner: check
-- Whose name, document or education may have changed since he was last asked about; emptied by a job.
CREATE TABLE check_due (
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('identity', 'education')),
  account_id BIGINT NOT NULL REFERENCES account (id),
  at BIGINT NOT NULL,
  PRIMARY KEY (kind, account_id)
);
CREATE INDEX check_due_order ON check_due (kind, at, account_id);

-- owner: check
-- A list for the authority. Its answers count from the commit in which it becomes 'answered'.
CREATE TABLE check_batch (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('identity', 'education')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('filling', 'open', 'reading', 'staged', 'answered', 'discarded')),
  people BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  -- Until when it can be taken.
  expires_at BIGINT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_bad BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  mismatched BIGINT NOT NULL,
  unknown BIGINT NOT NULL,
  file_name TEXT COLLATE "C" NOT NULL,
  -- The upload whose answers they are, 0 for none.
  upload BIGINT NOT NULL,
  answered_by BIGINT,
  answered_at BIGINT,
  CHECK (rows_good = matched + mismatched + unknown)
);

-- owner: check
-- A question about a person. The answer is bound to the keyed digest of what was asked; another question replaces it.
CREATE TABLE check_item (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('identity', 'education')),
  account_id BIGINT NOT NULL REFERENCES account (id),
  subject BYTEA NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  batch_id BIGINT REFERENCES check_batch (id),
  -- An answer that came at once or was given by staff; one that came on a list is in check_result.
  verdict TEXT COLLATE "C" CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  unknown TEXT COLLATE "C" CHECK (unknown IN ('not_found', 'down', 'missing')),
  reference TEXT COLLATE "C",
  answered_at BIGINT,
  due_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE UNIQUE INDEX check_item_current ON check_item (account_id, kind) WHERE replaced_at IS NULL;
CREATE INDEX check_item_account ON check_item (account_id, id);
CREATE INDEX check_item_waiting ON check_item (kind, id) WHERE batch_id IS NULL AND verdict IS NULL AND replaced_at IS NULL;
CREATE INDEX check_item_batch ON check_item (batch_id, id) WHERE batch_id IS NOT NULL;

-- owner: check
CREATE TABLE check_result (
  id BIGINT NOT NULL PRIMARY KEY,
  batch_id BIGINT NOT NULL REFERENCES check_batch (id),
  item_id BIGINT NOT NULL REFERENCES check_item (id),
  upload BIGINT NOT NULL,
  verdict TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  unknown TEXT COLLATE "C" CHECK (unknown IN ('not_found', 'down', 'missing')),
  reference TEXT COLLATE "C" NOT NULL,
  UNIQUE (batch_id, item_id, upload)
);
CREATE INDEX check_result_item ON check_result (item_id, batch_id, upload);

-- owner: check
CREATE TABLE check_problem (
  batch_id BIGINT NOT NULL REFERENCES check_batch (id),
  item BIGINT NOT NULL,
  line BIGINT NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (batch_id, item)
);

-- owner: application
-- What was known of a check when an application was saved; the whole answer is in its snapshot.
CREATE TABLE application_check (
  application_id BIGINT NOT NULL REFERENCES application (id),
  exam_id BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('identity', 'education')),
  demand TEXT COLLATE "C" NOT NULL CHECK (demand IN ('off', 'asked', 'needed')),
  verdict TEXT COLLATE "C" CHECK (verdict IN ('match', 'mismatch', 'unknown')),
  at BIGINT NOT NULL,
  PRIMARY KEY (application_id, kind)
);

-- Those who were here before.
INSERT INTO check_due (kind, account_id, at) SELECT 'identity', id, created_at FROM account WHERE state = 'active';
INSERT INTO check_due (kind, account_id, at) SELECT 'education', id, created_at FROM account WHERE state = 'active';
