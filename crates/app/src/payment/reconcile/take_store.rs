//! SQL of readings of a bill and their lines.

use db::dialect::pick;
use db::{DbResult, Query, Tx, p, record, sql};

record! {
    /// One reading of a bill.
    #[derive(Debug, Clone)]
    pub struct TakeRow {
        pub id: i64,
        pub public_id: String,
        pub bill_id: i64,
        pub source: String,
        pub state: String,
        pub file_name: String,
        pub file_hash: String,
        pub object_id: Option<i64>,
        pub lines: i64,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        pub fee: i64,
        pub stored: i64,
        pub reason: String,
        pub made_by: i64,
        pub made_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub maker: Option<String>,
        pub decider: Option<String>,
    }
}

/// A new reading's columns.
pub(super) struct TakeInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub bill_id: i64,
    pub source: &'a str,
    pub file_name: &'a str,
    pub file_hash: &'a str,
    pub object_id: Option<i64>,
    /// Lines, payments and their sum, refunds and theirs, fees.
    pub sums: [i64; 6],
    pub reason: &'a str,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn take_insert(tx: &mut Tx, row: &TakeInsert<'_>) -> DbResult<u64> {
    let [lines, payments, paid, refunds, refunded, fee] = row.sums;
    tx.exec(
        sql!(
            "INSERT INTO bill_take (id, public_id, bill_id, source, state, file_name, file_hash, object_id, lines, payments, paid, \
             refunds, refunded, fee, stored, reason, made_by, made_at) \
             VALUES ($1, $2, $3, $4, 'reading', $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16)"
        ),
        p![
            row.id,
            row.public_id,
            row.bill_id,
            row.source,
            row.file_name,
            row.file_hash,
            row.object_id,
            lines,
            payments,
            paid,
            refunds,
            refunded,
            fee,
            row.reason,
            row.by,
            row.at
        ],
    )
    .await
}

/// The readings of a day, the newest first.
pub(super) async fn takes_of(q: &mut impl Query, bill_id: i64) -> DbResult<Vec<TakeRow>> {
    q.rows(
        sql!(
            "SELECT t.id, t.public_id, t.bill_id, t.source, t.state, t.file_name, t.file_hash, t.object_id, t.lines, t.payments, t.paid, \
             t.refunds, t.refunded, t.fee, t.stored, t.reason, t.made_by, t.made_at, t.decided_by, t.decided_at, s.name, d.name \
             FROM bill_take t LEFT JOIN staff s ON s.id = t.made_by LEFT JOIN staff d ON d.id = t.decided_by \
             WHERE t.bill_id = $1 ORDER BY t.id DESC LIMIT 50"
        ),
        p![bill_id],
    )
    .await
}

/// So many lines more are stored; 0 rows if another worker was faster.
pub(super) async fn take_store(tx: &mut Tx, id: i64, from: i64, count: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET stored = stored + $3 WHERE id = $1 AND stored = $2 AND state = 'reading'"
        ),
        p![id, from, count],
    )
    .await
}

pub(super) async fn take_move(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill_take SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// Whatever counted before this reading doesn't any more.
pub(super) async fn takes_replaced(tx: &mut Tx, bill_id: i64, by: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET state = 'dropping' WHERE bill_id = $1 AND state = 'current' AND id <> $2"
        ),
        p![bill_id, by],
    )
    .await
}

/// The second person's word on what was uploaded.
pub(super) async fn take_decide(tx: &mut Tx, id: i64, to: &str, by: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET state = $2, decided_by = $3, decided_at = $4 \
             WHERE id = $1 AND state = 'staged' AND made_by <> $3"
        ),
        p![id, to, by, at],
    )
    .await
}

/// Lines as a JSON array of arrays, in the order of the columns: one statement for some hundred.
pub(super) async fn lines_insert(tx: &mut Tx, take_id: i64, lines: &str) -> DbResult<u64> {
    let statement = pick(
        tx.backend(),
        sql!(
            "INSERT INTO bill_line (take_id, seq, kind, channel_no, our_no, of_no, amount, fee, at, merchant, done) \
             SELECT $1, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6, \
             j.value ->> 7, j.value ->> 8, j.value ->> 9 FROM json_each($2) j"
        ),
        sql!(
            "INSERT INTO bill_line (take_id, seq, kind, channel_no, our_no, of_no, amount, fee, at, merchant, done) \
             SELECT $1, CAST(j ->> 0 AS BIGINT), j ->> 1, j ->> 2, j ->> 3, j ->> 4, CAST(j ->> 5 AS BIGINT), CAST(j ->> 6 AS BIGINT), \
             CAST(j ->> 7 AS BIGINT), j ->> 8, CAST(j ->> 9 AS BIGINT) FROM jsonb_array_elements(CAST(CAST($2 AS TEXT) AS JSONB)) j"
        ),
    );
    tx.exec(statement, p![take_id, lines]).await
}

/// A reading that nobody needs any more, if there is one.
pub(super) async fn take_dropping(q: &mut impl Query) -> DbResult<Option<i64>> {
    q.opt(
        sql!("SELECT id FROM bill_take WHERE state = 'dropping' ORDER BY id LIMIT 1"),
        p![],
    )
    .await
}

pub(super) async fn lines_drop(tx: &mut Tx, take_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM bill_line WHERE take_id = $1 AND seq <= \
             (SELECT COALESCE(MIN(seq), 0) + $2 FROM bill_line WHERE take_id = $1)"
        ),
        p![take_id, limit],
    )
    .await
}
