//! A room as its templates read it.

use std::collections::BTreeMap;

use domain::arrangement::PaperKind;
use serde_json::{Value, json};

use super::{RoomPaper, SeatLine};
use crate::{MOST_PICTURES, barcode};

/// A room as data.
pub(super) fn room(room: &RoomPaper, kind: PaperKind) -> Value {
    let seats: Vec<Value> = room.seats.iter().map(|line| seat(line, kind)).collect();
    let (columns, grid) = if kind == PaperKind::Chart {
        desks(room, &seats)
    } else {
        (1, Vec::new())
    };
    json!({
        "exam": room.exam,
        "session": room.session,
        "subjects": room.subjects,
        "site": room.site,
        "place": room.place,
        "room": room.room,
        "count": room.seats.len(),
        "range": range(room.seats.iter().map(|line| line.ticket_no.as_str())),
        "grid-columns": columns,
        "grid": grid,
        "seats": seats,
    })
}

/// `26030701201 — 26030701230`.
pub(super) fn range<'a>(numbers: impl Iterator<Item = &'a str> + Clone) -> String {
    match (numbers.clone().min(), numbers.max()) {
        (Some(low), Some(high)) if low == high => low.to_owned(),
        (Some(low), Some(high)) => format!("{low} — {high}"),
        _ => String::new(),
    }
}

/// The desks row by row: who sits there, the number of one without anybody, or nothing where there is none.
fn desks(room: &RoomPaper, seats: &[Value]) -> (u32, Vec<Value>) {
    let most = room.seats.iter().map(|line| line.seat).max().unwrap_or(0);
    let taken: BTreeMap<u32, &Value> = room.seats.iter().map(|line| line.seat).zip(seats).collect();
    let mut grid: BTreeMap<(u32, u32), Value> = BTreeMap::new();
    for number in 1..=most.max(room.desks) {
        let desk = room.pattern.desk(number);
        let here = taken.get(&number).map_or_else(
            || json!({ "seat": number.to_string(), "name": "", "ticket_no": "", "photo": null }),
            |line| (*line).clone(),
        );
        grid.insert((desk.row, desk.column), here);
    }
    let rows = grid.keys().map(|(row, _)| row + 1).max().unwrap_or(0);
    let columns = grid.keys().map(|(_, column)| column + 1).max().unwrap_or(1);
    let mut list = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            list.push(grid.remove(&(row, column)).unwrap_or(Value::Null));
        }
    }
    (columns, list)
}

fn seat(line: &SeatLine, kind: PaperKind) -> Value {
    // A number from elsewhere that no bar code holds stands there in digits alone.
    let bar = match kind {
        PaperKind::Label => barcode::code128(&line.ticket_no).unwrap_or_default(),
        _ => String::new(),
    };
    // More people than pictures fit into one document: the rest get an empty box.
    let photo = line.photo.filter(|at| *at < MOST_PICTURES);
    json!({
        "seat": line.seat.to_string(),
        "ticket_no": line.ticket_no,
        "name": line.name,
        "id_number": line.id_number,
        "choice": line.choice,
        "photo": photo.map(|at| format!("/p/{at}")),
        "bar": bar,
    })
}
