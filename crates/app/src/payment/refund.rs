//! Money that goes back: raised by a decision of `settle`, by a cancelled position, or by two people of finance; sent and
//! followed by the timer.
//!
//! `requested → approved → submitted → succeeded | failed | abnormal | unknown`. A retry carries the same number, or the
//! channel would pay twice.

use db::{Command, Lane, Tx};
use domain::application::Event;
use domain::money::Fen;
use domain::payment::number::{Purpose, merchant_no};
use domain::payment::refund::{Earlier, RefundProblem, check_amount};
use domain::payment::{AttemptState, OrderEvent, RefundEvent, RefundReason, RefundState, ladder};
use domain::time::Timestamp;
use gateways::payment::{NewRefund, RefundNews};
use serde_json::json;

use super::book_store::{self as store, RefundInsert, RefundRow};
use super::ledger::{self, FEES, Posting, SURPLUS, channel_book};
use super::pay::{gateway_of, jitter};
use super::store::{self as orders, AttemptRow, OrderRow};
use super::{attempt_state, order_state, refund_state, work};
use crate::application;
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// Automatic refunds of a day beyond these wait for a person (payments §8).
const DAILY_COUNT: i64 = 200;
/// In 分.
const DAILY_AMOUNT: i64 = 5_000_000;
const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
/// One worker has a refund for this long.
const LEASE_SECONDS: i64 = 60;

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
    let (count, sum) = store::refunds_automatic_since(tx, at - DAY_MICROS).await?;
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
    orders::order_lock(tx, order.id).await?;
    let attempt = order
        .credited_attempt
        .ok_or(Error::inconsistent("payment_order.credited_attempt"))?;
    // What finance asked for and nobody approved yet must not stand in the way: everything goes back now.
    call_off(tx, trail, (order.id, attempt)).await?;
    let left = left_of(tx, order, attempt).await?;
    start(tx, order).await?;
    insert(tx, trail, (order.id, attempt), left, (reason, 0, true)).await?;
    Ok(())
}

/// Ends the requests for one payment that wait for the second person.
async fn call_off(tx: &mut Tx, trail: &mut Trail<'_>, of: (i64, i64)) -> Result<()> {
    for row in store::refunds_of(tx, of.0).await? {
        if row.attempt_id != of.1 || refund_state(&row)? != RefundState::Requested {
            continue;
        }
        let failed = RefundState::Failed.code();
        let at = trail.at().micros();
        store::refund_drop(tx, (row.id, row.version), None, "", at).await?;
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
    let others: Vec<_> = store::refunds_of(tx, of.0).await?;
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

async fn earlier(tx: &mut Tx, order_id: i64, attempt_id: i64) -> Result<Vec<Earlier>> {
    let rows = store::refunds_of(tx, order_id).await?;
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

/// The order's own step into the refund.
pub(super) async fn start(tx: &mut Tx, order: &OrderRow) -> Result<()> {
    let state = order_state(order)?;
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
    store::refund_insert(tx, &row).await?;
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

/// Sends or asks about one refund that is due.
pub(super) async fn follow(ctx: &Ctx, row: &RefundRow) -> Result<()> {
    let state = refund_state(row)?;
    let submit = state == RefundState::Approved;
    let next = match (submit, state) {
        (true, _) => RefundState::Submitted,
        (_, other) => other,
    };
    let until = ctx.app.now().plus_seconds(LEASE_SECONDS);
    let claim = Claim {
        row: row.clone(),
        next,
        until,
    };
    if ctx.app.db().write(Lane::Background, claim).await? == 0 {
        return Ok(());
    }
    let mut read = ctx.app.db().read();
    let order = orders::order_by_id(&mut read, row.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(&mut read, row.order_id).await?;
    let attempt = attempts
        .into_iter()
        .find(|attempt| attempt.id == row.attempt_id);
    let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
    let news = ask(&ctx.app, row, &attempt, submit).await;
    let command = Finish {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        refund_id: row.id,
        order,
        attempt,
        news,
        jitter: jitter(&ctx.app),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

async fn ask(app: &App, row: &RefundRow, attempt: &AttemptRow, submit: bool) -> RefundNews {
    let Some(gateway) = gateway_of(app, attempt) else {
        return RefundNews::Unknown;
    };
    let refund = NewRefund {
        refund_no: row.refund_no.clone(),
        merchant_no: attempt.merchant_no.clone(),
        amount: Fen::new(row.amount),
        total: Fen::new(attempt.received.unwrap_or(attempt.amount)),
        reason: RefundReason::from_code(&row.reason)
            .map_or("退款", RefundReason::label)
            .to_owned(),
    };
    if submit {
        return gateway.refund(&refund).await;
    }
    match gateway.query_refund(&row.refund_no).await {
        // It never arrived: the same number again.
        RefundNews::Missing => gateway.refund(&refund).await,
        news => news,
    }
}

/// What went back for good.
fn back(earlier: &[Earlier]) -> i64 {
    let done = earlier
        .iter()
        .filter(|refund| refund.state == RefundState::Succeeded);
    done.map(|refund| refund.amount.get()).sum()
}

struct Claim {
    row: RefundRow,
    next: RefundState,
    until: Timestamp,
}

impl Command for Claim {
    const NAME: &'static str = "payment.refund_claim";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let until = Some(self.until.micros());
        Ok(
            store::refund_set_state(tx, self.row.id, self.row.version, self.next.code(), until)
                .await?,
        )
    }
}

struct Finish {
    app: App,
    stamp: Stamp,
    refund_id: i64,
    order: OrderRow,
    attempt: AttemptRow,
    news: RefundNews,
    jitter: i8,
}

impl Command for Finish {
    const NAME: &'static str = "payment.refund_finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, self.order.id).await?;
        let row = store::refund_by_id(tx, self.refund_id)
            .await?
            .ok_or(Error::NotFound)?;
        let was = refund_state(&row)?;
        let event = match &self.news {
            RefundNews::Processing => RefundEvent::Processing,
            RefundNews::Succeeded { .. } => RefundEvent::Succeed,
            RefundNews::Failed(_) => RefundEvent::Fail,
            RefundNews::Abnormal(_) => RefundEvent::GoAbnormal,
            RefundNews::Missing | RefundNews::Unknown => RefundEvent::Doubt,
        };
        let Ok(next) = was.on(event) else {
            return Err(Error::Conflict("这笔退款刚有变化"));
        };
        let waits = matches!(next, RefundState::Submitted | RefundState::Unknown);
        let queries = u32::try_from(row.queries).unwrap_or(u32::MAX);
        let far = self.stamp.at.plus_days(365);
        let again = ladder::next_query(
            ladder::Ladder::Usual,
            queries,
            self.stamp.at,
            far,
            self.jitter,
        )
        .map(Timestamp::micros);
        let again = again.filter(|_| waits);
        store::refund_set_state(tx, row.id, row.version, next.code(), again).await?;
        if next == was {
            return Ok(());
        }
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: self.order.exam_id,
        };
        let detail = json!({ "refund_no": row.refund_no, "from": was.code(), "to": next.code() });
        trail
            .audit(tx, "payment.refund_news", object, detail)
            .await?;
        match &self.news {
            RefundNews::Succeeded { channel_no, at } if next == RefundState::Succeeded => {
                store::refund_finish(tx, row.id, channel_no, at.micros()).await?;
                self.succeeded(tx, &mut trail, &row).await
            }
            RefundNews::Failed(why) => {
                self.alert(tx, &mut trail, &row, why).await?;
                self.undone(tx, &mut trail, &row).await
            }
            RefundNews::Abnormal(why) => self.alert(tx, &mut trail, &row, why).await,
            _ => Ok(()),
        }
    }
}

impl Finish {
    async fn succeeded(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let attempts = orders::attempts_of(tx, self.order.id).await?;
        let attempt = attempts.iter().find(|attempt| attempt.id == row.attempt_id);
        let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
        let credits = attempt_state(attempt)? == AttemptState::Succeeded;
        let posting = Posting {
            debit: if credits { FEES } else { SURPLUS },
            credit: &channel_book(&attempt.channel),
            amount: row.amount,
            of: (row.order_id, row.attempt_id, row.id),
        };
        ledger::post(tx, trail, &posting).await?;
        if credits {
            self.order_refunded(tx, trail).await?;
        }
        let number = domain::payment::number::grouped(&self.order.order_no);
        let sum = Fen::new(row.amount).yuan();
        let notice = Notice {
            kind: "payment",
            title: "退款成功".to_owned(),
            body: format!("缴费单 {number} 的 {sum} 元已原路退回，到账时间以银行为准。"),
            link: format!("/payments/{}", self.order.public_id),
            sms: Some(Sms {
                template: "payment_refunded",
                params: vec![("order", number), ("amount", sum)],
            }),
        };
        message::notify(tx, trail, &self.app, self.order.account_id, &notice).await
    }

    /// The credited payment went back, whole or in part.
    async fn order_refunded(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        let all = back(&earlier) >= order.amount;
        let event = if all {
            OrderEvent::RefundedAll
        } else {
            OrderEvent::RefundedPart
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            return Err(Error::inconsistent("payment_order.state"));
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        if all {
            self.tell_application(tx, trail, &order, Event::FinishRefund)
                .await?;
        }
        Ok(())
    }

    /// The channel refused to send the credited payment back: it is ours as before, and may be asked back anew.
    async fn undone(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        let on_its_way = |e: &Earlier| e.state.reserves() && e.state != RefundState::Succeeded;
        if order.credited_attempt != Some(row.attempt_id) || earlier.iter().any(on_its_way) {
            return Ok(());
        }
        let event = if back(&earlier) > 0 {
            OrderEvent::RefundFailedAfterPart
        } else {
            OrderEvent::RefundFailed
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            return Err(Error::inconsistent("payment_order.state"));
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        self.tell_application(tx, trail, &order, Event::AbandonRefund)
            .await
    }

    /// The order now, and what goes back of the payment that credits it.
    async fn standing(&self, tx: &mut Tx) -> Result<(OrderRow, Vec<Earlier>)> {
        let order = orders::order_by_id(tx, self.order.id)
            .await?
            .ok_or(Error::NotFound)?;
        let earlier = earlier(tx, order.id, order.credited_attempt.unwrap_or(0)).await?;
        Ok((order, earlier))
    }

    async fn tell_application(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        order: &OrderRow,
        event: Event,
    ) -> Result<()> {
        let id = order.application_id;
        let row = application::store::application_by_id(tx, id).await?;
        if row.is_some_and(|row| row.payment == "refunding") {
            application::advance(tx, trail, &self.app, id, event, "").await?;
        }
        Ok(())
    }

    async fn alert(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        let id = trail.id()?;
        let discrepancy = store::DiscrepancyInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            kind: "refund_failed",
            channel: &self.attempt.channel,
            merchant_no: &row.refund_no,
            order_id: row.order_id,
            amount: row.amount,
            detail: why,
            at: trail.at().micros(),
        };
        store::discrepancy_insert(tx, &discrepancy).await?;
        Ok(())
    }
}
