-- owner: message
-- 群发消息: what staff write to some or all applicants of an exam, and how far it has gone.
CREATE TABLE broadcast (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'sending', 'sent', 'stopped')),
  audience TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  leads TEXT COLLATE "C" NOT NULL,
  by_sms BIGINT NOT NULL CHECK (by_sms IN (0, 1)),
  -- The last application that was looked at; goes on from there after a crash.
  reached BIGINT NOT NULL,
  told BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_by BIGINT,
  sent_at BIGINT,
  finished_at BIGINT,
  version BIGINT NOT NULL,
  CHECK (state <> 'draft' OR sent_at IS NULL)
);
CREATE INDEX broadcast_exam ON broadcast (exam_id, id);
CREATE INDEX broadcast_sending ON broadcast (state, id);
