//! Where the databases of the cuts are: files, or databases of a PostgreSQL server.

use std::path::PathBuf;

/// One of both.
pub(super) enum Place {
    Files(tempfile::TempDir),
    Server,
}

impl Place {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sqlite" => tempfile::tempdir().ok().map(Self::Files),
            "postgres" => Some(Self::Server),
            _ => None,
        }
    }

    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Files(_) => "SQLite",
            Self::Server => "PostgreSQL",
        }
    }

    /// An empty database.
    pub(super) fn fresh(&self) -> String {
        match self {
            Self::Files(folder) => {
                format!("sqlite:{}", folder.path().join("prepared.db").display())
            }
            Self::Server => db::testing::fresh_database(),
        }
    }

    /// A copy of one that nobody is connected to.
    pub(super) fn copy(&self, of: &str) -> String {
        match self {
            Self::Files(folder) => {
                let to = folder.path().join("cut.db");
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{end}", to.display()));
                }
                let from = PathBuf::from(of.trim_start_matches("sqlite:"));
                std::fs::copy(from, &to).expect("a copy");
                format!("sqlite:{}", to.display())
            }
            Self::Server => db::testing::copied_database(of),
        }
    }

    /// It isn't needed any more.
    pub(super) fn drop(&self, url: &str) {
        if matches!(self, Self::Server) {
            db::testing::drop_database(url);
        }
    }
}
