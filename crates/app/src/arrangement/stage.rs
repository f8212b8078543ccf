//! Writing a plan's rows, in chunks on the background lane, and the tickets' numbers that go with them.
//!
//! The row and its rooms are written by whoever asks for the plan; the seats by the job that makes it ([`super::make`]), or for a
//! plan that came in a file by the request that read it, since only that has them.

use std::collections::{BTreeMap, BTreeSet};

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::{Candidate, Options, Room, Seat};
use domain::ticket::TicketNumbers;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::make::Make;
use super::stage_store as store;
use super::view::Summary;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp, chunks};

/// Rows of one command.
pub(super) const CHUNK: usize = 250;

/// A plan that is to be written.
pub(super) struct Draft {
    pub(super) source: &'static str,
    pub(super) seed: String,
    pub(super) options: String,
    pub(super) rooms: Vec<Room>,
    /// Digest of people, rooms and options.
    pub(super) input: String,
}

/// Digest of what a plan is made of. People come by id and rooms by site and number, so that the same ones give the same.
pub(super) fn digest(people: &[Candidate], rooms: &[Room], options: &Options) -> Result<String> {
    let text = serde_json::to_vec(&(people, rooms, options))
        .map_err(|e| Error::internal("digest of a plan's input", e))?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// A number of rows as columns have it.
pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How many people sit in each room: who sits there in several sessions is counted once.
pub(super) fn people_in(seats: &[Seat]) -> BTreeMap<u32, i64> {
    let mut sitting: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    for seat in seats {
        sitting.entry(seat.room).or_default().insert(seat.candidate);
    }
    let counted = sitting.into_iter();
    counted
        .map(|(room, people)| (room, number(people.len())))
        .collect()
}

/// Writes a plan's row and its rooms; the seats are to come. `job`: as soon as the last room is there, a job makes them. The
/// plan's id and public id.
pub(super) async fn begin(
    ctx: &Ctx,
    exam: &Exam,
    draft: &Draft,
    seats: &[Seat],
    job: bool,
) -> Result<(i64, String)> {
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        source: draft.source,
        seed: draft.seed.clone(),
        options: draft.options.clone(),
        input: draft.input.clone(),
        expected: (number(seats.len()), number(draft.rooms.len())),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    let people = people_in(seats);
    let last = draft.rooms.len().div_ceil(CHUNK);
    for (at, rooms) in (1..).zip(draft.rooms.chunks(CHUNK)) {
        let command = Rooms {
            stamp: Stamp::of(ctx),
            plan_id: id,
            input: draft.input.clone(),
            rooms: rooms
                .iter()
                .map(|room| (room.clone(), people.get(&room.no).copied().unwrap_or(0)))
                .collect(),
            job: job && at == last,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok((id, public_id))
}

/// Every seat with its ticket number.
pub(super) fn numbered(
    seats: &[Seat],
    tickets: &BTreeMap<i64, String>,
) -> Result<Vec<(Seat, String)>> {
    let with = |seat: &Seat| {
        let ticket = tickets.get(&seat.candidate).cloned();
        let ticket = ticket.ok_or(Error::inconsistent("a seat without a ticket number"))?;
        Ok((*seat, ticket))
    };
    seats.iter().map(with).collect()
}

/// The command that makes a plan ready, which has these seats.
pub(super) fn finish(
    ctx: &Ctx,
    plan: (i64, i64),
    rooms: usize,
    seats: &[Seat],
    summary: Summary,
) -> Result<Finish> {
    let people: BTreeSet<i64> = seats.iter().map(|seat| seat.candidate).collect();
    let used: BTreeSet<u32> = seats.iter().map(|seat| seat.room).collect();
    let summary = Summary {
        people: people.len(),
        rooms,
        ..summary
    };
    Ok(Finish {
        stamp: Stamp::of(ctx),
        id: plan.0,
        exam_id: plan.1,
        counts: (number(seats.len()), number(used.len())),
        summary: serde_json::to_string(&summary).map_err(|e| Error::internal("plan summary", e))?,
    })
}

/// Writes a plan with all its seats and makes it ready. Returns its public id.
pub(super) async fn stage(
    ctx: &Ctx,
    exam: &Exam,
    draft: Draft,
    (seats, tickets): (Vec<Seat>, BTreeMap<i64, String>),
    summary: Summary,
) -> Result<String> {
    let (id, public_id) = begin(ctx, exam, &draft, &seats, false).await?;
    for chunk in numbered(&seats, &tickets)?.chunks(CHUNK) {
        let command = Seats {
            plan_id: id,
            input: draft.input.clone(),
            seats: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let command = finish(ctx, (id, exam.id()), draft.rooms.len(), &seats, summary)?;
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(public_id)
}

/// What the numbers of the tickets of a plan come from.
pub(super) struct Numbering<'a> {
    pub(super) rooms: &'a [Room],
    pub(super) seats: &'a [Seat],
    /// Numbers that a file gave, by application.
    pub(super) given: &'a BTreeMap<i64, String>,
    /// Level or class of paper in the numbers, by application.
    pub(super) levels: &'a BTreeMap<i64, u32>,
}

/// The number of everybody in the plan. Whoever has one keeps it for ever; a number that once was somebody else's is never
/// given again, even when its seat is free: then the seat's digits go on above the room's capacity.
pub(super) async fn tickets(
    ctx: &Ctx,
    exam: &Exam,
    made: &Numbering<'_>,
) -> Result<BTreeMap<i64, String>> {
    let (mut taken, mut owned) = (BTreeSet::new(), BTreeMap::new());
    let mut after = String::new();
    loop {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = super::store::ticket_owners(&mut scan, exam.id(), &after, 1_000).await?;
        let Some((last, _)) = rows.last() else { break };
        after.clone_from(last);
        for (number, owner) in rows {
            owned.entry(owner).or_insert_with(|| number.clone());
            taken.insert(number);
        }
    }
    let sites: BTreeMap<u32, &Room> = made.rooms.iter().map(|room| (room.no, room)).collect();
    let mut first: BTreeMap<i64, &Seat> = BTreeMap::new();
    for seat in made.seats {
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
    input: String,
    expected: (i64, i64),
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
            input: &self.input,
            expected: self.expected,
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
        let detail =
            json!({ "source": self.source, "seed_sha256": seed, "input_sha256": self.input });
        trail.audit(tx, "arrangement.begin", object, detail).await?;
        Ok((id, public_id))
    }
}

/// What the loser reads.
const GIVEN_UP: &str = "这份编排已被放弃，请重新编排";

/// Holds the plan until the chunk is written: whoever gives it up waits, and drops the seats of this chunk too.
///
/// # Errors
/// `Conflict` if it was given up meanwhile, or is made of another list of people by now.
pub(super) async fn still_staging(tx: &mut Tx, plan_id: i64, input: &str) -> Result<()> {
    if store::plan_hold(tx, plan_id, input).await? == 0 {
        return Err(Error::Conflict(GIVEN_UP));
    }
    Ok(())
}

struct Rooms {
    stamp: Stamp,
    plan_id: i64,
    input: String,
    /// With how many people sit in each.
    rooms: Vec<(Room, i64)>,
    /// Whether these are the last ones, and a job goes on.
    job: bool,
}

impl Command for Rooms {
    const NAME: &'static str = "arrangement.rooms";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.plan_id, &self.input).await?;
        for (room, people) in &self.rooms {
            let numbers = (
                i64::from(room.no),
                i64::from(room.site),
                i64::from(room.capacity),
                *people,
            );
            let texts = (
                room.site_name.as_str(),
                room.address.as_str(),
                room.name.as_str(),
            );
            let kind = (room.usage.code(), room.region.as_str());
            store::room_insert(tx, self.plan_id, numbers, texts, kind).await?;
        }
        if self.job {
            let id = self.stamp.trail().id()?;
            chunks::enqueue::<Make>(tx, id, self.plan_id, self.stamp.at).await?;
        }
        Ok(())
    }
}

/// Writes a chunk of seats; those that are there already stay.
pub(super) struct Seats {
    pub(super) plan_id: i64,
    pub(super) input: String,
    pub(super) seats: Vec<(Seat, String)>,
}

impl Command for Seats {
    const NAME: &'static str = "arrangement.seats";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.plan_id, &self.input).await?;
        let rows: Vec<store::NewSeat<'_>> = self
            .seats
            .iter()
            .map(|(seat, ticket)| {
                let (session, room) = (i64::from(seat.session), i64::from(seat.room));
                (
                    seat.candidate,
                    session,
                    room,
                    i64::from(seat.seat),
                    ticket.as_str(),
                )
            })
            .collect();
        store::seats_insert(tx, self.plan_id, &rows).await?;
        Ok(())
    }
}

/// Makes a plan ready.
pub(super) struct Finish {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    /// Seats, and rooms that somebody sits in.
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
        // Whoever wrote them may have been two at once: what is ready is whole.
        if store::seats_count(tx, self.id).await? != self.counts.0 {
            return Err(Error::Conflict("座位还没有写完，请稍后再看"));
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
