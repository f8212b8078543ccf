//! In which order a run makes its files: kind by kind, site by site, some rooms at a time. Where it is stands in its row as a text,
//! and what comes next follows from that text, the rooms and what was wanted, so that any worker can go on.

use std::fmt;
use std::str::FromStr;

use domain::arrangement::PaperKind;

use super::Wanted;
use super::store::UsedRoom;

/// Rooms of one file.
const ROOMS: usize = 20;
/// Rooms of one file with photos: some three hundred.
const ROOMS_WITH_PHOTOS: usize = 10;
/// Rooms of one file of tickets.
const ROOMS_OF_TICKETS: usize = 5;
/// Rooms of one table.
const ROOMS_OF_A_TABLE: usize = 100;
/// People of one file with pictures.
const PEOPLE: i64 = 600;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// To be printed.
    Pdf,
    /// A workbook.
    Table,
    /// About all rooms together.
    Whole,
}

/// One kind in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) kind: PaperKind,
    pub(super) form: Form,
}

impl Unit {
    /// Everything that was wanted, in order.
    pub(super) fn all(wanted: &Wanted) -> Vec<Self> {
        let mut units = Vec::new();
        for kind in PaperKind::ALL.iter().copied() {
            if !wanted.kinds.contains(&kind) {
                continue;
            }
            let unit = |form| Self { kind, form };
            if kind == PaperKind::Data {
                units.push(unit(Form::Whole));
                continue;
            }
            units.push(unit(Form::Pdf));
            if wanted.tables && kind.has_table() {
                units.push(unit(Form::Table));
            }
            if kind == PaperKind::Overview {
                units.push(unit(Form::Whole));
            }
        }
        units
    }

    /// Most rooms of one of its files.
    fn most(self, wanted: &Wanted) -> usize {
        match (self.form, self.kind) {
            (Form::Table, _) | (_, PaperKind::Overview | PaperKind::Staff) => ROOMS_OF_A_TABLE,
            (_, PaperKind::Tickets) => ROOMS_OF_TICKETS,
            (_, kind) if kind.has_photos() && wanted.photos => ROOMS_WITH_PHOTOS,
            _ => ROOMS,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Pdf => "pdf",
            Form::Table => "xlsx",
            Form::Whole => "all",
        };
        write!(f, "{}.{form}", self.kind.code())
    }
}

impl FromStr for Unit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, form) = text.split_once('.').ok_or(())?;
        Ok(Self {
            kind: PaperKind::from_code(kind).ok_or(())?,
            form: match form {
                "pdf" => Form::Pdf,
                "xlsx" => Form::Table,
                "all" => Form::Whole,
                _ => return Err(()),
            },
        })
    }
}

/// What is made next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) unit: Unit,
    /// Rooms of one site; all of them for [`Form::Whole`].
    pub(super) rooms: Vec<UsedRoom>,
    /// What the run's row says once it is made.
    pub(super) reached: String,
}

impl Step {
    /// For the progress bar: rooms, and one for what is about all of them.
    pub(super) fn weight(&self) -> i64 {
        match self.unit.form {
            Form::Whole => 1,
            _ => i64::try_from(self.rooms.len()).unwrap_or(i64::MAX),
        }
    }
}

/// How much there is to make.
pub(super) fn total(wanted: &Wanted, rooms: &[UsedRoom]) -> i64 {
    let rooms = i64::try_from(rooms.len()).unwrap_or(i64::MAX);
    Unit::all(wanted)
        .into_iter()
        .map(|unit| if unit.form == Form::Whole { 1 } else { rooms })
        .fold(0, i64::saturating_add)
}

/// What follows on `reached`; `None` once all is made. `rooms` are those that are wanted, by site and room.
///
/// # Errors
/// For a text that no step wrote.
pub(super) fn next(
    wanted: &Wanted,
    rooms: &[UsedRoom],
    reached: &str,
) -> Result<Option<Step>, &'static str> {
    let units = Unit::all(wanted);
    let (mut at, mut after) = (0, None);
    if !reached.is_empty() {
        let wrong = "paper_run.reached";
        let parts: Vec<&str> = reached.split('/').collect();
        let [unit, site, room] = parts.as_slice() else {
            return Err(wrong);
        };
        let unit: Unit = unit.parse().map_err(|()| wrong)?;
        at = units.iter().position(|one| *one == unit).ok_or(wrong)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| wrong);
        after = Some((number(site)?, number(room)?));
    }
    for (place, unit) in units.iter().enumerate().skip(at) {
        let after = after.filter(|_| place == at && !reached.is_empty());
        if unit.form == Form::Whole {
            if after.is_some() {
                continue;
            }
            return Ok(Some(Step {
                unit: *unit,
                rooms: rooms.to_vec(),
                reached: format!("{unit}/0/0"),
            }));
        }
        let left = rooms
            .iter()
            .filter(|room| after.is_none_or(|after| (room.site_no, room.room_no) > after));
        let mut chunk: Vec<UsedRoom> = Vec::new();
        let mut people = 0;
        for room in left {
            let other = chunk.first().is_some_and(|one| one.site_no != room.site_no);
            people += room.people;
            let full = chunk.len() >= unit.most(wanted);
            let crowded = unit.form == Form::Pdf && people > PEOPLE && !chunk.is_empty();
            if other || full || crowded {
                break;
            }
            chunk.push(room.clone());
        }
        if let Some(last) = chunk.last() {
            let reached = format!("{unit}/{}/{}", last.site_no, last.room_no);
            return Ok(Some(Step {
                unit: *unit,
                rooms: chunk,
                reached,
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn room(site_no: i64, room_no: i64, people: i64) -> UsedRoom {
        UsedRoom {
            room_no,
            site_no,
            site_name: format!("考点{site_no}"),
            site_address: String::new(),
            room_name: String::new(),
            capacity: people,
            people,
            columns: String::new(),
            snake: 0,
        }
    }

    fn wanted(kinds: &[PaperKind], photos: bool) -> Wanted {
        Wanted {
            kinds: kinds.iter().copied().collect(),
            photos,
            tables: true,
            ..Wanted::default()
        }
    }

    fn walk(wanted: &Wanted, rooms: &[UsedRoom]) -> Vec<Step> {
        let (mut steps, mut reached) = (Vec::new(), String::new());
        while let Some(step) = next(wanted, rooms, &reached).unwrap() {
            reached.clone_from(&step.reached);
            steps.push(step);
            assert!(steps.len() < 1_000, "it doesn't end");
        }
        steps
    }

    #[test]
    fn every_room_is_made_once_for_each_kind_and_form_and_files_keep_to_a_site() {
        let mut rooms: Vec<UsedRoom> = (1..=43).map(|n| room(1, n, 30)).collect();
        rooms.extend((44..=50).map(|n| room(2, n, 30)));
        for photos in [false, true] {
            let wanted = wanted(PaperKind::ALL, photos);
            let steps = walk(&wanted, &rooms);
            for unit in Unit::all(&wanted) {
                let mine: Vec<&Step> = steps.iter().filter(|step| step.unit == unit).collect();
                let numbers: Vec<i64> = mine
                    .iter()
                    .flat_map(|step| step.rooms.iter().map(|room| room.room_no))
                    .collect();
                assert_eq!(numbers, (1..=50).collect::<Vec<_>>(), "{unit}");
                for step in mine {
                    let sites: BTreeSet<i64> = step.rooms.iter().map(|room| room.site_no).collect();
                    assert!(sites.len() == 1 || unit.form == Form::Whole);
                }
            }
            let weight: i64 = steps.iter().map(Step::weight).sum();
            assert_eq!(weight, total(&wanted, &rooms));
            let order: Vec<Unit> = steps.iter().map(|step| step.unit).collect();
            assert!(order.is_sorted(), "{order:?}");
        }
    }

    #[test]
    fn large_rooms_make_small_files() {
        let rooms: Vec<UsedRoom> = (1..=4).map(|n| room(1, n, 500)).collect();
        let steps = walk(&wanted(&[PaperKind::Door], false), &rooms);
        assert_eq!(steps.len(), 5, "four files and a table");
    }

    #[test]
    fn a_place_that_nobody_wrote_is_refused() {
        let rooms = [room(1, 1, 30)];
        let wanted = wanted(&[PaperKind::Door], false);
        for reached in [
            "door",
            "door.pdf/1",
            "sign.pdf/1/1",
            "door.doc/1/1",
            "door.pdf/x/1",
        ] {
            assert!(next(&wanted, &rooms, reached).is_err(), "{reached}");
        }
        assert_eq!(next(&wanted, &rooms, "door.xlsx/1/1"), Ok(None));
    }
}
