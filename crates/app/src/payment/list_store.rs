//! SQL of the lists of orders: a candidate's, the office's.

use db::{DbResult, Query, p, record, sql};

record! {
    /// A line of a candidate's list.
    #[derive(Debug, Clone)]
    pub struct OwnOrderRow {
        pub id: i64,
        pub public_id: String,
        pub order_no: String,
        pub exam: String,
        pub application_id: i64,
        pub choice: String,
        pub amount: i64,
        pub state: String,
        pub expires_at: i64,
        pub paid_at: Option<i64>,
        pub created_at: i64,
    }
}

/// A candidate's orders, newest first. `number` empty for all; made within `[from, to)`.
pub(super) async fn orders_of(
    q: &mut impl Query,
    account_id: i64,
    number: &str,
    made: (i64, i64),
    limit: i64,
) -> DbResult<Vec<OwnOrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.public_id, o.order_no, e.title, o.application_id, a.choice, o.amount, o.state, \
             o.expires_at, o.paid_at, o.created_at FROM payment_order o JOIN exam e ON e.id = o.exam_id \
             JOIN application a ON a.id = o.application_id WHERE o.account_id = $1 \
             AND ($2 = '' OR o.order_no = $2) AND o.created_at >= $3 AND o.created_at < $4 \
             ORDER BY o.id DESC LIMIT $5"
        ),
        p![account_id, number, made.0, made.1, limit],
    )
    .await
}

/// A candidate's orders that may still be paid.
pub(super) async fn orders_unpaid_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<OwnOrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.public_id, o.order_no, e.title, o.application_id, a.choice, o.amount, o.state, \
             o.expires_at, o.paid_at, o.created_at FROM payment_order o JOIN exam e ON e.id = o.exam_id \
             JOIN application a ON a.id = o.application_id WHERE o.account_id = $1 \
             AND o.state IN ('unpaid', 'paying') ORDER BY o.id DESC LIMIT 50"
        ),
        p![account_id],
    )
    .await
}

record! {
    /// A line of the office's list.
    #[derive(Debug, Clone)]
    pub struct OfficeOrderRow {
        pub id: i64,
        pub public_id: String,
        pub order_no: String,
        pub exam: String,
        pub name: String,
        pub registration_no: String,
        pub amount: i64,
        pub state: String,
        pub channel: Option<String>,
        pub paid_at: Option<i64>,
        pub created_at: i64,
    }
}

/// What the office asks for; empty and 0 mean any.
pub(super) struct OfficeFilter<'a> {
    pub exam_id: i64,
    pub state: &'a str,
    pub order_no: &'a str,
    pub merchant_no: &'a str,
    pub name: &'a str,
    pub before: i64,
    pub limit: i64,
}

pub(super) async fn orders_office(
    q: &mut impl Query,
    filter: &OfficeFilter<'_>,
) -> DbResult<Vec<OfficeOrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.public_id, o.order_no, e.title, a.name, a.registration_no, o.amount, o.state, \
             (SELECT t.channel FROM payment_attempt t WHERE t.id = o.credited_attempt), o.paid_at, o.created_at \
             FROM payment_order o JOIN exam e ON e.id = o.exam_id JOIN application a ON a.id = o.application_id \
             WHERE (o.exam_id = $1 OR $1 = 0) AND ($2 = '' OR o.state = $2) AND ($3 = '' OR o.order_no = $3) \
             AND ($4 = '' OR EXISTS (SELECT 1 FROM payment_attempt t WHERE t.order_id = o.id AND t.merchant_no = $4)) \
             AND ($5 = '' OR a.name = $5) AND o.id < $6 ORDER BY o.id DESC LIMIT $7"
        ),
        p![
            filter.exam_id,
            filter.state,
            filter.order_no,
            filter.merchant_no,
            filter.name,
            filter.before,
            filter.limit
        ],
    )
    .await
}

/// State, number of orders, their sum.
pub(super) async fn order_totals(
    q: &mut impl Query,
    exam_id: i64,
) -> DbResult<Vec<(String, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT state, COUNT(*), CAST(SUM(amount) AS BIGINT) FROM payment_order \
             WHERE (exam_id = $1 OR $1 = 0) GROUP BY state ORDER BY state"
        ),
        p![exam_id],
    )
    .await
}

/// Exams that have orders, newest first: what the filter offers.
pub(super) async fn exams_with_orders(q: &mut impl Query) -> DbResult<Vec<(i64, String, String)>> {
    q.rows(
        sql!(
            "SELECT e.id, e.public_id, e.title FROM exam e WHERE e.payment_closes > 0 \
             AND EXISTS (SELECT 1 FROM payment_order o WHERE o.exam_id = e.id) ORDER BY e.id DESC LIMIT 100"
        ),
        p![],
    )
    .await
}
