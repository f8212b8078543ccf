-- A day whose books moved after its bill was compared is compared again; NULL where they didn't.
ALTER TABLE bill ADD COLUMN stale_at BIGINT;
-- 缴库: the sum that was handed over. NULL before, and where it wasn't written down.
ALTER TABLE bill ADD COLUMN handed_amount BIGINT;
