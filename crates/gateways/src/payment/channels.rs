//! The channels of an installation.

use std::sync::Arc;

use super::PaymentGateway;

/// The channels in the order of the page of choice; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    offered: Arc<[Arc<dyn PaymentGateway>]>,
    /// One that is known but offered to nobody by itself: the payment of rehearsals.
    apart: Option<Arc<dyn PaymentGateway>>,
    simulated: bool,
}

/// A channel that moves no real money, in a production system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("channel {0} moves no real money and may not be offered in production")]
pub struct NotForProduction(pub &'static str);

impl Channels {
    /// Joins channels.
    ///
    /// # Errors
    /// In production, if one of them moves no real money.
    pub fn new(
        channels: Vec<Arc<dyn PaymentGateway>>,
        production: bool,
    ) -> Result<Self, NotForProduction> {
        match channels
            .iter()
            .find(|channel| production && !channel.info().real)
        {
            Some(toy) => Err(NotForProduction(toy.info().code)),
            None => Ok(Self {
                offered: channels.into(),
                apart: None,
                simulated: false,
            }),
        }
    }

    /// The same with one that isn't offered: whoever leads somebody to it decides whom.
    #[must_use]
    pub fn with_apart(self, gateway: Arc<dyn PaymentGateway>) -> Self {
        Self {
            apart: Some(gateway),
            ..self
        }
    }

    /// The same where the other sides are simulated: a demonstration, where no money moves whatever the protocols say.
    #[must_use]
    pub fn with_simulated_sides(self) -> Self {
        Self {
            simulated: true,
            ..self
        }
    }

    /// Whether real money moves.
    pub fn move_money(&self) -> bool {
        !self.simulated && self.offered.iter().any(|channel| channel.info().real)
    }

    /// Whether the other sides are simulated: their codes then hold addresses that any browser may follow.
    pub fn are_simulated(&self) -> bool {
        self.simulated
    }

    /// All that are offered.
    pub fn all(&self) -> &[Arc<dyn PaymentGateway>] {
        &self.offered
    }

    /// The one that isn't offered, if there is one.
    pub fn apart(&self) -> &[Arc<dyn PaymentGateway>] {
        self.apart.as_slice()
    }

    /// One by its code, offered or not.
    pub fn get(&self, code: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.offered
            .iter()
            .chain(&self.apart)
            .find(|channel| channel.info().code == code)
    }

    /// Its name, or the code for a channel that is gone.
    pub fn name(&self, code: &str) -> String {
        match code {
            super::OFFLINE => return "线下缴费".to_owned(),
            super::NONTAX => return "缴款码".to_owned(),
            _ => {}
        }
        self.get(code)
            .map_or_else(|| code.to_owned(), |channel| channel.info().name.to_owned())
    }
}
