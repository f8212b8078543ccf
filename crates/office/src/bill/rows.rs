//! What doesn't match on a day, and the lines of its bill.

use app::payment::reconcile::{self, BillRow, FindingRow, LineRow};
use askama::Template;
use axum::extract::{Path, Query};
use domain::payment::number::grouped;
use domain::payment::reconcile::{Class, Kind};
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Taken, given};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    class: String,
    before: Option<Cursor>,
}

impl Asked {
    fn class(&self) -> &'static str {
        Class::from_code(&self.class).map_or("", Class::code)
    }
}

#[derive(Debug, Template)]
#[template(path = "bill/findings.html")]
struct FindingsPage {
    shell: Shell,
    bill: BillRow,
    channel: String,
    export: Export,
    filters: Filters,
    rows: Vec<FindingRow>,
    pager: Pager,
    empty: Empty,
}

fn class(code: &str) -> &'static str {
    Class::from_code(code).map_or("其他", Class::label)
}

fn kind(code: &str) -> &'static str {
    Kind::from_code(code).map_or("", Kind::label)
}

async fn bill_of(desk: &Desk, id: &str) -> PageResult<BillRow> {
    let detail = reconcile::detail(&desk.ctx, id).await.map_err(problem)?;
    Ok(detail.bill)
}

/// The differences of a day.
pub(super) async fn findings(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let bill = bill_of(&desk, &id).await?;
    let here = Here::new(format!("/office/bills/{id}/findings")).with("class", asked.class());
    let after = asked.before.as_ref().map_or(0, Cursor::first);
    let mut rows = reconcile::findings(&desk.ctx, bill.id, asked.class(), after, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "对账差异").below("/office/bills");
    let classes: Vec<_> = Class::ALL
        .iter()
        .map(|class| (class.code().to_owned(), class.label().to_owned()))
        .collect();
    let page = FindingsPage {
        export: Export::new(&shell, &here),
        filters: Filters::new(&here).select("class", "类别", asked.class(), classes),
        channel: desk.ctx.app.channels().name(&bill.channel),
        pager: Pager::new(&here, asked.before.as_ref(), next),
        rows,
        empty: Empty::new("没有差异", "这一天的账单与本系统逐笔一致。").icon(web::icon::OK),
        bill,
        shell,
    };
    Ok(Html::new(page).into())
}

/// The differences as a file.
pub(super) async fn export_findings(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let bill = bill_of(&desk, &id).await?;
    let copy = reconcile::export_findings(&desk.ctx, &bill, asked.class(), taken.format())
        .await
        .map_err(problem)?;
    let name = format!("对账差异-{}-{}", bill.channel, bill.day);
    given(&desk, &name, taken.format(), copy)
}

#[derive(Debug, Template)]
#[template(path = "bill/lines.html")]
struct LinesPage {
    shell: Shell,
    bill: BillRow,
    channel: String,
    export: Export,
    rows: Vec<LineRow>,
    pager: Pager,
    empty: Empty,
}

/// The bill itself.
pub(super) async fn lines(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let bill = bill_of(&desk, &id).await?;
    let here = Here::new(format!("/office/bills/{id}/lines"));
    let after = asked.before.as_ref().map_or(0, Cursor::first);
    let mut rows = reconcile::lines(&desk.ctx, &bill, after, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.seq));
    let shell = Shell::new(&desk.visit, "账单明细").below("/office/bills");
    let page = LinesPage {
        export: Export::new(&shell, &here),
        channel: desk.ctx.app.channels().name(&bill.channel),
        pager: Pager::new(&here, asked.before.as_ref(), next),
        rows,
        empty: Empty::new("没有明细", "这一天没有交易，或者还没有取到账单。").icon(web::icon::CARD),
        bill,
        shell,
    };
    Ok(Html::new(page).into())
}

/// The bill as a file.
pub(super) async fn export_lines(
    desk: Desk,
    Path(id): Path<String>,
    taken: Protected<Taken>,
) -> PageResult {
    let bill = bill_of(&desk, &id).await?;
    let copy = reconcile::export_lines(&desk.ctx, &bill, taken.format())
        .await
        .map_err(problem)?;
    let name = format!("账单明细-{}-{}", bill.channel, bill.day);
    given(&desk, &name, taken.format(), copy)
}
