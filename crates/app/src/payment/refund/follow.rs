//! Refunds on their way: sent and followed by the timer, or told of by the channel.
//!
//! `requested → approved → submitted → succeeded | failed | abnormal | unknown`. A retry carries the same number, or the
//! channel would pay twice.

use db::{Command, Lane, Tx};
use domain::money::Fen;
use domain::payment::{RefundReason, RefundState};
use domain::time::Timestamp;
use gateways::payment::{NewRefund, RefundNews};

use super::super::ask::named;
use super::super::pay::{gateway_of, notify_url};
use super::super::progress_store as times;
use super::super::store::{self as orders, AttemptRow, OrderRow};
use super::super::{offline, refund_state, treasury};
use super::finish::finish;
use super::store::{self as refunds, RefundRow};
use crate::{App, Ctx, Error, Result};

/// One worker has a refund for this long.
const LEASE_SECONDS: i64 = 60;

/// Sends or asks about one refund that is due.
pub(in crate::payment) async fn follow(ctx: &Ctx, row: &RefundRow) -> Result<()> {
    let (order, attempt) = of(ctx, row).await?;
    if offline::rest(ctx, row, &attempt).await? {
        return Ok(());
    }
    let state = refund_state(row)?;
    let submit = state == RefundState::Approved;
    if submit && treasury::rest(ctx, row, &order, &attempt).await? {
        return Ok(());
    }
    let next = match (submit, state) {
        (true, _) => RefundState::Submitted,
        (_, other) => other,
    };
    let until = ctx.app.now().plus_seconds(LEASE_SECONDS);
    let claim = Claim {
        row: row.clone(),
        next,
        at: ctx.app.now(),
        until,
    };
    if ctx.app.db().write(Lane::Background, claim).await? == 0 {
        return Ok(());
    }
    let news = ask(&ctx.app, row, &attempt, submit).await;
    finish(ctx, row.id, (order, attempt), news).await
}

/// A verified notice of a refund. One that we never raised, or raised at another channel, is left to the bill.
///
/// # Errors
/// Trouble of ours: the channel sends it again.
pub(in crate::payment) async fn told(
    ctx: &Ctx,
    channel: &str,
    refund_no: &str,
    news: RefundNews,
) -> Result<()> {
    let row = refunds::refund_by_no(&mut ctx.app.db().read(), refund_no).await?;
    let Some(row) = row else {
        tracing::warn!(channel, "a refund that nobody raised is told of");
        return Ok(());
    };
    let (order, attempt) = of(ctx, &row).await?;
    if attempt.channel != channel {
        tracing::warn!(
            channel,
            refund = row.id,
            "a refund of another channel is told of"
        );
        return Ok(());
    }
    or_faster(finish(ctx, row.id, (order, attempt), news).await)
}

/// Whoever was faster, the timer, a notice or a person, has done it: that is no error.
pub(super) fn or_faster(done: Result<()>) -> Result<()> {
    match done {
        Err(Error::Conflict(_)) => Ok(()),
        done => done,
    }
}

/// A notice says that there is something to ask about a refund.
pub(in crate::payment) async fn ask_about(ctx: &Ctx, channel: &str, refund_no: &str) -> Result<()> {
    let row = refunds::refund_by_no(&mut ctx.app.db().read(), refund_no).await?;
    let Some(row) = row else {
        tracing::warn!(channel, "a refund that nobody raised is told of");
        return Ok(());
    };
    match refund_state(&row)? {
        RefundState::Submitted | RefundState::Unknown => or_faster(follow(ctx, &row).await),
        _ => Ok(()),
    }
}

/// The order and the payment that a refund is of.
pub(super) async fn of(ctx: &Ctx, row: &RefundRow) -> Result<(OrderRow, AttemptRow)> {
    let mut read = ctx.app.db().read();
    let order = orders::order_by_id(&mut read, row.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(&mut read, row.order_id).await?;
    let attempt = attempts
        .into_iter()
        .find(|attempt| attempt.id == row.attempt_id);
    let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
    Ok((order, attempt))
}

async fn ask(app: &App, row: &RefundRow, attempt: &AttemptRow, submit: bool) -> RefundNews {
    let Some(gateway) = gateway_of(app, attempt) else {
        return RefundNews::Unknown;
    };
    let refund = named_to(app, row, attempt);
    if submit {
        return gateway.refund(&refund).await;
    }
    match gateway.query_refund(&refund).await {
        // It never arrived: the same number again.
        RefundNews::Missing => gateway.refund(&refund).await,
        news => news,
    }
}

/// A refund as its channel is told of it.
pub(super) fn named_to(app: &App, row: &RefundRow, attempt: &AttemptRow) -> NewRefund {
    NewRefund {
        refund_no: row.refund_no.clone(),
        begun_at: Timestamp::from_micros(row.created_at),
        of: named(attempt),
        amount: Fen::new(row.amount),
        total: Fen::new(attempt.received.unwrap_or(attempt.amount)),
        reason: RefundReason::from_code(&row.reason)
            .map_or("退款", RefundReason::label)
            .to_owned(),
        notify_url: notify_url(app, &attempt.channel),
    }
}

struct Claim {
    row: RefundRow,
    next: RefundState,
    at: Timestamp,
    until: Timestamp,
}

impl Command for Claim {
    const NAME: &'static str = "payment.refund_claim";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let until = Some(self.until.micros());
        let (id, version) = (self.row.id, self.row.version);
        let moved = refunds::refund_set_state(tx, id, version, self.next.code(), until).await?;
        if moved > 0 {
            times::refund_sent(tx, id, self.at.micros()).await?;
        }
        Ok(moved)
    }
}
