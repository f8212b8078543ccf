//! 核查中: the second person's word, and what follows for the order and its money.

use db::{Command, Lane, Tx};
use domain::money::Fen;
use domain::payment::evidence::{News, Source};
use domain::payment::hold::Release;
use domain::payment::number;
use domain::payment::ticket::TicketEvent;
use domain::payment::{AttemptEvent, OrderState, RefundReason};
use domain::time::Timestamp;
use serde_json::json;

use super::ask::named;
use super::hold::{Kept, Looked, find, look, object};
use super::ledger::{self, FEES, Posting, SURPLUS, channel_book};
use super::pay::gateway_of;
use super::reconcile::{self, Booked, Moved};
use super::refund::store as refunds;
use super::store::{self, OrderRow};
use super::ticket::store::{self as tickets, DiscrepancyRow};
use super::ticket::{GONE, step};
use super::{attempt_state, debt, refund, settle};
use crate::application;
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Result, Stamp, Trail};

/// The second person agrees, and the order is released and the question closed; or doesn't, and it is as before.
///
/// # Errors
/// `Refused` for who proposed it, and when the order has changed meanwhile; `Fields` under `note`.
pub async fn decide_release(ctx: &Ctx, public_id: &str, agrees: bool, note: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    let note = crate::reason::second_word(note, agrees, 300, "不同意")?;
    if let (true, Some(proposer)) = (agrees, row.proposed_by) {
        super::by_another(proposer, ctx.actor.id(), "复核", "提出办理和复核")?;
    }
    let event = if agrees {
        TicketEvent::Agree
    } else {
        TicketEvent::Decline
    };
    step(&row, event)?;
    let release = row.proposal.as_deref().and_then(Release::from_code);
    let disproved = if agrees && release == Some(Release::Void) {
        disproved(ctx, row.order_id).await?
    } else {
        Vec::new()
    };
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        release: release.ok_or(Error::Conflict(GONE))?,
        row,
        agrees,
        disproved,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// What was told of and is said not to be there: its channel must say so too, or it would be lost by the word of two people. The attempts
/// of which it does.
async fn disproved(ctx: &Ctx, order_id: i64) -> Result<Vec<i64>> {
    let mut disproved = Vec::new();
    let mut read = ctx.app.db().read();
    let order = store::order_by_id(&mut read, order_id)
        .await?
        .ok_or(Error::NotFound)?;
    for one in look(&mut read, order).await?.kept {
        if one.by_hand {
            continue;
        }
        let news = match gateway_of(&ctx.app, &one.attempt) {
            Some(gateway) => {
                gateway
                    .query(&named(&one.attempt), Source::Query)
                    .await
                    .news
            }
            None => News::Unknown,
        };
        let text = match news {
            News::NotPaid { .. } | News::Closed => {
                disproved.push(one.attempt.id);
                continue;
            }
            News::Paid(_) => "渠道答复这笔款已收到。请选择退回收到的款。",
            News::Unknown => "渠道没有答复有没有收到这笔款，不能按没有收到办理。请过一会儿再试。",
        };
        return Err(Error::refused("not_disproved", "不能作废", text));
    }
    Ok(disproved)
}

struct Decide {
    app: App,
    stamp: Stamp,
    row: DiscrepancyRow,
    release: Release,
    agrees: bool,
    /// The attempts of which their channels say that no money came.
    disproved: Vec<i64>,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.decide_release";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let (row, release) = (&self.row, self.release);
        let detail = json!({ "release": release.code(), "agrees": self.agrees, "note": self.note, "order": row.order_id });
        trail
            .audit(tx, "payment.decide_release", object(row.id), detail)
            .await?;
        if !self.agrees {
            if tickets::discrepancy_unpropose(tx, row.id, release.code()).await? == 0 {
                return Err(Error::Conflict(GONE));
            }
            return Ok(());
        }
        store::order_lock(tx, row.order_id).await?;
        let order = store::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let looked = look(tx, order).await?;
        release
            .check(looked.held)
            .map_err(|why| Error::refused("not_released", "不能办理", format!("{why}。")))?;
        let said = format!(
            "{}。{}{}",
            release.label(),
            row.proposal_note.as_deref().unwrap_or_default(),
            self.note
        );
        let said: String = said.chars().take(500).collect();
        if tickets::discrepancy_release(tx, row.id, release.code(), (by, at), &said).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        // It is one question, however many payments came for the order.
        let others = format!("已随同一张缴费单的另一条异常办理：{}", release.label());
        tickets::discrepancies_with(tx, row.order_id, (by, at), &others).await?;
        self.release(tx, &mut trail, &looked).await
    }
}

impl Decide {
    /// The order and its money as it was decided. What credits it was posted and told when it came; nothing of that is done again.
    async fn release(&self, tx: &mut Tx, trail: &mut Trail<'_>, looked: &Looked) -> Result<()> {
        let order = &looked.order;
        let event = self.release.event(looked.held.credited, looked.gone);
        let (next, _) = OrderState::Hold
            .on(event)
            .map_err(|_| Error::inconsistent("payment_order.state"))?;
        store::order_set_state(tx, order.id, OrderState::Hold.code(), next.code()).await?;
        let counts = match self.release {
            Release::Paid if !looked.held.credited => {
                let all = looked.kept.iter().filter(|one| one.fits);
                all.min_by_key(|one| (one.attempt.paid_at, one.attempt.merchant_no.as_str()))
            }
            _ => None,
        };
        if let Some(one) = counts {
            self.count(tx, trail, order, one).await?;
        }
        let counted = counts.map(|one| one.attempt.id);
        let credited = looked.held.credited || counts.is_some();
        let (mut back, mut by_hand) = (0, false);
        for one in looked
            .kept
            .iter()
            .filter(|one| Some(one.attempt.id) != counted)
        {
            if self.release == Release::Void {
                // What came while the channels were asked isn't erased with the rest.
                if !self.disproved.contains(&one.attempt.id) {
                    return Err(Error::Conflict(GONE));
                }
                self.disprove(tx, trail, order, one).await?;
                continue;
            }
            self.send_back(tx, trail, (order, credited), one).await?;
            back += one.amount;
            by_hand |= one.by_hand;
        }
        if next == OrderState::Voided {
            store::order_close(tx, order.id, trail.at().micros()).await?;
        }
        store::attempts_hurry(tx, order.id, trail.at().micros()).await?;
        if looked.held.credited {
            self.go_on(tx, trail, order).await?;
        }
        let told = told(order, self.release, credited, (back, by_hand));
        let notice = Notice {
            kind: "payment",
            title: told.0.to_owned(),
            body: told.1,
            link: format!("/payments/{}", order.public_id),
            sms: (back > 0 && !by_hand).then(|| Sms {
                template: "payment_sent_back",
                params: vec![
                    ("order", number::grouped(&order.order_no)),
                    ("amount", Fen::new(back).yuan()),
                ],
            }),
        };
        message::notify(tx, trail, &self.app, order.account_id, &notice).await
    }

    /// What an application asked for while its order stood still: everything goes back.
    async fn go_on(&self, tx: &mut Tx, trail: &mut Trail<'_>, order: &OrderRow) -> Result<()> {
        let row = application::store::application_by_id(tx, order.application_id).await?;
        if row.is_some_and(|row| row.payment == "refunding") {
            debt::refund_all(tx, trail, order.application_id, RefundReason::Cancelled).await?;
        }
        Ok(())
    }

    /// Money that was kept credits the order after all.
    async fn count(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        order: &OrderRow,
        one: &Kept,
    ) -> Result<()> {
        let attempt = &one.attempt;
        let was = attempt_state(attempt)?;
        let next = was
            .on(AttemptEvent::Count)
            .map_err(|_| Error::inconsistent("payment_attempt.state"))?;
        store::attempt_set_state(tx, attempt.id, was.code(), next.code(), true).await?;
        let paid_at = attempt
            .paid_at
            .ok_or(Error::inconsistent("payment_attempt.paid_at"))?;
        store::order_credit(tx, order.id, attempt.id, paid_at).await?;
        let moved = Posting {
            debit: SURPLUS,
            credit: FEES,
            amount: one.amount,
            of: (order.id, attempt.id, 0),
        };
        ledger::post(tx, trail, &moved).await?;
        let paid_at = Some(Timestamp::from_micros(paid_at));
        settle::advance(tx, trail, &self.app, order, paid_at).await
    }

    /// What was kept wasn't there: it is taken off the books.
    async fn disprove(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        order: &OrderRow,
        one: &Kept,
    ) -> Result<()> {
        let attempt = &one.attempt;
        if attempt.received != Some(one.amount) {
            return Err(Error::refused(
                "not_released",
                "不能办理",
                "这笔款已有退款，不能按没有收到办理。",
            ));
        }
        let was = attempt_state(attempt)?;
        let next = was
            .on(AttemptEvent::Disprove)
            .map_err(|_| Error::inconsistent("payment_attempt.state"))?;
        store::attempt_set_state(tx, attempt.id, was.code(), next.code(), true).await?;
        store::attempt_clear_money(tx, attempt.id).await?;
        let undone = Posting {
            debit: SURPLUS,
            credit: &channel_book(&attempt.channel),
            amount: one.amount,
            of: (attempt.order_id, attempt.id, 0),
        };
        ledger::post(tx, trail, &undone).await?;
        let Some(at) = attempt.paid_at else {
            return Ok(());
        };
        let booked = Booked {
            order,
            channel: &attempt.channel,
            number: &attempt.merchant_no,
            what: Moved::Undone,
            amount: one.amount,
            at,
            by_bill: false,
        };
        reconcile::booked(tx, trail, &booked).await
    }

    /// What was kept goes back: asked for by who proposed it, approved by who agrees.
    async fn send_back(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        (order, credited): (&OrderRow, bool),
        one: &Kept,
    ) -> Result<()> {
        let attempt = &one.attempt;
        let late = attempt.paid_at.is_none_or(|at| at >= order.expires_at);
        let reason = if attempt.received != Some(order.amount) {
            RefundReason::Mismatch
        } else if credited {
            RefundReason::Duplicate
        } else if late {
            RefundReason::Late
        } else {
            RefundReason::Agency
        };
        let by = self
            .row
            .proposed_by
            .ok_or(Error::inconsistent("discrepancy.proposed_by"))?;
        let of = (order.id, attempt.id);
        let id = refund::insert(tx, trail, of, one.amount, (reason, by, false)).await?;
        let (decider, at) = (trail.actor_id(), trail.at().micros());
        if refunds::refund_approve(tx, id, decider, &self.note, at).await? == 0 {
            return Err(Error::inconsistent("refund.state"));
        }
        Ok(())
    }
}

/// What the candidate is told: title and text.
fn told(
    order: &OrderRow,
    release: Release,
    credited: bool,
    (back, by_hand): (i64, bool),
) -> (&'static str, String) {
    let number = number::grouped(&order.order_no);
    let sum = Fen::new(back).yuan();
    let way = if by_hand {
        "由工作人员线下退回"
    } else {
        "原路退回付款账户，一般 1 至 7 天到账"
    };
    match (release, back > 0) {
        (Release::Void, _) => (
            "缴费单已核查",
            format!(
                "缴费单 {number} 经核查没有收到款，已作废。仍需缴费的，请在缴费时间内重新缴费。"
            ),
        ),
        (_, true) if credited => (
            "核查结果：多收的款将退回",
            format!("缴费单 {number} 的缴费有效。另外收到的 {sum} 元将{way}，进度请看缴费单。"),
        ),
        (_, true) => (
            "核查结果：收到的款将退回",
            format!(
                "缴费单 {number} 收到的 {sum} 元没有入账，将{way}，进度请看缴费单。这张缴费单已作废，仍需缴费的，请在缴费时间内重新缴费。"
            ),
        ),
        (_, false) => (
            "缴费单已核查",
            format!("缴费单 {number} 经核查无误，缴费有效。"),
        ),
    }
}
