//! What staff write to account for something: a reason, what was checked, what was found out. Such a text is kept for years,
//! in rows and in the audit trail, so it carries no number of a person and has an end.

use std::ops::RangeInclusive;

use crate::{Error, Result};

/// Digits in a row that are taken for part of a number: a document's or a mobile's, whole or not.
const RUN: usize = 6;
/// Digits in groups (`138 0000 0000`) that are taken for one: more than a date with an hour has.
const GROUPED: usize = 11;

/// A text as typed under `field`: several lines, cleaned, without numbers, `length` characters long.
///
/// # Errors
/// `Fields` under `field` with `hint` if it is too short or too long.
pub(crate) fn read(
    field: &'static str,
    typed: &str,
    length: RangeInclusive<usize>,
    hint: &str,
) -> Result<String> {
    let text = domain::text::paragraph(typed);
    if !length.contains(&text.chars().count()) {
        return Err(Error::field(field, hint));
    }
    Ok(hide_numbers(&text))
}

/// What the second of two people says under `note`: he may agree without a word, a no (`refusal`: "不批准") needs its reason.
///
/// # Errors
/// `Fields` under `note` for a no of fewer than four characters, and for more than `most`.
pub(crate) fn second_word(typed: &str, agrees: bool, most: usize, refusal: &str) -> Result<String> {
    let (least, hint) = if agrees {
        (0, format!("最多 {most} 个字"))
    } else {
        (4, format!("{refusal}的，请写明原因，4 至 {most} 个字"))
    };
    read("note", typed, least..=most, &hint)
}

/// A text whose numbers of people are replaced by `***`: runs of six digits or more, and eleven or more in groups that single
/// blanks or hyphens part. The `X` at the end of a document's number goes with it.
pub(crate) fn hide_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if !is_digit(*c) {
            shown.push(*c);
            at += 1;
            continue;
        }
        let (end, digits, grouped) = number(&chars, at);
        let run = chars.iter().skip(at).take_while(|c| is_digit(**c)).count();
        let end = match (grouped && digits >= GROUPED, run >= RUN) {
            (true, _) => end,
            (false, true) => at + run,
            (false, false) => {
                shown.extend(chars.iter().skip(at).take(run));
                at += run;
                continue;
            }
        };
        shown.push_str("***");
        at = end;
        if matches!(chars.get(at), Some('x' | 'X' | 'ｘ' | 'Ｘ')) {
            at += 1;
        }
    }
    shown
}

/// Whether a text holds a number that [`hide_numbers`] would take out.
pub fn holds_number(text: &str) -> bool {
    hide_numbers(text) != text
}

/// Whether a text holds the number of a document: fifteen digits in a row or more. Telephone numbers may stand in it.
pub(crate) fn holds_document(text: &str) -> bool {
    let mut run = 0;
    text.chars().any(|c| {
        run = if is_digit(c) { run + 1 } else { 0 };
        run >= 15
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Where the number that begins at `from` ends, how many digits it has, and whether it is in groups.
fn number(chars: &[char], from: usize) -> (usize, usize, bool) {
    let (mut at, mut digits, mut grouped) = (from, 0, false);
    loop {
        let here = chars.get(at).copied();
        let next = chars.get(at + 1).copied();
        match here {
            Some(c) if is_digit(c) => digits += 1,
            Some(' ' | '-' | '\u{3000}' | '－') if next.is_some_and(is_digit) => grouped = true,
            _ => return (at, digits, grouped),
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_a_person_gets_through_and_dates_do() {
        for (typed, kept) in [
            ("电话核对 13800000000，第 2 次", "电话核对 ***，第 2 次"),
            ("电话 138 0000 0000 核对", "电话 *** 核对"),
            ("电话 138-0000-0000", "电话 ***"),
            ("号码１２３４５６", "号码***"),
            ("证件 11010519491231002X 相符", "证件 *** 相符"),
            ("证件 110105 19491231 002x", "证件 ***"),
            (
                "2026年3月，见人社发〔2026〕123号",
                "2026年3月，见人社发〔2026〕123号",
            ),
            ("2026-03-04 10:30 来访", "2026-03-04 10:30 来访"),
            ("姓名打错了一个字", "姓名打错了一个字"),
        ] {
            assert_eq!(hide_numbers(typed), kept);
            assert_eq!(holds_number(typed), typed != kept);
        }
    }

    #[test]
    fn a_document_is_told_from_a_telephone() {
        assert!(holds_document("证件 110105194912310021 相符"));
        assert!(holds_document("110105491231002"));
        assert!(!holds_document("咨询电话 0735-12345678，2026年3月18日"));
    }

    #[test]
    fn a_reason_has_a_beginning_and_an_end() {
        let read = |typed: &str| read("why", typed, 2..=10, "2 至 10 个字");
        assert!(read(" 一 ").is_err());
        assert!(read(&"字".repeat(11)).is_err());
        assert_eq!(read(" 核对 ").ok().as_deref(), Some("核对"));
    }
}
