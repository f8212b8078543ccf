-- oldest binary: 17
-- 原系统账号: accounts of another system that wait for their owners. An upload is staged, confirmed by a second person, and its accounts
-- are made by a job; each row of legacy_entry goes in the commit that makes its account.

-- owner: account
CREATE TABLE legacy_import (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('reading', 'failed', 'staged', 'asked', 'making', 'done', 'withdrawing', 'withdrawn', 'discarded')),
  file_name TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  -- The upload itself, until it is read.
  object_id INTEGER NOT NULL,
  -- How long the accounts wait for their owners, and until when, once it is confirmed.
  months INTEGER NOT NULL CHECK (months >= 1 AND months <= 24),
  lapses_at INTEGER,
  -- Lines of the file that are staged.
  reached INTEGER NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_good INTEGER NOT NULL,
  rows_known INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  made INTEGER NOT NULL,
  missed INTEGER NOT NULL,
  -- What became of those made, counted now and then until none of them waits.
  activated INTEGER NOT NULL,
  lapsed INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  counted_at INTEGER,
  settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_by INTEGER,
  confirmed_at INTEGER,
  withdrawn_by INTEGER,
  withdrawn_at INTEGER
) STRICT;
CREATE INDEX legacy_import_open ON legacy_import (state, id);

-- owner: account
CREATE TABLE legacy_problem (
  import_id INTEGER NOT NULL REFERENCES legacy_import (id),
  item INTEGER NOT NULL,
  line INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT NOT NULL,
  cell TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (import_id, item)
) STRICT;

-- owner: account
CREATE TABLE legacy_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  import_id INTEGER NOT NULL REFERENCES legacy_import (id),
  line INTEGER NOT NULL,
  name TEXT NOT NULL,
  id_type TEXT NOT NULL,
  id_number BLOB NOT NULL,
  mobile BLOB NOT NULL,
  UNIQUE (import_id, line)
) STRICT;

-- Which import made an account, and until when one waits that its owner never opened.
ALTER TABLE account ADD COLUMN legacy_import_id INTEGER;
ALTER TABLE account ADD COLUMN lapses_at INTEGER;
CREATE INDEX account_legacy ON account (legacy_import_id, state, id) WHERE legacy_import_id IS NOT NULL;
-- Whose time is over, found without looking at those that wait for another year.
CREATE INDEX account_lapses ON account ((COALESCE(lapses_at, activation_expires_at)), id)
  WHERE state = 'pending' AND activated_at IS NULL;

ALTER TABLE approval RENAME TO approval_before;
-- owner: approval
CREATE TABLE approval (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('identity_correction', 'mobile_change', 'account_recovery', 'staff_factor', 'legacy_import',
    'legacy_withdrawal', 'check_overrule')),
  object_id INTEGER NOT NULL,
  exam_id INTEGER NOT NULL,
  payload BLOB NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn')),
  requested_by INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> requested_by)
) STRICT;
INSERT INTO approval SELECT id, public_id, kind, object_id, exam_id, payload, reason, state, requested_by, requested_at,
  decided_by, decided_at, note FROM approval_before;
DROP TABLE approval_before;
CREATE INDEX approval_state ON approval (state, kind, id);
CREATE INDEX approval_list ON approval (state, id);
CREATE INDEX approval_object ON approval (kind, object_id);
CREATE UNIQUE INDEX approval_open ON approval (kind, object_id) WHERE state = 'open';
