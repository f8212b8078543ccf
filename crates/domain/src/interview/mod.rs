//! 面试: groups that keep a position together ([`groups`]), an order by commit and reveal ([`draw()`]), marks of several judges entered
//! twice ([`panel`]), and the plan that holds them ([`plan`]). Who comes, and what follows, is [`crate::selection`].

pub mod draw;
pub mod groups;
pub mod panel;
pub mod plan;

pub use draw::draw;
pub use panel::{Dropped, trimmed_mean};
pub use plan::{PlanEvent, PlanState};
