//! The orders that finance sees: lists and sums, and one with its whole history.

use db::Crowd;
use domain::application::{Life, Payment};
use domain::money::Fen;
use domain::payment::{OrderState, RefundReason, RefundState, number};
use domain::staff::Permission;

use super::book_store::{self as books, EventRow, LedgerRow};
use super::list_store::{self as lists, OfficeFilter, OfficeOrderRow};
use super::refund::store::{self as refunds, RefundRow};
use super::store::{self, AttemptRow, OrderRow};
use super::story::{Progress, Told};
use super::ticket::store::{self as tickets, DiscrepancyRow};
use super::{nontax, offline, order_state, reconcile, refund, story};
use crate::application::{self, ApplicationRow};
use crate::exam::Exam;
use crate::{Ctx, Error, Result};

/// Lines on a page.
const PAGE: i64 = 50;

/// What finance looks for. Empty and 0 mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The exam, 0 for all.
    pub exam_id: i64,
    /// A state's code.
    pub state: String,
    /// Turned round: every state but that one.
    pub other: bool,
    /// 缴费单号, a merchant number or the number that a channel gave a payment, as typed.
    pub number: String,
    /// The candidate's name, whole.
    pub name: String,
    /// The place of the last order of the page before.
    pub before: Option<(i64, i64)>,
    /// The oldest first, not the newest.
    pub oldest: bool,
}

/// A page of orders, newest first, and the place to go on from.
pub async fn list(ctx: &Ctx, search: &Search) -> Result<(Vec<OfficeOrderRow>, Option<(i64, i64)>)> {
    page(ctx, search, PAGE).await
}

/// The same with pages of another size.
pub(super) async fn page(
    ctx: &Ctx,
    search: &Search,
    size: i64,
) -> Result<(Vec<OfficeOrderRow>, Option<(i64, i64)>)> {
    ctx.allow(Permission::Finance)?;
    let typed = number::typed(&search.number);
    let applied = applied(ctx, &search.number).await?;
    let (order_no, merchant_no) = match &applied {
        Some(number) => ("", number.as_str()),
        None if number::is_merchant_no(&typed) => ("", typed.as_str()),
        None => (typed.as_str(), ""),
    };
    let filter = OfficeFilter {
        exam_id: search.exam_id,
        state: &search.state,
        other: search.other,
        order_no,
        merchant_no,
        name: search.name.trim(),
        before: search.before.unwrap_or(if search.oldest {
            (0, 0)
        } else {
            (i64::MAX, i64::MAX)
        }),
        oldest: search.oldest,
        limit: size + 1,
    };
    let mut rows = lists::orders_office(&mut ctx.app.db().scan(Crowd::Staff), &filter).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|len| len > size);
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let by_name = !filter.name.is_empty();
    let next = rows.last().map(|row| row.key(by_name)).filter(|_| more);
    Ok((rows, next))
}

/// The merchant number of the payment that a channel knows by this number. Looked up channel by channel, as its index begins with them.
async fn applied(ctx: &Ctx, typed: &str) -> Result<Option<String>> {
    let number = domain::text::line(&domain::text::to_half_width(typed));
    if number.is_empty() {
        return Ok(None);
    }
    let all = ctx.app.channels();
    let known = all.all().iter().chain(all.apart());
    let mut channels: Vec<String> = known
        .map(|gateway| gateway.info().code.to_owned())
        .collect();
    channels.extend([offline::CHANNEL, nontax::CHANNEL].map(str::to_owned));
    // Those that were switched off, and whose bills still name their payments.
    for (channel, _) in reconcile::known_channels(ctx).await? {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    let mut read = ctx.app.db().read();
    for channel in channels {
        let found = store::attempt_applied(&mut read, &channel, &number).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// State and number of orders; `exam_id` 0 for all. 1,001 stands for more: the tabs of a page must not cost more than its rows.
pub async fn counts(ctx: &Ctx, exam_id: i64) -> Result<Vec<(OrderState, i64)>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut counts = Vec::new();
    for state in OrderState::ALL {
        let count = lists::order_count(&mut scan, exam_id, state.code()).await?;
        counts.push((*state, count));
    }
    Ok(counts)
}

/// The sum of the paid orders, `exam_id` 0 for all; `None` for more than 10,000 of them.
pub async fn paid_sum(ctx: &Ctx, exam_id: i64) -> Result<Option<Fen>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (count, sum) = lists::paid_total(&mut scan, exam_id).await?;
    Ok((count <= 10_000).then(|| Fen::new(sum)))
}

/// Exams that have orders: id, public id, title.
pub async fn exams(ctx: &Ctx) -> Result<Vec<(i64, String, String)>> {
    ctx.allow(Permission::Finance)?;
    Ok(lists::exams_with_orders(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// An order with its whole history.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The order.
    pub order: OrderRow,
    /// Its state.
    pub state: OrderState,
    /// The application.
    pub application: ApplicationRow,
    /// The exam.
    pub exam: std::sync::Arc<Exam>,
    /// Its tries.
    pub attempts: Vec<AttemptRow>,
    /// Its refunds.
    pub refunds: Vec<RefundRow>,
    /// What happened to it, the oldest first.
    pub story: Vec<Told>,
    /// How far its refunds have come.
    pub progress: Vec<Progress>,
    /// What the channels told.
    pub events: Vec<EventRow>,
    /// Its postings.
    pub ledger: Vec<LedgerRow>,
    /// What had to be looked at.
    pub discrepancies: Vec<DiscrepancyRow>,
    /// The payments that were handed over to the treasury.
    pub handed: Vec<i64>,
}

impl Detail {
    /// Whether the payment that credits it was handed over: then the treasury pays it back.
    pub fn handed_over(&self) -> bool {
        let credited = self.order.credited_attempt;
        credited.is_some_and(|id| self.handed.contains(&id))
    }

    /// Whether a refund that came to nothing may be asked for anew: of money that credits nothing, all of which is here still.
    pub fn again(&self, refund: &RefundRow) -> bool {
        let last = self
            .refunds
            .iter()
            .rfind(|row| row.attempt_id == refund.attempt_id);
        let mut attempts = self.attempts.iter();
        let attempt = attempts.find(|one| one.id == refund.attempt_id);
        let left = attempt.map_or(Ok(0), |one| super::hold::kept_of(one, &self.refunds));
        self.state != OrderState::Hold
            && last.is_some_and(|last| last.id == refund.id)
            && refund.state == RefundState::Failed.code()
            && left.is_ok_and(|left| left > 0)
    }

    /// Whether a channel refused a refund, and the money is where it was.
    pub fn undone(&self, row: &RefundRow) -> bool {
        let mut attempts = self.attempts.iter();
        let attempt = attempts.find(|one| one.id == row.attempt_id);
        refund::is_undone(attempt, &self.refunds, row).unwrap_or(false)
    }

    /// Whether the application is over once everything is back that its order was paid with.
    pub fn ends_by_refund(&self) -> bool {
        let payment = Payment::from_code(&self.application.payment);
        self.application.life == Life::Live.code()
            && matches!(payment, Some(Payment::Paid | Payment::Refunding))
    }

    /// Whether it is over by this refund: with the others nothing is left of what credits the order. What is waived leaves it paid.
    pub fn ends_by(&self, refund: &RefundRow) -> bool {
        let others = self.refunds.iter().filter(|row| {
            row.id != refund.id
                && row.attempt_id == refund.attempt_id
                && RefundState::from_code(&row.state).is_some_and(RefundState::reserves)
        });
        let back: i64 = others.map(|row| row.amount).sum();
        self.ends_by_refund()
            && self.order.credited_attempt == Some(refund.attempt_id)
            && refund.reason != RefundReason::Waived.code()
            && back + refund.amount >= self.order.amount
    }

    /// Whether the whole sum may be asked back now.
    pub fn refundable(&self) -> bool {
        self.state == OrderState::Paid
            && !self.refunds.iter().any(|row| {
                Some(row.attempt_id) == self.order.credited_attempt
                    && RefundState::from_code(&row.state).is_some_and(RefundState::reserves)
            })
    }
}

/// One order.
pub async fn detail(ctx: &Ctx, public_id: &str) -> Result<Detail> {
    ctx.allow(Permission::Finance)?;
    let mut read = ctx.app.db().read();
    let order = store::order_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let application = application::store::application_by_id(&mut read, order.application_id)
        .await?
        .ok_or(Error::inconsistent("payment_order.application_id"))?;
    let exam = crate::exam::find_by_id(&ctx.app, order.exam_id).await?;
    let attempts = store::attempts_of(&mut read, order.id).await?;
    let refunds = refunds::refunds_of(&mut read, order.id).await?;
    let mut handed = Vec::new();
    for attempt in &attempts {
        if reconcile::handed(&mut read, attempt).await? {
            handed.push(attempt.id);
        }
    }
    let (story, progress) = story::of(&mut read, &ctx.app, &order, &attempts, &refunds).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(Detail {
        story,
        progress,
        state: order_state(&order)?,
        events: books::events_of(&mut scan, order.id).await?,
        ledger: books::ledger_of(&mut scan, order.id).await?,
        discrepancies: tickets::discrepancies_of(&mut scan, order.id).await?,
        handed,
        order,
        application,
        exam,
        attempts,
        refunds,
    })
}
