//! SQL of refunds.

use db::{DbResult, Query, Tx, p, point, record, sql};
use domain::payment::RefundState;
use domain::payment::refund::Passage;

record! {
    /// Money on its way back.
    #[derive(Debug, Clone)]
    pub struct RefundRow {
        pub id: i64,
        pub public_id: String,
        pub refund_no: String,
        pub order_id: i64,
        pub attempt_id: i64,
        pub amount: i64,
        pub reason: String,
        pub state: String,
        pub requested_by: i64,
        /// The second person, whatever he said.
        pub approved_by: Option<i64>,
        pub channel_no: String,
        /// How often the channel was asked, sending included.
        pub queries: i64,
        pub next_query_at: Option<i64>,
        pub created_at: i64,
        pub finished_at: Option<i64>,
        pub version: i64,
        /// Why the second person refused it.
        pub note: Option<String>,
        /// How it goes, where it isn't the way on which the money came.
        pub method: Option<String>,
    }
}

impl RefundRow {
    /// Whether the treasury pays it back, by a list.
    pub fn by_treasury(&self) -> bool {
        self.method.as_deref() == Some(crate::payment::treasury::METHOD)
    }

    /// Whether a channel has had it.
    pub const fn sent(&self) -> bool {
        self.queries > 0
    }

    /// Whether its channel can be asked what became of it: it was sent, and isn't known to be back.
    pub fn asked_of_channel(&self) -> bool {
        use RefundState as S;
        let state = RefundState::from_code(&self.state);
        let waits = state
            .is_some_and(|it| matches!(it, S::Submitted | S::Unknown | S::Failed | S::Abnormal));
        self.sent() && waits && !self.by_treasury()
    }

    /// What people read of its state: a refund that no channel refused isn't called a failure.
    pub fn label(&self) -> &'static str {
        let state = RefundState::from_code(&self.state);
        state.map_or("未知", |state| state.label_for(self.passage()))
    }

    /// How far it has come.
    pub fn passage(&self) -> Passage {
        Passage {
            sent: self.sent(),
            decided: self.approved_by.is_some(),
        }
    }
}

/// A new refund's columns.
pub(in crate::payment) struct RefundInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub refund_no: &'a str,
    pub order_id: i64,
    pub attempt_id: i64,
    pub amount: i64,
    pub reason: &'a str,
    pub state: &'a str,
    pub requested_by: i64,
    pub approved_by: Option<i64>,
    pub next_query_at: Option<i64>,
    pub at: i64,
}

pub(in crate::payment) async fn refund_insert(
    tx: &mut Tx,
    row: &RefundInsert<'_>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO refund (id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, \
             approved_by, channel_no, queries, next_query_at, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, $11, $12, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.refund_no,
            row.order_id,
            row.attempt_id,
            row.amount,
            row.reason,
            row.state,
            row.requested_by,
            row.approved_by,
            row.next_query_at,
            row.at
        ],
    )
    .await
}

pub(in crate::payment) async fn refund_by_id(
    q: &mut impl Query,
    id: i64,
) -> DbResult<Option<RefundRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(in crate::payment) async fn refund_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<RefundRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(in crate::payment) async fn refund_by_no(
    q: &mut impl Query,
    refund_no: &str,
) -> DbResult<Option<RefundRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund WHERE refund_no = $1"
        ),
        p![refund_no],
    )
    .await
}

pub(in crate::payment) async fn refunds_of(
    q: &mut impl Query,
    order_id: i64,
) -> DbResult<Vec<RefundRow>> {
    q.rows(
        point!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund \
             WHERE order_id = $1 ORDER BY id"
        ),
        p![order_id],
    )
    .await
}

record! {
    /// A refund that one person asked for and another decides.
    #[derive(Debug, Clone)]
    pub struct WaitingRefund {
        pub order_public_id: String,
        pub order_no: String,
        /// The candidate's.
        pub name: String,
        /// 分.
        pub amount: i64,
        pub reason: String,
        pub requester: Option<String>,
        pub requested_at: i64,
    }
}

/// Refunds that somebody other than this person asked for, the oldest first.
pub(in crate::payment) async fn refunds_waiting(
    q: &mut impl Query,
    staff_id: i64,
    limit: i64,
) -> DbResult<Vec<WaitingRefund>> {
    q.rows(
        sql!(
            "SELECT o.public_id, o.order_no, a.name, r.amount, r.reason, s.name, r.created_at FROM refund r \
             JOIN payment_order o ON o.id = r.order_id JOIN application a ON a.id = o.application_id \
             LEFT JOIN staff s ON s.id = r.requested_by \
             WHERE r.state = 'requested' AND r.requested_by <> $1 ORDER BY r.id LIMIT $2"
        ),
        p![staff_id, limit],
    )
    .await
}

/// Refunds to be sent or asked about now.
pub(in crate::payment) async fn refunds_due(
    q: &mut impl Query,
    at: i64,
    limit: i64,
) -> DbResult<Vec<RefundRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund \
             WHERE next_query_at IS NOT NULL AND next_query_at <= $1 ORDER BY next_query_at, id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Moves a refund on at the version that was read. 0 rows: another worker was faster.
pub(in crate::payment) async fn refund_set_state(
    tx: &mut Tx,
    id: i64,
    version: i64,
    to: &str,
    next_query_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE refund SET state = $3, next_query_at = $4, queries = queries + 1, version = version + 1 \
             WHERE id = $1 AND version = $2"
        ),
        p![id, version, to, next_query_at],
    )
    .await
}

/// Ends a refund that never left the house, at the version that was read: refused by `by` with a reason, or called off (`None`).
/// The channel was never asked, so `queries` stays 0: that, and whether somebody decided, is how people are told why it ended.
pub(in crate::payment) async fn refund_drop(
    tx: &mut Tx,
    (id, version): (i64, i64),
    by: Option<i64>,
    note: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE refund SET state = 'failed', approved_by = $3, note = $4, decided_at = $5, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'requested'"
        ),
        p![id, version, by, note, at],
    )
    .await
}

pub(in crate::payment) async fn refund_finish(
    tx: &mut Tx,
    id: i64,
    channel_no: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE refund SET channel_no = $2, finished_at = $3 WHERE id = $1"),
        p![id, channel_no, at],
    )
    .await
}

/// It goes back from the centre's own account, not by the channel that has the money.
pub(in crate::payment) async fn refund_by_hand(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE refund SET method = 'offline' WHERE id = $1"),
        p![id],
    )
    .await
}

pub(in crate::payment) async fn refund_approve(
    tx: &mut Tx,
    id: i64,
    by: i64,
    note: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE refund SET state = 'approved', approved_by = $2, note = $4, decided_at = $3, next_query_at = $3, \
             version = version + 1 WHERE id = $1 AND state = 'requested' AND requested_by <> $2"
        ),
        p![id, by, at, note],
    )
    .await
}

/// How many refunds were raised without a person since `since`, and how much.
pub(in crate::payment) async fn refunds_automatic_since(
    q: &mut impl Query,
    since: i64,
) -> DbResult<(i64, i64)> {
    q.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM refund \
             WHERE requested_by = 0 AND created_at >= $1"
        ),
        p![since],
    )
    .await
}
