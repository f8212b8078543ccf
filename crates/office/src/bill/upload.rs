//! 上传账单: for a day that the channel doesn't give, by one person; looked at and taken into use by another.

use app::payment::reconcile::{self, Detail};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, nothing_in, problem};

#[derive(Debug, Template)]
#[template(path = "bill/upload.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    channel: String,
    form: Form,
}

impl Page {
    /// What the channel's own site calls the file.
    fn what(&self) -> &'static str {
        match self.detail.bill.channel.as_str() {
            "wechat" => "微信支付商户平台 → 交易中心 → 交易账单，选“全部”，下载 CSV 或 GZIP",
            "alipay" => "支付宝商家中心 → 对账中心 → 下载业务明细，zip 压缩包，不要解开",
            "unionpay" => "银联商户服务平台 → 文件下载 → 当天的 zip 对账文件，不要解开",
            _ => "从渠道后台下载当天的对账单，不要改动",
        }
    }
}

fn form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/bills/{id}/upload"))
        .field(
            Field::file("file", "对账单文件（不超过 64 MB）", ".csv,.txt,.gz,.zip")
                .hint("渠道给的原文件，不要用表格软件打开后另存")
                .required(),
        )
        .field(
            Field::text("reason", "为什么上传")
                .hint("例如：渠道接口没有开通，从商户平台下载")
                .attribute("maxlength", "200")
                .required(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let detail = reconcile::detail(&desk.ctx, id).await.map_err(problem)?;
    Ok(Page {
        shell: Shell::new(&desk.visit, "上传账单")
            .below("/office/bills")
            .with_errors(form.has_errors()),
        channel: desk.ctx.app.channels().name(&detail.bill.channel),
        detail,
        form,
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// Why it is uploaded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    reason: String,
}

/// Takes the file.
pub(super) async fn send(desk: Desk, Path(id): Path<String>, sent: Protected<Why>) -> PageResult {
    let kept = sent.submission().clone();
    let (why, uploads) = sent.into_parts();
    let file = uploads.into_iter().find(|upload| upload.field == "file");
    let nothing = nothing_in(file.as_ref());
    let (name, bytes) = file.map_or_else(
        || (String::new(), Vec::new()),
        |upload| (upload.file_name, upload.bytes.to_vec()),
    );
    let done = match nothing {
        Some(message) => Err(app::Error::field("file", message)),
        None => reconcile::upload(&desk.ctx, &id, (&name, bytes), &why.reason).await,
    };
    match done {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/bills/{id}"),
            flash::done("账单已收下，读完后由另一位财务人员确认"),
        )),
        Err(app::Error::Fields(errors)) => {
            let errors: FieldErrors = errors;
            let form = form(&desk, &id).values(&kept).errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// The second person takes it into use.
pub(super) async fn confirm(
    desk: Desk,
    Path((id, take)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    reconcile::confirm(&desk.ctx, &id, &take)
        .await
        .map_err(problem)?;
    let said = flash::done("账单已采用，正在比对");
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/bills/{id}"),
        said,
    ))
}

/// Nobody needs it.
pub(super) async fn discard(
    desk: Desk,
    Path((id, take)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    reconcile::discard(&desk.ctx, &id, &take)
        .await
        .map_err(problem)?;
    let said = flash::done("上传的账单已放弃");
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/bills/{id}"),
        said,
    ))
}
