//! 准考证: the number's template ([`number`], [`level`]), what the card says ([`content`]) and what its QR says ([`pass`]).
//!
//! Numbers are given in one batch with the seat plan and never used again; the card shows the published plan.

mod base32;
pub mod content;
pub mod level;
pub mod number;
pub mod pass;

pub use content::{SessionLine, TicketContent};
pub use level::level_numbers;
pub use number::{Part, PartKind, TicketNumbers, TicketTemplate};
pub use pass::Pass;
