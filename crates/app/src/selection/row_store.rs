//! SQL of the lines of lists, and of what lists are made of.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};

/// A line to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewRow {
    pub(super) position_id: i64,
    pub(super) application_id: i64,
    pub(super) rank: i64,
    pub(super) total: String,
    pub(super) written: String,
    pub(super) interview: String,
    pub(super) verdict: &'static str,
    pub(super) why: &'static str,
}

pub(super) async fn row_insert(tx: &mut Tx, round_id: i64, row: &NewRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO selection_row (round_id, position_id, application_id, rank, total, written, interview, verdict, why) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        p![
            round_id,
            row.position_id,
            row.application_id,
            row.rank,
            &row.total,
            &row.written,
            &row.interview,
            row.verdict,
            row.why
        ],
    )
    .await
}

/// Decides about somebody who shared the last place; 0 rows: he doesn't, or it was decided.
pub(super) async fn row_decide(
    tx: &mut Tx,
    round_id: i64,
    application_id: i64,
    verdict: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_row SET verdict = $3, why = 'decided' WHERE round_id = $1 AND application_id = $2 \
             AND (verdict = 'tie' OR why = 'decided')"
        ),
        p![round_id, application_id, verdict],
    )
    .await
}

pub(super) async fn rows_drop(tx: &mut Tx, round_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM selection_row WHERE round_id = $1 AND application_id IN (SELECT s.application_id FROM selection_row s \
             JOIN selection_round r ON r.id = s.round_id WHERE s.round_id = $1 AND r.state = 'discarded' LIMIT $2)"
        ),
        p![round_id, limit],
    )
    .await
}

record! {
    /// A line as it is stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) struct StoredRow {
        pub(super) application_id: i64,
        pub(super) position_id: i64,
        /// 0: not ranked.
        pub(super) rank: i64,
        pub(super) total: String,
        pub(super) written: String,
        pub(super) interview: String,
        pub(super) verdict: String,
        pub(super) why: String,
    }
}

/// Lines by application, from behind one on.
pub(super) async fn rows_after(
    q: &mut impl Query,
    round_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT application_id, position_id, rank, total, written, interview, verdict, why FROM selection_row \
             WHERE round_id = $1 AND application_id > $2 ORDER BY application_id LIMIT $3"
        ),
        p![round_id, after, limit],
    )
    .await
}

/// One line.
pub(super) async fn row_of(
    q: &mut impl Query,
    round_id: i64,
    application_id: i64,
) -> DbResult<Option<StoredRow>> {
    q.opt(
        point!(
            "SELECT application_id, position_id, rank, total, written, interview, verdict, why FROM selection_row \
             WHERE round_id = $1 AND application_id = $2"
        ),
        p![round_id, application_id],
    )
    .await
}

record! {
    /// A line of one position, and whether the application lives.
    #[derive(Debug, Clone)]
    pub(super) struct PoolRow {
        pub(super) application_id: i64,
        pub(super) public_id: String,
        pub(super) name: String,
        pub(super) rank: i64,
        pub(super) total: String,
        pub(super) written: String,
        pub(super) verdict: String,
        pub(super) why: String,
        pub(super) life: String,
    }
}

/// The lines of one position, by rank.
pub(super) async fn rows_of_position(
    q: &mut impl Query,
    round_id: i64,
    position_id: i64,
) -> DbResult<Vec<PoolRow>> {
    q.rows(
        sql!(
            "SELECT s.application_id, a.public_id, a.name, s.rank, s.total, s.written, s.verdict, s.why, a.life \
             FROM selection_row s JOIN application a ON a.id = s.application_id \
             WHERE s.round_id = $1 AND s.position_id = $2 ORDER BY s.rank, s.application_id"
        ),
        p![round_id, position_id],
    )
    .await
}

/// People who share the last place and about whom nobody has decided.
pub(super) async fn ties_open(q: &mut impl Query, round_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM selection_row WHERE round_id = $1 AND verdict = 'tie'"),
        p![round_id],
    )
    .await
}

/// How many of each position a list lets go on.
pub(super) async fn going_on(q: &mut impl Query, round_id: i64) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT position_id, COUNT(*) FROM selection_row WHERE round_id = $1 AND verdict IN ('in', 'tie') \
             GROUP BY position_id ORDER BY position_id"
        ),
        p![round_id],
    )
    .await
}

record! {
    /// A line with whose it is, for the office.
    #[derive(Debug, Clone)]
    pub struct RowLine {
        pub application_id: i64,
        pub public_id: String,
        pub registration_no: String,
        pub ticket_no: String,
        pub name: String,
        pub position_id: i64,
        /// 0: not ranked.
        pub rank: i64,
        pub total: String,
        pub written: String,
        pub interview: String,
        pub verdict: String,
        pub why: String,
    }
}

/// Those whom a list lets go on, whether they share the last place or not.
pub(super) const GOES_ON: &str = "on";

/// What of a list is looked at; empty and 0 mean any.
#[derive(Debug, Clone, Default)]
pub(super) struct RowFilter<'a> {
    pub position_id: i64,
    pub verdict: &'a str,
    /// The candidate's name, whole.
    pub name: &'a str,
}

/// A page of a list, position by position, by rank; who isn't ranked stands first in each, as rank 0. `from` is the last line before.
pub(super) async fn rows_page(
    q: &mut impl Query,
    round_id: i64,
    filter: &RowFilter<'_>,
    from: Option<(i64, i64, i64)>,
    limit: u32,
) -> DbResult<Vec<RowLine>> {
    let key = [
        piece!("s.position_id"),
        piece!("s.rank"),
        piece!("s.application_id"),
    ];
    let after = from
        .map(|(position, rank, id)| [P::Int(position), P::Int(rank), P::Int(id.saturating_add(1))]);
    let after = after.as_ref().map(|values| &values[..]);
    Select::new(
        piece!(
            "s.application_id, a.public_id, a.registration_no, COALESCE((SELECT MIN(t.ticket_no) FROM ticket_number t \
             WHERE t.application_id = a.id), ''), a.name, s.position_id, s.rank, s.total, s.written, s.interview, s.verdict, s.why"
        ),
        piece!("selection_row s JOIN application a ON a.id = s.application_id"),
    )
    .and_if(
        filter.position_id != 0,
        piece!("s.position_id + 0 = $1"),
        p![filter.position_id],
    )
    .and_if(
        filter.verdict == GOES_ON,
        piece!("s.verdict IN ('in', 'tie')"),
        p![],
    )
    .and_if(
        !filter.verdict.is_empty() && filter.verdict != GOES_ON,
        piece!("s.verdict = $1"),
        p![filter.verdict],
    )
    .and_if(
        !filter.name.is_empty(),
        piece!("a.name || '' = $1"),
        p![filter.name],
    )
    .walk(
        &[(piece!("s.round_id"), P::Int(round_id))],
        &key,
        (after, None),
        false,
    )
    .limit(limit)
    .rows(q)
    .await
}

record! {
    /// Somebody of whom two lists say different things; an empty verdict: he isn't in that one.
    #[derive(Debug, Clone)]
    pub struct RoundChange {
        pub name: String,
        pub registration_no: String,
        pub position_id: i64,
        pub old_rank: i64,
        pub old_verdict: String,
        pub new_rank: i64,
        pub new_verdict: String,
        /// Where he stands; empty if he isn't a contender.
        pub stage: String,
    }
}

/// What list `$2` says otherwise than list `$1` of who goes on.
pub(super) async fn changes_between(
    q: &mut impl Query,
    old: i64,
    new: i64,
    limit: i64,
) -> DbResult<Vec<RoundChange>> {
    q.rows(
        sql!(
            "SELECT a.name, a.registration_no, d.position_id, d.old_rank, d.old_verdict, d.new_rank, d.new_verdict, \
             COALESCE(c.stage, '') FROM ( \
             SELECT n.application_id, n.position_id, COALESCE(o.rank, 0) AS old_rank, COALESCE(o.verdict, '') AS old_verdict, \
             n.rank AS new_rank, n.verdict AS new_verdict FROM selection_row n LEFT JOIN selection_row o ON o.round_id = $1 \
             AND o.application_id = n.application_id WHERE n.round_id = $2 \
             AND (o.verdict IS NULL OR o.verdict <> n.verdict OR o.rank <> n.rank) \
             UNION ALL \
             SELECT o.application_id, o.position_id, o.rank, o.verdict, 0, '' FROM selection_row o WHERE o.round_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM selection_row n WHERE n.round_id = $2 AND n.application_id = o.application_id)) AS d \
             JOIN application a ON a.id = d.application_id LEFT JOIN contender c ON c.application_id = d.application_id \
             ORDER BY d.position_id, d.new_rank, a.registration_no LIMIT $3"
        ),
        p![old, new, limit],
    )
    .await
}

record! {
    /// A mark of somebody who might come to the interview, with his total.
    #[derive(Debug, Clone)]
    pub(super) struct RunnerRow {
        pub(super) application_id: i64,
        pub(super) position_id: Option<i64>,
        pub(super) life: String,
        pub(super) subject_code: String,
        pub(super) subject_name: String,
        pub(super) mark: String,
        pub(super) flag: String,
        pub(super) total: String,
        pub(super) passed: String,
    }
}

/// Marks of a batch by application and subject, from behind an application on.
pub(super) async fn runners_after(
    q: &mut impl Query,
    batch_id: i64,
    after: (i64, &str),
    limit: i64,
) -> DbResult<Vec<RunnerRow>> {
    q.rows(
        sql!(
            "SELECT s.application_id, a.position_id, a.life, s.subject_code, s.subject_name, s.mark, s.flag, COALESCE(x.total, ''), \
             COALESCE(x.passed, '') FROM score s JOIN application a ON a.id = s.application_id LEFT JOIN score_total x \
             ON x.batch_id = s.batch_id AND x.application_id = s.application_id WHERE s.batch_id = $1 \
             AND (s.application_id, s.subject_code) > ($2, $3) ORDER BY s.application_id, s.subject_code LIMIT $4"
        ),
        p![batch_id, after.0, after.1, limit],
    )
    .await
}

/// The marks of somebody in a batch: subject code, subject, mark, flag.
pub(super) async fn marks_of(
    q: &mut impl Query,
    batch_id: i64,
    application_id: i64,
) -> DbResult<Vec<(String, String, String, String)>> {
    q.rows(
        point!(
            "SELECT subject_code, subject_name, mark, flag FROM score WHERE batch_id = $1 AND application_id = $2 \
             ORDER BY subject_code"
        ),
        p![batch_id, application_id],
    )
    .await
}

record! {
    /// A living application of an exam without a written paper.
    #[derive(Debug, Clone)]
    pub(super) struct LivingRow {
        pub(super) application_id: i64,
        pub(super) position_id: Option<i64>,
        pub(super) review: String,
        pub(super) payment: String,
    }
}

/// Living applications from behind one on.
pub(super) async fn living_after(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<LivingRow>> {
    q.rows(
        sql!(
            "SELECT id, position_id, review, payment FROM application WHERE exam_id = $1 AND life = 'live' AND id > $2 \
             ORDER BY id LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}
