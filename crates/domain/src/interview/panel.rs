//! A panel's marks: each judge's, entered twice, without the highest and the lowest, as an exact mean.
//!
//! Source: reference `domain.md` §4 and §9 (interview in decimals, two digits, half-up or cut). Equal marks are told apart by the judge's
//! number, so that exactly as many are struck as the exam says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::score::{Decimal, Flag, Ratio, Rounding};

/// Full marks of an interview.
pub const FULL: Decimal = Decimal::whole(100);
/// Digits after the point that a judge may give.
pub const MARK_DIGITS: u8 = 2;

/// How many of a panel's marks don't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dropped {
    /// From above.
    pub highest: u8,
    /// From below.
    pub lowest: u8,
}

impl Default for Dropped {
    fn default() -> Self {
        Self {
            highest: 1,
            lowest: 1,
        }
    }
}

impl Dropped {
    /// How many together.
    pub fn count(self) -> u16 {
        u16::from(self.highest) + u16::from(self.lowest)
    }
}

/// Why a panel's marks make no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// Nothing is left when the highest and the lowest are struck.
    #[error("考官评分只有 {marks} 个，去掉最高分和最低分后没有可计算的分数")]
    TooFew {
        /// How many there are.
        marks: usize,
    },
    /// Not between 0 and full marks, or more digits than allowed.
    #[error("考官评分 {0} 不正确，应为 0 至 100，最多两位小数")]
    OutOfRange(Decimal),
    /// The mean can't be kept.
    #[error("面试成绩无法计算")]
    Arithmetic,
}

/// A result with what was struck for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trimmed {
    /// The mean of those that count.
    pub mean: Decimal,
    /// Places in the input of those that don't, in order.
    pub struck: Vec<usize>,
}

/// Whether a judge may give it.
///
/// # Errors
/// [`PanelError::OutOfRange`].
pub fn may_give(mark: Decimal) -> Result<Decimal, PanelError> {
    // More digits that are all zero would be the same number, but nobody means to write them.
    let fine = !mark.is_negative() && mark <= FULL && mark.scale() <= MARK_DIGITS;
    fine.then_some(mark).ok_or(PanelError::OutOfRange(mark))
}

/// The result of a panel, with what was struck.
///
/// # Errors
/// A mark that can't be given, or too few of them.
pub fn trimmed(
    marks: &[Decimal],
    drop: Dropped,
    digits: u8,
    rounding: Rounding,
) -> Result<Trimmed, PanelError> {
    for mark in marks {
        may_give(*mark)?;
    }
    let mut order: Vec<(Decimal, usize)> = marks.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let too_few = PanelError::TooFew { marks: marks.len() };
    let (lowest, highest) = (usize::from(drop.lowest), usize::from(drop.highest));
    let top = order.len().checked_sub(highest).ok_or(too_few)?;
    let kept = order
        .get(lowest..top)
        .filter(|kept| !kept.is_empty())
        .ok_or(too_few)?;
    let count = i128::try_from(kept.len()).map_err(|_| PanelError::Arithmetic)?;
    let mean = kept
        .iter()
        .try_fold(Ratio::ZERO, |sum, (mark, _)| sum.plus(mark.ratio()))
        .and_then(|sum| sum.over(Ratio::new(count, 1)?))
        .and_then(|mean| mean.round(digits, rounding))
        .ok_or(PanelError::Arithmetic)?;
    let ends = order.iter().take(lowest).chain(order.iter().skip(top));
    let mut struck: Vec<usize> = ends.map(|(_, place)| *place).collect();
    struck.sort_unstable();
    Ok(Trimmed { mean, struck })
}

/// The result of a panel.
///
/// # Errors
/// As [`trimmed`].
pub fn trimmed_mean(
    marks: &[Decimal],
    drop: Dropped,
    digits: u8,
    rounding: Rounding,
) -> Result<Decimal, PanelError> {
    trimmed(marks, drop, digits, rounding).map(|result| result.mean)
}

/// What one person typed for one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Whether he came, and whether he kept the rules.
    pub flag: Flag,
    /// Marks by the judge's number, from 1; none for whom a flag stands.
    pub marks: BTreeMap<u8, Decimal>,
}

/// Where two entries differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// One has him present, the other doesn't.
    Flag(Flag, Flag),
    /// A judge's mark; `None`: it's missing.
    Mark {
        /// The judge's number.
        judge: u8,
        /// What the first entry has.
        first: Option<Decimal>,
        /// What the second one has.
        second: Option<Decimal>,
    },
}

/// Where the entries of two people differ; empty: they agree. `82.5` and `82.50` are one mark.
pub fn differences(first: &Sheet, second: &Sheet) -> Vec<Difference> {
    let mut found = Vec::new();
    if first.flag != second.flag {
        found.push(Difference::Flag(first.flag, second.flag));
    }
    let mut judges: Vec<u8> = first
        .marks
        .keys()
        .chain(second.marks.keys())
        .copied()
        .collect();
    judges.sort_unstable();
    judges.dedup();
    for judge in judges {
        let of = |sheet: &Sheet| sheet.marks.get(&judge).copied();
        let (first, second) = (of(first), of(second));
        if first != second {
            found.push(Difference::Mark {
                judge,
                first,
                second,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE_EACH: Dropped = Dropped {
        highest: 1,
        lowest: 1,
    };

    fn marks(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_highest_and_the_lowest_are_struck_and_the_rest_is_exact() {
        let panel = marks(&["82.5", "79", "91.25", "80", "82.50", "70.75", "85"]);
        let result = trimmed(&panel, ONE_EACH, 2, Rounding::HalfUp).unwrap();
        // (82.5 + 79 + 80 + 82.5 + 85) / 5
        assert_eq!(result.mean.to_string(), "81.80");
        assert_eq!(result.struck, [2, 5]);
        let three = marks(&["80", "80", "81", "90", "60"]);
        let of = |digits, rounding| trimmed_mean(&three, ONE_EACH, digits, rounding).unwrap();
        assert_eq!(of(2, Rounding::HalfUp).to_string(), "80.33");
        let two_thirds = marks(&["80", "81", "81", "90", "60"]);
        let of = |digits, rounding| trimmed_mean(&two_thirds, ONE_EACH, digits, rounding).unwrap();
        assert_eq!(of(2, Rounding::HalfUp).to_string(), "80.67");
        assert_eq!(of(2, Rounding::Truncate).to_string(), "80.66");
        assert_eq!(of(0, Rounding::HalfUp).to_string(), "81");
    }

    #[test]
    fn of_equal_marks_as_many_are_struck_as_the_exam_says() {
        let equal = marks(&["80", "80.0", "80", "80"]);
        let result = trimmed(&equal, ONE_EACH, 2, Rounding::HalfUp).unwrap();
        assert_eq!(
            (result.mean.to_string(), result.struck),
            ("80.00".into(), vec![0, 3])
        );
        let none = Dropped {
            highest: 0,
            lowest: 0,
        };
        let result = trimmed(&marks(&["80", "81"]), none, 2, Rounding::HalfUp).unwrap();
        assert_eq!(
            (result.mean.to_string(), result.struck),
            ("80.50".into(), vec![])
        );
    }

    #[test]
    fn what_cannot_be_a_panel_is_refused() {
        let of = |texts: &[&str]| trimmed_mean(&marks(texts), ONE_EACH, 2, Rounding::HalfUp);
        for texts in [&[][..], &["80"], &["80", "81"]] {
            assert_eq!(of(texts), Err(PanelError::TooFew { marks: texts.len() }));
        }
        let much = Dropped {
            highest: 9,
            lowest: 0,
        };
        assert_eq!(
            trimmed_mean(&marks(&["80", "81"]), much, 2, Rounding::HalfUp),
            Err(PanelError::TooFew { marks: 2 })
        );
        for bad in ["100.01", "-1", "80.125", "80.100"] {
            let mark = bad.parse().unwrap();
            assert_eq!(
                of(&["80", bad, "81", "82"]),
                Err(PanelError::OutOfRange(mark)),
                "{bad}"
            );
        }
        assert_eq!(of(&["0", "100", "50.25"]).unwrap().to_string(), "50.25");
    }

    #[test]
    fn two_entries_agree_or_are_told_apart_judge_by_judge() {
        let sheet = |flag, texts: &[(u8, &str)]| Sheet {
            flag,
            marks: texts
                .iter()
                .map(|(judge, text)| (*judge, text.parse().unwrap()))
                .collect(),
        };
        let first = sheet(Flag::Normal, &[(1, "80"), (2, "81.5"), (3, "82")]);
        let same = sheet(Flag::Normal, &[(1, "80.0"), (2, "81.50"), (3, "82")]);
        assert_eq!(differences(&first, &same), []);
        let other = sheet(Flag::Normal, &[(1, "80"), (2, "85.1"), (4, "82")]);
        let mark = |judge, first: Option<&str>, second: Option<&str>| Difference::Mark {
            judge,
            first: first.map(|text| text.parse().unwrap()),
            second: second.map(|text| text.parse().unwrap()),
        };
        assert_eq!(
            differences(&first, &other),
            [
                mark(2, Some("81.5"), Some("85.1")),
                mark(3, Some("82"), None),
                mark(4, None, Some("82")),
            ]
        );
        let absent = sheet(Flag::Absent, &[]);
        assert_eq!(differences(&first, &absent).len(), 4);
        assert_eq!(differences(&absent, &absent), []);
    }

    proptest! {
        /// Against whole numbers: hundredths sorted, cut at both ends, summed, divided by hand.
        #[test]
        fn it_is_what_sorting_and_adding_gives(
            hundredths in prop::collection::vec(0i64..=10_000, 1..12), highest in 0u8..3, lowest in 0u8..3,
            digits in 0u8..=4, cut in any::<bool>()
        ) {
            let panel: Vec<Decimal> = hundredths.iter().map(|one| Decimal::new(*one, 2).unwrap()).collect();
            let rounding = if cut { Rounding::Truncate } else { Rounding::HalfUp };
            let found = trimmed_mean(&panel, Dropped { highest, lowest }, digits, rounding).ok();
            let mut sorted = hundredths;
            sorted.sort_unstable();
            let end = sorted.len().saturating_sub(highest.into());
            let kept: Vec<i64> = sorted.into_iter().take(end).skip(lowest.into()).collect();
            let expected = (!kept.is_empty()).then(|| {
                let scaled = kept.iter().sum::<i64>() * 1_000_000;
                let unit = i64::try_from(kept.len()).unwrap() * 10i64.pow(8 - u32::from(digits));
                let whole = scaled / unit;
                let up = !cut && scaled % unit * 2 >= unit;
                Decimal::new(whole + i64::from(up), digits).unwrap()
            });
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_order_of_the_judges_does_not_matter(hundredths in prop::collection::vec(0i64..=10_000, 3..10), seed in any::<u64>()) {
            let mut panel: Vec<Decimal> = hundredths.iter().map(|one| Decimal::new(*one, 2).unwrap()).collect();
            let one = trimmed_mean(&panel, ONE_EACH, 2, Rounding::HalfUp).unwrap();
            crate::arrangement::seed::Shuffler::new(&seed.to_string(), "").shuffle(&mut panel);
            prop_assert_eq!(one, trimmed_mean(&panel, ONE_EACH, 2, Rounding::HalfUp).unwrap());
            prop_assert!(*panel.iter().min().unwrap() <= one && one <= *panel.iter().max().unwrap());
        }
    }
}
