-- oldest binary: 33
-- 准考证: one number to an application, files that were set before they are asked for, templates of an exam.

CREATE UNIQUE INDEX ticket_number_one ON ticket_number (application_id);
DROP INDEX ticket_number_of;

-- owner: ticket
-- A cache: what is lost is set again. The content is sealed in the object store; backups leave it out.
CREATE TABLE ticket_file (
  application_id BIGINT NOT NULL PRIMARY KEY,
  exam_id BIGINT NOT NULL,
  -- Of all that is printed: another digest, another ticket.
  digest TEXT COLLATE "C" NOT NULL,
  path TEXT COLLATE "C" NOT NULL,
  size BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX ticket_file_expires ON ticket_file (expires_at, application_id);
CREATE INDEX ticket_file_exam ON ticket_file (exam_id, application_id);

-- owner: ticket
-- 预生成: how far the job is.
CREATE TABLE ticket_bake (
  exam_id BIGINT NOT NULL PRIMARY KEY REFERENCES exam (id),
  id BIGINT NOT NULL UNIQUE,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done')),
  -- Of plan, settings and template, each with its version: what the files are made of.
  stamp TEXT COLLATE "C" NOT NULL,
  reached BIGINT NOT NULL,
  made BIGINT NOT NULL,
  total BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  finished_at BIGINT
);

-- owner: ticket
CREATE TABLE ticket_template (
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  version BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'used', 'replaced', 'dropped')),
  source TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  used_by BIGINT,
  used_at BIGINT,
  PRIMARY KEY (exam_id, version)
);
CREATE UNIQUE INDEX ticket_template_used ON ticket_template (exam_id) WHERE state = 'used';
