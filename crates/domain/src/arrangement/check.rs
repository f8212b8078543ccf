//! The rules that every plan keeps, made here or elsewhere (assurance invariants 16 and 17).

use std::collections::{BTreeMap, BTreeSet};

use super::input::{Candidate, Room, RoomUse, Seat};

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Violation {
    /// A candidate has no seat in a session that he sits.
    #[error("考生 {candidate} 第 {session} 场没有座位")]
    NoSeat {
        /// The application.
        candidate: i64,
        /// The session.
        session: u32,
    },
    /// A candidate has two seats in one session.
    #[error("考生 {candidate} 第 {session} 场有两个座位")]
    TwoSeats {
        /// The application.
        candidate: i64,
        /// The session.
        session: u32,
    },
    /// A seat in a session that the candidate doesn't sit.
    #[error("考生 {candidate} 没有报考第 {session} 场，却编排了座位")]
    NotSitting {
        /// The application.
        candidate: i64,
        /// The session.
        session: u32,
    },
    /// A candidate whom the exam doesn't know or who may not be seated.
    #[error("考生 {0} 不在可编排名单中")]
    UnknownCandidate(i64),
    /// A room that isn't in the list.
    #[error("第 {0} 考场不在考场名单中")]
    UnknownRoom(u32),
    /// A seat number of zero or above the room's capacity.
    #[error("第 {room} 考场没有 {seat} 号座位")]
    NoSuchSeat {
        /// The room.
        room: u32,
        /// The seat.
        seat: u32,
    },
    /// Two people on one seat.
    #[error("第 {session} 场第 {room} 考场 {seat} 号座位编排了两个人")]
    SeatTwice {
        /// The session.
        session: u32,
        /// The room.
        room: u32,
        /// The seat.
        seat: u32,
    },
    /// A candidate in two sites.
    #[error("考生 {0} 的各场次不在同一个考点")]
    TwoSites(i64),
    /// Accommodation not kept, or its room used by others.
    #[error("考生 {0} 与所在考场的用途不符（合理便利、备用考场）")]
    WrongRoom(i64),
    /// Another region than the candidate chose.
    #[error("考生 {0} 不在所选考区")]
    WrongRegion(i64),
}

/// Every broken rule, sorted; empty for a good plan.
pub fn check(candidates: &[Candidate], rooms: &[Room], seats: &[Seat]) -> Vec<Violation> {
    let by_room: BTreeMap<u32, &Room> = rooms.iter().map(|room| (room.no, room)).collect();
    let by_id: BTreeMap<i64, &Candidate> = candidates.iter().map(|one| (one.id, one)).collect();
    let mut broken = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let mut seated = BTreeSet::new();
    let mut sites: BTreeMap<i64, u32> = BTreeMap::new();
    for seat in seats {
        let (candidate, session) = (seat.candidate, seat.session);
        if !taken.insert((session, seat.room, seat.seat)) {
            broken.insert(Violation::SeatTwice {
                session,
                room: seat.room,
                seat: seat.seat,
            });
        }
        if !seated.insert((candidate, session)) {
            broken.insert(Violation::TwoSeats { candidate, session });
        }
        let Some(person) = by_id.get(&candidate) else {
            broken.insert(Violation::UnknownCandidate(candidate));
            continue;
        };
        if !person
            .sittings
            .iter()
            .any(|sitting| sitting.session == session)
        {
            broken.insert(Violation::NotSitting { candidate, session });
        }
        let Some(room) = by_room.get(&seat.room) else {
            broken.insert(Violation::UnknownRoom(seat.room));
            continue;
        };
        if seat.seat == 0 || seat.seat > room.capacity {
            broken.insert(Violation::NoSuchSeat {
                room: room.no,
                seat: seat.seat,
            });
        }
        if *sites.entry(candidate).or_insert(room.site) != room.site {
            broken.insert(Violation::TwoSites(candidate));
        }
        let proper = if person.accommodation {
            RoomUse::Accommodation
        } else {
            RoomUse::Standard
        };
        if room.usage != proper {
            broken.insert(Violation::WrongRoom(candidate));
        }
        if room.region != person.region {
            broken.insert(Violation::WrongRegion(candidate));
        }
    }
    for person in candidates {
        for sitting in &person.sittings {
            if !seated.contains(&(person.id, sitting.session)) {
                broken.insert(Violation::NoSeat {
                    candidate: person.id,
                    session: sitting.session,
                });
            }
        }
    }
    broken.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::input::Sitting;
    use super::*;

    fn person(id: i64) -> Candidate {
        Candidate {
            id,
            sittings: vec![
                Sitting {
                    session: 1,
                    paper: "A".into(),
                },
                Sitting {
                    session: 2,
                    paper: "B".into(),
                },
            ],
            group: String::new(),
            region: String::new(),
            apart: vec![],
            accommodation: id == 9,
        }
    }

    fn room(no: u32, site: u32, usage: RoomUse) -> Room {
        Room {
            no,
            site,
            site_name: "一中".into(),
            address: String::new(),
            name: String::new(),
            region: if no == 4 {
                "南区".into()
            } else {
                String::new()
            },
            capacity: 2,
            usage,
        }
    }

    /// The control run: a good plan is clean, and each single damage is found under its name.
    #[test]
    fn each_rule_is_found_broken() {
        let people = [person(1), person(9)];
        let rooms = [
            room(1, 1, RoomUse::Standard),
            room(2, 1, RoomUse::Accommodation),
            room(3, 2, RoomUse::Standard),
            room(4, 1, RoomUse::Standard),
        ];
        let seat = |candidate, session, room, seat| Seat {
            candidate,
            session,
            room,
            seat,
        };
        let good = vec![
            seat(1, 1, 1, 1),
            seat(1, 2, 1, 1),
            seat(9, 1, 2, 1),
            seat(9, 2, 2, 1),
        ];
        assert_eq!(check(&people, &rooms, &good), []);
        let damaged = |at: usize, with: Seat| {
            let mut seats = good.clone();
            seats[at] = with;
            check(&people, &rooms, &seats)
        };
        let added = |with: Seat| {
            let mut seats = good.clone();
            seats.push(with);
            check(&people, &rooms, &seats)
        };
        assert_eq!(
            check(&people, &rooms, &good[1..]),
            [Violation::NoSeat {
                candidate: 1,
                session: 1
            }]
        );
        assert_eq!(
            added(seat(1, 1, 1, 2)),
            [Violation::TwoSeats {
                candidate: 1,
                session: 1
            }]
        );
        assert_eq!(
            added(seat(1, 3, 1, 2)),
            [Violation::NotSitting {
                candidate: 1,
                session: 3
            }]
        );
        assert_eq!(added(seat(5, 1, 1, 2)), [Violation::UnknownCandidate(5)]);
        assert_eq!(damaged(0, seat(1, 1, 7, 1)), [Violation::UnknownRoom(7)]);
        assert_eq!(
            damaged(0, seat(1, 1, 1, 3)),
            [Violation::NoSuchSeat { room: 1, seat: 3 }]
        );
        assert_eq!(
            damaged(0, seat(1, 1, 1, 0)),
            [Violation::NoSuchSeat { room: 1, seat: 0 }]
        );
        assert_eq!(damaged(1, seat(1, 2, 3, 1)), [Violation::TwoSites(1)]);
        assert_eq!(damaged(2, seat(9, 1, 1, 2)), [Violation::WrongRoom(9)]);
        assert_eq!(damaged(0, seat(1, 1, 4, 1)), [Violation::WrongRegion(1)]);
        let twice = damaged(0, seat(1, 1, 2, 1));
        assert!(twice.contains(&Violation::SeatTwice {
            session: 1,
            room: 2,
            seat: 1
        }));
    }
}
