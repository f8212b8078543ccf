//! 准考证打印 (manual 1.2.2.5): the list with each window, the preview, the PDF.

use app::App;
use app::ticket::{self, Item as TicketItem, Ticket};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::ticket::content::NoTicket;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who};

use crate::context::{Me, problem};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("ticket")
        .get("/tickets", Who::Candidate, list)
        .get("/tickets/{id}", Who::Candidate, preview)
        .post("/tickets/{id}/print", Who::Candidate, print)
}

#[derive(Debug, Template)]
#[template(path = "ticket/list.html")]
struct List {
    shell: Shell,
    items: Vec<TicketItem>,
}

impl List {
    fn window(&self, item: &&TicketItem) -> String {
        item.window.map_or_else(
            || "打印时间尚未公布".to_owned(),
            |window| window.to_chinese(),
        )
    }

    /// His own opening, where printing is 分批.
    fn own(&self, item: &&TicketItem) -> Option<String> {
        let opens = item
            .opens
            .filter(|_| !item.exam.settings.stagger.is_off())?;
        Some(opens.to_chinese_minute())
    }

    fn word(&self, item: &&TicketItem) -> &'static str {
        match item.standing {
            Ok(()) => "可打印准考证",
            Err(NoTicket::StepsMissing) => "报名尚未完成",
            Err(NoTicket::NotSeated) => "等待考场编排",
            Err(NoTicket::NotYet) => "未到打印时间",
            Err(NoTicket::Over) => "打印已结束",
        }
    }

    fn reason(&self, item: &&TicketItem) -> String {
        match (item.standing, item.window) {
            (Ok(()), Some(window)) => {
                format!(
                    "请在 {} 前打印。可以多次打印。",
                    window.close().to_chinese_minute()
                )
            }
            (Ok(()), None) => String::new(),
            (Err(NoTicket::StepsMissing), _) => {
                "审核、缴费等环节完成后才能打印，请到“我的报名信息”查看下一步。".to_owned()
            }
            (Err(NoTicket::NotSeated), _) => {
                "考试机构正在编排考场，公布后到打印时间即可打印。".to_owned()
            }
            (Err(NoTicket::NotYet), Some(window)) => {
                format!(
                    "{} 起可以打印，届时请再来。",
                    item.opens.unwrap_or(window.open()).to_chinese_minute()
                )
            }
            (Err(NoTicket::NotYet), None) => "打印时间还没有公布，请留意公告。".to_owned(),
            (Err(NoTicket::Over), Some(window)) => format!(
                "打印已于 {} 结束。确有需要，请联系考试机构。",
                window.close().to_chinese_minute()
            ),
            (Err(NoTicket::Over), None) => "打印已经结束。".to_owned(),
        }
    }
}

async fn list(me: Me) -> PageResult {
    let items = ticket::list(&me.ctx).await.map_err(problem)?;
    let shell = me.shell("准考证打印").await.at(Item::Tickets);
    Ok(Html::new(List { shell, items }).into())
}

#[derive(Debug, Template)]
#[template(path = "ticket/preview.html")]
struct Preview {
    shell: Shell,
    ticket: Ticket,
    until: String,
}

async fn preview(me: Me, Path(id): Path<String>) -> PageResult {
    let ticket = ticket::own(&me.ctx, &id).await.map_err(problem)?;
    let until = ticket
        .window
        .map_or_else(String::new, |one| one.close().to_chinese_minute());
    let shell = me.shell("准考证").await.at(Item::Tickets);
    Ok(Html::new(Preview {
        shell,
        ticket,
        until,
    })
    .into())
}

async fn print(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult<Response> {
    let ticket = ticket::own(&me.ctx, &id).await.map_err(problem)?;
    let name = format!("准考证 {}.pdf", ticket.exam.title());
    let bytes = ticket::download(&me.ctx, ticket).await.map_err(problem)?;
    Ok(web::page::inline("application/pdf", &name, bytes))
}
