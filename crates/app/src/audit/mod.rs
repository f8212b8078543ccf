//! The audit trail: who did what to which record, when and in which request.
//!
//! An entry commits with the change it speaks of (invariant 30) and carries a MAC over its content, so that editing a row
//! with SQL shows. A chain read by every commit would queue all of PostgreSQL on one row; so one sealer links the
//! entries a second later ([`seal`]), which makes a deletion show as well. [`verify`] walks chain and MACs.
//!
//! Entries never hold an ID number, a mobile, a photo or a secret.

mod export;
mod find;
mod find_store;
mod list;
mod seal;
mod store;
mod verify;

use db::Tx;
use domain::audit::Entry;
use vault::Mac;

pub use export::{Words, export};
pub use list::{Chain, Filter, chain, entries, recheck};
pub use seal::{seal, seal_all};
pub use store::{EntryRow, ListedRow};
pub(crate) use verify::verify_on;
pub use verify::{Report, verify, verify_recent};

use crate::Result;

/// Writes one entry in the caller's transaction. Called through [`crate::Trail::audit`].
pub(crate) async fn entry_insert(tx: &mut Tx, entry: &Entry<'_>, mac: &dyn Mac) -> Result<()> {
    let tag = mac.sign(&entry.canonical());
    store::entry_insert(tx, entry, tag.version, &tag.bytes).await?;
    Ok(())
}
