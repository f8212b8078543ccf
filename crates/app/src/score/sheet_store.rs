//! SQL of printed score sheets and their codes.

use db::{DbResult, Query, Tx, p, point, record, sql};

/// Writes a printing down: the first one with the code, a later one counts.
pub(super) async fn sheet_print(
    tx: &mut Tx,
    code: &str,
    (batch_id, application_id): (i64, i64),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO score_sheet (code, batch_id, application_id, printed_at, times) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (batch_id, application_id) DO UPDATE SET times = score_sheet.times + 1"
        ),
        p![code, batch_id, application_id, at],
    )
    .await
}

/// The code of a candidate's scores in a batch, and how often they were printed.
pub(super) async fn sheet_of(
    q: &mut impl Query,
    (batch_id, application_id): (i64, i64),
) -> DbResult<Option<(String, i64)>> {
    q.opt(
        point!("SELECT code, times FROM score_sheet WHERE batch_id = $1 AND application_id = $2"),
        p![batch_id, application_id],
    )
    .await
}

record! {
    /// What a code stands for.
    pub(super) struct SheetRow {
        pub(super) batch_id: i64,
        pub(super) application_id: i64,
        pub(super) exam_id: i64,
        pub(super) name: String,
        pub(super) visible_at: Option<i64>,
    }
}

/// What a code stands for.
pub(super) async fn sheet_by_code(q: &mut impl Query, code: &str) -> DbResult<Option<SheetRow>> {
    q.opt(
        point!(
            "SELECT s.batch_id, s.application_id, a.exam_id, a.name, b.visible_at FROM score_sheet s \
             JOIN score_batch b ON b.id = s.batch_id JOIN application a ON a.id = s.application_id WHERE s.code = $1"
        ),
        p![code],
    )
    .await
}
