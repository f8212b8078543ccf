//! SQL of account claims.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A claim with the account it disputes.
    #[derive(Debug, Clone)]
    pub struct ClaimRow {
        pub id: i64,
        pub public_id: String,
        pub account_id: i64,
        pub name: String,
        pub mobile: Vec<u8>,
        pub statement: String,
        pub evidence_id: Option<i64>,
        pub state: String,
        pub checked_by: Option<i64>,
        pub checked_at: Option<i64>,
        pub decided_at: Option<i64>,
        pub note: String,
        pub created_at: i64,
        /// The name on the disputed account.
        pub account_name: String,
        pub account_state: String,
        pub account_created_at: i64,
        pub checker: Option<String>,
        pub decider: Option<String>,
    }
}

pub(super) async fn claim_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ClaimRow>> {
    q.opt(
        point!(
            "SELECT c.id, c.public_id, c.account_id, c.name, c.mobile, c.statement, c.evidence_id, c.state, c.checked_by, \
             c.checked_at, c.decided_at, c.note, c.created_at, a.name, a.state, a.created_at, k.name, d.name FROM account_claim c \
             JOIN account a ON a.id = c.account_id LEFT JOIN staff k ON k.id = c.checked_by \
             LEFT JOIN staff d ON d.id = c.decided_by WHERE c.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// A page of claims in a state, of a claimant if one is named; the newest first.
pub(super) async fn claims(
    q: &mut impl Query,
    (state, name): (&str, &str),
    before: i64,
    limit: i64,
) -> DbResult<Vec<ClaimRow>> {
    q.rows(
        sql!(
            "SELECT c.id, c.public_id, c.account_id, c.name, c.mobile, c.statement, c.evidence_id, c.state, c.checked_by, \
             c.checked_at, c.decided_at, c.note, c.created_at, a.name, a.state, a.created_at, k.name, d.name FROM account_claim c \
             JOIN account a ON a.id = c.account_id LEFT JOIN staff k ON k.id = c.checked_by \
             LEFT JOIN staff d ON d.id = c.decided_by WHERE c.state = $1 AND c.id < $2 AND ($4 = '' OR c.name = $4) \
             ORDER BY c.id DESC LIMIT $3"
        ),
        p![state, before, limit, name],
    )
    .await
}

/// The same, the oldest first.
pub(super) async fn claims_oldest(
    q: &mut impl Query,
    (state, name): (&str, &str),
    after: i64,
    limit: i64,
) -> DbResult<Vec<ClaimRow>> {
    q.rows(
        sql!(
            "SELECT c.id, c.public_id, c.account_id, c.name, c.mobile, c.statement, c.evidence_id, c.state, c.checked_by, \
             c.checked_at, c.decided_at, c.note, c.created_at, a.name, a.state, a.created_at, k.name, d.name FROM account_claim c \
             JOIN account a ON a.id = c.account_id LEFT JOIN staff k ON k.id = c.checked_by \
             LEFT JOIN staff d ON d.id = c.decided_by WHERE c.state = $1 AND c.id > $2 AND ($4 = '' OR c.name = $4) \
             ORDER BY c.id LIMIT $3"
        ),
        p![state, after, limit, name],
    )
    .await
}

pub(super) async fn claim_open_exists(
    q: &mut impl Query,
    account_id: i64,
    mobile_index: &[u8],
) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM account_claim WHERE account_id = $1 AND mobile_index = $2 \
             AND state IN ('open', 'checked')) THEN 1 ELSE 0 END"
        ),
        p![account_id, mobile_index],
    )
    .await
}

/// A new claim's columns.
pub(super) struct ClaimInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub account_id: i64,
    pub name: &'a str,
    pub mobile: &'a [u8],
    pub mobile_index: &'a [u8],
    pub statement: &'a str,
    pub evidence_id: Option<i64>,
    pub at: i64,
}

pub(super) async fn claim_insert(tx: &mut Tx, row: &ClaimInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO account_claim (id, public_id, account_id, name, mobile, mobile_index, statement, evidence_id, \
             state, note, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', '', $9)"
        ),
        p![
            row.id,
            row.public_id,
            row.account_id,
            row.name,
            row.mobile,
            row.mobile_index,
            row.statement,
            row.evidence_id,
            row.at
        ],
    )
    .await
}

pub(super) async fn claim_check(
    tx: &mut Tx,
    id: i64,
    by: i64,
    at: i64,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account_claim SET state = 'checked', checked_by = $2, checked_at = $3, note = $4 \
             WHERE id = $1 AND state = 'open'"
        ),
        p![id, by, at, note],
    )
    .await
}

pub(super) async fn claim_decide(
    tx: &mut Tx,
    id: i64,
    state: &str,
    who: (i64, i64),
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account_claim SET state = $2, decided_by = $3, decided_at = $4, note = $5 \
             WHERE id = $1 AND state = 'checked' AND checked_by <> $3"
        ),
        p![id, state, who.0, who.1, note],
    )
    .await
}

/// An open claim that doesn't hold: refused without a freeze, by the first person.
pub(super) async fn claim_dismiss(
    tx: &mut Tx,
    id: i64,
    by: i64,
    at: i64,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account_claim SET state = 'refused', decided_by = $2, decided_at = $3, note = $4 \
             WHERE id = $1 AND state = 'open'"
        ),
        p![id, by, at, note],
    )
    .await
}

/// The other claims at an account that wait: id and sealed mobile.
pub(super) async fn claims_waiting(
    q: &mut impl Query,
    account_id: i64,
    but: i64,
) -> DbResult<Vec<(i64, Vec<u8>)>> {
    q.rows(
        sql!(
            "SELECT id, mobile FROM account_claim WHERE account_id = $1 AND id <> $2 \
             AND state IN ('open', 'checked') ORDER BY id LIMIT 50"
        ),
        p![account_id, but],
    )
    .await
}

/// A claim that came to nothing because the account is gone. Nobody decides over what he checked himself.
pub(super) async fn claim_overtaken(
    tx: &mut Tx,
    id: i64,
    by: i64,
    at: i64,
    note: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account_claim SET state = 'refused', decided_by = CASE WHEN checked_by = $2 THEN NULL ELSE $2 END, \
             decided_at = $3, note = $4 WHERE id = $1 AND state IN ('open', 'checked')"
        ),
        p![id, by, at, note],
    )
    .await
}
