//! Imports as the office looks at them, their problems as a file, and the template.

use db::Crowd;
use documents::xlsx::{ColumnSpec, Writer};
use domain::account::legacy::COLUMNS;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::object;
use super::store::{self, ImportRow, ProblemRow};
use crate::copy::{CHUNK, Copied, Format, Listing, next, take};
use crate::{Ctx, Error, Object, Result};

impl ImportRow {
    /// How many of its accounts wait for their owners, by the last count.
    pub fn waiting(&self) -> i64 {
        self.made - self.activated - self.lapsed - self.closed
    }
}

/// A page of imports, newest first.
pub async fn list(ctx: &Ctx, before: Option<i64>, limit: i64) -> Result<Vec<ImportRow>> {
    ctx.allow(Permission::AccountDesk)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::imports(&mut scan, before.unwrap_or(i64::MAX), limit).await?)
}

/// One import.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<ImportRow> {
    ctx.allow(Permission::AccountDesk)?;
    store::import_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// What couldn't be read or was left out, in the order of the file, after this place.
pub async fn problems(
    ctx: &Ctx,
    import: &ImportRow,
    after: i64,
    limit: i64,
) -> Result<Vec<ProblemRow>> {
    ctx.allow(Permission::AccountDesk)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::problems(&mut scan, import.id, after, limit).await?)
}

/// The problems as a file.
pub async fn export_problems(ctx: &Ctx, import: &ImportRow, format: Format) -> Result<Copied> {
    take(ctx, &Problems { import }, format).await
}

struct Problems<'a> {
    import: &'a ImportRow,
}

impl Listing for Problems<'_> {
    type Row = ProblemRow;
    type Place = i64;
    const NAME: &'static str = "没有导入的行";
    const ACTION: &'static str = "account.legacy_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("行号", 10.0),
        ("列", 14.0),
        ("表中内容", 24.0),
        ("问题", 60.0),
    ];

    fn object(&self) -> Object {
        object(self.import.id)
    }

    fn filter(&self) -> serde_json::Value {
        json!({})
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<ProblemRow>, Option<i64>)> {
        let rows = problems(ctx, self.import, from.unwrap_or(-1), CHUNK).await?;
        let next = next(&rows, |row| row.item);
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &ProblemRow) -> Vec<Cell> {
        vec![
            Cell::Number(row.line.to_string()),
            Cell::text(row.field.as_str()),
            Cell::text(row.cell.as_str()),
            Cell::text(row.message.as_str()),
        ]
    }
}

/// An empty table with the columns that an upload has to have.
pub fn template(ctx: &Ctx) -> Result<Vec<u8>> {
    ctx.allow(Permission::AccountDesk)?;
    let xlsx = |e| Error::internal("xlsx", e);
    let columns: Vec<ColumnSpec> = COLUMNS
        .iter()
        .map(|column| ColumnSpec::new(column.title, 24.0))
        .collect();
    let writer = Writer::new("原系统考生", &columns, ctx.at).map_err(xlsx)?;
    writer.finish().map_err(xlsx)
}
