//! Tools for tests of this crate and of those above it. Never part of a release build.
//!
//! * [`fresh_database`] gives an empty PostgreSQL database: on the server that `BAOKAO_TEST_PG` names (a URL of somebody
//!   who may create databases), else on a throw-away cluster that this process starts and that ends with it. Without
//!   PostgreSQL it panics: a test that needs it fails, it is never skipped.
//! * [`trace`] notes every statement that was executed, and how hard SQLite worked for it.
//! * [`kill`] ends the process between two statements.
//! * [`Faults`] switches defences off for control runs.

mod cluster;
pub mod kill;
pub mod trace;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use cluster::PgServer;

use crate::DbResult;

/// Defences that a control run switches off, to show that the test would notice.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// PostgreSQL commands run in the caller's task, and their dropped transactions go back to the pool as they are.
    pub postgres_guard_off: bool,
    /// SQLite's write-ahead log has no bound.
    pub wal_guard_off: bool,
}

/// A throw-away PostgreSQL cluster of one's own. It ends when the value is dropped or the process ends.
///
/// # Panics
/// If PostgreSQL is not installed or doesn't start, with what to do.
pub fn postgres() -> PgServer {
    #[expect(clippy::panic, reason = "a test without its database must fail, with a clear message")]
    PgServer::start().unwrap_or_else(|problem| {
        panic!(
            "this test needs PostgreSQL: {problem}. Install it (apt-get install postgresql) or set BAOKAO_TEST_PG to \
             the URL of a server on which databases may be created"
        )
    })
}

/// The URL of a new, empty PostgreSQL database.
///
/// # Panics
/// If there is no PostgreSQL, with what to do.
pub fn fresh_database() -> String {
    made("")
}

/// The URL of a copy of such a database, to which nobody is connected.
///
/// # Panics
/// As above, and while somebody is connected.
pub fn copied_database(of: &str) -> String {
    made(&format!(" TEMPLATE {}", database_in(of)))
}

/// Takes such a database away, whoever is connected.
///
/// # Panics
/// If there is no PostgreSQL.
pub fn drop_database(url: &str) {
    let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database_in(url));
    say(statement);
}

fn made(from: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{}_{number}", std::process::id(), nonce());
    let admin = say(format!("CREATE DATABASE {name}{from}"));
    with_database(&admin, &name)
}

/// Has the administrator say something; his URL.
fn say(statement: String) -> String {
    static SERVER: OnceLock<PgServer> = OnceLock::new();
    let admin = std::env::var("BAOKAO_TEST_PG")
        .ok()
        .filter(|url| !url.is_empty())
        .unwrap_or_else(|| SERVER.get_or_init(postgres).url().to_owned());
    #[expect(
        clippy::panic,
        reason = "a test without its database must fail, with a clear message"
    )]
    if let Err(error) = tell(&admin, statement) {
        panic!("can't create a database on the PostgreSQL server for tests: {error:?}");
    }
    admin
}

/// The name of a database in its URL.
fn database_in(url: &str) -> &str {
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    base.rsplit('/').next().unwrap_or_default()
}

/// Tells processes with the same id (in containers) apart.
fn nonce() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u8) & 0xffff_ffff
}

/// In a thread with a runtime of its own, so that sync and async tests can call it alike.
fn tell(admin: &str, statement: String) -> DbResult<()> {
    let config = crate::postgres::config(admin)?;
    let work = move || -> DbResult<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let connected = config.connect(tokio_postgres::NoTls).await;
            let (client, connection) = connected.map_err(crate::postgres::from_postgres)?;
            tokio::spawn(connection);
            client
                .batch_execute(&statement)
                .await
                .map_err(crate::postgres::from_postgres)
        })
    };
    std::thread::spawn(work)
        .join()
        .unwrap_or(Err(crate::DbError::Panic))
}

/// The URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(base, query)| (base, Some(query)));
    let server = match base.split_once("://") {
        Some((scheme, rest)) => {
            format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
        }
        None => base.to_owned(),
    };
    match query {
        Some(query) => format!("{server}/{name}?{query}"),
        None => format!("{server}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        assert_eq!(
            with_database("postgres://u:p@h:5/x?a=b", "n"),
            "postgres://u:p@h:5/n?a=b"
        );
        assert_eq!(with_database("postgres://h", "n"), "postgres://h/n");
    }
}
