//! The two implementations of totals and of ranks against each other.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::bonus::BonusRules;
use super::bonus::BonusSource;
use super::decimal::{Decimal, Rounding};
use super::formula::{EvalError, Formula};
use super::mark::{Flag, Mark};
use super::rank::{Entry, rank};
use super::rules::{FlagRule, ScoreRules, Total};
use super::second;

const NAMES: [&str; 6] = ["职测", "综应", "A1", "《申论》", "面试", "加分"];

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
        2 => (0u32..150).prop_map(|whole| whole.to_string()),
        1 => (0u32..150, 0u32..100).prop_map(|(whole, part)| format!("{whole}.{part:02}")),
        1 => (0u32..10).prop_map(|tenth| format!(".{tenth}")),
    ]
}

/// A formula of up to six leaves: each step puts an operator and a leaf before or behind what is there, in brackets or without,
/// so that all shapes and all ways of leaving brackets out come.
fn formula() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["+", "-", "*", "/", "×", "÷", "－", " + ", "/-"]);
    let wrap = prop::sample::select(vec![
        ("", ""),
        ("(", ")"),
        ("【", "】"),
        ("-(", ")"),
        ("（", "）%"),
        ("-", ""),
    ]);
    let percent = prop::bool::weighted(0.15);
    let step = (leaf(), percent, operator, any::<bool>(), wrap);
    (leaf(), prop::collection::vec(step, 0..5)).prop_map(|(first, steps)| {
        steps
            .into_iter()
            .fold(first, |text, (leaf, percent, operator, before, wrap)| {
                let leaf = if percent { format!("{leaf}％") } else { leaf };
                let text = format!("{}{text}{}", wrap.0, wrap.1);
                if before {
                    format!("{leaf}{operator}{text}")
                } else {
                    format!("{text}{operator}{leaf}")
                }
            })
    })
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![
        12 => (0i64..=150_000, 0u8..=3).prop_map(|(thousandths, scale)| {
            // At most 150, with as many digits as asked for.
            let units = thousandths / 10i64.pow(u32::from(3 - scale));
            Mark::Normal(Decimal::new(units, scale).unwrap())
        }),
        1 => Just(Mark::Normal(Decimal::ZERO)),
        1 => prop::sample::select(vec![Mark::Absent, Mark::Violation, Mark::Invalidated]),
    ]
}

fn marks() -> impl Strategy<Value = BTreeMap<String, Mark>> {
    // The last name is the bonus, and now and then a subject has no mark.
    prop::collection::vec(prop::option::weighted(0.95, mark()), NAMES.len() - 1).prop_map(|marks| {
        NAMES
            .iter()
            .zip(marks)
            .filter_map(|(name, mark)| Some(((*name).to_owned(), mark?)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_implementations_of_a_total_agree_to_the_last_digit(
        text in formula(), marks in marks(), bonus in 0i64..1000,
        digits in 0u8..=4, truncate in any::<bool>(), as_zero in any::<bool>(),
    ) {
        let rules = ScoreRules {
            formula: Some(text.parse().unwrap()),
            rounding: if truncate { Rounding::Truncate } else { Rounding::HalfUp },
            digits,
            on_flag: if as_zero { FlagRule::AsZero } else { FlagRule::NoTotal },
            bonus: BonusRules { source: BonusSource::File, ..BonusRules::default() },
            ..ScoreRules::default()
        };
        let bonus = Decimal::new(bonus, 2).unwrap();
        let (first, second) = (rules.total_with(&marks, bonus), second::total(&rules, &marks, bonus));
        prop_assert_eq!(&first, &second, "{}", text);
        if let (Ok(Total::Score(first)), Ok(Total::Score(second))) = (first, second) {
            prop_assert_eq!(first.to_string(), second.to_string());
        }
    }

    #[test]
    fn two_implementations_of_ranks_agree_with_counting(
        people in prop::collection::vec((0i64..3, 0i64..6, prop::option::of(0i64..3), prop::option::of(0i64..3), 0u8..8), 0..40)
    ) {
        let tie_break = ["职测".to_owned(), "综应".to_owned()];
        let entries: Vec<Entry> = (1i64..).zip(&people).map(|(id, (group, total, a, b, how))| Entry {
            id,
            group: *group,
            total: match how {
                0 => Total::Flagged(Flag::Absent),
                1 => Total::NotUsed,
                // Equal by value, written differently.
                2 => Total::Score(Decimal::new(total * 100, 2).unwrap()),
                _ => Total::Score(Decimal::whole(*total)),
            },
            marks: [("职测", a), ("综应", b)].into_iter()
                .filter_map(|(name, mark)| Some((name.to_owned(), Mark::Normal(Decimal::whole((*mark)?)))))
                .collect(),
        }).collect();
        for tie_break in [&tie_break[..], &tie_break[..1], &[]] {
            let places = rank(&entries, tie_break);
            prop_assert_eq!(&places, &second::ranks(&entries, tie_break));
            for (place, one) in places.iter().zip(&entries) {
                let better = entries.iter().filter(|other| other.group == one.group && beats(other, one, tie_break)).count();
                let expected = matches!(one.total, Total::Score(_)).then(|| u32::try_from(better + 1).unwrap());
                prop_assert_eq!(place.rank, expected);
            }
        }
    }

    #[test]
    fn whatever_the_first_reads_the_second_reads(text in "[-+*/()%×÷（）．0-9 a《综应]{0,24}") {
        if let Ok(formula) = text.parse::<Formula>() {
            let number = |_: &str| Some(Decimal::whole(7));
            let first = formula.value(&number).ok().and_then(|ratio| ratio.round(3, Rounding::HalfUp));
            let second = second::value(&text, &number, 3, Rounding::HalfUp).ok();
            prop_assert_eq!(first, second, "{}", text);
        }
    }
}

/// Written out once more: total first, then each subject; none is worse than any.
fn beats(a: &Entry, b: &Entry, tie_break: &[String]) -> bool {
    let (Total::Score(x), Total::Score(y)) = (a.total, b.total) else {
        return false;
    };
    if x != y {
        return x > y;
    }
    for name in tie_break {
        let of = |entry: &Entry| entry.marks.get(name).and_then(|mark| mark.number());
        match (of(a), of(b)) {
            (Some(x), Some(y)) if x != y => return x > y,
            (Some(_), None) => return true,
            (None, Some(_)) => return false,
            _ => {}
        }
    }
    false
}

#[test]
fn the_second_has_the_published_values_too() {
    let mark = |name: &str| {
        let marks = [("职测", "101.5"), ("综应", "98"), ("面试", "82.4")];
        let (_, text) = marks.iter().find(|(known, _)| *known == name)?;
        text.parse().ok()
    };
    for (formula, total) in [
        ("(职测+综应)/3*60%", "39.90"),
        ("（职测＋综应）÷３×６０％", "39.90"),
        ("(职测+综应)/3×60% + 面试×40%", "72.86"),
        ("【(职测+综应)/2】*(2/3)+5", "71.50"),
        ("职测-综应", "3.50"),
        ("-职测+综应*2", "94.50"),
    ] {
        let value = second::value(formula, &mark, 2, Rounding::HalfUp).unwrap();
        assert_eq!(value.to_string(), total, "{formula}");
    }
    assert_eq!(
        second::value("职测/(综应-98)", &mark, 2, Rounding::HalfUp),
        Err(EvalError::Arithmetic)
    );
    assert_eq!(
        second::value("职测+申论", &mark, 2, Rounding::HalfUp),
        Err(EvalError::Missing("申论".into()))
    );
    for broken in ["", "(职测", "职测)", "职测 综应", "1.2.3", "职测+", "?"] {
        let value = second::value(broken, &mark, 2, Rounding::HalfUp);
        assert_eq!(value, Err(EvalError::Arithmetic), "{broken}");
    }
}

/// Control: halves, thirds and numbers beyond a float's 53 bits, where a careless implementation would differ.
#[test]
fn halves_and_large_numbers_are_exact() {
    let none = |_: &str| None;
    for (formula, digits, rounding, expected) in [
        ("1/8", 2, Rounding::HalfUp, "0.13"),
        ("1/8", 2, Rounding::Truncate, "0.12"),
        ("-1/8", 2, Rounding::HalfUp, "-0.13"),
        ("-1/8", 2, Rounding::Truncate, "-0.12"),
        ("2/3", 4, Rounding::HalfUp, "0.6667"),
        ("1.005*100", 0, Rounding::HalfUp, "101"),
        (
            "9007199254740993+0",
            0,
            Rounding::HalfUp,
            "9007199254740993",
        ),
        ("(1/3)*3", 4, Rounding::Truncate, "1.0000"),
    ] {
        let value = second::value(formula, &none, digits, rounding).unwrap();
        assert_eq!(value.to_string(), expected, "{formula}");
        let first = formula.parse::<Formula>().unwrap().value(&none).unwrap();
        assert_eq!(
            first.round(digits, rounding).unwrap().to_string(),
            expected,
            "{formula}"
        );
    }
}
