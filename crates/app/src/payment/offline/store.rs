//! SQL of payments and paybacks that staff enter from documents.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A payment, or a payback of a refund, that somebody entered from a document and another person confirms.
    #[derive(Debug, Clone)]
    pub struct EntryRow {
        pub id: i64,
        pub public_id: String,
        pub order_id: i64,
        /// The refund that was paid back; `None` for a payment.
        pub refund_id: Option<i64>,
        pub method: String,
        pub document_no: String,
        pub amount: i64,
        /// When it was paid, by the document.
        pub paid_at: i64,
        pub remark: String,
        pub voucher_id: Option<i64>,
        pub state: String,
        pub entered_by: i64,
        pub entered_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub note: String,
        pub version: i64,
        pub enterer: Option<String>,
        pub decider: Option<String>,
    }
}

/// A new entry's columns.
pub(super) struct EntryInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub order_id: i64,
    pub refund_id: Option<i64>,
    pub method: &'a str,
    pub document_no: &'a str,
    pub amount: i64,
    pub paid_at: i64,
    pub remark: &'a str,
    pub voucher_id: Option<i64>,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn entry_insert(tx: &mut Tx, row: &EntryInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO offline_entry (id, public_id, order_id, refund_id, method, document_no, amount, paid_at, remark, \
             voucher_id, state, entered_by, entered_at, note, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'entered', $11, $12, '', 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.order_id,
            row.refund_id,
            row.method,
            row.document_no,
            row.amount,
            row.paid_at,
            row.remark,
            row.voucher_id,
            row.by,
            row.at
        ],
    )
    .await
}

pub(super) async fn entry_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<EntryRow>> {
    q.opt(
        point!(
            "SELECT x.id, x.public_id, x.order_id, x.refund_id, x.method, x.document_no, x.amount, x.paid_at, x.remark, \
             x.voucher_id, x.state, x.entered_by, x.entered_at, x.decided_by, x.decided_at, x.note, x.version, s.name, d.name \
             FROM offline_entry x LEFT JOIN staff s ON s.id = x.entered_by LEFT JOIN staff d ON d.id = x.decided_by \
             WHERE x.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn entries_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<EntryRow>> {
    q.rows(
        point!(
            "SELECT x.id, x.public_id, x.order_id, x.refund_id, x.method, x.document_no, x.amount, x.paid_at, x.remark, \
             x.voucher_id, x.state, x.entered_by, x.entered_at, x.decided_by, x.decided_at, x.note, x.version, s.name, d.name \
             FROM offline_entry x LEFT JOIN staff s ON s.id = x.entered_by LEFT JOIN staff d ON d.id = x.decided_by \
             WHERE x.order_id = $1 ORDER BY x.id LIMIT 50"
        ),
        p![order_id],
    )
    .await
}

/// The second person's word, at the version that was read. 0 rows: somebody was faster, or he entered it himself.
pub(super) async fn entry_decide(
    tx: &mut Tx,
    (id, version): (i64, i64),
    to: &str,
    (by, note): (i64, &str),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE offline_entry SET state = $3, decided_by = $4, note = $5, decided_at = $6, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'entered' AND entered_by <> $4"
        ),
        p![id, version, to, by, note, at],
    )
    .await
}

/// The refund of the entry of an order that nobody confirmed yet, 0 for a payment; an order has one at most.
pub(super) async fn entry_waits(q: &mut impl Query, order_id: i64) -> DbResult<Option<i64>> {
    q.opt(
        point!(
            "SELECT COALESCE(refund_id, 0) FROM offline_entry WHERE order_id = $1 AND state = 'entered'"
        ),
        p![order_id],
    )
    .await
}

record! {
    /// An entry of another order under the same number of a document.
    #[derive(Debug, Clone)]
    pub struct SameNumber {
        pub order_no: String,
        pub method: String,
        pub amount: i64,
        pub state: String,
    }
}

/// Entries of other kinds of documents under a number, those that were refused aside.
pub(super) async fn entries_like(
    q: &mut impl Query,
    (id, document_no): (i64, &str),
) -> DbResult<Vec<SameNumber>> {
    q.rows(
        sql!(
            "SELECT o.order_no, x.method, x.amount, x.state FROM offline_entry x JOIN payment_order o ON o.id = x.order_id \
             WHERE x.method IN ('cash', 'transfer', 'pos') AND x.document_no = $2 AND x.id <> $1 AND x.state <> 'refused' \
             ORDER BY x.id LIMIT 10"
        ),
        p![id, document_no],
    )
    .await
}

record! {
    /// An entry that waits for the second person.
    #[derive(Debug, Clone)]
    pub struct WaitingEntry {
        pub public_id: String,
        pub order_public_id: String,
        pub order_no: String,
        /// The candidate's.
        pub name: String,
        pub refund_id: Option<i64>,
        pub method: String,
        pub amount: i64,
        pub enterer: Option<String>,
        pub entered_at: i64,
        pub order_state: String,
        pub order_amount: i64,
    }
}

/// Entries of somebody other than this person, the oldest first.
pub(super) async fn entries_waiting(
    q: &mut impl Query,
    staff_id: i64,
    limit: i64,
) -> DbResult<Vec<WaitingEntry>> {
    q.rows(
        sql!(
            "SELECT x.public_id, o.public_id, o.order_no, a.name, x.refund_id, x.method, x.amount, s.name, x.entered_at, \
             o.state, o.amount FROM offline_entry x JOIN payment_order o ON o.id = x.order_id JOIN application a ON a.id = o.application_id \
             LEFT JOIN staff s ON s.id = x.entered_by WHERE x.state = 'entered' AND x.entered_by <> $1 \
             ORDER BY x.id LIMIT $2"
        ),
        p![staff_id, limit],
    )
    .await
}

/// A refund of what came offline isn't sent anywhere: it waits until somebody has paid it back.
pub(super) async fn refund_rests(tx: &mut Tx, id: i64, version: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE refund SET next_query_at = NULL, version = version + 1 WHERE id = $1 AND version = $2"),
        p![id, version],
    )
    .await
}
