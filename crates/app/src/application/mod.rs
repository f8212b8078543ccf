//! 报考: one person's application in one exam, from 报名 to the ticket.
//!
//! `draft → live → ended`; a live one carries the tracks review, payment and attendance. [`advance`] is the only function
//! that moves a state and does what follows from it; review, payment, arrangement and the timers call it. What a
//! candidate submits is kept as a sealed snapshot whose hash stands in every decision on it (invariant 14).
//!
//! Columns that others read: `choice` is the JSON of [`domain::exam::snapshot::Choice`] (subjects of a professional exam
//! among it), `unit` the reviewing unit of the position, `fee` what is to pay in 分, `review_due` the instant by which
//! whoever is to act on the review must act (0 for none).

mod advance;
mod content;
mod effects;
mod money;
mod notice;
mod refusal;
mod rules;
pub(crate) mod store;

pub(crate) use advance::{Extra, advance, advance_with};
pub use content::choice_of;
pub use store::ApplicationRow;
