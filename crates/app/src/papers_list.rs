//! A list as one PDF to sign and to hang out: the same rows, the same permission and the same masks as its copy ([`crate::copy`]), so that
//! what can be taken away as a table can be printed.

use db::{Command, Lane, Tx};
use documents::listing::{self, Table};
use documents::{Field, Imprint};
use serde_json::json;

use crate::copy::Listing;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp, paper, staff};

/// Rows on one paper: some hundred pages, and a few seconds of the typesetter.
const MOST_ROWS: usize = 3_000;

/// What a paper has beside the rows.
pub(crate) struct Paper<'a> {
    /// `成绩册`.
    pub(crate) heading: &'a str,
    /// The exam.
    pub(crate) exam: &'a Exam,
    /// What the trail calls the printing: `score.paper`.
    pub(crate) action: &'static str,
    /// Facts above the rows.
    pub(crate) fields: Vec<Field>,
    /// Notes below them.
    pub(crate) notes: Vec<String>,
    /// Who signs.
    pub(crate) signatures: &'static [&'static str],
    /// The column whose change begins a new table; it stands above the table then, and not in it.
    pub(crate) break_by: Option<usize>,
}

/// Sets a list. Each printing is recorded before the paper is handed out.
///
/// # Errors
/// `Refused` for a list without rows and for one that is too long for a paper; what the list itself refuses.
pub(crate) async fn print<L: Listing>(ctx: &Ctx, list: &L, paper: Paper<'_>) -> Result<Vec<u8>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut from = None;
    loop {
        let (page, next) = list.page(ctx, from).await?;
        for row in &page {
            let cells = list.cells(ctx, row);
            rows.push(cells.iter().map(|cell| cell.raw().to_owned()).collect());
        }
        if rows.len() > MOST_ROWS {
            return Err(Error::refused(
                "too_many_rows",
                "内容太多",
                format!("一份打印件最多 {MOST_ROWS} 行，请缩小范围后分几次打印，或者导出表格。"),
            ));
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    if rows.is_empty() {
        return Err(Error::refused(
            "no_rows",
            "没有可以打印的内容",
            "这个范围内没有任何记录，请核对后重新选择。",
        ));
    }
    record(ctx, list, &paper, rows.len()).await?;
    let who = staff::name_of(ctx, ctx.actor.id()).await?;
    let sheet = listing::Listing {
        heading: paper.heading.to_owned(),
        exam: paper.exam.title().to_owned(),
        fields: paper.fields,
        tables: tables(L::NAME, L::COLUMNS, rows, paper.break_by),
        notes: paper.notes,
        signatures: paper
            .signatures
            .iter()
            .map(|one| (*one).to_owned())
            .collect(),
        issuer: paper.exam.settings.organizer.clone(),
        footer: format!("{who} 打印于 {}", ctx.at.to_local_minute()),
    };
    let imprint = Imprint::new(paper.exam.public_id(), ctx.at).of_exam(paper.exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        listing::render(engine, &sheet, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}

/// One table, or one for each run of rows that are alike in a column.
fn tables(
    name: &str,
    columns: &[(&str, f64)],
    rows: Vec<Vec<String>>,
    break_by: Option<usize>,
) -> Vec<Table> {
    let kept = || {
        columns
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != break_by)
            .map(|(_, column)| column)
    };
    let empty = |title: String| Table {
        title,
        columns: kept().map(|(title, _)| (*title).to_owned()).collect(),
        widths: kept().map(|(_, width)| whole(*width)).collect(),
        rows: Vec::new(),
    };
    let mut tables: Vec<Table> = Vec::new();
    for mut row in rows {
        let title = match break_by.filter(|at| *at < row.len()) {
            Some(at) => row.remove(at),
            None => name.to_owned(),
        };
        match tables.last_mut().filter(|table| table.title == title) {
            Some(table) => table.rows.push(row),
            None => {
                let mut table = empty(title);
                table.rows.push(row);
                tables.push(table);
            }
        }
    }
    tables
}

/// A width of a sheet's column as the paper weighs it.
fn whole(width: f64) -> u32 {
    (1..=u32::from(u8::MAX))
        .take_while(|n| f64::from(*n) <= width)
        .last()
        .unwrap_or(1)
}

async fn record<L: Listing>(ctx: &Ctx, list: &L, paper: &Paper<'_>, rows: usize) -> Result<()> {
    let mut detail = list.filter();
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("paper".into(), json!(paper.heading));
        detail.insert("rows".into(), json!(rows));
    }
    let command = Record {
        stamp: Stamp::of(ctx),
        action: paper.action,
        object: list.object(),
        detail,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Record {
    stamp: Stamp,
    action: &'static str,
    object: Object,
    detail: serde_json::Value,
}

impl Command for Record {
    const NAME: &'static str = "list.print";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let detail = self.detail.clone();
        self.stamp
            .trail()
            .audit(tx, self.action, self.object, detail)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_changes_begins_a_table_and_stands_above_it() {
        let columns = [("考场", 8.4), ("姓名", 12.0)];
        let row = |room: &str, name: &str| vec![room.to_owned(), name.to_owned()];
        let rows = vec![row("001", "甲"), row("001", "乙"), row("002", "丙")];
        let split = tables("成绩", &columns, rows.clone(), Some(0));
        let titles: Vec<&str> = split.iter().map(|table| table.title.as_str()).collect();
        assert_eq!(titles, ["001", "002"]);
        assert_eq!(split[0].columns, ["姓名"]);
        assert_eq!((split[0].rows.len(), split[0].widths[0]), (2, 12));
        let one = tables("成绩", &columns, rows, None);
        assert_eq!((one.len(), one[0].title.as_str()), (1, "成绩"));
        assert_eq!((one[0].columns.len(), one[0].widths[0]), (2, 8));
        assert_eq!(one[0].rows[2], ["002", "丙"]);
    }
}
