//! 考点库: sites with their rooms, kept over the years, and what an exam takes of them.
//!
//! A site and a room are `active` or `retired`; a room that a plan used stays for good, its plan keeps a copy of what it was. An exam
//! takes rooms by number (`exam_room`), for all its sessions or some, and no two published plans have one room at one time.
//!
//! Called by the office; `arrangement` reads the rooms that an exam took.

pub(crate) mod wipe_store;
