//! SQL of days and their bills: rows of `bill`, `bill_take`, `bill_line`.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A day of a channel.
    #[derive(Debug, Clone)]
    pub struct BillRow {
        pub id: i64,
        pub public_id: String,
        pub channel: String,
        pub merchant: String,
        /// As the channel counts days.
        pub day: String,
        pub step: String,
        pub take: Option<i64>,
        pub next_at: Option<i64>,
        pub tries: i64,
        pub problem: String,
        pub missed_at: Option<i64>,
        pub run: i64,
        pub reached: i64,
        pub reached_id: i64,
        pub matched: i64,
        pub our_payments: i64,
        pub our_paid: i64,
        pub our_refunds: i64,
        pub our_refunded: i64,
        pub matched_at: Option<i64>,
        pub asked_by: Option<i64>,
        pub asked_at: Option<i64>,
        pub closed_by: Option<i64>,
        pub closed_at: Option<i64>,
        pub note: String,
        /// Of the reading that counts.
        pub lines: i64,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        pub fee: i64,
        /// Findings that are open, those that need a person, and what they come to.
        pub findings: i64,
        pub named: i64,
        pub asker: Option<String>,
        pub closer: Option<String>,
        /// When its money went to the treasury, and who said so.
        pub handed_at: Option<i64>,
        pub hander: Option<String>,
        /// When the books of the day moved after the comparison.
        pub stale_at: Option<i64>,
        /// What went to the treasury.
        pub handed_amount: Option<i64>,
    }
}

pub(super) async fn bill_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BillRow>> {
    q.opt(
        sql!(
            "SELECT b.id, b.public_id, b.channel, b.merchant, b.day, b.step, b.take, b.next_at, b.tries, b.problem, b.missed_at, \
             b.run, b.reached, b.reached_id, b.matched, b.our_payments, b.our_paid, b.our_refunds, b.our_refunded, b.matched_at, \
             b.asked_by, b.asked_at, b.closed_by, b.closed_at, b.note, \
             COALESCE(t.lines, 0), COALESCE(t.payments, 0), COALESCE(t.paid, 0), COALESCE(t.refunds, 0), COALESCE(t.refunded, 0), \
             COALESCE(t.fee, 0), (SELECT COUNT(*) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             (SELECT CAST(COALESCE(SUM(f.delta), 0) AS BIGINT) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             s.name, c.name, b.handed_at, h.name, b.stale_at, b.handed_amount FROM bill b LEFT JOIN bill_take t ON t.id = b.take LEFT JOIN staff s ON s.id = b.asked_by \
             LEFT JOIN staff c ON c.id = b.closed_by LEFT JOIN staff h ON h.id = b.handed_by WHERE b.id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn bill_id_of(q: &mut impl Query, public_id: &str) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT id FROM bill WHERE public_id = $1"),
        p![public_id],
    )
    .await
}

pub(super) async fn bill_of_day(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT id FROM bill WHERE channel = $1 AND day = $2"),
        p![channel, day],
    )
    .await
}

/// The days of a channel that are known, from one on.
pub(super) async fn days_from(
    q: &mut impl Query,
    channel: &str,
    from: &str,
) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> = q
        .rows(
            sql!("SELECT day FROM bill WHERE channel = $1 AND day >= $2 ORDER BY day LIMIT 400"),
            p![channel, from],
        )
        .await?;
    Ok(rows.into_iter().map(|(day,)| day).collect())
}

/// Whether a channel had days before one.
pub(super) async fn is_known_before(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!("SELECT id FROM bill WHERE channel = $1 AND day < $2 LIMIT 1"),
            p![channel, day],
        )
        .await?;
    Ok(found.is_some())
}

/// The channels that have had days, with the merchant of the last one.
pub(super) async fn known_channels(q: &mut impl Query) -> DbResult<Vec<(String, String)>> {
    q.rows(
        sql!(
            "SELECT b.channel, b.merchant FROM bill b WHERE b.day = (SELECT MAX(l.day) FROM bill l WHERE l.channel = b.channel) \
             ORDER BY b.channel LIMIT 20"
        ),
        p![],
    )
    .await
}

/// Whether a channel was paid by within a span.
pub(super) async fn was_paid(
    q: &mut impl Query,
    channel: &str,
    (from, to): (i64, i64),
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM payment_attempt WHERE channel = $1 AND paid_at >= $2 AND paid_at < $3 LIMIT 1"
            ),
            p![channel, from, to],
        )
        .await?;
    Ok(found.is_some())
}

/// A page of days, the newest first, of a channel (empty for all) in a group (`open`: not closed; `closed`; `hand`:
/// closed, with money that wasn't handed over; empty for all).
pub(super) async fn bills(
    q: &mut impl Query,
    (channel, group): (&str, &str),
    (day, id): (&str, i64),
    limit: i64,
) -> DbResult<Vec<BillRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.channel, b.merchant, b.day, b.step, b.take, b.next_at, b.tries, b.problem, b.missed_at, \
             b.run, b.reached, b.reached_id, b.matched, b.our_payments, b.our_paid, b.our_refunds, b.our_refunded, b.matched_at, \
             b.asked_by, b.asked_at, b.closed_by, b.closed_at, b.note, \
             COALESCE(t.lines, 0), COALESCE(t.payments, 0), COALESCE(t.paid, 0), COALESCE(t.refunds, 0), COALESCE(t.refunded, 0), \
             COALESCE(t.fee, 0), (SELECT COUNT(*) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             (SELECT CAST(COALESCE(SUM(f.delta), 0) AS BIGINT) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             s.name, c.name, b.handed_at, h.name, b.stale_at, b.handed_amount FROM bill b LEFT JOIN bill_take t ON t.id = b.take LEFT JOIN staff s ON s.id = b.asked_by \
             LEFT JOIN staff c ON c.id = b.closed_by LEFT JOIN staff h ON h.id = b.handed_by WHERE (b.day, b.id) < ($3, $4) AND ($1 = '' OR b.channel = $1) \
             AND ($2 = '' OR ($2 IN ('closed', 'hand')) = (b.step = 'closed')) \
             AND ($2 <> 'hand' OR (b.handed_at IS NULL AND b.our_payments > 0)) ORDER BY b.day DESC, b.id DESC LIMIT $5"
        ),
        p![channel, group, day, id, limit],
    )
    .await
}

/// Days that a job should be at: to be asked for now, being compared, or being read.
pub(super) async fn bills_at_work(q: &mut impl Query, at: i64) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT id FROM bill WHERE (step IN ('waiting', 'open') AND next_at IS NOT NULL AND next_at <= $1) \
                 OR step IN ('lines', 'payments', 'refunds', 'acting') \
                 OR id IN (SELECT bill_id FROM bill_take WHERE state = 'reading') ORDER BY id LIMIT 100"
            ),
            p![at],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Days that have no bill though it was due, and that nobody was told of.
pub(super) async fn bills_missing(
    q: &mut impl Query,
    day: &str,
) -> DbResult<Vec<(i64, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT id, channel, day, problem FROM bill WHERE step = 'waiting' AND missed_at IS NULL AND day <= $1 ORDER BY id LIMIT 100"
        ),
        p![day],
    )
    .await
}

/// A new day's columns.
pub(super) struct BillInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub channel: &'a str,
    pub merchant: &'a str,
    pub day: &'a str,
    pub next_at: Option<i64>,
    pub at: i64,
}

/// Makes a day, once.
pub(super) async fn bill_insert(tx: &mut Tx, row: &BillInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO bill (id, public_id, channel, merchant, day, step, next_at, tries, problem, run, reached, reached_id, matched, \
             our_payments, our_paid, our_refunds, our_refunded, note, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, '', $7) ON CONFLICT (channel, day) DO NOTHING"
        ),
        p![
            row.id,
            row.public_id,
            row.channel,
            row.merchant,
            row.day,
            row.next_at,
            row.at
        ],
    )
    .await
}

/// The channel was asked: when again, and what it said.
pub(super) async fn bill_tried(
    tx: &mut Tx,
    id: i64,
    next_at: Option<i64>,
    problem: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET tries = tries + 1, next_at = $2, problem = $3 WHERE id = $1"),
        p![id, next_at, problem],
    )
    .await
}

pub(super) async fn bill_missed(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET missed_at = $2 WHERE id = $1 AND missed_at IS NULL"),
        p![id, at],
    )
    .await
}

/// Asks the channel for it at once, whoever waits for its hour.
pub(super) async fn bill_hurry(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET next_at = $2 WHERE id = $1 AND step IN ('waiting', 'open')"),
        p![id, at],
    )
    .await
}
