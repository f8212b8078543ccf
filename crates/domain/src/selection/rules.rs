//! How an exam selects after the written paper: the settings.
//!
//! Source: reference `domain.md` §4 "After the exam" (1:1.5, 1:3, 1:5; ties at the last place all enter; any absent, violation or
//! zero subject excludes; 递补 at 体检 and 考察 limited to one or two rounds; 公示 7 working days) and §9 (formulas).

use serde::{Deserialize, Serialize};

use super::combine::{INTERVIEW, WRITTEN};
use super::stage::Path;
use crate::coded::coded;
use crate::interview::panel::Dropped;
use crate::score::bonus::BONUS;
use crate::score::{Decimal, Formula, Rounding};
use crate::sheet::squeezed;

/// Steps of a ratio.
const MOST_STEPS: usize = 10;
/// Most judges of a panel.
const MOST_JUDGES: u8 = 30;

/// So many places for each post, for positions that hire up to so many: `1:1.5` is `3/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioStep {
    /// 招聘人数 up to which it holds; 0 for any number.
    pub upto: u32,
    /// Places.
    pub num: u32,
    /// For so many posts.
    pub den: u32,
}

impl RatioStep {
    /// Reads a line as people type it: `1:3` for any number, `10 = 1:3` for positions that hire up to ten. Full-width signs are
    /// understood, and parts of a place as in `1:1.5`.
    pub fn parse_line(line: &str) -> Option<Self> {
        let line = squeezed(line).replace(['＝', '：'], "=").replace(':', "=");
        let parts: Vec<&str> = line.split('=').collect();
        let (upto, posts, places) = match *parts.as_slice() {
            [posts, places] => (0, posts, places),
            ["其他" | "其余" | "不限", posts, places] => (0, posts, places),
            [upto, posts, places] => {
                let upto = upto.trim_end_matches('人').parse::<u32>().ok()?;
                (upto, posts, places)
            }
            _ => return None,
        };
        let (den, num) = (thousandths(posts)?, thousandths(places)?);
        let common = greatest_common(den, num);
        Some(Self {
            upto,
            num: num.checked_div(common)?,
            den: den.checked_div(common)?,
        })
    }

    /// `1:1.5`, or `3:4` where the places for one post aren't a short decimal.
    pub fn ratio(self) -> String {
        let thousand = u64::from(self.num) * 1_000;
        match (
            thousand.checked_rem(u64::from(self.den)),
            thousand.checked_div(u64::from(self.den)),
        ) {
            (Some(0), Some(places)) => {
                let (whole, part) = (places / 1_000, places % 1_000);
                let part = format!("{part:03}");
                let part = part.trim_end_matches('0');
                let point = if part.is_empty() { "" } else { "." };
                format!("1:{whole}{point}{part}")
            }
            _ => format!("{}:{}", self.den, self.num),
        }
    }

    /// The line that [`RatioStep::parse_line`] reads.
    pub fn line(self) -> String {
        if self.upto == 0 {
            self.ratio()
        } else {
            format!("{} = {}", self.upto, self.ratio())
        }
    }
}

/// A positive number with up to three digits after the point, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let number = format!("{whole}{part:0<3}").parse::<u32>().ok()?;
    (number > 0).then_some(number)
}

fn greatest_common(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a
}

coded! {
    /// What becomes of a part of a place.
    pub enum Ends {
        /// A place more.
        Up = "up", "有小数的进一";
        /// Cut off.
        Down = "down", "有小数的舍去";
    }
}

coded! {
    /// Who enters of those with equal totals at the last place.
    pub enum Ties {
        /// All of them.
        AllIn = "all_in", "末位并列的全部入围";
        /// The exam's list of deciding subjects speaks first; whoever is equal by it, too, enters.
        TieBreak = "tie_break", "先按排名规则比较，仍并列的全部入围";
    }
}

/// What keeps somebody from the list, whatever his total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exclude {
    /// A subject that he was absent from.
    pub absent: bool,
    /// A subject with a violation, or declared void.
    pub violation: bool,
    /// A subject with zero.
    pub zero: bool,
    /// A line that he doesn't reach.
    pub below_line: bool,
}

impl Default for Exclude {
    fn default() -> Self {
        Self {
            absent: true,
            violation: true,
            zero: true,
            below_line: true,
        }
    }
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelectionRules {
    /// Whether anything comes after the scores here.
    pub on: bool,
    /// 入围比例, by 招聘人数, rising.
    pub ratios: Vec<RatioStep>,
    /// Parts of a place.
    pub ends: Ends,
    /// Equals at the last place.
    pub ties: Ties,
    /// Who doesn't enter at all.
    pub exclude: Exclude,
    /// Whether there is a 资格复审 on site before the interview.
    pub documents: bool,
    /// Whether there is a 体检.
    pub medical: bool,
    /// Whether there is a 考察.
    pub background: bool,
    /// Hours within which somebody who is promoted says whether he comes.
    pub offer_hours: u32,
    /// How often a place that gets free at 体检 or 考察 is filled again.
    pub medical_rounds: u8,
    /// Mark of the interview below which nobody is ranked.
    pub least: Option<Decimal>,
    /// How many of the judges' marks don't count.
    pub drop: Dropped,
    /// Judges of a panel.
    pub judges: u8,
    /// Digits of an interview's mark after the point.
    pub interview_digits: u8,
    /// How an interview's mark and the combined total are rounded.
    pub rounding: Rounding,
    /// 总成绩 of 笔试, 面试 and 加分.
    pub total: Option<Formula>,
    /// Digits of the combined total after the point.
    pub digits: u8,
    /// What decides between equal totals, first to last: 面试, 笔试, or a subject.
    pub tie_break: Vec<String>,
    /// Working days of the 公示.
    pub publicity_days: u32,
}

impl Default for SelectionRules {
    fn default() -> Self {
        Self {
            on: false,
            ratios: Vec::new(),
            ends: Ends::Up,
            ties: Ties::AllIn,
            exclude: Exclude::default(),
            documents: true,
            medical: true,
            background: true,
            offer_hours: 24,
            medical_rounds: 1,
            least: None,
            drop: Dropped::default(),
            judges: 7,
            interview_digits: 2,
            rounding: Rounding::HalfUp,
            total: None,
            digits: 2,
            tie_break: Vec::new(),
            publicity_days: 7,
        }
    }
}

impl SelectionRules {
    /// Whether nothing is set: what exams without a selection store.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// Places of a position that hires so many; `None` when no step of the ratio is for it.
    pub fn places(&self, headcount: u32) -> Option<u32> {
        let step = self
            .ratios
            .iter()
            .find(|step| step.upto == 0 || headcount <= step.upto)?;
        let (whole, den) = (
            u64::from(headcount) * u64::from(step.num),
            u64::from(step.den),
        );
        let places = match self.ends {
            Ends::Up => whole.checked_add(den.checked_sub(1)?)?.checked_div(den)?,
            Ends::Down => whole.checked_div(den)?,
        };
        u32::try_from(places).ok()
    }

    /// Which steps somebody goes.
    pub const fn path(&self) -> Path {
        Path {
            documents: self.documents,
            medical: self.medical,
            background: self.background,
        }
    }

    /// Problems in the settings, in plain Chinese; `subjects` are the names and codes that the exam has, `written` whether it has a
    /// written paper.
    pub fn problems(&self, subjects: &[&str], written: bool) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.on {
            return problems;
        }
        if written {
            self.ratio_problems(&mut problems);
        }
        match &self.total {
            None => problems.push("请填写总成绩（笔试、面试）的计算公式".to_owned()),
            Some(total) => {
                let names = total.subjects();
                for name in &names {
                    if ![WRITTEN, INTERVIEW, BONUS].contains(name) {
                        problems.push(format!(
                            "总成绩公式里的“{name}”看不懂，应为{WRITTEN}、{INTERVIEW}或{BONUS}"
                        ));
                    }
                }
                if !names.contains(INTERVIEW) {
                    problems.push(format!("总成绩公式里没有“{INTERVIEW}”"));
                }
                if !written && names.contains(WRITTEN) {
                    problems.push(format!("本考试没有笔试，总成绩公式里不能有“{WRITTEN}”"));
                }
            }
        }
        for name in &self.tie_break {
            let known = [WRITTEN, INTERVIEW].contains(&name.as_str());
            if !known && !subjects.contains(&name.as_str()) {
                problems.push(format!("总成绩并列时比较的“{name}”不在本考试的科目中"));
            }
        }
        if self.digits > 4 || self.interview_digits > 4 {
            problems.push("面试成绩和总成绩最多保留 4 位小数".to_owned());
        }
        if !(1..=MOST_JUDGES).contains(&self.judges) {
            problems.push(format!("面试考官应为 1 至 {MOST_JUDGES} 人"));
        }
        if u16::from(self.judges) <= self.drop.count() {
            problems.push("面试考官人数应多于去掉的最高分和最低分的个数".to_owned());
        }
        if self.least.is_some_and(Decimal::is_negative) {
            problems.push("面试最低分不能小于 0".to_owned());
        }
        if !(1..=720).contains(&self.offer_hours) {
            problems.push("递补确认的时间应为 1 至 720 小时".to_owned());
        }
        if !(1..=60).contains(&self.publicity_days) {
            problems.push("公示应为 1 至 60 个工作日".to_owned());
        }
        problems
    }

    fn ratio_problems(&self, problems: &mut Vec<String>) {
        if self.ratios.len() > MOST_STEPS {
            problems.push(format!("入围比例最多分 {MOST_STEPS} 档"));
        }
        for step in &self.ratios {
            if step.den == 0 || step.num < step.den || step.num > step.den.saturating_mul(100) {
                problems.push("入围比例应在 1:1 至 1:100 之间".to_owned());
            }
        }
        let rising = self
            .ratios
            .iter()
            .zip(self.ratios.iter().skip(1))
            .all(|(one, next)| one.upto > 0 && (next.upto == 0 || one.upto < next.upto));
        if !rising {
            problems.push("入围比例各档的招聘人数应由小到大".to_owned());
        }
        if self.ratios.last().is_none_or(|step| step.upto != 0) {
            problems.push("请填写入围比例，最后一档不限招聘人数".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(upto: u32, num: u32, den: u32) -> RatioStep {
        RatioStep { upto, num, den }
    }

    fn rules() -> SelectionRules {
        SelectionRules {
            on: true,
            ratios: vec![step(2, 5, 1), step(10, 3, 1), step(0, 3, 2)],
            total: Some("笔试*60%+面试*40%".parse().unwrap()),
            ..SelectionRules::default()
        }
    }

    #[test]
    fn places_follow_the_step_for_the_headcount() {
        let up = rules();
        let down = SelectionRules {
            ends: Ends::Down,
            ..rules()
        };
        for (headcount, places_up, places_down) in [
            (1, 5, 5),
            (2, 10, 10),
            (3, 9, 9),
            (10, 30, 30),
            (11, 17, 16),
            (12, 18, 18),
        ] {
            assert_eq!(up.places(headcount), Some(places_up), "{headcount}");
            assert_eq!(down.places(headcount), Some(places_down), "{headcount}");
        }
        let none = SelectionRules {
            ratios: vec![step(2, 5, 1)],
            ..rules()
        };
        assert_eq!(none.places(3), None);
        let broken = SelectionRules {
            ratios: vec![step(0, 3, 0)],
            ..rules()
        };
        assert_eq!(broken.places(3), None);
    }

    #[test]
    fn a_ratio_is_read_as_it_is_typed_and_written_back() {
        for (typed, want, back) in [
            ("1:3", step(0, 3, 1), "1:3"),
            ("其他 = 1：1.5", step(0, 3, 2), "1:1.5"),
            (" 10人＝1:3 ", step(10, 3, 1), "10 = 1:3"),
            ("3:4", step(0, 4, 3), "3:4"),
            ("2:3", step(0, 3, 2), "1:1.5"),
            ("1:1.125", step(0, 9, 8), "1:1.125"),
        ] {
            let read = RatioStep::parse_line(typed);
            assert_eq!(read, Some(want), "{typed}");
            assert_eq!(want.line(), back);
            assert_eq!(RatioStep::parse_line(back), Some(want));
        }
        for wrong in [
            "", "3", "1:0", "0:1", "1:x", "a=1:3", "1:2:3:4", "1:1.1234", "1:-3", "1:",
        ] {
            assert_eq!(RatioStep::parse_line(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(rules().problems(&["职测"], true), Vec::<String>::new());
        assert!(SelectionRules::default().problems(&[], true).is_empty());
        type Change = fn(&mut SelectionRules);
        let cases: [(&str, Change); 14] = [
            ("入围比例", |r| r.ratios.clear()),
            ("不限招聘人数", |r| r.ratios = vec![step(5, 3, 1)]),
            ("由小到大", |r| {
                r.ratios = vec![step(0, 3, 1), step(0, 2, 1)];
            }),
            ("由小到大", |r| {
                r.ratios = vec![step(5, 3, 1), step(5, 2, 1), step(0, 2, 1)];
            }),
            ("1:1 至 1:100", |r| r.ratios = vec![step(0, 1, 2)]),
            ("1:1 至 1:100", |r| r.ratios = vec![step(0, 1, 0)]),
            ("计算公式", |r| r.total = None),
            ("没有“面试”", |r| r.total = "笔试".parse().ok()),
            ("“口试”看不懂", |r| {
                r.total = "笔试+面试+口试".parse().ok();
            }),
            ("“申论”不在", |r| {
                r.tie_break = vec!["面试".into(), "申论".into()];
            }),
            ("考官人数应多于", |r| r.judges = 2),
            ("考官应为", |r| r.judges = 0),
            ("递补确认", |r| r.offer_hours = 0),
            ("工作日", |r| r.publicity_days = 0),
        ];
        for (word, change) in cases {
            let mut rules = rules();
            change(&mut rules);
            let problems = rules.problems(&["职测"], true);
            assert!(
                problems.iter().any(|one| one.contains(word)),
                "{word}: {problems:?}"
            );
        }
    }

    #[test]
    fn an_exam_without_a_written_paper_has_no_ratio_and_no_written_mark() {
        let direct = SelectionRules {
            ratios: Vec::new(),
            total: "面试".parse().ok(),
            ..rules()
        };
        assert_eq!(direct.problems(&[], false), Vec::<String>::new());
        assert_eq!(rules().problems(&[], false).len(), 1);
    }

    #[test]
    fn it_reads_back() {
        let json = serde_json::to_string(&rules()).unwrap();
        assert_eq!(
            serde_json::from_str::<SelectionRules>(&json).unwrap(),
            rules()
        );
        assert!(serde_json::from_str::<SelectionRules>(r#"{"ratio":[]}"#).is_err());
        assert_eq!(
            serde_json::from_str::<SelectionRules>("{}").unwrap(),
            SelectionRules::default()
        );
    }

    proptest! {
        #[test]
        fn up_and_down_differ_by_at_most_a_place(headcount in 1u32..5_000, num in 1u32..20, den in 1u32..10) {
            let of = |ends| SelectionRules { ends, ratios: vec![step(0, num, den)], ..rules() }.places(headcount).unwrap();
            let (up, down) = (of(Ends::Up), of(Ends::Down));
            prop_assert!(up == down || up == down + 1);
            prop_assert_eq!(up == down, headcount * num % den == 0);
            prop_assert!(down * den <= headcount * num && headcount * num <= up * den);
        }
    }
}
