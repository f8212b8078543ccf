//! SQL of positions, their places and live counts, and of subjects.

use db::{DbResult, Query, Tx, p, point, record, sql};

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
        /// The amendment that it stands in now; 0 as long as it stands as it was first published.
        pub amendment_id: i64,
    }
}

/// The positions of a batch, and those that published amendments added to it, in the order of the table, a page at a time: what is
/// held in memory. Each as its last published amendment says.
pub(super) async fn positions_of(
    q: &mut impl Query,
    exam_id: i64,
    batch_id: i64,
    after_line: i64,
    limit: i64,
) -> DbResult<Vec<PositionRow>> {
    q.rows(
        sql!(
            "SELECT p.id, p.public_id, p.exam_id, p.line, p.code, COALESCE(r.name, p.name), p.employer, p.department, p.unit, \
             COALESCE(r.headcount, p.headcount), COALESCE(r.education, p.education), COALESCE(r.majors, p.majors), \
             COALESCE(r.content, p.content), COALESCE(r.rules, p.rules), p.state, p.capacity, p.taken, \
             COALESCE(c.applied, 0), COALESCE(c.approved, 0), COALESCE(c.paid, 0), COALESCE(r.amendment_id, 0) \
             FROM position p LEFT JOIN position_count c ON c.position_id = p.id \
             LEFT JOIN position_revision r ON r.position_id = p.id AND r.amendment_id = \
             (SELECT MAX(v.amendment_id) FROM position_revision v JOIN position_amendment m ON m.id = v.amendment_id \
             WHERE v.position_id = p.id AND m.state = 'published') \
             WHERE p.exam_id = $1 AND p.batch_id IN (SELECT CAST($2 AS BIGINT) UNION ALL SELECT m.id FROM position_amendment m \
             WHERE m.exam_id = $1 AND m.base_batch = $2 AND m.state = 'published') AND p.line > $3 ORDER BY p.line LIMIT $4"
        ),
        p![exam_id, batch_id, after_line, limit],
    )
    .await
}

/// One position by id, visible or of an older batch: what an application points to.
pub(crate) async fn position_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<PositionRow>> {
    q.opt(
        point!(
            "SELECT p.id, p.public_id, p.exam_id, p.line, p.code, COALESCE(r.name, p.name), p.employer, p.department, p.unit, \
             COALESCE(r.headcount, p.headcount), COALESCE(r.education, p.education), COALESCE(r.majors, p.majors), \
             COALESCE(r.content, p.content), COALESCE(r.rules, p.rules), p.state, p.capacity, p.taken, \
             COALESCE(c.applied, 0), COALESCE(c.approved, 0), COALESCE(c.paid, 0), COALESCE(r.amendment_id, 0) \
             FROM position p LEFT JOIN position_count c ON c.position_id = p.id \
             LEFT JOIN position_revision r ON r.position_id = p.id AND r.amendment_id = \
             (SELECT MAX(v.amendment_id) FROM position_revision v JOIN position_amendment m ON m.id = v.amendment_id \
             WHERE v.position_id = p.id AND m.state = 'published') WHERE p.id = $1"
        ),
        p![id],
    )
    .await
}

/// Whether a position is open or cancelled.
pub(crate) async fn position_state(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(point!("SELECT state FROM position WHERE id = $1"), p![id])
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
    tx.exec(
        sql!("UPDATE position SET taken = taken - 1 WHERE id = $1 AND taken > 0"),
        p![id],
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

/// What moves while a table stands still, by position.
pub(super) async fn figures_of(
    q: &mut impl Query,
    exam_id: i64,
    batch_id: i64,
) -> DbResult<Vec<FiguresRow>> {
    q.rows(
        sql!(
            "SELECT p.id, p.state, p.capacity, p.taken, COALESCE(c.applied, 0), COALESCE(c.pending + c.first_approved, 0), \
             COALESCE(c.returned, 0), COALESCE(c.rejected + c.appealed, 0), COALESCE(c.approved, 0), \
             COALESCE(c.paid, 0) FROM position p LEFT JOIN position_count c ON c.position_id = p.id \
             WHERE p.exam_id = $1 AND p.batch_id IN (SELECT CAST($2 AS BIGINT) UNION ALL SELECT m.id \
             FROM position_amendment m WHERE m.exam_id = $1 AND m.base_batch = $2 AND m.state = 'published') ORDER BY p.line"
        ),
        p![exam_id, batch_id],
    )
    .await
}

record! {
    /// The moving figures of a position.
    #[derive(Debug, Clone)]
    pub(super) struct FiguresRow {
        pub(super) id: i64,
        pub(super) state: String,
        pub(super) capacity: Option<i64>,
        pub(super) taken: i64,
        pub(super) applied: i64,
        pub(super) pending: i64,
        pub(super) returned: i64,
        pub(super) rejected: i64,
        pub(super) approved: i64,
        pub(super) paid: i64,
    }
}

/// How many positions and posts the exam's table has, amended and without those that were cancelled; for exams by subject, how
/// many subjects.
pub(super) async fn table_size(q: &mut impl Query, exam_id: i64) -> DbResult<(i64, i64, i64)> {
    q.one(
        sql!(
            "SELECT COUNT(t.id), COALESCE(SUM(t.headcount), 0), \
             COALESCE((SELECT COUNT(*) FROM subject s JOIN exam e ON e.id = s.exam_id AND e.positions_batch = s.batch_id \
             WHERE s.exam_id = $1), 0) \
             FROM (SELECT p.id, COALESCE((SELECT r.headcount FROM position_revision r JOIN position_amendment m \
             ON m.id = r.amendment_id AND m.state = 'published' WHERE r.position_id = p.id \
             ORDER BY r.amendment_id DESC LIMIT 1), p.headcount) AS headcount \
             FROM exam e JOIN position p ON p.exam_id = e.id AND p.state = 'open' \
             AND p.batch_id IN (SELECT e.positions_batch UNION ALL SELECT a.id FROM position_amendment a \
             WHERE a.exam_id = e.id AND a.base_batch = e.positions_batch AND a.state = 'published') \
             WHERE e.id = $1) AS t"
        ),
        p![exam_id],
    )
    .await
}

/// Removes a handful of the rows of a batch that was given up. One that was confirmed is never touched.
pub(super) async fn positions_drop(tx: &mut Tx, batch_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM position WHERE id IN (SELECT p.id FROM position p JOIN import_batch b ON b.id = $1 \
             WHERE p.exam_id = b.exam_id AND p.batch_id = $1 AND b.state IN ('staging', 'staged', 'discarded') LIMIT $2)"
        ),
        p![batch_id, limit],
    )
    .await
}

/// The same for subjects; a subject table is short.
pub(super) async fn subjects_drop(tx: &mut Tx, batch_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM subject WHERE batch_id = $1 AND EXISTS (SELECT 1 FROM import_batch b WHERE b.id = $1 \
             AND b.exam_id = subject.exam_id AND b.state IN ('staging', 'staged', 'discarded'))"
        ),
        p![batch_id],
    )
    .await
}
