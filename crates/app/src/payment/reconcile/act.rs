//! What follows from a comparison: doubt goes to the channel, and what is left to a person.

use db::{Command, Crowd, Lane, Tx};
use domain::money::Fen;
use domain::payment::RefundState;
use domain::payment::evidence::Source;
use domain::payment::reconcile::{Class, Weight};
use futures_util::FutureExt as _;
use jobs::Run;
use serde_json::json;

use super::bill_store::BillRow;
use super::finding_store::{self as finds, FindingRow};
use super::step_store as steps;
use super::{GONE, moved, progress};
use crate::payment::refund::store as refunds;
use crate::payment::ticket::store as tickets;
use crate::payment::ticket::{self, Ticket};
use crate::payment::{ask, refund, store as orders};
use crate::{Ctx, Error, Result, Stamp};

/// Findings looked at at once.
const PAGE: i64 = 200;
/// A day has no more tickets; what is beyond shares one, for a bill that differs so much is another question.
const TICKETS: i64 = 200;
/// How often the channel is asked about one day's doubts.
const ASKED: usize = 500;
/// What no later bill explained is somebody's after so many days, whether one came or not.
const PATIENCE: i64 = 3;
/// Days back whose questions a new bill may answer.
const BACK: i32 = 7;

pub(super) fn class(row: &FindingRow) -> Result<Class> {
    Class::from_code(&row.class).ok_or(Error::inconsistent("bill_finding.class"))
}

/// Acts on what was found. The comparison runs again if anything came of it; else the day stands.
pub(super) async fn act(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    let (mut after, mut done, mut asked, mut changed) = (0, 0, 0, false);
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let rows = finds::findings(&mut scan, bill.id, "", after, PAGE).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.id;
        for row in rows.iter().filter(|row| row.acted_at.is_none()) {
            let class = class(row)?;
            if class.is_evidence() {
                // Nothing settled it: the comparison does when it goes over the lines.
                changed = true;
                continue;
            }
            if class.is_asked() && asked < ASKED {
                asked += 1;
                changed |= doubt(ctx, row).await?;
            } else {
                continue;
            }
            let (id, at) = (row.id, ctx.app.now().micros());
            moved(ctx, move |tx| {
                async move { Ok(finds::finding_acted(tx, id, at).await?) }.boxed()
            })
            .await?;
            done += 1;
            progress(run, done, bill.findings, "笔差异已处理").await?;
        }
    }
    // Also what was done before a crash, or by anybody else meanwhile: the books say so.
    let changed = changed || super::load(ctx, bill.id).await?.stale_at.is_some();
    if changed {
        let id = bill.id;
        return moved(ctx, move |tx| {
            async move { Ok(steps::bill_again(tx, id).await?) }.boxed()
        })
        .await;
    }
    tickets(ctx, bill).await?;
    let command = Open {
        stamp: Stamp::of(ctx),
        bill: bill.clone(),
        from: bill.date()?.plus_days(-BACK).to_string(),
    };
    ctx.app.db().write(Lane::Background, command).await
}

/// Asks the channel again. Nothing is ever taken back on its silence; whether something may have changed.
async fn doubt(ctx: &Ctx, row: &FindingRow) -> Result<bool> {
    if class(row)? == Class::LocalOnly {
        let attempts = orders::attempts_of(&mut ctx.app.db().read(), row.order_id).await?;
        if let Some(attempt) = attempts.iter().find(|attempt| attempt.id == row.ours) {
            ask::query(ctx, attempt, Source::Query).await?;
        }
        return Ok(false);
    }
    let refund = refunds::refund_by_id(&mut ctx.app.db().read(), row.ours).await?;
    let Some(refund) = refund else {
        return Ok(false);
    };
    let state = RefundState::from_code(&refund.state);
    if !matches!(state, Some(RefundState::Submitted | RefundState::Unknown)) {
        return Ok(false);
    }
    match refund::follow(ctx, &refund).await {
        Ok(()) => {}
        Err(Error::Conflict(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    let now = refunds::refund_by_id(&mut ctx.app.db().read(), row.ours).await?;
    Ok(now.is_some_and(|now| now.state != refund.state))
}

/// Gives what is left to a person.
async fn tickets(ctx: &Ctx, bill: &BillRow) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let late = ctx.app.now() >= bill.date()?.end().plus_days(PATIENCE);
    let waited = late || steps::later_matched(&mut scan, &bill.channel, &bill.day).await?;
    let mut after = 0;
    loop {
        let rows = finds::findings(&mut scan, bill.id, "", after, PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.id;
        for row in rows.into_iter().filter(|row| row.discrepancy_id.is_none()) {
            let class = class(&row)?;
            let due = match class.weight() {
                Weight::Told => false,
                Weight::Waits => waited,
                Weight::Ticket => true,
            };
            if due {
                let command = Assign {
                    stamp: Stamp::of(ctx),
                    bill: bill.clone(),
                    row,
                    class,
                };
                ctx.app.db().write(Lane::Background, command).await?;
            }
        }
    }
}

/// The kind of ticket that a class gets.
fn kind(class: Class) -> &'static str {
    match class {
        Class::ChannelOnly => "bill_channel_only",
        Class::LocalOnly => "bill_local_only",
        Class::Foreign => "bill_foreign",
        Class::Duplicate => "bill_duplicate",
        Class::Fee => "bill_fee",
        Class::RefundChannelOnly
        | Class::RefundLocalOnly
        | Class::RefundAmount
        | Class::RefundState => "bill_refund",
        _ => "bill_differs",
    }
}

struct Assign {
    stamp: Stamp,
    bill: BillRow,
    row: FindingRow,
    class: Class,
}

impl Command for Assign {
    const NAME: &'static str = "payment.bill_ticket";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let ticket = if finds::tickets_of(tx, self.bill.id).await? >= TICKETS {
            self.shared(tx).await?
        } else {
            self.own(tx).await?
        };
        finds::finding_ticket(tx, self.row.id, ticket).await?;
        Ok(())
    }
}

impl Assign {
    /// The one ticket of all that are too many.
    async fn shared(&self, tx: &mut Tx) -> Result<i64> {
        let (channel, day) = (&self.bill.channel, &self.bill.day);
        let kind = "bill_many";
        if let Some(ticket) = tickets::discrepancy_find(tx, channel, day, kind, kind).await? {
            return Ok(ticket);
        }
        let detail = format!(
            "{day} 的账单与本系统的差异超过 {TICKETS} 处，其余的合为这一张异常单；请先确认账单没有取错"
        );
        let ticket = Ticket {
            kind,
            channel,
            number: day,
            order_id: 0,
            amount: 0,
            detail: &detail,
            urgent: true,
        };
        self.open(tx, &ticket).await
    }

    /// A ticket of its own, or the one that `settle` opened: it is the same question.
    async fn own(&self, tx: &mut Tx) -> Result<i64> {
        let (bill, row) = (&self.bill, &self.row);
        if self.class.is_evidence() {
            let kind = match self.class {
                Class::Merchant => "other_merchant",
                _ => "hold",
            };
            let opened =
                tickets::discrepancy_find(tx, &bill.channel, &row.our_no, kind, "illegal").await?;
            if let Some(ticket) = opened {
                return Ok(ticket);
            }
        }
        let ticket = Ticket {
            kind: kind(self.class),
            channel: &bill.channel,
            number: &row.our_no,
            order_id: row.order_id,
            amount: row.bill_amount.max(row.our_amount),
            detail: &detail(bill, row, self.class),
            urgent: matches!(self.class.weight(), Weight::Waits),
        };
        self.open(tx, &ticket).await
    }

    async fn open(&self, tx: &mut Tx, ticket: &Ticket<'_>) -> Result<i64> {
        let told = json!({ "kind": ticket.kind, "bill": self.bill.id, "order": self.row.order_id });
        ticket::open(tx, &mut self.stamp.trail(), ticket, told).await
    }
}

fn detail(bill: &BillRow, row: &FindingRow, class: Class) -> String {
    let yuan = |sum: i64| Fen::new(sum).yuan();
    let mut text = format!("{} 对账：{}。", bill.day, class.label());
    if row.seq > 0 {
        let what = if row.kind == "refund" {
            "退款"
        } else {
            "收款"
        };
        text.push_str(&format!(
            "账单第 {} 行，渠道单号 {}，{what} {} 元",
            row.seq,
            row.channel_no,
            yuan(row.bill_amount)
        ));
    }
    if row.ours > 0 {
        text.push_str(&format!("；本系统记 {} 元", yuan(row.our_amount)));
    }
    match class {
        Class::LocalOnly | Class::RefundLocalOnly => {
            text.push_str("；已向渠道查询，次日账单里也没有，请马上与渠道核实");
        }
        Class::Merchant => text.push_str(&format!("；账单上的商户 {}", row.merchant)),
        Class::Day => text.push_str(&format!("；本系统记在 {}", row.other_day)),
        _ => {}
    }
    text
}

/// The day stands; days before it whose questions this bill may answer are compared again.
struct Open {
    stamp: Stamp,
    bill: BillRow,
    from: String,
}

impl Command for Open {
    const NAME: &'static str = "payment.bill_open";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (bill, at) = (&self.bill, self.stamp.at);
        if steps::bill_open(tx, bill.id, bill.run, at.micros()).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let days = (self.from.as_str(), bill.day.as_str());
        for before in steps::bills_waiting_for(tx, &bill.channel, days).await? {
            steps::bill_again(tx, before).await?;
            super::enqueue(tx, trail.id()?, before, at).await?;
        }
        if bill.missed_at.is_some() {
            let note = "账单已收到，对账已完成";
            tickets::discrepancy_answer(
                tx,
                "bill_missing",
                &bill.channel,
                &bill.day,
                at.micros(),
                note,
            )
            .await?;
        }
        let detail = json!({ "run": bill.run, "findings": bill.findings });
        trail
            .audit(tx, "payment.bill_matched", super::object(bill.id), detail)
            .await
    }
}
