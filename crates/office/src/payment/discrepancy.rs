//! 异常单: what doesn't match, and what was found out.

use app::payment::{self, DiscrepancyRow, discrepancy_title};
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tabs};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "payment/discrepancies.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    rows: Vec<DiscrepancyRow>,
    pager: Pager,
    empty: Empty,
    /// The row whose form has to be mended, and why.
    bad: Option<(String, String)>,
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
    let state = if query.state == "resolved" {
        "resolved"
    } else {
        "open"
    };
    let here = Here::new("/office/payments/discrepancies")
        .with("state", if state == "open" { "" } else { state });
    let before = query.before.as_ref().map(Cursor::first);
    let rows = payment::discrepancies(&desk.ctx, state, before)
        .await
        .map_err(problem)?;
    let next = rows
        .last()
        .filter(|_| rows.len() == PAGE)
        .map(|row| Cursor::one(row.id));
    Ok(Page {
        shell: Shell::new(&desk.visit, "异常单")
            .below("/office/payments")
            .with_errors(bad.is_some()),
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
    })
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    Ok(Html::new(view(&desk, &query, None).await?).into())
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
            flash::SAVED,
        )),
        Err(app::Error::Fields(errors)) => {
            let message = errors.get("note").unwrap_or("请写明核查结果").to_owned();
            let page = view(&desk, &ListQuery::default(), Some((id, message))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}
