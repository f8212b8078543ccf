//! The key check: a database made under one keyring is refused to another.

use db::{Command, Db, DbResult, Lane, Query, Tx, p, point, sql};
use vault::{KeyCheck, Keyring};

use crate::{Error, Result};

/// Whether the keyring at hand is the one the database was made under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Match,
    /// The database was made under another one: nothing may be read or written.
    Mismatch,
    /// The database is new; nothing was sealed in it yet.
    Fresh,
}

async fn find(q: &mut impl Query) -> DbResult<Option<Vec<u8>>> {
    q.opt(point!("SELECT value FROM key_check WHERE name = $1"), p!["keyring"]).await
}

/// Compares, read-only.
pub async fn standing(db: &Db, keyring: &Keyring) -> Result<Standing> {
    Ok(match find(&mut db.read()).await? {
        None => Standing::Fresh,
        Some(value) if KeyCheck::matches(keyring, &value) => Standing::Match,
        Some(_) => Standing::Mismatch,
    })
}

/// Compares, and marks a fresh database as this keyring's. `serve` refuses to start on a mismatch.
pub async fn bind(db: &Db, keyring: &Keyring, at: domain::time::Timestamp) -> Result<Standing> {
    let standing = standing(db, keyring).await?;
    if standing == Standing::Fresh {
        let value = KeyCheck::make(keyring);
        db.write(Lane::Interactive, Bind { value, at: at.micros() }).await?;
    }
    Ok(standing)
}

struct Bind {
    value: Vec<u8>,
    at: i64,
}

impl Command for Bind {
    const NAME: &'static str = "keys.bind";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.exec(
            sql!("INSERT INTO key_check (name, value, made_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING"),
            p!["keyring", &self.value, self.at],
        )
        .await?;
        Ok(())
    }
}
