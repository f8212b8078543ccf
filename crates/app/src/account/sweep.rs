//! Housekeeping: unfinished sign-ups lapse, dead sessions, old throttles, nonces, codes and drafts go, a few hundred at a time.

use db::{Command, Lane, Tx};
use domain::time::Timestamp;

use super::store;
use crate::{Ctx, Error, Result};

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// One round. Returns how many rows went; run again while it is not 0.
pub async fn sweep(ctx: &Ctx) -> Result<u64> {
    ctx.app
        .db()
        .write(Lane::Background, Sweep { at: ctx.app.now() })
        .await
}

struct Sweep {
    at: Timestamp,
}

impl Command for Sweep {
    const NAME: &'static str = "account.sweep";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let now = self.at.micros();
        let mut gone = store::accounts_lapse_due(tx, now).await?;
        gone += store::sessions_sweep(tx, now - DAY_MICROS).await?;
        gone += store::throttles_sweep(tx, now - DAY_MICROS).await?;
        gone += store::nonces_sweep(tx, now - DAY_MICROS).await?;
        // A day's codes are counted (`code::PER_DAY`).
        gone += store::sms_codes_sweep(tx, now - 2 * DAY_MICROS).await?;
        gone += crate::draft::sweep(tx, now - 31 * DAY_MICROS).await?;
        Ok(gone)
    }
}
