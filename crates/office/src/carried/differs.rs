//! Applications that the file would judge otherwise now. Nothing changes by itself: the officer looks and decides.

use std::sync::Arc;

use app::carried::{self, Differs};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use domain::application::number;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tag};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "carried/differs.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    rows: Vec<Differs>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn page(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let after = asked.before.as_ref().map_or(0, Cursor::first);
    let mut rows = carried::differs(&desk.ctx, &exam, after, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.row.id));
    let here = Here::new(format!("/office/exams/{id}/carried/differs"));
    let page = Page {
        shell: Shell::new(&desk.visit, "与报名不一致的").below("/office/exams"),
        pager: Pager::new(&here, asked.before.as_ref(), next),
        empty: Empty::new(
            "没有不一致的报名",
            "每一项有效报名保存时看到的档案，和现在的档案说的一样。",
        )
        .icon(web::icon::OK),
        exam,
        rows,
    };
    Ok(Html::new(page).into())
}
