//! The statements about who reaches what, and the trail (23 to 34).

use db::sql;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 23,
        name: "缴费单、照片、材料都属于报名者本人",
        examined: sql!(
            "SELECT (SELECT COUNT(*) FROM payment_order) + (SELECT COUNT(*) FROM application)"
        ),
        broken: sql!(
            "SELECT o.order_no FROM payment_order o JOIN application a ON a.id = o.application_id \
             WHERE o.account_id <> a.account_id OR o.exam_id <> a.exam_id \
             UNION ALL SELECT a.registration_no FROM application a JOIN photo p ON p.id = a.photo_id \
             WHERE p.account_id <> a.account_id \
             UNION ALL SELECT a.registration_no FROM application_file f JOIN application a ON a.id = f.application_id \
             JOIN object b ON b.id = f.object_id WHERE b.owner_kind <> 'account' OR b.owner_id <> a.account_id \
             UNION ALL SELECT a.registration_no FROM fee_waiver w JOIN application a ON a.id = w.application_id \
             LEFT JOIN fee_waiver_file f ON f.waiver_id = w.id LEFT JOIN object b ON b.id = f.object_id \
             WHERE w.account_id <> a.account_id OR w.exam_id <> a.exam_id OR b.owner_id <> a.account_id \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 25,
        name: "没有激活的注册没有密码，激活过的没有激活凭据",
        examined: sql!("SELECT COUNT(*) FROM account WHERE state IN ('pending', 'active')"),
        broken: sql!(
            "SELECT CAST(id AS TEXT) FROM account WHERE (state = 'pending' \
             AND (password_hash IS NOT NULL OR activation_expires_at IS NULL)) OR (state = 'active' \
             AND (password_hash IS NULL OR activation_cookie_hash IS NOT NULL OR activation_code_hash IS NOT NULL OR lapses_at IS NOT NULL)) \
             OR (lapses_at IS NOT NULL AND (legacy_import_id IS NULL OR activation_cookie_hash IS NOT NULL)) \
             ORDER BY id LIMIT 1000"
        ),
    },
    Check {
        number: 26,
        name: "停用的账号没有还能用的会话",
        examined: sql!("SELECT COUNT(*) FROM session"),
        broken: sql!(
            "SELECT CAST(s.id AS TEXT) FROM session s JOIN account a ON a.id = s.subject_id \
             WHERE s.kind IN ('candidate', 'activation') AND s.epoch = a.epoch AND a.state IN ('frozen', 'lapsed', 'closed') \
             UNION ALL SELECT CAST(s.id AS TEXT) FROM session s JOIN staff w ON w.id = s.subject_id \
             WHERE s.kind IN ('staff', 'staff_half') AND s.epoch = w.epoch AND w.state = 'disabled' \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 29,
        name: "写着已清除的都已清除，没有移交的都还在",
        examined: sql!("SELECT COUNT(*) FROM archive_purge"),
        broken: sql!(
            "SELECT e.code || ' ' || a.registration_no FROM archive_purge p JOIN exam_archive x ON x.id = p.archive_id \
             JOIN exam e ON e.id = x.exam_id JOIN application a ON a.exam_id = x.exam_id AND a.life <> 'draft' \
             WHERE p.kind = 'content' AND p.state = 'done' AND LENGTH(a.snapshot) > 0 \
             UNION ALL SELECT e.code || ' ' || o.public_id FROM archive_purge p JOIN exam_archive x ON x.id = p.archive_id \
             JOIN exam e ON e.id = x.exam_id JOIN application a ON a.exam_id = x.exam_id AND a.life <> 'draft' \
             JOIN application_file f ON f.application_id = a.id JOIN object o ON o.id = f.object_id \
             WHERE p.kind = 'attachments' AND p.state = 'done' AND o.size > 0 \
             UNION ALL SELECT e.code || ' ' || o.public_id FROM archive_purge p JOIN exam_archive x ON x.id = p.archive_id \
             JOIN exam e ON e.id = x.exam_id JOIN fee_waiver w ON w.exam_id = x.exam_id \
             JOIN fee_waiver_file f ON f.waiver_id = w.id JOIN object o ON o.id = f.object_id \
             WHERE p.kind = 'attachments' AND p.state = 'done' AND o.size > 0 \
             UNION ALL SELECT e.code || ' ' || o.public_id FROM archive_purge p JOIN exam_archive x ON x.id = p.archive_id \
             JOIN exam e ON e.id = x.exam_id JOIN archive_file f ON f.archive_id = x.id JOIN object o ON o.id = f.object_id \
             WHERE p.kind = 'package' AND ((p.state = 'done') = (o.size > 0)) AND p.state <> 'running' \
             UNION ALL SELECT e.code || ' ' || p.kind FROM archive_purge p JOIN exam_archive x ON x.id = p.archive_id \
             JOIN exam e ON e.id = x.exam_id WHERE p.state <> 'waiting' AND x.state <> 'handed' \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 30,
        name: "报名的每一步都有操作日志",
        examined: sql!("SELECT COUNT(*) FROM application_event"),
        broken: sql!(
            "SELECT a.registration_no FROM application a \
             LEFT JOIN (SELECT application_id, COUNT(*) AS steps FROM application_event GROUP BY application_id) e \
             ON e.application_id = a.id \
             LEFT JOIN (SELECT object_id, COUNT(*) AS entries FROM audit_entry WHERE action = 'application.advance' \
             GROUP BY object_id) l ON l.object_id = a.id \
             WHERE COALESCE(e.steps, 0) <> COALESCE(l.entries, 0) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 13,
        name: "要求核验通过的报名，保存时都有一致的结果，不一致的没有",
        examined: sql!("SELECT COUNT(*) FROM application_check"),
        broken: sql!(
            "SELECT a.registration_no || ' ' || c.kind FROM application_check c JOIN application a ON a.id = c.application_id \
             WHERE (c.demand = 'needed' AND COALESCE(c.verdict, '') <> 'match') OR (c.demand = 'asked' AND c.verdict = 'mismatch') \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 24,
        name: "人工认定的核验都由两人办理，导入的结果每个人都有",
        examined: sql!("SELECT COUNT(*) FROM check_item"),
        broken: sql!(
            "SELECT i.public_id FROM check_item i LEFT JOIN approval a ON a.public_id = i.reference AND a.kind = 'check_overrule' \
             AND a.state = 'approved' AND a.decided_by <> a.requested_by WHERE i.source = 'staff' AND a.id IS NULL \
             UNION ALL SELECT i.public_id FROM check_item i JOIN check_batch b ON b.id = i.batch_id AND b.state = 'answered' \
             WHERE i.verdict IS NULL AND (i.replaced_at IS NULL OR i.replaced_at > b.answered_at) AND NOT EXISTS (SELECT 1 \
             FROM check_result r WHERE r.item_id = i.id AND r.batch_id = b.id AND r.upload = b.upload) ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 32,
        name: "短信发出的有时间，没发出的有原因",
        examined: sql!("SELECT COUNT(*) FROM outbox_message"),
        broken: sql!(
            "SELECT CAST(id AS TEXT) FROM outbox_message WHERE (state = 'sent' AND sent_at IS NULL) \
             OR (state = 'failed' AND error = '') ORDER BY id LIMIT 1000"
        ),
    },
];
