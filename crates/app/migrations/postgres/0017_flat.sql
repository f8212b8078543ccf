-- What keeps the office's lists as cheap among millions as among thousands: what a page would count is written when it is
-- known, and each question has an index that ends in its order.

-- 考场编排: how many people sit in a room; the rooms as the plan's page lists them, and who sits in one.
ALTER TABLE seat_room ADD COLUMN people BIGINT;
CREATE INDEX seat_place ON seat (plan_id, room_no, session, seat_no);
UPDATE seat_room SET people = (SELECT COUNT(DISTINCT s.application_id) FROM seat s
  WHERE s.plan_id = seat_room.plan_id AND s.room_no = seat_room.room_no);
CREATE INDEX seat_room_list ON seat_room (plan_id, site_no, room_no);

-- 成绩: a batch by subject, in figures, as JSON; none for a batch of before, whose marks are then counted.
ALTER TABLE score_batch ADD COLUMN figures TEXT COLLATE "C";

-- 准考证: how many of an exam have printed.
ALTER TABLE ticket_print ADD COLUMN exam_id BIGINT;
UPDATE ticket_print SET exam_id = (SELECT a.exam_id FROM application a WHERE a.id = ticket_print.application_id);
CREATE INDEX ticket_print_exam ON ticket_print (exam_id);

-- 照片审核: what one reviewer holds.
CREATE INDEX photo_held ON photo (claimed_by, state, uploaded_at, id) WHERE claimed_by IS NOT NULL;

-- 资格审查 by a whole name, in the queue's order; 缴费单 by a whole name, who applied last first.
CREATE INDEX application_named ON application (exam_id, name, review, review_due, id) WHERE life = 'live';
DROP INDEX application_name;
CREATE INDEX application_name ON application (name, id, exam_id);
CREATE INDEX payment_order_application ON payment_order (application_id, id);

-- 缴费单: pages, counts and sums of a state, in one exam or in all.
DROP INDEX payment_order_state;
CREATE INDEX payment_order_state ON payment_order (state, id, amount);
DROP INDEX payment_order_exam;
CREATE INDEX payment_order_exam ON payment_order (exam_id, state, id, amount);

-- 诚信档案: what stands and what is over, by its last day; what was lifted, by when.
CREATE INDEX integrity_record_ends ON integrity_record ((COALESCE(ends_on, '9999-12-31')), id) WHERE lifted_at IS NULL;
CREATE INDEX integrity_record_kind_ends ON integrity_record (kind, (COALESCE(ends_on, '9999-12-31')), id)
  WHERE lifted_at IS NULL;
CREATE INDEX integrity_record_lifted ON integrity_record (lifted_at, id) WHERE lifted_at IS NOT NULL;

-- 照片审核: what was rejected for a reason.
CREATE INDEX photo_reason ON photo (state, reason_code, uploaded_at, id) WHERE state = 'rejected';

-- owner: staff
-- Filters of lists that somebody keeps under a name.
CREATE TABLE saved_filter (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL COLLATE "C" UNIQUE,
  staff_id BIGINT NOT NULL REFERENCES staff (id),
  list TEXT NOT NULL COLLATE "C",
  name TEXT NOT NULL COLLATE "C",
  query TEXT NOT NULL COLLATE "C",
  saved_at BIGINT NOT NULL,
  UNIQUE (staff_id, list, name)
);
