-- Durable work: jobs, their progress, periodic plans, and the lease that makes one process the leader.

-- owner: jobs
CREATE TABLE job (
  id INTEGER NOT NULL PRIMARY KEY,
  queue TEXT NOT NULL,
  name TEXT NOT NULL,
  payload TEXT NOT NULL,
  dedup_key TEXT,
  state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
  -- When it may be taken: a ready job at its time, a running one when the lease of its worker has run out.
  due_at INTEGER NOT NULL,
  -- How often it was taken. A worker that names an older number has lost the job.
  attempt INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  max_failures INTEGER NOT NULL CHECK (max_failures > 0),
  worker TEXT NOT NULL,
  cancel_asked INTEGER NOT NULL CHECK (cancel_asked IN (0, 1)),
  last_error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  CHECK ((finished_at IS NULL) = (state IN ('ready', 'running')))
) STRICT;
CREATE INDEX job_due ON job (queue, due_at, id) WHERE finished_at IS NULL;
-- One waiting job is enough for one key; while it runs, the next one may already wait.
CREATE UNIQUE INDEX job_dedup ON job (name, dedup_key) WHERE state = 'ready';
-- What a plan looks at: does an earlier run of it still wait or run?
CREATE INDEX job_live_key ON job (name, dedup_key) WHERE finished_at IS NULL AND dedup_key IS NOT NULL;
CREATE INDEX job_finished ON job (finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX job_dead ON job (id) WHERE state = 'dead';

-- owner: jobs
CREATE TABLE job_progress (
  job_id INTEGER NOT NULL PRIMARY KEY,
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  note TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- owner: jobs
-- When a periodic job is enqueued next.
CREATE TABLE job_plan (
  name TEXT NOT NULL PRIMARY KEY,
  next_at INTEGER NOT NULL
) STRICT;

-- owner: jobs
CREATE TABLE job_lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;
