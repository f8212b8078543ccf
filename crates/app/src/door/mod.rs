//! 入场核验: phones at the door that read tickets, with or without a network.
//!
//! A pass (核验授权) is for a site or some of its rooms, for a time; it is `active` until it is `revoked`. A phone is let in by the
//! pass's code and holds a token of its own. What it marks (`present`, `refused`, `undone`) may arrive late, twice and in any order;
//! the latest mark by the phone's clock is the last word. Marks are evidence: they move no application.
//!
//! An invigilator has no account. What a phone may do is its pass's ([`Device`]): every use case of a phone takes one, and one comes
//! from [`authenticate`] only. A phone gets the people of its own rooms, with the number of the document masked.
//!
//! Called by the office, and by the phones' own pages.

mod code;
mod device;
mod device_store;
mod mark;
mod mark_store;
mod news;
mod pass;
mod pass_store;
mod presence;
mod presence_store;
mod roster;
mod roster_store;
mod slip;
pub(crate) mod wipe_store;

pub use device::{About, Device, Joined, Room, SessionOf, about, authenticate, join};
pub use device_store::DeviceRow;
pub(crate) use device_store::holders_erase;
pub use mark::{MOST_MARKS, MarkSent, Taken, mark};
pub use news::{News, Word, news};
pub use pass::{PAGE, PassForm, devices, form, make, pass, passes, revoke, revoke_device, sites};
pub use pass_store::{PassRow, SiteRow};
pub use presence::{Missing, export_missing, missing, of_rooms, of_sites};
pub use presence_store::{MissingRow, RoomCount, SiteCount};
pub use roster::{MOST_PEOPLE, MOST_PHOTOS, Person, Photo, Roster, photos, roster};
pub use slip::slips;

use crate::{Error, Object};

/// What the trail says of a pass.
fn object(pass_id: i64, exam_id: i64) -> Object {
    Object {
        kind: "door_pass",
        id: pass_id,
        exam_id,
    }
}

/// Without a published plan nobody has a seat to be checked.
fn unseated() -> Error {
    Error::refused(
        "door_unseated",
        "考场尚未编排",
        "公布考场编排后才能建立核验授权、下载名单。",
    )
}
