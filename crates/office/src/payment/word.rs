//! The second person's word about money, as its form asks for it and sends it.

use serde::Deserialize;
use web::Problem;
use web::forms::{Field, Form};

use crate::context::Desk;

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Word {
    /// Why not, or what he saw.
    pub note: String,
    decision: String,
}

impl Word {
    /// Whether he agrees: `yes` is what the button for that sends, `refuse` the other.
    ///
    /// # Errors
    /// `BadRequest` with `choose` for anything else.
    pub(super) fn agrees(&self, yes: &str, choose: &'static str) -> Result<bool, Problem> {
        match self.decision.as_str() {
            word if word == yes => Ok(true),
            "refuse" => Ok(false),
            _ => Err(Problem::BadRequest(choose)),
        }
    }
}

/// The form; its buttons stand on the page. `hint` says when the note may be left out.
pub(super) fn form(desk: &Desk, action: String, hint: &str) -> Form {
    let note = Field::text_area("note", "说明", 3).hint(hint).optional();
    Form::new(&desk.visit, action).bare().field(note)
}
