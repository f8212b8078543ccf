-- The settings of a published exam never change in place: what is changed is drafted, published with a notice, and told.
-- owner: exam
CREATE TABLE settings_change (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  part TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'asked', 'published', 'rejected', 'withdrawn')),
  -- The exam's settings when it was drafted: published only over those.
  base_version INTEGER NOT NULL,
  title TEXT NOT NULL,
  -- The settings as changed, and line by line what differs; both JSON.
  settings TEXT NOT NULL,
  changes TEXT NOT NULL,
  two_people INTEGER NOT NULL CHECK (two_people IN (0, 1)),
  reason TEXT NOT NULL,
  notice_title TEXT NOT NULL,
  notice_body TEXT NOT NULL,
  announcement_id INTEGER,
  note TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  asked_by INTEGER,
  decided_by INTEGER,
  decided_at INTEGER,
  -- Those who applied are told one after the other.
  reached INTEGER NOT NULL,
  told INTEGER NOT NULL,
  told_at INTEGER
) STRICT;
CREATE INDEX settings_change_exam ON settings_change (exam_id, id);
