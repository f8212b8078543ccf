//! SQL of exams, their settings, positions, subjects and imports.

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
        pub seat_plan: i64,
        pub score_batch: i64,
        pub score_visible_at: i64,
        pub version: i64,
    }
}

pub(crate) async fn exam_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ExamRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, seat_plan, score_batch, \
             score_visible_at, version FROM exam WHERE id = $1"
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
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, seat_plan, score_batch, \
             score_visible_at, version FROM exam WHERE public_id = $1"
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
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, seat_plan, score_batch, \
             score_visible_at, version FROM exam WHERE state IN ('published', 'closed') \
             ORDER BY registration_opens DESC, id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

/// The office's list: all states, newest first.
pub(super) async fn exams_all(q: &mut impl Query, before: i64, limit: i64) -> DbResult<Vec<ExamRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, category, code, title, state, settings, settings_version, registration_opens, \
             registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, seat_plan, score_batch, \
             score_visible_at, version FROM exam WHERE id < $1 ORDER BY id DESC LIMIT $2"
        ),
        p![before, limit],
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
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO exam (id, public_id, category, code, title, state, settings, settings_version, \
             registration_opens, registration_closes, payment_closes, ticket_opens, ticket_closes, positions_batch, \
             seat_plan, score_batch, score_visible_at, next_registration_no, created_by, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, 'draft', $6, 1, $7, $8, $9, $10, $11, 0, 0, 0, 0, 1, $12, $13, 1)"
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
            at
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
            "UPDATE exam SET state = $3, published_at = CASE WHEN $4 > 0 THEN $4 ELSE published_at END, \
             version = version + 1 WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, published_at.unwrap_or(0)],
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

/// Flips the pointer to a published seat plan.
pub(crate) async fn exam_point_seats(
    tx: &mut Tx,
    exam_id: i64,
    from: i64,
    to: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE exam SET seat_plan = $3, version = version + 1 WHERE id = $1 AND seat_plan = $2"),
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

record! {
    /// A position as lists and the application need it.
    #[derive(Debug, Clone)]
    pub struct PositionRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub line: i64,
        pub code: String,
        pub name: String,
        pub employer: String,
        pub department: String,
        pub unit: String,
        pub headcount: i64,
        /// Education as the table says it.
        pub education: String,
        /// Majors as the table says them.
        pub majors: String,
        /// Every column of the table, as JSON.
        pub content: String,
        /// The eligibility rules read from it, as JSON.
        pub rules: String,
        pub state: String,
        pub capacity: Option<i64>,
        pub taken: i64,
        pub applied: i64,
        pub approved: i64,
        pub paid: i64,
    }
}

/// All visible positions of an exam in the order of the table: what the catalogue holds in memory.
pub(super) async fn positions_of(
    q: &mut impl Query,
    exam_id: i64,
    after_line: i64,
    limit: i64,
) -> DbResult<Vec<PositionRow>> {
    q.rows(
        sql!(
            "SELECT p.id, p.public_id, p.exam_id, p.line, p.code, p.name, p.employer, p.department, p.unit, p.headcount, \
             p.education, p.majors, p.content, p.rules, p.state, p.capacity, p.taken, COALESCE(c.applied, 0), \
             COALESCE(c.approved, 0), COALESCE(c.paid, 0) FROM position p \
             JOIN exam e ON e.id = p.exam_id AND e.positions_batch = p.batch_id \
             LEFT JOIN position_count c ON c.position_id = p.id \
             WHERE p.exam_id = $1 AND p.line > $2 ORDER BY p.line LIMIT $3"
        ),
        p![exam_id, after_line, limit],
    )
    .await
}

/// One visible position of an exam.
pub(crate) async fn position_by_public_id(
    q: &mut impl Query,
    exam_id: i64,
    public_id: &str,
) -> DbResult<Option<PositionRow>> {
    q.opt(
        point!(
            "SELECT p.id, p.public_id, p.exam_id, p.line, p.code, p.name, p.employer, p.department, p.unit, p.headcount, \
             p.education, p.majors, p.content, p.rules, p.state, p.capacity, p.taken, COALESCE(c.applied, 0), \
             COALESCE(c.approved, 0), COALESCE(c.paid, 0) FROM position p \
             JOIN exam e ON e.id = p.exam_id AND e.positions_batch = p.batch_id \
             LEFT JOIN position_count c ON c.position_id = p.id WHERE p.public_id = $2 AND p.exam_id = $1"
        ),
        p![exam_id, public_id],
    )
    .await
}

/// One position by id, visible or of an older batch: what an application points to.
pub(crate) async fn position_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<PositionRow>> {
    q.opt(
        point!(
            "SELECT p.id, p.public_id, p.exam_id, p.line, p.code, p.name, p.employer, p.department, p.unit, p.headcount, \
             p.education, p.majors, p.content, p.rules, p.state, p.capacity, p.taken, COALESCE(c.applied, 0), \
             COALESCE(c.approved, 0), COALESCE(c.paid, 0) FROM position p \
             LEFT JOIN position_count c ON c.position_id = p.id WHERE p.id = $1"
        ),
        p![id],
    )
    .await
}

/// A new position's columns.
pub(super) struct PositionInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub exam_id: i64,
    pub batch_id: i64,
    pub line: i64,
    pub code: &'a str,
    pub name: &'a str,
    pub employer: &'a str,
    pub department: &'a str,
    pub unit: &'a str,
    pub headcount: i64,
    pub education: &'a str,
    pub majors: &'a str,
    pub search_text: &'a str,
    pub content: &'a str,
    pub rules: &'a str,
    pub capacity: Option<i64>,
}

pub(super) async fn position_insert(tx: &mut Tx, row: &PositionInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position (id, public_id, exam_id, batch_id, line, code, name, employer, department, unit, \
             headcount, education, majors, search_text, content, rules, state, capacity, taken) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'open', $17, 0)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.batch_id,
            row.line,
            row.code,
            row.name,
            row.employer,
            row.department,
            row.unit,
            row.headcount,
            row.education,
            row.majors,
            row.search_text,
            row.content,
            row.rules,
            row.capacity
        ],
    )
    .await
}

/// Takes a place. 0 rows: full, cancelled, or no longer visible. The CHECK stands behind it (invariant 11).
pub(crate) async fn position_take(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position SET taken = taken + 1 WHERE id = $1 AND state = 'open' \
             AND (capacity IS NULL OR taken < capacity)"
        ),
        p![id],
    )
    .await
}

/// Gives a place back.
pub(crate) async fn position_give_back(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("UPDATE position SET taken = taken - 1 WHERE id = $1 AND taken > 0"), p![id]).await
}

/// Appends to the live counts; a job folds them (a counter row per position would queue every commit).
pub(crate) async fn count_delta(
    tx: &mut Tx,
    id: i64,
    position_id: i64,
    deltas: (i64, i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_delta (id, position_id, applied, approved, paid) VALUES ($1, $2, $3, $4, $5)"
        ),
        p![id, position_id, deltas.0, deltas.1, deltas.2],
    )
    .await
}

/// The deltas that wait, oldest first: id, position, applied, approved, paid.
pub(super) async fn deltas(
    q: &mut impl Query,
    limit: i64,
) -> DbResult<Vec<(i64, i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT id, position_id, applied, approved, paid FROM position_delta ORDER BY id LIMIT $1"
        ),
        p![limit],
    )
    .await
}

pub(super) async fn delta_delete(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM position_delta WHERE id = $1"), p![id]).await
}

pub(super) async fn count_add(
    tx: &mut Tx,
    position_id: i64,
    deltas: (i64, i64, i64),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_count (position_id, applied, approved, paid, folded_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (position_id) DO UPDATE SET applied = position_count.applied + excluded.applied, \
             approved = position_count.approved + excluded.approved, paid = position_count.paid + excluded.paid, \
             folded_at = excluded.folded_at"
        ),
        p![position_id, deltas.0, deltas.1, deltas.2, at],
    )
    .await
}

record! {
    /// A subject of an exam, with when it is sat and what it costs.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SubjectRow {
        pub id: i64,
        pub line: i64,
        pub level: String,
        pub specialty: String,
        pub code: String,
        pub name: String,
        pub session: i64,
        pub starts_at: i64,
        pub ends_at: i64,
        pub fee: i64,
    }
}

/// The visible subjects of an exam, in the order of the table.
pub(crate) async fn subjects_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<SubjectRow>> {
    q.rows(
        point!(
            "SELECT s.id, s.line, s.level, s.specialty, s.code, s.name, s.session, s.starts_at, s.ends_at, s.fee \
             FROM subject s JOIN exam e ON e.id = s.exam_id AND e.positions_batch = s.batch_id \
             WHERE s.exam_id = $1 ORDER BY s.line, s.id"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn subject_insert(
    tx: &mut Tx,
    keys: (i64, i64, i64),
    row: &SubjectRow,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO subject (id, exam_id, batch_id, line, level, specialty, code, name, session, starts_at, \
             ends_at, fee) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        p![
            keys.0,
            keys.1,
            keys.2,
            row.line,
            &row.level,
            &row.specialty,
            &row.code,
            &row.name,
            row.session,
            row.starts_at,
            row.ends_at,
            row.fee
        ],
    )
    .await
}

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
pub(crate) struct BatchInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub exam_id: i64,
    pub kind: &'a str,
    pub file_name: &'a str,
    pub object_id: i64,
    pub rows: (i64, i64, i64),
    pub summary: &'a str,
    pub by: i64,
    pub at: i64,
}

pub(crate) async fn batch_insert(tx: &mut Tx, row: &BatchInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO import_batch (id, public_id, exam_id, kind, state, file_name, object_id, rows_read, rows_good, \
             rows_bad, summary, created_by, created_at) \
             VALUES ($1, $2, $3, $4, 'staging', $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.kind,
            row.file_name,
            row.object_id,
            row.rows.0,
            row.rows.1,
            row.rows.2,
            row.summary,
            row.by,
            row.at
        ],
    )
    .await
}

pub(crate) async fn batch_by_public_id(
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

/// Moves a batch along; 0 rows: it wasn't in that state any more.
pub(crate) async fn batch_set_state(
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

pub(crate) async fn problem_insert(
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
        p![batch_id, place.0, place.1, texts.0, texts.1, texts.2, texts.3],
    )
    .await
}

/// What couldn't be read, in the order of the table: line, severity, field, cell, message.
pub(crate) async fn problems_of(
    q: &mut impl Query,
    batch_id: i64,
    limit: i64,
) -> DbResult<Vec<(i64, String, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT line, severity, field, cell, message FROM import_problem WHERE batch_id = $1 \
             ORDER BY line, item LIMIT $2"
        ),
        p![batch_id, limit],
    )
    .await
}
