//! Refunds on their way: sent and followed by the timer, or told of by the channel.
//!
//! `requested → approved → submitted → succeeded | failed | abnormal | unknown`. A retry carries the same number, or the
//! channel would pay twice.

use db::{Command, Lane, Tx};
use domain::application::Event;
use domain::money::Fen;
use domain::payment::refund::Earlier;
use domain::payment::{AttemptState, OrderEvent, RefundEvent, RefundReason, RefundState, ladder};
use domain::time::Timestamp;
use gateways::payment::{NewRefund, RefundNews};
use serde_json::json;

use super::ask::named;
use super::book_store::{self as store, RefundRow};
use super::ledger::{self, CLAIMS, FEES, Posting, SURPLUS, TREASURY, channel_book};
use super::pay::{gateway_of, notify_url};
use super::progress_store as times;
use super::refund::{self, earlier};
use super::store::{self as orders, AttemptRow, OrderRow};
use super::ticket::{self, Ticket};
use super::{attempt_state, offline, order_state, reconcile, refund_state, treasury};
use crate::application;
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// The tickets of refunds that came to nothing: before their day was closed, and after.
const FAILED: &str = "refund_failed";
const AFTER_CLOSE: &str = "refund_after_close";
/// One worker has a refund for this long.
const LEASE_SECONDS: i64 = 60;
/// The ticket of a refund that went back by hand, and by its channel all the same.
const TWICE: &str = "refund_twice";

/// Sends or asks about one refund that is due.
pub(super) async fn follow(ctx: &Ctx, row: &RefundRow) -> Result<()> {
    let (order, attempt) = of(ctx, row).await?;
    if offline::rest(ctx, row, &attempt).await? {
        return Ok(());
    }
    let state = refund_state(row)?;
    let submit = state == RefundState::Approved;
    if submit && treasury::rest(ctx, row, &order, &attempt).await? {
        return Ok(());
    }
    let next = match (submit, state) {
        (true, _) => RefundState::Submitted,
        (_, other) => other,
    };
    let until = ctx.app.now().plus_seconds(LEASE_SECONDS);
    let claim = Claim {
        row: row.clone(),
        next,
        at: ctx.app.now(),
        until,
    };
    if ctx.app.db().write(Lane::Background, claim).await? == 0 {
        return Ok(());
    }
    let news = ask(&ctx.app, row, &attempt, submit).await;
    finish(ctx, row.id, (order, attempt), news).await
}

/// A verified notice of a refund. One that we never raised, or raised at another channel, is left to the bill.
///
/// # Errors
/// Trouble of ours: the channel sends it again.
pub(super) async fn told(
    ctx: &Ctx,
    channel: &str,
    refund_no: &str,
    news: RefundNews,
) -> Result<()> {
    let row = store::refund_by_no(&mut ctx.app.db().read(), refund_no).await?;
    let Some(row) = row else {
        tracing::warn!(channel, "a refund that nobody raised is told of");
        return Ok(());
    };
    let (order, attempt) = of(ctx, &row).await?;
    if attempt.channel != channel {
        tracing::warn!(
            channel,
            refund = row.id,
            "a refund of another channel is told of"
        );
        return Ok(());
    }
    match finish(ctx, row.id, (order, attempt), news).await {
        // The timer was faster.
        Err(Error::Conflict(_)) => Ok(()),
        done => done,
    }
}

/// A notice says that there is something to ask about a refund.
pub(super) async fn ask_about(ctx: &Ctx, channel: &str, refund_no: &str) -> Result<()> {
    let row = store::refund_by_no(&mut ctx.app.db().read(), refund_no).await?;
    let Some(row) = row else {
        tracing::warn!(channel, "a refund that nobody raised is told of");
        return Ok(());
    };
    match refund_state(&row)? {
        RefundState::Submitted | RefundState::Unknown => match follow(ctx, &row).await {
            Err(Error::Conflict(_)) => Ok(()),
            done => done,
        },
        _ => Ok(()),
    }
}

/// The order and the payment that a refund is of.
async fn of(ctx: &Ctx, row: &RefundRow) -> Result<(OrderRow, AttemptRow)> {
    let mut read = ctx.app.db().read();
    let order = orders::order_by_id(&mut read, row.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(&mut read, row.order_id).await?;
    let attempt = attempts
        .into_iter()
        .find(|attempt| attempt.id == row.attempt_id);
    let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
    Ok((order, attempt))
}

async fn finish(
    ctx: &Ctx,
    refund_id: i64,
    (order, attempt): (OrderRow, AttemptRow),
    news: RefundNews,
) -> Result<()> {
    let command = Finish {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        refund_id,
        order,
        attempt,
        news,
        by_hand: false,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Two people say that a refund was paid back by hand: under which number of a document, and when.
pub(super) async fn paid_by_hand(
    tx: &mut Tx,
    app: &App,
    stamp: &Stamp,
    refund_id: i64,
    (channel_no, at): (String, Timestamp),
) -> Result<()> {
    let row = store::refund_by_id(tx, refund_id)
        .await?
        .ok_or(Error::NotFound)?;
    let order = orders::order_by_id(tx, row.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(tx, row.order_id).await?;
    let mut attempts = attempts.into_iter();
    let attempt = attempts.find(|attempt| attempt.id == row.attempt_id);
    let command = Finish {
        app: app.clone(),
        stamp: stamp.clone(),
        refund_id,
        order,
        attempt: attempt.ok_or(Error::inconsistent("refund.attempt_id"))?,
        news: RefundNews::Succeeded { channel_no, at },
        by_hand: true,
    };
    command.run(tx).await
}

async fn ask(app: &App, row: &RefundRow, attempt: &AttemptRow, submit: bool) -> RefundNews {
    let Some(gateway) = gateway_of(app, attempt) else {
        return RefundNews::Unknown;
    };
    let refund = NewRefund {
        refund_no: row.refund_no.clone(),
        begun_at: Timestamp::from_micros(row.created_at),
        of: named(attempt),
        amount: Fen::new(row.amount),
        total: Fen::new(attempt.received.unwrap_or(attempt.amount)),
        reason: RefundReason::from_code(&row.reason)
            .map_or("退款", RefundReason::label)
            .to_owned(),
        notify_url: notify_url(app, &attempt.channel),
    };
    if submit {
        return gateway.refund(&refund).await;
    }
    match gateway.query_refund(&refund).await {
        // It never arrived: the same number again.
        RefundNews::Missing => gateway.refund(&refund).await,
        news => news,
    }
}

/// What went back for good.
pub(super) fn back(earlier: &[Earlier]) -> i64 {
    let done = earlier
        .iter()
        .filter(|refund| refund.state == RefundState::Succeeded);
    done.map(|refund| refund.amount.get()).sum()
}

/// Whether a refund was sent, or will be without another word. One that waits for the second person isn't.
pub(super) fn on_its_way(refund: &Earlier) -> bool {
    let waits = matches!(
        refund.state,
        RefundState::Succeeded | RefundState::Requested
    );
    refund.state.reserves() && !waits
}

struct Claim {
    row: RefundRow,
    next: RefundState,
    at: Timestamp,
    until: Timestamp,
}

impl Command for Claim {
    const NAME: &'static str = "payment.refund_claim";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let until = Some(self.until.micros());
        let (id, version) = (self.row.id, self.row.version);
        let moved = store::refund_set_state(tx, id, version, self.next.code(), until).await?;
        if moved > 0 {
            times::refund_sent(tx, id, self.at.micros()).await?;
        }
        Ok(moved)
    }
}

struct Finish {
    app: App,
    stamp: Stamp,
    refund_id: i64,
    order: OrderRow,
    attempt: AttemptRow,
    news: RefundNews,
    /// Paid back outside of the channel, by a document and two people.
    by_hand: bool,
}

impl Command for Finish {
    const NAME: &'static str = "payment.refund_finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, self.order.id).await?;
        let row = store::refund_by_id(tx, self.refund_id)
            .await?
            .ok_or(Error::NotFound)?;
        let was = refund_state(&row)?;
        let taken_up = self.by_hand && was == RefundState::Failed;
        if taken_up {
            refund::check_covered(tx, &row).await?;
        }
        let event = match &self.news {
            RefundNews::Processing => RefundEvent::Processing,
            RefundNews::Succeeded { .. } if self.by_hand => RefundEvent::PaidByHand,
            RefundNews::Succeeded { .. } => RefundEvent::Succeed,
            RefundNews::Failed(_) => RefundEvent::Fail,
            RefundNews::Abnormal(_) => RefundEvent::GoAbnormal,
            RefundNews::Missing | RefundNews::Unknown => RefundEvent::Doubt,
        };
        let Ok(next) = was.on(event) else {
            if let (RefundState::Succeeded, RefundNews::Failed(why) | RefundNews::Abnormal(why)) =
                (was, &self.news)
            {
                // It counts as done, and perhaps in a day that is closed: nothing is taken back by itself, a person finds out.
                return self.came_back(tx, &mut trail, &row, why).await;
            }
            return Err(Error::Conflict("这笔退款刚有变化"));
        };
        let waits = matches!(next, RefundState::Submitted | RefundState::Unknown);
        let queries = u32::try_from(row.queries).unwrap_or(u32::MAX);
        let far = self.stamp.at.plus_days(365);
        let again = ladder::next_query(
            ladder::Ladder::Usual,
            queries,
            self.stamp.at,
            far,
            ladder::spread(self.attempt.id, queries),
        )
        .map(Timestamp::micros);
        let again = again.filter(|_| waits);
        store::refund_set_state(tx, row.id, row.version, next.code(), again).await?;
        if taken_up {
            self.taken_up(tx, &mut trail, &row).await?;
        }
        if next == was {
            return match self.news {
                RefundNews::Succeeded { .. } => self.twice(tx, &mut trail, &row).await,
                _ => Ok(()),
            };
        }
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: self.order.exam_id,
        };
        let detail = json!({ "refund_no": row.refund_no, "from": was.code(), "to": next.code() });
        trail
            .audit(tx, "payment.refund_news", object, detail)
            .await?;
        match &self.news {
            RefundNews::Succeeded { channel_no, at } if next == RefundState::Succeeded => {
                store::refund_finish(tx, row.id, channel_no, at.micros()).await?;
                self.succeeded(tx, &mut trail, &row).await
            }
            RefundNews::Failed(why) => {
                self.alert(tx, &mut trail, &row, why).await?;
                self.undone(tx, &mut trail, &row).await
            }
            RefundNews::Abnormal(why) => self.alert(tx, &mut trail, &row, why).await,
            _ => Ok(()),
        }
    }
}

impl Finish {
    async fn succeeded(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let attempts = orders::attempts_of(tx, self.order.id).await?;
        let attempt = attempts.iter().find(|attempt| attempt.id == row.attempt_id);
        let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
        let credits = attempt_state(attempt)? == AttemptState::Succeeded;
        // What the treasury pays back doesn't leave the channel, which had given it away; nor does what is paid back by hand: that
        // leaves the centre's own account.
        let from = if row.by_treasury() {
            TREASURY.to_owned()
        } else if self.by_hand && !offline::by_hand(&attempt.channel) {
            store::refund_by_hand(tx, row.id).await?;
            channel_book(offline::CHANNEL)
        } else {
            channel_book(&attempt.channel)
        };
        let posting = Posting {
            debit: if credits { FEES } else { SURPLUS },
            credit: &from,
            amount: row.amount,
            of: (row.order_id, row.attempt_id, row.id),
        };
        ledger::post(tx, trail, &posting).await?;
        self.mended(tx, row).await?;
        if credits {
            self.order_refunded(tx, trail, row).await?;
        } else if back(&earlier(tx, row.order_id, row.attempt_id).await?)
            > attempt.received.unwrap_or(0)
        {
            // A channel that had refused, and now says that it did it, after another refund went out for the same money.
            let why = "同一笔收款退了不止一次：先前未退成的退款，渠道又通知退款成功";
            self.alert(tx, trail, row, why).await?;
        }
        let number = domain::payment::number::grouped(&self.order.order_no);
        let sum = Fen::new(row.amount).yuan();
        let notice = Notice {
            kind: "payment",
            title: "退款成功".to_owned(),
            body: if row.by_treasury() {
                format!("缴费单 {number} 的 {sum} 元已由财政部门退库，请查收。")
            } else if self.by_hand {
                format!("缴费单 {number} 的 {sum} 元已线下退回，转账的请查收您提供的收款账户。")
            } else {
                format!("缴费单 {number} 的 {sum} 元已原路退回，到账时间以银行为准。")
            },
            link: format!("/payments/{}", self.order.public_id),
            sms: Some(Sms {
                template: if self.by_hand {
                    "payment_refunded_by_hand"
                } else {
                    "payment_refunded"
                },
                params: vec![("order", number), ("amount", sum)],
            }),
        };
        message::notify(tx, trail, &self.app, self.order.account_id, &notice).await
    }

    /// What stood open about it is done with.
    async fn mended(&self, tx: &mut Tx, row: &RefundRow) -> Result<()> {
        let of = (self.attempt.channel.as_str(), row.refund_no.as_str());
        if let Some(id) = store::discrepancy_find(tx, of.0, of.1, FAILED, FAILED).await? {
            let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
            store::discrepancy_resolve(tx, id, by, at, "退款已办成").await?;
        }
        Ok(())
    }

    /// A refund that its channel refused is paid back by hand: what it goes back of is on its way back again. The refund stands as done
    /// already, or its application would have another one raised.
    async fn taken_up(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let order = orders::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        if order.credited_attempt != Some(row.attempt_id) {
            return Ok(());
        }
        refund::start(tx, &order).await?;
        let whole = refund::goes_back(tx, &order, row.attempt_id).await?;
        let application = application::store::application_by_id(tx, order.application_id).await?;
        if whole && application.is_some_and(|row| row.payment == "paid") {
            let id = order.application_id;
            application::advance(tx, trail, &self.app, id, Event::StartRefund, "").await?;
        }
        Ok(())
    }

    /// A channel says that it sent money back. If it was paid back by hand before, the payer has it twice: the books say so once, and a
    /// person asks it back.
    async fn twice(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let by_channel = !self.by_hand && !offline::by_hand(&self.attempt.channel);
        if !by_channel || row.method.is_none() {
            return Ok(());
        }
        if store::discrepancy_known(tx, TWICE, &row.refund_no).await? {
            return Ok(());
        }
        let posting = Posting {
            debit: CLAIMS,
            credit: &channel_book(&self.attempt.channel),
            amount: row.amount,
            of: (row.order_id, row.attempt_id, row.id),
        };
        ledger::post(tx, trail, &posting).await?;
        let ticket = Ticket {
            kind: TWICE,
            channel: &self.attempt.channel,
            number: &row.refund_no,
            order_id: row.order_id,
            amount: row.amount,
            detail: "已线下退回的退款，渠道又退了一次，请向缴款人追回",
            urgent: true,
        };
        let told = json!({ "kind": ticket.kind, "refund_no": row.refund_no });
        ticket::open(tx, trail, &ticket, told).await?;
        Ok(())
    }

    /// The credited payment went back, whole or in part.
    async fn order_refunded(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
    ) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        let all = back(&earlier) >= order.amount;
        if !all && earlier.iter().any(on_its_way) {
            return Ok(());
        }
        let event = if all {
            OrderEvent::RefundedAll
        } else {
            OrderEvent::RefundedPart
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            // A channel that had refused, or a person, and now says that the money went back: the order counts as paid.
            return self
                .alert(tx, trail, row, "已按未退处理的退款，渠道又通知退款成功")
                .await;
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        if all {
            self.tell_application(tx, trail, &order, Event::FinishRefund)
                .await?;
        }
        Ok(())
    }

    /// The channel refused to send the credited payment back: it is ours as before, and may be asked back anew.
    async fn undone(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        if order.credited_attempt != Some(row.attempt_id) || earlier.iter().any(on_its_way) {
            return Ok(());
        }
        let event = if back(&earlier) > 0 {
            OrderEvent::RefundFailedAfterPart
        } else {
            OrderEvent::RefundFailed
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            return Err(Error::inconsistent("payment_order.state"));
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        self.tell_application(tx, trail, &order, Event::AbandonRefund)
            .await
    }

    /// The order now, and what goes back of the payment that credits it.
    async fn standing(&self, tx: &mut Tx) -> Result<(OrderRow, Vec<Earlier>)> {
        let order = orders::order_by_id(tx, self.order.id)
            .await?
            .ok_or(Error::NotFound)?;
        let earlier = earlier(tx, order.id, order.credited_attempt.unwrap_or(0)).await?;
        Ok((order, earlier))
    }

    async fn tell_application(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        order: &OrderRow,
        event: Event,
    ) -> Result<()> {
        let id = order.application_id;
        let row = application::store::application_by_id(tx, id).await?;
        if row.is_some_and(|row| row.payment == "refunding") {
            application::advance(tx, trail, &self.app, id, event, "").await?;
        }
        Ok(())
    }

    /// The channel says of a refund that it did that it came to nothing, once.
    async fn came_back(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        for kind in [FAILED, AFTER_CLOSE] {
            if store::discrepancy_known(tx, kind, &row.refund_no).await? {
                return Ok(());
            }
        }
        let why = format!("本系统已记退款成功，渠道又通知没有退成：{why}");
        self.alert(tx, trail, row, &why).await
    }

    /// A person must look. Where the channel's bill of a closed day lists the refund as paid out, it is urgent: no later bill will say
    /// that the money stayed.
    async fn alert(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        let channel = &self.attempt.channel;
        // Sent again to no avail: it is the same matter.
        let same = store::discrepancy_find(tx, channel, &row.refund_no, FAILED, AFTER_CLOSE);
        if same.await?.is_some() {
            return Ok(());
        }
        let failed = matches!(self.news, RefundNews::Failed(_) | RefundNews::Abnormal(_));
        let closed = if failed {
            reconcile::closed_with(tx, channel, &row.refund_no).await?
        } else {
            None
        };
        let detail = match &closed {
            Some(day) => format!(
                "{day} 已关账，当日账单列有这笔退款；{why}。请核实款项是否已回到商户账户，再重新办理退款"
            ),
            None => why.to_owned(),
        };
        let kind = if closed.is_some() {
            AFTER_CLOSE
        } else {
            FAILED
        };
        let told = json!({ "kind": kind, "refund_no": row.refund_no, "order": row.order_id });
        let ticket = Ticket {
            kind,
            channel,
            number: &row.refund_no,
            order_id: row.order_id,
            amount: row.amount,
            detail: &detail,
            urgent: closed.is_some(),
        };
        ticket::open(tx, trail, &ticket, told).await?;
        Ok(())
    }
}
