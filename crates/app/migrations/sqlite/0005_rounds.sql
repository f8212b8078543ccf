-- owner: message
-- A message to everybody whom a publication concerns: tickets of a seat plan, scores of a batch.
CREATE TABLE message_round (
  id INTEGER NOT NULL PRIMARY KEY,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  kind TEXT NOT NULL CHECK (kind IN ('ticket', 'score')),
  object_id INTEGER NOT NULL,
  -- The last application that was looked at; goes on from there after a crash.
  reached INTEGER NOT NULL,
  told INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  UNIQUE (kind, object_id)
) STRICT;
CREATE INDEX message_round_exam ON message_round (exam_id, kind, object_id);

-- owner: message
-- Whoever stands here has his message: nobody is told twice of the same publication.
CREATE TABLE message_told (
  kind TEXT NOT NULL,
  application_id INTEGER NOT NULL,
  object_id INTEGER NOT NULL,
  PRIMARY KEY (kind, application_id, object_id)
) STRICT;
