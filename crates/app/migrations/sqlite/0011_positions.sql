-- A published position never changes in place: what is amended is a new revision, visible once its amendment is published.
-- The last published one; NULL while the table stands as it was published.
ALTER TABLE exam ADD COLUMN positions_amendment INTEGER;

-- owner: exam
-- Positions that an amendment adds stand in `position` under its id as their batch.
CREATE TABLE position_amendment (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  kind TEXT NOT NULL CHECK (kind IN ('change', 'import', 'decision')),
  state TEXT NOT NULL CHECK (state IN ('staging', 'draft', 'published', 'discarded')),
  -- What stood when it was drafted: published only over that.
  base_batch INTEGER NOT NULL,
  base_amendment INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  summary TEXT NOT NULL,
  reason TEXT NOT NULL,
  notice_title TEXT NOT NULL,
  notice_body TEXT NOT NULL,
  announcement_id INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  published_by INTEGER,
  published_at INTEGER,
  -- When everybody concerned had his message.
  told_at INTEGER
) STRICT;
CREATE INDEX position_amendment_exam ON position_amendment (exam_id, state, id);

-- owner: exam
CREATE TABLE position_revision (
  amendment_id INTEGER NOT NULL REFERENCES position_amendment (id),
  position_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('change', 'add', 'cut', 'cancel')),
  name TEXT NOT NULL,
  headcount INTEGER NOT NULL CHECK (headcount >= 0),
  education TEXT NOT NULL,
  majors TEXT NOT NULL,
  search_text TEXT NOT NULL,
  content TEXT NOT NULL,
  rules TEXT NOT NULL,
  capacity INTEGER,
  -- Field by field: old and new, JSON.
  changes TEXT NOT NULL,
  -- Those who applied are told one after the other.
  reached INTEGER NOT NULL,
  told INTEGER NOT NULL,
  unfit INTEGER NOT NULL,
  done INTEGER NOT NULL CHECK (done IN (0, 1)),
  PRIMARY KEY (amendment_id, position_id)
) STRICT;
CREATE INDEX position_revision_of ON position_revision (position_id, amendment_id);

-- owner: exam
-- 保留, 核减 or 取消: asked for by one, confirmed by another, carried out by a job.
CREATE TABLE position_decision (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  kind TEXT NOT NULL CHECK (kind IN ('ratio', 'single')),
  state TEXT NOT NULL CHECK (state IN ('staging', 'draft', 'asked', 'running', 'done', 'rejected', 'withdrawn')),
  reason TEXT NOT NULL,
  notice_title TEXT NOT NULL,
  notice_body TEXT NOT NULL,
  amendment_id INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  asked_by INTEGER,
  asked_at INTEGER,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  finished_at INTEGER,
  CHECK (decided_by IS NULL OR decided_by <> asked_by)
) STRICT;
CREATE INDEX position_decision_exam ON position_decision (exam_id, id);
-- One at a time in an exam: nobody cancels what somebody else is cutting.
CREATE UNIQUE INDEX position_decision_open ON position_decision (exam_id) WHERE state IN ('asked', 'running');

-- owner: exam
CREATE TABLE position_decision_item (
  decision_id INTEGER NOT NULL REFERENCES position_decision (id),
  position_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  headcount INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  ratio INTEGER NOT NULL,
  proposal TEXT NOT NULL CHECK (proposal IN ('keep', 'cut', 'cancel')),
  proposed INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('keep', 'cut', 'cancel')),
  new_headcount INTEGER NOT NULL CHECK (new_headcount >= 0),
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'flipped', 'done')),
  reached INTEGER NOT NULL,
  -- Whose application was ended, and who waits for 改报.
  ended INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  PRIMARY KEY (decision_id, position_id)
) STRICT;
CREATE INDEX position_decision_item_of ON position_decision_item (position_id, decision_id);
-- Cancelled positions that still hold somebody.
CREATE INDEX position_cancelled ON position (id, exam_id) WHERE state = 'cancelled' AND taken > 0;
