-- A published position never changes in place: what is amended is a new revision, visible once its amendment is published.
-- The last published one; NULL while the table stands as it was published.
ALTER TABLE exam ADD COLUMN positions_amendment BIGINT;

-- owner: exam
-- Positions that an amendment adds stand in `position` under its id as their batch.
CREATE TABLE position_amendment (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('change', 'import', 'decision')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'draft', 'published', 'discarded')),
  -- What stood when it was drafted: published only over that.
  base_batch BIGINT NOT NULL,
  base_amendment BIGINT NOT NULL,
  import_id BIGINT NOT NULL,
  summary TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  notice_title TEXT COLLATE "C" NOT NULL,
  notice_body TEXT COLLATE "C" NOT NULL,
  announcement_id BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  published_by BIGINT,
  published_at BIGINT,
  -- When everybody concerned had his message.
  told_at BIGINT
);
CREATE INDEX position_amendment_exam ON position_amendment (exam_id, state, id);

-- owner: exam
CREATE TABLE position_revision (
  amendment_id BIGINT NOT NULL REFERENCES position_amendment (id),
  position_id BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('change', 'add', 'cut', 'cancel')),
  name TEXT COLLATE "C" NOT NULL,
  headcount BIGINT NOT NULL CHECK (headcount >= 0),
  education TEXT COLLATE "C" NOT NULL,
  majors TEXT COLLATE "C" NOT NULL,
  search_text TEXT COLLATE "C" NOT NULL,
  content TEXT COLLATE "C" NOT NULL,
  rules TEXT COLLATE "C" NOT NULL,
  capacity BIGINT,
  -- Field by field: old and new, JSON.
  changes TEXT COLLATE "C" NOT NULL,
  -- Those who applied are told one after the other.
  reached BIGINT NOT NULL,
  told BIGINT NOT NULL,
  unfit BIGINT NOT NULL,
  done BIGINT NOT NULL CHECK (done IN (0, 1)),
  PRIMARY KEY (amendment_id, position_id)
);
CREATE INDEX position_revision_of ON position_revision (position_id, amendment_id);

-- owner: exam
-- 保留, 核减 or 取消: asked for by one, confirmed by another, carried out by a job.
CREATE TABLE position_decision (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ratio', 'single')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'draft', 'asked', 'running', 'done', 'rejected', 'withdrawn')),
  reason TEXT COLLATE "C" NOT NULL,
  notice_title TEXT COLLATE "C" NOT NULL,
  notice_body TEXT COLLATE "C" NOT NULL,
  amendment_id BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  asked_by BIGINT,
  asked_at BIGINT,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  finished_at BIGINT,
  CHECK (decided_by IS NULL OR decided_by <> asked_by)
);
CREATE INDEX position_decision_exam ON position_decision (exam_id, id);
-- One at a time in an exam: nobody cancels what somebody else is cutting.
CREATE UNIQUE INDEX position_decision_open ON position_decision (exam_id) WHERE state IN ('asked', 'running');

-- owner: exam
CREATE TABLE position_decision_item (
  decision_id BIGINT NOT NULL REFERENCES position_decision (id),
  position_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  headcount BIGINT NOT NULL,
  applied BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  ratio BIGINT NOT NULL,
  proposal TEXT COLLATE "C" NOT NULL CHECK (proposal IN ('keep', 'cut', 'cancel')),
  proposed BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('keep', 'cut', 'cancel')),
  new_headcount BIGINT NOT NULL CHECK (new_headcount >= 0),
  reason TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'flipped', 'done')),
  reached BIGINT NOT NULL,
  -- Whose application was ended, and who waits for 改报.
  ended BIGINT NOT NULL,
  waiting BIGINT NOT NULL,
  PRIMARY KEY (decision_id, position_id)
);
CREATE INDEX position_decision_item_of ON position_decision_item (position_id, decision_id);
-- Cancelled positions that still hold somebody.
CREATE INDEX position_cancelled ON position (id, exam_id) WHERE state = 'cancelled' AND taken > 0;
