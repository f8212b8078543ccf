//! SQL of the tries to pay an order.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// One try to pay.
    #[derive(Debug, Clone)]
    pub struct AttemptRow {
        pub id: i64,
        pub order_id: i64,
        pub channel: String,
        pub merchant: String,
        pub merchant_no: String,
        pub channel_no: Option<String>,
        pub amount: i64,
        pub received: Option<i64>,
        pub state: String,
        pub way: String,
        pub checkout: String,
        pub checkout_at: i64,
        pub expires_at: i64,
        pub paid_at: Option<i64>,
        pub queries: i64,
        pub next_query_at: Option<i64>,
        pub created_at: i64,
        pub version: i64,
    }
}

pub(super) async fn attempts_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<AttemptRow>> {
    q.rows(
        point!(
            "SELECT id, order_id, channel, merchant, merchant_no, channel_no, amount, received, state, \
             COALESCE(way, 'page'), checkout, COALESCE(checkout_at, 0), expires_at, paid_at, queries, next_query_at, created_at, version FROM payment_attempt \
             WHERE order_id = $1 ORDER BY id"
        ),
        p![order_id],
    )
    .await
}

pub(super) async fn attempt_by_no(
    q: &mut impl Query,
    merchant_no: &str,
) -> DbResult<Option<AttemptRow>> {
    q.opt(
        point!(
            "SELECT id, order_id, channel, merchant, merchant_no, channel_no, amount, received, state, \
             COALESCE(way, 'page'), checkout, COALESCE(checkout_at, 0), expires_at, paid_at, queries, next_query_at, created_at, version FROM payment_attempt \
             WHERE merchant_no = $1"
        ),
        p![merchant_no],
    )
    .await
}

/// The attempt that a transaction of the channel is stored with.
pub(super) async fn attempt_applied(
    q: &mut impl Query,
    channel: &str,
    channel_no: &str,
) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT merchant_no FROM payment_attempt WHERE channel = $1 AND channel_no = $2"),
        p![channel, channel_no],
    )
    .await
}

/// A new attempt's columns.
pub(super) struct AttemptInsert<'a> {
    pub id: i64,
    pub order_id: i64,
    pub channel: &'a str,
    pub merchant: &'a str,
    pub merchant_no: &'a str,
    pub way: &'a str,
    pub amount: i64,
    pub expires_at: i64,
    pub next_query_at: Option<i64>,
    pub at: i64,
}

pub(super) async fn attempt_insert(tx: &mut Tx, row: &AttemptInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO payment_attempt (id, order_id, channel, merchant, merchant_no, amount, state, way, checkout, \
             checkout_at, expires_at, queries, next_query_at, leased_until, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, 'created', $10, '', 0, $7, 0, $8, 0, $9, 1)"
        ),
        p![
            row.id,
            row.order_id,
            row.channel,
            row.merchant,
            row.merchant_no,
            row.amount,
            row.expires_at,
            row.next_query_at,
            row.at,
            row.way
        ],
    )
    .await
}

/// Moves an attempt of a locked order on; `over`: it is asked about no more.
pub(super) async fn attempt_set_state(
    tx: &mut Tx,
    id: i64,
    from: &str,
    to: &str,
    over: bool,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET state = $3, version = version + 1, \
             next_query_at = CASE WHEN $4 = 1 THEN NULL ELSE next_query_at END WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, over],
    )
    .await
}

/// The way to the cashier, as the channel told it at an instant.
pub(super) async fn attempt_set_checkout(
    tx: &mut Tx,
    id: i64,
    checkout: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE payment_attempt SET checkout = $2, checkout_at = $3 WHERE id = $1"),
        p![id, checkout, at],
    )
    .await
}

/// The money of an attempt.
pub(super) async fn attempt_set_money(
    tx: &mut Tx,
    id: i64,
    channel_no: &str,
    received: i64,
    paid_at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET channel_no = $2, received = $3, paid_at = $4 WHERE id = $1"
        ),
        p![id, channel_no, received, paid_at],
    )
    .await
}

/// The money of an attempt wasn't there.
pub(super) async fn attempt_clear_money(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET channel_no = NULL, received = NULL, paid_at = NULL WHERE id = $1 AND state = 'closed'"
        ),
        p![id],
    )
    .await
}

/// Attempts whose channel is to be asked now.
pub(super) async fn attempts_due(
    q: &mut impl Query,
    at: i64,
    limit: i64,
) -> DbResult<Vec<AttemptRow>> {
    q.rows(
        sql!(
            "SELECT id, order_id, channel, merchant, merchant_no, channel_no, amount, received, state, \
             COALESCE(way, 'page'), checkout, COALESCE(checkout_at, 0), expires_at, paid_at, queries, next_query_at, created_at, version FROM payment_attempt \
             WHERE next_query_at IS NOT NULL AND next_query_at <= $1 AND leased_until <= $1 \
             ORDER BY next_query_at, id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Takes an attempt for one asker. 0 rows: another has it.
pub(super) async fn attempt_lease(tx: &mut Tx, id: i64, at: i64, until: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET leased_until = $3 WHERE id = $1 AND leased_until <= $2 \
             AND next_query_at IS NOT NULL"
        ),
        p![id, at, until],
    )
    .await
}

/// The channel was asked; when it is asked next.
pub(super) async fn attempt_asked(
    tx: &mut Tx,
    id: i64,
    next_query_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET queries = queries + 1, leased_until = 0, next_query_at = $2 \
             WHERE id = $1 AND state IN ('created', 'submitted', 'unknown', 'failed')"
        ),
        p![id, next_query_at],
    )
    .await
}

/// Lets the channel be asked about every open attempt of an order at once, to close it.
pub(super) async fn attempts_hurry(tx: &mut Tx, order_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_attempt SET next_query_at = $2 WHERE order_id = $1 \
             AND state IN ('created', 'submitted', 'unknown')"
        ),
        p![order_id, at],
    )
    .await
}
