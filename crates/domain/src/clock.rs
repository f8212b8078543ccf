//! Where the time comes from. Rules take an instant as argument; only the outermost layer asks a clock.

use crate::time::Timestamp;

/// A source of the current time. The binary's reads the system; tests turn theirs by hand.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current instant.
    fn now(&self) -> Timestamp;
}
