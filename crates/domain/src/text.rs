//! Text as people type it: full-width forms, spaces, names with rare characters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Full-width ASCII and the ideographic space become their ordinary forms; everything else stays.
pub fn to_half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{00a0}' => ' ',
            _ => c,
        })
        .collect()
}

/// Characters that nobody sees and that make two equal texts differ: joiners, marks of direction, byte order marks.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{00ad}')
        || (c.is_control() && c != '\n')
}

/// One line of free text, cleaned: invisible characters gone, runs of spaces become one, trimmed.
pub fn line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .collect();
    visible
        .split([' ', '\u{3000}', '\u{00a0}'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Several lines of free text, cleaned line by line; empty lines at both ends are dropped.
pub fn paragraph(text: &str) -> String {
    let lines: Vec<String> = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .split('\n')
        .map(line)
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// A name for those who know it already: `林*舟`, `林*`, `欧**䶮`; a paper is compared with it, nobody is found by it.
pub fn masked_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    match chars.as_slice() {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, between @ .., last] => format!("{first}{}{last}", "*".repeat(between.len())),
    }
}

/// A person's name: 2 to 50 characters of any script, with `·` between the parts of a minority or foreign name.
///
/// Rare characters (GB 18030, up to plane 3) are names like others; nobody is asked to write a homophone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// Why a name isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing typed.
    #[error("请填写姓名")]
    Empty,
    /// One character.
    #[error("姓名至少两个字")]
    Short,
    /// More than fifty.
    #[error("姓名最多 50 个字")]
    Long,
    /// Digits, punctuation, pictures.
    #[error("姓名里有“{0}”，请按证件上的姓名填写")]
    Character(char),
}

impl PersonName {
    /// The name in its stored form.
    ///
    /// Spaces inside a Chinese name are typing slips and go; between Latin letters they separate parts and stay. The
    /// many dots that keyboards give (`•`, `．`, `‧`, `・`) become `·` (U+00B7).
    ///
    /// # Errors
    /// [`NameProblem`] with the character that doesn't belong.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        let text = line(text);
        let mut name = String::with_capacity(text.len());
        let mut letters = text.chars().peekable();
        while let Some(c) = letters.next() {
            match c {
                '•' | '．' | '‧' | '・' | '∙' | '⋅' | '●' | '.'
                    if !name.is_empty() && is_han_near(&name, letters.peek()) =>
                {
                    name.push('·');
                }
                '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                    name.push_str(&to_half_width(&c.to_string()));
                }
                ' ' => {
                    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
                    if latin(name.chars().last()) && latin(letters.peek().copied()) {
                        name.push(' ');
                    }
                }
                '·' | '-' | '\'' | '.' if !name.is_empty() => name.push(c),
                '\u{2e80}'..='\u{2eff}' | '\u{f900}'..='\u{faff}' | '〇' | '㐀'..='䶿' => {
                    name.push(c);
                }
                '\u{e000}'..='\u{f8ff}' => return Err(NameProblem::Character(c)),
                _ if c.is_alphabetic() => name.push(c),
                _ => return Err(NameProblem::Character(c)),
            }
        }
        match name.chars().count() {
            0 => Err(NameProblem::Empty),
            1 => Err(NameProblem::Short),
            51.. => Err(NameProblem::Long),
            _ => Ok(Self(name)),
        }
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a dot stands between Chinese characters.
fn is_han_near(before: &str, after: Option<&char>) -> bool {
    let han = |c: char| !c.is_ascii() && c.is_alphabetic();
    before.chars().last().is_some_and(han) && after.is_some_and(|c| han(*c))
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

impl TryFrom<String> for PersonName {
    type Error = NameProblem;

    fn try_from(text: String) -> Result<Self, NameProblem> {
        Self::parse(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_name_keeps_its_ends() {
        for (name, masked) in [
            ("林一舟", "林*舟"),
            ("林舟", "林*"),
            ("林", "*"),
            ("", ""),
            ("欧阳喆䶮", "欧**䶮"),
            ("𬭊𬭊㛃", "𬭊*㛃"),
        ] {
            assert_eq!(masked_name(name), masked);
        }
    }

    #[test]
    fn names_are_kept_as_on_the_document() {
        for (typed, stored) in [
            ("张三", "张三"),
            (" 张　三 ", "张三"),
            ("阿依古丽•买买提", "阿依古丽·买买提"),
            ("阿依古丽·买买提", "阿依古丽·买买提"),
            ("阿依古丽.买买提", "阿依古丽·买买提"),
            ("John  Smith", "John Smith"),
            ("𬍛㛃", "𬍛㛃"),
            ("李\u{200b}四", "李四"),
            ("O'Brien", "O'Brien"),
        ] {
            assert_eq!(
                PersonName::parse(typed).unwrap().as_str(),
                stored,
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_no_name_is_told_exactly() {
        assert_eq!(PersonName::parse(" "), Err(NameProblem::Empty));
        assert_eq!(PersonName::parse("张"), Err(NameProblem::Short));
        assert_eq!(PersonName::parse("张3"), Err(NameProblem::Character('3')));
        assert_eq!(
            PersonName::parse("张（三）"),
            Err(NameProblem::Character('（'))
        );
        assert_eq!(PersonName::parse(&"张".repeat(51)), Err(NameProblem::Long));
        assert_eq!(
            format!("{:?}", PersonName::parse("张三").unwrap()),
            "PersonName(…)"
        );
    }

    #[test]
    fn free_text_is_cleaned_and_otherwise_kept() {
        assert_eq!(line("  市  图书馆\u{feff}\t三楼 "), "市 图书馆 三楼");
        assert_eq!(paragraph("\r\n一\r\n\r\n 二 \n"), "一\n\n二");
    }
}
