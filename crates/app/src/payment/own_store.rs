//! SQL of what the copy of a candidate's data says of his money.

use db::{DbResult, Query, p, record, sql};

record! {
    /// One of his orders.
    #[derive(Debug, Clone)]
    pub(super) struct OrderCopyRow {
        pub id: i64,
        pub order_no: String,
        pub exam: String,
        pub amount: i64,
        pub state: String,
        pub created_at: i64,
        pub paid_at: Option<i64>,
        /// Of the payment that credits it.
        pub channel: Option<String>,
        pub channel_no: Option<String>,
    }
}

pub(super) async fn orders(q: &mut impl Query, account_id: i64) -> DbResult<Vec<OrderCopyRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.order_no, e.title, o.amount, o.state, o.created_at, o.paid_at, t.channel, t.channel_no \
             FROM payment_order o JOIN exam e ON e.id = o.exam_id LEFT JOIN payment_attempt t ON t.id = o.credited_attempt \
             WHERE o.account_id = $1 ORDER BY o.id DESC LIMIT 500"
        ),
        p![account_id],
    )
    .await
}

record! {
    /// Money that went back, or is to.
    #[derive(Debug, Clone)]
    pub(super) struct BackRow {
        pub order_id: i64,
        pub number: String,
        pub amount: i64,
        pub state: String,
        pub reason: String,
        pub at: i64,
        pub finished_at: Option<i64>,
    }
}

pub(super) async fn refunds(q: &mut impl Query, account_id: i64) -> DbResult<Vec<BackRow>> {
    q.rows(
        sql!(
            "SELECT r.order_id, r.refund_no, r.amount, r.state, r.reason, r.created_at, r.finished_at FROM payment_order o \
             JOIN refund r ON r.order_id = o.id WHERE o.account_id = $1 ORDER BY r.id LIMIT 500"
        ),
        p![account_id],
    )
    .await
}

record! {
    /// A document of money that came or went outside of the channels.
    #[derive(Debug, Clone)]
    pub(super) struct DocumentRow {
        pub order_id: i64,
        pub refund_id: Option<i64>,
        pub method: String,
        pub document_no: String,
        pub amount: i64,
        pub paid_at: i64,
        pub state: String,
        /// 1: with a scan.
        pub scanned: i64,
    }
}

pub(super) async fn documents(q: &mut impl Query, account_id: i64) -> DbResult<Vec<DocumentRow>> {
    q.rows(
        sql!(
            "SELECT x.order_id, x.refund_id, x.method, x.document_no, x.amount, x.paid_at, x.state, \
             CASE WHEN x.voucher_id IS NULL THEN 0 ELSE 1 END FROM payment_order o JOIN offline_entry x ON x.order_id = o.id \
             WHERE o.account_id = $1 ORDER BY x.id LIMIT 500"
        ),
        p![account_id],
    )
    .await
}

/// 缴款码 of his orders: order, code, when it was asked for and given.
pub(super) async fn codes(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<(i64, Option<String>, i64, Option<i64>)>> {
    q.rows(
        sql!(
            "SELECT c.order_id, c.code, c.asked_at, c.given_at FROM payment_order o JOIN nontax_code c ON c.order_id = o.id \
             WHERE o.account_id = $1 ORDER BY c.order_id LIMIT 500"
        ),
        p![account_id],
    )
    .await
}

/// What the collection bank told of them, in lists that count: order, 分, when it was paid, the bank's number.
pub(super) async fn told(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<(i64, i64, i64, String)>> {
    q.rows(
        sql!(
            "SELECT r.order_id, r.amount, r.paid_at, r.voucher FROM payment_order o JOIN nontax_row r ON r.order_id = o.id \
             JOIN nontax_batch b ON b.id = r.batch_id WHERE o.account_id = $1 AND b.state IN ('confirmed', 'done') \
             AND r.outcome <> 'told_before' ORDER BY r.batch_id, r.line LIMIT 500"
        ),
        p![account_id],
    )
    .await
}
