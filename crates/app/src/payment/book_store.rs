//! SQL of the books: the channels' inbox and the ledger.

use db::{DbResult, Query, Tx, p, record, sql};

/// One event of the channels' inbox.
pub(super) struct EventInsert<'a> {
    pub id: i64,
    pub channel: &'a str,
    pub body_hash: &'a [u8],
    pub source: &'a str,
    pub merchant_no: &'a str,
    pub content: &'a [u8],
    pub outcome: &'a str,
    pub at: i64,
}

/// Keeps an event; the same one again changes nothing.
pub(super) async fn event_insert(tx: &mut Tx, row: &EventInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO gateway_event (id, channel, body_hash, source, merchant_no, content, outcome, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (channel, source, body_hash) DO NOTHING"
        ),
        p![
            row.id,
            row.channel,
            row.body_hash,
            row.source,
            row.merchant_no,
            row.content,
            row.outcome,
            row.at
        ],
    )
    .await
}

record! {
    /// What a channel told about an order.
    #[derive(Debug, Clone)]
    pub struct EventRow {
        pub id: i64,
        pub channel: String,
        pub source: String,
        pub merchant_no: String,
        pub outcome: String,
        pub received_at: i64,
    }
}

pub(super) async fn events_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<EventRow>> {
    q.rows(
        sql!(
            "SELECT g.id, g.channel, g.source, g.merchant_no, g.outcome, g.received_at FROM payment_attempt a \
             JOIN gateway_event g ON g.merchant_no = a.merchant_no WHERE a.order_id = $1 ORDER BY g.id LIMIT 200"
        ),
        p![order_id],
    )
    .await
}

/// One side of a posting.
pub(super) struct LedgerInsert<'a> {
    pub id: i64,
    pub posting: i64,
    pub book: &'a str,
    pub debit: i64,
    pub credit: i64,
    /// Order, attempt, refund (0 for none).
    pub of: (i64, i64, i64),
    pub at: i64,
}

pub(super) async fn ledger_insert(tx: &mut Tx, row: &LedgerInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ledger_entry (id, posting, book, debit, credit, order_id, attempt_id, refund_id, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        p![row.id, row.posting, row.book, row.debit, row.credit, row.of.0, row.of.1, row.of.2, row.at],
    )
    .await
}

record! {
    /// A line of the ledger.
    #[derive(Debug, Clone)]
    pub struct LedgerRow {
        pub id: i64,
        pub posting: i64,
        pub book: String,
        pub debit: i64,
        pub credit: i64,
        pub at: i64,
    }
}

pub(super) async fn ledger_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<LedgerRow>> {
    q.rows(
        sql!(
            "SELECT id, posting, book, debit, credit, at FROM ledger_entry WHERE order_id = $1 ORDER BY id LIMIT 500"
        ),
        p![order_id],
    )
    .await
}

/// Adds to what came and went beside the channels on a day: payments and their sum, refunds and theirs.
pub(super) async fn hand_revenue_add(
    tx: &mut Tx,
    (day, book): (&str, &str),
    order_id: i64,
    [payments, paid, refunds, refunded]: [i64; 4],
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO hand_revenue (day, book, exam_id, payments, paid, refunds, refunded) \
             SELECT $1, $2, exam_id, $4, $5, $6, $7 FROM payment_order WHERE id = $3 \
             ON CONFLICT (day, book, exam_id) DO UPDATE SET payments = hand_revenue.payments + excluded.payments, \
             paid = hand_revenue.paid + excluded.paid, refunds = hand_revenue.refunds + excluded.refunds, \
             refunded = hand_revenue.refunded + excluded.refunded"
        ),
        p![day, book, order_id, payments, paid, refunds, refunded],
    )
    .await
}

/// Book, debits, credits.
pub(super) async fn ledger_totals(q: &mut impl Query) -> DbResult<Vec<(String, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT book, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT) FROM ledger_entry \
             GROUP BY book ORDER BY book"
        ),
        p![],
    )
    .await
}

/// Postings whose sides differ: there must be none.
pub(super) async fn ledger_unbalanced(q: &mut impl Query) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT posting FROM ledger_entry GROUP BY posting HAVING SUM(debit) <> SUM(credit) \
             ORDER BY posting LIMIT 100"
        ),
        p![],
    )
    .await
}
