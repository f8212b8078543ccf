//! Payment: one debt ([`order`]) and its tries at channels ([`attempt`]), refunds ([`refund`]), fees ([`fee`]), who pays less ([`waiver`]), days
//! that are closed ([`day`]), what doesn't match ([`ticket`]), money outside of the channels ([`offline`], [`nontax`]).
//!
//! Every source of news about money (notice, return page, timer, the candidate's button, the bill) becomes one
//! [`Evidence`] and goes through one decision, [`settle()`]. The machines are tables of (state, event); a pair that isn't
//! in a table is a [`Discrepancy`], never silently ignored.

pub mod attempt;
pub mod day;
pub mod evidence;
pub mod fee;
pub mod fiscal;
pub mod hold;
pub mod ladder;
pub mod nontax;
pub mod number;
pub mod offline;
pub mod order;
pub mod progress;
pub mod reconcile;
pub mod refund;
pub mod settle;
pub mod ticket;
pub mod waiver;

pub use attempt::{AttemptEvent, AttemptState};
pub use evidence::{Evidence, News, Source};
pub use fee::{FeeLine, FeeRule, FeeRules, SubjectFee, Waiver};
pub use order::{OrderEffect, OrderEvent, OrderState};
pub use refund::{RefundEvent, RefundReason, RefundState};
pub use settle::{Application, Attempt, Known, Order, Outcome, Settlement, settle};
pub use waiver::{WaiverCategory, WaiverEvent, WaiverRules, WaiverState};

/// A pair of state and event that no table has: a person must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{machine}状态“{state}”与事件“{event}”不符")]
pub struct Discrepancy {
    /// Which machine, in Chinese.
    pub machine: &'static str,
    /// Code of the state.
    pub state: &'static str,
    /// Code of the event.
    pub event: &'static str,
}
