//! 成绩: imported by one person, checked by another, published for a set time.
//!
//! A batch is `staging → imported → checked → published → superseded`, or `discarded` before it is published. Rows are staged in
//! chunks; one flip of `exam.score_batch` makes them the exam's, and [`crate::exam::Exam::scores_visible`] says from when on anybody may
//! see them. Every read for a candidate asks it first (invariant 20). A published score changes only by a later batch with a
//! reason (invariant 19); the old batch stays.
//!
//! Marks are exact decimals as text; an absence, a violation, a void mark, a zero and no mark at all stay five different things.
//!
//! Called by the office and by the candidate's 成绩查询.

mod batch;
mod export;
mod export_store;
mod import;
mod marks;
mod own;
mod stage;
mod store;
mod subjects;
pub(crate) mod wipe_store;

pub use batch::{
    Batch, Change, SubjectFigures, batch, batches, changes, check, discard, figures, publish,
};
pub use export::{Booked, book, export};
pub use import::upload;
pub use marks::{Looked, marks, marks_under};
pub(crate) use own::to_see;
pub use own::{Item, Line, Report, Waiting, list, own, sheet};
pub use store::{BatchRow, MarkRow};
