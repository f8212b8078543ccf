//! 收入: by day and by exam, as a chart and as tables.

use app::payment;
use app::payment::reconcile::{self, Line, OpenDay, Revenue, Span};
use askama::Template;
use axum::extract::Query;
use domain::time::Date;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Empty, Export, Filters, Here, Taken, given};

/// Days that are shown unless others are asked for.
const DAYS: i32 = 30;
/// Days that aren't compared and are named; of more only their number is told.
const NAMED: usize = 6;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    to: String,
    channel: String,
    exam: String,
}

#[derive(Debug, Template)]
#[template(path = "bill/revenue.html")]
struct Page {
    shell: Shell,
    export: Export,
    filters: Filters,
    revenue: Revenue,
    from: Date,
    to: Date,
    /// The span can't be asked for: what is wrong stands by its field.
    wrong: bool,
    empty: Empty,
}

/// The same columns over days, over channels, over exams.
struct Table<'a> {
    id: &'static str,
    title: &'static str,
    caption: &'static str,
    first: &'static str,
    /// Days, which are drawn as well.
    days: bool,
    lines: &'a [Line],
}

impl<'a> Table<'a> {
    fn lines(&self) -> &'a [Line] {
        self.lines
    }
}

impl Page {
    fn tables(&self) -> [Table<'_>; 3] {
        let revenue = &self.revenue;
        [
            Table {
                id: "days",
                title: "每日",
                caption: "每日收款和退款",
                first: "日期",
                days: true,
                lines: &revenue.days,
            },
            Table {
                id: "channels",
                title: "各渠道",
                caption: "各渠道收款和退款",
                first: "渠道",
                days: false,
                lines: &revenue.channels,
            },
            Table {
                id: "exams",
                title: "各考试",
                caption: "各考试收款和退款",
                first: "考试",
                days: false,
                lines: &revenue.exams,
            },
        ]
    }

    /// How many days of channels aren't compared.
    fn open(&self) -> String {
        let count = i64::try_from(self.revenue.open.len()).unwrap_or(i64::MAX);
        crate::show::stopped(count, 1_001)
    }

    /// The first of them.
    fn named(&self) -> &[OpenDay] {
        let open = &self.revenue.open;
        open.get(..NAMED).unwrap_or(open)
    }
}

type Exams = Vec<(i64, String, String)>;

async fn span(desk: &Desk, asked: &Asked) -> PageResult<(Span, Exams)> {
    let exams = payment::exams(&desk.ctx).await.map_err(problem)?;
    let exam = exams
        .iter()
        .find(|(_, public_id, _)| *public_id == asked.exam)
        .map_or(0, |(id, _, _)| *id);
    let to = Date::parse_typed(&asked.to).unwrap_or_else(|| desk.ctx.at.date());
    let from = Date::parse_typed(&asked.from).unwrap_or_else(|| to.plus_days(-DAYS));
    // The other way round is meant the same.
    let (from, to) = (from.min(to), from.max(to));
    let span = Span {
        from,
        to,
        channel: asked.channel.clone(),
        exam_id: exam,
    };
    Ok((span, exams))
}

/// The page.
pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let (span, exams) = span(&desk, &asked).await?;
    let (revenue, wrong) = match reconcile::revenue(&desk.ctx, &span).await {
        Ok(revenue) => (revenue, None),
        Err(app::Error::Fields(errors)) => {
            let message = errors.get("from").unwrap_or("请改日期后再查询").to_owned();
            (Revenue::default(), Some(message))
        }
        Err(other) => return Err(problem(other)),
    };
    let (from, to) = (span.from.to_string(), span.to.to_string());
    let here = Here::new("/office/revenue")
        .with("from", &from)
        .with("to", &to)
        .with("channel", &asked.channel)
        .with("exam", &asked.exam);
    let choices: Vec<(String, String)> = exams
        .into_iter()
        .map(|(_, public_id, title)| (public_id, title))
        .collect();
    let shell = Shell::new(&desk.visit, "收入").with_errors(wrong.is_some());
    let page = Page {
        export: Export::new(&shell, &here),
        filters: Filters::new(&here)
            .date("from", "从", &from)
            .date("to", "到", &to)
            .error("from", wrong.as_deref())
            .select(
                "channel",
                "渠道",
                &asked.channel,
                reconcile::revenue_channels(&desk.ctx),
            )
            .select("exam", "考试", &asked.exam, choices),
        revenue,
        from: span.from,
        to: span.to,
        wrong: wrong.is_some(),
        empty: Empty::new(
            "这段时间没有收入",
            "渠道的收款对过账才会出现在这里，最近的是昨天。换一段时间再查。",
        )
        .icon(web::icon::CHART),
        shell,
    };
    Ok(Html::new(page).into())
}

/// As a file.
pub(super) async fn export(
    desk: Desk,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (span, _) = span(&desk, &asked).await?;
    let copy = reconcile::export_revenue(&desk.ctx, &span, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "收入", taken.format(), copy)
}
