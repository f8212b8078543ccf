-- The core: settings, keys, audit, accounts, sessions, staff, messages. Every later feature leans on these.
-- Instants are microseconds UTC, yes/no is 0/1, a state is a text code with CHECK, ids are made in Rust.

-- owner: keys
CREATE TABLE key_check (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value BYTEA NOT NULL,
  made_at BIGINT NOT NULL
);

-- owner: site
CREATE TABLE site_setting (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL
);

-- owner: audit
CREATE TABLE audit_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('anonymous', 'candidate', 'staff', 'system', 'gateway')),
  actor_id BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  object_kind TEXT COLLATE "C" NOT NULL,
  object_id BIGINT NOT NULL,
  exam_id BIGINT NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  key_version BIGINT NOT NULL,
  mac BYTEA NOT NULL
);
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor_kind, actor_id, id);

-- owner: audit
-- The chain: one leased sealer links entries a second after they committed, so that no commit waits for another.
CREATE TABLE audit_link (
  seq BIGINT NOT NULL PRIMARY KEY,
  entry_id BIGINT NOT NULL UNIQUE,
  prev_hash BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  sealed_at BIGINT NOT NULL
);

-- owner: object
-- Photos and other files up to 256 KB, encrypted; larger ones live in the object store under `path`.
CREATE TABLE object (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL,
  owner_kind TEXT COLLATE "C" NOT NULL CHECK (owner_kind IN ('account', 'staff', 'public')),
  owner_id BIGINT NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  file_name TEXT COLLATE "C" NOT NULL,
  size BIGINT NOT NULL,
  content BYTEA,
  path TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  CHECK ((content IS NULL) <> (path IS NULL))
);
CREATE INDEX object_owner ON object (owner_kind, owner_id, id);
CREATE INDEX object_expires ON object (expires_at) WHERE expires_at IS NOT NULL;

-- owner: account
CREATE TABLE account (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'active', 'frozen', 'lapsed', 'closed')),
  id_type TEXT COLLATE "C" NOT NULL,
  id_number BYTEA NOT NULL,
  id_index BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_order TEXT COLLATE "C" NOT NULL,
  mobile BYTEA NOT NULL,
  mobile_index BYTEA NOT NULL,
  mobile_verified_at BIGINT,
  password_hash TEXT COLLATE "C",
  password_changed_at BIGINT,
  activation_cookie_hash BYTEA,
  activation_code_hash BYTEA,
  activation_expires_at BIGINT,
  epoch BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  activated_at BIGINT,
  closed_at BIGINT,
  version BIGINT NOT NULL,
  CHECK (state <> 'pending' OR password_hash IS NULL)
);
-- One living account for one document: a lapsed or closed one frees the number.
CREATE UNIQUE INDEX account_document ON account (id_index, id_type) WHERE state IN ('pending', 'active', 'frozen');
CREATE INDEX account_mobile ON account (mobile_index) WHERE state IN ('pending', 'active', 'frozen');
CREATE INDEX account_name ON account (name, id);
CREATE INDEX account_created ON account (created_at, id);

-- owner: account
CREATE TABLE session (
  id BIGINT NOT NULL PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('candidate', 'activation', 'staff', 'staff_half')),
  subject_id BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  door TEXT COLLATE "C" NOT NULL,
  network TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_subject ON session (kind, subject_id);
CREATE INDEX session_expires ON session (expires_at);

-- owner: account
-- Failed tries per subject (account, network, device, everybody): a delay that grows, never a lock.
CREATE TABLE throttle (
  subject BYTEA NOT NULL PRIMARY KEY,
  whom BYTEA NOT NULL,
  failures BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX throttle_whom ON throttle (whom);
CREATE INDEX throttle_changed ON throttle (changed_at);

-- owner: account
-- What may be used once: captcha answers, resume tokens.
CREATE TABLE spent_nonce (
  nonce BYTEA NOT NULL PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX spent_nonce_expires ON spent_nonce (expires_at);

-- owner: account
CREATE TABLE sms_code (
  id BIGINT NOT NULL PRIMARY KEY,
  purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('signup', 'activate', 'recover', 'change_mobile', 'login')),
  mobile_index BYTEA NOT NULL,
  account_id BIGINT,
  code_hash BYTEA NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX sms_code_mobile ON sms_code (mobile_index, purpose, created_at);

-- owner: draft
-- What was typed and not yet saved: a dropped connection or an expired session loses nothing.
CREATE TABLE form_draft (
  account_id BIGINT NOT NULL REFERENCES account (id),
  form TEXT COLLATE "C" NOT NULL,
  content BYTEA NOT NULL,
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, form)
);

-- owner: account
-- The first answer to a POST with an idempotency key, replayed to its repeats for 24 hours.
CREATE TABLE idempotency (
  owner_kind TEXT COLLATE "C" NOT NULL,
  owner_id BIGINT NOT NULL,
  request_key TEXT COLLATE "C" NOT NULL,
  request_hash BYTEA NOT NULL,
  answer TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, request_key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- owner: staff
CREATE TABLE staff (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  username TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
  password_hash TEXT COLLATE "C",
  password_changed_at BIGINT,
  must_change_password BIGINT NOT NULL CHECK (must_change_password IN (0, 1)),
  totp_secret BYTEA,
  totp_last_step BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_login_at BIGINT,
  version BIGINT NOT NULL
);

-- owner: staff
-- role × exam × unit: exam_id 0 is every exam, unit '' every unit.
CREATE TABLE staff_grant (
  staff_id BIGINT NOT NULL REFERENCES staff (id),
  role TEXT COLLATE "C" NOT NULL,
  exam_id BIGINT NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  granted_by BIGINT NOT NULL,
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (staff_id, role, exam_id, unit)
);

-- owner: approval
-- A change that two people must want: asked by one, decided by another.
CREATE TABLE approval (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('account_claim', 'identity_correction', 'mobile_change', 'account_recovery', 'score_correction', 'offline_payment', 'refund', 'window_extension')),
  object_id BIGINT NOT NULL,
  exam_id BIGINT NOT NULL,
  payload BYTEA NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn')),
  requested_by BIGINT NOT NULL,
  requested_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> requested_by)
);
CREATE INDEX approval_state ON approval (state, kind, id);
CREATE INDEX approval_object ON approval (kind, object_id);

-- owner: account
-- 身份证号已被注册: somebody says that an account under his number isn't his own.
CREATE TABLE account_claim (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT COLLATE "C" NOT NULL,
  mobile BYTEA NOT NULL,
  mobile_index BYTEA NOT NULL,
  statement TEXT COLLATE "C" NOT NULL,
  evidence_id BIGINT,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'checked', 'granted', 'refused')),
  checked_by BIGINT,
  checked_at BIGINT,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK (decided_by IS NULL OR checked_by IS NULL OR decided_by <> checked_by)
);
CREATE INDEX account_claim_state ON account_claim (state, id);
CREATE UNIQUE INDEX account_claim_open ON account_claim (account_id, mobile_index) WHERE state IN ('open', 'checked');

-- owner: profile
CREATE TABLE profile (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id),
  content BYTEA NOT NULL,
  complete BIGINT NOT NULL CHECK (complete IN (0, 1)),
  saved_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- owner: photo
CREATE TABLE photo (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  account_id BIGINT NOT NULL REFERENCES account (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'replaced')),
  object_id BIGINT NOT NULL REFERENCES object (id),
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  hints TEXT COLLATE "C" NOT NULL,
  uploaded_at BIGINT NOT NULL,
  reason_code TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  claimed_by BIGINT,
  claimed_until BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX photo_current ON photo (account_id) WHERE state <> 'replaced';
CREATE INDEX photo_state ON photo (state, uploaded_at, id);

-- owner: message
CREATE TABLE inbox_message (
  id BIGINT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  kind TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  link TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  read_at BIGINT
);
CREATE INDEX inbox_message_account ON inbox_message (account_id, id);

-- owner: message
CREATE TABLE outbox_message (
  id BIGINT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL,
  template TEXT COLLATE "C" NOT NULL,
  recipient BYTEA NOT NULL,
  params BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
  tries BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  error TEXT COLLATE "C" NOT NULL
);
CREATE INDEX outbox_message_due ON outbox_message (state, next_at, id);

-- owner: announcement
CREATE TABLE announcement (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  category TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
  pinned BIGINT NOT NULL CHECK (pinned IN (0, 1)),
  exam_id BIGINT NOT NULL,
  publish_at BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX announcement_list ON announcement (state, pinned, publish_at, id);

-- owner: announcement
CREATE TABLE announcement_attachment (
  id BIGINT NOT NULL PRIMARY KEY,
  announcement_id BIGINT NOT NULL REFERENCES announcement (id),
  object_id BIGINT NOT NULL REFERENCES object (id),
  position BIGINT NOT NULL
);
CREATE INDEX announcement_attachment_of ON announcement_attachment (announcement_id, position);

-- owner: announcement
-- 网上支付说明 and the other standing pages, editable by staff.
CREATE TABLE site_page (
  slug TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  title TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  version BIGINT NOT NULL
);
