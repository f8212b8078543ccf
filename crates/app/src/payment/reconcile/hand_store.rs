//! SQL of 缴库: the money of a closed day, order by order.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// One payment of a day.
    #[derive(Debug, Clone)]
    pub struct HandRow {
        pub id: i64,
        pub paid_at: i64,
        pub order_no: String,
        /// The candidate's.
        pub name: String,
        pub registration_no: String,
        pub exam: String,
        pub amount: i64,
        pub channel_no: String,
        pub merchant_no: String,
        /// What the channel kept.
        pub fee: i64,
        /// What went back of it by now.
        pub refunded: i64,
    }
}

/// Money of ours that was paid within a day and credits an order, behind a place. What must go back isn't handed over; what the treasury
/// paid back since (`until`: when it was handed over) isn't taken off. A fee stands on whichever bill lists the payment.
pub(super) async fn hand_rows(
    q: &mut impl Query,
    (channel, account): (&str, &str),
    (at, id): (i64, i64),
    to: i64,
    until: i64,
) -> DbResult<Vec<HandRow>> {
    q.rows(
        sql!(
            "SELECT a.id, a.paid_at, o.order_no, p.name, p.registration_no, e.title, a.received, a.channel_no, a.merchant_no, \
             COALESCE((SELECT MIN(l.fee) FROM bill_line l CROSS JOIN bill b WHERE b.take = l.take_id AND l.our_no = a.merchant_no \
             AND l.kind = 'payment' AND l.channel_no = a.channel_no AND b.channel = $1), 0), \
             (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r WHERE r.order_id = a.order_id AND r.attempt_id = a.id \
             AND r.state = 'succeeded' AND r.finished_at <= $6) FROM (SELECT id, order_id, paid_at, COALESCE(received, 0) AS received, \
             COALESCE(channel_no, '') AS channel_no, merchant_no FROM payment_attempt WHERE channel = $1 AND paid_at IS NOT NULL \
             AND (paid_at, id) > ($3, $4) AND paid_at < $5 AND merchant LIKE $2 \
             AND state = 'succeeded' ORDER BY paid_at, id LIMIT 500) a \
             JOIN payment_order o ON o.id = a.order_id JOIN application p ON p.id = o.application_id JOIN exam e ON e.id = o.exam_id \
             ORDER BY a.paid_at, a.id"
        ),
        p![channel, account, at, id, to, until],
    )
    .await
}

/// What the file of a day comes to now.
pub(super) async fn hand_total(
    q: &mut impl Query,
    (channel, account): (&str, &str),
    (from, to): (i64, i64),
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT CAST(COALESCE(SUM(COALESCE(a.received, 0) - COALESCE((SELECT SUM(r.amount) FROM refund r WHERE r.order_id = a.order_id \
             AND r.attempt_id = a.id AND r.state = 'succeeded'), 0)), 0) AS BIGINT) FROM payment_attempt a WHERE a.channel = $1 \
             AND a.paid_at >= $3 AND a.paid_at < $4 AND a.merchant LIKE $2 AND a.state = 'succeeded'"
        ),
        p![channel, account, from, to],
    )
    .await
}

/// How many refunds of what a day's file lists are on their way: who has them says how much is left.
pub(super) async fn hand_moving(
    q: &mut impl Query,
    (channel, account): (&str, &str),
    (from, to): (i64, i64),
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM payment_attempt a JOIN refund r ON r.order_id = a.order_id AND r.attempt_id = a.id WHERE a.channel = $1 \
             AND a.paid_at >= $3 AND a.paid_at < $4 AND a.merchant LIKE $2 AND a.state = 'succeeded' \
             AND r.state IN ('approved', 'submitted', 'unknown', 'abnormal')"
        ),
        p![channel, account, from, to],
    )
    .await
}

/// Whether money that was paid within a day is kept because its order is looked into.
pub(super) async fn undecided(
    q: &mut impl Query,
    (channel, account): (&str, &str),
    (from, to): (i64, i64),
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT a.id FROM payment_attempt a JOIN payment_order o ON o.id = a.order_id WHERE a.channel = $1 \
                 AND a.paid_at >= $3 AND a.paid_at < $4 AND a.merchant LIKE $2 AND a.state = 'surplus' AND o.state = 'hold' LIMIT 1"
            ),
            p![channel, account, from, to],
        )
        .await?;
    Ok(found.is_some())
}

/// When the money of a day was handed over.
pub(super) async fn handed_at(
    q: &mut impl Query,
    (channel, account, day): (&str, &str, &str),
) -> DbResult<Option<i64>> {
    q.opt(
        point!(
            "SELECT handed_at FROM bill WHERE channel = $1 AND day = $3 AND merchant LIKE $2 AND handed_at IS NOT NULL"
        ),
        p![channel, account, day],
    )
    .await
}

/// What a payment credited, less what had gone back of it, by an instant.
pub(super) async fn credited_by(
    q: &mut impl Query,
    (order_id, attempt_id): (i64, i64),
    at: i64,
) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT CAST(COALESCE(SUM(credit - debit), 0) AS BIGINT) FROM ledger_entry \
             WHERE order_id = $1 AND attempt_id = $2 AND book = 'fees' AND at <= $3"
        ),
        p![order_id, attempt_id, at],
    )
    .await
}

/// The money of a closed day was handed over, once.
pub(super) async fn bill_hand(
    tx: &mut Tx,
    id: i64,
    amount: i64,
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET handed_by = $2, handed_at = $3, handed_amount = $4 \
             WHERE id = $1 AND step = 'closed' AND handed_at IS NULL"
        ),
        p![id, by, at, amount],
    )
    .await
}
