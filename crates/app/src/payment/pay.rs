//! 支付: an attempt at a channel.
//!
//! The attempt is stored before the channel is called; the same button pressed twice, or in two tabs, leads to the same one. A
//! change of the channel asks and closes what was begun first.

use db::{Command, Lane, Tx};
use domain::exam::Phase;
use domain::money::Fen;
use domain::payment::number::{Purpose, merchant_no};
use domain::payment::{AttemptEvent, AttemptState, OrderEvent, OrderState, ladder};
use domain::time::Timestamp;
use gateways::payment::{Checkout, CreateAnswer, NewPayment, Payer, PaymentGateway, Way};
use serde_json::json;

use super::rehearsal::fits;
use super::store::{self, AttemptRow, OrderRow};
use super::{ask, attempt_state, debt, order_state};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// How long a cashier stays open, at most until the order's own end.
const CASHIER_SECONDS: i64 = 30 * 60;
/// An older attempt in doubt is waited for this long before another channel may be tried.
const DOUBT_SECONDS: i64 = 60;

/// What follows 支付.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// To the channel's cashier, by the way that fits the payer's device.
    Cashier(Checkout),
    /// The channel gave no clear answer: to the page 正在确认.
    Confirming,
    /// It turned out to be paid already.
    Paid,
}

/// Begins or continues a payment of an order by a channel.
///
/// # Errors
/// `Refused` when the window is closed, the channel refuses or is away, or an older payment is being confirmed.
pub async fn pay(ctx: &Ctx, order: &str, channel: &str, payer: &Payer) -> Result<Started> {
    let account_id = ctx.candidate()?;
    let gateway = ctx.app.channels().get(channel).cloned();
    let gateway = gateway.ok_or_else(|| Error::field("channel", "请选择支付方式"))?;
    let way = gateway.way(&payer.device);
    let way =
        way.ok_or_else(|| Error::field("channel", "这种支付方式在您的设备上不能使用，请换一种"))?;
    let row = store::order_by_public_id(&mut ctx.app.db().read(), order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    if settle_others(ctx, &row, (channel, way)).await? {
        return Ok(Started::Paid);
    }
    let command = Begin {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        order_id: row.id,
        channel: gateway.info().code,
        way,
        life: gateway.info().life,
        merchant: gateway.merchant().to_owned(),
        first_query_at: ladder::next_query(
            gateway.info().ladder,
            0,
            ctx.at,
            ctx.at,
            jitter(&ctx.app),
        ),
    };
    let (order, attempt) = match ctx.app.db().write(Lane::Interactive, command).await? {
        Begun::Paid => return Ok(Started::Paid),
        Begun::Ready(checkout) => return Ok(Started::Cashier(checkout)),
        Begun::ToCreate(both) => *both,
    };
    let answer = gateway
        .create(&payment(&ctx.app, &order, &attempt, payer))
        .await;
    let command = Created {
        stamp: Stamp::of(ctx),
        order_id: order.id,
        attempt_id: attempt.id,
        answer: answer.clone(),
    };
    let (order_now, attempt_now) = ctx.app.db().write(Lane::Interactive, command).await?;
    match answer {
        CreateAnswer::Checkout(_) if attempt_now == AttemptState::Failed => {
            // It was given up while it was on its way: nobody is led to a cashier of an order that is closed.
            ask::query_and_close(ctx, &attempt).await?;
            Err(if order_now.is_open() {
                confirming()
            } else {
                not_open(order_now)
            })
        }
        CreateAnswer::Checkout(checkout) => Ok(Started::Cashier(checkout)),
        CreateAnswer::Away if attempt_now == AttemptState::Failed => Err(Error::refused(
            "channel_away",
            format!("{}暂时连不上", gateway.info().name),
            "没有发起支付，也没有扣款。请稍后再试，或换一种支付方式。",
        )),
        CreateAnswer::Away | CreateAnswer::Unknown => Ok(Started::Confirming),
        CreateAnswer::Refused(reason) => Err(Error::refused(
            "channel_refused",
            "支付渠道没有受理",
            format!(
                "{}提示：{reason}。没有扣款，请稍后再试或换一种支付方式。",
                gateway.info().name
            ),
        )),
    }
}

/// A draw of ±20 %.
fn jitter(app: &App) -> i8 {
    let [byte] = app.random::<1>();
    i8::try_from(byte % 41).unwrap_or(20) - 20
}

/// Asks and closes what was begun at other channels, or at this one by another way. Whether the order turned out to be paid.
async fn settle_others(ctx: &Ctx, order: &OrderRow, now: (&str, Way)) -> Result<bool> {
    let same = |attempt: &&AttemptRow| attempt.channel == now.0 && attempt.way == now.1.code();
    let attempts = store::attempts_of(&mut ctx.app.db().read(), order.id).await?;
    for attempt in attempts.iter().filter(|attempt| !same(attempt)) {
        if attempt_state(attempt)?.is_final() {
            continue;
        }
        let settled = ask::query_and_close(ctx, attempt).await?;
        if settled.order == Some(OrderState::Paid) {
            return Ok(true);
        }
        let open = settled.attempt.is_some_and(|state| !state.is_final());
        let age = ctx
            .at
            .seconds_since(Timestamp::from_micros(attempt.created_at));
        if open && age < DOUBT_SECONDS {
            return Err(confirming());
        }
    }
    Ok(false)
}

/// An older payment isn't decided yet.
pub(super) fn confirming() -> Error {
    Error::refused(
        "confirming",
        "正在确认，请勿重复支付",
        "上一次支付的结果还在向渠道核实，一般不超过 1 分钟。请稍后刷新，钱不会丢。",
    )
}

fn payment(app: &App, order: &OrderRow, attempt: &AttemptRow, payer: &Payer) -> NewPayment {
    let site = app.site_url();
    NewPayment {
        merchant_no: attempt.merchant_no.clone(),
        begun_at: Timestamp::from_micros(attempt.created_at),
        amount: Fen::new(attempt.amount),
        subject: format!(
            "考试报名费 {}",
            domain::payment::number::grouped(&order.order_no)
        ),
        expires_at: Timestamp::from_micros(attempt.expires_at),
        notify_url: notify_url(app, &attempt.channel),
        return_url: format!("{site}/payments/{}/return", order.public_id),
        payer: payer.clone(),
    }
}

/// Where a channel's notices go.
pub(super) fn notify_url(app: &App, channel: &str) -> String {
    format!("{}/gateway/{channel}/notice", app.site_url())
}

enum Begun {
    Paid,
    Ready(Checkout),
    ToCreate(Box<(OrderRow, AttemptRow)>),
}

struct Begin {
    app: App,
    stamp: Stamp,
    order_id: i64,
    channel: &'static str,
    way: Way,
    /// Seconds for which a checkout of the channel is good.
    life: i64,
    merchant: String,
    first_query_at: Option<Timestamp>,
}

impl Command for Begin {
    const NAME: &'static str = "payment.begin";
    type Out = Begun;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Begun> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at;
        store::order_lock(tx, self.order_id).await?;
        let order = store::order_by_id(tx, self.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let state = order_state(&order)?;
        match state {
            OrderState::Unpaid | OrderState::Paying => {}
            OrderState::Paid => return Ok(Begun::Paid),
            other => return Err(not_open(other)),
        }
        let exam = crate::exam::find_in(tx, &self.app, order.exam_id).await?;
        // No rehearsal reaches a real channel, and no real exam is paid by 演练支付.
        if !fits(self.channel, &exam) {
            return Err(Error::field("channel", "请选择支付方式"));
        }
        let window = exam
            .window(Phase::Payment)
            .filter(|_| debt::takes_money(&exam, order.expires_at, at));
        let Some(window) = window else {
            return Err(debt::closed(&exam));
        };
        // A window that was extended gives its orders more time, too.
        let end = window.close().micros().max(order.expires_at);
        if end > order.expires_at {
            store::order_extend(tx, order.id, end).await?;
        }
        for attempt in store::attempts_of(tx, order.id).await? {
            let open = !attempt_state(&attempt)?.is_final() && attempt.expires_at > at.micros();
            let same = attempt.channel == self.channel && attempt.way == self.way.code();
            if open && same && attempt.amount == order.amount {
                // One that has run out is asked for again under the same number.
                let good = at.micros() < attempt.checkout_at + self.life * 1_000_000;
                return Ok(match Checkout::parse(&attempt.checkout).filter(|_| good) {
                    Some(checkout) => Begun::Ready(checkout),
                    None => Begun::ToCreate(Box::new((order, attempt))),
                });
            }
        }
        let (next, _) = state
            .on(OrderEvent::StartAttempt)
            .map_err(|_| Error::inconsistent("payment_order.state"))?;
        store::order_set_state(tx, order.id, state.code(), next.code()).await?;
        let id = trail.id()?;
        let number = merchant_no(Purpose::Payment, at, id.unsigned_abs());
        let row = store::AttemptInsert {
            id,
            order_id: order.id,
            channel: self.channel,
            merchant: &self.merchant,
            merchant_no: &number,
            way: self.way.code(),
            amount: order.amount,
            expires_at: at.plus_seconds(CASHIER_SECONDS).micros().min(end),
            next_query_at: self.first_query_at.map(Timestamp::micros),
            at: at.micros(),
        };
        store::attempt_insert(tx, &row).await?;
        let object = Object {
            kind: "payment_order",
            id: order.id,
            exam_id: order.exam_id,
        };
        let detail = json!({ "channel": self.channel, "merchant_no": number });
        trail.audit(tx, "payment.begin", object, detail).await?;
        let attempt = store::attempt_by_no(tx, &number).await?;
        let attempt = attempt.ok_or(Error::inconsistent("payment_attempt"))?;
        Ok(Begun::ToCreate(Box::new((order, attempt))))
    }
}

/// The order takes no money any more.
fn not_open(state: OrderState) -> Error {
    let text = match state {
        OrderState::Voided => "这张缴费单已作废。需要缴费的，请在“网上支付”中重新生成缴费单。",
        OrderState::Expired => "这张缴费单已过支付截止时间。",
        OrderState::Hold => "这张缴费单正在由工作人员核查，请等待结果，不要重复支付。",
        _ => "这张缴费单已支付，正在退款或已退款。",
    };
    Error::refused("order_not_open", format!("缴费单{}", state.label()), text)
}

struct Created {
    stamp: Stamp,
    order_id: i64,
    attempt_id: i64,
    answer: CreateAnswer,
}

impl Command for Created {
    const NAME: &'static str = "payment.created";
    /// What the order and the attempt are now.
    type Out = (OrderState, AttemptState);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(OrderState, AttemptState)> {
        let mut trail = self.stamp.trail();
        store::order_lock(tx, self.order_id).await?;
        let order = store::order_by_id(tx, self.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let attempts = store::attempts_of(tx, order.id).await?;
        let attempt = attempts.iter().find(|row| row.id == self.attempt_id);
        let attempt = attempt.ok_or(Error::inconsistent("payment_attempt"))?;
        let event = match &self.answer {
            CreateAnswer::Checkout(_) => AttemptEvent::Submit,
            CreateAnswer::Refused(_) | CreateAnswer::Away => AttemptEvent::Refuse,
            CreateAnswer::Unknown => AttemptEvent::Doubt,
        };
        if let CreateAnswer::Checkout(checkout) = &self.answer {
            let at = trail.at().micros();
            store::attempt_set_checkout(tx, attempt.id, &checkout.stored(), at).await?;
        }
        let was = attempt_state(attempt)?;
        // News of money may have overtaken the answer; then the state stays.
        let next = was.on(event).unwrap_or(was);
        if next != was {
            // What the channel refused it doesn't have; what we gave up it may have, and so it may have what another tab sent before
            // it went away.
            let over = next.is_final() && !matches!(self.answer, CreateAnswer::Away);
            store::attempt_set_state(tx, attempt.id, was.code(), next.code(), over).await?;
        }
        let over = next == AttemptState::Failed
            && attempts.iter().all(|row| {
                row.id == attempt.id
                    || AttemptState::from_code(&row.state).is_some_and(AttemptState::is_final)
            });
        if over && order.state == OrderState::Paying.code() {
            let (to, _) = OrderState::Paying
                .on(OrderEvent::AttemptsOver)
                .map_err(|_| Error::inconsistent("payment_order.state"))?;
            store::order_set_state(tx, order.id, &order.state, to.code()).await?;
        }
        let object = Object {
            kind: "payment_order",
            id: order.id,
            exam_id: order.exam_id,
        };
        let detail = json!({ "merchant_no": attempt.merchant_no, "state": next.code() });
        trail.audit(tx, "payment.created", object, detail).await?;
        Ok((order_state(&order)?, next))
    }
}

/// The channel of an attempt, if it is still offered.
pub(super) fn gateway_of<'a>(
    app: &'a App,
    attempt: &AttemptRow,
) -> Option<&'a std::sync::Arc<dyn PaymentGateway>> {
    app.channels().get(&attempt.channel)
}
