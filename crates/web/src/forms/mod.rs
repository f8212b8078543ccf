//! Forms as pages show them: fields with label, hint, error and input in that order, an error summary on top, every value
//! kept (secrets aside).
//!
//! ```ignore
//! let form = Form::new(visit, "/profile")
//!     .field(Field::text("major", "所学专业").hint("按毕业证书上的专业填写").required())
//!     .field(Field::select("identity", "人员身份", identities).required())
//!     .values(&submission)      // after a failed POST: what was typed
//!     .errors(&field_errors)
//!     .refill(visit);           // after an ended session: what was typed
//! ```
//!
//! A template shows `{{ form.summary() }}`, `{{ form.open() }}`, then `{{ form.input("major") }}` for each field, its buttons, and
//! `</form>`.

mod field;
mod view;

pub use field::{Choice, Field, Kind};
pub use view::InputView;

use std::collections::BTreeMap;

use domain::field::FieldErrors;

use crate::csrf;
use crate::submission::Submission;
use crate::visit::Visit;
use view::{Hidden, Open, Summary};

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    action: String,
    csrf: String,
    fields: Vec<Field>,
    /// Errors that belong to no field of this form, shown in the summary only.
    loose: Vec<String>,
    panel: bool,
    draft: Option<String>,
    once: bool,
}

impl Form {
    /// A form that posts to `action`. Its page is that path's or one's above it (see [`crate::resume`]).
    pub fn new(visit: &Visit, action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            csrf: visit.csrf(),
            fields: Vec::new(),
            loose: Vec::new(),
            panel: true,
            draft: None,
            once: true,
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds fields.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Without the white panel around it.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.panel = false;
        self
    }

    /// Keeps a draft at this address while it is filled in.
    #[must_use]
    pub fn draft(mut self, address: impl Into<String>) -> Self {
        self.draft = Some(address.into());
        self
    }

    /// Sets one field's value.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if let Some(field) = self.find(name) {
            field.set(&[value.as_str()]);
        }
        self
    }

    /// Shows what was typed again.
    #[must_use]
    pub fn values(mut self, submission: &Submission) -> Self {
        for field in &mut self.fields {
            let name = field.name().to_owned();
            let values: Vec<&str> = submission
                .fields()
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .collect();
            field.set(&values);
        }
        self
    }

    /// Shows what was kept as a draft, by field.
    #[must_use]
    pub fn kept(mut self, fields: &BTreeMap<String, Vec<String>>) -> Self {
        for field in &mut self.fields {
            let values: Vec<&str> = fields
                .get(field.name())
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            field.set(&values);
        }
        self
    }

    /// Shows what was typed before the session ended, if the page is shown for that.
    #[must_use]
    pub fn refill(mut self, visit: &Visit) -> Self {
        let action = self.action.split('?').next().unwrap_or_default();
        if let Some(refill) = visit.refill_of(action) {
            for field in &mut self.fields {
                let name = field.name().to_owned();
                let values: Vec<&str> = refill.values(&name).collect();
                field.set(&values);
            }
        }
        self
    }

    /// Shows what has to be mended.
    #[must_use]
    pub fn errors(mut self, errors: &FieldErrors) -> Self {
        for (key, message) in errors.iter() {
            self = self.error(key, message);
        }
        self
    }

    /// Shows one thing that has to be mended. A key that no field has stands in the summary alone.
    #[must_use]
    pub fn error(mut self, key: &str, message: &str) -> Self {
        match self.find(key) {
            Some(field) => field.refuse(message),
            None => self.loose.push(message.to_owned()),
        }
        self
    }

    fn find(&mut self, name: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.name() == name)
    }

    // Read by templates

    /// Has anything to be mended?
    pub fn has_errors(&self) -> bool {
        !self.loose.is_empty() || self.fields.iter().any(|field| field.message().is_some())
    }

    /// The error summary, links in the order of the fields; nothing without errors.
    pub fn summary(&self) -> Summary<'_> {
        let linked = self.fields.iter().filter_map(|field| {
            field.message().map(|message| {
                // "应为 1 到 99 之间的整数" alone wouldn't say of what.
                let named = message.contains(field.label()) || field.label().is_empty();
                let name = if named { "" } else { field.label() };
                (Some(field.anchor()), name, message)
            })
        });
        let loose = self.loose.iter();
        let loose = loose.map(|message| (None, "", message.as_str()));
        Summary {
            items: loose.chain(linked).collect(),
        }
    }

    /// The line that explains `*`; nothing if no field is required.
    pub fn legend(&self) -> view::Legend {
        view::Legend {
            required: self.fields.iter().any(Field::is_required),
            kept: self.has_errors(),
        }
    }

    /// The opening tag with the hidden token. `</form>` is the template's.
    pub fn open(&self) -> Open<'_> {
        let files = self
            .fields
            .iter()
            .any(|field| matches!(field.kind(), Kind::File { .. }));
        Open {
            action: &self.action,
            csrf: &self.csrf,
            csrf_name: csrf::FIELD,
            files,
            panel: self.panel,
            draft: self.draft.as_deref(),
            once: self.once,
        }
    }

    /// One field, whole. A name that the form doesn't have shows nothing, and is found by the test that renders all pages.
    pub fn input<'a>(&'a self, name: &str) -> InputView<'a> {
        InputView {
            field: self.fields.iter().find(|field| field.name() == name),
        }
    }

    /// All fields in order.
    pub fn inputs(&self) -> Vec<InputView<'_>> {
        self.fields
            .iter()
            .map(|field| InputView { field: Some(field) })
            .collect()
    }

    /// A hidden field.
    pub fn hidden<'a>(&self, name: &'a str, value: &'a str) -> Hidden<'a> {
        Hidden { name, value }
    }

    /// Keeps the last value of a field that is shown by hand.
    pub fn value_of(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|field| field.name() == name)
            .map_or("", Field::first)
    }

    /// What a field that is shown by hand has to mend.
    pub fn message_of(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|field| field.name() == name)
            .and_then(Field::message)
    }
}
