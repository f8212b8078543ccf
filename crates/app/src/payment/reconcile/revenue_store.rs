//! SQL of 收入: what came and went, by day, channel and exam, of the days that were compared.

use db::{DbResult, Query, Tx, p, record, sql};

/// Sums of one exam that a chunk of a comparison adds: payments and their sum, refunds and theirs.
pub(super) async fn revenue_add(
    tx: &mut Tx,
    (bill_id, run): (i64, i64),
    exam_id: i64,
    [payments, paid, refunds, refunded]: [i64; 4],
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO bill_revenue (bill_id, run, exam_id, payments, paid, refunds, refunded) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (bill_id, run, exam_id) DO UPDATE SET payments = bill_revenue.payments + excluded.payments, \
             paid = bill_revenue.paid + excluded.paid, refunds = bill_revenue.refunds + excluded.refunds, \
             refunded = bill_revenue.refunded + excluded.refunded"
        ),
        p![bill_id, run, exam_id, payments, paid, refunds, refunded],
    )
    .await
}

/// Sums of earlier comparisons.
pub(super) async fn revenue_clear(tx: &mut Tx, bill_id: i64, run: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM bill_revenue WHERE bill_id = $1 AND run < $2"),
        p![bill_id, run],
    )
    .await
}

record! {
    /// What came and went on a day, by a channel, for an exam.
    #[derive(Debug, Clone)]
    pub struct RevenueRow {
        pub day: String,
        pub bill_id: i64,
        pub channel: String,
        pub exam_id: i64,
        pub exam: String,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        /// Whether the day is closed.
        pub closed: i64,
    }
}

/// What is asked for: days from and to, a channel (empty for all), an exam (0 for all).
pub(super) type Asked<'a> = (&'a str, &'a str, &'a str, i64);

/// A page, the newest day first.
pub(super) async fn revenue(
    q: &mut impl Query,
    (from, to, channel, exam): Asked<'_>,
    (day, bill, of): (&str, i64, i64),
    limit: i64,
) -> DbResult<Vec<RevenueRow>> {
    q.rows(
        sql!(
            "SELECT b.day, b.id, b.channel, r.exam_id, e.title, r.payments, r.paid, r.refunds, r.refunded, \
             CASE WHEN b.step = 'closed' THEN 1 ELSE 0 END FROM bill b JOIN bill_revenue r ON r.bill_id = b.id AND r.run = b.run \
             JOIN exam e ON e.id = r.exam_id WHERE b.day >= $1 AND b.day <= $2 AND ($3 = '' OR b.channel = $3) \
             AND (r.exam_id = $4 OR $4 = 0) AND b.step IN ('open', 'asked', 'closed') AND (b.day, b.id, r.exam_id) < ($5, $6, $7) \
             ORDER BY b.day DESC, b.id DESC, r.exam_id DESC LIMIT $8"
        ),
        p![from, to, channel, exam, day, bill, of, limit],
    )
    .await
}

/// Sums by day, the newest first: day, payments, paid, refunds, refunded.
pub(super) async fn revenue_days(
    q: &mut impl Query,
    (from, to, channel, exam): Asked<'_>,
) -> DbResult<Vec<(String, i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT b.day, CAST(SUM(r.payments) AS BIGINT), CAST(SUM(r.paid) AS BIGINT), CAST(SUM(r.refunds) AS BIGINT), \
             CAST(SUM(r.refunded) AS BIGINT) FROM bill b JOIN bill_revenue r ON r.bill_id = b.id AND r.run = b.run \
             WHERE b.day >= $1 AND b.day <= $2 AND ($3 = '' OR b.channel = $3) AND (r.exam_id = $4 OR $4 = 0) \
             AND b.step IN ('open', 'asked', 'closed') GROUP BY b.day ORDER BY b.day DESC LIMIT 400"
        ),
        p![from, to, channel, exam],
    )
    .await
}

/// Sums by exam, and by channel: key, name, payments, paid, refunds, refunded.
pub(super) async fn revenue_exams(
    q: &mut impl Query,
    (from, to, channel, exam): Asked<'_>,
) -> DbResult<Vec<(String, i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT e.title, CAST(SUM(r.payments) AS BIGINT), CAST(SUM(r.paid) AS BIGINT), CAST(SUM(r.refunds) AS BIGINT), \
             CAST(SUM(r.refunded) AS BIGINT) FROM bill b JOIN bill_revenue r ON r.bill_id = b.id AND r.run = b.run \
             JOIN exam e ON e.id = r.exam_id WHERE b.day >= $1 AND b.day <= $2 AND ($3 = '' OR b.channel = $3) \
             AND (r.exam_id = $4 OR $4 = 0) AND b.step IN ('open', 'asked', 'closed') \
             GROUP BY e.id, e.title ORDER BY e.id DESC LIMIT 100"
        ),
        p![from, to, channel, exam],
    )
    .await
}

/// What the channels kept within days, by their bills.
pub(super) async fn fees(
    q: &mut impl Query,
    (from, to): (&str, &str),
    channel: &str,
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT CAST(COALESCE(SUM(t.fee), 0) AS BIGINT) FROM bill b JOIN bill_take t ON t.id = b.take \
             WHERE b.day >= $1 AND b.day <= $2 AND ($3 = '' OR b.channel = $3)"
        ),
        p![from, to, channel],
    )
    .await
}
