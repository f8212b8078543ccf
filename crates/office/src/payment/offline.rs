//! 线下缴费: what a document says is entered by one person and confirmed by another; the same for money that was paid back by hand.

use app::payment::offline::{self, EntryRow, Form as Document, SameNumber, WaitingEntry};
use app::payment::{self, Detail, DiscrepancyRow, RefundRow};
use askama::Template;
use axum::extract::Path;
use domain::payment::number::grouped;
use domain::payment::offline::{Method, takes};
use http::{HeaderValue, header};
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::word::{self, Word};
use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Empty, Tag};

/// The state of an entry as a tag.
pub(super) fn tag(state: &str) -> Tag {
    match state {
        "entered" => Tag::wait("待复核"),
        "confirmed" => Tag::ok("已确认"),
        _ => Tag::off("未确认"),
    }
}

/// What becomes of money that was entered and not taken, as a tag.
pub(super) fn back_tag(ticket: &DiscrepancyRow) -> Tag {
    match ticket.kind.as_str() {
        _ if ticket.state != "open" => Tag::ok("收款已办结"),
        offline::RETURN => Tag::bad("须退还考生"),
        _ => Tag::bad("收款待处理"),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/offline_list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<WaitingEntry>,
    empty: Empty,
}

fn method(code: &str) -> &'static str {
    Method::from_code(code).map_or("其他", Method::label)
}

/// What waits for who looks.
pub(super) async fn list(desk: Desk) -> PageResult {
    let rows = offline::waiting(&desk.ctx).await.map_err(problem)?;
    let page = ListPage {
        shell: Shell::new(&desk.visit, "线下缴费").below("/office/payments"),
        rows,
        empty: Empty::new(
            "没有等您复核的线下登记",
            "别人登记的线下缴费和线下退回会出现在这里。您自己登记的由另一位财务人员复核。",
        )
        .icon(web::icon::CARD),
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "payment/offline_enter.html")]
struct EnterPage {
    shell: Shell,
    detail: Detail,
    /// The refund that was paid back; none for a payment.
    refund: Option<RefundRow>,
    form: Form,
}

fn document(desk: &Desk, action: String, amount: i64) -> Form {
    let methods = Method::ALL
        .iter()
        .map(|one| Choice::new(one.code(), one.label()));
    Form::new(&desk.visit, action)
        .field(Field::radio("method", "付款方式", methods).required())
        .field(
            Field::text("document_no", "凭证号")
                .hint("收据、银行回单或签购单上的号码，数字、字母和短横线")
                .attribute("autocomplete", "off")
                .attribute("maxlength", "40")
                .required(),
        )
        .field(
            Field::text("amount", "金额（元）")
                .hint(format!("凭证上的金额，应为 {} 元", yuan(&amount)))
                .narrow()
                .required(),
        )
        .field(Field::date_time("paid_at", "付款时间").required())
        .field(
            Field::file(
                "voucher",
                "凭证扫描件",
                "image/jpeg,image/png,application/pdf",
            )
            .hint("JPG、PNG 或 PDF，不超过 4 MB")
            .optional(),
        )
        .field(
            Field::text_area("remark", "备注", 2)
                .attribute("maxlength", "200")
                .optional(),
        )
}

async fn entering(
    desk: &Desk,
    id: &str,
    refund: Option<&str>,
    form: impl FnOnce(Form) -> Form,
) -> PageResult<EnterPage> {
    let detail = payment::detail(&desk.ctx, id).await.map_err(problem)?;
    let refund = match refund {
        Some(wanted) => {
            let mut all = detail.refunds.iter();
            let row = all.find(|row| row.public_id == wanted);
            Some(row.ok_or(Problem::NotFound)?.clone())
        }
        None => None,
    };
    let (action, amount) = match &refund {
        Some(row) => (
            format!("/office/payments/{id}/refunds/{}/back", row.public_id),
            row.amount,
        ),
        None => (
            format!("/office/payments/{id}/offline"),
            detail.order.amount,
        ),
    };
    let form = form(document(desk, action, amount));
    let title = if refund.is_some() {
        "登记线下退回"
    } else {
        "登记线下缴费"
    };
    Ok(EnterPage {
        shell: Shell::new(&desk.visit, title)
            .below("/office/payments")
            .with_errors(form.has_errors()),
        detail,
        refund,
        form,
    })
}

/// The form for a payment.
pub(super) async fn form(desk: Desk, Path(id): Path<String>) -> PageResult {
    let page = entering(&desk, &id, None, |form| form.refill(&desk.visit)).await?;
    Ok(Html::new(page).into())
}

/// The form for money that was paid back.
pub(super) async fn back_form(
    desk: Desk,
    Path((id, refund)): Path<(String, String)>,
) -> PageResult {
    let page = entering(&desk, &id, Some(&refund), |form| form.refill(&desk.visit)).await?;
    Ok(Html::new(page).into())
}

/// What the form sends, the scan aside.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    method: String,
    document_no: String,
    amount: String,
    paid_at: String,
    remark: String,
}

async fn put(desk: &Desk, id: &str, refund: Option<&str>, sent: Protected<Sent>) -> PageResult {
    let typed = Document {
        method: sent.method.clone(),
        document_no: sent.document_no.clone(),
        amount: sent.amount.clone(),
        paid_at: sent.paid_at.clone(),
        remark: sent.remark.clone(),
    };
    let voucher = sent
        .submission()
        .file("voucher")
        .map(|file| (file.file_name.as_str(), &file.bytes[..]));
    let done = match refund {
        Some(refund) => offline::enter_back(&desk.ctx, refund, &typed, voucher).await,
        None => offline::enter(&desk.ctx, id, &typed, voucher).await,
    };
    match done {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/{id}"),
            flash::done("已登记，等待另一位财务人员复核"),
        )),
        Err(app::Error::Fields(errors)) => {
            let page = entering(desk, id, refund, |form| {
                form.values(sent.submission()).errors(&errors)
            });
            Ok(Html::invalid(page.await?).into())
        }
        // The channel doesn't answer, say: the document isn't typed again.
        Err(app::Error::Refused(refusal)) => {
            let page = entering(desk, id, refund, |form| {
                form.values(sent.submission()).error("", &refusal.text)
            });
            Ok(Html::invalid(page.await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Enters a payment.
pub(super) async fn enter(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    put(&desk, &id, None, sent).await
}

/// Enters what was paid back.
pub(super) async fn enter_back(
    desk: Desk,
    Path((id, refund)): Path<(String, String)>,
    sent: Protected<Sent>,
) -> PageResult {
    put(&desk, &id, Some(&refund), sent).await
}

#[derive(Debug, Template)]
#[template(path = "payment/offline_entry.html")]
struct EntryPage {
    shell: Shell,
    detail: Detail,
    entry: EntryRow,
    own: bool,
    /// The order can't take it any more.
    late: bool,
    /// What it says went back ends the application.
    ends: bool,
    /// Its money wasn't taken: the ticket that follows it until it has gone back.
    back: Option<DiscrepancyRow>,
    /// Others under the number of its document.
    same: Vec<SameNumber>,
    form: Form,
}

impl EntryPage {
    /// Whether its money can be nothing but given back.
    fn must_return(&self) -> bool {
        let mut ticket = self.back.iter();
        ticket.any(|one| one.kind == offline::RETURN)
    }
}

fn word_form(desk: &Desk, id: &str, entry: &str) -> Form {
    word::form(
        desk,
        format!("/office/payments/{id}/offline/{entry}"),
        "不予确认的须写明原因，登记的人会看到；确认的可以不填。",
    )
}

async fn shown(desk: &Desk, id: &str, entry: &str, form: Form) -> PageResult<EntryPage> {
    let detail = payment::detail(&desk.ctx, id).await.map_err(problem)?;
    let all = offline::entries(&desk.ctx, detail.order.id)
        .await
        .map_err(problem)?;
    let mut all = all.into_iter();
    let row = all.find(|row| row.public_id == entry);
    let row = row.ok_or(Problem::NotFound)?;
    Ok(EntryPage {
        shell: Shell::new(&desk.visit, "复核线下登记")
            .below("/office/payments")
            .with_errors(form.has_errors()),
        own: desk.is(row.entered_by),
        late: row.refund_id.is_none() && !takes(detail.state, detail.order.amount, row.amount),
        ends: detail
            .refunds
            .iter()
            .any(|refund| Some(refund.id) == row.refund_id && detail.ends_by(refund)),
        back: offline::not_taken(&row, &detail.discrepancies).cloned(),
        same: offline::same_number(&desk.ctx, &row)
            .await
            .map_err(problem)?,
        entry: row,
        detail,
        form,
    })
}

/// One entry.
pub(super) async fn page(desk: Desk, Path((id, entry)): Path<(String, String)>) -> PageResult {
    let form = word_form(&desk, &id, &entry).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, &entry, form).await?).into())
}

/// Confirms or refuses.
pub(super) async fn decide(
    desk: Desk,
    Path((id, entry)): Path<(String, String)>,
    sent: Protected<Word>,
) -> PageResult {
    let confirm = sent.agrees("confirm", "请选择确认或者不予确认。")?;
    match offline::decide(&desk.ctx, &entry, confirm, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/{id}"),
            flash::done(if confirm {
                "线下登记已确认"
            } else {
                "线下登记没有确认"
            }),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = word_form(&desk, &id, &entry)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, &entry, form).await?).into())
        }
        Err(app::Error::Refused(refusal)) => {
            let form = word_form(&desk, &id, &entry)
                .values(sent.submission())
                .error("", &refusal.text);
            Ok(Html::invalid(shown(&desk, &id, &entry, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// The scan.
pub(super) async fn voucher(desk: Desk, Path((_, entry)): Path<(String, String)>) -> PageResult {
    let file = offline::voucher(&desk.ctx, &entry).await.map_err(problem)?;
    let kind = app::announcement::known_type(&file.media_type);
    let mut response = answer::inline(kind, &file.file_name, file.bytes);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
