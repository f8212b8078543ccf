//! What the office costs when candidates become many. `scripts/scale.sh` runs it; `docs/dev/scale.md` says how to read it.
//!
//! * `scale fill URL PEOPLE [lean]` fills an empty database with so many candidates and all that they leave behind them.
//! * `scale check URL FOLDER` looks whether every invariant holds on it.
//! * `scale measure SMALL LARGE` gets every list of the office with its filters from both, and prints what each costs.
//! * `scale export URL` writes the large copies and prints what they took: time, memory, the longest read; and hangs up on one.
//!
//! The same keys open all of them: they are for figures only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a tool for figures: it fails at once"
)]

mod bulk;
mod copies;
mod cost;
mod crowd;
mod office;

use std::time::{Duration, Instant};

use app::exam;
use db::backup::Snapshot;
use db::{Crowd as Whose, Durability, Options, p, sql};
use domain::exam::{ExamSettings, Phase};
use domain::score::Formula;
use domain::staff::Role;
use testkit::{TestApp, TestExam, TestPosition, moved};

use crowd::{Cast, Crowd, Kind, Post, Stage};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match arguments.as_slice() {
        ["fill", url, people] => runtime.block_on(fill(url, people, false)),
        ["fill", url, people, "lean"] => runtime.block_on(fill(url, people, true)),
        ["check", url, folder] => runtime.block_on(check(url, folder)),
        ["measure", small, large, which @ ..] => {
            runtime.block_on(cost::measure(small, large, which));
        }
        ["export", url] => runtime.block_on(copies::exports(url)),
        _ => panic!(
            "usage: scale fill URL PEOPLE [lean] | check URL FOLDER | measure SMALL LARGE [WORD…] | export URL"
        ),
    }
}

pub(crate) fn options(url: &str) -> Options {
    Options {
        durability: Durability::Off,
        ..Options::new(url)
    }
}

/// The product over a database, for the `time`th time.
pub(crate) async fn open(options: Options, time: u32) -> TestApp {
    let folder = tempfile::tempdir().expect("a folder");
    let t = TestApp::over_anew(options, folder, time).await;
    // A Tuesday of the review, when all have applied.
    t.clock.set("2026-03-16 10:00");
    t
}

async fn staged(t: &TestApp, kind: Kind, posts: i64) -> (TestExam, Stage) {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let positions: Vec<TestPosition> = (0..posts)
        .map(|n| TestPosition {
            name: leak(format!("综合管理{n}")),
            employer: leak(format!("第{}中学", n % 10 + 1)),
            ..TestPosition::default()
        })
        .collect();
    let tune = |settings: &mut ExamSettings| {
        settings.review.levels = if kind == Kind::Reviewing { 2 } else { 1 };
        settings.score.formula = Formula::sum(&["职业能力倾向测验".to_owned()]);
        for phase in [Phase::Registration, Phase::Review] {
            moved(settings, phase, "2026-03-10 08:00", "2026-03-20 17:00");
        }
        moved(
            settings,
            Phase::Payment,
            "2026-03-10 08:00",
            "2026-03-23 08:00",
        );
    };
    let exam = t.recruitment_with(tune, &positions).await;
    let found = exam::find(&t.app, &exam.public_id).await.expect("the exam");
    let table = exam::positions::table(&t.app, &found)
        .await
        .expect("its positions");
    let posts = table
        .items()
        .iter()
        .map(|item| Post {
            id: item.id,
            unit: item.unit.clone(),
            choice: serde_json::json!({
                "kind": "position", "code": item.position.code, "name": item.position.name,
                "employer": item.position.employer, "department": item.position.department,
            })
            .to_string(),
        })
        .collect();
    let stage = Stage {
        id: found.id(),
        posts,
        kind,
    };
    (exam, stage)
}

async fn fill(url: &str, people: &str, lean: bool) {
    let people: i64 = people.parse().expect("a number of candidates");
    let begun = Instant::now();
    let hours = Duration::from_secs(6 * 3600);
    let t = open(
        Options {
            command_limit: hours,
            scan_limit: hours,
            ..options(url)
        },
        0,
    )
    .await;
    let first = t.staff(&[Role::FirstReviewer]).await.id;
    let second = t.staff(&[Role::SecondReviewer]).await.id;
    let exams = [
        staged(&t, Kind::Reviewing, 200).await.1,
        staged(&t, Kind::Seated, 40).await.1,
        staged(&t, Kind::Paying, 80).await.1,
    ];
    app::audit::seal_all(&t.system()).await.expect("a chain");
    let head: (i64, Vec<u8>) = t
        .app
        .db()
        .scan(Whose::System)
        .one(
            sql!("SELECT seq, hash FROM audit_link ORDER BY seq DESC LIMIT 1"),
            p![],
        )
        .await
        .expect("its head");
    let (plan, batch) = (1, 1);
    let seated = exams[1].id;
    let cast = Cast {
        first,
        second,
        exams,
        plan,
        batch,
        lean,
        head,
    };
    let mut crowd = Crowd::new(&t, cast).await;
    crowd.papers(seated).await;
    crowd.fill(people).await;
    println!(
        "{people} candidates, {} rows in {:.0} s",
        crowd.bulk.rows,
        begun.elapsed().as_secs_f64()
    );
    t.app.db().clone().close().await;
}

async fn check(url: &str, folder: &str) {
    let t = open(options(url), 1).await;
    let mut snapshot = Snapshot::take(&t.options, folder.as_ref())
        .await
        .expect("a snapshot");
    let findings = app::invariants::check(&mut snapshot, &t.keyring, t.now())
        .await
        .expect("findings");
    snapshot.close().await;
    let mut broken = 0;
    for finding in findings {
        if finding.violations > 0 {
            broken += 1;
            println!("{finding:#?}");
        }
    }
    assert_eq!(broken, 0, "invariants are broken");
    println!("every invariant holds");
}
