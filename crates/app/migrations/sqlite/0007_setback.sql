-- owner: setback
-- What a timer couldn't do, and when it is tried again: its queues leave it out until then.
CREATE TABLE setback (
  kind TEXT NOT NULL CHECK (kind IN ('order', 'debt', 'review')),
  id INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX setback_until ON setback (until);
