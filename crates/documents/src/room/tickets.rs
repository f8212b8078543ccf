//! 准考证（按考场）: tickets that were set one by one, in one file. Each keeps the template of its exam and its codes.

use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Imprint, MOST_PICTURES, Pdf};

/// Binds papers of one page each into one file, in the order given.
///
/// # Errors
/// [`DocumentError::Empty`]; [`DocumentError::BatchTooBig`] for more than [`MOST_PICTURES`].
pub fn bind(
    engine: &Engine,
    exam: &str,
    pages: &[Pdf],
    imprint: &Imprint,
) -> Result<Pdf, DocumentError> {
    if pages.is_empty() {
        return Err(DocumentError::Empty);
    }
    if pages.len() > MOST_PICTURES {
        return Err(DocumentError::BatchTooBig {
            given: pages.len(),
            most: MOST_PICTURES,
        });
    }
    let pictures: Vec<&[u8]> = pages.iter().map(|page| page.bytes.as_slice()).collect();
    let names: Vec<String> = (0..pages.len()).map(|at| format!("/p/{at}")).collect();
    let job = Job {
        template: "room_tickets",
        title: format!("{exam} 准考证"),
        issuer: String::new(),
        footer: String::new(),
        // The mark of a rehearsal is on each page already.
        data: json!({ "pages": names }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: false,
    };
    engine.set_with(job, &pictures, imprint)
}
