//! 级别、专业、科目 as they are typed on a page: a row each, in an order that can be changed.
//!
//! What is typed becomes a table like an uploaded one and goes the same way ([`super::import`]): it is read by the same rules,
//! kept as a workbook, staged and confirmed by one flip, so that the history of tables has it, too.

use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::{ProfessionalTable, Subject};
use domain::field::FieldErrors;
use domain::sheet::Cell;
use serde::Deserialize;

use super::catalogue::{self, Exam};
use super::import::{self, preview};
use super::subjects;
use crate::{Ctx, Error, Result};

/// More subjects than can be typed; larger tables are imported.
const MOST: usize = 120;

/// The rows as typed: a row is the same place of every list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StructureDraft {
    /// The table that was read; another one was somebody else's.
    pub base: i64,
    /// 顺序.
    pub order: Vec<String>,
    /// 级别.
    pub level: Vec<String>,
    /// 专业.
    pub specialty: Vec<String>,
    /// 科目代码.
    pub code: Vec<String>,
    /// 科目.
    pub name: Vec<String>,
    /// Day, `2026-09-12`.
    pub date: Vec<String>,
    /// Start, `09:00`.
    pub starts: Vec<String>,
    /// End on the same day.
    pub ends: Vec<String>,
    /// 收费 in 元.
    pub fee: Vec<String>,
    /// Places of the rows that go.
    pub remove: Vec<String>,
}

impl StructureDraft {
    /// The columns.
    pub const COLUMNS: [(&'static str, &'static str); 9] = [
        ("order", "顺序"),
        ("level", "级别"),
        ("specialty", "专业"),
        ("code", "科目代码"),
        ("name", "科目"),
        ("date", "日期"),
        ("starts", "开始"),
        ("ends", "结束"),
        ("fee", "收费（元）"),
    ];

    /// What is stored.
    pub fn of(exam: &Exam, table: &ProfessionalTable) -> Self {
        let mut draft = Self {
            base: exam.row.positions_batch,
            ..Self::default()
        };
        for (place, subject) in table.subjects.iter().enumerate() {
            draft.order.push(((place + 1) * 10).to_string());
            draft.level.push(subject.level.clone());
            draft.specialty.push(subject.specialty.clone());
            draft.code.push(subject.code.clone());
            draft.name.push(subject.name.clone());
            draft.date.push(subject.starts_at.date().to_string());
            draft.starts.push(subject.starts_at.to_clock());
            draft.ends.push(subject.ends_at.to_clock());
            draft.fee.push(subject.fee.yuan());
        }
        draft
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        let lists = [&self.level, &self.specialty, &self.code, &self.name];
        lists.map(Vec::len).into_iter().max().unwrap_or(0).min(MOST)
    }

    /// A cell; empty where nothing was sent.
    pub fn cell<'a>(&'a self, column: &str, row: &usize) -> &'a str {
        let list = match column {
            "order" => &self.order,
            "level" => &self.level,
            "specialty" => &self.specialty,
            "code" => &self.code,
            "name" => &self.name,
            "date" => &self.date,
            "starts" => &self.starts,
            "ends" => &self.ends,
            _ => &self.fee,
        };
        list.get(*row).map_or("", String::as_str).trim()
    }

    /// The places of the rows that stay, in their new order.
    fn kept(&self) -> Vec<usize> {
        let typed = [
            "level",
            "specialty",
            "code",
            "name",
            "date",
            "starts",
            "ends",
        ];
        let mut kept: Vec<usize> = (0..self.rows())
            .filter(|row| !self.remove.contains(&row.to_string()))
            .filter(|row| {
                typed
                    .iter()
                    .any(|column| !self.cell(column, row).is_empty())
            })
            .collect();
        let order = |row: &usize| {
            let text = domain::sheet::squeezed(self.cell("order", row));
            text.parse::<u32>().unwrap_or(u32::MAX)
        };
        kept.sort_by_key(order);
        kept
    }

    /// The cells of a row as the table has them.
    fn line(&self, row: usize) -> [Cell; 7] {
        let cell = |column| self.cell(column, &row);
        let fee = cell("fee");
        [
            Cell::text(cell("level")),
            Cell::text(cell("specialty")),
            Cell::text(cell("code")),
            Cell::text(cell("name")),
            Cell::text(cell("date")),
            Cell::text(format!("{}-{}", cell("starts"), cell("ends"))),
            Cell::text(if fee.is_empty() { "0" } else { fee }),
        ]
    }
}

/// Columns of the table as a workbook: what the import reads.
const TABLE: [(&str, f64); 7] = [
    ("级别", 16.0),
    ("专业", 20.0),
    ("科目代码", 10.0),
    ("科目", 40.0),
    ("考试日期", 14.0),
    ("考试时间", 16.0),
    ("收费", 10.0),
];

fn workbook(ctx: &Ctx, name: &str, rows: &[[Cell; 7]]) -> Result<Vec<u8>> {
    let xlsx = |e| Error::internal("xlsx", e);
    let columns: Vec<ColumnSpec> = TABLE
        .iter()
        .map(|(title, width)| ColumnSpec::new(*title, *width))
        .collect();
    let mut writer = Writer::new(name, &columns, ctx.at).map_err(xlsx)?;
    for row in rows {
        writer.row(row).map_err(xlsx)?;
    }
    writer.finish().map_err(xlsx)
}

fn line(subject: &Subject) -> [Cell; 7] {
    [
        Cell::text(subject.level.as_str()),
        Cell::text(subject.specialty.as_str()),
        Cell::text(subject.code.as_str()),
        Cell::text(subject.name.as_str()),
        Cell::text(subject.starts_at.date().to_string()),
        Cell::text(format!(
            "{}-{}",
            subject.starts_at.to_clock(),
            subject.ends_at.to_clock()
        )),
        Cell::text(subject.fee.yuan()),
    ]
}

/// 导出 the table as a workbook that can be imported again.
pub async fn export(ctx: &Ctx, exam: &Exam) -> Result<Vec<u8>> {
    let table = subjects(&ctx.app, exam).await?;
    let rows: Vec<[Cell; 7]> = table.subjects.iter().map(line).collect();
    // No line below the table: it can be imported again.
    workbook(ctx, &exam.sheet("科目"), &rows)
}

/// Saves what was typed as the table of a draft.
///
/// # Errors
/// `Fields` under `row<n>` for what can't be read; `Conflict` if another table was confirmed since; `Refused` for an exam
/// that isn't a draft.
pub async fn save(ctx: &Ctx, exam: &Exam, draft: &StructureDraft) -> Result<()> {
    if exam.has_positions() {
        return Err(Error::NotFound);
    }
    if draft.base != exam.row.positions_batch {
        return Err(Error::Conflict("科目表刚被别人改过，请刷新后再改"));
    }
    let kept = draft.kept();
    if kept.is_empty() {
        return Err(Error::field("row0", "请至少填写一个科目"));
    }
    let rows: Vec<[Cell; 7]> = kept.iter().map(|row| draft.line(*row)).collect();
    let bytes = workbook(ctx, "科目", &rows)?;
    let batch = import::upload(ctx, exam, "网页填写.xlsx", &bytes).await?;
    let read = preview(&ctx.app, exam, &batch).await?;
    let mut errors = FieldErrors::new();
    for problem in read.problems.iter().filter(|one| one.severity == "error") {
        // The header is line 1.
        let place = usize::try_from(problem.line - 2).ok();
        let row = place
            .and_then(|place| kept.get(place))
            .copied()
            .unwrap_or(0);
        let text = format!("第 {} 行：{}", row + 1, problem.message);
        errors.add(format!("row{row}"), text);
    }
    if !errors.is_empty() {
        import::discard(ctx, &read.batch).await?;
        return Err(Error::Fields(errors));
    }
    import::confirm(ctx, exam, &read.batch).await
}

/// Gives a new draft the levels, specialties and subjects of another exam, at their old times: the check before publication
/// asks for new ones.
pub(super) async fn copy(ctx: &Ctx, from: &str, to: &str) -> Result<()> {
    let from = super::setup::for_staff(ctx, from).await?;
    if from.has_positions() || from.row.positions_batch == 0 {
        return Ok(());
    }
    let bytes = export(ctx, &from).await?;
    let exam = catalogue::find(&ctx.app, to).await?;
    let name = format!("复制自{}.xlsx", from.row.code);
    let batch = import::upload(ctx, &exam, &name, &bytes).await?;
    let read = preview(&ctx.app, &exam, &batch).await?;
    import::confirm(ctx, &exam, &read.batch).await
}
