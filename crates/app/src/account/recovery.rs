//! 找回账号 at the counter: for who has forgotten the password where no SMS can prove him, or has lost the mobile with it
//! (assurance §5, 3 and 8).
//!
//! One member of staff compares the document and asks, another compares it again and decides (invariant 24). Then the password
//! is void, every session ends, and the account waits for its owner as a fresh one does: a one-time activation code, shown once
//! and handed over on paper, opens the page that sets a new password and nothing else. Staff neither see nor choose a password, and the
//! last six digits of the number open nothing. The mobile proves nothing any more: no code goes to a phone that was lost, until
//! the owner has proven one anew. An account that was in use never lapses while it waits.

use db::{Command, Lane, Tx};
use domain::account::activation;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::correction::{check_reason, taken};
use super::office_store as store;
use super::store::AccountRow;
use crate::approval::{self, ApprovalRow, Change, Kind};
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Nothing that isn't in the account already.
#[derive(Serialize, Deserialize)]
struct Payload {}

/// What is handed over to the owner, shown once.
pub struct Slip {
    /// 姓名
    pub name: String,
    /// The first three characters of the number.
    pub id_number: String,
    /// The activation code in groups.
    pub code: String,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slip(..)")
    }
}

/// The first person's word: the document was seen and is the owner's.
///
/// # Errors
/// `Fields` under `reason`; `Refused` for an account in another state; `Conflict` if it is asked for already.
pub async fn request(ctx: &Ctx, public_id: &str, reason: &str) -> Result<()> {
    ctx.allow(Permission::AccountDesk)?;
    let row = store::account_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut errors = domain::field::FieldErrors::new();
    let reason = check_reason(&mut errors, reason);
    errors.into_result()?;
    usable(&row)?;
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        account_id: row.id,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn usable(row: &AccountRow) -> Result<()> {
    if row.state == "active" || row.state == "pending" {
        return Ok(());
    }
    Err(Error::refused(
        "account_state",
        "账号现在不能找回",
        "账号已冻结、失效或注销。冻结的请先处理账号申诉，失效或注销的由考生重新注册。",
    ))
}

struct Ask {
    app: App,
    stamp: Stamp,
    account_id: i64,
    reason: String,
}

impl Command for Ask {
    const NAME: &'static str = "account.recovery_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let what = (Kind::AccountRecovery, self.account_id);
        let mut trail = self.stamp.trail();
        let reason = self.reason.as_str();
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

/// Whose account it is, masked, and what becomes of it.
pub(crate) async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    let account = account_of(ctx, row).await?;
    let number = super::office::document(&ctx.app, &account)?.masked();
    let change = |what, old: &str, new: &str| Change {
        what,
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let password = if account.lapses_at.is_some() {
        change("登录密码", "从原系统转来，还没有设置", "凭激活码设置")
    } else {
        change("登录密码", "考生自己的密码", "作废，凭激活码重新设置")
    };
    Ok(vec![
        change("姓名", &account.name, "不变"),
        change("证件号码", &number, "不变"),
        password,
        change(
            "手机号码",
            "可凭短信验证码办理",
            "不再用于核实身份，考生登录后重新验证",
        ),
    ])
}

async fn account_of(ctx: &Ctx, row: &ApprovalRow) -> Result<AccountRow> {
    super::store::account_by_id(&mut ctx.app.db().read(), row.object_id)
        .await?
        .ok_or(Error::NotFound)
}

/// The second person's word. Approved, it gives the slip for the owner; nobody can see its code again.
///
/// # Errors
/// `Fields` under `note`; `Refused` for the person who asked; `Conflict` if somebody was faster.
pub async fn decide(ctx: &Ctx, public_id: &str, approve: bool, note: &str) -> Result<Option<Slip>> {
    let row = approval::find(ctx, public_id).await?;
    if Kind::parse(&row.kind) != Some(Kind::AccountRecovery) {
        return Err(Error::NotFound);
    }
    let note = approval::read_note(note)?;
    let account = account_of(ctx, &row).await?;
    if approve {
        usable(&account)?;
    }
    let code = vault::ActivationCode::random(ctx.app.entropy());
    let expires_at = ctx.at.plus_seconds(activation::EXPIRY_SECONDS);
    let slip = Slip {
        name: account.name.clone(),
        id_number: super::office::document(&ctx.app, &account)?.masked(),
        code: code.grouped(),
        expires_at,
    };
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        account,
        code_hash: code.hash(),
        expires_at,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(approve.then_some(slip))
}

struct Decide {
    app: App,
    stamp: Stamp,
    row: ApprovalRow,
    account: AccountRow,
    code_hash: [u8; 32],
    expires_at: Timestamp,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "account.recovery_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        approval::decided(tx, &mut trail, &self.row, self.approve, &self.note).await?;
        if !self.approve {
            return Ok(());
        }
        let (id, version) = (self.account.id, self.account.version);
        // The mobile is told first, while it is still proven: its holder may not be the one at the counter.
        let text = "考试机构已为您办理找回账号，原密码作废，请凭激活码重新设置。如非本人办理，请立即联系考试机构。";
        let notice = Notice {
            kind: "account",
            title: "账号找回已办理".to_owned(),
            body: text.to_owned(),
            link: String::new(),
            sms: Some(Sms {
                template: "account_recovered",
                params: vec![("text", text.to_owned())],
            }),
        };
        message::notify(tx, &mut trail, &self.app, id, &notice).await?;
        let until = self.expires_at.micros();
        if store::account_recover(tx, id, version, &self.code_hash, until).await? == 0 {
            return Err(Error::Conflict("账号刚有改动，请重新核对后再复核"));
        }
        for kind in ["candidate", "activation"] {
            super::store::sessions_delete_of(tx, kind, id).await?;
        }
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        let detail = json!({ "approval": self.row.public_id });
        trail.audit(tx, "account.recover", object, detail).await
    }
}
