//! The trail as a table, under the filter that the list shows.

use db::{Command, Lane, Tx};
use documents::xlsx::{ColumnSpec, Writer};
use domain::sheet::Cell;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::ListedRow;
use super::list::{Filter, entries};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Entries in one file. A wider filter is refused: such a file is read by nobody, and the whole trail is in the backups.
pub const MOST_EXPORTED: usize = 50_000;
/// Entries read at once, so that no read stands in the way of others for long.
const CHUNK: i64 = 500;

/// How a table names what the trail keeps as codes.
pub type Words<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// The entries under a filter, newest first, as a workbook. Leaves an entry itself: somebody took a copy.
///
/// `actor` says who it was; `kind`, `action` and `object` put codes into words.
///
/// # Errors
/// `Fields`: no such user name, or more than [`MOST_EXPORTED`] entries (`from`).
pub async fn export(
    ctx: &Ctx,
    filter: &Filter,
    actor: &(dyn Fn(&ListedRow) -> String + Sync),
    (kind, action, object): (Words<'_>, Words<'_>, Words<'_>),
) -> Result<Vec<u8>> {
    ctx.allow(Permission::AuditView)?;
    let columns = [
        ("时间", 20.0),
        ("操作人类别", 12.0),
        ("操作人", 16.0),
        ("动作", 20.0),
        ("动作代码", 28.0),
        ("对象", 14.0),
        ("对象编号", 22.0),
        ("对象姓名", 16.0),
        ("内容", 60.0),
        ("请求编号", 16.0),
        ("链号", 10.0),
    ]
    .map(|(title, width)| ColumnSpec::new(title, width));
    let mut writer = Writer::new("操作日志", &columns, ctx.at).map_err(table)?;
    let mut before = None;
    let mut count = 0;
    loop {
        let rows = entries(ctx, filter, before, CHUNK).await?;
        count += rows.len();
        if count > MOST_EXPORTED {
            return Err(Error::field(
                "from",
                "符合条件的超过 5 万条，请缩小日期范围再导出",
            ));
        }
        for row in &rows {
            let cells = [
                Cell::text(Timestamp::from_micros(row.at).to_local_second()),
                Cell::text(kind(&row.actor_kind)),
                Cell::text(actor(row)),
                Cell::text(action(&row.action)),
                Cell::text(row.action.as_str()),
                Cell::text(object(&row.object_kind)),
                Cell::text(row.object_id.to_string()),
                Cell::text(row.object.as_deref().unwrap_or_default()),
                Cell::text(row.detail.as_str()),
                Cell::text(row.request_id.as_str()),
                row.seq.map_or(Cell::Empty, Cell::number),
            ];
            writer.row(&cells).map_err(table)?;
        }
        match rows.last() {
            Some(last) if rows.len() == usize::try_from(CHUNK).unwrap_or(usize::MAX) => {
                before = Some((last.at, last.id));
            }
            _ => break,
        }
    }
    let bytes = writer.finish().map_err(table)?;
    let record = Record {
        stamp: Stamp::of(ctx),
        count,
    };
    ctx.app.db().write(Lane::Interactive, record).await?;
    Ok(bytes)
}

fn table(error: documents::DocumentError) -> Error {
    Error::internal("write a workbook", error)
}

struct Record {
    stamp: Stamp,
    count: usize,
}

impl Command for Record {
    const NAME: &'static str = "audit.export";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let object = Object {
            kind: "audit_entry",
            id: 0,
            exam_id: 0,
        };
        let detail = json!({ "rows": self.count });
        self.stamp
            .trail()
            .audit(tx, "audit.export", object, detail)
            .await
    }
}
