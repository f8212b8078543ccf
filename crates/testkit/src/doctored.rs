//! A channel whose bills say what a test wants.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use domain::payment::evidence::{Evidence, Source};
use domain::time::Date;
use gateways::payment::{
    Acknowledgement, BadNotice, BillAnswer, BillReader, ChannelInfo, CreateAnswer, Device,
    HeaderMap, Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews, Way,
};
use parking_lot::Mutex;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

/// What the channel says when it is asked for a day.
#[derive(Debug, Clone)]
pub enum Said {
    /// A table as text.
    Table(String),
    /// A file of any kind.
    Bytes(Vec<u8>),
    /// A file that lies there, too large to be held.
    Path(PathBuf),
    /// It isn't made yet.
    NotReady,
    /// It won't give it.
    Refused,
    /// It doesn't answer.
    Silent,
}

/// A channel, but for the bills of the days that a test speaks of.
#[derive(Debug)]
pub struct Doctored {
    inner: Arc<dyn PaymentGateway>,
    said: Mutex<HashMap<Date, Said>>,
}

impl Doctored {
    /// Over a channel.
    pub fn over(inner: Arc<dyn PaymentGateway>) -> Self {
        Self {
            inner,
            said: Mutex::default(),
        }
    }

    /// What it says of a day from now on.
    pub fn say(&self, day: Date, said: Said) {
        self.said.lock().insert(day, said);
    }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.seek(SeekFrom::Start(0)).expect("its beginning");
    file
}

impl PaymentGateway for Doctored {
    fn info(&self) -> &ChannelInfo {
        self.inner.info()
    }

    fn merchant(&self) -> &str {
        self.inner.merchant()
    }

    fn way(&self, device: &Device) -> Option<Way> {
        self.inner.way(device)
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        self.inner.create(payment)
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        self.inner.query(payment, source)
    }

    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        self.inner.close(payment)
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.inner.refund(refund)
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.inner.query_refund(refund)
    }

    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        self.inner.notice(headers, body)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        self.inner.acknowledgement()
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, BillAnswer> {
        let said = self.said.lock().get(&day).cloned();
        let Some(said) = said else {
            return self.inner.bill(day);
        };
        std::future::ready(match said {
            Said::Table(text) => BillAnswer::File(file(text.as_bytes())),
            Said::Bytes(bytes) => BillAnswer::File(file(&bytes)),
            Said::Path(path) => BillAnswer::File(File::open(path).expect("the file")),
            Said::NotReady => BillAnswer::NotReady,
            Said::Refused => BillAnswer::Refused("NO_AUTH".into()),
            Said::Silent => BillAnswer::Unknown,
        })
        .boxed()
    }

    fn bills(&self) -> Option<&dyn BillReader> {
        self.inner.bills()
    }
}
