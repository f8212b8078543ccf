//! The statements: for each invariant one that counts what it looks at, and one that names what breaks it.

mod postgres;
mod sqlite;

use db::{Backend, DbResult, Query, Sql, p, record, sql};

/// An invariant that two statements check.
pub(super) struct Check {
    pub(super) number: u32,
    pub(super) name: &'static str,
    examined: Sql,
    /// At most a thousand rows of one text.
    broken: Sql,
}

/// Counts, then looks.
pub(super) async fn run(q: &mut impl Query, check: &Check) -> DbResult<(u64, Vec<String>)> {
    let examined: i64 = q.one(check.examined.clone(), p![]).await?;
    let broken = q.rows(check.broken.clone(), p![]).await?;
    Ok((u64::try_from(examined).unwrap_or(0), broken))
}

/// The invariants that SQL alone can check, by their numbers.
pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 1,
        name: "渠道收到的每一笔钱都落在一张已支付的缴费单上，或已发起退款",
        examined: sql!(
            "SELECT COUNT(*) FROM payment_attempt WHERE state IN ('succeeded', 'surplus')"
        ),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t JOIN payment_order o ON o.id = t.order_id \
             WHERE (t.state = 'succeeded' AND (o.credited_attempt IS NULL OR o.credited_attempt <> t.id \
             OR o.state NOT IN ('paid', 'refunding', 'refunded', 'part_refunded', 'hold'))) \
             OR (t.state = 'surplus' AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.attempt_id = t.id) \
             AND NOT EXISTS (SELECT 1 FROM discrepancy d WHERE d.order_id = o.id)) ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 1,
        name: "已缴费的报名都有一张已支付的缴费单",
        examined: sql!("SELECT COUNT(*) FROM application WHERE life = 'live' AND payment = 'paid'"),
        broken: sql!(
            "SELECT a.registration_no FROM application a WHERE a.life = 'live' AND a.payment = 'paid' \
             AND NOT EXISTS (SELECT 1 FROM payment_order o WHERE o.application_id = a.id \
             AND o.state IN ('paid', 'refunding', 'part_refunded', 'hold')) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 2,
        name: "入账的支付都有渠道凭据",
        examined: sql!("SELECT COUNT(*) FROM payment_order WHERE credited_attempt IS NOT NULL"),
        broken: sql!(
            "SELECT o.order_no FROM payment_order o WHERE o.credited_attempt IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM payment_attempt t JOIN gateway_event g ON g.merchant_no = t.merchant_no \
             WHERE t.id = o.credited_attempt AND t.order_id = o.id) ORDER BY o.id LIMIT 1000"
        ),
    },
    Check {
        number: 3,
        name: "应收、发起、实收金额一致",
        examined: sql!("SELECT COUNT(*) FROM payment_attempt"),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t JOIN payment_order o ON o.id = t.order_id \
             WHERE t.amount <> o.amount OR (t.state = 'succeeded' AND (t.received IS NULL OR t.received <> t.amount)) \
             ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 4,
        name: "退款不超过收款",
        examined: sql!("SELECT COUNT(*) FROM refund"),
        broken: sql!(
            "SELECT o.order_no FROM payment_order o \
             JOIN (SELECT order_id, SUM(amount) AS back FROM refund WHERE state <> 'failed' GROUP BY order_id) r \
             ON r.order_id = o.id \
             LEFT JOIN (SELECT order_id, SUM(received) AS got FROM payment_attempt \
             WHERE state IN ('succeeded', 'surplus') GROUP BY order_id) t ON t.order_id = o.id \
             WHERE r.back > COALESCE(t.got, 0) ORDER BY o.id LIMIT 1000"
        ),
    },
    Check {
        number: 6,
        name: "每笔账借贷相等",
        examined: sql!("SELECT COUNT(DISTINCT posting) FROM ledger_entry"),
        broken: sql!(
            "SELECT CAST(posting AS TEXT) FROM ledger_entry GROUP BY posting HAVING SUM(debit) <> SUM(credit) \
             ORDER BY posting LIMIT 1000"
        ),
    },
    Check {
        number: 6,
        name: "渠道实收与账本一致",
        examined: sql!("SELECT COUNT(*) FROM payment_attempt WHERE received IS NOT NULL"),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t \
             LEFT JOIN (SELECT attempt_id, SUM(debit) AS booked FROM ledger_entry \
             WHERE substr(book, 1, 8) = 'channel:' GROUP BY attempt_id) l ON l.attempt_id = t.id \
             WHERE t.state IN ('succeeded', 'surplus') AND COALESCE(l.booked, 0) <> COALESCE(t.received, 0) \
             ORDER BY t.id LIMIT 1000"
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
        name: "已取消的岗位上没有有效报名",
        examined: sql!("SELECT COUNT(*) FROM position WHERE state = 'cancelled'"),
        broken: sql!(
            "SELECT a.registration_no FROM application a JOIN position p ON p.id = a.position_id \
             WHERE p.state = 'cancelled' AND a.life = 'live' ORDER BY a.id LIMIT 1000"
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
            "SELECT p.code FROM position p \
             LEFT JOIN (SELECT position_id, SUM(applied) AS applied, SUM(approved) AS approved, SUM(paid) AS paid FROM \
             (SELECT position_id, applied, approved, paid FROM position_count \
             UNION ALL SELECT position_id, applied, approved, paid FROM position_delta) AS both_tables \
             GROUP BY position_id) c ON c.position_id = p.id \
             LEFT JOIN (SELECT position_id, COUNT(*) AS applied, \
             SUM(CASE WHEN review = 'approved' THEN 1 ELSE 0 END) AS approved, \
             SUM(CASE WHEN payment IN ('paid', 'waived') THEN 1 ELSE 0 END) AS paid \
             FROM application WHERE life = 'live' AND position_id IS NOT NULL GROUP BY position_id) a \
             ON a.position_id = p.id \
             WHERE COALESCE(c.applied, 0) <> COALESCE(a.applied, 0) OR COALESCE(c.approved, 0) <> COALESCE(a.approved, 0) \
             OR COALESCE(c.paid, 0) <> COALESCE(a.paid, 0) ORDER BY p.id LIMIT 1000"
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
             + (SELECT COUNT(*) FROM refund)"
        ),
        broken: sql!(
            "SELECT 'approval ' || CAST(id AS TEXT) FROM approval WHERE decided_by = requested_by \
             OR (state IN ('approved', 'rejected') AND decided_by IS NULL) \
             UNION ALL SELECT 'account_claim ' || CAST(id AS TEXT) FROM account_claim WHERE decided_by = checked_by \
             UNION ALL SELECT 'refund ' || refund_no FROM refund WHERE approved_by = requested_by \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 16,
        name: "座位不重号，考场不超员",
        examined: sql!("SELECT COUNT(*) FROM seat"),
        broken: sql!(
            "SELECT CAST(s.plan_id AS TEXT) || ' 场次 ' || CAST(s.session AS TEXT) || ' 考场 ' || CAST(s.room_no AS TEXT) \
             FROM seat s LEFT JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             GROUP BY s.plan_id, s.session, s.room_no, r.capacity \
             HAVING r.capacity IS NULL OR COUNT(*) > r.capacity OR COUNT(*) <> COUNT(DISTINCT s.seat_no) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 17,
        name: "考试采用的编排是它自己已公布的一份，座位数相符",
        examined: sql!("SELECT COUNT(*) FROM exam WHERE seat_plan <> 0"),
        broken: sql!(
            "SELECT e.code FROM exam e LEFT JOIN seat_plan p ON p.id = e.seat_plan \
             LEFT JOIN (SELECT plan_id, COUNT(*) AS seats FROM seat GROUP BY plan_id) s ON s.plan_id = e.seat_plan \
             WHERE e.seat_plan <> 0 AND (p.id IS NULL OR p.exam_id <> e.id OR p.state <> 'published' \
             OR p.seats <> COALESCE(s.seats, 0)) ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 17,
        name: "一次考试只有一份公布中的编排",
        examined: sql!("SELECT COUNT(*) FROM seat_plan WHERE state = 'published'"),
        broken: sql!(
            "SELECT CAST(p.id AS TEXT) FROM seat_plan p JOIN exam e ON e.id = p.exam_id \
             WHERE p.state = 'published' AND e.seat_plan <> p.id ORDER BY p.id LIMIT 1000"
        ),
    },
    Check {
        number: 18,
        name: "准考证号唯一、不重用，与编排一致",
        examined: sql!("SELECT COUNT(*) FROM ticket_number"),
        broken: sql!(
            "SELECT DISTINCT s.ticket_no FROM exam e JOIN seat s ON s.plan_id = e.seat_plan \
             LEFT JOIN ticket_number n ON n.exam_id = e.id AND n.ticket_no = s.ticket_no \
             WHERE e.seat_plan <> 0 AND (n.application_id IS NULL OR n.application_id <> s.application_id) \
             ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 19,
        name: "公布的成绩由一人导入、另一人核对，更改写明理由",
        examined: sql!(
            "SELECT COUNT(*) FROM score_batch WHERE state IN ('published', 'superseded')"
        ),
        broken: sql!(
            "SELECT CAST(b.id AS TEXT) FROM score_batch b WHERE b.state IN ('published', 'superseded') \
             AND (b.checked_by IS NULL OR b.checked_by = b.imported_by OR b.published_by IS NULL \
             OR b.visible_at IS NULL OR (b.reason = '' AND EXISTS (SELECT 1 FROM score_batch x \
             WHERE x.exam_id = b.exam_id AND x.state IN ('published', 'superseded') AND x.version < b.version))) \
             ORDER BY b.id LIMIT 1000"
        ),
    },
    Check {
        number: 19,
        name: "考试公布的成绩是它自己已公布的一批",
        examined: sql!("SELECT COUNT(*) FROM exam WHERE score_batch <> 0"),
        broken: sql!(
            "SELECT e.code FROM exam e LEFT JOIN score_batch b ON b.id = e.score_batch \
             WHERE e.score_batch <> 0 AND (b.id IS NULL OR b.exam_id <> e.id OR b.state <> 'published') \
             ORDER BY e.id LIMIT 1000"
        ),
    },
    Check {
        number: 21,
        name: "导入的成绩一行不少，都属于本考试的报名",
        examined: sql!("SELECT COUNT(*) FROM score"),
        broken: sql!(
            "SELECT CAST(b.id AS TEXT) FROM score_batch b \
             LEFT JOIN (SELECT s.batch_id, COUNT(*) AS marks, COUNT(a.id) AS known FROM score s \
             JOIN score_batch x ON x.id = s.batch_id \
             LEFT JOIN application a ON a.id = s.application_id AND a.exam_id = x.exam_id GROUP BY s.batch_id) m \
             ON m.batch_id = b.id \
             WHERE b.state IN ('imported', 'checked', 'published', 'superseded') \
             AND (b.matched <> COALESCE(m.marks, 0) OR COALESCE(m.marks, 0) <> COALESCE(m.known, 0)) \
             ORDER BY b.id LIMIT 1000"
        ),
    },
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
             ORDER BY 1 LIMIT 1000"
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
];

record! {
    /// A decision of the review.
    pub(super) struct DecisionRow {
        pub(super) id: i64,
        pub(super) application_id: i64,
        pub(super) registration_no: String,
        pub(super) level: i64,
        pub(super) decision: String,
        pub(super) decided_by: i64,
    }
}

/// A page of decisions by application, in their order.
pub(super) async fn decisions_after(
    q: &mut impl Query,
    after: (i64, i64),
) -> DbResult<Vec<DecisionRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.application_id, a.registration_no, d.level, d.decision, d.decided_by \
             FROM review_decision d JOIN application a ON a.id = d.application_id \
             WHERE (d.application_id, d.id) > ($1, $2) ORDER BY d.application_id, d.id LIMIT 1000"
        ),
        p![after.0, after.1],
    )
    .await
}

/// Exams with published scores: settings and batch.
pub(super) async fn scored_exams(q: &mut impl Query) -> DbResult<Vec<(String, i64)>> {
    q.rows(
        sql!("SELECT settings, score_batch FROM exam WHERE score_batch <> 0 ORDER BY id"),
        p![],
    )
    .await
}

record! {
    /// A mark with the total of its candidate.
    pub(super) struct MarkRow {
        pub(super) application_id: i64,
        pub(super) subject_code: String,
        pub(super) subject_name: String,
        pub(super) mark: String,
        pub(super) flag: String,
        pub(super) total: Option<String>,
    }
}

/// A page of marks by candidate.
pub(super) async fn marks_after(
    q: &mut impl Query,
    batch_id: i64,
    after: (i64, &str),
) -> DbResult<Vec<MarkRow>> {
    q.rows(
        sql!(
            "SELECT s.application_id, s.subject_code, s.subject_name, s.mark, s.flag, t.total FROM score s \
             LEFT JOIN score_total t ON t.batch_id = s.batch_id AND t.application_id = s.application_id \
             WHERE s.batch_id = $1 AND (s.application_id, s.subject_code) > ($2, $3) \
             ORDER BY s.application_id, s.subject_code LIMIT 1000"
        ),
        p![batch_id, after.0, after.1],
    )
    .await
}

record! {
    /// An account's document, sealed and indexed.
    pub(super) struct DocumentRow {
        pub(super) id: i64,
        pub(super) id_type: String,
        pub(super) id_number: Vec<u8>,
        pub(super) id_index: Vec<u8>,
        pub(super) mobile: Vec<u8>,
        pub(super) mobile_index: Vec<u8>,
    }
}

/// A page of documents of accounts that weren't closed: closing empties them.
pub(super) async fn documents_after(q: &mut impl Query, after: i64) -> DbResult<Vec<DocumentRow>> {
    q.rows(
        sql!(
            "SELECT id, id_type, id_number, id_index, mobile, mobile_index FROM account \
             WHERE id > $1 AND state IN ('pending', 'active', 'frozen') ORDER BY id LIMIT 1000"
        ),
        p![after],
    )
    .await
}

/// What the database finds wrong with itself.
pub(super) async fn soundness(q: &mut impl Query) -> DbResult<(u64, Vec<String>)> {
    match q.backend() {
        Backend::Sqlite => sqlite::soundness(q).await,
        Backend::Postgres => postgres::soundness(q).await,
    }
}
