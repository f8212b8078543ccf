//! What the timer does: asks channels again (掉单), closes what is over, sends refunds. Every piece is leased or guarded, so
//! that two processes at it do no harm, and a crash in the middle is made up for by the next round.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Event;
use domain::exam::Phase;
use domain::payment::evidence::Source;
use domain::payment::{AttemptState, OrderEvent, OrderState, ladder};
use domain::time::Timestamp;
use futures_util::future::join_all;

use super::pay::gateway_of;
use super::refund::store as refunds;
use super::store::{self, AttemptRow};
use super::void::Close;
use super::{ask, attempt_state, fiscal, nontax, order_state, refund, treasury};
use crate::application;
use crate::setback::{self, Kind};
use crate::{App, Ctx, Error, Result, Stamp};

/// Woken when an order is closed or a refund raised.
pub const TOPIC: &str = "payment.work";
/// Attempts asked about in one round.
const ROUND: i64 = 20;
/// One worker has an attempt for this long.
const LEASE_MICROS: i64 = 60 * 1_000_000;
/// Debts of exams that closed longer ago were dealt with.
const LOOK_BACK_MICROS: i64 = 120 * 24 * 3600 * 1_000_000;
/// How often a channel that isn't offered any more is looked for.
const GONE_SECONDS: i64 = 6 * 3600;

/// One round: recovery, expiry, refunds. Answers how many pieces it touched; run again while it isn't 0. A piece that can't
/// be handled is put back by time and stands in nobody's way; a part that fails doesn't keep the others from their work.
///
/// # Errors
/// Trouble with the database; a channel that doesn't answer is none.
pub async fn work(ctx: &Ctx) -> Result<usize> {
    let parts = [
        recover(ctx).await,
        expire_orders(ctx).await,
        expire_debts(ctx).await,
        refunds(ctx).await,
        nontax::settle_due(ctx).await,
        nontax::drop_unwanted(ctx).await,
        treasury::settle_due(ctx).await,
        fiscal::apply_due(ctx).await,
    ];
    parts.into_iter().sum()
}

async fn recover(ctx: &Ctx) -> Result<usize> {
    let now = ctx.app.now();
    let due =
        store::attempts_due(&mut ctx.app.db().scan(Crowd::System), now.micros(), ROUND).await?;
    let asked = join_all(due.iter().map(|attempt| recover_one(ctx, attempt, now))).await;
    for (attempt, answer) in due.iter().zip(asked) {
        if let Err(error) = answer {
            // Its lease keeps it away from the next rounds.
            tracing::warn!(attempt = attempt.id, %error, "a payment couldn't be looked into");
        }
    }
    Ok(due.len())
}

async fn recover_one(ctx: &Ctx, attempt: &AttemptRow, now: Timestamp) -> Result<()> {
    let until = now.micros() + LEASE_MICROS;
    let lease = Lease {
        id: attempt.id,
        at: now.micros(),
        until,
    };
    if ctx.app.db().write(Lane::Background, lease).await? == 0 {
        return Ok(());
    }
    let order = store::order_by_id(&mut ctx.app.db().read(), attempt.order_id).await?;
    let order = order.ok_or(Error::inconsistent("payment_attempt.order_id"))?;
    let open = order_state(&order)?.is_open();
    let failed = attempt_state(attempt)? == AttemptState::Failed;
    let over = now.micros() >= attempt.expires_at + ladder::EXPIRE_AFTER;
    let answer = match gateway_of(&ctx.app, attempt) {
        None => Ok(()),
        // What was given up and is there after all is closed, or found to be paid.
        Some(_) if open && !over && !failed => {
            ask::query(ctx, attempt, Source::Query).await.map(|_| ())
        }
        Some(_) => ask::query_and_close(ctx, attempt).await.map(|_| ()),
    };
    let asked = u32::try_from(attempt.queries + 1).unwrap_or(u32::MAX);
    let next = match gateway_of(&ctx.app, attempt) {
        None => Some(now.plus_seconds(GONE_SECONDS)),
        Some(gateway) => ladder::next_query(
            gateway.info().ladder,
            asked,
            now,
            Timestamp::from_micros(attempt.expires_at),
            ladder::spread(attempt.id, asked),
        ),
    };
    // Only attempts that may still bring money are asked about again.
    let asked = AskedCommand {
        id: attempt.id,
        next: next.map(Timestamp::micros),
    };
    ctx.app.db().write(Lane::Background, asked).await?;
    answer
}

struct Lease {
    id: i64,
    at: i64,
    until: i64,
}

impl Command for Lease {
    const NAME: &'static str = "payment.lease";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::attempt_lease(tx, self.id, self.at, self.until).await?)
    }
}

struct AskedCommand {
    id: i64,
    next: Option<i64>,
}

impl Command for AskedCommand {
    const NAME: &'static str = "payment.asked";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::attempt_asked(tx, self.id, self.next).await?;
        Ok(())
    }
}

async fn expire_orders(ctx: &Ctx) -> Result<usize> {
    let now = ctx.app.now();
    let before = now.micros() - ladder::EXPIRE_AFTER;
    let scan = &mut ctx.app.db().scan(Crowd::System);
    let due = store::orders_overdue(scan, before, now.micros(), ROUND).await?;
    for id in &due {
        let done = match expire_order(ctx, *id, now).await {
            Ok(done) => done,
            // Somebody pays at this very moment.
            Err(Error::Conflict(_) | Error::Refused(_)) => false,
            Err(error) => {
                tracing::warn!(order = id, %error, "an order couldn't be closed");
                false
            }
        };
        if !done {
            setback::put(&ctx.app, Kind::Order, *id).await?;
        }
    }
    Ok(due.len())
}

async fn expire_debts(ctx: &Ctx) -> Result<usize> {
    let now = ctx.app.now().micros();
    let closed = (now - LOOK_BACK_MICROS, now - ladder::EXPIRE_AFTER);
    let scan = &mut ctx.app.db().scan(Crowd::System);
    let due = store::debts_overdue(scan, closed, now, ROUND).await?;
    for application_id in &due {
        let command = ExpireDebt {
            app: ctx.app.clone(),
            stamp: Stamp::of(&Ctx::system(&ctx.app)),
            application_id: *application_id,
        };
        let done = match ctx.app.db().write(Lane::Background, command).await {
            Ok(done) => done,
            Err(error) => {
                tracing::warn!(application = application_id, %error, "a debt can't expire yet");
                false
            }
        };
        if !done {
            setback::put(&ctx.app, Kind::Debt, *application_id).await?;
        }
    }
    Ok(due.len())
}

/// `false`: it is still open, because a payment is in doubt.
async fn expire_order(ctx: &Ctx, id: i64, now: Timestamp) -> Result<bool> {
    let mut read = ctx.app.db().read();
    let order = store::order_by_id(&mut read, id)
        .await?
        .ok_or(Error::NotFound)?;
    let exam = crate::exam::find_by_id(&ctx.app, order.exam_id).await?;
    let close = exam
        .window(Phase::Payment)
        .map_or(0, |window| window.close().micros());
    if close > order.expires_at && close > now.micros() {
        ctx.app
            .db()
            .write(Lane::Background, Extend { id, close })
            .await?;
        return Ok(true);
    }
    let attempts = store::attempts_of(&mut read, id).await?;
    let open = attempts
        .iter()
        .filter(|row| !AttemptState::from_code(&row.state).is_some_and(AttemptState::is_final));
    let open: Vec<_> = open.collect();
    if open.is_empty() {
        let command = Close {
            stamp: Stamp::of(&Ctx::system(&ctx.app)),
            order_id: id,
            event: OrderEvent::Expire,
        };
        return ctx.app.db().write(Lane::Background, command).await;
    }
    let soon = now.micros() + LEASE_MICROS;
    if open
        .iter()
        .all(|row| row.next_query_at.is_none_or(|next| next > soon))
    {
        ctx.app
            .db()
            .write(
                Lane::Background,
                Hurry {
                    id,
                    at: now.micros(),
                },
            )
            .await?;
    }
    Ok(false)
}

struct Extend {
    id: i64,
    close: i64,
}

impl Command for Extend {
    const NAME: &'static str = "payment.extend";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::order_extend(tx, self.id, self.close).await?;
        Ok(())
    }
}

struct Hurry {
    id: i64,
    at: i64,
}

impl Command for Hurry {
    const NAME: &'static str = "payment.hurry";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::attempts_hurry(tx, self.id, self.at).await?;
        Ok(())
    }
}

struct ExpireDebt {
    app: App,
    stamp: Stamp,
    application_id: i64,
}

impl Command for ExpireDebt {
    const NAME: &'static str = "payment.expire_debt";
    /// `false`: an order was raised meanwhile.
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let live = store::order_live_of(tx, self.application_id).await?;
        if live.is_some_and(|order| {
            OrderState::from_code(&order.state).is_some_and(OrderState::is_open)
        }) {
            return Ok(false);
        }
        let mut trail = self.stamp.trail();
        let id = self.application_id;
        application::advance(tx, &mut trail, &self.app, id, Event::ExpireUnpaid, "").await?;
        Ok(true)
    }
}

async fn refunds(ctx: &Ctx) -> Result<usize> {
    let now = ctx.app.now().micros();
    let due = refunds::refunds_due(&mut ctx.app.db().scan(Crowd::System), now, ROUND).await?;
    for row in &due {
        match refund::follow(ctx, row).await {
            Ok(()) | Err(Error::Conflict(_)) => {}
            Err(error) => tracing::warn!(refund = row.id, %error, "a refund couldn't be followed"),
        }
    }
    Ok(due.len())
}
