//! What a candidate submits: the choice in words, the sealed snapshot.

use domain::exam::snapshot::Choice;

use super::store::ApplicationRow;
use crate::{Error, Result};

/// What the candidate applied for.
pub fn choice_of(row: &ApplicationRow) -> Result<Choice> {
    serde_json::from_str(&row.choice).map_err(|e| Error::internal("application.choice", e))
}
