//! The timer: which days are due, whose jobs died, what is missing.

use db::{Command, Crowd, Lane, Tx};
use domain::time::{Date, Timestamp};
use gateways::payment::PaymentGateway;
use serde_json::json;

use super::bill_store::{self as store, BillInsert};
use super::{Work, enqueue, gateway, load, object};
use crate::chunks;
use crate::payment::ticket::{self, Ticket};
use crate::{Ctx, Error, Result, Stamp};

/// A day's bill is asked for on the next one at 10:30.
const ASKED_AT: i64 = 10 * 3600 + 30 * 60;
/// Finance is told at 14:00 of a bill that isn't there.
const MISSED_AT: i64 = 14 * 3600;
/// Days that are made up for after a standstill.
const BACK: i32 = 31;
/// Lines of a reading that nobody needs, removed by one commit.
const DROPPED: i64 = 500;
/// Such commits in one round.
const DROPS: usize = 40;

/// One round: makes the days that are due, puts jobs in, tells of what is missing, clears away.
///
/// # Errors
/// Trouble with the database.
pub async fn plan(ctx: &Ctx) -> Result<()> {
    let due = ctx.at.plus_seconds(-ASKED_AT).date().plus_days(-1);
    for gateway in ctx.app.channels().all() {
        if gateway.bills().is_some() {
            days(ctx, gateway.as_ref(), due).await?;
        }
    }
    let mut scan = ctx.app.db().scan(Crowd::System);
    let at_work = store::bills_at_work(&mut scan, ctx.at.micros()).await?;
    chunks::resume::<Work>(ctx, &at_work).await?;
    let missed = ctx.at.plus_seconds(-MISSED_AT).date().plus_days(-1);
    for (id, channel, day, problem) in store::bills_missing(&mut scan, &missed.to_string()).await? {
        let command = Missed {
            stamp: Stamp::of(ctx),
            id,
            told: format!(
                "{} {day} 的对账单到次日 14:00 还没有取到。{}",
                ctx.app.channels().name(&channel),
                if problem.is_empty() {
                    "系统会继续取。"
                } else {
                    &problem
                }
            ),
            channel,
            day,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    sweep(ctx).await
}

async fn days(ctx: &Ctx, gateway: &dyn PaymentGateway, due: Date) -> Result<()> {
    let code = gateway.info().code;
    let mut scan = ctx.app.db().scan(Crowd::System);
    let last = store::last_day(&mut scan, code).await?;
    let last = last.as_deref().and_then(Date::parse_typed);
    let mut day = match last {
        Some(last) => last.plus_days(1).max(due.plus_days(-BACK)),
        None => due,
    };
    while day <= due {
        make(ctx, gateway, day, Some(ctx.at)).await?;
        day = day.plus_days(1);
    }
    Ok(())
}

async fn make(
    ctx: &Ctx,
    gateway: &dyn PaymentGateway,
    day: Date,
    next_at: Option<Timestamp>,
) -> Result<()> {
    let command = Make {
        stamp: Stamp::of(ctx),
        channel: gateway.info().code,
        merchant: gateway.merchant().to_owned(),
        day: day.to_string(),
        next_at: next_at.map(Timestamp::micros),
    };
    ctx.app.db().write(Lane::Background, command).await
}

/// The day of a channel, made if it isn't there: `bill.id`.
///
/// # Errors
/// `Refused` for a channel without bills, and for a day that isn't over.
pub async fn day_of(ctx: &Ctx, channel: &str, day: Date) -> Result<i64> {
    let Some(gateway) = gateway(&ctx.app, channel) else {
        return Err(Error::refused(
            "no_bills",
            "这个渠道没有对账单",
            "没有开通，或者不提供对账单。",
        ));
    };
    if ctx.at.date() <= day {
        return Err(Error::refused(
            "day_not_over",
            "这一天还没有过完",
            "对账单在次日上午生成。",
        ));
    }
    make(ctx, gateway.as_ref(), day, None).await?;
    store::bill_of_day(&mut ctx.app.db().read(), channel, &day.to_string())
        .await?
        .ok_or(Error::NotFound)
}

struct Make {
    stamp: Stamp,
    channel: &'static str,
    merchant: String,
    day: String,
    next_at: Option<i64>,
}

impl Command for Make {
    const NAME: &'static str = "payment.bill_day";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let row = BillInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            channel: self.channel,
            merchant: &self.merchant,
            day: &self.day,
            next_at: self.next_at,
            at: self.stamp.at.micros(),
        };
        let made = store::bill_insert(tx, &row).await? == 1;
        if made && self.next_at.is_some() {
            enqueue(tx, trail.id()?, id, self.stamp.at).await?;
        }
        Ok(())
    }
}

/// Has the channel asked at once, and does all that can be done for a day in the caller's task: for the command line.
///
/// # Errors
/// `NotFound`; `Conflict` if a job is at it.
pub async fn now(ctx: &Ctx, bill: i64) -> Result<()> {
    let row = load(ctx, bill).await?;
    if row.step == "waiting" || row.step == "open" {
        let hurry = Hurry {
            id: bill,
            at: ctx.at.micros(),
        };
        ctx.app.db().write(Lane::Interactive, hurry).await?;
    }
    super::carry_on(ctx, bill, None).await
}

pub(super) struct Hurry {
    pub id: i64,
    pub at: i64,
}

impl Command for Hurry {
    const NAME: &'static str = "payment.bill_hurry";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::bill_hurry(tx, self.id, self.at).await? == 0 {
            return Err(Error::Conflict(super::GONE));
        }
        Ok(())
    }
}

struct Missed {
    stamp: Stamp,
    id: i64,
    channel: String,
    day: String,
    told: String,
}

impl Command for Missed {
    const NAME: &'static str = "payment.bill_missed";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        if store::bill_missed(tx, self.id, at).await? == 0 {
            return Ok(());
        }
        let missing = Ticket {
            kind: "bill_missing",
            channel: &self.channel,
            number: &self.day,
            order_id: 0,
            amount: 0,
            detail: &self.told,
            urgent: true,
        };
        let told = json!({ "kind": "bill_missing", "bill": self.id });
        ticket::open(tx, &mut trail, &missing, told).await?;
        let detail = json!({ "day": self.day });
        trail
            .audit(tx, "payment.bill_missed", object(self.id), detail)
            .await
    }
}

/// Removes the lines of readings that nobody needs any more.
async fn sweep(ctx: &Ctx) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    for _ in 0..DROPS {
        let Some(take) = store::take_dropping(&mut scan).await? else {
            return Ok(());
        };
        ctx.app.db().write(Lane::Background, Drop { take }).await?;
    }
    Ok(())
}

struct Drop {
    take: i64,
}

impl Command for Drop {
    const NAME: &'static str = "payment.bill_drop";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::lines_drop(tx, self.take, DROPPED).await? == 0 {
            store::take_move(tx, self.take, "dropping", "dropped").await?;
        }
        Ok(())
    }
}
