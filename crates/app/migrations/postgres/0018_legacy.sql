-- oldest binary: 17
-- 原系统账号: accounts of another system that wait for their owners. An upload is staged, confirmed by a second person, and its accounts
-- are made by a job; each row of legacy_entry goes in the commit that makes its account.

-- owner: account
CREATE TABLE legacy_import (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('reading', 'failed', 'staged', 'asked', 'making', 'done', 'withdrawing', 'withdrawn', 'discarded')),
  file_name TEXT COLLATE "C" NOT NULL,
  file_hash TEXT COLLATE "C" NOT NULL,
  -- The upload itself, until it is read.
  object_id BIGINT NOT NULL,
  -- How long the accounts wait for their owners, and until when, once it is confirmed.
  months BIGINT NOT NULL CHECK (months >= 1 AND months <= 24),
  lapses_at BIGINT,
  -- Lines of the file that are staged.
  reached BIGINT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_known BIGINT NOT NULL,
  rows_bad BIGINT NOT NULL,
  made BIGINT NOT NULL,
  missed BIGINT NOT NULL,
  -- What became of those made, counted now and then until none of them waits.
  activated BIGINT NOT NULL,
  lapsed BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  counted_at BIGINT,
  settled BIGINT NOT NULL CHECK (settled IN (0, 1)),
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_by BIGINT,
  confirmed_at BIGINT,
  withdrawn_by BIGINT,
  withdrawn_at BIGINT
);
CREATE INDEX legacy_import_open ON legacy_import (state, id);

-- owner: account
CREATE TABLE legacy_problem (
  import_id BIGINT NOT NULL REFERENCES legacy_import (id),
  item BIGINT NOT NULL,
  line BIGINT NOT NULL,
  severity TEXT COLLATE "C" NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (import_id, item)
);

-- owner: account
CREATE TABLE legacy_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  import_id BIGINT NOT NULL REFERENCES legacy_import (id),
  line BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  id_type TEXT COLLATE "C" NOT NULL,
  id_number BYTEA NOT NULL,
  mobile BYTEA NOT NULL,
  UNIQUE (import_id, line)
);

-- Which import made an account, and until when one waits that its owner never opened.
ALTER TABLE account ADD COLUMN legacy_import_id BIGINT;
ALTER TABLE account ADD COLUMN lapses_at BIGINT;
CREATE INDEX account_legacy ON account (legacy_import_id, state, id) WHERE legacy_import_id IS NOT NULL;
-- Whose time is over, found without looking at those that wait for another year.
CREATE INDEX account_lapses ON account ((COALESCE(lapses_at, activation_expires_at)), id)
  WHERE state = 'pending' AND activated_at IS NULL;

ALTER TABLE approval DROP CONSTRAINT approval_kind_check;
ALTER TABLE approval ADD CONSTRAINT approval_kind_check
  CHECK (kind IN ('identity_correction', 'mobile_change', 'account_recovery', 'staff_factor', 'legacy_import',
    'legacy_withdrawal', 'check_overrule'));
