-- oldest binary: 22
-- What became of what somebody asked another for, on his own home page; and what he holds, before his account is shut.

-- Why the second person refused a refund, and when a request ended.
ALTER TABLE refund ADD COLUMN note TEXT COLLATE "C";
ALTER TABLE refund ADD COLUMN decided_at BIGINT;

-- Who took back scores that another had imported, and why.
ALTER TABLE score_batch ADD COLUMN dropped_by BIGINT;
ALTER TABLE score_batch ADD COLUMN dropped_at BIGINT;
ALTER TABLE score_batch ADD COLUMN dropped_why TEXT COLLATE "C";

CREATE INDEX approval_outcome ON approval (requested_by, state, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX refund_outcome ON refund (requested_by, state, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX position_decision_outcome ON position_decision (asked_by, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX settings_change_outcome ON settings_change (asked_by, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX settings_change_asked ON settings_change (asked_by) WHERE state = 'asked';
CREATE INDEX exam_archive_outcome ON exam_archive (asked_by, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX account_claim_outcome ON account_claim (checked_by, state, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX score_batch_checked ON score_batch (imported_by, checked_at) WHERE checked_at IS NOT NULL;
CREATE INDEX score_batch_dropped ON score_batch (imported_by, dropped_at) WHERE dropped_at IS NOT NULL;

-- What a reviewer holds.
CREATE INDEX review_claim_staff ON review_claim (staff_id, until);
