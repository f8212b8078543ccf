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
mod change;
mod content;
pub mod draft_form;
mod effects;
pub mod files;
pub mod integrity;
mod integrity_store;
mod money;
mod notice;
mod photo_gate;
mod refusal;
mod rules;
mod sheet;
pub(crate) mod store;
mod submit;
mod view;
pub(crate) mod wipe_store;

pub use documents::registration_form::{Block, RegistrationForm};

pub(crate) use advance::{Extra, advance, advance_with};
pub(crate) use change::own_row;
pub use change::{appeal, withdraw};
pub use content::{
    Agreed, Kept, PersonCopy, Pick, Picked, PickedCarried, Prepared, asked, bill, choice_of,
    claims_passes, counted_to, facts, pick, prepare, wanted_parts,
};
pub(crate) use content::{kept, submitted_facts};
pub(crate) use integrity::is_barred;
pub(crate) use notice::paid_for;
pub(crate) use photo_gate::{photo_approved, photo_replaced};
pub(crate) use sheet::archive_pdf;
pub use sheet::{choice_fields, sheet, sheet_pdf};
pub(crate) use store::verdict_put;
pub use store::{ApplicationRow, EventRow};
pub use submit::{Form, Saved, submit};
pub(crate) use view::view;
pub use view::{
    View, living, mine, own, own_answers, own_attachment, own_content, own_events, own_photo,
};
