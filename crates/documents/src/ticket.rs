//! 准考证: one A4 page with photo, Code 128 and QR (domain notes §7; manual 1.2.2.5).

use std::fmt;

use domain::ticket::TicketContent;
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Imprint, Pdf, barcode};

/// One ticket.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What it says.
    pub content: TicketContent,
    /// The photo as stored (JPEG); `None` leaves a box to paste one into.
    pub photo: Option<Vec<u8>>,
    /// What the QR code says: the signed pass (`domain::ticket::pass`).
    pub verify: String,
    /// Small print: `下载时间 …`.
    pub footer: String,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// Text sizes of the notice, largest first: a long one is set smaller before it is refused.
const NOTICE_SIZES: [f64; 4] = [9.5, 8.5, 7.8, 7.0];

/// Sets the ticket.
///
/// # Errors
/// [`DocumentError::TooLong`] when the exam's notice doesn't fit on the page even in small print;
/// [`DocumentError::Barcode`] and [`DocumentError::Photo`] for contents that can't be printed.
pub fn render(engine: &Engine, ticket: &Ticket, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    let content = &ticket.content;
    let bar = barcode::code128(&content.ticket_no)?;
    let qr = barcode::qr(&ticket.verify)?;
    let mut outcome = Err(DocumentError::TooLong("准考证"));
    for size in NOTICE_SIZES {
        let data = json!({
            "exam": content.exam,
            "ticket_no_grouped": content.ticket_no_grouped,
            "name": content.name,
            "sex": content.sex,
            "id_type": content.id_type,
            "id_number": content.id_number,
            "choice": content.choice,
            "site": content.site,
            "address": content.address,
            "sessions": content.sessions,
            "notice": content.notice,
            "notice_size": size,
        });
        let job = Job {
            template: "ticket",
            title: format!("{} 准考证", content.exam),
            issuer: content.issuer.clone(),
            footer: ticket.footer.clone(),
            data,
            photo: ticket.photo.as_deref(),
            bar: Some(bar.clone()),
            qr: Some(qr.clone()),
            one_page: true,
            tagged: true,
        };
        outcome = engine.set(job, imprint);
        if !matches!(outcome, Err(DocumentError::TooLong(_))) {
            break;
        }
    }
    outcome
}
