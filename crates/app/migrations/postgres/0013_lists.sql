-- What the office's lists are narrowed and ordered by, so that a page costs the same among thousands and among millions.

-- The queue of a verdict, and of a unit; those that no reviewer sees are in neither.
CREATE INDEX application_verdict ON application (exam_id, review, verdict, review_due, id) WHERE life = 'live';
CREATE INDEX application_unit ON application (exam_id, unit, review, verdict, review_due, id) WHERE life = 'live';
-- Somebody by his whole name, in one exam or in all.
CREATE INDEX application_name ON application (name, exam_id, id);

-- Orders of a state, and of an exam, the newest first.
CREATE INDEX payment_order_state ON payment_order (state, id);
CREATE INDEX payment_order_list ON payment_order (exam_id, id);

CREATE INDEX outbox_message_state ON outbox_message (state, id);
CREATE INDEX approval_list ON approval (state, id);
CREATE INDEX integrity_record_name ON integrity_record (name, id);
CREATE INDEX integrity_record_kind ON integrity_record (kind, id);

-- The trail by action, by what was acted on, and by who acted, the newest first.
CREATE INDEX audit_entry_action ON audit_entry (action, at, id);
CREATE INDEX audit_entry_kind ON audit_entry (object_kind, at, id);
DROP INDEX audit_entry_actor;
CREATE INDEX audit_entry_actor ON audit_entry (actor_kind, actor_id, at, id);
CREATE INDEX audit_entry_actors ON audit_entry (actor_kind, at, id);
