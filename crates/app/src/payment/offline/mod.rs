//! 线下缴费: money that came outside of the channels — cash, a transfer, a POS slip — and money that went back that way.
//!
//! One person of finance enters the document (number, sum, day, a scan if there is one), another confirms it. A payment then
//! becomes an attempt at the channel `offline` and goes through [`super::settle`] like news of any other channel; a refund of such a
//! payment waits, approved, until somebody has paid it back and that was entered and confirmed the same way.

mod back;
mod decide;
mod enter;
mod store;

pub(super) use back::rest;
pub use decide::decide;
pub use enter::{Form, Voucher, enter, enter_back};
pub use store::{EntryRow, SameNumber, WaitingEntry};

use db::{Crowd, Query, Tx};
use domain::payment::OrderState;
use domain::payment::offline::{Method, takes};
use domain::staff::Permission;

use super::OrderRow;
use super::ticket::DiscrepancyRow;
use crate::object::{self, File};
use crate::{Ctx, Error, Object, Result};

/// The code of the channel.
pub const CHANNEL: &str = gateways::payment::OFFLINE;
/// The ticket of money in the clerk's hands that the order can't take any more: it goes back to the payer.
pub const RETURN: &str = "offline_return";
/// The ticket of money that wasn't confirmed while the order still owes it: it goes back, or is entered rightly.
pub const REFUSED: &str = "offline_refused";

/// Whether a ticket is about money that was entered and not taken.
pub fn is_not_taken(kind: &str) -> bool {
    matches!(kind, RETURN | REFUSED)
}

/// The ticket of an entry whose money wasn't taken, among those of its order.
pub fn not_taken<'a>(entry: &EntryRow, all: &'a [DiscrepancyRow]) -> Option<&'a DiscrepancyRow> {
    all.iter().find(|one| entry.is_followed_by(one))
}

/// Who entered the money that a ticket is about, and has it in hand.
pub(super) async fn keeper(q: &mut impl Query, ticket: &DiscrepancyRow) -> Result<Option<i64>> {
    if !is_not_taken(&ticket.kind) {
        return Ok(None);
    }
    let entries = store::entries_of(q, ticket.order_id).await?;
    let of = entries.iter().find(|entry| entry.is_followed_by(ticket));
    Ok(of.map(|entry| entry.entered_by))
}

/// Whether money of a channel is told of and goes back by documents only.
pub fn by_hand(channel: &str) -> bool {
    channel == CHANNEL || channel == super::nontax::CHANNEL
}

/// Entries shown at once.
const WAITING: i64 = 50;

impl EntryRow {
    /// How it was paid, in words.
    pub fn method_label(&self) -> &'static str {
        Method::from_code(&self.method).map_or("其他", Method::label)
    }

    /// Whether a ticket of its order is about its money. The same number may be entered and refused more than once: each ticket is opened
    /// with its own refusal.
    fn is_followed_by(&self, ticket: &DiscrepancyRow) -> bool {
        is_not_taken(&ticket.kind)
            && ticket.merchant_no == self.document_no
            && Some(ticket.created_at) == self.decided_at
    }

    fn object(&self, exam_id: i64) -> Object {
        Object {
            kind: "offline_entry",
            id: self.id,
            exam_id,
        }
    }
}

impl WaitingEntry {
    /// Whether it is a payment that its order can't take any more.
    pub fn is_late(&self) -> bool {
        let state = OrderState::from_code(&self.order_state);
        self.refund_id.is_none()
            && !state.is_some_and(|state| takes(state, self.order_amount, self.amount))
    }
}

/// What was entered for an order, the oldest first.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn entries(ctx: &Ctx, order_id: i64) -> Result<Vec<EntryRow>> {
    ctx.allow(Permission::Finance)?;
    Ok(store::entries_of(&mut ctx.app.db().read(), order_id).await?)
}

/// Whether a payment of an order of the asking candidate was entered and waits for the second person.
///
/// # Errors
/// `NotFound` for somebody else's order.
pub async fn pending(ctx: &Ctx, order: &OrderRow) -> Result<bool> {
    if ctx.candidate()? != order.account_id {
        return Err(Error::NotFound);
    }
    let waits = store::entry_waits(&mut ctx.app.db().read(), order.id).await?;
    Ok(waits == Some(0))
}

/// What else was entered under the number of an entry's document: perhaps it is the same document.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn same_number(ctx: &Ctx, entry: &EntryRow) -> Result<Vec<SameNumber>> {
    ctx.allow(Permission::Finance)?;
    let of = (entry.id, entry.document_no.as_str());
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::entries_like(&mut scan, of).await?)
}

/// Checks, under the lock of the order, that nobody entered a payback that another must still confirm: nothing else goes back until then,
/// or the payer might have it twice.
///
/// # Errors
/// `Refused` otherwise.
pub(super) async fn nothing_entered(tx: &mut Tx, order_id: i64) -> Result<()> {
    if payback_waits(tx, order_id).await? {
        return Err(Error::refused(
            "payback_waits",
            "先复核线下退回",
            "这张缴费单有一笔登记了的线下退回在等复核。请先由另一位财务人员确认或者不予确认，再办理退款。",
        ));
    }
    Ok(())
}

/// Whether a payback of an order was entered and waits for the second person.
pub(super) async fn payback_waits(tx: &mut Tx, order_id: i64) -> Result<bool> {
    let waits = store::entry_waits(tx, order_id).await?;
    Ok(waits.is_some_and(|refund| refund != 0))
}

/// The entries that wait for the asker's word: somebody else made them.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn waiting(ctx: &Ctx) -> Result<Vec<WaitingEntry>> {
    ctx.allow(Permission::Finance)?;
    let staff = ctx.staff()?.id;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::entries_waiting(&mut scan, staff, WAITING).await?)
}

/// The scan that came with an entry.
///
/// # Errors
/// `NotFound` without one.
pub async fn voucher(ctx: &Ctx, entry: &str) -> Result<File> {
    ctx.allow(Permission::Finance)?;
    let row = store::entry_by_public_id(&mut ctx.app.db().read(), entry)
        .await?
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, row.voucher_id.ok_or(Error::NotFound)?).await
}
