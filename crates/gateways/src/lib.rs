//! What lies outside: the SMS provider, the object store, the payment channels, who can check identities and educations.
//!
//! Each is a trait with the real thing and one for tests. Nothing here knows the database; `app` calls it outside of
//! transactions and takes any doubtful answer as *unknown*, never as *no*.

pub mod check;
pub mod object;
pub mod payment;
pub mod sms;

/// A file that nobody else may read and that has no name: it goes when it is closed, whatever happens.
pub(crate) fn scratch() -> std::io::Result<std::fs::File> {
    tempfile::tempfile()
}
