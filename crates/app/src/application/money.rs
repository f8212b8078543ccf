//! What a step asks of the payment feature.

use db::Tx;
use domain::exam::Phase;
use domain::payment::RefundReason;

use super::effects::Step;
use crate::payment::{self, Debt};
use crate::{Error, Result, Trail};

/// The fee is due: raises the order.
pub(super) async fn open(tx: &mut Tx, trail: &mut Trail<'_>, step: &Step<'_>) -> Result<()> {
    let window = step.ground.exam.window(Phase::Payment);
    let window = window.ok_or(Error::inconsistent(
        "a fee fell due in an exam without a payment window",
    ))?;
    let debt = Debt {
        application_id: step.row.id,
        exam_id: step.row.exam_id,
        account_id: step.row.account_id,
        amount: step.fee,
        expires_at: window.close().micros(),
    };
    payment::raise(tx, trail, &debt).await
}

/// The debt is gone: voids the open order; what was begun at a channel is closed there by the timer.
pub(super) async fn close(tx: &mut Tx, trail: &mut Trail<'_>, step: &Step<'_>) -> Result<()> {
    payment::close_order(tx, trail, step.row.id).await
}

/// Everything goes back.
pub(super) async fn refund(tx: &mut Tx, trail: &mut Trail<'_>, step: &Step<'_>) -> Result<()> {
    payment::refund_all(tx, trail, step.row.id, RefundReason::Cancelled).await
}
