//! What a command needs and must not make while it runs: the time, ids, random names, the audit key.
//!
//! A command is deterministic in `&self`, so that it can be run again after a serialization failure or in a batch of its
//! own (DESIGN §2). It carries a [`Stamp`] made before it was sent; each run opens a fresh [`Trail`], which hands out
//! the same ids in the same order.

use std::sync::Arc;

use db::Tx;
use domain::audit::Entry;
use domain::ids::PublicId;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use vault::{Entropy, Mac, Place};

use crate::{App, Ctx, Result};

/// How many ids a stamp reserves: more than any single command uses. Bulk commands say how many they need.
pub const IDS_PER_STAMP: u32 = 64;

/// Made before a command is sent; the same at every run of it.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// When the request came: what deadlines are judged by and rows are dated with.
    pub at: Timestamp,
    actor_kind: &'static str,
    actor_id: i64,
    /// The exam that who asks was made for, if it is a rehearsal: what he does is told as its.
    rehearses: Option<i64>,
    request_id: String,
    first_id: i64,
    ids: u32,
    seed: [u8; 32],
    mac: Arc<dyn Mac>,
}

impl Stamp {
    /// A stamp for what `ctx` asks.
    pub fn of(ctx: &Ctx) -> Self {
        Self::for_rows(ctx, 0)
    }

    /// A stamp for a command that writes up to `rows` new rows besides those that any command may write.
    pub fn for_rows(ctx: &Ctx, rows: u32) -> Self {
        let ids = IDS_PER_STAMP + rows;
        Self {
            at: ctx.at,
            actor_kind: ctx.actor.kind(),
            actor_id: ctx.actor.id(),
            rehearses: ctx.rehearses,
            request_id: ctx.request_id.clone(),
            first_id: ctx.app.reserve_ids(ids),
            ids,
            seed: ctx.app.random(),
            mac: ctx.app.audit_mac(),
        }
    }

    /// The trail of one run.
    pub fn trail(&self) -> Trail<'_> {
        Trail {
            stamp: self,
            used: 0,
        }
    }

    /// The id of the account or member of staff who asks.
    pub fn actor_id(&self) -> i64 {
        self.actor_id
    }

    /// The kind of who asks.
    pub fn actor_kind(&self) -> &'static str {
        self.actor_kind
    }
}

/// One run of a command: ids and names in a fixed order, and the audit rows it leaves.
#[derive(Debug)]
pub struct Trail<'a> {
    stamp: &'a Stamp,
    used: u32,
}

/// What an audit row speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// The table, as staff would name it: `account`, `application`, `exam`.
    pub kind: &'static str,
    /// Its id.
    pub id: i64,
    /// The exam it belongs to, 0 for none.
    pub exam_id: i64,
}

impl Trail<'_> {
    /// The next id. Ids grow with time, so that new rows go to the end of the table.
    pub fn id(&mut self) -> Result<i64> {
        if self.used >= self.stamp.ids {
            return Err(crate::Error::inconsistent(
                "a command used more ids than its stamp holds",
            ));
        }
        let id = self.stamp.first_id + i64::from(self.used);
        self.used += 1;
        Ok(id)
    }

    /// A random public id for the row `id`: what URLs carry.
    pub fn public_id(&self, id: i64) -> PublicId {
        let mut hash = Sha256::new();
        hash.update(self.stamp.seed);
        hash.update(id.to_be_bytes());
        let digest = hash.finalize();
        let mut name = [0u8; 10];
        name.copy_from_slice(&digest[..10]);
        PublicId::from_bytes(name)
    }

    /// Who asks: the id of the account or member of staff, 0 for those who have none.
    pub fn actor_id(&self) -> i64 {
        self.stamp.actor_id
    }

    /// The kind of who asks.
    pub fn actor_kind(&self) -> &'static str {
        self.stamp.actor_kind
    }

    /// Seals a field of a row whose id is made by this run. The same at every run: randomness comes from the stamp.
    pub fn seal(&self, app: &App, place: Place, clear: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(b"seal");
        hash.update(self.stamp.seed);
        hash.update(place.table.as_bytes());
        hash.update([0]);
        hash.update(place.column.as_bytes());
        hash.update(place.row.to_be_bytes());
        app.cipher()
            .seal(place, clear, &Derived(hash.finalize().into()))
    }

    /// When the request came.
    pub fn at(&self) -> Timestamp {
        self.stamp.at
    }

    /// Leaves an audit row in the same transaction as the change (invariant 30). `detail` is a JSON object that holds
    /// no ID number, mobile or secret.
    pub async fn audit(
        &mut self,
        tx: &mut Tx,
        action: &'static str,
        object: Object,
        detail: serde_json::Value,
    ) -> Result<()> {
        let id = self.id()?;
        let detail = detail.to_string();
        let entry = Entry {
            id,
            at: self.stamp.at,
            actor_kind: self.stamp.actor_kind,
            actor_id: self.stamp.actor_id,
            action,
            object_kind: object.kind,
            object_id: object.id,
            exam_id: match object.exam_id {
                0 => self.stamp.rehearses.unwrap_or(0),
                id => id,
            },
            request_id: &self.stamp.request_id,
            detail: &detail,
        };
        crate::audit::entry_insert(tx, &entry, self.stamp.mac.as_ref()).await
    }
}

/// Randomness that a stamp's seed grows into; one per sealed field.
#[derive(Debug)]
struct Derived([u8; 32]);

impl Entropy for Derived {
    fn fill(&self, bytes: &mut [u8]) {
        for (count, chunk) in (0u64..).zip(bytes.chunks_mut(32)) {
            let mut hash = Sha256::new();
            hash.update(self.0);
            hash.update(count.to_be_bytes());
            let block = hash.finalize();
            chunk.copy_from_slice(block.get(..chunk.len()).unwrap_or_default());
        }
    }
}
