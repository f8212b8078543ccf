//! What a candidate sees of his payments.

use db::Crowd;
use domain::money::Fen;
use domain::payment::fee::FeeLine;
use domain::payment::{AttemptState, OrderState, number};
use domain::time::{Date, Timestamp};
use gateways::payment::Checkout;

use super::list_store::{self as lists, OwnOrderRow};
use super::refund::store::{self as refunds, RefundRow};
use super::store::{self, AttemptRow, OrderRow};
use super::story::{Progress, Told};
use super::{debt, order_state, story};
use crate::application::{self, View};
use crate::{Ctx, Error, Result, waiver};

/// An application on the page 网上支付.
#[derive(Debug, Clone)]
pub struct Bill {
    /// The application.
    pub view: View,
    /// Its order that is owed, paid or looked into.
    pub order: Option<OrderRow>,
    /// Whether it may be paid now.
    pub open: bool,
}

impl Bill {
    /// What is to pay.
    pub fn amount(&self) -> Fen {
        Fen::new(
            self.order
                .as_ref()
                .map_or(self.view.row.fee, |order| order.amount),
        )
    }
}

/// The asking candidate's applications in exams that take a fee, newest first.
pub async fn bills(ctx: &Ctx) -> Result<Vec<Bill>> {
    let mut bills = Vec::new();
    for view in application::mine(ctx).await? {
        let relevant = view.made.steps.has_payment() && view.row.life != "draft";
        if !relevant || (view.row.life == "ended" && view.row.payment == "none") {
            continue;
        }
        bills.push(bill(ctx, view).await?);
    }
    Ok(bills)
}

async fn bill(ctx: &Ctx, view: View) -> Result<Bill> {
    let order = store::order_live_of(&mut ctx.app.db().read(), view.row.id).await?;
    let due = view.row.life == "live" && view.row.payment == "due";
    let until = order.as_ref().map_or(0, |order| order.expires_at);
    let open = due && debt::takes_money(&view.exam, until, ctx.at);
    Ok(Bill { view, order, open })
}

/// One application's bill.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn payable(ctx: &Ctx, application: &str) -> Result<Bill> {
    let view = application::own(ctx, application).await?;
    bill(ctx, view).await
}

/// An order with everything that its pages show.
#[derive(Debug, Clone)]
pub struct History {
    /// The order.
    pub order: OrderRow,
    /// Its state.
    pub state: OrderState,
    /// The application that it belongs to.
    pub view: View,
    /// What it is made up of.
    pub lines: Vec<FeeLine>,
    /// The document number as it is shown: all but the start masked.
    pub id_masked: String,
    /// Its tries, oldest first.
    pub attempts: Vec<AttemptRow>,
    /// What went or goes back.
    pub refunds: Vec<RefundRow>,
}

impl History {
    /// The payment that credits it.
    pub fn credited(&self) -> Option<&AttemptRow> {
        self.attempts
            .iter()
            .find(|attempt| Some(attempt.id) == self.order.credited_attempt)
    }

    /// The try that was made last.
    pub fn latest(&self) -> Option<&AttemptRow> {
        self.attempts.last()
    }

    /// The try by which it is paid now: the last that is open. Who goes back to a channel goes on with what he began there.
    pub fn open(&self) -> Option<&AttemptRow> {
        open_of(&self.attempts)
    }

    /// Until when it may be paid.
    pub fn deadline(&self) -> Timestamp {
        Timestamp::from_micros(self.order.expires_at)
    }

    /// The number in groups.
    pub fn number(&self) -> String {
        number::grouped(&self.order.order_no)
    }

    /// Whether the candidate may pay it now.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.state.is_open() && debt::takes_money(&self.view.exam, self.order.expires_at, at)
    }
}

/// One order of the asking candidate.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn find(ctx: &Ctx, order: &str) -> Result<History> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let order = store::order_by_public_id(&mut read, order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let row = application::store::application_by_id(&mut read, order.application_id)
        .await?
        .ok_or(Error::inconsistent("payment_order.application_id"))?;
    let view = application::view(ctx, row).await?;
    let kept = application::own_content(ctx, &view).await?;
    let attempts = store::attempts_of(&mut read, order.id).await?;
    let refunds = refunds::refunds_of(&mut read, order.id).await?;
    let mut lines = kept.fee;
    let full: i64 = lines.iter().map(|line| line.amount.get()).sum();
    if order.amount < full
        && let Some((category, _)) = waiver::granted(&mut read, order.application_id).await?
    {
        lines.push(FeeLine {
            label: format!("减免（{category}）"),
            amount: Fen::new(order.amount - full),
        });
    }
    Ok(History {
        state: order_state(&order)?,
        id_masked: masked(&kept.profile.id_number),
        lines,
        order,
        view,
        attempts,
        refunds,
    })
}

/// Everything that happened to an order that was [found](find), the oldest first, and how far its refunds have come: for the one page that
/// tells it.
///
/// # Errors
/// The database's.
pub async fn told(ctx: &Ctx, history: &History) -> Result<(Vec<Told>, Vec<Progress>)> {
    let History {
        order,
        attempts,
        refunds,
        ..
    } = history;
    story::of(&mut ctx.app.db().read(), &ctx.app, order, attempts, refunds).await
}

/// How an order stands for a page from which somebody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As it says.
    Order(OrderState),
    /// It still waits for money, and not by the payment that the page shows: that one was closed, or another was begun after it.
    Over,
}

/// Where an order of the asking candidate stands: what a page looks at every few seconds while he pays. `of` is the merchant number of the
/// payment that the page shows, empty for none.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn standing(ctx: &Ctx, order: &str, of: &str) -> Result<Standing> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let row = store::order_by_public_id(&mut read, order).await?;
    let row = row.filter(|row| row.account_id == account_id);
    let row = row.ok_or(Error::NotFound)?;
    let state = order_state(&row)?;
    if of.is_empty() || !state.is_open() {
        return Ok(Standing::Order(state));
    }
    let attempts = store::attempts_of(&mut read, row.id).await?;
    let shown = open_of(&attempts).is_some_and(|one| one.merchant_no == of);
    Ok(if shown {
        Standing::Order(state)
    } else {
        Standing::Over
    })
}

fn open_of(attempts: &[AttemptRow]) -> Option<&AttemptRow> {
    let open = |one: &&AttemptRow| {
        AttemptState::from_code(&one.state).is_some_and(|state| !state.is_final())
    };
    attempts.iter().rev().find(open)
}

/// A cashier that is open: how the payer gets there, and until when.
#[derive(Debug, Clone)]
pub struct Cashier {
    /// The order.
    pub history: History,
    /// The channel's name.
    pub channel: &'static str,
    /// The way.
    pub checkout: Checkout,
    /// When it closes.
    pub until: Timestamp,
}

/// The cashier of an order of the asking candidate, if a payment is open there.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn cashier(ctx: &Ctx, order: &str) -> Result<Option<Cashier>> {
    let history = find(ctx, order).await?;
    let Some(attempt) = history.open() else {
        return Ok(None);
    };
    let gateway = ctx.app.channels().get(&attempt.channel);
    let until = Timestamp::from_micros(attempt.expires_at);
    let open = history.is_open(ctx.at) && ctx.at < until;
    let (Some(gateway), Some(checkout), true) = (gateway, Checkout::parse(&attempt.checkout), open)
    else {
        return Ok(None);
    };
    Ok(Some(Cashier {
        channel: gateway.info().name,
        checkout,
        until,
        history,
    }))
}

/// A payment code as a picture in SVG.
///
/// # Errors
/// `Internal` for a text that no code holds.
pub fn code_picture(text: &str) -> Result<String> {
    documents::barcode::qr(text).map_err(|e| Error::internal("a payment code", e))
}

/// The first three characters, the rest as stars.
fn masked(number: &str) -> String {
    number
        .chars()
        .enumerate()
        .map(|(at, c)| if at < 3 { c } else { '*' })
        .collect()
}

/// 未支付单据 of the asking candidate.
pub async fn unpaid(ctx: &Ctx) -> Result<Vec<OwnOrderRow>> {
    let account_id = ctx.candidate()?;
    let mut scan = ctx.app.db().scan(Crowd::Candidates);
    Ok(lists::orders_unpaid_of(&mut scan, account_id).await?)
}

/// 支付信息查询: by number as typed (empty for all) and the days between which the order was made, both included.
pub async fn history(
    ctx: &Ctx,
    typed: &str,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Vec<OwnOrderRow>> {
    let account_id = ctx.candidate()?;
    let start = from.map_or(0, |day| day.start().micros());
    let end = to.map_or(i64::MAX, |day| day.start().plus_days(1).micros());
    let mut scan = ctx.app.db().scan(Crowd::Candidates);
    let wanted = number::typed(typed);
    Ok(lists::orders_of(&mut scan, account_id, &wanted, (start, end), 100).await?)
}

/// What people read for a stored state of an order.
pub fn state_label(code: &str) -> &'static str {
    OrderState::from_code(code).map_or("未知", OrderState::label)
}
