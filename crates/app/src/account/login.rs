//! 登录 (manual 1.1.1.3) and the first login of a fresh account (assurance §5, `manual_bound`).
//!
//! One answer for every failure: an unknown number, a wrong password, the right six digits without proof that this is
//! the person who signed up. Known and unknown numbers cost the same time.

use db::{Command, Lane, Tx};
use domain::account::activation::{self, Evidence, Verdict};
use domain::id_number::lookup_key;
use domain::time::Timestamp;
use serde_json::json;
use vault::{Secret, Token};

use super::challenge::{self, Aim, Solved, Try};
use super::code::{self, Purpose};
use super::legacy_store;
use super::session::{Kind, NewSession};
use super::signup::account_place;
use super::store::{self, AccountRow};
use super::subject::Subjects;
use crate::{Ctx, Error, Object, Result, Stamp};

/// What the login page sends.
#[derive(Debug)]
pub struct Login {
    /// 证件号码 as typed.
    pub number: String,
    /// 密码 as typed.
    pub password: Secret,
    /// The category door.
    pub door: String,
    /// The solved captcha.
    pub captcha: Solved,
    /// The activation cookie of a fresh account, if the browser holds one.
    pub activation: Option<String>,
    /// The proof that this device logged in before, if the browser holds one.
    pub device: Option<String>,
}

/// A login that went well.
#[derive(Debug)]
pub struct LoggedIn {
    /// For the session cookie.
    pub token: Token,
    /// What the session opens: everything, or only the page that sets the first password.
    pub kind: Kind,
    /// The account.
    pub account_id: i64,
}

/// The one answer to every failed login.
fn wrong() -> Error {
    Error::field(
        "number",
        "证件号码或密码不对。注册后换了浏览器或手机首次登录，或账号从原系统转来的，请用“首次登录核实身份”",
    )
}

/// The subject that tries at a typed number are held against, whether or not such an account exists.
fn whom(ctx: &Ctx, typed: &str) -> (String, [u8; 32]) {
    let key = lookup_key(typed);
    let index = ctx.app.index().index("account.id_number", &key);
    (key, index)
}

/// Checks number, password and captcha; opens a session.
pub async fn login(ctx: &Ctx, login: Login) -> Result<LoggedIn> {
    let (key, index) = whom(ctx, &login.number);
    let mut rows = store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    if let Some(exam) = rows.iter().find_map(|row| row.rehearsal_exam)
        && !crate::rehearsal::is_open(&ctx.app, exam, ctx.at).await?
    {
        // Made for a rehearsal that is long over: as if it weren't there.
        rows.clear();
    }
    let proof = known_device(ctx, &rows, &login);
    let subjects = Subjects::of(ctx, &index, proof.as_deref());
    let attempt = challenge::take(ctx, Some(login.captcha.clone()), subjects).await?;

    let picked = pick(ctx, &key, &rows, &login).await;
    let Some(found) = attempt.decided(ctx, picked).await? else {
        let aim = Aim::Candidate(index, rows.first().map_or(0, |row| row.id));
        attempt.failed(ctx, Some(aim)).await?;
        return Err(wrong());
    };
    let kind = if found.state == "pending" {
        Kind::Activation
    } else {
        Kind::Candidate
    };
    let opened = Opened {
        row: found,
        kind,
        mobile_proven: false,
    };
    open(ctx, opened, &login.door, attempt).await
}

/// The counter of its own that a device with proof has: the activation cookie of a pending account, or the device
/// cookie of an active one.
fn known_device(ctx: &Ctx, rows: &[AccountRow], login: &Login) -> Option<Vec<u8>> {
    let held = login.activation.as_deref().and_then(Token::hash_of);
    if rows.iter().any(|row| holds_cookie(ctx, row, held.as_ref())) {
        return held.map(|hash| hash.to_vec());
    }
    let sealed = login.device.as_deref()?;
    let opened = ctx.app.sealer().open("device", sealed, ctx.at).ok()?;
    let account_id = i64::from_be_bytes(opened.payload.get(..8)?.try_into().ok()?);
    rows.iter()
        .any(|row| row.id == account_id)
        .then(|| opened.payload.to_vec())
}

/// Whether the browser's activation cookie is this sign-up's, and still young (assurance §5, 1).
fn holds_cookie(ctx: &Ctx, row: &AccountRow, held: Option<&[u8; 32]>) -> bool {
    let (Some(held), Some(stored)) = (held, &row.activation_cookie_hash) else {
        return false;
    };
    let ends = Timestamp::from_micros(row.created_at).plus_seconds(activation::COOKIE_SECONDS);
    row.state == "pending" && ctx.at < ends && vault::same(held, stored)
}

/// The account that the credentials open, if any. Always costs one hash.
async fn pick<'a>(
    ctx: &Ctx,
    key: &str,
    rows: &'a [AccountRow],
    login: &Login,
) -> Result<Option<&'a AccountRow>> {
    for row in rows.iter().filter(|row| row.state == "active") {
        if let Some(hash) = &row.password_hash
            && ctx
                .app
                .passwords()
                .verify(login.password.clone(), hash)
                .await?
        {
            rehash(ctx, row, hash, &login.password).await?;
            return Ok(Some(row));
        }
    }
    if !rows.iter().any(|row| row.state == "active") {
        ctx.app
            .passwords()
            .verify_nothing(login.password.clone())
            .await?;
    }
    let held = login.activation.as_deref().and_then(Token::hash_of);
    Ok(rows.iter().find(|row| {
        let evidence = Evidence {
            digits_right: activation::is_initial_password(key, login.password.expose()),
            cookie: holds_cookie(ctx, row, held.as_ref()),
            sms_code: false,
            activation_code: false,
        };
        row.takes_code(ctx.at.micros())
            && activation::decide(evidence, ctx.app.policy().manual_open) == Verdict::Open
    }))
}

/// Costs grow with the years: a password kept under yesterday's cost is hashed anew while it is at hand.
async fn rehash(ctx: &Ctx, row: &AccountRow, hash: &str, password: &Secret) -> Result<()> {
    if !ctx.app.passwords().needs_rehash(hash) {
        return Ok(());
    }
    let new = ctx.app.passwords().hash(password.clone()).await?;
    let command = Rehash {
        id: row.id,
        old: hash.to_owned(),
        new,
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Rehash {
    id: i64,
    old: String,
    new: String,
}

impl Command for Rehash {
    const NAME: &'static str = "account.rehash";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::account_rehash(tx, self.id, &self.old, &self.new).await?;
        Ok(())
    }
}

/// What a login opens.
struct Opened<'a> {
    row: &'a AccountRow,
    kind: Kind,
    /// A code that was sent to its mobile came back.
    mobile_proven: bool,
}

async fn open(ctx: &Ctx, opened: Opened<'_>, door: &str, attempt: Try) -> Result<LoggedIn> {
    let Opened {
        row,
        kind,
        mobile_proven,
    } = opened;
    let session = NewSession::new(ctx, kind, door);
    let token = session.token.clone();
    let command = Open {
        stamp: Stamp::of(&Ctx {
            rehearses: row.rehearsal_exam,
            ..ctx.with_actor(crate::Actor::Candidate(row.id))
        }),
        session,
        attempt,
        account: (row.id, row.epoch),
        kind,
        mobile_proven,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(LoggedIn {
        token,
        kind,
        account_id: row.id,
    })
}

struct Open {
    stamp: Stamp,
    session: NewSession,
    attempt: Try,
    account: (i64, i64),
    kind: Kind,
    mobile_proven: bool,
}

impl Command for Open {
    const NAME: &'static str = "account.login";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        self.session.insert(tx, id, self.account).await?;
        self.attempt.passed(tx).await?;
        if self.mobile_proven {
            legacy_store::mobile_proven(tx, self.account.0, self.stamp.at.micros()).await?;
        }
        let object = Object {
            kind: "account",
            id: self.account.0,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "account.login",
                object,
                json!({ "opens": self.kind.code() }),
            )
            .await
    }
}

/// The device cookie's value for an account: proof that this device logged it in, good for a year. It opens nothing; it only gives
/// the device a counter of its own (assurance §5, 6).
pub fn device_cookie(ctx: &Ctx, account_id: i64) -> String {
    let mut payload = account_id.to_be_bytes().to_vec();
    payload.extend_from_slice(&ctx.app.random::<16>());
    ctx.app.sealer().seal(
        "device",
        &payload,
        ctx.at.plus_seconds(DEVICE_SECONDS),
        ctx.app.entropy(),
    )
}

/// How long a device's proof is good: a year.
pub const DEVICE_SECONDS: i64 = 365 * 24 * 3600;

/// What the page 首次登录核实身份 sends: the way in for a fresh account on another device.
#[derive(Debug)]
pub struct Activation {
    /// 证件号码 as typed.
    pub number: String,
    /// The one-time activation code from the sign-up result, as typed; empty if a code by SMS is used.
    pub activation_code: String,
    /// The code sent by SMS, as typed; empty if the activation code is used.
    pub sms_code: String,
    /// The category door.
    pub door: String,
    /// The solved captcha.
    pub captcha: Solved,
}

/// Sends a code to the mobile given at sign-up or brought along, if there is such a pending account; says the same either way.
pub async fn activation_code_send(ctx: &Ctx, number: &str, captcha: Solved) -> Result<()> {
    let (_, index) = whom(ctx, number);
    challenge::enter(ctx, captcha, &Subjects::of(ctx, &index, None)).await?;
    let rows = store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    let at = ctx.at.micros();
    let pending = rows
        .iter()
        .find(|row| row.state == "pending" && row.trusts_mobile() && !row.is_over(at));
    if let Some(row) = pending.filter(|_| ctx.app.policy().sms) {
        let mobile = mobile_of(ctx, row)?;
        // Too soon or too often is told to nobody: it would tell that the account exists.
        match code::send(ctx, Purpose::Activate, &mobile, Some(row.id)).await {
            Ok(()) | Err(Error::Fields(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The mobile of an account in clear.
pub(super) fn mobile_of(ctx: &Ctx, row: &AccountRow) -> Result<domain::phone::Mobile> {
    let clear = ctx
        .app
        .cipher()
        .open(account_place("mobile", row.id), &row.mobile)
        .map_err(|e| Error::internal("account.mobile", e))?;
    std::str::from_utf8(&clear)
        .ok()
        .and_then(|text| domain::phone::Mobile::parse(text).ok())
        .ok_or(Error::inconsistent("account.mobile"))
}

/// Opens the page of the first password by activation code or SMS code.
pub async fn activate(ctx: &Ctx, request: Activation) -> Result<LoggedIn> {
    let (_, index) = whom(ctx, &request.number);
    let subjects = Subjects::of(ctx, &index, None);
    let attempt = challenge::take(ctx, Some(request.captcha.clone()), subjects).await?;
    let rows = store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    let (at, by_code) = (ctx.at.micros(), !request.activation_code.trim().is_empty());
    let pending = rows
        .iter()
        .find(|row| row.takes_code(at) || (!by_code && row.state == "pending" && !row.is_over(at)));
    let proven = match pending {
        None => false,
        Some(row) if by_code => {
            match (
                vault::ActivationCode::hash_of(&request.activation_code),
                &row.activation_code_hash,
            ) {
                (Some(typed), Some(stored)) => vault::same(&typed, stored),
                _ => false,
            }
        }
        // A code that was sent before the mobile stopped being a proof opens nothing.
        Some(row) if !row.trusts_mobile() => false,
        Some(row) => {
            let mobile = mobile_of(ctx, row)?;
            match code::redeem(ctx, Purpose::Activate, &mobile, &request.sms_code).await {
                Ok(account_id) => account_id == Some(row.id),
                Err(Error::Fields(_)) => false,
                Err(error) => return attempt.decided(ctx, Err(error)).await,
            }
        }
    };
    match pending.filter(|_| proven) {
        Some(row) => {
            let opened = Opened {
                row,
                kind: Kind::Activation,
                mobile_proven: !by_code,
            };
            open(ctx, opened, &request.door, attempt).await
        }
        None => {
            let aim = Aim::Candidate(index, rows.first().map_or(0, |row| row.id));
            attempt.failed(ctx, Some(aim)).await?;
            Err(Error::field(
                "number",
                "证件号码、激活码或短信验证码不对，请核对后再试",
            ))
        }
    }
}
