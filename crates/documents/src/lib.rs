//! Struct in, bytes out: the papers that people carry and the tables that centres exchange. No SQL, no HTTP.
//!
//! Three kinds of work live here:
//!
//! - **Papers** as PDF, set by typst: [`ticket`], [`registration_form`], [`receipt`], [`activation`], [`score_sheet`],
//!   [`room`], [`listing`]. Each has a struct of ready-to-print texts and `render(&Engine, &…, &Imprint)`. One [`Engine`] is built at
//!   start and shared; a call takes 10–30 ms of one core, so callers run it on a blocking thread, as many at once as there
//!   are cores.
//! - **Tables in**: [`xlsx::read`] and [`csv_file::read`] give `domain::sheet` values. Uploads are hostile until shown
//!   otherwise; limits are checked before any parser sees the file.
//! - **Tables out**: [`xlsx::Writer`] and [`csv_file::Writer`]; [`bundle`] packs files together.
//!
//! `app` is the only caller. The same input gives the same bytes, always: time and identity are arguments
//! ([`Imprint`]).

pub mod activation;
pub mod apart;
pub mod barcode;
pub mod bundle;
pub mod csv_file;
pub mod door_slip;
mod engine;
mod error;
mod fault;
pub mod fonts;
pub mod listing;
mod looked_at;
pub mod money;
pub mod receipt;
pub mod registration_form;
pub mod room;
pub mod score_sheet;
mod text;
pub mod ticket;
pub mod xlsx;

pub use engine::{Engine, Imprint, MOST_PICTURES, Pdf, Templates};
pub use error::{DocumentError, Fault};
pub use fonts::Fonts;

use serde::{Deserialize, Serialize};

/// A label and its text, as printed side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `姓名`.
    pub label: String,
    /// The text; an empty one leaves the box blank.
    pub value: String,
}

impl Field {
    /// A field from anything that turns into text.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
        }
    }
}
