//! 对账: each channel's bill of a day beside what we know (payments §9).
//!
//! A day ([`BillRow`]) goes `waiting → lines → payments → refunds → acting → open → asked → closed`. The job [`Work`] does one step after
//! the other, each chunk in a commit that also says how far it is, so that a crash goes on there and a second worker does no harm:
//!
//! 1. **waiting**: the channel is asked for its bill ([`fetch`]). What comes is read once to the end, which is where its sums stand, before
//!    a line is stored; then its lines are staged as a reading (`bill_take`), and one commit makes it the one that counts.
//! 2. **lines**: the lines beside our attempts and refunds ([`compare`]). What doesn't match is a finding; what isn't one matches. Evidence
//!    among it goes to [`settle`](super::settle()) at once, and what was found is looked at again ([`prove`]).
//! 3. **payments, refunds**: ours beside the lines, by books that know by now what the bill proves.
//! 4. **acting**: doubt goes to the channel; what is left gets a ticket, 异常单 ([`act`]). Where the channel's answer moved the books, or
//!    somebody else did meanwhile, the comparison runs once more.
//! 5. **open**: the equation of the day stands. Two people of finance close it ([`close`]).
//!
//! Whatever is run again over the same bill changes nothing. A closed day stands still.

mod act;
mod bill_store;
mod close;
mod compare;
mod export;
mod fetch;
mod finding_store;
mod hand;
mod hand_store;
mod late;
mod match_store;
mod office;
mod plan;
mod prove;
mod revenue;
mod revenue_store;
mod staging;
mod step_store;
mod take_store;
mod upload;

use db::{Command, Crowd, Lane, Tx};
use domain::payment::day::{DayEvent, DayStep};
use domain::time::{Date, Timestamp};
use gateways::payment::{PaymentGateway, unionpay};
use jobs::{Job, JobError, JobResult, Run};
use serde::{Deserialize, Serialize};

pub use bill_store::BillRow;
pub use close::{ask_close, give_back, sign};
pub use export::{export_bills, export_findings, export_lines};
pub use finding_store::FindingRow;
pub(in crate::payment) use hand::handed;
pub use hand::{hand_over, to_hand, treasury_file};
pub(in crate::payment) use late::{Booked, Moved, booked};
pub use match_store::LineRow;
pub use office::{
    Classed, Detail, Search, channels, compare_again, detail, fetch_again, findings, lines, list,
};
pub(in crate::payment) use plan::known_channels;
pub use plan::{day_of, now, plan};
pub use revenue::{Line, OpenDay, Revenue, Span, export_revenue, revenue, revenue_channels};
pub use take_store::TakeRow;
pub use upload::{LARGEST, confirm, discard, upload};

use crate::chunks::{self, Over};
use crate::{App, Ctx, Error, Object, Result};

/// The size of one commit.
const CHUNK: usize = 500;

/// `bill.reached_id` in the step `lines`, once all lines were looked at: what they prove is being settled.
const SETTLING: i64 = 1;
/// The same, once it is settled: what was found is being looked at again.
const LOOKING: i64 = 2;

/// Brings a day of a channel onward.
#[derive(Debug, Serialize, Deserialize)]
pub struct Work {
    /// `bill.id`.
    pub bill: i64,
}

impl Job for Work {
    type State = App;
    const NAME: &'static str = "payment.bill";
    const QUEUE: &'static str = "payment.bill";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        match carry_on(&Ctx::system(app), self.bill, Some(run)).await {
            Ok(()) => Ok(()),
            Err(Error::NotFound) => Err(JobError::fail("what the job was over is gone")),
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

impl Over for Work {
    fn over(bill: i64) -> Self {
        Self { bill }
    }
}

/// What a trail calls a day.
fn object(id: i64) -> Object {
    Object {
        kind: "bill",
        id,
        exam_id: 0,
    }
}

const GONE: &str = "这一天的对账刚有变化，请刷新后再看";

/// Whether a channel's day ends at 23:00.
fn is_early(channel: &str) -> bool {
    channel == unionpay::CODE
}

impl BillRow {
    /// The day.
    ///
    /// # Errors
    /// `Internal` for a text that is none.
    pub fn date(&self) -> Result<Date> {
        Date::parse_typed(&self.day).ok_or(Error::inconsistent("bill.day"))
    }

    /// From and to, in microseconds.
    fn span(&self) -> Result<(i64, i64)> {
        Ok(domain::payment::reconcile::day(
            self.date()?,
            is_early(&self.channel),
        ))
    }

    /// The equation of the day.
    pub fn equation(&self) -> domain::payment::reconcile::Equation {
        domain::payment::reconcile::Equation {
            paid: self.paid,
            refunded: self.refunded,
            our_paid: self.our_paid,
            our_refunded: self.our_refunded,
            named: self.named,
        }
    }

    /// The step that an event leads to.
    fn on(&self, event: DayEvent) -> Result<DayStep> {
        let step = DayStep::from_code(&self.step).ok_or(Error::inconsistent("bill.step"))?;
        step.on(event).map_err(|_| Error::Conflict(GONE))
    }

    /// Whether its comparison is over, and nobody changes it now.
    pub fn stands(&self) -> bool {
        ["open", "asked", "closed"].contains(&self.step.as_str())
    }
}

async fn load(ctx: &Ctx, id: i64) -> Result<BillRow> {
    bill_store::bill_by_id(&mut ctx.app.db().scan(Crowd::System), id)
        .await?
        .ok_or(Error::NotFound)
}

/// A day, by `bill.id`: for the command line.
///
/// # Errors
/// `Forbidden`; `NotFound`.
pub async fn row(ctx: &Ctx, id: i64) -> Result<BillRow> {
    ctx.allow(domain::staff::Permission::Finance)?;
    load(ctx, id).await
}

/// The channel of a day, if it still has bills.
fn gateway<'a>(app: &'a App, channel: &str) -> Option<&'a std::sync::Arc<dyn PaymentGateway>> {
    app.channels()
        .get(channel)
        .filter(|gateway| gateway.bills().is_some())
}

/// Says how far it is, to whoever waits for the job.
async fn progress(run: Option<&Run>, done: i64, total: i64, note: &str) -> Result<()> {
    let Some(run) = run else {
        return Ok(());
    };
    run.progress(done, total, note)
        .await
        .map_err(|error| Error::internal("the job was called off", error))
}

/// Does whatever can be done for a day now, from where it is.
///
/// # Errors
/// `NotFound`; `Conflict` if another worker is at it; trouble with the database.
pub async fn carry_on(ctx: &Ctx, bill: i64, run: Option<&Run>) -> Result<()> {
    loop {
        // A context for each step: what is due is asked at the clock's time.
        let ctx = Ctx {
            at: ctx.app.now(),
            ..ctx.clone()
        };
        let row = load(&ctx, bill).await?;
        if fetch::bring(&ctx, &row, run).await? {
            continue;
        }
        match row.step.as_str() {
            "lines" | "payments" | "refunds" => compare::step(&ctx, &row, run).await?,
            "acting" => act::act(&ctx, &row, run).await?,
            _ => return Ok(()),
        }
    }
}

/// Puts the job of a day in.
async fn enqueue(tx: &mut Tx, id: i64, bill: i64, at: Timestamp) -> Result<()> {
    chunks::enqueue::<Work>(tx, id, bill, at).await
}

/// The day that is closed and whose bill lists a refund, if there is one.
pub(in crate::payment) async fn closed_with(
    tx: &mut Tx,
    channel: &str,
    refund_no: &str,
) -> Result<Option<String>> {
    Ok(match_store::refund_closed(tx, channel, refund_no).await?)
}

/// A row is moved on, or somebody else did it.
struct Move<F>(F);

impl<F> Command for Move<F>
where
    F: for<'a> Fn(&'a mut Tx) -> futures_util::future::BoxFuture<'a, Result<u64>>
        + Send
        + Sync
        + 'static,
{
    const NAME: &'static str = "payment.bill_move";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if (self.0)(tx).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        Ok(())
    }
}

/// Sends a small change that expects one row.
async fn moved<F>(ctx: &Ctx, change: F) -> Result<()>
where
    F: for<'a> Fn(&'a mut Tx) -> futures_util::future::BoxFuture<'a, Result<u64>>
        + Send
        + Sync
        + 'static,
{
    ctx.app.db().write(Lane::Background, Move(change)).await
}
