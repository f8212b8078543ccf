//! SQL of the dashboard: counts over other features' tables, each bounded.

use db::{DbResult, Query, p, record, sql};

record! {
    /// An exam that is out, with the days that its staff look out for.
    #[derive(Debug, Clone)]
    pub struct RunningExam {
        pub id: i64,
        pub public_id: String,
        pub title: String,
        pub state: String,
        pub registration_opens: i64,
        pub registration_closes: i64,
        pub payment_closes: i64,
        pub ticket_opens: i64,
        pub ticket_closes: i64,
        /// Shown, and not counted among what the centre has.
        pub rehearsal: bool,
    }
}

record! {
    /// What somebody has open and holds. Counts stop at 1,001.
    #[derive(Debug, Clone)]
    pub struct Held {
        /// Logins.
        pub sessions: i64,
        /// Applications that he has claimed.
        pub reviews: i64,
        /// Photos that he has claimed.
        pub photos: i64,
        /// What he asked another for and nobody has decided.
        pub asked: i64,
    }
}

/// What somebody has open and holds.
pub(super) async fn held(q: &mut impl Query, staff_id: i64, at: i64) -> DbResult<Held> {
    q.one(
        sql!(
            "SELECT (SELECT COUNT(*) FROM session n JOIN staff s ON s.id = n.subject_id AND s.epoch = n.epoch \
             WHERE n.kind = 'staff' AND n.subject_id = $1 AND n.expires_at > $2), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM review_claim c JOIN application a ON a.id = c.application_id \
             WHERE c.staff_id = $1 AND c.until > $2 AND a.review IN ('pending', 'first_approved', 'appealed') LIMIT 1001) w), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM photo WHERE claimed_by = $1 AND state = 'pending' AND claimed_until > $2 \
             LIMIT 1001) w), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM approval WHERE state = 'open' AND requested_by = $1 LIMIT 1001) w) \
             + (SELECT COUNT(*) FROM (SELECT 1 FROM refund WHERE state = 'requested' AND requested_by = $1 LIMIT 1001) w)"
        ),
        p![staff_id, at],
    )
    .await
}

/// The exams that are out, those that close last on top.
pub(super) async fn running(q: &mut impl Query) -> DbResult<Vec<RunningExam>> {
    q.rows(
        sql!(
            "SELECT id, public_id, title, state, registration_opens, registration_closes, payment_closes, ticket_opens, \
             ticket_closes, COALESCE(rehearsal, 0) FROM exam WHERE state IN ('published', 'closed') \
             ORDER BY registration_closes DESC, id DESC LIMIT 30"
        ),
        p![],
    )
    .await
}

pub(super) async fn photos(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM photo WHERE state = 'pending' LIMIT 10001) w"),
        p![],
    )
    .await
}

/// Claims that this person may take on: nobody both checks and decides one.
pub(super) async fn claims(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM account_claim WHERE state = 'open' \
             OR (state = 'checked' AND checked_by <> $1) LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

pub(super) async fn discrepancies(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM discrepancy WHERE state = 'open' LIMIT 1001) w"),
        p![],
    )
    .await
}

/// Differences that this person answers for.
pub(super) async fn own_discrepancies(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM discrepancy WHERE state = 'open' AND owner_id = $1 LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Applications for a waiver that nobody has decided.
pub(super) async fn waivers(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM fee_waiver WHERE state = 'pending' LIMIT 1001) w"
        ),
        p![],
    )
    .await
}

/// Payments that somebody else entered from a document.
pub(super) async fn offline(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM offline_entry WHERE state = 'entered' AND entered_by <> $1 LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Lists of the collection bank that somebody else uploaded.
pub(super) async fn bank_lists(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM nontax_batch WHERE state = 'staged' AND entered_by <> $1 \
             AND (stored IS NULL OR stored = rows) LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Days that somebody else asks to be closed, and bills that somebody else uploaded.
pub(super) async fn bills(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM bill WHERE step = 'asked' AND asked_by <> $1 UNION ALL \
             SELECT 1 FROM bill_take WHERE state = 'staged' AND made_by <> $1 LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Days that are closed, have money, and weren't handed over to the treasury.
pub(super) async fn days_to_hand(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM bill WHERE step = 'closed' AND handed_at IS NULL AND our_payments > 0 LIMIT 1001) w"
        ),
        p![],
    )
    .await
}

/// Orders that are owed, wait for a code of the fiscal office and still take money at an instant.
pub(super) async fn codes_waiting(q: &mut impl Query, at: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM nontax_code c JOIN payment_order o ON o.id = c.order_id \
             JOIN exam e ON e.id = o.exam_id WHERE c.code IS NULL AND o.state IN ('unpaid', 'paying') \
             AND (o.expires_at > $1 OR e.payment_closes > $1) LIMIT 1001) w"
        ),
        p![at],
    )
    .await
}

/// Lists for the treasury that somebody else entered as paid back.
pub(super) async fn treasury(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM treasury_list WHERE state = 'entered' AND entered_by <> $1 LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Fiscal receipts that say more than is left of their orders, and weren't reversed: looked for among what was refunded.
pub(super) async fn red_receipts(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM payment_order o JOIN fiscal_receipt f ON f.order_id = o.id \
             WHERE o.state IN ('refunding', 'part_refunded', 'refunded', 'hold') AND f.red_at IS NULL AND f.amount > o.amount - \
             (SELECT COALESCE(SUM(r.amount), 0) FROM refund r WHERE r.order_id = o.id AND r.attempt_id = o.credited_attempt \
             AND r.state = 'succeeded') LIMIT 1001) w"
        ),
        p![],
    )
    .await
}

/// Refunds that somebody else asked for. Their orders are found by the state that they are in meanwhile.
pub(super) async fn refunds(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM refund WHERE state = 'requested' AND requested_by <> $1 LIMIT 1001) w"
        ),
        p![staff_id],
    )
    .await
}

/// Score tables that somebody else imported and that wait for a second person.
pub(super) async fn scores(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM score_batch WHERE state = 'imported' AND imported_by <> $1"),
        p![staff_id],
    )
    .await
}

pub(super) async fn failed_sms(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM outbox_message WHERE state = 'failed' LIMIT 1001) w"
        ),
        p![],
    )
    .await
}
