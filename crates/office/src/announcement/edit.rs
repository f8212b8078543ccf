//! One announcement: written, with files, previewed, published.

use app::announcement::{AnnouncementDraft, AnnouncementRow, AttachmentRow};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::announcement::Category;
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use super::state_tag;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "announcement/edit.html")]
struct Page {
    shell: Shell,
    form: Form,
    existing: Option<Existing>,
}

#[derive(Debug)]
struct Existing {
    row: AnnouncementRow,
    files: Vec<AttachmentRow>,
    publish: Form,
    attach: Form,
    now: i64,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    category: String,
    title: String,
    body: String,
    pinned: bool,
    version: String,
}

impl Sent {
    fn draft(&self) -> AnnouncementDraft {
        AnnouncementDraft {
            category: self.category.clone(),
            title: self.title.clone(),
            body: self.body.clone(),
            pinned: self.pinned,
            add_files: Vec::new(),
        }
    }
}

fn form(visit: &Visit, action: &str) -> Form {
    let categories = Category::ALL
        .iter()
        .map(|category| (category.code(), category.label()));
    Form::new(visit, action)
        .field(Field::text("title", "标题").required().attribute("maxlength", "120"))
        .field(Field::select("category", "类别", categories).required())
        .field(
            Field::text_area("body", "正文", 18)
                .hint("可以从 Word 中粘贴。只保留标题、段落、列表、表格、加粗和链接，其他格式会去掉。")
                .required()
                .attribute("data-rich", "1"),
        )
        .field(Field::check("pinned", "置顶"))
}

fn publish_form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/announcements/{id}/publish"))
        .bare()
        .field(
            Field::date_time("publish_at", "发布时间")
                .hint("不填为立即发布。")
                .optional(),
        )
}

fn attach_form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/announcements/{id}/files"))
        .bare()
        .field(
            Field::file(
                "file",
                "添加附件",
                ".pdf,.doc,.docx,.xls,.xlsx,.jpg,.jpeg,.png",
            )
            .hint("PDF、Word、Excel、图片，每个不超过 20 MB。"),
        )
}

/// The empty form.
pub(super) async fn blank(desk: Desk) -> PageResult {
    let form = form(&desk.visit, "/office/announcements/new");
    Ok(Html::new(fresh(&desk, form)).into())
}

fn fresh(desk: &Desk, form: Form) -> Page {
    let shell = Shell::new(&desk.visit, "新建公告").below("/office/announcements");
    Page {
        shell: shell.with_errors(form.has_errors()),
        form,
        existing: None,
    }
}

/// Saves a new draft.
pub(super) async fn create(desk: Desk, sent: Protected<Sent>) -> PageResult {
    match app::announcement::save(&desk.ctx, None, &sent.draft()).await {
        Ok(id) => Ok(back(&desk, &id, "公告已保存", &sent.title)),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit, "/office/announcements/new")
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(fresh(&desk, form)).into())
        }
        Err(other) => Err(problem(other)),
    }
}

fn back(desk: &Desk, id: &str, what: &str, title: &str) -> Response {
    answer::redirect_with(
        &desk.visit,
        &format!("/office/announcements/{id}"),
        flash::named(what, title),
    )
}

/// The forms of an existing announcement, any of which may be given with its errors.
#[derive(Default)]
struct Forms {
    text: Option<Form>,
    publish: Option<Form>,
    attach: Option<Form>,
}

async fn existing(desk: &Desk, id: &str, forms: Forms) -> PageResult<Page> {
    let (row, files) = app::announcement::find(&desk.ctx, id)
        .await
        .map_err(problem)?;
    let text = forms.text.unwrap_or_else(|| {
        form(&desk.visit, &format!("/office/announcements/{id}"))
            .value("title", row.title.clone())
            .value("category", row.category.clone())
            .value("body", row.body.clone())
            .value("pinned", if row.pinned { "1" } else { "" })
            .refill(&desk.visit)
    });
    let publish = forms
        .publish
        .unwrap_or_else(|| publish_form(&desk.visit, id));
    let attach = forms.attach.unwrap_or_else(|| attach_form(&desk.visit, id));
    let errors = text.has_errors() || publish.has_errors() || attach.has_errors();
    let shell = Shell::new(&desk.visit, row.title.clone()).below("/office/announcements");
    Ok(Page {
        shell: shell.with_errors(errors),
        form: text,
        existing: Some(Existing {
            row,
            files,
            publish,
            attach,
            now: desk.ctx.at.micros(),
        }),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(existing(&desk, &id, Forms::default()).await?).into())
}

/// Saves a change.
pub(super) async fn save(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    let version = sent.version.parse().unwrap_or(0);
    match app::announcement::save(&desk.ctx, Some((&id, version)), &sent.draft()).await {
        Ok(id) => Ok(back(&desk, &id, "公告已保存", &sent.title)),
        Err(app::Error::Fields(errors)) => {
            let text = form(&desk.visit, &format!("/office/announcements/{id}"))
                .values(sent.submission())
                .errors(&errors);
            let forms = Forms {
                text: Some(text),
                ..Forms::default()
            };
            Ok(Html::invalid(existing(&desk, &id, forms).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// When to publish.
#[derive(Debug, Deserialize)]
pub(super) struct Publish {
    publish_at: String,
}

/// Puts it on the portal, now or later.
pub(super) async fn publish(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Publish>,
) -> PageResult {
    let typed = sent.publish_at.trim();
    let at = Timestamp::parse_local(typed);
    if at.is_none() && !typed.is_empty() {
        let publish = publish_form(&desk.visit, &id)
            .values(sent.submission())
            .error("publish_at", "时间应写成 2026-03-08 09:00 的样子");
        let forms = Forms {
            publish: Some(publish),
            ..Forms::default()
        };
        return Ok(Html::invalid(existing(&desk, &id, forms).await?).into());
    }
    app::announcement::publish(&desk.ctx, &id, at)
        .await
        .map_err(problem)?;
    let (row, _) = app::announcement::find(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let what = if row.publish_at > desk.ctx.at.micros() {
        "公告将按时发布"
    } else {
        "公告已发布"
    };
    Ok(back(&desk, &id, what, &row.title))
}

/// Takes it off the portal.
pub(super) async fn withdraw(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    app::announcement::withdraw(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let (row, _) = app::announcement::find(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    Ok(back(&desk, &id, "公告已撤回", &row.title))
}

#[derive(Debug, Template)]
#[template(path = "announcement/preview.html")]
struct Preview {
    shell: Shell,
    row: AnnouncementRow,
    files: Vec<AttachmentRow>,
    category: &'static str,
    date: String,
}

/// As the portal will show it.
pub(super) async fn preview(desk: Desk, Path(id): Path<String>) -> PageResult {
    let (row, files) = app::announcement::find(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let at = if row.publish_at > 0 {
        Timestamp::from_micros(row.publish_at)
    } else {
        desk.ctx.at
    };
    let page = Preview {
        shell: Shell::new(&desk.visit, "预览").below("/office/announcements"),
        category: Category::parse(&row.category).map_or("", Category::label),
        date: at.to_chinese_minute(),
        row,
        files,
    };
    Ok(Html::new(page).into())
}

/// Files come beside the form.
#[derive(Debug, Deserialize)]
pub(super) struct Attach {}

/// Hangs a file on it.
pub(super) async fn attach(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Attach>,
) -> PageResult {
    let outcome = match sent.submission().file("file") {
        Some(file) => app::announcement::attach(&desk.ctx, &id, &file.file_name, &file.bytes).await,
        None => Err(app::Error::field("file", "请选择文件")),
    };
    match outcome {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/announcements/{id}"),
            flash::named(
                "附件已上传",
                sent.submission()
                    .file("file")
                    .map_or("", |file| file.file_name.as_str()),
            ),
        )),
        Err(app::Error::Fields(errors)) => {
            let attach = attach_form(&desk.visit, &id).errors(&errors);
            let forms = Forms {
                attach: Some(attach),
                ..Forms::default()
            };
            Ok(Html::invalid(existing(&desk, &id, forms).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// A file, published or not.
pub(super) async fn file(desk: Desk, Path((id, file)): Path<(String, String)>) -> PageResult {
    let found = app::announcement::attachment_for_office(&desk.ctx, &id, &file)
        .await
        .map_err(problem)?;
    let kind = app::announcement::known_type(&found.media_type);
    Ok(answer::download(kind, &found.file_name, found.bytes))
}

/// Takes a file off.
pub(super) async fn detach(
    desk: Desk,
    Path((id, file)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    app::announcement::detach(&desk.ctx, &id, &file)
        .await
        .map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/announcements/{id}"),
        flash::done("附件已删除"),
    ))
}
