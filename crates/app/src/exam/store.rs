//! SQL of exams and their settings. Positions and imports: `position_store`, `import_store`.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An exam with the columns that lists and windows need.
    #[derive(Debug, Clone)]
    pub struct ExamRow {
        pub id: i64,
        pub public_id: String,
        pub category: String,
        pub code: String,
        pub title: String,
        pub state: String,
        /// The settings as JSON, at `settings_version`.
        pub settings: String,
        pub settings_version: i64,
        pub registration_opens: i64,
        pub registration_closes: i64,
        pub payment_closes: i64,
        pub ticket_opens: i64,
        pub ticket_closes: i64,
        pub positions_batch: i64,
        /// The last published amendment of its position table; 0 for none.
        pub positions_amendment: i64,
        pub seat_plan: i64,
        pub score_batch: i64,
        pub score_visible_at: i64,
        /// Whether it is a rehearsal: seen by its own candidates only, and wiped afterwards.
        pub rehearsal: bool,
        pub version: i64,
    }
}

pub(crate) async fn exam_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ExamRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, COALESCE(positions_amendment, 0), seat_plan, \
             score_batch, score_visible_at, COALESCE(rehearsal, 0), version FROM exam WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(crate) async fn exam_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ExamRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, COALESCE(positions_amendment, 0), seat_plan, \
             score_batch, score_visible_at, COALESCE(rehearsal, 0), version FROM exam WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// Every exam that the public may see; the catalogue in memory is made of them.
pub(super) async fn exams_public(q: &mut impl Query, limit: i64) -> DbResult<Vec<ExamRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, COALESCE(positions_amendment, 0), seat_plan, \
             score_batch, score_visible_at, COALESCE(rehearsal, 0), version FROM exam WHERE state IN ('published', 'closed') \
             ORDER BY registration_opens DESC, id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

/// The office's list, newest first: of one state, of all for an empty one, or of those that everybody may see for `public`; of
/// the exams only that roles of `staff_id` are narrowed to, unless that is 0.
pub(super) async fn exams_all(
    q: &mut impl Query,
    (state, staff_id): (&str, i64),
    before: i64,
    limit: i64,
) -> DbResult<Vec<ExamRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, COALESCE(positions_amendment, 0), seat_plan, \
             score_batch, score_visible_at, COALESCE(rehearsal, 0), version FROM exam WHERE id < $3 \
             AND ($1 = '' OR state = $1 OR ($1 = 'public' AND state IN ('published', 'closed'))) \
             AND (id IN (SELECT exam_id FROM staff_grant WHERE staff_id = $2) OR $2 = 0) ORDER BY id DESC LIMIT $4"
        ),
        p![state, staff_id, before, limit],
    )
    .await
}

/// The columns of an exam that follow from its settings, kept beside them so that lists can be ordered and searched.
#[derive(Debug, Clone)]
pub(super) struct ExamColumns<'a> {
    pub title: &'a str,
    pub settings: &'a str,
    pub registration: (i64, i64),
    pub payment_closes: i64,
    pub ticket: (i64, i64),
}

pub(super) async fn exam_insert(
    tx: &mut Tx,
    keys: (i64, &str, &str, &str),
    columns: &ExamColumns<'_>,
    (by, at, rehearsal): (i64, i64, bool),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO exam (id, public_id, category, code, title, state, settings, settings_version, \
             registration_opens, registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, \
             seat_plan, score_batch, score_visible_at, next_registration_no, created_by, created_at, rehearsal, version) \
             VALUES ($1, $2, $3, $4, $5, 'draft', $6, 1, $7, $8, $9, $10, $11, 0, 0, 0, 0, 1, $12, $13, $14, 1)"
        ),
        p![
            keys.0,
            keys.1,
            keys.2,
            keys.3,
            columns.title,
            columns.settings,
            columns.registration.0,
            columns.registration.1,
            columns.payment_closes,
            columns.ticket.0,
            columns.ticket.1,
            by,
            at,
            rehearsal.then_some(1_i64)
        ],
    )
    .await
}

/// New settings at the version that was read; 0 rows: somebody else was faster.
pub(super) async fn exam_set_settings(
    tx: &mut Tx,
    id: i64,
    version: i64,
    columns: &ExamColumns<'_>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET title = $3, settings = $4, settings_version = settings_version + 1, \
             registration_opens = $5, registration_closes = $6, payment_closes = $7, ticket_opens = $8, \
             ticket_closes = $9, version = version + 1 WHERE id = $1 AND version = $2"
        ),
        p![
            id,
            version,
            columns.title,
            columns.settings,
            columns.registration.0,
            columns.registration.1,
            columns.payment_closes,
            columns.ticket.0,
            columns.ticket.1
        ],
    )
    .await
}

pub(super) async fn settings_insert(
    tx: &mut Tx,
    exam_id: i64,
    version: i64,
    settings: &str,
    reason: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO exam_settings (exam_id, version, settings, reason, changed_by, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        p![exam_id, version, settings, reason, who.0, who.1],
    )
    .await
}

/// Settings as they were at a version: what an application was made under.
pub(crate) async fn settings_at(
    q: &mut impl Query,
    exam_id: i64,
    version: i64,
) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT settings FROM exam_settings WHERE exam_id = $1 AND version = $2"),
        p![exam_id, version],
    )
    .await
}

pub(super) async fn exam_set_state(
    tx: &mut Tx,
    id: i64,
    from: &str,
    to: &str,
    published_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET state = $3, published_at = COALESCE($4, published_at), \
             version = version + 1 WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, published_at],
    )
    .await
}

/// The next registration number of an exam; counting is part of the exam's own row, so that numbers have no gaps but
/// those of refused commits.
pub(crate) async fn registration_no_take(tx: &mut Tx, exam_id: i64) -> DbResult<i64> {
    tx.one(
        sql!(
            "UPDATE exam SET next_registration_no = next_registration_no + 1 WHERE id = $1 \
             RETURNING next_registration_no - 1"
        ),
        p![exam_id],
    )
    .await
}

/// Flips the pointer that makes a batch of positions (and subjects) the exam's.
pub(super) async fn exam_point_positions(
    tx: &mut Tx,
    exam_id: i64,
    from: i64,
    to: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET positions_batch = $3, version = version + 1 WHERE id = $1 AND positions_batch = $2"
        ),
        p![exam_id, from, to],
    )
    .await
}

/// Holds the exam's row for whoever is about to change its positions. 0 rows: they were amended meanwhile.
pub(super) async fn exam_hold(
    tx: &mut Tx,
    exam_id: i64,
    (batch, amendment): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET version = version + 1 WHERE id = $1 AND positions_batch = $2 \
             AND COALESCE(positions_amendment, 0) = $3"
        ),
        p![exam_id, batch, amendment],
    )
    .await
}

/// Flips the pointer to an amendment of the position table that stands; 0 rows: another one was published meanwhile.
pub(super) async fn exam_point_amendment(
    tx: &mut Tx,
    exam_id: i64,
    (batch, from): (i64, i64),
    to: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET positions_amendment = $4, version = version + 1 WHERE id = $1 AND positions_batch = $2 \
             AND COALESCE(positions_amendment, 0) = $3"
        ),
        p![exam_id, batch, from, to],
    )
    .await
}

/// Flips the pointer to a published seat plan.
pub(crate) async fn exam_point_seats(
    tx: &mut Tx,
    exam_id: i64,
    from: i64,
    to: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET seat_plan = $3, version = version + 1 WHERE id = $1 AND seat_plan = $2"
        ),
        p![exam_id, from, to],
    )
    .await
}

/// Flips the pointer to published scores and says from when on they may be seen.
pub(crate) async fn exam_point_scores(
    tx: &mut Tx,
    exam_id: i64,
    from: i64,
    to: i64,
    visible_at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET score_batch = $3, score_visible_at = $4, version = version + 1 \
             WHERE id = $1 AND score_batch = $2"
        ),
        p![exam_id, from, to, visible_at],
    )
    .await
}

/// Whether a code is taken; codes stand on tickets and in file names.
pub(super) async fn exam_by_code(q: &mut impl Query, code: &str) -> DbResult<Option<i64>> {
    q.opt(point!("SELECT id FROM exam WHERE code = $1"), p![code])
        .await
}

/// Settings with who changed them when, newest first: version, reason, staff, instant.
pub(super) async fn settings_history(
    q: &mut impl Query,
    exam_id: i64,
) -> DbResult<Vec<(i64, String, String, i64)>> {
    q.rows(
        sql!(
            "SELECT h.version, h.reason, COALESCE(s.name, ''), h.changed_at FROM exam_settings h \
             LEFT JOIN staff s ON s.id = h.changed_by WHERE h.exam_id = $1 ORDER BY h.version DESC LIMIT 50"
        ),
        p![exam_id],
    )
    .await
}

/// Whether anybody has applied.
pub(super) async fn exam_has_applications(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM application WHERE exam_id = $1 LIMIT 1) AS any_application"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// What has been begun or done in an exam: 1 or 0 each.
    pub(super) struct ProgressRow {
        /// A ratio decision that is asked for, running or done.
        pub(super) decided: i64,
        /// A seat plan that could be published.
        pub(super) plans: i64,
        /// A table of marks that another person has to check.
        pub(super) imported: i64,
        /// One that was checked and isn't published.
        pub(super) checked: i64,
        /// An archive that was asked for.
        pub(super) archives: i64,
    }
}

pub(super) async fn exam_progress(q: &mut impl Query, exam_id: i64) -> DbResult<ProgressRow> {
    q.one(
        sql!(
            "SELECT \
             (SELECT COUNT(*) FROM (SELECT 1 FROM position_decision WHERE exam_id = $1 AND kind = 'ratio' \
              AND state IN ('asked', 'running', 'done') LIMIT 1) d), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM seat_plan WHERE exam_id = $1 AND state = 'ready' LIMIT 1) p), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM score_batch WHERE exam_id = $1 AND state = 'imported' LIMIT 1) i), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM score_batch WHERE exam_id = $1 AND state = 'checked' LIMIT 1) c), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM exam_archive WHERE exam_id = $1 AND state = 'asked' LIMIT 1) a)"
        ),
        p![exam_id],
    )
    .await
}

/// The public ids of all rehearsals, whatever their state: what the office marks pages by.
pub(super) async fn rehearsals(q: &mut impl Query) -> DbResult<Vec<(String,)>> {
    q.rows(
        sql!("SELECT public_id FROM exam WHERE rehearsal = 1 ORDER BY id LIMIT 1000"),
        p![],
    )
    .await
}

/// Shuts a rehearsal that is about to be wiped, in whatever state it is.
pub(crate) async fn shut(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam SET state = 'archived', version = version + 1 WHERE id = $1 AND rehearsal = 1"
        ),
        p![id],
    )
    .await
}
