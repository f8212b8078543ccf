//! What a person must look at of a refund: it came to nothing, or went back twice.

use db::Tx;
use gateways::payment::RefundNews;
use serde_json::json;

use super::super::ledger::{self, CLAIMS, Posting, channel_book};
use super::super::ticket::store as tickets;
use super::super::ticket::{self, Ticket};
use super::super::{offline, reconcile};
use super::finish::Finish;
use super::store::RefundRow;
use crate::{Result, Trail};

/// The tickets of refunds that came to nothing: before their day was closed, and after.
const FAILED: &str = "refund_failed";
const AFTER_CLOSE: &str = "refund_after_close";
/// The ticket of a refund that went back by hand, and by its channel all the same.
const TWICE: &str = "refund_twice";

impl Finish {
    /// What stood open about it is done with.
    pub(super) async fn mended(&self, tx: &mut Tx, row: &RefundRow) -> Result<()> {
        let of = (self.attempt.channel.as_str(), row.refund_no.as_str());
        if let Some(id) = tickets::discrepancy_find(tx, of.0, of.1, FAILED, AFTER_CLOSE).await? {
            let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
            tickets::discrepancy_resolve(tx, id, by, at, "退款已办成").await?;
        }
        Ok(())
    }

    /// A channel says that it sent money back. If it was paid back by hand before, the payer has it twice: the books say so once, and a
    /// person asks it back.
    pub(super) async fn twice(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
    ) -> Result<()> {
        let by_channel = !self.by_hand && !offline::by_hand(&self.attempt.channel);
        if !by_channel || row.method.is_none() {
            return Ok(());
        }
        if tickets::discrepancy_known(tx, TWICE, &row.refund_no).await? {
            return Ok(());
        }
        let posting = Posting {
            debit: CLAIMS,
            credit: &channel_book(&self.attempt.channel),
            amount: row.amount,
            of: (row.order_id, row.attempt_id, row.id),
        };
        ledger::post(tx, trail, &posting).await?;
        let why = "已线下退回的退款，渠道又退了一次，请向缴款人追回";
        self.too_much(tx, trail, row, why).await
    }

    /// More went back than should have: a matter of its own, whatever else is open about the refund. Told once.
    pub(super) async fn too_much(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        if tickets::discrepancy_known(tx, TWICE, &row.refund_no).await? {
            return Ok(());
        }
        let ticket = Ticket {
            kind: TWICE,
            channel: &self.attempt.channel,
            number: &row.refund_no,
            order_id: row.order_id,
            amount: row.amount,
            detail: why,
            urgent: true,
        };
        let told = json!({ "kind": ticket.kind, "refund_no": row.refund_no });
        ticket::open(tx, trail, &ticket, told).await?;
        Ok(())
    }

    /// The channel says of a refund that it did that it came to nothing, once.
    pub(super) async fn came_back(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        for kind in [FAILED, AFTER_CLOSE] {
            if tickets::discrepancy_known(tx, kind, &row.refund_no).await? {
                return Ok(());
            }
        }
        let why = format!("本系统已记退款成功，渠道又通知没有退成：{why}");
        self.alert(tx, trail, row, &why).await
    }

    /// A person must look. Where the channel's bill of a closed day lists the refund as paid out, it is urgent: no later bill will say
    /// that the money stayed.
    pub(super) async fn alert(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
        why: &str,
    ) -> Result<()> {
        let channel = &self.attempt.channel;
        // Sent again to no avail: it is the same matter.
        let same = tickets::discrepancy_find(tx, channel, &row.refund_no, FAILED, AFTER_CLOSE);
        if same.await?.is_some() {
            return Ok(());
        }
        let failed = matches!(self.news, RefundNews::Failed(_) | RefundNews::Abnormal(_));
        let closed = if failed {
            reconcile::closed_with(tx, channel, &row.refund_no).await?
        } else {
            None
        };
        let detail = match &closed {
            Some(day) => format!(
                "{day} 已关账，当日账单列有这笔退款；{why}。请核实款项是否已回到商户账户，再重新办理退款"
            ),
            None => why.to_owned(),
        };
        let kind = if closed.is_some() {
            AFTER_CLOSE
        } else {
            FAILED
        };
        let told = json!({ "kind": kind, "refund_no": row.refund_no, "order": row.order_id });
        let ticket = Ticket {
            kind,
            channel,
            number: &row.refund_no,
            order_id: row.order_id,
            amount: row.amount,
            detail: &detail,
            urgent: closed.is_some(),
        };
        ticket::open(tx, trail, &ticket, told).await?;
        Ok(())
    }
}
