//! What of a published exam's settings doesn't change any more, and what two people have to agree to.
//!
//! Whoever applied did so under fees, steps and conditions that were announced; whoever has a seat or a score got it by rules
//! that were announced. Changing those under him is not a correction.

use super::settings::ExamSettings;
use crate::score::ScoreRules;
use crate::score::bonus::BonusRules;
use crate::selection::SelectionRules;

/// How far a published exam has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Somebody applied, even if he withdrew.
    pub applied: bool,
    /// A seating plan is published.
    pub seated: bool,
    /// Scores are published.
    pub scored: bool,
    /// A list of those who come to the interview is published.
    pub shortlisted: bool,
}

/// From when on something stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From publication on: the conditions of the table were read with it.
    Published,
    /// From the first application on.
    Applied,
    /// From the seating plan on.
    Seated,
    /// From the scores on.
    Scored,
    /// From the 入围名单 on.
    Shortlisted,
}

impl Since {
    const fn has_come(self, reached: Reached) -> bool {
        match self {
            Self::Published => true,
            Self::Applied => reached.applied,
            Self::Seated => reached.seated,
            Self::Scored => reached.scored,
            Self::Shortlisted => reached.shortlisted,
        }
    }

    /// Why it stands still and what is left to do, in plain Chinese.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Published => {
                "岗位表是按它导入的，单独改会使条件前后不一。还没有人报名的，请先撤回发布再修改。"
            }
            Self::Applied => {
                "已有考生按现在的规定报名，改了对先报名的人不公平。确需调整的，请另建一场考试。"
            }
            Self::Seated => "考场编排已经公布，座位和准考证号是按现在的规定排的。",
            Self::Scored => "成绩已经公布，是按现在的规则算的。个别成绩有误的，请办理成绩更正。",
            Self::Shortlisted => {
                "入围名单已经公布，是按现在的规则确定的，后面的排名也按公布的规则计算。"
            }
        }
    }
}

type Differs = fn(&ExamSettings, &ExamSettings) -> bool;

/// What stands still, since when, and how to see that somebody would change it.
const RULES: [(&str, Since, Differs); 14] = [
    ("年龄计算日期", Since::Published, |a, b| {
        a.counted_to != b.counted_to
    }),
    ("资格审查的先后", Since::Applied, |a, b| {
        a.steps.review != b.steps.review
    }),
    ("审查级数", Since::Applied, |a, b| {
        a.review.levels != b.review.levels
    }),
    ("收费的先后", Since::Applied, |a, b| {
        a.steps.payment != b.steps.payment
    }),
    ("实名和学历核验", Since::Applied, |a, b| {
        a.checks != b.checks
    }),
    ("照片的先后", Since::Applied, |a, b| {
        a.steps.photo != b.steps.photo
    }),
    ("有没有笔试", Since::Applied, |a, b| {
        a.steps.seating != b.steps.seating
    }),
    ("级别的报考规则", Since::Applied, |a, b| {
        a.levels != b.levels
    }),
    ("收费标准", Since::Applied, |a, b| {
        (&a.fees.rule, a.fees.registration) != (&b.fees.rule, b.fees.registration)
    }),
    ("考试科目和场次", Since::Seated, |a, b| {
        let sittings = |settings: &ExamSettings| -> Vec<(String, String, u32)> {
            let papers = settings.papers.iter();
            papers
                .map(|paper| (paper.class.clone(), paper.code.clone(), paper.session))
                .collect()
        };
        sittings(a) != sittings(b)
    }),
    ("座位的编排", Since::Seated, |a, b| {
        (&a.arrangement, a.room_capacity) != (&b.arrangement, b.room_capacity)
    }),
    ("准考证号", Since::Seated, |a, b| {
        (&a.ticket, a.year, a.number) != (&b.ticket, b.year, b.number)
    }),
    ("成绩规则", Since::Scored, |a, b| marks(a) != marks(b)),
    ("面试与聘用的规则", Since::Shortlisted, |a, b| {
        selecting(a) != selecting(b)
    }),
];

/// The rules that decide who is selected; not until when somebody answers, how often a place is filled again, how many sit on a panel
/// and how long names stand in public.
fn selecting(settings: &ExamSettings) -> SelectionRules {
    let usual = SelectionRules::default();
    SelectionRules {
        offer_hours: usual.offer_hours,
        medical_rounds: usual.medical_rounds,
        judges: usual.judges,
        publicity_days: usual.publicity_days,
        ..settings.selection.clone()
    }
}

/// The rules that make the scores; what shows beside them isn't one, nor until when a bonus is asked for.
fn marks(settings: &ExamSettings) -> ScoreRules {
    ScoreRules {
        rank_shown: false,
        parts_shown: false,
        bonus: BonusRules {
            window: None,
            ..settings.score.bonus.clone()
        },
        ..settings.score.clone()
    }
}

/// What a change would touch that stands still.
pub fn frozen(
    old: &ExamSettings,
    new: &ExamSettings,
    reached: Reached,
) -> Vec<(&'static str, Since)> {
    RULES
        .into_iter()
        .filter(|(_, since, differs)| since.has_come(reached) && differs(old, new))
        .map(|(what, since, _)| (what, since))
        .collect()
}

/// Whether a change takes two people: money, the times of the papers, and what decides who passes and who is hired. Windows that close later are
/// one person's with a reason, since an emergency doesn't wait.
pub fn takes_two(old: &ExamSettings, new: &ExamSettings) -> bool {
    old.fees != new.fees
        || old.papers != new.papers
        || marks(old) != marks(new)
        || old.selection != new.selection
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::settings::Paper;
    use crate::exam::steps::{PaymentStep, PhotoStep, ReviewStep};
    use crate::money::Fen;
    use crate::payment::fee::FeeRule;
    use crate::time::{Date, Timestamp};

    fn paper(code: &str, hour: u32) -> Paper {
        let at = |hour: u32| Timestamp::parse_local(&format!("2026-04-12 {hour:02}:00")).unwrap();
        Paper {
            class: String::new(),
            code: code.into(),
            name: code.into(),
            session: 1,
            starts_at: at(hour),
            ends_at: at(hour + 2),
        }
    }

    type Change = fn(&mut ExamSettings);

    #[test]
    fn each_thing_stands_still_from_its_moment_on_and_not_before() {
        let moments = [
            Reached::default(),
            Reached {
                applied: true,
                ..Reached::default()
            },
            Reached {
                applied: true,
                seated: true,
                ..Reached::default()
            },
            Reached {
                applied: true,
                seated: true,
                scored: true,
                ..Reached::default()
            },
            Reached {
                applied: true,
                seated: true,
                scored: true,
                shortlisted: true,
            },
        ];
        let old = ExamSettings {
            papers: vec![paper("01", 9)],
            ..ExamSettings::default()
        };
        // (name, from which moment on, change, whether it takes two people)
        let cases: [(&str, Option<usize>, Change, bool); 26] = [
            (
                "counted_to",
                Some(0),
                |s| s.counted_to = Date::parse_typed("2026-03-01"),
                false,
            ),
            (
                "review",
                Some(1),
                |s| s.steps.review = ReviewStep::None,
                false,
            ),
            ("levels", Some(1), |s| s.review.levels = 2, false),
            (
                "payment",
                Some(1),
                |s| s.steps.payment = PaymentStep::None,
                false,
            ),
            ("photo", Some(1), |s| s.steps.photo = PhotoStep::None, false),
            (
                "checks",
                Some(1),
                |s| s.checks.identity = crate::check::Demand::Needed,
                false,
            ),
            ("seating", Some(1), |s| s.steps.seating = false, false),
            (
                "fee",
                Some(1),
                |s| {
                    s.fees.rule = FeeRule::Flat {
                        amount: Fen::new(9_900),
                    }
                },
                true,
            ),
            (
                "registration fee",
                Some(1),
                |s| s.fees.registration = Fen::new(100),
                true,
            ),
            ("waivers", None, |s| s.fees.waivers = !s.fees.waivers, true),
            (
                "who gets a waiver",
                None,
                |s| s.fees.waiver.categories.clear(),
                true,
            ),
            (
                "a paper more",
                Some(2),
                |s| s.papers.push(paper("02", 14)),
                true,
            ),
            (
                "a paper later",
                None,
                |s| s.papers = vec![paper("01", 10)],
                true,
            ),
            ("capacity", Some(2), |s| s.room_capacity += 1, false),
            ("number", Some(2), |s| s.number += 1, false),
            ("score", Some(3), |s| s.score.digits += 1, true),
            (
                "rank",
                None,
                |s| s.score.rank_shown = !s.score.rank_shown,
                false,
            ),
            (
                "parts",
                None,
                |s| s.score.parts_shown = !s.score.parts_shown,
                false,
            ),
            (
                "bonus",
                Some(3),
                |s| s.score.bonus.cap = Some(crate::score::Decimal::whole(5)),
                true,
            ),
            (
                "bonus asked for longer",
                None,
                |s| {
                    let at = Timestamp::from_seconds;
                    s.score.bonus.window = crate::window::Window::new(at(0), at(9)).ok();
                },
                false,
            ),
            ("selection", Some(4), |s| s.selection.on = true, true),
            ("offers", None, |s| s.selection.offer_hours += 1, true),
            ("hours", None, |s| s.review.hours += 1, false),
            (
                "contact",
                None,
                |s| s.notices.contact = "电话".into(),
                false,
            ),
            ("agreement", None, |s| s.agreement.version += 1, false),
            ("stagger", None, |s| s.stagger.groups = 6, false),
        ];
        for (name, from, change, two) in cases {
            let mut new = old.clone();
            change(&mut new);
            for (moment, reached) in moments.into_iter().enumerate() {
                let stands = from.is_some_and(|from| moment >= from);
                let found = frozen(&old, &new, reached);
                assert_eq!(!found.is_empty(), stands, "{name} {moment}: {found:?}");
            }
            assert_eq!(takes_two(&old, &new), two, "{name}");
        }
        for reached in moments {
            assert_eq!(frozen(&old, &old, reached), []);
        }
        assert!(!takes_two(&old, &old));
    }
}
