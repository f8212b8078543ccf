-- oldest binary: 33
-- 入场核验: phones that read tickets at the door, with or without a network.

-- owner: door
-- 核验授权 of a site, or of some of its rooms. An invigilator's phone is let in by its code.
CREATE TABLE door_pass (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  site_no BIGINT NOT NULL,
  -- 0 and 0: the whole site.
  first_room BIGINT NOT NULL,
  last_room BIGINT NOT NULL,
  code_hash BYTEA NOT NULL UNIQUE,
  label TEXT COLLATE "C" NOT NULL,
  opens_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  most_devices BIGINT NOT NULL,
  devices BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'revoked')),
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  revoked_by BIGINT,
  revoked_at BIGINT,
  CHECK (devices <= most_devices)
);
CREATE INDEX door_pass_exam ON door_pass (exam_id, site_no, id);

-- owner: door
CREATE TABLE door_device (
  id BIGINT NOT NULL PRIMARY KEY,
  pass_id BIGINT NOT NULL REFERENCES door_pass (id),
  exam_id BIGINT NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE,
  -- Who says that the phone is his.
  holder TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'revoked')),
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  marks BIGINT NOT NULL
);
CREATE INDEX door_device_pass ON door_device (pass_id, id);

-- owner: door
-- What a phone wrote down; it may come late, twice and in any order.
CREATE TABLE door_mark (
  device_id BIGINT NOT NULL REFERENCES door_device (id),
  -- Drawn by the phone.
  mark_key TEXT COLLATE "C" NOT NULL,
  exam_id BIGINT NOT NULL,
  application_id BIGINT NOT NULL,
  session BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('present', 'refused', 'undone')),
  how TEXT COLLATE "C" NOT NULL CHECK (how IN ('scan', 'photo', 'typed')),
  note TEXT COLLATE "C" NOT NULL,
  marked_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (device_id, mark_key)
);
CREATE INDEX door_mark_of ON door_mark (exam_id, session, application_id, marked_at);

-- owner: door
-- The last word about a person in a session: what pages read and count.
CREATE TABLE door_presence (
  exam_id BIGINT NOT NULL,
  session BIGINT NOT NULL,
  application_id BIGINT NOT NULL,
  room_no BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('present', 'refused', 'undone')),
  marked_at BIGINT NOT NULL,
  device_id BIGINT NOT NULL,
  mark_key TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (exam_id, session, application_id)
);
CREATE INDEX door_presence_room ON door_presence (exam_id, session, room_no, kind);
