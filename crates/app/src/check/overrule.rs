//! 人工认定: staff with the document before them find a match where the authority found none, or can't tell. Two of them.

use db::{Command, Lane, Tx};
use domain::check::Verdict;
use domain::field::FieldErrors;
use domain::staff::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{self, ItemInsert, ItemRow};
use super::{STAFF, Standing, item_object};
use crate::approval::{self, ApprovalRow, Change, Kind};
use crate::{App, Ctx, Error, Result, Stamp};

/// Nothing that isn't in the question already.
#[derive(Serialize, Deserialize)]
struct Payload {}

fn taken() -> Error {
    Error::Conflict("这项认定已经提出，等待另一位工作人员复核")
}

/// The first person's word: the document was seen, and it is as the candidate says.
///
/// # Errors
/// `Fields` under `item` and `reason`; `NotFound` for a check that isn't about him as he is now; `Refused` if it is a match.
pub async fn request(ctx: &Ctx, candidate: &str, item: &str, reason: &str) -> Result<()> {
    let shown = super::of_candidate(ctx, candidate).await?;
    let mut errors = FieldErrors::new();
    let reason = domain::text::paragraph(reason);
    if item.is_empty() {
        errors.add("item", "请选择认定哪一项");
    }
    if !(4..=300).contains(&reason.chars().count()) {
        let hint = "请写明核对了什么原件、为什么认定一致，4 至 300 个字";
        errors.add("reason", hint);
    } else if crate::reason::holds_number(&reason) {
        errors.add("reason", "原因里不要写证件号码或手机号码");
    }
    if !errors.is_empty() {
        return Err(Error::Fields(errors));
    }
    let standing = shown
        .into_iter()
        .filter_map(|one| one.standing)
        .find(|one| one.public_id == item)
        .ok_or(Error::NotFound)?;
    usable(&standing)?;
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        item: standing.id,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn usable(standing: &Standing) -> Result<()> {
    if standing.verdict == Some(Verdict::Match) {
        return Err(Error::refused(
            "check_matched",
            "已经是一致",
            "这项核验的结果已经是一致，不用再认定。",
        ));
    }
    Ok(())
}

struct Ask {
    app: App,
    stamp: Stamp,
    item: i64,
    reason: String,
}

impl Command for Ask {
    const NAME: &'static str = "check.overrule_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let with = (&Payload {}, self.reason.as_str());
        let what = (Kind::CheckOverrule, self.item);
        approval::request(tx, &mut trail, &self.app, what, with, taken).await?;
        Ok(())
    }
}

async fn item_of(ctx: &Ctx, row: &ApprovalRow) -> Result<Option<ItemRow>> {
    Ok(store::item_by_id(&mut ctx.app.db().read(), row.object_id).await?)
}

/// Whose check it is, masked, and what becomes of it.
pub(crate) async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    let Some(item) = item_of(ctx, row).await? else {
        // He has changed what was asked about since: there is nothing left to find.
        return Ok(Vec::new());
    };
    let account = crate::account::office::desk_identity(&ctx.app, item.account_id).await?;
    let standing = Standing::of(item)?;
    let change = |what, old: &str, new: &str| Change {
        what,
        old: old.to_owned(),
        new: new.to_owned(),
    };
    let now = standing.verdict.map_or("还没有结果", Verdict::label);
    Ok(vec![
        change("姓名", &account.0, "不变"),
        change("证件号码", &account.1, "不变"),
        change(standing.kind.label(), now, "一致（人工认定）"),
    ])
}

/// The second person's word.
///
/// # Errors
/// `Refused` for the person who asked; `Conflict` if the candidate has changed what was asked about.
pub(crate) async fn decide(ctx: &Ctx, row: ApprovalRow, approve: bool, note: String) -> Result<()> {
    ctx.allow(Permission::AccountDesk)?;
    let item = item_of(ctx, &row).await?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        row,
        item,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    row: ApprovalRow,
    item: Option<ItemRow>,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "check.overrule_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        approval::decided(tx, &mut trail, &self.row, self.approve, &self.note).await?;
        if !self.approve {
            return Ok(());
        }
        const GONE: &str = "考生已改了个人信息，这项核验不再有效，请选“不同意”";
        let item = self.item.as_ref().ok_or(Error::Conflict(GONE))?;
        let at = self.stamp.at.micros();
        if store::item_replace(tx, item.id, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let id = trail.id()?;
        let row = ItemInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            kind: &item.kind,
            account_id: item.account_id,
            subject: &item.subject,
            source: STAFF,
            answer: Some((Verdict::Match.code(), None, self.row.public_id.as_str())),
            at,
        };
        store::item_insert(tx, &row).await?;
        let detail = json!({
            "kind": item.kind, "account": item.account_id, "before": item.verdict, "approval": self.row.public_id,
        });
        trail
            .audit(tx, "check.overrule", item_object(id), detail)
            .await
    }
}
