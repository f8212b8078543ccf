//! Orders as `application::advance` wants them: raised when the fee falls due, closed when the debt is gone, refunded when
//! everything goes back.

use db::{Command, Lane, Tx};
use domain::exam::Phase;
use domain::payment::number::order_no;
use domain::payment::{OrderEvent, OrderState, RefundReason};
use domain::time::Timestamp;
use serde_json::json;

use super::{order_state, refund, store, work};
use crate::application::{self, ApplicationRow};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail, waiver};

/// What falls due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Debt {
    /// The application.
    pub application_id: i64,
    /// Its exam.
    pub exam_id: i64,
    /// Who owes it.
    pub account_id: i64,
    /// The sum in 分.
    pub amount: i64,
    /// Payments made from then on are late: the end of the payment window.
    pub expires_at: i64,
}

/// Raises the order of a fee that has fallen due. An open order of the same sum stays.
pub(crate) async fn raise(tx: &mut Tx, trail: &mut Trail<'_>, debt: &Debt) -> Result<()> {
    if debt.amount <= 0 {
        return Err(Error::inconsistent("a fee of nothing fell due"));
    }
    if let Some(there) = store::order_live_of(tx, debt.application_id).await? {
        if there.amount == debt.amount || !order_state(&there)?.is_open() {
            return Ok(());
        }
        close_order(tx, trail, debt.application_id).await?;
    }
    let id = trail.id()?;
    let number = free_number(tx, trail, id).await?;
    let row = store::OrderInsert {
        id,
        public_id: &trail.public_id(id).to_string(),
        order_no: &number,
        application_id: debt.application_id,
        exam_id: debt.exam_id,
        account_id: debt.account_id,
        amount: debt.amount,
        expires_at: debt.expires_at,
        at: trail.at().micros(),
    };
    store::order_insert(tx, &row).await?;
    let object = Object {
        kind: "payment_order",
        id,
        exam_id: debt.exam_id,
    };
    let detail = json!({ "order_no": number, "amount": debt.amount });
    trail.audit(tx, "payment.raise", object, detail).await
}

/// Eight digits of an id may meet another order of the same day: then the next id is tried.
async fn free_number(tx: &mut Tx, trail: &mut Trail<'_>, id: i64) -> Result<String> {
    let mut id = id;
    for _ in 0..5 {
        let number = order_no(trail.at(), id.unsigned_abs());
        if !store::order_no_taken(tx, &number).await? {
            return Ok(number);
        }
        id = trail.id()?;
    }
    Err(Error::Conflict("缴费单号暂时不够用，请稍后再试"))
}

/// The debt is gone: its open order is voided at once, and the channel is asked to close what was begun. Money that
/// still comes is settled against the voided order and goes back.
pub(crate) async fn close_order(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    application_id: i64,
) -> Result<()> {
    let Some(row) = store::order_live_of(tx, application_id).await? else {
        return Ok(());
    };
    let state = order_state(&row)?;
    if !state.is_open() {
        return Ok(());
    }
    let (next, _) = state
        .on(OrderEvent::Void)
        .map_err(|_| Error::inconsistent("payment_order.state"))?;
    let at = trail.at().micros();
    store::order_lock(tx, row.id).await?;
    if store::order_set_state(tx, row.id, state.code(), next.code()).await? == 0 {
        return Err(Error::Conflict("缴费单刚有变化，请看最新状态后再办理"));
    }
    store::order_close(tx, row.id, at).await?;
    store::attempts_hurry(tx, row.id, at).await?;
    tx.wake(work::TOPIC);
    let object = Object {
        kind: "payment_order",
        id: row.id,
        exam_id: row.exam_id,
    };
    trail
        .audit(
            tx,
            "payment.close",
            object,
            json!({ "order_no": row.order_no }),
        )
        .await
}

/// Everything goes back: raises the refund of the paid order of an application.
pub(crate) async fn refund_all(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    application_id: i64,
    reason: RefundReason,
) -> Result<()> {
    let Some(row) = store::order_live_of(tx, application_id).await? else {
        return Ok(());
    };
    match order_state(&row)? {
        OrderState::Paid | OrderState::PartRefunded => {
            refund::raise_of_order(tx, trail, &row, reason).await
        }
        // A part of it is on its way already: the rest follows.
        OrderState::Refunding => refund::raise_rest(tx, trail, &row, reason).await,
        _ => Ok(()),
    }
}

/// 缴费 after an order was voided: a new one for the same application.
///
/// # Errors
/// `Refused` when nothing is due or the payment window isn't open.
pub async fn raise_again(ctx: &Ctx, application: &str) -> Result<String> {
    let account_id = ctx.candidate()?;
    let row = application::store::application_by_public_id(&mut ctx.app.db().read(), application)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let command = RaiseAgain {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        application_id: row.id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct RaiseAgain {
    app: App,
    stamp: Stamp,
    application_id: i64,
}

impl Command for RaiseAgain {
    const NAME: &'static str = "payment.raise_again";
    /// The order's public id.
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let row = application::store::application_by_id(tx, self.application_id)
            .await?
            .ok_or(Error::NotFound)?;
        if let Some(there) = store::order_live_of(tx, row.id).await? {
            return Ok(there.public_id);
        }
        let debt = due(tx, &self.app, &row, &trail).await?;
        raise(tx, &mut trail, &debt).await?;
        let raised = store::order_live_of(tx, row.id).await?;
        raised
            .map(|order| order.public_id)
            .ok_or(Error::inconsistent("payment_order"))
    }
}

/// What an application owes now.
async fn due(tx: &mut Tx, app: &App, row: &ApplicationRow, trail: &Trail<'_>) -> Result<Debt> {
    if row.life != "live" || row.payment != "due" {
        return Err(Error::refused(
            "not_due",
            "现在不需要缴费",
            "这项报名目前没有待缴的费用。请到“我的报名信息”查看进度。",
        ));
    }
    let exam = crate::exam::find_in(tx, app, row.exam_id).await?;
    let window = exam
        .window(Phase::Payment)
        .filter(|_| exam.is_public())
        .ok_or_else(|| closed(&exam))?;
    // Who was told late that he has to pay after all has some days more.
    let grace = waiver::until(tx, row.id).await?.unwrap_or(0);
    let until = window.close().micros().max(grace);
    let at = trail.at();
    if at < window.open() || at.micros() >= until {
        return Err(closed(&exam));
    }
    Ok(Debt {
        application_id: row.id,
        exam_id: row.exam_id,
        account_id: row.account_id,
        amount: row.fee,
        expires_at: until,
    })
}

/// Whether an order takes money: while the payment window is open, and after it as long as the order itself was given more time.
pub(super) fn takes_money(exam: &crate::exam::Exam, expires_at: i64, at: Timestamp) -> bool {
    let over = exam
        .window(Phase::Payment)
        .is_some_and(|window| window.close() <= at);
    exam.is_open(Phase::Payment, at) || (exam.is_public() && over && at.micros() < expires_at)
}

/// When an order's time to pay is over: its own end, or that of the window if it was moved since.
pub(super) fn deadline(exam: &crate::exam::Exam, expires_at: i64) -> i64 {
    let window = exam.window(Phase::Payment);
    let close = window.map_or(expires_at, |window| window.close().micros());
    close.max(expires_at)
}

/// The payment window isn't open: not yet, or no longer.
pub(super) fn closed(exam: &crate::exam::Exam) -> Error {
    let text = match exam.window(Phase::Payment) {
        Some(window) => format!(
            "本考试的缴费时间为 {}，请在缴费时间内办理。",
            window.to_chinese()
        ),
        None => "本考试没有设置缴费时间，请联系考试机构。".to_owned(),
    };
    Error::refused("payment_closed", "现在不能缴费", text)
}
