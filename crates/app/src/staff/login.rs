//! Staff login: name and password, then a time code. Until the second step the session opens one page only.

use db::{Command, Crowd, Lane, Tx};
use domain::account::password as rules;
use domain::time::Timestamp;
use serde_json::json;
use vault::{Place, Secret, Token};

use super::store::{self, StaffRow};
use super::{Grants, totp};
use crate::account::challenge::{self, Aim, Solved, Try};
use crate::account::session::{Kind, NewSession, Session};
use crate::account::subject::Subjects;
use crate::actor::StaffActor;
use crate::{Actor, Ctx, Error, Object, Result, Stamp};

/// What the login page sends.
#[derive(Debug)]
pub struct StaffLogin {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Secret,
    /// The solved captcha.
    pub captcha: Solved,
}

/// The first step is done; the cookie's token opens the page of the second.
#[derive(Debug)]
pub struct HalfLogin {
    /// For the cookie.
    pub token: Token,
    /// The second factor isn't set up yet.
    pub enroll: bool,
    /// The password has to be changed first.
    pub change_password: bool,
}

/// The same for every failure, so that nobody learns which names exist (invariant 27).
fn wrong() -> Error {
    Error::field("username", "用户名或密码不对")
}

/// What somebody does who has proven the password but isn't in yet is his own doing in the trail. It opens nothing: no grants.
fn as_himself(ctx: &Ctx, id: i64) -> Ctx {
    ctx.with_actor(Actor::Staff(StaffActor {
        id,
        grants: Grants::default(),
    }))
}

/// First step: name and password. A failure stays nobody's in the trail, which names the account that was tried.
pub async fn begin(ctx: &Ctx, login: StaffLogin) -> Result<HalfLogin> {
    let username = login.username.trim().to_lowercase();
    let whom = ctx.app.index().index("staff.username", &username);
    let subjects = Subjects::of(ctx, &whom, None);
    let attempt = challenge::take(ctx, Some(login.captcha), subjects).await?;

    let row = store::staff_by_username(&mut ctx.app.db().read(), &username).await?;
    let active = row.as_ref().filter(|row| row.state != "disabled");
    let right = match active.and_then(|row| row.password_hash.as_deref()) {
        Some(hash) => ctx.app.passwords().verify(login.password, hash).await,
        None => ctx.app.passwords().verify_nothing(login.password).await,
    };
    let right = attempt.decided(ctx, right.map_err(Error::from)).await?;
    let Some(row) = active.filter(|_| right) else {
        let aim = Aim::Staff(whom, row.as_ref().map_or(0, |row| row.id));
        attempt.failed(ctx, Some(aim)).await?;
        return Err(wrong());
    };
    let session = NewSession::new(ctx, Kind::StaffHalf, "");
    let answer = HalfLogin {
        token: session.token.clone(),
        enroll: row.totp_secret.is_none(),
        change_password: row.must_change_password,
    };
    let command = Half {
        stamp: Stamp::of(&as_himself(ctx, row.id)),
        session,
        attempt,
        staff: (row.id, row.epoch),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(answer)
}

struct Half {
    stamp: Stamp,
    session: NewSession,
    attempt: Try,
    staff: (i64, i64),
}

impl Command for Half {
    const NAME: &'static str = "staff.half_login";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        self.session.insert(tx, id, self.staff).await?;
        self.attempt.passed(tx).await?;
        let object = Object {
            kind: "staff",
            id: self.staff.0,
            exam_id: 0,
        };
        trail
            .audit(tx, "staff.password_accepted", object, json!({}))
            .await
    }
}

pub(super) async fn half(ctx: &Ctx, session: &Session) -> Result<StaffRow> {
    if session.kind != Kind::StaffHalf {
        return Err(Error::Forbidden);
    }
    store::staff_by_id(&mut ctx.app.db().read(), session.subject_id)
        .await?
        .filter(|row| row.state != "disabled")
        .ok_or(Error::Forbidden)
}

/// What is still missing before the office opens: which page the half session is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A password of his own.
    Password,
    /// The second factor has to be set up.
    Enroll,
    /// The time code.
    Code,
}

/// The next step of a half session.
pub async fn step(ctx: &Ctx, session: &Session) -> Result<Step> {
    let row = half(ctx, session).await?;
    Ok(match (row.must_change_password, &row.totp_secret) {
        (true, _) => Step::Password,
        (false, None) => Step::Enroll,
        (false, Some(_)) => Step::Code,
    })
}

/// Who set the password that is about to be replaced, and when: its owner must be able to tell that he didn't ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// When.
    pub at: Timestamp,
    /// The member of staff; `None` from the command line.
    pub by: Option<String>,
    /// The second factor was taken away with it.
    pub factor: bool,
}

/// The reset that the page of a half session has to tell about; `None` if nobody reset anything.
pub async fn last_reset(ctx: &Ctx, session: &Session) -> Result<Option<Reset>> {
    let row = half(ctx, session).await?;
    if !row.must_change_password {
        return Ok(None);
    }
    let last = store::last_reset(&mut ctx.app.db().scan(Crowd::Staff), row.id).await?;
    Ok(last.map(|last| {
        let detail: serde_json::Value = serde_json::from_str(&last.detail).unwrap_or_default();
        Reset {
            at: Timestamp::from_micros(last.at),
            by: last.by,
            factor: detail.get("factor").and_then(serde_json::Value::as_bool) == Some(true),
        }
    }))
}

/// Replaces the password that was set for him, at the first login. Every session ends; the token is that of the half session
/// that goes on with the next step.
pub async fn change_password(
    ctx: &Ctx,
    session: &Session,
    new: Secret,
    again: Secret,
) -> Result<Token> {
    let row = half(ctx, session).await?;
    if !row.must_change_password {
        return Err(Error::Forbidden);
    }
    let hash = check_new(ctx, &row, new, again).await?;
    let next = NewSession::new(ctx, Kind::StaffHalf, "");
    let token = next.token.clone();
    let command = SetPassword {
        stamp: Stamp::of(&as_himself(ctx, row.id)),
        id: row.id,
        hash,
        next,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(token)
}

/// Changes one's own password from inside the office. Every session ends; the token opens a fresh one here.
pub async fn change_own_password(
    ctx: &Ctx,
    current: Secret,
    new: Secret,
    again: Secret,
) -> Result<Token> {
    let id = ctx.staff()?.id;
    let row = store::staff_by_id(&mut ctx.app.db().read(), id)
        .await?
        .ok_or(Error::Forbidden)?;
    let whom = ctx.app.index().index("staff.username", &row.username);
    let attempt = challenge::take(ctx, None, Subjects::of(ctx, &whom, None)).await?;
    let hash = row
        .password_hash
        .as_deref()
        .ok_or(Error::inconsistent("staff.password_hash"))?;
    let right = ctx.app.passwords().verify(current, hash).await;
    let (right, aim) = (right.map_err(Error::from), Aim::Staff(whom, row.id));
    if !attempt
        .judged(ctx, right, |right| *right, Some(aim))
        .await?
    {
        return Err(Error::field("current_password", "现在的密码不对"));
    }
    let hash = check_new(ctx, &row, new, again).await?;
    let next = NewSession::new(ctx, Kind::Staff, "");
    let token = next.token.clone();
    let command = SetPassword {
        stamp: Stamp::of(ctx),
        id: row.id,
        hash,
        next,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(token)
}

/// The hash of a password that may be his next one.
async fn check_new(ctx: &Ctx, row: &StaffRow, new: Secret, again: Secret) -> Result<String> {
    rules::check_staff(new.expose(), &[&row.username, &row.name])
        .map_err(|weakness| Error::field("password", weakness.to_string()))?;
    if new.expose() != again.expose() {
        return Err(Error::field("password_again", "两次输入的密码不一致"));
    }
    if let Some(hash) = &row.password_hash
        && ctx.app.passwords().verify(new.clone(), hash).await?
    {
        return Err(Error::field("password", "新密码不能与原密码相同"));
    }
    Ok(ctx.app.passwords().hash(new).await?)
}

struct SetPassword {
    stamp: Stamp,
    id: i64,
    hash: String,
    next: NewSession,
}

impl Command for SetPassword {
    const NAME: &'static str = "staff.set_password";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        if store::staff_set_password(tx, self.id, &self.hash, false, at).await? == 0 {
            return Err(Error::Forbidden);
        }
        // The password moved the epoch on, which ended every session; the new one lives under the new epoch.
        let row = store::staff_by_id(tx, self.id)
            .await?
            .ok_or(Error::Forbidden)?;
        let id = trail.id()?;
        self.next.insert(tx, id, (row.id, row.epoch)).await?;
        let object = Object {
            kind: "staff",
            id: self.id,
            exam_id: 0,
        };
        trail
            .audit(tx, "staff.set_password", object, json!({}))
            .await
    }
}

/// A second factor about to be set up.
#[derive(Debug)]
pub struct Enrollment {
    /// The sealed secret, sent back with the first code.
    pub sealed: String,
    /// What an authenticator app reads from the QR code.
    pub address: String,
    /// The secret for typing.
    pub secret: String,
}

/// A new second factor to be shown on the set-up page.
pub async fn enrollment(ctx: &Ctx, session: &Session) -> Result<Enrollment> {
    let row = half(ctx, session).await?;
    if row.totp_secret.is_some() || row.must_change_password {
        return Err(Error::Forbidden);
    }
    let secret: [u8; totp::SECRET_BYTES] = ctx.app.random();
    let sealed = ctx.app.sealer().seal(
        "staff.totp",
        &secret,
        ctx.at.plus_seconds(15 * 60),
        ctx.app.entropy(),
    );
    let (address, secret) = totp::address(&secret, &row.username)?;
    Ok(Enrollment {
        sealed,
        address,
        secret,
    })
}

/// The same secret for a page that is shown again after a wrong code: address and secret, `None` if it is too old.
pub async fn enrollment_again(
    ctx: &Ctx,
    session: &Session,
    sealed: &str,
) -> Result<Option<(String, String)>> {
    let row = half(ctx, session).await?;
    if row.totp_secret.is_some() || row.must_change_password {
        return Err(Error::Forbidden);
    }
    match ctx.app.sealer().open("staff.totp", sealed, ctx.at) {
        Ok(opened) => totp::address(&opened.payload, &row.username).map(Some),
        Err(_) => Ok(None),
    }
}

/// The QR code of an address as SVG; empty if there is nothing to draw.
pub fn qr(address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    documents::barcode::qr(address).unwrap_or_else(|_| {
        // The error would quote the address, and with it the secret.
        tracing::warn!("no QR code could be drawn");
        String::new()
    })
}

/// Sets up the second factor: the code proves that the app has the secret. Opens the office.
pub async fn enroll(ctx: &Ctx, session: &Session, sealed: &str, code: &str) -> Result<Token> {
    let row = half(ctx, session).await?;
    if row.totp_secret.is_some() || row.must_change_password {
        return Err(Error::Forbidden);
    }
    let opened = ctx
        .app
        .sealer()
        .open("staff.totp", sealed, ctx.at)
        .map_err(|_| Error::field("code", "页面已过期，请重新扫码"))?;
    let Some(step) = totp::accept(&opened.payload, &digits(code), ctx.at, 0)? else {
        return Err(Error::field(
            "code",
            "动态码不对，请核对手机时间后输入新的动态码",
        ));
    };
    finish(
        ctx,
        session,
        &row,
        (Some(opened.payload.to_vec()), step),
        None,
    )
    .await
}

/// Second step: the time code. Opens the office.
pub async fn complete(ctx: &Ctx, session: &Session, code: &str) -> Result<Token> {
    let row = half(ctx, session).await?;
    if row.must_change_password {
        return Err(Error::Forbidden);
    }
    let Some(sealed) = &row.totp_secret else {
        return Err(Error::Forbidden);
    };
    let whom = ctx.app.index().index("staff.totp", &row.id.to_string());
    let attempt = challenge::take(ctx, None, Subjects::of(ctx, &whom, None)).await?;
    let secret = ctx
        .app
        .cipher()
        .open(secret_place(row.id), sealed)
        .map_err(|e| Error::internal("staff.totp_secret", e))?;
    let Some(step) = totp::accept(&secret, &digits(code), ctx.at, row.totp_last_step)? else {
        attempt.failed(ctx, Some(Aim::Staff(whom, row.id))).await?;
        return Err(Error::field("code", "动态码不对或已用过，请等下一个动态码"));
    };
    finish(ctx, session, &row, (None, step), Some(attempt)).await
}

fn digits(code: &str) -> String {
    domain::text::to_half_width(code)
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

fn secret_place(id: i64) -> Place {
    Place {
        table: "staff",
        column: "totp_secret",
        row: id,
    }
}

async fn finish(
    ctx: &Ctx,
    half: &Session,
    row: &StaffRow,
    factor: (Option<Vec<u8>>, i64),
    attempt: Option<Try>,
) -> Result<Token> {
    let session = NewSession::new(ctx, Kind::Staff, "");
    let token = session.token.clone();
    let command = Finish {
        stamp: Stamp::of(&as_himself(ctx, row.id)),
        session,
        half: half.id,
        staff: (row.id, row.epoch),
        secret: factor.0.map(|s| {
            ctx.app
                .cipher()
                .seal(secret_place(row.id), &s, ctx.app.entropy())
        }),
        step: factor.1,
        attempt,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(token)
}

struct Finish {
    stamp: Stamp,
    session: NewSession,
    half: i64,
    staff: (i64, i64),
    secret: Option<Vec<u8>>,
    step: i64,
    attempt: Option<Try>,
}

impl Command for Finish {
    const NAME: &'static str = "staff.login";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if let Some(secret) = &self.secret
            && store::staff_enroll_totp(tx, self.staff.0, secret).await? == 0
        {
            return Err(Error::Conflict(
                "验证器刚在另一处绑定，请重新登录；如果不是您本人绑定，请立即联系安全管理员",
            ));
        }
        let at = self.stamp.at.micros();
        if store::staff_use_totp(tx, self.staff.0, self.step, at).await? == 0 {
            return Err(Error::field("code", "这个动态码已经用过，请等下一个"));
        }
        if let Some(attempt) = &self.attempt {
            attempt.passed(tx).await?;
        }
        crate::account::session::end(tx, self.half).await?;
        let id = trail.id()?;
        self.session.insert(tx, id, self.staff).await?;
        let object = Object {
            kind: "staff",
            id: self.staff.0,
            exam_id: 0,
        };
        let enrolled = self.secret.is_some();
        trail
            .audit(tx, "staff.login", object, json!({ "enrolled": enrolled }))
            .await
    }
}
