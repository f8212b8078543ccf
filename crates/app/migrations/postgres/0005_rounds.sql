-- owner: message
-- A message to everybody whom a publication concerns: tickets of a seat plan, scores of a batch.
CREATE TABLE message_round (
  id BIGINT NOT NULL PRIMARY KEY,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ticket', 'score')),
  object_id BIGINT NOT NULL,
  -- The last application that was looked at; goes on from there after a crash.
  reached BIGINT NOT NULL,
  told BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  UNIQUE (kind, object_id)
);
CREATE INDEX message_round_exam ON message_round (exam_id, kind, object_id);

-- owner: message
-- Whoever stands here has his message: nobody is told twice of the same publication.
CREATE TABLE message_told (
  kind TEXT COLLATE "C" NOT NULL,
  application_id BIGINT NOT NULL,
  object_id BIGINT NOT NULL,
  PRIMARY KEY (kind, application_id, object_id)
);
