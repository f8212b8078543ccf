//! SQL of refunds that the treasury pays back, and of the lists for it.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A list for the fiscal office.
    #[derive(Debug, Clone)]
    pub struct ListRow {
        pub id: i64,
        pub public_id: String,
        pub rows: i64,
        /// 分.
        pub amount: i64,
        /// `listed`, `entered`, `paid`, `done`.
        pub state: String,
        pub made_by: i64,
        pub made_at: i64,
        pub voucher_no: Option<String>,
        /// The day on which it was paid back, `YYYY-MM-DD`.
        pub paid_on: Option<String>,
        pub entered_by: Option<i64>,
        pub entered_at: Option<i64>,
        pub decided_at: Option<i64>,
        pub note: String,
        pub version: i64,
        pub maker: Option<String>,
        pub enterer: Option<String>,
        pub decider: Option<String>,
    }
}

record! {
    /// A refund on a list, or waiting for one.
    #[derive(Debug, Clone)]
    pub struct LineRow {
        pub refund_id: i64,
        pub refund_public_id: String,
        pub refund_no: String,
        pub order_public_id: String,
        pub order_no: String,
        /// The candidate's.
        pub name: String,
        pub exam: String,
        /// 分.
        pub amount: i64,
        pub reason: String,
        pub channel: String,
        pub channel_no: Option<String>,
        pub merchant_no: String,
        pub paid_at: Option<i64>,
        pub requester: Option<String>,
        pub approver: Option<String>,
        pub since: i64,
        pub done_at: Option<i64>,
    }
}

/// Refunds of a list, or with `list` 0 those that wait for one, from behind one on.
pub(super) async fn lines(
    q: &mut impl Query,
    list: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<LineRow>> {
    q.rows(
        sql!(
            "SELECT l.refund_id, r.public_id, r.refund_no, o.public_id, o.order_no, a.name, e.title, l.amount, r.reason, t.channel, \
             t.channel_no, t.merchant_no, t.paid_at, s.name, v.name, l.since, l.done_at \
             FROM (SELECT refund_id, order_id, amount, since, done_at FROM treasury_line \
             WHERE (list_id = $1 OR (list_id IS NULL AND $1 = 0)) AND refund_id > $2 ORDER BY refund_id LIMIT $3) l \
             JOIN refund r ON r.id = l.refund_id JOIN payment_attempt t ON t.id = r.attempt_id JOIN payment_order o ON o.id = l.order_id \
             JOIN application a ON a.id = o.application_id JOIN exam e ON e.id = o.exam_id \
             LEFT JOIN staff s ON s.id = r.requested_by LEFT JOIN staff v ON v.id = r.approved_by ORDER BY l.refund_id"
        ),
        p![list, after, limit],
    )
    .await
}

/// How many refunds wait for a list, and their sum; stops at 2,000, which is what a list holds.
pub(super) async fn waiting(q: &mut impl Query) -> DbResult<(i64, i64)> {
    q.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (SELECT amount FROM treasury_line \
             WHERE list_id IS NULL ORDER BY refund_id LIMIT 2000) w"
        ),
        p![],
    )
    .await
}

/// How many refunds a list has, and their sum.
pub(super) async fn counted(q: &mut impl Query, list: i64) -> DbResult<(i64, i64)> {
    q.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM treasury_line WHERE list_id = $1"
        ),
        p![list],
    )
    .await
}

pub(super) async fn lists(q: &mut impl Query, limit: i64) -> DbResult<Vec<ListRow>> {
    q.rows(
        sql!(
            "SELECT t.id, t.public_id, t.rows, t.amount, t.state, t.made_by, t.made_at, t.voucher_no, t.paid_on, t.entered_by, \
             t.entered_at, t.decided_at, t.note, t.version, m.name, s.name, d.name FROM treasury_list t \
             LEFT JOIN staff m ON m.id = t.made_by LEFT JOIN staff s ON s.id = t.entered_by \
             LEFT JOIN staff d ON d.id = t.decided_by ORDER BY t.id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

pub(super) async fn list_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ListRow>> {
    q.opt(
        point!(
            "SELECT t.id, t.public_id, t.rows, t.amount, t.state, t.made_by, t.made_at, t.voucher_no, t.paid_on, t.entered_by, \
             t.entered_at, t.decided_at, t.note, t.version, m.name, s.name, d.name FROM treasury_list t \
             LEFT JOIN staff m ON m.id = t.made_by LEFT JOIN staff s ON s.id = t.entered_by \
             LEFT JOIN staff d ON d.id = t.decided_by WHERE t.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// An approved refund goes by the treasury. 0 rows: it has moved on.
pub(super) async fn refund_by_treasury(tx: &mut Tx, id: i64, version: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE refund SET method = 'offline_treasury', next_query_at = NULL, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'approved'"
        ),
        p![id, version],
    )
    .await
}

pub(super) async fn line_insert(
    tx: &mut Tx,
    (refund_id, order_id): (i64, i64),
    amount: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO treasury_line (refund_id, order_id, amount, since) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (refund_id) DO NOTHING"
        ),
        p![refund_id, order_id, amount, at],
    )
    .await
}

pub(super) async fn list_insert(
    tx: &mut Tx,
    (id, public_id): (i64, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO treasury_list (id, public_id, rows, amount, state, made_by, made_at, note, version) \
             VALUES ($1, $2, 0, 0, 'listed', $3, $4, '', 1)"
        ),
        p![id, public_id, by, at],
    )
    .await
}

/// Everything that waits, the oldest first, goes on a list.
pub(super) async fn lines_take(tx: &mut Tx, list: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_line SET list_id = $1, listed_at = $2 WHERE list_id IS NULL AND refund_id IN \
             (SELECT refund_id FROM treasury_line WHERE list_id IS NULL ORDER BY refund_id LIMIT 2000)"
        ),
        p![list, at],
    )
    .await
}

/// Locks a list until the commit, at the version that was read. 0 rows: it has moved on.
pub(super) async fn list_lock(tx: &mut Tx, (id, version): (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET version = version + 1 WHERE id = $1 AND version = $2 AND state = 'listed'"
        ),
        p![id, version],
    )
    .await
}

pub(super) async fn list_total(
    tx: &mut Tx,
    list: i64,
    (rows, amount): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET rows = $2, amount = $3, version = version + 1 WHERE id = $1 AND state = 'listed'"
        ),
        p![list, rows, amount],
    )
    .await
}

/// A refund is taken off its list, and waits for the next.
pub(super) async fn line_off(tx: &mut Tx, list: i64, refund_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_line SET list_id = NULL, listed_at = NULL WHERE refund_id = $2 AND list_id = $1 AND done_at IS NULL \
             AND EXISTS (SELECT 1 FROM treasury_list t WHERE t.id = $1 AND t.state = 'listed')"
        ),
        p![list, refund_id],
    )
    .await
}

/// A list with nothing on it.
pub(super) async fn list_drop(tx: &mut Tx, list: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM treasury_list WHERE id = $1 AND state = 'listed'"),
        p![list],
    )
    .await
}

/// The first person: when it was paid back, and by which voucher. 0 rows: it has moved on.
pub(super) async fn list_enter(
    tx: &mut Tx,
    (id, version): (i64, i64),
    (voucher_no, paid_on): (&str, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET state = 'entered', voucher_no = $3, paid_on = $4, entered_by = $5, entered_at = $6, \
             decided_by = NULL, decided_at = NULL, version = version + 1 WHERE id = $1 AND version = $2 AND state = 'listed'"
        ),
        p![id, version, voucher_no, paid_on, by, at],
    )
    .await
}

/// The second person's word: `paid`, or back to `listed`. 0 rows: there was one, or he entered it himself.
pub(super) async fn list_decide(
    tx: &mut Tx,
    (id, version): (i64, i64),
    to: &str,
    (by, note): (i64, &str),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET state = $3, decided_by = $4, note = $5, decided_at = $6, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'entered' AND entered_by <> $4"
        ),
        p![id, version, to, by, note, at],
    )
    .await
}

/// Refunds of confirmed lists that aren't settled.
pub(super) async fn lines_due(q: &mut impl Query, limit: i64) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT l.refund_id FROM treasury_list t JOIN treasury_line l ON l.list_id = t.id \
             WHERE t.state = 'paid' AND l.done_at IS NULL ORDER BY l.list_id, l.refund_id LIMIT $1"
        ),
        p![limit],
    )
    .await
}

/// Voucher and day of one of them.
pub(super) async fn line_open(
    q: &mut impl Query,
    refund_id: i64,
) -> DbResult<Option<(String, String)>> {
    q.opt(
        point!(
            "SELECT t.voucher_no, t.paid_on FROM treasury_line l JOIN treasury_list t ON t.id = l.list_id \
             WHERE l.refund_id = $1 AND l.done_at IS NULL AND t.state = 'paid'"
        ),
        p![refund_id],
    )
    .await
}

pub(super) async fn line_done(tx: &mut Tx, refund_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE treasury_line SET done_at = $2 WHERE refund_id = $1 AND done_at IS NULL"),
        p![refund_id, at],
    )
    .await
}

/// Locks the confirmed list of a refund until the commit. 0 rows: there is none.
pub(super) async fn list_hold(tx: &mut Tx, refund_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET version = version + 1 WHERE state = 'paid' \
             AND id = (SELECT m.list_id FROM treasury_line m WHERE m.refund_id = $1)"
        ),
        p![refund_id],
    )
    .await
}

/// The locked list of a refund is done once nothing of it is left.
pub(super) async fn list_done(tx: &mut Tx, refund_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE treasury_list SET state = 'done' WHERE state = 'paid' \
             AND id = (SELECT m.list_id FROM treasury_line m WHERE m.refund_id = $1) AND NOT EXISTS (SELECT 1 FROM treasury_line l WHERE l.list_id = treasury_list.id AND l.done_at IS NULL)"
        ),
        p![refund_id],
    )
    .await
}
