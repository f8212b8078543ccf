//! The database toolkit: one SQL text and one function body for embedded SQLite and for PostgreSQL. Knows no feature.
//!
//! * [`Db::write`] runs a [`Command`]. On SQLite one thread commits up to 64 of them together; on PostgreSQL each has a
//!   guarded transaction in a task of its own. A caller is answered after the commit, never before.
//! * [`Db::read`] is for look-ups by key (`point!`), inline; [`Db::scan`] for everything that reads many rows.
//! * Statements are literals in [`sql!`] and [`point!`], or put together from literals by [`filter`].

pub mod backup;
mod crowded;
pub mod dialect;
mod error;
pub mod filter;
mod migrate;
mod options;
pub mod page;
mod postgres;
mod query;
mod queue;
mod read;
pub mod schema;
mod sql;
mod sqlite;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;
mod wake;
mod wipe;

use std::future::Future;
use std::sync::Arc;

pub use error::{DbError, DbResult};

pub use migrate::{Migrated, Migration, MigrationStatus, Migrations, check, migrate, status};
pub use options::{Durability, Options};
pub use query::Query;
pub use read::{Crowd, Read, Scan};
pub use sql::Sql;
pub use stats::Stats;
pub use tx::{Command, Lane, Tx};
pub use value::{FromCol, FromRow, P, Row, Value};
pub use wipe::wipe;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// For any number of processes.
    Postgres,
}

/// An open database: cheap to clone, shared by all requests and jobs.
#[derive(Debug, Clone)]
pub struct Db(Arc<Engine>);

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each open database, behind an `Arc`"
)]
pub(crate) enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Engine {
    fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    fn crowded(&self) -> &crowded::Crowded {
        match self {
            Self::Sqlite(db) => db.crowded(),
            Self::Postgres(db) => db.crowded(),
        }
    }
}

impl Db {
    /// Opens the database. Does not migrate: see [`migrate`] and [`check`].
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if the file can't be used (a second server holds it, a network file system) or the
    /// server can't be reached.
    pub async fn open(options: Options) -> DbResult<Self> {
        let engine = match options.backend()? {
            Backend::Sqlite => Engine::Sqlite(sqlite::Sqlite::open(&options)?),
            Backend::Postgres => Engine::Postgres(postgres::Postgres::open(&options).await?),
        };
        Ok(Self(Arc::new(engine)))
    }

    /// Runs a command and answers after its commit.
    ///
    /// A caller that goes away (a client that hung up) doesn't stop the command.
    ///
    /// # Errors
    /// What the command answers; [`DbError::Busy`] if too many wait, [`DbError::TooSlow`], [`DbError::Panic`],
    /// [`DbError::ForeignAwait`], [`DbError::Full`], [`DbError::Unavailable`], [`DbError::Unsure`], each turned into the command's error.
    pub async fn write<C: Command>(&self, lane: Lane, command: C) -> Result<C::Out, C::Err> {
        match &*self.0 {
            Engine::Sqlite(db) => db.write(lane, command).await,
            Engine::Postgres(db) => db.write(lane, command).await,
        }
    }

    /// Point reads, inline.
    pub fn read(&self) -> Read {
        Read(Arc::clone(&self.0))
    }

    /// Scans for `crowd`.
    pub fn scan(&self, crowd: Crowd) -> Scan {
        Scan {
            engine: Arc::clone(&self.0),
            crowd,
        }
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.0.backend()
    }

    /// Completes when a command that woke `topic` has committed, counted from this call on: take the future first,
    /// look for work then, and await it when there is none. It tells of this process only; look now and then anyway.
    pub fn changed(
        &self,
        topic: &'static str,
    ) -> impl Future<Output = ()> + Send + 'static + use<> {
        match &*self.0 {
            Engine::Sqlite(db) => db.hub().changed(topic),
            Engine::Postgres(db) => db.hub().changed(topic),
        }
    }

    /// What was done so far, and what waits.
    pub fn stats(&self) -> Stats {
        match &*self.0 {
            Engine::Sqlite(db) => db.stats(),
            Engine::Postgres(db) => db.stats(),
        }
    }

    /// Finishes what waits and closes. Other clones of the handle are refused from now on.
    pub async fn close(self) {
        match &*self.0 {
            Engine::Sqlite(db) => db.close().await,
            Engine::Postgres(db) => db.close().await,
        }
    }
}
