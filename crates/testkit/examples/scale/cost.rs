//! What a request costs: CPU time of all threads of this process, which other load on the machine changes little.

use std::time::Duration;

use axum::Router;
use db::Backend;
use http_body_util::BodyExt as _;
use testkit::{Browser, TestApp};
use tower::ServiceExt as _;

use crate::office::{self, Looked};
use crate::{open, options};

/// More than this times the cost of the small database is too much.
const BAR: f64 = 1.5;
/// Rounds of which the median counts.
const ROUNDS: usize = 3;

/// CPU time of all threads of this process.
pub(crate) fn cpu() -> Duration {
    let mut nanos = 0u64;
    for task in std::fs::read_dir("/proc/self/task")
        .expect("threads")
        .flatten()
    {
        // The first field: nanoseconds on a processor. A thread that has just ended has none.
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        nanos += text
            .split_whitespace()
            .next()
            .and_then(|n| n.parse::<u64>().ok())
            .unwrap_or(0);
    }
    Duration::from_nanos(nanos)
}

/// CPU time of a process and of those that it started: the server's of PostgreSQL.
fn servers() -> Duration {
    // utime and stime of every `postgres` process, in ticks of 10 ms: coarse, so that rounds must be long.
    let mut ticks = 0;
    for process in std::fs::read_dir("/proc").expect("processes").flatten() {
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        if let Some((name, rest)) = stat.rsplit_once(')')
            && name.ends_with("(postgres")
        {
            let fields: Vec<&str> = rest.split_whitespace().collect();
            ticks +=
                fields[11].parse::<u64>().unwrap_or(0) + fields[12].parse::<u64>().unwrap_or(0);
        }
    }
    Duration::from_millis(ticks * 10)
}

/// A database under measurement.
struct Side {
    t: TestApp,
    router: Router,
    people: Vec<Browser>,
    lists: Vec<Looked>,
}

impl Side {
    async fn new(url: &str, time: u32) -> Self {
        let limit = Duration::from_secs(120);
        let t = open(
            db::Options {
                scan_limit: limit,
                read_limit: limit,
                ..options(url)
            },
            time,
        )
        .await;
        let router = server::routes::service(&t.app, &t.kit, None);
        let people = office::people(&t).await;
        let lists = office::lists(&t).await;
        Self {
            t,
            router,
            people,
            lists,
        }
    }

    /// Gets a page; its length.
    async fn get(&self, looked: &Looked) -> usize {
        let request = office::request(&self.people[looked.who], &looked.path);
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        if !status.is_success() {
            eprintln!("{}: {status}", looked.path);
        }
        body.len()
    }

    fn spent(&self) -> Duration {
        match self.t.app.db().backend() {
            Backend::Sqlite => cpu(),
            Backend::Postgres => cpu() + servers(),
        }
    }

    /// Micros of CPU for one request, over `times`.
    async fn cost(&self, looked: &Looked, times: u32) -> f64 {
        let before = self.spent();
        for _ in 0..times {
            self.get(looked).await;
        }
        self.spent().saturating_sub(before).as_secs_f64() * 1e6 / f64::from(times)
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Prints a line for each list: micros on the small one and on the large one, their ratio. Ends with those beyond the bar.
pub(crate) async fn measure(small: &str, large: &str, which: &[&str]) {
    let time =
        std::env::var("SCALE_TIME").map_or(2, |time| time.parse().expect("a number below 999"));
    let (small, large) = (
        Side::new(small, time).await,
        Side::new(large, time + 1).await,
    );
    let mut beyond = Vec::new();
    println!(
        "{:>10} {:>10} {:>7} {:>10}  list",
        "small µs", "large µs", "ratio", "more µs"
    );
    for (s, l) in small.lists.iter().zip(&large.lists) {
        if !which.is_empty() && !which.iter().any(|word| s.name.contains(word)) {
            continue;
        }
        let begun = std::time::Instant::now();
        small.get(s).await;
        large.get(l).await;
        let slow = begun.elapsed() > Duration::from_millis(400);
        let pg = small.t.app.db().backend() == Backend::Postgres;
        let times = match (slow, pg) {
            (true, _) => 1,
            (false, false) => 8,
            (false, true) => 40,
        };
        let (mut a, mut b, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (x, y) = (small.cost(s, times).await, large.cost(l, times).await);
            a.push(x);
            b.push(y);
            ratios.push(y / x);
        }
        let (a, b, ratio) = (median(a), median(b), median(ratios));
        let mark = if ratio > BAR { "  ***" } else { "" };
        println!(
            "{a:>10.0} {b:>10.0} {ratio:>7.2} {:>10.0}  {}{mark}",
            b - a,
            s.name
        );
        if ratio > BAR {
            beyond.push(format!("{} {ratio:.2}", s.name));
        }
    }
    println!("{} beyond {BAR}: {}", beyond.len(), beyond.join("; "));
}

/// The most memory that this process has had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Writes every export of the large exam and of the orders, and prints rows, bytes, seconds and the peak of the memory. Reads keep
/// the product's own limit of 250 ms: one that held a transaction longer would fail.
pub(crate) async fn exports(url: &str) {
    let t = open(options(url), 900).await;
    let [large, ..] = office::exams(&t).await;
    let exam = app::exam::find(&t.app, &large).await.expect("the exam");
    let reviewer = t
        .staff(&[domain::staff::Role::FirstReviewer])
        .await
        .ctx()
        .await;
    let finance = t
        .staff(&[domain::staff::Role::FinanceOfficer])
        .await
        .ctx()
        .await;
    println!("before: peak {} MiB", peak());
    for format in [app::copy::Format::Csv, app::copy::Format::Xlsx] {
        let filter = app::review::Filter {
            review: domain::review::Review::None,
            other: true,
            ..app::review::Filter::default()
        };
        let begun = std::time::Instant::now();
        let copy = app::review::export(&reviewer, &exam, &filter, format)
            .await
            .expect("a copy");
        told("review", format, &copy, begun.elapsed());
        let search = app::payment::Search::default();
        let begun = std::time::Instant::now();
        let copy = app::payment::export(&finance, &search, format)
            .await
            .expect("a copy");
        told("payment", format, &copy, begun.elapsed());
    }
}

fn told(what: &str, format: app::copy::Format, copy: &app::copy::Copied, took: Duration) {
    let bytes = copy.file.metadata().map_or(0, |data| data.len());
    println!(
        "{what} {}: {} rows{}, {} MiB, {:.1} s, peak {} MiB",
        format.ending(),
        copy.rows,
        if copy.cut { " (cut)" } else { "" },
        bytes >> 20,
        took.as_secs_f64(),
        peak()
    );
}
