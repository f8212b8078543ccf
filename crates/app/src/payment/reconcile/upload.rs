//! A bill that somebody uploads, because the channel doesn't give it. It goes through the same reading, and counts only once a second
//! person has looked at what it comes to: what a bill says becomes money.

use db::{Command, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use super::super::by_another;
use super::bill_store::{self as store, BillRow};
use super::fetch;
use super::staging::{self, Begin, Uploaded};
use super::take_store::{self as takes, TakeRow};
use super::{GONE, enqueue, gateway, load, object};
use crate::object::{self, Owner};
use crate::{Ctx, Error, Result, Stamp};

/// An uploaded file is no larger, as it comes: three million packed lines are.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// What uploaded bills are in the table of stored files.
const KIND: &str = "bill";

async fn found(ctx: &Ctx, public_id: &str) -> Result<BillRow> {
    ctx.allow(Permission::Finance)?;
    let id = store::bill_id_of(&mut ctx.app.db().read(), public_id).await?;
    load(ctx, id.ok_or(Error::NotFound)?).await
}

/// Takes a file for a day, and says why it is needed.
///
/// # Errors
/// `Fields` under `file` and `reason`; `Refused` for a day that is closed.
pub async fn upload(
    ctx: &Ctx,
    public_id: &str,
    (name, bytes): (&str, Vec<u8>),
    reason: &str,
) -> Result<()> {
    let bill = found(ctx, public_id).await?;
    let reason = crate::reason::read(
        "reason",
        reason,
        4..=200,
        "请写明为什么要上传、文件从哪里下载，4 至 200 个字",
    )?;
    if bill.step == "closed" || bill.step == "asked" {
        return Err(closed());
    }
    if bytes.is_empty() {
        return Err(Error::field("file", "请选择从渠道后台下载的对账单文件"));
    }
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 64 MB，请核对是不是对账单"));
    }
    let Some(gateway) = gateway(&ctx.app, &bill.channel) else {
        return Err(Error::field("file", "这个渠道没有开通，不能读它的对账单"));
    };
    let takes = takes::takes_of(&mut ctx.app.db().scan(db::Crowd::Staff), bill.id).await?;
    if takes
        .iter()
        .any(|take| take.state == "reading" || take.state == "staged")
    {
        return Err(Error::refused(
            "one_at_a_time",
            "已有一份账单等待确认",
            "请先确认或放弃前一份。",
        ));
    }
    let file = fetch::written(bytes.clone()).await?;
    let counted = fetch::counted(gateway, &file, bill.span()?)
        .await?
        .map_err(|bad| Error::field("file", format!("没有收下这份文件：{bad}")))?;
    let [lines, ..] = counted.sums;
    // A few lines around midnight are of the day beside it; a bill most of which is, is that day's.
    if counted.elsewhere * 2 > lines {
        let text = format!(
            "文件共 {lines} 行，有 {} 行不是 {} 的收支，请核对日期，上传这一天的账单",
            counted.elsewhere, bill.day
        );
        return Err(Error::field("file", text));
    }
    let kept = object::prepare(
        &ctx.app,
        KIND,
        Owner::Staff(ctx.actor.id()),
        ("application/octet-stream", name),
        &bytes,
    )
    .await?;
    let name = object::shown_name(name);
    let command = Begin {
        stamp: Stamp::of(ctx),
        bill,
        counted,
        stale: None,
        upload: Some(Uploaded {
            name,
            reason,
            object: kept,
        }),
    };
    match ctx.app.db().write(Lane::Interactive, command).await? {
        Some(_) => Ok(()),
        None => Err(Error::field(
            "file",
            "这份账单与已经取到的完全一样，不必上传",
        )),
    }
}

fn closed() -> Error {
    Error::refused(
        "day_closed",
        "这一天已经关账",
        "关账以后账单和比对结果不再改动。",
    )
}

async fn staged(ctx: &Ctx, bill: &BillRow, take: &str) -> Result<TakeRow> {
    let takes = takes::takes_of(&mut ctx.app.db().scan(db::Crowd::Staff), bill.id).await?;
    takes
        .into_iter()
        .find(|row| row.public_id == take)
        .ok_or(Error::NotFound)
}

/// The second person has looked at what the file comes to: it counts.
///
/// # Errors
/// `Refused` for who uploaded it.
pub async fn confirm(ctx: &Ctx, public_id: &str, take: &str) -> Result<()> {
    let bill = found(ctx, public_id).await?;
    let take = staged(ctx, &bill, take).await?;
    by_another(take.made_by, ctx.actor.id(), "确认", "上传账单和确认账单")?;
    let command = Confirm {
        stamp: Stamp::of(ctx),
        bill,
        take: take.id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Confirm {
    stamp: Stamp,
    bill: BillRow,
    take: i64,
}

impl Command for Confirm {
    const NAME: &'static str = "payment.bill_confirm";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at);
        if takes::take_decide(tx, self.take, "current", by, at.micros()).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let mut trail = self.stamp.trail();
        staging::flip(tx, &mut trail, self.bill.id, self.take).await?;
        let job = trail.id()?;
        enqueue(tx, job, self.bill.id, at).await
    }
}

/// Gives an uploaded file up: anybody of finance may, who uploaded it as well.
///
/// # Errors
/// `Conflict` once it counts.
pub async fn discard(ctx: &Ctx, public_id: &str, take: &str) -> Result<()> {
    let bill = found(ctx, public_id).await?;
    let take = staged(ctx, &bill, take).await?;
    let command = Discard {
        stamp: Stamp::of(ctx),
        bill: bill.id,
        take: take.id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Discard {
    stamp: Stamp,
    bill: i64,
    take: i64,
}

impl Command for Discard {
    const NAME: &'static str = "payment.bill_discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if takes::take_move(tx, self.take, "staged", "dropping").await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "take": self.take });
        self.stamp
            .trail()
            .audit(tx, "payment.bill_discard", object(self.bill), detail)
            .await
    }
}
