//! Closing a day: one person of finance asks, another signs. The equation must hold, every question must have an owner.

use db::{Command, Crowd, Lane, Tx};
use domain::payment::day::DayEvent;
use domain::staff::Permission;
use serde_json::json;

use super::super::by_another;
use super::bill_store::{self as store, BillRow};
use super::finding_store as finds;
use super::step_store as steps;
use super::take_store as takes;
use super::{GONE, load, object};
use crate::{Ctx, Error, Result, Stamp};

async fn found(ctx: &Ctx, public_id: &str) -> Result<BillRow> {
    ctx.allow(Permission::Finance)?;
    let id = store::bill_id_of(&mut ctx.app.db().read(), public_id).await?;
    load(ctx, id.ok_or(Error::NotFound)?).await
}

/// Why a day can't be closed, in words; empty if it can.
pub(super) async fn obstacles(ctx: &Ctx, bill: &BillRow) -> Result<Vec<String>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut why = Vec::new();
    if !bill.stands() || bill.take.is_none() {
        why.push("对账还没有完成".to_owned());
        return Ok(why);
    }
    if bill.stale_at.is_some() {
        why.push("对账以后账本又有变化，系统会重新比对，请稍后再看".to_owned());
    }
    let rest = bill.equation().rest();
    if rest != 0 {
        why.push(format!(
            "等式不平，还差 {} 元没有说明",
            domain::money::Fen::new(rest).yuan()
        ));
    }
    let unowned = finds::unowned(&mut scan, bill.id).await?;
    if unowned > 0 {
        why.push(format!(
            "{unowned} 笔差异还没有人负责：请在异常单里认领；短款要等次日账单"
        ));
    }
    let takes = takes::takes_of(&mut scan, bill.id).await?;
    if takes
        .iter()
        .any(|take| take.state == "reading" || take.state == "staged")
    {
        why.push("有一份上传的账单等待确认".to_owned());
    }
    Ok(why)
}

/// The first person asks for a day to be closed.
///
/// # Errors
/// `Refused` with what stands in the way.
pub async fn ask_close(ctx: &Ctx, public_id: &str) -> Result<()> {
    let bill = found(ctx, public_id).await?;
    let why = obstacles(ctx, &bill).await?;
    if why.is_empty() {
        bill.on(DayEvent::Ask)?;
    } else {
        return Err(Error::refused("not_closable", "还不能关账", why.join("；")));
    }
    let command = Ask {
        stamp: Stamp::of(ctx),
        bill,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Ask {
    stamp: Stamp,
    bill: BillRow,
}

impl Command for Ask {
    const NAME: &'static str = "payment.bill_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let unowned = finds::unowned(tx, self.bill.id).await?;
        if unowned > 0 || steps::bill_ask(tx, self.bill.id, self.bill.run, by, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "day": self.bill.day, "channel": self.bill.channel });
        self.stamp
            .trail()
            .audit(tx, "payment.bill_ask", object(self.bill.id), detail)
            .await
    }
}

/// The second person signs: the day is closed for good.
///
/// # Errors
/// `Refused` for who asked.
pub async fn sign(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    decide(ctx, public_id, true, note).await
}

/// The second person gives it back, with a reason.
///
/// # Errors
/// `Fields` under `note` without one; `Refused` for who asked.
pub async fn give_back(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    decide(ctx, public_id, false, note).await
}

async fn decide(ctx: &Ctx, public_id: &str, signs: bool, note: &str) -> Result<()> {
    let bill = found(ctx, public_id).await?;
    let note = crate::reason::second_word(note, signs, 200, "退回")?;
    bill.on(if signs {
        DayEvent::Sign
    } else {
        DayEvent::GiveBack
    })?;
    if let (true, Some(asker)) = (signs, bill.asked_by) {
        by_another(asker, ctx.actor.id(), "签字", "提请关账和签字关账")?;
    }
    let command = Decide {
        stamp: Stamp::of(ctx),
        bill,
        signs,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    bill: BillRow,
    signs: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.bill_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let id = self.bill.id;
        let done = if self.signs {
            steps::bill_sign(tx, id, by, at, &self.note).await?
        } else {
            steps::bill_unask(tx, id, &self.note).await?
        };
        if done == 0 {
            return Err(Error::Conflict(GONE));
        }
        let equation = self.bill.equation();
        let detail = json!({
            "day": self.bill.day, "channel": self.bill.channel, "signed": self.signs, "note": self.note,
            "bill": equation.bill(), "ours": equation.ours(), "named": equation.named,
        });
        let action = if self.signs {
            "payment.bill_close"
        } else {
            "payment.bill_return"
        };
        self.stamp
            .trail()
            .audit(tx, action, object(id), detail)
            .await
    }
}
