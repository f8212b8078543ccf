//! What the large copies of lists cost: time, memory, how long they keep a read open; and whether one ends that nobody waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use app::copy::{Copied, Format};
use db::{Backend, Crowd, DbError, p, sql};
use domain::staff::Role;
use testkit::TestApp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::cost::cpu;
use crate::{office, open, options};

/// How long a read may be open.
const OPEN: Duration = Duration::from_millis(250);

/// Looks now and then at what a copy takes.
#[derive(Debug, Default)]
struct Watch {
    over: AtomicBool,
    /// KiB of memory that are nobody's file.
    memory: AtomicU64,
    /// Micros for which a transaction of this database was open, by the server's clock.
    longest: AtomicI64,
    looks: AtomicU64,
}

/// KiB of this process's memory without the pages of files.
fn anonymous() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0)
}

impl Watch {
    fn begin(t: &TestApp) -> (Arc<Self>, tokio::task::JoinHandle<()>) {
        let watch = Arc::new(Self::default());
        let (own, db) = (Arc::clone(&watch), t.app.db().clone());
        let task = tokio::spawn(async move {
            while !own.over.load(Ordering::Relaxed) {
                own.memory.fetch_max(anonymous(), Ordering::Relaxed);
                if db.backend() == Backend::Postgres {
                    let open: Result<i64, DbError> = db
                        .scan(Crowd::System)
                        .one(
                            sql!(
                                "SELECT CAST(COALESCE(MAX(EXTRACT(EPOCH FROM clock_timestamp() - xact_start)), 0) \
                                 * 1000000 AS BIGINT) FROM pg_stat_activity WHERE datname = current_database() \
                                 AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
                            ),
                            p![],
                        )
                        .await;
                    own.longest
                        .fetch_max(open.expect("what is open"), Ordering::Relaxed);
                }
                own.looks.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        });
        (watch, task)
    }
}

fn told(what: &str, format: Format, copy: &Copied, took: Duration, spent: Duration, watch: &Watch) {
    let bytes = copy.file.metadata().map_or(0, |data| data.len());
    println!(
        "{what} {}: {} rows{}, {} MiB, {:.1} s, {:.1} s of CPU here, anonymous memory {} MiB at most, longest open \
         transaction {:.1} ms in {} looks",
        format.ending(),
        copy.rows,
        if copy.cut { " (cut)" } else { "" },
        bytes >> 20,
        took.as_secs_f64(),
        spent.as_secs_f64(),
        watch.memory.load(Ordering::Relaxed) >> 10,
        Duration::from_micros(u64::try_from(watch.longest.load(Ordering::Relaxed)).unwrap_or(0))
            .as_secs_f64()
            * 1e3,
        watch.looks.load(Ordering::Relaxed),
    );
}

/// Writes the copies of the large exam's queue and of all orders. A read that takes longer than the product's own limit fails
/// (`SCALE_LIMIT` in milliseconds for a stricter one). Then asks for one over a real line, and hangs up.
pub(crate) async fn exports(url: &str) {
    let limit = std::env::var("SCALE_LIMIT").map_or(OPEN, |limit| {
        Duration::from_millis(limit.parse().expect("milliseconds"))
    });
    let t = open(
        db::Options {
            scan_limit: limit,
            ..options(url)
        },
        900 + std::process::id() % 90,
    )
    .await;
    let [large, ..] = office::exams(&t).await;
    let exam = app::exam::find(&t.app, &large).await.expect("the exam");
    let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
    let finance = t.staff(&[Role::FinanceOfficer]).await.ctx().await;
    println!(
        "reads may take {limit:?}; at rest {} MiB",
        anonymous() >> 10
    );
    for format in [Format::Csv, Format::Xlsx] {
        let filter = app::review::Filter {
            review: domain::review::Review::None,
            other: true,
            ..app::review::Filter::default()
        };
        let (watch, task) = Watch::begin(&t);
        let (begun, spent) = (Instant::now(), cpu());
        let copy = app::review::export(&reviewer, &exam, &filter, format)
            .await
            .expect("a copy");
        told(
            "review",
            format,
            &copy,
            begun.elapsed(),
            cpu() - spent,
            &watch,
        );
        watch.over.store(true, Ordering::Relaxed);
        task.await.expect("no panic");

        let search = app::payment::Search::default();
        let (watch, task) = Watch::begin(&t);
        let (begun, spent) = (Instant::now(), cpu());
        let copy = app::payment::export(&finance, &search, format)
            .await
            .expect("a copy");
        told(
            "payment",
            format,
            &copy,
            begun.elapsed(),
            cpu() - spent,
            &watch,
        );
        watch.over.store(true, Ordering::Relaxed);
        task.await.expect("no panic");
    }
    hung_up(&t).await;
}

/// Asks for the orders over TCP and hangs up after two seconds: what is spent before, and what after.
async fn hung_up(t: &TestApp) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let router = server::routes::service(&t.app, &t.kit, None);
    tokio::spawn(async move {
        let limits = web::kit::Limits::default();
        web::serve::serve(listener, router, &limits, std::future::pending()).await
    });
    let mut browser = t.staff(&[Role::FinanceOfficer]).await.browser();
    let page = browser.get("/office/payments").await.expect(200);
    let form = page.form("/office/payments/export").set("format", "xlsx");
    let sent = form.encode();
    let mut request = browser.request(http::Method::POST, &sent.target, axum::body::Body::empty());
    browser.same_origin(&mut request);
    let mut head = format!(
        "POST {} HTTP/1.1\r\nContent-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        sent.target,
        sent.body.len()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!(
            "{name}: {}\r\n",
            value.to_str().expect("a header")
        ));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.expect("a line");
    stream.write_all(head.as_bytes()).await.expect("a head");
    stream.write_all(&sent.body).await.expect("a body");
    let idle = cpu();
    let early = tokio::time::timeout(Duration::from_secs(2), stream.read_u8()).await;
    assert!(early.is_err(), "answered before it was hung up on");
    let busy = cpu() - idle;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after = cpu();
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!(
        "a copy over a line: {:.0} ms of CPU in its 2 s, {:.0} ms in 2 s half a second after the client hung up",
        busy.as_secs_f64() * 1e3,
        (cpu() - after).as_secs_f64() * 1e3
    );
}
