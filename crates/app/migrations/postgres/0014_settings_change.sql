-- The settings of a published exam never change in place: what is changed is drafted, published with a notice, and told.
-- owner: exam
CREATE TABLE settings_change (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  part TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'asked', 'published', 'rejected', 'withdrawn')),
  -- The exam's settings when it was drafted: published only over those.
  base_version BIGINT NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  -- The settings as changed, and line by line what differs; both JSON.
  settings TEXT COLLATE "C" NOT NULL,
  changes TEXT COLLATE "C" NOT NULL,
  two_people BIGINT NOT NULL CHECK (two_people IN (0, 1)),
  reason TEXT COLLATE "C" NOT NULL,
  notice_title TEXT COLLATE "C" NOT NULL,
  notice_body TEXT COLLATE "C" NOT NULL,
  announcement_id BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  asked_by BIGINT,
  decided_by BIGINT,
  decided_at BIGINT,
  -- Those who applied are told one after the other.
  reached BIGINT NOT NULL,
  told BIGINT NOT NULL,
  told_at BIGINT
);
CREATE INDEX settings_change_exam ON settings_change (exam_id, id);
