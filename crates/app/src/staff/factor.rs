//! A colleague's second factor, taken away so that he sets up another: after the mobile is lost or replaced.
//!
//! Whoever can reset a password and the second factor of somebody can work under his name, so it takes two security admins, neither
//! of them the one concerned (invariant 24). One has made sure who asks and requests it, another decides. Then the second
//! factor is gone, every session of his ends, and the next login says who did it. Where there is only one security admin, the
//! operator does it at the server: `baokao admin reset --factor`.

use db::{Command, Crowd, Lane, Tx};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{self, StaffRow};
use crate::account::session::Session;
use crate::approval::{self, ApprovalRow, Change, Kind};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Nothing that isn't in the account already.
#[derive(Serialize, Deserialize)]
struct Payload {}

/// The first person's word: the colleague himself has asked for it.
///
/// # Errors
/// `Fields` under `reason`; `Refused` for one's own account, one that is disabled, or one without a second factor; `Conflict` if it
/// is asked for already.
pub async fn request(ctx: &Ctx, public_id: &str, reason: &str) -> Result<()> {
    ctx.allow(Permission::StaffManage)?;
    let row = store::staff_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    not_concerned(ctx.staff()?.id, row.id)?;
    usable(&row)?;
    let hint = "请写明原因和怎样核实了本人，4 至 300 个字";
    let reason = crate::reason::read("reason", reason, 4..=300, hint)?;
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        staff_id: row.id,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn not_concerned(actor: i64, staff_id: i64) -> Result<()> {
    if actor == staff_id {
        return Err(Error::refused(
            "same_person",
            "不能办理自己的验证器",
            "自己的验证器须由另外两位安全管理员办理，一位提出，一位同意。",
        ));
    }
    Ok(())
}

fn usable(row: &StaffRow) -> Result<()> {
    if row.state == "disabled" {
        return Err(Error::refused(
            "disabled",
            "账号已停用",
            "停用的账号不能重新绑定验证器。需要恢复使用的，请先启用账号。",
        ));
    }
    if row.totp_secret.is_none() {
        return Err(Error::refused(
            "no_factor",
            "还没有绑定验证器",
            "这个账号没有绑定验证器，本人下次登录时就会绑定，不需要办理。",
        ));
    }
    Ok(())
}

struct Ask {
    app: App,
    stamp: Stamp,
    staff_id: i64,
    reason: String,
}

impl Command for Ask {
    const NAME: &'static str = "staff.factor_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let what = (Kind::StaffFactor, self.staff_id);
        let taken = || Error::Conflict("这个账号已有一项同样的申请在等待复核");
        let reason = self.reason.as_str();
        let mut trail = self.stamp.trail();
        approval::request(
            tx,
            &mut trail,
            &self.app,
            what,
            (&Payload {}, reason),
            taken,
        )
        .await?;
        Ok(())
    }
}

/// The public id of the request that waits to be decided, for the page of the account.
pub async fn requested(ctx: &Ctx, staff_id: i64) -> Result<Option<String>> {
    ctx.allow(Permission::StaffManage)?;
    approval::open_of(&mut ctx.app.db().read(), (Kind::StaffFactor, staff_id)).await
}

/// Whose account it is, and what becomes of it.
pub(crate) async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    let staff = concerned(ctx, row).await?;
    let change = |what, old: String, new: &str| Change {
        what,
        old,
        new: new.to_owned(),
    };
    let bound = if staff.totp_secret.is_some() {
        "已绑定"
    } else {
        "未绑定"
    };
    Ok(vec![
        change("姓名", staff.name, "不变"),
        change("用户名", staff.username, "不变"),
        change("验证器", bound.to_owned(), "作废，本人下次登录时重新绑定"),
        change("登录状态", "—".to_owned(), "全部退出"),
    ])
}

async fn concerned(ctx: &Ctx, row: &ApprovalRow) -> Result<StaffRow> {
    store::staff_by_id(&mut ctx.app.db().read(), row.object_id)
        .await?
        .ok_or(Error::NotFound)
}

/// The second person's word.
///
/// # Errors
/// `Refused` for the person who asked and the one concerned, and, to approve, if the account was disabled or has lost its second
/// factor meanwhile: such a request can only be turned down.
pub(crate) async fn decide(ctx: &Ctx, row: ApprovalRow, approve: bool, note: String) -> Result<()> {
    not_concerned(ctx.staff()?.id, row.object_id)?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        row,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct Decide {
    stamp: Stamp,
    row: ApprovalRow,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "staff.factor_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        approval::decided(tx, &mut trail, &self.row, self.approve, &self.note).await?;
        if !self.approve {
            return Ok(());
        }
        let id = self.row.object_id;
        let staff = store::staff_by_id(tx, id).await?.ok_or(Error::NotFound)?;
        usable(&staff)?;
        if store::staff_drop_factor(tx, id).await? == 0 {
            return Err(Error::Conflict("账号刚有改动，请重新核对后再复核"));
        }
        let object = Object {
            kind: "staff",
            id,
            exam_id: 0,
        };
        let detail = json!({ "approval": self.row.public_id });
        trail.audit(tx, "staff.factor_reset", object, detail).await
    }
}

/// The last time that two people took the second factor away: its owner must be able to tell that he didn't ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorReset {
    /// When it was decided.
    pub at: Timestamp,
    /// Who asked.
    pub asked: String,
    /// Who decided.
    pub decided: String,
}

/// What the page that sets up the second factor has to tell; `None` if nobody took one away since the last login.
pub async fn last_factor_reset(ctx: &Ctx, session: &Session) -> Result<Option<FactorReset>> {
    let row = super::login::half(ctx, session).await?;
    if row.totp_secret.is_some() {
        return Ok(None);
    }
    let since = row.last_login_at.unwrap_or(0);
    let last = last_of(ctx, row.id).await?;
    Ok(last.filter(|last| last.at.micros() > since))
}

/// The same for one's own account, however long ago: whoever set up another one in his place may have been told instead.
pub async fn own_factor_reset(ctx: &Ctx) -> Result<Option<FactorReset>> {
    last_of(ctx, ctx.staff()?.id).await
}

async fn last_of(ctx: &Ctx, id: i64) -> Result<Option<FactorReset>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let last = approval::last_approved(&mut scan, (Kind::StaffFactor, id)).await?;
    Ok(last.map(|row| FactorReset {
        at: Timestamp::from_micros(row.decided_at.unwrap_or_default()),
        asked: row.requester.unwrap_or_default(),
        decided: row.decider.unwrap_or_default(),
    }))
}
