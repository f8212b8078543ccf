//! The second person: the document is what it is said to be.

use db::{Command, Lane, Tx};
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::number::{Purpose, merchant_no};
use domain::payment::offline::{EntryEvent, EntryState, can_take, number, takes};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::super::refund::store as refunds;
use super::super::settle::Settle;
use super::super::store::{self as orders, OrderRow};
use super::super::ticket::store as tickets;
use super::super::ticket::{self, Ticket};
use super::super::{by_another, order_state, refund};
use super::back::not_sent;
use super::{CHANNEL, EntryRow, REFUSED, RETURN, store};
use crate::{App, Ctx, Error, Result, Stamp, Trail};

/// Confirms what another person entered, or refuses it with a reason.
///
/// # Errors
/// `Refused` to who entered it, where the order has moved on, and of a payback that a channel sent after all; `Fields` under `note` for a refusal without a reason.
pub async fn decide(ctx: &Ctx, entry: &str, confirm: bool, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::second_word(note, confirm, 500, "不予确认")?;
    let row = store::entry_by_public_id(&mut ctx.app.db().read(), entry)
        .await?
        .ok_or(Error::NotFound)?;
    by_another(row.entered_by, ctx.actor.id(), "复核", "登记和复核")?;
    if let (true, Some(refund)) = (confirm, row.refund_id) {
        let refund = refunds::refund_by_id(&mut ctx.app.db().read(), refund).await?;
        not_sent(ctx, &refund.ok_or(Error::NotFound)?).await?;
    }
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        settling: Stamp::of(ctx),
        row,
        confirm,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    app: App,
    stamp: Stamp,
    /// Ids of what follows for the order.
    settling: Stamp,
    row: EntryRow,
    confirm: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.offline_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        orders::order_lock(tx, row.order_id).await?;
        let order = orders::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::inconsistent("offline_entry.order_id"))?;
        let told = Error::Conflict("这笔登记已有结果，请刷新查看");
        let event = if self.confirm {
            EntryEvent::Confirm
        } else {
            EntryEvent::Refuse
        };
        let was = EntryState::from_code(&row.state);
        let Some(Ok(to)) = was.map(|was| was.on(event)) else {
            return Err(told);
        };
        let (of, by) = (
            (row.id, row.version),
            (trail.actor_id(), self.note.as_str()),
        );
        if store::entry_decide(tx, of, to.code(), by, trail.at().micros()).await? == 0 {
            return Err(told);
        }
        let detail = json!({ "to": to.code(), "document_no": row.document_no, "note": self.note });
        let object = row.object(order.exam_id);
        trail
            .audit(tx, "payment.offline_decide", object, detail)
            .await?;
        match (self.confirm, row.refund_id) {
            (false, None) => self.not_taken(tx, &mut trail, &order).await,
            (false, Some(_)) => Ok(()),
            (true, None) => self.take(tx, &mut trail, &order).await,
            (true, Some(refund)) => {
                let paid_at = Timestamp::from_micros(row.paid_at);
                let how = (self.channel_no(), paid_at);
                refund::paid_by_hand(tx, &self.app, &self.settling, refund, how).await
            }
        }
    }
}

impl Decide {
    /// The document's number, with how it was paid: unique among all that came offline.
    fn channel_no(&self) -> String {
        number(&self.row.method, &self.row.document_no)
    }

    /// The clerk has money in hand that no book knows: whoever entered it answers for it on a ticket, until somebody writes down that it
    /// went back, or what else became of it.
    async fn not_taken(&self, tx: &mut Tx, trail: &mut Trail<'_>, order: &OrderRow) -> Result<()> {
        let row = &self.row;
        let state = order_state(order)?;
        let (kind, todo) = if order.amount != row.amount {
            (
                RETURN,
                "缴费单的应缴金额已变，没有入账，须退还考生".to_owned(),
            )
        } else if can_take(state) {
            (
                REFUSED,
                "没有入账。收了钱的，更正后重新登记，或者退还考生；没有收到钱的，写明情况"
                    .to_owned(),
            )
        } else {
            let why = state.label();
            (RETURN, format!("缴费单{why}，没有入账，须退还考生"))
        };
        let detail = format!(
            "{} {} 元，凭证号 {}：{todo}。不予确认的原因：{}",
            row.method_label(),
            Fen::new(row.amount).yuan(),
            row.document_no,
            self.note
        );
        let ticket = Ticket {
            kind,
            channel: CHANNEL,
            number: &row.document_no,
            order_id: order.id,
            amount: row.amount,
            detail: &detail,
            urgent: false,
        };
        let told = json!({ "kind": kind, "order": order.id });
        let id = ticket::open(tx, trail, &ticket, told).await?;
        let at = trail.at().micros();
        tickets::discrepancy_own(tx, id, None, Some(row.entered_by), at).await?;
        Ok(())
    }

    /// The payment counts: an attempt of its own, and its news settled in the same transaction.
    async fn take(&self, tx: &mut Tx, trail: &mut Trail<'_>, order: &OrderRow) -> Result<()> {
        if !takes(order_state(order)?, order.amount, self.row.amount) {
            return Err(Error::refused(
                "not_owed",
                "不能入账",
                "登记以后这张缴费单有了变化：已支付、已换成别的金额，或者正在核查。请写明原因，不予确认；收的钱须退还考生。",
            ));
        }
        let id = trail.id()?;
        let number = merchant_no(Purpose::Payment, trail.at(), id.unsigned_abs());
        let attempt = orders::AttemptInsert {
            id,
            order_id: order.id,
            channel: CHANNEL,
            merchant: CHANNEL,
            merchant_no: &number,
            way: "page",
            amount: order.amount,
            expires_at: order.expires_at,
            next_query_at: None,
            at: trail.at().micros(),
        };
        orders::attempt_insert(tx, &attempt).await?;
        let evidence = Evidence {
            source: Source::Offline,
            channel: CHANNEL.to_owned(),
            merchant: CHANNEL.to_owned(),
            merchant_no: number,
            news: News::Paid(PaidNews {
                channel_no: self.channel_no(),
                amount: Fen::new(self.row.amount),
                currency: CNY.to_owned(),
                paid_at: Timestamp::from_micros(self.row.paid_at),
            }),
        };
        Settle::new(&self.app, self.settling.clone(), evidence)
            .run(tx)
            .await?;
        Ok(())
    }
}
