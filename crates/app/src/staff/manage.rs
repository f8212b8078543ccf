//! Making, resetting and disabling staff accounts: from the command line at first, from the office later.

use db::{Command, Crowd, Lane, Tx};
use domain::account::password as rules;
use domain::field::FieldErrors;
use domain::staff::{Permission, Role};
use serde_json::json;
use vault::Secret;

use super::store::{self, StaffInsert, StaffListRow};
use super::{Grants, desk_store};
use crate::{Actor, Ctx, Error, Object, Result, Stamp};

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

/// One member of staff for the page that changes him.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The row of the list.
    pub row: StaffListRow,
    /// What he may do.
    pub grants: Grants,
    /// For the form: somebody else may change him meanwhile.
    pub version: i64,
}

/// One member of staff.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<Profile> {
    ctx.allow(Permission::StaffManage)?;
    let row = by_public_id(ctx, public_id).await?;
    let grants = super::grants(&ctx.app, row.id).await?;
    profile(row, grants)
}

/// What somebody has open and holds: told before his account is shut.
pub async fn held(ctx: &Ctx, staff_id: i64) -> Result<desk_store::Held> {
    ctx.allow(Permission::StaffManage)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(desk_store::held(&mut scan, staff_id, ctx.at.micros()).await?)
}

/// The asking member of staff himself.
pub async fn own(ctx: &Ctx) -> Result<Profile> {
    let staff = ctx.staff()?;
    let row = store::staff_by_id(&mut ctx.app.db().read(), staff.id)
        .await?
        .ok_or(Error::NotFound)?;
    profile(row, staff.grants.clone())
}

fn profile(row: store::StaffRow, grants: Grants) -> Result<Profile> {
    let version = row.version;
    let roles = i64::try_from(grants.0.len()).unwrap_or(i64::MAX);
    let row = StaffListRow {
        id: row.id,
        public_id: row.public_id,
        username: row.username,
        name: row.name,
        unit: row.unit,
        state: row.state,
        second_factor: row.totp_secret.is_some(),
        last_login_at: row.last_login_at,
        roles,
    };
    Ok(Profile {
        row,
        grants,
        version,
    })
}

/// The exams that a role can be narrowed to: id, public id, title. Those that `staff` (0 for nobody) is narrowed to already are
/// always among them, archived ones too: a choice that can't be shown would be saved as another.
pub async fn exams_to_choose(ctx: &Ctx, staff: i64) -> Result<Vec<(i64, String, String)>> {
    ctx.allow(Permission::StaffManage)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut exams = store::exams_to_choose(&mut scan).await?;
    for held in store::exams_held(&mut scan, staff).await? {
        if !exams.contains(&held) {
            exams.push(held);
        }
    }
    Ok(exams)
}

/// The list of staff.
pub async fn list(ctx: &Ctx) -> Result<Vec<StaffListRow>> {
    ctx.allow(Permission::StaffManage)?;
    Ok(store::staff_list(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// What is wrong with an account as it is typed, all of it: `username` for one that is about to be made.
pub async fn problems(
    ctx: &Ctx,
    username: Option<&str>,
    name: &str,
    grants: &[(Role, i64, String)],
) -> Result<FieldErrors> {
    ctx.allow(Permission::StaffManage)?;
    let mut errors = FieldErrors::new();
    if let Some(username) = username {
        let username = username.trim().to_lowercase();
        let good = (3..=32).contains(&username.len())
            && username
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        if !good {
            errors.add("username", "用户名为 3 至 32 位小写字母、数字或 . _ -");
        } else if store::staff_by_username(&mut ctx.app.db().read(), &username)
            .await?
            .is_some()
        {
            errors.add("username", TAKEN);
        }
    }
    if !(1..=40).contains(&domain::text::line(name).chars().count()) {
        errors.add("name", "请填写姓名，最多 40 个字");
    }
    if reviews_twice(grants) {
        errors.add("roles", "同一个人不能在同一考试中既是初审员又是复审员");
    }
    Ok(errors)
}

const TAKEN: &str = "这个用户名已有人使用";

/// Makes an account. A name that is taken is a field to mend.
pub async fn create(ctx: &Ctx, new: NewStaff) -> Result<i64> {
    let username = new.username.trim().to_lowercase();
    let name = domain::text::line(&new.name);
    let mut errors = problems(ctx, Some(&username), &name, &new.grants).await?;
    errors.take(
        "password",
        rules::check_staff(new.password.expose(), &[&username, &name]),
    );
    if !errors.is_empty() {
        return Err(Error::Fields(errors));
    }
    let hash = ctx.app.passwords().hash(new.password).await?;
    let command = Create {
        stamp: Stamp::of(ctx),
        username,
        name,
        unit: domain::text::line(&new.unit),
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
        if store::staff_by_username(tx, &self.username)
            .await?
            .is_some()
        {
            return Err(Error::field("username", TAKEN));
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
            state: if self.must_change_password {
                "invited"
            } else {
                "active"
            },
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
        let object = Object {
            kind: "staff",
            id,
            exam_id: 0,
        };
        trail
            .audit(tx, "staff.create", object, json!({ "roles": roles }))
            .await?;
        Ok(id)
    }
}

/// Nobody reviews on both levels in the same exam (invariant 24).
fn reviews_twice(grants: &[(Role, i64, String)]) -> bool {
    let holds = |role: Role, exam: i64| {
        grants
            .iter()
            .any(|(held, of, _)| *held == role && (*of == 0 || exam == 0 || *of == exam))
    };
    grants
        .iter()
        .any(|(role, exam, _)| *role == Role::FirstReviewer && holds(Role::SecondReviewer, *exam))
}

/// Other names and roles, at the version that was read. They hold from the next request on.
pub async fn change(
    ctx: &Ctx,
    public_id: &str,
    version: i64,
    named: (&str, &str),
    grants: Vec<(Role, i64, String)>,
) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    let row = by_public_id(ctx, public_id).await?;
    not_himself(ctx, row.id, "自己的角色须由另一位安全管理员修改。")?;
    let name = domain::text::line(named.0);
    let errors = problems(ctx, None, &name, &grants).await?;
    if !errors.is_empty() {
        return Err(Error::Fields(errors));
    }
    let command = Change {
        stamp: Stamp::of(ctx),
        id: row.id,
        version,
        name,
        unit: domain::text::line(named.1),
        grants,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

fn not_himself(ctx: &Ctx, id: i64, text: &str) -> Result<()> {
    if ctx.actor.id() == id && matches!(ctx.actor, Actor::Staff(_)) {
        return Err(Error::refused(
            "same_person",
            "不能对自己的账号这样做",
            text,
        ));
    }
    Ok(())
}

struct Change {
    stamp: Stamp,
    id: i64,
    version: i64,
    name: String,
    unit: String,
    grants: Vec<(Role, i64, String)>,
}

impl Command for Change {
    const NAME: &'static str = "staff.change";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::staff_touch(tx, self.id, self.version, (&self.name, &self.unit)).await? == 0 {
            return Err(Error::Conflict("这个账号刚被别人改过，请刷新后再改"));
        }
        let before = store::grants_of(tx, self.id).await?;
        store::grants_delete(tx, self.id).await?;
        let at = self.stamp.at.micros();
        for (role, exam_id, unit) in &self.grants {
            let grant = (role.code(), *exam_id, unit.as_str());
            store::grant_insert(tx, self.id, grant, self.stamp.actor_id(), at).await?;
        }
        let after: Vec<_> = self
            .grants
            .iter()
            .map(|(role, exam_id, unit)| (role.code(), exam_id, unit))
            .collect();
        let object = Object {
            kind: "staff",
            id: self.id,
            exam_id: 0,
        };
        let detail = json!({ "before": before, "after": after });
        self.stamp
            .trail()
            .audit(tx, "staff.change", object, detail)
            .await
    }
}

/// A new password to begin with. Every session ends.
///
/// With `factor` the second factor is set up anew too: for the operator at the server only. In the office that takes two people
/// ([`super::factor`]), or whoever resets could work under a colleague's name.
pub async fn reset(ctx: &Ctx, username: &str, password: Secret, factor: bool) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    if factor && !matches!(ctx.actor, Actor::System) {
        return Err(Error::Forbidden);
    }
    let row = by_username(ctx, username).await?;
    not_himself(ctx, row.id, "请在“我的账号”中修改密码。")?;
    rules::check_staff(password.expose(), &[&row.username, &row.name])
        .map_err(|weakness| Error::field("password", weakness.to_string()))?;
    let hash = ctx.app.passwords().hash(password).await?;
    let command = Reset {
        stamp: Stamp::of(ctx),
        id: row.id,
        hash,
        factor,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

async fn by_username(ctx: &Ctx, username: &str) -> Result<store::StaffRow> {
    store::staff_by_username(&mut ctx.app.db().read(), &username.trim().to_lowercase())
        .await?
        .ok_or(Error::NotFound)
}

async fn by_public_id(ctx: &Ctx, public_id: &str) -> Result<store::StaffRow> {
    store::staff_by_public_id(&mut ctx.app.db().read(), public_id)
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
        if store::staff_set_password(tx, self.id, &self.hash, true, at).await? == 0 {
            return Err(Error::refused(
                "disabled",
                "账号已停用",
                "请先启用账号，再重置密码。",
            ));
        }
        if self.factor {
            store::staff_forget_totp(tx, self.id).await?;
        }
        let object = Object {
            kind: "staff",
            id: self.id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "staff.reset", object, json!({ "factor": self.factor }))
            .await
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
    not_himself(ctx, row.id, "自己的账号须由另一位安全管理员停用。")?;
    let command = SetState {
        stamp: Stamp::of(ctx),
        id: row.id,
        state,
    };
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
        let object = Object {
            kind: "staff",
            id: self.id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "staff.set_state",
                object,
                json!({ "state": self.state }),
            )
            .await
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
