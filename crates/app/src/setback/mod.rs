//! What a timer couldn't do is put back by time, so that it doesn't stand in the way of what comes after it.
//!
//! Queues that are read from the oldest on, a few at a time, leave out what stands here: else a few rows that can't be handled
//! would fill every round for ever. Each further failure within a day doubles the pause.

use db::{Command, Lane, Tx};

use crate::{App, Error, Result};

mod store;
pub(crate) mod wipe_store;

const SECOND: i64 = 1_000_000;
/// The first pause.
const FIRST: i64 = 60 * SECOND;
/// No pause is longer.
const LONGEST: i64 = 3_600 * SECOND;
/// Who fails for the first time in so long begins with the first pause again; older entries are forgotten.
const FORGOTTEN: i64 = 24 * 3_600 * SECOND;

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `payment_order.id`: to be expired.
    Order,
    /// `application.id`: a debt to be expired.
    Debt,
    /// `application.id`: a clock of its review.
    Review,
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Debt => "debt",
            Self::Review => "review",
        }
    }
}

/// Puts one thing back.
///
/// # Errors
/// Trouble with the database.
pub(crate) async fn put(app: &App, kind: Kind, id: i64) -> Result<()> {
    let at = app.now().micros();
    app.db().write(Lane::Background, Put { kind, id, at }).await
}

struct Put {
    kind: Kind,
    id: i64,
    at: i64,
}

impl Command for Put {
    const NAME: &'static str = "setback.put";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::forget(tx, self.at - FORGOTTEN).await?;
        let tries = store::tries(tx, self.kind.code(), self.id).await?;
        let tries = tries.unwrap_or(0).clamp(0, 20);
        let pause = FIRST.saturating_mul(1 << tries).min(LONGEST);
        store::put(tx, (self.kind.code(), self.id), tries + 1, self.at + pause).await?;
        Ok(())
    }
}
