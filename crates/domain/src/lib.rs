//! The rules of the field, pure: no async, SQL, HTTP, clock or randomness. Time and chance are arguments.
//!
//! See ARCHITECTURE.md.

mod coded;
pub mod review;
pub mod score;
pub mod sheet;
pub mod ticket;
