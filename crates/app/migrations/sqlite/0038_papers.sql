-- oldest binary: 33
-- 成套用纸: the papers of all rooms of a plan, made by a job.

-- owner: arrangement
CREATE TABLE paper_run (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  plan_id INTEGER NOT NULL REFERENCES seat_plan (id),
  state TEXT NOT NULL CHECK (state IN ('making', 'ready', 'failed', 'emptied')),
  -- Kinds, rooms, sessions, whether with photos and whole numbers and why: JSON.
  wanted TEXT NOT NULL,
  -- Kind, site and room of the last that is done.
  reached TEXT NOT NULL,
  files INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  -- In rooms, each as often as there are kinds.
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  failure TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  finished_at INTEGER,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_run_exam ON paper_run (exam_id, id);
CREATE INDEX paper_run_plan ON paper_run (plan_id, id);
CREATE INDEX paper_run_state ON paper_run (state, id);

-- owner: arrangement
-- The content is sealed in the object store under the row's id; backups leave it out.
CREATE TABLE paper_file (
  id INTEGER NOT NULL PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES paper_run (id),
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  path TEXT NOT NULL,
  pages INTEGER NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (run_id, seq)
) STRICT;
