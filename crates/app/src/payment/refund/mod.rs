//! Money that goes back: raised by a decision of `settle`, by a cancelled position, or by two people of finance. What becomes of it
//! then is [`follow`]'s.

mod again;
mod finish;
mod follow;
mod order;
mod request;
pub(super) mod store;
mod trouble;
mod verify;

pub use again::{request_again, send_again};
pub(super) use finish::{back, on_its_way, paid_by_hand};
pub(super) use follow::{ask_about, follow, told};
pub use request::{decide_refund, refunds_waiting, request_refund};
pub(super) use verify::verify;
pub use verify::{ChannelSays, ask_channel};

use db::Tx;
use domain::money::Fen;
use domain::payment::number::{Purpose, merchant_no};
use domain::payment::refund::{Earlier, RefundProblem, check_amount};
use domain::payment::{OrderEvent, OrderState, RefundReason, RefundState};
use serde_json::json;

use super::store::{self as orders, AttemptRow, OrderRow};
use super::{offline, order_state, refund_state, work};
use crate::{Error, Object, Result, Trail, waiver};
use store::{self as refunds, RefundInsert, RefundRow};

/// Automatic refunds of a day beyond these wait for a person (payments §8).
const DAILY_COUNT: i64 = 200;
/// In 分.
const DAILY_AMOUNT: i64 = 5_000_000;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// Raises the refund of money that credits nothing. The order is locked. What finance asked for of the same payment and nobody
/// approved yet is called off: the whole sum goes back now. No more goes back than came.
pub(super) async fn raise_surplus(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    of: (i64, i64),
    amount: i64,
    reason: RefundReason,
) -> Result<()> {
    let at = trail.at().micros();
    call_off(tx, trail, of).await?;
    let left = received(tx, of).await? - reserved(&earlier(tx, of.0, of.1).await?);
    let amount = amount.min(left);
    if amount <= 0 {
        tracing::warn!(order = of.0, attempt = of.1, "a payment goes back already");
        return Ok(());
    }
    let (count, sum) = refunds::refunds_automatic_since(tx, at - DAY_MICROS).await?;
    let free = reason.automatic() && count < DAILY_COUNT && sum + amount <= DAILY_AMOUNT;
    insert(tx, trail, of, amount, (reason, 0, free)).await?;
    Ok(())
}

/// Raises the refund of what is left of a paid order, approved, and moves the order.
pub(super) async fn raise_of_order(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    order: &OrderRow,
    reason: RefundReason,
) -> Result<()> {
    let attempt = cleared(tx, trail, order).await?;
    let left = left_of(tx, order, attempt).await?;
    start(tx, order).await?;
    raise(tx, trail, (order.id, attempt), left, reason).await
}

/// Raises the refund of what is left of a paid order of which a part is on its way back.
pub(super) async fn raise_rest(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    order: &OrderRow,
    reason: RefundReason,
) -> Result<()> {
    let attempt = cleared(tx, trail, order).await?;
    if goes_back(tx, order, attempt).await? {
        return Ok(());
    }
    let left = left_of(tx, order, attempt).await?;
    raise(tx, trail, (order.id, attempt), left, reason).await
}

/// The payment that credits an order, which is locked. What finance asked for of it and nobody approved yet must not stand in the way:
/// everything goes back now.
async fn cleared(tx: &mut Tx, trail: &mut Trail<'_>, order: &OrderRow) -> Result<i64> {
    orders::order_lock(tx, order.id).await?;
    let attempt = order
        .credited_attempt
        .ok_or(Error::inconsistent("payment_order.credited_attempt"))?;
    call_off(tx, trail, (order.id, attempt)).await?;
    Ok(attempt)
}

/// Approved, unless somebody says that the money was paid back by hand and another must confirm it: then a person looks first.
async fn raise(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    of: (i64, i64),
    amount: i64,
    reason: RefundReason,
) -> Result<()> {
    let free = !offline::payback_waits(tx, of.0).await?;
    insert(tx, trail, of, amount, (reason, 0, free)).await?;
    Ok(())
}

/// Ends the requests for one payment that wait for the second person.
async fn call_off(tx: &mut Tx, trail: &mut Trail<'_>, of: (i64, i64)) -> Result<()> {
    for row in refunds::refunds_of(tx, of.0).await? {
        if row.attempt_id != of.1 || refund_state(&row)? != RefundState::Requested {
            continue;
        }
        let failed = RefundState::Failed.code();
        let at = trail.at().micros();
        refunds::refund_drop(tx, (row.id, row.version), None, "", at).await?;
        waiver::called_off(tx, trail, row.id).await?;
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: 0,
        };
        let detail = json!({ "refund_no": row.refund_no, "from": row.state, "to": failed });
        trail
            .audit(tx, "payment.refund_called_off", object, detail)
            .await?;
    }
    Ok(())
}

/// What came with one payment: order and attempt.
async fn received(tx: &mut Tx, of: (i64, i64)) -> Result<i64> {
    let attempts = orders::attempts_of(tx, of.0).await?;
    let attempt = attempts.iter().find(|attempt| attempt.id == of.1);
    let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
    Ok(attempt.received.unwrap_or(0))
}

fn reserved(earlier: &[Earlier]) -> i64 {
    let held = earlier.iter().filter(|refund| refund.state.reserves());
    held.map(|refund| refund.amount.get()).sum()
}

/// Checks under the lock of the order that everything that goes back of one payment, `row` with it, is no more than came.
///
/// # Errors
/// `Refused` with what is left.
pub(super) async fn check_covered(tx: &mut Tx, row: &RefundRow) -> Result<()> {
    let of = (row.order_id, row.attempt_id);
    let others: Vec<_> = refunds::refunds_of(tx, of.0).await?;
    let others = others
        .iter()
        .filter(|other| other.attempt_id == of.1 && other.id != row.id)
        .map(|other| {
            Ok(Earlier {
                amount: Fen::new(other.amount),
                state: refund_state(other)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let came = Fen::new(received(tx, of).await?);
    check_amount(came, &others, Fen::new(row.amount)).map_err(too_much)
}

/// What of a payment neither went back nor is on its way, in 分; less than nothing if more went back than came.
pub(super) fn left(attempt: &AttemptRow, all: &[RefundRow]) -> Result<i64> {
    let mut left = attempt.received.unwrap_or(0);
    for row in all.iter().filter(|row| row.attempt_id == attempt.id) {
        if refund_state(row)?.reserves() {
            left -= row.amount;
        }
    }
    Ok(left)
}

/// Whether a channel refused a refund, and its sum is where it was: nothing else goes back of it.
pub(super) fn is_undone(
    attempt: Option<&AttemptRow>,
    all: &[RefundRow],
    row: &RefundRow,
) -> Result<bool> {
    let refused = refund_state(row)? == RefundState::Failed && row.sent();
    let Some(attempt) = attempt.filter(|_| refused) else {
        return Ok(false);
    };
    Ok(left(attempt, all)? >= row.amount)
}

fn too_much(problem: RefundProblem) -> Error {
    Error::refused("refund_amount", "不能退款", format!("{problem}。"))
}

/// What of a paid order hasn't gone back and isn't on its way.
pub(super) async fn left_of(tx: &mut Tx, order: &OrderRow, attempt_id: i64) -> Result<i64> {
    let earlier = earlier(tx, order.id, attempt_id).await?;
    let left = order.amount - reserved(&earlier);
    check_amount(Fen::new(order.amount), &earlier, Fen::new(left)).map_err(too_much)?;
    Ok(left)
}

/// Whether everything of a paid order has gone back or is on its way.
pub(super) async fn goes_back(tx: &mut Tx, order: &OrderRow, attempt_id: i64) -> Result<bool> {
    let earlier = earlier(tx, order.id, attempt_id).await?;
    Ok(reserved(&earlier) >= order.amount)
}

pub(super) async fn earlier(tx: &mut Tx, order_id: i64, attempt_id: i64) -> Result<Vec<Earlier>> {
    let rows = refunds::refunds_of(tx, order_id).await?;
    rows.iter()
        .filter(|row| row.attempt_id == attempt_id)
        .map(|row| {
            Ok(Earlier {
                amount: Fen::new(row.amount),
                state: refund_state(row)?,
            })
        })
        .collect()
}

/// The order's own step into the refund, unless it is in it.
pub(super) async fn start(tx: &mut Tx, order: &OrderRow) -> Result<()> {
    let state = order_state(order)?;
    if state == OrderState::Refunding {
        return Ok(());
    }
    let (next, _) = state
        .on(OrderEvent::StartRefund)
        .map_err(|_| Error::Conflict("缴费单刚有变化，请看最新状态后再办理"))?;
    orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
    Ok(())
}

/// Inserts a refund: reason, who asks (0 for nobody), whether it is approved already.
pub(super) async fn insert(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    of: (i64, i64),
    amount: i64,
    how: (RefundReason, i64, bool),
) -> Result<i64> {
    let (reason, by, approved) = how;
    let id = trail.id()?;
    let at = trail.at();
    let number = merchant_no(Purpose::Refund, at, id.unsigned_abs());
    let state = if approved {
        RefundState::Approved
    } else {
        RefundState::Requested
    };
    let row = RefundInsert {
        id,
        public_id: &trail.public_id(id).to_string(),
        refund_no: &number,
        order_id: of.0,
        attempt_id: of.1,
        amount,
        reason: reason.code(),
        state: state.code(),
        requested_by: by,
        approved_by: None,
        next_query_at: approved.then_some(at.micros()),
        at: at.micros(),
    };
    refunds::refund_insert(tx, &row).await?;
    tx.wake(work::TOPIC);
    let object = Object {
        kind: "refund",
        id,
        exam_id: 0,
    };
    let detail = json!({
        "refund_no": number, "order": of.0, "amount": amount, "reason": reason.code(), "state": state.code(),
    });
    trail.audit(tx, "payment.refund", object, detail).await?;
    Ok(id)
}
