-- owner: carried
-- 老考生档案: an upload of passes from earlier years. Its rows count only while carried_current points to it.
CREATE TABLE carried_import (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  version BIGINT NOT NULL CHECK (version > 0),
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'staged', 'current', 'replaced', 'retracted', 'discarded')),
  file_name TEXT COLLATE "C" NOT NULL,
  file_hash TEXT COLLATE "C" NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_bad BIGINT NOT NULL,
  people BIGINT NOT NULL,
  passes BIGINT NOT NULL,
  lapsed BIGINT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_by BIGINT,
  confirmed_at BIGINT,
  -- Who took it out of use: by another file, or withdrawn with a reason.
  ended_by BIGINT,
  ended_at BIGINT,
  reason TEXT COLLATE "C",
  UNIQUE (exam_id, version),
  CHECK (rows_read = rows_good + rows_bad)
);

-- owner: carried
CREATE TABLE carried_problem (
  import_id BIGINT NOT NULL REFERENCES carried_import (id),
  item BIGINT NOT NULL,
  line BIGINT NOT NULL,
  severity TEXT COLLATE "C" NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (import_id, item)
);

-- owner: carried
-- A person at one level and specialty. The document's number is sealed; it is found by its keyed index.
CREATE TABLE carried_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  import_id BIGINT NOT NULL REFERENCES carried_import (id),
  line BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  id_type TEXT COLLATE "C" NOT NULL,
  id_number BYTEA NOT NULL,
  id_index BYTEA NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  specialty TEXT COLLATE "C" NOT NULL,
  archive_no TEXT COLLATE "C" NOT NULL,
  holds BIGINT NOT NULL CHECK (holds IN (0, 1)),
  passes TEXT COLLATE "C" NOT NULL,
  -- The same for all entries of a person, and another one as soon as any of them differs.
  seal TEXT COLLATE "C" NOT NULL,
  UNIQUE (import_id, id_index, level, specialty)
);
CREATE INDEX carried_entry_order ON carried_entry (import_id, id);
CREATE INDEX carried_entry_name ON carried_entry (import_id, name, id);

-- owner: carried
-- The file that counts for an exam: importing and withdrawing move this row and nothing else.
CREATE TABLE carried_current (
  exam_id BIGINT NOT NULL PRIMARY KEY REFERENCES exam (id),
  import_id BIGINT NOT NULL REFERENCES carried_import (id)
);

-- owner: application
-- What the file said when an application was saved; the whole answer is in its snapshot.
CREATE TABLE application_carried (
  application_id BIGINT NOT NULL PRIMARY KEY REFERENCES application (id),
  exam_id BIGINT NOT NULL,
  standing TEXT COLLATE "C" NOT NULL CHECK (standing IN ('new', 'returning', 'differs', 'unchecked')),
  -- 0 and an empty seal: there was no file, or it had nothing about him.
  import_id BIGINT NOT NULL,
  seal TEXT COLLATE "C" NOT NULL
);
CREATE INDEX application_carried_exam ON application_carried (exam_id, application_id);
