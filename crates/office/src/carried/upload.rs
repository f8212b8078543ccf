//! An upload: chosen, looked at, taken into use, given up or withdrawn.

use std::sync::Arc;

use app::carried::{self, Figures, ImportRow, ProblemRow};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer, redirect};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "carried/upload.html")]
struct UploadPage {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    figures: Figures,
}

fn form(desk: &Desk, exam: &Exam) -> Form {
    let action = format!("/office/exams/{}/carried/upload", exam.public_id());
    Form::new(&desk.visit, action).field(
        Field::file("file", "档案文件（.xlsx 或 .csv，不超过 20 MB）", ".xlsx,.csv")
            .hint("一行一科。要有姓名、证件号码、级别、专业、科目（或科目代码）、合格日期（或合格年度），档案号、证件类型、已取得证书有则填写")
            .required(),
    )
}

async fn upload_page(desk: &Desk, exam: Arc<Exam>, form: Form) -> PageResult<UploadPage> {
    let figures = carried::figures(&desk.ctx, &exam).await.map_err(problem)?;
    Ok(UploadPage {
        shell: Shell::new(&desk.visit, "导入老考生档案")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        exam,
        form,
        figures,
    })
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let form = form(&desk, &exam);
    Ok(Html::new(upload_page(&desk, exam, form).await?).into())
}

pub(super) async fn send(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let (_, uploads) = sent.into_parts();
    let file = uploads.into_iter().find(|upload| upload.field == "file");
    let (name, bytes) = file.map_or_else(
        || (String::new(), Vec::new()),
        |upload| (upload.file_name, upload.bytes.to_vec()),
    );
    match carried::upload(&desk.ctx, &exam, &name, &bytes).await {
        Ok(import) => Ok(redirect(&format!(
            "/office/exams/{}/carried/{import}",
            exam.public_id()
        ))),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam).errors(&errors);
            Ok(Html::invalid(upload_page(&desk, exam, form).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "carried/import.html")]
struct ImportPage {
    shell: Shell,
    exam: Arc<Exam>,
    row: ImportRow,
    problems: Vec<ProblemRow>,
    form: Form,
    at: String,
    may_edit: bool,
}

impl ImportPage {
    fn is(&self, state: &str) -> bool {
        self.row.state == state
    }
}

async fn import_page(
    desk: &Desk,
    exam: Arc<Exam>,
    import: &str,
    errors: FieldErrors,
) -> PageResult<ImportPage> {
    let row = carried::imports(&desk.ctx, &exam, import)
        .await
        .map_err(problem)?;
    let problems = carried::problems(&desk.ctx, &exam, &row)
        .await
        .map_err(problem)?;
    let at = format!("/office/exams/{}/carried/{import}", exam.public_id());
    let form = Form::new(&desk.visit, format!("{at}/retract"))
        .bare()
        .field(
            Field::text_area("reason", "撤回的原因", 3)
                .hint("撤回后没有档案可以核对，直到导入新的一份。不要写号码。")
                .required(),
        )
        .refill(&desk.visit)
        .errors(&errors);
    let may_edit = desk
        .ctx
        .allow_for(Permission::ExamEdit, exam.id(), "")
        .is_ok();
    Ok(ImportPage {
        shell: Shell::new(&desk.visit, "老考生档案")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        exam,
        row,
        problems,
        form,
        at,
        may_edit,
    })
}

pub(super) async fn import(desk: Desk, Path((id, import)): Path<(String, String)>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let page = import_page(&desk, exam, &import, FieldErrors::new()).await?;
    Ok(Html::new(page).into())
}

pub(super) async fn confirm(
    desk: Desk,
    Path((id, import)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    carried::confirm(&desk.ctx, &exam, &import)
        .await
        .map_err(problem)?;
    let path = format!("/office/exams/{id}/carried");
    let said = flash::named("老考生档案已导入", exam.title());
    Ok(answer::redirect_with(&desk.visit, &path, said))
}

pub(super) async fn discard(
    desk: Desk,
    Path((id, import)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    carried::discard(&desk.ctx, &exam, &import)
        .await
        .map_err(problem)?;
    Ok(redirect(&format!("/office/exams/{id}/carried")))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    reason: String,
}

pub(super) async fn retract(
    desk: Desk,
    Path((id, import)): Path<(String, String)>,
    sent: Protected<Why>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match carried::retract(&desk.ctx, &exam, &import, &sent.reason).await {
        Ok(()) => {
            let path = format!("/office/exams/{id}/carried");
            let said = flash::named("老考生档案已撤回", exam.title());
            Ok(answer::redirect_with(&desk.visit, &path, said))
        }
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(import_page(&desk, exam, &import, errors).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}
