//! SQL of what a comparison found.

use db::{DbResult, Query, Tx, p, record, sql};

record! {
    /// What doesn't match, or not on the same day.
    #[derive(Debug, Clone)]
    pub struct FindingRow {
        pub id: i64,
        pub class: String,
        pub state: String,
        pub run: i64,
        pub seq: i64,
        pub kind: String,
        pub channel_no: String,
        pub our_no: String,
        pub merchant: String,
        pub order_id: i64,
        pub ours: i64,
        pub bill_amount: i64,
        pub our_amount: i64,
        pub delta: i64,
        pub at: i64,
        pub other_day: String,
        pub acted_at: Option<i64>,
        pub discrepancy_id: Option<i64>,
        pub found_at: i64,
        pub order_public_id: Option<String>,
        pub order_no: Option<String>,
        pub ticket: Option<String>,
        pub ticket_state: Option<String>,
        pub owner: Option<String>,
    }
}

/// A finding's columns.
#[derive(Debug, Clone)]
pub(super) struct FindingPut {
    pub id: i64,
    pub class: &'static str,
    pub item: String,
    pub seq: i64,
    pub kind: &'static str,
    pub channel_no: String,
    pub our_no: String,
    pub merchant: String,
    pub order_id: i64,
    pub ours: i64,
    pub bill_amount: i64,
    pub our_amount: i64,
    pub delta: i64,
    pub at: i64,
    pub other_day: String,
    /// What was done about it under another class already.
    pub acted_at: Option<i64>,
}

/// Keeps a finding: a new one, or the one of an earlier comparison again.
pub(super) async fn finding_put(
    tx: &mut Tx,
    bill_id: i64,
    run: i64,
    row: &FindingPut,
    now: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO bill_finding (id, bill_id, class, item, state, run, seq, kind, channel_no, our_no, merchant, order_id, ours, \
             bill_amount, our_amount, delta, at, other_day, found_at, acted_at) \
             VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
             ON CONFLICT (bill_id, class, item) DO UPDATE SET state = 'open', run = excluded.run, seq = excluded.seq, \
             order_id = excluded.order_id, ours = excluded.ours, bill_amount = excluded.bill_amount, our_amount = excluded.our_amount, \
             delta = excluded.delta, at = excluded.at, other_day = excluded.other_day, cleared_at = NULL, \
             acted_at = COALESCE(bill_finding.acted_at, excluded.acted_at)"
        ),
        p![
            row.id,
            bill_id,
            row.class,
            row.item.as_str(),
            run,
            row.seq,
            row.kind,
            row.channel_no.as_str(),
            row.our_no.as_str(),
            row.merchant.as_str(),
            row.order_id,
            row.ours,
            row.bill_amount,
            row.our_amount,
            row.delta,
            row.at,
            row.other_day.as_str(),
            now,
            row.acted_at
        ],
    )
    .await
}

/// Whether a comparison found that another line stands for an attempt.
pub(super) async fn stands_for(
    q: &mut impl Query,
    (bill_id, run): (i64, i64),
    attempt: i64,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM bill_finding WHERE bill_id = $1 AND state = 'open' AND run = $2 AND ours = $3 AND kind = 'payment' \
                 AND class IN ('second', 'number') AND delta <> bill_amount LIMIT 1"
            ),
            p![bill_id, run, attempt],
        )
        .await?;
    Ok(found.is_some())
}

/// What a comparison didn't find again is cleared.
pub(super) async fn findings_clear(tx: &mut Tx, bill_id: i64, run: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_finding SET state = 'cleared', cleared_at = $3 WHERE bill_id = $1 AND state = 'open' AND run < $2"
        ),
        p![bill_id, run, at],
    )
    .await
}

/// Open findings of a day behind an id; of one class, or of all (empty).
pub(super) async fn findings(
    q: &mut impl Query,
    bill_id: i64,
    class: &str,
    after: i64,
    limit: i64,
) -> DbResult<Vec<FindingRow>> {
    q.rows(
        sql!(
            "SELECT f.id, f.class, f.state, f.run, f.seq, f.kind, f.channel_no, f.our_no, f.merchant, f.order_id, f.ours, f.bill_amount, \
             f.our_amount, f.delta, f.at, f.other_day, f.acted_at, f.discrepancy_id, f.found_at, o.public_id, o.order_no, d.public_id, \
             d.state, s.name FROM bill_finding f LEFT JOIN payment_order o ON o.id = f.order_id \
             LEFT JOIN discrepancy d ON d.id = f.discrepancy_id LEFT JOIN staff s ON s.id = d.owner_id \
             WHERE f.bill_id = $1 AND f.state = 'open' AND f.id > $3 AND ($2 = '' OR f.class = $2) ORDER BY f.id LIMIT $4"
        ),
        p![bill_id, class, after, limit],
    )
    .await
}

/// Classes of a day's open findings: how many, what the bill says, what we say, the difference.
pub(super) async fn classes(
    q: &mut impl Query,
    bill_id: i64,
) -> DbResult<Vec<(String, i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT class, COUNT(*), CAST(SUM(bill_amount) AS BIGINT), CAST(SUM(our_amount) AS BIGINT), CAST(SUM(delta) AS BIGINT) \
             FROM bill_finding WHERE bill_id = $1 AND state = 'open' GROUP BY class ORDER BY class"
        ),
        p![bill_id],
    )
    .await
}

/// A finding is looked at again: it is cleared unless it is found once more.
pub(super) async fn finding_clear(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_finding SET state = 'cleared', cleared_at = $2 WHERE id = $1 AND state = 'open'"
        ),
        p![id, at],
    )
    .await
}

/// What was done about a finding.
pub(super) async fn finding_acted(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill_finding SET acted_at = $2 WHERE id = $1 AND acted_at IS NULL"),
        p![id, at],
    )
    .await
}

/// The ticket of a finding.
pub(super) async fn finding_ticket(tx: &mut Tx, id: i64, ticket: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_finding SET discrepancy_id = $2 WHERE id = $1 AND discrepancy_id IS NULL"
        ),
        p![id, ticket],
    )
    .await
}

/// How many tickets the findings of a day have.
pub(super) async fn tickets_of(q: &mut impl Query, bill_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(DISTINCT discrepancy_id) FROM bill_finding WHERE bill_id = $1 AND discrepancy_id IS NOT NULL"
        ),
        p![bill_id],
    )
    .await
}

/// Findings that nobody owns: what keeps a day from being closed.
pub(super) async fn unowned(q: &mut impl Query, bill_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM bill_finding f LEFT JOIN discrepancy d ON d.id = f.discrepancy_id \
             WHERE f.bill_id = $1 AND f.state = 'open' AND f.class NOT IN ('carried_in', 'carried_out', 'refund_pending') \
             AND (d.id IS NULL OR (d.state = 'open' AND d.owner_id IS NULL)) LIMIT 1001) w"
        ),
        p![bill_id],
    )
    .await
}
