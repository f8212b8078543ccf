//! 成绩查询 (manual 1.2.2.7): the list, 查询成绩, the sheet as PDF; 成绩单核验, for anybody who is handed one.

mod check;

use app::App;
use app::score::{self, Item as ScoreItem, Report, Waiting};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::selection::Stage;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who};

use crate::context::{Me, problem};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("score")
        .get("/scores", Who::Candidate, list)
        .get("/scores/{id}", Who::Candidate, show)
        .post("/scores/{id}/print", Who::Candidate, print)
        .get("/check", Who::Anonymous, check::form)
        .get("/check/{code}", Who::Anonymous, check::show)
}

#[derive(Debug, Template)]
#[template(path = "score/list.html")]
struct List {
    shell: Shell,
    items: Vec<ScoreItem>,
}

impl List {
    fn word(&self, item: &&ScoreItem) -> &'static str {
        match item.waiting {
            None => "已公布",
            Some(Waiting::Closed(_)) => "查询已结束",
            Some(_) => "尚未公布",
        }
    }

    fn reason(&self, item: &&ScoreItem) -> String {
        match item.waiting {
            None => String::new(),
            Some(Waiting::NotAnnounced) => "公布时间以公告为准，请留意公告和站内消息。".to_owned(),
            Some(Waiting::Until(at)) => format!("成绩将于 {} 公布。", at.to_chinese_minute()),
            Some(Waiting::Closed(at)) => {
                format!(
                    "查询已于 {} 结束。确有需要，请联系考试机构。",
                    at.to_chinese_minute()
                )
            }
        }
    }
}

async fn list(me: Me) -> PageResult {
    let items = score::list(&me.ctx).await.map_err(problem)?;
    let shell = me.shell("成绩查询").await.at(Item::Scores);
    Ok(Html::new(List { shell, items }).into())
}

#[derive(Debug, Template)]
#[template(path = "score/page.html")]
struct Page {
    shell: Shell,
    report: Report,
    /// Where it stands between 入围 and 聘用.
    selection: Option<&'static str>,
}

async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let report = score::own(&me.ctx, &id).await.map_err(problem)?;
    let stage = app::selection::own::glimpse(&me.ctx, &report.exam, &id)
        .await
        .map_err(problem)?;
    let page = Page {
        shell: me.shell("成绩查询").await.at(Item::Scores),
        report,
        selection: stage.map(Stage::label),
    };
    Ok(Html::new(page).into())
}

async fn print(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult<Response> {
    let report = score::own(&me.ctx, &id).await.map_err(problem)?;
    let name = format!("成绩单 {}.pdf", report.exam.title());
    let bytes = score::sheet(&me.ctx, report).await.map_err(problem)?;
    Ok(web::page::inline("application/pdf", &name, bytes))
}
