//! 演练支付: how the orders of a rehearsal are paid. It is a channel like any other, on its other side are two tables and a page of our
//! own; no money moves and nothing leaves the process. That it is led to by a rehearsal's orders only, and that those are led to no
//! other, is [`fits`].

use std::sync::Arc;

use db::{Command, Db, Lane, Tx};
use domain::clock::Clock;
use domain::money::Fen;
use domain::payment::OrderState;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::ladder::Ladder;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{
    Acknowledgement, BadNotice, ChannelInfo, Checkout, CreateAnswer, Device, HeaderMap, Named,
    NewPayment, NewRefund, Notice, Payer, PaymentGateway, RefundNews, Way,
};

use super::rehearsal_store::{self as store, PaymentRow};
use super::{ask, attempt_state, pay, view};
use crate::exam::Exam;
use crate::{Ctx, Error, Result};

/// The stored code of the channel.
pub const CODE: &str = "rehearsal";
const MERCHANT: &str = "rehearsal";

/// Whether the orders of an exam may be paid by a channel: a rehearsal's by 演练支付 only, all others by anything else. The one place
/// where that is decided.
pub fn fits(channel: &str, exam: &Exam) -> bool {
    (channel == CODE) == exam.is_rehearsal()
}

/// The channels that the page of choice offers for an exam.
pub fn offered<'a>(app: &'a crate::App, exam: &Exam) -> Vec<&'a Arc<dyn PaymentGateway>> {
    let channels = app.channels();
    channels
        .all()
        .iter()
        .chain(channels.apart())
        .filter(|channel| fits(channel.info().code, exam))
        .collect()
}

/// The other side of 演练支付.
#[derive(Debug)]
pub(crate) struct Cashier {
    info: ChannelInfo,
    db: Db,
    clock: Arc<dyn Clock>,
}

impl Cashier {
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self {
            info: ChannelInfo {
                code: CODE,
                name: "演练支付",
                note: "演练用，不发生真实收款",
                ladder: Ladder::Usual,
                life: 24 * 3600,
                real: false,
            },
            db,
            clock,
        }
    }

    fn evidence(merchant_no: &str, source: Source, news: News) -> Evidence {
        Evidence {
            source,
            channel: CODE.to_owned(),
            merchant: MERCHANT.to_owned(),
            merchant_no: merchant_no.to_owned(),
            news,
        }
    }

    async fn look(&self, merchant_no: &str) -> News {
        match store::payment_find(&mut self.db.read(), merchant_no).await {
            Ok(row) => news(merchant_no, row.as_ref()),
            Err(_) => News::Unknown,
        }
    }
}

fn news(merchant_no: &str, row: Option<&PaymentRow>) -> News {
    match row {
        Some(row) if row.state == "paid" => News::Paid(PaidNews {
            channel_no: format!("YL{merchant_no}"),
            amount: Fen::new(row.amount),
            currency: CNY.to_owned(),
            paid_at: Timestamp::from_micros(row.paid_at.unwrap_or(0)),
        }),
        Some(row) if row.state == "closed" => News::Closed,
        _ => News::NotPaid { last: false },
    }
}

impl PaymentGateway for Cashier {
    fn info(&self) -> &ChannelInfo {
        &self.info
    }

    fn merchant(&self) -> &str {
        MERCHANT
    }

    fn way(&self, _: &Device) -> Option<Way> {
        Some(Way::Page)
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        async move {
            let Some(order) = payment.return_url.strip_suffix("/return") else {
                return CreateAnswer::Refused("没有返回地址".to_owned());
            };
            let command = Open {
                merchant_no: payment.merchant_no.clone(),
                amount: payment.amount.get(),
            };
            match self.db.write(Lane::Interactive, command).await {
                Ok(()) => CreateAnswer::Checkout(Checkout::Page {
                    url: format!("{order}/rehearse"),
                }),
                Err(_) => CreateAnswer::Unknown,
            }
        }
        .boxed()
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        let merchant_no = &payment.merchant_no;
        async move { Self::evidence(merchant_no, source, self.look(merchant_no).await) }.boxed()
    }

    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        let merchant_no = &payment.merchant_no;
        async move {
            let command = Turn {
                merchant_no: merchant_no.to_owned(),
                to: "closed",
                at: None,
            };
            let news = match self.db.write(Lane::Interactive, command).await {
                Ok(_) => self.look(merchant_no).await,
                Err(_) => News::Unknown,
            };
            Self::evidence(merchant_no, Source::Query, news)
        }
        .boxed()
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        async move {
            let command = Refund {
                refund: refund.clone(),
                at: self.clock.now().micros(),
            };
            match self.db.write(Lane::Interactive, command).await {
                Ok(true) => self.query_refund(refund).await,
                Ok(false) => RefundNews::Failed("没有这笔演练支付，或金额超出".to_owned()),
                Err(_) => RefundNews::Unknown,
            }
        }
        .boxed()
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        let refund_no = &refund.refund_no;
        async move {
            match store::refund_at(&mut self.db.read(), refund_no).await {
                Ok(Some((at,))) => RefundNews::Succeeded {
                    channel_no: format!("YL{refund_no}"),
                    at: Timestamp::from_micros(at),
                },
                Ok(None) => RefundNews::Missing,
                Err(_) => RefundNews::Unknown,
            }
        }
        .boxed()
    }

    /// Nobody sends notices of it: whatever comes is forged.
    fn notice(&self, _: &HeaderMap, _: &[u8]) -> std::result::Result<Notice, BadNotice> {
        Err(BadNotice::Signature)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "text/plain",
            body: "",
        }
    }
}

/// What the page of 演练支付 shows: the number of the payment that waits, and its sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Our number of it.
    pub merchant_no: String,
    /// The sum.
    pub amount: Fen,
}

/// The payment of an order of the asking candidate's that waits at 演练支付.
///
/// # Errors
/// `NotFound`, also for an order of a real exam.
pub async fn waiting(ctx: &Ctx, order: &str) -> Result<Waiting> {
    let history = view::find(ctx, order).await?;
    if !history.view.exam.is_rehearsal() {
        return Err(Error::NotFound);
    }
    let mut open = Vec::new();
    for attempt in &history.attempts {
        if attempt.channel == CODE && !attempt_state(attempt)?.is_final() {
            open.push(attempt);
        }
    }
    let attempt = open.last().ok_or(Error::NotFound)?;
    Ok(Waiting {
        merchant_no: attempt.merchant_no.clone(),
        amount: Fen::new(attempt.amount),
    })
}

/// What the page's buttons say: paid, or given up.
///
/// # Errors
/// As [`waiting`].
pub async fn finish(ctx: &Ctx, order: &str, paid: bool) -> Result<()> {
    let waiting = waiting(ctx, order).await?;
    let command = Turn {
        merchant_no: waiting.merchant_no,
        to: if paid { "paid" } else { "closed" },
        at: paid.then(|| ctx.at.micros()),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(())
}

/// A candidate of a rehearsal pays what he owes for an application, from the bill to the result.
///
/// # Errors
/// Those of the steps that a candidate goes by himself.
pub(crate) async fn pay_now(ctx: &Ctx, application: &str) -> Result<()> {
    let bill = view::payable(ctx, application).await?;
    let order = match bill.order {
        Some(order) => order.public_id,
        None => super::raise_again(ctx, application).await?,
    };
    pay::pay(ctx, &order, CODE, &Payer::default()).await?;
    finish(ctx, &order, true).await?;
    match ask::ask_returned(ctx, &order).await? {
        ask::Asked::Paid | ask::Asked::Other(OrderState::Paid) => Ok(()),
        _ => Err(Error::Conflict("演练支付还没有到账")),
    }
}

struct Open {
    merchant_no: String,
    amount: i64,
}

impl Command for Open {
    const NAME: &'static str = "rehearsal_payment.open";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::payment_open(tx, &self.merchant_no, self.amount).await?;
        Ok(())
    }
}

struct Turn {
    merchant_no: String,
    to: &'static str,
    at: Option<i64>,
}

impl Command for Turn {
    const NAME: &'static str = "rehearsal_payment.turn";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::payment_turn(tx, &self.merchant_no, self.to, self.at).await?)
    }
}

struct Refund {
    refund: NewRefund,
    at: i64,
}

impl Command for Refund {
    const NAME: &'static str = "rehearsal_payment.refund";
    /// Whether there is something to send back.
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let refund = &self.refund;
        if store::refund_at(tx, &refund.refund_no).await?.is_some() {
            return Ok(true);
        }
        let paid = store::payment_find(tx, &refund.of.merchant_no)
            .await?
            .filter(|row| row.state == "paid");
        let back = store::refunds_sum(tx, &refund.of.merchant_no).await?;
        if paid.is_none_or(|row| back + refund.amount.get() > row.amount) {
            return Ok(false);
        }
        let keys = (refund.refund_no.as_str(), refund.of.merchant_no.as_str());
        store::refund_insert(tx, keys, refund.amount.get(), self.at).await?;
        Ok(true)
    }
}
