//! What the QR of a ticket says, from the published plan (issue 5, point 4; the bytes are `domain::ticket::pass`).

use domain::exam::Phase;
use domain::ticket::pass::{Pass, Unfit, expiry, groups};
use domain::window::Window;

use super::store::OwnSeatRow;
use crate::App;
use crate::application::ApplicationRow;
use crate::arrangement::sitters::Sat;
use crate::exam::Exam;

/// The pass of somebody who sits `sat` on `seats`; good until a day after his last paper.
pub(super) fn of(
    exam: &Exam,
    row: &ApplicationRow,
    seats: &[OwnSeatRow],
    sat: &[Sat],
) -> Result<Pass, Unfit> {
    let first = seats.first().ok_or(Unfit("no seat"))?;
    let last = sat.iter().map(|one| one.ends_at).max();
    let ends = last.or_else(|| exam.window(Phase::Sitting).map(Window::close));
    Ok(Pass {
        exam: exam.id(),
        plan: u16::try_from(first.plan_version).map_err(|_| Unfit("a plan's version"))?,
        expires: expiry(ends.ok_or(Unfit("no end"))?)?,
        ticket_no: first.ticket_no.clone(),
        seats: groups(
            seats
                .iter()
                .map(|seat| (seat.session, seat.room_no, seat.seat_no)),
        )?,
        name: row.name.clone(),
    })
}

/// The text of a pass, signed. One that can't be written (a plan from elsewhere with a room 20260101000001) leaves the number
/// alone: the ticket is good, and the door looks it up.
pub(super) fn text(app: &App, pass: &Result<Pass, Unfit>, ticket_no: &str) -> String {
    let signed = pass
        .as_ref()
        .map_err(|unfit| *unfit)
        .and_then(|pass| app.ticket_keys().seal(pass));
    signed.unwrap_or_else(|unfit| {
        tracing::warn!(error = %unfit, "a ticket's code isn't signed");
        format!("准考证号 {ticket_no}")
    })
}

/// The text on a sample, under the sample's name.
pub(super) fn specimen(pass: Result<Pass, Unfit>) -> String {
    pass.and_then(|pass| {
        Pass {
            name: "样张".to_owned(),
            ..pass
        }
        .specimen()
    })
    .unwrap_or_else(|_| "样张".to_owned())
}
