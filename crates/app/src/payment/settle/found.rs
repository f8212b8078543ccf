//! What is known when news of money come: the order, its attempts, and whether the application can use it.

use db::{Query, Tx};
use domain::money::Fen;
use domain::payment::evidence::{Evidence, News};
use domain::payment::settle as rules;
use domain::payment::{Application, AttemptState};
use domain::time::Timestamp;

use crate::payment::store::{self, AttemptRow, OrderRow};
use crate::payment::{attempt_state, order_state};
use crate::{Error, Result, application};

/// The order, locked, with the attempt that the evidence names.
pub(super) struct Found {
    pub order: OrderRow,
    pub attempt: AttemptRow,
    pub attempts: Vec<AttemptRow>,
}

pub(super) async fn load(tx: &mut Tx, evidence: &Evidence) -> Result<Option<Found>> {
    let Some(named) = store::attempt_by_no(tx, &evidence.merchant_no).await? else {
        return Ok(None);
    };
    store::order_lock(tx, named.order_id).await?;
    let order = store::order_by_id(tx, named.order_id).await?;
    let order = order.ok_or(Error::inconsistent("payment_attempt.order_id"))?;
    let attempts = store::attempts_of(tx, order.id).await?;
    let attempt = attempts
        .iter()
        .find(|attempt| attempt.id == named.id)
        .cloned();
    let attempt = attempt.ok_or(Error::inconsistent("payment_attempt"))?;
    Ok(Some(Found {
        order,
        attempt,
        attempts,
    }))
}

fn rule_attempt(row: &AttemptRow) -> Result<rules::Attempt> {
    Ok(rules::Attempt {
        merchant_no: row.merchant_no.clone(),
        channel: row.channel.clone(),
        merchant: row.merchant.clone(),
        amount: Fen::new(row.amount),
        state: attempt_state(row)?,
        channel_no: row.channel_no.clone(),
        paid_at: row.paid_at.map(Timestamp::from_micros),
        received: row.received.map(Fen::new),
    })
}

impl Found {
    pub async fn known(&self, tx: &mut Tx, evidence: &Evidence) -> Result<rules::Known> {
        let credited = self
            .attempts
            .iter()
            .find(|row| row.id != self.attempt.id && row.state == AttemptState::Succeeded.code())
            .map(rule_attempt)
            .transpose()?;
        let applied_to = match &evidence.news {
            News::Paid(paid) => store::attempt_applied(tx, &evidence.channel, &paid.channel_no)
                .await?
                .filter(|number| *number != self.attempt.merchant_no),
            _ => None,
        };
        Ok(rules::Known {
            order: rules::Order {
                state: order_state(&self.order)?,
                amount: Fen::new(self.order.amount),
                deadline: Timestamp::from_micros(self.order.expires_at),
            },
            attempt: rule_attempt(&self.attempt)?,
            credited,
            applied_to,
            application: usable(tx, &self.order).await?,
        })
    }
}

/// Whether the application behind the order can still use money.
pub(in crate::payment) async fn usable(
    tx: &mut impl Query,
    order: &OrderRow,
) -> Result<Application> {
    let row = application::store::application_by_id(tx, order.application_id)
        .await?
        .ok_or(Error::inconsistent("payment_order.application_id"))?;
    if store::order_live_of(tx, row.id)
        .await?
        .is_some_and(|live| live.id != order.id)
    {
        return Ok(Application::OtherOrder);
    }
    Ok(
        match (
            row.life.as_str(),
            row.payment.as_str(),
            row.end_reason.as_str(),
        ) {
            ("live", "due", _) => Application::Wants,
            ("live", "waived", _) => Application::Waived,
            ("live", "paid" | "refunding" | "refunded", _) => Application::OtherOrder,
            ("ended", "due", "unpaid") => {
                let living =
                    application::store::application_living(tx, row.exam_id, row.account_id).await?;
                let place = match row.position_id {
                    Some(position) => has_place(tx, position).await?,
                    None => true,
                };
                if living.is_none() && place {
                    Application::Wants
                } else {
                    Application::Gone
                }
            }
            ("ended", _, "position_cancelled") => Application::PositionCancelled,
            // He may still choose another position, but owes nothing for this one.
            ("live", "none", _) if on_cancelled(tx, row.position_id).await? => {
                Application::PositionCancelled
            }
            _ => Application::Gone,
        },
    )
}

async fn on_cancelled(tx: &mut impl Query, position_id: Option<i64>) -> Result<bool> {
    let Some(id) = position_id else {
        return Ok(false);
    };
    let state = crate::exam::position_state(tx, id).await?;
    Ok(state.as_deref() == Some(domain::exam::PositionState::Cancelled.code()))
}

async fn has_place(tx: &mut impl Query, position_id: i64) -> Result<bool> {
    let row = crate::exam::position_by_id(tx, position_id).await?;
    let row = row.ok_or(Error::inconsistent("application.position_id"))?;
    let cancelled = row.state == domain::exam::PositionState::Cancelled.code();
    Ok(!cancelled && row.capacity.is_none_or(|capacity| row.taken < capacity))
}
