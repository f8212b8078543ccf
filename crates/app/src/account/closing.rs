//! 个人信息副本 and 注销账号 (PIPL articles 45 and 47): the candidate takes a copy of what is held, or leaves.
//!
//! A closed account's personal columns, profile, photos and drafts are emptied at once; what the law keeps (applications that
//! were paid for, their ledger and audit rows) stays under the account's number without a name.

use db::{Command, Lane, Tx};
use domain::time::Timestamp;
use serde_json::json;
use vault::Secret;

use super::challenge;
use super::signup::account_place;
use super::store;
use super::subject::Subjects;
use crate::{Ctx, Error, Object, Result, Stamp};

/// What an account holds about its owner, for the page and the download.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Copy {
    /// 姓名
    pub name: String,
    /// 证件类型, its code.
    pub id_type: String,
    /// 证件号码, in clear: it is the owner who asks.
    pub id_number: String,
    /// 手机号码, in clear.
    pub mobile: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The profile as saved, `null` if never.
    pub profile: serde_json::Value,
    /// Number of messages in the inbox.
    pub messages: i64,
    /// The applications, newest first: exam, state, time.
    pub applications: Vec<CopyApplication>,
    /// What he asked for under 减免, with what he wrote.
    pub waivers: Vec<crate::waiver::OwnCopy>,
    /// His orders, with what came and went outside of the channels, and 缴款码.
    pub money: Vec<crate::payment::OwnMoney>,
    /// 实名核验 and 学历核验 as they stand: what his own pages show, and nothing else that a register said.
    pub checks: Vec<CopyCheck>,
}

/// One check in the copy.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CopyCheck {
    /// Which.
    pub kind: &'static str,
    /// When it became due to be asked; `None` if it isn't yet.
    pub asked_at: Option<Timestamp>,
    /// The answer in a word.
    pub verdict: &'static str,
    /// Why it couldn't be told; empty otherwise.
    pub why: &'static str,
    /// Whose answer it is; empty without one.
    pub source: String,
    /// When it was given.
    pub answered_at: Option<Timestamp>,
}

/// One application in the copy.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CopyApplication {
    /// The exam's title.
    pub exam: String,
    /// 报名序号
    pub registration_no: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
}

/// Makes the copy of the asking candidate's data. Recorded by the page's POST.
pub async fn copy(ctx: &Ctx) -> Result<Copy> {
    let account_id = ctx.candidate()?;
    let row = store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .ok_or(Error::NotFound)?;
    let clear = |column, sealed: &[u8]| -> Result<String> {
        let bytes = ctx
            .app
            .cipher()
            .open(account_place(column, account_id), sealed)
            .map_err(|e| Error::internal("account", e))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let id_number = clear("id_number", &row.id_number)?;
    let mobile = clear("mobile", &row.mobile)?;
    let profile = crate::profile::stored(&ctx.app, account_id).await?;
    let mut scan = ctx.app.db().scan(db::Crowd::Candidates);
    let messages = store::message_count(&mut scan, account_id).await?;
    let applications = store::applications_of(&mut scan, account_id)
        .await?
        .into_iter()
        .map(|(exam, registration_no, at)| CopyApplication {
            exam,
            registration_no,
            submitted_at: Timestamp::from_micros(at),
        })
        .collect();
    let checks = crate::check::own(ctx)
        .await?
        .into_iter()
        .map(|one| {
            let answer = one.standing.as_ref().filter(|it| it.verdict.is_some());
            CopyCheck {
                kind: one.kind.label(),
                asked_at: one.standing.as_ref().map(|it| it.asked_at),
                verdict: one.label(),
                why: answer
                    .and_then(|it| it.unknown)
                    .map_or("", domain::check::Unknown::label),
                source: answer.map_or_else(String::new, |it| it.source_label().to_owned()),
                answered_at: answer.map(|it| it.at),
            }
        })
        .collect();
    let waivers = crate::waiver::own_copies(ctx, account_id).await?;
    let money = crate::payment::own_money(ctx, account_id).await?;
    let command = Taken {
        stamp: Stamp::of(ctx),
        account_id,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(Copy {
        name: row.name,
        id_type: row.id_type,
        id_number,
        mobile,
        created_at: Timestamp::from_micros(row.created_at),
        profile,
        messages,
        applications,
        waivers,
        money,
        checks,
    })
}

struct Taken {
    stamp: Stamp,
    account_id: i64,
}

impl Command for Taken {
    const NAME: &'static str = "account.copy_taken";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let object = Object {
            kind: "account",
            id: self.account_id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "account.copy_taken", object, json!({}))
            .await
    }
}

/// 注销账号. The password is asked for again; an application that is still on its way has to end first.
pub async fn close(ctx: &Ctx, password: Secret) -> Result<()> {
    let account_id = ctx.candidate()?;
    let row = store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .filter(|row| row.state == "active")
        .ok_or(Error::Forbidden)?;
    let whom = ctx
        .app
        .index()
        .index("account.close", &account_id.to_string());
    let subjects = Subjects::of(ctx, &whom, None);
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
    let command = Close {
        stamp: Stamp::of(ctx),
        account_id,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct Close {
    stamp: Stamp,
    account_id: i64,
}

impl Command for Close {
    const NAME: &'static str = "account.close";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let id = self.account_id;
        let at = self.stamp.at.micros();
        if store::live_applications(tx, id).await? > 0 {
            return Err(Error::refused(
                "close_live",
                "还有进行中的报名",
                "您有尚未结束的报名，账号暂时不能注销。请在考试结束、成绩公布后再申请，或先联系考试机构取消报名。",
            ));
        }
        if store::account_set_state(tx, id, "active", "closed", Some(at)).await? == 0 {
            return Err(Error::Conflict("账号刚有改动，请刷新后再试"));
        }
        store::account_erase(tx, id).await?;
        store::sessions_delete_of(tx, "candidate", id).await?;
        crate::profile::erase(tx, id).await?;
        crate::check::forget(tx, id, self.stamp.at).await?;
        crate::photo::erase(tx, id, at).await?;
        crate::draft::erase(tx, id).await?;
        crate::message::erase(tx, id).await?;
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "account.close", object, json!({}))
            .await
    }
}
