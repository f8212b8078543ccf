//! The key check: a database made under one keyring is refused to another.

mod store;

use db::{Command, Db, Lane, Tx};
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

/// Compares, read-only.
pub async fn standing(db: &Db, keyring: &Keyring) -> Result<Standing> {
    Ok(match store::mark_find(&mut db.read()).await? {
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
        db.write(
            Lane::Interactive,
            Bind {
                value,
                at: at.micros(),
            },
        )
        .await?;
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
        store::mark_insert(tx, &self.value, self.at).await?;
        Ok(())
    }
}
