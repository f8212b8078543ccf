//! `kill -9` between every two steps of settling money: of a payment in time, a late one, one that takes over, one too many, one of another
//! sum. Whatever step it is, all of it is there afterwards or nothing, and the same news again brings it to its end.

use std::path::Path;
use std::process::Command;

use app::payment::{self, Payer, Started};
use db::testing::kill;
use db::{Crowd, p, sql};
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::time::Timestamp;
use simulators::visit;
use testkit::TestApp;

use crate::template::{Template, options};

/// More steps than any settling has.
const ENDLESS: u64 = 100_000;

/// One case: what is told, and what it should come to.
struct Case {
    name: &'static str,
    evidence: Evidence,
}

/// Everything that money leaves behind, without what differs from run to run.
async fn picture(t: &TestApp) -> Vec<String> {
    let scan = t.app.db().scan(Crowd::System);
    let mut all = Vec::new();
    let orders: Vec<(String, String, i64)> = scan
        .rows(
            sql!("SELECT order_no, state, CASE WHEN credited_attempt IS NULL THEN 0 ELSE 1 END FROM payment_order ORDER BY order_no"),
            p![],
        )
        .await
        .expect("orders");
    all.extend(orders.iter().map(|row| format!("order {row:?}")));
    let attempts: Vec<(String, String, Option<String>, Option<i64>)> = scan
        .rows(
            sql!("SELECT merchant_no, state, channel_no, received FROM payment_attempt ORDER BY merchant_no"),
            p![],
        )
        .await
        .expect("attempts");
    all.extend(attempts.iter().map(|row| format!("attempt {row:?}")));
    let applications: Vec<(i64, String, String)> = scan
        .rows(
            sql!("SELECT id, life, payment FROM application ORDER BY id"),
            p![],
        )
        .await
        .expect("applications");
    all.extend(
        applications
            .iter()
            .map(|row| format!("application {row:?}")),
    );
    let refunds: Vec<(i64, String, i64, String)> = scan
        .rows(
            sql!("SELECT attempt_id, state, amount, reason FROM refund ORDER BY attempt_id, id"),
            p![],
        )
        .await
        .expect("refunds");
    all.extend(refunds.iter().map(|row| format!("refund {row:?}")));
    let ledger: Vec<(String, i64, i64)> = scan
        .rows(
            sql!(
                "SELECT book, SUM(debit), SUM(credit) FROM ledger_entry GROUP BY book ORDER BY book"
            ),
            p![],
        )
        .await
        .expect("ledger");
    all.extend(ledger.iter().map(|row| format!("ledger {row:?}")));
    let events: Vec<(String, i64)> = scan
        .rows(
            sql!("SELECT outcome, COUNT(*) FROM gateway_event GROUP BY outcome ORDER BY outcome"),
            p![],
        )
        .await
        .expect("events");
    all.extend(events.iter().map(|row| format!("event {row:?}")));
    let alerts: Vec<(String, String)> = scan
        .rows(
            sql!("SELECT kind, merchant_no FROM discrepancy ORDER BY kind, merchant_no"),
            p![],
        )
        .await
        .expect("discrepancies");
    all.extend(alerts.iter().map(|row| format!("discrepancy {row:?}")));
    let audit: i64 = scan
        .one(sql!("SELECT COUNT(*) FROM audit_entry"), p![])
        .await
        .expect("audit");
    all.push(format!("audit {audit}"));
    all
}

/// Brings five payers to the point at which the channel tells of their money; the database is `file` from then on.
async fn prepare(template: &Template, file: &Path) -> Vec<Case> {
    std::fs::copy(&template.file, file).expect("a copy");
    let folder = tempfile::tempdir().expect("a folder");
    let t = TestApp::over_anew(options(file), folder, 990).await;
    let (t, trio) = t.with_channels();
    let mut cases = Vec::new();
    let names = [
        "in time",
        "late",
        "takes over",
        "one too many",
        "another sum",
    ];
    for (debtor, name) in template.debtors.iter().zip(names) {
        let who = debtor.who.at(&t);
        let begin = async |code: &'static str| {
            let started = payment::pay(&who.ctx(), &debtor.order, code, &Payer::default()).await;
            let Ok(Started::Cashier(checkout)) = started else {
                panic!("{started:?}");
            };
            assert!(visit(trio.channel(code).expect("a channel"), &checkout));
            let history = payment::find(&who.ctx(), &debtor.order).await.expect("his");
            history.latest().expect("an attempt").clone()
        };
        let told = |attempt: &payment::AttemptRow, amount: i64, seconds: i64| Evidence {
            source: Source::Notice,
            channel: attempt.channel.clone(),
            merchant: attempt.merchant.clone(),
            merchant_no: attempt.merchant_no.clone(),
            news: News::Paid(PaidNews {
                channel_no: format!("4{}", attempt.id),
                amount: Fen::new(amount),
                currency: CNY.to_owned(),
                paid_at: t.now().plus_seconds(seconds),
            }),
        };
        let first = begin("wechat").await;
        let evidence = match name {
            "in time" => told(&first, first.amount, -1),
            "another sum" => told(&first, first.amount - 1, -1),
            "late" => {
                let evidence = told(&first, first.amount, -1);
                assert!(
                    payment::void(&who.ctx(), &debtor.order)
                        .await
                        .expect("voided")
                );
                evidence
            }
            _ => {
                let early = told(&first, first.amount, -30);
                let second = begin("unionpay").await;
                let late = told(&second, second.amount, -5);
                let (before, after) = if name == "takes over" {
                    (late, early)
                } else {
                    (early, late)
                };
                payment::settle(&t.ctx(app::Actor::Gateway), &before)
                    .await
                    .expect("settled");
                after
            }
        };
        cases.push(Case { name, evidence });
    }
    t.app.db().clone().close().await;
    cases
}

async fn open(file: &Path, time: u32) -> TestApp {
    let folder = tempfile::tempdir().expect("a folder");
    TestApp::over_anew(options(file), folder, time).await
}

fn arguments(evidence: &Evidence) -> Vec<String> {
    let News::Paid(paid) = &evidence.news else {
        panic!("money");
    };
    vec![
        evidence.channel.clone(),
        evidence.merchant.clone(),
        evidence.merchant_no.clone(),
        paid.channel_no.clone(),
        paid.amount.get().to_string(),
        paid.paid_at.micros().to_string(),
    ]
}

fn evidence(arguments: &[&str]) -> Evidence {
    let [channel, merchant, merchant_no, channel_no, amount, paid_at] = arguments else {
        panic!("six fields");
    };
    Evidence {
        source: Source::Notice,
        channel: (*channel).to_owned(),
        merchant: (*merchant).to_owned(),
        merchant_no: (*merchant_no).to_owned(),
        news: News::Paid(PaidNews {
            channel_no: (*channel_no).to_owned(),
            amount: Fen::new(amount.parse().expect("a sum")),
            currency: CNY.to_owned(),
            paid_at: Timestamp::from_micros(paid_at.parse().expect("an instant")),
        }),
    }
}

/// The process that dies: settles one piece of news, with so many steps to live. Says how many it took if it lived.
pub(crate) async fn settle(file: &str, steps: u64, fields: &[&str]) {
    let t = open(Path::new(file), 991).await;
    let ctx = t.ctx(app::Actor::Gateway);
    let evidence = evidence(fields);
    kill::arm(u32::try_from(steps).expect("steps"));
    let settled = payment::settle(&ctx, &evidence).await;
    let left = kill::disarm();
    assert!(settled.is_ok(), "{settled:?}");
    println!("took {}", steps - u64::try_from(left).expect("alive"));
}

/// `true` if something came to harm.
pub(crate) fn every_step() -> bool {
    let began = std::time::Instant::now();
    let folder = tempfile::tempdir().expect("a folder");
    let prepared = folder.path().join("prepared.db");
    let cases = crate::runtime().block_on(async {
        let template = Template::make().await;
        prepare(&template, &prepared).await
    });
    let file = folder.path().join("cut.db");
    let me = std::env::current_exe().expect("this program");
    let child = |evidence: &Evidence, steps: u64| {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
        std::fs::copy(&prepared, &file).expect("a copy");
        Command::new(&me)
            .arg("settle")
            .arg(&file)
            .arg(steps.to_string())
            .args(arguments(evidence))
            .stderr(std::process::Stdio::null())
            .output()
            .expect("a process")
    };
    let (mut cuts, mut harm) = (0u64, 0u64);
    for case in &cases {
        let whole = child(&case.evidence, ENDLESS);
        let said = String::from_utf8_lossy(&whole.stdout).trim().to_owned();
        let steps = said
            .strip_prefix("took ")
            .and_then(|count| count.parse::<u64>().ok());
        let steps = steps.unwrap_or_else(|| panic!("{}: {said}", case.name));
        let looked = |time| {
            crate::runtime().block_on(async {
                let t = open(&file, time).await;
                let seen = picture(&t).await;
                t.app.db().clone().close().await;
                seen
            })
        };
        let after = looked(992);
        std::fs::copy(&prepared, &file).expect("a copy");
        let before = looked(993);
        assert_ne!(before, after, "{}: it comes to something", case.name);
        let mut kept = 0u64;
        for step in 0..steps {
            let died = child(&case.evidence, step);
            assert!(!died.status.success(), "{}: step {step}", case.name);
            cuts += 1;
            let (found, again) = crate::runtime().block_on(async {
                let t = open(&file, 994).await;
                let found = picture(&t).await;
                let again = payment::settle(&t.ctx(app::Actor::Gateway), &case.evidence).await;
                let again = again.map(|settled| settled.outcome);
                let then = picture(&t).await;
                t.app.db().clone().close().await;
                (found, again.map(|outcome| (outcome, then)))
            });
            if found == after {
                kept += 1;
            } else if found != before {
                harm += 1;
                println!("{}: step {step} of {steps}: half of it is there", case.name);
            }
            // Told again it is as if it had been told once; that it was told twice is kept as well.
            let quiet = |all: &[String]| -> Vec<String> {
                let lines = all.iter().filter(|line| !line.starts_with("event"));
                lines
                    .filter(|line| !line.starts_with("audit"))
                    .cloned()
                    .collect()
            };
            match again {
                Ok((_, then)) if quiet(&then) == quiet(&after) => {}
                other => {
                    harm += 1;
                    println!(
                        "{}: step {step} of {steps}, told again: {other:?}",
                        case.name
                    );
                }
            }
        }
        println!(
            "money kill, {}: {steps} steps, after {kept} of them all of it was there",
            case.name
        );
    }
    println!(
        "money kill: {cuts} cuts in {} cases, {harm} came to harm; {} s",
        cases.len(),
        began.elapsed().as_secs()
    );
    harm > 0
}
