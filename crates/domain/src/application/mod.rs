//! 报考: one person's application in one exam.
//!
//! `Draft | Live | Ended(reason)`. A living application carries three tracks, a column each: review, payment and
//! attendance. The exam's [`Steps`](crate::exam::Steps) are the gates between them. [`advance()`] is the only function
//! that moves a state; `app::application::advance` is the only caller that stores the result.

pub mod advance;
#[cfg(test)]
mod cancel;
pub mod event;
#[cfg(test)]
mod free;
pub mod moves;
pub mod number;
pub mod progress;
#[cfg(test)]
mod refunded;
pub mod refused;
pub mod state;
pub mod tally;

pub use advance::{Gates, Rules, advance, may_be_seated, payment_open};
pub use event::{Effect, Event};
pub use moves::{MoveRules, WhenMove};
pub use number::registration_no;
pub use refused::Refused;
pub use state::{Attendance, EndReason, Life, Payment, State, Tracks};
pub use tally::Tally;
