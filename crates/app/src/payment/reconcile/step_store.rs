//! SQL of the steps of a day: comparing, standing, closing.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// How far a day is.
    #[derive(Debug, Clone)]
    pub struct StandingRow {
        pub id: i64,
        pub run: i64,
        pub step: String,
        pub handed_at: Option<i64>,
    }
}

/// How far the day of a channel is; none if it isn't over, or was never looked at.
pub(super) async fn bill_standing(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<Option<StandingRow>> {
    q.opt(
        point!("SELECT id, run, step, handed_at FROM bill WHERE channel = $1 AND day = $2"),
        p![channel, day],
    )
    .await
}

/// The books of a day moved: what was compared isn't so any more. 0 rows for a day that is closed.
pub(super) async fn bill_stale(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET stale_at = $2 WHERE id = $1 AND step <> 'closed'"),
        p![id, at],
    )
    .await
}

/// Holds a day that settles what its bill proves, until the commit. 0 rows: it doesn't, or not any more.
pub(super) async fn bill_settling(tx: &mut Tx, id: i64, settling: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET stale_at = stale_at WHERE id = $1 AND step = 'lines' AND reached_id = $2"
        ),
        p![id, settling],
    )
    .await
}

/// Days that were compared before their books moved.
pub(super) async fn bills_stale(q: &mut impl Query) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!(
            "SELECT id, step FROM bill WHERE stale_at IS NOT NULL AND step IN ('open', 'asked') ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// Another reading counts from now on, and a comparison begins.
pub(super) async fn bill_flip(tx: &mut Tx, id: i64, take: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET take = $2, step = 'lines', run = run + 1, reached = 0, reached_id = 0, matched = 0, our_payments = 0, \
             our_paid = 0, our_refunds = 0, our_refunded = 0, next_at = NULL, problem = '', asked_by = NULL, asked_at = NULL, stale_at = NULL \
             WHERE id = $1 AND step NOT IN ('asked', 'closed')"
        ),
        p![id, take],
    )
    .await
}

/// A comparison begins anew over the reading that counts.
pub(super) async fn bill_again(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'lines', run = run + 1, reached = 0, reached_id = 0, matched = 0, our_payments = 0, our_paid = 0, \
             our_refunds = 0, our_refunded = 0, next_at = NULL, problem = '', stale_at = NULL WHERE id = $1 AND take IS NOT NULL AND step IN ('acting', 'open')"
        ),
        p![id],
    )
    .await
}

/// Where the steps of a comparison are and go.
pub(super) struct Onward<'a> {
    pub id: i64,
    pub run: i64,
    pub step: &'a str,
    pub from: (i64, i64),
    pub to: &'a str,
    pub reached: (i64, i64),
}

/// A step of the comparison, with what it adds: lines that match, payments of ours and their sum, refunds and theirs.
pub(super) async fn bill_onward(tx: &mut Tx, on: &Onward<'_>, add: [i64; 5]) -> DbResult<u64> {
    let [matched, payments, paid, refunds, refunded] = add;
    tx.exec(
        sql!(
            "UPDATE bill SET step = $6, reached = $7, reached_id = $8, matched = matched + $9, our_payments = our_payments + $10, \
             our_paid = our_paid + $11, our_refunds = our_refunds + $12, our_refunded = our_refunded + $13 \
             WHERE id = $1 AND run = $2 AND step = $3 AND reached = $4 AND reached_id = $5"
        ),
        p![
            on.id,
            on.run,
            on.step,
            on.from.0,
            on.from.1,
            on.to,
            on.reached.0,
            on.reached.1,
            matched,
            payments,
            paid,
            refunds,
            refunded
        ],
    )
    .await
}

pub(super) async fn bill_open(tx: &mut Tx, id: i64, run: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'open', matched_at = $3 WHERE id = $1 AND run = $2 AND step = 'acting' AND stale_at IS NULL"
        ),
        p![id, run, at],
    )
    .await
}

/// Days before this one whose open questions its bill may answer.
pub(super) async fn bills_waiting_for(
    q: &mut impl Query,
    channel: &str,
    (from, to): (&str, &str),
) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT b.id FROM bill b WHERE b.channel = $1 AND b.day >= $2 AND b.day < $3 AND b.step = 'open' AND EXISTS \
                 (SELECT 1 FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open' \
                 AND f.class IN ('local_only', 'refund_local_only', 'refund_pending')) ORDER BY b.day"
            ),
            p![channel, from, to],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether the bill of a later day was compared.
pub(super) async fn later_matched(q: &mut impl Query, channel: &str, day: &str) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM bill WHERE channel = $1 AND day > $2 AND matched_at IS NOT NULL LIMIT 1"
            ),
            p![channel, day],
        )
        .await?;
    Ok(found.is_some())
}

/// The first person asks for a day to be closed.
pub(super) async fn bill_ask(tx: &mut Tx, id: i64, run: i64, by: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'asked', asked_by = $3, asked_at = $4 WHERE id = $1 AND run = $2 AND step = 'open' AND stale_at IS NULL"
        ),
        p![id, run, by, at],
    )
    .await
}

/// The second person signs (`closed`), or gives it back (`open`).
pub(super) async fn bill_sign(tx: &mut Tx, id: i64, by: i64, at: i64, note: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'closed', closed_by = $2, closed_at = $3, note = $4 \
             WHERE id = $1 AND step = 'asked' AND asked_by <> $2 AND stale_at IS NULL"
        ),
        p![id, by, at, note],
    )
    .await
}

pub(super) async fn bill_unask(tx: &mut Tx, id: i64, note: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'open', asked_by = NULL, asked_at = NULL, note = $2 WHERE id = $1 AND step = 'asked'"
        ),
        p![id, note],
    )
    .await
}
