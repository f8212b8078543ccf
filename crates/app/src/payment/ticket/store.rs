//! SQL of 异常单.

use db::{DbResult, Query, Tx, p, point, record, sql};

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

/// A new discrepancy's columns.
pub(in crate::payment) struct DiscrepancyInsert<'a> {
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

pub(in crate::payment) async fn discrepancy_insert(
    tx: &mut Tx,
    row: &DiscrepancyInsert<'_>,
) -> DbResult<u64> {
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
pub(in crate::payment) async fn discrepancy_open(
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

/// The same, and it stays open until the commit.
pub(in crate::payment) async fn discrepancy_keep(
    tx: &mut Tx,
    kind: &str,
    merchant_no: &str,
) -> DbResult<bool> {
    let kept = tx
        .exec(
            sql!(
                "UPDATE discrepancy SET state = 'open' WHERE state = 'open' AND kind = $1 AND merchant_no = $2"
            ),
            p![kind, merchant_no],
        )
        .await?;
    Ok(kept > 0)
}

/// How many of a kind are open.
pub(in crate::payment) async fn discrepancies_counted(
    q: &mut impl Query,
    kind: &str,
) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM discrepancy WHERE state = 'open' AND kind = $1"),
        p![kind],
    )
    .await
}

/// Whether there ever was a question of a kind about a number.
pub(in crate::payment) async fn discrepancy_known(
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
pub(in crate::payment) async fn discrepancy_find(
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
pub(in crate::payment) async fn discrepancy_own(
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
pub(in crate::payment) async fn discrepancy_propose(
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
pub(in crate::payment) async fn discrepancy_unpropose(
    tx: &mut Tx,
    id: i64,
    proposal: &str,
) -> DbResult<u64> {
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
pub(in crate::payment) async fn discrepancy_release(
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
pub(in crate::payment) async fn discrepancies_with(
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
pub(in crate::payment) async fn discrepancy_urge(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE discrepancy SET urgent = 1 WHERE id = $1"),
        p![id],
    )
    .await
}

/// What answered itself.
pub(in crate::payment) async fn discrepancy_answer(
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
pub(in crate::payment) async fn discrepancies(
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
pub(in crate::payment) async fn discrepancies_oldest(
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

pub(in crate::payment) async fn discrepancies_of(
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

pub(in crate::payment) async fn discrepancy_by_public_id(
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

pub(in crate::payment) async fn discrepancy_resolve(
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
