//! SQL of changes that two people must want.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};

use super::KINDS;

record! {
    /// A change that was asked for.
    #[derive(Debug, Clone)]
    pub struct ApprovalRow {
        pub id: i64,
        pub public_id: String,
        pub kind: String,
        pub object_id: i64,
        pub exam_id: i64,
        pub payload: Vec<u8>,
        pub reason: String,
        pub state: String,
        pub requested_by: i64,
        pub requested_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub note: String,
        pub requester: Option<String>,
        pub decider: Option<String>,
    }
}

pub(super) async fn approval_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ApprovalRow>> {
    q.opt(
        point!(
            "SELECT a.id, a.public_id, a.kind, a.object_id, a.exam_id, a.payload, a.reason, a.state, a.requested_by, \
             a.requested_at, a.decided_by, a.decided_at, a.note, s.name, d.name FROM approval a \
             LEFT JOIN staff s ON s.id = a.requested_by LEFT JOIN staff d ON d.id = a.decided_by WHERE a.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn approvals(
    q: &mut impl Query,
    state: &str,
    before: i64,
    kinds: &[&str; KINDS],
    limit: i64,
) -> DbResult<Vec<ApprovalRow>> {
    let [k1, k2, k3, k4, k5, k6, k7] = kinds;
    q.rows(
        sql!(
            "SELECT a.id, a.public_id, a.kind, a.object_id, a.exam_id, a.payload, a.reason, a.state, a.requested_by, \
             a.requested_at, a.decided_by, a.decided_at, a.note, s.name, d.name FROM approval a \
             LEFT JOIN staff s ON s.id = a.requested_by LEFT JOIN staff d ON d.id = a.decided_by WHERE a.state = $1 AND a.id < $2 \
             AND a.kind IN ($4, $5, $6, $7, $8, $9, $10) ORDER BY a.id DESC LIMIT $3"
        ),
        p![state, before, limit, k1, k2, k3, k4, k5, k6, k7],
    )
    .await
}

/// Open requests of these kinds that somebody else asked for; stops at 1,001.
pub(super) async fn approvals_waiting(
    q: &mut impl Query,
    staff_id: i64,
    kinds: &[&str; KINDS],
) -> DbResult<i64> {
    Select::new(piece!("a.id"), piece!("approval a"))
        .and(
            piece!("a.state = 'open' AND a.requested_by <> $1"),
            p![staff_id],
        )
        .one_of(piece!("a.kind"), &kinds.map(P::Text))
        .count(q, 1_001)
        .await
}

/// The request of a kind for an object that waits; the index `approval_open` keeps it to one.
pub(super) async fn approval_open_of(
    q: &mut impl Query,
    kind: &str,
    object_id: i64,
) -> DbResult<Option<String>> {
    q.opt(
        point!(
            "SELECT public_id FROM approval WHERE kind = $1 AND object_id = $2 AND state = 'open'"
        ),
        p![kind, object_id],
    )
    .await
}

/// The newest request of a kind for an object that was approved.
pub(super) async fn approval_last_approved(
    q: &mut impl Query,
    kind: &str,
    object_id: i64,
) -> DbResult<Option<ApprovalRow>> {
    q.opt(
        sql!(
            "SELECT a.id, a.public_id, a.kind, a.object_id, a.exam_id, a.payload, a.reason, a.state, a.requested_by, \
             a.requested_at, a.decided_by, a.decided_at, a.note, s.name, d.name FROM approval a \
             LEFT JOIN staff s ON s.id = a.requested_by LEFT JOIN staff d ON d.id = a.decided_by \
             WHERE a.kind = $1 AND a.object_id = $2 AND a.state = 'approved' ORDER BY a.id DESC LIMIT 1"
        ),
        p![kind, object_id],
    )
    .await
}

/// A new request's columns.
pub(super) struct ApprovalInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub kind: &'a str,
    pub object_id: i64,
    pub exam_id: i64,
    pub payload: &'a [u8],
    pub reason: &'a str,
    pub by: i64,
    pub at: i64,
}

/// A new request. The index `approval_open` refuses a second one of the same kind for the same thing.
pub(super) async fn approval_insert(tx: &mut Tx, row: &ApprovalInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO approval (id, public_id, kind, object_id, exam_id, payload, reason, state, requested_by, \
             requested_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, '')"
        ),
        p![
            row.id,
            row.public_id,
            row.kind,
            row.object_id,
            row.exam_id,
            row.payload,
            row.reason,
            row.by,
            row.at
        ],
    )
    .await
}

/// The second person's word. 0 rows: decided already, or the same person (the table refuses that too).
pub(super) async fn approval_decide(
    tx: &mut Tx,
    id: i64,
    decision: (&str, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE approval SET state = $2, note = $3, decided_by = $4, decided_at = $5 \
             WHERE id = $1 AND state = 'open' AND requested_by <> $4"
        ),
        p![id, decision.0, decision.1, by, at],
    )
    .await
}

record! {
    /// Something about an exam that waits for somebody.
    #[derive(Debug, Clone)]
    pub struct ExamWait {
        /// `decision`, `change`, `archive`, or `handover` for an archive that is made and not handed over.
        pub kind: String,
        pub exam_id: i64,
        /// What URLs carry.
        pub exam: String,
        pub title: String,
        /// What URLs carry.
        pub item: String,
        pub asked_by: i64,
        pub asked_at: i64,
        pub asker: Option<String>,
    }
}

/// What waits of all exams, the oldest first.
pub(super) async fn exam_waits(q: &mut impl Query) -> DbResult<Vec<ExamWait>> {
    q.rows(
        sql!(
            "SELECT w.kind, e.id, e.public_id, e.title, w.item, w.asked_by, w.asked_at, s.name FROM ( \
             SELECT 'decision' AS kind, exam_id, public_id AS item, COALESCE(asked_by, 0) AS asked_by, \
             COALESCE(asked_at, created_at) AS asked_at FROM position_decision WHERE state = 'asked' \
             UNION ALL SELECT 'change', exam_id, public_id, COALESCE(asked_by, created_by), created_at \
             FROM settings_change WHERE state = 'asked' \
             UNION ALL SELECT CASE WHEN state = 'built' THEN 'handover' ELSE 'archive' END, exam_id, public_id, asked_by, \
             asked_at FROM exam_archive WHERE state IN ('asked', 'built')) AS w \
             JOIN exam e ON e.id = w.exam_id LEFT JOIN staff s ON s.id = w.asked_by \
             ORDER BY w.asked_at, w.item LIMIT 1000"
        ),
        p![],
    )
    .await
}
