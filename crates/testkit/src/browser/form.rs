//! A form: the values that the page put in, and what the visitor does to them.

use http::{HeaderValue, Method};

/// A file that is about to be sent.
#[derive(Debug, Clone)]
struct Attached {
    field: String,
    name: String,
    media_type: String,
    bytes: Vec<u8>,
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    method: Method,
    action: String,
    multipart: bool,
    fields: Vec<(String, String)>,
    files: Vec<Attached>,
    /// Name, value and words of each submit button.
    pressable: Vec<(String, String, String)>,
    unanswered: bool,
}

/// A form as it goes over the wire.
#[derive(Debug)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The content type, none for GET.
    pub content_type: Option<HeaderValue>,
    /// The body.
    pub body: Vec<u8>,
}

impl Form {
    pub(super) fn new(method: Method, action: String, multipart: bool) -> Self {
        Self {
            method,
            action,
            multipart,
            fields: Vec::new(),
            files: Vec::new(),
            pressable: Vec::new(),
            unanswered: false,
        }
    }

    /// A form to `action` without a field: for what no page offers.
    pub fn empty(action: &str) -> Self {
        Self::new(Method::POST, action.to_owned(), false)
    }

    pub(super) fn push(&mut self, name: String, value: String) {
        self.fields.push((name, value));
    }

    pub(super) fn push_button(&mut self, name: String, value: String, words: String) {
        self.pressable.push((name, value, words));
    }

    /// The path that it is sent to.
    pub fn path(&self) -> &str {
        self.action.split(['?', '#']).next().unwrap_or_default()
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The names of its fields.
    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The words on its buttons.
    pub fn buttons(&self) -> Vec<&str> {
        self.pressable
            .iter()
            .map(|(_, _, words)| words.as_str())
            .collect()
    }

    /// Types into a field or chooses: one value instead of all that it had.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets several fields.
    #[must_use]
    pub fn set_all(mut self, values: &[(&str, &str)]) -> Self {
        for (name, value) in values {
            self = self.set(name, value);
        }
        self
    }

    /// Adds a value: ticks a box, adds a row.
    #[must_use]
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a field out: unticks a box.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self
    }

    /// Chooses a file.
    #[must_use]
    pub fn file(mut self, field: &str, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        self.multipart = true;
        self.fields.retain(|(key, _)| key != field);
        self.files.push(Attached {
            field: field.to_owned(),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            bytes: bytes.to_vec(),
        });
        self
    }

    /// Presses the button with these words: its name and value go along.
    #[must_use]
    #[track_caller]
    pub fn press(mut self, words: &str) -> Self {
        let found = self
            .pressable
            .iter()
            .find(|(_, _, text)| text.contains(words))
            .cloned();
        let (name, value, _) =
            found.unwrap_or_else(|| panic!("no button {words:?} among {:?}", self.buttons()));
        if !name.is_empty() {
            self.fields.push((name, value));
        }
        self
    }

    /// Sends it to another path, fields as they are.
    #[must_use]
    pub fn to(mut self, action: &str) -> Self {
        self.action = action.to_owned();
        self
    }

    /// Leaves the captcha as it is.
    #[must_use]
    pub fn without_captcha(mut self) -> Self {
        self.unanswered = true;
        self
    }

    pub(super) fn answers_captcha(&self) -> bool {
        !self.unanswered
    }

    /// As it goes over the wire.
    pub fn encode(&self) -> Sent {
        if self.method == Method::GET {
            let query = urlencoded(&self.fields);
            let target = if query.is_empty() {
                self.path().to_owned()
            } else {
                format!("{}?{query}", self.path())
            };
            return Sent {
                method: Method::GET,
                target,
                content_type: None,
                body: Vec::new(),
            };
        }
        let (content_type, body) = if self.multipart {
            (
                "multipart/form-data; boundary=----baokao-testkit-7d1f",
                self.multipart_body(),
            )
        } else {
            (
                "application/x-www-form-urlencoded",
                urlencoded(&self.fields).into_bytes(),
            )
        };
        Sent {
            method: Method::POST,
            target: self.action.clone(),
            content_type: Some(HeaderValue::from_static(content_type)),
            body,
        }
    }

    fn multipart_body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let edge = b"------baokao-testkit-7d1f";
        for (name, value) in &self.fields {
            body.extend_from_slice(edge);
            body.extend_from_slice(
                format!("\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        for file in &self.files {
            body.extend_from_slice(edge);
            body.extend_from_slice(
                format!(
                    "\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                    file.field, file.name, file.media_type
                )
                .as_bytes(),
            );
            body.extend_from_slice(&file.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(edge);
        body.extend_from_slice(b"--\r\n");
        body
    }
}

fn urlencoded(fields: &[(String, String)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
        out
    })
}
