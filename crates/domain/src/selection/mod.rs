//! 面试与聘用: from the written result to the hiring.
//!
//! The settings are [`rules`]; who comes to the interview is [`shortlist`]; where each stands after that is [`stage`]; who follows
//! when somebody leaves is [`promote`]; totals of both parts and who goes to the 体检 are [`combine`]; lists are made and published
//! as [`round`]s. [`second`] computes the list once more for the tests and the invariants. The interview itself is [`crate::interview`],
//! the 公示 [`crate::publicity`].

pub mod combine;
pub mod promote;
pub mod round;
pub mod rules;
pub mod second;
pub mod shortlist;
pub mod stage;

#[cfg(test)]
mod list_props;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod stage_tests;

pub use combine::{FinalPlace, Finalist, combine, final_ranks};
pub use promote::next_in_line;
pub use round::{RoundEvent, RoundKind, RoundState};
pub use rules::SelectionRules;
pub use shortlist::{Listed, Runner, Verdict, Why, shortlist};
pub use stage::{Entry, Path, Stage, StageEvent};
