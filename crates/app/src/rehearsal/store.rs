//! SQL of what is made for a rehearsal.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// Candidates that were asked for.
    #[derive(Debug, Clone)]
    pub struct RunRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub state: String,
        pub wanted: i64,
        pub apply_share: i64,
        pub pay_share: i64,
        pub seed: i64,
        pub first_no: i64,
        pub made: i64,
        pub applied: i64,
        pub created_at: i64,
    }
}

record! {
    /// A candidate of a rehearsal.
    #[derive(Debug, Clone)]
    pub struct CandidateRow {
        pub account_id: i64,
        pub no: i64,
        pub name: String,
        pub stage: String,
        pub note: String,
        pub applies: bool,
        pub pays: bool,
    }
}

pub(super) async fn run_insert(tx: &mut Tx, row: &RunRow, by: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO rehearsal_run (id, public_id, exam_id, state, wanted, apply_share, pay_share, seed, first_no, made, \
             applied, created_by, created_at) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8, 0, 0, $9, $10)"
        ),
        p![
            row.id,
            &row.public_id,
            row.exam_id,
            row.wanted,
            row.apply_share,
            row.pay_share,
            row.seed,
            row.first_no,
            by,
            row.created_at
        ],
    )
    .await
}

/// The runs of a rehearsal, newest first.
pub(super) async fn runs(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<RunRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, state, wanted, apply_share, pay_share, seed, first_no, made, applied, created_at \
             FROM rehearsal_run WHERE exam_id = $1 ORDER BY id DESC LIMIT 50"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn run_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<RunRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, state, wanted, apply_share, pay_share, seed, first_no, made, applied, created_at \
             FROM rehearsal_run WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// Runs whose job may have died.
pub(super) async fn runs_open(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM rehearsal_run WHERE state = 'running' ORDER BY id LIMIT 50"),
        p![],
    )
    .await
}

/// The number after the last candidate's.
pub(super) async fn next_no(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COALESCE(MAX(first_no + wanted), 1) FROM rehearsal_run WHERE exam_id = $1"),
        p![exam_id],
    )
    .await
}

/// How far a run is, and whether it is over. 0 rows: another worker moved it.
pub(super) async fn run_advance(tx: &mut Tx, (id, from): (i64, i64), made: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE rehearsal_run SET made = $3 WHERE id = $1 AND made = $2 AND state = 'running'"
        ),
        p![id, from, made],
    )
    .await
}

pub(super) async fn run_finish(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE rehearsal_run SET state = 'done', finished_at = $2, applied = (SELECT COUNT(*) FROM rehearsal_candidate c \
             WHERE c.run_id = rehearsal_run.id AND c.stage = 'applied') WHERE id = $1 AND state = 'running'"
        ),
        p![id, at],
    )
    .await
}

/// A new candidate's row.
pub(super) struct CandidateInsert<'a> {
    pub account_id: i64,
    pub exam_id: i64,
    pub run_id: i64,
    pub no: i64,
    pub applies: bool,
    pub pays: bool,
    pub secret: &'a [u8],
}

pub(super) async fn candidate_insert(tx: &mut Tx, row: &CandidateInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO rehearsal_candidate (account_id, exam_id, run_id, no, stage, note, applies, pays, secret) \
             VALUES ($1, $2, $3, $4, 'made', '', $5, $6, $7)"
        ),
        p![
            row.account_id,
            row.exam_id,
            row.run_id,
            row.no,
            row.applies,
            row.pays,
            row.secret
        ],
    )
    .await
}

/// The account of a number.
pub(super) async fn candidate_of(
    q: &mut impl Query,
    exam_id: i64,
    no: i64,
) -> DbResult<Option<(i64, String)>> {
    q.opt(
        point!("SELECT account_id, stage FROM rehearsal_candidate WHERE exam_id = $1 AND no = $2"),
        p![exam_id, no],
    )
    .await
}

pub(super) async fn candidate_stage(
    tx: &mut Tx,
    account_id: i64,
    from: &str,
    (stage, note): (&str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE rehearsal_candidate SET stage = $3, note = $4 WHERE account_id = $1 AND stage = $2"),
        p![account_id, from, stage, note],
    )
    .await
}

/// The candidates after a number.
pub(super) async fn candidates(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<CandidateRow>> {
    q.rows(
        sql!(
            "SELECT c.account_id, c.no, a.name, c.stage, c.note, c.applies, c.pays FROM rehearsal_candidate c \
             JOIN account a ON a.id = c.account_id WHERE c.exam_id = $1 AND c.no > $2 ORDER BY c.no LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

/// Those who are ready and are to apply by themselves.
pub(super) async fn to_apply(
    q: &mut impl Query,
    exam_id: i64,
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT account_id, no FROM rehearsal_candidate WHERE exam_id = $1 AND stage = 'ready' AND applies = 1 \
             ORDER BY no LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// Those who are to pay by themselves and owe something: account, and the application's public id.
pub(super) async fn to_pay(
    q: &mut impl Query,
    exam_id: i64,
    limit: i64,
) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!(
            "SELECT c.account_id, p.public_id FROM rehearsal_candidate c JOIN application p ON p.account_id = c.account_id \
             AND p.exam_id = c.exam_id WHERE c.exam_id = $1 AND c.pays = 1 AND p.life = 'live' AND p.payment = 'due' \
             ORDER BY c.account_id LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// He pays no more by himself: it is done, or a rule stands in the way.
pub(super) async fn pays_no_more(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE rehearsal_candidate SET pays = 0 WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

/// Rehearsals that are out and have somebody who acts by himself.
pub(super) async fn acting(q: &mut impl Query) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT e.id FROM exam e WHERE e.rehearsal = 1 AND e.state IN ('published', 'closed') AND EXISTS \
             (SELECT 1 FROM rehearsal_candidate c WHERE c.exam_id = e.id AND ((c.stage = 'ready' AND c.applies = 1) \
             OR c.pays = 1)) ORDER BY e.id LIMIT 50"
        ),
        p![],
    )
    .await
}

/// How many there are, have applied, were refused, and have a password that wasn't handed out.
pub(super) async fn counts(q: &mut impl Query, exam_id: i64) -> DbResult<(i64, i64, i64, i64)> {
    q.one(
        sql!(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN stage = 'applied' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN stage = 'refused' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN secret IS NOT NULL THEN 1 ELSE 0 END), 0) FROM rehearsal_candidate WHERE exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// A password that waits to be handed out, with whom it lets in; both sealed.
    #[derive(Clone)]
    pub(super) struct SealedRow {
        pub account_id: i64,
        pub no: i64,
        pub name: String,
        pub id_number: Vec<u8>,
        pub secret: Vec<u8>,
    }
}

pub(super) async fn sealed(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<SealedRow>> {
    q.rows(
        sql!(
            "SELECT c.account_id, c.no, a.name, a.id_number, c.secret FROM rehearsal_candidate c \
             JOIN account a ON a.id = c.account_id WHERE c.exam_id = $1 AND c.secret IS NOT NULL ORDER BY c.no LIMIT 500"
        ),
        p![exam_id],
    )
    .await
}

/// Passwords that were handed out are kept no more.
pub(super) async fn secrets_forget(tx: &mut Tx, exam_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE rehearsal_candidate SET secret = NULL WHERE exam_id = $1 AND secret IS NOT NULL"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn secret_put(tx: &mut Tx, account_id: i64, secret: &[u8]) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE rehearsal_candidate SET secret = $2 WHERE account_id = $1"),
        p![account_id, secret],
    )
    .await
}

/// How many rehearsals were made up to this one: what its document numbers are told apart by.
pub(super) async fn serial(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT (SELECT COUNT(*) FROM exam WHERE rehearsal = 1 AND id <= $1) + \
             (SELECT COUNT(*) FROM rehearsal_wipe WHERE exam_id < $1 AND state = 'done')"
        ),
        p![exam_id],
    )
    .await
}

/// How many things of rehearsals have a public id: an account, an application, an order, an announcement, a request.
pub(super) async fn owned(q: &mut impl Query, public_id: &str) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT COUNT(*) FROM (SELECT id FROM account WHERE public_id = $1 AND rehearsal_exam IS NOT NULL \
             UNION ALL SELECT p.id FROM application p JOIN exam e ON e.id = p.exam_id WHERE p.public_id = $1 AND e.rehearsal = 1 \
             UNION ALL SELECT o.id FROM payment_order o JOIN exam e ON e.id = o.exam_id WHERE o.public_id = $1 AND e.rehearsal = 1 \
             UNION ALL SELECT n.id FROM announcement n JOIN exam e ON e.id = n.exam_id WHERE n.public_id = $1 AND e.rehearsal = 1 \
             UNION ALL SELECT r.id FROM approval r JOIN account a ON a.id = r.object_id WHERE r.public_id = $1 \
             AND a.rehearsal_exam IS NOT NULL) AS owned"
        ),
        p![public_id],
    )
    .await
}

/// Rehearsals that nobody has asked to wipe.
pub(super) async fn unwiped(q: &mut impl Query) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT e.id FROM exam e WHERE e.rehearsal = 1 AND NOT EXISTS \
             (SELECT 1 FROM rehearsal_wipe w WHERE w.exam_id = e.id) ORDER BY e.id LIMIT 100"
        ),
        p![],
    )
    .await
}
