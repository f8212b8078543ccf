//! What lies outside: the SMS provider, the object store, the payment channels, who can check identities and educations.
//!
//! Each is a trait with the real thing and one for tests. Nothing here knows the database; `app` calls it outside of
//! transactions and takes any doubtful answer as *unknown*, never as *no*.

pub mod check;
pub mod object;
pub mod payment;
pub mod sms;
