//! 考试: what an exam is, as data.
//!
//! Nearly nothing is a constant ([`settings`]): steps, windows, fees, photo, questions, scores and ticket numbers are
//! settings with a version, and an application keeps a [`snapshot`] of what it was made under. Positions and subjects
//! come from the centre's own tables ([`table`]).

pub mod along;
pub mod asked;
pub mod carried;
#[cfg(test)]
mod carried_tests;
pub mod counts;
pub mod described;
pub mod frozen;
pub mod left;
pub mod levels;
pub mod next;
pub mod position;
pub mod professional;
pub mod question;
#[cfg(test)]
mod question_tests;
pub mod settings;
pub mod snapshot;
pub mod state;
pub mod steps;
pub mod table;
pub mod windows;

pub use along::Along;
pub use asked::{AskedOf, SeenBy, TextForm};
pub use carried::{Carried, Lookup, Standing};
pub use counts::PublicCounts;
pub use left::ReviewLeft;
pub use levels::{LevelRule, LevelRules, OnMismatch, TakeMode};
pub use position::{
    OpenRatio, Position, PositionOutcome, PositionState, RatioBasis, RatioOutcome, RatioStanding,
    open_ratio,
};
pub use professional::{LevelChoice, ProfessionalTable, Subject};
pub use question::{Answer, Question, QuestionKind};
pub use settings::ExamSettings;
pub use snapshot::Snapshot;
pub use state::{ExamCategory, ExamEvent, ExamState};
pub use steps::Steps;
pub use windows::{OpenNow, Phase, Windows};
