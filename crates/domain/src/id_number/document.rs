//! One document: its number in canonical form, and what it tells.

use std::fmt;

use super::IdType;
use super::check_digit::check_digit;
use crate::coded::coded;
use crate::time::Date;

coded! {
    /// 性别, GB/T 2261.1.
    pub enum Sex {
        /// 男.
        Male = "1", "男";
        /// 女.
        Female = "2", "女";
    }
}

/// A document whose number is right.
#[derive(Clone, PartialEq, Eq)]
pub struct IdDocument {
    id_type: IdType,
    number: String,
}

/// A number as typed, read.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// Valid as typed.
    Same(IdDocument),
    /// A number of fifteen digits, converted to eighteen: the person confirms before it is used.
    Converted(IdDocument),
}

/// Why a number isn't accepted. The text names the slip, never the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// Nothing typed.
    #[error("请填写证件号码")]
    Empty,
    /// Not eighteen characters.
    #[error("{}应为 18 位，您填了 {length} 位", .id_type.label())]
    Length {
        /// The type chosen.
        id_type: IdType,
        /// How many characters were typed.
        length: usize,
    },
    /// Something else than digits and a last X.
    #[error("{}只含数字，末位可以是 X", .0.label())]
    Characters(IdType),
    /// The first digits are no region.
    #[error("号码前两位不是省级行政区代码，请核对")]
    Region,
    /// The type has fixed first digits.
    #[error("{}的号码以 {prefix} 开头，请核对号码或证件类型", .id_type.label())]
    Prefix {
        /// The type chosen.
        id_type: IdType,
        /// What its numbers begin with.
        prefix: &'static str,
    },
    /// Digits 7 to 14 are no day.
    #[error("号码第 7 至 14 位不是一个真实的日期，请核对")]
    BirthDate,
    /// The day of birth is still to come, or more than 120 years ago.
    #[error("号码中的出生日期不合理，请核对")]
    BirthRange,
    /// The check digit doesn't fit: the usual slip.
    #[error("号码校验不通过，通常是有一位填错，请对照证件核对")]
    CheckDigit,
    /// The form of a permit, passport or military document.
    #[error("{}", .0.pattern())]
    Pattern(IdType),
}

impl IdType {
    /// What a number of this type looks like, in words.
    const fn pattern(self) -> &'static str {
        match self {
            Self::HongKongMacaoPermit => "通行证号码应为 H 或 M 加 8 位数字（旧证为 10 位数字）",
            Self::TaiwanPermit => "通行证号码应为 8 位数字（旧证为 10 位）",
            Self::Passport => "护照号码应为 5 至 20 位字母和数字",
            Self::ForeignerResidence => "号码应为 18 位（2017 年版为 3 个字母加 12 位数字）",
            Self::Military => "请按证件填写，如“军字第0001234号”，4 至 30 个字",
            Self::ResidentCard | Self::HongKongMacaoResidence | Self::TaiwanResidence => {
                "号码应为 18 位"
            }
        }
    }
}

/// Provincial codes of GB/T 2260. Codes of counties come and go, those of provinces stay.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

/// Upper case, half-width, without spaces and dashes.
fn normalize(text: &str) -> String {
    crate::text::to_half_width(text)
        .chars()
        .filter(|c| {
            !c.is_whitespace()
                && !crate::text::is_invisible(*c)
                && !matches!(c, '-' | '—' | '－' | '_')
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// The form of a number that accounts are looked up by, from whatever was typed at a login: fifteen digits become the
/// eighteen that they stand for, so that old and new number are one person (domain notes, §2).
pub fn lookup_key(text: &str) -> String {
    let number = normalize(text);
    convert(&number).unwrap_or(number)
}

/// Fifteen digits as eighteen. Only people born in the twentieth century hold them.
fn convert(number: &str) -> Option<String> {
    if number.len() != 15 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{}19{}", number.get(..6)?, number.get(6..)?);
    let check = check_digit(&digits)?;
    Some(format!("{digits}{check}"))
}

impl IdDocument {
    /// Reads a number of a type as typed. Lower-case x, full-width characters, spaces and dashes are understood.
    ///
    /// # Errors
    /// [`NumberProblem`], the first that a person would see.
    pub fn parse(id_type: IdType, text: &str, today: Date) -> Result<Typed, NumberProblem> {
        let number = normalize(text);
        if number.is_empty() {
            return Err(NumberProblem::Empty);
        }
        if id_type == IdType::ResidentCard
            && let Some(long) = convert(&number)
        {
            check_citizen(id_type, &long, today)?;
            return Ok(Typed::Converted(Self {
                id_type,
                number: long,
            }));
        }
        match id_type {
            IdType::ResidentCard | IdType::HongKongMacaoResidence | IdType::TaiwanResidence => {
                check_citizen(id_type, &number, today)?;
            }
            other if matches_pattern(other, &number) => {}
            other => return Err(NumberProblem::Pattern(other)),
        }
        Ok(Typed::Same(Self { id_type, number }))
    }

    /// A document from storage, which was checked when it was stored.
    pub fn from_stored(id_type: IdType, number: impl Into<String>) -> Self {
        Self {
            id_type,
            number: number.into(),
        }
    }

    /// The number in its one form.
    pub fn canonical(&self) -> &str {
        &self.number
    }

    /// The type.
    pub fn id_type(&self) -> IdType {
        self.id_type
    }

    /// The day of birth, for types whose number tells it.
    pub fn birth_date(&self) -> Option<Date> {
        if self.id_type.tells_birth() {
            birth(&self.number)
        } else {
            None
        }
    }

    /// The sex, for types whose number tells it: the 17th digit, odd for men.
    pub fn sex(&self) -> Option<Sex> {
        if !self.id_type.tells_birth() {
            return None;
        }
        let digit = self.number.chars().nth(16)?.to_digit(10)?;
        Some(if digit % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        })
    }

    /// The number with all but its first three characters hidden: the last ones are the initial password's (assurance
    /// notes, §5).
    pub fn masked(&self) -> String {
        let shown: String = self.number.chars().take(3).collect();
        let hidden = self.number.chars().count().saturating_sub(3);
        format!("{shown}{}", "*".repeat(hidden))
    }
}

fn birth(number: &str) -> Option<Date> {
    let part = |from: usize, to: usize| number.get(from..to);
    Date::new(
        part(6, 10)?.parse().ok()?,
        part(10, 12)?.parse().ok()?,
        part(12, 14)?.parse().ok()?,
    )
}

fn check_citizen(id_type: IdType, number: &str, today: Date) -> Result<(), NumberProblem> {
    let length = number.chars().count();
    if length != 18 {
        return Err(NumberProblem::Length { id_type, length });
    }
    let body = number
        .get(..17)
        .filter(|body| body.bytes().all(|byte| byte.is_ascii_digit()));
    let last = number
        .chars()
        .next_back()
        .filter(|last| last.is_ascii_digit() || *last == 'X');
    let (Some(body), Some(last)) = (body, last) else {
        return Err(NumberProblem::Characters(id_type));
    };
    match id_type {
        IdType::HongKongMacaoResidence
            if !(body.starts_with("810000") || body.starts_with("820000")) =>
        {
            return Err(NumberProblem::Prefix {
                id_type,
                prefix: "810000 或 820000",
            });
        }
        IdType::TaiwanResidence if !body.starts_with("830000") => {
            return Err(NumberProblem::Prefix {
                id_type,
                prefix: "830000",
            });
        }
        IdType::ResidentCard if !PROVINCES.iter().any(|province| body.starts_with(province)) => {
            return Err(NumberProblem::Region);
        }
        _ => {}
    }
    let birth = birth(number).ok_or(NumberProblem::BirthDate)?;
    if birth > today || today.full_years_since(birth) > 120 {
        return Err(NumberProblem::BirthRange);
    }
    if check_digit(body) != Some(last) {
        return Err(NumberProblem::CheckDigit);
    }
    Ok(())
}

fn matches_pattern(id_type: IdType, number: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let count = number.chars().count();
    match id_type {
        IdType::HongKongMacaoPermit => number
            .strip_prefix(['H', 'M'])
            .is_some_and(|rest| matches!(rest.len(), 8 | 10) && digits(rest)),
        IdType::TaiwanPermit => matches!(count, 8 | 10) && digits(number),
        IdType::Passport => {
            (5..=20).contains(&count) && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        IdType::ForeignerResidence => match number.get(..3) {
            Some(letters)
                if count == 15 && letters.bytes().all(|byte| byte.is_ascii_uppercase()) =>
            {
                number.get(3..).is_some_and(digits)
            }
            Some(_) if count == 18 && number.starts_with('9') => {
                number.get(..17).and_then(check_digit) == number.chars().next_back()
            }
            _ => false,
        },
        IdType::Military => {
            (4..=30).contains(&count)
                && number.chars().all(char::is_alphanumeric)
                && number.chars().any(|c| c.is_ascii_digit())
        }
        IdType::ResidentCard | IdType::HongKongMacaoResidence | IdType::TaiwanResidence => false,
    }
}

impl fmt::Debug for IdDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdDocument")
            .field("id_type", &self.id_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same(_) => "Same(…)",
            Self::Converted(_) => "Converted(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-03-18".parse().unwrap()
    }

    fn read(id_type: IdType, text: &str) -> Result<IdDocument, NumberProblem> {
        match IdDocument::parse(id_type, text, today())? {
            Typed::Same(document) | Typed::Converted(document) => Ok(document),
        }
    }

    #[test]
    fn numbers_are_understood_as_people_type_them() {
        for text in [
            "11010519491231002X",
            "11010519491231002x",
            " 110105 19491231 002X ",
            "１１０１０５１９４９１２３１００２Ｘ",
        ] {
            let document = read(IdType::ResidentCard, text).unwrap();
            assert_eq!(document.canonical(), "11010519491231002X", "{text}");
            assert_eq!(document.birth_date(), "1949-12-31".parse().ok());
            assert_eq!(document.sex(), Some(Sex::Female));
            assert_eq!(lookup_key(text), "11010519491231002X", "{text}");
        }
        assert_eq!(
            read(IdType::ResidentCard, "431000199001010019")
                .unwrap()
                .sex(),
            Some(Sex::Male)
        );
    }

    #[test]
    fn fifteen_digits_are_converted_and_are_the_same_person() {
        let typed = IdDocument::parse(IdType::ResidentCard, "110105491231002", today()).unwrap();
        let Typed::Converted(document) = typed else {
            panic!("not converted")
        };
        assert_eq!(document.canonical(), "11010519491231002X");
        assert_eq!(
            lookup_key("110105491231002"),
            lookup_key("11010519491231002x")
        );
        assert_eq!(
            IdDocument::parse(IdType::ResidentCard, "110105491331002", today()),
            Err(NumberProblem::BirthDate)
        );
    }

    #[test]
    fn every_slip_has_its_own_words() {
        use IdType::{HongKongMacaoResidence, ResidentCard, TaiwanResidence};
        for (id_type, text, problem) in [
            (ResidentCard, "", NumberProblem::Empty),
            (
                ResidentCard,
                "1101051949123100",
                NumberProblem::Length {
                    id_type: ResidentCard,
                    length: 16,
                },
            ),
            (
                ResidentCard,
                "1101051949123100AX",
                NumberProblem::Characters(ResidentCard),
            ),
            (
                ResidentCard,
                "X10105194912310020",
                NumberProblem::Characters(ResidentCard),
            ),
            (ResidentCard, "990105194912310020", NumberProblem::Region),
            (ResidentCard, "110105194902310020", NumberProblem::BirthDate),
            (
                ResidentCard,
                "110105202712310020",
                NumberProblem::BirthRange,
            ),
            (
                ResidentCard,
                "110105190012310020",
                NumberProblem::BirthRange,
            ),
            (
                ResidentCard,
                "110105194912310021",
                NumberProblem::CheckDigit,
            ),
            (
                HongKongMacaoResidence,
                "11010519491231002X",
                NumberProblem::Prefix {
                    id_type: HongKongMacaoResidence,
                    prefix: "810000 或 820000",
                },
            ),
            (
                TaiwanResidence,
                "810000199408230021",
                NumberProblem::Prefix {
                    id_type: TaiwanResidence,
                    prefix: "830000",
                },
            ),
        ] {
            assert_eq!(read(id_type, text), Err(problem), "{text}");
            assert!(
                !problem.to_string().contains("949"),
                "no number in the message"
            );
        }
    }

    #[test]
    fn every_type_has_its_pattern() {
        for (id_type, good, bad) in [
            (IdType::HongKongMacaoPermit, "H12345678", "12345678"),
            (IdType::TaiwanPermit, "12345678", "H1234567"),
            (
                IdType::HongKongMacaoResidence,
                "810000199408230021",
                "810000199408230022",
            ),
            (
                IdType::TaiwanResidence,
                "830000199202130010",
                "830000199202130011",
            ),
            (IdType::Passport, "E12345678", "E1"),
            (
                IdType::ForeignerResidence,
                "USA310188041501",
                "USA31018804150",
            ),
            (IdType::Military, "军字第0001234号", "军字第号"),
        ] {
            assert!(read(id_type, good).is_ok(), "{good}");
            assert!(read(id_type, bad).is_err(), "{bad}");
        }
        assert_eq!(
            read(IdType::Passport, "e12345678").unwrap().canonical(),
            "E12345678"
        );
        assert_eq!(
            read(IdType::Passport, "E12345678").unwrap().birth_date(),
            None
        );
    }

    #[test]
    fn masks_never_show_the_last_digits() {
        let document = read(IdType::ResidentCard, "11010519491231002X").unwrap();
        assert_eq!(document.masked(), "110***************");
        assert!(!format!("{document:?}").contains("1101"));
    }
}
