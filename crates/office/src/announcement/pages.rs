//! 说明页面: 网上支付说明 and the others that the site links to at any time.

use app::announcement::{PageDraft, PageRow, STANDING_PAGES};
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "announcement/pages.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<PageRow>,
}

/// Where the public reads it.
fn address(slug: &str) -> String {
    match slug {
        "payment" => "/payments/guide".to_owned(),
        "privacy" | "accessibility" => format!("/{slug}"),
        slug => format!("/pages/{slug}"),
    }
}

/// The list.
pub(super) async fn list(desk: Desk) -> PageResult {
    let mut rows = Vec::new();
    for (slug, _) in STANDING_PAGES {
        rows.push(
            app::announcement::page_find(&desk.ctx, slug)
                .await
                .map_err(problem)?,
        );
    }
    Ok(Html::new(ListPage {
        shell: Shell::new(&desk.visit, "说明页面"),
        rows,
    })
    .into())
}

#[derive(Debug, Template)]
#[template(path = "announcement/page_edit.html")]
struct EditPage {
    shell: Shell,
    form: Form,
    row: PageRow,
}

fn form(visit: &Visit, slug: &str) -> Form {
    Form::new(visit, format!("/office/pages/{slug}"))
        .field(
            Field::text("title", "标题")
                .required()
                .attribute("maxlength", "60"),
        )
        .field(
            Field::text_area("body", "正文", 20)
                .hint("只保留标题、段落、列表、表格、加粗和链接，其他格式会去掉。")
                .required()
                .attribute("data-rich", "1"),
        )
}

/// The form.
pub(super) async fn page(desk: Desk, Path(slug): Path<String>) -> PageResult {
    let row = app::announcement::page_find(&desk.ctx, &slug)
        .await
        .map_err(problem)?;
    let form = form(&desk.visit, &slug)
        .value("title", row.title.clone())
        .value("body", row.body.clone())
        .refill(&desk.visit);
    let shell = Shell::new(&desk.visit, row.title.clone()).below("/office/pages");
    Ok(Html::new(EditPage { shell, form, row }).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    title: String,
    body: String,
}

/// Saves; it is on the site at once.
pub(super) async fn save(
    desk: Desk,
    Path(slug): Path<String>,
    sent: Protected<Sent>,
) -> PageResult {
    let draft = PageDraft {
        title: sent.title.clone(),
        body: sent.body.clone(),
    };
    match app::announcement::page_save(&desk.ctx, &slug, &draft).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/pages/{slug}"),
            flash::named("说明页面已保存", &sent.title),
        )),
        Err(app::Error::Fields(errors)) => {
            let row = app::announcement::page_find(&desk.ctx, &slug)
                .await
                .map_err(problem)?;
            let form = form(&desk.visit, &slug)
                .values(sent.submission())
                .errors(&errors);
            let shell = Shell::new(&desk.visit, row.title.clone())
                .below("/office/pages")
                .with_errors(true);
            Ok(Html::invalid(EditPage { shell, form, row }).into())
        }
        Err(other) => Err(problem(other)),
    }
}
