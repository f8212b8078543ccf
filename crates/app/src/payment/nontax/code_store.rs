//! SQL of 缴款码: asked for, given.

use db::dialect::pick;
use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// The code of an order, asked for or given.
    #[derive(Debug, Clone)]
    pub struct CodeRow {
        pub order_id: i64,
        pub exam_id: i64,
        /// `None` until it was given.
        pub code: Option<String>,
        pub asked_at: i64,
        pub given_at: Option<i64>,
    }
}

pub(super) async fn code_of(q: &mut impl Query, order_id: i64) -> DbResult<Option<CodeRow>> {
    q.opt(
        point!("SELECT order_id, exam_id, code, asked_at, given_at FROM nontax_code WHERE order_id = $1"),
        p![order_id],
    )
    .await
}

pub(super) async fn code_ask(
    tx: &mut Tx,
    (order_id, exam_id): (i64, i64),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO nontax_code (order_id, exam_id, asked_at) VALUES ($1, $2, $3) \
             ON CONFLICT (order_id) DO NOTHING"
        ),
        p![order_id, exam_id, at],
    )
    .await
}

/// Gives an order the code that it waits for. 0 rows: it waits for none.
pub(super) async fn code_give(tx: &mut Tx, order_id: i64, code: &str, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_code SET code = $2, given_at = $3 WHERE order_id = $1 AND code IS NULL"
        ),
        p![order_id, code, at],
    )
    .await
}

record! {
    /// An order that waits for a code.
    #[derive(Debug, Clone)]
    pub struct WaitingCode {
        pub order_id: i64,
        pub order_no: String,
        pub name: String,
        pub exam: String,
        pub amount: i64,
        pub expires_at: i64,
        pub asked_at: i64,
    }
}

/// Orders that are owed, wait for a code and still take money at an instant, of all exams, from behind one on.
pub(super) async fn codes_waiting(
    q: &mut impl Query,
    after: i64,
    at: i64,
    limit: i64,
) -> DbResult<Vec<WaitingCode>> {
    q.rows(
        sql!(
            "SELECT o.id, o.order_no, a.name, e.title, o.amount, o.expires_at, c.asked_at FROM nontax_code c \
             JOIN payment_order o ON o.id = c.order_id JOIN application a ON a.id = o.application_id \
             JOIN exam e ON e.id = o.exam_id WHERE c.code IS NULL AND c.order_id > $1 \
             AND o.state IN ('unpaid', 'paying') AND (o.expires_at > $2 OR e.payment_closes > $2) ORDER BY c.order_id LIMIT $3"
        ),
        p![after, at, limit],
    )
    .await
}

/// Whether a code was asked for before an instant, and none came while its order was open.
pub(super) async fn code_unwanted(q: &mut impl Query, before: i64) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT c.order_id FROM nontax_code c JOIN payment_order o ON o.id = c.order_id \
                 WHERE c.code IS NULL AND c.asked_at < $1 AND o.state NOT IN ('unpaid', 'paying', 'hold') LIMIT 1"
            ),
            p![before],
        )
        .await?;
    Ok(found.is_some())
}

/// Such requests go: they would be looked at for ever, whenever somebody counts those that wait.
pub(super) async fn codes_drop(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM nontax_code WHERE code IS NULL AND order_id IN (SELECT c.order_id FROM nontax_code c \
             JOIN payment_order o ON o.id = c.order_id WHERE c.code IS NULL AND c.asked_at < $1 \
             AND o.state NOT IN ('unpaid', 'paying', 'hold') ORDER BY c.order_id LIMIT 500)"
        ),
        p![before],
    )
    .await
}

record! {
    /// An order that a file of codes names.
    #[derive(Debug, Clone)]
    pub(super) struct NamedOrder {
        pub order_no: String,
        pub id: i64,
        /// `None`: nobody asked for a code of it.
        pub asked_at: Option<i64>,
        /// The code that it has.
        pub code: Option<String>,
        /// The order that has the code of the file.
        pub holder: Option<i64>,
    }
}

/// The orders of rows (`[[order number, code], …]`), as far as there are such.
pub(super) async fn orders_named(q: &mut impl Query, rows: &str) -> DbResult<Vec<NamedOrder>> {
    let statement = pick(
        q.backend(),
        sql!(
            "SELECT o.order_no, o.id, c.asked_at, c.code, h.order_id FROM json_each($1) j \
             JOIN payment_order o ON o.order_no = j.value ->> 0 LEFT JOIN nontax_code c ON c.order_id = o.id \
             LEFT JOIN nontax_code h ON h.code = j.value ->> 1"
        ),
        sql!(
            "SELECT o.order_no, o.id, c.asked_at, c.code, h.order_id \
             FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) j \
             JOIN payment_order o ON o.order_no = j ->> 0 LEFT JOIN nontax_code c ON c.order_id = o.id \
             LEFT JOIN nontax_code h ON h.code = j ->> 1"
        ),
    );
    q.rows(statement, p![rows]).await
}
