-- owner: archive
-- 归档: an exam's file asked for, confirmed, built section by section, handed over.
CREATE TABLE exam_archive (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  state TEXT NOT NULL CHECK (state IN ('asked', 'building', 'built', 'handed', 'rejected', 'withdrawn')),
  reason TEXT NOT NULL,
  -- What was still open and is archived all the same, one a line.
  open_points TEXT NOT NULL,
  -- Days by material: domain::archive::Retention.
  retention TEXT NOT NULL,
  asked_by INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  note TEXT NOT NULL,
  -- Where the building is: section, and the last row of it that is in a file. Goes on from there after a crash.
  section TEXT NOT NULL,
  reached TEXT NOT NULL,
  files INTEGER NOT NULL,
  built_at INTEGER,
  -- SHA-256 of the list of all files.
  contents_hash TEXT NOT NULL,
  handed_by INTEGER,
  handed_at INTEGER,
  receiver TEXT NOT NULL,
  -- 暂缓清除.
  held_by INTEGER,
  held_at INTEGER,
  hold_reason TEXT NOT NULL,
  version INTEGER NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> asked_by)
) STRICT;
-- One that counts for each exam.
CREATE UNIQUE INDEX exam_archive_live ON exam_archive (exam_id) WHERE state IN ('asked', 'building', 'built', 'handed');
CREATE INDEX exam_archive_state ON exam_archive (state, id);

-- owner: archive
CREATE TABLE archive_file (
  archive_id INTEGER NOT NULL REFERENCES exam_archive (id),
  seq INTEGER NOT NULL,
  section TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  object_id INTEGER NOT NULL REFERENCES object (id),
  entries INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  taken INTEGER NOT NULL,
  PRIMARY KEY (archive_id, seq)
) STRICT;

-- owner: archive
-- What goes when, and what went: the certificate is made of these rows.
CREATE TABLE archive_purge (
  archive_id INTEGER NOT NULL REFERENCES exam_archive (id),
  kind TEXT NOT NULL CHECK (kind IN ('package', 'attachments', 'uploads', 'old_photos', 'content')),
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
  -- The last row that was dealt with.
  reached TEXT NOT NULL,
  removed INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  -- SHA-256 over what was removed, chunk by chunk.
  digest TEXT NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  PRIMARY KEY (archive_id, kind)
) STRICT;
CREATE INDEX archive_purge_due ON archive_purge (due_at, archive_id) WHERE state <> 'done';
