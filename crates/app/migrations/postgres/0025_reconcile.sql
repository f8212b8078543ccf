-- oldest binary: 25
-- 对账: what each channel's bill of a day says, beside what we know.

-- owner: payment
-- A day of a channel.
CREATE TABLE bill (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  channel TEXT COLLATE "C" NOT NULL,
  merchant TEXT COLLATE "C" NOT NULL,
  -- As the channel counts days.
  day TEXT COLLATE "C" NOT NULL,
  step TEXT COLLATE "C" NOT NULL CHECK (step IN ('waiting', 'lines', 'payments', 'refunds', 'acting', 'open', 'asked', 'closed')),
  -- The reading that counts; lines of no other are seen.
  take BIGINT,
  -- When the channel is asked for it next, and how often it was.
  next_at BIGINT,
  tries BIGINT NOT NULL,
  problem TEXT COLLATE "C" NOT NULL,
  -- Finance was told that it is missing.
  missed_at BIGINT,
  -- The comparison: its number, how far it is, what it came to on our side, and what explains the difference.
  run BIGINT NOT NULL,
  reached BIGINT NOT NULL,
  reached_id BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  our_payments BIGINT NOT NULL,
  our_paid BIGINT NOT NULL,
  our_refunds BIGINT NOT NULL,
  our_refunded BIGINT NOT NULL,
  matched_at BIGINT,
  asked_by BIGINT,
  asked_at BIGINT,
  closed_by BIGINT,
  closed_at BIGINT,
  -- The money of the day went to the treasury.
  handed_by BIGINT,
  handed_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (channel, day),
  CHECK (closed_by IS NULL OR closed_by <> asked_by)
);
CREATE INDEX bill_day ON bill (day, id);
CREATE INDEX bill_take_of ON bill (take) WHERE take IS NOT NULL;
CREATE INDEX bill_step ON bill (step, id);

-- owner: payment
-- One reading of a bill: as the channel gave it, or as somebody uploaded it.
CREATE TABLE bill_take (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  bill_id BIGINT NOT NULL REFERENCES bill (id),
  source TEXT COLLATE "C" NOT NULL CHECK (source IN ('channel', 'upload')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('reading', 'staged', 'current', 'dropping', 'dropped')),
  file_name TEXT COLLATE "C" NOT NULL,
  file_hash TEXT COLLATE "C" NOT NULL,
  object_id BIGINT,
  -- What its lines come to, counted before the first was stored.
  lines BIGINT NOT NULL,
  payments BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  refunds BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  -- How many are stored.
  stored BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  CHECK (decided_by IS NULL OR decided_by <> made_by)
);
CREATE INDEX bill_take_bill ON bill_take (bill_id, id);
CREATE INDEX bill_take_dropping ON bill_take (id) WHERE state = 'dropping';

-- owner: payment
CREATE TABLE bill_line (
  take_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('payment', 'refund')),
  -- The channel's number; ours of the payment or of the refund; ours of the payment that a refund is of.
  channel_no TEXT COLLATE "C" NOT NULL,
  our_no TEXT COLLATE "C" NOT NULL,
  of_no TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- Whom the channel names; empty for us.
  merchant TEXT COLLATE "C" NOT NULL,
  done BIGINT NOT NULL CHECK (done IN (0, 1)),
  PRIMARY KEY (take_id, seq)
);
CREATE INDEX bill_line_ours ON bill_line (our_no, take_id);

-- owner: payment
-- What doesn't match, or matches on another day. What isn't here matches.
CREATE TABLE bill_finding (
  id BIGINT NOT NULL PRIMARY KEY,
  bill_id BIGINT NOT NULL REFERENCES bill (id),
  class TEXT COLLATE "C" NOT NULL,
  -- What it is about, the same in every comparison.
  item TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'cleared')),
  -- The last comparison that found it.
  run BIGINT NOT NULL,
  -- Its line, 0 if it has none.
  seq BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('payment', 'refund')),
  channel_no TEXT COLLATE "C" NOT NULL,
  our_no TEXT COLLATE "C" NOT NULL,
  merchant TEXT COLLATE "C" NOT NULL,
  order_id BIGINT NOT NULL,
  -- The attempt, or the refund.
  ours BIGINT NOT NULL,
  -- What the bill says, what we say, and what the one has more than the other on this day.
  bill_amount BIGINT NOT NULL,
  our_amount BIGINT NOT NULL,
  delta BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- The other day, of what matches on another one.
  other_day TEXT COLLATE "C" NOT NULL,
  acted_at BIGINT,
  discrepancy_id BIGINT,
  found_at BIGINT NOT NULL,
  cleared_at BIGINT,
  UNIQUE (bill_id, class, item)
);
CREATE INDEX bill_finding_state ON bill_finding (bill_id, state, id);
CREATE INDEX bill_finding_ticket ON bill_finding (discrepancy_id) WHERE discrepancy_id IS NOT NULL;
CREATE INDEX bill_finding_line ON bill_finding (bill_id, seq) WHERE state = 'open';
CREATE INDEX bill_finding_ours ON bill_finding (bill_id, ours);

-- Our side of a day.
CREATE INDEX payment_attempt_paid ON payment_attempt (channel, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX refund_finished ON refund (finished_at, id) WHERE finished_at IS NOT NULL;

-- 异常单: whether it is urgent, and whose it is. NULL for those from before: nobody's.
ALTER TABLE discrepancy ADD COLUMN urgent BIGINT;
ALTER TABLE discrepancy ADD COLUMN owner_id BIGINT;
ALTER TABLE discrepancy ADD COLUMN owned_at BIGINT;

-- 异常单: what one person proposes for an order that is looked into, and another decides. NULL: nothing.
ALTER TABLE discrepancy ADD COLUMN proposal TEXT COLLATE "C";
ALTER TABLE discrepancy ADD COLUMN proposal_note TEXT COLLATE "C";
ALTER TABLE discrepancy ADD COLUMN proposed_by BIGINT;
ALTER TABLE discrepancy ADD COLUMN proposed_at BIGINT;

-- owner: payment
-- 收入: what a comparison found of a day, by exam. Only the rows of the day's last run are seen.
CREATE TABLE bill_revenue (
  bill_id BIGINT NOT NULL REFERENCES bill (id),
  run BIGINT NOT NULL,
  exam_id BIGINT NOT NULL,
  payments BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  refunds BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  PRIMARY KEY (bill_id, run, exam_id)
);
CREATE INDEX bill_revenue_exam ON bill_revenue (exam_id, bill_id);
