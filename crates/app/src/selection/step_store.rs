//! SQL of what happens to those who are on a list.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A step of somebody.
    #[derive(Debug, Clone)]
    pub struct StepRow {
        pub id: i64,
        pub public_id: String,
        pub application_id: i64,
        pub exam_id: i64,
        pub event: String,
        pub from_stage: String,
        pub to_stage: String,
        pub reason: String,
        pub note: String,
        pub actor_kind: String,
        pub asked_by: i64,
        pub asked_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        /// `asked`, `done`, `refused`.
        pub state: String,
        /// Names; empty for nobody of the staff.
        pub asker: String,
        pub decider: String,
    }
}

/// A step to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewStep<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) application_id: i64,
    pub(super) exam_id: i64,
    pub(super) event: &'a str,
    pub(super) stages: (&'a str, &'a str),
    pub(super) reason: &'a str,
    pub(super) actor_kind: &'a str,
    pub(super) asked_by: i64,
    pub(super) at: i64,
    pub(super) done: bool,
}

/// 0 rows: something is asked for already.
pub(super) async fn step_insert(tx: &mut Tx, step: &NewStep<'_>) -> DbResult<u64> {
    let (state, decided_at) = if step.done {
        ("done", Some(step.at))
    } else {
        ("asked", None)
    };
    tx.exec(
        sql!(
            "INSERT INTO contender_step (id, public_id, application_id, exam_id, event, from_stage, to_stage, reason, note, \
             actor_kind, asked_by, asked_at, decided_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, \
             $13) ON CONFLICT DO NOTHING"
        ),
        p![
            step.id,
            step.public_id,
            step.application_id,
            step.exam_id,
            step.event,
            step.stages.0,
            step.stages.1,
            step.reason,
            step.actor_kind,
            step.asked_by,
            step.at,
            decided_at,
            state
        ],
    )
    .await
}

/// The second person's word; 0 rows: it was decided, or it is the same person.
pub(super) async fn step_decided(
    tx: &mut Tx,
    id: i64,
    who: (i64, i64),
    state: &str,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender_step SET state = $4, note = $5, decided_by = $2, decided_at = $3 \
             WHERE id = $1 AND state = 'asked' AND asked_by <> $2"
        ),
        p![id, who.0, who.1, state, note],
    )
    .await
}

/// What was asked for of somebody has become pointless: he went on otherwise.
pub(super) async fn step_overtaken(tx: &mut Tx, application_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE contender_step SET state = 'refused', note = '进程已有变化，自动撤销', decided_at = $2 \
             WHERE application_id = $1 AND state = 'asked'"
        ),
        p![application_id, at],
    )
    .await
}

/// Everything that happened to somebody, in order.
pub(super) async fn steps_of(q: &mut impl Query, application_id: i64) -> DbResult<Vec<StepRow>> {
    q.rows(
        sql!(
            "SELECT s.id, s.public_id, s.application_id, s.exam_id, s.event, s.from_stage, s.to_stage, s.reason, s.note, \
             s.actor_kind, s.asked_by, s.asked_at, s.decided_by, s.decided_at, s.state, COALESCE(a.name, ''), COALESCE(d.name, '') \
             FROM contender_step s LEFT JOIN staff a ON a.id = s.asked_by AND s.actor_kind = 'staff' \
             LEFT JOIN staff d ON d.id = s.decided_by WHERE s.application_id = $1 ORDER BY s.id"
        ),
        p![application_id],
    )
    .await
}

/// What waits for the second person.
pub(super) async fn step_waiting(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<StepRow>> {
    q.opt(
        point!(
            "SELECT s.id, s.public_id, s.application_id, s.exam_id, s.event, s.from_stage, s.to_stage, s.reason, s.note, \
             s.actor_kind, s.asked_by, s.asked_at, s.decided_by, s.decided_at, s.state, COALESCE(a.name, ''), COALESCE(d.name, '') \
             FROM contender_step s LEFT JOIN staff a ON a.id = s.asked_by AND s.actor_kind = 'staff' \
             LEFT JOIN staff d ON d.id = s.decided_by WHERE s.application_id = $1 AND s.state = 'asked'"
        ),
        p![application_id],
    )
    .await
}

/// Who took the last step of somebody: its event, and the kind of who did.
pub(super) async fn last_done(
    tx: &mut Tx,
    application_id: i64,
) -> DbResult<Option<(String, String)>> {
    tx.opt(
        sql!(
            "SELECT event, actor_kind FROM contender_step WHERE application_id = $1 AND state = 'done' ORDER BY id DESC LIMIT 1"
        ),
        p![application_id],
    )
    .await
}

/// How many of an exam's steps wait for a second person.
pub(super) async fn steps_waiting(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM contender_step WHERE exam_id = $1 AND state = 'asked'"),
        p![exam_id],
    )
    .await
}
