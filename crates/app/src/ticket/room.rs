//! The ticket of somebody whom staff print it for: by room, for those who come without.

use documents::ticket as document;
use domain::application::may_be_seated;
use domain::application::state::{Attendance, Life, Payment, Tracks};
use domain::review::Review;

use super::{content, pass, store};
use crate::application::store as applications;
use crate::exam::Exam;
use crate::{App, Error, Result, photo};

/// The ticket of an application with a seat in the published plan, with its public id; `None` for one that gets none (any more).
/// The caller has checked who asks.
pub(crate) async fn of_application(
    app: &App,
    exam: &Exam,
    application_id: i64,
) -> Result<Option<(String, document::Ticket)>> {
    let mut read = app.db().read();
    let row = applications::application_by_id(&mut read, application_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)?;
    let tracks = Tracks {
        review: Review::from_code(&row.review).ok_or(Error::inconsistent("application.review"))?,
        payment: Payment::from_code(&row.payment)
            .ok_or(Error::inconsistent("application.payment"))?,
        attendance: Attendance::from_code(&row.attendance)
            .ok_or(Error::inconsistent("application.attendance"))?,
    };
    let seats = store::own_seats(&mut read, row.id).await?;
    let live = row.life == Life::Live.code();
    let Some(first) = seats.first() else {
        return Ok(None);
    };
    if !live || !may_be_seated(tracks, exam.settings.steps) {
        return Ok(None);
    }
    let footer = format!("编排第 {} 版", first.plan_version);
    let (card, pass) = content::content(app, exam, &row, &seats).await?;
    let picture = if row.photo_id == 0 {
        None
    } else {
        match photo::of_application(app, row.account_id, row.photo_id).await {
            Ok(file) => Some(file.bytes),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        }
    };
    let ticket = document::Ticket {
        verify: pass::text(app, &pass, &card.ticket_no),
        footer,
        content: card,
        photo: picture,
    };
    Ok(Some((row.public_id, ticket)))
}
