//! A queue as a file, within the asker's units, under the filter that the list shows.

use std::collections::HashMap;

use db::Crowd;
use domain::eligibility::Verdict;
use domain::exam::snapshot::Choice;
use domain::id_number::{IdDocument, IdType};
use domain::review::Review;
use domain::sheet::Cell;
use domain::time::Timestamp;
use serde_json::json;
use vault::Place;

use super::Filter;
use super::queue::slice;
use super::scope;
use super::store::{self, QueueRow, Slice};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::exam::Exam;
use crate::{Ctx, Object, Result};

/// Everybody under a filter, the most urgent first, numbers masked.
///
/// # Errors
/// `Forbidden` to who reviews nothing of the exam.
pub async fn export(ctx: &Ctx, exam: &Exam, filter: &Filter, format: Format) -> Result<Copied> {
    let units = scope::units(ctx, exam.id())?;
    let slice = slice(exam, filter, &units);
    take(ctx, &Queue { filter, slice }, format).await
}

struct Queue<'a> {
    filter: &'a Filter,
    /// What the filter means within the asker's units.
    slice: Slice<'a>,
}

impl Listing for Queue<'_> {
    /// With the masked number.
    type Row = (QueueRow, String);
    type Place = (i64, i64);
    const NAME: &'static str = "资格审查";
    const ACTION: &'static str = "review.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("报名序号", 18.0),
        ("姓名", 12.0),
        ("证件号码", 22.0),
        ("报考岗位", 44.0),
        ("审核单位", 24.0),
        ("系统比对", 12.0),
        ("状态", 12.0),
        ("时限", 18.0),
        ("提交时间", 20.0),
        ("曾不通过次数", 12.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "exam",
            id: self.slice.exam_id,
            exam_id: self.slice.exam_id,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "review": self.filter.review.code(), "not": self.filter.other, "verdict": self.filter.verdict,
            "unit": self.filter.unit, "late": self.filter.late.is_some(), "by_name": !self.slice.who.is_empty(),
        })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<Self::Row>, Option<(i64, i64)>)> {
        let from = from.unwrap_or(store::beginning(self.slice.latest));
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = store::queue_page(&mut scan, &self.slice, from, CHUNK).await?;
        let next = next(&rows, |row| (row.review_due, row.id));
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut numbers = numbers(ctx, &ids).await?;
        let rows = rows.into_iter().map(|row| {
            let number = numbers.remove(&row.id).unwrap_or_default();
            (row, number)
        });
        Ok((rows.collect(), next))
    }

    fn cells(&self, _: &Ctx, (row, number): &Self::Row) -> Vec<Cell> {
        let choice = serde_json::from_str::<Choice>(&row.choice);
        let minute = |at: i64| match at {
            ..=0 => Cell::Empty,
            at => Cell::text(Timestamp::from_micros(at).to_local_minute()),
        };
        vec![
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(number.as_str()),
            Cell::text(choice.map(|choice| choice.text()).unwrap_or_default()),
            Cell::text(row.unit.as_str()),
            Cell::text(Verdict::from_code(&row.verdict).map_or("", Verdict::label)),
            Cell::text(Review::from_code(&row.review).map_or("", Review::label)),
            minute(row.review_due),
            second(row.submitted_at),
            Cell::number(row.rejections),
        ]
    }
}

/// The masked numbers of some applicants, by application.
async fn numbers(ctx: &Ctx, applications: &[i64]) -> Result<HashMap<i64, String>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::documents_of(&mut scan, applications).await?;
    let masked = |(application, account, id_type, sealed): (i64, i64, String, Vec<u8>)| {
        let place = Place {
            table: "account",
            column: "id_number",
            row: account,
        };
        let clear = ctx.app.cipher().open(place, &sealed).ok();
        let number = clear
            .as_ref()
            .and_then(|clear| std::str::from_utf8(clear).ok());
        let known = number.zip(IdType::parse(&id_type));
        // The list must go on where one can't be read.
        let text = known.map_or_else(
            || "***".to_owned(),
            |(number, id_type)| IdDocument::from_stored(id_type, number).masked(),
        );
        (application, text)
    };
    Ok(rows.into_iter().map(masked).collect())
}
