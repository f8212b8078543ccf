//! What an SMS said and to which number isn't kept for ever: the outbox forgets what is over after half a year.

use db::{Command, Lane, Tx};

use super::store;
use crate::{Ctx, Error, Result};

/// Days for which the outbox keeps an SMS that was sent, given up or never meant to be sent. Long enough for a complaint about a
/// recruitment to be looked into (`docs/ops`, 短信).
pub const KEPT_DAYS: i64 = 180;

/// One round. Returns how many SMS went; run again while it is not 0.
///
/// # Errors
/// If the database refuses.
pub async fn sweep(ctx: &Ctx) -> Result<u64> {
    let before = ctx.app.now().plus_seconds(-KEPT_DAYS * 24 * 3600).micros();
    ctx.app.db().write(Lane::Background, Sweep { before }).await
}

struct Sweep {
    before: i64,
}

impl Command for Sweep {
    const NAME: &'static str = "message.sweep";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::outbox_sweep(tx, self.before).await?)
    }
}
