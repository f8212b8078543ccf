//! A use case's answer as the page that says so: one mapping for both sites.

use app::Trouble;
use domain::field::FieldErrors;

use super::{PageError, Problem, Refusal};

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        use app::Error as E;
        match error {
            E::Fields(errors) => {
                let text: Vec<&str> = errors.iter().map(|(_, message)| message).collect();
                Self::Unprocessable(text.join("；"))
            }
            E::Refused(refusal) => {
                Self::Refused(Refusal::new(refusal.code, refusal.title, refusal.text))
            }
            E::NotFound => Self::NotFound,
            E::Forbidden => Self::Forbidden,
            E::Conflict(text) => Self::Conflict(text.to_owned()),
            E::Busy(wait) => Self::Busy { wait },
            E::TooMany(wait) => Self::TooMany { wait },
            error @ (E::Db(_) | E::Internal { .. }) => match error.trouble() {
                Some(Trouble::Full) => Self::DiskFull,
                Some(Trouble::Slow) => Self::TooSlow,
                Some(Trouble::Away) => {
                    tracing::error!(%error, "the database is away");
                    Self::DatabaseAway
                }
                Some(Trouble::Fault) | None => Self::caused("use case", error),
            },
        }
    }
}

/// A use case's answer as the page that says so. Errors of fields belong back into the form ([`fields`]); one that still arrives
/// here is shown as a page of its own.
pub fn problem(error: app::Error) -> PageError {
    Problem::from(error).into()
}

/// What a form has to mend, or the page of any other answer.
///
/// ```ignore
/// match app::profile::save_basic(&me.ctx, &form).await {
///     Ok(()) => Ok(redirect_with(&me.visit, "/profile", flash::SAVED)),
///     Err(error) => { let errors = fields(error)?; show the form again }
/// }
/// ```
///
/// # Errors
/// The page of an answer that isn't about fields.
pub fn fields(error: app::Error) -> Result<FieldErrors, PageError> {
    match error {
        app::Error::Fields(errors) => Ok(errors),
        other => Err(problem(other)),
    }
}
