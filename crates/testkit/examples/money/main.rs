//! Money under every fault that channels, payers and machines have: `scripts/money.sh` runs it.
//!
//! A schedule is some fifty payers over thirty virtual hours at all three channels. The product is the real one; clock, randomness and
//! transport are injected, and everything is drawn from the schedule's number, so that one that fails can be run again alone:
//!
//! * `money run COUNT [FIRST]`: so many schedules; ends with an error if one came to harm, and prints its number;
//! * `money one NUMBER`: one schedule, told line by line;
//! * `money control NAME COUNT`: with a defence switched off; ends with an error if *no* schedule came to harm;
//! * `money kill sqlite|postgres`: ends the process between every two steps of settling money, and looks that nothing or all of it is there. `cut` is the
//!   process that dies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for tests: it fails at once"
)]

mod acts;
mod control;
mod desk;
mod finance;
mod kill;
mod oracle;
mod ours;
mod payer;
mod schedule;
mod template;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use control::Control;
use oracle::Harm;
use schedule::Told;
use template::Template;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let harmed = match arguments.as_slice() {
        ["run", count] => run(0, number(count), Control::None) > 0,
        ["run", count, first] => run(number(first), number(count), Control::None) > 0,
        ["one", seed] => one(number(seed), Control::None),
        ["one", seed, name] => one(number(seed), Control::named(name).expect("a control")),
        ["control", name, count] => {
            let control = Control::named(name).expect("a control");
            run(0, number(count), control) == 0
        }
        ["kill", place] => kill::every_step(place),
        ["cut", url, steps, words @ ..] => {
            runtime().block_on(kill::cut(url, number(steps), words));
            false
        }
        _ => panic!(
            "usage: money run COUNT [FIRST] | one NUMBER [CONTROL] | control NAME COUNT | kill sqlite|postgres"
        ),
    };
    std::process::exit(i32::from(harmed));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn one(seed: u64, control: Control) -> bool {
    let template = runtime().block_on(Template::make());
    let (told, harm) = runtime().block_on(schedule::run(&template, seed, control, true));
    println!("{told:?}");
    for harm in &harm {
        println!("harm: {harm}");
    }
    !harm.is_empty()
}

/// Runs schedules on all cores, and one more: after a death its schedule waits for what was under way. How many came to harm.
fn run(first: u64, count: u64, control: Control) -> u64 {
    let began = Instant::now();
    if control == Control::QueryBeforeClose {
        app::payment::control::close_blindly();
    }
    let template = Arc::new(runtime().block_on(Template::make()));
    let next = Arc::new(AtomicU64::new(first));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads: Vec<_> = (0..=cores)
        .map(|_| {
            let (template, next) = (Arc::clone(&template), Arc::clone(&next));
            std::thread::spawn(move || {
                let mut sum = Told::default();
                let mut harmed = Vec::new();
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + count {
                        return (sum, harmed);
                    }
                    let (told, harm) =
                        runtime().block_on(schedule::run(&template, seed, control, false));
                    sum.add(&told);
                    if !harm.is_empty() {
                        if control == Control::None {
                            let harms: Vec<String> = harm.iter().map(Harm::to_string).collect();
                            println!("schedule {seed} came to harm: {}", harms.join("; "));
                        }
                        harmed.push((seed, harm));
                    }
                }
            })
        })
        .collect();
    let mut sum = Told::default();
    let mut harmed = Vec::new();
    for thread in threads {
        let (told, harm) = thread.join().expect("a thread of schedules");
        sum.add(&told);
        harmed.extend(harm);
    }
    let kind = |is: fn(&Harm) -> bool| -> usize {
        harmed
            .iter()
            .map(|(_, harms)| harms.iter().filter(|harm| is(harm)).count())
            .sum()
    };
    println!(
        "money{}: {count} schedules, {} orders, {} attempts, {} payments of {} 元, {} refunds; {} calls lost or broken, {} notices lost, late or repeated, \
         {} forged, {} crashes; {} wrong sums, {} refunds not carried out, {} payments at the counter or by code, {} waivers, {} bad bills; \
         {} lost, {} double, {} stuck, {} other; {} s",
        control.label(),
        sum.orders,
        sum.attempts,
        sum.payments,
        sum.taken / 100,
        sum.refunds,
        sum.bad_calls,
        sum.odd_notices,
        sum.forged,
        sum.crashes,
        sum.wrong,
        sum.unsent,
        sum.slips,
        sum.waivers,
        sum.bad_bills,
        kind(|harm| matches!(harm, Harm::Lost(_))),
        kind(|harm| matches!(harm, Harm::Double(_))),
        kind(|harm| matches!(harm, Harm::Stuck(_))),
        kind(|harm| matches!(harm, Harm::Wrong(_))),
        began.elapsed().as_secs(),
    );
    if control != Control::None {
        let found = harmed.first().map_or_else(
            || "none".to_owned(),
            |(seed, harm)| format!("schedule {seed}: {}", harm[0]),
        );
        println!(
            "money control {}: {} of {count} schedules came to harm; the first, {found}",
            control.name(),
            harmed.len()
        );
    }
    harmed.len() as u64
}
