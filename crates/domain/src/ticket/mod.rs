//! 准考证: the number's template ([`number`], [`level`]), what the card says ([`content`]), what its QR says ([`pass`]), who
//! may print when ([`opening`]) and an exam's own template ([`layout`]).
//!
//! Numbers are given in one batch with the seat plan and never used again; the card shows the published plan.

mod base32;
pub mod content;
pub mod layout;
pub mod level;
pub mod number;
pub mod opening;
pub mod pass;

pub use content::{SessionLine, TicketContent};
pub use level::level_numbers;
pub use number::{Part, PartKind, TicketNumbers, TicketTemplate};
pub use opening::{Stagger, opens_for};
pub use pass::Pass;
