//! What is known of a refund now, taken in under the lock of its order.

use db::{Command, Lane, Tx};
use domain::money::Fen;
use domain::payment::refund::Earlier;
use domain::payment::{AttemptState, RefundEvent, RefundState, ladder};
use domain::time::Timestamp;
use gateways::payment::RefundNews;
use serde_json::json;

use super::super::ledger::{self, FEES, Posting, SURPLUS, TREASURY, channel_book};
use super::super::reconcile::{self, Booked, Moved};
use super::super::store::{self as orders, AttemptRow, OrderRow};
use super::super::{attempt_state, offline, refund_state};
use super::store::{self as refunds, RefundRow};
use super::{call_off, check_covered, earlier};
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

pub(super) async fn finish(
    ctx: &Ctx,
    refund_id: i64,
    (order, attempt): (OrderRow, AttemptRow),
    news: RefundNews,
) -> Result<()> {
    let command = Finish {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        refund_id,
        order,
        attempt,
        news,
        by_hand: false,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Two people say that a refund was paid back by hand: under which number of a document, and when.
pub(in crate::payment) async fn paid_by_hand(
    tx: &mut Tx,
    app: &App,
    stamp: &Stamp,
    refund_id: i64,
    (channel_no, at): (String, Timestamp),
) -> Result<()> {
    let row = refunds::refund_by_id(tx, refund_id)
        .await?
        .ok_or(Error::NotFound)?;
    let order = orders::order_by_id(tx, row.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(tx, row.order_id).await?;
    let mut attempts = attempts.into_iter();
    let attempt = attempts.find(|attempt| attempt.id == row.attempt_id);
    let command = Finish {
        app: app.clone(),
        stamp: stamp.clone(),
        refund_id,
        order,
        attempt: attempt.ok_or(Error::inconsistent("refund.attempt_id"))?,
        news: RefundNews::Succeeded { channel_no, at },
        by_hand: true,
    };
    command.run(tx).await
}

/// What went back for good.
pub(in crate::payment) fn back(earlier: &[Earlier]) -> i64 {
    let done = earlier
        .iter()
        .filter(|refund| refund.state == RefundState::Succeeded);
    done.map(|refund| refund.amount.get()).sum()
}

/// Whether a refund was sent, or will be without another word. One that waits for the second person isn't.
pub(in crate::payment) fn on_its_way(refund: &Earlier) -> bool {
    let waits = matches!(
        refund.state,
        RefundState::Succeeded | RefundState::Requested
    );
    refund.state.reserves() && !waits
}

const MOVED: Error = Error::Conflict("这笔退款刚有变化，请刷新查看");

pub(super) struct Finish {
    pub(super) app: App,
    pub(super) stamp: Stamp,
    pub(super) refund_id: i64,
    pub(super) order: OrderRow,
    pub(super) attempt: AttemptRow,
    pub(super) news: RefundNews,
    /// Paid back outside of the channel, by a document and two people.
    pub(super) by_hand: bool,
}

impl Command for Finish {
    const NAME: &'static str = "payment.refund_finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, self.order.id).await?;
        let row = refunds::refund_by_id(tx, self.refund_id)
            .await?
            .ok_or(Error::NotFound)?;
        let was = refund_state(&row)?;
        let taken_up = self.by_hand && was == RefundState::Failed;
        if taken_up {
            // What was only asked for isn't on its way: this is.
            call_off(tx, &mut trail, (row.order_id, row.attempt_id)).await?;
            check_covered(tx, &row).await?;
        }
        let event = match &self.news {
            RefundNews::Processing => RefundEvent::Processing,
            RefundNews::Succeeded { .. } if self.by_hand => RefundEvent::PaidByHand,
            RefundNews::Succeeded { .. } => RefundEvent::Succeed,
            RefundNews::Failed(_) => RefundEvent::Fail,
            RefundNews::Abnormal(_) => RefundEvent::GoAbnormal,
            RefundNews::Missing | RefundNews::Unknown => RefundEvent::Doubt,
        };
        let Ok(next) = was.on(event) else {
            if let (RefundState::Succeeded, RefundNews::Failed(why) | RefundNews::Abnormal(why)) =
                (was, &self.news)
            {
                // It counts as done, and perhaps in a day that is closed: nothing is taken back by itself, a person finds out.
                return self.came_back(tx, &mut trail, &row, why).await;
            }
            return Err(MOVED);
        };
        let waits = matches!(next, RefundState::Submitted | RefundState::Unknown);
        let queries = u32::try_from(row.queries).unwrap_or(u32::MAX);
        let far = self.stamp.at.plus_days(365);
        let again = ladder::next_query(
            ladder::Ladder::Usual,
            queries,
            self.stamp.at,
            far,
            ladder::spread(self.attempt.id, queries),
        )
        .map(Timestamp::micros);
        let again = again.filter(|_| waits);
        // The timer claims it and finance sends it again without the lock of the order: what they did since it was read isn't undone here.
        if refunds::refund_set_state(tx, row.id, row.version, next.code(), again).await? == 0 {
            return Err(MOVED);
        }
        if taken_up {
            self.taken_up(tx, &mut trail, &row).await?;
        }
        if next == was {
            return match self.news {
                RefundNews::Succeeded { .. } => self.twice(tx, &mut trail, &row).await,
                _ => Ok(()),
            };
        }
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: self.order.exam_id,
        };
        let detail = json!({ "refund_no": row.refund_no, "from": was.code(), "to": next.code() });
        trail
            .audit(tx, "payment.refund_news", object, detail)
            .await?;
        match &self.news {
            RefundNews::Succeeded { channel_no, at } if next == RefundState::Succeeded => {
                refunds::refund_finish(tx, row.id, channel_no, at.micros()).await?;
                self.succeeded(tx, &mut trail, &row).await
            }
            RefundNews::Failed(why) => {
                self.alert(tx, &mut trail, &row, why).await?;
                self.undone(tx, &mut trail, &row).await
            }
            RefundNews::Abnormal(why) => self.alert(tx, &mut trail, &row, why).await,
            _ => Ok(()),
        }
    }
}

impl Finish {
    async fn succeeded(&self, tx: &mut Tx, trail: &mut Trail<'_>, row: &RefundRow) -> Result<()> {
        let attempts = orders::attempts_of(tx, self.order.id).await?;
        let attempt = attempts.iter().find(|attempt| attempt.id == row.attempt_id);
        let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
        let credits = attempt_state(attempt)? == AttemptState::Succeeded;
        // What the treasury pays back doesn't leave the channel, which had given it away; nor does what is paid back by hand: that
        // leaves the centre's own account.
        let from = if row.by_treasury() {
            TREASURY.to_owned()
        } else if self.by_hand && !offline::by_hand(&attempt.channel) {
            refunds::refund_by_hand(tx, row.id).await?;
            channel_book(offline::CHANNEL)
        } else {
            channel_book(&attempt.channel)
        };
        let posting = Posting {
            debit: if credits { FEES } else { SURPLUS },
            credit: &from,
            amount: row.amount,
            of: (row.order_id, row.attempt_id, row.id),
        };
        ledger::post(tx, trail, &posting).await?;
        if let (RefundNews::Succeeded { at, .. }, false) = (&self.news, self.by_hand) {
            let booked = Booked {
                order: &self.order,
                channel: &attempt.channel,
                number: &row.refund_no,
                what: Moved::Back,
                amount: row.amount,
                at: at.micros(),
                by_bill: false,
            };
            reconcile::booked(tx, trail, &booked).await?;
        }
        self.mended(tx, row).await?;
        if credits {
            self.order_refunded(tx, trail, row).await?;
        } else if back(&earlier(tx, row.order_id, row.attempt_id).await?)
            > attempt.received.unwrap_or(0)
        {
            // A channel that had refused, and now says that it did it, after another refund went out for the same money.
            let why = "同一笔收款退了不止一次：先前未退成的退款，渠道又通知退款成功。请核实后向缴款人追回";
            self.too_much(tx, trail, row, why).await?;
        }
        let number = domain::payment::number::grouped(&self.order.order_no);
        let sum = Fen::new(row.amount).yuan();
        let notice = Notice {
            kind: "payment",
            title: "退款成功".to_owned(),
            body: if row.by_treasury() {
                format!("缴费单 {number} 的 {sum} 元已由财政部门退库，请查收。")
            } else if self.by_hand {
                format!("缴费单 {number} 的 {sum} 元已线下退回，转账的请查收您提供的收款账户。")
            } else {
                format!("缴费单 {number} 的 {sum} 元已原路退回，到账时间以银行为准。")
            },
            link: format!("/payments/{}", self.order.public_id),
            sms: Some(Sms {
                template: if self.by_hand {
                    "payment_refunded_by_hand"
                } else {
                    "payment_refunded"
                },
                params: vec![("order", number), ("amount", sum)],
            }),
        };
        message::notify(tx, trail, &self.app, self.order.account_id, &notice).await
    }
}
