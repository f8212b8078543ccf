-- owner: setback
-- What a timer couldn't do, and when it is tried again: its queues leave it out until then.
CREATE TABLE setback (
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('order', 'debt', 'review')),
  id BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX setback_until ON setback (until);
