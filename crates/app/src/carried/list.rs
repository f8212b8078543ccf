//! The file as the office looks at it: entries with masked numbers, uploads, problems, a copy to keep.

use db::Crowd;
use domain::exam::carried::{Carried, Counted};
use domain::id_number::{IdDocument, IdType, Typed};
use domain::sheet::Cell;
use serde_json::json;
use vault::Place;

use super::may_look;
use super::store::{self, EntryRow, ImportRow, ProblemRow};
use crate::copy::{CHUNK, Copied, Format, Listing, next, take};
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result};

/// What the list is narrowed to; empty narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The whole name.
    pub name: String,
    /// A level; not together with a name.
    pub level: String,
}

/// A person at one level and specialty.
#[derive(Debug, Clone)]
pub struct Entry {
    /// For the next page.
    pub id: i64,
    /// Line in the file.
    pub line: i64,
    /// 姓名.
    pub name: String,
    /// 证件类型.
    pub id_type: &'static str,
    /// 证件号码, masked.
    pub number: String,
    /// What it says.
    pub carried: Carried,
    /// Passes that count in the exam's year.
    pub counted: Vec<Counted>,
    /// Passes that have run out.
    pub lapsed: Vec<Counted>,
    /// Public id of the account under this document.
    pub account: Option<String>,
}

/// What the file comes to.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The upload that counts.
    pub current: Option<ImportRow>,
    /// All uploads, newest first.
    pub imports: Vec<ImportRow>,
}

fn entry(ctx: &Ctx, exam: &Exam, row: EntryRow) -> Result<Entry> {
    let place = Place {
        table: "carried_entry",
        column: "id_number",
        row: row.id,
    };
    let id_type = IdType::parse(&row.id_type);
    let clear = ctx.app.cipher().open(place, &row.id_number).ok();
    let number = clear
        .as_ref()
        .and_then(|clear| std::str::from_utf8(clear).ok())
        .zip(id_type)
        // The list must go on where one can't be read.
        .map_or_else(
            || "***".to_owned(),
            |(number, id_type)| IdDocument::from_stored(id_type, number).masked(),
        );
    let carried = Carried {
        level: row.level,
        specialty: row.specialty,
        archive_no: row.archive_no,
        holds: row.holds == 1,
        passes: store::passes(&row.passes)?,
    };
    let rule = exam.settings.levels.of(&carried.level);
    let (counted, lapsed) = carried
        .passes
        .iter()
        .map(|pass| Counted {
            pass: pass.clone(),
            last_year: rule.last_year(pass.year),
        })
        .partition(|one| rule.counts(one.pass.year, exam.settings.year));
    Ok(Entry {
        id: row.id,
        line: row.line,
        name: row.name,
        id_type: id_type.map_or("", IdType::label),
        number,
        carried,
        counted,
        lapsed,
        account: row.account,
    })
}

/// The uploads of an exam and the one that counts.
pub async fn figures(ctx: &Ctx, exam: &Exam) -> Result<Figures> {
    may_look(ctx, exam)?;
    let imports = store::imports_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    Ok(Figures {
        current: imports.iter().find(|one| one.state == "current").cloned(),
        imports,
    })
}

/// One upload of an exam.
pub async fn imports(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<ImportRow> {
    may_look(ctx, exam)?;
    store::import_by_public_id(&mut ctx.app.db().read(), exam.id(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// What couldn't be read in an upload.
pub async fn problems(ctx: &Ctx, exam: &Exam, import: &ImportRow) -> Result<Vec<ProblemRow>> {
    may_look(ctx, exam)?;
    Ok(store::problems_of(&mut ctx.app.db().scan(Crowd::Staff), import.id).await?)
}

/// A page of entries of an upload in the order of the file, after this id.
pub async fn entries(
    ctx: &Ctx,
    exam: &Exam,
    import: &ImportRow,
    filter: &Filter,
    (after, limit): (i64, i64),
) -> Result<Vec<Entry>> {
    may_look(ctx, exam)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = if filter.name.is_empty() {
        store::entries_listed(&mut scan, import.id, &filter.level, after, limit).await?
    } else {
        store::entries_named(&mut scan, import.id, &filter.name, after, limit).await?
    };
    rows.into_iter().map(|row| entry(ctx, exam, row)).collect()
}

/// Everything that an upload has under a document's number, whatever its type.
///
/// # Errors
/// `Fields` under `number` for what isn't a number.
pub async fn by_number(
    ctx: &Ctx,
    exam: &Exam,
    import: &ImportRow,
    typed: &str,
) -> Result<Vec<Entry>> {
    may_look(ctx, exam)?;
    let today = ctx.at.date();
    let document = IdType::ALL
        .iter()
        .find_map(|id_type| match IdDocument::parse(*id_type, typed, today) {
            Ok(Typed::Same(document) | Typed::Converted(document)) => Some(document),
            Err(_) => None,
        })
        .ok_or_else(|| Error::field("number", "请填写完整的证件号码"))?;
    let index = ctx
        .app
        .index()
        .index("account.id_number", document.canonical());
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::entries_indexed(&mut scan, import.id, &index).await?;
    rows.into_iter().map(|row| entry(ctx, exam, row)).collect()
}

/// The list under its filter as a file, numbers masked.
pub async fn export(
    ctx: &Ctx,
    exam: &Exam,
    import: &ImportRow,
    filter: &Filter,
    format: Format,
) -> Result<Copied> {
    let list = Entries {
        exam,
        import,
        filter,
    };
    take(ctx, &list, format).await
}

struct Entries<'a> {
    exam: &'a Exam,
    import: &'a ImportRow,
    filter: &'a Filter,
}

impl Listing for Entries<'_> {
    type Row = Entry;
    type Place = i64;
    const NAME: &'static str = "老考生档案";
    const ACTION: &'static str = "carried.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("姓名", 12.0),
        ("证件类型", 16.0),
        ("证件号码", 22.0),
        ("级别", 16.0),
        ("专业", 18.0),
        ("档案号", 18.0),
        ("有效的合格科目", 60.0),
        ("已失效的合格科目", 40.0),
        ("已取得证书", 12.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "carried_import",
            id: self.import.id,
            exam_id: self.exam.id(),
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "version": self.import.version, "level": self.filter.level, "by_name": !self.filter.name.is_empty(),
        })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<Entry>, Option<i64>)> {
        let place = (from.unwrap_or(0), CHUNK);
        let rows = entries(ctx, self.exam, self.import, self.filter, place).await?;
        let next = next(&rows, |row| row.id);
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &Entry) -> Vec<Cell> {
        cells(row)
    }
}

fn cells(row: &Entry) -> Vec<Cell> {
    let listed = |passes: &[Counted]| {
        let texts: Vec<String> = passes
            .iter()
            .map(|one| format!("{}（{}）", one.pass.name, one.pass.when()))
            .collect();
        texts.join("；")
    };
    vec![
        Cell::text(row.name.as_str()),
        Cell::text(row.id_type),
        Cell::text(row.number.as_str()),
        Cell::text(row.carried.level.as_str()),
        Cell::text(row.carried.specialty.as_str()),
        Cell::text(row.carried.archive_no.as_str()),
        Cell::text(listed(&row.counted)),
        Cell::text(listed(&row.lapsed)),
        Cell::text(if row.carried.holds { "是" } else { "否" }),
    ]
}
