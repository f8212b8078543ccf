//! One order.

use app::App;
use app::payment::fiscal;
use app::payment::offline::{self, EntryRow};
use app::payment::{self, Detail, DiscrepancyRow, RefundRow};
use askama::Template;
use axum::extract::Path;
use domain::payment::number::grouped;
use domain::payment::offline::{can_pay_back, can_take};
use domain::payment::{OrderState, RefundReason, RefundState, Source};
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::offline::{back_tag, tag as entry_tag};
use super::{attempt_words, reason, refund_tag, state_tag, yuan};
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "payment/detail.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    form: Form,
    /// What was entered from documents.
    entries: Vec<EntryRow>,
    /// Its fiscal receipt.
    receipt: Option<fiscal::Own>,
    /// Whether a payment may be entered now.
    takes: bool,
    app: App,
    me: i64,
}

impl Page {
    fn channel(&self, code: &str) -> String {
        self.app.channels().name(code)
    }

    fn book(&self, book: &str) -> String {
        match book {
            "fees" => "考务费".to_owned(),
            "surplus" => "多收待退".to_owned(),
            "treasury" => "国库退库".to_owned(),
            "claims" => "应追回".to_owned(),
            other => match other.strip_prefix("channel:") {
                Some(code) => format!("渠道：{}", self.channel(code)),
                None => other.to_owned(),
            },
        }
    }

    /// By when a refund that is on its way usually is there.
    fn expected(&self, refund: &RefundRow) -> Option<String> {
        let mut all = self.detail.progress.iter();
        let one = all.find(|one| one.refund_no == refund.refund_no)?;
        one.expected.map(|day| day.to_chinese())
    }

    /// Whether what pays the order came outside of the channels.
    fn paid_by_hand(&self) -> bool {
        let credited = self.detail.order.credited_attempt;
        let mut attempts = self.detail.attempts.iter();
        attempts.any(|one| Some(one.id) == credited && offline::by_hand(&one.channel))
    }

    /// Whether a refund may be paid back by hand now.
    fn pays_back(&self, refund: &RefundRow) -> bool {
        let mut attempts = self.detail.attempts.iter();
        let of = attempts.find(|one| one.id == refund.attempt_id);
        let offline = of.is_some_and(|one| offline::by_hand(&one.channel));
        let open = |one: &EntryRow| one.state == "entered";
        RefundState::from_code(&refund.state)
            .is_some_and(|state| can_pay_back(state, offline, refund.sent()))
            && !self.entries.iter().any(open)
    }

    /// What follows the money of an entry that wasn't taken.
    fn not_taken(&self, entry: &EntryRow) -> Option<&DiscrepancyRow> {
        offline::not_taken(entry, &self.detail.discrepancies)
    }

    /// Whether its channel didn't carry it out.
    fn stuck(&self, refund: &RefundRow) -> bool {
        refund.state == "abnormal" || self.detail.undone(refund)
    }

    /// Whether this person may decide about a refund: not who asked for it.
    fn decides(&self, refund: &RefundRow) -> bool {
        refund.state == "requested" && refund.requested_by != self.me
    }
}

fn source(code: &str) -> &'static str {
    Source::from_code(code).map_or("其他", Source::label)
}

/// What a piece of news came to.
fn outcome(code: &str) -> &'static str {
    match code {
        "credited" => "已入账",
        "late_accepted" => "补记入账",
        "already_applied" => "重复通知，已处理",
        "took_over" => "更早支付，替换入账",
        "sent_back" => "列为退款",
        "not_paid" => "未支付",
        "hold" => "信息不符，转核查",
        "other_merchant" => "不是本单位的收款",
        "applied_elsewhere" => "交易号重复",
        "unknown_order" => "无此单",
        _ => "其他",
    }
}

fn reasons() -> Vec<Choice> {
    [
        RefundReason::Agency,
        RefundReason::Waived,
        RefundReason::Cancelled,
    ]
    .into_iter()
    .map(|reason| Choice::new(reason.code(), reason.label()))
    .collect()
}

async fn view(desk: &Desk, id: &str, message: Option<&str>) -> Result<Page, web::PageError> {
    let detail = payment::detail(&desk.ctx, id).await.map_err(problem)?;
    let mut form = Form::new(&desk.visit, format!("/office/payments/{id}/refund"))
        .bare()
        .field(
            Field::select("reason", "退款原因", reasons())
                .blank("请选择")
                .required(),
        );
    if let Some(message) = message {
        form = form.error("reason", message);
    }
    let entries = offline::entries(&desk.ctx, detail.order.id)
        .await
        .map_err(problem)?;
    let open = |one: &EntryRow| one.state == "entered";
    Ok(Page {
        takes: detail.exam.settings.fees.offline.taken
            && !detail.exam.is_rehearsal()
            && can_take(detail.state)
            && !entries.iter().any(open),
        entries,
        receipt: fiscal::of_order(&desk.ctx, &detail.order)
            .await
            .map_err(problem)?,
        shell: Shell::new(&desk.visit, "缴费单详情")
            .below("/office/payments")
            .with_errors(message.is_some()),
        detail,
        form,
        app: desk.ctx.app.clone(),
        me: desk.ctx.actor.id(),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(view(&desk, &id, None).await?).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    reason: String,
}

/// Asks for a refund of everything.
pub(super) async fn refund(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Wanted>,
) -> PageResult {
    match payment::request_refund(&desk.ctx, &id, &sent.reason).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/{id}"),
            flash::done("退款申请已提交，等待另一位财务人员批准"),
        )),
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(view(&desk, &id, errors.get("reason")).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
