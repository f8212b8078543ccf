//! How the sandbox misbehaves.

use serde::{Deserialize, Serialize};

/// What happens to the answer of a call that was carried out, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFault {
    /// As it should.
    #[default]
    None,
    /// Carried out, and the answer is lost (502).
    LostAfter,
    /// Not carried out: 500.
    Error,
    /// Carried out, but the answer carries a wrong signature.
    BadSignature,
    /// Carried out, and the answer is cut off.
    Truncated,
}

/// What becomes of new refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFault {
    /// Done at once.
    #[default]
    None,
    /// Taken; `/control/refund` says what becomes of it.
    Processing,
    /// Refused for good.
    Failed,
    /// The payer's card can't be reached.
    Abnormal,
}

/// The faults. All off by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Notices are not sent at all (掉单).
    pub lose_notices: bool,
    /// Notices come so many milliseconds late.
    pub delay_millis: u64,
    /// Notices come so many times more, acknowledged or not.
    pub repeat: u32,
    /// Answers to create calls.
    pub create: AnswerFault,
    /// Create calls are on their way for so many milliseconds before they are carried out.
    pub create_delay_millis: u64,
    /// Answers to query calls.
    pub query: AnswerFault,
    /// Answers to close calls.
    pub close: AnswerFault,
    /// Answers to refund calls.
    pub refund: AnswerFault,
    /// Queries see a payment as unpaid for so many calls after it was paid.
    pub query_lag: u32,
    /// What becomes of refunds.
    pub refunds: RefundFault,
}

/// A notice that isn't what it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgery {
    /// True, sent again.
    None,
    /// Says paid, signed with a wrong key.
    WrongKey,
    /// Says paid, without a signature.
    Unsigned,
    /// A true notice whose sum was changed on the way: the signature no longer fits.
    AlteredAmount,
    /// Signed rightly by the channel, with another sum.
    SignedOtherAmount,
    /// Signed rightly, for another merchant.
    OtherMerchant,
    /// Signed rightly, an hour ago.
    Stale,
    /// Cut off.
    Truncated,
    /// Signed rightly, for a number that we never made.
    UnknownNumber,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::WrongKey,
        Self::Unsigned,
        Self::AlteredAmount,
        Self::SignedOtherAmount,
        Self::OtherMerchant,
        Self::Stale,
        Self::Truncated,
        Self::UnknownNumber,
    ];
}
