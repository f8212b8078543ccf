//! What the comparison of a large bill costs. `scripts/reconcile.sh` runs it; `docs/dev/reconcile.md` has its figures.
//!
//! `reconcile URL LINES` fills an empty database with so many paid orders of one day, writes WeChat's bill of that day with a dozen
//! differences in it, and reconciles: lines a second, and the most memory that was used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for figures: it fails at once"
)]

#[path = "../scale/bulk.rs"]
mod bulk;

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use app::payment::reconcile;
use bulk::{Bulk, int, text};
use db::Options;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::time::{Date, Timestamp};
use gateways::payment::{Channels, PaymentGateway};
use testkit::{Doctored, Said, TestApp, submitted};

const FEE: i64 = 10_000;
const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMS: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, lines] = arguments.as_slice() else {
        panic!("usage: reconcile URL LINES");
    };
    let lines: i64 = lines.parse().expect("a number of lines");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(run(url, lines));
}

/// Peak of the resident memory since it was last reset, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

fn our_no(n: i64) -> String {
    format!("P20260318080000{n:09}")
}

fn channel_no(n: i64) -> String {
    format!("42000020260318{n:014}")
}

fn at(n: i64) -> i64 {
    let day = Date::new(2026, 3, 18).expect("a day").start().micros();
    // Spread over the day in no order that the bill has.
    day + 3_600_000_000 + n * 7_919 % 80_000 * 1_000_000 + n % 1_000
}

/// The differences stand in each quarter.
fn quarter(lines: i64) -> i64 {
    (lines / 4).max(5)
}

async fn fill(t: &TestApp, merchant: &str, lines: i64) {
    let exam = t
        .recruitment(|settings| settings.steps.review = ReviewStep::None)
        .await;
    // One application can't have two orders that are looked into: the orders of another sum are other people's.
    let mut owners = Vec::new();
    for name in ["林一舟", "周子衡", "陈思远", "何雨桐", "沈知夏"] {
        let who = t.ready(name).await;
        let saved = submitted(&who, &exam, "数字资源管理").await;
        let own = app::application::own(&who.ctx(), &saved)
            .await
            .expect("theirs");
        owners.push((own.row.id, own.row.account_id));
    }
    let (first, others) = owners.split_first().expect("five");
    let quarter = quarter(lines);
    let mut others = others.iter();
    let mut bulk = Bulk::begin(&t.app).await;
    for n in 1..=lines {
        let (application, account) = match n % quarter {
            3 => *others.next().unwrap_or(first),
            _ => *first,
        };
        bulk.put(
            "payment_order",
            &[
                ("id", int(n)),
                ("public_id", text(format!("bench{n:011}"))),
                ("order_no", text(format!("26{n:010}"))),
                ("application_id", int(application)),
                ("exam_id", int(exam.id)),
                ("account_id", int(account)),
                ("amount", int(FEE)),
                // One application can't have so many that are paid; no comparison looks at it.
                ("state", text("refunded")),
                ("credited_attempt", int(n)),
                ("paid_at", int(at(n))),
                ("created_at", int(at(n))),
                ("version", int(1)),
            ],
        );
        bulk.put(
            "payment_attempt",
            &[
                ("id", int(n)),
                ("order_id", int(n)),
                ("channel", text("wechat")),
                ("merchant", text(merchant)),
                ("merchant_no", text(our_no(n))),
                ("channel_no", text(channel_no(n))),
                ("amount", int(FEE)),
                ("received", int(FEE)),
                ("state", text("succeeded")),
                ("paid_at", int(at(n))),
                ("created_at", int(at(n))),
                ("version", int(1)),
            ],
        );
        for (side, book, debit, credit) in [(0, "channel:wechat", FEE, 0), (1, "fees", 0, FEE)] {
            bulk.put(
                "ledger_entry",
                &[
                    ("id", int(2 * n + side)),
                    ("posting", int(2 * n)),
                    ("book", text(book)),
                    ("debit", int(debit)),
                    ("credit", int(credit)),
                    ("order_id", int(n)),
                    ("attempt_id", int(n)),
                    ("at", int(at(n))),
                ],
            );
        }
        if n % 1_000 == 0 {
            bulk.flush().await;
        }
    }
    bulk.finish().await;
}

/// The bill, with a line left out, one doubled, one of another sum and one of somebody else's in each quarter.
fn write_bill(path: &Path, merchant: &str, lines: i64) {
    let (mchid, appid) = merchant.split_once(':').expect("two numbers");
    let mut out = BufWriter::new(std::fs::File::create(path).expect("a file"));
    write!(out, "\u{feff}{HEAD}\r\n").expect("written");
    let (mut count, mut paid) = (0, 0);
    let mut line = |n: i64, ours: &str, amount: i64| {
        let sum = Fen::new(amount).yuan();
        count += 1;
        paid += amount;
        write!(
            out,
            "`{},`{appid},`{mchid},`0,`,`{},`{ours},`o-payer,`NATIVE,`SUCCESS,`OTHERS,`CNY,`{sum},`0.00,`0,`0,`0.00,`0.00,`,`,`考试报名费,`,\
             `0.60000,`0.60%,`{sum},`0.00,`\r\n",
            Timestamp::from_micros(at(n)).to_local_second(),
            channel_no(n),
        )
        .expect("written");
    };
    let quarter = quarter(lines);
    for n in 1..=lines {
        match n % quarter {
            1 => {}
            2 => {
                line(n, &our_no(n), FEE);
                line(n, &our_no(n), FEE);
            }
            3 => line(n, &our_no(n), FEE + 1),
            4 => {
                line(n, &our_no(n), FEE);
                line(n + lines, &format!("CANTEEN{n:020}"), 1_200);
            }
            _ => line(n, &our_no(n), FEE),
        }
    }
    let (sum, none) = (Fen::new(paid).yuan(), "0.00");
    write!(
        out,
        "{SUMS}\r\n`{count},`{sum},`{none},`0.00,`0.00000,`{sum},`{none}\r\n"
    )
    .expect("written");
    out.flush().expect("written");
}

async fn run(url: &str, lines: i64) {
    let folder = tempfile::tempdir().expect("a folder");
    let bill = folder.path().join("bill.csv");
    let t = TestApp::over(Options::new(url), folder).await;
    t.clock.set("2026-03-18 10:00");
    let (t, _trio) = t.with_channels();
    let wechat = Arc::clone(t.app.channels().get("wechat").expect("a channel"));
    let merchant = wechat.merchant().to_owned();
    let doctored = Arc::new(Doctored::over(wechat));
    let offered: Arc<dyn PaymentGateway> = Arc::clone(&doctored) as Arc<dyn PaymentGateway>;
    let t = t.with(|setup| setup.channels = Channels::new(vec![offered], true).expect("one"));
    let began = Instant::now();
    fill(&t, &merchant, lines).await;
    println!(
        "filled {lines} orders in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    write_bill(&bill, &merchant, lines);
    let size = std::fs::metadata(&bill).expect("the bill").len() / 1_000_000;
    let day = Date::new(2026, 3, 18).expect("a day");
    doctored.say(day, Said::Path(bill));
    t.clock.set("2026-03-19 10:31");
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = peak();
    let began = Instant::now();
    let ctx = t.system();
    let id = reconcile::day_of(&ctx, "wechat", day).await.expect("a day");
    reconcile::now(&ctx, id).await.expect("reconciled");
    let took = began.elapsed().as_secs_f64();
    let search = reconcile::Search::default();
    let row = reconcile::list(&ctx, &search, None, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!(row.equation().rest(), 0, "{row:?}");
    assert_eq!(row.findings, if lines >= 20 { 16 } else { row.findings });
    let (lines, runs) = (row.lines, row.run);
    println!(
        "{lines} lines ({size} MB) in {took:.1} s: {:.0} lines/s; compared {runs} times, {} match, {} findings; \
         peak {} MB (before: {before} MB)",
        f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) / took,
        row.matched,
        row.findings,
        peak()
    );
    // Once more over the same file: it is read, compared, and changes nothing.
    let began = Instant::now();
    reconcile::now(&t.system(), id)
        .await
        .expect("reconciled again");
    let again = reconcile::list(&ctx, &search, None, 1)
        .await
        .expect("a list")
        .remove(0);
    assert_eq!((again.findings, again.matched), (row.findings, row.matched));
    println!(
        "again, which changes nothing: {:.1} s",
        began.elapsed().as_secs_f64()
    );
}
