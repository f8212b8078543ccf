//! Codes sent by SMS: six digits, ten minutes, five tries, one use; sent at most once a minute and ten times a day to
//! one mobile for one purpose, however many are asked for at the same moment. Each purpose has a budget of its own: a stranger who types somebody's mobile into the
//! sign-up form must not use up the codes with which the owner recovers the account.

use db::{Command, Lane, Tx};
use domain::phone::Mobile;
use domain::time::Timestamp;

use super::challenge;
use super::store::{self, SmsCodeInsert};
use super::subject::Subjects;
use crate::message::{self, Sms};
use crate::{App, Ctx, Error, Result, Stamp};

const LIFE_SECONDS: i64 = 10 * 60;
const MAX_TRIES: i64 = 5;
const GAP_SECONDS: i64 = 60;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
const PER_DAY: i64 = 10;

/// What a code is good for; it is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves the mobile at sign-up.
    Signup,
    /// Proves the person at the first login from another device.
    Activate,
    /// 忘记密码
    Recover,
    /// Proves the new mobile.
    ChangeMobile,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Activate => "activate",
            Self::Recover => "recover",
            Self::ChangeMobile => "change_mobile",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Signup => "code_signup",
            Self::Activate => "code_activate",
            Self::Recover => "code_recover",
            Self::ChangeMobile => "code_change_mobile",
        }
    }
}

fn hash(app: &App, purpose: Purpose, mobile_index: &[u8; 32], digits: &str) -> [u8; 32] {
    // Keyed and bound to mobile and purpose: a dump of the table can't be tried out.
    let bound = format!("{}:{}:{digits}", purpose.code(), hex::encode(mobile_index));
    app.index().index("sms_code", &bound)
}

/// Sends a fresh code. Too soon or too many today is a field to mend under `code`.
pub(super) async fn send(
    ctx: &Ctx,
    purpose: Purpose,
    mobile: &Mobile,
    account_id: Option<i64>,
) -> Result<()> {
    let digits = vault::digits(ctx.app.entropy(), 6);
    let index = super::signup::mobile_index(&ctx.app, mobile);
    let command = Send {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        purpose,
        mobile: mobile.clone(),
        index,
        account_id,
        turn: turn(&ctx.app, purpose, &index),
        hash: hash(&ctx.app, purpose, &index, &digits),
        digits,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// The counter that lets one code a minute through to a mobile for a purpose.
fn turn(app: &App, purpose: Purpose, mobile_index: &[u8; 32]) -> [u8; 32] {
    let bound = format!("{}:{}", purpose.code(), hex::encode(mobile_index));
    app.index().index("sms_code_turn", &bound)
}

struct Send {
    app: App,
    stamp: Stamp,
    purpose: Purpose,
    mobile: Mobile,
    index: [u8; 32],
    account_id: Option<i64>,
    turn: [u8; 32],
    hash: [u8; 32],
    digits: String,
}

impl Command for Send {
    const NAME: &'static str = "account.send_code";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        let purpose = self.purpose.code();
        // Whoever comes second waits here for the first one's commit, so that the day's count is right as well.
        if !challenge::once_in(tx, &self.turn, self.stamp.at, GAP_SECONDS).await? {
            return Err(Error::field("code", "验证码已发送，请在 1 分钟后再获取"));
        }
        let since = at - DAY_MICROS;
        if store::sms_codes_since(tx, &self.index, purpose, since).await? >= PER_DAY {
            return Err(Error::field(
                "code",
                "这个手机号今天获取验证码已达 10 次，请明天再试",
            ));
        }
        let mut trail = self.stamp.trail();
        let row = SmsCodeInsert {
            id: trail.id()?,
            purpose,
            mobile_index: &self.index,
            account_id: self.account_id,
            code_hash: &self.hash,
            at,
            expires_at: at + LIFE_SECONDS * 1_000_000,
        };
        store::sms_code_insert(tx, &row).await?;
        let sms = Sms {
            template: self.purpose.template(),
            params: vec![
                ("code", self.digits.clone()),
                ("minutes", (LIFE_SECONDS / 60).to_string()),
            ],
        };
        let account_id = self.account_id.unwrap_or(0);
        message::queue_sms(
            tx,
            &mut trail,
            &self.app,
            account_id,
            self.mobile.as_str().as_bytes(),
            &sms,
        )
        .await
    }
}

/// Uses a code up, in a commit of its own: a wrong try counts even if what follows fails.
///
/// # Errors
/// `Fields` under `code`: wrong, too old, or tried too often.
pub(super) async fn redeem(
    ctx: &Ctx,
    purpose: Purpose,
    mobile: &Mobile,
    typed: &str,
) -> Result<Option<i64>> {
    check(ctx, purpose, mobile, typed, true).await
}

/// [`redeem`] behind the throttle, for the pages that no captcha and no password stand in front of.
pub(super) async fn redeem_slowed(
    ctx: &Ctx,
    whom: &[u8],
    purpose: Purpose,
    mobile: &Mobile,
    typed: &str,
) -> Result<Option<i64>> {
    let attempt = challenge::take(ctx, None, Subjects::of(ctx, whom, None)).await?;
    let answer = redeem(ctx, purpose, mobile, typed).await;
    if let Err(Error::Fields(_)) = answer {
        attempt.failed(ctx, None).await?;
        return answer;
    }
    attempt.judged(ctx, answer, |_| true, None).await
}

/// [`redeem`] without using the code up: it has to be redeemed afterwards.
pub(super) async fn confirm(
    ctx: &Ctx,
    purpose: Purpose,
    mobile: &Mobile,
    typed: &str,
) -> Result<Option<i64>> {
    check(ctx, purpose, mobile, typed, false).await
}

async fn check(
    ctx: &Ctx,
    purpose: Purpose,
    mobile: &Mobile,
    typed: &str,
    uses: bool,
) -> Result<Option<i64>> {
    let digits: String = domain::text::to_half_width(typed)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let index = super::signup::mobile_index(&ctx.app, mobile);
    let hash = hash(&ctx.app, purpose, &index, &digits);
    let command = Redeem {
        purpose,
        index,
        hash,
        at: ctx.at,
        uses,
    };
    match ctx.app.db().write(Lane::Interactive, command).await? {
        Redeemed::Right(account_id) => Ok(account_id),
        Redeemed::Wrong => Err(Error::field("code", "验证码不对，请核对短信后重新输入")),
        Redeemed::Stale => Err(Error::field("code", "验证码已失效，请重新获取")),
    }
}

enum Redeemed {
    Right(Option<i64>),
    Wrong,
    Stale,
}

struct Redeem {
    purpose: Purpose,
    index: [u8; 32],
    hash: [u8; 32],
    at: Timestamp,
    uses: bool,
}

impl Command for Redeem {
    const NAME: &'static str = "account.redeem_code";
    type Out = Redeemed;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Redeemed> {
        let at = self.at.micros();
        let Some(row) = store::sms_code_newest(tx, &self.index, self.purpose.code()).await? else {
            return Ok(Redeemed::Stale);
        };
        // The try is taken before anything is compared: many tries at once would all read that none was made yet.
        if row.expires_at <= at || store::sms_code_try(tx, row.id, MAX_TRIES).await? == 0 {
            return Ok(Redeemed::Stale);
        }
        if !vault::same(&row.code_hash, &self.hash) {
            return Ok(Redeemed::Wrong);
        }
        if !self.uses {
            store::sms_code_untry(tx, row.id).await?;
        } else if store::sms_code_use(tx, row.id, at).await? == 0 {
            return Ok(Redeemed::Stale);
        }
        Ok(Redeemed::Right(row.account_id))
    }
}
