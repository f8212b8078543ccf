//! How a channel misbehaves: drawn from a seed, or told.

use std::collections::{BTreeMap, VecDeque};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::book::RefundState;

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

impl Call {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Close => "close",
            Self::Refund => "refund",
            Self::QueryRefund => "query refund",
            Self::Bill => "bill",
        }
    }
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
    /// Of those, refunds whose payer can't be reached.
    pub abnormal_refunds: u32,
}

/// Draws fates. Each is drawn from the seed, what it is about and how often that was drawn for before: whatever order calls come in, the
/// same seed gives each the same fate.
#[derive(Debug)]
pub(super) struct Dice {
    seed: u64,
    rates: Rates,
    drawn: BTreeMap<(&'static str, String), u64>,
    told: BTreeMap<Call, VecDeque<Fate>>,
    always: BTreeMap<Call, Fate>,
    mail: VecDeque<Mail>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            rates: Rates::default(),
            drawn: BTreeMap::new(),
            told: BTreeMap::new(),
            always: BTreeMap::new(),
            mail: VecDeque::new(),
        }
    }

    pub(super) fn set_rates(&mut self, rates: Rates) {
        self.rates = rates;
    }

    pub(super) fn tell(&mut self, call: Call, fate: Fate) {
        self.told.entry(call).or_default().push_back(fate);
    }

    pub(super) fn tell_always(&mut self, call: Call, fate: Fate) {
        self.always.insert(call, fate);
    }

    pub(super) fn tell_mail(&mut self, mail: Mail) {
        self.mail.push_back(mail);
    }

    /// Randomness for the next draw of a kind about something.
    fn draw(&mut self, kind: &'static str, about: &str) -> StdRng {
        let times = self.drawn.entry((kind, about.to_owned())).or_default();
        *times += 1;
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        digest.update(times.to_le_bytes());
        digest.update(kind.as_bytes());
        digest.update([0]);
        digest.update(about.as_bytes());
        StdRng::from_seed(digest.finalize().into())
    }

    pub(super) fn fate(&mut self, call: Call, about: &str) -> Fate {
        if let Some(fate) = self.told.get_mut(&call).and_then(VecDeque::pop_front) {
            return fate;
        }
        if let Some(fate) = self.always.get(&call) {
            return *fate;
        }
        if self.rates.calls == 0 {
            return Fate::Fair;
        }
        let mut rng = self.draw(call.word(), about);
        if !hits(&mut rng, self.rates.calls) {
            return Fate::Fair;
        }
        let index = rng.random_range(0..Fate::BAD.len());
        Fate::BAD.get(index).copied().unwrap_or_default()
    }

    pub(super) fn mail(&mut self, about: &str) -> Mail {
        if let Some(mail) = self.mail.pop_front() {
            return mail;
        }
        let mut rng = self.draw("mail", about);
        if !hits(&mut rng, self.rates.notices) {
            return Mail::Prompt;
        }
        match rng.random_range(0..3) {
            0 => Mail::Lost,
            1 => Mail::Late(rng.random_range(1..20_000)),
            _ => Mail::Repeated(rng.random_range(1..4)),
        }
    }

    pub(super) fn lag(&mut self, about: &str) -> u32 {
        let mut rng = self.draw("lag", about);
        if hits(&mut rng, self.rates.lags) {
            rng.random_range(1..4)
        } else {
            0
        }
    }

    pub(super) fn refund_is_slow(&mut self, about: &str) -> bool {
        let rate = self.rates.slow_refunds;
        hits(&mut self.draw("slow refund", about), rate)
    }

    pub(super) fn refund_ends(&mut self, about: &str) -> RefundState {
        let (failed, abnormal) = (self.rates.failed_refunds, self.rates.abnormal_refunds);
        let mut rng = self.draw("refund ends", about);
        if hits(&mut rng, failed) {
            RefundState::Failed
        } else if hits(&mut rng, abnormal) {
            RefundState::Abnormal
        } else {
            RefundState::Succeeded
        }
    }

    pub(super) fn token(&mut self, about: &str) -> String {
        let mut bytes = [0u8; 16];
        self.draw("token", about).fill_bytes(&mut bytes);
        hex::encode(bytes)
    }
}

fn hits(rng: &mut StdRng, thousandths: u32) -> bool {
    thousandths > 0 && rng.random_range(0..1_000) < thousandths
}
