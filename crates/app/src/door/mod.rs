//! 入场核验: phones at the door that read tickets, with or without a network.
//!
//! A pass (核验授权) is for a site or some of its rooms, for a time; it is `active` until it is `revoked`. A phone is let in by the
//! pass's code and holds a token of its own. What it marks (`present`, `refused`, `undone`) may arrive late, twice and in any order;
//! the latest mark by the phone's clock is the last word.
//!
//! Called by the office, and by the phones' own pages.

pub(crate) mod wipe_store;
