//! The messages of an exam.

use std::sync::Arc;

use app::exam::Exam;
use app::message::broadcast::{self, BroadcastRow};
use askama::Template;
use axum::extract::{Path, Query};
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager};

const PAGE: usize = 20;

#[derive(Debug, Template)]
#[template(path = "broadcast/list.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    rows: Vec<BroadcastRow>,
    pager: Pager,
    empty: Empty,
    base: String,
}

pub(super) async fn page(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let base = format!("/office/exams/{id}/broadcasts");
    let before = asked.before.as_ref().map(Cursor::first);
    let (exam, mut rows) = broadcast::list(&desk.ctx, &id, before, 21)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let page = Page {
        shell: Shell::new(&desk.visit, "群发消息").below("/office/exams"),
        exam,
        pager: Pager::new(&Here::new(&*base), asked.before.as_ref(), next),
        rows,
        empty: Empty::new(
            "还没有群发过消息",
            "可以提醒考生补充材料、缴费、打印准考证，发送前能看到发给多少人。",
        )
        .icon(web::icon::PHONE)
        .way_on("写消息", format!("{base}/new")),
        base,
    };
    Ok(Html::new(page).into())
}
