//! 财政电子票据: the list, files brought in, what must be reversed.

use app::payment;
use app::payment::fiscal::{self, ImportRow, ProblemRow, ReceiptRow, Search};
use askama::Template;
use axum::extract::{Path, Query};
use domain::payment::number::grouped;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer, redirect};

use super::yuan;
use crate::context::{Desk, nothing_in, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Here, Pager, Saved, Tabs, Tag, Taken, given, saved,
};

const PAGE: usize = 50;
const HOME: &str = "/office/payments/receipts";
const XLSX: &str =
    ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv";

fn state_tag(state: &str) -> Tag {
    match state {
        "staging" => Tag::wait("正在读取"),
        "staged" => Tag::wait("待核对"),
        "applying" => Tag::wait("正在导入"),
        "done" => Tag::ok("已导入"),
        _ => Tag::off("已放弃"),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    exam: String,
    state: String,
    number: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "payment/receipts.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    rows: Vec<ReceiptRow>,
    pager: Pager,
    empty: Empty,
    bad: Option<Bad>,
}

/// A form that has to be mended.
#[derive(Debug)]
struct Bad {
    /// Its 缴费单号.
    order: String,
    /// What was typed.
    red_no: String,
    message: String,
}

impl Page {
    fn bad(&self, order: &str) -> Option<&Bad> {
        self.bad.as_ref().filter(|bad| bad.order == order)
    }

    fn message(&self, order: &str) -> Option<&str> {
        self.bad(order).map(|bad| bad.message.as_str())
    }

    fn typed(&self, order: &str) -> &str {
        self.bad(order).map_or("", |bad| bad.red_no.as_str())
    }
}

/// What is asked for, and how a link says it.
async fn asked(desk: &Desk, query: &Asked) -> PageResult<(Search, Here, Vec<(String, String)>)> {
    let exams = payment::exams(&desk.ctx).await.map_err(problem)?;
    let exam = exams
        .iter()
        .find(|(_, public_id, _)| *public_id == query.exam);
    let state = match query.state.as_str() {
        known @ ("red" | "reversed") => known,
        _ => "",
    };
    let search = Search {
        exam_id: exam.map_or(0, |(id, ..)| *id),
        state: state.to_owned(),
        number: domain::text::line(&query.number).chars().take(40).collect(),
    };
    let here = Here::new(HOME)
        .with("state", state)
        .with("exam", exam.map_or("", |(_, public_id, _)| public_id))
        .with("number", &search.number);
    let choices = exams
        .into_iter()
        .map(|(_, public_id, title)| (public_id, title))
        .collect();
    Ok((search, here, choices))
}

async fn view(desk: &Desk, query: &Asked, bad: Option<Bad>) -> PageResult<Page> {
    let (search, here, exams) = asked(desk, query).await?;
    let from = query.before.as_ref().map(Cursor::first);
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut rows = fiscal::list(&desk.ctx, &search, from, limit)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.order_id));
    let shell = Shell::new(&desk.visit, "财政电子票据")
        .below("/office/payments")
        .with_errors(bad.is_some());
    let state = search.state.as_str();
    let chosen = query.exam.clone();
    Ok(Page {
        saved: Saved::of(desk, &shell, &saved::RECEIPT, &here).await?,
        export: Export::new(&shell, &here),
        tabs: Tabs::new("票据状态")
            .tab("全部", here.but("state", ""), state.is_empty(), None)
            .tab("待冲红", here.but("state", "red"), state == "red", None)
            .tab(
                "已冲红",
                here.but("state", "reversed"),
                state == "reversed",
                None,
            ),
        filters: Filters::new(&here)
            .text("number", "缴费单号或票据号码", &search.number)
            .select("exam", "考试", &chosen, exams),
        shell,
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        empty: Empty::new("没有票据", "导入财政电子票据后，会出现在这里。"),
        bad,
    })
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<Asked>) -> PageResult {
    Ok(Html::new(view(&desk, &query, None).await?).into())
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (search, ..) = asked(&desk, &query).await?;
    let copy = fiscal::export(&desk.ctx, &search, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "财政电子票据", taken.format(), copy)
}

/// The table to be filled in.
pub(super) async fn template(
    desk: Desk,
    Query(query): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (search, ..) = asked(&desk, &query).await?;
    let copy = fiscal::template(&desk.ctx, search.exam_id, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "待开票据", taken.format(), copy)
}

/// A receipt was reversed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Red {
    order: String,
    red_no: String,
}

/// 登记冲红.
pub(super) async fn reverse(desk: Desk, sent: Protected<Red>) -> PageResult {
    match fiscal::reverse(&desk.ctx, &sent.order, &sent.red_no).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            "/office/payments/receipts?state=red",
            flash::named("已登记冲红", &sent.red_no),
        )),
        Err(app::Error::Fields(errors)) => {
            let message = errors.get("red_no").unwrap_or("请填写红票号码").to_owned();
            let query = Asked {
                state: "red".to_owned(),
                ..Asked::default()
            };
            let bad = Bad {
                order: sent.order.clone(),
                red_no: sent.red_no.clone(),
                message,
            };
            let page = view(&desk, &query, Some(bad)).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/receipts_upload.html")]
struct UploadPage {
    shell: Shell,
    /// The table to be filled in.
    template: Export,
    form: Form,
    imports: Vec<ImportRow>,
}

fn form(desk: &Desk) -> Form {
    Form::new(&desk.visit, format!("{HOME}/upload")).field(
        Field::file("file", "票据文件（.xlsx 或 .csv，不超过 10 MB）", XLSX)
            .hint("要有缴费单号、票据代码、票据号码、校验码、开票日期、金额六列。代码和号码请设为文本格式")
            .required(),
    )
}

async fn upload_page(desk: &Desk, form: Form) -> PageResult<UploadPage> {
    let shell = Shell::new(&desk.visit, "导入财政电子票据")
        .below("/office/payments")
        .with_errors(form.has_errors());
    let here = Here::new(format!("{HOME}/template"));
    Ok(UploadPage {
        template: Export::new(&shell, &here),
        shell,
        form,
        imports: fiscal::imports(&desk.ctx).await.map_err(problem)?,
    })
}

/// The page to choose a file on.
pub(super) async fn choose(desk: Desk) -> PageResult {
    let form = form(&desk);
    Ok(Html::new(upload_page(&desk, form).await?).into())
}

/// Stages a file.
pub(super) async fn upload(desk: Desk, sent: Protected<Nothing>) -> PageResult {
    let file = sent.submission().file("file");
    let (name, bytes) = file.map_or(("", &[][..]), |file| {
        (file.file_name.as_str(), &file.bytes[..])
    });
    let done = match nothing_in(file) {
        Some(message) => Err(app::Error::field("file", message)),
        None => fiscal::upload(&desk.ctx, name, bytes).await,
    };
    match done {
        Ok(id) => Ok(redirect(&format!("{HOME}/imports/{id}"))),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk).errors(&errors);
            Ok(Html::invalid(upload_page(&desk, form).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/receipts_import.html")]
struct ImportPage {
    shell: Shell,
    row: ImportRow,
    changes: Vec<app::payment::fiscal::ChangeRow>,
    /// Taken over, and left out after all.
    outcomes: (i64, i64),
    problems: Vec<ProblemRow>,
}

impl ImportPage {
    fn is(&self, state: &str) -> bool {
        self.row.state == state
    }
}

/// One file.
pub(super) async fn import(desk: Desk, Path(id): Path<String>) -> PageResult {
    let (row, changes, outcomes) = fiscal::imported(&desk.ctx, &id).await.map_err(problem)?;
    let problems = fiscal::problems(&desk.ctx, &row).await.map_err(problem)?;
    let page = ImportPage {
        shell: Shell::new(&desk.visit, "核对财政电子票据").below("/office/payments"),
        row,
        changes,
        outcomes,
        problems,
    };
    Ok(Html::new(page).into())
}

/// 导入.
pub(super) async fn confirm(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    fiscal::confirm(&desk.ctx, &id).await.map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("{HOME}/imports/{id}"),
        flash::done("正在导入，并逐一通知考生"),
    ))
}

/// 放弃.
pub(super) async fn discard(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    fiscal::discard(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("{HOME}/upload")))
}
