//! The sealer: links committed entries into the hash chain.

use db::{Command, Crowd, Lane, Tx};
use sha2::{Digest, Sha256};

use super::store;
use crate::{Ctx, Error, Result};

/// Entries linked by one command: short enough to let interactive commands pass.
const BATCH: i64 = 200;
/// How far back an entry may have been dated before it committed, counted from the newest link; older ones are found by [`seal_all`].
const LATEST_COMMIT_MICROS: i64 = 3_600_000_000;

/// The hash of a link: over the hash before it, the entry's id and the entry's MAC (which covers its content).
pub(super) fn link_hash(prev: &[u8], seq: i64, entry_id: i64, mac: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"baokao audit link 1");
    hash.update(prev);
    hash.update(seq.to_be_bytes());
    hash.update(entry_id.to_be_bytes());
    hash.update(mac);
    hash.finalize().into()
}

/// Links up to [`BATCH`] entries made since an hour before the newest link. Returns how many; run again while it is not 0.
///
/// Counted from the link, not from now: what committed in the last second before a server was stopped for hours is linked when
/// it is back.
///
/// Two sealers at once do no harm: both would insert the same `seq`, and the second is refused.
pub async fn seal(ctx: &Ctx) -> Result<usize> {
    let newest = store::newest_link(&mut ctx.app.db().scan(Crowd::System)).await?;
    let now = ctx.app.now().micros();
    let since = newest.map_or(i64::MIN, |(_, _, sealed_at)| sealed_at.min(now));
    seal_since(ctx, since.saturating_sub(LATEST_COMMIT_MICROS)).await
}

/// Links every entry that no link holds, however old: run at start, after a restore, and before `audit verify`.
pub async fn seal_all(ctx: &Ctx) -> Result<usize> {
    let mut total = 0;
    loop {
        match seal_since(ctx, i64::MIN).await? {
            0 => return Ok(total),
            linked => total += linked,
        }
    }
}

async fn seal_since(ctx: &Ctx, since: i64) -> Result<usize> {
    // Looked up outside the command first, so that an idle system commits nothing.
    let waiting = store::unlinked(&mut ctx.app.db().scan(Crowd::System), since, 1).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    ctx.app
        .db()
        .write(
            Lane::Background,
            SealBatch {
                since,
                at: ctx.app.now().micros(),
            },
        )
        .await
}

struct SealBatch {
    since: i64,
    at: i64,
}

impl Command for SealBatch {
    const NAME: &'static str = "audit.seal";
    type Out = usize;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<usize> {
        let (mut seq, mut prev) = store::head(tx).await?.unwrap_or((0, vec![0; 32]));
        let waiting = store::unlinked(tx, self.since, BATCH).await?;
        for (entry_id, mac) in &waiting {
            seq += 1;
            let hash = link_hash(&prev, seq, *entry_id, mac);
            store::link_insert(tx, seq, *entry_id, (&prev, &hash), self.at).await?;
            prev = hash.to_vec();
        }
        Ok(waiting.len())
    }
}
