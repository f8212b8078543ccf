//! An ended session in the middle of a form: what was typed travels, sealed, through the login and back into the form.
//!
//! 1. A form is posted and its session has ended. Nothing is done; the fields, secrets and files aside, are sealed
//!    together with the form's path and the mark of the account that the page was made for.
//! 2. The login page carries the token in the hidden field [`FIELD`].
//! 3. After the login, [`continue_page`] posts it back to the form's path (by itself, or by the button without JavaScript).
//! 4. The guard opens it, checks path and account, and shows the form's page (its GET) with [`Refill`]; the page calls
//!    [`crate::forms::Form::refill`]. Nothing is saved until the person does so.
//!
//! A form's page and its action therefore share one path.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::csrf;
use crate::flash::{self, Notice};
use crate::kit::Kit;
use crate::submission::Submission;
use crate::visit::Visit;

/// The hidden field that carries a token.
pub const FIELD: &str = "_resume";
/// A longer form isn't kept.
pub const LONGEST: usize = 64 * 1024;
const PURPOSE: &str = "resume";
const SECONDS: i64 = 30 * 60;

/// A sealed form, for the hidden field; empty if there is nothing to keep.
#[derive(Clone, Default)]
pub struct Resume(String);

impl std::fmt::Debug for Resume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resume({} bytes)", self.0.len())
    }
}

impl Resume {
    /// What a login form posted in its hidden field. Believed only when it is opened.
    pub fn from_field(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the hidden field.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    path: String,
    who: String,
    fields: Vec<(String, String)>,
}

/// What was typed, for the form that is shown again.
#[derive(Clone)]
pub struct Refill {
    fields: Vec<(String, String)>,
    notice: Notice,
}

impl std::fmt::Debug for Refill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refill({} fields)", self.fields.len())
    }
}

impl Refill {
    pub(crate) fn new(submission: &Submission, notice: Notice) -> Self {
        Self {
            fields: open_fields(submission),
            notice,
        }
    }

    pub(crate) fn notice(&self) -> Notice {
        self.notice
    }

    /// The values of a field, in order; empty if it wasn't sent.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Names that are never kept: whatever can open something. Forms call such fields by these names.
pub fn is_secret(name: &str) -> bool {
    name.starts_with('_')
        || name.contains("password")
        || name.contains("captcha")
        || name.contains("secret")
        || matches!(
            name,
            "otp" | "sms_code" | "activation_code" | "recovery_code"
        )
}

fn open_fields(submission: &Submission) -> Vec<(String, String)> {
    submission
        .fields()
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Seals what was posted to `path`.
pub(crate) fn keep(kit: &Kit, path: &str, submission: &Submission, at: Timestamp) -> Resume {
    let fields = open_fields(submission);
    let size: usize = fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if fields.is_empty() || size > LONGEST {
        return Resume::default();
    }
    let who = csrf::mark_of(submission.csrf()).to_owned();
    let kept = Kept {
        path: path.to_owned(),
        who,
        fields,
    };
    Resume(crate::seal::seal(
        kit.seal(),
        PURPOSE,
        &kept,
        at.plus_seconds(SECONDS),
    ))
}

fn open(kit: &Kit, text: &str, at: Timestamp) -> Option<Kept> {
    crate::seal::open::<Kept>(kit.seal(), PURPOSE, text, at).map(|(kept, _)| kept)
}

/// What the guard does with a posted token: the form's fields, if they belong to this page and this person.
pub(crate) fn refill(visit: &Visit, resume: &Resume) -> Option<Refill> {
    let kept = open(visit.kit(), resume.as_str(), visit.at())?;
    let same_person = kept.who == visit.mark() || kept.who == csrf::NOBODY;
    (kept.path == visit.path() && same_person).then_some(Refill {
        fields: kept.fields,
        notice: flash::RESUMED,
    })
}

/// The page between login and form, for who logged in with a kept form: it posts the form back by itself, or by its
/// button. `None` if there is no good token, or it isn't this person's: then redirect to the home page as ever.
///
/// `token` is the session just opened, for the account `subject_id`.
pub fn continue_page(
    visit: &Visit,
    resume: &Resume,
    token: &str,
    subject_id: i64,
) -> Option<axum::response::Response> {
    let kept = open(visit.kit(), resume.as_str(), visit.at())?;
    let kind = match visit.surface() {
        crate::session::Surface::Public => "candidate",
        crate::session::Surface::Office => "staff",
    };
    let mark = visit.kit().parts().csrf_key.mark(kind, subject_id);
    if kept.who != mark && kept.who != csrf::NOBODY {
        return None;
    }
    let csrf = visit.csrf_after_login(token, (kind, subject_id));
    Some(crate::system::continue_page(
        visit,
        &kept.path,
        resume.as_str(),
        &csrf,
    ))
}
