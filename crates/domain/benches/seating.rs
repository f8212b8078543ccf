//! How long it takes to seat a city: 50,000 people in 1,700 rooms, with employers and schools to be kept apart.
//!
//! * `seating/50000`: the plan. Bar: at most 1 s of CPU.
//! * `seating/check`: the rules over its 90,000 seats.
//!
//! Beforehand it prints what the plan came to: neighbours who share something, and the floor that no plan is below.
//! `cargo bench -p domain` (`make bench` with the rest).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails at once and tells what it saw"
)]

use std::hint::black_box;

use criterion::Criterion;
use domain::arrangement::{
    Apart, ApartKind, Candidate, Options, Room, RoomUse, SeatKeeping, Sitting, check, generate,
};

const PEOPLE: u32 = 50_000;

/// A number that is small rather than large: a few employers and schools have most of the people.
fn skewed(index: u32, salt: u32, most: u32) -> u32 {
    let drawn = index
        .wrapping_mul(2_654_435_761)
        .wrapping_add(salt.wrapping_mul(40_503))
        >> 8;
    let share = u64::from(drawn % 10_000);
    u32::try_from(share * share * share * u64::from(most) / 1_000_000_000_000).unwrap()
}

/// Two papers of general knowledge, five classes of the second one, of which a fifth sits none.
fn people() -> Vec<Candidate> {
    let apart = |kind, key: u32| Apart {
        kind,
        key: key.to_string(),
    };
    (0..PEOPLE)
        .map(|index| {
            let mut sittings = vec![Sitting {
                session: 1,
                paper: "职测".into(),
            }];
            if index % 5 != 0 {
                sittings.push(Sitting {
                    session: 2,
                    paper: format!("综合{}", skewed(index, 1, 5)),
                });
            }
            let employer = skewed(index, 2, 600);
            Candidate {
                id: i64::from(index),
                sittings,
                group: String::new(),
                region: String::new(),
                apart: vec![
                    apart(ApartKind::Employer, employer),
                    apart(ApartKind::Position, employer * 10 + skewed(index, 3, 10)),
                    apart(ApartKind::School, skewed(index, 4, 2_000)),
                ],
                accommodation: index % 1_000 == 999,
            }
        })
        .collect()
}

fn rooms() -> Vec<Room> {
    (1..=1_700)
        .map(|no| Room {
            no,
            site: no.div_ceil(40),
            site_name: String::new(),
            address: String::new(),
            name: String::new(),
            region: String::new(),
            capacity: 30,
            usage: if no % 400 == 0 {
                RoomUse::Accommodation
            } else {
                RoomUse::Standard
            },
        })
        .collect()
}

fn main() {
    let (people, rooms) = (people(), rooms());
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("seating");
    for keeping in SeatKeeping::ALL {
        let options = Options {
            keeping: *keeping,
            ..Options::default()
        };
        let plan = generate(&people, &rooms, &options, "种子").unwrap();
        println!(
            "{}: {} seats, {} neighbours who share something, {} inevitable, {} blocks",
            keeping.code(),
            plan.seats.len(),
            plan.close_pairs,
            plan.floor,
            plan.blocks
        );
        group.bench_function(format!("{PEOPLE}/{}", keeping.code()), |b| {
            b.iter(|| generate(black_box(&people), &rooms, &options, "种子").unwrap());
        });
        group.bench_function(format!("check/{}", keeping.code()), |b| {
            b.iter(|| assert!(check(&people, &rooms, black_box(&plan.seats)).is_empty()));
        });
    }
    group.finish();
    criterion.final_summary();
}
