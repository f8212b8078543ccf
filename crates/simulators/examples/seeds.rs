//! Writes what good inputs of the fuzz targets look like (docs/dev/fuzz.md): `seeds FOLDER` makes a folder for each.
#![allow(
    clippy::expect_used,
    clippy::cast_possible_wrap,
    reason = "a tool for tests: it fails at once"
)]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use domain::clock::Clock;
use domain::money::Fen;
use domain::payment::evidence::Source;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{
    BillAnswer, Device, Lost, Named, NewPayment, NewRefund, Payer, PaymentGateway, Transport,
};
use http::{Request, Response};
use parking_lot::Mutex;
use simulators::bank::{About, Bank, Letter, Rates, RefundState};
use simulators::{Keys, Link, Trio};

/// Where the channels seem to be.
const ORIGIN: &str = "https://channels.example";
/// The payment that it is all about.
const NUMBER: &str = "P20260318100000000ABCDEF12345";
/// When it happens: the targets believe in the same time, and in the same keys.
const START: &str = "2026-03-18 10:00";

/// A clock that stands.
#[derive(Debug)]
struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// The line, with a tape that keeps what was answered.
struct Tape {
    link: Link,
    answers: Mutex<Vec<(u16, Vec<u8>)>>,
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tape")
    }
}

impl Transport for Tape {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        async move {
            let answer = self.link.send(request).await?;
            let kept = (answer.status().as_u16(), answer.body().to_vec());
            self.answers.lock().push(kept);
            Ok(answer)
        }
        .boxed()
    }

    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        self.link.fetch(request, longest, piece)
    }
}

struct Folder<'a> {
    root: &'a Path,
    count: usize,
}

impl Folder<'_> {
    fn keep(&mut self, target: &str, bytes: &[u8]) {
        let folder = self.root.join(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        self.count += 1;
        std::fs::write(folder.join(format!("seed-{}", self.count)), bytes).expect("written");
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits")
}

fn main() {
    let root = std::env::args().nth(1).expect("usage: seeds FOLDER");
    let mut folder = Folder {
        root: Path::new(&root),
        count: 0,
    };
    let start = Timestamp::parse_local(START).expect("a time");
    let clock = Arc::new(Still(AtomicI64::new(start.micros())));
    let dynamic: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let path = std::env::temp_dir().join("baokao-simulated-keys-1.json");
    let keys = Keys::kept(&path, clock.now()).expect("keys");
    let banks = [0, 1, 2].map(|n| Bank::new(Arc::clone(&dynamic), n));
    let trio = Trio::new(ORIGIN, keys, banks).expect("channels");
    let tape = Arc::new(Tape {
        link: trio.link(),
        answers: Mutex::default(),
    });
    let transport: Arc<dyn Transport> = Arc::clone(&tape) as Arc<dyn Transport>;
    let gateways = trio.gateways(&dynamic, &transport).expect("gateways");
    for gateway in &gateways {
        one(&mut folder, &trio, &tape, gateway, clock.now());
    }
    // The day is over: its bills.
    clock.0.fetch_add(86_400_000_000, Ordering::Relaxed);
    for gateway in &gateways {
        let code = gateway.info().code;
        let day = clock.now().plus_days(-1).date();
        if let BillAnswer::File(mut file) = now(gateway.bill(day)) {
            let mut whole = Vec::new();
            file.read_to_end(&mut whole).expect("a bill");
            folder.keep(&format!("bill_{code}"), &whole);
        }
        played(&mut folder, &tape, code, 6);
    }
    let mut out = std::io::stdout();
    writeln!(out, "{} seeds", folder.count).expect("said");
}

/// What was answered, as inputs for a call.
fn played(folder: &mut Folder<'_>, tape: &Tape, code: &str, call: u8) {
    for (status, body) in tape.answers.lock().drain(..) {
        let status = match status {
            204 => 1,
            400 => 2,
            404 => 3,
            429 => 4,
            500 => 5,
            _ => 0,
        };
        let mut input = vec![status * 8 + call];
        input.extend(body);
        folder.keep(&format!("answer_{code}"), &input);
    }
}

fn one(
    folder: &mut Folder<'_>,
    trio: &Trio,
    tape: &Tape,
    gateway: &Arc<dyn PaymentGateway>,
    at: Timestamp,
) {
    let code = gateway.info().code;
    let channel = trio.channel(code).expect("a channel");
    let bank = channel.bank();
    let payment = |device| NewPayment {
        merchant_no: NUMBER.to_owned(),
        begun_at: at,
        amount: Fen::new(10_000),
        subject: "考务费".to_owned(),
        expires_at: at.plus_seconds(7_200),
        notify_url: format!("{ORIGIN}/notify"),
        return_url: format!("{ORIGIN}/back"),
        payer: Payer {
            device,
            ip: "203.0.113.7".to_owned(),
        },
    };
    for (call, device) in [(0, Device::Desk), (1, Device::Phone)] {
        let answer = now(gateway.create(&payment(device)));
        if let gateways::payment::CreateAnswer::Checkout(checkout) = &answer {
            simulators::visit(channel, checkout);
        }
        played(folder, tape, code, call);
    }
    let mut named = Named {
        merchant_no: NUMBER.to_owned(),
        begun_at: at,
        channel_no: None,
    };
    now(gateway.query(&named, Source::Query));
    played(folder, tape, code, 2);
    bank.see(NUMBER);
    bank.pay(NUMBER);
    now(gateway.query(&named, Source::Query));
    played(folder, tape, code, 2);
    now(gateway.close(&named));
    played(folder, tape, code, 3);
    named.channel_no = bank.trade(NUMBER).map(|trade| trade.channel_no);
    bank.set_rates(Rates {
        slow_refunds: 1_000,
        ..Rates::default()
    });
    for (n, state) in [
        RefundState::Succeeded,
        RefundState::Failed,
        RefundState::Abnormal,
    ]
    .into_iter()
    .enumerate()
    {
        let refund = NewRefund {
            refund_no: format!("R20260318100000000ABCDEF1234{n}"),
            begun_at: at.plus_seconds(n as i64),
            of: named.clone(),
            amount: Fen::new(3_000),
            total: Fen::new(10_000),
            reason: "退款".to_owned(),
            notify_url: format!("{ORIGIN}/notify"),
        };
        now(gateway.refund(&refund));
        played(folder, tape, code, 4);
        let letter = |about| Letter {
            id: 1,
            about,
            due: 0,
            tries: 0,
        };
        bank.finish_refund(&refund.refund_no, state);
        now(gateway.query_refund(&refund));
        played(folder, tape, code, 5);
        for about in [
            About::Payment(NUMBER.to_owned()),
            About::Refund(refund.refund_no.clone()),
        ] {
            if let Some(notice) = channel.write(&letter(about)) {
                folder.keep(&format!("notice_{code}"), notice.body());
            }
        }
    }
    if code == "wechat" {
        // What is inside of a sealed notice, behind a byte for its kind.
        let paid = format!(
            "{{\"mchid\":\"1\",\"appid\":\"1\",\"out_trade_no\":\"{NUMBER}\",\"transaction_id\":\"42\",\"trade_state\":\"SUCCESS\",\
             \"success_time\":\"2026-03-18T10:00:00+08:00\",\"amount\":{{\"total\":10000,\"payer_total\":10000,\"currency\":\"CNY\"}}}}"
        );
        folder.keep("notice_wechat", format!("\u{0}{paid}").as_bytes());
        let back = format!(
            "{{\"mchid\":\"1\",\"out_trade_no\":\"{NUMBER}\",\"out_refund_no\":\"R1\",\"refund_id\":\"5\",\"refund_status\":\"SUCCESS\",\
             \"success_time\":\"2026-03-18T10:00:00+08:00\",\"amount\":{{\"total\":10000,\"refund\":10000}}}}"
        );
        folder.keep("notice_wechat", format!("\u{1}{back}").as_bytes());
    }
}
