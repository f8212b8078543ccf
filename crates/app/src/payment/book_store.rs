//! SQL of what money leaves behind: refunds, the channels' inbox, the ledger, discrepancies.

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
        self.method.as_deref() == Some(super::treasury::METHOD)
    }

    /// Whether a channel has had it.
    pub const fn sent(&self) -> bool {
        self.queries > 0
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

record! {
    /// Something that a person must look at.
    #[derive(Debug, Clone)]
    pub struct DiscrepancyRow {
        pub id: i64,
        pub public_id: String,
        pub kind: String,
        pub channel: String,
        pub merchant_no: String,
        pub order_id: i64,
        pub amount: i64,
        pub detail: String,
        pub state: String,
        pub created_at: i64,
        pub resolved_by: Option<i64>,
        pub resolved_at: Option<i64>,
        pub note: String,
        pub order_public_id: Option<String>,
        pub order_no: Option<String>,
        pub resolver: Option<String>,
        /// It must be looked at today.
        pub urgent: i64,
        /// Whose it is.
        pub owner_id: Option<i64>,
        pub owner: Option<String>,
        /// What one person proposes for the order, why, and who he is.
        pub proposal: Option<String>,
        pub proposal_note: Option<String>,
        pub proposed_by: Option<i64>,
    }
}

/// A new refund's columns.
pub(super) struct RefundInsert<'a> {
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

pub(super) async fn refund_insert(tx: &mut Tx, row: &RefundInsert<'_>) -> DbResult<u64> {
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

pub(super) async fn refund_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<RefundRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, refund_no, order_id, attempt_id, amount, reason, state, requested_by, approved_by, \
             channel_no, queries, next_query_at, created_at, finished_at, version, note, method FROM refund WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn refund_by_public_id(
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

pub(super) async fn refund_by_no(
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

pub(super) async fn refunds_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<RefundRow>> {
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
pub(super) async fn refunds_waiting(
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
pub(super) async fn refunds_due(
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
pub(super) async fn refund_set_state(
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
pub(super) async fn refund_drop(
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

pub(super) async fn refund_finish(
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
pub(super) async fn refund_by_hand(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE refund SET method = 'offline' WHERE id = $1"),
        p![id],
    )
    .await
}

pub(super) async fn refund_approve(
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
pub(super) async fn refunds_automatic_since(
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

/// One event of the channels' inbox.
pub(super) struct EventInsert<'a> {
    pub id: i64,
    pub channel: &'a str,
    pub body_hash: &'a [u8],
    pub source: &'a str,
    pub merchant_no: &'a str,
    pub content: &'a [u8],
    pub outcome: &'a str,
    pub at: i64,
}

/// Keeps an event; the same one again changes nothing.
pub(super) async fn event_insert(tx: &mut Tx, row: &EventInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO gateway_event (id, channel, body_hash, source, merchant_no, content, outcome, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (channel, source, body_hash) DO NOTHING"
        ),
        p![
            row.id,
            row.channel,
            row.body_hash,
            row.source,
            row.merchant_no,
            row.content,
            row.outcome,
            row.at
        ],
    )
    .await
}

record! {
    /// What a channel told about an order.
    #[derive(Debug, Clone)]
    pub struct EventRow {
        pub id: i64,
        pub channel: String,
        pub source: String,
        pub merchant_no: String,
        pub outcome: String,
        pub received_at: i64,
    }
}

pub(super) async fn events_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<EventRow>> {
    q.rows(
        sql!(
            "SELECT g.id, g.channel, g.source, g.merchant_no, g.outcome, g.received_at FROM payment_attempt a \
             JOIN gateway_event g ON g.merchant_no = a.merchant_no WHERE a.order_id = $1 ORDER BY g.id LIMIT 200"
        ),
        p![order_id],
    )
    .await
}

/// One side of a posting.
pub(super) struct LedgerInsert<'a> {
    pub id: i64,
    pub posting: i64,
    pub book: &'a str,
    pub debit: i64,
    pub credit: i64,
    /// Order, attempt, refund (0 for none).
    pub of: (i64, i64, i64),
    pub at: i64,
}

pub(super) async fn ledger_insert(tx: &mut Tx, row: &LedgerInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ledger_entry (id, posting, book, debit, credit, order_id, attempt_id, refund_id, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        p![row.id, row.posting, row.book, row.debit, row.credit, row.of.0, row.of.1, row.of.2, row.at],
    )
    .await
}

record! {
    /// A line of the ledger.
    #[derive(Debug, Clone)]
    pub struct LedgerRow {
        pub id: i64,
        pub posting: i64,
        pub book: String,
        pub debit: i64,
        pub credit: i64,
        pub at: i64,
    }
}

pub(super) async fn ledger_of(q: &mut impl Query, order_id: i64) -> DbResult<Vec<LedgerRow>> {
    q.rows(
        sql!(
            "SELECT id, posting, book, debit, credit, at FROM ledger_entry WHERE order_id = $1 ORDER BY id LIMIT 500"
        ),
        p![order_id],
    )
    .await
}

/// Book, debits, credits.
pub(super) async fn ledger_totals(q: &mut impl Query) -> DbResult<Vec<(String, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT book, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT) FROM ledger_entry \
             GROUP BY book ORDER BY book"
        ),
        p![],
    )
    .await
}

/// Postings whose sides differ: there must be none.
pub(super) async fn ledger_unbalanced(q: &mut impl Query) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT posting FROM ledger_entry GROUP BY posting HAVING SUM(debit) <> SUM(credit) \
             ORDER BY posting LIMIT 100"
        ),
        p![],
    )
    .await
}

/// A new discrepancy's columns.
pub(super) struct DiscrepancyInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub kind: &'a str,
    pub channel: &'a str,
    pub merchant_no: &'a str,
    pub order_id: i64,
    pub amount: i64,
    pub detail: &'a str,
    pub at: i64,
}

pub(super) async fn discrepancy_insert(tx: &mut Tx, row: &DiscrepancyInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO discrepancy (id, public_id, kind, channel, merchant_no, order_id, amount, detail, state, \
             created_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, '')"
        ),
        p![
            row.id,
            row.public_id,
            row.kind,
            row.channel,
            row.merchant_no,
            row.order_id,
            row.amount,
            row.detail,
            row.at
        ],
    )
    .await
}

/// Whether the same trouble is open already: one notice repeated a hundred times is one line.
pub(super) async fn discrepancy_open(
    q: &mut impl Query,
    kind: &str,
    merchant_no: &str,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM discrepancy WHERE state = 'open' AND kind = $1 AND merchant_no = $2 LIMIT 1"
            ),
            p![kind, merchant_no],
        )
        .await?;
    Ok(found.is_some())
}

/// Whether there ever was a question of a kind about a number.
pub(super) async fn discrepancy_known(
    q: &mut impl Query,
    kind: &str,
    merchant_no: &str,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!("SELECT id FROM discrepancy WHERE kind = $1 AND merchant_no = $2 LIMIT 1"),
            p![kind, merchant_no],
        )
        .await?;
    Ok(found.is_some())
}

/// An open discrepancy of either kind about a number at a channel.
pub(super) async fn discrepancy_find(
    q: &mut impl Query,
    channel: &str,
    merchant_no: &str,
    kind: &str,
    or: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        sql!(
            "SELECT MIN(id) FROM discrepancy WHERE state = 'open' AND channel = $1 AND merchant_no = $2 AND (kind = $3 OR kind = $4)"
        ),
        p![channel, merchant_no, kind, or],
    )
    .await
    .map(Option::flatten)
}

/// Whose it is: of nobody (`None`), or of somebody, as long as it is whose the caller believes.
pub(super) async fn discrepancy_own(
    tx: &mut Tx,
    id: i64,
    from: Option<i64>,
    to: Option<i64>,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET owner_id = $3, owned_at = $4 \
             WHERE id = $1 AND state = 'open' AND COALESCE(owner_id, 0) = $2"
        ),
        p![id, from.unwrap_or(0), to, at],
    )
    .await
}

/// One person proposes: what, and why.
pub(super) async fn discrepancy_propose(
    tx: &mut Tx,
    id: i64,
    (proposal, note): (&str, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET proposal = $2, proposal_note = $3, proposed_by = $4, proposed_at = $5 \
             WHERE id = $1 AND state = 'open' AND proposal IS NULL"
        ),
        p![id, proposal, note, by, at],
    )
    .await
}

/// Another doesn't agree.
pub(super) async fn discrepancy_unpropose(tx: &mut Tx, id: i64, proposal: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET proposal = NULL, proposal_note = NULL, proposed_by = NULL, proposed_at = NULL \
             WHERE id = $1 AND state = 'open' AND proposal = $2"
        ),
        p![id, proposal],
    )
    .await
}

/// Another agrees: the question is closed.
pub(super) async fn discrepancy_release(
    tx: &mut Tx,
    id: i64,
    proposal: &str,
    (by, at): (i64, i64),
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET state = 'resolved', resolved_by = $3, resolved_at = $4, note = $5 \
             WHERE id = $1 AND state = 'open' AND proposal = $2 AND proposed_by <> $3"
        ),
        p![id, proposal, by, at, note],
    )
    .await
}

/// Other open questions about money of an order that was looked into are answered with one of them.
pub(super) async fn discrepancies_with(
    tx: &mut Tx,
    order_id: i64,
    (by, at): (i64, i64),
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET state = 'resolved', resolved_by = $2, resolved_at = $3, note = $4 \
             WHERE order_id = $1 AND state = 'open' AND kind = 'hold'"
        ),
        p![order_id, by, at, note],
    )
    .await
}

/// It must be looked at today.
pub(super) async fn discrepancy_urge(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE discrepancy SET urgent = 1 WHERE id = $1"),
        p![id],
    )
    .await
}

/// What answered itself.
pub(super) async fn discrepancy_answer(
    tx: &mut Tx,
    kind: &str,
    channel: &str,
    merchant_no: &str,
    at: i64,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET state = 'resolved', resolved_at = $4, note = $5 \
             WHERE state = 'open' AND kind = $1 AND channel = $2 AND merchant_no = $3"
        ),
        p![kind, channel, merchant_no, at, note],
    )
    .await
}

/// A page of what doesn't match, in a state; of one kind, or of all but that (`other` 1), if one is told; of one owner, of nobody (0) or of
/// whomever (-1). The newest first.
pub(super) async fn discrepancies(
    q: &mut impl Query,
    (state, kind, other, owner): (&str, &str, i64, i64),
    before: i64,
    limit: i64,
) -> DbResult<Vec<DiscrepancyRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.public_id, d.kind, d.channel, d.merchant_no, d.order_id, d.amount, d.detail, d.state, \
             d.created_at, d.resolved_by, d.resolved_at, d.note, o.public_id, o.order_no, s.name, COALESCE(d.urgent, 0), d.owner_id, w.name, \
             d.proposal, d.proposal_note, d.proposed_by \
             FROM discrepancy d LEFT JOIN payment_order o ON o.id = d.order_id LEFT JOIN staff s ON s.id = d.resolved_by \
             LEFT JOIN staff w ON w.id = d.owner_id \
             WHERE d.state = $1 AND d.id < $2 AND (COALESCE(d.owner_id, 0) = $6 OR $6 < 0) AND ($4 = '' OR (d.kind = $4 AND $5 = 0) OR (d.kind <> $4 AND $5 = 1)) \
             ORDER BY d.id DESC LIMIT $3"
        ),
        p![state, before, limit, kind, other, owner],
    )
    .await
}

/// The same, the oldest first.
pub(super) async fn discrepancies_oldest(
    q: &mut impl Query,
    (state, kind, other, owner): (&str, &str, i64, i64),
    after: i64,
    limit: i64,
) -> DbResult<Vec<DiscrepancyRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.public_id, d.kind, d.channel, d.merchant_no, d.order_id, d.amount, d.detail, d.state, \
             d.created_at, d.resolved_by, d.resolved_at, d.note, o.public_id, o.order_no, s.name, COALESCE(d.urgent, 0), d.owner_id, w.name, \
             d.proposal, d.proposal_note, d.proposed_by \
             FROM discrepancy d LEFT JOIN payment_order o ON o.id = d.order_id LEFT JOIN staff s ON s.id = d.resolved_by \
             LEFT JOIN staff w ON w.id = d.owner_id \
             WHERE d.state = $1 AND d.id > $2 AND (COALESCE(d.owner_id, 0) = $6 OR $6 < 0) AND ($4 = '' OR (d.kind = $4 AND $5 = 0) OR (d.kind <> $4 AND $5 = 1)) \
             ORDER BY d.id LIMIT $3"
        ),
        p![state, after, limit, kind, other, owner],
    )
    .await
}

pub(super) async fn discrepancies_of(
    q: &mut impl Query,
    order_id: i64,
) -> DbResult<Vec<DiscrepancyRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.public_id, d.kind, d.channel, d.merchant_no, d.order_id, d.amount, d.detail, d.state, \
             d.created_at, d.resolved_by, d.resolved_at, d.note, o.public_id, o.order_no, s.name, COALESCE(d.urgent, 0), d.owner_id, w.name, \
             d.proposal, d.proposal_note, d.proposed_by \
             FROM discrepancy d LEFT JOIN payment_order o ON o.id = d.order_id LEFT JOIN staff s ON s.id = d.resolved_by \
             LEFT JOIN staff w ON w.id = d.owner_id \
             WHERE d.order_id = $1 ORDER BY d.id LIMIT 100"
        ),
        p![order_id],
    )
    .await
}

pub(super) async fn discrepancy_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<DiscrepancyRow>> {
    q.opt(
        point!(
            "SELECT d.id, d.public_id, d.kind, d.channel, d.merchant_no, d.order_id, d.amount, d.detail, d.state, \
             d.created_at, d.resolved_by, d.resolved_at, d.note, o.public_id, o.order_no, s.name, COALESCE(d.urgent, 0), d.owner_id, w.name, \
             d.proposal, d.proposal_note, d.proposed_by \
             FROM discrepancy d LEFT JOIN payment_order o ON o.id = d.order_id LEFT JOIN staff s ON s.id = d.resolved_by \
             LEFT JOIN staff w ON w.id = d.owner_id \
             WHERE d.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn discrepancy_resolve(
    tx: &mut Tx,
    id: i64,
    by: i64,
    at: i64,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE discrepancy SET state = 'resolved', resolved_by = $2, resolved_at = $3, note = $4 \
             WHERE id = $1 AND state = 'open' AND proposal IS NULL"
        ),
        p![id, by, at, note],
    )
    .await
}
