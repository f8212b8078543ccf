//! What finance sees of days, and may ask for.

use db::{Crowd, Lane};
use domain::payment::reconcile::Class;
use domain::staff::Permission;
use futures_util::FutureExt as _;

use super::bill_store::{self as store, BillRow};
use super::finding_store::{self as finds, FindingRow};
use super::match_store::{self as matches, LineRow};
use super::plan::Hurry;
use super::step_store as steps;
use super::take_store::{self as takes, TakeRow};
use super::{close, load, moved};
use crate::{Ctx, Error, Result, Stamp};

/// What a list of days is asked for; empty for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The channel's code.
    pub channel: String,
    /// `open` for days that aren't closed, `closed`, `hand` for those among them whose money is still to go to the treasury.
    pub group: String,
}

/// Where a list of days goes on: behind this day and id.
pub type Place = (String, i64);

/// A page of days, the newest first.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn list(
    ctx: &Ctx,
    search: &Search,
    from: Option<&Place>,
    limit: i64,
) -> Result<Vec<BillRow>> {
    ctx.allow(Permission::Finance)?;
    let last = ("9999-99-99".to_owned(), i64::MAX);
    let (day, id) = from.unwrap_or(&last);
    let of = (search.channel.as_str(), search.group.as_str());
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::bills(&mut scan, of, (day, *id), limit).await?)
}

/// The channels that have bills: code, name.
pub fn channels(ctx: &Ctx) -> Vec<(String, String)> {
    let all = ctx.app.channels().all().iter();
    all.filter(|gateway| gateway.bills().is_some())
        .map(|gateway| {
            (
                gateway.info().code.to_owned(),
                gateway.info().name.to_owned(),
            )
        })
        .collect()
}

/// A class of findings of a day.
#[derive(Debug, Clone)]
pub struct Classed {
    /// Which.
    pub class: Class,
    /// How many.
    pub count: i64,
    /// Σ of what the bill says.
    pub bill: i64,
    /// Σ of what we say.
    pub ours: i64,
    /// Σ of the differences.
    pub delta: i64,
}

/// A day with everything about it.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The day.
    pub bill: BillRow,
    /// Its readings, the newest first.
    pub takes: Vec<TakeRow>,
    /// Its findings by class.
    pub classes: Vec<Classed>,
    /// What keeps it from being closed.
    pub obstacles: Vec<String>,
}

/// One day.
///
/// # Errors
/// `NotFound`.
pub async fn detail(ctx: &Ctx, public_id: &str) -> Result<Detail> {
    ctx.allow(Permission::Finance)?;
    let id = store::bill_id_of(&mut ctx.app.db().read(), public_id).await?;
    let bill = load(ctx, id.ok_or(Error::NotFound)?).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let classes = finds::classes(&mut scan, bill.id).await?;
    let classes = classes
        .into_iter()
        .map(|(code, count, bill, ours, delta)| {
            Ok(Classed {
                class: Class::from_code(&code).ok_or(Error::inconsistent("bill_finding.class"))?,
                count,
                bill,
                ours,
                delta,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Detail {
        takes: takes::takes_of(&mut scan, bill.id).await?,
        obstacles: close::obstacles(ctx, &bill).await?,
        classes,
        bill,
    })
}

/// A page of a day's open findings, of one class or of all (empty).
///
/// # Errors
/// `Forbidden`.
pub async fn findings(
    ctx: &Ctx,
    bill: i64,
    class: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<FindingRow>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(finds::findings(&mut scan, bill, class, after, limit).await?)
}

/// A page of the bill's lines.
///
/// # Errors
/// `Forbidden`.
pub async fn lines(ctx: &Ctx, bill: &BillRow, after: i64, limit: i64) -> Result<Vec<LineRow>> {
    ctx.allow(Permission::Finance)?;
    let Some(take) = bill.take else {
        return Ok(Vec::new());
    };
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(matches::lines(&mut scan, (take, bill.id), after, limit).await?)
}

async fn changeable(ctx: &Ctx, public_id: &str) -> Result<BillRow> {
    ctx.allow(Permission::Finance)?;
    let id = store::bill_id_of(&mut ctx.app.db().read(), public_id).await?;
    let bill = load(ctx, id.ok_or(Error::NotFound)?).await?;
    if bill.step == "asked" || bill.step == "closed" {
        return Err(Error::refused(
            "day_closed",
            "这一天已提请关账或已关账",
            "关账以后账单和比对结果不再改动；只是提请的，可以先退回。",
        ));
    }
    Ok(bill)
}

/// Has the channel asked for the bill once more.
///
/// # Errors
/// `Refused` for a day that is closed; `Conflict` while a job is at it.
pub async fn fetch_again(ctx: &Ctx, public_id: &str) -> Result<()> {
    let bill = changeable(ctx, public_id).await?;
    let hurry = Hurry {
        id: bill.id,
        at: ctx.at.micros(),
    };
    ctx.app.db().write(Lane::Interactive, hurry).await?;
    crate::chunks::resume::<super::Work>(ctx, &[bill.id]).await
}

/// Compares again what is there.
///
/// # Errors
/// `Refused` for a day that is closed; `Conflict` while a job is at it.
pub async fn compare_again(ctx: &Ctx, public_id: &str) -> Result<()> {
    let bill = changeable(ctx, public_id).await?;
    let stamp = Stamp::of(ctx);
    let id = bill.id;
    moved(ctx, move |tx| {
        let stamp = stamp.clone();
        async move {
            let done = steps::bill_again(tx, id).await?;
            if done == 1 {
                let mut trail = stamp.trail();
                super::enqueue(tx, trail.id()?, id, stamp.at).await?;
            }
            Ok(done)
        }
        .boxed()
    })
    .await
}
