-- owner: message
-- 群发消息: what staff write to some or all applicants of an exam, and how far it has gone.
CREATE TABLE broadcast (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  state TEXT NOT NULL CHECK (state IN ('draft', 'sending', 'sent', 'stopped')),
  audience TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  leads TEXT NOT NULL,
  by_sms INTEGER NOT NULL CHECK (by_sms IN (0, 1)),
  -- The last application that was looked at; goes on from there after a crash.
  reached INTEGER NOT NULL,
  told INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sent_by INTEGER,
  sent_at INTEGER,
  finished_at INTEGER,
  version INTEGER NOT NULL,
  CHECK (state <> 'draft' OR sent_at IS NULL)
) STRICT;
CREATE INDEX broadcast_exam ON broadcast (exam_id, id);
CREATE INDEX broadcast_sending ON broadcast (state, id);
