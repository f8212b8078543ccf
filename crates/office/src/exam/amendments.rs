//! 更正与处置: everything that happened to a published table, a changed table to upload, and one amendment to look at and publish.

use std::sync::Arc;

use app::App;
use app::exam::amendment::{self, Amendment, AmendmentRow, Publication};
use app::exam::decision::{self, DecisionRow};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, State};
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash};

use super::decisions;
use crate::context::{Desk, problem};
use crate::list::Tag;

/// Rows of each kind on the page.
const SHOWN: i64 = 50;

#[derive(Debug, Template)]
#[template(path = "exam/amendments.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    amendments: Vec<AmendmentRow>,
    decisions: Vec<DecisionRow>,
}

fn kind(row: &AmendmentRow) -> &'static str {
    match row.kind.as_str() {
        "import" => "导入更正表",
        "decision" => "核减或取消",
        _ => "更正一个岗位",
    }
}

fn tag(row: &AmendmentRow) -> Tag {
    match row.state.as_str() {
        "published" => Tag::ok("已公布"),
        "draft" => Tag::wait("待公布"),
        _ => Tag::off("已放弃"),
    }
}

fn upload_form(desk: &Desk, exam: &Exam) -> Form {
    let action = format!("/office/exams/{}/amendments", exam.public_id());
    Form::new(&desk.visit, action).field(
        Field::file("file", "更正后的岗位表（.xlsx，不超过 10 MB）", ".xlsx")
            .hint("按岗位代码与已公布的岗位表逐项比较。表里没有的岗位保留不动，要取消的请办理“核减或取消”")
            .required(),
    )
}

async fn list_page(desk: &Desk, exam: Arc<Exam>, form: Form) -> PageResult<ListPage> {
    let amendments = amendment::list(&desk.ctx, &exam, None, SHOWN)
        .await
        .map_err(problem)?;
    let decisions = decision::list(&desk.ctx, &exam, None, SHOWN)
        .await
        .map_err(problem)?;
    Ok(ListPage {
        shell: Shell::new(&desk.visit, "更正与处置")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        exam,
        form,
        amendments,
        decisions,
    })
}

pub(super) async fn list(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let form = upload_form(&desk, &exam);
    Ok(Html::new(list_page(&desk, exam, form).await?).into())
}

pub(super) async fn upload(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let (_, files) = sent.into_parts();
    let answer = match files.iter().find(|file| file.field == "file") {
        Some(file) => amendment::draft_import(&desk.ctx, &exam, &file.file_name, &file.bytes).await,
        None => Err(app::Error::field(
            "file",
            "请选择更正后的岗位表（xlsx 文件）",
        )),
    };
    match answer {
        Ok(draft) => Ok(web::redirect(&format!(
            "/office/exams/{id}/amendments/{draft}"
        ))),
        Err(app::Error::Fields(errors)) => {
            let form = upload_form(&desk, &exam).errors(&errors);
            Ok(Html::invalid(list_page(&desk, exam, form).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "exam/amendment.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    found: Amendment,
    current: bool,
    form: Form,
    counted: String,
}

impl Page {
    fn at(&self) -> String {
        format!(
            "/office/exams/{}/amendments/{}",
            self.exam.public_id(),
            self.found.row.public_id
        )
    }
}

/// The fields that go with a publication: reason, title and text of the notice.
pub(super) fn notice_fields(form: Form, (title, body): (&str, &str), reason: &str) -> Form {
    let rows = u8::try_from(body.lines().count().clamp(6, 20)).unwrap_or(12);
    form.field(
        Field::text_area("reason", "原因", 2)
            .hint("写明依据。审计会看到，不要写个人的号码")
            .required()
            .with(reason),
    )
    .field(
        Field::text("title", "补充公告的标题")
            .required()
            .with(title),
    )
    .field(
        Field::text_area("body", "补充公告的正文", rows)
            .hint("一行一段，由系统按改动起草，可以修改。与更正同时公布在网站首页")
            .required()
            .with(body),
    )
}

fn publish_form(desk: &Desk, exam: &Exam, found: &Amendment) -> Form {
    let row = &found.row;
    let action = format!(
        "/office/exams/{}/amendments/{}",
        exam.public_id(),
        row.public_id
    );
    let notice = (row.notice_title.as_str(), row.notice_body.as_str());
    notice_fields(Form::new(&desk.visit, action), notice, &row.reason)
}

fn amendment_page(desk: &Desk, exam: Arc<Exam>, found: Amendment, form: Form) -> Page {
    let counted = Timestamp::from_micros(found.summary.counted_at).to_chinese_short();
    Page {
        shell: Shell::new(&desk.visit, "更正岗位表")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        current: found.is_current(&exam),
        exam,
        found,
        form,
        counted,
    }
}

pub(super) async fn page(desk: Desk, Path((id, draft)): Path<(String, String)>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let found = amendment::find(&desk.ctx, &exam, &draft)
        .await
        .map_err(problem)?;
    let form = publish_form(&desk, &exam, &found).refill(&desk.visit);
    Ok(Html::new(amendment_page(&desk, exam, found, form)).into())
}

/// Reason and notice as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reason: String,
    title: String,
    body: String,
}

impl Typed {
    pub(super) fn publication(&self) -> Publication {
        Publication {
            reason: self.reason.clone(),
            title: self.title.clone(),
            body: self.body.clone(),
        }
    }
}

pub(super) async fn publish(
    desk: Desk,
    Path((id, draft)): Path<(String, String)>,
    sent: Protected<Typed>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match amendment::publish(&desk.ctx, &exam, &draft, &sent.publication()).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &format!("/office/exams/{id}/amendments/{draft}"),
            flash::named("更正已公布", &sent.title),
        )),
        Err(app::Error::Fields(errors)) => {
            let found = amendment::find(&desk.ctx, &exam, &draft)
                .await
                .map_err(problem)?;
            let form = publish_form(&desk, &exam, &found)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(amendment_page(&desk, exam, found, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn recount(
    desk: Desk,
    Path((id, draft)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    amendment::recount(&desk.ctx, &exam, &draft)
        .await
        .map_err(problem)?;
    Ok(web::redirect(&format!(
        "/office/exams/{id}/amendments/{draft}"
    )))
}

pub(super) async fn discard(
    desk: Desk,
    State(_): State<App>,
    Path((id, draft)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    amendment::discard(&desk.ctx, &exam, &draft)
        .await
        .map_err(problem)?;
    Ok(web::page::redirect_with(
        &desk.visit,
        &format!("/office/exams/{id}/amendments"),
        flash::named("已放弃这份岗位更正", exam.title()),
    ))
}
