//! SQL of changes to the settings of published exams.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A change of settings.
    #[derive(Debug, Clone)]
    pub struct ChangeRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        /// The part that it was made on, or `extend`.
        pub part: String,
        /// `draft`, `asked`, `published`, `rejected`, `withdrawn`.
        pub state: String,
        /// The exam's settings when it was drafted: published only over those.
        pub base_version: i64,
        /// The exam's title as changed.
        pub title: String,
        /// The settings as changed, JSON.
        pub settings: String,
        /// Line by line: old and new, JSON.
        pub changes: String,
        /// Whether a second person has to confirm.
        pub two_people: i64,
        pub reason: String,
        pub notice_title: String,
        pub notice_body: String,
        /// Why the second person refused.
        pub note: String,
        pub created_by: i64,
        pub created_at: i64,
        pub asked_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub told_at: Option<i64>,
        pub reached: i64,
        pub told: i64,
        pub author: Option<String>,
        pub decider: Option<String>,
    }
}

/// A new change's columns.
pub(super) struct ChangeInsert<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) part: &'a str,
    pub(super) base: i64,
    pub(super) title: &'a str,
    pub(super) settings: &'a str,
    pub(super) changes: &'a str,
    pub(super) two_people: bool,
    pub(super) reason: &'a str,
    pub(super) notice: (&'a str, &'a str),
    pub(super) who: (i64, i64),
}

pub(super) async fn change_insert(tx: &mut Tx, row: &ChangeInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO settings_change (id, public_id, exam_id, part, state, base_version, title, settings, changes, \
             two_people, reason, notice_title, notice_body, note, created_by, created_at, reached, told) \
             VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, '', $13, $14, 0, 0)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.part,
            row.base,
            row.title,
            row.settings,
            row.changes,
            i64::from(row.two_people),
            row.reason,
            row.notice.0,
            row.notice.1,
            row.who.0,
            row.who.1
        ],
    )
    .await
}

pub(super) async fn change_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ChangeRow>> {
    q.opt(
        point!(
            "SELECT c.id, c.public_id, c.exam_id, c.part, c.state, c.base_version, c.title, c.settings, c.changes, \
             c.two_people, c.reason, c.notice_title, c.notice_body, c.note, c.created_by, c.created_at, c.asked_by, \
             c.decided_at, c.told_at, c.reached, c.told, a.name AS author, d.name AS decider \
             FROM settings_change c LEFT JOIN staff a ON a.id = c.created_by LEFT JOIN staff d ON d.id = c.decided_by \
             WHERE c.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn change_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ChangeRow>> {
    q.opt(
        point!(
            "SELECT c.id, c.public_id, c.exam_id, c.part, c.state, c.base_version, c.title, c.settings, c.changes, \
             c.two_people, c.reason, c.notice_title, c.notice_body, c.note, c.created_by, c.created_at, c.asked_by, \
             c.decided_at, c.told_at, c.reached, c.told, a.name AS author, d.name AS decider \
             FROM settings_change c LEFT JOIN staff a ON a.id = c.created_by LEFT JOIN staff d ON d.id = c.decided_by \
             WHERE c.id = $1"
        ),
        p![id],
    )
    .await
}

/// The changes of an exam, newest first.
pub(super) async fn changes_of(
    q: &mut impl Query,
    exam_id: i64,
    limit: i64,
) -> DbResult<Vec<ChangeRow>> {
    q.rows(
        sql!(
            "SELECT c.id, c.public_id, c.exam_id, c.part, c.state, c.base_version, c.title, c.settings, c.changes, \
             c.two_people, c.reason, c.notice_title, c.notice_body, c.note, c.created_by, c.created_at, c.asked_by, \
             c.decided_at, c.told_at, c.reached, c.told, a.name AS author, d.name AS decider \
             FROM settings_change c LEFT JOIN staff a ON a.id = c.created_by LEFT JOIN staff d ON d.id = c.decided_by \
             WHERE c.exam_id = $1 ORDER BY c.id DESC LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// The changes of an exam that wait for somebody, oldest first.
pub(super) async fn changes_waiting(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<ChangeRow>> {
    q.rows(
        sql!(
            "SELECT c.id, c.public_id, c.exam_id, c.part, c.state, c.base_version, c.title, c.settings, c.changes, \
             c.two_people, c.reason, c.notice_title, c.notice_body, c.note, c.created_by, c.created_at, c.asked_by, \
             c.decided_at, c.told_at, c.reached, c.told, a.name AS author, d.name AS decider \
             FROM settings_change c LEFT JOIN staff a ON a.id = c.created_by LEFT JOIN staff d ON d.id = c.decided_by \
             WHERE c.exam_id = $1 AND c.state IN ('draft', 'asked') ORDER BY c.id LIMIT 10"
        ),
        p![exam_id],
    )
    .await
}

/// Reason and notice, and that a second person has to confirm. 0 rows: it isn't a draft any more.
pub(super) async fn change_ask(
    tx: &mut Tx,
    id: i64,
    (reason, title, body): (&str, &str, &str),
    by: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE settings_change SET state = 'asked', reason = $2, notice_title = $3, notice_body = $4, asked_by = $5 \
             WHERE id = $1 AND state = 'draft'"
        ),
        p![id, reason, title, body, by],
    )
    .await
}

/// Published with its notice. 0 rows: it has been decided.
pub(super) async fn change_publish(
    tx: &mut Tx,
    (id, from): (i64, &str),
    (reason, title, body): (&str, &str, &str),
    notice: i64,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE settings_change SET state = 'published', reason = $3, notice_title = $4, notice_body = $5, \
             announcement_id = $6, decided_by = $7, decided_at = $8 WHERE id = $1 AND state = $2"
        ),
        p![id, from, reason, title, body, notice, who.0, who.1],
    )
    .await
}

/// `rejected` or `withdrawn`. 0 rows: it has been decided.
pub(super) async fn change_end(
    tx: &mut Tx,
    (id, from): (i64, &str),
    (state, note): (&str, &str),
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE settings_change SET state = $3, note = $4, decided_by = $5, decided_at = $6 WHERE id = $1 AND state = $2"
        ),
        p![id, from, state, note, who.0, who.1],
    )
    .await
}

/// The next live applications of an exam to be told: application and account. Who saved his since the change stands saw it.
pub(super) async fn live_after(
    q: &mut impl Query,
    (exam_id, base_version): (i64, i64),
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT id, account_id FROM application WHERE exam_id = $1 AND id > $2 AND life = 'live' \
             AND settings_version <= $3 ORDER BY id LIMIT $4"
        ),
        p![exam_id, after, base_version, limit],
    )
    .await
}

/// Published changes whose people haven't all been told, oldest first.
pub(super) async fn changes_untold(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM settings_change WHERE state = 'published' AND told_at IS NULL ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// So far the telling has come. 0 rows: another worker did this chunk.
pub(super) async fn change_advance(
    tx: &mut Tx,
    id: i64,
    (from, to): (i64, i64),
    told: i64,
    at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE settings_change SET reached = $3, told = told + $4, told_at = $5 \
             WHERE id = $1 AND reached = $2 AND told_at IS NULL"
        ),
        p![id, from, to, told, at],
    )
    .await
}
