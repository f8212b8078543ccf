//! The other side of the channels: servers with a ledger of their own, for demonstrations and tests.

pub mod sandbox;
