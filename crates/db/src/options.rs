//! How a database is opened.

use std::path::PathBuf;
use std::time::Duration;

use crate::{Backend, DbError, DbResult};

/// How a database is opened. [`Options::new`] gives values that serve a city on two cores.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:path/to/file` or `postgres://user:password@host/name`.
    pub url: String,
    /// Connections for point reads.
    pub readers: usize,
    /// Threads (SQLite) or connections (PostgreSQL) for scans, of each crowd.
    pub scanners: usize,
    /// Connections for commands (PostgreSQL; SQLite has one writer).
    pub writers: usize,
    /// Commands that may wait in a lane, and on PostgreSQL run, before the next one is told to come back.
    pub queue: usize,
    /// Scans of a crowd that may wait before the next one is told to come back.
    pub scan_queue: usize,
    /// Interactive commands in one SQLite commit.
    pub batch: usize,
    /// How long a command may take, from its first statement on.
    pub command_limit: Duration,
    /// How long a point read may take.
    pub read_limit: Duration,
    /// How long a scan may take: what bounds the growth of the write-ahead log under a slow reader.
    pub scan_limit: Duration,
    /// Bytes that SQLite's write-ahead log may reach. Beyond it readers are interrupted and the writer waits for a
    /// checkpoint, so that the log exceeds this by at most one batch.
    pub wal_bound: u64,
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// Defences that a control run switches off.
    #[cfg(feature = "testing")]
    pub faults: crate::testing::Faults,
}

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A commit that was answered survives power loss.
    #[default]
    Full,
    /// It doesn't. Only for the control run of the crash harness, which must lose something with this.
    Off,
}

impl Options {
    /// The defaults for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 8,
            scanners: 2,
            writers: 16,
            queue: 1024,
            scan_queue: 64,
            batch: 64,
            command_limit: Duration::from_secs(2),
            read_limit: Duration::from_millis(250),
            scan_limit: Duration::from_millis(250),
            wal_bound: 64 << 20,
            durability: Durability::Full,
            #[cfg(feature = "testing")]
            faults: crate::testing::Faults::default(),
        }
    }

    /// Which database the URL names.
    ///
    /// # Errors
    /// [`DbError::Other`] if it is neither.
    pub fn backend(&self) -> DbResult<Backend> {
        if self.url.starts_with("sqlite:") {
            Ok(Backend::Sqlite)
        } else if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            Ok(Backend::Postgres)
        } else {
            // The URL may hold a password: it is not repeated.
            Err(DbError::other("数据库地址应以 sqlite: 或 postgres:// 开头"))
        }
    }

    /// The file of an SQLite database.
    pub(crate) fn sqlite_path(&self) -> DbResult<PathBuf> {
        let path = self.url.strip_prefix("sqlite:").unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') {
            return Err(DbError::other("sqlite: 后面应写数据库文件的路径"));
        }
        Ok(PathBuf::from(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_backend_and_the_file() {
        assert_eq!(
            Options::new("sqlite:a/b.db").backend().unwrap(),
            Backend::Sqlite
        );
        assert_eq!(
            Options::new("sqlite:a/b.db").sqlite_path().unwrap(),
            PathBuf::from("a/b.db")
        );
        assert_eq!(
            Options::new("sqlite:///v/b.db").sqlite_path().unwrap(),
            PathBuf::from("/v/b.db")
        );
        assert_eq!(
            Options::new("postgres://h/n").backend().unwrap(),
            Backend::Postgres
        );
        let error = Options::new("mysql://root:secret@h/n")
            .backend()
            .unwrap_err()
            .to_string();
        assert!(!error.contains("secret"), "{error}");
        assert!(Options::new("sqlite:").sqlite_path().is_err());
        assert!(Options::new("sqlite::memory:").sqlite_path().is_err());
    }
}
