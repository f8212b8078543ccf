//! The papers of rooms: 门贴, 座次表, 签到表, 桌签, 试卷袋标签, 缺考违纪登记表, the tables of a site, and tickets bound by room
//! (domain notes §6). All are A4 in black and white.

mod bag;
mod shown;
mod table;
mod tickets;

use std::fmt;

use domain::arrangement::{PaperKind, Pattern};
use serde_json::{Value, json};

pub use bag::{Bag, bags};
pub use table::{Row, TablePaper, table};
pub use tickets::bind;

use crate::engine::Job;
use crate::{DocumentError, Engine, Imprint, Pdf};

/// Most papers in one file: a longer one would take hundreds of MiB to set.
pub const MOST_ROOMS: usize = 50;

/// One candidate of a room.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SeatLine {
    /// Seat number, from 1.
    pub seat: u32,
    /// 准考证号.
    pub ticket_no: String,
    /// 姓名.
    pub name: String,
    /// 证件号码 as it is printed, masked or whole; empty where it isn't.
    pub id_number: String,
    /// 报考岗位 or 专业.
    pub choice: String,
    /// Which of the pictures is his; `None` leaves the box empty.
    pub photo: Option<usize>,
}

impl fmt::Debug for SeatLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatLine")
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}

/// One room, in one session or in several that seat the same people alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPaper {
    /// Title of the exam.
    pub exam: String,
    /// Subjects, date and time, ready to print; a line for each session.
    pub session: String,
    /// What is signed for: the subjects, one for each session.
    pub subjects: Vec<String>,
    /// Site.
    pub site: String,
    /// Name of the room and address of the site.
    pub place: String,
    /// Room number as printed on tickets.
    pub room: String,
    /// Desks in the room; those without anybody are drawn empty.
    pub desks: u32,
    /// How they stand.
    pub pattern: Pattern,
    /// Who sits there, by seat.
    pub seats: Vec<SeatLine>,
}

/// Photos as stored (JPEG), by the number that a [`SeatLine`] says.
#[derive(Clone, Default)]
pub struct Photos(pub Vec<Vec<u8>>);

impl fmt::Debug for Photos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photos({})", self.0.len())
    }
}

/// Sets the papers of up to [`MOST_ROOMS`] rooms. Without photos the boxes for them are left out.
///
/// # Errors
/// [`DocumentError::Empty`] without a room or for a kind that isn't a room's; [`DocumentError::BatchTooBig`];
/// [`DocumentError::Photo`] for a picture that is none.
pub fn render(
    engine: &Engine,
    kind: PaperKind,
    rooms: &[RoomPaper],
    photos: Option<&Photos>,
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
    let template = match kind {
        PaperKind::Door | PaperKind::Chart | PaperKind::SignIn => "room_list",
        PaperKind::Label => "room_label",
        PaperKind::Record => "room_record",
        _ => return Err(DocumentError::Empty),
    };
    let list: Vec<Value> = rooms.iter().map(|room| shown::room(room, kind)).collect();
    let pictures: Vec<&[u8]> = photos
        .filter(|_| kind.has_photos())
        .map(|photos| photos.0.iter().map(Vec::as_slice).collect())
        .unwrap_or_default();
    let job = Job {
        template,
        title: format!("{} {}", first.exam, kind.label()),
        issuer: String::new(),
        footer: format!("{} {}", first.exam, kind.label()),
        data: json!({
            "heading": kind.label(),
            "kind": kind.code(),
            "rooms": list,
            "photos": photos.is_some() && kind.has_photos(),
        }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: false,
    };
    engine.set_with(job, &pictures, imprint)
}
