//! Orders as a file, under the filter that the list shows.

use domain::money::Fen;
use domain::payment::OrderState;
use domain::sheet::Cell;
use domain::time::Timestamp;
use serde_json::json;

use super::OfficeOrderRow;
use super::office::{Search, page};
use crate::copy::{Book, CHUNK, Copied, Format};
use crate::{Ctx, Object, Result};

const COLUMNS: [(&str, f64); 9] = [
    ("缴费单号", 20.0),
    ("姓名", 12.0),
    ("报名序号", 18.0),
    ("考试", 40.0),
    ("金额（元）", 12.0),
    ("状态", 12.0),
    ("渠道", 14.0),
    ("生成时间", 20.0),
    ("支付时间", 20.0),
];

/// Every order under a filter, newest first.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, search: &Search, format: Format) -> Result<Copied> {
    let mut book = Book::new(ctx, format, "缴费单", &COLUMNS)?;
    let mut search = search.clone();
    search.before = None;
    'pages: loop {
        let (rows, next) = page(ctx, &search, CHUNK).await?;
        for row in &rows {
            if !book.row(&cells(ctx, row))? {
                break 'pages;
            }
        }
        search.before = next;
        if next.is_none() {
            break;
        }
    }
    let object = Object {
        kind: "payment_order",
        id: 0,
        exam_id: search.exam_id,
    };
    let detail = json!({
        "state": search.state, "not": search.other, "by_name": !search.name.trim().is_empty(),
        "format": format.ending(),
    });
    book.finish(ctx, "payment.export", object, detail).await
}

fn cells(ctx: &Ctx, row: &OfficeOrderRow) -> [Cell; 9] {
    let second = |at: i64| Cell::text(Timestamp::from_micros(at).to_local_second());
    let channel = row.channel.as_ref();
    [
        Cell::text(row.order_no.as_str()),
        Cell::text(row.name.as_str()),
        Cell::text(row.registration_no.as_str()),
        Cell::text(row.exam.as_str()),
        Cell::Number(Fen::new(row.amount).yuan()),
        Cell::text(OrderState::from_code(&row.state).map_or("", OrderState::label)),
        channel.map_or(Cell::Empty, |code| {
            Cell::text(ctx.app.channels().name(code))
        }),
        second(row.created_at),
        row.paid_at.map_or(Cell::Empty, second),
    ]
}
