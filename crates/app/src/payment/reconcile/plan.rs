//! The timer: which days are due, whose jobs died, what is missing.

use db::{Command, Crowd, Lane, Tx};
use domain::time::{Date, Timestamp};
use gateways::payment::PaymentGateway;
use serde_json::json;

use super::bill_store::{self as store, BillInsert};
use super::step_store as steps;
use super::take_store as takes;
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
/// A day that the command line made waits for so long before the timer asks its channel.
const PAUSE: i64 = 30 * 60;
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
    closed_down(ctx, due).await?;
    stale(ctx).await?;
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
    for day in gaps(ctx, code, due).await? {
        make(ctx, (code, gateway.merchant()), day, ctx.at).await?;
    }
    Ok(())
}

/// The days of a channel that are over and aren't there: behind the first that is known, not further back than is made up for. A later
/// one may be there already, made by the command line.
async fn gaps(ctx: &Ctx, channel: &str, due: Date) -> Result<Vec<Date>> {
    let back = due.plus_days(-BACK);
    let mut scan = ctx.app.db().scan(Crowd::System);
    let older = store::is_known_before(&mut scan, channel, &back.to_string()).await?;
    let known = store::days_from(&mut scan, channel, &back.to_string()).await?;
    let known: Vec<Date> = known
        .iter()
        .filter_map(|day| Date::parse_typed(day))
        .collect();
    let mut day = match known.first() {
        _ if older => back,
        Some(first) => *first,
        None => due,
    };
    let mut gaps = Vec::new();
    while day <= due {
        if !known.contains(&day) {
            gaps.push(day);
        }
        day = day.plus_days(1);
    }
    Ok(gaps)
}

/// The channels that have had days, offered or not, with the merchant of the last one.
pub(in crate::payment) async fn known_channels(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    Ok(store::known_channels(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// A channel that isn't offered any more may have been paid by until then: its days are there, and somebody hears that their bills aren't.
async fn closed_down(ctx: &Ctx, due: Date) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    for (channel, merchant) in store::known_channels(&mut scan).await? {
        if gateway(&ctx.app, &channel).is_some() {
            continue;
        }
        for day in gaps(ctx, &channel, due).await? {
            let span = domain::payment::reconcile::day(day, super::is_early(&channel));
            if store::was_paid(&mut scan, &channel, span).await? {
                make(ctx, (&channel, &merchant), day, ctx.at).await?;
            }
        }
    }
    Ok(())
}

/// Compares again what was compared before the books moved. What somebody asked to be closed is open again first.
async fn stale(ctx: &Ctx) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    for (id, step) in steps::bills_stale(&mut scan).await? {
        let command = Renew {
            stamp: Stamp::of(ctx),
            id,
            asked: step == "asked",
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

struct Renew {
    stamp: Stamp,
    id: i64,
    asked: bool,
}

impl Command for Renew {
    const NAME: &'static str = "payment.bill_renew";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if self.asked {
            let note = "提请关账以后账本又有变化，已重新比对，请再次提请";
            if steps::bill_unask(tx, self.id, note).await? == 0 {
                return Ok(());
            }
        }
        if steps::bill_again(tx, self.id).await? == 0 {
            return Ok(());
        }
        enqueue(tx, trail.id()?, self.id, self.stamp.at).await?;
        let detail = json!({ "asked": self.asked });
        trail
            .audit(tx, "payment.bill_renew", object(self.id), detail)
            .await
    }
}

async fn make(
    ctx: &Ctx,
    (channel, merchant): (&str, &str),
    day: Date,
    next_at: Timestamp,
) -> Result<()> {
    let command = Make {
        stamp: Stamp::of(ctx),
        channel: channel.to_owned(),
        merchant: merchant.to_owned(),
        day: day.to_string(),
        next_at,
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
    // Who asked for it brings a file, or has the channel asked at once; where he doesn't, the timer asks.
    let of = (gateway.info().code, gateway.merchant());
    make(ctx, of, day, ctx.at.plus_seconds(PAUSE)).await?;
    store::bill_of_day(&mut ctx.app.db().read(), channel, &day.to_string())
        .await?
        .ok_or(Error::NotFound)
}

struct Make {
    stamp: Stamp,
    channel: String,
    merchant: String,
    day: String,
    /// When the channel is asked.
    next_at: Timestamp,
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
            channel: &self.channel,
            merchant: &self.merchant,
            day: &self.day,
            next_at: Some(self.next_at.micros()),
            at: self.stamp.at.micros(),
        };
        let made = store::bill_insert(tx, &row).await? == 1;
        if made && self.next_at <= self.stamp.at {
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
        let Some(take) = takes::take_dropping(&mut scan).await? else {
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
        if takes::lines_drop(tx, self.take, DROPPED).await? == 0 {
            takes::take_move(tx, self.take, "dropping", "dropped").await?;
        }
        Ok(())
    }
}
