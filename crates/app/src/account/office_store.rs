//! SQL of the candidate desk.

use db::{DbResult, Query, Tx, p, point, record, sql};

use super::store::AccountRow;

pub(super) async fn account_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<AccountRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, state, id_type, id_number, name, mobile, mobile_verified_at, password_hash, \
             activation_cookie_hash, activation_code_hash, activation_expires_at, lapses_at, activated_at, epoch, version, created_at, rehearsal_exam \
             FROM account WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The living accounts under a number.
pub(super) async fn accounts_of_number(
    q: &mut impl Query,
    id_index: &[u8],
) -> DbResult<Vec<AccountRow>> {
    super::store::accounts_by_number(q, id_index).await
}

/// The living accounts with a mobile.
pub(super) async fn accounts_of_mobile(
    q: &mut impl Query,
    mobile_index: &[u8],
) -> DbResult<Vec<AccountRow>> {
    q.rows(
        point!(
            "SELECT id, public_id, state, id_type, id_number, name, mobile, mobile_verified_at, password_hash, \
             activation_cookie_hash, activation_code_hash, activation_expires_at, lapses_at, activated_at, epoch, version, created_at, rehearsal_exam \
             FROM account WHERE mobile_index = $1 AND state IN ('pending', 'active', 'frozen') LIMIT 20"
        ),
        p![mobile_index],
    )
    .await
}

/// The living accounts of a name, exactly.
pub(super) async fn accounts_of_name(
    q: &mut impl Query,
    name: &str,
    limit: i64,
) -> DbResult<Vec<AccountRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, state, id_type, id_number, name, mobile, mobile_verified_at, password_hash, \
             activation_cookie_hash, activation_code_hash, activation_expires_at, lapses_at, activated_at, epoch, version, created_at, rehearsal_exam \
             FROM account WHERE name = $1 AND state IN ('pending', 'active', 'frozen') ORDER BY id LIMIT $2"
        ),
        p![name, limit],
    )
    .await
}

record! {
    /// An application on the page of its candidate.
    #[derive(Debug, Clone)]
    pub struct OwnApplication {
        pub public_id: String,
        pub exam: String,
        pub registration_no: String,
        pub life: String,
        pub review: String,
        pub payment: String,
        /// What was to pay, in 分.
        pub fee: i64,
        pub submitted_at: i64,
    }
}

pub(super) async fn applications_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<OwnApplication>> {
    q.rows(
        sql!(
            "SELECT a.public_id, e.title, a.registration_no, a.life, a.review, a.payment, a.fee, a.submitted_at \
             FROM application a JOIN exam e ON e.id = a.exam_id WHERE a.account_id = $1 ORDER BY a.id DESC LIMIT 100"
        ),
        p![account_id],
    )
    .await
}

record! {
    /// The photo on the page of its candidate.
    #[derive(Debug, Clone)]
    pub struct OwnPhoto {
        pub public_id: String,
        pub state: String,
        pub reason: String,
        pub uploaded_at: i64,
    }
}

pub(super) async fn photo_of(q: &mut impl Query, account_id: i64) -> DbResult<Option<OwnPhoto>> {
    q.opt(
        point!(
            "SELECT public_id, state, reason, uploaded_at FROM photo WHERE account_id = $1 AND state <> 'replaced'"
        ),
        p![account_id],
    )
    .await
}

/// Another identity at the version that was read. A number that was taken meanwhile breaks the unique index.
pub(super) async fn account_set_identity(
    tx: &mut Tx,
    id: i64,
    version: i64,
    named: (&str, &str),
    number: (&[u8], &[u8]),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET name = $3, name_order = $3, id_type = $4, id_number = $5, id_index = $6, \
             version = version + 1 WHERE id = $1 AND version = $2 AND state IN ('pending', 'active')"
        ),
        p![id, version, named.0, named.1, number.0, number.1],
    )
    .await
}

/// The account waits for its owner again: no password, one activation code, no cookie that could stand for it. The mobile is
/// no longer a proof: whoever comes to the counter may have lost it.
pub(super) async fn account_recover(
    tx: &mut Tx,
    id: i64,
    version: i64,
    code_hash: &[u8],
    expires_at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'pending', password_hash = NULL, mobile_verified_at = NULL, \
             activation_cookie_hash = NULL, activation_code_hash = $3, activation_expires_at = $4, epoch = epoch + 1, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state IN ('pending', 'active')"
        ),
        p![id, version, code_hash, expires_at],
    )
    .await
}

/// Another mobile at the version that was read; every session ends, because whoever held the old phone may be in one.
pub(super) async fn account_set_mobile_by_office(
    tx: &mut Tx,
    id: i64,
    version: i64,
    mobile: (&[u8], &[u8]),
    verified_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET mobile = $3, mobile_index = $4, mobile_verified_at = $5, epoch = epoch + 1, \
             version = version + 1 WHERE id = $1 AND version = $2 AND state IN ('pending', 'active')"
        ),
        p![id, version, mobile.0, mobile.1, verified_at],
    )
    .await
}
