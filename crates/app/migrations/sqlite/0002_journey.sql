-- The journey: exam, position, application, review, payment, seat, ticket, score.
-- Bulk rows are staged under a batch and become visible when one pointer in `exam` is flipped.

-- owner: exam
CREATE TABLE exam (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL CHECK (category IN ('recruitment', 'civil_service', 'professional_qualification', 'other')),
  code TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'closed', 'archived')),
  settings TEXT NOT NULL,
  settings_version INTEGER NOT NULL,
  registration_opens INTEGER NOT NULL,
  registration_closes INTEGER NOT NULL,
  payment_closes INTEGER NOT NULL,
  ticket_opens INTEGER NOT NULL,
  ticket_closes INTEGER NOT NULL,
  positions_batch INTEGER NOT NULL,
  seat_plan INTEGER NOT NULL,
  score_batch INTEGER NOT NULL,
  score_visible_at INTEGER NOT NULL,
  next_registration_no INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  published_at INTEGER,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX exam_list ON exam (state, category, registration_opens, id);

-- owner: exam
CREATE TABLE exam_settings (
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  version INTEGER NOT NULL,
  settings TEXT NOT NULL,
  reason TEXT NOT NULL,
  changed_by INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (exam_id, version)
) STRICT;

-- owner: exam
-- An uploaded table (positions, subjects, seats, scores): read, previewed, then confirmed by one flip.
CREATE TABLE import_batch (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('positions', 'subjects', 'seats', 'scores', 'rooms')),
  state TEXT NOT NULL CHECK (state IN ('staging', 'staged', 'confirmed', 'discarded')),
  file_name TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_good INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  summary TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_by INTEGER,
  confirmed_at INTEGER
) STRICT;
CREATE INDEX import_batch_exam ON import_batch (exam_id, kind, id);

-- owner: exam
CREATE TABLE import_problem (
  batch_id INTEGER NOT NULL REFERENCES import_batch (id),
  line INTEGER NOT NULL,
  item INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT NOT NULL,
  cell TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (batch_id, line, item)
) STRICT;

-- owner: exam
CREATE TABLE position (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  batch_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  employer TEXT NOT NULL,
  department TEXT NOT NULL,
  unit TEXT NOT NULL,
  headcount INTEGER NOT NULL CHECK (headcount >= 0),
  education TEXT NOT NULL,
  majors TEXT NOT NULL,
  search_text TEXT NOT NULL,
  content TEXT NOT NULL,
  rules TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'cancelled')),
  capacity INTEGER,
  taken INTEGER NOT NULL,
  CHECK (taken >= 0 AND (capacity IS NULL OR taken <= capacity)),
  UNIQUE (exam_id, batch_id, code)
) STRICT;
CREATE INDEX position_list ON position (exam_id, batch_id, line, id);

-- owner: exam
-- Live counts: commits append deltas, a job folds them.
CREATE TABLE position_delta (
  id INTEGER NOT NULL PRIMARY KEY,
  position_id INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  paid INTEGER NOT NULL
) STRICT;
-- owner: exam
CREATE TABLE position_count (
  position_id INTEGER NOT NULL PRIMARY KEY,
  applied INTEGER NOT NULL,
  approved INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  folded_at INTEGER NOT NULL
) STRICT;

-- owner: exam
CREATE TABLE subject (
  id INTEGER NOT NULL PRIMARY KEY,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  batch_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  level TEXT NOT NULL,
  specialty TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  session INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  fee INTEGER NOT NULL CHECK (fee >= 0),
  UNIQUE (exam_id, batch_id, level, specialty, code)
) STRICT;

-- owner: application
-- 诚信档案: looked up by the keyed index of the document, never by name alone.
CREATE TABLE integrity_record (
  id INTEGER NOT NULL PRIMARY KEY,
  id_index BLOB NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX integrity_record_index ON integrity_record (id_index);

-- owner: application
CREATE TABLE application (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  registration_no TEXT NOT NULL,
  position_id INTEGER,
  unit TEXT NOT NULL,
  choice TEXT NOT NULL,
  life TEXT NOT NULL CHECK (life IN ('draft', 'live', 'ended')),
  end_reason TEXT NOT NULL,
  review TEXT NOT NULL CHECK (review IN ('none', 'pending', 'first_approved', 'approved', 'returned', 'rejected', 'appealed')),
  review_at INTEGER,
  review_reason TEXT NOT NULL,
  review_due INTEGER NOT NULL,
  payment TEXT NOT NULL CHECK (payment IN ('none', 'due', 'paid', 'waived', 'refunding', 'refunded')),
  paid_at INTEGER,
  attendance TEXT NOT NULL CHECK (attendance IN ('none', 'present', 'absent', 'violation')),
  rejections INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'manual', 'fail')),
  name TEXT NOT NULL,
  snapshot BLOB NOT NULL,
  snapshot_hash BLOB NOT NULL,
  answers BLOB NOT NULL,
  settings_version INTEGER NOT NULL,
  agreement_version INTEGER NOT NULL,
  agreed_at INTEGER NOT NULL,
  photo_id INTEGER NOT NULL,
  fee INTEGER NOT NULL CHECK (fee >= 0),
  submitted_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (exam_id, registration_no)
) STRICT;
-- One live application by one person in one exam.
CREATE UNIQUE INDEX application_live ON application (exam_id, account_id) WHERE life IN ('draft', 'live');
CREATE INDEX application_account ON application (account_id, id);
CREATE INDEX application_review ON application (exam_id, review, review_due, id);
CREATE INDEX application_position ON application (position_id, id);
CREATE INDEX application_list ON application (exam_id, life, id);

-- owner: application
CREATE TABLE application_event (
  id INTEGER NOT NULL PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id INTEGER NOT NULL,
  event TEXT NOT NULL,
  position_id INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX application_event_of ON application_event (application_id, id);

-- owner: application
CREATE TABLE application_file (
  id INTEGER NOT NULL PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  question TEXT NOT NULL,
  object_id INTEGER NOT NULL REFERENCES object (id)
) STRICT;
CREATE INDEX application_file_of ON application_file (application_id, id);

-- owner: review
CREATE TABLE review_claim (
  application_id INTEGER NOT NULL PRIMARY KEY REFERENCES application (id),
  staff_id INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;

-- owner: review
CREATE TABLE review_decision (
  id INTEGER NOT NULL PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  level INTEGER NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'return', 'reject', 'uphold', 'reverse')),
  reason_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  items TEXT NOT NULL,
  due INTEGER,
  snapshot_hash BLOB NOT NULL,
  decided_by INTEGER NOT NULL,
  decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX review_decision_of ON review_decision (application_id, id);

-- owner: payment
CREATE TABLE payment_order (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  order_no TEXT NOT NULL UNIQUE,
  application_id INTEGER NOT NULL REFERENCES application (id),
  exam_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  state TEXT NOT NULL CHECK (state IN ('unpaid', 'paying', 'paid', 'refunding', 'refunded', 'part_refunded', 'voided', 'expired', 'hold')),
  expires_at INTEGER NOT NULL,
  credited_attempt INTEGER,
  paid_at INTEGER,
  closed_at INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
-- One debt at a time: an application has at most one order that is owed or paid.
CREATE UNIQUE INDEX payment_order_live ON payment_order (application_id)
  WHERE state IN ('unpaid', 'paying', 'paid', 'refunding', 'part_refunded', 'hold');
CREATE INDEX payment_order_account ON payment_order (account_id, id);
CREATE INDEX payment_order_exam ON payment_order (exam_id, state, id);
CREATE INDEX payment_order_expires ON payment_order (state, expires_at, id);

-- owner: payment
CREATE TABLE payment_attempt (
  id INTEGER NOT NULL PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  channel TEXT NOT NULL,
  merchant TEXT NOT NULL,
  merchant_no TEXT NOT NULL UNIQUE,
  channel_no TEXT,
  amount INTEGER NOT NULL CHECK (amount > 0),
  received INTEGER,
  state TEXT NOT NULL CHECK (state IN ('created', 'submitted', 'succeeded', 'surplus', 'closed', 'failed', 'unknown')),
  checkout TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  paid_at INTEGER,
  queries INTEGER NOT NULL,
  next_query_at INTEGER,
  leased_until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (channel, channel_no)
) STRICT;
CREATE INDEX payment_attempt_order ON payment_attempt (order_id, id);
CREATE INDEX payment_attempt_query ON payment_attempt (next_query_at, id) WHERE next_query_at IS NOT NULL;
-- At most one attempt credits an order; a second success is a surplus that goes back.
CREATE UNIQUE INDEX payment_attempt_credit ON payment_attempt (order_id) WHERE state = 'succeeded';

-- owner: payment
CREATE TABLE refund (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  refund_no TEXT NOT NULL UNIQUE,
  order_id INTEGER NOT NULL REFERENCES payment_order (id),
  attempt_id INTEGER NOT NULL REFERENCES payment_attempt (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'submitted', 'succeeded', 'failed', 'abnormal', 'unknown')),
  requested_by INTEGER NOT NULL,
  approved_by INTEGER,
  channel_no TEXT NOT NULL,
  queries INTEGER NOT NULL,
  next_query_at INTEGER,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  version INTEGER NOT NULL,
  CHECK (approved_by IS NULL OR approved_by <> requested_by)
) STRICT;
CREATE INDEX refund_order ON refund (order_id, id);
CREATE INDEX refund_due ON refund (next_query_at, id) WHERE next_query_at IS NOT NULL;

-- owner: payment
-- The inbox: what a channel told us, once each, whatever came of it.
CREATE TABLE gateway_event (
  id INTEGER NOT NULL PRIMARY KEY,
  channel TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('notice', 'query', 'return', 'bill', 'offline')),
  merchant_no TEXT NOT NULL,
  content BLOB NOT NULL,
  outcome TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (channel, source, body_hash)
) STRICT;
CREATE INDEX gateway_event_merchant ON gateway_event (merchant_no, id);

-- owner: payment
-- Double entry: the debits and credits of one `posting` are equal.
CREATE TABLE ledger_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  posting INTEGER NOT NULL,
  book TEXT NOT NULL,
  debit INTEGER NOT NULL CHECK (debit >= 0),
  credit INTEGER NOT NULL CHECK (credit >= 0),
  order_id INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  refund_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  CHECK ((debit = 0) <> (credit = 0))
) STRICT;
CREATE INDEX ledger_entry_posting ON ledger_entry (posting);
CREATE INDEX ledger_entry_order ON ledger_entry (order_id, id);

-- owner: payment
CREATE TABLE discrepancy (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  merchant_no TEXT NOT NULL,
  order_id INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  detail TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
  created_at INTEGER NOT NULL,
  resolved_by INTEGER,
  resolved_at INTEGER,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX discrepancy_state ON discrepancy (state, id);

-- owner: arrangement
CREATE TABLE seat_plan (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  version INTEGER NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('generated', 'imported')),
  state TEXT NOT NULL CHECK (state IN ('staging', 'ready', 'published', 'superseded', 'discarded')),
  seed TEXT NOT NULL,
  options TEXT NOT NULL,
  seats INTEGER NOT NULL,
  rooms INTEGER NOT NULL,
  summary TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  published_by INTEGER,
  published_at INTEGER,
  UNIQUE (exam_id, version)
) STRICT;

-- owner: arrangement
CREATE TABLE seat_room (
  plan_id INTEGER NOT NULL REFERENCES seat_plan (id),
  room_no INTEGER NOT NULL,
  site_no INTEGER NOT NULL,
  site_name TEXT NOT NULL,
  site_address TEXT NOT NULL,
  room_name TEXT NOT NULL,
  capacity INTEGER NOT NULL CHECK (capacity > 0),
  usage TEXT NOT NULL CHECK (usage IN ('standard', 'accommodation', 'spare')),
  PRIMARY KEY (plan_id, room_no)
) STRICT;

-- owner: arrangement
CREATE TABLE seat (
  plan_id INTEGER NOT NULL REFERENCES seat_plan (id),
  application_id INTEGER NOT NULL,
  session INTEGER NOT NULL,
  room_no INTEGER NOT NULL,
  seat_no INTEGER NOT NULL,
  ticket_no TEXT NOT NULL,
  PRIMARY KEY (plan_id, application_id, session),
  UNIQUE (plan_id, session, room_no, seat_no)
) STRICT;
CREATE INDEX seat_ticket ON seat (plan_id, ticket_no);

-- owner: ticket
-- Ticket numbers are never used again, not even by a plan that replaces another.
CREATE TABLE ticket_number (
  exam_id INTEGER NOT NULL,
  ticket_no TEXT NOT NULL,
  application_id INTEGER NOT NULL,
  given_at INTEGER NOT NULL,
  PRIMARY KEY (exam_id, ticket_no)
) STRICT;
CREATE INDEX ticket_number_of ON ticket_number (application_id);

-- owner: ticket
CREATE TABLE ticket_print (
  application_id INTEGER NOT NULL PRIMARY KEY,
  times INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;

-- owner: score
CREATE TABLE score_batch (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staging', 'imported', 'checked', 'published', 'superseded', 'discarded')),
  import_id INTEGER NOT NULL,
  matched INTEGER NOT NULL,
  imported_by INTEGER NOT NULL,
  imported_at INTEGER NOT NULL,
  checked_by INTEGER,
  checked_at INTEGER,
  published_by INTEGER,
  published_at INTEGER,
  visible_at INTEGER,
  reason TEXT NOT NULL,
  UNIQUE (exam_id, version),
  CHECK (checked_by IS NULL OR checked_by <> imported_by)
) STRICT;

-- owner: score
CREATE TABLE score (
  batch_id INTEGER NOT NULL REFERENCES score_batch (id),
  application_id INTEGER NOT NULL,
  subject_code TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  mark TEXT NOT NULL,
  flag TEXT NOT NULL CHECK (flag IN ('normal', 'absent', 'violation', 'invalidated')),
  PRIMARY KEY (batch_id, application_id, subject_code)
) STRICT;

-- owner: score
CREATE TABLE score_total (
  batch_id INTEGER NOT NULL REFERENCES score_batch (id),
  application_id INTEGER NOT NULL,
  total TEXT NOT NULL,
  rank INTEGER,
  out_of INTEGER,
  passed TEXT NOT NULL CHECK (passed IN ('', 'yes', 'no')),
  PRIMARY KEY (batch_id, application_id)
) STRICT;
