//! The statements about applications: one per person, positions, steps, decisions (8 to 15).

use db::sql;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 8,
        name: "缴费单的状态与入账相符",
        examined: sql!("SELECT COUNT(*) FROM payment_order"),
        broken: sql!(
            "SELECT order_no FROM payment_order WHERE (state IN ('paid', 'refunding', 'refunded', 'part_refunded') \
             AND (credited_attempt IS NULL OR paid_at IS NULL)) \
             OR (state IN ('unpaid', 'paying', 'voided', 'expired') AND credited_attempt IS NOT NULL) ORDER BY id LIMIT 1000"
        ),
    },
    Check {
        number: 8,
        name: "报名的状态自洽，都从提交开始",
        examined: sql!("SELECT COUNT(*) FROM application"),
        broken: sql!(
            "SELECT a.registration_no FROM application a LEFT JOIN (SELECT application_id, COUNT(*) AS times \
             FROM application_event WHERE event = 'submit' GROUP BY application_id) s ON s.application_id = a.id \
             WHERE (a.life <> 'ended' AND a.end_reason <> '') OR (a.life = 'ended' AND a.end_reason = '') \
             OR (a.payment IN ('paid', 'refunding') AND a.paid_at IS NULL) \
             OR (a.life <> 'draft' AND COALESCE(s.times, 0) <> 1) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 9,
        name: "一个人在一次考试中只有一个有效报名",
        examined: sql!("SELECT COUNT(*) FROM application WHERE life IN ('draft', 'live')"),
        broken: sql!(
            "SELECT MIN(p.registration_no) FROM application p JOIN account a ON a.id = p.account_id \
             WHERE p.life IN ('draft', 'live') GROUP BY p.exam_id, a.id_type, a.id_index HAVING COUNT(*) > 1 \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 9,
        name: "一个证件号只有一个使用中的账号",
        examined: sql!(
            "SELECT COUNT(*) FROM account WHERE state IN ('pending', 'active', 'frozen')"
        ),
        broken: sql!(
            "SELECT CAST(MIN(id) AS TEXT) FROM account WHERE state IN ('pending', 'active', 'frozen') \
             GROUP BY id_type, id_index HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 10,
        name: "岗位取消后，已缴的费用已退或正在退",
        examined: sql!(
            "SELECT COUNT(*) FROM application WHERE life = 'ended' AND end_reason = 'position_cancelled'"
        ),
        // What the channel refused to send back is in the hands of finance, as a discrepancy.
        broken: sql!(
            "SELECT a.registration_no FROM application a WHERE a.life = 'ended' AND a.end_reason = 'position_cancelled' \
             AND a.payment = 'paid' AND NOT EXISTS (SELECT 1 FROM payment_order o JOIN discrepancy d ON d.order_id = o.id \
             AND d.kind IN ('refund_failed', 'refund_after_close') WHERE o.application_id = a.id) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 10,
        name: "岗位表的更正都写明原因并有补充公告，以最后公布的为准",
        examined: sql!("SELECT COUNT(*) FROM position_amendment WHERE state = 'published'"),
        broken: sql!(
            "SELECT m.public_id FROM position_amendment m JOIN exam e ON e.id = m.exam_id WHERE m.state = 'published' \
             AND (m.reason = '' OR m.published_at IS NULL OR COALESCE(e.positions_amendment, 0) < m.id \
             OR NOT EXISTS (SELECT 1 FROM announcement n WHERE n.id = m.announcement_id)) ORDER BY m.id LIMIT 1000"
        ),
    },
    Check {
        number: 11,
        name: "岗位名额不超限，且与报名逐条相符",
        examined: sql!("SELECT COUNT(*) FROM position"),
        broken: sql!(
            "SELECT p.code FROM position p \
             LEFT JOIN (SELECT position_id, COUNT(*) AS live FROM application \
             WHERE life = 'live' AND position_id IS NOT NULL GROUP BY position_id) a ON a.position_id = p.id \
             WHERE p.taken <> COALESCE(a.live, 0) OR (p.capacity IS NOT NULL AND p.taken > p.capacity) \
             ORDER BY p.id LIMIT 1000"
        ),
    },
    Check {
        number: 11,
        name: "岗位的实时统计与报名逐条相符",
        examined: sql!("SELECT COUNT(*) FROM position_count"),
        broken: sql!(
            "SELECT p.code FROM position p LEFT JOIN (SELECT position_id, SUM(applied) AS applied, SUM(pending) AS \
             pending, SUM(first_approved) AS first_approved, SUM(returned) AS returned, SUM(rejected) AS rejected, \
             SUM(appealed) AS appealed, SUM(approved) AS approved, SUM(due) AS due, SUM(paid) AS paid FROM (SELECT \
             position_id, applied, pending, first_approved, returned, rejected, appealed, approved, due, paid FROM \
             position_count UNION ALL SELECT position_id, applied, pending, first_approved, returned, rejected, \
             appealed, approved, due, paid FROM application_delta) AS both_tables GROUP BY position_id) c ON \
             c.position_id = p.id LEFT JOIN (SELECT position_id, COUNT(*) AS applied, SUM(CASE WHEN review = 'pending' \
             THEN 1 ELSE 0 END) AS pending, SUM(CASE WHEN review = 'first_approved' THEN 1 ELSE 0 END) AS \
             first_approved, SUM(CASE WHEN review = 'returned' THEN 1 ELSE 0 END) AS returned, SUM(CASE WHEN review = \
             'rejected' THEN 1 ELSE 0 END) AS rejected, SUM(CASE WHEN review = 'appealed' THEN 1 ELSE 0 END) AS \
             appealed, SUM(CASE WHEN review = 'approved' THEN 1 ELSE 0 END) AS approved, SUM(CASE WHEN payment = 'due' \
             THEN 1 ELSE 0 END) AS due, SUM(CASE WHEN payment IN ('paid', 'waived') THEN 1 ELSE 0 END) AS paid FROM \
             application WHERE life = 'live' AND position_id IS NOT NULL GROUP BY position_id) a ON a.position_id = \
             p.id WHERE COALESCE(c.applied, 0) <> COALESCE(a.applied, 0) OR COALESCE(c.pending, 0) <> \
             COALESCE(a.pending, 0) OR COALESCE(c.first_approved, 0) <> COALESCE(a.first_approved, 0) OR \
             COALESCE(c.returned, 0) <> COALESCE(a.returned, 0) OR COALESCE(c.rejected, 0) <> COALESCE(a.rejected, 0) \
             OR COALESCE(c.appealed, 0) <> COALESCE(a.appealed, 0) OR COALESCE(c.approved, 0) <> COALESCE(a.approved, \
             0) OR COALESCE(c.due, 0) <> COALESCE(a.due, 0) OR COALESCE(c.paid, 0) <> COALESCE(a.paid, 0) ORDER BY \
             p.id LIMIT 1000"
        ),
    },
    Check {
        number: 11,
        name: "考试和单位的实时统计与报名逐条相符",
        examined: sql!("SELECT COUNT(*) FROM unit_count"),
        broken: sql!(
            "SELECT e.code FROM exam e JOIN (SELECT exam_id, unit FROM unit_count UNION SELECT exam_id, unit FROM \
             application_delta UNION SELECT exam_id, unit FROM application WHERE life = 'live') k ON k.exam_id = e.id \
             LEFT JOIN (SELECT exam_id, unit, SUM(applied) AS applied, SUM(pending) AS pending, SUM(first_approved) AS \
             first_approved, SUM(returned) AS returned, SUM(rejected) AS rejected, SUM(appealed) AS appealed, \
             SUM(approved) AS approved, SUM(due) AS due, SUM(paid) AS paid FROM (SELECT exam_id, unit, applied, \
             pending, first_approved, returned, rejected, appealed, approved, due, paid FROM unit_count UNION ALL \
             SELECT exam_id, unit, applied, pending, first_approved, returned, rejected, appealed, approved, due, paid \
             FROM application_delta) AS both_tables GROUP BY exam_id, unit) c ON c.exam_id = k.exam_id AND c.unit = \
             k.unit LEFT JOIN (SELECT exam_id, unit, COUNT(*) AS applied, SUM(CASE WHEN review = 'pending' THEN 1 ELSE \
             0 END) AS pending, SUM(CASE WHEN review = 'first_approved' THEN 1 ELSE 0 END) AS first_approved, SUM(CASE \
             WHEN review = 'returned' THEN 1 ELSE 0 END) AS returned, SUM(CASE WHEN review = 'rejected' THEN 1 ELSE 0 \
             END) AS rejected, SUM(CASE WHEN review = 'appealed' THEN 1 ELSE 0 END) AS appealed, SUM(CASE WHEN review \
             = 'approved' THEN 1 ELSE 0 END) AS approved, SUM(CASE WHEN payment = 'due' THEN 1 ELSE 0 END) AS due, \
             SUM(CASE WHEN payment IN ('paid', 'waived') THEN 1 ELSE 0 END) AS paid FROM application WHERE life = \
             'live' GROUP BY exam_id, unit) a ON a.exam_id = k.exam_id AND a.unit = k.unit WHERE COALESCE(c.applied, \
             0) <> COALESCE(a.applied, 0) OR COALESCE(c.pending, 0) <> COALESCE(a.pending, 0) OR \
             COALESCE(c.first_approved, 0) <> COALESCE(a.first_approved, 0) OR COALESCE(c.returned, 0) <> \
             COALESCE(a.returned, 0) OR COALESCE(c.rejected, 0) <> COALESCE(a.rejected, 0) OR COALESCE(c.appealed, 0) \
             <> COALESCE(a.appealed, 0) OR COALESCE(c.approved, 0) <> COALESCE(a.approved, 0) OR COALESCE(c.due, 0) <> \
             COALESCE(a.due, 0) OR COALESCE(c.paid, 0) <> COALESCE(a.paid, 0) ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 12,
        name: "准考证只在规定的时间内打印",
        examined: sql!("SELECT COUNT(*) FROM ticket_print"),
        broken: sql!(
            "SELECT a.registration_no FROM ticket_print t JOIN application a ON a.id = t.application_id \
             JOIN exam e ON e.id = a.exam_id WHERE t.first_at < e.ticket_opens OR t.last_at >= e.ticket_closes \
             ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 13,
        name: "编入考场的有效报名都已通过审核并缴费",
        examined: sql!(
            "SELECT COUNT(*) FROM exam e JOIN seat s ON s.plan_id = e.seat_plan WHERE e.seat_plan <> 0"
        ),
        broken: sql!(
            "SELECT DISTINCT a.registration_no FROM exam e JOIN seat s ON s.plan_id = e.seat_plan \
             JOIN application a ON a.id = s.application_id WHERE e.seat_plan <> 0 AND a.life = 'live' \
             AND (a.payment NOT IN ('none', 'paid', 'waived') OR a.review NOT IN ('none', 'approved')) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 14,
        name: "审核通过的内容就是考生提交的内容",
        examined: sql!(
            "SELECT COUNT(*) FROM application WHERE life = 'live' AND review = 'approved'"
        ),
        broken: sql!(
            "SELECT a.registration_no FROM application a WHERE a.life = 'live' AND a.review = 'approved' \
             AND EXISTS (SELECT 1 FROM review_decision d WHERE d.application_id = a.id) \
             AND NOT EXISTS (SELECT 1 FROM review_decision d WHERE d.application_id = a.id \
             AND d.decision IN ('approve', 'reverse') AND d.snapshot_hash = a.snapshot_hash) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 15,
        name: "退回和不通过都写明了理由",
        examined: sql!("SELECT COUNT(*) FROM review_decision"),
        broken: sql!(
            "SELECT a.registration_no FROM review_decision d JOIN application a ON a.id = d.application_id \
             WHERE d.decision <> 'approve' AND d.reason = '' ORDER BY d.id LIMIT 1000"
        ),
    },
    Check {
        number: 15,
        name: "须两人办理的事由两个人办理",
        examined: sql!(
            "SELECT (SELECT COUNT(*) FROM approval) + (SELECT COUNT(*) FROM account_claim) \
             + (SELECT COUNT(*) FROM refund) + (SELECT COUNT(*) FROM offline_entry)"
        ),
        broken: sql!(
            "SELECT 'approval ' || CAST(id AS TEXT) FROM approval WHERE decided_by = requested_by \
             OR (state IN ('approved', 'rejected') AND decided_by IS NULL) \
             UNION ALL SELECT 'account_claim ' || CAST(id AS TEXT) FROM account_claim WHERE decided_by = checked_by \
             UNION ALL SELECT 'refund ' || refund_no FROM refund WHERE approved_by = requested_by \
             UNION ALL SELECT 'offline_entry ' || document_no FROM offline_entry WHERE decided_by = entered_by \
             OR (state <> 'entered' AND decided_by IS NULL) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
];
