//! Ages in words: `35周岁以下（1990年3月11日及以后出生），硕士研究生及以上学历放宽至40周岁`.

use super::Meaning;
use super::education::{education_condition, level_in};
use crate::eligibility::rule::{Condition, Fact, Operand, Operator, Relaxed, Rule};
use crate::sheet::clean::condition;
use crate::time::Date;

/// Ages outside this are a slip of the pen.
const PLAUSIBLE: std::ops::RangeInclusive<u32> = 14..=70;

/// Reads a text about age. `counted_to` is the day that ages are counted to.
pub fn read(text: &str, counted_to: Option<Date>) -> Meaning {
    let published = condition(text);
    let mut meaning = Meaning::default();
    let mut upper: Option<Rule> = None;
    for clause in published
        .split(['，', '；', '。', '（', '）', '、'])
        .filter(|clause| !clause.is_empty())
    {
        if let Some(relaxed) = relaxation(clause, counted_to) {
            match &mut upper {
                Some(rule) => rule.relaxed.push(relaxed),
                None => meaning.rules.push(Rule::in_words(clause)),
            }
            continue;
        }
        if let Some((date, operator)) = birth_date(clause) {
            // A date in the text overrides what the number of years would give.
            let rule = Rule::hard(Fact::BirthDate, operator, Operand::Date(date), &published);
            if operator == Operator::AtLeast {
                let relaxed = upper.take().map(|rule| rule.relaxed).unwrap_or_default();
                upper = Some(Rule { relaxed, ..rule });
            } else {
                meaning
                    .rules
                    .retain(|rule| rule.operator != Operator::AtMost);
                meaning.rules.push(rule);
            }
            continue;
        }
        let (least, most) = years(clause);
        if least.is_none() && most.is_none() {
            if !clause.is_empty() {
                meaning.rules.push(Rule::in_words(clause));
            }
            continue;
        }
        let Some(day) = counted_to else {
            meaning.rules.push(Rule::in_words(clause));
            meaning
                .remarks
                .push("没有填写年龄计算日期，年龄条件只能人工审核".to_owned());
            continue;
        };
        if let Some(date) = most.and_then(|age| born_after(day, age)) {
            upper = Some(Rule::hard(
                Fact::BirthDate,
                Operator::AtLeast,
                Operand::Date(date),
                &published,
            ));
        }
        if let Some(date) = least.and_then(|age| years_before(day, age)) {
            meaning.rules.push(Rule::hard(
                Fact::BirthDate,
                Operator::AtMost,
                Operand::Date(date),
                &published,
            ));
        }
    }
    meaning.rules.extend(upper);
    meaning
}

/// The birth date from which somebody is at most `age` years old on a day: `35周岁以下` on 11 March 2026 means born on
/// or after 11 March 1990, as notices define it.
pub fn born_after(day: Date, age: u32) -> Option<Date> {
    years_before(day, age + 1)
}

/// The same day some years before; 29 February becomes the 28th.
fn years_before(day: Date, years: u32) -> Option<Date> {
    let text = day.to_string();
    let (year, rest) = text.split_once('-')?;
    let year = year.parse::<u32>().ok()?.checked_sub(years)?;
    let same = format!("{year:04}-{rest}");
    same.parse()
        .or_else(|_| format!("{year:04}-02-28").parse())
        .ok()
}

/// `硕士研究生及以上学历放宽至40周岁`, `退役军人可放宽到37周岁`.
fn relaxation(clause: &str, counted_to: Option<Date>) -> Option<Relaxed> {
    let at = clause.find("放宽")?;
    let (who, bound) = clause.split_at(at);
    let date = birth_date(bound).map(|(date, _)| date);
    let age = numbers(bound)
        .into_iter()
        .find(|age| PLAUSIBLE.contains(age));
    let date = date.or_else(|| born_after(counted_to?, age?))?;
    let words = || Condition {
        fact: Fact::Other,
        operator: Operator::Matches,
        operand: Operand::Texts(vec![who.to_owned()]),
    };
    let when = if who.contains("职称") || who.contains("退役") || who.contains("资格") {
        words()
    } else if level_in(who).is_some() {
        education_condition(who).unwrap_or_else(words)
    } else {
        words()
    };
    Some(Relaxed {
        when,
        operand: Operand::Date(date),
    })
}

/// `1990年3月11日及以后出生`, `1990-03-11以后出生`, `2008年3月11日及以前出生`.
pub fn birth_date(clause: &str) -> Option<(Date, Operator)> {
    let mut digits = numbers(clause).into_iter();
    let year = digits.find(|number| (1920..=2030).contains(number))?;
    let month = digits.next().filter(|month| (1..=12).contains(month))?;
    let day = digits.next().filter(|day| (1..=31).contains(day));
    // A month alone means its first day for `以后`; for `以前` it isn't certain.
    let before = clause.contains("以前") || clause.contains("之前") || clause.contains("前出生");
    let day = match (day, before) {
        (Some(day), _) => day,
        (None, false) => 1,
        (None, true) => return None,
    };
    let date = format!("{year:04}-{month:02}-{day:02}").parse().ok()?;
    Some((
        date,
        if before {
            Operator::AtMost
        } else {
            Operator::AtLeast
        },
    ))
}

/// The least and the most age of a clause.
fn years(clause: &str) -> (Option<u32>, Option<u32>) {
    let ages: Vec<u32> = numbers(clause)
        .into_iter()
        .filter(|age| PLAUSIBLE.contains(age))
        .collect();
    let alone = clause.chars().all(|c| c.is_ascii_digit());
    if !alone && !clause.contains('岁') {
        return (None, None);
    }
    match ages.as_slice() {
        [least, most] if least < most => (Some(*least), Some(*most)),
        [one]
            if clause.contains("以上") || clause.contains("年满") || clause.contains("不低于") =>
        {
            (Some(*one), None)
        }
        [one]
            if alone
                || ["以下", "以内", "以里", "不超过", "不大于", "及下"]
                    .iter()
                    .any(|word| clause.contains(word)) =>
        {
            (None, Some(*one))
        }
        [one] if clause.ends_with("岁") && !clause.contains("满") => (None, Some(*one)),
        _ => (None, None),
    }
}

/// The whole numbers of a text, in order; Chinese ones before 周岁 too (`三十五周岁`).
fn numbers(text: &str) -> Vec<u32> {
    let mut found: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    if found.is_empty() {
        let chinese: String = text
            .chars()
            .filter(|c| "一二三四五六七八九十".contains(*c))
            .collect();
        found.extend(crate::sheet::clean::whole_number(&chinese));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eligibility::rule::Severity;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn bounds(text: &str) -> Vec<(Operator, String)> {
        read(text, Some(day("2026-03-11")))
            .rules
            .into_iter()
            .map(|rule| match rule.operand {
                Operand::Date(date) => (rule.operator, date.to_string()),
                other => (rule.operator, format!("{other:?}")),
            })
            .collect()
    }

    #[test]
    fn ages_are_cut_off_birth_dates() {
        let least = |date: &str| (Operator::AtLeast, date.to_owned());
        let most = |date: &str| (Operator::AtMost, date.to_owned());
        for (text, expected) in [
            ("35周岁以下", vec![least("1990-03-11")]),
            ("３５周岁及以下", vec![least("1990-03-11")]),
            ("三十五周岁以下", vec![least("1990-03-11")]),
            ("35岁以内", vec![least("1990-03-11")]),
            ("35", vec![least("1990-03-11")]),
            ("35周岁", vec![least("1990-03-11")]),
            (
                "35周岁以下（1990年3月16日及以后出生）",
                vec![least("1990-03-16")],
            ),
            ("1990年3月16日以后出生", vec![least("1990-03-16")]),
            ("1990-03-16", vec![least("1990-03-16")]),
            (
                "18周岁以上、35周岁以下",
                vec![most("2008-03-11"), least("1990-03-11")],
            ),
            ("18-35周岁", vec![most("2008-03-11"), least("1990-03-11")]),
            ("18至35周岁", vec![most("2008-03-11"), least("1990-03-11")]),
        ] {
            assert_eq!(bounds(text), expected, "{text}");
        }
    }

    #[test]
    fn a_relaxation_belongs_to_the_bound_before_it() {
        let rules = read(
            "35周岁以下，硕士研究生及以上学历放宽至40周岁",
            Some(day("2026-03-11")),
        )
        .rules;
        assert_eq!(rules.len(), 1);
        assert_eq!(
            rules[0].relaxed[0].operand,
            Operand::Date(day("1985-03-11"))
        );
        assert_eq!(rules[0].relaxed[0].when.fact, Fact::Education);
        let veterans = read("35周岁以下，退役军人放宽至37周岁", Some(day("2026-03-11"))).rules;
        assert_eq!(veterans[0].relaxed[0].when.fact, Fact::Other);
    }

    #[test]
    fn what_cannot_be_counted_goes_to_a_person() {
        for (text, on) in [("35周岁以下", None), ("年龄适当", Some(day("2026-03-11")))] {
            let meaning = read(text, on);
            assert_eq!(meaning.rules.len(), 1, "{text}");
            assert_eq!(meaning.rules[0].severity, Severity::NeedsManual, "{text}");
        }
    }

    #[test]
    fn a_leap_day_has_a_day_before_it() {
        assert_eq!(born_after(day("2028-02-29"), 34), Some(day("1993-02-28")));
    }

    proptest! {
        #[test]
        fn no_text_is_dropped_and_none_panics(text in "[0-9一-龥，（）岁年月日以上下]{1,30}") {
            let meaning = read(&text, Some(day("2026-03-11")));
            let empty = condition(&text).chars().all(|c| "，（）".contains(c));
            prop_assert!(!meaning.rules.is_empty() || empty);
        }
    }
}
