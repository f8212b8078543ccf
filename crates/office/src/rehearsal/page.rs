//! One rehearsal: making candidates, handing out their passwords, what became of them.

use std::sync::Arc;

use app::exam::Exam;
use app::rehearsal::{self, CandidateRow, Overview};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use domain::rehearsal::{DAYS_AFTER, MOST};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, Submission, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "rehearsal/page.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    base: String,
    view: Overview,
    form: Form,
    renew: Form,
    over: bool,
    days_after: i64,
    most: u32,
}

impl Page {
    /// Made and wanted of the run that goes on.
    fn running(&self) -> Option<(i64, i64)> {
        let run = self.view.runs.iter().find(|run| run.state == "running");
        run.map(|run| (run.made, run.wanted))
    }

    fn stage(&self, row: &CandidateRow) -> Tag {
        match row.stage.as_str() {
            "applied" => Tag::ok("已自动报名"),
            "refused" => Tag::bad("没有报上"),
            "ready" if row.applies => Tag::wait("报名开放后自动报名"),
            "ready" => Tag::info("可以登录"),
            _ => Tag::wait("正在生成"),
        }
    }
}

fn form(desk: &Desk, base: &str) -> Form {
    Form::new(&desk.visit, base)
        .bare()
        .field(
            Field::text("count", "生成几名")
                .hint(format!("一场演练最多 {MOST} 名"))
                .required()
                .narrow()
                .with("30"),
        )
        .field(
            Field::text("apply", "其中自动报名的百分比")
                .hint("按条件随机选岗位或科目。0 表示都由人工登录报名")
                .required()
                .narrow()
                .with("80"),
        )
        .field(
            Field::text("pay", "报名的人中自动缴费的百分比")
                .hint("轮到缴费时（例如审核通过后）用演练支付缴费")
                .required()
                .narrow()
                .with("70"),
        )
}

fn renew_form(desk: &Desk, base: &str) -> Form {
    Form::new(&desk.visit, format!("{base}/renew"))
        .bare()
        .field(
            Field::text("from", "从第几号")
                .required()
                .narrow()
                .with("1"),
        )
        .field(Field::text("to", "到第几号").required().narrow().with("10"))
}

async fn drawn(
    desk: &Desk,
    id: &str,
    which: Option<(Which, &Submission, &FieldErrors)>,
) -> PageResult<Page> {
    let (exam, view) = rehearsal::overview(&desk.ctx, id).await.map_err(problem)?;
    let base = format!("/office/exams/{}/rehearsal", exam.public_id());
    let (mut form, mut renew) = (form(desk, &base), renew_form(desk, &base));
    match which {
        Some((Which::Make, sent, errors)) => form = form.values(sent).errors(errors),
        Some((Which::Renew, sent, errors)) => renew = renew.values(sent).errors(errors),
        None => {
            form = form.refill(&desk.visit);
            renew = renew.refill(&desk.visit);
        }
    }
    Ok(Page {
        shell: Shell::new(&desk.visit, "演练")
            .below("/office/exams")
            .with_errors(form.has_errors() || renew.has_errors()),
        over: rehearsal::is_over(&exam, desk.ctx.at),
        exam,
        base,
        view,
        form,
        renew,
        days_after: DAYS_AFTER,
        most: MOST,
    })
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Make,
    Renew,
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(drawn(&desk, &id, None).await?).into())
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    count: String,
    apply: String,
    pay: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            count: String::new(),
            apply: "0".to_owned(),
            pay: "0".to_owned(),
        }
    }
}

/// 生成演练考生.
pub(super) async fn make(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Wanted>,
) -> PageResult {
    let exam = rehearsal::find(&desk.ctx, &id).await.map_err(problem)?;
    match rehearsal::ask(&desk.ctx, &exam, (&sent.count, &sent.apply, &sent.pay)).await {
        Ok(()) => back(
            &desk,
            &id,
            &format!("开始生成 {} 名演练考生", sent.count.trim()),
        ),
        Err(app::Error::Fields(errors)) => {
            let page = drawn(&desk, &id, Some((Which::Make, sent.submission(), &errors))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

fn back(desk: &Desk, id: &str, what: &str) -> PageResult {
    let to = format!("/office/exams/{id}/rehearsal");
    Ok(answer::redirect_with(&desk.visit, &to, flash::done(what)))
}

/// 下载登录表, once.
pub(super) async fn sheet(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let exam = rehearsal::find(&desk.ctx, &id).await.map_err(problem)?;
    let sheet = rehearsal::hand_out(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    Ok(answer::download(
        crate::exam::XLSX,
        &sheet.file_name,
        sheet.bytes,
    ))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Range {
    from: String,
    to: String,
}

/// 重新生成密码.
pub(super) async fn renew(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Range>,
) -> PageResult {
    let exam = rehearsal::find(&desk.ctx, &id).await.map_err(problem)?;
    match rehearsal::renew(&desk.ctx, &exam, (&sent.from, &sent.to)).await {
        Ok(_) => {
            let (from, to) = (sent.from.trim(), sent.to.trim());
            back(
                &desk,
                &id,
                &format!("第 {from} 至 {to} 号的密码已重新生成，请重新下载登录表"),
            )
        }
        Err(app::Error::Fields(errors)) => {
            let page = drawn(&desk, &id, Some((Which::Renew, sent.submission(), &errors))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}
