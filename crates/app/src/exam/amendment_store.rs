//! SQL of amendments to published position tables, and of the revisions that they hold.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An amendment.
    #[derive(Debug, Clone)]
    pub struct AmendmentRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        /// `change`, `import`, `decision`.
        pub kind: String,
        /// `staging`, `draft`, `published`, `discarded`.
        pub state: String,
        pub base_batch: i64,
        pub base_amendment: i64,
        pub import_id: i64,
        /// What was counted when it was drafted, JSON.
        pub summary: String,
        pub reason: String,
        pub notice_title: String,
        pub notice_body: String,
        pub announcement_id: i64,
        pub created_by: i64,
        pub created_at: i64,
        pub published_at: Option<i64>,
        pub told_at: Option<i64>,
        pub author: Option<String>,
        pub publisher: Option<String>,
    }
}

/// A new amendment's columns.
pub(super) struct AmendmentInsert<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) kind: &'a str,
    pub(super) base: (i64, i64),
    pub(super) import_id: i64,
    pub(super) reason: &'a str,
    pub(super) notice: (&'a str, &'a str),
    pub(super) by: i64,
    pub(super) at: i64,
}

pub(super) async fn amendment_insert(tx: &mut Tx, row: &AmendmentInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_amendment (id, public_id, exam_id, kind, state, base_batch, base_amendment, import_id, \
             summary, reason, notice_title, notice_body, announcement_id, created_by, created_at) \
             VALUES ($1, $2, $3, $4, 'staging', $5, $6, $7, '', $8, $9, $10, 0, $11, $12)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.kind,
            row.base.0,
            row.base.1,
            row.import_id,
            row.reason,
            row.notice.0,
            row.notice.1,
            row.by,
            row.at
        ],
    )
    .await
}

/// Everything is staged. 0 rows: it was given up meanwhile.
pub(super) async fn amendment_drafted(
    tx: &mut Tx,
    id: i64,
    summary: &str,
    notice: (&str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_amendment SET state = 'draft', summary = $2, notice_title = $3, notice_body = $4 \
             WHERE id = $1 AND state = 'staging'"
        ),
        p![id, summary, notice.0, notice.1],
    )
    .await
}

/// What was counted, counted anew.
pub(super) async fn amendment_recount(tx: &mut Tx, id: i64, summary: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE position_amendment SET summary = $2 WHERE id = $1 AND state = 'draft'"),
        p![id, summary],
    )
    .await
}

pub(super) async fn amendment_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<AmendmentRow>> {
    q.opt(
        point!(
            "SELECT m.id, m.public_id, m.exam_id, m.kind, m.state, m.base_batch, m.base_amendment, m.import_id, m.summary, \
             m.reason, m.notice_title, m.notice_body, m.announcement_id, m.created_by, m.created_at, m.published_at, \
             m.told_at, a.name, b.name FROM position_amendment m LEFT JOIN staff a ON a.id = m.created_by \
             LEFT JOIN staff b ON b.id = m.published_by WHERE m.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn amendment_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<AmendmentRow>> {
    q.opt(
        point!(
            "SELECT m.id, m.public_id, m.exam_id, m.kind, m.state, m.base_batch, m.base_amendment, m.import_id, m.summary, \
             m.reason, m.notice_title, m.notice_body, m.announcement_id, m.created_by, m.created_at, m.published_at, \
             m.told_at, a.name, b.name FROM position_amendment m LEFT JOIN staff a ON a.id = m.created_by \
             LEFT JOIN staff b ON b.id = m.published_by WHERE m.id = $1"
        ),
        p![id],
    )
    .await
}

/// The amendments of an exam before one, newest first; those that were given up don't show.
pub(super) async fn amendments_of(
    q: &mut impl Query,
    exam_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<AmendmentRow>> {
    q.rows(
        sql!(
            "SELECT m.id, m.public_id, m.exam_id, m.kind, m.state, m.base_batch, m.base_amendment, m.import_id, m.summary, \
             m.reason, m.notice_title, m.notice_body, m.announcement_id, m.created_by, m.created_at, m.published_at, \
             m.told_at, a.name, b.name FROM position_amendment m LEFT JOIN staff a ON a.id = m.created_by \
             LEFT JOIN staff b ON b.id = m.published_by \
             WHERE m.exam_id = $1 AND m.state IN ('draft', 'published') AND m.id < $2 ORDER BY m.id DESC LIMIT $3"
        ),
        p![exam_id, before, limit],
    )
    .await
}

/// Published amendments whose people haven't all been told, oldest first.
pub(super) async fn amendments_untold(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM position_amendment WHERE state = 'published' AND told_at IS NULL ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// It stands from now on. 0 rows: it was published or given up meanwhile. `who`: by and at.
pub(super) async fn amendment_publish(
    tx: &mut Tx,
    id: i64,
    (from, reason): (&str, &str),
    notice: (&str, &str),
    announcement_id: i64,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_amendment SET state = 'published', reason = $3, notice_title = $4, notice_body = $5, \
             announcement_id = $6, published_by = $7, published_at = $8 WHERE id = $1 AND state = $2"
        ),
        p![id, from, reason, notice.0, notice.1, announcement_id, who.0, who.1],
    )
    .await
}

pub(super) async fn amendment_discard(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_amendment SET state = 'discarded' WHERE id = $1 AND state IN ('staging', 'draft')"
        ),
        p![id],
    )
    .await
}

pub(super) async fn amendment_told(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE position_amendment SET told_at = $2 WHERE id = $1 AND told_at IS NULL"),
        p![id, at],
    )
    .await
}

/// Whether an uploaded table is that of an amendment: then it is published, never confirmed.
pub(super) async fn import_is_amendment(q: &mut impl Query, import_id: i64) -> DbResult<bool> {
    q.one(
        sql!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM position_amendment m JOIN import_batch b ON b.exam_id = m.exam_id \
             WHERE b.id = $1 AND m.import_id = $1) THEN 1 ELSE 0 END"
        ),
        p![import_id],
    )
    .await
}

/// A revision's columns.
#[derive(Debug, Clone)]
pub(super) struct RevisionInsert {
    pub(super) position_id: i64,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) headcount: i64,
    pub(super) education: String,
    pub(super) majors: String,
    pub(super) search_text: String,
    pub(super) content: String,
    pub(super) rules: String,
    pub(super) capacity: Option<i64>,
    pub(super) changes: String,
    /// Nobody is told by the amendment itself.
    pub(super) done: bool,
}

/// Stages a revision; 0 rows: it stands there already (a chunk that is done twice).
pub(super) async fn revision_insert(
    tx: &mut Tx,
    amendment_id: i64,
    r: &RevisionInsert,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_revision (amendment_id, position_id, kind, name, headcount, education, majors, search_text, \
             content, rules, capacity, changes, reached, told, unfit, done) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, $13) \
             ON CONFLICT (amendment_id, position_id) DO NOTHING"
        ),
        p![
            amendment_id,
            r.position_id,
            r.kind,
            &r.name,
            r.headcount,
            &r.education,
            &r.majors,
            &r.search_text,
            &r.content,
            &r.rules,
            r.capacity,
            &r.changes,
            i64::from(r.done)
        ],
    )
    .await
}

record! {
    /// A revision with its position.
    #[derive(Debug, Clone)]
    pub struct RevisionRow {
        pub amendment_id: i64,
        pub position_id: i64,
        pub public_id: String,
        pub code: String,
        /// `change`, `add`, `cut`, `cancel`.
        pub kind: String,
        pub name: String,
        pub headcount: i64,
        pub rules: String,
        /// Field by field, JSON.
        pub changes: String,
        pub reached: i64,
        pub told: i64,
        pub unfit: i64,
        pub done: i64,
    }
}

/// The revisions of an amendment after a position, in the order of the table.
pub(super) async fn revisions_of(
    q: &mut impl Query,
    amendment_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<RevisionRow>> {
    q.rows(
        sql!(
            "SELECT r.amendment_id, r.position_id, p.public_id, p.code, r.kind, r.name, r.headcount, r.rules, r.changes, \
             r.reached, r.told, r.unfit, r.done FROM position_revision r JOIN position p ON p.id = r.position_id \
             WHERE r.amendment_id = $1 AND r.position_id > $2 ORDER BY r.position_id LIMIT $3"
        ),
        p![amendment_id, after, limit],
    )
    .await
}

/// The next revision whose people haven't all been told.
pub(super) async fn revision_untold(
    q: &mut impl Query,
    amendment_id: i64,
) -> DbResult<Option<RevisionRow>> {
    q.opt(
        sql!(
            "SELECT r.amendment_id, r.position_id, p.public_id, p.code, r.kind, r.name, r.headcount, r.rules, r.changes, \
             r.reached, r.told, r.unfit, r.done FROM position_revision r JOIN position p ON p.id = r.position_id \
             WHERE r.amendment_id = $1 AND r.done = 0 ORDER BY r.position_id LIMIT 1"
        ),
        p![amendment_id],
    )
    .await
}

/// Goes on to `to`; 0 rows: another worker did. `told` and `unfit` are added.
pub(super) async fn revision_advance(
    tx: &mut Tx,
    of: (i64, i64),
    (from, to): (i64, i64),
    (told, unfit): (i64, i64),
    done: bool,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_revision SET reached = $4, told = told + $5, unfit = unfit + $6, done = $7 \
             WHERE amendment_id = $1 AND position_id = $2 AND reached = $3 AND done = 0"
        ),
        p![of.0, of.1, from, to, told, unfit, i64::from(done)],
    )
    .await
}

/// Told and no longer fitting, of a whole amendment, and whether everybody was told.
pub(super) async fn amendment_figures(
    q: &mut impl Query,
    amendment_id: i64,
) -> DbResult<(i64, i64, i64)> {
    q.one(
        sql!(
            "SELECT COALESCE(SUM(told), 0), COALESCE(SUM(unfit), 0), COUNT(*) FROM position_revision \
             WHERE amendment_id = $1"
        ),
        p![amendment_id],
    )
    .await
}

record! {
    /// What a published amendment did to one position.
    #[derive(Debug, Clone)]
    pub struct HistoryRow {
        pub amendment: String,
        pub amendment_kind: String,
        pub kind: String,
        pub changes: String,
        pub reason: String,
        pub published_at: i64,
        pub publisher: String,
        /// The notice's public id; empty for none.
        pub notice: String,
        pub told: i64,
        pub unfit: i64,
    }
}

/// The amendments of one position, newest first.
pub(super) async fn history_of(q: &mut impl Query, position_id: i64) -> DbResult<Vec<HistoryRow>> {
    q.rows(
        point!(
            "SELECT m.public_id, m.kind, r.kind, r.changes, m.reason, COALESCE(m.published_at, 0), COALESCE(s.name, ''), \
             COALESCE(a.public_id, ''), r.told, r.unfit FROM position_revision r \
             JOIN position_amendment m ON m.id = r.amendment_id AND m.state = 'published' \
             LEFT JOIN staff s ON s.id = m.published_by LEFT JOIN announcement a ON a.id = m.announcement_id \
             WHERE r.position_id = $1 ORDER BY r.amendment_id DESC LIMIT 50"
        ),
        p![position_id],
    )
    .await
}

/// A limit that an amendment sets holds at once; never below what is taken already.
pub(super) async fn capacities_put(tx: &mut Tx, amendment_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position SET capacity = (SELECT CASE WHEN r.capacity < position.taken THEN position.taken \
             ELSE r.capacity END FROM position_revision r WHERE r.amendment_id = $1 AND r.position_id = position.id) \
             WHERE id IN (SELECT position_id FROM position_revision WHERE amendment_id = $1 AND kind = 'change') \
             AND COALESCE(capacity, 0) <> COALESCE((SELECT r.capacity FROM position_revision r \
             WHERE r.amendment_id = $1 AND r.position_id = position.id), 0)"
        ),
        p![amendment_id],
    )
    .await
}

/// Removes a handful of what a given-up amendment staged: positions that it would have added.
pub(super) async fn added_drop(tx: &mut Tx, amendment_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM position WHERE id IN (SELECT p.id FROM position_amendment m JOIN position p \
             ON p.exam_id = m.exam_id AND p.batch_id = m.id WHERE m.id = $1 AND m.state = 'discarded' LIMIT $2)"
        ),
        p![amendment_id, limit],
    )
    .await
}

/// And its revisions.
pub(super) async fn revisions_drop(tx: &mut Tx, amendment_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM position_revision WHERE amendment_id = $1 AND position_id IN (SELECT r.position_id \
             FROM position_revision r JOIN position_amendment m ON m.id = r.amendment_id AND m.state = 'discarded' \
             WHERE r.amendment_id = $1 LIMIT $2)"
        ),
        p![amendment_id, limit],
    )
    .await
}

record! {
    /// Somebody who applied for a position and lives.
    #[derive(Debug, Clone)]
    pub struct LiveRow {
        pub id: i64,
        pub account_id: i64,
    }
}

/// The live applications of a position after one, oldest first.
pub(super) async fn live_at(
    q: &mut impl Query,
    position_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<LiveRow>> {
    q.rows(
        sql!(
            "SELECT id, account_id FROM application WHERE position_id = $1 AND id > $2 AND life = 'live' \
             ORDER BY id LIMIT $3"
        ),
        p![position_id, after, limit],
    )
    .await
}
