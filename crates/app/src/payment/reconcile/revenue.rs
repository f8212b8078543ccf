//! 收入: what came and went, by day, channel and exam. A channel's sums are made by the comparison, from the ledger, so that a page costs
//! nothing however many paid; its day stands here once it was compared. What came and went beside the channels (the centre's counter and
//! account, 缴款码, the treasury's paybacks) stands here at once, under the day on which it was booked.

use db::Crowd;
use domain::money::Fen;
use domain::sheet::Cell;
use domain::staff::Permission;
use domain::time::Date;
use serde_json::json;

use super::object;
use super::revenue_store::{self as store, RevenueRow};
use crate::copy::{CHUNK, Copied, Format, Listing, next, take};
use crate::payment::ledger::TREASURY;
use crate::payment::{nontax, offline};
use crate::{Ctx, Error, Object, Result};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The channel's code, empty for all.
    pub channel: String,
    /// `exam.id`, 0 for all.
    pub exam_id: i64,
}

/// Days of a span at most.
const MOST_DAYS: i32 = 366;

impl Span {
    fn fits(&self) -> Result<()> {
        if self.from < self.to.plus_days(-MOST_DAYS) {
            return Err(Error::field(
                "from",
                "一次最多看一年。请把日期改在一年以内，跨年的分几次查询",
            ));
        }
        Ok(())
    }
}

/// Sums under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The day, or the exam.
    pub name: String,
    /// How many payments.
    pub payments: i64,
    /// Their sum.
    pub paid: i64,
    /// How many refunds.
    pub refunds: i64,
    /// Their sum.
    pub refunded: i64,
}

impl Line {
    fn of((name, payments, paid, refunds, refunded): (String, i64, i64, i64, i64)) -> Self {
        Self {
            name,
            payments,
            paid,
            refunds,
            refunded,
        }
    }

    /// What is left.
    pub fn net(&self) -> i64 {
        self.paid - self.refunded
    }
}

/// A day of a channel that isn't compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDay {
    /// `bill.public_id`.
    pub public_id: String,
    /// The day.
    pub day: String,
    /// The channel's name.
    pub channel: String,
}

/// What came and went.
#[derive(Debug, Clone, Default)]
pub struct Revenue {
    /// By day, the newest first.
    pub days: Vec<Line>,
    /// By channel, and beside them.
    pub channels: Vec<Line>,
    /// By exam, the newest first.
    pub exams: Vec<Line>,
    /// All of it.
    pub total: Line,
    /// What the channels kept; none where an exam is asked for, which no bill knows.
    pub fee: Option<i64>,
    /// Days of the span that aren't compared, the oldest first, 1,001 at most: nothing of them stands above.
    pub open: Vec<OpenDay>,
}

/// The sums of a span.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money; `Fields` under `from` for more than a year.
pub async fn revenue(ctx: &Ctx, span: &Span) -> Result<Revenue> {
    ctx.allow(Permission::Finance)?;
    span.fits()?;
    let (from, to) = (span.from.to_string(), span.to.to_string());
    let asked = (
        from.as_str(),
        to.as_str(),
        span.channel.as_str(),
        span.exam_id,
    );
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let days = store::revenue_days(&mut scan, asked).await?;
    let exams = store::revenue_exams(&mut scan, asked).await?;
    let channels = store::revenue_channels(&mut scan, asked).await?;
    let named = channels.into_iter().map(|mut line| {
        line.0 = name(ctx, &line.0);
        Line::of(line)
    });
    let channels = named.collect();
    let days: Vec<Line> = days.into_iter().map(Line::of).collect();
    let sum = |what: fn(&Line) -> i64| days.iter().map(what).sum();
    let total = Line {
        name: "合计".to_owned(),
        payments: sum(|line| line.payments),
        paid: sum(|line| line.paid),
        refunds: sum(|line| line.refunds),
        refunded: sum(|line| line.refunded),
    };
    let fee = if span.exam_id == 0 {
        Some(store::fees(&mut scan, (&from, &to), &span.channel).await?)
    } else {
        None
    };
    let open = store::days_uncompared(&mut scan, (&from, &to), &span.channel).await?;
    let open = open.into_iter().map(|(public_id, day, channel)| OpenDay {
        public_id,
        day,
        channel: name(ctx, &channel),
    });
    Ok(Revenue {
        open: open.collect(),
        channels,
        exams: exams.into_iter().map(Line::of).collect(),
        days,
        total,
        fee,
    })
}

/// What people read for a channel, or for what stands beside them.
fn name(ctx: &Ctx, channel: &str) -> String {
    match channel {
        TREASURY => "财政退库".to_owned(),
        other => ctx.app.channels().name(other),
    }
}

/// The channels that 收入 may be asked about: code and name.
pub fn revenue_channels(ctx: &Ctx) -> Vec<(String, String)> {
    let beside = [offline::CHANNEL, nontax::CHANNEL, TREASURY];
    let beside = beside.map(|code| (code.to_owned(), name(ctx, code)));
    super::channels(ctx).into_iter().chain(beside).collect()
}

/// Day by day, channel by channel, exam by exam, as a file.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money; `Fields` under `from` for more than a year.
pub async fn export_revenue(ctx: &Ctx, span: &Span, format: Format) -> Result<Copied> {
    span.fits()?;
    take(ctx, &Rows(span), format).await
}

struct Rows<'a>(&'a Span);

impl Listing for Rows<'_> {
    type Row = RevenueRow;
    type Place = (String, i64, i64);
    const NAME: &'static str = "收入";
    const ACTION: &'static str = "payment.revenue_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("日期", 12.0),
        ("渠道", 14.0),
        ("考试", 40.0),
        ("收款笔数", 12.0),
        ("收款（元）", 14.0),
        ("退款笔数", 12.0),
        ("退款（元）", 14.0),
        ("净额（元）", 14.0),
        ("是否关账", 12.0),
    ];

    fn object(&self) -> Object {
        object(0)
    }

    fn filter(&self) -> serde_json::Value {
        let span = self.0;
        json!({ "from": span.from.to_string(), "to": span.to.to_string(), "channel": span.channel, "exam": span.exam_id })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<Self::Place>,
    ) -> Result<(Vec<RevenueRow>, Option<Self::Place>)> {
        ctx.allow(Permission::Finance)?;
        let (first, last) = (self.0.from.to_string(), self.0.to.to_string());
        let asked = (
            first.as_str(),
            last.as_str(),
            self.0.channel.as_str(),
            self.0.exam_id,
        );
        let place = from.unwrap_or(("9999-99-99".to_owned(), i64::MAX, i64::MAX));
        let place = (place.0.as_str(), place.1, place.2);
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = store::revenue(&mut scan, asked, place, CHUNK).await?;
        let on = next(&rows, |row| (row.day.clone(), row.bill_id, row.exam_id));
        Ok((rows, on))
    }

    fn cells(&self, ctx: &Ctx, row: &RevenueRow) -> Vec<Cell> {
        let yuan = |sum: i64| Cell::Number(Fen::new(sum).yuan());
        vec![
            Cell::text(row.day.as_str()),
            Cell::text(name(ctx, &row.channel)),
            Cell::text(row.exam.as_str()),
            Cell::Number(row.payments.to_string()),
            yuan(row.paid),
            Cell::Number(row.refunds.to_string()),
            yuan(row.refunded),
            yuan(row.paid - row.refunded),
            Cell::text(match row.closed {
                1 => "已关账",
                2 => "不需关账",
                _ => "未关账",
            }),
        ]
    }
}
