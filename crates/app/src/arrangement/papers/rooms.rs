//! Rooms as their papers show them.

use std::collections::BTreeMap;

use documents::room::{Bag, RoomPaper, SeatLine};
use domain::arrangement::{PaperKind, Pattern};
use domain::exam::snapshot::Choice;

use super::{People, SitterRow, UsedRoom};
use crate::arrangement::sitters::{Programme, Sat};
use crate::arrangement::{Session, room_text};
use crate::exam::Exam;
use crate::{Error, Result};

/// Sessions that are signed for on one sheet: more would leave no place to write.
const SIGNED_TOGETHER: usize = 2;

/// What somebody chose.
pub(super) fn choice_of(row: &SitterRow) -> Result<Choice> {
    serde_json::from_str(&row.choice).map_err(|e| Error::internal("application.choice", e))
}

/// What somebody writes in the session of this seat: the paper's code and name.
pub(super) fn paper_of(programme: &Programme, row: &SitterRow) -> Result<(String, String)> {
    let sat = programme.sat(row.position_id, &choice_of(row)?);
    let here = |one: &Sat| i64::from(one.session) == row.session;
    let found = sat.into_iter().find(here);
    Ok(found.map_or_else(
        || (String::new(), format!("第 {} 场", row.session)),
        |one| (one.code, one.name),
    ))
}

/// The rows of one room.
pub(super) fn of_room(rows: &[SitterRow], room_no: i64) -> Vec<&SitterRow> {
    rows.iter().filter(|row| row.room_no == room_no).collect()
}

/// One paper for the sessions of a room that seat the same people alike, where the kind allows it, otherwise one for each
/// session.
pub(in crate::arrangement) fn grouped(
    exam: &Exam,
    (room, pattern): (&UsedRoom, &Pattern),
    seats: &[&SitterRow],
    sessions: &[Session],
    (kind, people, programme): (PaperKind, &People, &Programme),
) -> Result<Vec<RoomPaper>> {
    let mut by_session: BTreeMap<i64, Vec<&SitterRow>> = BTreeMap::new();
    for seat in seats {
        by_session.entry(seat.session).or_default().push(seat);
    }
    // What happened is written down for each session.
    let together = match kind {
        PaperKind::SignIn => SIGNED_TOGETHER,
        PaperKind::Record => 1,
        _ => usize::MAX,
    };
    let mut papers: Vec<(Vec<(i64, i64)>, RoomPaper)> = Vec::new();
    for (number, seats) in &by_session {
        let plan: Vec<(i64, i64)> = seats
            .iter()
            .map(|seat| (seat.seat_no, seat.application_id))
            .collect();
        let (line, subject) = (line_of(sessions, *number), subject(programme, seats)?);
        let shared = papers
            .iter_mut()
            .find(|(other, paper)| *other == plan && paper.subjects.len() < together);
        if let Some((_, paper)) = shared {
            paper.session.push('\n');
            paper.session.push_str(&line);
            paper.subjects.push(subject);
            continue;
        }
        let lines = seats.iter().map(|seat| seat_line(seat, people));
        let paper = RoomPaper {
            exam: exam.title().to_owned(),
            session: line,
            subjects: vec![subject],
            site: room.site_name.clone(),
            place: room.place(),
            room: room_text(room.room_no),
            desks: u32::try_from(room.capacity).unwrap_or(0),
            pattern: room.pattern(pattern),
            seats: lines.collect::<Result<_>>()?,
        };
        papers.push((plan, paper));
    }
    Ok(papers.into_iter().map(|(_, paper)| paper).collect())
}

/// The line of a session.
pub(super) fn line_of(sessions: &[Session], number: i64) -> String {
    sessions
        .iter()
        .find(|session| i64::from(session.number) == number)
        .map_or_else(|| format!("第 {number} 场"), Session::line)
}

/// What is written there, if it is one paper for all.
fn subject(programme: &Programme, seats: &[&SitterRow]) -> Result<String> {
    let mut name: Option<String> = None;
    for seat in seats {
        let (_, here) = paper_of(programme, seat)?;
        match &name {
            Some(known) if *known != here => return Ok(format!("第 {} 场", seat.session)),
            _ => name = Some(here),
        }
    }
    Ok(name.unwrap_or_default())
}

fn seat_line(seat: &SitterRow, people: &People) -> Result<SeatLine> {
    Ok(SeatLine {
        seat: u32::try_from(seat.seat_no).unwrap_or(0),
        ticket_no: seat.ticket_no.clone(),
        name: seat.name.clone(),
        id_number: people.number(seat.application_id).to_owned(),
        choice: choice_of(seat)?.text(),
        photo: people.picture(seat.application_id),
    })
}

/// Who writes one paper in a room and session.
pub(super) struct Sitting<'a> {
    pub(super) room: &'a UsedRoom,
    pub(super) session: i64,
    /// The paper's code.
    pub(super) code: String,
    /// The paper's name.
    pub(super) name: String,
    pub(super) seats: Vec<&'a SitterRow>,
}

impl Sitting<'_> {
    /// The first and the last ticket number.
    pub(super) fn range(&self) -> (&str, &str) {
        let numbers = || self.seats.iter().map(|seat| seat.ticket_no.as_str());
        (
            numbers().min().unwrap_or_default(),
            numbers().max().unwrap_or_default(),
        )
    }
}

/// Rooms by session and paper.
pub(super) fn sittings<'a>(
    rooms: &'a [UsedRoom],
    rows: &'a [SitterRow],
    programme: &Programme,
) -> Result<Vec<Sitting<'a>>> {
    let mut list = Vec::new();
    for room in rooms {
        let mut here: BTreeMap<(i64, (String, String)), Vec<&SitterRow>> = BTreeMap::new();
        for row in of_room(rows, room.room_no) {
            let key = (row.session, paper_of(programme, row)?);
            here.entry(key).or_default().push(row);
        }
        for ((session, (code, name)), seats) in here {
            list.push(Sitting {
                room,
                session,
                code,
                name,
                seats,
            });
        }
    }
    Ok(list)
}

/// The label of a bag.
pub(super) fn bag(exam: &Exam, sitting: &Sitting<'_>, sessions: &[Session], spare: u32) -> Bag {
    let number = sitting.session;
    let session = sessions
        .iter()
        .find(|session| i64::from(session.number) == number);
    let session = session.map_or_else(
        || format!("第 {number} 场"),
        |session| format!("第 {number} 场 {}{}", session.day(), session.hours()),
    );
    let room = sitting.room;
    let count = sitting.seats.len();
    let seats = sitting.seats.iter();
    Bag {
        exam: exam.title().to_owned(),
        session,
        subject: sitting.name.clone(),
        site: room.site_name.clone(),
        place: room.room_name.clone(),
        room: room_text(room.room_no),
        spare,
        seats: seats
            .map(|seat| {
                let number = u32::try_from(seat.seat_no).unwrap_or(0);
                (number, seat.ticket_no.clone())
            })
            .collect(),
        code: format!(
            "{}/{number}/{}/{}/{count}",
            exam.row.code, room.room_no, sitting.code
        ),
    }
}
