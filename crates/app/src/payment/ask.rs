//! Asking channels, and listening to them: every way in which evidence comes, save the timer's rounds.

use db::{Command, Lane, Tx};
use domain::payment::evidence::{Evidence, News, Source};
use domain::payment::{AttemptState, OrderState, ladder};
use domain::time::Timestamp;
use gateways::payment::{Acknowledgement, HeaderMap, Named, TIMEOUT_SECONDS, Told};

use super::pay::gateway_of;
use super::settle::{Settled, settle};
use super::store::{self, AttemptRow, OrderRow};
use super::{attempt_state, order_state, refund};
use crate::{Ctx, Error, Result};

/// No create call is still on its way after so long: we wait for an answer a quarter of it.
const CREATE_MICROS: i64 = 4 * TIMEOUT_SECONDS * 1_000_000;

/// What the channels said of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is paid.
    Paid,
    /// Nobody has paid yet, as far as the channel knows.
    NotPaid,
    /// Not known yet.
    Confirming,
    /// It is closed, held or refunded: the order's page tells.
    Other(OrderState),
}

/// 查询支付结果, by the owner of the order. Asks each channel at most once in ten seconds.
pub async fn ask(ctx: &Ctx, order: &str) -> Result<Asked> {
    ask_as(ctx, order, Source::Query).await
}

/// The payer's browser came back: no evidence in itself, but a good moment to ask.
pub async fn ask_returned(ctx: &Ctx, order: &str) -> Result<Asked> {
    ask_as(ctx, order, Source::Return).await
}

async fn ask_as(ctx: &Ctx, order: &str, source: Source) -> Result<Asked> {
    let account_id = ctx.candidate()?;
    let row = store::order_by_public_id(&mut ctx.app.db().read(), order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let mut doubt = false;
    for attempt in store::attempts_of(&mut ctx.app.db().read(), row.id).await? {
        if attempt_state(&attempt)?.is_final() {
            continue;
        }
        let lease = Lease {
            id: attempt.id,
            at: ctx.at.micros(),
        };
        if ctx.app.db().write(Lane::Interactive, lease).await? == 0 {
            doubt = true;
            continue;
        }
        let settled = query(ctx, &attempt, source).await?;
        doubt |= settled.is_none_or(|settled| {
            matches!(settled.outcome, domain::payment::Outcome::StillUnknown)
        });
    }
    standing(ctx, &row, doubt).await
}

async fn standing(ctx: &Ctx, row: &OrderRow, doubt: bool) -> Result<Asked> {
    let now = store::order_by_id(&mut ctx.app.db().read(), row.id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(match order_state(&now)? {
        OrderState::Paid => Asked::Paid,
        OrderState::Paying if doubt => Asked::Confirming,
        OrderState::Unpaid | OrderState::Paying => Asked::NotPaid,
        other => Asked::Other(other),
    })
}

/// The button and the timer don't both ask: who comes within ten seconds of the other waits.
struct Lease {
    id: i64,
    at: i64,
}

impl Command for Lease {
    const NAME: &'static str = "payment.ask";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::attempt_lease(tx, self.id, self.at, self.at + ladder::BUTTON_EVERY).await?)
    }
}

/// An attempt, as its channel knows it.
pub(super) fn named(attempt: &AttemptRow) -> Named {
    Named {
        merchant_no: attempt.merchant_no.clone(),
        begun_at: Timestamp::from_micros(attempt.created_at),
        channel_no: attempt.channel_no.clone(),
    }
}

/// Asks about one attempt and settles the answer; `None` if its channel isn't offered any more.
pub(super) async fn query(
    ctx: &Ctx,
    attempt: &AttemptRow,
    source: Source,
) -> Result<Option<Settled>> {
    let Some(gateway) = gateway_of(&ctx.app, attempt) else {
        return Ok(None);
    };
    let evidence = gateway.query(&named(attempt), source).await;
    settle(ctx, &evidence).await.map(Some)
}

/// Asks, and closes what isn't paid. After it the attempt is final, or nobody knows.
pub(super) async fn query_and_close(ctx: &Ctx, attempt: &AttemptRow) -> Result<Settled> {
    let Some(gateway) = gateway_of(&ctx.app, attempt) else {
        return Err(super::pay::confirming());
    };
    #[cfg(feature = "control")]
    if super::control::closes_blindly() {
        let closed = gateway.evidence(&attempt.merchant_no, Source::Query, News::Closed);
        return settle(ctx, &closed).await;
    }
    let found = gateway.query(&named(attempt), Source::Query).await;
    let settled = settle(ctx, &found).await?;
    if !matches!(found.news, News::NotPaid { .. }) {
        return Ok(settled);
    }
    let closed = gateway.close(&named(attempt)).await;
    settle(ctx, &after_close(closed, attempt, ctx)).await
}

/// What became of everything that was open of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nothing is open any more.
    Closed,
    /// It is paid.
    Paid,
    /// Nobody knows: to be tried again.
    Doubt,
}

/// Asks about everything that is open of an order, and closes what isn't paid.
pub(super) async fn close_all(ctx: &Ctx, order_id: i64) -> Result<Closing> {
    for attempt in store::attempts_of(&mut ctx.app.db().read(), order_id).await? {
        if attempt_state(&attempt)?.is_final() {
            continue;
        }
        let settled = match query_and_close(ctx, &attempt).await {
            Err(Error::Refused(_)) => return Ok(Closing::Doubt),
            other => other?,
        };
        if settled.order == Some(OrderState::Paid) {
            return Ok(Closing::Paid);
        }
        if !settled.attempt.is_some_and(AttemptState::is_final) {
            return Ok(Closing::Doubt);
        }
    }
    Ok(Closing::Closed)
}

/// A channel that has never heard of the number has nothing to close. The number may still be on its way there while its create
/// call runs, and while the cashier could be open; past that it is final.
fn after_close(evidence: Evidence, attempt: &AttemptRow, ctx: &Ctx) -> Evidence {
    let over = ctx.at.micros() >= attempt.expires_at + ladder::EXPIRE_AFTER;
    let age = ctx.at.micros() - attempt.created_at;
    let never_sent =
        attempt.checkout.is_empty() && attempt.state == "created" && age >= CREATE_MICROS;
    match evidence.news {
        News::NotPaid { last: false } if over || never_sent => Evidence {
            news: News::NotPaid { last: true },
            ..evidence
        },
        _ => evidence,
    }
}

/// A notice says that there is something to ask. What the answer says is settled; without one the timer asks again.
async fn ask_about(ctx: &Ctx, channel: &str, merchant_no: &str) -> Result<()> {
    let attempt = store::attempt_by_no(&mut ctx.app.db().read(), merchant_no).await?;
    let Some(attempt) = attempt.filter(|attempt| attempt.channel == channel) else {
        tracing::warn!(channel, "a payment that nobody began is told of");
        return Ok(());
    };
    query(ctx, &attempt, Source::Notice).await?;
    Ok(())
}

/// A notice came. `None`: no such channel. The answer is sent only once it is settled and durable.
///
/// # Errors
/// Trouble of ours: the channel sends it again.
pub async fn notice(
    ctx: &Ctx,
    channel: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<std::result::Result<Acknowledgement, Acknowledgement>>> {
    let Some(gateway) = ctx.app.channels().get(channel) else {
        return Ok(None);
    };
    match gateway.notice(headers, body) {
        Err(bad) => {
            tracing::warn!(channel, %bad, "a notice wasn't believed");
            Ok(Some(Err(gateway.refusal())))
        }
        Ok(notice) => {
            let ctx = ctx.with_actor(crate::Actor::Gateway);
            match notice.told {
                Told::Payment(evidence) => {
                    settle(&ctx, &evidence).await?;
                }
                Told::Refund { refund_no, news } => {
                    refund::told(&ctx, channel, &refund_no, news).await?;
                }
                Told::AskPayment(number) => ask_about(&ctx, channel, &number).await?,
                Told::AskRefund(number) => refund::ask_about(&ctx, channel, &number).await?,
                Told::Nothing => {}
            }
            Ok(Some(Ok(gateway.acknowledgement())))
        }
    }
}
