//! Mobile numbers of mainland China.

use std::fmt;

/// A mobile number: eleven digits, `1[3-9]…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

/// The text is no mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MobileProblem {
    /// Nothing typed.
    #[error("请填写手机号码")]
    Empty,
    /// Not eleven digits.
    #[error("手机号码应为 11 位数字，您填了 {0} 位")]
    Length(usize),
    /// Eleven digits that no operator gives out, or letters between.
    #[error("手机号码应以 13 至 19 开头，只含数字")]
    Pattern,
}

impl Mobile {
    /// Reads a number as typed: full-width digits, spaces, dashes and `+86` are understood.
    ///
    /// # Errors
    /// [`MobileProblem`].
    pub fn parse(text: &str) -> Result<Self, MobileProblem> {
        let text: String = crate::text::to_half_width(text)
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-' && !crate::text::is_invisible(*c))
            .collect();
        let digits = text
            .strip_prefix("+86")
            .or_else(|| text.strip_prefix("0086"))
            .unwrap_or(&text);
        if digits.is_empty() {
            return Err(MobileProblem::Empty);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MobileProblem::Pattern);
        }
        match digits.as_bytes() {
            [b'1', b'3'..=b'9', ..] if digits.len() == 11 => Ok(Self(digits.to_owned())),
            _ if digits.len() == 11 => Err(MobileProblem::Pattern),
            _ => Err(MobileProblem::Length(digits.len())),
        }
    }

    /// Eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `138****0000`.
    pub fn masked(&self) -> String {
        let (head, tail) = (
            self.0.get(..3).unwrap_or_default(),
            self.0.get(7..).unwrap_or_default(),
        );
        format!("{head}****{tail}")
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_typed() {
        for text in [
            "13800000000",
            " 138 0000-0000",
            "+8613800000000",
            "１３８００００００００",
            "0086 13800000000",
        ] {
            assert_eq!(
                Mobile::parse(text).unwrap().as_str(),
                "13800000000",
                "{text}"
            );
        }
        for (text, problem) in [
            ("", MobileProblem::Empty),
            ("1380000000", MobileProblem::Length(10)),
            ("12800000000", MobileProblem::Pattern),
            ("1380000000a", MobileProblem::Pattern),
            ("0735-2368", MobileProblem::Length(8)),
        ] {
            assert_eq!(Mobile::parse(text), Err(problem), "{text}");
        }
        let mobile = Mobile::parse("13812345678").unwrap();
        assert_eq!(mobile.masked(), "138****5678");
        assert_eq!(format!("{mobile:?}"), "Mobile(…)");
    }
}
