//! 考场编排: who sits where, made here from a seed or imported, then published by one flip of `exam.seat_plan`.
//!
//! A plan is `staging → ready → published → superseded`, or `discarded` before it is published. A job makes it ([`make`]), in chunks on
//! the background lane, and nobody sees its rows before the flip; 已导入考场编排 on an application is derived from the pointer. A published plan
//! changes only by a later one, whose differences can be read first. Both ways of making a plan end in one check
//! ([`domain::arrangement::check()`]), which is run again over the stored rows before publication.
//!
//! Called by the office; `ticket` and `score` read what is published.

mod export;
mod generate;
mod import;
pub mod make;
pub mod papers;
mod publish;
mod rooms;
pub(crate) mod sitters;
mod stage;
mod stage_store;
mod store;
mod view;
pub(crate) mod wipe_store;

pub use domain::arrangement::PaperKind;
pub use export::{print, seats_xlsx, template_xlsx};
pub use generate::{Generate, generate};
pub use import::upload;
pub use publish::{discard, publish};
pub use rooms::{SiteLine, from_lines, rooms_from};
pub use sitters::{Session, sessions};
pub use store::{DifferenceRow, PlanRow, RoomRow, SeatRow};
pub use view::{
    Differences, Overview, Summary, all_rooms, differences, first_rooms, one_room, overview, plan,
    plans, progress, room, rooms,
};

pub(crate) use export::room_text;
pub(crate) use import::{bad_lines, workbook};
pub(crate) use store::{TicketSitterRow, notes_erase, ticket_sitters};
pub(crate) use view::people_seated;
