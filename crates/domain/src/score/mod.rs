//! Scores: marks with their flags, the exam's formula, totals, ranks, pass lines, import and publication.
//!
//! A batch of scores is imported by one person, checked by another and published at a set time
//! ([`publication`]). Marks are exact decimals ([`decimal`]); a zero is a score, an absence isn't. Totals and ranks are
//! computed a second time by other means ([`second`]), for the tests and the invariants.

pub mod bonus;
pub mod bonus_claim;
pub mod decimal;
pub mod formula;
pub mod import;
pub mod incidents;
pub mod mark;
mod paper;
pub mod publication;
pub mod rank;
pub mod rules;
pub mod second;
pub mod sheet_code;
pub mod validity;

pub use decimal::{Decimal, Ratio, Rounding};
pub use formula::Formula;
pub use mark::{Flag, Mark};
pub use rules::{ScoreRules, Total};

#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod second_tests;
