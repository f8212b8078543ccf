//! SQL of staff accounts and what they may do.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A member of staff as login sees him.
    #[derive(Clone)]
    pub(super) struct StaffRow {
        pub id: i64,
        pub public_id: String,
        pub username: String,
        pub name: String,
        pub unit: String,
        pub state: String,
        pub password_hash: Option<String>,
        pub must_change_password: bool,
        pub totp_secret: Option<Vec<u8>>,
        pub totp_last_step: i64,
        pub epoch: i64,
        pub version: i64,
        pub last_login_at: Option<i64>,
    }
}

pub(super) async fn staff_by_username(
    q: &mut impl Query,
    username: &str,
) -> DbResult<Option<StaffRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, username, name, unit, state, password_hash, must_change_password, totp_secret, \
             totp_last_step, epoch, version, last_login_at FROM staff WHERE username = $1"
        ),
        p![username],
    )
    .await
}

pub(super) async fn staff_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<StaffRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, username, name, unit, state, password_hash, must_change_password, totp_secret, \
             totp_last_step, epoch, version, last_login_at FROM staff WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn staff_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<StaffRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, username, name, unit, state, password_hash, must_change_password, totp_secret, \
             totp_last_step, epoch, version, last_login_at FROM staff WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// Exams that a role can be narrowed to, newest first: id, public id, title.
pub(super) async fn exams_to_choose(q: &mut impl Query) -> DbResult<Vec<(i64, String, String)>> {
    q.rows(
        sql!(
            "SELECT id, public_id, title FROM exam WHERE state <> 'archived' ORDER BY id DESC LIMIT 500"
        ),
        p![],
    )
    .await
}

/// Exams that roles of a member of staff are narrowed to, whatever became of them: id, public id, title.
pub(super) async fn exams_held(
    q: &mut impl Query,
    staff_id: i64,
) -> DbResult<Vec<(i64, String, String)>> {
    q.rows(
        sql!(
            "SELECT id, public_id, title FROM exam \
             WHERE id IN (SELECT exam_id FROM staff_grant WHERE staff_id = $1) ORDER BY id DESC LIMIT 500"
        ),
        p![staff_id],
    )
    .await
}

/// Roles with their scope: role, exam (0 for all), unit ('' for all).
pub(super) async fn grants_of(
    q: &mut impl Query,
    staff_id: i64,
) -> DbResult<Vec<(String, i64, String)>> {
    q.rows(
        point!(
            "SELECT role, exam_id, unit FROM staff_grant WHERE staff_id = $1 ORDER BY role, exam_id, unit"
        ),
        p![staff_id],
    )
    .await
}

/// Everybody who may work, with his roles for every exam and unit: id, public id, name, role.
pub(super) async fn working(q: &mut impl Query) -> DbResult<Vec<(i64, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT s.id, s.public_id, s.name, g.role FROM staff s JOIN staff_grant g ON g.staff_id = s.id \
             WHERE s.state = 'active' AND g.exam_id = 0 AND g.unit = '' ORDER BY s.name, s.id, g.role LIMIT 20000"
        ),
        p![],
    )
    .await
}

record! {
    /// A role of somebody with how far it reaches.
    #[derive(Debug, Clone)]
    pub(super) struct GrantRow {
        pub(super) staff_id: i64,
        pub(super) role: String,
        /// 0 for every exam.
        pub(super) exam_id: i64,
        pub(super) title: String,
        /// Empty for every unit.
        pub(super) unit: String,
    }
}

/// The roles of everybody with their scope, for the list.
pub(super) async fn grants_of_all(q: &mut impl Query) -> DbResult<Vec<GrantRow>> {
    q.rows(
        sql!(
            "SELECT g.staff_id, g.role, g.exam_id, COALESCE(e.title, ''), g.unit FROM staff_grant g \
             LEFT JOIN exam e ON e.id = g.exam_id ORDER BY g.staff_id, g.role, g.exam_id DESC, g.unit LIMIT 20000"
        ),
        p![],
    )
    .await
}

record! {
    /// A line of the list of staff.
    #[derive(Debug, Clone)]
    pub struct StaffListRow {
        pub id: i64,
        pub public_id: String,
        pub username: String,
        pub name: String,
        pub unit: String,
        pub state: String,
        pub second_factor: bool,
        pub last_login_at: Option<i64>,
        /// How many roles he holds.
        pub roles: i64,
    }
}

pub(super) async fn staff_list(q: &mut impl Query) -> DbResult<Vec<StaffListRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, username, name, unit, state, CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END, \
             last_login_at, (SELECT COUNT(*) FROM staff_grant g WHERE g.staff_id = staff.id) FROM staff \
             ORDER BY username LIMIT 1000"
        ),
        p![],
    )
    .await
}

/// A new member of staff's columns.
pub(super) struct StaffInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub username: &'a str,
    pub name: &'a str,
    pub unit: &'a str,
    /// `invited` until he has chosen a password and set up the second factor.
    pub state: &'a str,
    pub password_hash: &'a str,
    pub must_change_password: bool,
    pub at: i64,
}

pub(super) async fn staff_insert(tx: &mut Tx, row: &StaffInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO staff (id, public_id, username, name, unit, state, password_hash, password_changed_at, \
             must_change_password, totp_last_step, epoch, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $9, $6, $8, $7, 0, 1, $8, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.username,
            row.name,
            row.unit,
            row.password_hash,
            row.must_change_password,
            row.at,
            row.state
        ],
    )
    .await
}

pub(super) async fn grant_insert(
    tx: &mut Tx,
    staff_id: i64,
    grant: (&str, i64, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO staff_grant (staff_id, role, exam_id, unit, granted_by, granted_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (staff_id, role, exam_id, unit) DO NOTHING"
        ),
        p![staff_id, grant.0, grant.1, grant.2, by, at],
    )
    .await
}

pub(super) async fn grants_delete(tx: &mut Tx, staff_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM staff_grant WHERE staff_id = $1"),
        p![staff_id],
    )
    .await
}

/// A new password; every session ends.
pub(super) async fn staff_set_password(
    tx: &mut Tx,
    id: i64,
    password_hash: &str,
    must_change: bool,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET password_hash = $2, must_change_password = $3, password_changed_at = $4, \
             epoch = epoch + 1, version = version + 1 WHERE id = $1 AND state <> 'disabled'"
        ),
        p![id, password_hash, must_change, at],
    )
    .await
}

/// Sets up the second factor of somebody who has none. 0 rows: another session was faster.
pub(super) async fn staff_enroll_totp(tx: &mut Tx, id: i64, secret: &[u8]) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET totp_secret = $2, totp_last_step = 0, version = version + 1 \
             WHERE id = $1 AND totp_secret IS NULL"
        ),
        p![id, secret],
    )
    .await
}

/// Takes the second factor away, so that it is set up anew.
pub(super) async fn staff_forget_totp(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET totp_secret = NULL, totp_last_step = 0, version = version + 1 WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// The same for who uses one now, and every session ends. 0 rows: disabled, or none is set up.
pub(super) async fn staff_drop_factor(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET totp_secret = NULL, totp_last_step = 0, epoch = epoch + 1, version = version + 1 \
             WHERE id = $1 AND state <> 'disabled' AND totp_secret IS NOT NULL"
        ),
        p![id],
    )
    .await
}

record! {
    /// The last time that somebody set another's password.
    #[derive(Debug, Clone)]
    pub struct ResetRow {
        pub at: i64,
        /// Who did it; `None` from the command line.
        pub by: Option<String>,
        pub detail: String,
    }
}

pub(super) async fn last_reset(q: &mut impl Query, id: i64) -> DbResult<Option<ResetRow>> {
    q.opt(
        sql!(
            "SELECT e.at, t.name, e.detail FROM audit_entry e \
             LEFT JOIN staff t ON t.id = e.actor_id AND e.actor_kind = 'staff' \
             WHERE e.object_kind = 'staff' AND e.object_id = $1 AND e.action = 'staff.reset' ORDER BY e.id DESC LIMIT 1"
        ),
        p![id],
    )
    .await
}

/// Uses up a time step of the second factor: the login is complete, and who was invited has arrived. 0 rows: that code,
/// or a later one, was used before.
pub(super) async fn staff_use_totp(tx: &mut Tx, id: i64, step: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET totp_last_step = $2, last_login_at = $3, \
             state = CASE WHEN state = 'invited' THEN 'active' ELSE state END \
             WHERE id = $1 AND totp_last_step < $2 AND state <> 'disabled'"
        ),
        p![id, step, at],
    )
    .await
}

/// Disables or enables; every session ends.
pub(super) async fn staff_set_state(tx: &mut Tx, id: i64, state: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE staff SET state = $2, epoch = epoch + 1, version = version + 1 WHERE id = $1"),
        p![id, state],
    )
    .await
}

/// Other names or roles at the version that was read; 0 rows: somebody else was faster.
pub(super) async fn staff_touch(
    tx: &mut Tx,
    id: i64,
    version: i64,
    named: (&str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE staff SET name = $3, unit = $4, version = version + 1 WHERE id = $1 AND version = $2"
        ),
        p![id, version, named.0, named.1],
    )
    .await
}
