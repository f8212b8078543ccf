//! 入围, 递补 and combined totals against their definitions, over random exams.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::combine::combine;
use super::promote::{next_in_line, passed_over, vacant};
use super::rules::{Ends, Exclude, RatioStep, SelectionRules, Ties};
use super::second;
use super::shortlist::{Listed, Runner, Verdict, shortlist};
use crate::arrangement::seed::Shuffler;
use crate::score::{Decimal, Flag, Mark, Rounding, Total};

fn field() -> impl Strategy<Value = Vec<Runner>> {
    let mark = prop_oneof![
        20 => (0i64..4).prop_map(|n| Mark::Normal(Decimal::whole(n))),
        1 => prop::sample::select(vec![Mark::Absent, Mark::Violation, Mark::Invalidated]),
    ];
    let total = prop_oneof![
        20 => (0i64..8, 0u8..2).prop_map(|(n, zeros)| {
            Total::Score(Decimal::new(n * 10i64.pow(zeros.into()), zeros).unwrap())
        }),
        1 => Just(Total::NotUsed),
        1 => Just(Total::Flagged(Flag::Violation)),
    ];
    let passed = prop::sample::select(vec![None, Some(true), Some(true), Some(false)]);
    let one = (
        1i64..4,
        total,
        prop::collection::btree_map(
            prop::sample::select(vec!["职测".to_owned(), "综应".to_owned()]),
            mark,
            0..3,
        ),
        passed,
        prop::bool::weighted(0.05),
    );
    prop::collection::vec(one, 0..60).prop_map(|people| {
        (1i64..)
            .zip(people)
            .map(|(id, (position, total, marks, passed, gone))| Runner {
                id,
                position,
                total,
                marks,
                passed,
                gone,
            })
            .collect()
    })
}

fn wanted() -> impl Strategy<Value = (SelectionRules, BTreeMap<i64, u32>)> {
    let flag = || any::<bool>();
    (
        (1u32..6, 1u32..3, flag(), flag()),
        (flag(), flag(), flag(), flag()),
        prop::collection::btree_map(1i64..4, 1u32..5, 0..4),
    )
        .prop_map(
            |((num, den, up, all), (absent, violation, zero, below_line), posts)| {
                let rules = SelectionRules {
                    ratios: vec![
                        RatioStep {
                            upto: 2,
                            num: num + 1,
                            den,
                        },
                        RatioStep {
                            upto: 0,
                            num: num.max(den),
                            den,
                        },
                    ],
                    ends: if up { Ends::Up } else { Ends::Down },
                    ties: if all { Ties::AllIn } else { Ties::TieBreak },
                    exclude: Exclude {
                        absent,
                        violation,
                        zero,
                        below_line,
                    },
                    ..SelectionRules::default()
                };
                (rules, posts)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_list_is_its_definition((rules, posts) in wanted(), runners in field()) {
        let deciding = ["综应".to_owned(), "职测".to_owned()];
        let list = shortlist(&rules, &deciding, &posts, &runners).unwrap();
        prop_assert_eq!(&list, &second::shortlist(&rules, &deciding, &posts, &runners).unwrap());
        for (position, headcount) in &posts {
            let places = usize::try_from(rules.places(*headcount).unwrap()).unwrap();
            let here: Vec<&Listed> = list.iter().filter(|one| one.position == *position).collect();
            let eligible = here.iter().filter(|one| one.rank.is_some()).count();
            let entered: Vec<u32> = here.iter().filter(|one| one.verdict.is_in()).map(|one| one.rank.unwrap()).collect();
            // Enough enter, and without the last rank there would be fewer than places.
            prop_assert!(entered.len() >= places.min(eligible));
            if let Some(last) = entered.iter().max() {
                prop_assert!(entered.iter().filter(|rank| *rank < last).count() < places);
            }
            // Ties are what is more than the places.
            let tied = here.iter().any(|one| one.verdict == Verdict::Tie);
            prop_assert_eq!(tied, entered.len() > places);
        }
        for one in &list {
            prop_assert_eq!(one.rank.is_none(), matches!(one.verdict, Verdict::Excluded(_)));
        }
    }

    #[test]
    fn neither_the_order_nor_somebody_worse_changes_it((rules, posts) in wanted(), runners in field(), seed in any::<u64>()) {
        let deciding = ["综应".to_owned()];
        let by_id = |runners: &[Runner]| -> BTreeMap<i64, Listed> {
            shortlist(&rules, &deciding, &posts, runners).unwrap().into_iter().map(|one| (one.id, one)).collect()
        };
        let list = by_id(&runners);
        let mut mixed = runners;
        Shuffler::new(&seed.to_string(), "").shuffle(&mut mixed);
        prop_assert_eq!(&list, &by_id(&mixed));
        for position in 1..4 {
            mixed.push(Runner {
                id: 1_000 + position,
                position,
                total: Total::Score(Decimal::whole(-1)),
                marks: BTreeMap::new(),
                passed: None,
                gone: false,
            });
        }
        let mut more = by_id(&mixed);
        more.retain(|id, _| *id < 1_000);
        prop_assert_eq!(&list, &more);
    }

    /// Places get free and are filled, over and over: nobody is passed over, nobody is asked twice, and nobody who could be asked is left
    /// while a place is free.
    #[test]
    fn following_never_skips_a_better_one(
        (rules, posts) in wanted(), runners in field(), leaves in prop::collection::vec(1usize..4, 1..12)
    ) {
        let list = shortlist(&rules, &[], &posts, &runners).unwrap();
        for (position, headcount) in &posts {
            let here: Vec<Listed> = list.iter().copied().filter(|one| one.position == *position).collect();
            let places = rules.places(*headcount).unwrap();
            let mut alive: Vec<i64> = here.iter().filter(|one| one.verdict.is_in()).map(|one| one.id).collect();
            let mut used: BTreeSet<i64> = alive.iter().copied().collect();
            let pool = here.iter().filter(|one| one.verdict == Verdict::Beyond).count();
            let mut followed = 0;
            for leave in &leaves {
                alive.truncate(alive.len().saturating_sub(*leave));
                let free = vacant(places, u32::try_from(alive.len()).unwrap());
                for id in next_in_line(&here, &used, free) {
                    prop_assert!(used.insert(id), "asked twice");
                    alive.push(id);
                    followed += 1;
                }
                prop_assert_eq!(passed_over(&here, &used), Vec::<i64>::new());
                let filled = alive.len() >= usize::try_from(places).unwrap();
                prop_assert!(filled || followed == pool);
            }
        }
    }

    #[test]
    fn combined_totals_have_a_second_implementation(
        written in (0i64..=15_000, 0u8..=3), interview in (0i64..=10_000, 0u8..=2), bonus in 0i64..=500,
        text in prop::sample::select(vec!["笔试*60%+面试*40%", "笔试/1.5*50%+面试*50%", "(笔试+加分)*40%+面试*60%", "面试", "笔试/3+面试/7"]),
        digits in 0u8..=4, cut in any::<bool>()
    ) {
        let rules = SelectionRules {
            total: text.parse().ok(),
            digits,
            rounding: if cut { Rounding::Truncate } else { Rounding::HalfUp },
            ..SelectionRules::default()
        };
        let (written, interview) = (Decimal::new(written.0, written.1), Decimal::new(interview.0, interview.1));
        let bonus = Decimal::new(bonus, 2).unwrap();
        let number = |name: &str| match name {
            "笔试" => written,
            "面试" => interview,
            _ => Some(bonus),
        };
        let second = crate::score::second::value(text, &number, digits, rules.rounding);
        prop_assert_eq!(combine(&rules, written, interview, bonus), second.map(Total::Score));
    }
}
