-- oldest binary: 33
-- 成套用纸: the papers of all rooms of a plan, made by a job.

-- owner: arrangement
CREATE TABLE paper_run (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  plan_id BIGINT NOT NULL REFERENCES seat_plan (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('making', 'ready', 'failed', 'emptied')),
  -- Kinds, rooms, sessions, whether with photos and whole numbers and why: JSON.
  wanted TEXT COLLATE "C" NOT NULL,
  -- Kind, site and room of the last that is done.
  reached TEXT COLLATE "C" NOT NULL,
  files BIGINT NOT NULL,
  pages BIGINT NOT NULL,
  -- In rooms, each as often as there are kinds.
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  failure TEXT COLLATE "C" NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  finished_at BIGINT,
  expires_at BIGINT NOT NULL
);
CREATE INDEX paper_run_exam ON paper_run (exam_id, id);
CREATE INDEX paper_run_plan ON paper_run (plan_id, id);
CREATE INDEX paper_run_state ON paper_run (state, id);

-- owner: arrangement
-- The content is sealed in the object store under the row's id; backups leave it out.
CREATE TABLE paper_file (
  id BIGINT NOT NULL PRIMARY KEY,
  run_id BIGINT NOT NULL REFERENCES paper_run (id),
  seq BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  path TEXT COLLATE "C" NOT NULL,
  pages BIGINT NOT NULL,
  size BIGINT NOT NULL,
  UNIQUE (run_id, seq)
);
