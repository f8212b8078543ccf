//! 考试: set up, published, closed, with its windows, its position or subject table, and the live counts of both.
//!
//! States `draft → published ⇄ closed → archived`. While an exam is a draft everything about it may change
//! ([`setup`], [`part`]); once it is published nothing changes in place: what is saved is drafted, and published with a notice
//! ([`change`]). Settings carry a version; who asks gets them parsed, from memory ([`find`]).
//!
//! Positions and subjects come from the centre's own tables ([`import`]): rows are staged under a batch and become visible
//! when `exam.positions_batch` is pointed at it. A table that is visible never changes, so it is held in memory
//! ([`positions`]); what does change (places taken, counts, whether it was cancelled) is read apart, every few seconds.
//! Published, a position is amended by a revision that `exam.positions_amendment` points at ([`amendment`]); what becomes of
//! positions to which too few came is decided by two people and carried out by a job ([`decision`], [`reapply`]).
//!
//! Called by the portal and by `application` (choice, capacity), by the office, and by `arrangement` and `score`, whose
//! imports use the same batches.

pub mod amendment;
mod amendment_store;
mod catalogue;
pub mod change;
mod change_store;
pub mod decision;
mod decision_store;
pub mod export;
pub mod import;
mod import_store;
pub mod part;
mod places;
mod position_store;
pub mod positions;
pub mod preset;
mod preview;
mod progress;
mod publish;
pub mod reapply;
pub mod setup;
mod shelf;
mod store;
pub mod structure;
mod subjects;
pub(crate) mod wipe_store;

pub use catalogue::{Catalogue, Exam, Viewer, find, find_by_id, public_list, shown, shown_list};
pub(crate) use catalogue::{find_in, rehearsal_id, running_list};
pub use import_store::{BatchRow, ProblemRow};
pub(crate) use places::{give_back, take};
pub use position_store::{PositionRow, SubjectRow};
pub(crate) use position_store::{position_by_id, position_state};
pub use preview::preview;
pub use progress::next_steps;
pub(crate) use publish::archive_in;
pub use publish::{Check, check, close, publish, reopen, unpublish};
pub use setup::Figures;
pub use store::ExamRow;
pub(crate) use store::{
    exam_point_scores, exam_point_seats, registration_no_take, settings_at, shut,
};
pub use subjects::{subject_rows, subjects};
