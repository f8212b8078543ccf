//! SQL of the times of a refund.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// When somebody decided about a refund, and when a channel had it; `None` for what hasn't been, and for what was before these
    /// were kept.
    #[derive(Debug, Clone, Copy)]
    pub struct RefundTimes {
        pub refund_id: i64,
        pub decided_at: Option<i64>,
        pub sent_at: Option<i64>,
        /// When it was put on a list for the treasury.
        pub listed_at: Option<i64>,
    }
}

pub(super) async fn refund_times(q: &mut impl Query, order_id: i64) -> DbResult<Vec<RefundTimes>> {
    q.rows(
        point!(
            "SELECT r.id, r.decided_at, r.sent_at, t.listed_at FROM refund r LEFT JOIN treasury_line t ON t.refund_id = r.id \
             WHERE r.order_id = $1 ORDER BY r.id"
        ),
        p![order_id],
    )
    .await
}

/// A refund goes to its channel for the first time.
pub(super) async fn refund_sent(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE refund SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL"),
        p![id, at],
    )
    .await
}
