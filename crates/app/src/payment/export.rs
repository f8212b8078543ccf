//! Orders as a file, under the filter that the list shows.

use domain::money::Fen;
use domain::payment::OrderState;
use domain::sheet::Cell;
use serde_json::json;

use super::OfficeOrderRow;
use super::office::{Search, page};
use crate::copy::{CHUNK, Copied, Format, Listing, second, take};
use crate::{Ctx, Object, Result};

/// Every order under a filter, newest first.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, search: &Search, format: Format) -> Result<Copied> {
    take(ctx, &Orders(search), format).await
}

struct Orders<'a>(&'a Search);

impl Listing for Orders<'_> {
    type Row = OfficeOrderRow;
    type Place = (i64, i64);
    const NAME: &'static str = "缴费单";
    const ACTION: &'static str = "payment.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
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

    fn object(&self) -> Object {
        Object {
            kind: "payment_order",
            id: 0,
            exam_id: self.0.exam_id,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "state": self.0.state, "not": self.0.other, "by_name": !self.0.name.trim().is_empty(),
        })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<OfficeOrderRow>, Option<(i64, i64)>)> {
        let search = Search {
            before: from,
            ..self.0.clone()
        };
        page(ctx, &search, CHUNK).await
    }

    fn cells(&self, ctx: &Ctx, row: &OfficeOrderRow) -> Vec<Cell> {
        let channel = row.channel.as_ref();
        vec![
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
            second(row.paid_at.unwrap_or(0)),
        ]
    }
}
