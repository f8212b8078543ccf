-- A list of the collection bank is of any length: it is kept as it came, and read in by chunks.

-- What its lines say: the same list is taken once. NULL in those that were taken before.
ALTER TABLE nontax_batch ADD COLUMN file_hash TEXT;
-- How many of its lines are stored: it waits for a second person once all are. NULL in those that were taken before.
ALTER TABLE nontax_batch ADD COLUMN stored INTEGER;
ALTER TABLE nontax_batch ADD COLUMN object_id INTEGER REFERENCES object (id);
CREATE UNIQUE INDEX nontax_batch_file ON nontax_batch (file_hash) WHERE file_hash IS NOT NULL AND state <> 'refused';
CREATE INDEX nontax_batch_object ON nontax_batch (object_id) WHERE object_id IS NOT NULL;
