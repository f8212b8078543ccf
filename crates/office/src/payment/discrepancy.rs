//! 异常单: what doesn't match, and what was found out.

use app::payment::{self, DISCREPANCIES, DiscrepancyRow, Mismatches, discrepancy_title};
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Taken, given, saved,
    turned, typed,
};

const PAGE: usize = 50;
/// Whose they are.
const OWNERS: [(&str, &str); 2] = [("me", "由我负责"), ("nobody", "还没有人")];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    state: String,
    kind: String,
    owner: String,
    sort: String,
    before: Option<Cursor>,
}

impl ListQuery {
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["time"], ("time", true))
    }

    fn asked(&self) -> Mismatches {
        let state = if self.state == "resolved" {
            "resolved"
        } else {
            "open"
        };
        let (code, other) = turned(&self.kind);
        let mut kinds = DISCREPANCIES.iter();
        let kind = kinds
            .find(|(known, _)| *known == code)
            .map_or("", |(known, _)| known);
        Mismatches {
            state: state.to_owned(),
            kind: kind.to_owned(),
            other: other && !kind.is_empty(),
            owner: OWNERS
                .iter()
                .find(|(code, _)| *code == self.owner)
                .map_or("", |(code, _)| code)
                .to_owned(),
            oldest: self.sort().turned(),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/discrepancies.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    time: Head,
    rows: Vec<DiscrepancyRow>,
    pager: Pager,
    empty: Empty,
    /// The row whose form has to be mended, and why.
    bad: Option<(String, String)>,
    me: i64,
}

impl Page {
    fn message(&self, id: &str) -> Option<&str> {
        self.bad
            .as_ref()
            .filter(|(bad, _)| bad == id)
            .map(|(_, message)| message.as_str())
    }
}

async fn view(
    desk: &Desk,
    query: &ListQuery,
    bad: Option<(String, String)>,
) -> Result<Page, web::PageError> {
    let asked = query.asked();
    let state = asked.state.as_str();
    let here = Here::new("/office/payments/discrepancies")
        .with("state", if state == "open" { "" } else { state })
        .with("kind", &typed(&asked.kind, asked.other))
        .with("owner", &asked.owner)
        .with("sort", &query.sort().code());
    let from = query.before.as_ref().map(Cursor::first);
    let mut rows = payment::mismatches(&desk.ctx, &asked, from, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "异常单")
        .below("/office/payments")
        .with_errors(bad.is_some());
    let kinds = DISCREPANCIES
        .iter()
        .map(|(code, title)| ((*code).to_owned(), (*title).to_owned()));
    Ok(Page {
        saved: Saved::of(desk, &shell, &saved::DISCREPANCY, &here).await?,
        export: Export::new(&shell, &here),
        filters: Filters::new(&here)
            .choice("kind", "类别", &typed(&asked.kind, asked.other), kinds)
            .choice(
                "owner",
                "负责人",
                &asked.owner,
                OWNERS.map(|(code, title)| (code.to_owned(), title.to_owned())),
            ),
        time: query.sort().head(&here, "time", "时间"),
        shell,
        tabs: Tabs::new("异常单状态")
            .tab("待核查", here.but("state", ""), state == "open", None)
            .tab(
                "已核查",
                here.but("state", "resolved"),
                state == "resolved",
                None,
            ),
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        empty: Empty::new("没有异常单", "渠道消息与缴费单不一致时，会出现在这里。")
            .icon(web::icon::OK),
        bad,
        me: desk.ctx.actor.id(),
    })
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    Ok(Html::new(view(&desk, &query, None).await?).into())
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = payment::export_mismatches(&desk.ctx, &query.asked(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "异常单", taken.format(), copy)
}

/// What was found out.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    note: String,
}

/// Closes one.
pub(super) async fn resolve(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Found>,
) -> PageResult {
    match payment::resolve(&desk.ctx, &id, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            "/office/payments/discrepancies",
            flash::named("核查结果已登记", &sent.note),
        )),
        Err(app::Error::Fields(errors)) => {
            let message = errors.get("note").unwrap_or("请写明核查结果").to_owned();
            let page = view(&desk, &ListQuery::default(), Some((id, message))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// 认领.
pub(super) async fn own(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    payment::own_discrepancy(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let at = format!("/office/payments/discrepancies#{id}");
    Ok(answer::redirect_with(
        &desk.visit,
        &at,
        flash::done("已由您负责"),
    ))
}

/// 转出.
pub(super) async fn leave(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    payment::leave_discrepancy(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let at = format!("/office/payments/discrepancies#{id}");
    Ok(answer::redirect_with(
        &desk.visit,
        &at,
        flash::done("已转出，等待别人认领"),
    ))
}
