//! SQL of the messages that go to everybody whom a publication concerns.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A published plan or batch that candidates may see by now and haven't been told of.
    #[derive(Debug, Clone)]
    pub(super) struct DueRow {
        pub(super) exam_id: i64,
        pub(super) object_id: i64,
    }
}

/// Seat plans whose tickets can be printed at `at`.
pub(super) async fn tickets_due(q: &mut impl Query, at: i64) -> DbResult<Vec<DueRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.seat_plan FROM exam e WHERE e.state IN ('published', 'closed') AND e.seat_plan <> 0 \
             AND e.ticket_opens <= $1 AND e.ticket_closes > $1 AND NOT EXISTS (SELECT 1 FROM message_round r \
             WHERE r.kind = 'ticket' AND r.object_id = e.seat_plan) ORDER BY e.id LIMIT 100"
        ),
        p![at],
    )
    .await
}

/// Batches of scores that became visible between `from` and `at`.
pub(super) async fn scores_due(q: &mut impl Query, from: i64, at: i64) -> DbResult<Vec<DueRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.score_batch FROM exam e WHERE e.state IN ('published', 'closed') AND e.score_batch <> 0 \
             AND e.score_visible_at > $1 AND e.score_visible_at <= $2 AND NOT EXISTS (SELECT 1 FROM message_round r \
             WHERE r.kind = 'score' AND r.object_id = e.score_batch) ORDER BY e.id LIMIT 100"
        ),
        p![from, at],
    )
    .await
}

record! {
    /// A round.
    #[derive(Debug, Clone)]
    pub(super) struct RoundRow {
        pub(super) id: i64,
        pub(super) exam_id: i64,
        pub(super) kind: String,
        pub(super) object_id: i64,
        pub(super) reached: i64,
        pub(super) told: i64,
        pub(super) finished_at: Option<i64>,
    }
}

/// 0 rows: another process opened it.
pub(super) async fn round_insert(
    tx: &mut Tx,
    keys: (i64, i64),
    kind: &str,
    object_id: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO message_round (id, exam_id, kind, object_id, reached, told, created_at) \
             VALUES ($1, $2, $3, $4, 0, 0, $5) ON CONFLICT (kind, object_id) DO NOTHING"
        ),
        p![keys.0, keys.1, kind, object_id, at],
    )
    .await
}

pub(super) async fn round_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<RoundRow>> {
    q.opt(
        point!(
            "SELECT id, exam_id, kind, object_id, reached, told, finished_at FROM message_round WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn rounds_unfinished(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM message_round WHERE finished_at IS NULL ORDER BY id LIMIT 100"),
        p![],
    )
    .await
}

/// The round before this one of the same exam and kind: what candidates knew until now. 0 for none.
pub(super) async fn object_before(
    q: &mut impl Query,
    exam_id: i64,
    kind: &str,
    object_id: i64,
) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT COALESCE(MAX(object_id), 0) FROM message_round WHERE exam_id = $1 AND kind = $2 AND object_id < $3"
        ),
        p![exam_id, kind, object_id],
    )
    .await
}

/// Goes on to `reached`; 0 rows: another worker did, or the round is over.
pub(super) async fn round_advance(
    tx: &mut Tx,
    id: i64,
    (from, to): (i64, i64),
    told: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE message_round SET reached = $3, told = told + $4 \
             WHERE id = $1 AND reached = $2 AND finished_at IS NULL"
        ),
        p![id, from, to, told],
    )
    .await
}

pub(super) async fn round_finish(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE message_round SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL"),
        p![id, at],
    )
    .await
}

record! {
    /// Somebody whom a publication concerns.
    #[derive(Debug, Clone)]
    pub(super) struct ConcernedRow {
        pub(super) application_id: i64,
        pub(super) account_id: i64,
        /// Whether the application lives.
        pub(super) live: i64,
        /// The plan or batch that he was told of before; 0 for none.
        pub(super) before: i64,
    }
}

/// Who has a seat in plan `$1` and doesn't know it: was told of none, or sits elsewhere now than in the one he was told of.
pub(super) async fn seated_after(
    q: &mut impl Query,
    plan_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ConcernedRow>> {
    q.rows(
        sql!(
            "SELECT a.id, a.account_id, CASE WHEN a.life = 'live' THEN 1 ELSE 0 END, \
             COALESCE((SELECT MAX(t.object_id) FROM message_told t WHERE t.kind = 'ticket' AND t.application_id = a.id), 0) \
             FROM (SELECT DISTINCT s.application_id FROM seat s WHERE s.plan_id = $1 AND s.application_id > $2 \
             AND NOT EXISTS (SELECT 1 FROM seat o WHERE o.plan_id = (SELECT MAX(t.object_id) FROM message_told t \
             WHERE t.kind = 'ticket' AND t.application_id = s.application_id) AND o.application_id = s.application_id \
             AND o.session = s.session AND o.room_no = s.room_no AND o.seat_no = s.seat_no) \
             ORDER BY s.application_id LIMIT $3) AS c JOIN application a ON a.id = c.application_id ORDER BY a.id"
        ),
        p![plan_id, after, limit],
    )
    .await
}

/// Whose scores in batch `$1` differ from those of the batch he was told of, and whose are gone against batch `$2`.
pub(super) async fn scored_after(
    q: &mut impl Query,
    (batch_id, before): (i64, i64),
    after: i64,
    limit: i64,
) -> DbResult<Vec<ConcernedRow>> {
    q.rows(
        sql!(
            "SELECT a.id, a.account_id, CASE WHEN a.life = 'live' THEN 1 ELSE 0 END, \
             COALESCE((SELECT MAX(t.object_id) FROM message_told t WHERE t.kind = 'score' AND t.application_id = a.id), 0) \
             FROM (SELECT n.application_id FROM (SELECT DISTINCT s.application_id FROM score s WHERE s.batch_id = $1 \
             AND s.application_id > $3 AND NOT EXISTS (SELECT 1 FROM score o WHERE o.batch_id = (SELECT MAX(t.object_id) \
             FROM message_told t WHERE t.kind = 'score' AND t.application_id = s.application_id) \
             AND o.application_id = s.application_id AND o.subject_code = s.subject_code AND o.mark = s.mark \
             AND o.flag = s.flag) ORDER BY s.application_id LIMIT $4) AS n \
             UNION SELECT g.application_id FROM (SELECT DISTINCT o.application_id FROM score o WHERE o.batch_id = $2 \
             AND o.application_id > $3 AND NOT EXISTS (SELECT 1 FROM score s WHERE s.batch_id = $1 \
             AND s.application_id = o.application_id AND s.subject_code = o.subject_code) \
             ORDER BY o.application_id LIMIT $4) AS g) AS c JOIN application a ON a.id = c.application_id \
             ORDER BY a.id LIMIT $4"
        ),
        p![batch_id, before, after, limit],
    )
    .await
}

/// 0 rows: he was told of it before.
pub(super) async fn told_insert(
    tx: &mut Tx,
    kind: &str,
    application_id: i64,
    object_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO message_told (kind, application_id, object_id) VALUES ($1, $2, $3) \
             ON CONFLICT (kind, application_id, object_id) DO NOTHING"
        ),
        p![kind, application_id, object_id],
    )
    .await
}
