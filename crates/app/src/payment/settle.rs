//! The one way in which news of money becomes state.

use std::sync::Arc;

use db::{Command, Lane, Query, Tx};
use domain::application::Event;
use domain::money::Fen;
use domain::payment::evidence::{Evidence, News, PaidNews, Source};
use domain::payment::settle as rules;
use domain::payment::{
    Application, AttemptState, OrderEffect, OrderEvent, OrderState, Outcome, RefundReason,
    Settlement,
};
use domain::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::book_store as books;
use super::ledger::{self, FEES, Posting, SURPLUS, channel_book};
use super::reconcile::{self, Booked, Moved};
use super::store::{self, AttemptRow, OrderRow};
use super::ticket::store as tickets;
use super::ticket::{self, Ticket};
use super::{attempt_state, credited, offline, order_state, refund, work};
use crate::application::{self, Extra};
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// What became of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What it meant.
    pub outcome: Outcome,
    /// The state of its order now; `None` for a number that isn't ours.
    pub order: Option<OrderState>,
    /// The state of its attempt now.
    pub attempt: Option<AttemptState>,
}

/// Settles one piece of verified evidence. Any number and order of the same pieces ends in the same state.
///
/// # Errors
/// Only trouble of ours: a channel whose notice met one sends it again.
pub async fn settle(ctx: &Ctx, evidence: &Evidence) -> Result<Settled> {
    let mut tries = 0;
    loop {
        let command = Settle {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            evidence: Arc::new(evidence.clone()),
        };
        match ctx.app.db().write(Lane::Interactive, command).await {
            // The application was moved by somebody else meanwhile: look again.
            Err(Error::Conflict(_)) if tries < 3 => tries += 1,
            answer => return answer,
        }
    }
}

pub(super) struct Settle {
    app: App,
    stamp: Stamp,
    evidence: Arc<Evidence>,
}

impl Settle {
    /// One piece of evidence, for a command that settles it in its own transaction: by a stamp that nothing else uses.
    pub(super) fn new(app: &App, stamp: Stamp, evidence: Evidence) -> Self {
        Self {
            app: app.clone(),
            stamp,
            evidence: Arc::new(evidence),
        }
    }
}

impl Command for Settle {
    const NAME: &'static str = "payment.settle";
    type Out = Settled;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Settled> {
        let mut trail = self.stamp.trail();
        let evidence = &*self.evidence;
        let found = load(tx, evidence).await?;
        let known = match &found {
            Some(found) => Some(found.known(tx, evidence).await?),
            None => None,
        };
        let decided = rules::settle(known.as_ref(), evidence);
        let Some(found) = found else {
            alert(tx, &mut trail, evidence, 0, &decided.outcome).await?;
            keep(tx, &mut trail, evidence, &decided.outcome).await?;
            return Ok(Settled {
                outcome: decided.outcome,
                order: None,
                attempt: None,
            });
        };
        let mut step = Step {
            app: &self.app,
            found: &found,
            evidence,
            decided: &decided,
        };
        let (order, attempt) = step.apply(tx, &mut trail).await?;
        keep(tx, &mut trail, evidence, &decided.outcome).await?;
        Ok(Settled {
            outcome: decided.outcome,
            order: Some(order),
            attempt: Some(attempt),
        })
    }
}

/// The order, locked, with the attempt that the evidence names.
struct Found {
    order: OrderRow,
    attempt: AttemptRow,
    attempts: Vec<AttemptRow>,
}

async fn load(tx: &mut Tx, evidence: &Evidence) -> Result<Option<Found>> {
    let Some(named) = store::attempt_by_no(tx, &evidence.merchant_no).await? else {
        return Ok(None);
    };
    store::order_lock(tx, named.order_id).await?;
    let order = store::order_by_id(tx, named.order_id).await?;
    let order = order.ok_or(Error::inconsistent("payment_attempt.order_id"))?;
    let attempts = store::attempts_of(tx, order.id).await?;
    let attempt = attempts
        .iter()
        .find(|attempt| attempt.id == named.id)
        .cloned();
    let attempt = attempt.ok_or(Error::inconsistent("payment_attempt"))?;
    Ok(Some(Found {
        order,
        attempt,
        attempts,
    }))
}

fn rule_attempt(row: &AttemptRow) -> Result<rules::Attempt> {
    Ok(rules::Attempt {
        merchant_no: row.merchant_no.clone(),
        channel: row.channel.clone(),
        merchant: row.merchant.clone(),
        amount: Fen::new(row.amount),
        state: attempt_state(row)?,
        channel_no: row.channel_no.clone(),
        paid_at: row.paid_at.map(Timestamp::from_micros),
        received: row.received.map(Fen::new),
    })
}

impl Found {
    async fn known(&self, tx: &mut Tx, evidence: &Evidence) -> Result<rules::Known> {
        let credited = self
            .attempts
            .iter()
            .find(|row| row.id != self.attempt.id && row.state == AttemptState::Succeeded.code())
            .map(rule_attempt)
            .transpose()?;
        let applied_to = match &evidence.news {
            News::Paid(paid) => store::attempt_applied(tx, &evidence.channel, &paid.channel_no)
                .await?
                .filter(|number| *number != self.attempt.merchant_no),
            _ => None,
        };
        Ok(rules::Known {
            order: rules::Order {
                state: order_state(&self.order)?,
                amount: Fen::new(self.order.amount),
                deadline: Timestamp::from_micros(self.order.expires_at),
            },
            attempt: rule_attempt(&self.attempt)?,
            credited,
            applied_to,
            application: usable(tx, &self.order).await?,
        })
    }
}

/// Whether the application behind the order can still use money.
pub(super) async fn usable(tx: &mut impl Query, order: &OrderRow) -> Result<Application> {
    let row = application::store::application_by_id(tx, order.application_id)
        .await?
        .ok_or(Error::inconsistent("payment_order.application_id"))?;
    if store::order_live_of(tx, row.id)
        .await?
        .is_some_and(|live| live.id != order.id)
    {
        return Ok(Application::OtherOrder);
    }
    Ok(
        match (
            row.life.as_str(),
            row.payment.as_str(),
            row.end_reason.as_str(),
        ) {
            ("live", "due", _) => Application::Wants,
            ("live", "waived", _) => Application::Waived,
            ("live", "paid" | "refunding" | "refunded", _) => Application::OtherOrder,
            ("ended", "due", "unpaid") => {
                let living =
                    application::store::application_living(tx, row.exam_id, row.account_id).await?;
                let place = match row.position_id {
                    Some(position) => has_place(tx, position).await?,
                    None => true,
                };
                if living.is_none() && place {
                    Application::Wants
                } else {
                    Application::Gone
                }
            }
            ("ended", _, "position_cancelled") => Application::PositionCancelled,
            // He may still choose another position, but owes nothing for this one.
            ("live", "none", _) if on_cancelled(tx, row.position_id).await? => {
                Application::PositionCancelled
            }
            _ => Application::Gone,
        },
    )
}

async fn on_cancelled(tx: &mut impl Query, position_id: Option<i64>) -> Result<bool> {
    let Some(id) = position_id else {
        return Ok(false);
    };
    let state = crate::exam::position_state(tx, id).await?;
    Ok(state.as_deref() == Some(domain::exam::PositionState::Cancelled.code()))
}

async fn has_place(tx: &mut impl Query, position_id: i64) -> Result<bool> {
    let row = crate::exam::position_by_id(tx, position_id).await?;
    let row = row.ok_or(Error::inconsistent("application.position_id"))?;
    let cancelled = row.state == domain::exam::PositionState::Cancelled.code();
    Ok(!cancelled && row.capacity.is_none_or(|capacity| row.taken < capacity))
}

/// One decision on its way into the tables.
struct Step<'a> {
    app: &'a App,
    found: &'a Found,
    evidence: &'a Evidence,
    decided: &'a Settlement,
}

impl Step<'_> {
    fn paid(&self) -> Option<&PaidNews> {
        match &self.evidence.news {
            News::Paid(paid) => Some(paid),
            _ => None,
        }
    }

    async fn apply(
        &mut self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
    ) -> Result<(OrderState, AttemptState)> {
        let (order, attempt) = (&self.found.order, &self.found.attempt);
        let (order_was, attempt_was) = (order_state(order)?, attempt_state(attempt)?);
        // Who gives way does so first: at most one attempt credits an order.
        if let Outcome::TookOver { from } = &self.decided.outcome {
            self.give_way(tx, trail, from).await?;
        }
        if let Some(next) = self.decided.attempt {
            store::attempt_set_state(
                tx,
                attempt.id,
                attempt_was.code(),
                next.code(),
                !next.is_asked(),
            )
            .await?;
            if let (true, Some(paid)) = (next.has_money(), self.paid()) {
                let at = paid.paid_at.micros();
                store::attempt_set_money(tx, attempt.id, &paid.channel_no, paid.amount.get(), at)
                    .await?;
                if next == AttemptState::Succeeded {
                    store::order_credit(tx, order.id, attempt.id, at).await?;
                }
            }
        }
        let mut order_now = order_was;
        if let Some(next) = self.decided.order {
            store::order_set_state(tx, order.id, order_was.code(), next.code()).await?;
            order_now = next;
        }
        for effect in &self.decided.effects {
            self.follow(tx, trail, *effect).await?;
        }
        if let Some((number, reason)) = &self.decided.refund {
            self.send_back(tx, trail, number, *reason).await?;
        }
        let attempt_now = self.decided.attempt.unwrap_or(attempt_was);
        if order_now == OrderState::Paying && attempt_now.is_final() {
            order_now = self.attempts_over(tx).await?;
        }
        if self.decided.order.is_some() || self.decided.attempt.is_some() {
            let object = Object {
                kind: "payment_order",
                id: order.id,
                exam_id: order.exam_id,
            };
            let detail = json!({
                "source": self.evidence.source.code(),
                "outcome": outcome_code(&self.decided.outcome),
                "order": order_now.code(),
                "attempt": attempt_now.code(),
            });
            trail.audit(tx, "payment.settle", object, detail).await?;
        }
        Ok((order_now, attempt_now))
    }

    /// The order waits for a new attempt once none is open any more.
    async fn attempts_over(&self, tx: &mut Tx) -> Result<OrderState> {
        for other in self
            .found
            .attempts
            .iter()
            .filter(|row| row.id != self.found.attempt.id)
        {
            if !attempt_state(other)?.is_final() {
                return Ok(OrderState::Paying);
            }
        }
        let (next, _) = OrderState::Paying
            .on(OrderEvent::AttemptsOver)
            .map_err(|_| Error::inconsistent("payment_order.state"))?;
        store::order_set_state(
            tx,
            self.found.order.id,
            OrderState::Paying.code(),
            next.code(),
        )
        .await?;
        Ok(next)
    }

    /// The attempt that was credited until now becomes a surplus: its money moves to the other book.
    async fn give_way(&self, tx: &mut Tx, trail: &mut Trail<'_>, from: &str) -> Result<()> {
        let Some(old) = self
            .found
            .attempts
            .iter()
            .find(|row| row.merchant_no == from)
        else {
            return Err(Error::inconsistent("payment_attempt"));
        };
        let (was, now) = (AttemptState::Succeeded, AttemptState::Surplus);
        store::attempt_set_state(tx, old.id, was.code(), now.code(), true).await?;
        let moved = Posting {
            debit: FEES,
            credit: SURPLUS,
            amount: old.received.unwrap_or(old.amount),
            of: (old.order_id, old.id, 0),
        };
        ledger::post(tx, trail, &moved).await
    }

    async fn follow(&self, tx: &mut Tx, trail: &mut Trail<'_>, effect: OrderEffect) -> Result<()> {
        let order = &self.found.order;
        match effect {
            OrderEffect::PostReceipt => {
                let Some(paid) = self.paid() else {
                    return Ok(());
                };
                let credit = match self.decided.outcome {
                    // What isn't decided yet goes back unless two people say otherwise.
                    Outcome::SentBack(_) | Outcome::Hold(_) => SURPLUS,
                    _ => FEES,
                };
                let posting = Posting {
                    debit: &channel_book(&self.evidence.channel),
                    credit,
                    amount: paid.amount.get(),
                    of: (order.id, self.found.attempt.id, 0),
                };
                ledger::post(tx, trail, &posting).await?;
                let booked = Booked {
                    order,
                    channel: &self.evidence.channel,
                    number: &self.evidence.merchant_no,
                    what: Moved::Came,
                    amount: paid.amount.get(),
                    at: paid.paid_at.micros(),
                    by_bill: self.evidence.source == Source::Bill,
                };
                reconcile::booked(tx, trail, &booked).await
            }
            OrderEffect::AdvanceApplication => self.advance(tx, trail).await,
            OrderEffect::CloseOthers => {
                store::attempts_hurry(tx, order.id, trail.at().micros()).await?;
                tx.wake(work::TOPIC);
                Ok(())
            }
            OrderEffect::Alert => {
                alert(tx, trail, self.evidence, order.id, &self.decided.outcome).await
            }
            OrderEffect::Notify => self.tell(tx, trail).await,
            // The refund stands in the decision itself; postings of refunds belong to refunds.
            OrderEffect::RefundSurplus | OrderEffect::PostRefund => Ok(()),
        }
    }

    async fn advance(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let paid_at = self.paid().map(|paid| paid.paid_at);
        advance(tx, trail, self.app, &self.found.order, paid_at).await
    }

    async fn send_back(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        number: &str,
        reason: RefundReason,
    ) -> Result<()> {
        let row = self
            .found
            .attempts
            .iter()
            .find(|row| row.merchant_no == number);
        let row = row.ok_or(Error::inconsistent("payment_attempt"))?;
        let amount = self
            .paid()
            .filter(|_| row.id == self.found.attempt.id)
            .map_or(row.received.unwrap_or(row.amount), |paid| paid.amount.get());
        refund::raise_surplus(tx, trail, (row.order_id, row.id), amount, reason).await
    }

    async fn tell(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let order = &self.found.order;
        if let Outcome::Credited { late } = &self.decided.outcome {
            let by_hand = offline::by_hand(&self.found.attempt.channel);
            return credited::tell(tx, trail, self.app, order, (*late, by_hand)).await;
        }
        let number = domain::payment::number::grouped(&order.order_no);
        let sum = self.paid().map_or(order.amount, |paid| paid.amount.get());
        let sum = Fen::new(sum).yuan();
        // Who is told of money that goes back is told which way: what no channel had no channel sends back.
        let back = match &self.decided.outcome {
            Outcome::TookOver { from } => {
                let mut all = self.found.attempts.iter();
                all.find(|row| row.merchant_no == *from)
            }
            _ => Some(&self.found.attempt),
        };
        let by_hand = back.is_some_and(|row| offline::by_hand(&row.channel));
        let (title, body, template) = match &self.decided.outcome {
            Outcome::SentBack(RefundReason::Mismatch) => (
                "收到的款项与应缴金额不符",
                format!(
                    "缴费单 {number} 应缴 {} 元，收到 {sum} 元，没有入账。财务人员审批后退回，进度请看缴费单。",
                    Fen::new(order.amount).yuan()
                ),
                "",
            ),
            Outcome::SentBack(reason) if by_hand => (
                "多付款项将线下退回",
                format!(
                    "缴费单 {number} 收到的 {sum} 元属于{}，{BY_HAND}",
                    reason.label()
                ),
                "payment_sent_back_by_hand",
            ),
            Outcome::SentBack(reason) => (
                "多付款项将原路退回",
                format!(
                    "缴费单 {number} 收到的 {sum} 元属于{}，将原路全额退回，一般 1 至 7 天到账。",
                    reason.label()
                ),
                "payment_sent_back",
            ),
            Outcome::TookOver { .. } if by_hand => (
                "重复支付的款项将线下退回",
                format!("缴费单 {number} 收到两次支付，多付的 {sum} 元{BY_HAND}"),
                "payment_sent_back_by_hand",
            ),
            Outcome::TookOver { .. } => (
                "重复支付的款项将原路退回",
                format!(
                    "缴费单 {number} 收到两次支付，多付的 {sum} 元将原路全额退回，一般 1 至 7 天到账。"
                ),
                "payment_sent_back",
            ),
            Outcome::Hold(_) if sum == Fen::new(order.amount).yuan() => (
                "收到的款项正在核查",
                format!(
                    "缴费单 {number} 正在核查，又收到 {sum} 元，已登记。请不要再支付，核查结果会发消息告知。"
                ),
                "",
            ),
            Outcome::Hold(_) => (
                "收到的款项与应缴金额不符",
                format!(
                    "缴费单 {number} 应缴 {} 元，收到 {sum} 元，没有入账。这笔款已登记，由工作人员核查，一般会退回。请不要再支付，核查结果会发消息告知。",
                    Fen::new(order.amount).yuan()
                ),
                "",
            ),
            _ => return Ok(()),
        };
        let sms = (!template.is_empty()).then(|| Sms {
            template,
            params: vec![("order", number), ("amount", sum)],
        });
        let notice = Notice {
            kind: "payment",
            title: title.to_owned(),
            body,
            link: format!("/payments/{}", order.public_id),
            sms,
        };
        message::notify(tx, trail, self.app, order.account_id, &notice).await
    }
}

/// Tells the application that the fee is paid.
pub(super) async fn advance(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    order: &OrderRow,
    paid_at: Option<Timestamp>,
) -> Result<()> {
    let id = order.application_id;
    let row = application::store::application_by_id(tx, id)
        .await?
        .ok_or(Error::NotFound)?;
    let event = if row.life == "ended" {
        Event::AcceptLate
    } else {
        Event::Pay
    };
    let extra = Extra {
        paid_at,
        ..Extra::default()
    };
    application::advance_with(tx, trail, app, id, event, &extra).await?;
    Ok(())
}

/// How money comes back that no channel had.
pub(super) const BY_HAND: &str = "是线下缴的，由财务人员线下退回：转到您提供的收款账户，或者当面退还。财务人员会与您联系，退好后再发消息告知。";

/// The stored code of an outcome.
pub(super) fn outcome_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::UnknownOrder => "unknown_order",
        Outcome::Foreign(_) => "other_merchant",
        Outcome::Hold(_) => "hold",
        Outcome::AlreadyApplied => "already_applied",
        Outcome::AppliedElsewhere(_) => "applied_elsewhere",
        Outcome::Credited { late: false } => "credited",
        Outcome::Credited { late: true } => "late_accepted",
        Outcome::TookOver { .. } => "took_over",
        Outcome::SentBack(_) => "sent_back",
        Outcome::NotPaid => "not_paid",
        Outcome::StillUnknown => "unknown",
        Outcome::Illegal(_) => "illegal",
    }
}

/// Opens a discrepancy, unless the same one is open already.
async fn alert(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    evidence: &Evidence,
    order_id: i64,
    outcome: &Outcome,
) -> Result<()> {
    let kind = outcome_code(outcome);
    if tickets::discrepancy_open(tx, kind, &evidence.merchant_no).await? {
        return Ok(());
    }
    let (amount, told) = match &evidence.news {
        News::Paid(paid) => (
            paid.amount.get(),
            format!(
                "渠道交易号 {}，收款 {} 元",
                paid.channel_no,
                paid.amount.yuan()
            ),
        ),
        _ => (0, "渠道未说明收款".to_owned()),
    };
    let why = match outcome {
        Outcome::Foreign(reason) | Outcome::Hold(reason) => reason.label().to_owned(),
        Outcome::AppliedElsewhere(number) => format!("同一交易号已登记在 {number}"),
        Outcome::UnknownOrder => "没有这个商户单号".to_owned(),
        Outcome::Illegal(wrong) => wrong.to_string(),
        _ => String::new(),
    };
    let ticket = Ticket {
        kind,
        channel: &evidence.channel,
        number: &evidence.merchant_no,
        order_id,
        amount,
        detail: &format!("{why}；{told}"),
        urgent: false,
    };
    let told = json!({ "kind": kind, "order": order_id });
    ticket::open(tx, trail, &ticket, told).await?;
    Ok(())
}

/// Keeps what a channel said, once: only news of money, closes and trouble; "not yet" is no news.
async fn keep(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    evidence: &Evidence,
    outcome: &Outcome,
) -> Result<()> {
    let news = match &evidence.news {
        News::Paid(paid) => json!({
            "paid": { "channel_no": paid.channel_no, "amount": paid.amount.get(),
                      "currency": paid.currency, "paid_at": paid.paid_at.micros() }
        }),
        News::Closed => json!("closed"),
        News::NotPaid { last: true } => json!("finally_unpaid"),
        News::NotPaid { last: false } | News::Unknown => return Ok(()),
    };
    let content = json!({
        "channel": evidence.channel,
        "merchant": evidence.merchant,
        "merchant_no": evidence.merchant_no,
        "news": news,
    })
    .to_string();
    let row = books::EventInsert {
        id: trail.id()?,
        channel: &evidence.channel,
        body_hash: &Sha256::digest(content.as_bytes()),
        source: evidence.source.code(),
        merchant_no: &evidence.merchant_no,
        content: content.as_bytes(),
        outcome: outcome_code(outcome),
        at: trail.at().micros(),
    };
    books::event_insert(tx, &row).await?;
    Ok(())
}
