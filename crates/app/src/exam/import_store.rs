//! SQL of uploaded tables on their way, and of what couldn't be read in them.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An uploaded table on its way.
    #[derive(Debug, Clone)]
    pub struct BatchRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub kind: String,
        pub state: String,
        pub file_name: String,
        pub object_id: i64,
        pub rows_read: i64,
        pub rows_good: i64,
        pub rows_bad: i64,
        pub summary: String,
        pub created_by: i64,
        pub created_at: i64,
    }
}

/// A new batch's columns.
pub(super) struct BatchInsert<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) kind: &'a str,
    pub(super) file_name: &'a str,
    pub(super) object_id: i64,
    pub(super) by: i64,
    pub(super) at: i64,
}

pub(super) async fn batch_insert(tx: &mut Tx, row: &BatchInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO import_batch (id, public_id, exam_id, kind, state, file_name, object_id, rows_read, rows_good, \
             rows_bad, summary, created_by, created_at) \
             VALUES ($1, $2, $3, $4, 'staging', $5, $6, 0, 0, 0, '', $7, $8)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.kind,
            row.file_name,
            row.object_id,
            row.by,
            row.at
        ],
    )
    .await
}

/// Everything is staged: the batch can be looked at. 0 rows: it was given up meanwhile.
pub(super) async fn batch_staged(
    tx: &mut Tx,
    id: i64,
    rows: (i64, i64, i64),
    summary: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE import_batch SET state = 'staged', rows_read = $2, rows_good = $3, rows_bad = $4, summary = $5 \
             WHERE id = $1 AND state = 'staging'"
        ),
        p![id, rows.0, rows.1, rows.2, summary],
    )
    .await
}

pub(super) async fn batch_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, kind, state, file_name, object_id, rows_read, rows_good, rows_bad, summary, \
             created_by, created_at FROM import_batch WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn batch_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, kind, state, file_name, object_id, rows_read, rows_good, rows_bad, summary, \
             created_by, created_at FROM import_batch WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// Moves a batch along; 0 rows: it wasn't in that state any more.
pub(super) async fn batch_set_state(
    tx: &mut Tx,
    id: i64,
    from: &str,
    to: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE import_batch SET state = $3, confirmed_by = $4, confirmed_at = $5 WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, who.0, who.1],
    )
    .await
}

pub(super) async fn problem_insert(
    tx: &mut Tx,
    batch_id: i64,
    place: (i64, i64),
    texts: (&str, &str, &str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO import_problem (batch_id, line, item, severity, field, cell, message) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        p![
            batch_id, place.0, place.1, texts.0, texts.1, texts.2, texts.3
        ],
    )
    .await
}

record! {
    /// What couldn't be read, or should be looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ProblemRow {
        /// Line in the sheet, from 1; 0 for the whole table.
        pub line: i64,
        /// `error`: the row isn't imported. `warning`: it is.
        pub severity: String,
        /// Title of the column.
        pub field: String,
        /// What the cell says.
        pub cell: String,
        /// What is wrong and how to repair it.
        pub message: String,
    }
}

/// The problems of a batch, errors first, in the order of the table.
pub(super) async fn problems_of(
    q: &mut impl Query,
    batch_id: i64,
    limit: i64,
) -> DbResult<Vec<ProblemRow>> {
    q.rows(
        sql!(
            "SELECT line, severity, field, cell, message FROM import_problem WHERE batch_id = $1 \
             ORDER BY severity, line, item LIMIT $2"
        ),
        p![batch_id, limit],
    )
    .await
}

/// The last uploads of an exam, newest first.
pub(super) async fn batches_of(
    q: &mut impl Query,
    exam_id: i64,
    kind: &str,
) -> DbResult<Vec<BatchRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, kind, state, file_name, object_id, rows_read, rows_good, rows_bad, summary, \
             created_by, created_at FROM import_batch WHERE exam_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 20"
        ),
        p![exam_id, kind],
    )
    .await
}

/// What is kept of a table for its preview.
pub(super) async fn batch_summary(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT summary FROM import_batch WHERE id = $1"),
        p![id],
    )
    .await
}
