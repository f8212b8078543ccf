-- oldest binary: 17
-- 资格审查 by a whole name within a unit: among millions the name's rows of all units are passed by in the index, not in the table.
DROP INDEX application_named;
CREATE INDEX application_named ON application (exam_id, name, review, review_due, id, unit, verdict) WHERE life = 'live';

-- Refunds that wait for a second person, on his home page.
CREATE INDEX refund_requested ON refund (id) WHERE state = 'requested';
