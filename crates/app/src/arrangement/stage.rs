//! Writing a plan's rows, in chunks on the background lane, and the tickets' numbers that go with them.

use std::collections::{BTreeMap, BTreeSet};

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::{Room, Seat};
use domain::ticket::TicketNumbers;
use serde_json::json;

use super::store;
use super::view::Summary;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp};

/// Rows of one command.
pub(super) const CHUNK: usize = 250;

/// A checked plan, ready to be written.
pub(super) struct Made {
    pub(super) source: &'static str,
    pub(super) seed: String,
    pub(super) options: String,
    pub(super) rooms: Vec<Room>,
    pub(super) seats: Vec<Seat>,
    /// Numbers that a file gave, by application.
    pub(super) given: BTreeMap<i64, String>,
    /// Level or class of paper in the numbers, by application.
    pub(super) levels: BTreeMap<i64, u32>,
    pub(super) summary: Summary,
}

/// Writes a plan and makes it ready. Returns its public id.
pub(super) async fn stage(ctx: &Ctx, exam: &Exam, made: Made) -> Result<String> {
    let tickets = tickets(ctx, exam, &made).await?;
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        source: made.source,
        seed: made.seed,
        options: made.options,
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    // A person sits in the same room in several sessions: counted once.
    let mut sitting: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    for seat in &made.seats {
        sitting.entry(seat.room).or_default().insert(seat.candidate);
    }
    let people = |room: &Room| sitting.get(&room.no).map_or(0, BTreeSet::len);
    for rooms in made.rooms.chunks(CHUNK) {
        let command = Rooms {
            plan_id: id,
            rooms: rooms
                .iter()
                .map(|room| (room.clone(), people(room)))
                .collect(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    for seats in made.seats.chunks(CHUNK) {
        let seats = seats
            .iter()
            .map(|seat| {
                let ticket = tickets.get(&seat.candidate).cloned();
                Ok((
                    *seat,
                    ticket.ok_or(Error::inconsistent("a seat without a ticket number"))?,
                ))
            })
            .collect::<Result<_>>()?;
        ctx.app
            .db()
            .write(Lane::Background, Seats { plan_id: id, seats })
            .await?;
    }
    let people: BTreeSet<i64> = made.seats.iter().map(|seat| seat.candidate).collect();
    let used: BTreeSet<u32> = made.seats.iter().map(|seat| seat.room).collect();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let summary = Summary {
        people: people.len(),
        rooms: made.rooms.len(),
        ..made.summary
    };
    let command = Finish {
        stamp: Stamp::of(ctx),
        id,
        exam_id: exam.id(),
        counts: (number(made.seats.len()), number(used.len())),
        summary: serde_json::to_string(&summary).map_err(|e| Error::internal("plan summary", e))?,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(public_id)
}

/// The number of everybody in the plan. Whoever has one keeps it for ever; a number that once was somebody else's is never
/// given again, even when its seat is free: then the seat's digits go on above the room's capacity.
async fn tickets(ctx: &Ctx, exam: &Exam, made: &Made) -> Result<BTreeMap<i64, String>> {
    let (mut taken, mut owned) = (BTreeSet::new(), BTreeMap::new());
    let mut after = String::new();
    loop {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = store::ticket_owners(&mut scan, exam.id(), &after, 1_000).await?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        for (number, owner) in rows {
            owned.entry(owner).or_insert_with(|| number.clone());
            taken.insert(number);
        }
    }
    let sites: BTreeMap<u32, &Room> = made.rooms.iter().map(|room| (room.no, room)).collect();
    let mut first: BTreeMap<i64, &Seat> = BTreeMap::new();
    for seat in &made.seats {
        let known = first.entry(seat.candidate).or_insert(seat);
        if seat.session < known.session {
            *known = seat;
        }
    }
    let mut tickets = BTreeMap::new();
    for (candidate, seat) in first {
        if let Some(number) = owned.get(&candidate) {
            if made
                .given
                .get(&candidate)
                .is_some_and(|given| given != number)
            {
                return Err(refused(
                    "文件中的准考证号与该考生已经取得的准考证号不同，准考证号一经编定不再更改。",
                ));
            }
            tickets.insert(candidate, number.clone());
            continue;
        }
        let number = match made.given.get(&candidate) {
            Some(given) if taken.contains(given) => {
                return Err(refused(
                    "文件中有准考证号已经给过别的考生，准考证号不能重复使用。",
                ));
            }
            Some(given) => given.clone(),
            None => {
                let level = made.levels.get(&candidate).copied().unwrap_or(0);
                free(exam, (seat, level), sites.get(&seat.room).copied(), &taken)?
            }
        };
        taken.insert(number.clone());
        tickets.insert(candidate, number);
    }
    Ok(tickets)
}

fn refused(text: &str) -> Error {
    Error::refused("ticket_number", "准考证号有冲突", text)
}

fn free(
    exam: &Exam,
    (seat, level): (&Seat, u32),
    room: Option<&Room>,
    taken: &BTreeSet<String>,
) -> Result<String> {
    let capacity = room.map_or(0, |room| room.capacity);
    let own = std::iter::once(seat.seat);
    for digits in own.chain(capacity.saturating_add(1)..=99_999) {
        let of = TicketNumbers {
            year: exam.settings.year,
            exam: exam.settings.number,
            session: seat.session,
            level,
            site: room.map_or(0, |room| room.site),
            room: seat.room,
            seat: digits,
        };
        let number = exam.settings.ticket.number(&of).map_err(|wide| {
            Error::refused(
                "ticket_template",
                "准考证号位数不够",
                format!("{wide}。请在考试设置中修改准考证号格式。"),
            )
        })?;
        if !taken.contains(&number) {
            return Ok(number);
        }
    }
    Err(refused("没有可用的准考证号。"))
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    source: &'static str,
    seed: String,
    options: String,
}

impl Command for Begin {
    const NAME: &'static str = "arrangement.begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = store::PlanInsert {
            id,
            public_id: &public_id,
            exam_id: self.exam_id,
            source: self.source,
            seed: &self.seed,
            options: &self.options,
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        store::plan_insert(tx, &row).await?;
        let object = Object {
            kind: "seat_plan",
            id,
            exam_id: self.exam_id,
        };
        let seed = domain::arrangement::seed_hash(&self.seed);
        let detail = json!({ "source": self.source, "seed_sha256": seed });
        trail.audit(tx, "arrangement.begin", object, detail).await?;
        Ok((id, public_id))
    }
}

/// What the loser reads.
const GIVEN_UP: &str = "这份编排已被放弃，请重新编排";

/// Holds the plan until the chunk is written: whoever gives it up waits, and drops the seats of this chunk too.
///
/// # Errors
/// `Conflict` if it was given up meanwhile.
async fn still_staging(tx: &mut Tx, plan_id: i64) -> Result<()> {
    if store::plan_set_state(tx, plan_id, "staging", "staging").await? == 0 {
        return Err(Error::Conflict(GIVEN_UP));
    }
    Ok(())
}

struct Rooms {
    plan_id: i64,
    /// With how many people sit in each.
    rooms: Vec<(Room, usize)>,
}

impl Command for Rooms {
    const NAME: &'static str = "arrangement.rooms";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.plan_id).await?;
        for (room, people) in &self.rooms {
            let numbers = (
                i64::from(room.no),
                i64::from(room.site),
                i64::from(room.capacity),
                i64::try_from(*people).unwrap_or(i64::MAX),
            );
            let texts = (
                room.site_name.as_str(),
                room.address.as_str(),
                room.name.as_str(),
            );
            store::room_insert(tx, self.plan_id, numbers, texts, room.usage.code()).await?;
        }
        Ok(())
    }
}

struct Seats {
    plan_id: i64,
    seats: Vec<(Seat, String)>,
}

impl Command for Seats {
    const NAME: &'static str = "arrangement.seats";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.plan_id).await?;
        for (seat, ticket) in &self.seats {
            let place = (
                seat.candidate,
                i64::from(seat.session),
                i64::from(seat.room),
                i64::from(seat.seat),
            );
            store::seat_insert(tx, self.plan_id, place, ticket).await?;
        }
        Ok(())
    }
}

struct Finish {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    counts: (i64, i64),
    summary: String,
}

impl Command for Finish {
    const NAME: &'static str = "arrangement.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::plan_ready(tx, self.id, self.counts, &self.summary).await? == 0 {
            return Err(Error::Conflict(GIVEN_UP));
        }
        let object = Object {
            kind: "seat_plan",
            id: self.id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "seats": self.counts.0, "rooms": self.counts.1 });
        self.stamp
            .trail()
            .audit(tx, "arrangement.ready", object, detail)
            .await
    }
}
