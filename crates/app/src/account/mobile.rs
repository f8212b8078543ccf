//! Changing the mobile: with SMS the new number is proven by a code, and the password is asked for again.

use db::{Command, Lane, Tx};
use domain::phone::Mobile;
use serde_json::json;
use vault::Secret;

use super::challenge;
use super::code::{self, Purpose};
use super::signup::{account_place, mobile_index};
use super::store::{self, AccountRow};
use super::subject::Subjects;
use crate::message::{self, Notice};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Checks the password and the new number; with SMS a code goes to it. Returns the sealed number for the second page, or
/// `None` if the number was changed at once because no SMS are sent here.
pub async fn change_start(ctx: &Ctx, typed: &str, password: Secret) -> Result<Option<String>> {
    let account_id = ctx.candidate()?;
    let mobile = Mobile::parse(typed).map_err(|e| Error::field("mobile", e.to_string()))?;
    let row = own(ctx, account_id).await?;
    let subjects = Subjects::of(ctx, &whom(ctx, account_id), None);
    let attempt = challenge::take(ctx, None, subjects).await?;
    let hash = row
        .password_hash
        .as_deref()
        .ok_or(Error::inconsistent("account.password_hash"))?;
    let right = ctx.app.passwords().verify(password, hash).await;
    let right = right.map_err(Error::from);
    if !attempt.judged(ctx, right, |right| *right, None).await? {
        return Err(Error::field("password", "密码不对"));
    }
    // The same number may be proven anew: a recovery at the counter took its proof away.
    let proves = ctx.app.policy().sms && row.mobile_verified_at.is_none();
    if !proves && super::login::mobile_of(ctx, &row)?.as_str() == mobile.as_str() {
        return Err(Error::field("mobile", "新号码与现在登记的号码相同"));
    }
    if !ctx.app.policy().sms {
        save(ctx, row, &mobile, false).await?;
        return Ok(None);
    }
    code::send(ctx, Purpose::ChangeMobile, &mobile, Some(account_id)).await?;
    let expires = ctx.at.plus_seconds(15 * 60);
    let sealed = ctx.app.sealer().seal(
        "change_mobile",
        mobile.as_str().as_bytes(),
        expires,
        ctx.app.entropy(),
    );
    Ok(Some(sealed))
}

/// Both pages are held against the same counters.
fn whom(ctx: &Ctx, account_id: i64) -> [u8; 32] {
    ctx.app
        .index()
        .index("account.change_mobile", &account_id.to_string())
}

/// The code that came to the new number.
pub async fn change_finish(ctx: &Ctx, sealed: &str, typed_code: &str) -> Result<()> {
    let account_id = ctx.candidate()?;
    let stale = || Error::refused("mobile_stale", "页面已过期", "请重新填写新的手机号码。");
    let opened = ctx
        .app
        .sealer()
        .open("change_mobile", sealed, ctx.at)
        .map_err(|_| stale())?;
    let mobile = std::str::from_utf8(&opened.payload)
        .ok()
        .and_then(|text| Mobile::parse(text).ok())
        .ok_or_else(stale)?;
    let whom = whom(ctx, account_id);
    let proven =
        code::redeem_slowed(ctx, &whom, Purpose::ChangeMobile, &mobile, typed_code).await?;
    if proven != Some(account_id) {
        return Err(Error::field("code", "验证码不对，请核对短信后重新输入"));
    }
    let row = own(ctx, account_id).await?;
    save(ctx, row, &mobile, true).await
}

async fn own(ctx: &Ctx, account_id: i64) -> Result<AccountRow> {
    store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .filter(|row| row.state == "active")
        .ok_or(Error::Forbidden)
}

async fn save(ctx: &Ctx, row: AccountRow, mobile: &Mobile, verified: bool) -> Result<()> {
    let place = account_place("mobile", row.id);
    let command = SetMobile {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        sealed: ctx
            .app
            .cipher()
            .seal(place, mobile.as_str().as_bytes(), ctx.app.entropy()),
        index: mobile_index(&ctx.app, mobile),
        masked: mobile.masked(),
        verified,
        row,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct SetMobile {
    app: App,
    stamp: Stamp,
    row: AccountRow,
    sealed: Vec<u8>,
    index: [u8; 32],
    masked: String,
    verified: bool,
}

impl Command for SetMobile {
    const NAME: &'static str = "account.set_mobile";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = self.row.id;
        // The old number is told first, while it is still the account's.
        let notice = Notice {
            kind: "account",
            title: "手机号码已修改".to_owned(),
            body: format!(
                "今后的短信将发往 {}。如果不是您本人修改，请立即联系考试机构。",
                self.masked
            ),
            link: String::new(),
            sms: Some(message::Sms {
                template: "mobile_changed",
                params: Vec::new(),
            }),
        };
        message::notify(tx, &mut trail, &self.app, id, &notice).await?;
        let verified_at = self.verified.then_some(self.stamp.at.micros());
        let sealed = (self.sealed.as_slice(), self.index.as_slice());
        if store::account_set_mobile(tx, id, self.row.version, sealed, verified_at).await? == 0 {
            return Err(Error::Conflict("账号刚有改动，请刷新后再试"));
        }
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "account.set_mobile",
                object,
                json!({ "verified": self.verified }),
            )
            .await
    }
}
