-- oldest binary: 33
-- 入场核验: phones that read tickets at the door, with or without a network.

-- owner: door
-- 核验授权 of a site, or of some of its rooms. An invigilator's phone is let in by its code.
CREATE TABLE door_pass (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  site_no INTEGER NOT NULL,
  -- 0 and 0: the whole site.
  first_room INTEGER NOT NULL,
  last_room INTEGER NOT NULL,
  code_hash BLOB NOT NULL UNIQUE,
  label TEXT NOT NULL,
  opens_at INTEGER NOT NULL,
  closes_at INTEGER NOT NULL,
  most_devices INTEGER NOT NULL,
  devices INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  revoked_by INTEGER,
  revoked_at INTEGER,
  CHECK (devices <= most_devices)
) STRICT;
CREATE INDEX door_pass_exam ON door_pass (exam_id, site_no, id);

-- owner: door
CREATE TABLE door_device (
  id INTEGER NOT NULL PRIMARY KEY,
  pass_id INTEGER NOT NULL REFERENCES door_pass (id),
  exam_id INTEGER NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  -- Who says that the phone is his.
  holder TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  made_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  marks INTEGER NOT NULL
) STRICT;
CREATE INDEX door_device_pass ON door_device (pass_id, id);

-- owner: door
-- What a phone wrote down; it may come late, twice and in any order.
CREATE TABLE door_mark (
  device_id INTEGER NOT NULL REFERENCES door_device (id),
  -- Drawn by the phone.
  mark_key TEXT NOT NULL,
  exam_id INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  session INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('present', 'refused', 'undone')),
  how TEXT NOT NULL CHECK (how IN ('scan', 'photo', 'typed')),
  note TEXT NOT NULL,
  marked_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (device_id, mark_key)
) STRICT;
CREATE INDEX door_mark_of ON door_mark (exam_id, session, application_id, marked_at);

-- owner: door
-- The last word about a person in a session: what pages read and count.
CREATE TABLE door_presence (
  exam_id INTEGER NOT NULL,
  session INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  room_no INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('present', 'refused', 'undone')),
  marked_at INTEGER NOT NULL,
  device_id INTEGER NOT NULL,
  mark_key TEXT NOT NULL,
  PRIMARY KEY (exam_id, session, application_id)
) STRICT;
CREATE INDEX door_presence_room ON door_presence (exam_id, session, room_no, kind);
