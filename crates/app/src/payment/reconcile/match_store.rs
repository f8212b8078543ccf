//! SQL of the comparison: lines beside attempts and refunds, ours beside lines, and what was found.

use db::{DbResult, Query, p, record, sql};

/// Rows looked at with one statement.
pub(super) const SOME: usize = 500;
/// The same, for a statement that is told how many.
pub(super) const LINES: i64 = 500;

record! {
    /// A line beside what we know under its number.
    #[derive(Debug, Clone)]
    pub struct BesideRow {
        pub seq: i64,
        pub kind: String,
        pub channel_no: String,
        pub our_no: String,
        pub amount: i64,
        pub fee: i64,
        pub at: i64,
        pub merchant: String,
        pub done: i64,
        /// The same line stands before it.
        pub again: i64,
        pub attempt: Option<i64>,
        pub order: Option<i64>,
        pub our_channel_no: Option<String>,
        pub received: Option<i64>,
        pub paid_at: Option<i64>,
        pub our_merchant: Option<String>,
        pub refund: Option<i64>,
        pub refund_order: Option<i64>,
        pub refund_amount: Option<i64>,
        pub refund_state: Option<String>,
        pub finished_at: Option<i64>,
        pub refund_channel: Option<String>,
        pub refund_merchant: Option<String>,
    }
}

/// So many lines of a reading behind `seq`, each with what we have under its number.
pub(super) async fn lines_beside(
    q: &mut impl Query,
    (take, channel, day): (i64, &str, &str),
    seq: i64,
    limit: i64,
) -> DbResult<Vec<BesideRow>> {
    // A refund that was paid back by hand counts as one that the channel didn't do.
    // The limit stands inside, so that the tables beside are looked up by key, however many rows they have. CROSS JOIN: SQLite keeps to
    // the order that is written, or it would go over a whole bill for each of its lines.
    q.rows(
        sql!(
            "SELECT l.seq, l.kind, l.channel_no, l.our_no, l.amount, l.fee, l.at, l.merchant, l.done, \
             CASE WHEN l.our_no <> '' AND EXISTS (SELECT 1 FROM bill_line d CROSS JOIN bill b \
             WHERE b.take = d.take_id AND d.our_no = l.our_no AND d.channel_no = l.channel_no AND d.kind = l.kind AND b.channel = $2 \
             AND (b.day < $3 OR (d.take_id = $1 AND d.seq < l.seq))) THEN 1 ELSE 0 END, \
             a.id, a.order_id, a.channel_no, a.received, a.paid_at, a.merchant, \
             r.id, r.order_id, r.amount, CASE WHEN r.method IS NULL THEN r.state ELSE 'failed' END, r.finished_at, x.channel, x.merchant \
             FROM (SELECT seq, kind, channel_no, our_no, amount, fee, at, merchant, done FROM bill_line \
             WHERE take_id = $1 AND seq > $4 ORDER BY seq LIMIT $5) l \
             LEFT JOIN payment_attempt a ON l.kind = 'payment' AND a.merchant_no = l.our_no AND a.channel = $2 \
             LEFT JOIN refund r ON l.kind = 'refund' AND r.refund_no = l.our_no \
             LEFT JOIN payment_attempt x ON x.id = r.attempt_id ORDER BY l.seq"
        ),
        p![take, channel, day, seq, limit],
    )
    .await
}

record! {
    /// An attempt, by the channel's number.
    #[derive(Debug, Clone)]
    pub struct NumberedRow {
        pub id: i64,
        pub order_id: i64,
        pub our_no: String,
        pub received: i64,
        pub paid_at: Option<i64>,
        pub merchant: String,
    }
}

/// The attempt that a number of the channel's is stored with.
pub(super) async fn attempt_of_channel_no(
    q: &mut impl Query,
    channel: &str,
    channel_no: &str,
) -> DbResult<Option<NumberedRow>> {
    q.opt(
        sql!(
            "SELECT id, order_id, merchant_no, COALESCE(received, 0), paid_at, merchant FROM payment_attempt \
             WHERE channel = $1 AND channel_no = $2"
        ),
        p![channel, channel_no],
    )
    .await
}

/// Whether a transaction stands in a reading.
pub(super) async fn is_listed(
    q: &mut impl Query,
    take: i64,
    our_no: &str,
    channel_no: &str,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT seq FROM bill_line WHERE our_no = $2 AND take_id = $1 AND channel_no = $3 LIMIT 1"
            ),
            p![take, our_no, channel_no],
        )
        .await?;
    Ok(found.is_some())
}

record! {
    /// Something of ours, and the bill on which it stands.
    #[derive(Debug, Clone)]
    pub struct OursRow {
        /// The attempt, or the refund.
        pub id: i64,
        pub order_id: i64,
        pub our_no: String,
        pub channel_no: Option<String>,
        pub amount: i64,
        pub at: i64,
        /// What the ledger says of it.
        pub booked: i64,
        /// The first bill that names it.
        pub seen: Option<String>,
        pub exam_id: i64,
    }
}

/// Money of ours that was paid within a day, behind a place.
pub(super) async fn our_payments(
    q: &mut impl Query,
    (channel, account, book): (&str, &str, &str),
    (at, id): (i64, i64),
    to: i64,
) -> DbResult<Vec<OursRow>> {
    q.rows(
        sql!(
            "SELECT a.id, a.order_id, a.merchant_no, a.channel_no, COALESCE(a.received, 0), a.paid_at, \
             (SELECT CAST(COALESCE(SUM(e.debit - e.credit), 0) AS BIGINT) FROM ledger_entry e \
             WHERE e.order_id = a.order_id AND e.attempt_id = a.id AND e.refund_id = 0 AND e.book = $3), \
             (SELECT MIN(b.day) FROM bill_line d CROSS JOIN bill b \
             WHERE b.take = d.take_id AND d.our_no = a.merchant_no AND d.kind = 'payment' AND d.channel_no = a.channel_no AND b.channel = $1), \
             (SELECT o.exam_id FROM payment_order o WHERE o.id = a.order_id) \
             FROM (SELECT id, order_id, merchant_no, channel_no, received, paid_at FROM payment_attempt \
             WHERE channel = $1 AND paid_at IS NOT NULL AND (paid_at, id) > ($4, $5) AND paid_at < $6 AND merchant LIKE $2 \
             ORDER BY paid_at, id LIMIT 500) a ORDER BY a.paid_at, a.id"
        ),
        p![channel, account, book, at, id, to],
    )
    .await
}

/// Refunds of ours that the channel did within a day, behind a place. What was paid back by hand is no matter of the channel's.
pub(super) async fn our_refunds(
    q: &mut impl Query,
    (channel, account, book): (&str, &str, &str),
    (at, id): (i64, i64),
    to: i64,
) -> DbResult<Vec<OursRow>> {
    q.rows(
        sql!(
            "SELECT r.id, r.order_id, r.refund_no, NULL, r.amount, r.finished_at, \
             (SELECT CAST(COALESCE(SUM(e.credit - e.debit), 0) AS BIGINT) FROM ledger_entry e \
             WHERE e.order_id = r.order_id AND e.refund_id = r.id AND e.book = $3), \
             (SELECT MIN(b.day) FROM bill_line d CROSS JOIN bill b \
             WHERE b.take = d.take_id AND d.our_no = r.refund_no AND d.kind = 'refund' AND b.channel = $1), \
             (SELECT o.exam_id FROM payment_order o WHERE o.id = r.order_id) \
             FROM (SELECT f.id, f.order_id, f.refund_no, f.amount, f.finished_at FROM refund f \
             JOIN payment_attempt t ON t.id = f.attempt_id WHERE f.finished_at IS NOT NULL AND (f.finished_at, f.id) > ($4, $5) \
             AND f.finished_at < $6 AND f.state = 'succeeded' AND f.method IS NULL AND t.channel = $1 AND t.merchant LIKE $2 \
             ORDER BY f.finished_at, f.id LIMIT 500) r ORDER BY r.finished_at, r.id"
        ),
        p![channel, account, book, at, id, to],
    )
    .await
}

/// The day that is closed and whose bill lists a refund.
pub(super) async fn refund_closed(
    q: &mut impl Query,
    channel: &str,
    refund_no: &str,
) -> DbResult<Option<String>> {
    q.opt(
        sql!(
            "SELECT MIN(b.day) FROM bill_line l CROSS JOIN bill b \
             WHERE b.take = l.take_id AND l.our_no = $2 AND l.kind = 'refund' AND b.channel = $1 AND b.step = 'closed'"
        ),
        p![channel, refund_no],
    )
    .await
    .map(Option::flatten)
}

record! {
    /// A line of the reading that counts, as people see it.
    #[derive(Debug, Clone)]
    pub struct LineRow {
        pub seq: i64,
        pub kind: String,
        pub channel_no: String,
        pub our_no: String,
        pub amount: i64,
        pub fee: i64,
        pub at: i64,
        pub done: i64,
        /// Its class; none if it matches.
        pub class: Option<String>,
    }
}

/// Lines of a reading behind a place.
pub(super) async fn lines(
    q: &mut impl Query,
    (take, bill_id): (i64, i64),
    after: i64,
    limit: i64,
) -> DbResult<Vec<LineRow>> {
    q.rows(
        sql!(
            "SELECT l.seq, l.kind, l.channel_no, l.our_no, l.amount, l.fee, l.at, l.done, \
             (SELECT MIN(f.class) FROM bill_finding f WHERE f.bill_id = $2 AND f.state = 'open' AND f.seq = l.seq) \
             FROM (SELECT seq, kind, channel_no, our_no, amount, fee, at, done FROM bill_line \
             WHERE take_id = $1 AND seq > $3 ORDER BY seq LIMIT $4) l ORDER BY l.seq"
        ),
        p![take, bill_id, after, limit],
    )
    .await
}
