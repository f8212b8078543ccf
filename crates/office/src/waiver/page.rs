//! One application for a waiver: what was asked for and shown, and the decision.

use app::waiver::{self, Detail, Granted};
use askama::Template;
use axum::extract::Path;
use domain::application::Payment;
use domain::money::Fen;
use domain::payment::number::grouped;
use domain::payment::{OrderState, Waiver, WaiverState};
use domain::review::Review;
use http::{HeaderValue, header};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::{code_tag, state_tag};
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "waiver/page.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    form: Form,
    /// What the fee is, and what a grant would take off and leave, in 元.
    fee: String,
    off: String,
    rest: String,
    /// It is paid: a grant asks for a refund.
    paid: bool,
    payment: &'static str,
    review: &'static str,
    order_state: &'static str,
    /// Nobody has decided, and the exam takes no more money.
    late: bool,
}

fn form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/waivers/{id}"))
        .bare()
        .field(
            Field::text_area("note", "审核意见", 3)
                .hint("不同意的须写明原因和怎样补正，考生会看到；同意的可以不填。不要写证件号码。")
                .optional(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let detail = waiver::detail(&desk.ctx, id).await.map_err(problem)?;
    let application = &detail.application;
    let fee = detail.row.fee.unwrap_or(application.fee);
    let off = match detail.row.off {
        Some(off) => off,
        None => detail
            .row
            .waiver()
            .map_or(0, |waiver| waiver.off(Fen::new(fee)).get()),
    };
    let yuan = |fen: i64| Fen::new(fen).yuan();
    let now = desk.ctx.at.micros();
    let state = detail.order.as_ref().map(|order| order.state.as_str());
    let track = Payment::from_code(&application.payment);
    Ok(Page {
        shell: Shell::new(&desk.visit, "减免申请")
            .below("/office/waivers")
            .with_errors(form.has_errors()),
        fee: yuan(fee),
        off: yuan(off),
        rest: yuan(fee - off),
        paid: application.payment == "paid",
        payment: track.map_or("未知", |one| one.label_for(Fen::new(application.fee))),
        review: Review::from_code(&application.review).map_or("未知", Review::label),
        order_state: state
            .and_then(OrderState::from_code)
            .map_or("", OrderState::label),
        late: detail.state == WaiverState::Pending && detail.exam.row.payment_closes <= now,
        detail,
        form,
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// A file of evidence.
pub(super) async fn file(desk: Desk, Path((id, file)): Path<(String, String)>) -> PageResult {
    let file = waiver::evidence(&desk.ctx, &id, &file)
        .await
        .map_err(problem)?;
    let kind = app::announcement::known_type(&file.media_type);
    let mut response = answer::inline(kind, &file.file_name, file.bytes);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The decision, and why.
#[derive(Debug, Deserialize)]
pub(super) struct Word {
    note: String,
    decision: String,
}

/// Grants or rejects.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let outcome = match sent.decision.as_str() {
        "grant" => waiver::grant(&desk.ctx, &id, &sent.note)
            .await
            .map(|granted| match granted {
                Granted::Now => "减免已通过，已通知考生",
                Granted::Proposed => "已同意减免，等待另一位财务人员批准退款",
            }),
        "reject" => waiver::reject(&desk.ctx, &id, &sent.note)
            .await
            .map(|()| "减免申请未通过，已通知考生"),
        _ => return Err(Problem::BadRequest("请选择同意或者不同意。").into()),
    };
    match outcome {
        Ok(text) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/waivers/{id}"),
            flash::done(text),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &id).values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
