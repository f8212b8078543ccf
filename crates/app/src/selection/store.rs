//! SQL of those who are on a list, and of what happens to them.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// Somebody of a list.
    #[derive(Debug, Clone)]
    pub struct ContenderRow {
        pub application_id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub position_id: i64,
        pub unit: String,
        pub name: String,
        /// The list that called him last; 0: he follows somebody.
        pub round_id: i64,
        pub entry: String,
        /// Rank in the list of who comes to the interview; 0 for none.
        pub rank: i64,
        pub written: String,
        pub interview: String,
        pub total: String,
        /// Rank by the combined total; 0 for none.
        pub final_rank: i64,
        pub stage: String,
        /// What he left and by which event, once he is out.
        pub left_stage: String,
        pub left_why: String,
        pub due_at: Option<i64>,
        pub signed_at: Option<i64>,
        pub signed_by: Option<i64>,
        pub promoted: String,
        pub promote_round: i64,
        pub changed_at: i64,
        pub version: i64,
        /// The account, and whether the application lives.
        pub account_id: i64,
        pub life: String,
        /// The application's public id.
        pub application: String,
    }
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(super) struct NewContender<'a> {
    pub(super) application_id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) position_id: i64,
    pub(super) unit: &'a str,
    pub(super) name: &'a str,
    pub(super) round_id: i64,
    pub(super) entry: &'a str,
    pub(super) rank: i64,
    pub(super) written: &'a str,
    pub(super) stage: &'a str,
    pub(super) due_at: Option<i64>,
    pub(super) promoted: &'a str,
    pub(super) at: i64,
}

/// 0 rows: he is on a list already.
pub(super) async fn contender_insert(tx: &mut Tx, row: &NewContender<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO contender (application_id, public_id, exam_id, position_id, unit, name, round_id, entry, rank, written, \
             interview, total, final_rank, stage, left_stage, left_why, due_at, promoted, promote_round, changed_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '', 0, $11, '', '', $12, $13, 0, $14, 1) \
             ON CONFLICT (application_id) DO NOTHING"
        ),
        p![
            row.application_id,
            row.public_id,
            row.exam_id,
            row.position_id,
            row.unit,
            row.name,
            row.round_id,
            row.entry,
            row.rank,
            row.written,
            row.stage,
            row.due_at,
            row.promoted,
            row.at
        ],
    )
    .await
}

/// Where somebody goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move<'a> {
    pub(super) stage: &'a str,
    pub(super) left_stage: &'a str,
    pub(super) left_why: &'a str,
    pub(super) due_at: Option<i64>,
    pub(super) at: i64,
}

/// 0 rows: he was moved meanwhile.
pub(super) async fn contender_move(
    tx: &mut Tx,
    id: i64,
    version: i64,
    to: &Move<'_>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET stage = $3, left_stage = $4, left_why = $5, due_at = $6, changed_at = $7, version = version + 1 \
             WHERE application_id = $1 AND version = $2"
        ),
        p![
            id,
            version,
            to.stage,
            to.left_stage,
            to.left_why,
            to.due_at,
            to.at
        ],
    )
    .await
}

/// A list in force says this of somebody who is on one already.
pub(super) async fn contender_listed(
    tx: &mut Tx,
    id: i64,
    round_id: i64,
    rank: i64,
    written: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET round_id = $2, rank = $3, written = $4, version = version + 1 WHERE application_id = $1"
        ),
        p![id, round_id, rank, written],
    )
    .await
}

/// What both parts together give.
pub(super) async fn contender_totalled(
    tx: &mut Tx,
    id: i64,
    marks: (&str, &str),
    final_rank: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET interview = $2, total = $3, final_rank = $4, version = version + 1 WHERE application_id = $1"
        ),
        p![id, marks.0, marks.1, final_rank],
    )
    .await
}

/// The mark of an interview, before anything is ranked by it.
pub(super) async fn contender_interviewed(tx: &mut Tx, id: i64, mark: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET interview = $2, version = version + 1 WHERE application_id = $1"
        ),
        p![id, mark],
    )
    .await
}

/// He takes a post that somebody else left after the interview, for the `$2`th time.
pub(super) async fn contender_follows(tx: &mut Tx, id: i64, round: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET promoted = 'medical', promote_round = $2, version = version + 1 WHERE application_id = $1"
        ),
        p![id, round],
    )
    .await
}

/// 0 rows: he has signed in, or isn't awaited.
pub(super) async fn contender_signed(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender SET signed_by = $2, signed_at = $3, version = version + 1 \
             WHERE application_id = $1 AND stage = 'called' AND signed_at IS NULL"
        ),
        p![id, who.0, who.1],
    )
    .await
}

pub(super) async fn contender_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ContenderRow>> {
    q.opt(
        point!(
            "SELECT c.application_id, c.public_id, c.exam_id, c.position_id, c.unit, c.name, c.round_id, c.entry, c.rank, \
             c.written, c.interview, c.total, c.final_rank, c.stage, c.left_stage, c.left_why, c.due_at, c.signed_at, \
             c.signed_by, c.promoted, c.promote_round, c.changed_at, c.version, a.account_id, a.life, a.public_id \
             FROM contender c JOIN application a ON a.id = c.application_id WHERE c.application_id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn contender_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ContenderRow>> {
    q.opt(
        point!(
            "SELECT c.application_id, c.public_id, c.exam_id, c.position_id, c.unit, c.name, c.round_id, c.entry, c.rank, \
             c.written, c.interview, c.total, c.final_rank, c.stage, c.left_stage, c.left_why, c.due_at, c.signed_at, \
             c.signed_by, c.promoted, c.promote_round, c.changed_at, c.version, a.account_id, a.life, a.public_id \
             FROM contender c JOIN application a ON a.id = c.application_id WHERE c.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// Everybody of a position, by application.
pub(super) async fn contenders_of_position(
    q: &mut impl Query,
    position_id: i64,
) -> DbResult<Vec<ContenderRow>> {
    q.rows(
        sql!(
            "SELECT c.application_id, c.public_id, c.exam_id, c.position_id, c.unit, c.name, c.round_id, c.entry, c.rank, \
             c.written, c.interview, c.total, c.final_rank, c.stage, c.left_stage, c.left_why, c.due_at, c.signed_at, \
             c.signed_by, c.promoted, c.promote_round, c.changed_at, c.version, a.account_id, a.life, a.public_id \
             FROM contender c JOIN application a ON a.id = c.application_id WHERE c.position_id = $1 ORDER BY c.application_id"
        ),
        p![position_id],
    )
    .await
}

/// People of an exam by application, from behind one on.
pub(super) async fn contenders_after(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ContenderRow>> {
    q.rows(
        sql!(
            "SELECT c.application_id, c.public_id, c.exam_id, c.position_id, c.unit, c.name, c.round_id, c.entry, c.rank, \
             c.written, c.interview, c.total, c.final_rank, c.stage, c.left_stage, c.left_why, c.due_at, c.signed_at, \
             c.signed_by, c.promoted, c.promote_round, c.changed_at, c.version, a.account_id, a.life, a.public_id \
             FROM contender c JOIN application a ON a.id = c.application_id WHERE c.exam_id = $1 AND c.application_id > $2 \
             ORDER BY c.application_id LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

record! {
    /// Who a list in force has to do with: somebody of it, or somebody of one before.
    #[derive(Debug, Clone)]
    pub(super) struct Concerned {
        pub(super) application_id: i64,
    }
}

/// The next of those whom a list of who comes to the interview calls, or who were called before and are on their way.
pub(super) async fn concerned_after(
    q: &mut impl Query,
    exam_id: i64,
    round_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<Concerned>> {
    q.rows(
        sql!(
            "SELECT application_id FROM selection_row WHERE round_id = $2 AND verdict IN ('in', 'tie') AND application_id > $3 \
             UNION SELECT application_id FROM contender WHERE exam_id = $1 AND application_id > $3 \
             AND stage IN ('offered', 'called', 'qualified') ORDER BY 1 LIMIT $4"
        ),
        p![exam_id, round_id, after, limit],
    )
    .await
}

/// The next of those whom a list lets go on.
pub(super) async fn going_after(
    q: &mut impl Query,
    round_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<Concerned>> {
    q.rows(
        sql!(
            "SELECT application_id FROM selection_row WHERE round_id = $1 AND application_id > $2 ORDER BY application_id LIMIT $3"
        ),
        p![round_id, after, limit],
    )
    .await
}

/// People who have come too far to be taken off by a list that doesn't have them any more.
pub(super) async fn too_far(q: &mut impl Query, exam_id: i64, round_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM contender c LEFT JOIN selection_row s ON s.round_id = $2 AND s.application_id = c.application_id \
             WHERE c.exam_id = $1 AND c.stage NOT IN ('offered', 'called', 'qualified', 'out') \
             AND (COALESCE(s.verdict, '') = 'excluded' OR (c.entry = 'call' AND COALESCE(s.verdict, '') NOT IN ('in', 'tie')))"
        ),
        p![exam_id, round_id],
    )
    .await
}

/// Offers that lapsed by an instant, earliest first.
pub(super) async fn offers_due(q: &mut impl Query, until: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT application_id FROM contender WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, application_id LIMIT 200"
        ),
        p![until],
    )
    .await
}

/// Units of an exam's people, each once.
pub(super) async fn units_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<String>> {
    q.rows(
        sql!("SELECT DISTINCT unit FROM contender WHERE exam_id = $1 ORDER BY unit LIMIT 1000"),
        p![exam_id],
    )
    .await
}
