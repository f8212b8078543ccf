//! What a waiver means to the application that it was granted to.

use db::{Query, Tx};
use domain::money::Fen;
use domain::payment::Waiver;
use domain::payment::waiver::GRACE_SECONDS;

use super::store;
use crate::application::ApplicationRow;
use crate::{Error, Result};

/// What was granted to an application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    id: i64,
    waiver: Waiver,
    /// The fee that it is counted from, and what is taken off, in 分.
    fee: i64,
    off: i64,
}

impl Held {
    /// Whether nothing is left to pay.
    pub(crate) fn covers(&self) -> bool {
        self.off >= self.fee
    }
}

/// What was granted to an application, if anything was.
pub(crate) async fn held(q: &mut impl Query, application_id: i64) -> Result<Option<Held>> {
    let Some(row) = store::waiver_granted(q, application_id).await? else {
        return Ok(None);
    };
    let (Some(fee), Some(off)) = (row.fee, row.off) else {
        return Err(Error::inconsistent("fee_waiver.off"));
    };
    Ok(Some(Held {
        id: row.id,
        waiver: row.waiver()?,
        fee,
        off,
    }))
}

/// The category and the sum of what was granted to an application, in 分.
pub(crate) async fn granted(
    q: &mut impl Query,
    application_id: i64,
) -> Result<Option<(String, i64)>> {
    let row = store::waiver_granted(q, application_id).await?;
    Ok(row.map(|row| (row.category, row.off.unwrap_or(0))))
}

/// Counts what was granted from the fee of another choice: what is to pay then, and whether that is nothing. What is waived as a
/// whole leaves the fee as it is. What was paid stays paid, whatever the other choice costs.
pub(crate) async fn refit(
    tx: &mut Tx,
    held: Option<Held>,
    row: &ApplicationRow,
    fee: i64,
) -> Result<(i64, bool)> {
    let open = matches!(row.payment.as_str(), "none" | "due" | "waived");
    let Some(held) = held.filter(|_| open && fee > 0) else {
        return Ok((fee, fee == 0 || held.is_some_and(|held| held.covers())));
    };
    let off = held.waiver.off(Fen::new(fee)).get();
    if (fee, off) != (held.fee, held.off) && off > 0 {
        store::waiver_count(tx, held.id, fee, off).await?;
    }
    Ok(if off >= fee {
        (fee, true)
    } else {
        (fee - off, false)
    })
}

/// The application is over: what nobody has decided is, too. What waits for a second person's word about a refund waits on,
/// since the money is asked for already.
pub(crate) async fn lapse(tx: &mut Tx, application_id: i64, at: i64) -> Result<()> {
    store::waivers_lapse(tx, application_id, at).await?;
    Ok(())
}

/// Until when somebody may pay who was told of a decision, in microseconds; `None` if nobody decided about him.
pub(crate) async fn until(q: &mut impl Query, application_id: i64) -> Result<Option<i64>> {
    let decided = store::decided_last(q, application_id).await?;
    Ok(decided.map(|at| at + GRACE_SECONDS * 1_000_000))
}
