-- oldest binary: 33
-- 成绩单核验: what the code on a printed score sheet stands for.

-- owner: score
-- One code for a candidate's scores in a batch, however often they are printed. 80 random bits: nobody finds another's.
CREATE TABLE score_sheet (
  code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  batch_id BIGINT NOT NULL REFERENCES score_batch (id),
  application_id BIGINT NOT NULL,
  -- The first time.
  printed_at BIGINT NOT NULL,
  times BIGINT NOT NULL,
  UNIQUE (batch_id, application_id)
);
