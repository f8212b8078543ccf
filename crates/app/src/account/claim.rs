//! 账号申诉: the number is registered already, but not by its owner (squatting; assurance §5, 7).
//!
//! Anybody may file a claim with a statement and a picture of the document. One member of staff checks it, which freezes
//! the disputed account: its sessions die and both mobiles are told. Another decides: granted, the account is closed
//! and the number is free for its owner; refused, the account wakes as it was. The account moves with the claim or the
//! claim doesn't move. Only one claim at an account can be checked at a time; when the account closes, the others that
//! wait for it are settled with it.

use db::{Command, Crowd, Lane, Tx};
use domain::field::FieldErrors;
use domain::id_number::lookup_key;
use domain::phone::Mobile;
use domain::staff::Permission;
use domain::text::PersonName;
use serde_json::json;

use super::challenge::{self, Solved};
use super::claim_store as store;
use super::claim_store::ClaimRow;
use super::signup::mobile_index;
use super::store::AccountRow;
use super::subject::Subjects;
use crate::message::{self, Notice, Sms};
use crate::object::{self, File, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The claim form as typed.
#[derive(Debug, Clone, Default)]
pub struct ClaimForm {
    /// 证件号码
    pub id_number: String,
    /// 姓名
    pub name: String,
    /// 手机号码 to reach the claimant
    pub mobile: String,
    /// 情况说明
    pub statement: String,
}

/// Checks a claim as typed.
///
/// # Errors
/// Every field to mend, in the order of the page.
pub fn check_form(form: &ClaimForm) -> std::result::Result<(), FieldErrors> {
    read_form(form).map(|_| ())
}

fn read_form(form: &ClaimForm) -> std::result::Result<(PersonName, String, Mobile), FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = errors.take("name", PersonName::parse(&form.name));
    let key = lookup_key(&form.id_number);
    if key.is_empty() {
        errors.add("id_number", "请填写证件号码");
    }
    let mobile = errors.take("mobile", Mobile::parse(&form.mobile));
    let length = form.statement.trim().chars().count();
    if !(10..=500).contains(&length) {
        errors.add(
            "statement",
            format!("请用 10 至 500 个字说明情况，您填了 {length} 个"),
        );
    } else if crate::reason::holds_number(&form.statement) {
        errors.add("statement", "情况说明里不要写证件号码或手机号码");
    }
    match (name, mobile) {
        (Some(name), Some(mobile)) if errors.is_empty() => Ok((name, key, mobile)),
        _ => Err(errors),
    }
}

/// Files a claim. Says the same whether or not the number has an account.
pub async fn file(
    ctx: &Ctx,
    form: &ClaimForm,
    evidence: Option<(&'static str, &str, &[u8])>,
    captcha: Solved,
) -> Result<()> {
    let (name, key, mobile) = read_form(form)?;
    let index = ctx.app.index().index("account.id_number", &key);
    // Every claim counts, before it is known whether there is such an account.
    let claiming = Subjects::claiming(ctx, &index);
    let _counts = challenge::take(ctx, Some(captcha), claiming).await?;
    let rows = super::store::accounts_by_number(&mut ctx.app.db().read(), &index).await?;
    // A fresh sign-up that nobody finished frees the number by itself in a day; it is known by its cookie. An account that
    // waits for its owner after a recovery doesn't.
    let lasting = |row: &AccountRow| row.state != "pending" || row.activation_cookie_hash.is_none();
    let Some(account) = rows.into_iter().find(lasting) else {
        return Ok(());
    };
    let evidence = match evidence {
        None => None,
        Some((media_type, file_name, bytes)) => Some(
            object::prepare(
                &ctx.app,
                "claim",
                Owner::Account(account.id),
                (media_type, file_name),
                bytes,
            )
            .await?,
        ),
    };
    let command = FileClaim {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        account_id: account.id,
        name: name.as_str().to_owned(),
        index: mobile_index(&ctx.app, &mobile),
        mobile,
        statement: form.statement.trim().to_owned(),
        evidence,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct FileClaim {
    app: App,
    stamp: Stamp,
    account_id: i64,
    name: String,
    mobile: Mobile,
    index: [u8; 32],
    statement: String,
    evidence: Option<NewObject>,
}

impl Command for FileClaim {
    const NAME: &'static str = "account.claim_file";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if store::claim_open_exists(tx, self.account_id, &self.index).await? {
            return Ok(());
        }
        let evidence_id = match &self.evidence {
            Some(object) => Some(object::insert(tx, &mut trail, object).await?),
            None => None,
        };
        let id = trail.id()?;
        let place = vault::Place {
            table: "account_claim",
            column: "mobile",
            row: id,
        };
        let row = store::ClaimInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            account_id: self.account_id,
            name: &self.name,
            mobile: &trail.seal(&self.app, place, self.mobile.as_str().as_bytes()),
            mobile_index: &self.index,
            statement: &self.statement,
            evidence_id,
            at: self.stamp.at.micros(),
        };
        store::claim_insert(tx, &row).await?;
        let object = Object {
            kind: "account_claim",
            id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "account.claim_file",
                object,
                json!({ "account": self.account_id }),
            )
            .await?;
        // The holder learns at once that somebody disputes the account.
        let notice = Notice {
            kind: "account",
            title: "有人对您的账号提出申诉".to_owned(),
            body:
                "有人称这个证件号码不是由本人注册。工作人员将核实，可能与您联系，请保持手机畅通。"
                    .to_owned(),
            link: String::new(),
            sms: Some(Sms {
                template: "claim_filed",
                params: Vec::new(),
            }),
        };
        message::notify(tx, &mut trail, &self.app, self.account_id, &notice).await
    }
}

/// The states of a claim, in their order, with what people read.
pub const STATES: [(&str, &str); 4] = [
    ("open", "待核实"),
    ("checked", "待决定"),
    ("granted", "申诉成立"),
    ("refused", "申诉不成立"),
];

/// What people read for a state.
pub fn state_label(state: &str) -> &'static str {
    let mut states = STATES.iter();
    states
        .find(|(code, _)| *code == state)
        .map_or("", |(_, label)| label)
}

/// What a list of claims is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// A state of [`STATES`].
    pub state: String,
    /// The claimant's whole name, or empty.
    pub name: String,
    /// The oldest first.
    pub oldest: bool,
}

/// The newest claims in one state.
pub async fn list(ctx: &Ctx, state: &str, before: Option<i64>) -> Result<Vec<ClaimRow>> {
    let asked = Asked {
        state: state.to_owned(),
        ..Asked::default()
    };
    page(ctx, &asked, before, 50).await
}

/// A page of claims under a filter, from behind the claim `from` on.
pub async fn page(
    ctx: &Ctx,
    asked: &Asked,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<ClaimRow>> {
    ctx.allow(Permission::AccountDesk)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let of = (asked.state.as_str(), asked.name.as_str());
    Ok(if asked.oldest {
        store::claims_oldest(&mut scan, of, from.unwrap_or(0), limit).await?
    } else {
        store::claims(&mut scan, of, from.unwrap_or(i64::MAX), limit).await?
    })
}

/// One claim.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<ClaimRow> {
    ctx.allow(Permission::AccountDesk)?;
    store::claim_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// The picture that came with a claim.
pub async fn evidence(ctx: &Ctx, public_id: &str) -> Result<File> {
    let row = find(ctx, public_id).await?;
    object::read(&ctx.app, row.evidence_id.ok_or(Error::NotFound)?).await
}

/// The first person's word: the claim is plausible. Freezes the account.
pub async fn check(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    step(ctx, public_id, Step::Check, note).await
}

/// The second person's word.
pub async fn decide(ctx: &Ctx, public_id: &str, grant: bool, note: &str) -> Result<()> {
    step(
        ctx,
        public_id,
        if grant { Step::Grant } else { Step::Refuse },
        note,
    )
    .await
}

/// The first person's other word: the claim plainly doesn't hold. Nothing was frozen, so nobody else has to agree.
pub async fn dismiss(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    step(ctx, public_id, Step::Dismiss, note).await
}

/// The claimant's mobile, masked.
pub fn masked_mobile(ctx: &Ctx, row: &ClaimRow) -> Result<String> {
    let place = vault::Place {
        table: "account_claim",
        column: "mobile",
        row: row.id,
    };
    let clear = ctx
        .app
        .cipher()
        .open(place, &row.mobile)
        .map_err(|e| Error::internal("account_claim.mobile", e))?;
    let text =
        std::str::from_utf8(&clear).map_err(|e| Error::internal("account_claim.mobile", e))?;
    Ok(Mobile::parse(text).map_or_else(|_| "***".to_owned(), |mobile| mobile.masked()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Dismiss,
    Check,
    Grant,
    Refuse,
}

async fn step(ctx: &Ctx, public_id: &str, step: Step, note: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    let note = crate::reason::read("note", note, 1..=500, "请写明核实的情况，最多 500 个字")?;
    let command = Move {
        app: ctx.app.clone(),
        // Up to fifty other claims are settled along with it.
        stamp: Stamp::for_rows(ctx, 200),
        row,
        step,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct Move {
    app: App,
    stamp: Stamp,
    row: ClaimRow,
    step: Step,
    note: String,
}

impl Command for Move {
    const NAME: &'static str = "account.claim_move";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let account = self.row.account_id;
        if matches!(self.step, Step::Grant | Step::Refuse) && self.row.checked_by == Some(by) {
            return Err(Error::refused(
                "same_person",
                "须由另一人决定",
                "核实和决定不能是同一个人，请另一位工作人员办理。",
            ));
        }
        let (id, note) = (self.row.id, &self.note);
        let (moved, action, text) = match self.step {
            Step::Dismiss => (
                store::claim_dismiss(tx, id, by, at, note).await?,
                "account.claim_dismiss",
                "经核实，有人对您账号的申诉不成立，账号照常使用。",
            ),
            Step::Check => (
                store::claim_check(tx, id, by, at, note).await?,
                "account.claim_check",
                "您的账号因申诉暂停使用，核实完成后将短信告知结果。",
            ),
            Step::Grant => (
                store::claim_decide(tx, id, "granted", (by, at), note).await?,
                "account.claim_grant",
                "经核实，该账号不是证件本人注册，已经注销。",
            ),
            Step::Refuse => (
                store::claim_decide(tx, id, "refused", (by, at), note).await?,
                "account.claim_refuse",
                "经核实，您的账号恢复使用。",
            ),
        };
        if moved == 0 {
            return Err(Error::Conflict("这项申诉已有进展，请刷新查看"));
        }
        self.move_account(tx).await?;
        if self.step != Step::Dismiss {
            for kind in ["candidate", "activation"] {
                super::store::sessions_delete_of(tx, kind, account).await?;
            }
        }
        let object = Object {
            kind: "account_claim",
            id: self.row.id,
            exam_id: 0,
        };
        trail
            .audit(tx, action, object, json!({ "account": account }))
            .await?;
        let notice = Notice {
            kind: "account",
            title: "账号申诉进展".to_owned(),
            body: text.to_owned(),
            link: String::new(),
            sms: Some(Sms {
                template: "claim_moved",
                params: vec![("text", text.to_owned())],
            }),
        };
        message::notify(tx, &mut trail, &self.app, account, &notice).await?;
        self.tell_claimant(tx, &mut trail).await?;
        if self.step == Step::Grant {
            self.settle_others(tx, &mut trail).await?;
        }
        Ok(())
    }
}

const OVERTAKEN: &str = "账号已因另一项申诉注销";

impl Move {
    /// The account's part of the step. Nothing moved: the claim stays where it is, too.
    async fn move_account(&self, tx: &mut Tx) -> Result<()> {
        let (account, at) = (self.row.account_id, self.stamp.at.micros());
        let moved = match self.step {
            Step::Dismiss => return Ok(()),
            Step::Check => super::store::account_freeze(tx, account).await?,
            Step::Refuse => super::store::account_wake(tx, account).await?,
            Step::Grant => {
                super::store::account_set_state(tx, account, "frozen", "closed", Some(at)).await?
            }
        };
        match (moved, self.step) {
            (0, Step::Check) => Err(Error::Conflict(
                "账号已冻结、失效或注销，不能再次冻结。请先办结同一账号的其他申诉；账号已不在使用的，可以驳回",
            )),
            (0, _) => Err(Error::Conflict("账号的状态已改变，请重新核实")),
            _ => Ok(()),
        }
    }

    /// The account is closed: whoever else disputes it is told, and none of the other claims waits for it any longer.
    async fn settle_others(&self, tx: &mut Tx, trail: &mut crate::Trail<'_>) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let account = self.row.account_id;
        for (id, mobile) in store::claims_waiting(tx, account, self.row.id).await? {
            store::claim_overtaken(tx, id, by, at, OVERTAKEN).await?;
            let object = Object {
                kind: "account_claim",
                id,
                exam_id: 0,
            };
            let detail = json!({ "account": account, "by": self.row.id.to_string() });
            trail
                .audit(tx, "account.claim_overtaken", object, detail)
                .await?;
            let text = "您申诉的账号已因另一项申诉注销。如证件号码仍不能注册，请联系考试机构。";
            self.tell(tx, trail, (id, &mobile), text).await?;
        }
        Ok(())
    }

    async fn tell_claimant(&self, tx: &mut Tx, trail: &mut crate::Trail<'_>) -> Result<()> {
        let text = match self.step {
            Step::Check => "您的账号申诉已受理，正在核实。",
            Step::Grant => "您的账号申诉已通过，现在可以用本人证件号码注册。",
            Step::Refuse | Step::Dismiss => "您的账号申诉未通过，详情请联系考试机构。",
        };
        self.tell(tx, trail, (self.row.id, &self.row.mobile), text)
            .await
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        trail: &mut crate::Trail<'_>,
        claim: (i64, &[u8]),
        text: &str,
    ) -> Result<()> {
        if !self.app.policy().sms {
            return Ok(());
        }
        let place = vault::Place {
            table: "account_claim",
            column: "mobile",
            row: claim.0,
        };
        let mobile = self
            .app
            .cipher()
            .open(place, claim.1)
            .map_err(|e| Error::internal("account_claim.mobile", e))?;
        let sms = Sms {
            template: "claim_moved",
            params: vec![("text", text.to_owned())],
        };
        message::queue_sms(tx, trail, &self.app, 0, &mobile, &sms).await
    }
}
