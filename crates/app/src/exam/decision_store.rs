//! SQL of what becomes of positions: asked for, confirmed, carried out.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A decision.
    #[derive(Debug, Clone)]
    pub struct DecisionRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        /// `ratio`, `single`.
        pub kind: String,
        /// `draft`, `asked`, `running`, `done`, `rejected`, `withdrawn`.
        pub state: String,
        pub reason: String,
        pub notice_title: String,
        pub notice_body: String,
        pub amendment_id: i64,
        pub created_by: i64,
        pub created_at: i64,
        pub asked_by: Option<i64>,
        pub asked_at: Option<i64>,
        pub decided_at: Option<i64>,
        pub note: String,
        pub finished_at: Option<i64>,
        pub author: Option<String>,
        pub asker: Option<String>,
        pub decider: Option<String>,
    }
}

pub(super) async fn decision_insert(
    tx: &mut Tx,
    keys: (i64, &str, i64, &str),
    reason: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_decision (id, public_id, exam_id, kind, state, reason, notice_title, notice_body, \
             amendment_id, created_by, created_at, note) VALUES ($1, $2, $3, $4, 'staging', $5, '', '', 0, $6, $7, '')"
        ),
        p![keys.0, keys.1, keys.2, keys.3, reason, who.0, who.1],
    )
    .await
}

/// Everything is staged.
pub(super) async fn decision_drafted(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE position_decision SET state = 'draft' WHERE id = $1 AND state = 'staging'"),
        p![id],
    )
    .await
}

/// The amendment that the decision's positions are revised in. 0 rows: another worker made one.
pub(super) async fn decision_set_amendment(
    tx: &mut Tx,
    id: i64,
    amendment_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE position_decision SET amendment_id = $2 WHERE id = $1 AND amendment_id = 0"),
        p![id, amendment_id],
    )
    .await
}

pub(super) async fn decision_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<DecisionRow>> {
    q.opt(
        point!(
            "SELECT d.id, d.public_id, d.exam_id, d.kind, d.state, d.reason, d.notice_title, d.notice_body, \
             d.amendment_id, d.created_by, d.created_at, d.asked_by, d.asked_at, d.decided_at, d.note, d.finished_at, \
             a.name, b.name, c.name FROM position_decision d LEFT JOIN staff a ON a.id = d.created_by \
             LEFT JOIN staff b ON b.id = d.asked_by LEFT JOIN staff c ON c.id = d.decided_by WHERE d.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn decision_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<DecisionRow>> {
    q.opt(
        point!(
            "SELECT d.id, d.public_id, d.exam_id, d.kind, d.state, d.reason, d.notice_title, d.notice_body, \
             d.amendment_id, d.created_by, d.created_at, d.asked_by, d.asked_at, d.decided_at, d.note, d.finished_at, \
             a.name, b.name, c.name FROM position_decision d LEFT JOIN staff a ON a.id = d.created_by \
             LEFT JOIN staff b ON b.id = d.asked_by LEFT JOIN staff c ON c.id = d.decided_by WHERE d.id = $1"
        ),
        p![id],
    )
    .await
}

/// The decisions of an exam before one, newest first.
pub(super) async fn decisions_of(
    q: &mut impl Query,
    exam_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<DecisionRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.public_id, d.exam_id, d.kind, d.state, d.reason, d.notice_title, d.notice_body, \
             d.amendment_id, d.created_by, d.created_at, d.asked_by, d.asked_at, d.decided_at, d.note, d.finished_at, \
             a.name, b.name, c.name FROM position_decision d LEFT JOIN staff a ON a.id = d.created_by \
             LEFT JOIN staff b ON b.id = d.asked_by LEFT JOIN staff c ON c.id = d.decided_by \
             WHERE d.exam_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3"
        ),
        p![exam_id, before, limit],
    )
    .await
}

/// Whether a decision of this exam is being carried out.
pub(super) async fn decision_running(q: &mut impl Query, exam_id: i64) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM position_decision WHERE exam_id = $1 AND state = 'running') \
             THEN 1 ELSE 0 END"
        ),
        p![exam_id],
    )
    .await
}

/// Decisions that a job has to go on with, oldest first.
pub(super) async fn decisions_unfinished(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM position_decision WHERE state = 'running' ORDER BY id LIMIT 100"),
        p![],
    )
    .await
}

/// Asks for the second person's word. 0 rows: it was asked for already. The unique index refuses a second one in the exam.
pub(super) async fn decision_ask(
    tx: &mut Tx,
    id: i64,
    texts: (&str, &str, &str),
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision SET state = 'asked', reason = $2, notice_title = $3, notice_body = $4, \
             asked_by = $5, asked_at = $6 WHERE id = $1 AND state = 'draft'"
        ),
        p![id, texts.0, texts.1, texts.2, who.0, who.1],
    )
    .await
}

/// The second person's word, or the first one's withdrawal. 0 rows: it isn't in that state any more.
pub(super) async fn decision_decide(
    tx: &mut Tx,
    id: i64,
    to: &str,
    note: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision SET state = $2, note = $3, decided_by = $4, decided_at = $5 \
             WHERE id = $1 AND state = 'asked' AND asked_by <> $4"
        ),
        p![id, to, note, who.0, who.1],
    )
    .await
}

pub(super) async fn decision_withdraw(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision SET state = 'withdrawn' WHERE id = $1 AND state IN ('draft', 'asked')"
        ),
        p![id],
    )
    .await
}

pub(super) async fn decision_finish(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision SET state = 'done', finished_at = $2 WHERE id = $1 AND state = 'running'"
        ),
        p![id, at],
    )
    .await
}

record! {
    /// A position in a decision.
    #[derive(Debug, Clone)]
    pub struct ItemRow {
        pub decision_id: i64,
        pub position_id: i64,
        pub public_id: String,
        pub code: String,
        pub line: i64,
        /// Of the position now: `open`, `cancelled`.
        pub position_state: String,
        pub headcount: i64,
        pub applied: i64,
        pub approved: i64,
        pub paid: i64,
        /// Payers for each post; 0 for none.
        pub ratio: i64,
        pub proposal: String,
        pub proposed: i64,
        pub outcome: String,
        pub new_headcount: i64,
        pub reason: String,
        /// `waiting`, `flipped`, `done`.
        pub state: String,
        pub reached: i64,
        pub ended: i64,
        pub waiting: i64,
    }
}

/// An item's columns when it is drafted.
#[derive(Debug, Clone)]
pub(super) struct ItemInsert {
    pub(super) position_id: i64,
    pub(super) line: i64,
    pub(super) headcount: i64,
    pub(super) counts: (i64, i64, i64),
    pub(super) ratio: i64,
    pub(super) proposal: (&'static str, i64),
    pub(super) outcome: (&'static str, i64),
}

pub(super) async fn item_insert(tx: &mut Tx, decision_id: i64, item: &ItemInsert) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_decision_item (decision_id, position_id, line, headcount, applied, approved, paid, ratio, \
             proposal, proposed, outcome, new_headcount, reason, state, reached, ended, waiting) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 'waiting', 0, 0, 0)"
        ),
        p![
            decision_id,
            item.position_id,
            item.line,
            item.headcount,
            item.counts.0,
            item.counts.1,
            item.counts.2,
            item.ratio,
            item.proposal.0,
            item.proposal.1,
            item.outcome.0,
            item.outcome.1
        ],
    )
    .await
}

/// The items of a decision after a line, in the order of the table.
pub(super) async fn items_of(
    q: &mut impl Query,
    decision_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ItemRow>> {
    q.rows(
        sql!(
            "SELECT i.decision_id, i.position_id, p.public_id, p.code, i.line, p.state, i.headcount, i.applied, i.approved, \
             i.paid, i.ratio, i.proposal, i.proposed, i.outcome, i.new_headcount, i.reason, i.state, i.reached, i.ended, \
             i.waiting FROM position_decision_item i JOIN position p ON p.id = i.position_id \
             WHERE i.decision_id = $1 AND i.line > $2 ORDER BY i.line, i.position_id LIMIT $3"
        ),
        p![decision_id, after, limit],
    )
    .await
}

/// Some items in one state, in the order of the table.
pub(super) async fn items_in(
    q: &mut impl Query,
    decision_id: i64,
    state: &str,
    limit: i64,
) -> DbResult<Vec<ItemRow>> {
    q.rows(
        sql!(
            "SELECT i.decision_id, i.position_id, p.public_id, p.code, i.line, p.state, i.headcount, i.applied, i.approved, \
             i.paid, i.ratio, i.proposal, i.proposed, i.outcome, i.new_headcount, i.reason, i.state, i.reached, i.ended, \
             i.waiting FROM position_decision_item i JOIN position p ON p.id = i.position_id \
             WHERE i.decision_id = $1 AND i.state = $2 ORDER BY i.line, i.position_id LIMIT $3"
        ),
        p![decision_id, state, limit],
    )
    .await
}

/// What staff chose for one position while the decision is a draft.
pub(super) async fn item_choose(
    tx: &mut Tx,
    of: (i64, i64),
    (outcome, headcount): (&str, i64),
    reason: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision_item SET outcome = $3, new_headcount = $4, reason = $5 \
             WHERE decision_id = $1 AND position_id = $2 AND EXISTS (SELECT 1 FROM position_decision d \
             WHERE d.id = $1 AND d.state = 'draft')"
        ),
        p![of.0, of.1, outcome, headcount, reason],
    )
    .await
}

/// Moves an item along; 0 rows: another worker did.
pub(super) async fn item_set_state(
    tx: &mut Tx,
    of: (i64, i64),
    from: &str,
    to: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision_item SET state = $4 WHERE decision_id = $1 AND position_id = $2 AND state = $3"
        ),
        p![of.0, of.1, from, to],
    )
    .await
}

/// Goes on to the application `to`; 0 rows: another worker did.
pub(super) async fn item_advance(
    tx: &mut Tx,
    of: (i64, i64),
    (from, to): (i64, i64),
    (ended, waiting): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE position_decision_item SET reached = $4, ended = ended + $5, waiting = waiting + $6 \
             WHERE decision_id = $1 AND position_id = $2 AND reached = $3 AND state = 'flipped'"
        ),
        p![of.0, of.1, from, to, ended, waiting],
    )
    .await
}

/// Nobody applies for the position any more. 0 rows: it was cancelled before.
pub(super) async fn position_cancel(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE position SET state = 'cancelled' WHERE id = $1 AND state = 'open'"),
        p![id],
    )
    .await
}

/// The exact live counts of the visible positions of an exam, what waits to be folded among them: id, applied, approved, paid.
pub(super) async fn exact_counts(
    q: &mut impl Query,
    exam_id: i64,
    batch_id: i64,
) -> DbResult<Vec<(i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT p.id, COALESCE(c.applied, 0) + COALESCE(d.applied, 0), COALESCE(c.approved, 0) + COALESCE(d.approved, 0), \
             COALESCE(c.paid, 0) + COALESCE(d.paid, 0) FROM position p LEFT JOIN position_count c ON c.position_id = p.id \
             LEFT JOIN (SELECT position_id, CAST(SUM(applied) AS BIGINT) AS applied, CAST(SUM(approved) AS BIGINT) AS approved, \
             CAST(SUM(paid) AS BIGINT) AS paid FROM application_delta GROUP BY position_id) d ON d.position_id = p.id \
             WHERE p.exam_id = $1 AND p.batch_id IN (SELECT CAST($2 AS BIGINT) UNION ALL SELECT m.id \
             FROM position_amendment m WHERE m.exam_id = $1 AND m.base_batch = $2 AND m.state = 'published')"
        ),
        p![exam_id, batch_id],
    )
    .await
}

/// Cancelled positions that somebody's application still stands on, after one: position and exam.
pub(super) async fn cancelled_with_people(
    q: &mut impl Query,
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT id, exam_id FROM position WHERE state = 'cancelled' AND taken > 0 AND id > $1 ORDER BY id LIMIT $2"
        ),
        p![after, limit],
    )
    .await
}

/// Whether a decision that is being carried out still has to do with a position.
pub(super) async fn is_at_work(q: &mut impl Query, position_id: i64) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM position_decision_item i JOIN position_decision d ON d.id = i.decision_id \
             WHERE i.position_id = $1 AND i.state <> 'done' AND d.state = 'running') THEN 1 ELSE 0 END"
        ),
        p![position_id],
    )
    .await
}

/// Whether the candidate was told of the cancellation of the position that he holds.
pub(super) async fn was_cancelled(
    q: &mut impl Query,
    application_id: i64,
    position_id: i64,
) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM application_event WHERE application_id = $1 AND position_id = $2 \
             AND event = 'cancel_position') THEN 1 ELSE 0 END"
        ),
        p![application_id, position_id],
    )
    .await
}
