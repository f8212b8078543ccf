-- Live figures: commits append the difference that a step makes, a job folds the differences into counts.

-- owner: statistics
CREATE TABLE application_delta (
  id INTEGER NOT NULL PRIMARY KEY,
  exam_id INTEGER NOT NULL,
  unit TEXT NOT NULL,
  position_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  first_approved INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  appealed INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  due INTEGER NOT NULL,
  paid INTEGER NOT NULL
) STRICT;

-- The counts of positions get a column for each place of the review.
DROP TABLE position_delta;
DROP TABLE position_count;
-- owner: statistics
CREATE TABLE position_count (
  position_id INTEGER NOT NULL PRIMARY KEY,
  applied INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  first_approved INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  appealed INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  due INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  folded_at INTEGER NOT NULL
) STRICT;

-- owner: statistics
CREATE TABLE unit_count (
  exam_id INTEGER NOT NULL,
  unit TEXT NOT NULL,
  applied INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  first_approved INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  appealed INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  due INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  folded_at INTEGER NOT NULL,
  PRIMARY KEY (exam_id, unit)
) STRICT;

-- owner: statistics
-- What an hour added, by unit and, under the unit '*', for the whole exam. Taken back counts negative.
CREATE TABLE hour_count (
  exam_id INTEGER NOT NULL,
  unit TEXT NOT NULL,
  hour INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  PRIMARY KEY (exam_id, unit, hour)
) STRICT;

-- What stands already.
INSERT INTO position_count (position_id, applied, pending, first_approved, returned, rejected, appealed, approved, due, paid, folded_at)
SELECT position_id, COUNT(*), SUM(CASE WHEN review = 'pending' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'first_approved' THEN 1 ELSE 0 END),
  SUM(CASE WHEN review = 'returned' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'rejected' THEN 1 ELSE 0 END),
  SUM(CASE WHEN review = 'appealed' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'approved' THEN 1 ELSE 0 END),
  SUM(CASE WHEN payment = 'due' THEN 1 ELSE 0 END), SUM(CASE WHEN payment IN ('paid', 'waived') THEN 1 ELSE 0 END), MAX(changed_at)
FROM application WHERE life = 'live' AND position_id IS NOT NULL GROUP BY position_id;
INSERT INTO unit_count (exam_id, unit, applied, pending, first_approved, returned, rejected, appealed, approved, due, paid, folded_at)
SELECT exam_id, unit, COUNT(*), SUM(CASE WHEN review = 'pending' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'first_approved' THEN 1 ELSE 0 END),
  SUM(CASE WHEN review = 'returned' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'rejected' THEN 1 ELSE 0 END),
  SUM(CASE WHEN review = 'appealed' THEN 1 ELSE 0 END), SUM(CASE WHEN review = 'approved' THEN 1 ELSE 0 END),
  SUM(CASE WHEN payment = 'due' THEN 1 ELSE 0 END), SUM(CASE WHEN payment IN ('paid', 'waived') THEN 1 ELSE 0 END), MAX(changed_at)
FROM application WHERE life = 'live' GROUP BY exam_id, unit;
INSERT INTO hour_count (exam_id, unit, hour, applied, approved, paid)
SELECT exam_id, unit, hour, SUM(applied), SUM(approved), SUM(paid) FROM (
  SELECT exam_id, unit, submitted_at - submitted_at % 3600000000 AS hour, 1 AS applied, 0 AS approved, 0 AS paid
  FROM application WHERE life = 'live'
  UNION ALL SELECT exam_id, unit, COALESCE(review_at, changed_at) - COALESCE(review_at, changed_at) % 3600000000, 0, 1, 0
  FROM application WHERE life = 'live' AND review = 'approved'
  UNION ALL SELECT exam_id, unit, COALESCE(paid_at, changed_at) - COALESCE(paid_at, changed_at) % 3600000000, 0, 0, 1
  FROM application WHERE life = 'live' AND payment IN ('paid', 'waived')) AS gained
GROUP BY exam_id, unit, hour;
INSERT INTO hour_count (exam_id, unit, hour, applied, approved, paid)
SELECT exam_id, '*', hour, SUM(applied), SUM(approved), SUM(paid) FROM hour_count GROUP BY exam_id, hour;
