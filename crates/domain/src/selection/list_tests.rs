//! 入围, 递补, combined totals and the list for the 体检, by hand.

use std::collections::BTreeSet;

use super::combine::{Finalist, combine, final_ranks, medical_list};
use super::promote::{
    again, answer_by, in_time, next_for_medical, next_in_line, passed_over, vacant,
};
use super::rules::{Exclude, RatioStep, SelectionRules, Ties};
use super::second;
use super::shortlist::{Listed, NoRatio, Runner, Verdict, Why, everybody, shortlist};
use crate::score::formula::EvalError;
use crate::score::{Decimal, Flag, Mark, Rounding, Total};
use crate::time::Timestamp;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn rules() -> SelectionRules {
    SelectionRules {
        on: true,
        ratios: vec![RatioStep {
            upto: 0,
            num: 3,
            den: 1,
        }],
        total: "笔试*60%+面试*40%".parse().ok(),
        tie_break: vec!["面试".into(), "职测".into()],
        ..SelectionRules::default()
    }
}

fn runner(id: i64, total: &str, first: &str) -> Runner {
    Runner {
        id,
        position: 1,
        total: Total::Score(d(total)),
        marks: [("职测".to_owned(), Mark::Normal(d(first)))].into(),
        passed: None,
        gone: false,
    }
}

fn verdicts(list: &[Listed]) -> Vec<(i64, Option<u32>, Verdict)> {
    list.iter()
        .map(|one| (one.id, one.rank, one.verdict))
        .collect()
}

#[test]
fn equals_at_the_last_place_all_enter_unless_a_subject_decides() {
    let runners = [
        runner(1, "80", "40"),
        runner(2, "70", "30"),
        runner(3, "60.0", "20"),
        runner(4, "60.00", "30"),
        runner(5, "60", "30"),
        runner(6, "59.99", "59"),
    ];
    let posts = [(1, 1)].into();
    let deciding = ["职测".to_owned()];
    let all = shortlist(&rules(), &deciding, &posts, &runners).unwrap();
    use Verdict::{Beyond, In, Tie};
    assert_eq!(
        verdicts(&all),
        [
            (1, Some(1), In),
            (2, Some(2), In),
            (3, Some(3), Tie),
            (4, Some(3), Tie),
            (5, Some(3), Tie),
            (6, Some(6), Beyond)
        ]
    );
    let by_subject = SelectionRules {
        ties: Ties::TieBreak,
        ..rules()
    };
    let decided = shortlist(&by_subject, &deciding, &posts, &runners).unwrap();
    assert_eq!(
        verdicts(&decided),
        [
            (1, Some(1), In),
            (2, Some(2), In),
            (3, Some(5), Beyond),
            (4, Some(3), Tie),
            (5, Some(3), Tie),
            (6, Some(6), Beyond)
        ]
    );
    // Four places: the two who are equal both find one, so that they aren't a tie.
    let more = SelectionRules {
        ratios: vec![RatioStep {
            upto: 0,
            num: 4,
            den: 1,
        }],
        ..by_subject
    };
    let found = shortlist(&more, &deciding, &posts, &runners).unwrap();
    assert_eq!(found[3].verdict, In);
    assert_eq!(found[2].verdict, Beyond);
}

#[test]
fn who_is_excluded_holds_no_rank_and_the_next_ones_move_up() {
    let flagged = |id, mark| {
        let mut one = runner(id, "90", "50");
        one.marks.insert("综应".into(), mark);
        one
    };
    let runners = [
        flagged(1, Mark::Absent),
        flagged(2, Mark::Violation),
        flagged(3, Mark::Invalidated),
        flagged(4, Mark::Normal(d("0.00"))),
        Runner {
            passed: Some(false),
            ..runner(5, "90", "50")
        },
        Runner {
            total: Total::Flagged(Flag::Absent),
            ..runner(6, "0", "50")
        },
        Runner {
            total: Total::NotUsed,
            ..runner(7, "0", "50")
        },
        Runner {
            gone: true,
            ..runner(8, "90", "50")
        },
        Runner {
            position: 9,
            ..runner(9, "90", "50")
        },
        runner(10, "10", "5"),
    ];
    let posts = [(1, 1)].into();
    let whys = |rules: &SelectionRules| -> Vec<Option<Why>> {
        shortlist(rules, &[], &posts, &runners)
            .unwrap()
            .iter()
            .map(|one| match one.verdict {
                Verdict::Excluded(why) => {
                    assert_eq!(one.rank, None);
                    Some(why)
                }
                _ => None,
            })
            .collect()
    };
    assert_eq!(
        whys(&rules()),
        [
            Some(Why::Absent),
            Some(Why::Violation),
            Some(Why::Invalidated),
            Some(Why::Zero),
            Some(Why::Line),
            Some(Why::NoTotal),
            Some(Why::NoTotal),
            Some(Why::Gone),
            Some(Why::Gone),
            None
        ]
    );
    let lenient = SelectionRules {
        exclude: Exclude {
            absent: false,
            violation: false,
            zero: false,
            below_line: false,
        },
        ..rules()
    };
    let still: Vec<Why> = whys(&lenient).into_iter().flatten().collect();
    assert_eq!(still, [Why::NoTotal, Why::NoTotal, Why::Gone, Why::Gone]);
    let list = shortlist(&rules(), &[], &posts, &runners).unwrap();
    assert_eq!((list[9].rank, list[9].verdict), (Some(1), Verdict::In));
}

#[test]
fn a_position_without_a_ratio_gives_no_list_at_all() {
    let rules = SelectionRules {
        ratios: vec![RatioStep {
            upto: 1,
            num: 3,
            den: 1,
        }],
        ..rules()
    };
    let posts = [(1, 1), (2, 5)].into();
    assert_eq!(
        shortlist(&rules, &[], &posts, &[]),
        Err(NoRatio { headcount: 5 })
    );
    assert_eq!(second::shortlist(&rules, &[], &posts, &[]), None);
}

#[test]
fn without_a_written_paper_everybody_comes() {
    let gone = Runner {
        gone: true,
        ..runner(2, "0", "0")
    };
    let list = everybody(&[runner(1, "0", "0"), gone]);
    assert_eq!(
        verdicts(&list),
        [
            (1, None, Verdict::In),
            (2, None, Verdict::Excluded(Why::Gone))
        ]
    );
}

#[test]
fn verdicts_are_stored_and_read_back() {
    let all = [Verdict::In, Verdict::Tie, Verdict::Beyond].into_iter();
    for verdict in all.chain(Why::ALL.iter().copied().map(Verdict::Excluded)) {
        let why = match verdict {
            Verdict::Excluded(why) => why.code(),
            _ => "",
        };
        assert_eq!(Verdict::from_parts(verdict.code(), why), Some(verdict));
    }
    assert_eq!(Verdict::from_parts("excluded", ""), None);
    assert_eq!(Verdict::from_parts("out", ""), None);
}

#[test]
fn whole_ranks_follow_in_order() {
    let line = |id, rank, verdict| Listed {
        id,
        position: 1,
        rank,
        verdict,
    };
    let listed = [
        line(1, Some(1), Verdict::In),
        line(2, Some(2), Verdict::Tie),
        line(5, Some(4), Verdict::Beyond),
        line(4, Some(4), Verdict::Beyond),
        line(6, Some(6), Verdict::Beyond),
        line(7, None, Verdict::Excluded(Why::Zero)),
    ];
    let used = |ids: &[i64]| ids.iter().copied().collect::<BTreeSet<i64>>();
    for (gone, free, next) in [
        (&[1, 2][..], 0, &[][..]),
        (&[1, 2], 1, &[4, 5]),
        (&[1, 2], 2, &[4, 5]),
        (&[1, 2], 3, &[4, 5, 6]),
        (&[1, 2, 4], 1, &[5]),
        (&[1, 2, 4, 5], 9, &[6]),
        (&[1, 2, 4, 5, 6], 9, &[]),
    ] {
        assert_eq!(
            next_in_line(&listed, &used(gone), free),
            next,
            "{gone:?} {free}"
        );
    }
    assert!(passed_over(&listed, &used(&[1, 2])).is_empty());
    assert!(passed_over(&listed, &used(&[1, 2, 4])).is_empty());
    assert_eq!(passed_over(&listed, &used(&[1, 2, 6])), [5, 4]);
    assert_eq!(passed_over(&listed, &used(&[1, 2, 5, 6])), [4]);
    assert_eq!((vacant(3, 2), vacant(3, 4)), (1, 0));
}

#[test]
fn an_offer_stands_until_its_deadline_and_not_at_it() {
    let offered = Timestamp::parse_local("2026-06-01 17:00").unwrap();
    let due = answer_by(&rules(), offered);
    assert_eq!(due, Timestamp::parse_local("2026-06-02 17:00").unwrap());
    assert!(in_time(due, Timestamp::from_micros(due.micros() - 1)));
    assert!(!in_time(due, due));
    assert!(again(&rules(), 0));
    assert!(!again(&rules(), 1));
}

fn finalist(id: i64, written: &str, interview: Option<&str>, first: &str) -> Finalist {
    let (written, interview) = (Some(d(written)), interview.map(d));
    let total = combine(&rules(), written, interview, Decimal::ZERO).unwrap_or(Total::NotUsed);
    Finalist {
        id,
        position: 1,
        written,
        interview,
        total,
        marks: [("职测".to_owned(), Mark::Normal(d(first)))].into(),
    }
}

#[test]
fn totals_of_both_parts_are_exact_and_rounded_as_the_exam_says() {
    let of = |rules: &SelectionRules, written: &str, interview: &str, bonus: &str| {
        combine(rules, Some(d(written)), Some(d(interview)), d(bonus)).map(|total| match total {
            Total::Score(total) => total.to_string(),
            other => format!("{other:?}"),
        })
    };
    // 71.21 * 0.6 + 82.43 * 0.4 = 42.726 + 32.972 = 75.698
    assert_eq!(of(&rules(), "71.21", "82.43", "0").unwrap(), "75.70");
    let cut = SelectionRules {
        rounding: Rounding::Truncate,
        ..rules()
    };
    assert_eq!(of(&cut, "71.21", "82.43", "0").unwrap(), "75.69");
    let with_bonus = SelectionRules {
        total: "(笔试+加分)*60%+面试*40%".parse().ok(),
        digits: 3,
        ..rules()
    };
    assert_eq!(of(&with_bonus, "71.21", "82.43", "2.5").unwrap(), "77.198");
    let none = SelectionRules {
        total: None,
        ..rules()
    };
    assert_eq!(of(&none, "71.21", "82.43", "0").unwrap(), "NotUsed");
    assert_eq!(
        combine(&rules(), Some(d("70")), None, Decimal::ZERO),
        Err(EvalError::Missing("面试".into()))
    );
}

#[test]
fn equal_totals_are_told_apart_by_the_interview_then_by_a_subject() {
    let least = SelectionRules {
        least: Some(d("60")),
        ..rules()
    };
    let finalists = [
        finalist(1, "70", Some("80"), "50"),
        // 72*0.6 + 77*0.4 = 74.0 = 70*0.6 + 80*0.4
        finalist(2, "72", Some("77"), "60"),
        finalist(3, "70", Some("80"), "51"),
        finalist(4, "99", Some("59.99"), "51"),
        finalist(5, "99", None, "51"),
        finalist(6, "50", Some("60"), "51"),
    ];
    let places = final_ranks(&least, &finalists);
    let ranks: Vec<_> = places.iter().map(|one| (one.id, one.rank)).collect();
    assert_eq!(
        ranks,
        [
            (1, Some(2)),
            (2, Some(3)),
            (3, Some(1)),
            (4, None),
            (5, None),
            (6, Some(4))
        ]
    );
    assert!(places.iter().all(|one| one.out_of == 4));
    let used: BTreeSet<i64> = [3, 1].into();
    assert_eq!(next_for_medical(&places, &used, 1), [2]);
    assert_eq!(next_for_medical(&places, &used, 9), [2, 6]);
}

#[test]
fn one_person_a_post_goes_to_the_medical_check() {
    let finalists = [
        finalist(1, "80", Some("80"), "50"),
        finalist(2, "70", Some("80"), "50"),
        finalist(3, "70", Some("80"), "50"),
        finalist(4, "60", Some("80"), "50"),
        finalist(5, "60", None, "50"),
    ];
    let places = final_ranks(&rules(), &finalists);
    let of = |posts: u32| -> Vec<Option<Verdict>> {
        medical_list(&[(1, posts)].into(), &places)
            .into_iter()
            .map(|(_, verdict)| verdict)
            .collect()
    };
    let (i, t, b) = (Some(Verdict::In), Some(Verdict::Tie), Some(Verdict::Beyond));
    assert_eq!(of(0), [b, b, b, b, None]);
    assert_eq!(of(1), [i, b, b, b, None]);
    // Two are equal and one post is left: a person decides.
    assert_eq!(of(2), [i, t, t, b, None]);
    assert_eq!(of(3), [i, i, i, b, None]);
    assert_eq!(of(9), [i, i, i, i, None]);
}
