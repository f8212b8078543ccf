-- oldest binary: 33
-- 考点库: sites and rooms that outlive an exam, and what an exam takes of them.

-- owner: venue
CREATE TABLE venue (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  -- How one gets there (南门进，3 号楼); printed on the ticket.
  map_note TEXT COLLATE "C" NOT NULL,
  -- 考区; empty where an exam has one.
  region TEXT COLLATE "C" NOT NULL,
  contact TEXT COLLATE "C" NOT NULL,
  -- Sealed.
  phone BYTEA,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'retired')),
  -- Active rooms and their seats.
  rooms BIGINT NOT NULL,
  seats BIGINT NOT NULL,
  version BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX venue_name ON venue (name) WHERE state = 'active';
CREATE INDEX venue_list ON venue (state, name, id);

-- owner: venue
CREATE TABLE venue_room (
  id BIGINT NOT NULL PRIMARY KEY,
  venue_id BIGINT NOT NULL REFERENCES venue (id),
  name TEXT COLLATE "C" NOT NULL,
  -- 0: not known.
  floor BIGINT NOT NULL,
  capacity BIGINT NOT NULL CHECK (capacity >= 1 AND capacity <= 500),
  -- Desks in each column, as 7 7 8 8; empty for the pattern of the exam.
  columns TEXT COLLATE "C" NOT NULL,
  snake BIGINT NOT NULL CHECK (snake IN (0, 1)),
  usage TEXT COLLATE "C" NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  -- 无障碍.
  step_free BIGINT NOT NULL CHECK (step_free IN (0, 1)),
  sort BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'retired')),
  UNIQUE (venue_id, name)
);
CREATE INDEX venue_room_list ON venue_room (venue_id, state, sort, id);

-- owner: venue
-- What an exam takes, with the numbers that its tickets print.
CREATE TABLE exam_room (
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  room_id BIGINT NOT NULL REFERENCES venue_room (id),
  site_no BIGINT NOT NULL,
  room_no BIGINT NOT NULL,
  usage TEXT COLLATE "C" NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  -- Sessions in which it is free, as 1 2; empty for all.
  sessions TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (exam_id, room_id)
);
CREATE UNIQUE INDEX exam_room_no ON exam_room (exam_id, room_no);
CREATE INDEX exam_room_of ON exam_room (room_id, exam_id);
