-- 诚信档案 as the office keeps it: whose decision a record stands on, and how it was lifted.
ALTER TABLE integrity_record ADD COLUMN public_id TEXT;
ALTER TABLE integrity_record ADD COLUMN source TEXT;
ALTER TABLE integrity_record ADD COLUMN lifted_at INTEGER;
ALTER TABLE integrity_record ADD COLUMN lifted_by INTEGER;
ALTER TABLE integrity_record ADD COLUMN lift_reason TEXT;
UPDATE integrity_record SET public_id = lower(hex(randomblob(8)));
CREATE UNIQUE INDEX integrity_record_public ON integrity_record (public_id);
