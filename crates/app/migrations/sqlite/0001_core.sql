-- The core: settings, keys, audit, accounts, sessions, staff, messages. Every later feature leans on these.
-- Instants are microseconds UTC, yes/no is 0/1, a state is a text code with CHECK, ids are made in Rust.

-- owner: keys
CREATE TABLE key_check (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;

-- owner: site
CREATE TABLE site_setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by INTEGER NOT NULL
) STRICT;

-- owner: audit
CREATE TABLE audit_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('anonymous', 'candidate', 'staff', 'system', 'gateway')),
  actor_id INTEGER NOT NULL,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  exam_id INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  detail TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_kind, actor_id, id);

-- owner: audit
-- The chain: one leased sealer links entries a second after they committed, so that no commit waits for another.
CREATE TABLE audit_link (
  seq INTEGER NOT NULL PRIMARY KEY,
  entry_id INTEGER NOT NULL UNIQUE,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  sealed_at INTEGER NOT NULL
) STRICT;

-- owner: object
-- Photos and other files up to 256 KB, encrypted; larger ones live in the object store under `path`.
CREATE TABLE object (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('account', 'staff', 'public')),
  owner_id INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  file_name TEXT NOT NULL,
  size INTEGER NOT NULL,
  content BLOB,
  path TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  CHECK ((content IS NULL) <> (path IS NULL))
) STRICT;
CREATE INDEX object_owner ON object (owner_kind, owner_id, id);
CREATE INDEX object_expires ON object (expires_at) WHERE expires_at IS NOT NULL;

-- owner: account
CREATE TABLE account (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'frozen', 'lapsed', 'closed')),
  id_type TEXT NOT NULL,
  id_number BLOB NOT NULL,
  id_index BLOB NOT NULL,
  name TEXT NOT NULL,
  name_order TEXT NOT NULL,
  mobile BLOB NOT NULL,
  mobile_index BLOB NOT NULL,
  mobile_verified_at INTEGER,
  password_hash TEXT,
  password_changed_at INTEGER,
  activation_cookie_hash BLOB,
  activation_code_hash BLOB,
  activation_expires_at INTEGER,
  epoch INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  activated_at INTEGER,
  closed_at INTEGER,
  version INTEGER NOT NULL,
  CHECK (state <> 'pending' OR password_hash IS NULL)
) STRICT;
-- One living account for one document: a lapsed or closed one frees the number.
CREATE UNIQUE INDEX account_document ON account (id_index, id_type) WHERE state IN ('pending', 'active', 'frozen');
CREATE INDEX account_mobile ON account (mobile_index) WHERE state IN ('pending', 'active', 'frozen');
CREATE INDEX account_name ON account (name, id);
CREATE INDEX account_created ON account (created_at, id);

-- owner: account
CREATE TABLE session (
  id INTEGER NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('candidate', 'activation', 'staff', 'staff_half')),
  subject_id INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  door TEXT NOT NULL,
  network TEXT NOT NULL,
  device TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_subject ON session (kind, subject_id);
CREATE INDEX session_expires ON session (expires_at);

-- owner: account
-- Failed tries per subject (account, network, device, everybody): a delay that grows, never a lock.
CREATE TABLE throttle (
  subject BLOB NOT NULL PRIMARY KEY,
  whom BLOB NOT NULL,
  failures INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX throttle_whom ON throttle (whom);
CREATE INDEX throttle_changed ON throttle (changed_at);

-- owner: account
-- What may be used once: captcha answers, resume tokens.
CREATE TABLE spent_nonce (
  nonce BLOB NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_nonce_expires ON spent_nonce (expires_at);

-- owner: account
CREATE TABLE sms_code (
  id INTEGER NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('signup', 'activate', 'recover', 'change_mobile', 'login')),
  mobile_index BLOB NOT NULL,
  account_id INTEGER,
  code_hash BLOB NOT NULL,
  tries INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX sms_code_mobile ON sms_code (mobile_index, purpose, created_at);

-- owner: draft
-- What was typed and not yet saved: a dropped connection or an expired session loses nothing.
CREATE TABLE form_draft (
  account_id INTEGER NOT NULL REFERENCES account (id),
  form TEXT NOT NULL,
  content BLOB NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, form)
) STRICT;

-- owner: account
-- The first answer to a POST with an idempotency key, replayed to its repeats for 24 hours.
CREATE TABLE idempotency (
  owner_kind TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  request_key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, request_key)
) STRICT;
CREATE INDEX idempotency_created ON idempotency (created_at);

-- owner: staff
CREATE TABLE staff (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
  password_hash TEXT,
  password_changed_at INTEGER,
  must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
  totp_secret BLOB,
  totp_last_step INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER,
  version INTEGER NOT NULL
) STRICT;

-- owner: staff
-- role × exam × unit: exam_id 0 is every exam, unit '' every unit.
CREATE TABLE staff_grant (
  staff_id INTEGER NOT NULL REFERENCES staff (id),
  role TEXT NOT NULL,
  exam_id INTEGER NOT NULL,
  unit TEXT NOT NULL,
  granted_by INTEGER NOT NULL,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY (staff_id, role, exam_id, unit)
) STRICT;

-- owner: approval
-- A change that two people must want: asked by one, decided by another.
CREATE TABLE approval (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('account_claim', 'identity_correction', 'mobile_change', 'account_recovery', 'score_correction', 'offline_payment', 'refund', 'window_extension')),
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
CREATE INDEX approval_state ON approval (state, kind, id);
CREATE INDEX approval_object ON approval (kind, object_id);

-- owner: account
-- 身份证号已被注册: somebody says that an account under his number isn't his own.
CREATE TABLE account_claim (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  mobile BLOB NOT NULL,
  mobile_index BLOB NOT NULL,
  statement TEXT NOT NULL,
  evidence_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'checked', 'granted', 'refused')),
  checked_by INTEGER,
  checked_at INTEGER,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK (decided_by IS NULL OR checked_by IS NULL OR decided_by <> checked_by)
) STRICT;
CREATE INDEX account_claim_state ON account_claim (state, id);
CREATE UNIQUE INDEX account_claim_open ON account_claim (account_id, mobile_index) WHERE state IN ('open', 'checked');

-- owner: profile
CREATE TABLE profile (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id),
  content BLOB NOT NULL,
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
  saved_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

-- owner: photo
CREATE TABLE photo (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'replaced')),
  object_id INTEGER NOT NULL REFERENCES object (id),
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  hints TEXT NOT NULL,
  uploaded_at INTEGER NOT NULL,
  reason_code TEXT NOT NULL,
  reason TEXT NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  claimed_by INTEGER,
  claimed_until INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX photo_current ON photo (account_id) WHERE state <> 'replaced';
CREATE INDEX photo_state ON photo (state, uploaded_at, id);

-- owner: message
CREATE TABLE inbox_message (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  link TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  read_at INTEGER
) STRICT;
CREATE INDEX inbox_message_account ON inbox_message (account_id, id);

-- owner: message
CREATE TABLE outbox_message (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL,
  template TEXT NOT NULL,
  recipient BLOB NOT NULL,
  params BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
  tries INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_message_due ON outbox_message (state, next_at, id);

-- owner: announcement
CREATE TABLE announcement (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
  pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
  exam_id INTEGER NOT NULL,
  publish_at INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX announcement_list ON announcement (state, pinned, publish_at, id);

-- owner: announcement
CREATE TABLE announcement_attachment (
  id INTEGER NOT NULL PRIMARY KEY,
  announcement_id INTEGER NOT NULL REFERENCES announcement (id),
  object_id INTEGER NOT NULL REFERENCES object (id),
  position INTEGER NOT NULL
) STRICT;
CREATE INDEX announcement_attachment_of ON announcement_attachment (announcement_id, position);

-- owner: announcement
-- 网上支付说明 and the other standing pages, editable by staff.
CREATE TABLE site_page (
  slug TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
