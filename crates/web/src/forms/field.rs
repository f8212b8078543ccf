//! One field of a form.

/// A choice of a list, a row of buttons, or a set of boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it says.
    pub text: String,
    /// A second line; empty for none.
    pub hint: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            hint: String::new(),
        }
    }

    /// With a second line.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl<V: Into<String>, T: Into<String>> From<(V, T)> for Choice {
    fn from((value, text): (V, T)) -> Self {
        Self::new(value, text)
    }
}

/// What a field is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A password: never shown again.
    Password,
    /// Several lines.
    TextArea {
        /// How many are shown.
        rows: u8,
    },
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A date and a minute.
    DateTime,
    /// A list to choose one from.
    Select,
    /// One of a few, all in sight.
    Radio,
    /// Any of a few.
    Checks,
    /// Yes or no; the label is what is agreed to.
    Check,
    /// A file.
    File {
        /// What the chooser offers: `image/jpeg`, `.xlsx`.
        accept: String,
    },
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    name: String,
    label: String,
    kind: Kind,
    hint: String,
    required: bool,
    /// Says （选填）.
    optional: bool,
    disabled: bool,
    values: Vec<String>,
    message: Option<String>,
    choices: Vec<Choice>,
    blank: String,
    attributes: Vec<(&'static str, String)>,
    id: Option<String>,
    narrow: bool,
}

impl Field {
    fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            hint: String::new(),
            required: false,
            optional: false,
            disabled: false,
            values: Vec::new(),
            message: None,
            choices: Vec::new(),
            blank: String::new(),
            attributes: Vec::new(),
            id: None,
            narrow: false,
        }
    }

    /// A line of text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Text)
    }

    /// A password.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Password)
    }

    /// Several lines of text.
    pub fn text_area(name: impl Into<String>, label: impl Into<String>, rows: u8) -> Self {
        Self::new(name, label, Kind::TextArea { rows })
    }

    /// A date.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Date)
    }

    /// A date and a minute, Beijing time.
    pub fn date_time(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::DateTime)
    }

    /// A list to choose from, beginning with 请选择.
    pub fn select<C: Into<Choice>>(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = C>,
    ) -> Self {
        let mut field = Self::new(name, label, Kind::Select);
        field.choices = choices.into_iter().map(Into::into).collect();
        field.blank = "请选择".into();
        field
    }

    /// One of a few.
    pub fn radio<C: Into<Choice>>(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = C>,
    ) -> Self {
        let mut field = Self::new(name, label, Kind::Radio);
        field.choices = choices.into_iter().map(Into::into).collect();
        field
    }

    /// Any of a few.
    pub fn checks<C: Into<Choice>>(
        name: impl Into<String>,
        label: impl Into<String>,
        choices: impl IntoIterator<Item = C>,
    ) -> Self {
        let mut field = Self::new(name, label, Kind::Checks);
        field.choices = choices.into_iter().map(Into::into).collect();
        field
    }

    /// Yes or no.
    pub fn check(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Check)
    }

    /// A file.
    pub fn file(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
    ) -> Self {
        Self::new(
            name,
            label,
            Kind::File {
                accept: accept.into(),
            },
        )
    }

    /// A line between label and input.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Has to be filled in: marked with `*`.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says （选填）.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Shown, but not to be changed here. Isn't sent.
    #[must_use]
    pub fn locked(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// Its value before anybody typed.
    #[must_use]
    pub fn with(mut self, value: impl Into<String>) -> Self {
        self.values = vec![value.into()];
        self
    }

    /// Its values before anybody chose.
    #[must_use]
    pub fn with_all<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// The first line of a list, instead of 请选择: 全部.
    #[must_use]
    pub fn blank(mut self, text: impl Into<String>) -> Self {
        self.blank = text.into();
        self
    }

    /// An attribute of the input: `inputmode`, `autocomplete`, `maxlength`.
    #[must_use]
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// For digits: brings up the number keys.
    #[must_use]
    pub fn digits(self) -> Self {
        self.attribute("inputmode", "numeric")
    }

    /// An id of its own, where one page shows two forms with the same field.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Only as wide as a short code needs.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    // Used by the form

    pub(super) fn set(&mut self, values: &[&str]) {
        // What opens something is never written into a page again, and a file can't be.
        let forgotten = matches!(self.kind, Kind::Password | Kind::File { .. })
            || crate::resume::is_secret(&self.name);
        if !forgotten && !self.disabled {
            self.values = values.iter().map(|value| (*value).to_owned()).collect();
        }
    }

    pub(super) fn refuse(&mut self, message: &str) {
        // The first thing that is wrong is the one to mend first.
        self.message.get_or_insert_with(|| message.to_owned());
    }

    // Read by templates

    /// The name that is sent.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it is filled in with.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The hint, empty for none.
    pub fn hint_text(&self) -> &str {
        &self.hint
    }

    /// Must it be filled in?
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Is it marked （选填）?
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// Is it locked?
    pub fn is_locked(&self) -> bool {
        self.disabled
    }

    /// Is it narrow?
    pub fn is_narrow(&self) -> bool {
        self.narrow
    }

    /// What has to be mended.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The element's id.
    pub fn element(&self) -> String {
        self.id
            .clone()
            .unwrap_or_else(|| format!("f-{}", self.name))
    }

    /// Where the summary leads: the input, or the first of a group.
    pub fn anchor(&self) -> String {
        match self.kind {
            Kind::Radio | Kind::Checks => format!("{}-0", self.element()),
            _ => self.element(),
        }
    }

    /// The ids of hint and error, for `aria-describedby`; empty for none.
    pub fn described_by(&self) -> String {
        let id = self.element();
        let hint = (!self.hint.is_empty()).then(|| format!("{id}-h"));
        let error = self.message.is_some().then(|| format!("{id}-e"));
        [hint, error]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The first value.
    pub fn first(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Is this choice the one, or one of those, chosen?
    pub fn is_chosen(&self, choice: &str) -> bool {
        self.values.iter().any(|value| value == choice)
    }

    /// Is the box ticked?
    pub fn is_ticked(&self) -> bool {
        matches!(self.first(), "1" | "on" | "true" | "yes")
    }

    /// The choices.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The first line of a list.
    pub fn blank_text(&self) -> &str {
        &self.blank
    }

    /// The input's further attributes.
    pub fn attributes(&self) -> &[(&'static str, String)] {
        &self.attributes
    }

    /// The input's type.
    pub fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::DateTime => "datetime-local",
            Kind::File { .. } => "file",
            _ => "text",
        }
    }
}
