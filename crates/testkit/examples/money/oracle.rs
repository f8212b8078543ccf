//! What must be true when all is quiet: what the channels hold is what we say that they hold, and every payment ended in exactly one paid
//! order or went back whole.

use std::collections::BTreeMap;
use std::fmt;

use app::payment;
use db::{Crowd, p, sql};
use simulators::Trio;
use simulators::bank::{RefundState, TradeState};
use testkit::TestApp;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Harm {
    /// A channel has money that is neither credited nor gone back, or we credit money that no channel has.
    Lost(String),
    /// Credited twice, or gone back twice.
    Double(String),
    /// Something that still waits.
    Stuck(String),
    /// Anything else that can't be.
    Wrong(String),
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(what) => write!(f, "lost: {what}"),
            Self::Double(what) => write!(f, "double: {what}"),
            Self::Stuck(what) => write!(f, "stuck: {what}"),
            Self::Wrong(what) => write!(f, "wrong: {what}"),
        }
    }
}

/// An order as it ended.
struct Order {
    number: String,
    state: String,
    amount: i64,
    closed_at: Option<i64>,
}

/// An attempt as it ended.
struct Attempt {
    order: i64,
    channel: String,
    state: String,
    channel_no: Option<String>,
    received: Option<i64>,
}

struct Ours {
    orders: BTreeMap<i64, Order>,
    /// By merchant number.
    attempts: BTreeMap<String, Attempt>,
    /// State and sum, by number of the refund.
    refunds: BTreeMap<String, (String, i64)>,
}

type OrderRow = (i64, String, String, i64, Option<i64>);
type AttemptRow = (String, i64, String, String, Option<String>, Option<i64>);

async fn ours(t: &TestApp) -> Ours {
    let scan = t.app.db().scan(Crowd::System);
    let orders: Vec<OrderRow> = scan
        .rows(
            sql!("SELECT id, order_no, state, amount, closed_at FROM payment_order"),
            p![],
        )
        .await
        .expect("orders");
    let attempts: Vec<AttemptRow> = scan
        .rows(
            sql!("SELECT merchant_no, order_id, channel, state, channel_no, received FROM payment_attempt"),
            p![],
        )
        .await
        .expect("attempts");
    let refunds: Vec<(String, String, i64)> = scan
        .rows(sql!("SELECT refund_no, state, amount FROM refund"), p![])
        .await
        .expect("refunds");
    let order = |(id, number, state, amount, closed_at)| {
        let order = Order {
            number,
            state,
            amount,
            closed_at,
        };
        (id, order)
    };
    let attempt = |(number, order, channel, state, channel_no, received)| {
        let attempt = Attempt {
            order,
            channel,
            state,
            channel_no,
            received,
        };
        (number, attempt)
    };
    let refund = |(number, state, amount)| (number, (state, amount));
    Ours {
        orders: orders.into_iter().map(order).collect(),
        attempts: attempts.into_iter().map(attempt).collect(),
        refunds: refunds.into_iter().map(refund).collect(),
    }
}

/// How many orders there were.
pub(crate) async fn orders(t: &TestApp) -> u64 {
    let scan = t.app.db().scan(Crowd::System);
    let count: i64 = scan
        .one(sql!("SELECT COUNT(*) FROM payment_order"), p![])
        .await
        .expect("a count");
    count.unsigned_abs()
}

/// Compares both sides.
pub(crate) async fn judge(t: &TestApp, trio: &Trio) -> Vec<Harm> {
    let ours = ours(t).await;
    let mut harm = Vec::new();
    waiting(&ours, &mut harm);
    for channel in trio.channels() {
        let code = channel.code();
        let book = channel.bank().book();
        for (number, trade) in &book.trades {
            if trade.state != TradeState::Paid {
                continue;
            }
            let gone: i64 = book
                .refunds
                .values()
                .filter(|refund| refund.order.merchant_no == *number)
                .filter(|refund| refund.state != RefundState::Failed)
                .map(|refund| refund.order.amount)
                .sum();
            let Some(attempt) = ours.attempts.get(number) else {
                harm.push(Harm::Lost(format!("{code} has {number}, which we don't")));
                continue;
            };
            let order = &ours.orders[&attempt.order];
            // Who asked the channel before giving an order up knows of money that was there.
            if let Some(closed) = order.closed_at
                && matches!(order.state.as_str(), "voided" | "expired")
                && trade.paid_at < closed
            {
                harm.push(Harm::Wrong(format!(
                    "{} was {} over money that {code} had: {number}",
                    order.number, order.state
                )));
            }
            if !matches!(attempt.state.as_str(), "succeeded" | "surplus") {
                harm.push(Harm::Lost(format!(
                    "{code} took {} for {number}, which is {} of {} {}",
                    trade.sum(),
                    attempt.state,
                    order.state,
                    order.number
                )));
                continue;
            }
            if attempt.channel_no.is_none() || attempt.received != Some(trade.sum()) {
                harm.push(Harm::Wrong(format!("{number} isn't what {code} took")));
            }
            if attempt.state == "succeeded" && order.state == "paid" {
                if gone != 0 {
                    harm.push(Harm::Double(format!("{number} is credited and went back")));
                }
                if trade.sum() != order.amount {
                    harm.push(Harm::Wrong(format!("{number} paid another sum")));
                }
            } else if gone < trade.sum() {
                harm.push(Harm::Lost(format!(
                    "of {number} ({}, order {}) {gone} of {} went back",
                    attempt.state,
                    order.state,
                    trade.sum()
                )));
            }
        }
        for (number, refund) in &book.refunds {
            let known = ours.refunds.get(number);
            let agreed = match refund.state {
                RefundState::Succeeded => matches!(known, Some((state, _)) if state == "succeeded"),
                RefundState::Failed => matches!(known, Some((state, _)) if state == "failed"),
                RefundState::Abnormal => {
                    matches!(known, Some((state, _)) if state == "abnormal" || state == "failed")
                }
                RefundState::Processing => false,
            };
            if !agreed {
                harm.push(Harm::Stuck(format!(
                    "refund {number} is {:?} at {code}, {known:?} here",
                    refund.state
                )));
            }
        }
    }
    for (number, attempt) in &ours.attempts {
        let taken = trio
            .channel(&attempt.channel)
            .and_then(|channel| channel.bank().trade(number))
            .is_some_and(|trade| trade.state == TradeState::Paid);
        if matches!(attempt.state.as_str(), "succeeded" | "surplus") && !taken {
            harm.push(Harm::Lost(format!(
                "{number} is {} and {} took nothing",
                attempt.state, attempt.channel
            )));
        }
    }
    balances(t, trio, &mut harm).await;
    harm
}

/// Each channel's bill was compared, and nothing stands out.
pub(crate) async fn bills(t: &TestApp, harm: &mut Vec<Harm>) {
    let scan = t.app.db().scan(Crowd::System);
    let days: Vec<(String, String)> = scan
        .rows(
            sql!("SELECT channel, step FROM bill ORDER BY channel"),
            p![],
        )
        .await
        .expect("bills");
    if days.len() != 3 || days.iter().any(|(_, step)| step != "open") {
        harm.push(Harm::Stuck(format!("bills are {days:?}")));
    }
    let found: Vec<(String, String)> = scan
        .rows(
            sql!("SELECT class, our_no FROM bill_finding WHERE state = 'open' AND other_day = '' ORDER BY class, our_no"),
            p![],
        )
        .await
        .expect("findings");
    for (class, number) in found {
        harm.push(Harm::Wrong(format!("the bill: {class} of {number}")));
    }
}

/// Nothing waits any more.
fn waiting(ours: &Ours, harm: &mut Vec<Harm>) {
    for order in ours.orders.values() {
        if matches!(
            order.state.as_str(),
            "paying" | "refunding" | "hold" | "unpaid"
        ) {
            harm.push(Harm::Stuck(format!("{} is {}", order.number, order.state)));
        }
    }
    for (number, attempt) in &ours.attempts {
        if matches!(attempt.state.as_str(), "created" | "submitted" | "unknown") {
            harm.push(Harm::Stuck(format!("{number} is {}", attempt.state)));
        }
    }
    for (number, (state, _)) in &ours.refunds {
        if matches!(state.as_str(), "approved" | "submitted" | "unknown") {
            harm.push(Harm::Stuck(format!("refund {number} is {state}")));
        }
    }
    let mut credited: BTreeMap<i64, u32> = BTreeMap::new();
    for attempt in ours.attempts.values() {
        if attempt.state == "succeeded" {
            *credited.entry(attempt.order).or_default() += 1;
        }
    }
    for (order, times) in credited {
        if times > 1 {
            let number = &ours.orders[&order].number;
            harm.push(Harm::Double(format!("{number} is credited {times} times")));
        }
    }
}

/// Our books against the channels'.
async fn balances(t: &TestApp, trio: &Trio, harm: &mut Vec<Harm>) {
    let trial = payment::trial_balance(&t.app).await.expect("the books");
    if !trial.unbalanced.is_empty() {
        harm.push(Harm::Wrong("debits and credits differ".to_owned()));
    }
    for channel in trio.channels() {
        let here = trial.balance(&format!("channel:{}", channel.code()));
        let there = channel.bank().book().balance().get();
        if here != there {
            harm.push(Harm::Wrong(format!(
                "{} holds {there} of ours, the books say {here}",
                channel.code()
            )));
        }
    }
}
