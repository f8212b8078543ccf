-- oldest binary: 33
-- 入场核验: which site a mark belongs to, so that the phones of one site hear of each other without reading the others'.

ALTER TABLE door_mark ADD COLUMN site_no INTEGER;
CREATE INDEX door_mark_site ON door_mark (exam_id, site_no, received_at);
