//! Passwords: the first one, another one, a forgotten one.

use db::{Command, Lane, Tx};
use domain::account::password::{self as rules, Personal};
use serde_json::json;
use vault::{Secret, Token};

use super::challenge::{self, Aim, Solved};
use super::code::{self, Purpose};
use super::login::mobile_of;
use super::session::{Kind, NewSession, Session};
use super::signup::account_place;
use super::store::{self, AccountRow};
use super::subject::Subjects;
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// A new password as typed, twice.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// 新密码
    pub password: Secret,
    /// 再输一次
    pub again: Secret,
}

/// What can be said of a new password without knowing whose it is.
fn check_typed(new: &NewPassword) -> Result<()> {
    let mut errors = domain::field::FieldErrors::new();
    errors.take(
        "password",
        rules::check(new.password.expose(), rules::CANDIDATE_LENGTH),
    );
    if new.password.expose() != new.again.expose() {
        errors.add("again", "两次输入的密码不一致");
    }
    Ok(errors.into_result()?)
}

fn check(ctx: &Ctx, row: &AccountRow, new: &NewPassword) -> Result<()> {
    let number = ctx
        .app
        .cipher()
        .open(account_place("id_number", row.id), &row.id_number)
        .map_err(|e| Error::internal("account.id_number", e))?;
    let mobile = mobile_of(ctx, row)?;
    let personal = Personal {
        name: &row.name,
        id_number: std::str::from_utf8(&number).unwrap_or_default(),
        mobile: mobile.as_str(),
    };
    let mut errors = domain::field::FieldErrors::new();
    if let Err(weakness) = rules::check_candidate(new.password.expose(), &personal) {
        errors.add("password", weakness.to_string());
    }
    if new.password.expose() != new.again.expose() {
        errors.add("again", "两次输入的密码不一致");
    }
    Ok(errors.into_result()?)
}

/// 修改初始密码: the one thing an activation session can do. The account wakes and the candidate is in.
pub async fn set_first(ctx: &Ctx, session: &Session, new: NewPassword) -> Result<Token> {
    if session.kind != Kind::Activation {
        return Err(Error::Forbidden);
    }
    let ctx = &ctx.with_actor(crate::Actor::Candidate(session.subject_id));
    let row = store::account_by_id(&mut ctx.app.db().read(), session.subject_id)
        .await?
        .filter(|row| row.state == "pending")
        .ok_or(Error::Forbidden)?;
    check(ctx, &row, &new)?;
    let hash = ctx.app.passwords().hash(new.password).await?;
    let next = NewSession::new(ctx, Kind::Candidate, &session.door);
    let token = next.token.clone();
    let command = Activate {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        hash,
        next,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(token)
}

struct Activate {
    app: App,
    stamp: Stamp,
    row: AccountRow,
    hash: String,
    next: NewSession,
}

impl Command for Activate {
    const NAME: &'static str = "account.activate";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        let (id, version) = (self.row.id, self.row.version);
        if store::account_activate(tx, id, version, &self.hash, at).await? == 0 {
            return Err(Error::Conflict("这个账号的状态已改变，请重新登录"));
        }
        crate::check::due(tx, id, self.stamp.at).await?;
        store::sessions_delete_of(tx, Kind::Activation.code(), id).await?;
        let session_id = trail.id()?;
        self.next
            .insert(tx, session_id, (id, self.row.epoch + 1))
            .await?;
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        trail
            .audit(tx, "account.activate", object, json!({}))
            .await?;
        let notice = Notice {
            kind: "account",
            title: "账号已启用".to_owned(),
            body: "您已设置登录密码。今后在本网站的所有考试都使用这个账号和密码，请妥善保管。"
                .to_owned(),
            link: String::new(),
            sms: Some(Sms {
                template: "account_activated",
                params: Vec::new(),
            }),
        };
        message::notify(tx, &mut trail, &self.app, id, &notice).await
    }
}

/// 修改密码 by the logged-in candidate. Every session ends but the one that asked, which gets a new token.
pub async fn change(ctx: &Ctx, session: &Session, old: Secret, new: NewPassword) -> Result<Token> {
    let account_id = ctx.candidate()?;
    let row = active(ctx, account_id).await?;
    let whom = ctx
        .app
        .index()
        .index("account.change_password", &account_id.to_string());
    let subjects = Subjects::of(ctx, &whom, None);
    let attempt = challenge::take(ctx, None, subjects).await?;
    let stored = row
        .password_hash
        .as_deref()
        .ok_or(Error::inconsistent("account.password_hash"))?;
    let right = ctx.app.passwords().verify(old.clone(), stored).await;
    let right = right.map_err(Error::from);
    if !attempt.judged(ctx, right, |right| *right, None).await? {
        return Err(Error::field("old", "原密码不对"));
    }
    check(ctx, &row, &new)?;
    if old.expose() == new.password.expose() {
        return Err(Error::field("password", "新密码不能与原密码相同"));
    }
    replace(ctx, row, new, &session.door, "account.change_password").await
}

async fn active(ctx: &Ctx, account_id: i64) -> Result<AccountRow> {
    store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .filter(|row| row.state == "active")
        .ok_or(Error::Forbidden)
}

async fn replace(
    ctx: &Ctx,
    row: AccountRow,
    new: NewPassword,
    door: &str,
    action: &'static str,
) -> Result<Token> {
    let hash = ctx.app.passwords().hash(new.password).await?;
    let next = NewSession::new(ctx, Kind::Candidate, door);
    let token = next.token.clone();
    let stamp = Stamp::of(&ctx.with_actor(crate::Actor::Candidate(row.id)));
    let command = Replace {
        app: ctx.app.clone(),
        stamp,
        row,
        hash,
        next,
        action,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(token)
}

struct Replace {
    app: App,
    stamp: Stamp,
    row: AccountRow,
    hash: String,
    next: NewSession,
    action: &'static str,
}

impl Command for Replace {
    const NAME: &'static str = "account.replace_password";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        let id = self.row.id;
        if store::account_set_password(tx, id, self.row.version, &self.hash, at).await? == 0 {
            return Err(Error::Conflict("账号刚有改动，请重新登录后再试"));
        }
        store::sessions_delete_of(tx, Kind::Candidate.code(), id).await?;
        let session_id = trail.id()?;
        self.next
            .insert(tx, session_id, (id, self.row.epoch + 1))
            .await?;
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        trail.audit(tx, self.action, object, json!({})).await?;
        let notice = Notice {
            kind: "account",
            title: "登录密码已修改".to_owned(),
            body: "其他设备上的登录已全部退出。如果不是您本人修改，请立即联系考试机构。".to_owned(),
            link: String::new(),
            sms: Some(Sms {
                template: "password_changed",
                params: Vec::new(),
            }),
        };
        message::notify(tx, &mut trail, &self.app, id, &notice).await
    }
}

/// 忘记密码, first page: a code to the verified mobile, if the number has an active account; says the same either way.
/// Returns the sealed number for the second page.
pub async fn recover_start(ctx: &Ctx, number: &str, captcha: Solved) -> Result<String> {
    let key = domain::id_number::lookup_key(number);
    let index = ctx.app.index().index("account.id_number", &key);
    challenge::enter(ctx, captcha, &Subjects::of(ctx, &index, None)).await?;
    let rows = store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    let found = rows
        .iter()
        .find(|row| row.state == "active" && row.mobile_verified_at.is_some());
    if let Some(row) = found.filter(|_| ctx.app.policy().sms) {
        let mobile = mobile_of(ctx, row)?;
        match code::send(ctx, Purpose::Recover, &mobile, Some(row.id)).await {
            Ok(()) | Err(Error::Fields(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ctx.app.sealer().seal(
        "recover",
        &index,
        ctx.at.plus_seconds(15 * 60),
        ctx.app.entropy(),
    ))
}

/// 忘记密码, second page: the code and a new password. Logs in.
pub async fn recover_finish(
    ctx: &Ctx,
    sealed: &str,
    typed_code: &str,
    new: NewPassword,
) -> Result<Token> {
    let stale = || Error::refused("recover_stale", "页面已过期", "请重新开始找回密码。");
    let index = ctx
        .app
        .sealer()
        .open("recover", sealed, ctx.at)
        .map_err(|_| stale())?
        .payload;
    check_typed(&new)?;
    let index: [u8; 32] = index.as_slice().try_into().map_err(|_| stale())?;
    let attempt = challenge::take(ctx, None, Subjects::of(ctx, &index, None)).await?;
    let rows = store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    let wrong = || Error::field("code", "验证码不对或已失效，请核对短信后重新输入");
    let Some(row) = rows
        .into_iter()
        .find(|row| row.state == "active" && row.mobile_verified_at.is_some())
    else {
        attempt.failed(ctx, Some(Aim::Candidate(index, 0))).await?;
        return Err(wrong());
    };
    let aim = Some(Aim::Candidate(index, row.id));
    let mobile = mobile_of(ctx, &row)?;
    let answer = code::confirm(ctx, Purpose::Recover, &mobile, typed_code).await;
    let answer = is_of(answer, row.id);
    if !attempt.judged(ctx, answer, |right| *right, aim).await? {
        return Err(wrong());
    }
    // Only who holds the code is told that a password is too close to the owner's data.
    check(ctx, &row, &new)?;
    // Another page may have used it up since.
    let answer = code::redeem(ctx, Purpose::Recover, &mobile, typed_code).await;
    if !is_of(answer, row.id)? {
        return Err(wrong());
    }
    replace(ctx, row, new, "", "account.recover_password").await
}

/// Whether a typed code was the one that was sent for this account.
fn is_of(answer: Result<Option<i64>>, account_id: i64) -> Result<bool> {
    match answer {
        Ok(sent_for) => Ok(sent_for == Some(account_id)),
        Err(Error::Fields(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
