//! SQL of 收入: what came and went, by day, channel and exam, of the days that were compared.

use db::filter::{Piece, Select};
use db::{DbResult, Query, Tx, p, piece, record, sql};

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
    /// What came and went on a day, by a channel or beside them, for an exam.
    #[derive(Debug, Clone)]
    pub struct RevenueRow {
        pub day: String,
        /// Which bill; less than nothing for what stands on none.
        pub bill_id: i64,
        pub channel: String,
        pub exam_id: i64,
        pub exam: String,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        /// Whether the day is closed; a day beside the channels has nothing to be closed.
        pub closed: i64,
    }
}

/// What is asked for: days from and to, a channel (empty for all), an exam (0 for all).
pub(super) type Asked<'a> = (&'a str, &'a str, &'a str, i64);

/// A name with its sums: payments, paid, refunds, refunded.
type Sums = (String, i64, i64, i64, i64);

/// What was asked for ([`Asked`]), a row for each day, channel and exam: the channels' days that were compared, and what was booked
/// beside them.
const BOOKED: Piece = piece!(
    "(SELECT b.day AS day, b.id AS bill_id, b.channel AS channel, r.exam_id AS exam_id, r.payments AS payments, r.paid AS paid, \
     r.refunds AS refunds, r.refunded AS refunded, CASE WHEN b.step = 'closed' THEN 1 ELSE 0 END AS closed \
     FROM bill b JOIN bill_revenue r ON r.bill_id = b.id AND r.run = b.run \
     WHERE b.day >= $1 AND b.day <= $2 AND ($3 = '' OR b.channel = $3) AND (r.exam_id = $4 OR $4 = 0) \
     AND b.step IN ('open', 'asked', 'closed') UNION ALL \
     SELECT h.day, CASE h.book WHEN 'offline' THEN -1 WHEN 'nontax' THEN -2 ELSE -3 END, h.book, h.exam_id, h.payments, h.paid, \
     h.refunds, h.refunded, 2 FROM hand_revenue h \
     WHERE h.day >= $1 AND h.day <= $2 AND ($3 = '' OR h.book = $3) AND (h.exam_id = $4 OR $4 = 0)) s"
);

fn booked(columns: Piece, (from, to, channel, exam): Asked<'_>) -> Select<'_> {
    Select::with(columns, BOOKED, p![from, to, channel, exam])
}

/// A page, the newest day first.
pub(super) async fn revenue(
    q: &mut impl Query,
    asked: Asked<'_>,
    (day, bill, exam): (&str, i64, i64),
    limit: i64,
) -> DbResult<Vec<RevenueRow>> {
    booked(
        piece!(
            "s.day, s.bill_id, s.channel, s.exam_id, COALESCE((SELECT e.title FROM exam e WHERE e.id = s.exam_id), ''), \
             s.payments, s.paid, s.refunds, s.refunded, s.closed"
        ),
        asked,
    )
    .and(
        piece!("(s.day, s.bill_id, s.exam_id) < ($1, $2, $3)"),
        p![day, bill, exam],
    )
    .order(piece!("s.day DESC, s.bill_id DESC, s.exam_id DESC"))
    .limit(u32::try_from(limit).unwrap_or(1))
    .rows(q)
    .await
}

/// Sums by day, the newest first.
pub(super) async fn revenue_days(q: &mut impl Query, asked: Asked<'_>) -> DbResult<Vec<Sums>> {
    booked(
        piece!(
            "s.day, CAST(SUM(s.payments) AS BIGINT), CAST(SUM(s.paid) AS BIGINT), CAST(SUM(s.refunds) AS BIGINT), \
             CAST(SUM(s.refunded) AS BIGINT)"
        ),
        asked,
    )
    .then(
        piece!("GROUP BY s.day ORDER BY s.day DESC LIMIT 400"),
        p![],
    )
    .rows(q)
    .await
}

/// Sums by exam, the newest first.
pub(super) async fn revenue_exams(q: &mut impl Query, asked: Asked<'_>) -> DbResult<Vec<Sums>> {
    booked(
        piece!(
            "COALESCE((SELECT e.title FROM exam e WHERE e.id = s.exam_id), ''), CAST(SUM(s.payments) AS BIGINT), \
             CAST(SUM(s.paid) AS BIGINT), CAST(SUM(s.refunds) AS BIGINT), CAST(SUM(s.refunded) AS BIGINT)"
        ),
        asked,
    )
    .then(
        piece!("GROUP BY s.exam_id ORDER BY s.exam_id DESC LIMIT 100"),
        p![],
    )
    .rows(q)
    .await
}

/// Sums by channel, under its code.
pub(super) async fn revenue_channels(q: &mut impl Query, asked: Asked<'_>) -> DbResult<Vec<Sums>> {
    booked(
        piece!(
            "s.channel, CAST(SUM(s.payments) AS BIGINT), CAST(SUM(s.paid) AS BIGINT), CAST(SUM(s.refunds) AS BIGINT), \
             CAST(SUM(s.refunded) AS BIGINT)"
        ),
        asked,
    )
    .then(
        piece!("GROUP BY s.channel ORDER BY s.channel LIMIT 20"),
        p![],
    )
    .rows(q)
    .await
}

/// Days of channels that aren't compared, the oldest first: public id, day, channel. Nothing of them stands among the sums.
pub(super) async fn days_uncompared(
    q: &mut impl Query,
    (from, to): (&str, &str),
    channel: &str,
) -> DbResult<Vec<(String, String, String)>> {
    q.rows(
        sql!(
            "SELECT public_id, day, channel FROM bill WHERE day >= $1 AND day <= $2 AND ($3 = '' OR channel = $3) \
             AND step IN ('waiting', 'lines', 'payments', 'refunds', 'acting') ORDER BY day, id LIMIT 1001"
        ),
        p![from, to, channel],
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
