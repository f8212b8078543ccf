//! What finance sees and does: orders, discrepancies, refunds by two people.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Event;
use domain::money::Fen;
use domain::payment::{OrderState, RefundReason, RefundState, number};
use domain::staff::Permission;
use serde_json::json;

use super::book_store::{
    self as books, DiscrepancyRow, EventRow, LedgerRow, RefundRow, WaitingRefund,
};
use super::list_store::{self as lists, OfficeFilter, OfficeOrderRow};
use super::store::{self, AttemptRow, OrderRow};
use super::story::{Progress, Told};
use super::{order_state, reconcile, refund, refund_state, story, work};
use crate::application::{self, ApplicationRow};
use crate::exam::Exam;
use crate::{App, Ctx, Error, Object, Result, Stamp, waiver};

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
    /// 缴费单号 or a merchant number, as typed.
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
    let merchant = number::is_merchant_no(&typed);
    let filter = OfficeFilter {
        exam_id: search.exam_id,
        state: &search.state,
        other: search.other,
        order_no: if merchant { "" } else { &typed },
        merchant_no: if merchant { &typed } else { "" },
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
    let refunds = books::refunds_of(&mut read, order.id).await?;
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
        discrepancies: books::discrepancies_of(&mut scan, order.id).await?,
        handed,
        order,
        application,
        exam,
        attempts,
        refunds,
    })
}

/// What a list of discrepancies is asked for.
#[derive(Debug, Clone, Default)]
pub struct Mismatches {
    /// `open`, `resolved`.
    pub state: String,
    /// A code of [`DISCREPANCIES`], or empty for all.
    pub kind: String,
    /// All but that kind.
    pub other: bool,
    /// `me` for the asker's own, `nobody` for those that nobody has, empty for all.
    pub owner: String,
    /// The oldest first.
    pub oldest: bool,
}

/// The newest discrepancies in one state (`open`, `resolved`).
pub async fn discrepancies(
    ctx: &Ctx,
    state: &str,
    before: Option<i64>,
) -> Result<Vec<DiscrepancyRow>> {
    let asked = Mismatches {
        state: state.to_owned(),
        ..Mismatches::default()
    };
    mismatches(ctx, &asked, before, PAGE).await
}

/// A page of discrepancies under a filter, from behind `from` on.
pub async fn mismatches(
    ctx: &Ctx,
    asked: &Mismatches,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<DiscrepancyRow>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let of = (
        asked.state.as_str(),
        asked.kind.as_str(),
        i64::from(asked.other),
        match asked.owner.as_str() {
            "me" => ctx.actor.id(),
            "nobody" => 0,
            _ => -1,
        },
    );
    Ok(if asked.oldest {
        books::discrepancies_oldest(&mut scan, of, from.unwrap_or(0), limit).await?
    } else {
        books::discrepancies(&mut scan, of, from.unwrap_or(i64::MAX), limit).await?
    })
}

/// The kinds of discrepancies, with what people read.
pub const DISCREPANCIES: [(&str, &str); 17] = [
    ("unknown_order", "渠道有款，本系统无单"),
    ("hold", "信息不符，未入账"),
    ("other_merchant", "不是本单位的收款"),
    ("applied_elsewhere", "交易号重复"),
    ("illegal", "状态矛盾"),
    ("refund_failed", "退款未成功"),
    ("refund_after_close", "关账后退款未成"),
    ("refund_twice", "退款退了两次"),
    ("bill_local_only", "短款：渠道账单里没有"),
    ("bill_channel_only", "长款：账单有款未能入账"),
    ("bill_differs", "账单与本系统不符"),
    ("bill_foreign", "账单里不是本系统的款"),
    ("bill_duplicate", "账单明细重复"),
    ("bill_refund", "账单退款不符"),
    ("bill_fee", "手续费异常"),
    ("bill_missing", "对账单没有取到"),
    ("bill_many", "账单差异过多"),
];

/// What people read for a kind of discrepancy.
pub fn discrepancy_title(kind: &str) -> &'static str {
    let mut kinds = DISCREPANCIES.iter();
    kinds
        .find(|(code, _)| *code == kind)
        .map_or("其他", |(_, title)| title)
}

/// Refunds shown at once.
const WAITING: i64 = 50;

/// The refunds that wait for the asker's word: somebody else asked for them.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn refunds_waiting(ctx: &Ctx) -> Result<Vec<WaitingRefund>> {
    ctx.allow(Permission::Finance)?;
    let staff = ctx.staff()?.id;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(books::refunds_waiting(&mut scan, staff, WAITING).await?)
}

/// Closes a discrepancy with what was found out.
///
/// # Errors
/// `Fields` under `note` if nothing is written down.
pub async fn resolve(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::read("note", note, 1..=500, "请写明核查结果，最多 500 个字")?;
    let row = books::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let command = Resolve {
        stamp: Stamp::of(ctx),
        id: row.id,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Resolve {
    stamp: Stamp,
    id: i64,
    note: String,
}

impl Command for Resolve {
    const NAME: &'static str = "payment.resolve";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        if books::discrepancy_resolve(tx, self.id, by, at, &self.note).await? == 0 {
            return Err(Error::Conflict("这条异常已有人处理，请刷新查看"));
        }
        let object = Object {
            kind: "discrepancy",
            id: self.id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "payment.resolve", object, json!({}))
            .await
    }
}

/// The first person of finance asks for the whole sum of a paid order to go back.
///
/// # Errors
/// `Fields` under `reason`; `Refused` when nothing is left to refund.
pub async fn request_refund(ctx: &Ctx, order: &str, reason: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let allowed = [
        RefundReason::Agency,
        RefundReason::Waived,
        RefundReason::Cancelled,
    ];
    let reason = RefundReason::from_code(reason).filter(|reason| allowed.contains(reason));
    let reason = reason.ok_or_else(|| Error::field("reason", "请选择退款原因"))?;
    let row = store::order_by_public_id(&mut ctx.app.db().read(), order).await?;
    let command = Request {
        stamp: Stamp::of(ctx),
        order_id: row.ok_or(Error::NotFound)?.id,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Request {
    stamp: Stamp,
    order_id: i64,
    reason: RefundReason,
}

impl Command for Request {
    const NAME: &'static str = "payment.request_refund";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        store::order_lock(tx, self.order_id).await?;
        let order = store::order_by_id(tx, self.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let attempt = order
            .credited_attempt
            .filter(|_| order.state == OrderState::Paid.code());
        let Some(attempt) = attempt else {
            return Err(Error::refused(
                "not_refundable",
                "不能退款",
                "只有已支付的缴费单可以申请退款。",
            ));
        };
        let left = refund::left_of(tx, &order, attempt).await?;
        let left = match self.reason {
            // What a channel didn't send back of a part that was waived, not the whole.
            RefundReason::Waived => {
                let refunds = books::refunds_of(tx, order.id).await?;
                let owed = waiver::owed_back(tx, order.application_id, &refunds).await?;
                owed.filter(|owed| *owed > 0)
                    .map_or(left, |owed| owed.min(left))
            }
            _ => left,
        };
        let how = (self.reason, self.stamp.actor_id(), false);
        refund::insert(tx, &mut trail, (order.id, attempt), left, how).await?;
        Ok(())
    }
}

/// The second person approves or refuses a refund; what he saw, or why not, is kept.
///
/// # Errors
/// `Refused` for the person who asked; `Fields` under `note` for a refusal without a reason.
pub async fn decide_refund(ctx: &Ctx, refund: &str, approve: bool, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let row = books::refund_by_public_id(&mut ctx.app.db().read(), refund).await?;
    let row = row.ok_or(Error::NotFound)?;
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        approve,
        note: crate::reason::second_word(note, approve, 500, "不批准")?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    app: App,
    stamp: Stamp,
    row: RefundRow,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.decide_refund";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        super::by_another(self.row.requested_by, by, "审批", "申请退款和审批退款")?;
        store::order_lock(tx, self.row.order_id).await?;
        let row = books::refund_by_id(tx, self.row.id)
            .await?
            .ok_or(Error::NotFound)?;
        if refund_state(&row)? != RefundState::Requested {
            return Err(Error::Conflict("这笔退款已有结果，请刷新查看"));
        }
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: 0,
        };
        let detail =
            json!({ "refund_no": row.refund_no, "approve": self.approve, "note": self.note });
        trail
            .audit(tx, "payment.decide_refund", object, detail)
            .await?;
        if !self.approve {
            books::refund_drop(tx, (row.id, row.version), Some(by), &self.note, at).await?;
            let order = store::order_by_id(tx, row.order_id)
                .await?
                .ok_or(Error::NotFound)?;
            return waiver::decided(tx, &mut trail, &self.app, (&order, &row), false).await;
        }
        refund::check_covered(tx, &row).await?;
        books::refund_approve(tx, row.id, by, &self.note, at).await?;
        tx.wake(work::TOPIC);
        let order = store::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        if order.credited_attempt != Some(row.attempt_id) {
            return Ok(());
        }
        refund::start(tx, &order).await?;
        waiver::decided(tx, &mut trail, &self.app, (&order, &row), true).await?;
        let id = order.application_id;
        let paid = application::store::application_by_id(tx, id).await?;
        // A part that goes back leaves the rest paid.
        let whole = refund::goes_back(tx, &order, row.attempt_id).await?;
        if whole && paid.is_some_and(|row| row.payment == "paid") {
            application::advance(tx, &mut trail, &self.app, id, Event::StartRefund, "").await?;
        }
        Ok(())
    }
}
