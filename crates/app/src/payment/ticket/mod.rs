//! 异常单: how one is opened, where it stands, whose it is, and how it ends.

mod export;
mod list;
mod own;
mod resolve;
pub(super) mod store;

pub use export::export as export_mismatches;
pub use list::{DISCREPANCIES, Mismatches, discrepancies, discrepancy_title, mismatches};
pub use own::{assign_discrepancy, leave_discrepancy, own_discrepancy, owners};
pub use resolve::resolve;
pub use store::DiscrepancyRow;

use db::Tx;
use domain::payment::ticket::{TicketEvent, TicketState};

use crate::{Error, Object, Result, Trail};
use store as tickets;

pub(super) const GONE: &str = "这条异常刚有变化，请刷新查看";

/// A discrepancy that is opened.
pub(super) struct Ticket<'a> {
    /// One of [`super::DISCREPANCIES`].
    pub kind: &'a str,
    pub channel: &'a str,
    /// Our number of what it is about; the day of a bill.
    pub number: &'a str,
    /// 0 for none.
    pub order_id: i64,
    pub amount: i64,
    pub detail: &'a str,
    /// It must be looked at today.
    pub urgent: bool,
}

/// Opens one, with its entry in the trail.
pub(super) async fn open(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    ticket: &Ticket<'_>,
    told: serde_json::Value,
) -> Result<i64> {
    let id = trail.id()?;
    let row = tickets::DiscrepancyInsert {
        id,
        public_id: &trail.public_id(id).to_string(),
        kind: ticket.kind,
        channel: ticket.channel,
        merchant_no: ticket.number,
        order_id: ticket.order_id,
        amount: ticket.amount,
        detail: ticket.detail,
        at: trail.at().micros(),
    };
    tickets::discrepancy_insert(tx, &row).await?;
    if ticket.urgent {
        tickets::discrepancy_urge(tx, id).await?;
    }
    let object = Object {
        kind: "discrepancy",
        id,
        exam_id: 0,
    };
    trail.audit(tx, "payment.discrepancy", object, told).await?;
    Ok(id)
}

/// Where one stands.
pub(super) fn standing(row: &DiscrepancyRow) -> Result<TicketState> {
    let state = TicketState::from_code(&row.state);
    let state = state.ok_or(Error::inconsistent("discrepancy.state"))?;
    Ok(match row.proposal {
        Some(_) if state == TicketState::Open => TicketState::Proposed,
        _ => state,
    })
}

/// What becomes of one by the table.
///
/// # Errors
/// `Conflict` where it isn't in a state for that: somebody was faster.
pub(super) fn step(row: &DiscrepancyRow, event: TicketEvent) -> Result<TicketState> {
    standing(row)?.on(event).map_err(|_| Error::Conflict(GONE))
}
