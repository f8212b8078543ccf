//! An ended session in the middle of a form: what was typed travels, sealed, through the login and back into the form.
//!
//! 1. A form is posted and its session has ended. Nothing is done; the fields, secrets and files aside, are sealed
//!    together with the form's path and the mark of the account that the page was made for.
//! 2. The login page carries the token in the hidden field [`FIELD`], and so does each further step of the login.
//! 3. After the login, [`continue_page`] posts it back to the form's path (by itself, or by the button without JavaScript).
//! 4. The guard opens it, checks path and account, and shows the form's page with [`Refill`]. Nothing is saved until the
//!    person does so.
//!
//! The form's page is the GET of its own path or, if there is none, of the nearest path above it that has one
//! (`/office/reviews/{exam}/{id}/decide` stands on `/office/reviews/{exam}/{id}`). The page may call
//! [`crate::forms::Form::refill`]; what it doesn't fill in itself is filled in afterwards (the module `refill`).

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
pub const LONGEST: usize = 128 * 1024;
const PURPOSE: &str = "resume";
const SECONDS: i64 = 30 * 60;

/// A sealed form, for the hidden field; empty if there is nothing to keep.
#[derive(Clone, Default)]
pub struct Resume {
    token: String,
    lost: Lost,
}

/// What of a form can't travel along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Lost {
    /// Nothing: all that was typed is kept.
    #[default]
    Nothing,
    /// There was nothing typed.
    Button,
    /// Files: they have to be chosen again.
    Files,
    /// All of it: more than [`LONGEST`].
    TooLong,
}

impl std::fmt::Debug for Resume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resume({} bytes)", self.token.len())
    }
}

impl Resume {
    /// What a login form posted in its hidden field. Believed only when it is opened.
    pub fn from_field(text: impl Into<String>) -> Self {
        Self {
            token: text.into(),
            lost: Lost::Nothing,
        }
    }

    /// For the hidden field.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// Nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.token.is_empty()
    }

    /// What the login page says about the form that was just sent in vain.
    pub fn notice(&self) -> Notice {
        match self.lost {
            Lost::Nothing => flash::SESSION_ENDED,
            Lost::Button => flash::SESSION_ENDED_BUTTON,
            Lost::Files => flash::SESSION_ENDED_FILES,
            Lost::TooLong => flash::SESSION_ENDED_TOO_LONG,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    path: String,
    who: String,
    fields: Vec<(String, String)>,
    /// Where the form stands, with its query; empty if only its path is known.
    page: String,
    /// Files were sent with it.
    files: bool,
}

/// What was typed, for the form that is shown again.
#[derive(Clone)]
pub struct Refill {
    path: String,
    fields: Vec<(String, String)>,
    notice: Notice,
    resume: Resume,
}

impl std::fmt::Debug for Refill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refill({} fields)", self.fields.len())
    }
}

impl Refill {
    pub(crate) fn new(path: &str, submission: &Submission, notice: Notice) -> Self {
        Self {
            path: path.to_owned(),
            fields: open_fields(submission),
            notice,
            resume: submission.resume(),
        }
    }

    #[cfg(test)]
    pub(crate) fn of(path: &str, fields: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            path: path.to_owned(),
            fields: fields.iter().map(owned).collect(),
            notice: flash::RESUMED,
            resume: Resume::default(),
        }
    }

    /// Where the form posts to.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The kept form that a login form carried, when it is the login form that is shown again.
    pub fn resume(&self) -> &Resume {
        &self.resume
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

/// Seals what was posted. `page` is where its form stands.
pub(crate) fn keep(visit: &Visit, submission: &Submission, page: &str) -> Resume {
    let (kit, at) = (visit.kit(), visit.at());
    let fields = open_fields(submission);
    let size: usize = fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let files = !submission.files().is_empty();
    let lost = match (fields.is_empty(), files) {
        _ if size > LONGEST => Lost::TooLong,
        (_, true) => Lost::Files,
        (true, false) => Lost::Button,
        (false, false) => Lost::Nothing,
    };
    if matches!(lost, Lost::TooLong | Lost::Button) {
        return Resume {
            token: String::new(),
            lost,
        };
    }
    let who = csrf::mark_of(submission.csrf()).to_owned();
    let kept = Kept {
        path: visit.path().to_owned(),
        who,
        fields,
        page: page.to_owned(),
        files,
    };
    let token = crate::seal::seal(kit.seal(), PURPOSE, &kept, at.plus_seconds(SECONDS));
    Resume { token, lost }
}

fn open(kit: &Kit, text: &str, at: Timestamp) -> Option<Kept> {
    crate::seal::open::<Kept>(kit.seal(), PURPOSE, text, at).map(|(kept, _)| kept)
}

/// What the guard does with a posted token: the form's fields and its page, if they belong to this path and this person.
pub(crate) fn refill(visit: &Visit, resume: &Resume) -> Option<(Refill, String)> {
    let kept = open(visit.kit(), resume.as_str(), visit.at())?;
    if kept.path != visit.path() || !is_whose(visit, &kept, &visit.mark()) {
        return None;
    }
    let refill = Refill {
        path: kept.path,
        fields: kept.fields,
        notice: if kept.files {
            flash::RESUMED_FILES
        } else {
            flash::RESUMED
        },
        resume: Resume::default(),
    };
    Some((refill, kept.page))
}

/// A page made for one person is never shown to another. One made for nobody in particular held nobody's secrets.
fn is_whose(visit: &Visit, kept: &Kept, mark: &str) -> bool {
    kept.who == mark || kept.who == csrf::NOBODY || !visit.kit().checks_owner()
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
    if !is_whose(visit, &kept, &mark) {
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
