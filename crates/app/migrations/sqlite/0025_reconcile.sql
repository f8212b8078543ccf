-- oldest binary: 25
-- 对账: what each channel's bill of a day says, beside what we know.

-- owner: payment
-- A day of a channel.
CREATE TABLE bill (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  merchant TEXT NOT NULL,
  -- As the channel counts days.
  day TEXT NOT NULL,
  step TEXT NOT NULL CHECK (step IN ('waiting', 'lines', 'payments', 'refunds', 'acting', 'open', 'asked', 'closed')),
  -- The reading that counts; lines of no other are seen.
  take INTEGER,
  -- When the channel is asked for it next, and how often it was.
  next_at INTEGER,
  tries INTEGER NOT NULL,
  problem TEXT NOT NULL,
  -- Finance was told that it is missing.
  missed_at INTEGER,
  -- The comparison: its number, how far it is, what it came to on our side, and what explains the difference.
  run INTEGER NOT NULL,
  reached INTEGER NOT NULL,
  reached_id INTEGER NOT NULL,
  matched INTEGER NOT NULL,
  our_payments INTEGER NOT NULL,
  our_paid INTEGER NOT NULL,
  our_refunds INTEGER NOT NULL,
  our_refunded INTEGER NOT NULL,
  matched_at INTEGER,
  asked_by INTEGER,
  asked_at INTEGER,
  closed_by INTEGER,
  closed_at INTEGER,
  -- The money of the day went to the treasury.
  handed_by INTEGER,
  handed_at INTEGER,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (channel, day),
  CHECK (closed_by IS NULL OR closed_by <> asked_by)
) STRICT;
CREATE INDEX bill_day ON bill (day, id);
CREATE INDEX bill_take_of ON bill (take) WHERE take IS NOT NULL;
CREATE INDEX bill_step ON bill (step, id);

-- owner: payment
-- One reading of a bill: as the channel gave it, or as somebody uploaded it.
CREATE TABLE bill_take (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  bill_id INTEGER NOT NULL REFERENCES bill (id),
  source TEXT NOT NULL CHECK (source IN ('channel', 'upload')),
  state TEXT NOT NULL CHECK (state IN ('reading', 'staged', 'current', 'dropping', 'dropped')),
  file_name TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  object_id INTEGER,
  -- What its lines come to, counted before the first was stored.
  lines INTEGER NOT NULL,
  payments INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  refunds INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  fee INTEGER NOT NULL,
  -- How many are stored.
  stored INTEGER NOT NULL,
  reason TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  CHECK (decided_by IS NULL OR decided_by <> made_by)
) STRICT;
CREATE INDEX bill_take_bill ON bill_take (bill_id, id);
CREATE INDEX bill_take_dropping ON bill_take (id) WHERE state = 'dropping';

-- owner: payment
CREATE TABLE bill_line (
  take_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund')),
  -- The channel's number; ours of the payment or of the refund; ours of the payment that a refund is of.
  channel_no TEXT NOT NULL,
  our_no TEXT NOT NULL,
  of_no TEXT NOT NULL,
  amount INTEGER NOT NULL,
  fee INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- Whom the channel names; empty for us.
  merchant TEXT NOT NULL,
  done INTEGER NOT NULL CHECK (done IN (0, 1)),
  PRIMARY KEY (take_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX bill_line_ours ON bill_line (our_no, take_id);

-- owner: payment
-- What doesn't match, or matches on another day. What isn't here matches.
CREATE TABLE bill_finding (
  id INTEGER NOT NULL PRIMARY KEY,
  bill_id INTEGER NOT NULL REFERENCES bill (id),
  class TEXT NOT NULL,
  -- What it is about, the same in every comparison.
  item TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'cleared')),
  -- The last comparison that found it.
  run INTEGER NOT NULL,
  -- Its line, 0 if it has none.
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund')),
  channel_no TEXT NOT NULL,
  our_no TEXT NOT NULL,
  merchant TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  -- The attempt, or the refund.
  ours INTEGER NOT NULL,
  -- What the bill says, what we say, and what the one has more than the other on this day.
  bill_amount INTEGER NOT NULL,
  our_amount INTEGER NOT NULL,
  delta INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- The other day, of what matches on another one.
  other_day TEXT NOT NULL,
  acted_at INTEGER,
  discrepancy_id INTEGER,
  found_at INTEGER NOT NULL,
  cleared_at INTEGER,
  UNIQUE (bill_id, class, item)
) STRICT;
CREATE INDEX bill_finding_state ON bill_finding (bill_id, state, id);
CREATE INDEX bill_finding_ticket ON bill_finding (discrepancy_id) WHERE discrepancy_id IS NOT NULL;
CREATE INDEX bill_finding_line ON bill_finding (bill_id, seq) WHERE state = 'open';
CREATE INDEX bill_finding_ours ON bill_finding (bill_id, ours);

-- Our side of a day.
CREATE INDEX payment_attempt_paid ON payment_attempt (channel, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX refund_finished ON refund (finished_at, id) WHERE finished_at IS NOT NULL;

-- 异常单: whether it is urgent, and whose it is. NULL for those from before: nobody's.
ALTER TABLE discrepancy ADD COLUMN urgent INTEGER;
ALTER TABLE discrepancy ADD COLUMN owner_id INTEGER;
ALTER TABLE discrepancy ADD COLUMN owned_at INTEGER;

-- 异常单: what one person proposes for an order that is looked into, and another decides. NULL: nothing.
ALTER TABLE discrepancy ADD COLUMN proposal TEXT;
ALTER TABLE discrepancy ADD COLUMN proposal_note TEXT;
ALTER TABLE discrepancy ADD COLUMN proposed_by INTEGER;
ALTER TABLE discrepancy ADD COLUMN proposed_at INTEGER;

-- owner: payment
-- 收入: what a comparison found of a day, by exam. Only the rows of the day's last run are seen.
CREATE TABLE bill_revenue (
  bill_id INTEGER NOT NULL REFERENCES bill (id),
  run INTEGER NOT NULL,
  exam_id INTEGER NOT NULL,
  payments INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  refunds INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  PRIMARY KEY (bill_id, run, exam_id)
) STRICT;
CREATE INDEX bill_revenue_exam ON bill_revenue (exam_id, bill_id);
