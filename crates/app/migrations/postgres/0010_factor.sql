-- oldest binary: 9
-- A colleague's second factor takes two people as well. Kinds that nothing ever asked for are gone: claims, refunds, scores and
-- windows have ways of their own.
ALTER TABLE approval DROP CONSTRAINT approval_kind_check;
ALTER TABLE approval ADD CONSTRAINT approval_kind_check
  CHECK (kind IN ('identity_correction', 'mobile_change', 'account_recovery', 'staff_factor'));
