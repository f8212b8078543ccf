//! SQL of an exam's own ticket templates.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A version without its text.
    #[derive(Debug, Clone)]
    pub struct TemplateRow {
        pub version: i64,
        pub state: String,
        pub sha256: String,
        pub reason: String,
        pub made_by: Option<String>,
        pub made_at: i64,
        pub used_by: Option<String>,
        pub used_at: Option<i64>,
    }
}

/// The last versions of an exam, newest first, with who made and used them.
pub(super) async fn templates(
    q: &mut impl Query,
    exam_id: i64,
    limit: i64,
) -> DbResult<Vec<TemplateRow>> {
    q.rows(
        sql!(
            "SELECT t.version, t.state, t.sha256, t.reason, m.name AS made_by, t.made_at, u.name AS used_by, t.used_at \
             FROM ticket_template t LEFT JOIN staff m ON m.id = t.made_by LEFT JOIN staff u ON u.id = t.used_by \
             WHERE t.exam_id = $1 ORDER BY t.version DESC LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// Version and digest of the template that an exam's tickets are set by.
pub(super) async fn template_used(
    q: &mut impl Query,
    exam_id: i64,
) -> DbResult<Option<(i64, String)>> {
    q.opt(
        point!("SELECT version, sha256 FROM ticket_template WHERE exam_id = $1 AND state = 'used'"),
        p![exam_id],
    )
    .await
}

/// State and text of one version.
pub(super) async fn template_text(
    q: &mut impl Query,
    exam_id: i64,
    version: i64,
) -> DbResult<Option<(String, String)>> {
    q.opt(
        point!("SELECT state, source FROM ticket_template WHERE exam_id = $1 AND version = $2"),
        p![exam_id, version],
    )
    .await
}

/// The last version: number, state and digest. Only the last one can be a draft.
pub(super) async fn template_last(
    q: &mut impl Query,
    exam_id: i64,
) -> DbResult<Option<(i64, String, String)>> {
    q.opt(
        point!(
            "SELECT version, state, sha256 FROM ticket_template WHERE exam_id = $1 ORDER BY version DESC LIMIT 1"
        ),
        p![exam_id],
    )
    .await
}

/// A template about to be stored.
pub(super) struct NewTemplate<'a> {
    pub(super) exam_id: i64,
    pub(super) version: i64,
    pub(super) source: &'a str,
    pub(super) sha256: &'a str,
    pub(super) by: i64,
    pub(super) at: i64,
}

/// A new draft; 0 rows: somebody was faster.
pub(super) async fn template_insert(tx: &mut Tx, row: &NewTemplate<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ticket_template (exam_id, version, state, source, sha256, reason, made_by, made_at) \
             VALUES ($1, $2, 'draft', $3, $4, '', $5, $6) ON CONFLICT (exam_id, version) DO NOTHING"
        ),
        p![
            row.exam_id,
            row.version,
            row.source,
            row.sha256,
            row.by,
            row.at
        ],
    )
    .await
}

/// Another text of the draft that was `known`; 0 rows: it isn't that any more.
pub(super) async fn template_rewrite(
    tx: &mut Tx,
    row: &NewTemplate<'_>,
    known: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_template SET source = $3, sha256 = $4, made_by = $5, made_at = $6 \
             WHERE exam_id = $1 AND version = $2 AND state = 'draft' AND sha256 = $7"
        ),
        p![
            row.exam_id,
            row.version,
            row.source,
            row.sha256,
            row.by,
            row.at,
            known
        ],
    )
    .await
}

/// Throws the draft away that was `known`; 0 rows: it isn't that any more.
pub(super) async fn template_drop(
    tx: &mut Tx,
    (exam_id, version): (i64, i64),
    known: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_template SET state = 'dropped' \
             WHERE exam_id = $1 AND version = $2 AND state = 'draft' AND sha256 = $3"
        ),
        p![exam_id, version, known],
    )
    .await
}

/// The one in use isn't any more.
pub(super) async fn template_replace(tx: &mut Tx, exam_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE ticket_template SET state = 'replaced' WHERE exam_id = $1 AND state = 'used'"),
        p![exam_id],
    )
    .await
}

/// Uses the draft that was `known`; 0 rows: it isn't that any more.
pub(super) async fn template_use(
    tx: &mut Tx,
    (exam_id, version): (i64, i64),
    known: &str,
    reason: &str,
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE ticket_template SET state = 'used', reason = $4, used_by = $5, used_at = $6 \
             WHERE exam_id = $1 AND version = $2 AND state = 'draft' AND sha256 = $3"
        ),
        p![exam_id, version, known, reason, by, at],
    )
    .await
}
