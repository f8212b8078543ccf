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
/// Rounds, by turns, of which the least counts on each side: what else the machine does only adds.
const ROUNDS: usize = 9;
/// CPU time of a round at least, on the cheaper side.
const ROUND: Duration = Duration::from_millis(60);
/// Requests of a round at most.
const MOST: u32 = 2_000;

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

/// CPU time of a PostgreSQL server on this machine: of the process that listens, and of all that it has started and that
/// have not ended. Those that have ended (workers of a parallel plan) are told in ticks of 10 ms by who started them.
fn servers(postmasters: &[u32]) -> Duration {
    let mut spent = Duration::ZERO;
    for process in std::fs::read_dir("/proc").expect("processes").flatten() {
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        let Some((number, rest)) = stat.rsplit_once(')') else {
            continue;
        };
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = number.split_whitespace().next();
        let is = |text: Option<&str>| {
            let number = text.and_then(|text| text.parse::<u32>().ok());
            number.is_some_and(|number| postmasters.contains(&number))
        };
        let listens = is(number);
        if !listens && !is(fields.get(1).copied()) {
            continue;
        }
        if listens {
            let ticks = |place: usize| fields[place].parse::<u64>().unwrap_or(0);
            spent += Duration::from_millis((ticks(13) + ticks(14)) * 10);
        }
        let text = std::fs::read_to_string(process.path().join("schedstat")).unwrap_or_default();
        let nanos = text.split_whitespace().next();
        spent += Duration::from_nanos(nanos.and_then(|n| n.parse().ok()).unwrap_or(0));
    }
    spent
}

/// The process that listens for the PostgreSQL server behind a database: who started our backend.
async fn postmaster(t: &TestApp) -> u32 {
    let backend: i64 = t
        .app
        .db()
        .scan(db::Crowd::System)
        .one(
            db::sql!("SELECT CAST(pg_backend_pid() AS BIGINT)"),
            db::p![],
        )
        .await
        .expect("a backend");
    let stat = std::fs::read_to_string(format!("/proc/{backend}/stat"))
        .expect("the server must run on this machine");
    let (_, rest) = stat.rsplit_once(')').expect("a process");
    let parent = rest.split_whitespace().nth(1);
    parent.and_then(|n| n.parse().ok()).expect("its parent")
}

/// A database under measurement.
struct Side {
    t: TestApp,
    router: Router,
    people: Vec<Browser>,
    lists: Vec<Looked>,
    postmasters: Vec<u32>,
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
        let postmasters = match t.app.db().backend() {
            Backend::Sqlite => Vec::new(),
            Backend::Postgres => vec![postmaster(&t).await],
        };
        Self {
            t,
            router,
            people,
            lists,
            postmasters,
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
        cpu() + servers(&self.postmasters)
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
        // PostgreSQL plans a statement without its values when it has seen it five times: each of the two connections first.
        let warm = match small.t.app.db().backend() {
            Backend::Sqlite => 1,
            Backend::Postgres => 14,
        };
        let one = small.cost(s, warm).await.min(large.cost(l, warm).await);
        // As many requests as make up the time that a round is to take.
        let one = Duration::from_secs_f64(one / 1e6).as_micros().max(1);
        let times =
            u32::try_from(ROUND.as_micros() / one).map_or(MOST, |times| times.clamp(4, MOST));
        let (mut a, mut b) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            a = a.min(small.cost(s, times).await);
            b = b.min(large.cost(l, times).await);
        }
        let ratio = b / a;
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
