//! Rules of accounts: what opens a fresh one, how tries are slowed, what a password must be.

pub mod activation;
pub mod legacy;
pub mod password;
pub mod throttle;
