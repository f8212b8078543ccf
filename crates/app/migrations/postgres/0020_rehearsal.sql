-- 演练考试: an exam that is tried out on the production system, seen by accounts made for it alone, and wiped afterwards.
-- 1 from the moment it is made; NULL for a real one. Nothing ever changes it.
ALTER TABLE exam ADD COLUMN rehearsal BIGINT CHECK (rehearsal = 1);
-- The one exam that an account made for a rehearsal can see; NULL for a person's account.
ALTER TABLE account ADD COLUMN rehearsal_exam BIGINT;
CREATE INDEX account_rehearsal ON account (rehearsal_exam, id) WHERE rehearsal_exam IS NOT NULL;
CREATE INDEX exam_rehearsal ON exam (id) WHERE rehearsal IS NOT NULL;

-- owner: rehearsal
-- 演练考生: what was asked for, and how far the job is.
CREATE TABLE rehearsal_run (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done')),
  wanted BIGINT NOT NULL CHECK (wanted >= 1 AND wanted <= 500),
  -- Of a hundred: who applies, and who pays once it is his turn.
  apply_share BIGINT NOT NULL CHECK (apply_share >= 0 AND apply_share <= 100),
  pay_share BIGINT NOT NULL CHECK (pay_share >= 0 AND pay_share <= 100),
  seed BIGINT NOT NULL,
  -- The number of its first candidate.
  first_no BIGINT NOT NULL CHECK (first_no > 0),
  made BIGINT NOT NULL,
  applied BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
-- One at a time in an exam.
CREATE UNIQUE INDEX rehearsal_run_open ON rehearsal_run (exam_id) WHERE state = 'running';
CREATE INDEX rehearsal_run_exam ON rehearsal_run (exam_id, id);

-- owner: rehearsal
CREATE TABLE rehearsal_candidate (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id),
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  run_id BIGINT NOT NULL REFERENCES rehearsal_run (id),
  no BIGINT NOT NULL,
  -- 'made': an account; 'ready': with profile and photo; then whether he applied by himself, or why not.
  stage TEXT COLLATE "C" NOT NULL CHECK (stage IN ('made', 'ready', 'applied', 'refused')),
  note TEXT COLLATE "C" NOT NULL,
  applies BIGINT NOT NULL CHECK (applies IN (0, 1)),
  pays BIGINT NOT NULL CHECK (pays IN (0, 1)),
  -- The first password, sealed until it is handed out; then gone.
  secret BYTEA,
  UNIQUE (exam_id, no)
);
CREATE INDEX rehearsal_candidate_pays ON rehearsal_candidate (exam_id, account_id) WHERE pays = 1;

-- owner: rehearsal
-- 清除: asked for once, carried out by a job; what remains of a rehearsal is this row and the trail.
CREATE TABLE rehearsal_wipe (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL UNIQUE,
  title TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done')),
  -- Counts by kind, JSON: what there was when it was asked for, and what has gone.
  planned TEXT COLLATE "C" NOT NULL,
  removed TEXT COLLATE "C" NOT NULL,
  asked_by BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  finished_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX rehearsal_wipe_state ON rehearsal_wipe (state, id);

-- owner: payment
-- 演练支付: the other side of a payment in which no money moves. Nobody but a rehearsal's candidates is led to it.
CREATE TABLE rehearsal_payment (
  merchant_no TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  amount BIGINT NOT NULL CHECK (amount > 0),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
  paid_at BIGINT
);

-- owner: payment
CREATE TABLE rehearsal_refund (
  refund_no TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  merchant_no TEXT COLLATE "C" NOT NULL REFERENCES rehearsal_payment (merchant_no),
  amount BIGINT NOT NULL CHECK (amount > 0),
  at BIGINT NOT NULL
);
CREATE INDEX rehearsal_refund_of ON rehearsal_refund (merchant_no);
