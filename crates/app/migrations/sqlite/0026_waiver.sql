-- owner: waiver
-- 减免申请: asked for by a candidate with evidence, decided by finance. His words are encrypted.
CREATE TABLE fee_waiver (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  application_id INTEGER NOT NULL REFERENCES application (id),
  exam_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  -- The category's name and what it grants (JSON), as the settings had them when it was asked for.
  category TEXT NOT NULL,
  grants TEXT NOT NULL,
  statement BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'proposed', 'granted', 'rejected', 'withdrawn', 'void')),
  -- The fee that it was granted for and what of it is taken off, both in 分; what it is all of leaves nothing to pay.
  fee INTEGER,
  off INTEGER,
  -- What goes back of a fee that was paid before.
  refund_id INTEGER,
  note TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  version INTEGER NOT NULL,
  CHECK (off IS NULL OR (off > 0 AND off <= fee))
) STRICT;
-- One at a time, and none after one that was granted.
CREATE UNIQUE INDEX fee_waiver_live ON fee_waiver (application_id) WHERE state IN ('pending', 'proposed', 'granted');
CREATE INDEX fee_waiver_of ON fee_waiver (application_id, id);
CREATE INDEX fee_waiver_exam ON fee_waiver (exam_id, state, id);
CREATE INDEX fee_waiver_list ON fee_waiver (exam_id, id);
CREATE INDEX fee_waiver_state ON fee_waiver (state, id);
CREATE INDEX fee_waiver_refund ON fee_waiver (refund_id) WHERE refund_id IS NOT NULL;

-- owner: waiver
-- The evidence. A file that was sent with an application that was refused may be sent with the next one, too.
CREATE TABLE fee_waiver_file (
  id INTEGER NOT NULL PRIMARY KEY,
  waiver_id INTEGER NOT NULL REFERENCES fee_waiver (id),
  object_id INTEGER NOT NULL REFERENCES object (id)
) STRICT;
CREATE INDEX fee_waiver_file_of ON fee_waiver_file (waiver_id, id);
CREATE INDEX fee_waiver_file_object ON fee_waiver_file (object_id);

-- When a refund went to its channel for the first time: its payer reads how far it has come. NULL for those from before.
ALTER TABLE refund ADD COLUMN sent_at INTEGER;
