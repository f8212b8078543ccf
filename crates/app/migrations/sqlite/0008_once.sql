-- One open request of a kind for one thing, and one standing record of a kind against one person from one day: whoever asks or
-- enters at the same moment as another looks before either is there. Doubles that came about so far end here, and the first stands.
UPDATE approval SET state = 'withdrawn', note = '重复申请，升级时自动撤回'
  WHERE state = 'open' AND id > (SELECT MIN(o.id) FROM approval o
    WHERE o.kind = approval.kind AND o.object_id = approval.object_id AND o.state = 'open');
CREATE UNIQUE INDEX approval_open ON approval (kind, object_id) WHERE state = 'open';
UPDATE integrity_record SET lifted_at = created_at, lift_reason = '重复登记，升级时自动解除'
  WHERE lifted_at IS NULL AND id > (SELECT MIN(o.id) FROM integrity_record o
    WHERE o.id_index = integrity_record.id_index AND o.kind = integrity_record.kind
    AND o.starts_on = integrity_record.starts_on AND o.lifted_at IS NULL);
CREATE UNIQUE INDEX integrity_record_standing ON integrity_record (id_index, kind, starts_on) WHERE lifted_at IS NULL;
