//! The days of all channels.

use app::payment::reconcile::{self, BillRow, Search};
use askama::Template;
use axum::extract::Query;
use domain::time::Date;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Saved, Tabs, Taken, given, saved};

const PAGE: usize = 40;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    state: String,
    channel: String,
    before: Option<Cursor>,
}

impl ListQuery {
    fn search(&self) -> Search {
        Search {
            channel: self.channel.clone(),
            group: match self.state.as_str() {
                "open" => "open",
                "closed" => "closed",
                "hand" => "hand",
                _ => "",
            }
            .to_owned(),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "bill/list.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    rows: Vec<BillRow>,
    pager: Pager,
    empty: Empty,
    app: app::App,
}

impl Page {
    fn channel(&self, code: &str) -> String {
        self.app.channels().name(code)
    }
}

/// A day as a number that grows with it: what the list is ordered by.
fn place(day: &str) -> i64 {
    day.replace('-', "").parse().unwrap_or(0)
}

/// The day that such a number is.
fn day(place: i64) -> String {
    Date::parse_typed(&place.to_string())
        .map_or_else(|| "9999-99-99".to_owned(), |day| day.to_string())
}

/// The page.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let search = query.search();
    let here = Here::new("/office/bills")
        .with("state", &search.group)
        .with("channel", &query.channel);
    let from = query
        .before
        .as_ref()
        .map(|at| (day(at.first()), at.second()));
    let mut rows = reconcile::list(&desk.ctx, &search, from.as_ref(), 41)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::two(place(&row.day), row.id));
    let channels = reconcile::channels(&desk.ctx);
    let none = channels.is_empty();
    let shell = Shell::new(&desk.visit, "对账");
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::BILL, &here).await?,
        export: Export::new(&shell, &here),
        tabs: Tabs::new("对账状态")
            .tab("全部", here.but("state", ""), search.group.is_empty(), None)
            .tab("未关账", here.but("state", "open"), search.group == "open", None)
            .tab("已关账", here.but("state", "closed"), search.group == "closed", None)
            .tab("待缴库", here.but("state", "hand"), search.group == "hand", None),
        filters: Filters::new(&here).select("channel", "渠道", &query.channel, channels),
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        empty: match (search.group.as_str(), none) {
            ("hand", _) => Empty::new(
                "没有待缴库的收款",
                "关账以后还没有登记缴库的，会出现在这里。",
            ),
            (_, true) => Empty::new(
                "还没有对账",
                "现在的支付渠道都不提供对账单。开通微信支付、支付宝或银联后，每天上午 10:30 自动对前一天的账。",
            ),
            (_, false) => Empty::new(
                "还没有对账",
                "每天上午 10:30 自动取前一天的对账单并比对，结果会出现在这里。",
            ),
        }
        .icon(web::icon::CARD),
        app: desk.ctx.app.clone(),
        shell,
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = reconcile::export_bills(&desk.ctx, &query.search(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "对账", taken.format(), copy)
}
