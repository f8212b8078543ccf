-- 演练考试: an exam that is tried out on the production system, seen by accounts made for it alone, and wiped afterwards.
-- 1 from the moment it is made; NULL for a real one. Nothing ever changes it.
ALTER TABLE exam ADD COLUMN rehearsal INTEGER CHECK (rehearsal = 1);
-- The one exam that an account made for a rehearsal can see; NULL for a person's account.
ALTER TABLE account ADD COLUMN rehearsal_exam INTEGER;
CREATE INDEX account_rehearsal ON account (rehearsal_exam, id) WHERE rehearsal_exam IS NOT NULL;
CREATE INDEX exam_rehearsal ON exam (id) WHERE rehearsal IS NOT NULL;

-- owner: rehearsal
-- 演练考生: what was asked for, and how far the job is.
CREATE TABLE rehearsal_run (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  wanted INTEGER NOT NULL CHECK (wanted >= 1 AND wanted <= 500),
  -- Of a hundred: who applies, and who pays once it is his turn.
  apply_share INTEGER NOT NULL CHECK (apply_share >= 0 AND apply_share <= 100),
  pay_share INTEGER NOT NULL CHECK (pay_share >= 0 AND pay_share <= 100),
  seed INTEGER NOT NULL,
  -- The number of its first candidate.
  first_no INTEGER NOT NULL CHECK (first_no > 0),
  made INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
-- One at a time in an exam.
CREATE UNIQUE INDEX rehearsal_run_open ON rehearsal_run (exam_id) WHERE state = 'running';
CREATE INDEX rehearsal_run_exam ON rehearsal_run (exam_id, id);

-- owner: rehearsal
CREATE TABLE rehearsal_candidate (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id),
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  run_id INTEGER NOT NULL REFERENCES rehearsal_run (id),
  no INTEGER NOT NULL,
  -- 'made': an account; 'ready': with profile and photo; then whether he applied by himself, or why not.
  stage TEXT NOT NULL CHECK (stage IN ('made', 'ready', 'applied', 'refused')),
  note TEXT NOT NULL,
  applies INTEGER NOT NULL CHECK (applies IN (0, 1)),
  pays INTEGER NOT NULL CHECK (pays IN (0, 1)),
  -- The first password, sealed until it is handed out; then gone.
  secret BLOB,
  UNIQUE (exam_id, no)
) STRICT;
CREATE INDEX rehearsal_candidate_pays ON rehearsal_candidate (exam_id, account_id) WHERE pays = 1;

-- owner: rehearsal
-- 清除: asked for once, carried out by a job; what remains of a rehearsal is this row and the trail.
CREATE TABLE rehearsal_wipe (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL UNIQUE,
  title TEXT NOT NULL,
  code TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  -- Counts by kind, JSON: what there was when it was asked for, and what has gone.
  planned TEXT NOT NULL,
  removed TEXT NOT NULL,
  asked_by INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  finished_at INTEGER,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX rehearsal_wipe_state ON rehearsal_wipe (state, id);

-- owner: payment
-- 演练支付: the other side of a payment in which no money moves. Nobody but a rehearsal's candidates is led to it.
CREATE TABLE rehearsal_payment (
  merchant_no TEXT NOT NULL PRIMARY KEY,
  amount INTEGER NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
  paid_at INTEGER
) STRICT;

-- owner: payment
CREATE TABLE rehearsal_refund (
  refund_no TEXT NOT NULL PRIMARY KEY,
  merchant_no TEXT NOT NULL REFERENCES rehearsal_payment (merchant_no),
  amount INTEGER NOT NULL CHECK (amount > 0),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX rehearsal_refund_of ON rehearsal_refund (merchant_no);
