-- The journey: exam, position, application, review, payment, seat, ticket, score.
-- Bulk rows are staged under a batch and become visible when one pointer in `exam` is flipped.

-- owner: exam
CREATE TABLE exam (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  category TEXT COLLATE "C" NOT NULL CHECK (category IN ('recruitment', 'civil_service', 'professional_qualification', 'other')),
  code TEXT COLLATE "C" NOT NULL UNIQUE,
  title TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'published', 'closed', 'archived')),
  settings TEXT COLLATE "C" NOT NULL,
  settings_version BIGINT NOT NULL,
  registration_opens BIGINT NOT NULL,
  registration_closes BIGINT NOT NULL,
  payment_closes BIGINT NOT NULL,
  ticket_opens BIGINT NOT NULL,
  ticket_closes BIGINT NOT NULL,
  positions_batch BIGINT NOT NULL,
  seat_plan BIGINT NOT NULL,
  score_batch BIGINT NOT NULL,
  score_visible_at BIGINT NOT NULL,
  next_registration_no BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX exam_list ON exam (state, category, registration_opens, id);

-- owner: exam
CREATE TABLE exam_settings (
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  version BIGINT NOT NULL,
  settings TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (exam_id, version)
);

-- owner: exam
-- An uploaded table (positions, subjects, seats, scores): read, previewed, then confirmed by one flip.
CREATE TABLE import_batch (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('positions', 'subjects', 'seats', 'scores', 'rooms')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'staged', 'confirmed', 'discarded')),
  file_name TEXT COLLATE "C" NOT NULL,
  object_id BIGINT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_bad BIGINT NOT NULL,
  summary TEXT COLLATE "C" NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_by BIGINT,
  confirmed_at BIGINT
);
CREATE INDEX import_batch_exam ON import_batch (exam_id, kind, id);

-- owner: exam
CREATE TABLE import_problem (
  batch_id BIGINT NOT NULL REFERENCES import_batch (id),
  line BIGINT NOT NULL,
  item BIGINT NOT NULL,
  severity TEXT COLLATE "C" NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (batch_id, line, item)
);

-- owner: exam
CREATE TABLE position (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  batch_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  employer TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  headcount BIGINT NOT NULL CHECK (headcount >= 0),
  education TEXT COLLATE "C" NOT NULL,
  majors TEXT COLLATE "C" NOT NULL,
  search_text TEXT COLLATE "C" NOT NULL,
  content TEXT COLLATE "C" NOT NULL,
  rules TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'cancelled')),
  capacity BIGINT,
  taken BIGINT NOT NULL,
  CHECK (taken >= 0 AND (capacity IS NULL OR taken <= capacity)),
  UNIQUE (exam_id, batch_id, code)
);
CREATE INDEX position_list ON position (exam_id, batch_id, line, id);

-- owner: exam
-- Live counts: commits append deltas, a job folds them.
CREATE TABLE position_delta (
  id BIGINT NOT NULL PRIMARY KEY,
  position_id BIGINT NOT NULL,
  applied BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  paid BIGINT NOT NULL
);
-- owner: exam
CREATE TABLE position_count (
  position_id BIGINT NOT NULL PRIMARY KEY,
  applied BIGINT NOT NULL,
  approved BIGINT NOT NULL,
  paid BIGINT NOT NULL,
  folded_at BIGINT NOT NULL
);

-- owner: exam
CREATE TABLE subject (
  id BIGINT NOT NULL PRIMARY KEY,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  batch_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  specialty TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  session BIGINT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  fee BIGINT NOT NULL CHECK (fee >= 0),
  UNIQUE (exam_id, batch_id, level, specialty, code)
);

-- owner: application
-- 诚信档案: looked up by the keyed index of the document, never by name alone.
CREATE TABLE integrity_record (
  id BIGINT NOT NULL PRIMARY KEY,
  id_index BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  starts_on TEXT COLLATE "C" NOT NULL,
  ends_on TEXT COLLATE "C",
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX integrity_record_index ON integrity_record (id_index);

-- owner: application
CREATE TABLE application (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  registration_no TEXT COLLATE "C" NOT NULL,
  position_id BIGINT,
  unit TEXT COLLATE "C" NOT NULL,
  choice TEXT COLLATE "C" NOT NULL,
  life TEXT COLLATE "C" NOT NULL CHECK (life IN ('draft', 'live', 'ended')),
  end_reason TEXT COLLATE "C" NOT NULL,
  review TEXT COLLATE "C" NOT NULL CHECK (review IN ('none', 'pending', 'first_approved', 'approved', 'returned', 'rejected', 'appealed')),
  review_at BIGINT,
  review_reason TEXT COLLATE "C" NOT NULL,
  review_due BIGINT NOT NULL,
  payment TEXT COLLATE "C" NOT NULL CHECK (payment IN ('none', 'due', 'paid', 'waived', 'refunding', 'refunded')),
  paid_at BIGINT,
  attendance TEXT COLLATE "C" NOT NULL CHECK (attendance IN ('none', 'present', 'absent', 'violation')),
  rejections BIGINT NOT NULL,
  verdict TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('pass', 'manual', 'fail')),
  name TEXT COLLATE "C" NOT NULL,
  snapshot BYTEA NOT NULL,
  snapshot_hash BYTEA NOT NULL,
  answers BYTEA NOT NULL,
  settings_version BIGINT NOT NULL,
  agreement_version BIGINT NOT NULL,
  agreed_at BIGINT NOT NULL,
  photo_id BIGINT NOT NULL,
  fee BIGINT NOT NULL CHECK (fee >= 0),
  submitted_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (exam_id, registration_no)
);
-- One live application by one person in one exam.
CREATE UNIQUE INDEX application_live ON application (exam_id, account_id) WHERE life IN ('draft', 'live');
CREATE INDEX application_account ON application (account_id, id);
CREATE INDEX application_review ON application (exam_id, review, review_due, id);
CREATE INDEX application_position ON application (position_id, id);
CREATE INDEX application_list ON application (exam_id, life, id);

-- owner: application
CREATE TABLE application_event (
  id BIGINT NOT NULL PRIMARY KEY,
  application_id BIGINT NOT NULL REFERENCES application (id),
  at BIGINT NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  actor_id BIGINT NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  position_id BIGINT NOT NULL,
  note TEXT COLLATE "C" NOT NULL
);
CREATE INDEX application_event_of ON application_event (application_id, id);

-- owner: application
CREATE TABLE application_file (
  id BIGINT NOT NULL PRIMARY KEY,
  application_id BIGINT NOT NULL REFERENCES application (id),
  question TEXT COLLATE "C" NOT NULL,
  object_id BIGINT NOT NULL REFERENCES object (id)
);
CREATE INDEX application_file_of ON application_file (application_id, id);

-- owner: review
CREATE TABLE review_claim (
  application_id BIGINT NOT NULL PRIMARY KEY REFERENCES application (id),
  staff_id BIGINT NOT NULL,
  until BIGINT NOT NULL
);

-- owner: review
CREATE TABLE review_decision (
  id BIGINT NOT NULL PRIMARY KEY,
  application_id BIGINT NOT NULL REFERENCES application (id),
  level BIGINT NOT NULL,
  decision TEXT COLLATE "C" NOT NULL CHECK (decision IN ('approve', 'return', 'reject', 'uphold', 'reverse')),
  reason_code TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  items TEXT COLLATE "C" NOT NULL,
  due BIGINT,
  snapshot_hash BYTEA NOT NULL,
  decided_by BIGINT NOT NULL,
  decided_at BIGINT NOT NULL
);
CREATE INDEX review_decision_of ON review_decision (application_id, id);

-- owner: payment
CREATE TABLE payment_order (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  order_no TEXT COLLATE "C" NOT NULL UNIQUE,
  application_id BIGINT NOT NULL REFERENCES application (id),
  exam_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('unpaid', 'paying', 'paid', 'refunding', 'refunded', 'part_refunded', 'voided', 'expired', 'hold')),
  expires_at BIGINT NOT NULL,
  credited_attempt BIGINT,
  paid_at BIGINT,
  closed_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
-- One debt at a time: an application has at most one order that is owed or paid.
CREATE UNIQUE INDEX payment_order_live ON payment_order (application_id)
  WHERE state IN ('unpaid', 'paying', 'paid', 'refunding', 'part_refunded', 'hold');
CREATE INDEX payment_order_account ON payment_order (account_id, id);
CREATE INDEX payment_order_exam ON payment_order (exam_id, state, id);
CREATE INDEX payment_order_expires ON payment_order (state, expires_at, id);

-- owner: payment
CREATE TABLE payment_attempt (
  id BIGINT NOT NULL PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  channel TEXT COLLATE "C" NOT NULL,
  merchant TEXT COLLATE "C" NOT NULL,
  merchant_no TEXT COLLATE "C" NOT NULL UNIQUE,
  channel_no TEXT COLLATE "C",
  amount BIGINT NOT NULL CHECK (amount > 0),
  received BIGINT,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('created', 'submitted', 'succeeded', 'surplus', 'closed', 'failed', 'unknown')),
  checkout TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  paid_at BIGINT,
  queries BIGINT NOT NULL,
  next_query_at BIGINT,
  leased_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (channel, channel_no)
);
CREATE INDEX payment_attempt_order ON payment_attempt (order_id, id);
CREATE INDEX payment_attempt_query ON payment_attempt (next_query_at, id) WHERE next_query_at IS NOT NULL;
-- At most one attempt credits an order; a second success is a surplus that goes back.
CREATE UNIQUE INDEX payment_attempt_credit ON payment_attempt (order_id) WHERE state = 'succeeded';

-- owner: payment
CREATE TABLE refund (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  refund_no TEXT COLLATE "C" NOT NULL UNIQUE,
  order_id BIGINT NOT NULL REFERENCES payment_order (id),
  attempt_id BIGINT NOT NULL REFERENCES payment_attempt (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  reason TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'approved', 'submitted', 'succeeded', 'failed', 'abnormal', 'unknown')),
  requested_by BIGINT NOT NULL,
  approved_by BIGINT,
  channel_no TEXT COLLATE "C" NOT NULL,
  queries BIGINT NOT NULL,
  next_query_at BIGINT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  version BIGINT NOT NULL,
  CHECK (approved_by IS NULL OR approved_by <> requested_by)
);
CREATE INDEX refund_order ON refund (order_id, id);
CREATE INDEX refund_due ON refund (next_query_at, id) WHERE next_query_at IS NOT NULL;

-- owner: payment
-- The inbox: what a channel told us, once each, whatever came of it.
CREATE TABLE gateway_event (
  id BIGINT NOT NULL PRIMARY KEY,
  channel TEXT COLLATE "C" NOT NULL,
  body_hash BYTEA NOT NULL,
  source TEXT COLLATE "C" NOT NULL CHECK (source IN ('notice', 'query', 'return', 'bill', 'offline')),
  merchant_no TEXT COLLATE "C" NOT NULL,
  content BYTEA NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  received_at BIGINT NOT NULL,
  UNIQUE (channel, source, body_hash)
);
CREATE INDEX gateway_event_merchant ON gateway_event (merchant_no, id);

-- owner: payment
-- Double entry: the debits and credits of one `posting` are equal.
CREATE TABLE ledger_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  posting BIGINT NOT NULL,
  book TEXT COLLATE "C" NOT NULL,
  debit BIGINT NOT NULL CHECK (debit >= 0),
  credit BIGINT NOT NULL CHECK (credit >= 0),
  order_id BIGINT NOT NULL,
  attempt_id BIGINT NOT NULL,
  refund_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  CHECK ((debit = 0) <> (credit = 0))
);
CREATE INDEX ledger_entry_posting ON ledger_entry (posting);
CREATE INDEX ledger_entry_order ON ledger_entry (order_id, id);

-- owner: payment
CREATE TABLE discrepancy (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL,
  channel TEXT COLLATE "C" NOT NULL,
  merchant_no TEXT COLLATE "C" NOT NULL,
  order_id BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'resolved')),
  created_at BIGINT NOT NULL,
  resolved_by BIGINT,
  resolved_at BIGINT,
  note TEXT COLLATE "C" NOT NULL
);
CREATE INDEX discrepancy_state ON discrepancy (state, id);

-- owner: arrangement
CREATE TABLE seat_plan (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  version BIGINT NOT NULL,
  source TEXT COLLATE "C" NOT NULL CHECK (source IN ('generated', 'imported')),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'ready', 'published', 'superseded', 'discarded')),
  seed TEXT COLLATE "C" NOT NULL,
  options TEXT COLLATE "C" NOT NULL,
  seats BIGINT NOT NULL,
  rooms BIGINT NOT NULL,
  summary TEXT COLLATE "C" NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  published_by BIGINT,
  published_at BIGINT,
  UNIQUE (exam_id, version)
);

-- owner: arrangement
CREATE TABLE seat_room (
  plan_id BIGINT NOT NULL REFERENCES seat_plan (id),
  room_no BIGINT NOT NULL,
  site_no BIGINT NOT NULL,
  site_name TEXT COLLATE "C" NOT NULL,
  site_address TEXT COLLATE "C" NOT NULL,
  room_name TEXT COLLATE "C" NOT NULL,
  capacity BIGINT NOT NULL CHECK (capacity > 0),
  usage TEXT COLLATE "C" NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  PRIMARY KEY (plan_id, room_no)
);

-- owner: arrangement
CREATE TABLE seat (
  plan_id BIGINT NOT NULL REFERENCES seat_plan (id),
  application_id BIGINT NOT NULL,
  session BIGINT NOT NULL,
  room_no BIGINT NOT NULL,
  seat_no BIGINT NOT NULL,
  ticket_no TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan_id, application_id, session),
  UNIQUE (plan_id, session, room_no, seat_no)
);
CREATE INDEX seat_ticket ON seat (plan_id, ticket_no);

-- owner: ticket
-- Ticket numbers are never used again, not even by a plan that replaces another.
CREATE TABLE ticket_number (
  exam_id BIGINT NOT NULL,
  ticket_no TEXT COLLATE "C" NOT NULL,
  application_id BIGINT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (exam_id, ticket_no)
);
CREATE INDEX ticket_number_of ON ticket_number (application_id);

-- owner: ticket
CREATE TABLE ticket_print (
  application_id BIGINT NOT NULL PRIMARY KEY,
  times BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL
);

-- owner: score
CREATE TABLE score_batch (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  version BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'imported', 'checked', 'published', 'superseded', 'discarded')),
  import_id BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  imported_by BIGINT NOT NULL,
  imported_at BIGINT NOT NULL,
  checked_by BIGINT,
  checked_at BIGINT,
  published_by BIGINT,
  published_at BIGINT,
  visible_at BIGINT,
  reason TEXT COLLATE "C" NOT NULL,
  UNIQUE (exam_id, version),
  CHECK (checked_by IS NULL OR checked_by <> imported_by)
);

-- owner: score
CREATE TABLE score (
  batch_id BIGINT NOT NULL REFERENCES score_batch (id),
  application_id BIGINT NOT NULL,
  subject_code TEXT COLLATE "C" NOT NULL,
  subject_name TEXT COLLATE "C" NOT NULL,
  mark TEXT COLLATE "C" NOT NULL,
  flag TEXT COLLATE "C" NOT NULL CHECK (flag IN ('normal', 'absent', 'violation', 'invalidated')),
  PRIMARY KEY (batch_id, application_id, subject_code)
);

-- owner: score
CREATE TABLE score_total (
  batch_id BIGINT NOT NULL REFERENCES score_batch (id),
  application_id BIGINT NOT NULL,
  total TEXT COLLATE "C" NOT NULL,
  rank BIGINT,
  out_of BIGINT,
  passed TEXT COLLATE "C" NOT NULL CHECK (passed IN ('', 'yes', 'no')),
  PRIMARY KEY (batch_id, application_id)
);
