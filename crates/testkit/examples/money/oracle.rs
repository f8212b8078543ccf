//! What must be true when all is quiet: what the channels hold is what we say that they hold, and every payment ended in exactly one paid
//! order or went back whole.

use std::collections::BTreeMap;
use std::fmt;

use app::payment;
use db::{Crowd, p, sql};
use simulators::Trio;
use simulators::bank::{Book, RefundState, TradeState};
use testkit::TestApp;

use crate::desk::Desk;
use crate::ours::{Ours, ours};

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

/// How many orders there were.
pub(crate) async fn orders(t: &TestApp) -> u64 {
    let scan = t.app.db().scan(Crowd::System);
    let count: i64 = scan
        .one(sql!("SELECT COUNT(*) FROM payment_order"), p![])
        .await
        .expect("a count");
    count.unsigned_abs()
}

/// Money that somebody took from a payer.
struct Taken {
    /// Our number of the attempt.
    number: String,
    /// Who took it.
    by: String,
    amount: i64,
    /// When it was paid, where it matters.
    paid_at: Option<i64>,
    /// What went back of it, by the channel or by hand.
    gone: i64,
}

/// Compares both sides.
pub(crate) async fn judge(t: &TestApp, trio: &Trio, desk: &Desk) -> Vec<Harm> {
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
            let taken = Taken {
                number: number.clone(),
                by: code.to_owned(),
                amount: trade.sum(),
                paid_at: Some(trade.paid_at),
                gone: gone(&book, number) + by_hand(&ours, desk, number),
            };
            one(&ours, &taken, &mut harm);
        }
        refunds(&ours, desk, (code, &book), &mut harm);
    }
    let mut known: BTreeMap<(&str, &str), &String> = BTreeMap::new();
    for (number, attempt) in &ours.attempts {
        let credits = matches!(attempt.state.as_str(), "succeeded" | "surplus");
        if let Some(channel_no) = attempt.channel_no.as_deref().filter(|_| credits) {
            known.insert((&attempt.channel, channel_no), number);
        }
    }
    for (channel, channel_no, amount) in desk.taken() {
        let Some(number) = known.get(&(channel, channel_no.as_str())) else {
            harm.push(Harm::Lost(format!(
                "{channel} took {channel_no}, which we don't have"
            )));
            continue;
        };
        let taken = Taken {
            number: (*number).clone(),
            by: channel.to_owned(),
            amount,
            paid_at: None,
            gone: by_hand(&ours, desk, number),
        };
        one(&ours, &taken, &mut harm);
    }
    let there: Vec<(&str, String)> = desk.taken().map(|(code, no, _)| (code, no)).collect();
    for (number, attempt) in &ours.attempts {
        let taken = match trio.channel(&attempt.channel) {
            Some(channel) => {
                let trade = channel.bank().trade(number);
                trade.is_some_and(|trade| trade.state == TradeState::Paid)
            }
            None => there.iter().any(|(code, no)| {
                *code == attempt.channel && Some(no) == attempt.channel_no.as_ref()
            }),
        };
        if matches!(attempt.state.as_str(), "succeeded" | "surplus") && !taken {
            harm.push(Harm::Lost(format!(
                "{number} is {} and {} took nothing",
                attempt.state, attempt.channel
            )));
        }
    }
    balances(t, trio, desk, &mut harm).await;
    harm
}

/// What a channel sent back of a payment, or is about to.
fn gone(book: &Book, number: &str) -> i64 {
    let refunds = book.refunds.values();
    refunds
        .filter(|refund| refund.order.merchant_no == *number)
        .filter(|refund| {
            matches!(
                refund.state,
                RefundState::Succeeded | RefundState::Processing
            )
        })
        .map(|refund| refund.order.amount)
        .sum()
}

/// What the centre itself paid back of a payment.
fn by_hand(ours: &Ours, desk: &Desk, number: &str) -> i64 {
    let of = |refund: &&String| {
        ours.refunds
            .get(*refund)
            .is_some_and(|gone| gone.of == number)
    };
    let back = desk.back.iter();
    back.filter(|(refund, _)| of(refund))
        .map(|(_, back)| back.amount)
        .sum()
}

/// One payment is credited to exactly one paid order, or went back whole and once.
fn one(ours: &Ours, taken: &Taken, harm: &mut Vec<Harm>) {
    let (number, code) = (&taken.number, &taken.by);
    let Some(attempt) = ours.attempts.get(number) else {
        harm.push(Harm::Lost(format!("{code} has {number}, which we don't")));
        return;
    };
    let order = &ours.orders[&attempt.order];
    // Who asked the channel before giving an order up knows of money that was there. If the channel didn't see it yet, it is accepted later
    // for an order of that sum; another sum goes back.
    if let (Some(closed), Some(paid_at)) = (order.closed_at, taken.paid_at)
        && matches!(order.state.as_str(), "voided" | "expired")
        && paid_at < closed
        && taken.amount == order.amount
        && !order.looked_into
    {
        harm.push(Harm::Wrong(format!(
            "{} was {} over money that {code} had: {number}",
            order.number, order.state
        )));
    }
    if !matches!(attempt.state.as_str(), "succeeded" | "surplus") {
        harm.push(Harm::Lost(format!(
            "{code} took {} for {number}, which is {} of {} {}",
            taken.amount, attempt.state, order.state, order.number
        )));
        return;
    }
    if attempt.channel_no.is_none() || attempt.received != Some(taken.amount) {
        harm.push(Harm::Wrong(format!("{number} isn't what {code} took")));
    }
    if taken.gone > taken.amount {
        harm.push(Harm::Double(format!(
            "{} of {} went back of {number}",
            taken.gone, taken.amount
        )));
    }
    let credited = attempt.state == "succeeded";
    match order.state.as_str() {
        "paid" if credited => {
            if taken.gone != 0 {
                harm.push(Harm::Double(format!("{number} is credited and went back")));
            }
            if taken.amount != order.amount {
                harm.push(Harm::Wrong(format!("{number} paid another sum")));
            }
        }
        // A part was waived after it was paid.
        "part_refunded" if credited && taken.gone == order.off && taken.gone > 0 => {}
        "part_refunded" if credited => harm.push(Harm::Wrong(format!(
            "{} went back of {number}, and {} is waived",
            taken.gone, order.off
        ))),
        _ if taken.gone < taken.amount => harm.push(Harm::Lost(format!(
            "of {number} ({}, order {}) {} of {} went back",
            attempt.state, order.state, taken.gone, taken.amount
        ))),
        _ => {}
    }
}

/// Refunds stand at both sides alike.
fn refunds(ours: &Ours, desk: &Desk, (code, book): (&str, &Book), harm: &mut Vec<Harm>) {
    for (number, refund) in &book.refunds {
        let known = ours.refunds.get(number).map(|gone| gone.state.as_str());
        let by_hand = desk.back.contains_key(number);
        let agreed = match (refund.state, known) {
            (RefundState::Succeeded, Some("succeeded")) => !by_hand,
            (RefundState::Failed, Some("failed")) => true,
            (RefundState::Failed | RefundState::Abnormal, Some("succeeded")) => by_hand,
            _ => false,
        };
        if !agreed {
            harm.push(Harm::Stuck(format!(
                "refund {number} is {:?} at {code}, {known:?} here",
                refund.state
            )));
        }
    }
}

/// Each channel's bill was compared, and nothing stands out but refunds that it lists and that came to nothing.
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
            sql!("SELECT class, our_no FROM bill_finding WHERE state = 'open' AND other_day = '' AND class <> 'refund_pending' ORDER BY class, our_no"),
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
    for (number, refund) in &ours.refunds {
        if !matches!(refund.state.as_str(), "succeeded" | "failed") {
            harm.push(Harm::Stuck(format!(
                "refund {number} of {} is {}",
                refund.amount, refund.state
            )));
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
async fn balances(t: &TestApp, trio: &Trio, desk: &Desk, harm: &mut Vec<Harm>) {
    let trial = payment::trial_balance(&t.app).await.expect("the books");
    if !trial.unbalanced.is_empty() {
        harm.push(Harm::Wrong("debits and credits differ".to_owned()));
    }
    let mut there: Vec<(String, i64)> = Vec::new();
    for channel in trio.channels() {
        let balance = channel.bank().book().balance().get();
        there.push((channel.code().to_owned(), balance));
    }
    for code in ["offline", "nontax"] {
        let came = desk.taken().filter(|(channel, ..)| *channel == code);
        let came: i64 = came.map(|(_, _, amount)| amount).sum();
        let went = desk.back.values().filter(|back| back.book == code);
        let went: i64 = went.map(|back| back.amount).sum();
        there.push((code.to_owned(), came - went));
    }
    for (code, there) in there {
        let here = trial.balance(&format!("channel:{code}"));
        if here != there {
            harm.push(Harm::Wrong(format!(
                "{code} holds {there} of ours, the books say {here}"
            )));
        }
    }
    // Nothing is left of what had to go back.
    let surplus = trial.balance("surplus");
    if surplus != 0 {
        harm.push(Harm::Lost(format!("{} is still to go back", -surplus)));
    }
}
