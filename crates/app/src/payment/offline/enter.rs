//! The first person: what a document says.

use db::{Command, Lane, Query, Tx};
use domain::field::FieldErrors;
use domain::money::Fen;
use domain::payment::RefundState;
use domain::payment::offline::{Method, can_pay_back, can_take};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::super::refund::{is_undone, store as refunds};
use super::super::store::{self as orders, OrderRow};
use super::super::{order_state, refund_state};
use super::back::not_sent;
use super::{by_hand, store};
use crate::application::files;
use crate::exam::Exam;
use crate::object::{self, NewObject, Owner};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Bytes of a scan.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A document as typed.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// A code of [`Method`].
    pub method: String,
    /// 凭证号
    pub document_no: String,
    /// 金额 in 元.
    pub amount: String,
    /// 付款时间, local.
    pub paid_at: String,
    /// 备注
    pub remark: String,
}

/// A scan: its name and its content.
pub type Voucher<'a> = (&'a str, &'a [u8]);

struct Read {
    method: Method,
    document_no: String,
    paid_at: Timestamp,
    remark: String,
}

fn read(form: &Form, wanted: Fen, from: Timestamp, now: Timestamp) -> Result<Read> {
    let mut errors = FieldErrors::new();
    let method = Method::from_code(&form.method);
    if method.is_none() {
        errors.add("method", "请选择付款方式");
    }
    let document_no: String = domain::text::to_half_width(&form.document_no)
        .chars()
        .filter(|c| !c.is_whitespace())
        // One document, however its letters were typed.
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(2..=40).contains(&document_no.len()) || !document_no.chars().all(fits) {
        errors.add(
            "document_no",
            "凭证号应为 2 至 40 位数字、字母或短横线，照着收据、回单或签购单填写",
        );
    }
    match Fen::parse_yuan(&form.amount) {
        Ok(amount) if amount == wanted => {}
        Ok(amount) => errors.add(
            "amount",
            format!(
                "应为 {} 元，凭证上是 {} 元的，请先与缴款人结清差额",
                wanted.yuan(),
                amount.yuan()
            ),
        ),
        Err(error) => errors.add("amount", error.to_string()),
    }
    let paid_at = Timestamp::parse_local(&form.paid_at);
    match paid_at {
        None => errors.add("paid_at", "请填写付款时间"),
        Some(at) if at > now => errors.add("paid_at", "付款时间不能晚于现在"),
        Some(at) if at < from.date().start() => errors.add(
            "paid_at",
            format!("付款时间不能早于 {}", from.date().to_chinese()),
        ),
        Some(_) => {}
    }
    let remark = domain::text::paragraph(&form.remark);
    if remark.chars().count() > 200 {
        errors.add("remark", "备注最多 200 个字");
    }
    errors.into_result()?;
    match (method, paid_at) {
        (Some(method), Some(paid_at)) => Ok(Read {
            method,
            document_no,
            paid_at,
            remark: crate::reason::hide_numbers(&remark),
        }),
        _ => Err(Error::inconsistent("a checked document")),
    }
}

async fn scanned(ctx: &Ctx, voucher: Option<Voucher<'_>>) -> Result<Option<NewObject>> {
    let Some((name, bytes)) = voucher else {
        return Ok(None);
    };
    if bytes.is_empty() {
        return Err(Error::field("voucher", "扫描件是空的，请检查后重新上传"));
    }
    if bytes.len() > MOST_BYTES {
        return Err(Error::field("voucher", "扫描件不能超过 4 MB"));
    }
    let media = files::media_type(bytes);
    let media = media.ok_or_else(|| Error::field("voucher", "请上传 JPG、PNG 或 PDF 文件"))?;
    let owner = Owner::Staff(ctx.staff()?.id);
    let object = object::prepare(&ctx.app, "voucher", owner, (media, name), bytes).await?;
    Ok(Some(object))
}

/// Whether an exam takes money outside of the channels, a rehearsal never.
fn taken(exam: &Exam) -> Result<()> {
    if exam.settings.fees.offline.taken && !exam.is_rehearsal() {
        return Ok(());
    }
    Err(Error::refused(
        "offline_closed",
        "不能登记线下缴费",
        "这项考试没有开通线下缴费。需要开通的，在考试的收费标准中设置。",
    ))
}

/// Enters a payment of an order from its document.
///
/// # Errors
/// `Fields` for what is to be mended; `Refused` where none is taken, or the order is paid.
pub async fn enter(
    ctx: &Ctx,
    order: &str,
    form: &Form,
    voucher: Option<Voucher<'_>>,
) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let row = orders::order_by_public_id(&mut ctx.app.db().read(), order)
        .await?
        .ok_or(Error::NotFound)?;
    let exam = crate::exam::find_by_id(&ctx.app, row.exam_id).await?;
    taken(&exam)?;
    if !can_take(order_state(&row)?) {
        return Err(Error::refused(
            "not_owed",
            "不能登记缴费",
            "这张缴费单已支付、正在核查或者正在退款。",
        ));
    }
    let from = Timestamp::from_micros(row.created_at);
    let read = read(form, Fen::new(row.amount), from, ctx.at)?;
    let amount = row.amount;
    let voucher = scanned(ctx, voucher).await?;
    put(ctx, row, None, amount, read, voucher).await
}

/// Enters that a refund was paid back by hand: of money that came offline, or that a channel couldn't return. The channel is asked first:
/// what it sent meanwhile isn't paid back once more.
///
/// # Errors
/// As above; `Refused` for what the channel sent, is at, or says nothing about.
pub async fn enter_back(
    ctx: &Ctx,
    refund: &str,
    form: &Form,
    voucher: Option<Voucher<'_>>,
) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let mut db = ctx.app.db().read();
    let refund = refunds::refund_by_public_id(&mut db, refund)
        .await?
        .ok_or(Error::NotFound)?;
    let row = orders::order_by_id(&mut db, refund.order_id)
        .await?
        .ok_or(Error::NotFound)?;
    payable_back(&mut db, refund.id).await?;
    let from = Timestamp::from_micros(refund.created_at);
    let read = read(form, Fen::new(refund.amount), from, ctx.at)?;
    not_sent(ctx, &refund).await?;
    let voucher = scanned(ctx, voucher).await?;
    put(ctx, row, Some(refund.id), refund.amount, read, voucher).await
}

/// Checks that a refund is one that is paid back by hand.
async fn payable_back(q: &mut impl Query, refund: i64) -> Result<()> {
    let refund = refunds::refund_by_id(q, refund)
        .await?
        .ok_or(Error::NotFound)?;
    let attempts = orders::attempts_of(q, refund.order_id).await?;
    let attempt = attempts.iter().find(|one| one.id == refund.attempt_id);
    let offline = attempt.is_some_and(|one| by_hand(&one.channel));
    let state = refund_state(&refund)?;
    // What a channel refused may have gone back since by a refund of its own.
    let all = refunds::refunds_of(q, refund.order_id).await?;
    let free = state != RefundState::Failed || is_undone(attempt, &all, &refund)?;
    if free && can_pay_back(state, offline, refund.sent()) {
        return Ok(());
    }
    Err(Error::refused(
        "not_to_pay_back",
        "不能登记退回",
        "只有已批准的线下缴费的退款，和支付渠道没有退成的退款，可以登记线下退回。",
    ))
}

async fn put(
    ctx: &Ctx,
    order: OrderRow,
    refund_id: Option<i64>,
    amount: i64,
    read: Read,
    voucher: Option<NewObject>,
) -> Result<()> {
    let command = Enter {
        stamp: Stamp::of(ctx),
        order,
        refund_id,
        amount,
        read,
        voucher,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Enter {
    stamp: Stamp,
    order: OrderRow,
    refund_id: Option<i64>,
    amount: i64,
    read: Read,
    voucher: Option<NewObject>,
}

impl Command for Enter {
    const NAME: &'static str = "payment.offline_enter";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, self.order.id).await?;
        if let Some(refund) = self.refund_id {
            payable_back(tx, refund).await?;
        }
        let voucher_id = match &self.voucher {
            Some(voucher) => Some(object::insert(tx, &mut trail, voucher).await?),
            None => None,
        };
        let id = trail.id()?;
        let row = store::EntryInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            order_id: self.order.id,
            refund_id: self.refund_id,
            method: self.read.method.code(),
            document_no: &self.read.document_no,
            amount: self.amount,
            paid_at: self.read.paid_at.micros(),
            remark: &self.read.remark,
            voucher_id,
            by: trail.actor_id(),
            at: trail.at().micros(),
        };
        match store::entry_insert(tx, &row).await {
            Err(error) if error.violates("offline_entry", &["method", "document_no"]) => {
                return Err(Error::field(
                    "document_no",
                    "这个凭证号已经登记过，请核对是不是同一笔",
                ));
            }
            Err(error) if error.violates("offline_entry", &["order_id"]) => {
                return Err(Error::Conflict("这张缴费单已有一笔登记在等待复核"));
            }
            other => other?,
        };
        let object = Object {
            kind: "offline_entry",
            id,
            exam_id: self.order.exam_id,
        };
        let detail = json!({
            "order_no": self.order.order_no, "method": self.read.method.code(),
            "document_no": self.read.document_no, "amount": self.amount, "back": self.refund_id.is_some(),
        });
        trail
            .audit(tx, "payment.offline_enter", object, detail)
            .await
    }
}
