//! SQL of accounts and what logs one in: sessions, throttles, codes, used nonces, drafts.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An account as login and activation see it.
    #[derive(Clone)]
    pub(crate) struct AccountRow {
        pub id: i64,
        pub public_id: String,
        pub state: String,
        pub id_type: String,
        pub id_number: Vec<u8>,
        pub name: String,
        pub mobile: Vec<u8>,
        pub mobile_verified_at: Option<i64>,
        pub password_hash: Option<String>,
        pub activation_cookie_hash: Option<Vec<u8>>,
        pub activation_code_hash: Option<Vec<u8>>,
        pub activation_expires_at: Option<i64>,
        /// Until when an imported account waits that its owner hasn't opened; `None` for every other.
        pub lapses_at: Option<i64>,
        /// When its owner first set a password.
        pub activated_at: Option<i64>,
        pub epoch: i64,
        pub version: i64,
        pub created_at: i64,
        /// The exam that it was made for, if it is a rehearsal's.
        pub rehearsal_exam: Option<i64>,
    }
}

impl AccountRow {
    /// Until when it waits for its owner, if it does.
    pub(crate) fn waits_until(&self) -> Option<i64> {
        let until = self.lapses_at.or(self.activation_expires_at);
        until.filter(|_| self.state == "pending")
    }

    /// Whether it waited for its owner in vain. One that was in use before is never over.
    pub(crate) fn is_over(&self, at: i64) -> bool {
        self.activated_at.is_none() && self.waits_until().is_some_and(|until| until <= at)
    }

    /// Whether the code that it waits for is still good.
    pub(crate) fn takes_code(&self, at: i64) -> bool {
        self.state == "pending" && self.activation_expires_at.is_some_and(|end| end > at)
    }

    /// Whether a code sent to its mobile proves the owner of an account that waits: the mobile was proven by a code before, or it
    /// came along from another system, was confirmed by two people there and then, and nobody has come to the counter since.
    pub(crate) fn trusts_mobile(&self) -> bool {
        let imported = self.lapses_at.is_some() && self.activation_code_hash.is_none();
        self.mobile_verified_at.is_some() || imported
    }
}

/// The living accounts for a number: pending, active or frozen; more than one only where two document types share it.
pub(super) async fn accounts_by_number(
    q: &mut impl Query,
    id_index: &[u8],
) -> DbResult<Vec<AccountRow>> {
    q.rows(
        point!(
            "SELECT id, public_id, state, id_type, id_number, name, mobile, mobile_verified_at, password_hash, \
             activation_cookie_hash, activation_code_hash, activation_expires_at, lapses_at, activated_at, epoch, version, created_at, \
             rehearsal_exam \
             FROM account WHERE id_index = $1 AND state IN ('pending', 'active', 'frozen')"
        ),
        p![id_index],
    )
    .await
}

/// One account by id, whatever its state.
pub(crate) async fn account_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<AccountRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, state, id_type, id_number, name, mobile, mobile_verified_at, password_hash, \
             activation_cookie_hash, activation_code_hash, activation_expires_at, lapses_at, activated_at, epoch, version, created_at, \
             rehearsal_exam \
             FROM account WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// How many living accounts use a mobile.
pub(super) async fn accounts_with_mobile(q: &mut impl Query, mobile_index: &[u8]) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT COUNT(*) FROM account WHERE mobile_index = $1 AND state IN ('pending', 'active', 'frozen')"
        ),
        p![mobile_index],
    )
    .await
}

/// A new account's columns.
pub(super) struct AccountInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub id_type: &'a str,
    pub id_number: &'a [u8],
    pub id_index: &'a [u8],
    pub name: &'a str,
    pub name_order: &'a str,
    pub mobile: &'a [u8],
    pub mobile_index: &'a [u8],
    pub mobile_verified_at: Option<i64>,
    pub cookie_hash: &'a [u8],
    pub code_hash: &'a [u8],
    pub expires_at: i64,
    pub rehearsal_exam: Option<i64>,
    pub at: i64,
}

pub(super) async fn account_insert(tx: &mut Tx, row: &AccountInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO account (id, public_id, state, id_type, id_number, id_index, name, name_order, mobile, \
             mobile_index, mobile_verified_at, activation_cookie_hash, activation_code_hash, \
             activation_expires_at, epoch, created_at, rehearsal_exam, version) \
             VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.id_type,
            row.id_number,
            row.id_index,
            row.name,
            row.name_order,
            row.mobile,
            row.mobile_index,
            row.mobile_verified_at,
            row.cookie_hash,
            row.code_hash,
            row.expires_at,
            row.at,
            row.rehearsal_exam
        ],
    )
    .await
}

/// Which rehearsal an account was made for; `None` for a person's account.
pub(crate) async fn rehearsal_of(q: &mut impl Query, id: i64) -> DbResult<Option<i64>> {
    let row: Option<(Option<i64>,)> = q
        .opt(
            point!("SELECT rehearsal_exam FROM account WHERE id = $1"),
            p![id],
        )
        .await?;
    Ok(row.and_then(|(exam,)| exam))
}

/// The accounts of a rehearsal let nobody in any more; their sessions end.
pub(crate) async fn freeze_rehearsal(tx: &mut Tx, exam_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'frozen', epoch = epoch + 1, version = version + 1 \
             WHERE rehearsal_exam = $1 AND state IN ('active', 'pending')"
        ),
        p![exam_id],
    )
    .await
}

/// Frees a number whose sign-up was never finished in time.
pub(super) async fn account_lapse(tx: &mut Tx, id_index: &[u8], at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'lapsed', activation_cookie_hash = NULL, activation_code_hash = NULL, \
             epoch = epoch + 1, version = version + 1 \
             WHERE id_index = $1 AND state = 'pending' AND activated_at IS NULL AND COALESCE(lapses_at, activation_expires_at) <= $2"
        ),
        p![id_index, at],
    )
    .await
}

/// Frees every number whose sign-up was never finished; the timer's part of the same rule.
pub(super) async fn accounts_lapse_due(tx: &mut Tx, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'lapsed', activation_cookie_hash = NULL, activation_code_hash = NULL, \
             epoch = epoch + 1, version = version + 1 \
             WHERE id IN (SELECT id FROM account WHERE state = 'pending' AND activated_at IS NULL \
             AND COALESCE(lapses_at, activation_expires_at) <= $1 ORDER BY COALESCE(lapses_at, activation_expires_at), id LIMIT 200) AND state = 'pending'"
        ),
        p![at],
    )
    .await
}

/// The first password: the account wakes, what proved the person is used up, every session of it ends.
pub(super) async fn account_activate(
    tx: &mut Tx,
    id: i64,
    version: i64,
    password_hash: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'active', password_hash = $3, password_changed_at = $4, activated_at = COALESCE(activated_at, $4), \
             activation_cookie_hash = NULL, activation_code_hash = NULL, activation_expires_at = NULL, lapses_at = NULL, \
             epoch = epoch + 1, version = version + 1 WHERE id = $1 AND version = $2 AND state = 'pending'"
        ),
        p![id, version, password_hash, at],
    )
    .await
}

/// Another password: every session ends.
pub(super) async fn account_set_password(
    tx: &mut Tx,
    id: i64,
    version: i64,
    password_hash: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET password_hash = $3, password_changed_at = $4, epoch = epoch + 1, \
             version = version + 1 WHERE id = $1 AND version = $2 AND state = 'active'"
        ),
        p![id, version, password_hash, at],
    )
    .await
}

/// The same password with today's cost: no session ends.
pub(super) async fn account_rehash(
    tx: &mut Tx,
    id: i64,
    old_hash: &str,
    password_hash: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2"),
        p![id, old_hash, password_hash],
    )
    .await
}

pub(super) async fn account_set_mobile(
    tx: &mut Tx,
    id: i64,
    version: i64,
    mobile: (&[u8], &[u8]),
    verified_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET mobile = $3, mobile_index = $4, mobile_verified_at = $5, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'active'"
        ),
        p![id, version, mobile.0, mobile.1, verified_at],
    )
    .await
}

/// Moves an account to another state; its sessions end.
pub(super) async fn account_set_state(
    tx: &mut Tx,
    id: i64,
    from: &str,
    to: &str,
    closed_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = $3, closed_at = $4, epoch = epoch + 1, version = version + 1 \
             WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, closed_at],
    )
    .await
}

/// Stops a disputed account, whether it is in use or waits for its owner after a recovery; its sessions end.
pub(super) async fn account_freeze(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'frozen', epoch = epoch + 1, version = version + 1 \
             WHERE id = $1 AND state IN ('active', 'pending')"
        ),
        p![id],
    )
    .await
}

/// The account is again what it was before it was frozen: in use if it has a password, else waiting for its owner.
pub(super) async fn account_wake(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = CASE WHEN password_hash IS NULL THEN 'pending' ELSE 'active' END, \
             epoch = epoch + 1, version = version + 1 WHERE id = $1 AND state = 'frozen'"
        ),
        p![id],
    )
    .await
}

/// Empties the personal columns of a closed account; its row stays as the anchor of what the law keeps.
pub(super) async fn account_erase(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET name = '', name_order = '', mobile = $2, mobile_index = $2, password_hash = NULL, \
             mobile_verified_at = NULL, version = version + 1 WHERE id = $1 AND state = 'closed'"
        ),
        p![id, &[][..] as &[u8]],
    )
    .await
}

record! {
    /// A session with the person it belongs to.
    #[derive(Debug, Clone)]
    pub(super) struct SessionRow {
        pub id: i64,
        pub kind: String,
        pub subject_id: i64,
        pub epoch: i64,
        pub door: String,
        pub created_at: i64,
        pub last_seen_at: i64,
        pub expires_at: i64,
        pub account_state: Option<String>,
        pub account_epoch: Option<i64>,
        pub account_name: Option<String>,
        pub account_rehearsal: Option<i64>,
        pub staff_state: Option<String>,
        pub staff_epoch: Option<i64>,
        pub staff_name: Option<String>,
    }
}

pub(super) async fn session_find(
    q: &mut impl Query,
    token_hash: &[u8],
) -> DbResult<Option<SessionRow>> {
    q.opt(
        point!(
            "SELECT s.id, s.kind, s.subject_id, s.epoch, s.door, s.created_at, s.last_seen_at, s.expires_at, \
             a.state, a.epoch, a.name, a.rehearsal_exam, t.state, t.epoch, t.name FROM session s \
             LEFT JOIN account a ON a.id = s.subject_id AND s.kind IN ('candidate', 'activation') \
             LEFT JOIN staff t ON t.id = s.subject_id AND s.kind IN ('staff', 'staff_half') \
             WHERE s.token_hash = $1"
        ),
        p![token_hash],
    )
    .await
}

record! {
    /// A session on the list of its owner.
    #[derive(Debug, Clone)]
    pub(super) struct OpenSessionRow {
        pub id: i64,
        pub network: String,
        pub device: String,
        pub created_at: i64,
        pub last_seen_at: i64,
    }
}

/// The living sessions of a `candidate` or a member of `staff`, last used first.
pub(super) async fn sessions_of(
    q: &mut impl Query,
    kind: &str,
    subject_id: i64,
    at: i64,
) -> DbResult<Vec<OpenSessionRow>> {
    q.rows(
        sql!(
            "SELECT s.id, s.network, s.device, s.created_at, s.last_seen_at FROM session s \
             WHERE s.kind = $1 AND s.subject_id = $2 AND s.expires_at > $3 AND s.epoch = CASE WHEN s.kind = 'staff' \
             THEN (SELECT t.epoch FROM staff t WHERE t.id = s.subject_id) \
             ELSE (SELECT a.epoch FROM account a WHERE a.id = s.subject_id) END \
             ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 50"
        ),
        p![kind, subject_id, at],
    )
    .await
}

/// A new session's columns.
pub(super) struct SessionInsert<'a> {
    pub id: i64,
    pub token_hash: [u8; 32],
    pub kind: &'static str,
    pub subject_id: i64,
    pub epoch: i64,
    pub door: &'a str,
    pub network: &'a str,
    pub device: &'a str,
    pub at: i64,
    pub expires_at: i64,
}

pub(super) async fn session_insert(tx: &mut Tx, row: &SessionInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO session (id, token_hash, kind, subject_id, epoch, door, network, device, created_at, \
             last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)"
        ),
        p![
            row.id,
            &row.token_hash,
            row.kind,
            row.subject_id,
            row.epoch,
            row.door,
            row.network,
            row.device,
            row.at,
            row.expires_at
        ],
    )
    .await
}

pub(super) async fn session_touch(tx: &mut Tx, id: i64, at: i64, expires_at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND last_seen_at < $2"),
        p![id, at, expires_at],
    )
    .await
}

pub(super) async fn session_delete(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM session WHERE id = $1"), p![id])
        .await
}

/// Ends the sessions of the kinds that belong to one person.
pub(super) async fn sessions_delete_of(tx: &mut Tx, kind: &str, subject_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM session WHERE kind = $1 AND subject_id = $2"),
        p![kind, subject_id],
    )
    .await
}

/// Removes what ended long ago, a little at a time.
pub(super) async fn sessions_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT 500)"
        ),
        p![before],
    )
    .await
}

/// The latest of the instants until which these subjects are turned away. An empty key stands for none.
pub(super) async fn throttles_until(
    q: &mut impl Query,
    subjects: [&[u8]; 3],
) -> DbResult<Option<i64>> {
    q.one(
        point!("SELECT MAX(blocked_until) FROM throttle WHERE subject IN ($1, $2, $3)"),
        p![subjects[0], subjects[1], subjects[2]],
    )
    .await
}

/// Counts one more failure, in SQL, so that failures at the same moment are all counted; starts anew if the last one was
/// before `since`. Counts nothing and answers `None` if further tries are turned away beyond `open_at`. The row is locked until
/// the commit.
pub(super) async fn throttle_count(
    tx: &mut Tx,
    keys: (&[u8], &[u8]),
    (at, since, open_at): (i64, i64, i64),
) -> DbResult<Option<i64>> {
    tx.opt(
        sql!(
            "INSERT INTO throttle (subject, whom, failures, blocked_until, changed_at) VALUES ($1, $2, 1, $3, $3) \
             ON CONFLICT (subject) DO UPDATE SET \
             failures = CASE WHEN throttle.changed_at > $4 THEN throttle.failures + 1 ELSE 1 END, \
             changed_at = CASE WHEN throttle.changed_at > $3 THEN throttle.changed_at ELSE excluded.changed_at END \
             WHERE throttle.blocked_until <= $5 RETURNING failures"
        ),
        p![keys.0, keys.1, at, since, open_at],
    )
    .await
}

/// Takes one failure back; a delay that ends at `until` began with it and ends `at` once.
pub(super) async fn throttle_give_back(
    tx: &mut Tx,
    subject: &[u8],
    until: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE throttle SET failures = failures - 1, \
             blocked_until = CASE WHEN blocked_until = $2 THEN $3 ELSE blocked_until END \
             WHERE subject = $1 AND failures > 0"
        ),
        p![subject, until, at],
    )
    .await
}

/// Turns further tries away until `blocked_until`.
pub(super) async fn throttle_block(
    tx: &mut Tx,
    subject: &[u8],
    blocked_until: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE throttle SET blocked_until = $2 WHERE subject = $1"),
        p![subject, blocked_until],
    )
    .await
}

pub(super) async fn throttle_clear(tx: &mut Tx, subject: &[u8]) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM throttle WHERE subject = $1"), p![subject])
        .await
}

/// Forgets every counter of one account or member of staff, on all networks.
pub(super) async fn throttles_clear_of(tx: &mut Tx, whom: &[u8]) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM throttle WHERE whom = $1"), p![whom])
        .await
}

pub(super) async fn throttles_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM throttle WHERE subject IN (SELECT subject FROM throttle WHERE changed_at <= $1 \
             ORDER BY changed_at LIMIT 500)"
        ),
        p![before],
    )
    .await
}

/// Uses a nonce up. 0 rows: it was used before.
pub(super) async fn nonce_spend(tx: &mut Tx, nonce: &[u8], expires_at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO spent_nonce (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING"
        ),
        p![nonce, expires_at],
    )
    .await
}

pub(super) async fn nonces_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM spent_nonce WHERE nonce IN (SELECT nonce FROM spent_nonce WHERE expires_at <= $1 \
             ORDER BY expires_at LIMIT 500)"
        ),
        p![before],
    )
    .await
}

record! {
    /// A code sent by SMS.
    #[derive(Debug, Clone)]
    pub(super) struct SmsCodeRow {
        pub id: i64,
        pub account_id: Option<i64>,
        pub code_hash: Vec<u8>,
        pub expires_at: i64,
    }
}

pub(super) struct SmsCodeInsert<'a> {
    pub id: i64,
    pub purpose: &'a str,
    pub mobile_index: &'a [u8],
    pub account_id: Option<i64>,
    pub code_hash: &'a [u8],
    pub at: i64,
    pub expires_at: i64,
}

/// Forgets the oldest codes from before an instant.
pub(super) async fn sms_codes_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    // By id, which grows with time.
    tx.exec(
        sql!(
            "DELETE FROM sms_code WHERE id IN (SELECT id FROM (SELECT id, created_at FROM sms_code ORDER BY id LIMIT 500) oldest \
             WHERE created_at < $1)"
        ),
        p![before],
    )
    .await
}

pub(super) async fn sms_code_insert(tx: &mut Tx, row: &SmsCodeInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO sms_code (id, purpose, mobile_index, account_id, code_hash, tries, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7)"
        ),
        p![
            row.id,
            row.purpose,
            row.mobile_index,
            row.account_id,
            row.code_hash,
            row.at,
            row.expires_at
        ],
    )
    .await
}

/// The newest unused code for a mobile and purpose.
pub(super) async fn sms_code_newest(
    q: &mut impl Query,
    mobile_index: &[u8],
    purpose: &str,
) -> DbResult<Option<SmsCodeRow>> {
    q.opt(
        point!(
            "SELECT id, account_id, code_hash, expires_at FROM sms_code \
             WHERE mobile_index = $1 AND purpose = $2 AND used_at IS NULL ORDER BY created_at DESC LIMIT 1"
        ),
        p![mobile_index, purpose],
    )
    .await
}

/// How many codes of one purpose were sent to a mobile since `since`.
pub(super) async fn sms_codes_since(
    q: &mut impl Query,
    mobile_index: &[u8],
    purpose: &str,
    since: i64,
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM sms_code WHERE mobile_index = $1 AND purpose = $2 AND created_at >= $3"
        ),
        p![mobile_index, purpose, since],
    )
    .await
}

/// Takes one of the tries that a code has; the row is locked until the commit. 0 rows: none is left, or it was used.
pub(super) async fn sms_code_try(tx: &mut Tx, id: i64, most: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE sms_code SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND used_at IS NULL"
        ),
        p![id, most],
    )
    .await
}

/// Gives a try back: the code was right and is still to be used.
pub(super) async fn sms_code_untry(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE sms_code SET tries = tries - 1 WHERE id = $1 AND tries > 0"),
        p![id],
    )
    .await
}

pub(super) async fn sms_code_use(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE sms_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL"),
        p![id, at],
    )
    .await
}

/// How many messages an account's inbox holds.
pub(super) async fn message_count(q: &mut impl Query, account_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM inbox_message WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

/// Exam title, registration number and time of each application, newest first.
pub(super) async fn applications_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<(String, String, i64)>> {
    q.rows(
        sql!(
            "SELECT e.title, a.registration_no, a.submitted_at FROM application a JOIN exam e ON e.id = a.exam_id \
             WHERE a.account_id = $1 ORDER BY a.id DESC LIMIT 500"
        ),
        p![account_id],
    )
    .await
}

/// How many applications of an account are on their way in exams that aren't archived.
pub(super) async fn live_applications(q: &mut impl Query, account_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM application a JOIN exam e ON e.id = a.exam_id \
             WHERE a.account_id = $1 AND a.life IN ('draft', 'live') AND e.state <> 'archived'"
        ),
        p![account_id],
    )
    .await
}
