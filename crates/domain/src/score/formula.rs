//! The exam's score formula as data: `(职测+综应)/3*60%`.
//!
//! Names stand for subjects; `+ - * /` (also `×`, `÷`, full-width forms), brackets of any shape, decimals and `%`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::decimal::{Decimal, Ratio};

/// A parsed formula. Stored as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    text: String,
    root: Node,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Number(Decimal),
    Subject(String),
    Negative(Box<Node>),
    Percent(Box<Node>),
    Binary(char, Box<Node>, Box<Node>),
}

/// Why a formula can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// Nothing written.
    #[error("请填写成绩公式")]
    Empty,
    /// A character or an end that doesn't belong; the number counts characters from 1.
    #[error("成绩公式第 {place} 个字符处看不懂：“{found}”")]
    Unexpected {
        /// Where, counted from 1.
        place: usize,
        /// What stands there.
        found: String,
    },
    /// Too deep or too long to be meant.
    #[error("成绩公式过长或括号层数过多")]
    TooComplex,
}

/// Why a formula has no value for a candidate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A subject of the formula has no mark.
    #[error("缺少科目“{0}”的成绩")]
    Missing(String),
    /// Division by zero or a number out of range.
    #[error("成绩公式无法计算：除数为零或数值过大")]
    Arithmetic,
}

const MAX_CHARS: usize = 400;
const MAX_DEPTH: usize = 32;

impl Formula {
    /// The plain sum of subjects, for exams that publish no formula; `None` without subjects.
    pub fn sum(subjects: &[String]) -> Option<Self> {
        subjects.join("+").parse().ok()
    }

    /// The text as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The subjects that it names.
    pub fn subjects(&self) -> BTreeSet<&str> {
        fn walk<'n>(node: &'n Node, into: &mut BTreeSet<&'n str>) {
            match node {
                Node::Number(_) => {}
                Node::Subject(name) => {
                    into.insert(name);
                }
                Node::Negative(inner) | Node::Percent(inner) => walk(inner, into),
                Node::Binary(_, left, right) => {
                    walk(left, into);
                    walk(right, into);
                }
            }
        }
        let mut names = BTreeSet::new();
        walk(&self.root, &mut names);
        names
    }

    /// The exact value, with marks looked up by the names that the formula uses.
    pub fn value(&self, mark: &dyn Fn(&str) -> Option<Decimal>) -> Result<Ratio, EvalError> {
        self.root.value(mark)
    }
}

impl Node {
    fn value(&self, mark: &dyn Fn(&str) -> Option<Decimal>) -> Result<Ratio, EvalError> {
        let hundred = Decimal::whole(100).ratio();
        let result = match self {
            Self::Number(number) => Some(number.ratio()),
            Self::Subject(name) => Some(
                mark(name)
                    .ok_or_else(|| EvalError::Missing(name.clone()))?
                    .ratio(),
            ),
            Self::Negative(inner) => Ratio::ZERO.minus(inner.value(mark)?),
            Self::Percent(inner) => inner.value(mark)?.over(hundred),
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.value(mark)?, right.value(mark)?);
                match operator {
                    '+' => left.plus(right),
                    '-' => left.minus(right),
                    '*' => left.times(right),
                    _ => left.over(right),
                }
            }
        };
        result.ok_or(EvalError::Arithmetic)
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Formula {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FormulaError::Empty);
        }
        let chars: Vec<char> = text.chars().map(plain).collect();
        if chars.len() > MAX_CHARS {
            return Err(FormulaError::TooComplex);
        }
        let mut parser = Parser {
            chars: &chars,
            at: 0,
            depth: 0,
        };
        let root = parser.sum()?;
        parser.skip_spaces();
        if parser.at < chars.len() {
            return Err(parser.unexpected());
        }
        Ok(Self {
            text: text.to_owned(),
            root,
        })
    }
}

/// Operators and digits as people type them, reduced to ASCII.
fn plain(c: char) -> char {
    match c {
        '×' | '✕' | '·' | '∗' => '*',
        '÷' | '∕' => '/',
        '—' | '–' | '−' => '-',
        '【' | '［' | '[' | '{' | '｛' | '〔' => '(',
        '】' | '］' | ']' | '}' | '｝' | '〕' => ')',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

struct Parser<'c> {
    chars: &'c [char],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn unexpected(&self) -> FormulaError {
        let found = self.peek().map_or_else(|| "结尾".to_owned(), String::from);
        FormulaError::Unexpected {
            place: self.at + 1,
            found,
        }
    }

    fn sum(&mut self) -> Result<Node, FormulaError> {
        self.chain(&['+', '-'], Self::product)
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        self.chain(&['*', '/'], Self::factor)
    }

    fn chain(
        &mut self,
        operators: &[char],
        part: fn(&mut Self) -> Result<Node, FormulaError>,
    ) -> Result<Node, FormulaError> {
        let mut left = part(self)?;
        loop {
            self.skip_spaces();
            match self.peek() {
                Some(operator) if operators.contains(&operator) => {
                    self.at += 1;
                    let right = part(self)?;
                    left = Node::Binary(operator, Box::new(left), Box::new(right));
                }
                _ => return Ok(left),
            }
        }
    }

    fn factor(&mut self) -> Result<Node, FormulaError> {
        self.skip_spaces();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FormulaError::TooComplex);
        }
        let mut node = match self.peek() {
            Some('-') => {
                self.at += 1;
                Node::Negative(Box::new(self.factor()?))
            }
            Some('(') => {
                self.at += 1;
                let inner = self.sum()?;
                self.skip_spaces();
                if self.peek() != Some(')') {
                    return Err(self.unexpected());
                }
                self.at += 1;
                inner
            }
            Some('0'..='9' | '.') => self.number()?,
            Some(c) if names_subject(c) => self.subject(),
            _ => return Err(self.unexpected()),
        };
        self.skip_spaces();
        while self.peek() == Some('%') {
            self.at += 1;
            node = Node::Percent(Box::new(node));
            self.skip_spaces();
        }
        self.depth -= 1;
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, FormulaError> {
        let start = self.at;
        while matches!(self.peek(), Some('0'..='9' | '.')) {
            self.at += 1;
        }
        let digits: String = self
            .chars
            .get(start..self.at)
            .unwrap_or_default()
            .iter()
            .collect();
        let number = digits.parse().map_err(|_| FormulaError::Unexpected {
            place: start + 1,
            found: digits,
        })?;
        Ok(Node::Number(number))
    }

    fn subject(&mut self) -> Node {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| names_subject(c) || c.is_ascii_digit())
        {
            self.at += 1;
        }
        Node::Subject(
            self.chars
                .get(start..self.at)
                .unwrap_or_default()
                .iter()
                .collect(),
        )
    }
}

fn names_subject(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '《' || c == '》'
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::decimal::Rounding;
    use proptest::prelude::*;

    fn value(formula: &str, marks: &[(&str, &str)]) -> String {
        let formula: Formula = formula.parse().unwrap();
        let mark = |name: &str| {
            marks
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, mark)| mark.parse().unwrap())
        };
        formula
            .value(&mark)
            .unwrap()
            .round(2, Rounding::HalfUp)
            .unwrap()
            .to_string()
    }

    #[test]
    fn published_formulas_have_their_published_values() {
        let marks = [("职测", "101.5"), ("综应", "98"), ("面试", "82.4")];
        for (formula, total) in [
            ("(职测+综应)/3*60%", "39.90"),
            ("（职测＋综应）÷３×６０％", "39.90"),
            ("(职测+综应)/3×60% + 面试×40%", "72.86"),
            ("【(职测+综应)/2】*(2/3)+5", "71.50"),
            ("职测-综应", "3.50"),
            ("-职测+综应*2", "94.50"),
        ] {
            assert_eq!(value(formula, &marks), total, "{formula}");
        }
    }

    #[test]
    fn an_unreadable_formula_says_where() {
        for (text, place) in [
            ("职测+", 4),
            ("(职测", 4),
            ("职测 综应", 4),
            ("60%%%)", 6),
            ("1.2.3", 1),
            ("+", 1),
        ] {
            match text.parse::<Formula>() {
                Err(FormulaError::Unexpected { place: at, .. }) => assert_eq!(at, place, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!("  ".parse::<Formula>(), Err(FormulaError::Empty));
        assert_eq!(
            "(".repeat(60).parse::<Formula>(),
            Err(FormulaError::TooComplex)
        );
        assert_eq!(
            "-".repeat(60).parse::<Formula>(),
            Err(FormulaError::TooComplex)
        );
    }

    #[test]
    fn a_missing_mark_and_a_division_by_zero_are_named() {
        let formula: Formula = "职测/综应".parse().unwrap();
        assert_eq!(
            formula.value(&|name| (name == "职测").then_some(Decimal::ZERO)),
            Err(EvalError::Missing("综应".into()))
        );
        assert_eq!(
            formula.value(&|_| Some(Decimal::ZERO)),
            Err(EvalError::Arithmetic)
        );
    }

    #[test]
    fn it_is_stored_as_its_text() {
        let formula: Formula = "(A1+B)/2".parse().unwrap();
        let json = serde_json::to_string(&formula).unwrap();
        assert_eq!(json, "\"(A1+B)/2\"");
        assert_eq!(serde_json::from_str::<Formula>(&json).unwrap(), formula);
        assert_eq!(
            formula.subjects().into_iter().collect::<Vec<_>>(),
            ["A1", "B"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,60}") {
            let _ = text.parse::<Formula>();
        }

        /// Two implementations: the formula's ratio against whole-number arithmetic done by hand.
        #[test]
        fn the_usual_formula_agrees_with_integers(a in 0i64..15000, b in 0i64..15000) {
            let formula: Formula = "(a+b)/3*60%".parse().unwrap();
            let mark = |name: &str| Decimal::new(if name == "a" { a } else { b }, 2);
            let total = formula.value(&mark).unwrap().round(2, Rounding::HalfUp).unwrap();
            // (a+b)/100 / 3 * 0.6 in hundredths is (a+b)/5, rounded half up.
            let by_hand = (2 * (a + b) + 5) / 10;
            prop_assert_eq!(total, Decimal::new(by_hand, 2).unwrap());
        }
    }
}
