//! What the targets run: the gateways as the product has them, over a line that says what the fuzzer wants.
//!
//! Built with `--cfg fuzzing`, where every signature holds (`gateways::payment::keys`): what is looked for stands behind that check.

use std::io::{Seek as _, Write as _};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use domain::clock::Clock;
use domain::money::Fen;
use domain::payment::evidence::Source;
use domain::time::{Date, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::wechat::sign::ApiKey;
use gateways::payment::{
    Device, Lost, Named, NewPayment, NewRefund, Payer, PaymentGateway, Transport,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use parking_lot::Mutex;
use simulators::bank::{About, Bank, Letter, Order};
use simulators::{Keys, Trio};

/// Where the channels seem to be.
pub const ORIGIN: &str = "https://channels.example";
/// When it all begins.
const START: &str = "2026-03-18 10:00";

/// A clock that goes on a minute with every input, so that a breaker that opened is closed again.
#[derive(Debug)]
struct Minutes(AtomicI64);

impl Clock for Minutes {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// The other end of the line: says the same to every call.
#[derive(Debug, Default)]
struct Says {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, Default)]
struct Puppet(Mutex<Says>);

impl Transport for Puppet {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        let says = self.0.lock();
        let mut answer = Response::new(says.body.clone());
        *answer.status_mut() = http::StatusCode::from_u16(says.status).unwrap_or_default();
        *answer.headers_mut() = says.headers.clone();
        std::future::ready(Ok(answer)).boxed()
    }

    fn fetch<'a>(
        &'a self,
        _: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        let says = self.0.lock();
        let said = if says.body.len() as u64 > longest {
            Err(Lost::Unanswered)
        } else {
            piece(&says.body)
                .map(|()| says.status)
                .map_err(|_| Lost::Unanswered)
        };
        std::future::ready(said).boxed()
    }
}

/// Everything that a target needs, made once.
pub struct World {
    clock: Arc<Minutes>,
    puppet: Arc<Puppet>,
    gateways: [Arc<dyn PaymentGateway>; 3],
    /// Headers under which WeChat's notices come; the time is the clock's.
    headers: HeaderMap,
    /// The other sides, for what a good input looks like.
    pub trio: Trio,
}

impl World {
    fn new() -> Self {
        let start = Timestamp::parse_local(START).expect("a time");
        let clock = Arc::new(Minutes(AtomicI64::new(start.micros())));
        let dynamic: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let path = std::env::temp_dir().join("baokao-simulated-keys-1.json");
        let keys = Keys::kept(&path, start).expect("keys can be made");
        let banks = [0, 1, 2].map(|n| Bank::new(Arc::clone(&dynamic), n));
        let trio = Trio::new(ORIGIN, keys, banks).expect("channels");
        let puppet = Arc::new(Puppet::default());
        let transport: Arc<dyn Transport> = Arc::clone(&puppet) as Arc<dyn Transport>;
        let gateways = trio.gateways(&dynamic, &transport).expect("gateways");
        let mut world = Self {
            clock,
            puppet,
            gateways,
            headers: HeaderMap::new(),
            trio,
        };
        world.headers = world.sample("wechat").headers().clone();
        world
    }

    /// The gateway of a channel.
    pub fn gateway(&self, code: &str) -> &Arc<dyn PaymentGateway> {
        let mut all = self.gateways.iter();
        all.find(|one| one.info().code == code).expect("a channel")
    }

    /// A payment that a channel took, and the notice of it.
    pub fn sample(&self, code: &str) -> Request<Bytes> {
        let channel = self.trio.channel(code).expect("a channel");
        let now = self.clock.now();
        channel
            .bank()
            .open(Order {
                merchant_no: NUMBER.to_owned(),
                begun: "20260318100000".to_owned(),
                amount: 10_000,
                subject: "考务费".to_owned(),
                expires_at: now.plus_seconds(7_200).micros(),
                notify_url: format!("{ORIGIN}/notify"),
                return_url: String::new(),
                way: "native".to_owned(),
            })
            .expect("a trade");
        channel.bank().pay(NUMBER);
        let letter = Letter {
            id: 1,
            about: About::Payment(NUMBER.to_owned()),
            due: now.micros(),
            tries: 0,
        };
        channel.write(&letter).expect("a notice")
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        let now = HeaderValue::from(self.clock.now().seconds());
        headers.insert("wechatpay-timestamp", now);
        headers
    }

    fn on(&self) {
        self.clock.0.fetch_add(60_000_000, Ordering::Relaxed);
    }
}

/// The payment that it is all about.
pub const NUMBER: &str = "P20260318100000000ABCDEF12345";

/// The one world.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// A notice. WeChat's are sealed: an input that begins with `{` is taken as the envelope, any other as what is inside, behind one byte
/// for the kind.
pub fn notice(code: &str, bytes: &[u8]) {
    let world = world();
    world.on();
    let sealed = match bytes.split_first() {
        Some((kind, clear)) if code == "wechat" && *kind != b'{' => Some(envelope(*kind, clear)),
        _ => None,
    };
    let body = sealed.as_deref().unwrap_or(bytes);
    let _ = world.gateway(code).notice(&world.headers(), body);
}

fn envelope(kind: u8, clear: &[u8]) -> Vec<u8> {
    let key = ApiKey::parse(simulators::API_KEY).expect("a key");
    let sealed = key.seal("abcdefghijkl", "x", clear).expect("sealed");
    let event = [
        "TRANSACTION.SUCCESS",
        "REFUND.SUCCESS",
        "REFUND.ABNORMAL",
        "REFUND.CLOSED",
    ][usize::from(kind % 4)];
    format!(
        "{{\"id\":\"1\",\"event_type\":\"{event}\",\"resource_type\":\"encrypt-resource\",\"resource\":{{\"algorithm\":\"{}\",\
         \"ciphertext\":\"{}\",\"nonce\":\"{}\",\"associated_data\":\"{}\"}}}}",
        sealed.algorithm, sealed.ciphertext, sealed.nonce, sealed.associated_data
    )
    .into_bytes()
}

/// A bill, read to its end.
pub fn bill(code: &str, bytes: &[u8]) {
    let reader = world().gateway(code).bills().expect("bills");
    let folder = std::path::Path::new("/dev/shm");
    let folder = if folder.is_dir() {
        folder.to_owned()
    } else {
        std::env::temp_dir()
    };
    let mut file = tempfile::tempfile_in(folder).expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    if let Ok(lines) = reader.lines(file) {
        for line in lines {
            if line.is_err() {
                break;
            }
        }
    }
}

/// An answer to each of the calls: the first byte says to which, and under which status it comes.
pub fn answer(code: &str, bytes: &[u8]) {
    let Some((how, body)) = bytes.split_first() else {
        return;
    };
    let world = world();
    world.on();
    *world.puppet.0.lock() = Says {
        status: [200, 204, 400, 404, 429, 500, 302, 200][usize::from(how / 8 % 8)],
        headers: world.headers(),
        body: Bytes::copy_from_slice(body),
    };
    let now = world.clock.now();
    let named = Named {
        merchant_no: NUMBER.to_owned(),
        begun_at: now,
        channel_no: Some("4200001".to_owned()),
    };
    let refund = NewRefund {
        refund_no: "R20260318100000000ABCDEF12345".to_owned(),
        begun_at: now,
        of: named.clone(),
        amount: Fen::new(10_000),
        total: Fen::new(10_000),
        reason: "退款".to_owned(),
        notify_url: format!("{ORIGIN}/notify"),
    };
    let payment = |device| NewPayment {
        merchant_no: NUMBER.to_owned(),
        begun_at: now,
        amount: Fen::new(10_000),
        subject: "考务费".to_owned(),
        expires_at: now.plus_seconds(7_200),
        notify_url: format!("{ORIGIN}/notify"),
        return_url: format!("{ORIGIN}/back"),
        payer: Payer {
            device,
            ip: "203.0.113.7".to_owned(),
        },
    };
    let gateway = world.gateway(code);
    let done = match how % 8 {
        0 => gateway
            .create(&payment(Device::Desk))
            .now_or_never()
            .map(drop),
        1 => gateway
            .create(&payment(Device::Phone))
            .now_or_never()
            .map(drop),
        2 => gateway
            .query(&named, Source::Query)
            .now_or_never()
            .map(drop),
        3 => gateway.close(&named).now_or_never().map(drop),
        4 => gateway.refund(&refund).now_or_never().map(drop),
        5 => gateway.query_refund(&refund).now_or_never().map(drop),
        6 => gateway
            .bill(Date::new(2026, 3, 17).expect("a day"))
            .now_or_never()
            .map(drop),
        _ => match gateway.in_app() {
            Some(door) => door.who("a-code").now_or_never().map(drop),
            None => Some(()),
        },
    };
    assert!(done.is_some(), "nothing waits for anything");
}
