//! 准考证: the number's template ([`number`]) and what the card says ([`content`]).
//!
//! Numbers are given in one batch with the seat plan and never used again; the card shows the published plan.

pub mod content;
pub mod number;

pub use content::{SessionLine, TicketContent};
pub use number::{Part, PartKind, TicketNumbers, TicketTemplate};
