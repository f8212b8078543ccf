//! How a channel misbehaves: drawn from a seed, or told.

use std::collections::{BTreeMap, VecDeque};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// A call of a merchant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// A new payment.
    Create,
    /// What became of one.
    Query,
    /// No more money for it.
    Close,
    /// Money back.
    Refund,
    /// What became of that.
    QueryRefund,
    /// A day's bill.
    Bill,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// As it should.
    #[default]
    Fair,
    /// It never arrives, and the line can't even be opened.
    Unreachable,
    /// It is lost on its way.
    LostBefore,
    /// Carried out, and the answer is lost.
    LostAfter,
    /// Not carried out: an error of the server.
    ServerError,
    /// Carried out, and an error of the server all the same.
    ErrorAfter,
    /// Carried out, and the answer is cut off.
    Truncated,
    /// Carried out, and the answer is signed with a wrong key.
    BadSignature,
}

impl Fate {
    /// All that do harm.
    pub const BAD: [Self; 7] = [
        Self::Unreachable,
        Self::LostBefore,
        Self::LostAfter,
        Self::ServerError,
        Self::ErrorAfter,
        Self::Truncated,
        Self::BadSignature,
    ];

    /// Whether the channel does what is asked.
    pub const fn is_carried_out(self) -> bool {
        !matches!(
            self,
            Self::Unreachable | Self::LostBefore | Self::ServerError
        )
    }
}

/// What becomes of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mail {
    /// At once.
    #[default]
    Prompt,
    /// Never.
    Lost,
    /// So many seconds later.
    Late(i64),
    /// At once, and so many times more.
    Repeated(u8),
}

/// How often what goes wrong, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Calls with a bad fate.
    pub calls: u32,
    /// Notices that don't come once and at once.
    pub notices: u32,
    /// Payments that queries don't see for a while.
    pub lags: u32,
    /// Refunds that take time.
    pub slow_refunds: u32,
    /// Of those, refunds that come to nothing.
    pub failed_refunds: u32,
}

/// Draws fates.
#[derive(Debug)]
pub(super) struct Dice {
    rng: StdRng,
    rates: Rates,
    told: BTreeMap<Call, VecDeque<Fate>>,
    mail: VecDeque<Mail>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            rates: Rates::default(),
            told: BTreeMap::new(),
            mail: VecDeque::new(),
        }
    }

    pub(super) fn set_rates(&mut self, rates: Rates) {
        self.rates = rates;
    }

    pub(super) fn tell(&mut self, call: Call, fate: Fate) {
        self.told.entry(call).or_default().push_back(fate);
    }

    pub(super) fn tell_mail(&mut self, mail: Mail) {
        self.mail.push_back(mail);
    }

    fn hits(&mut self, thousandths: u32) -> bool {
        thousandths > 0 && self.rng.random_range(0..1_000) < thousandths
    }

    pub(super) fn fate(&mut self, call: Call) -> Fate {
        if let Some(fate) = self.told.get_mut(&call).and_then(VecDeque::pop_front) {
            return fate;
        }
        if !self.hits(self.rates.calls) {
            return Fate::Fair;
        }
        let index = self.rng.random_range(0..Fate::BAD.len());
        Fate::BAD.get(index).copied().unwrap_or_default()
    }

    pub(super) fn mail(&mut self) -> Mail {
        if let Some(mail) = self.mail.pop_front() {
            return mail;
        }
        if !self.hits(self.rates.notices) {
            return Mail::Prompt;
        }
        match self.rng.random_range(0..3) {
            0 => Mail::Lost,
            1 => Mail::Late(self.rng.random_range(1..20_000)),
            _ => Mail::Repeated(self.rng.random_range(1..4)),
        }
    }

    pub(super) fn lag(&mut self) -> u32 {
        if self.hits(self.rates.lags) {
            self.rng.random_range(1..4)
        } else {
            0
        }
    }

    pub(super) fn refund_is_slow(&mut self) -> bool {
        self.hits(self.rates.slow_refunds)
    }

    pub(super) fn refund_fails(&mut self) -> bool {
        self.hits(self.rates.failed_refunds)
    }

    pub(super) fn token(&mut self) -> String {
        let mut bytes = [0u8; 16];
        self.rng.fill_bytes(&mut bytes);
        hex::encode(bytes)
    }
}
