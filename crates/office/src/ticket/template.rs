//! 准考证版式: the exam's own template, written beside its picture, tried, taken into use by a second look.

use std::time::Duration;

use app::App;
use app::exam::{Exam, setup};
use app::ticket::template::{self, Overview, TemplateRow, Want};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::ticket::layout::LayoutState;
use serde::{Deserialize, Serialize};
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash};

use super::template_use;
use crate::context::{Desk, problem};
use crate::list::Tag;

/// Waiting for the one child, and its own time.
const TRYING: Duration = Duration::from_secs(30);

pub(super) fn routes() -> Routes<App> {
    let staff = Who::Staff(Permission::ExamEdit);
    Routes::new("ticket")
        .get("/office/tickets/{exam}/template", staff, page)
        .post("/office/tickets/{exam}/template", staff, save)
        .post(
            "/office/tickets/{exam}/template/preview",
            staff.page_time(TRYING),
            preview,
        )
        .get(
            "/office/tickets/{exam}/template/picture",
            staff.file().page_time(TRYING),
            picture,
        )
        .post("/office/tickets/{exam}/template/drop", staff, drop_draft)
        .get(
            "/office/tickets/{exam}/template/use",
            staff.page_time(TRYING),
            template_use::look,
        )
        .post(
            "/office/tickets/{exam}/template/use",
            staff.page_time(TRYING),
            template_use::take,
        )
        .post("/office/tickets/{exam}/template/built-in", staff, back)
}

pub(super) fn base(exam: &Exam) -> String {
    format!("/office/tickets/{}/template", exam.public_id())
}

/// What a template can use, and what it says.
const VARIABLES: [(&str, &str); 16] = [
    ("d.exam", "考试名称"),
    ("d.name", "姓名"),
    ("d.sex", "性别，可能为空"),
    ("d.id_type", "证件类型"),
    ("d.id_number", "证件号码"),
    ("d.ticket_no_grouped", "准考证号（分组）"),
    ("d.choice", "报考信息，每项是（名称, 内容）"),
    ("d.site", "考点"),
    ("d.address", "考点地址，可能为空"),
    (
        "d.sessions",
        "各场考试，每场有 subject、date、time、room、seat",
    ),
    ("d.notice", "考生须知，每条一段"),
    ("d.notice_size", "考生须知的字号，放不下时自动减小"),
    ("d.issuer", "组织单位"),
    ("d.footer", "编排版本"),
    ("photo(width: …, height: …)", "照片，没有照片时是空框"),
    (
        "image(\"/bar.svg\")、image(\"/qr.svg\")",
        "准考证号条码、核验二维码",
    ),
];

#[derive(Debug, Template)]
#[template(path = "ticket/template.html")]
struct Page {
    shell: Shell,
    base: String,
    back: String,
    form: Form,
    known: String,
    found: Overview,
    variables: &'static [(&'static str, &'static str)],
    /// Why the last 改回内置版式 wasn't done.
    back_form: Form,
}

impl Page {
    fn tag(&self, row: &&TemplateRow) -> Tag {
        match LayoutState::from_code(&row.state) {
            Some(LayoutState::Used) => Tag::ok("使用中"),
            Some(LayoutState::Draft) => Tag::wait("草稿"),
            Some(LayoutState::Replaced) => Tag::off("已停用"),
            Some(LayoutState::Dropped) | None => Tag::off("已放弃"),
        }
    }

    /// Who, or a dash for somebody who isn't on the list any more.
    fn who<'a>(&self, name: &'a Option<String>) -> &'a str {
        name.as_deref().unwrap_or("—")
    }
}

fn form(desk: &Desk, exam: &Exam, source: &str, case: &str) -> Form {
    let cases = template::cases(exam);
    let choices: Vec<(&'static str, &'static str)> =
        cases.iter().map(|one| (one.code, one.name)).collect();
    Form::new(&desk.visit, base(exam))
        .field(
            Field::select("case", "预览用的样例", choices)
                .with(case)
                .blank(""),
        )
        .field(
            Field::text_area("source", "版式", 30)
                .hint("按 Tab 缩进，按 Esc 后再按 Tab 离开")
                .attribute("data-layout", format!("{}/preview", base(exam)))
                .attribute("spellcheck", "false")
                .attribute("wrap", "off")
                .attribute("autocapitalize", "off")
                .with(source)
                .required(),
        )
}

fn back_form(desk: &Desk, exam: &Exam) -> Form {
    Form::new(&desk.visit, format!("{}/built-in", base(exam))).field(
        Field::text("reason", "改回内置版式的原因")
            .hint("会记入操作日志")
            .required(),
    )
}

async fn drawn(desk: &Desk, exam: &Exam, form: Form, known: Option<String>) -> PageResult<Page> {
    let found = template::overview(&desk.ctx, exam).await.map_err(problem)?;
    Ok(Page {
        shell: Shell::new(&desk.visit, "准考证版式")
            .below("/office/tickets")
            .with_errors(form.has_errors()),
        base: base(exam),
        back: format!("/office/tickets/{}", exam.public_id()),
        form,
        known: known.unwrap_or_else(|| found.mark()),
        found,
        variables: &VARIABLES,
        back_form: back_form(desk, exam),
    })
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// The version to go on from; 0 for the built-in template.
    from: Option<i64>,
}

async fn page(desk: Desk, Path(exam): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let source = template::text(&desk.ctx, &exam, asked.from)
        .await
        .map_err(problem)?;
    let form = form(&desk, &exam, &source, "usual").refill(&desk.visit);
    Ok(Html::new(drawn(&desk, &exam, form, None).await?).into())
}

#[derive(Debug, Deserialize)]
struct Sent {
    case: String,
    source: String,
    known: String,
    /// `pdf` from the button; a script sends nothing.
    want: String,
}

async fn again(
    desk: &Desk,
    exam: &Exam,
    sent: &Sent,
    errors: &FieldErrors,
) -> PageResult<Response> {
    let form = form(desk, exam, &sent.source, &sent.case).errors(errors);
    let page = drawn(desk, exam, form, Some(sent.known.clone())).await?;
    Ok(Html::invalid(page).into_response())
}

async fn save(desk: Desk, Path(exam): Path<String>, sent: Protected<Sent>) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    match template::write(&desk.ctx, &exam, &sent.source, &sent.known).await {
        Ok(version) => Ok(web::page::redirect_with(
            &desk.visit,
            &base(&exam),
            flash::named(&format!("草稿第 {version} 版已保存"), exam.title()),
        )),
        Err(app::Error::Fields(errors)) => again(&desk, &exam, &sent, &errors).await,
        Err(error) => Err(problem(error)),
    }
}

/// What a script is told.
#[derive(Debug, Default, Serialize)]
struct Told {
    picture: String,
    faults: Vec<String>,
}

async fn preview(
    desk: Desk,
    Path(exam): Path<String>,
    sent: Protected<Sent>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let pdf = sent.want == "pdf";
    let want = if pdf { Want::Pdf } else { Want::Picture };
    let tried = template::preview(&desk.ctx, &exam, &sent.source, &sent.case, want).await;
    let (answer, faults) = match tried {
        Ok(answer) => {
            let faults = answer.faults.iter().map(ToString::to_string).collect();
            (answer, faults)
        }
        Err(app::Error::Fields(errors)) if pdf => {
            return again(&desk, &exam, &sent, &errors).await;
        }
        Err(app::Error::Fields(errors)) => {
            let faults = errors.iter().map(|(_, text)| text.to_owned()).collect();
            (template::Answer::default(), faults)
        }
        Err(error) => return Err(problem(error)),
    };
    if !pdf {
        return Ok(web::page::json(&Told {
            picture: answer.picture,
            faults,
        }));
    }
    if answer.pdf.is_empty() {
        let mut errors = FieldErrors::new();
        errors.add("source", faults.join("；"));
        return again(&desk, &exam, &sent, &errors).await;
    }
    Ok(web::page::inline(
        "application/pdf",
        "准考证版式预览.pdf",
        answer.pdf,
    ))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    version: i64,
    case: String,
}

async fn picture(
    desk: Desk,
    Path(exam): Path<String>,
    Query(which): Query<Which>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let source = template::text(&desk.ctx, &exam, Some(which.version))
        .await
        .map_err(problem)?;
    let want = Want::Picture;
    let answer = template::preview(&desk.ctx, &exam, &source, &which.case, want)
        .await
        .map_err(problem)?;
    if answer.picture.is_empty() {
        return Err(problem(app::Error::NotFound));
    }
    Ok(web::page::inline(
        "image/svg+xml",
        "准考证版式.svg",
        answer.picture,
    ))
}

#[derive(Debug, Deserialize)]
struct Known {
    known: String,
}

async fn drop_draft(
    desk: Desk,
    Path(exam): Path<String>,
    sent: Protected<Known>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    template::drop_draft(&desk.ctx, &exam, &sent.known)
        .await
        .map_err(problem)?;
    Ok(web::page::redirect_with(
        &desk.visit,
        &base(&exam),
        flash::named("版式草稿已放弃", exam.title()),
    ))
}

#[derive(Debug, Deserialize)]
struct Back {
    reason: String,
}

async fn back(desk: Desk, Path(exam): Path<String>, sent: Protected<Back>) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    match template::back_to_built_in(&desk.ctx, &exam, &sent.reason).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &base(&exam),
            flash::named("已改回内置版式", exam.title()),
        )),
        Err(app::Error::Fields(errors)) => {
            let source = template::text(&desk.ctx, &exam, None)
                .await
                .map_err(problem)?;
            let form = form(&desk, &exam, &source, "usual");
            let mut page = drawn(&desk, &exam, form, None).await?;
            page.back_form = page
                .back_form
                .value("reason", sent.reason.as_str())
                .errors(&errors);
            page.shell = page.shell.with_errors(true);
            Ok(Html::invalid(page).into_response())
        }
        Err(error) => Err(problem(error)),
    }
}
