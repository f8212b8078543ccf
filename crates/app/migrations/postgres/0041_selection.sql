-- oldest binary: 33
-- 面试与聘用: lists that are made, checked and published, and everybody who is on one.

-- owner: selection
-- A list: 入围名单, 总成绩, 体检名单, 聘用名单. At most one of a kind is in force.
CREATE TABLE selection_round (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('shortlist', 'total', 'medical', 'hire')),
  version BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('staging', 'draft', 'checked', 'published', 'superseded', 'discarded')),
  -- What it was made of: the batch of scores, the plan of the interviews, or the list before it; 0 where there is none.
  basis BIGINT NOT NULL,
  -- SelectionRules as JSON, as they were applied.
  rules TEXT COLLATE "C" NOT NULL,
  -- SHA-256 over the rows in their order; empty while they are written.
  digest TEXT COLLATE "C" NOT NULL,
  people BIGINT NOT NULL,
  excluded BIGINT NOT NULL,
  positions BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_by BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  checked_by BIGINT,
  checked_at BIGINT,
  published_by BIGINT,
  published_at BIGINT,
  visible_at BIGINT,
  -- The last application that was dealt with once the list was in force, and how many were.
  reached BIGINT NOT NULL,
  carried BIGINT NOT NULL,
  carried_at BIGINT,
  dropped_by BIGINT,
  dropped_at BIGINT,
  dropped_why TEXT COLLATE "C",
  UNIQUE (exam_id, kind, version),
  CHECK (checked_by IS NULL OR checked_by <> made_by)
);
CREATE UNIQUE INDEX selection_round_live ON selection_round (exam_id, kind) WHERE state = 'published';
CREATE UNIQUE INDEX selection_round_open ON selection_round (exam_id, kind) WHERE state IN ('staging', 'draft', 'checked');
CREATE INDEX selection_round_due ON selection_round (visible_at, id) WHERE state = 'published' AND carried_at IS NULL;

-- owner: selection
-- A line of a list. Who is far behind the last place isn't kept: he can be computed anew from the basis.
CREATE TABLE selection_row (
  round_id BIGINT NOT NULL REFERENCES selection_round (id),
  position_id BIGINT NOT NULL,
  application_id BIGINT NOT NULL,
  -- 0: not ranked.
  rank BIGINT NOT NULL,
  total TEXT COLLATE "C" NOT NULL,
  written TEXT COLLATE "C" NOT NULL,
  interview TEXT COLLATE "C" NOT NULL,
  verdict TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('in', 'tie', 'excluded', 'beyond')),
  why TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (round_id, application_id)
);
CREATE INDEX selection_row_order ON selection_row (round_id, position_id, rank, application_id);

-- owner: selection
-- Somebody who is on a list or follows somebody of it. Made when the list is in force, never before.
CREATE TABLE contender (
  application_id BIGINT NOT NULL PRIMARY KEY REFERENCES application (id),
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  exam_id BIGINT NOT NULL REFERENCES exam (id),
  position_id BIGINT NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  -- The list that called him last; 0: he follows somebody.
  round_id BIGINT NOT NULL,
  entry TEXT COLLATE "C" NOT NULL CHECK (entry IN ('call', 'offer')),
  rank BIGINT NOT NULL,
  written TEXT COLLATE "C" NOT NULL,
  interview TEXT COLLATE "C" NOT NULL,
  total TEXT COLLATE "C" NOT NULL,
  final_rank BIGINT NOT NULL,
  stage TEXT COLLATE "C" NOT NULL CHECK (stage IN ('offered', 'called', 'qualified', 'interviewed', 'medical', 'medical_again', 'background',
    'proposed', 'announced', 'hired', 'out')),
  -- The stage that somebody who is out has left, and the event that took him out.
  left_stage TEXT COLLATE "C" NOT NULL,
  left_why TEXT COLLATE "C" NOT NULL,
  -- Until when somebody who is asked has to answer.
  due_at BIGINT,
  signed_at BIGINT,
  signed_by BIGINT,
  -- Before the interview or after it; empty for who follows nobody.
  promoted TEXT COLLATE "C" NOT NULL CHECK (promoted IN ('', 'interview', 'medical')),
  -- How often his post was filled again after the interview.
  promote_round BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  CHECK ((stage = 'out') = (left_stage <> '')),
  CHECK ((stage = 'offered') = (due_at IS NOT NULL))
);
CREATE INDEX contender_all ON contender (exam_id, application_id);
CREATE INDEX contender_list ON contender (exam_id, stage, application_id);
CREATE INDEX contender_position ON contender (position_id, stage, application_id);
CREATE INDEX contender_unit ON contender (exam_id, unit, application_id);
CREATE INDEX contender_due ON contender (due_at, application_id) WHERE due_at IS NOT NULL;
CREATE INDEX contender_name ON contender (name, exam_id, application_id);

-- owner: selection
-- What happened to somebody, in order. What takes two people is asked for first.
CREATE TABLE contender_step (
  id BIGINT NOT NULL PRIMARY KEY,
  public_id TEXT COLLATE "C" NOT NULL UNIQUE,
  application_id BIGINT NOT NULL REFERENCES contender (application_id),
  exam_id BIGINT NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  from_stage TEXT COLLATE "C" NOT NULL,
  to_stage TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  -- The second person's word.
  note TEXT COLLATE "C" NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  -- 0: nobody of the staff.
  asked_by BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('asked', 'done', 'refused')),
  CHECK (decided_by IS NULL OR decided_by <> asked_by),
  CHECK ((state = 'asked') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX contender_step_open ON contender_step (application_id) WHERE state = 'asked';
CREATE INDEX contender_step_of ON contender_step (application_id, id);
CREATE INDEX contender_step_waits ON contender_step (exam_id, state, id);
