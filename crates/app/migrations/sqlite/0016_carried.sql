-- owner: carried
-- 老考生档案: an upload of passes from earlier years. Its rows count only while carried_current points to it.
CREATE TABLE carried_import (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  version INTEGER NOT NULL CHECK (version > 0),
  state TEXT NOT NULL CHECK (state IN ('staging', 'staged', 'current', 'replaced', 'retracted', 'discarded')),
  file_name TEXT NOT NULL,
  file_hash TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_good INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  people INTEGER NOT NULL,
  passes INTEGER NOT NULL,
  lapsed INTEGER NOT NULL,
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_by INTEGER,
  confirmed_at INTEGER,
  -- Who took it out of use: by another file, or withdrawn with a reason.
  ended_by INTEGER,
  ended_at INTEGER,
  reason TEXT,
  UNIQUE (exam_id, version),
  CHECK (rows_read = rows_good + rows_bad)
) STRICT;

-- owner: carried
CREATE TABLE carried_problem (
  import_id INTEGER NOT NULL REFERENCES carried_import (id),
  item INTEGER NOT NULL,
  line INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
  field TEXT NOT NULL,
  cell TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (import_id, item)
) STRICT;

-- owner: carried
-- A person at one level and specialty. The document's number is sealed; it is found by its keyed index.
CREATE TABLE carried_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  import_id INTEGER NOT NULL REFERENCES carried_import (id),
  line INTEGER NOT NULL,
  name TEXT NOT NULL,
  id_type TEXT NOT NULL,
  id_number BLOB NOT NULL,
  id_index BLOB NOT NULL,
  level TEXT NOT NULL,
  specialty TEXT NOT NULL,
  archive_no TEXT NOT NULL,
  holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
  passes TEXT NOT NULL,
  -- The same for all entries of a person, and another one as soon as any of them differs.
  seal TEXT NOT NULL,
  UNIQUE (import_id, id_index, level, specialty)
) STRICT;
CREATE INDEX carried_entry_order ON carried_entry (import_id, id);
CREATE INDEX carried_entry_name ON carried_entry (import_id, name, id);

-- owner: carried
-- The file that counts for an exam: importing and withdrawing move this row and nothing else.
CREATE TABLE carried_current (
  exam_id INTEGER NOT NULL PRIMARY KEY REFERENCES exam (id),
  import_id INTEGER NOT NULL REFERENCES carried_import (id)
) STRICT;

-- owner: application
-- What the file said when an application was saved; the whole answer is in its snapshot.
CREATE TABLE application_carried (
  application_id INTEGER NOT NULL PRIMARY KEY REFERENCES application (id),
  exam_id INTEGER NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('new', 'returning', 'differs', 'unchecked')),
  -- 0 and an empty seal: there was no file, or it had nothing about him.
  import_id INTEGER NOT NULL,
  seal TEXT NOT NULL
) STRICT;
CREATE INDEX application_carried_exam ON application_carried (exam_id, application_id);
