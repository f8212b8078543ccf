//! What is wrong with a form, field by field, in the order of the page.

/// Messages by field. Pages show them on top as a list and again beside each field, with everything typed kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(Vec<(String, String)>);

impl FieldErrors {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what is wrong with a field. A field keeps its first message: the next are often consequences.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        let field = field.into();
        if !self.0.iter().any(|(known, _)| *known == field) {
            self.0.push((field, message.into()));
        }
    }

    /// Keeps a value, or notes why there is none.
    pub fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result
            .map_err(|error| self.add(field, error.to_string()))
            .ok()
    }

    /// Adds another's messages, each field under `prefix.`.
    pub fn nest(&mut self, prefix: &str, other: Self) {
        for (field, message) in other.0 {
            self.add(format!("{prefix}.{field}"), message);
        }
    }

    /// The message of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == field)
            .map(|(_, message)| message.as_str())
    }

    /// Fields with their messages, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(field, message)| (field.as_str(), message.as_str()))
    }

    /// How many fields are to be mended.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` if nothing is wrong.
    ///
    /// # Errors
    /// Itself, otherwise.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl std::fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|(_, message)| message.as_str()).collect();
        f.write_str(&messages.join("；"))
    }
}

impl std::error::Error for FieldErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_its_first_message_and_the_order_of_the_page() {
        let mut errors = FieldErrors::new();
        errors.add("name", "请填写姓名");
        errors.add("mobile", "请填写手机号码");
        errors.add("name", "姓名太短");
        assert_eq!(
            errors.iter().collect::<Vec<_>>(),
            [("name", "请填写姓名"), ("mobile", "请填写手机号码")]
        );
        assert_eq!(errors.get("mobile"), Some("请填写手机号码"));
        assert!(errors.into_result().is_err());
        assert!(FieldErrors::new().into_result().is_ok());
    }
}
