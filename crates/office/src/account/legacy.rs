//! 原系统账号: the table of another system's accounts, looked at, confirmed by a second person, taken back.

use app::account::legacy::{self, ImportRow, ProblemRow};
use app::copy::Format;
use askama::Template;
use axum::extract::{Path, Query};
use domain::account::legacy::USUAL_MONTHS;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer, redirect};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Here, Pager, Tag, Taken, given};

const PAGE: usize = 30;
/// Problems on a page.
const PROBLEMS: usize = 100;

/// The state of an import in words.
fn state(row: &ImportRow) -> Tag {
    match row.state.as_str() {
        "reading" => Tag::wait("正在读取"),
        "staged" => Tag::wait("等待核对"),
        "asked" => Tag::wait("等待复核"),
        "making" => Tag::wait("正在建立账号"),
        "done" => Tag::ok("已完成"),
        "withdrawing" => Tag::wait("正在接回"),
        "withdrawn" => Tag::off("已接回"),
        "discarded" => Tag::off("已放弃"),
        _ => Tag::bad("没有读完"),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "account/legacy_list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<ImportRow>,
    pager: Pager,
    empty: Empty,
}

/// The imports, newest first.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut rows = legacy::list(&desk.ctx, before, 31).await.map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let page = ListPage {
        shell: Shell::new(&desk.visit, "原系统账号"),
        pager: Pager::new(&Here::new("/office/legacy"), asked.before.as_ref(), next),
        rows,
        empty: Empty::new(
            "还没有导入",
            "从别的报名系统换过来的，可以把原来考生的账号带过来，考生不用重新注册。",
        )
        .icon(web::icon::UPLOAD),
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "account/legacy_upload.html")]
struct UploadPage {
    shell: Shell,
    form: Form,
    sms: bool,
}

fn upload_form(desk: &Desk) -> Form {
    Form::new(&desk.visit, "/office/legacy/upload")
        .field(
            Field::file(
                "file",
                "考生名单（.xlsx 或 .csv，不超过 20 MB）",
                ".xlsx,.csv",
            )
            .hint("一人一行，要有姓名、证件号码、手机号码；证件类型不填的按居民身份证")
            .required(),
        )
        .field(
            Field::text("months", "等待考生激活的月数")
                .hint("1 至 24 个月，从同意建立之日起算，逾期未激活的失效，号码可重新注册")
                .with(USUAL_MONTHS.to_string())
                .narrow()
                .attribute("inputmode", "numeric")
                .attribute("maxlength", "4")
                .required(),
        )
}

fn upload_page(desk: &Desk, form: Form) -> UploadPage {
    UploadPage {
        shell: Shell::new(&desk.visit, "导入原系统账号")
            .below("/office/legacy")
            .with_errors(form.has_errors()),
        form,
        sms: desk.ctx.app.policy().sms,
    }
}

/// The form.
pub(super) async fn upload(desk: Desk) -> PageResult {
    let form = upload_form(&desk).refill(&desk.visit);
    Ok(Html::new(upload_page(&desk, form)).into())
}

/// What the form sends besides the file.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    months: String,
}

/// Takes the file.
pub(super) async fn send(desk: Desk, sent: Protected<Sent>) -> PageResult {
    let values = sent.submission().clone();
    let (form, uploads) = sent.into_parts();
    let file = uploads.into_iter().find(|upload| upload.field == "file");
    let (name, bytes) = file.map_or_else(
        || (String::new(), Vec::new()),
        |upload| (upload.file_name, upload.bytes.to_vec()),
    );
    match legacy::upload(&desk.ctx, &name, &bytes, &form.months).await {
        Ok(import) => Ok(redirect(&format!("/office/legacy/{import}"))),
        Err(app::Error::Fields(errors)) => {
            let form = upload_form(&desk).values(&values).errors(&errors);
            Ok(Html::invalid(upload_page(&desk, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// The empty table.
pub(super) async fn template(desk: Desk) -> PageResult {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let bytes = legacy::template(&desk.ctx).map_err(problem)?;
    Ok(answer::download(XLSX, "原系统考生名单模板.xlsx", bytes))
}

#[derive(Debug, Template)]
#[template(path = "account/legacy_import.html")]
struct Page {
    shell: Shell,
    row: ImportRow,
    problems: Vec<ProblemRow>,
    pager: Pager,
    export: Export,
    form: Form,
    /// The request that waits for a second person.
    request: Option<String>,
    at: String,
    sms: bool,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.row.state == state
    }

    fn works(&self) -> bool {
        ["reading", "making", "withdrawing"].contains(&self.row.state.as_str())
    }
}

/// The one thing that can be asked for now.
fn asking(desk: &Desk, row: &ImportRow, errors: &FieldErrors) -> Form {
    let (action, hint) = if row.state == "staged" {
        (
            "ask",
            "写明名单的来源和核对的情况，给复核人看。不要写号码。",
        )
    } else {
        ("withdraw", "写明为什么接回。不要写号码。")
    };
    let action = format!("/office/legacy/{}/{action}", row.public_id);
    Form::new(&desk.visit, action)
        .bare()
        .field(Field::text_area("reason", "原因", 3).hint(hint).required())
        .refill(&desk.visit)
        .errors(errors)
}

async fn shown(
    desk: &Desk,
    id: &str,
    after: Option<&Cursor>,
    errors: &FieldErrors,
) -> PageResult<Page> {
    let row = legacy::find(&desk.ctx, id).await.map_err(problem)?;
    let from = after.map_or(-1, Cursor::first);
    let mut problems = legacy::problems(&desk.ctx, &row, from, 101)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut problems, PROBLEMS, |row| Cursor::one(row.item));
    let request = legacy::open_request(&desk.ctx, &row)
        .await
        .map_err(problem)?;
    let form = asking(desk, &row, errors);
    let at = format!("/office/legacy/{id}");
    let here = Here::new(at.clone());
    let shell = Shell::new(&desk.visit, "原系统账号")
        .below("/office/legacy")
        .with_errors(form.has_errors());
    Ok(Page {
        export: Export::new(&shell, &here),
        pager: Pager::new(&here, after, next),
        shell,
        row,
        problems,
        form,
        request,
        at,
        sms: desk.ctx.app.policy().sms,
    })
}

/// One import.
pub(super) async fn page(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let page = shown(&desk, &id, asked.before.as_ref(), &FieldErrors::new()).await?;
    Ok(Html::new(page).into())
}

/// Why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    reason: String,
}

async fn asked(desk: &Desk, id: &str, result: app::Result<()>, what: &str) -> PageResult {
    match result {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/legacy/{id}"),
            flash::done(format!("{what}的申请已提交，等待另一人复核")),
        )),
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(shown(desk, id, None, &errors).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// Asks that the accounts are made.
pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Why>) -> PageResult {
    let result = legacy::ask_import(&desk.ctx, &id, &sent.reason).await;
    asked(&desk, &id, result, "建立原系统账号").await
}

/// Asks that those that nobody has opened are closed.
pub(super) async fn withdraw(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Why>,
) -> PageResult {
    let result = legacy::ask_withdrawal(&desk.ctx, &id, &sent.reason).await;
    asked(&desk, &id, result, "接回原系统账号").await
}

/// 放弃.
pub(super) async fn discard(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    legacy::discard(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect("/office/legacy"))
}

/// The rows that aren't imported, as a file.
pub(super) async fn export(
    desk: Desk,
    Path(id): Path<String>,
    taken: Protected<Taken>,
) -> PageResult {
    let row = legacy::find(&desk.ctx, &id).await.map_err(problem)?;
    let format: Format = taken.format();
    let copy = legacy::export_problems(&desk.ctx, &row, format)
        .await
        .map_err(problem)?;
    given(&desk, "没有导入的行", format, copy)
}
