//! 导入: choose a file, look at what would be written, confirm.

use std::sync::Arc;

use app::App;
use app::exam::import::{self, Kind, Preview};
use app::exam::{BatchRow, Exam, ProblemRow, setup};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::ExamState;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{Here, Tabs, Tag};

#[derive(Debug, Template)]
#[template(path = "exam/upload.html")]
struct UploadPage {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    recent: Vec<BatchRow>,
    draft: bool,
}

impl UploadPage {
    fn tag(&self, batch: &BatchRow) -> Tag {
        match batch.state.as_str() {
            "confirmed" if self.exam.row.positions_batch == batch.id => Tag::ok("正在使用"),
            "confirmed" => Tag::off("已被替换"),
            "staged" => Tag::wait("等待核对"),
            "discarded" => Tag::off("已放弃"),
            _ => Tag::bad("没有读完"),
        }
    }
}

async fn upload_page(desk: &Desk, exam: Arc<Exam>, form: Form) -> PageResult<UploadPage> {
    let kind = if exam.has_positions() {
        Kind::Positions
    } else {
        Kind::Subjects
    };
    let recent = import::recent(&desk.ctx.app, exam.id(), kind)
        .await
        .map_err(problem)?;
    let title = if exam.has_positions() {
        "导入岗位表"
    } else {
        "导入科目表"
    };
    Ok(UploadPage {
        shell: Shell::new(&desk.visit, title)
            .below("/office/exams")
            .with_errors(form.has_errors()),
        draft: exam.state == ExamState::Draft,
        exam,
        form,
        recent,
    })
}

fn form(desk: &Desk, exam: &Exam) -> Form {
    let hint = if exam.has_positions() {
        "照公告发布的岗位表即可：标题、两行表头、合并单元格、表后说明都能识别。至少要有岗位名称、招聘单位、招聘人数三列"
    } else {
        "至少要有级别、科目、考试时间三列；专业、科目代码、收费有则填写"
    };
    Form::new(
        &desk.visit,
        format!("/office/exams/{}/import", exam.public_id()),
    )
    .field(
        Field::file("file", "表格文件（.xlsx，不超过 10 MB）", ".xlsx")
            .hint(hint)
            .required(),
    )
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let form = form(&desk, &exam);
    Ok(Html::new(upload_page(&desk, exam, form).await?).into())
}

pub(super) async fn upload(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let (_, files) = sent.into_parts();
    let answer = match files.iter().find(|file| file.field == "file") {
        Some(file) => import::upload(&desk.ctx, &exam, &file.file_name, &file.bytes).await,
        None => Err(app::Error::field("file", "请选择要导入的 xlsx 文件")),
    };
    match answer {
        Ok(batch) => Ok(web::redirect(&format!("/office/exams/{id}/import/{batch}"))),
        Err(app::Error::Fields(errors)) => again(&desk, exam, &errors).await,
        Err(error) => Err(problem(error)),
    }
}

async fn again(desk: &Desk, exam: Arc<Exam>, errors: &FieldErrors) -> PageResult {
    let form = form(desk, &exam).errors(errors);
    Ok(Html::invalid(upload_page(desk, exam, form).await?).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
}

/// A line of the preview: the cells of its row, the bad one framed, and what to do.
#[derive(Debug)]
struct Line {
    line: String,
    /// Text, and whether it is the bad one.
    cells: Vec<(String, bool)>,
    message: String,
    error: bool,
}

#[derive(Debug, Template)]
#[template(path = "exam/import.html")]
struct PreviewPage {
    shell: Shell,
    exam: Arc<Exam>,
    preview: Preview,
    tabs: Tabs,
    show: &'static str,
    lines: Vec<Line>,
    uploaded: String,
    warned: usize,
}

pub(super) async fn preview(
    desk: Desk,
    State(app): State<App>,
    Path((id, batch)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let preview = import::preview(&app, &exam, &batch)
        .await
        .map_err(problem)?;
    let (errors, warnings) = (preview.errors(), preview.warnings());
    let show = match asked.show.as_str() {
        "warnings" => "warnings",
        "changes" => "changes",
        "errors" => "errors",
        _ if errors.is_empty() && !warnings.is_empty() => "warnings",
        _ => "errors",
    };
    let count = |number: usize| Some(i64::try_from(number).unwrap_or(i64::MAX));
    let here = Here::new(format!("/office/exams/{id}/import/{batch}"));
    let mut tabs = Tabs::new("行")
        .tab(
            "有错误",
            here.but("show", "errors"),
            show == "errors",
            Some(preview.batch.rows_bad)
                .filter(|rows| *rows > 0)
                .or_else(|| count(errors.len())),
        )
        .tab(
            "需留意",
            here.but("show", "warnings"),
            show == "warnings",
            count(preview.warned_lines()),
        );
    if !preview.summary.changes.is_empty() {
        let changed = count(preview.summary.changed);
        tabs = tabs.tab(
            "更改",
            here.but("show", "changes"),
            show == "changes",
            changed,
        );
    }
    if !preview.problems.is_empty() {
        let file = format!("/office/exams/{id}/import/{batch}/problems");
        tabs = tabs.download("下载问题清单", file);
    }
    let listed = if show == "warnings" { warnings } else { errors };
    let lines = Preview::grouped(&listed)
        .into_iter()
        .map(|(problem, lines)| line(&preview, problem, &lines))
        .collect();
    let title = if exam.has_positions() {
        "导入岗位表"
    } else {
        "导入科目表"
    };
    let page = PreviewPage {
        shell: Shell::new(&desk.visit, title).below("/office/exams"),
        uploaded: crate::show::short(preview.batch.created_at),
        warned: preview.warned_lines(),
        exam,
        tabs,
        show,
        lines,
        preview,
    };
    Ok(Html::new(page).into())
}

fn line(preview: &Preview, problem: &ProblemRow, lines: &[i64]) -> Line {
    let cells = preview.cells(problem);
    let columns = &preview.summary.columns;
    let cells = columns
        .iter()
        .zip(
            cells
                .iter()
                .map(String::as_str)
                .chain(std::iter::repeat("")),
        )
        .map(|(column, text)| (text.to_owned(), *column == problem.field))
        .collect();
    Line {
        line: match lines {
            _ if problem.line == 0 => "全表".to_owned(),
            [only] => only.to_string(),
            [first, ..] => format!("{first} 等 {} 行", lines.len()),
            [] => String::new(),
        },
        cells,
        message: problem.message.clone(),
        error: problem.severity == "error",
    }
}

pub(super) async fn confirm(
    desk: Desk,
    State(app): State<App>,
    Path((id, batch)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let row = import::find(&app, exam.id(), &batch)
        .await
        .map_err(problem)?;
    import::confirm(&desk.ctx, &exam, &row)
        .await
        .map_err(problem)?;
    let path = format!("/office/exams/{id}/table");
    Ok(web::page::redirect_with(
        &desk.visit,
        &path,
        web::flash::named(
            &format!(
                "{}已导入",
                app::exam::part::Part::Table.label(exam.category)
            ),
            exam.title(),
        ),
    ))
}

pub(super) async fn discard(
    desk: Desk,
    State(app): State<App>,
    Path((id, batch)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let row = import::find(&app, exam.id(), &batch)
        .await
        .map_err(problem)?;
    import::discard(&desk.ctx, &row).await.map_err(problem)?;
    Ok(web::redirect(&format!("/office/exams/{id}/import")))
}

pub(super) async fn file(
    desk: Desk,
    State(app): State<App>,
    Path((id, batch)): Path<(String, String)>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let row = import::find(&app, exam.id(), &batch)
        .await
        .map_err(problem)?;
    let file = import::file(&app, &row).await.map_err(problem)?;
    Ok(web::page::download(
        super::XLSX,
        &file.file_name,
        file.bytes,
    ))
}

pub(super) async fn problems(
    desk: Desk,
    State(app): State<App>,
    Path((id, batch)): Path<(String, String)>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let preview = import::preview(&app, &exam, &batch)
        .await
        .map_err(problem)?;
    let bytes = app::exam::export::problems_xlsx(&desk.ctx, &preview).map_err(problem)?;
    let name = preview.batch.file_name.trim_end_matches(".xlsx");
    Ok(web::page::download(
        super::XLSX,
        &format!("{name}-问题清单.xlsx"),
        bytes,
    ))
}
