//! Properties of generated plans over random exams, and the plans that are known by heart.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::check::check;
use super::generate::{Plan, PlanProblem, generate};
use super::input::{
    Apart, ApartKind, Candidate, DEFAULT_CAPACITY, Options, Room, RoomUse, SeatKeeping, Sitting,
};

fn candidate(id: i64, papers: &[(u32, &str)]) -> Candidate {
    Candidate {
        id,
        sittings: papers
            .iter()
            .map(|(session, paper)| Sitting {
                session: *session,
                paper: (*paper).into(),
            })
            .collect(),
        group: String::new(),
        region: String::new(),
        apart: vec![],
        accommodation: false,
    }
}

fn employer(name: impl std::fmt::Display) -> Apart {
    Apart {
        kind: ApartKind::Employer,
        key: format!("单位{name}"),
    }
}

fn room(no: u32, site: u32, capacity: u32, usage: RoomUse) -> Room {
    Room {
        no,
        site,
        site_name: format!("考点{site}"),
        address: String::new(),
        name: String::new(),
        region: String::new(),
        capacity,
        usage,
    }
}

fn standard(count: u32) -> Vec<Room> {
    (1..=count)
        .map(|no| room(no, no.div_ceil(10), DEFAULT_CAPACITY, RoomUse::Standard))
        .collect()
}

#[test]
fn whole_rooms_open_one_paper_and_the_rest_shares_a_tail_room() {
    let mut people: Vec<Candidate> = (0..65)
        .map(|id| candidate(id, &[(1, "A"), (2, "A2")]))
        .collect();
    people.extend((65..100).map(|id| candidate(id, &[(1, "B"), (2, "B2")])));
    let plan = generate(&people, &standard(4), &Options::default(), "种子").unwrap();
    assert_eq!(check(&people, &standard(4), &plan.seats), []);
    let rooms: BTreeSet<u32> = plan.seats.iter().map(|seat| seat.room).collect();
    assert_eq!(rooms.len(), 4);
    assert_eq!(plan.mixed_rooms.into_iter().collect::<Vec<_>>(), [4]);
}

#[test]
fn candidates_of_other_days_use_the_same_rooms() {
    let mut people: Vec<Candidate> = (0..30).map(|id| candidate(id, &[(1, "A")])).collect();
    people.extend((30..60).map(|id| candidate(id, &[(2, "B"), (3, "C")])));
    let plan = generate(&people, &standard(1), &Options::default(), "x").unwrap();
    assert_eq!(check(&people, &standard(1), &plan.seats), []);
}

#[test]
fn keeping_the_site_needs_fewer_seats_than_keeping_the_seat() {
    let mut people: Vec<Candidate> = (0..30).map(|id| candidate(id, &[(1, "A")])).collect();
    people.extend((30..60).map(|id| candidate(id, &[(2, "B")])));
    // One person of both sessions ties them together.
    people[0].sittings.push(Sitting {
        session: 2,
        paper: "C".into(),
    });
    people.pop();
    let rooms = standard(1);
    let tied = generate(&people, &rooms, &Options::default(), "x");
    assert_eq!(
        tied,
        Err(PlanProblem::NotEnough {
            region: String::new(),
            usage: RoomUse::Standard,
            need: 59,
            have: 30
        })
    );
    let options = Options {
        keeping: SeatKeeping::Site,
        ..Options::default()
    };
    let plan = generate(&people, &rooms, &options, "x").unwrap();
    assert_eq!(check(&people, &rooms, &plan.seats), []);
}

#[test]
fn accommodations_sit_in_their_own_rooms_and_spare_rooms_stay_empty() {
    let mut people: Vec<Candidate> = (0..5).map(|id| candidate(id, &[(1, "A")])).collect();
    people[3].accommodation = true;
    let mut rooms = vec![
        room(1, 1, 30, RoomUse::Spare),
        room(2, 1, 30, RoomUse::Standard),
    ];
    let missing = generate(&people, &rooms, &Options::default(), "x").unwrap_err();
    assert_eq!(
        missing.to_string(),
        "合理便利考场不够：需要 1 个座位，现有 0 个"
    );
    rooms.push(room(3, 1, 2, RoomUse::Accommodation));
    let plan = generate(&people, &rooms, &Options::default(), "x").unwrap();
    assert_eq!(check(&people, &rooms, &plan.seats), []);
    assert!(
        plan.seats
            .iter()
            .all(|seat| (seat.room == 3) == (seat.candidate == 3) && seat.room != 1)
    );
}

#[test]
fn bad_input_is_named() {
    let rooms = standard(1);
    let refused = |people: &[Candidate], rooms: &[Room]| {
        generate(people, rooms, &Options::default(), "x").unwrap_err()
    };
    assert_eq!(refused(&[], &rooms), PlanProblem::NoCandidates);
    let one = candidate(1, &[(1, "A")]);
    assert_eq!(
        refused(&[one.clone(), one.clone()], &rooms),
        PlanProblem::CandidateTwice(1)
    );
    assert_eq!(
        refused(&[candidate(1, &[])], &rooms),
        PlanProblem::BadSittings(1)
    );
    assert_eq!(
        refused(&[candidate(1, &[(1, "A"), (1, "B")])], &rooms),
        PlanProblem::BadSittings(1)
    );
    let twice = [rooms[0].clone(), rooms[0].clone()];
    assert_eq!(refused(&[one], &twice), PlanProblem::RoomTwice(1));
}

#[test]
fn neighbours_share_no_employer_where_that_is_possible() {
    let people: Vec<Candidate> = (0..30)
        .map(|id| Candidate {
            apart: vec![employer(id % 4)],
            ..candidate(id, &[(1, "A")])
        })
        .collect();
    let spread = generate(&people, &standard(1), &Options::default(), "x").unwrap();
    assert_eq!(spread.close_pairs, 0);
    let options = Options {
        spread: false,
        ..Options::default()
    };
    let control = generate(&people, &standard(1), &options, "x").unwrap();
    assert!(
        control.close_pairs > 0,
        "the control run must have neighbours of one employer"
    );
}

/// Neighbours who share something and are there at the same time, counted from the seats alone.
fn neighbours(people: &[Candidate], plan: &Plan, options: &Options) -> usize {
    let by_id: BTreeMap<i64, &Candidate> = people.iter().map(|one| (one.id, one)).collect();
    let mut pairs = BTreeSet::new();
    for (at, one) in plan.seats.iter().enumerate() {
        for other in &plan.seats[at + 1..] {
            let same = (one.session, one.room) == (other.session, other.room);
            if same && options.pattern.adjacent(one.seat, other.seat) {
                let shared = |key: &Apart| by_id[&other.candidate].apart.contains(key);
                if by_id[&one.candidate].apart.iter().any(shared) {
                    // Who keeps his seat has the same neighbour in each session.
                    let session = match options.keeping {
                        SeatKeeping::Seat => 0,
                        SeatKeeping::Site => one.session,
                    };
                    pairs.insert((session, one.candidate, other.candidate));
                }
            }
        }
    }
    pairs.len()
}

/// A random exam: up to 150 people in up to three sessions with two papers each, two regions, some accommodations.
fn exam() -> impl Strategy<Value = (Vec<Candidate>, Vec<Room>)> {
    let person = (
        proptest::collection::btree_map(1u32..4, 0u8..2, 1..4),
        0u8..3,
        proptest::bool::weighted(0.05),
        0u8..2,
        (0u8..6, proptest::collection::vec(0u8..9, 0..3)),
    );
    (
        proptest::collection::vec(person, 1..150),
        proptest::collection::vec(1u32..40, 24),
    )
        .prop_map(|(people, sizes)| {
            let people = (1i64..)
                .zip(people)
                .map(
                    |(id, (papers, group, accommodation, region, (own, schools)))| Candidate {
                        id,
                        sittings: papers
                            .into_iter()
                            .map(|(session, paper)| Sitting {
                                session,
                                paper: format!("{session}{paper}"),
                            })
                            .collect(),
                        group: format!("g{group}"),
                        region: format!("r{region}"),
                        // Some have no school, some two.
                        apart: std::iter::once(employer(own))
                            .chain(schools.into_iter().map(|school| Apart {
                                kind: ApartKind::School,
                                key: format!("{school}"),
                            }))
                            .collect(),
                        accommodation,
                    },
                )
                .collect();
            let rooms = (1u32..)
                .zip(sizes)
                .map(|(no, capacity)| Room {
                    region: format!("r{}", no % 2),
                    ..room(
                        no,
                        no / 6,
                        capacity,
                        if no % 8 < 2 {
                            RoomUse::Accommodation
                        } else {
                            RoomUse::Standard
                        },
                    )
                })
                .collect();
            (people, rooms)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_plan_keeps_every_rule((people, rooms) in exam(), seed in "[a-z]{4}", keep_site: bool) {
        let keeping = if keep_site { SeatKeeping::Site } else { SeatKeeping::Seat };
        let options = Options { keeping, ..Options::default() };
        match generate(&people, &rooms, &options, &seed) {
            Ok(plan) => {
                prop_assert_eq!(check(&people, &rooms, &plan.seats), []);
                prop_assert!(plan.floor <= plan.close_pairs, "{} > {}", plan.floor, plan.close_pairs);
                prop_assert_eq!(plan.close.len(), plan.close_pairs as usize);
                prop_assert_eq!(neighbours(&people, &plan, &options), plan.close.len());
                // The order of the input changes nothing.
                let (mut turned, mut halls) = (people.clone(), rooms.clone());
                turned.reverse();
                halls.reverse();
                prop_assert_eq!(&generate(&turned, &halls, &options, &seed).unwrap(), &plan);
                if keeping == SeatKeeping::Seat {
                    let mut places: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
                    for seat in &plan.seats {
                        let place = (seat.room, seat.seat);
                        prop_assert_eq!(*places.entry(seat.candidate).or_insert(place), place);
                    }
                }
            }
            // With the seat kept, a plan fails only where some part really has fewer seats than people.
            Err(PlanProblem::NotEnough { need, have, .. }) => prop_assert!(keep_site || need > have),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn another_seed_gives_another_plan_of_the_same_people(ids in 60i64..120) {
        let people: Vec<Candidate> = (0..ids).map(|id| candidate(id, &[(1, "A")])).collect();
        let one = generate(&people, &standard(5), &Options::default(), "一").unwrap();
        let two = generate(&people, &standard(5), &Options::default(), "二").unwrap();
        prop_assert_ne!(&one.seats, &two.seats);
        prop_assert_ne!(one.seed_hash, two.seed_hash);
    }
}
