-- oldest binary: 33
-- 考点库: sites and rooms that outlive an exam, and what an exam takes of them.

-- owner: venue
CREATE TABLE venue (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  -- How one gets there (南门进，3 号楼); printed on the ticket.
  map_note TEXT NOT NULL,
  -- 考区; empty where an exam has one.
  region TEXT NOT NULL,
  contact TEXT NOT NULL,
  -- Sealed.
  phone BLOB,
  state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
  -- Active rooms and their seats.
  rooms INTEGER NOT NULL,
  seats INTEGER NOT NULL,
  version INTEGER NOT NULL,
  changed_by INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX venue_name ON venue (name) WHERE state = 'active';
CREATE INDEX venue_list ON venue (state, name, id);

-- owner: venue
CREATE TABLE venue_room (
  id INTEGER NOT NULL PRIMARY KEY,
  venue_id INTEGER NOT NULL REFERENCES venue (id),
  name TEXT NOT NULL,
  -- 0: not known.
  floor INTEGER NOT NULL,
  capacity INTEGER NOT NULL CHECK (capacity >= 1 AND capacity <= 500),
  -- Desks in each column, as 7 7 8 8; empty for the pattern of the exam.
  columns TEXT NOT NULL,
  snake INTEGER NOT NULL CHECK (snake IN (0, 1)),
  usage TEXT NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  -- 无障碍.
  step_free INTEGER NOT NULL CHECK (step_free IN (0, 1)),
  sort INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
  UNIQUE (venue_id, name)
) STRICT;
CREATE INDEX venue_room_list ON venue_room (venue_id, state, sort, id);

-- owner: venue
-- What an exam takes, with the numbers that its tickets print.
CREATE TABLE exam_room (
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  room_id INTEGER NOT NULL REFERENCES venue_room (id),
  site_no INTEGER NOT NULL,
  room_no INTEGER NOT NULL,
  usage TEXT NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  -- Sessions in which it is free, as 1 2; empty for all.
  sessions TEXT NOT NULL,
  PRIMARY KEY (exam_id, room_id)
) STRICT;
CREATE UNIQUE INDEX exam_room_no ON exam_room (exam_id, room_no);
CREATE INDEX exam_room_of ON exam_room (room_id, exam_id);
