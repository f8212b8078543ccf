//! 试卷袋标签: one for each room, session and paper; two on a page.

use serde_json::json;

use super::shown::range;
use crate::engine::Job;
use crate::{DocumentError, Engine, Imprint, Pdf, barcode};

/// Most labels in one file.
pub const MOST_BAGS: usize = 200;

/// One bag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bag {
    /// Title of the exam.
    pub exam: String,
    /// `第 1 场 2026年4月12日（周日）9:00–10:30`.
    pub session: String,
    /// The paper's name.
    pub subject: String,
    /// Site.
    pub site: String,
    /// Name of the room.
    pub place: String,
    /// Room number as printed on tickets.
    pub room: String,
    /// Papers beyond those that are needed.
    pub spare: u32,
    /// Who writes this paper there: seat and ticket number.
    pub seats: Vec<(u32, String)>,
    /// What the QR code says: exam, session, room, paper, count.
    pub code: String,
}

/// Sets the labels of bags.
///
/// # Errors
/// [`DocumentError::Empty`], [`DocumentError::BatchTooBig`]; [`DocumentError::Barcode`] for a code that can't be drawn.
pub fn bags(engine: &Engine, bags: &[Bag], imprint: &Imprint) -> Result<Pdf, DocumentError> {
    let Some(first) = bags.first() else {
        return Err(DocumentError::Empty);
    };
    if bags.len() > MOST_BAGS {
        return Err(DocumentError::BatchTooBig {
            given: bags.len(),
            most: MOST_BAGS,
        });
    }
    let mut list = Vec::new();
    for bag in bags {
        let seats = bag.seats.iter();
        list.push(json!({
            "session": bag.session,
            "subject": bag.subject,
            "site": bag.site,
            "place": bag.place,
            "room": bag.room,
            "count": bag.seats.len(),
            "spare": bag.spare,
            "range": range(seats.clone().map(|(_, number)| number.as_str())),
            "seats": seats.map(|(seat, _)| seat.to_string()).collect::<Vec<_>>(),
            "qr": barcode::qr(&bag.code)?,
        }));
    }
    let job = Job {
        template: "room_bag",
        title: format!("{} 试卷袋标签", first.exam),
        issuer: String::new(),
        footer: String::new(),
        data: json!({ "exam": first.exam, "bags": list }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: false,
    };
    engine.set(job, imprint)
}
