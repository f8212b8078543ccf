-- oldest binary: 9
-- A colleague's second factor takes two people as well. Kinds that nothing ever asked for are gone: claims, refunds, scores and
-- windows have ways of their own.
ALTER TABLE approval RENAME TO approval_before;
-- owner: approval
CREATE TABLE approval (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('identity_correction', 'mobile_change', 'account_recovery', 'staff_factor')),
  object_id INTEGER NOT NULL,
  exam_id INTEGER NOT NULL,
  payload BLOB NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn')),
  requested_by INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> requested_by)
) STRICT;
INSERT INTO approval SELECT id, public_id, kind, object_id, exam_id, payload, reason, state, requested_by, requested_at,
  decided_by, decided_at, note FROM approval_before;
DROP TABLE approval_before;
CREATE INDEX approval_state ON approval (state, kind, id);
CREATE INDEX approval_object ON approval (kind, object_id);
CREATE UNIQUE INDEX approval_open ON approval (kind, object_id) WHERE state = 'open';
