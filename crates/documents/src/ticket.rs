//! 准考证: one A4 page with photo, Code 128 and QR (domain notes §7; manual 1.2.2.5).

use std::fmt;

use domain::ticket::TicketContent;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::engine::Job;
use crate::looked_at::{self, Wanted};
use crate::{DocumentError, Engine, Fault, Imprint, Pdf, barcode};

/// One ticket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What it says.
    pub content: TicketContent,
    /// The photo as stored (JPEG); `None` leaves a box to paste one into.
    pub photo: Option<Vec<u8>>,
    /// What the QR code says: the signed pass (`domain::ticket::pass`).
    pub verify: String,
    /// Small print: `编排第 N 版`.
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
/// The last of them alone.
const SMALLEST: [f64; 1] = [7.0];

/// Sets the ticket.
///
/// # Errors
/// [`DocumentError::TooLong`] when the exam's notice doesn't fit on the page even in small print;
/// [`DocumentError::Barcode`] and [`DocumentError::Photo`] for contents that can't be printed.
pub fn render(engine: &Engine, ticket: &Ticket, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    each_size(ticket, &NOTICE_SIZES, |job| engine.set(job, imprint))
}

/// The first page as a picture, and how many pages there are: more than one is a fault that its maker has to see.
///
/// # Errors
/// As [`render`], but for the length.
pub fn picture(
    engine: &Engine,
    ticket: &Ticket,
    imprint: &Imprint,
) -> Result<(String, usize), DocumentError> {
    let draw = |job: Job<'_>| {
        engine.laid_out(&job, imprint, |document, _| {
            let pages = document.pages();
            let first = pages
                .first()
                .map(|page| typst_svg::svg(page, &typst_svg::SvgOptions::default()));
            Ok((first.unwrap_or_default(), pages.len()))
        })
    };
    match each_size(ticket, &NOTICE_SIZES, draw) {
        Err(DocumentError::TooLong(_)) => each_size(ticket, &SMALLEST, |job| {
            draw(Job {
                one_page: false,
                ..job
            })
        }),
        outcome => outcome,
    }
}

/// Whether a template prints all that a ticket needs, where a phone and a person can read it: what is missing, in words.
///
/// # Errors
/// As [`render`].
pub fn missing(
    engine: &Engine,
    ticket: &Ticket,
    imprint: &Imprint,
) -> Result<Vec<Fault>, DocumentError> {
    each_size(ticket, &NOTICE_SIZES, |job| {
        engine.laid_out(&job, imprint, |document, _| {
            let wanted = Wanted {
                ticket,
                bar: job.bar.as_deref().unwrap_or_default(),
                qr: job.qr.as_deref().unwrap_or_default(),
            };
            Ok(document
                .pages()
                .first()
                .map_or_else(Vec::new, |page| looked_at::missing(page, &wanted)))
        })
    })
}

/// Sets the ticket with the notice in one size after the other until it fits.
fn each_size<T>(
    ticket: &Ticket,
    sizes: &[f64],
    mut set: impl FnMut(Job<'_>) -> Result<T, DocumentError>,
) -> Result<T, DocumentError> {
    let content = &ticket.content;
    let bar = barcode::code128(&content.ticket_no)?;
    let qr = barcode::qr(&ticket.verify)?;
    let mut outcome = Err(DocumentError::TooLong("准考证"));
    for size in sizes {
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
        outcome = set(job);
        if !matches!(outcome, Err(DocumentError::TooLong(_))) {
            break;
        }
    }
    outcome
}
