//! A waiver whose fee was paid hangs on its refund: what the second person's word about that means to it.

use db::Tx;
use domain::application::Event;
use domain::payment::{RefundState, WaiverEvent};
use serde_json::json;

use super::{CHANGED, decide, state, store};
use crate::application;
use crate::message;
use crate::payment::{OrderRow, RefundRow};
use crate::{App, Error, Result, Trail};

/// The second person decided about a refund. Approved, what it was asked for is granted: the application stays as it is, with
/// nothing more to pay. Refused, the first person decides anew.
pub(crate) async fn decided(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    (order, refund): (&OrderRow, &RefundRow),
    approved: bool,
) -> Result<()> {
    let Some(row) = store::waiver_of_refund(tx, refund.id).await? else {
        return Ok(());
    };
    if !approved {
        return back(tx, trail, refund.id).await;
    }
    let was = state(&row)?;
    let next = was.on(WaiverEvent::Approve).map_err(|_| CHANGED)?;
    let at = trail.at().micros();
    let of = (row.id, row.version);
    if store::waiver_move(tx, of, (was.code(), next.code()), None, at).await? == 0 {
        return Err(CHANGED);
    }
    let detail = json!({ "refund_no": refund.refund_no, "to": next.code() });
    trail
        .audit(tx, "waiver.settled", row.object(), detail)
        .await?;
    let application = application::store::application_by_id(tx, row.application_id)
        .await?
        .ok_or(Error::inconsistent("fee_waiver.application_id"))?;
    if application.life == "live" && application.payment == "paid" {
        let (fee, off) = (row.fee.unwrap_or(0), row.off.unwrap_or(0));
        if off >= fee {
            application::advance(tx, trail, app, application.id, Event::Waive, "").await?;
        } else {
            let id = (application.id, application.version);
            if application::store::fee_put(tx, id.0, id.1, fee - off).await? == 0 {
                return Err(CHANGED);
            }
        }
    }
    let exam = crate::exam::find_in(tx, app, row.exam_id).await?;
    let told = decide::granted_back(&exam, &row, refund.amount, &order.order_no);
    message::notify(tx, trail, app, row.account_id, &told).await
}

/// A refund that nobody approved yet is called off: everything of that payment goes back for another reason.
pub(crate) async fn called_off(tx: &mut Tx, trail: &mut Trail<'_>, refund_id: i64) -> Result<()> {
    back(tx, trail, refund_id).await
}

async fn back(tx: &mut Tx, trail: &mut Trail<'_>, refund_id: i64) -> Result<()> {
    let Some(row) = store::waiver_of_refund(tx, refund_id).await? else {
        return Ok(());
    };
    let was = state(&row)?;
    let next = was.on(WaiverEvent::Return).map_err(|_| CHANGED)?;
    let at = trail.at().micros();
    let of = (row.id, row.version);
    if store::waiver_move(tx, of, (was.code(), next.code()), None, at).await? == 0 {
        return Err(CHANGED);
    }
    store::waiver_refund(tx, row.id, None).await?;
    let detail = json!({ "refund": refund_id, "to": next.code() });
    trail
        .audit(tx, "waiver.settled", row.object(), detail)
        .await
}

/// What of a waiver that was granted hasn't gone back and isn't on its way, in 分: a channel may have refused it. `None` if
/// none was granted.
pub(crate) async fn owed_back(
    tx: &mut Tx,
    application_id: i64,
    refunds: &[RefundRow],
) -> Result<Option<i64>> {
    let Some(row) = store::waiver_granted(tx, application_id).await? else {
        return Ok(None);
    };
    let reserves = |one: &&RefundRow| {
        one.reason == "waived"
            && RefundState::from_code(&one.state).is_some_and(RefundState::reserves)
    };
    let back: i64 = refunds.iter().filter(reserves).map(|one| one.amount).sum();
    Ok(Some((row.off.unwrap_or(0) - back).max(0)))
}
