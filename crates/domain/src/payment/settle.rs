//! The one decision about news of money: payments §6–§8 as a pure function.
//!
//! The caller locks attempt, then order, loads what is [`Known`], calls [`settle()`], stores the new states and runs the
//! effects in the same transaction. Any number and order of the same pieces of evidence ends in the same states.

use super::Discrepancy;
use super::attempt::{AttemptEvent, AttemptState};
use super::evidence::{CNY, Evidence, News, PaidNews};
use super::order::{OrderEffect, OrderEvent, OrderState};
use super::refund::RefundReason;
use crate::coded::coded;
use crate::money::Fen;
use crate::time::Timestamp;

/// The order, as loaded under lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its state.
    pub state: OrderState,
    /// The debt.
    pub amount: Fen,
    /// Payments made at this instant or later are late.
    pub deadline: Timestamp,
}

/// An attempt, as loaded under lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Our number.
    pub merchant_no: String,
    /// Its channel.
    pub channel: String,
    /// The identity under which it was made; evidence must name the same.
    pub merchant: String,
    /// The sum that was asked for.
    pub amount: Fen,
    /// Its state.
    pub state: AttemptState,
    /// The channel's number, when money is there.
    pub channel_no: Option<String>,
    /// When that money was paid.
    pub paid_at: Option<Timestamp>,
    /// What came, when money is there. It may be another sum than was asked for.
    pub received: Option<Fen>,
}

coded! {
    /// Whether the application behind the order can still use the money.
    pub enum Application {
        /// It waits for this money, or may wait again and has a place.
        Wants = "wants", "可以入账";
        /// The position was cancelled.
        PositionCancelled = "position_cancelled", "岗位已取消";
        /// It ended, is no longer eligible, or its place is gone.
        Gone = "gone", "报名已终止";
        /// The fee was waived meanwhile: nothing is owed any more.
        Waived = "waived", "费用已减免";
        /// Another order of the same application is open or paid.
        OtherOrder = "other_order", "另有缴费单";
    }
}

/// Everything that the decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The order.
    pub order: Order,
    /// The attempt that the evidence names.
    pub attempt: Attempt,
    /// The attempt that is credited now, when it is another one.
    pub credited: Option<Attempt>,
    /// The merchant number under which the same channel transaction is already stored, when it is another one.
    pub applied_to: Option<String>,
    /// Whether the application can use the money.
    pub application: Application,
}

coded! {
    /// Why finance must look before anything is credited.
    pub enum HoldReason {
        /// Another merchant identity.
        Merchant = "merchant", "收款商户不符";
        /// Another channel than the attempt's.
        Channel = "channel", "支付渠道不符";
        /// Another currency.
        Currency = "currency", "币种不符";
        /// Another sum.
        Amount = "amount", "金额不符";
        /// The same attempt with a second channel number.
        SecondTransaction = "second_transaction", "同一支付有两个渠道流水号";
        /// The order is already on hold.
        Held = "held", "缴费单正在核查";
    }
}

/// What the news means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// We never made this number: discrepancy `unknown_order`.
    UnknownOrder,
    /// Another merchant's payment under our number, or one of another channel: none of our money, alert. The order stays as it is, or
    /// whoever has an account at the channel could freeze anybody's order with a rightly signed notice of his own.
    Foreign(HoldReason),
    /// Something differs: credit nothing, alert. What came as money of ours is kept ([`Settlement::attempt`]) until two people decide.
    Hold(HoldReason),
    /// Told before: nothing to do.
    AlreadyApplied,
    /// The channel's transaction is stored under another number: discrepancy.
    AppliedElsewhere(String),
    /// The order is paid by this attempt.
    Credited {
        /// Whether the order had been closed before (`LateAccepted`).
        late: bool,
    },
    /// This attempt paid earlier than the credited one: it takes the credit, the other goes back.
    TookOver {
        /// The attempt that gives way.
        from: String,
    },
    /// The money goes back.
    SentBack(RefundReason),
    /// Not paid, or not yet.
    NotPaid,
    /// Still unknown: ask again.
    StillUnknown,
    /// The state tables have no such pair: discrepancy.
    Illegal(Discrepancy),
}

/// The decision: new states, effects, and the outcome that is stored with the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What it means.
    pub outcome: Outcome,
    /// New state of the order, when it changes.
    pub order: Option<OrderState>,
    /// New state of the attempt, when it changes.
    pub attempt: Option<AttemptState>,
    /// What follows for the order.
    pub effects: Vec<OrderEffect>,
    /// The sum to refund: merchant number of the attempt, reason.
    pub refund: Option<(String, RefundReason)>,
}

impl Settlement {
    fn only(outcome: Outcome) -> Self {
        Self {
            outcome,
            order: None,
            attempt: None,
            effects: Vec::new(),
            refund: None,
        }
    }
}

/// Decides about one piece of evidence. `None`: the merchant number isn't ours.
pub fn settle(known: Option<&Known>, evidence: &Evidence) -> Settlement {
    let Some(known) = known else {
        return Settlement::only(Outcome::UnknownOrder);
    };
    let decided = match &evidence.news {
        News::Paid(paid) => money(known, evidence, paid),
        News::NotPaid { last: true } => {
            without_money(known, AttemptEvent::FinallyUnpaid, Outcome::NotPaid)
        }
        News::NotPaid { last: false } => {
            without_money(known, AttemptEvent::NotPaidYet, Outcome::NotPaid)
        }
        News::Closed => without_money(known, AttemptEvent::Close, Outcome::NotPaid),
        News::Unknown => without_money(known, AttemptEvent::Doubt, Outcome::StillUnknown),
    };
    decided.unwrap_or_else(|wrong| Settlement {
        effects: vec![OrderEffect::Alert],
        ..Settlement::only(Outcome::Illegal(wrong))
    })
}

fn without_money(
    known: &Known,
    event: AttemptEvent,
    outcome: Outcome,
) -> Result<Settlement, Discrepancy> {
    // A channel that first says "paid" and then "not paid" (query lag) doesn't take the money away.
    if known.attempt.state.has_money() {
        return Ok(Settlement::only(Outcome::AlreadyApplied));
    }
    let next = known.attempt.state.on(event)?;
    let attempt = (next != known.attempt.state).then_some(next);
    Ok(Settlement {
        attempt,
        ..Settlement::only(outcome)
    })
}

fn money(known: &Known, evidence: &Evidence, paid: &PaidNews) -> Result<Settlement, Discrepancy> {
    let attempt = &known.attempt;
    if let Some(reason) = foreign(known, evidence) {
        return Ok(Settlement {
            effects: vec![OrderEffect::Alert],
            ..Settlement::only(Outcome::Foreign(reason))
        });
    }
    if paid.currency != CNY {
        return hold(known, HoldReason::Currency);
    }
    if let Some(other) = &known.applied_to {
        return Ok(Settlement {
            effects: vec![OrderEffect::Alert],
            ..Settlement::only(Outcome::AppliedElsewhere(other.clone()))
        });
    }
    if attempt.state.has_money() {
        return match attempt.channel_no.as_deref() {
            Some(stored) if stored != paid.channel_no => hold(known, HoldReason::SecondTransaction),
            // What was told before, whatever sum that was: nothing is booked, held or sent back once more.
            _ if attempt.received.is_none_or(|sum| sum == paid.amount) => {
                Ok(Settlement::only(Outcome::AlreadyApplied))
            }
            _ => hold(known, HoldReason::Amount),
        };
    }
    if paid.amount != attempt.amount || attempt.amount != known.order.amount {
        return other_sum(known);
    }
    if known.order.state == OrderState::Hold {
        return keep(known, HoldReason::Held);
    }
    if let Some(reason) = unusable(known, paid) {
        return send_back(known, reason);
    }
    match known.order.state {
        OrderState::Unpaid | OrderState::Paying => credit(known, OrderEvent::Credit, false),
        OrderState::Voided | OrderState::Expired => credit(known, OrderEvent::LateAccepted, true),
        OrderState::Paid if pays_earlier(known, paid) => take_over(known),
        _ => send_back(known, RefundReason::Duplicate),
    }
}

fn foreign(known: &Known, evidence: &Evidence) -> Option<HoldReason> {
    let attempt = &known.attempt;
    if evidence.channel != attempt.channel {
        Some(HoldReason::Channel)
    } else if evidence.merchant != attempt.merchant {
        Some(HoldReason::Merchant)
    } else {
        None
    }
}

/// Another sum than the debt. An order that is closed or being refunded has nothing to look into: the sum goes back, once a person
/// agrees.
fn other_sum(known: &Known) -> Result<Settlement, Discrepancy> {
    match known.order.state {
        OrderState::Unpaid | OrderState::Paying | OrderState::Paid | OrderState::Hold => {
            keep(known, HoldReason::Amount)
        }
        _ => send_back(known, RefundReason::Mismatch),
    }
}

/// The money is ours and credits nothing so far: booked, and the order is looked into.
fn keep(known: &Known, reason: HoldReason) -> Result<Settlement, Discrepancy> {
    let mut held = hold(known, reason)?;
    held.attempt = Some(known.attempt.state.on(AttemptEvent::ExtraMoney)?);
    held.effects.extend([
        OrderEffect::PostReceipt,
        OrderEffect::CloseOthers,
        OrderEffect::Notify,
    ]);
    Ok(held)
}

/// Why money that matches can't be used, by the payment's own time and by what became of the application.
fn unusable(known: &Known, paid: &PaidNews) -> Option<RefundReason> {
    if paid.paid_at >= known.order.deadline {
        return Some(RefundReason::Late);
    }
    if matches!(
        known.order.state,
        OrderState::Refunding | OrderState::Refunded | OrderState::PartRefunded
    ) {
        return Some(RefundReason::Duplicate);
    }
    if known.order.state == OrderState::Paid {
        return None;
    }
    match known.application {
        Application::Wants => None,
        Application::PositionCancelled => Some(RefundReason::Cancelled),
        Application::Gone => Some(RefundReason::Late),
        Application::Waived => Some(RefundReason::Waived),
        Application::OtherOrder => Some(RefundReason::Duplicate),
    }
}

/// The earliest payment time credits; the merchant number decides between equals, so that order never matters.
fn pays_earlier(known: &Known, paid: &PaidNews) -> bool {
    known.credited.as_ref().is_some_and(|credited| {
        let stored = (credited.paid_at, credited.merchant_no.as_str());
        (Some(paid.paid_at), known.attempt.merchant_no.as_str()) < stored
    })
}

/// A person looks into it. An order that is over stays so where its application has another one: it can't have two that are owed, paid or
/// looked into.
fn hold(known: &Known, reason: HoldReason) -> Result<Settlement, Discrepancy> {
    use OrderState as S;
    let was = known.order.state;
    let (order, effects) = was.on(OrderEvent::Hold)?;
    let over = matches!(was, S::Voided | S::Expired | S::Refunded);
    let stays = over && known.application == Application::OtherOrder;
    Ok(Settlement {
        order: (order != was && !stays).then_some(order),
        effects: effects.to_vec(),
        ..Settlement::only(Outcome::Hold(reason))
    })
}

fn credit(known: &Known, event: OrderEvent, late: bool) -> Result<Settlement, Discrepancy> {
    let (order, effects) = known.order.state.on(event)?;
    Ok(Settlement {
        order: Some(order),
        attempt: Some(known.attempt.state.on(AttemptEvent::Money)?),
        effects: effects.to_vec(),
        ..Settlement::only(Outcome::Credited { late })
    })
}

fn take_over(known: &Known) -> Result<Settlement, Discrepancy> {
    let from = known
        .credited
        .as_ref()
        .map(|credited| credited.merchant_no.clone())
        .unwrap_or_default();
    let (_, effects) = known.order.state.on(OrderEvent::Surplus)?;
    Ok(Settlement {
        attempt: Some(known.attempt.state.on(AttemptEvent::Money)?),
        effects: effects.to_vec(),
        refund: Some((from.clone(), RefundReason::Duplicate)),
        ..Settlement::only(Outcome::TookOver { from })
    })
}

fn send_back(known: &Known, reason: RefundReason) -> Result<Settlement, Discrepancy> {
    let (_, effects) = known.order.state.on(OrderEvent::Surplus)?;
    Ok(Settlement {
        attempt: Some(known.attempt.state.on(AttemptEvent::ExtraMoney)?),
        effects: effects.to_vec(),
        refund: Some((known.attempt.merchant_no.clone(), reason)),
        ..Settlement::only(Outcome::SentBack(reason))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::evidence::Source;

    /// An attempt of a closed order, whose money came and went back; now the channel names another sum.
    fn told_again(state: OrderState, application: Application) -> Settlement {
        let at = Timestamp::from_micros(1_000);
        let (asked, told) = (Fen::new(10_000), Fen::new(10_001));
        let known = Known {
            order: Order {
                state,
                amount: asked,
                deadline: at.plus_days(1),
            },
            attempt: Attempt {
                merchant_no: "P1".to_owned(),
                channel: "wechat".to_owned(),
                merchant: "1:a".to_owned(),
                amount: asked,
                state: AttemptState::Surplus,
                channel_no: Some("42".to_owned()),
                paid_at: Some(at),
                received: Some(asked),
            },
            credited: None,
            applied_to: None,
            application,
        };
        let evidence = Evidence {
            source: Source::Bill,
            channel: "wechat".to_owned(),
            merchant: "1:a".to_owned(),
            merchant_no: "P1".to_owned(),
            news: News::Paid(PaidNews {
                channel_no: "42".to_owned(),
                amount: told,
                currency: CNY.to_owned(),
                paid_at: at,
            }),
        };
        settle(Some(&known), &evidence)
    }

    #[test]
    fn an_order_that_is_over_is_not_looked_into_beside_another_one() {
        for state in [
            OrderState::Voided,
            OrderState::Expired,
            OrderState::Refunded,
        ] {
            let alone = told_again(state, Application::Gone);
            assert_eq!(alone.order, Some(OrderState::Hold), "{state:?}");
            let beside = told_again(state, Application::OtherOrder);
            assert_eq!(beside.order, None, "{state:?}");
            // A person hears of it all the same.
            for told in [alone, beside] {
                assert_eq!(told.outcome, Outcome::Hold(HoldReason::Amount));
                assert_eq!(told.effects, [OrderEffect::Alert]);
            }
        }
        let paid = told_again(OrderState::Paid, Application::OtherOrder);
        assert_eq!(paid.order, Some(OrderState::Hold));
    }
}
