//! The one way in which news of money becomes state.

mod found;
mod keep;
mod step;
mod tell;

use std::sync::Arc;

use db::{Command, Lane, Tx};
use domain::payment::evidence::Evidence;
use domain::payment::settle as rules;
use domain::payment::{AttemptState, OrderState, Outcome};

pub(in crate::payment) use found::usable;
pub(in crate::payment) use keep::outcome_code;
pub(in crate::payment) use step::advance;

use found::load;
use keep::{alert, keep};
use step::Step;

use crate::{App, Ctx, Error, Result, Stamp};

/// What became of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What it meant.
    pub outcome: Outcome,
    /// The state of its order now; `None` for a number that isn't ours.
    pub order: Option<OrderState>,
    /// The state of its attempt now.
    pub attempt: Option<AttemptState>,
}

/// Settles one piece of verified evidence. Any number and order of the same pieces ends in the same state.
///
/// # Errors
/// Only trouble of ours: a channel whose notice met one sends it again.
pub async fn settle(ctx: &Ctx, evidence: &Evidence) -> Result<Settled> {
    let mut tries = 0;
    loop {
        let command = Settle {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            evidence: Arc::new(evidence.clone()),
        };
        match ctx.app.db().write(Lane::Interactive, command).await {
            // The application was moved by somebody else meanwhile: look again.
            Err(Error::Conflict(_)) if tries < 3 => tries += 1,
            answer => return answer,
        }
    }
}

pub(in crate::payment) struct Settle {
    app: App,
    stamp: Stamp,
    evidence: Arc<Evidence>,
}

impl Settle {
    /// One piece of evidence, for a command that settles it in its own transaction: by a stamp that nothing else uses.
    pub(in crate::payment) fn new(app: &App, stamp: Stamp, evidence: Evidence) -> Self {
        Self {
            app: app.clone(),
            stamp,
            evidence: Arc::new(evidence),
        }
    }
}

impl Command for Settle {
    const NAME: &'static str = "payment.settle";
    type Out = Settled;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Settled> {
        let mut trail = self.stamp.trail();
        let evidence = &*self.evidence;
        let found = load(tx, evidence).await?;
        let known = match &found {
            Some(found) => Some(found.known(tx, evidence).await?),
            None => None,
        };
        let decided = rules::settle(known.as_ref(), evidence);
        let Some(found) = found else {
            alert(tx, &mut trail, evidence, 0, &decided.outcome).await?;
            keep(tx, &mut trail, evidence, &decided.outcome).await?;
            return Ok(Settled {
                outcome: decided.outcome,
                order: None,
                attempt: None,
            });
        };
        let mut step = Step {
            app: &self.app,
            found: &found,
            evidence,
            decided: &decided,
        };
        let (order, attempt) = step.apply(tx, &mut trail).await?;
        keep(tx, &mut trail, evidence, &decided.outcome).await?;
        Ok(Settled {
            outcome: decided.outcome,
            order: Some(order),
            attempt: Some(attempt),
        })
    }
}
