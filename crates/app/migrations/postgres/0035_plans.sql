-- oldest binary: 33
-- 考场编排: what is known of a room besides its number, how a plan came about, and what was changed in it by hand.

-- The room of the library; NULL for one that was typed or imported.
ALTER TABLE seat_room ADD COLUMN venue_room_id BIGINT;
ALTER TABLE seat_room ADD COLUMN floor BIGINT;
-- NULL in rows of before: the exam has one region.
ALTER TABLE seat_room ADD COLUMN region TEXT COLLATE "C";
-- NULL: the pattern of the plan.
ALTER TABLE seat_room ADD COLUMN columns TEXT COLLATE "C";
ALTER TABLE seat_room ADD COLUMN snake BIGINT;
ALTER TABLE seat_room ADD COLUMN step_free BIGINT;
ALTER TABLE seat_room ADD COLUMN sessions TEXT COLLATE "C";
ALTER TABLE seat_room ADD COLUMN map_note TEXT COLLATE "C";
CREATE INDEX seat_room_venue ON seat_room (venue_room_id, plan_id) WHERE venue_room_id IS NOT NULL;

-- The plan that this one was copied from, to be adjusted.
ALTER TABLE seat_plan ADD COLUMN base_plan BIGINT;
-- Digest of people, rooms and options: what a replay must have started from. NULL in plans of before.
ALTER TABLE seat_plan ADD COLUMN input_sha256 TEXT COLLATE "C";
-- Why the job that was making it ended.
ALTER TABLE seat_plan ADD COLUMN failure TEXT COLLATE "C";
ALTER TABLE seat_plan ADD COLUMN locked_by BIGINT;
ALTER TABLE seat_plan ADD COLUMN locked_at BIGINT;
-- How many rows of seat_change it has.
ALTER TABLE seat_plan ADD COLUMN changes BIGINT;
-- The public file that it can be replayed from.
ALTER TABLE seat_plan ADD COLUMN replay_object BIGINT;

-- owner: arrangement
-- The seed of an exam: drawn and sealed, its hash public at once, itself with the plan that is published.
CREATE TABLE seat_seed (
  exam_id BIGINT NOT NULL PRIMARY KEY REFERENCES exam (id),
  seed BYTEA NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  -- Drawn after payment had closed.
  late BIGINT NOT NULL CHECK (late IN (0, 1)),
  drawn_by BIGINT NOT NULL,
  drawn_at BIGINT NOT NULL,
  revealed_at BIGINT
);

-- owner: arrangement
-- 手工调整, one row for each seat that moved.
CREATE TABLE seat_change (
  plan_id BIGINT NOT NULL REFERENCES seat_plan (id),
  seq BIGINT NOT NULL,
  application_id BIGINT NOT NULL,
  session BIGINT NOT NULL,
  from_room BIGINT NOT NULL,
  from_seat BIGINT NOT NULL,
  to_room BIGINT NOT NULL,
  to_seat BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (plan_id, seq)
);
CREATE INDEX seat_change_of ON seat_change (plan_id, application_id, session, seq);

-- owner: arrangement
-- 合理便利, as approved. Why somebody needs it is health data: the note is sealed.
CREATE TABLE accommodation (
  application_id BIGINT NOT NULL PRIMARY KEY REFERENCES application (id),
  exam_id BIGINT NOT NULL,
  -- As extra_time step_free separate large_print.
  kinds TEXT COLLATE "C" NOT NULL,
  extra_percent BIGINT NOT NULL CHECK (extra_percent >= 0 AND extra_percent <= 100),
  note BYTEA,
  approved_by BIGINT NOT NULL,
  approved_at BIGINT NOT NULL
);
CREATE INDEX accommodation_exam ON accommodation (exam_id, application_id);
