-- oldest binary: 33
-- 考场编排: what is known of a room besides its number, how a plan came about, and what was changed in it by hand.

-- The room of the library; NULL for one that was typed or imported.
ALTER TABLE seat_room ADD COLUMN venue_room_id INTEGER;
ALTER TABLE seat_room ADD COLUMN floor INTEGER;
-- NULL in rows of before: the exam has one region.
ALTER TABLE seat_room ADD COLUMN region TEXT;
-- NULL: the pattern of the plan.
ALTER TABLE seat_room ADD COLUMN columns TEXT;
ALTER TABLE seat_room ADD COLUMN snake INTEGER;
ALTER TABLE seat_room ADD COLUMN step_free INTEGER;
ALTER TABLE seat_room ADD COLUMN sessions TEXT;
ALTER TABLE seat_room ADD COLUMN map_note TEXT;
CREATE INDEX seat_room_venue ON seat_room (venue_room_id, plan_id) WHERE venue_room_id IS NOT NULL;

-- The plan that this one was copied from, to be adjusted.
ALTER TABLE seat_plan ADD COLUMN base_plan INTEGER;
-- Digest of people, rooms and options: what a replay must have started from. NULL in plans of before.
ALTER TABLE seat_plan ADD COLUMN input_sha256 TEXT;
-- Why the job that was making it ended.
ALTER TABLE seat_plan ADD COLUMN failure TEXT;
ALTER TABLE seat_plan ADD COLUMN locked_by INTEGER;
ALTER TABLE seat_plan ADD COLUMN locked_at INTEGER;
-- How many rows of seat_change it has.
ALTER TABLE seat_plan ADD COLUMN changes INTEGER;
-- The public file that it can be replayed from.
ALTER TABLE seat_plan ADD COLUMN replay_object INTEGER;

-- owner: arrangement
-- The seed of an exam: drawn and sealed, its hash public at once, itself with the plan that is published.
CREATE TABLE seat_seed (
  exam_id INTEGER NOT NULL PRIMARY KEY REFERENCES exam (id),
  seed BLOB NOT NULL,
  sha256 TEXT NOT NULL,
  -- Drawn after payment had closed.
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  drawn_by INTEGER NOT NULL,
  drawn_at INTEGER NOT NULL,
  revealed_at INTEGER
) STRICT;

-- owner: arrangement
-- 手工调整, one row for each seat that moved.
CREATE TABLE seat_change (
  plan_id INTEGER NOT NULL REFERENCES seat_plan (id),
  seq INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  session INTEGER NOT NULL,
  from_room INTEGER NOT NULL,
  from_seat INTEGER NOT NULL,
  to_room INTEGER NOT NULL,
  to_seat INTEGER NOT NULL,
  reason TEXT NOT NULL,
  changed_by INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (plan_id, seq)
) STRICT;
CREATE INDEX seat_change_of ON seat_change (plan_id, application_id, session, seq);

-- owner: arrangement
-- 合理便利, as approved. Why somebody needs it is health data: the note is sealed.
CREATE TABLE accommodation (
  application_id INTEGER NOT NULL PRIMARY KEY REFERENCES application (id),
  exam_id INTEGER NOT NULL,
  -- As extra_time step_free separate large_print.
  kinds TEXT NOT NULL,
  extra_percent INTEGER NOT NULL CHECK (extra_percent >= 0 AND extra_percent <= 100),
  note BLOB,
  approved_by INTEGER NOT NULL,
  approved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX accommodation_exam ON accommodation (exam_id, application_id);
