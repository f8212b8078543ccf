//! The lists: made of what waits, taken for a reason, brought back with answers.

use app::check::batch;
use app::check::{BatchRow, ProblemRow};
use askama::Template;
use axum::extract::{Path, Query};
use domain::check::CheckKind;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer, redirect};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tag};

const PAGE: usize = 30;

fn state(row: &BatchRow) -> Tag {
    match row.state.as_str() {
        "filling" => Tag::wait("正在生成"),
        "open" => Tag::wait("等待结果"),
        "reading" => Tag::bad("结果没有读完"),
        "staged" => Tag::wait("结果待核对"),
        "answered" => Tag::ok("结果已导入"),
        _ => Tag::off("已放弃"),
    }
}

fn kind(row: &BatchRow) -> &'static str {
    CheckKind::from_code(&row.kind).map_or("", CheckKind::label)
}

/// What waits of one kind.
#[derive(Debug)]
struct Waiting {
    kind: CheckKind,
    count: i64,
    /// Whether anybody is asked about it.
    on: bool,
    form: Form,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "check/list.html")]
struct ListPage {
    shell: Shell,
    waiting: Vec<Waiting>,
    rows: Vec<BatchRow>,
    pager: Pager,
    empty: Empty,
}

fn make_form(desk: &Desk, kind: CheckKind) -> Form {
    Form::new(&desk.visit, "/office/checks").bare().field(
        Field::text("reason", "用途")
            .id(format!("reason-{}", kind.code()))
            .hint("送哪个部门核验、用于哪场考试")
            .attribute("maxlength", "200")
            .required(),
    )
}

async fn list_page(
    desk: &Desk,
    before: Option<&Cursor>,
    wrong: Option<(CheckKind, FieldErrors)>,
) -> PageResult<ListPage> {
    let mut waiting = Vec::new();
    let mut bad = false;
    for kind in CheckKind::ALL.iter().copied() {
        let mut form = make_form(desk, kind).refill(&desk.visit);
        if let Some((_, errors)) = wrong.as_ref().filter(|(of, _)| *of == kind) {
            form = form.errors(errors);
            bad = true;
        }
        waiting.push(Waiting {
            kind,
            count: batch::waiting(&desk.ctx, kind).await.map_err(problem)?,
            on: desk.ctx.app.policy().checks.of(kind).is_some(),
            form,
        });
    }
    let mut rows = batch::list(&desk.ctx, before.map(Cursor::first), 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    Ok(ListPage {
        shell: Shell::new(&desk.visit, "实名与学历核验").with_errors(bad),
        waiting,
        pager: Pager::new(&Here::new("/office/checks"), before, next),
        rows,
        empty: Empty::new(
            "还没有名单",
            "待核验的考生攒够了，生成一份名单送权威部门，结果回来后整份导入。",
        )
        .icon(web::icon::SHIELD),
    })
}

/// What waits, and the lists.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let page = list_page(&desk, asked.before.as_ref(), None).await?;
    Ok(Html::new(page).into())
}

/// What a list is made of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Made {
    kind: String,
    reason: String,
}

/// Makes a list.
pub(super) async fn make(desk: Desk, sent: Protected<Made>) -> PageResult {
    let kind = CheckKind::from_code(&sent.kind).ok_or(Problem::BadRequest("请选择核验什么。"))?;
    match batch::make(&desk.ctx, kind, &sent.reason).await {
        Ok(id) => Ok(redirect(&format!("/office/checks/{id}"))),
        Err(app::Error::Fields(errors)) => {
            let page = list_page(&desk, None, Some((kind, errors))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "check/batch.html")]
struct Page {
    shell: Shell,
    row: BatchRow,
    problems: Vec<ProblemRow>,
    take: Form,
    upload: Form,
    /// It can be taken at this time.
    open: bool,
    at: String,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.row.state == state
    }

    fn takes_results(&self) -> bool {
        ["open", "reading", "staged"].contains(&self.row.state.as_str())
    }
}

async fn shown(desk: &Desk, id: &str, errors: &FieldErrors) -> PageResult<Page> {
    let row = batch::find(&desk.ctx, id).await.map_err(problem)?;
    let problems = batch::problems(&desk.ctx, &row).await.map_err(problem)?;
    let at = format!("/office/checks/{id}");
    let take = Form::new(&desk.visit, format!("{at}/take"))
        .bare()
        .field(
            Field::text("why", "下载的用途")
                .hint("名单里是完整的证件号码，每次下载都有记录")
                .attribute("maxlength", "100")
                .required(),
        )
        .refill(&desk.visit)
        .errors(errors);
    let upload = Form::new(&desk.visit, format!("{at}/results"))
        .bare()
        .field(
            Field::file("file", "填好结果的名单（.xlsx 或 .csv）", ".xlsx,.csv")
                .hint("填“核验结果”列：一致、不一致或无法核验；不要改动“核验编号”列")
                .required(),
        )
        .errors(errors);
    let bad = take.has_errors() || upload.has_errors();
    Ok(Page {
        shell: Shell::new(&desk.visit, "核验名单")
            .below("/office/checks")
            .with_errors(bad),
        open: row.is_open(&desk.ctx),
        row,
        problems,
        take,
        upload,
        at,
    })
}

/// One list.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(shown(&desk, &id, &FieldErrors::new()).await?).into())
}

/// Why it is taken.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    why: String,
}

/// The list itself.
pub(super) async fn take(desk: Desk, Path(id): Path<String>, sent: Protected<Why>) -> PageResult {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    match batch::take(&desk.ctx, &id, &sent.why).await {
        Ok(bytes) => {
            let row = batch::find(&desk.ctx, &id).await.map_err(problem)?;
            let name = format!("{}名单-{id}.xlsx", kind(&row));
            Ok(answer::download(XLSX, &name, bytes))
        }
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(shown(&desk, &id, &errors).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// The list that came back.
pub(super) async fn results(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Nothing>,
) -> PageResult {
    let (_, uploads) = sent.into_parts();
    let file = uploads.into_iter().find(|upload| upload.field == "file");
    let (name, bytes) = file.map_or_else(
        || (String::new(), Vec::new()),
        |upload| (upload.file_name, upload.bytes.to_vec()),
    );
    match batch::upload(&desk.ctx, &id, &name, &bytes).await {
        Ok(()) => Ok(redirect(&format!("/office/checks/{id}"))),
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(shown(&desk, &id, &errors).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// 导入结果.
pub(super) async fn confirm(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    batch::confirm(&desk.ctx, &id).await.map_err(problem)?;
    let path = format!("/office/checks/{id}");
    let said = flash::done("核验结果已导入");
    Ok(answer::redirect_with(&desk.visit, &path, said))
}

/// 放弃.
pub(super) async fn discard(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    batch::discard(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect("/office/checks"))
}
