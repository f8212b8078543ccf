//! Refunds of what came offline: no channel has them, somebody pays them back.

use db::{Command, Lane, Tx};

use super::super::book_store::RefundRow;
use super::super::store::AttemptRow;
use super::{by_hand, store};
use crate::{Ctx, Error, Result};

/// Whether a refund is of money that came offline; then the timer leaves it alone from now on.
pub(in crate::payment) async fn rest(
    ctx: &Ctx,
    refund: &RefundRow,
    attempt: &AttemptRow,
) -> Result<bool> {
    if !by_hand(&attempt.channel) {
        return Ok(false);
    }
    let command = Rest {
        id: refund.id,
        version: refund.version,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(true)
}

struct Rest {
    id: i64,
    version: i64,
}

impl Command for Rest {
    const NAME: &'static str = "payment.offline_rest";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::refund_rests(tx, self.id, self.version).await?;
        Ok(())
    }
}
