//! Making, resetting and disabling staff accounts: from the command line at first, from the office later.

use db::{Command, Crowd, Lane, Tx};
use domain::account::password as rules;
use domain::staff::{Permission, Role};
use serde_json::json;
use vault::Secret;

use super::store::{self, StaffInsert, StaffListRow};
use crate::{Ctx, Error, Object, Result, Stamp};

/// A member of staff about to be made.
#[derive(Debug)]
pub struct NewStaff {
    /// 3 to 32 of `a-z 0-9 . _ -`.
    pub username: String,
    /// 姓名
    pub name: String,
    /// The employer or department he works for; empty for the centre itself.
    pub unit: String,
    /// Roles with their scope.
    pub grants: Vec<(Role, i64, String)>,
    /// The password to begin with.
    pub password: Secret,
    /// Whether he must choose his own at the first login. Only demonstrations say no.
    pub must_change_password: bool,
}

/// The list of staff.
pub async fn list(ctx: &Ctx) -> Result<Vec<StaffListRow>> {
    ctx.allow(Permission::StaffManage)?;
    Ok(store::staff_list(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// Makes an account. A name that is taken is a field to mend.
pub async fn create(ctx: &Ctx, new: NewStaff) -> Result<i64> {
    ctx.allow(Permission::StaffManage)?;
    let username = new.username.trim().to_lowercase();
    let good = (3..=32).contains(&username.len())
        && username.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if !good {
        return Err(Error::field("username", "用户名为 3 至 32 位小写字母、数字或 . _ -"));
    }
    rules::check_staff(new.password.expose(), &[&username, &new.name])
        .map_err(|weakness| Error::field("password", weakness.to_string()))?;
    let hash = ctx.app.passwords().hash(new.password).await?;
    let command = Create {
        stamp: Stamp::of(ctx),
        username,
        name: new.name.trim().to_owned(),
        unit: new.unit,
        grants: new.grants,
        hash,
        must_change_password: new.must_change_password,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Create {
    stamp: Stamp,
    username: String,
    name: String,
    unit: String,
    grants: Vec<(Role, i64, String)>,
    hash: String,
    must_change_password: bool,
}

impl Command for Create {
    const NAME: &'static str = "staff.create";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        if store::staff_by_username(tx, &self.username).await?.is_some() {
            return Err(Error::field("username", "这个用户名已有人使用"));
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let at = self.stamp.at.micros();
        let row = StaffInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            username: &self.username,
            name: &self.name,
            unit: &self.unit,
            password_hash: &self.hash,
            must_change_password: self.must_change_password,
            at,
        };
        store::staff_insert(tx, &row).await?;
        for (role, exam_id, unit) in &self.grants {
            let grant = (role.code(), *exam_id, unit.as_str());
            store::grant_insert(tx, id, grant, self.stamp.actor_id(), at).await?;
        }
        let roles: Vec<_> = self.grants.iter().map(|(role, _, _)| role.code()).collect();
        let object = Object { kind: "staff", id, exam_id: 0 };
        trail.audit(tx, "staff.create", object, json!({ "roles": roles })).await?;
        Ok(id)
    }
}

/// A new password to begin with, and with `factor` the second factor is set up anew too. Every session ends.
pub async fn reset(ctx: &Ctx, username: &str, password: Secret, factor: bool) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    let row = by_username(ctx, username).await?;
    rules::check_staff(password.expose(), &[&row.username, &row.name])
        .map_err(|weakness| Error::field("password", weakness.to_string()))?;
    let hash = ctx.app.passwords().hash(password).await?;
    let command = Reset { stamp: Stamp::of(ctx), id: row.id, hash, factor };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

async fn by_username(ctx: &Ctx, username: &str) -> Result<store::StaffRow> {
    store::staff_by_username(&mut ctx.app.db().read(), &username.trim().to_lowercase())
        .await?
        .ok_or(Error::NotFound)
}

struct Reset {
    stamp: Stamp,
    id: i64,
    hash: String,
    factor: bool,
}

impl Command for Reset {
    const NAME: &'static str = "staff.reset";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        store::staff_set_password(tx, self.id, &self.hash, true, at).await?;
        if self.factor {
            store::staff_set_totp(tx, self.id, None, 0).await?;
        }
        let object = Object { kind: "staff", id: self.id, exam_id: 0 };
        self.stamp.trail().audit(tx, "staff.reset", object, json!({ "factor": self.factor })).await
    }
}

/// Shuts an account: out at once, everywhere.
pub async fn disable(ctx: &Ctx, username: &str) -> Result<()> {
    set_state(ctx, username, "disabled").await
}

/// Opens a shut account again.
pub async fn enable(ctx: &Ctx, username: &str) -> Result<()> {
    set_state(ctx, username, "active").await
}

async fn set_state(ctx: &Ctx, username: &str, state: &'static str) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    let row = by_username(ctx, username).await?;
    let command = SetState { stamp: Stamp::of(ctx), id: row.id, state };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct SetState {
    stamp: Stamp,
    id: i64,
    state: &'static str,
}

impl Command for SetState {
    const NAME: &'static str = "staff.set_state";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::staff_set_state(tx, self.id, self.state).await?;
        let object = Object { kind: "staff", id: self.id, exam_id: 0 };
        self.stamp.trail().audit(tx, "staff.set_state", object, json!({ "state": self.state })).await
    }
}

/// Ends the delays that failed tries have built up for a member of staff.
pub async fn unlock(ctx: &Ctx, username: &str) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    let row = by_username(ctx, username).await?;
    crate::account::challenge::forgive(
        ctx,
        &[
            ctx.app.index().index("staff.username", &row.username),
            ctx.app.index().index("staff.totp", &row.id.to_string()),
        ],
    )
    .await
}
