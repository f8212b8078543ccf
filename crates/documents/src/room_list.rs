//! The officer's papers of a room: 门贴, 座次表, 签到表 (domain notes §6).

use std::collections::BTreeMap;
use std::fmt;

use domain::arrangement::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::engine::Job;
use crate::{DocumentError, Engine, Imprint, Pdf};

/// Most rooms in one file: a longer one would take hundreds of MiB to set.
pub const MOST_ROOMS: usize = 50;

/// Which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 门贴: number of the room and range of tickets, to read from afar.
    Door,
    /// 座次表: who sits where, drawn as the desks stand.
    Chart,
    /// 签到表: a line to sign for each candidate.
    SignIn,
}

impl Kind {
    /// Its Chinese name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Door => "考场门贴",
            Self::Chart => "考场座次表",
            Self::SignIn => "考生签到表",
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::Chart => "chart",
            Self::SignIn => "sign",
        }
    }
}

/// One candidate of a room.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatLine {
    /// Seat number, from 1.
    pub seat: u32,
    /// 准考证号.
    pub ticket_no: String,
    /// 姓名.
    pub name: String,
    /// 报考岗位 or 专业.
    pub choice: String,
}

impl fmt::Debug for SeatLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatLine")
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}

/// One room in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPaper {
    /// Title of the exam.
    pub exam: String,
    /// Subjects, date and time, ready to print.
    pub session: String,
    /// Site.
    pub site: String,
    /// Name of the room and address of the site.
    pub place: String,
    /// Room number as printed on tickets.
    pub room: String,
    /// Who sits there, by seat.
    pub seats: Vec<SeatLine>,
}

/// Sets the papers of up to [`MOST_ROOMS`] rooms.
///
/// # Errors
/// [`DocumentError::Empty`] and [`DocumentError::BatchTooBig`].
pub fn render(
    engine: &Engine,
    kind: Kind,
    rooms: &[RoomPaper],
    pattern: &Pattern,
    imprint: &Imprint,
) -> Result<Pdf, DocumentError> {
    let Some(first) = rooms.first() else {
        return Err(DocumentError::Empty);
    };
    if rooms.len() > MOST_ROOMS {
        return Err(DocumentError::BatchTooBig {
            given: rooms.len(),
            most: MOST_ROOMS,
        });
    }
    let list: Vec<Value> = rooms.iter().map(|room| shown(room, pattern)).collect();
    let job = Job {
        template: "room_list",
        title: format!("{} {}", first.exam, kind.title()),
        issuer: String::new(),
        footer: first.exam.clone(),
        data: json!({ "heading": kind.title(), "kind": kind.code(), "rooms": list }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: false,
    };
    engine.set(job, imprint)
}

fn shown(room: &RoomPaper, pattern: &Pattern) -> Value {
    let numbers = || room.seats.iter().map(|line| line.ticket_no.as_str());
    let range = match (numbers().min(), numbers().max()) {
        (Some(low), Some(high)) if low == high => low.to_owned(),
        (Some(low), Some(high)) => format!("{low} — {high}"),
        _ => String::new(),
    };
    let desks: BTreeMap<(u32, u32), &SeatLine> = room
        .seats
        .iter()
        .map(|line| {
            let desk = pattern.desk(line.seat);
            ((desk.row, desk.column), line)
        })
        .collect();
    let rows = desks.keys().map(|(row, _)| row + 1).max().unwrap_or(0);
    let columns = desks
        .keys()
        .map(|(_, column)| column + 1)
        .max()
        .unwrap_or(1);
    let mut grid = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            grid.push(desks.get(&(row, column)).map(|line| seat(line)));
        }
    }
    json!({
        "exam": room.exam,
        "session": room.session,
        "site": room.site,
        "place": room.place,
        "room": room.room,
        "count": room.seats.len(),
        "range": range,
        "grid-columns": columns,
        "grid": grid,
        "seats": room.seats.iter().map(seat).collect::<Vec<_>>(),
    })
}

fn seat(line: &SeatLine) -> Value {
    json!({
        "seat": line.seat.to_string(),
        "ticket_no": line.ticket_no,
        "name": line.name,
        "choice": line.choice,
    })
}
