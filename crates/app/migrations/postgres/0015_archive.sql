-- owner: archive
-- 归档: an exam's file asked for, confirmed, built section by section, handed over.
CREATE TABLE exam_archive (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('asked', 'building', 'built', 'handed', 'rejected', 'withdrawn')),
  reason TEXT COLLATE "C" NOT NULL,
  -- What was still open and is archived all the same, one a line.
  open_points TEXT COLLATE "C" NOT NULL,
  -- Days by material: domain::archive::Retention.
  retention TEXT COLLATE "C" NOT NULL,
  asked_by BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  note TEXT COLLATE "C" NOT NULL,
  -- Where the building is: section, and the last row of it that is in a file. Goes on from there after a crash.
  section TEXT COLLATE "C" NOT NULL,
  reached TEXT COLLATE "C" NOT NULL,
  files BIGINT NOT NULL,
  built_at BIGINT,
  -- SHA-256 of the list of all files.
  contents_hash TEXT COLLATE "C" NOT NULL,
  handed_by BIGINT,
  handed_at BIGINT,
  receiver TEXT COLLATE "C" NOT NULL,
  -- 暂缓清除.
  held_by BIGINT,
  held_at BIGINT,
  hold_reason TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  CHECK (decided_by IS NULL OR decided_by <> asked_by)
);
-- One that counts for each exam.
CREATE UNIQUE INDEX exam_archive_live ON exam_archive (exam_id) WHERE state IN ('asked', 'building', 'built', 'handed');
CREATE INDEX exam_archive_state ON exam_archive (state, id);

-- owner: archive
CREATE TABLE archive_file (
  archive_id BIGINT NOT NULL REFERENCES exam_archive (id),
  seq BIGINT NOT NULL,
  section TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  media_type TEXT COLLATE "C" NOT NULL,
  object_id BIGINT NOT NULL REFERENCES object (id),
  entries BIGINT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  taken BIGINT NOT NULL,
  PRIMARY KEY (archive_id, seq)
);

-- owner: archive
-- What goes when, and what went: the certificate is made of these rows.
CREATE TABLE archive_purge (
  archive_id BIGINT NOT NULL REFERENCES exam_archive (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('package', 'attachments', 'uploads', 'old_photos', 'content')),
  due_at BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
  -- The last row that was dealt with.
  reached TEXT COLLATE "C" NOT NULL,
  removed BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  -- SHA-256 over what was removed, chunk by chunk.
  digest TEXT COLLATE "C" NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (archive_id, kind)
);
CREATE INDEX archive_purge_due ON archive_purge (due_at, archive_id) WHERE state <> 'done';
