//! SQL of tickets that are kept set, and of how far the job is that sets them ahead.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A ticket that lies in the object store.
    #[derive(Debug, Clone)]
    pub(super) struct FileRow {
        pub(super) digest: String,
        pub(super) path: String,
        pub(super) expires_at: i64,
    }
}

record! {
    /// How far the tickets of an exam are set.
    #[derive(Debug, Clone)]
    pub(super) struct BakeRow {
        pub(super) id: i64,
        pub(super) exam_id: i64,
        pub(super) state: String,
        pub(super) stamp: String,
        pub(super) reached: i64,
        pub(super) made: i64,
        pub(super) total: i64,
    }
}

/// The ticket of an application.
pub(super) async fn file_find(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<FileRow>> {
    q.opt(
        point!("SELECT digest, path, expires_at FROM ticket_file WHERE application_id = $1"),
        p![application_id],
    )
    .await
}

/// What a row of the cache says.
pub(super) struct FileColumns<'a> {
    pub(super) application_id: i64,
    pub(super) exam_id: i64,
    pub(super) digest: &'a str,
    pub(super) path: &'a str,
    pub(super) size: i64,
    pub(super) expires_at: i64,
}

/// Keeps the first file of an application; 0 rows: there is one.
pub(super) async fn file_insert(tx: &mut Tx, row: &FileColumns<'_>, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ticket_file (application_id, exam_id, digest, path, size, made_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (application_id) DO NOTHING"
        ),
        p![
            row.application_id,
            row.exam_id,
            row.digest,
            row.path,
            row.size,
            at,
            row.expires_at
        ],
    )
    .await
}

/// Keeps a file in place of the one at `old`; 0 rows: somebody else did.
pub(super) async fn file_replace(
    tx: &mut Tx,
    row: &FileColumns<'_>,
    old: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_file SET digest = $3, path = $4, size = $5, made_at = $6, expires_at = $7 \
             WHERE application_id = $1 AND path = $2"
        ),
        p![
            row.application_id,
            old,
            row.digest,
            row.path,
            row.size,
            at,
            row.expires_at
        ],
    )
    .await
}

/// Keeps a file longer: the window was extended.
pub(super) async fn file_extend(
    tx: &mut Tx,
    application_id: i64,
    digest: &str,
    until: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE ticket_file SET expires_at = $3 WHERE application_id = $1 AND digest = $2"),
        p![application_id, digest, until],
    )
    .await
}

/// Files whose time is over: application and path.
pub(super) async fn files_expired(
    q: &mut impl Query,
    at: i64,
    limit: i64,
) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!(
            "SELECT application_id, path FROM ticket_file WHERE expires_at <= $1 \
             ORDER BY expires_at, application_id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Forgets a file, unless another one has taken its place.
pub(super) async fn file_delete(tx: &mut Tx, application_id: i64, path: &str) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM ticket_file WHERE application_id = $1 AND path = $2"),
        p![application_id, path],
    )
    .await
}

/// How large the kept tickets of an exam are, in bytes.
pub(super) async fn files_size(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM ticket_file WHERE exam_id = $1"),
        p![exam_id],
    )
    .await
}

/// How far the tickets of an exam are.
pub(super) async fn bake_of_exam(q: &mut impl Query, exam_id: i64) -> DbResult<Option<BakeRow>> {
    q.opt(
        point!(
            "SELECT id, exam_id, state, stamp, reached, made, total FROM ticket_bake WHERE exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}

/// The same by the row's own id, which jobs carry.
pub(super) async fn bake_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BakeRow>> {
    q.opt(
        point!(
            "SELECT id, exam_id, state, stamp, reached, made, total FROM ticket_bake WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// Begins an exam's first time; 0 rows: somebody else did.
pub(super) async fn bake_insert(
    tx: &mut Tx,
    (id, exam_id): (i64, i64),
    stamp: &str,
    total: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ticket_bake (exam_id, id, state, stamp, reached, made, total, started_at) \
             VALUES ($1, $2, 'running', $3, 0, 0, $4, $5) ON CONFLICT (exam_id) DO NOTHING"
        ),
        p![exam_id, id, stamp, total, at],
    )
    .await
}

/// Begins anew for what tickets are made of now; 0 rows: somebody else did.
pub(super) async fn bake_restart(
    tx: &mut Tx,
    id: i64,
    (old, stamp): (&str, &str),
    total: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_bake SET state = 'running', stamp = $3, reached = 0, made = 0, total = $4, started_at = $5, \
             finished_at = NULL WHERE id = $1 AND stamp = $2"
        ),
        p![id, old, stamp, total, at],
    )
    .await
}

/// Goes on; 0 rows: another worker did, or it was begun anew.
pub(super) async fn bake_advance(tx: &mut Tx, row: &BakeRow, to: i64, made: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_bake SET reached = $4, made = made + $5 \
             WHERE id = $1 AND state = 'running' AND stamp = $2 AND reached = $3"
        ),
        p![row.id, row.stamp.as_str(), row.reached, to, made],
    )
    .await
}

/// Nobody is left; 0 rows: it was begun anew.
pub(super) async fn bake_finish(tx: &mut Tx, row: &BakeRow, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_bake SET state = 'done', finished_at = $3 WHERE id = $1 AND state = 'running' AND stamp = $2"
        ),
        p![row.id, row.stamp.as_str(), at],
    )
    .await
}

/// Those that aren't finished: a job is over each, or died.
pub(super) async fn bakes_running(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM ticket_bake WHERE state = 'running' ORDER BY id"),
        p![],
    )
    .await
}

/// Exams with seats whose tickets can be printed now or before `soon`.
pub(super) async fn exams_due(q: &mut impl Query, (now, soon): (i64, i64)) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM exam WHERE state IN ('published', 'closed') AND seat_plan <> 0 AND ticket_opens <= $2 \
             AND ticket_closes > $1 ORDER BY id"
        ),
        p![now, soon],
    )
    .await
}

/// The next applications of a plan, by id.
pub(super) async fn seated_after(
    q: &mut impl Query,
    (plan_id, after): (i64, i64),
    limit: i64,
) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT DISTINCT application_id FROM seat WHERE plan_id = $1 AND application_id > $2 \
             ORDER BY application_id LIMIT $3"
        ),
        p![plan_id, after, limit],
    )
    .await
}
