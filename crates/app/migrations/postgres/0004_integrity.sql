-- 诚信档案 as the office keeps it: whose decision a record stands on, and how it was lifted.
ALTER TABLE integrity_record ADD COLUMN public_id TEXT COLLATE "C";
ALTER TABLE integrity_record ADD COLUMN source TEXT COLLATE "C";
ALTER TABLE integrity_record ADD COLUMN lifted_at BIGINT;
ALTER TABLE integrity_record ADD COLUMN lifted_by BIGINT;
ALTER TABLE integrity_record ADD COLUMN lift_reason TEXT COLLATE "C";
UPDATE integrity_record SET public_id = substr(md5(random()::text || id::text), 1, 16);
CREATE UNIQUE INDEX integrity_record_public ON integrity_record (public_id);
