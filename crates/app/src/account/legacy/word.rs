//! Two people: who asks that accounts are made, or taken back, and who agrees. And giving up what nobody agreed to.

use db::{Command, Lane, Tx};
use domain::account::legacy::lapses_at;
use domain::staff::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::list::find;
use super::stage::OVERTAKEN;
use super::store::{self, ImportRow};
use super::{Work, object};
use crate::approval::{self, ApprovalRow, Change, Kind};
use crate::chunks;
use crate::{App, Ctx, Error, Result, Stamp};

/// Nothing that isn't in the import already.
#[derive(Serialize, Deserialize)]
struct Payload {}

fn taken() -> Error {
    Error::Conflict("这项申请已经提出，等待另一位工作人员复核")
}

fn check_reason(typed: &str) -> Result<String> {
    let reason = domain::text::paragraph(typed);
    if !(4..=300).contains(&reason.chars().count()) {
        return Err(Error::field("reason", "请写明原因，4 至 300 个字"));
    }
    if crate::reason::holds_number(&reason) {
        return Err(Error::field("reason", "原因里不要写证件号码或手机号码"));
    }
    Ok(reason)
}

/// Asks that the accounts of a staged import are made.
///
/// # Errors
/// `Fields` under `reason`; `Refused` if there is nothing to make; `Conflict` if it isn't staged any more.
pub async fn ask_import(ctx: &Ctx, public_id: &str, reason: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    let reason = check_reason(reason)?;
    if row.rows_good == 0 {
        return Err(Error::refused(
            "import_empty",
            "没有可以建立的账号",
            "请按列出的问题修改表格，再重新上传。",
        ));
    }
    ask(ctx, Kind::LegacyImport, row.id, reason).await
}

/// Asks that the accounts that nobody has opened yet are closed.
///
/// # Errors
/// `Fields` under `reason`; `Conflict` if its accounts aren't made, or it is withdrawn already.
pub async fn ask_withdrawal(ctx: &Ctx, public_id: &str, reason: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    let reason = check_reason(reason)?;
    if row.state != "done" {
        return Err(Error::Conflict(OVERTAKEN));
    }
    ask(ctx, Kind::LegacyWithdrawal, row.id, reason).await
}

async fn ask(ctx: &Ctx, kind: Kind, import: i64, reason: String) -> Result<()> {
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        kind,
        import,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Ask {
    app: App,
    stamp: Stamp,
    kind: Kind,
    import: i64,
    reason: String,
}

impl Command for Ask {
    const NAME: &'static str = "account.legacy_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let staged = self.kind == Kind::LegacyImport;
        if staged && store::import_move(tx, self.import, "staged", "asked").await? == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        let mut trail = self.stamp.trail();
        let with = (&Payload {}, self.reason.as_str());
        let what = (self.kind, self.import);
        approval::request(tx, &mut trail, &self.app, what, with, taken).await?;
        Ok(())
    }
}

/// The request about an import that waits for a second person, if there is one: its public id.
pub async fn open_request(ctx: &Ctx, row: &ImportRow) -> Result<Option<String>> {
    ctx.allow(Permission::AccountDesk)?;
    let kind = match row.state.as_str() {
        "asked" => Kind::LegacyImport,
        "done" => Kind::LegacyWithdrawal,
        _ => return Ok(None),
    };
    approval::open_of(&mut ctx.app.db().read(), (kind, row.id)).await
}

/// What a request comes to, for the second person.
pub(crate) async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    let import = import_of(ctx, row.object_id).await?;
    let change = |what, old: String, new: String| Change { what, old, new };
    let people = |count: i64| format!("{count} 人");
    if row.kind == Kind::LegacyWithdrawal.code() {
        return Ok(vec![
            change("文件", import.file_name.clone(), "接回".to_owned()),
            change("已建立的账号", people(import.made), "—".to_owned()),
            change("考生已激活的", people(import.activated), "不变".to_owned()),
            change(
                "还没有激活的",
                people(import.waiting()),
                "全部注销，号码可重新注册".to_owned(),
            ),
        ]);
    }
    Ok(vec![
        change("文件", "—".to_owned(), import.file_name.clone()),
        change("建立账号", "—".to_owned(), people(import.rows_good)),
        change("已有账号，跳过", "—".to_owned(), people(import.rows_known)),
        change("有错误，不导入", "—".to_owned(), people(import.rows_bad)),
        change(
            "等待考生激活",
            "—".to_owned(),
            format!("{} 个月，逾期失效", import.months),
        ),
    ])
}

async fn import_of(ctx: &Ctx, id: i64) -> Result<ImportRow> {
    store::import_by_id(&mut ctx.app.db().read(), id)
        .await?
        .ok_or(Error::NotFound)
}

/// The second person's word; a job does the rest.
///
/// # Errors
/// `Refused` for the person who asked; `Conflict` if somebody was faster.
pub(crate) async fn decide(ctx: &Ctx, row: ApprovalRow, approve: bool, note: String) -> Result<()> {
    let import = import_of(ctx, row.object_id).await?;
    let months = u8::try_from(import.months).unwrap_or_default();
    let command = Decide {
        lapses_at: lapses_at(ctx.at, months).micros(),
        stamp: Stamp::of(ctx),
        row,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    row: ApprovalRow,
    lapses_at: i64,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "account.legacy_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        approval::decided(tx, &mut trail, &self.row, self.approve, &self.note).await?;
        let (id, who) = (
            self.row.object_id,
            (self.stamp.actor_id(), self.stamp.at.micros()),
        );
        let withdrawal = self.row.kind == Kind::LegacyWithdrawal.code();
        let moved = match (withdrawal, self.approve) {
            (true, false) => return Ok(()),
            (true, true) => store::import_withdraw(tx, id, who).await?,
            (false, false) => store::import_move(tx, id, "asked", "staged").await?,
            (false, true) => store::import_confirm(tx, id, self.lapses_at, who).await?,
        };
        if moved == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        if !self.approve {
            return Ok(());
        }
        let action = if withdrawal {
            "account.legacy_withdraw"
        } else {
            "account.legacy_confirm"
        };
        let detail = json!({ "approval": self.row.public_id });
        trail.audit(tx, action, object(id), detail).await?;
        let job = trail.id()?;
        chunks::enqueue::<Work>(tx, job, id, self.stamp.at).await
    }
}

/// 放弃 an upload that nobody has confirmed; its rows go.
///
/// # Errors
/// `Conflict` if it was asked for, or is done.
pub async fn discard(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    give_up(ctx, row.id).await
}

/// The same for what was forgotten.
pub(super) async fn give_up(ctx: &Ctx, import: i64) -> Result<()> {
    let command = Discard {
        stamp: Stamp::of(ctx),
        import,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Discard {
    stamp: Stamp,
    import: i64,
}

impl Command for Discard {
    const NAME: &'static str = "account.legacy_discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut moved = 0;
        for from in ["staged", "reading", "failed"] {
            moved += store::import_move(tx, self.import, from, "discarded").await?;
        }
        if moved == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "account.legacy_discard", object(self.import), json!({}))
            .await?;
        let job = trail.id()?;
        chunks::enqueue::<Work>(tx, job, self.import, self.stamp.at).await
    }
}
