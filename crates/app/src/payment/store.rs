//! SQL of payment orders. What is said of their attempts lies in `attempt_store`, and is found here as well.

use db::{DbResult, Query, Tx, p, point, record, sql};

pub use super::attempt_store::AttemptRow;
pub(super) use super::attempt_store::{
    AttemptInsert, attempt_applied, attempt_asked, attempt_by_no, attempt_clear_money,
    attempt_insert, attempt_lease, attempt_set_checkout, attempt_set_money, attempt_set_state,
    attempts_due, attempts_hurry, attempts_of,
};

record! {
    /// A payment order.
    #[derive(Debug, Clone)]
    pub struct OrderRow {
        pub id: i64,
        pub public_id: String,
        pub order_no: String,
        pub application_id: i64,
        pub exam_id: i64,
        pub account_id: i64,
        pub amount: i64,
        pub state: String,
        pub expires_at: i64,
        pub credited_attempt: Option<i64>,
        pub paid_at: Option<i64>,
        pub closed_at: Option<i64>,
        pub created_at: i64,
        pub version: i64,
    }
}

pub(super) async fn order_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<OrderRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, order_no, application_id, exam_id, account_id, amount, state, expires_at, \
             credited_attempt, paid_at, closed_at, created_at, version FROM payment_order WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn order_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<OrderRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, order_no, application_id, exam_id, account_id, amount, state, expires_at, \
             credited_attempt, paid_at, closed_at, created_at, version FROM payment_order WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The order of an application that is owed, paid or looked into; there is at most one.
pub(super) async fn order_live_of(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<OrderRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, order_no, application_id, exam_id, account_id, amount, state, expires_at, \
             credited_attempt, paid_at, closed_at, created_at, version FROM payment_order \
             WHERE application_id = $1 \
             AND state IN ('unpaid', 'paying', 'paid', 'refunding', 'part_refunded', 'hold')"
        ),
        p![application_id],
    )
    .await
}

pub(super) async fn order_no_taken(q: &mut impl Query, order_no: &str) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            point!("SELECT id FROM payment_order WHERE order_no = $1"),
            p![order_no],
        )
        .await?;
    Ok(found.is_some())
}

/// A new order's columns.
pub(super) struct OrderInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub order_no: &'a str,
    pub application_id: i64,
    pub exam_id: i64,
    pub account_id: i64,
    pub amount: i64,
    pub expires_at: i64,
    pub at: i64,
}

pub(super) async fn order_insert(tx: &mut Tx, row: &OrderInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO payment_order (id, public_id, order_no, application_id, exam_id, account_id, amount, state, \
             expires_at, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 'unpaid', $8, $9, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.order_no,
            row.application_id,
            row.exam_id,
            row.account_id,
            row.amount,
            row.expires_at,
            row.at
        ],
    )
    .await
}

/// Locks an order until the commit: whatever changes it or its attempts does this first.
pub(super) async fn order_lock(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE payment_order SET version = version + 1 WHERE id = $1"),
        p![id],
    )
    .await
}

/// Moves a locked order on.
pub(super) async fn order_set_state(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE payment_order SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// Which attempt credits the order, and when it was paid.
pub(super) async fn order_credit(
    tx: &mut Tx,
    id: i64,
    attempt_id: i64,
    paid_at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE payment_order SET credited_attempt = $2, paid_at = $3, closed_at = NULL WHERE id = $1"
        ),
        p![id, attempt_id, paid_at],
    )
    .await
}

pub(super) async fn order_close(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE payment_order SET closed_at = $2 WHERE id = $1"),
        p![id, at],
    )
    .await
}

pub(super) async fn order_extend(tx: &mut Tx, id: i64, expires_at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE payment_order SET expires_at = $2 WHERE id = $1 AND expires_at < $2"),
        p![id, expires_at],
    )
    .await
}

/// Open orders whose time is over, without an application for a waiver that nobody has decided, and that nobody put back until after `at`.
pub(super) async fn orders_overdue(
    q: &mut impl Query,
    before: i64,
    at: i64,
    limit: i64,
) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT o.id FROM payment_order o WHERE o.state IN ('unpaid', 'paying') AND o.expires_at <= $1 \
                 AND NOT EXISTS (SELECT 1 FROM fee_waiver w WHERE w.application_id = o.application_id AND w.state = 'pending') \
                 AND NOT EXISTS (SELECT 1 FROM setback s WHERE s.kind = 'order' AND s.id = o.id AND s.until > $2) \
                 ORDER BY o.expires_at, o.id LIMIT $3"
            ),
            p![before, at, limit],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Applications that owe a fee, have no open order, whose exam takes no more money, and that nobody put back until
/// after `at`. `closed`: from and to when their exams stopped taking it.
pub(super) async fn debts_overdue(
    q: &mut impl Query,
    closed: (i64, i64),
    at: i64,
    limit: i64,
) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT a.id FROM exam e JOIN application a ON a.exam_id = e.id \
                 WHERE e.payment_closes > $2 AND e.payment_closes <= $1 AND e.state <> 'draft' \
                 AND a.life = 'live' AND a.payment = 'due' AND NOT EXISTS (SELECT 1 FROM payment_order o \
                 WHERE o.application_id = a.id AND o.state IN ('unpaid', 'paying', 'hold')) \
                 AND NOT EXISTS (SELECT 1 FROM fee_waiver w WHERE w.application_id = a.id AND w.state = 'pending') \
                 AND NOT EXISTS (SELECT 1 FROM setback s WHERE s.kind = 'debt' AND s.id = a.id AND s.until > $3) \
                 ORDER BY a.id LIMIT $4"
            ),
            p![closed.1, closed.0, at, limit],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
