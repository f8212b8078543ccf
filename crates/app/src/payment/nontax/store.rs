//! SQL of the collection bank's lists.

use db::dialect::pick;
use db::{DbResult, Query, Tx, p, point, record, sql};
use domain::payment::nontax::BatchState;

record! {
    /// A list of what was paid.
    #[derive(Debug, Clone)]
    pub struct BatchRow {
        pub id: i64,
        pub public_id: String,
        pub file_name: String,
        pub rows: i64,
        pub amount: i64,
        pub state: String,
        /// Lines that are stored; `None` for all, of lists from before they were counted.
        pub stored: Option<i64>,
        pub object_id: Option<i64>,
        pub entered_by: i64,
        pub entered_at: i64,
        pub decided_at: Option<i64>,
        pub note: String,
        pub enterer: Option<String>,
        pub decider: Option<String>,
    }
}

pub(super) async fn batches(q: &mut impl Query, limit: i64) -> DbResult<Vec<BatchRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.file_name, b.rows, b.amount, b.state, b.stored, b.object_id, b.entered_by, b.entered_at, b.decided_at, \
             b.note, s.name, d.name FROM nontax_batch b LEFT JOIN staff s ON s.id = b.entered_by \
             LEFT JOIN staff d ON d.id = b.decided_by ORDER BY b.id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

pub(super) async fn batch_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.file_name, b.rows, b.amount, b.state, b.stored, b.object_id, b.entered_by, b.entered_at, b.decided_at, \
             b.note, s.name, d.name FROM nontax_batch b LEFT JOIN staff s ON s.id = b.entered_by \
             LEFT JOIN staff d ON d.id = b.decided_by WHERE b.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

impl BatchRow {
    /// Where it stands; `None` for a code that nobody knows.
    pub fn standing(&self) -> Option<BatchState> {
        BatchState::of(&self.state, self.stored, self.rows)
    }

    /// Whether lines of it are still to be stored.
    pub fn is_reading(&self) -> bool {
        self.standing() == Some(BatchState::Reading)
    }
}

pub(super) async fn batch_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.file_name, b.rows, b.amount, b.state, b.stored, b.object_id, b.entered_by, \
             b.entered_at, b.decided_at, b.note, s.name, d.name FROM nontax_batch b \
             LEFT JOIN staff s ON s.id = b.entered_by LEFT JOIN staff d ON d.id = b.decided_by WHERE b.id = $1"
        ),
        p![id],
    )
    .await
}

/// The list that says the same, if it wasn't refused.
pub(super) async fn batch_by_hash(q: &mut impl Query, hash: &str) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.file_name, b.rows, b.amount, b.state, b.stored, b.object_id, b.entered_by, \
             b.entered_at, b.decided_at, b.note, s.name, d.name FROM nontax_batch b \
             LEFT JOIN staff s ON s.id = b.entered_by LEFT JOIN staff d ON d.id = b.decided_by \
             WHERE b.file_hash = $1 AND b.file_hash IS NOT NULL AND b.state <> 'refused'"
        ),
        p![hash],
    )
    .await
}

/// Lists of which lines are still to be stored.
pub(super) async fn batches_reading(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM nontax_batch WHERE state = 'staged' AND stored < rows ORDER BY id LIMIT 50"),
        p![],
    )
    .await
}

/// So many lines more are stored. 0 rows: somebody else stored them.
pub(super) async fn batch_store(tx: &mut Tx, id: i64, from: i64, count: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_batch SET stored = stored + $3 WHERE id = $1 AND stored = $2 AND state = 'staged'"
        ),
        p![id, from, count],
    )
    .await
}

/// A new list's columns.
pub(super) struct BatchInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub file_name: &'a str,
    pub file_hash: &'a str,
    pub object_id: i64,
    pub rows: i64,
    pub amount: i64,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn batch_insert(tx: &mut Tx, row: &BatchInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO nontax_batch (id, public_id, file_name, file_hash, object_id, rows, amount, state, stored, \
             entered_by, entered_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, 'staged', 0, $8, $9, '')"
        ),
        p![
            row.id,
            row.public_id,
            row.file_name,
            row.file_hash,
            row.object_id,
            row.rows,
            row.amount,
            row.by,
            row.at
        ],
    )
    .await
}

/// The second person's word. 0 rows: there was one, or he made the list himself.
pub(super) async fn batch_decide(
    tx: &mut Tx,
    id: i64,
    to: &str,
    (by, note): (i64, &str),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_batch SET state = $2, decided_by = $3, note = $4, decided_at = $5 \
             WHERE id = $1 AND state = 'staged' AND entered_by <> $3 AND (stored IS NULL OR stored = rows)"
        ),
        p![id, to, by, note, at],
    )
    .await
}

record! {
    /// A line of a list.
    #[derive(Debug, Clone)]
    pub struct PaidRow {
        pub batch_id: i64,
        pub line: i64,
        pub order_id: i64,
        pub code: String,
        pub amount: i64,
        pub paid_at: i64,
        pub voucher: String,
        /// What became of it: an outcome's code; empty until it was settled, `stuck` while somebody is asked why it can't be.
        pub outcome: String,
        pub order_no: String,
        pub order_public_id: String,
        /// What the order asks for, and where it stands now.
        pub owed: i64,
        pub order_state: String,
        pub expires_at: i64,
        /// 1: another list told of it before, with or without the zeros in front of its voucher.
        pub told: i64,
    }
}

/// Codes of lines (`[[line, code, …], …]`) that no order was given.
pub(super) async fn codes_unknown(q: &mut impl Query, lines: &str) -> DbResult<Vec<String>> {
    let statement = pick(
        q.backend(),
        sql!(
            "SELECT j.value ->> 1 FROM json_each($1) j \
             WHERE NOT EXISTS (SELECT 1 FROM nontax_code c WHERE c.code = j.value ->> 1)"
        ),
        sql!(
            "SELECT j ->> 1 FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) j \
             WHERE NOT EXISTS (SELECT 1 FROM nontax_code c WHERE c.code = j ->> 1)"
        ),
    );
    q.rows(statement, p![lines]).await
}

/// Stores lines (`[[line, code, 分, microseconds, voucher], …]`), each of the order that has its code; none of a code that nobody has.
pub(super) async fn rows_insert(tx: &mut Tx, batch_id: i64, lines: &str) -> DbResult<u64> {
    let statement = pick(
        tx.backend(),
        sql!(
            "INSERT INTO nontax_row (batch_id, line, order_id, code, amount, paid_at, voucher, outcome) \
             SELECT $1, j.value ->> 0, c.order_id, c.code, j.value ->> 2, j.value ->> 3, j.value ->> 4, '' \
             FROM json_each($2) j JOIN nontax_code c ON c.code = j.value ->> 1"
        ),
        sql!(
            "INSERT INTO nontax_row (batch_id, line, order_id, code, amount, paid_at, voucher, outcome) \
             SELECT $1, CAST(j ->> 0 AS BIGINT), c.order_id, c.code, CAST(j ->> 2 AS BIGINT), CAST(j ->> 3 AS BIGINT), \
             j ->> 4, '' FROM jsonb_array_elements(CAST(CAST($2 AS TEXT) AS JSONB)) j JOIN nontax_code c ON c.code = j ->> 1"
        ),
    );
    tx.exec(statement, p![batch_id, lines]).await
}

/// The lines of a list (`[[line, code, …], …]`) that aren't stored: nobody had their codes. 1 with each: somebody has it now.
pub(super) async fn lines_missing(
    q: &mut impl Query,
    batch_id: i64,
    lines: &str,
) -> DbResult<Vec<(i64, i64)>> {
    let statement = pick(
        q.backend(),
        sql!(
            "SELECT j.value ->> 0, CASE WHEN c.code IS NULL THEN 0 ELSE 1 END FROM json_each($2) j \
             LEFT JOIN nontax_code c ON c.code = j.value ->> 1 \
             WHERE NOT EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = $1 AND r.line = j.value ->> 0)"
        ),
        sql!(
            "SELECT CAST(j ->> 0 AS BIGINT), CASE WHEN c.code IS NULL THEN 0 ELSE 1 END \
             FROM jsonb_array_elements(CAST(CAST($2 AS TEXT) AS JSONB)) j LEFT JOIN nontax_code c ON c.code = j ->> 1 \
             WHERE NOT EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = $1 AND r.line = CAST(j ->> 0 AS BIGINT))"
        ),
    );
    q.rows(statement, p![batch_id, lines]).await
}

pub(super) async fn rows_of(
    q: &mut impl Query,
    batch_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<PaidRow>> {
    q.rows(
        sql!(
            "SELECT r.batch_id, r.line, r.order_id, r.code, r.amount, r.paid_at, r.voucher, r.outcome, o.order_no, \
             o.public_id, o.amount, o.state, o.expires_at, CASE WHEN EXISTS (SELECT 1 FROM nontax_row e \
             WHERE e.order_id = r.order_id AND LTRIM(e.voucher, '0') = LTRIM(r.voucher, '0') AND e.batch_id < r.batch_id AND e.outcome NOT IN ('', 'stuck')) \
             THEN 1 ELSE 0 END FROM nontax_row r JOIN payment_order o ON o.id = r.order_id \
             WHERE r.batch_id = $1 AND r.line > $2 ORDER BY r.line LIMIT $3"
        ),
        p![batch_id, after, limit],
    )
    .await
}

record! {
    /// What the lines of a list that are an order's come to.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct CountedRow {
        /// How many differ from what their orders ask for, are settled, and can't be.
        pub differ: i64,
        pub settled: i64,
        pub stuck: i64,
        pub lines: i64,
        pub amount: i64,
    }
}

pub(super) async fn rows_counted(q: &mut impl Query, batch_id: i64) -> DbResult<CountedRow> {
    q.one(
        sql!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN r.amount <> o.amount THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN r.outcome NOT IN ('', 'stuck') THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN r.outcome = 'stuck' THEN 1 ELSE 0 END), 0) AS BIGINT), COUNT(*), \
             CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) \
             FROM nontax_row r JOIN payment_order o ON o.id = r.order_id WHERE r.batch_id = $1"
        ),
        p![batch_id],
    )
    .await
}

/// Lines of confirmed lists that are to be settled, from behind one (list, line) on.
pub(super) async fn rows_due(
    q: &mut impl Query,
    (batch_id, line): (i64, i64),
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT r.batch_id, r.line FROM nontax_batch b JOIN nontax_row r ON r.batch_id = b.id \
             WHERE b.state = 'confirmed' AND r.outcome = '' AND (r.batch_id, r.line) > ($1, $2) \
             ORDER BY r.batch_id, r.line LIMIT $3"
        ),
        p![batch_id, line, limit],
    )
    .await
}

/// One line, to be settled.
pub(super) async fn row_open(
    q: &mut impl Query,
    batch_id: i64,
    line: i64,
) -> DbResult<Option<(i64, String, i64, i64, String)>> {
    q.opt(
        point!(
            "SELECT order_id, code, amount, paid_at, voucher FROM nontax_row \
             WHERE batch_id = $1 AND line = $2 AND outcome = ''"
        ),
        p![batch_id, line],
    )
    .await
}

pub(super) async fn row_settled(
    tx: &mut Tx,
    batch_id: i64,
    line: i64,
    outcome: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_row SET outcome = $3 WHERE batch_id = $1 AND line = $2 AND outcome = ''"
        ),
        p![batch_id, line, outcome],
    )
    .await
}

/// Lines of an order that nobody could settle are to be settled again: of one payment, `code:voucher`.
pub(super) async fn rows_again(tx: &mut Tx, order_id: i64, number: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_row SET outcome = '' WHERE order_id = $1 AND outcome = 'stuck' AND code || ':' || voucher = $2"
        ),
        p![order_id, number],
    )
    .await
}

/// Whether there is a confirmed list of which nothing is left.
pub(super) async fn batch_over(q: &mut impl Query) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT b.id FROM nontax_batch b WHERE b.state = 'confirmed' AND CASE \
                 WHEN EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = b.id AND r.outcome = '') THEN 0 \
                 WHEN EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = b.id AND r.outcome = 'stuck') THEN 0 ELSE 1 END = 1 LIMIT 1"
            ),
            p![],
        )
        .await?;
    Ok(found.is_some())
}

/// A list of which nothing is left. What can't be settled is looked for last: no index has it, and it is seldom there.
pub(super) async fn batches_done(tx: &mut Tx) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE nontax_batch SET state = 'done' WHERE state = 'confirmed' AND CASE \
             WHEN EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = nontax_batch.id AND r.outcome = '') THEN 0 \
             WHEN EXISTS (SELECT 1 FROM nontax_row r WHERE r.batch_id = nontax_batch.id AND r.outcome = 'stuck') THEN 0 ELSE 1 END = 1"
        ),
        p![],
    )
    .await
}
