//! What payers do: mostly what is meant, and everything else that people do with money and a browser.

use rand::RngExt as _;
use rand::rngs::StdRng;

/// The channels' codes.
pub(crate) const CODES: [&str; 3] = ["wechat", "alipay", "unionpay"];

/// One thing that a payer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// 支付 by a channel, at a desk or with a phone.
    Begin(&'static str, bool),
    /// Pays at the cashier's that he was led to so many times before the last.
    Pay(usize),
    /// His browser comes back.
    Return,
    /// 查询支付结果.
    Ask,
    /// 作废.
    Void,
    /// 缴费 anew, after he gave an order up.
    Raise,
    /// Somebody sends notices about his payment that nobody should believe.
    Forge,
    /// 申请减免, by a category's name.
    Waive(&'static str),
    /// Pays at the counter.
    Counter,
    /// Asks for a code of the fiscal office.
    AskCode,
    /// Pays by it.
    PayCode,
}

/// A household that pays nothing.
pub(crate) const FULL: &str = "城乡低保家庭";
/// One that pays half.
pub(crate) const HALF: &str = "残疾人";

/// He does something a little later.
fn then(plan: &mut Vec<(i64, Act)>, rng: &mut StdRng, act: Act) {
    plan.push((rng.random_range(3..90), act));
}

/// What somebody does, each so many seconds after what went before.
pub(crate) fn plan(rng: &mut StdRng) -> Vec<(i64, Act)> {
    use Act::{Ask, Begin, Forge, Pay, Raise, Return, Void};
    let one = CODES[rng.random_range(0..3)];
    let two = CODES[rng.random_range(0..3)];
    let phone = rng.random_bool(0.6);
    let soon = |rng: &mut StdRng| rng.random_range(3..90);
    // Most come when they like, many at the last moment.
    let start = if rng.random_bool(0.7) {
        rng.random_range(0..5 * 3_600)
    } else {
        6 * 3_600 - rng.random_range(10..1_500)
    };
    if rng.random_bool(0.2) {
        return beside(rng, start, one);
    }
    let mut plan = vec![(start, Begin(one, phone))];
    match rng.random_range(0..100) {
        // As it is meant; one in five never comes back to the site.
        0..52 => {
            then(&mut plan, rng, Pay(0));
            if rng.random_bool(0.8) {
                then(&mut plan, rng, Return);
            }
        }
        // Doesn't pay.
        52..58 => then(&mut plan, rng, Return),
        // Pays twice, at two channels or two cashiers of one.
        58..68 => {
            then(&mut plan, rng, Begin(two, phone));
            then(&mut plan, rng, Begin(two, !phone));
            then(&mut plan, rng, Pay(0));
            then(&mut plan, rng, Pay(1));
            then(&mut plan, rng, Pay(2));
            then(&mut plan, rng, Return);
        }
        // Thinks better of the channel.
        68..76 => {
            plan.push((70, Begin(two, phone)));
            let wait = soon(rng);
            plan.push((wait, Pay(0)));
            plan.push((5, Return));
        }
        // Gives the order up, pays it all the same, raises another and pays that.
        76..84 => {
            then(&mut plan, rng, Void);
            then(&mut plan, rng, Pay(0));
            then(&mut plan, rng, Raise);
            then(&mut plan, rng, Begin(two, phone));
            then(&mut plan, rng, Pay(0));
            then(&mut plan, rng, Return);
        }
        // Presses everything many times.
        84..90 => {
            for _ in 0..3 {
                then(&mut plan, rng, Begin(one, phone));
                then(&mut plan, rng, Ask);
            }
            then(&mut plan, rng, Pay(0));
            for _ in 0..4 {
                plan.push((rng.random_range(1..12), Ask));
            }
            then(&mut plan, rng, Void);
        }
        // Leaves it until it may be too late.
        90..95 => plan.push((rng.random_range(300..7_200), Pay(0))),
        // Somebody else wants him to have paid.
        _ => {
            plan.push((2, Forge));
            plan.push((2, Forge));
            if rng.random_bool(0.5) {
                then(&mut plan, rng, Pay(0));
                plan.push((2, Forge));
            }
        }
    }
    plan
}

/// What somebody does who doesn't simply pay by a channel: asks for a waiver, goes to the counter, pays by a code; some by a channel as well.
fn beside(rng: &mut StdRng, start: i64, channel: &'static str) -> Vec<(i64, Act)> {
    use Act::{AskCode, Begin, Counter, Pay, PayCode, Return, Waive};
    // There has to be time for finance to look.
    let start = start.min(3 * 3_600);
    let mut plan = Vec::new();
    let household = [FULL, HALF][rng.random_range(0..2)];
    let online = rng.random_bool(0.5);
    let looked = |rng: &mut StdRng| rng.random_range(600..10_000);
    match rng.random_range(0..10) {
        // Asks, and pays what is left or didn't wait for it.
        0..2 => {
            plan.push((start, Waive(household)));
            let wait = looked(rng);
            plan.push((wait, Begin(channel, true)));
            then(&mut plan, rng, Pay(0));
            then(&mut plan, rng, Return);
        }
        // Pays, and asks.
        2..5 => {
            plan.push((start, Begin(channel, false)));
            then(&mut plan, rng, Pay(0));
            plan.push((rng.random_range(30..3_000), Waive(household)));
        }
        // At the counter; half of them pay by a channel as well, before or after.
        5..8 => {
            plan.push((start, Begin(channel, true)));
            if online && rng.random_bool(0.5) {
                then(&mut plan, rng, Pay(0));
            }
            then(&mut plan, rng, Counter);
            if online {
                let wait = looked(rng);
                plan.push((wait, Pay(0)));
            }
        }
        // By a code.
        _ => {
            plan.push((start, AskCode));
            let wait = looked(rng);
            plan.push((wait, PayCode));
            if online {
                plan.push((60, Begin(channel, true)));
                then(&mut plan, rng, Pay(0));
                then(&mut plan, rng, PayCode);
            }
        }
    }
    plan
}
