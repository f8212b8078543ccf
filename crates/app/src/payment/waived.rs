//! What a waiver (`crate::waiver`) asks of orders: whether something is owed or paid, a lower order in place of an open one, a refund
//! of the difference.

use db::{Query, Tx};
use domain::payment::{OrderState, RefundReason};

use super::ask::{self, Closing};
use super::store::{self, OrderRow};
use super::{Debt, attempt_state, debt, order_state, refund};
use crate::application::ApplicationRow;
use crate::{Ctx, Error, Result, Trail};

/// How an application stands with its fee, its order locked.
#[derive(Debug)]
pub(crate) enum Owed {
    /// No order is owed or paid.
    Nothing,
    /// An order is owed, and nothing is open at a channel.
    Open,
    /// It is paid.
    Paid {
        /// The order.
        order: Box<OrderRow>,
        /// What was paid, in 分.
        amount: i64,
    },
    /// Something else goes on, in words.
    Busy(&'static str),
}

/// Asks the channels about what was begun for an application, and closes it there. After it nothing is open, or it is paid.
///
/// # Errors
/// `Refused` while nobody knows: to be tried again.
pub(crate) async fn close_begun(ctx: &Ctx, application_id: i64) -> Result<()> {
    let mut read = ctx.app.db().read();
    let order = store::order_live_of(&mut read, application_id).await?;
    let Some(order) = order else {
        return Ok(());
    };
    if !order_state(&order)?.is_open() {
        return Ok(());
    }
    match ask::close_all(ctx, order.id).await? {
        Closing::Closed | Closing::Paid => Ok(()),
        Closing::Doubt => Err(in_doubt()),
    }
}

fn in_doubt() -> Error {
    Error::refused(
        "confirming",
        "考生正在支付",
        "考生已发起支付，结果还在向渠道核实。请过几分钟再办理，以免多收。",
    )
}

/// How an application stands with its fee. Locks its order.
///
/// # Errors
/// `Refused` while a payment is open at a channel.
pub(crate) async fn owed(tx: &mut Tx, application_id: i64) -> Result<Owed> {
    let Some(there) = store::order_live_of(tx, application_id).await? else {
        return Ok(Owed::Nothing);
    };
    store::order_lock(tx, there.id).await?;
    let order = store::order_by_id(tx, there.id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(match order_state(&order)? {
        OrderState::Unpaid | OrderState::Paying => {
            for attempt in store::attempts_of(tx, order.id).await? {
                if !attempt_state(&attempt)?.is_final() {
                    return Err(in_doubt());
                }
            }
            Owed::Open
        }
        OrderState::Paid => Owed::Paid {
            amount: order.amount,
            order: Box::new(order),
        },
        OrderState::Hold => Owed::Busy("缴费单正在核查，请先办完核查。"),
        OrderState::Refunding | OrderState::PartRefunded => {
            Owed::Busy("缴费单已有退款，请先办完退款。")
        }
        _ => Owed::Nothing,
    })
}

/// The first person's word: a part of what was paid is to go back. Its refund waits for another person.
///
/// # Errors
/// `Refused` when less than that is left.
pub(crate) async fn ask_back(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    order: &OrderRow,
    amount: i64,
) -> Result<i64> {
    let attempt = order
        .credited_attempt
        .ok_or(Error::inconsistent("payment_order.credited_attempt"))?;
    let left = refund::left_of(tx, order, attempt).await?;
    if left < amount {
        return Err(Error::refused(
            "refund_amount",
            "不能减免",
            "这张缴费单已有退款在办理，可退的金额不够。请先办完那笔退款。",
        ));
    }
    let how = (RefundReason::Waived, trail.actor_id(), false);
    refund::insert(tx, trail, (order.id, attempt), amount, how).await
}

/// What an application owes now, payable until an instant at least: its open order stays if it says the same, and is replaced if
/// not. Nothing is open at a channel, or the sum is the same.
pub(crate) async fn replace(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    row: &ApplicationRow,
    amount: i64,
    until: i64,
) -> Result<()> {
    let debt = Debt {
        application_id: row.id,
        exam_id: row.exam_id,
        account_id: row.account_id,
        amount,
        expires_at: until,
    };
    debt::raise(tx, trail, &debt).await?;
    if let Some(order) = store::order_live_of(tx, row.id).await? {
        store::order_extend(tx, order.id, until).await?;
    }
    Ok(())
}

/// The order of an application that is owed, paid or looked into.
pub(crate) async fn live_order(
    q: &mut impl Query,
    application_id: i64,
) -> Result<Option<OrderRow>> {
    Ok(store::order_live_of(q, application_id).await?)
}
