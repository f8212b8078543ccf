//! 滚动管理: what somebody holds after an exam, with what he brought along.
//!
//! Source: reference `domain.md` §3: all subjects within so many consecutive exam years, by level. What counts before the exam is
//! [`crate::exam::carried`]; here the exam's own passes are added, which makes the 合格名单 and next year's carried-over file.

use serde::{Deserialize, Serialize};

use crate::exam::LevelRule;
use crate::exam::carried::{Counted, Pass};

/// What somebody holds of a level and specialty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Passes that count in the exam's year, in the order of the subjects.
    pub passes: Vec<Counted>,
    /// Names of the subjects without one.
    pub missing: Vec<String>,
    /// Whether every subject has one.
    pub complete: bool,
}

/// What somebody holds after the exam of `year`.
///
/// `subjects`: code and name of all subjects of his level and specialty; a level with exemptions has its own shorter list. `carried`: what
/// the file had about him there, whether it still counts or not. `passed_now`: codes of what he passed in this exam. Of two passes of one
/// subject the later one counts, since it counts longer.
pub fn after(
    rule: &LevelRule,
    subjects: &[(&str, &str)],
    carried: &[Pass],
    passed_now: &[&str],
    year: u32,
) -> Held {
    let (mut passes, mut missing) = (Vec::new(), Vec::new());
    for (code, name) in subjects {
        let now = passed_now.contains(code).then(|| Pass {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            year,
            date: String::new(),
        });
        let before = || {
            carried
                .iter()
                .filter(|pass| pass.code == *code && rule.counts(pass.year, year))
                .max_by_key(|pass| pass.year)
                .cloned()
        };
        match now.or_else(before) {
            Some(pass) => passes.push(Counted {
                last_year: rule.last_year(pass.year),
                pass,
            }),
            None => missing.push((*name).to_owned()),
        }
    }
    Held {
        complete: missing.is_empty() && !passes.is_empty(),
        passes,
        missing,
    }
}

impl Held {
    /// Passes that still count in the exam of another year: what is carried over to it. Whoever is complete has nothing left to take.
    pub fn carried_to(&self, year: u32) -> Vec<Pass> {
        self.passes
            .iter()
            .filter(|one| one.last_year.is_none_or(|last| year <= last))
            .map(|one| one.pass.clone())
            .collect()
    }

    /// What the candidate reads: `全部科目合格`, or how many, and until when they count.
    pub fn text(&self) -> String {
        if self.complete {
            return "全部科目合格".to_owned();
        }
        if self.passes.is_empty() {
            return "没有合格科目".to_owned();
        }
        let each: Vec<String> = self
            .passes
            .iter()
            .map(|one| format!("《{}》{}", one.pass.name, one.until()))
            .collect();
        format!("已合格 {} 科：{}", self.passes.len(), each.join("，"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SUBJECTS: [(&str, &str); 3] = [("01", "实务"), ("02", "能力"), ("03", "案例")];

    fn rule(valid_years: u32) -> LevelRule {
        LevelRule {
            valid_years,
            ..LevelRule::unset("考全科")
        }
    }

    fn pass(code: &str, year: u32) -> Pass {
        Pass {
            code: code.into(),
            name: code.into(),
            year,
            date: String::new(),
        }
    }

    #[test]
    fn all_subjects_within_the_consecutive_years_make_it_complete() {
        let carried = [pass("01", 2024), pass("02", 2025)];
        for (valid_years, now, complete, missing) in [
            // 一级消防: three consecutive years.
            (3, &["03"][..], true, &[][..]),
            (3, &[], false, &["案例"]),
            // Two: that of 2024 has run out.
            (2, &["03"], false, &["实务"]),
            (2, &["01", "03"], true, &[]),
            // One: nothing is carried over.
            (1, &["03"], false, &["实务", "能力"]),
            (1, &["01", "02", "03"], true, &[]),
            // Never runs out.
            (0, &["03"], true, &[]),
        ] {
            let held = after(&rule(valid_years), &SUBJECTS, &carried, now, 2026);
            assert_eq!(held.complete, complete, "{valid_years} {now:?}");
            assert_eq!(held.missing, missing, "{valid_years} {now:?}");
        }
    }

    #[test]
    fn what_is_held_says_until_when_and_goes_on_to_the_next_year() {
        let carried = [pass("01", 2024), pass("99", 2025)];
        let held = after(&rule(3), &SUBJECTS, &carried, &["02"], 2026);
        assert_eq!(
            held.text(),
            "已合格 2 科：《01》有效至 2026 年度，《能力》有效至 2028 年度"
        );
        let codes = |year| -> Vec<String> {
            held.carried_to(year)
                .into_iter()
                .map(|pass| pass.code)
                .collect()
        };
        assert_eq!(codes(2026), ["01", "02"]);
        assert_eq!(codes(2027), ["02"]);
        assert!(codes(2029).is_empty());
        let none = after(&rule(3), &SUBJECTS, &[], &[], 2026);
        assert_eq!(none.text(), "没有合格科目");
        assert!(!after(&rule(3), &[], &[], &[], 2026).complete);
        let json = serde_json::to_string(&held).unwrap();
        assert_eq!(serde_json::from_str::<Held>(&json).unwrap(), held);
    }

    #[test]
    fn the_later_of_two_passes_counts() {
        let carried = [pass("01", 2025), pass("01", 2024)];
        let held = after(&rule(3), &SUBJECTS, &carried, &[], 2026);
        assert_eq!(held.passes[0].pass.year, 2025);
        let again = after(&rule(3), &SUBJECTS, &carried, &["01"], 2026);
        assert_eq!(again.passes[0].last_year, Some(2028));
    }

    proptest! {
        /// Year after year with the file made of the year before: complete exactly when the last passes of all subjects lie within so many
        /// consecutive years.
        #[test]
        fn the_file_of_each_year_carries_all_that_counts(
            valid in 0u32..5, years in prop::collection::vec(prop::collection::vec(0usize..3, 0..3), 1..8)
        ) {
            let mut carried: Vec<Pass> = Vec::new();
            let mut last: [Option<u32>; 3] = [None; 3];
            for (year, passed) in (2020u32..).zip(&years) {
                for at in passed {
                    last[*at] = Some(year);
                }
                let now: Vec<&str> = passed.iter().map(|at| SUBJECTS[*at].0).collect();
                let held = after(&rule(valid), &SUBJECTS, &carried, &now, year);
                let counts = |last: &Option<u32>| last.is_some_and(|last| valid == 0 || year - last < valid);
                prop_assert_eq!(held.complete, last.iter().all(counts), "{} {:?}", year, last);
                prop_assert_eq!(held.passes.len(), last.iter().filter(|last| counts(last)).count());
                prop_assert_eq!(held.passes.len() + held.missing.len(), 3);
                carried = held.carried_to(year + 1);
            }
        }
    }
}
