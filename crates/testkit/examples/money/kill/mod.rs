//! `kill -9` between every two steps of what decides about money: of a payment in time, a late one, one that takes over, one too many, one of
//! another sum; of documents and lists that come without a channel; of waivers and their refunds. Whatever step it is, all of it is there
//! afterwards or nothing, and the same act again brings it to its end.

mod case;
mod picture;
mod place;

use std::process::Command;
use std::time::Instant;

use case::{Act, Case};
use db::testing::kill;
use picture::picture;
use place::Place;
use testkit::TestApp;

use crate::template::{People, options};

/// More steps than any act has.
const ENDLESS: u64 = 100_000;

async fn open(url: &str, time: u32) -> TestApp {
    let folder = tempfile::tempdir().expect("a folder");
    TestApp::over_anew(options(url), folder, time).await
}

async fn close(t: TestApp) {
    t.app.db().clone().close().await;
}

/// The process that dies: does one thing, with so many steps to live. Says how many it took if it lived.
pub(crate) async fn cut(url: &str, steps: u64, words: &[&str]) {
    let t = open(url, 991).await;
    let act = Act::read(words);
    kill::arm(u32::try_from(steps).expect("steps"));
    let done = act.run(&t).await;
    let left = kill::disarm();
    assert!(done.is_ok(), "{done:?}");
    println!("took {}", steps - u64::try_from(left).expect("alive"));
}

/// Cuts of one kind of database.
struct Cuts {
    place: Place,
    prepared: String,
    me: std::path::PathBuf,
    cuts: u64,
    harm: u64,
}

/// `true` if something came to harm.
pub(crate) fn every_step(place: &str) -> bool {
    let began = Instant::now();
    let place = Place::named(place).expect("sqlite or postgres");
    let prepared = place.fresh();
    let cases = crate::runtime().block_on(async {
        let people = People::make(&prepared).await;
        let t = open(&prepared, 990).await;
        let (t, trio) = t.with_channels();
        let cases = case::prepare(&t, &trio, &people).await;
        close(t).await;
        cases
    });
    let mut cuts = Cuts {
        place,
        prepared,
        me: std::env::current_exe().expect("this program"),
        cuts: 0,
        harm: 0,
    };
    for case in &cases {
        cuts.through(case);
    }
    println!(
        "money kill: {} cuts in {} cases on {}, {} came to harm; {} s",
        cuts.cuts,
        cases.len(),
        cuts.place.label(),
        cuts.harm,
        began.elapsed().as_secs()
    );
    cuts.place.drop(&cuts.prepared);
    cuts.harm > 0
}

/// What people read, without what is told more than once when something is told again.
fn quiet(all: &[String]) -> Vec<String> {
    let lines = all.iter().filter(|line| !line.starts_with("event"));
    lines
        .filter(|line| !line.starts_with("audit"))
        .cloned()
        .collect()
}

impl Cuts {
    /// The act in a process of its own, over a copy; where that lies, whether it lived, and what it said.
    fn child(&self, act: &Act, steps: u64) -> (String, bool, String) {
        let url = self.place.copy(&self.prepared);
        let ended = Command::new(&self.me)
            .arg("cut")
            .arg(&url)
            .arg(steps.to_string())
            .args(act.words())
            .stderr(std::process::Stdio::null())
            .output()
            .expect("a process");
        let said = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
        (url, ended.status.success(), said)
    }

    fn looked(url: &str) -> Vec<String> {
        crate::runtime().block_on(async {
            let t = open(url, 992).await;
            let seen = picture(&t).await;
            close(t).await;
            seen
        })
    }

    fn through(&mut self, case: &Case) {
        let (url, lived, said) = self.child(&case.act, ENDLESS);
        assert!(lived, "{}: {said}", case.name);
        let steps = said
            .strip_prefix("took ")
            .and_then(|count| count.parse::<u64>().ok());
        let steps = steps.unwrap_or_else(|| panic!("{}: {said}", case.name));
        let after = Self::looked(&url);
        self.place.drop(&url);
        let url = self.place.copy(&self.prepared);
        let before = Self::looked(&url);
        self.place.drop(&url);
        assert_ne!(before, after, "{}: it comes to something", case.name);
        let mut kept = 0u64;
        for step in 0..steps {
            let (url, lived, _) = self.child(&case.act, step);
            assert!(!lived, "{}: step {step}", case.name);
            self.cuts += 1;
            let (found, again, then) = crate::runtime().block_on(async {
                let t = open(&url, 994).await;
                let found = picture(&t).await;
                let again = case.act.run(&t).await;
                let then = picture(&t).await;
                close(t).await;
                (found, again, then)
            });
            self.place.drop(&url);
            let done = found == after;
            if done {
                kept += 1;
            } else if found != before {
                self.harm += 1;
                println!("{}: step {step} of {steps}: half of it is there", case.name);
            }
            // Done again it is as if it had been done once; that it was told twice is kept as well.
            let well = again.is_ok() || (done && !case.act.repeats());
            if !well || quiet(&then) != quiet(&after) {
                self.harm += 1;
                println!("{}: step {step} of {steps}, again: {again:?}", case.name);
            }
        }
        println!(
            "money kill, {}: {steps} steps, after {kept} of them all of it was there",
            case.name
        );
    }
}
