//! The rules of the field, pure: no async, SQL, HTTP, clock or randomness. Time and chance are arguments.
//!
//! See ARCHITECTURE.md.

pub mod account;
pub mod announcement;
pub mod application;
pub mod archive;
pub mod arrangement;
pub mod attendance;
pub mod audit;
pub mod chance;
pub mod check;
pub mod clock;
mod coded;
pub mod door;
pub mod eligibility;
pub mod exam;
pub mod field;
pub mod id_number;
pub mod ids;
pub mod integrity;
pub mod interview;
pub mod major;
pub mod message;
pub mod money;
pub mod payment;
pub mod phone;
pub mod photo;
pub mod profile;
pub mod publicity;
pub mod recheck;
pub mod rehearsal;
pub mod review;
pub mod score;
pub mod selection;
pub mod sheet;
pub mod staff;
pub mod text;
pub mod ticket;
pub mod time;
pub mod window;
