//! The list of orders.

use app::payment::{self, OfficeOrderRow, Search, WaitingRefund};
use askama::Template;
use axum::extract::Query;
use domain::payment::OrderState;
use domain::payment::number::grouped;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::{code_tag, yuan};
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Taken, given, saved,
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    not: String,
    #[serde(default)]
    exam: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    sort: String,
    before: Option<Cursor>,
}

impl ListQuery {
    /// By when they were made, the newest first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["made"], ("made", true))
    }

    fn search(&self, exam_id: i64) -> Search {
        Search {
            exam_id,
            state: self.state.clone(),
            other: !self.not.is_empty(),
            number: self.number.clone(),
            name: self.name.clone(),
            oldest: !self.sort().descends(),
            before: self.before.as_ref().map(|at| (at.first(), at.second())),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/list.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    filters: Filters,
    saved: Saved,
    made: Head,
    export: Export,
    rows: Vec<OfficeOrderRow>,
    pager: Pager,
    empty: Empty,
    /// The sum that was paid, where it is said; `None` inside where there are too many orders to add up for a page.
    paid: Option<Option<String>>,
    open: i64,
    /// Refunds that wait for who looks.
    refunds: Vec<WaitingRefund>,
    channel: app::App,
}

impl Page {
    fn channel_of(&self, code: &Option<String>) -> String {
        code.as_ref()
            .map_or_else(|| "—".to_owned(), |code| self.channel.channels().name(code))
    }
}

/// Tabs of the list.
const TABS: [OrderState; 7] = [
    OrderState::Unpaid,
    OrderState::Paying,
    OrderState::Paid,
    OrderState::Refunding,
    OrderState::Refunded,
    OrderState::Hold,
    OrderState::Voided,
];

/// The state turned round, where one is chosen.
fn turned(filters: Filters, query: &ListQuery) -> Filters {
    match OrderState::from_code(&query.state) {
        Some(state) => filters.turned("状态", !query.not.is_empty(), state.label()),
        None => filters,
    }
}

/// The page.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let exams = payment::exams(&desk.ctx).await.map_err(problem)?;
    let exam = exams
        .iter()
        .find(|(_, public_id, _)| *public_id == query.exam);
    let exam_id = exam.map_or(0, |(id, _, _)| *id);
    let here = Here::new("/office/payments")
        .with("state", &query.state)
        .with("not", &query.not)
        .with("exam", &query.exam)
        .with("number", &query.number)
        .with("name", &query.name)
        .with("sort", &query.sort().code());
    let counts = payment::counts(&desk.ctx, exam_id).await.map_err(problem)?;
    let count = |state| {
        counts
            .iter()
            .find(|one| one.0 == state)
            .map_or(0, |one| one.1)
    };
    // Exact as long as no state has too many to be counted.
    let all: i64 = counts.iter().map(|one| one.1).sum();
    let stopped = counts.iter().any(|one| one.1 > 1_000);
    let tabbed = here.clone().with("not", "");
    let (href, chosen) = (tabbed.but("state", ""), query.state.is_empty());
    let tabs = Tabs::new("缴费单状态");
    let mut tabs = if stopped {
        tabs.badge("全部", href, chosen, 1_001)
    } else {
        tabs.tab("全部", href, chosen, Some(all))
    };
    for state in TABS {
        let chosen = query.state == state.code() && query.not.is_empty();
        tabs = tabs.badge(
            state.label(),
            tabbed.but("state", state.code()),
            chosen,
            count(state),
        );
    }
    let search = query.search(exam_id);
    let (rows, next) = payment::list(&desk.ctx, &search).await.map_err(problem)?;
    let open = payment::discrepancies(&desk.ctx, "open", None)
        .await
        .map_err(problem)?
        .len();
    let refunds = payment::refunds_waiting(&desk.ctx).await.map_err(problem)?;
    // What is paid is said where paid orders are looked at.
    let paid = match query.state.as_str() {
        "paid" if !query.not.is_empty() => None,
        "" | "paid" => Some(
            payment::paid_sum(&desk.ctx, exam_id)
                .await
                .map_err(problem)?,
        ),
        _ => None,
    };
    let paid = paid.map(|sum| sum.map(|sum| sum.yuan()));
    let choices: Vec<(String, String)> = exams
        .into_iter()
        .map(|(_, public_id, title)| (public_id, title))
        .collect();
    let shell = Shell::new(&desk.visit, "缴费单");
    let saved = Saved::of(&desk, &shell, &saved::PAYMENT, &here).await?;
    let page = Page {
        saved,
        made: query.sort().head(&here, "made", "生成时间"),
        export: Export::new(&shell, &here),
        refunds,
        shell,
        tabs,
        filters: turned(Filters::new(&here), &query)
            .select("exam", "考试", &query.exam, choices)
            .text("number", "缴费单号、商户单号或渠道交易号", &query.number)
            .text("name", "考生姓名", &query.name),
        pager: Pager::new(
            &here,
            query.before.as_ref(),
            next.map(|(key, id)| Cursor::two(key, id)),
        ),
        rows,
        empty: Empty::new(
            "没有缴费单",
            "资格审查通过、需要缴费的报名会生成缴费单。换一个条件再查。",
        )
        .icon(web::icon::CARD),
        paid,
        open: i64::try_from(open).unwrap_or(i64::MAX),
        channel: desk.ctx.app.clone(),
    };
    Ok(Html::new(page).into())
}

/// The orders under their filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    asked: Protected<Taken>,
) -> PageResult {
    let exams = payment::exams(&desk.ctx).await.map_err(problem)?;
    let exam = exams
        .iter()
        .find(|(_, public_id, _)| *public_id == query.exam);
    let search = query.search(exam.map_or(0, |(id, _, _)| *id));
    let copy = payment::export(&desk.ctx, &search, asked.format())
        .await
        .map_err(problem)?;
    given(&desk, "缴费单", asked.format(), copy)
}
