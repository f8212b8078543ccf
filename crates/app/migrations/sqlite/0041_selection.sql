-- oldest binary: 33
-- 面试与聘用: lists that are made, checked and published, and everybody who is on one.

-- owner: selection
-- A list: 入围名单, 总成绩, 体检名单, 聘用名单. At most one of a kind is in force.
CREATE TABLE selection_round (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  kind TEXT NOT NULL CHECK (kind IN ('shortlist', 'total', 'medical', 'hire')),
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staging', 'draft', 'checked', 'published', 'superseded', 'discarded')),
  -- What it was made of: the batch of scores, the plan of the interviews, or the list before it; 0 where there is none.
  basis INTEGER NOT NULL,
  -- SelectionRules as JSON, as they were applied.
  rules TEXT NOT NULL,
  -- SHA-256 over the rows in their order; empty while they are written.
  digest TEXT NOT NULL,
  people INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  positions INTEGER NOT NULL,
  reason TEXT NOT NULL,
  made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  checked_by INTEGER,
  checked_at INTEGER,
  published_by INTEGER,
  published_at INTEGER,
  visible_at INTEGER,
  -- The last application that was dealt with once the list was in force, and how many were.
  reached INTEGER NOT NULL,
  carried INTEGER NOT NULL,
  carried_at INTEGER,
  dropped_by INTEGER,
  dropped_at INTEGER,
  dropped_why TEXT,
  UNIQUE (exam_id, kind, version),
  CHECK (checked_by IS NULL OR checked_by <> made_by)
) STRICT;
CREATE UNIQUE INDEX selection_round_live ON selection_round (exam_id, kind) WHERE state = 'published';
CREATE UNIQUE INDEX selection_round_open ON selection_round (exam_id, kind) WHERE state IN ('staging', 'draft', 'checked');
CREATE INDEX selection_round_due ON selection_round (visible_at, id) WHERE state = 'published' AND carried_at IS NULL;

-- owner: selection
-- A line of a list. Who is far behind the last place isn't kept: he can be computed anew from the basis.
CREATE TABLE selection_row (
  round_id INTEGER NOT NULL REFERENCES selection_round (id),
  position_id INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  -- 0: not ranked.
  rank INTEGER NOT NULL,
  total TEXT NOT NULL,
  written TEXT NOT NULL,
  interview TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('in', 'tie', 'excluded', 'beyond')),
  why TEXT NOT NULL,
  PRIMARY KEY (round_id, application_id)
) STRICT;
CREATE INDEX selection_row_order ON selection_row (round_id, position_id, rank, application_id);

-- owner: selection
-- Somebody who is on a list or follows somebody of it. Made when the list is in force, never before.
CREATE TABLE contender (
  application_id INTEGER NOT NULL PRIMARY KEY REFERENCES application (id),
  public_id TEXT NOT NULL UNIQUE,
  exam_id INTEGER NOT NULL REFERENCES exam (id),
  position_id INTEGER NOT NULL,
  unit TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The list that called him last; 0: he follows somebody.
  round_id INTEGER NOT NULL,
  entry TEXT NOT NULL CHECK (entry IN ('call', 'offer')),
  rank INTEGER NOT NULL,
  written TEXT NOT NULL,
  interview TEXT NOT NULL,
  total TEXT NOT NULL,
  final_rank INTEGER NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('offered', 'called', 'qualified', 'interviewed', 'medical', 'medical_again', 'background',
    'proposed', 'announced', 'hired', 'out')),
  -- The stage that somebody who is out has left, and the event that took him out.
  left_stage TEXT NOT NULL,
  left_why TEXT NOT NULL,
  -- Until when somebody who is asked has to answer.
  due_at INTEGER,
  signed_at INTEGER,
  signed_by INTEGER,
  -- Before the interview or after it; empty for who follows nobody.
  promoted TEXT NOT NULL CHECK (promoted IN ('', 'interview', 'medical')),
  -- How often his post was filled again after the interview.
  promote_round INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK ((stage = 'out') = (left_stage <> '')),
  CHECK ((stage = 'offered') = (due_at IS NOT NULL))
) STRICT;
CREATE INDEX contender_all ON contender (exam_id, application_id);
CREATE INDEX contender_list ON contender (exam_id, stage, application_id);
CREATE INDEX contender_position ON contender (position_id, stage, application_id);
CREATE INDEX contender_unit ON contender (exam_id, unit, application_id);
CREATE INDEX contender_due ON contender (due_at, application_id) WHERE due_at IS NOT NULL;
CREATE INDEX contender_name ON contender (name, exam_id, application_id);

-- owner: selection
-- What happened to somebody, in order. What takes two people is asked for first.
CREATE TABLE contender_step (
  id INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL UNIQUE,
  application_id INTEGER NOT NULL REFERENCES contender (application_id),
  exam_id INTEGER NOT NULL,
  event TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- The second person's word.
  note TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  -- 0: nobody of the staff.
  asked_by INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER,
  state TEXT NOT NULL CHECK (state IN ('asked', 'done', 'refused')),
  CHECK (decided_by IS NULL OR decided_by <> asked_by),
  CHECK ((state = 'asked') = (decided_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX contender_step_open ON contender_step (application_id) WHERE state = 'asked';
CREATE INDEX contender_step_of ON contender_step (application_id, id);
CREATE INDEX contender_step_waits ON contender_step (exam_id, state, id);
