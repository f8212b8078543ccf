-- Durable work: jobs, their progress, periodic plans, and the lease that makes one process the leader.

-- owner: jobs
CREATE TABLE job (
  id BIGINT NOT NULL PRIMARY KEY,
  queue TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  dedup_key TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
  -- When it may be taken: a ready job at its time, a running one when the lease of its worker has run out.
  due_at BIGINT NOT NULL,
  -- How often it was taken. A worker that names an older number has lost the job.
  attempt BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  max_failures BIGINT NOT NULL CHECK (max_failures > 0),
  worker TEXT COLLATE "C" NOT NULL,
  cancel_asked BIGINT NOT NULL CHECK (cancel_asked IN (0, 1)),
  last_error TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  CHECK ((finished_at IS NULL) = (state IN ('ready', 'running')))
);
CREATE INDEX job_due ON job (queue, due_at, id) WHERE finished_at IS NULL;
-- One waiting job is enough for one key; while it runs, the next one may already wait.
CREATE UNIQUE INDEX job_dedup ON job (name, dedup_key) WHERE state = 'ready';
-- What a plan looks at: does an earlier run of it still wait or run?
CREATE INDEX job_live_key ON job (name, dedup_key) WHERE finished_at IS NULL AND dedup_key IS NOT NULL;
CREATE INDEX job_finished ON job (finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX job_dead ON job (id) WHERE state = 'dead';

-- owner: jobs
CREATE TABLE job_progress (
  job_id BIGINT NOT NULL PRIMARY KEY,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  note TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL
);

-- owner: jobs
-- When a periodic job is enqueued next.
CREATE TABLE job_plan (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  next_at BIGINT NOT NULL
);

-- owner: jobs
CREATE TABLE job_lease (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL
);
