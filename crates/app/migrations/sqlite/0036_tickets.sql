-- oldest binary: 33
-- 准考证: one number to an application, files that were set before they are asked for, templates of an exam.

CREATE UNIQUE INDEX ticket_number_one ON ticket_number (application_id);
DROP INDEX ticket_number_of;

-- owner: ticket
-- A cache: what is lost is set again. The content is sealed in the object store; backups leave it out.
CREATE TABLE ticket_file (
  application_id INTEGER NOT NULL PRIMARY KEY,
  exam_id INTEGER NOT NULL,
  -- Of all that is printed: another digest, another ticket.
  digest TEXT NOT NULL,
  path TEXT NOT NULL,
  size INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_file_expires ON ticket_file (expires_at, application_id);
CREATE INDEX ticket_file_exam ON ticket_file (exam_id, application_id);

-- owner: ticket
-- 预生成: how far the job is.
CREATE TABLE ticket_bake (
  exam_id INTEGER NOT NULL PRIMARY KEY REFERENCES exam (id),
  id INTEGER NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  -- Of plan, settings and template, each with its version: what the files are made of.
  stamp TEXT NOT NULL,
  reached INTEGER NOT NULL,
  made INTEGER NOT NULL,
  total INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;

-- owner: ticket
CREATE TABLE ticket_template (
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'used', 'replaced', 'dropped')),
  source TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  used_by INTEGER,
  used_at INTEGER,
  PRIMARY KEY (exam_id, version)
) STRICT;
CREATE UNIQUE INDEX ticket_template_used ON ticket_template (exam_id) WHERE state = 'used';
