//! 导出: what a list shows as a file to keep. Rows are read by key, some hundred at a time, and go to a file as they come, so that
//! neither a read nor the memory grows with the list. Every copy leaves an entry in the trail before it is handed out.
//!
//! Numbers of people are masked as on the pages. There is no copy with clear numbers: what one person looks at for a reason
//! is recorded one by one.

use std::fs::File;
use std::future::Future;
use std::io::{Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db::{Command, DbError, Lane, Tx};
use documents::{csv_file, xlsx};
use domain::sheet::Cell;
use domain::time::Timestamp;

use crate::{Ctx, Error, Object, Result, Stamp};

/// Rows in one file: as many as a large exam has, and half of what a spreadsheet opens.
pub const MOST_ROWS: usize = 500_000;
/// Rows read at once, so that no read stands in the way of others for long.
pub(crate) const CHUNK: i64 = 500;
/// How often a page is asked for before the copy is given up.
const TRIES: u32 = 6;
/// Between the first two tries; one more each time.
const PAUSE: Duration = Duration::from_secs(1);

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A workbook.
    #[default]
    Xlsx,
    /// Comma-separated values in UTF-8.
    Csv,
}

impl Format {
    /// From a form: `csv`, and a workbook for all else.
    pub fn from_code(code: &str) -> Self {
        if code == "csv" { Self::Csv } else { Self::Xlsx }
    }

    /// How its names end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }
}

/// A finished copy.
#[derive(Debug)]
pub struct Copied {
    /// The file, at its beginning. It has no name any more: it is gone when it is closed.
    pub file: File,
    /// Rows in it.
    pub rows: usize,
    /// Whether the list went on.
    pub cut: bool,
}

enum Sheet {
    Xlsx(Box<xlsx::Writer>, File),
    Csv(Box<csv_file::Writer<File>>),
}

/// A copy in the making.
struct Book {
    sheet: Sheet,
    rows: usize,
    cut: bool,
}

impl Book {
    /// A file with these columns: title and width.
    fn new(ctx: &Ctx, format: Format, name: &str, columns: &[(&str, f64)]) -> Result<Self> {
        let file = scratch().map_err(|e| Error::internal("a file for a copy", e))?;
        let sheet = match format {
            Format::Xlsx => {
                let columns: Vec<_> = columns
                    .iter()
                    .map(|(title, width)| xlsx::ColumnSpec::new(*title, *width))
                    .collect();
                let writer = xlsx::Writer::new(name, &columns, ctx.at).map_err(table)?;
                Sheet::Xlsx(Box::new(writer), file)
            }
            Format::Csv => {
                let titles: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
                let writer = csv_file::Writer::over(file, &titles).map_err(table)?;
                Sheet::Csv(Box::new(writer))
            }
        };
        Ok(Self {
            sheet,
            rows: 0,
            cut: false,
        })
    }

    /// The next row; `false` when the file is full: the list goes on and the file says so.
    fn row(&mut self, cells: &[Cell]) -> Result<bool> {
        if self.rows >= MOST_ROWS {
            if !self.cut {
                self.cut = true;
                let said =
                    format!("已到 {MOST_ROWS} 行，后面的没有导出。请缩小筛选范围，分几次导出。");
                self.write(&[Cell::text(said)])?;
            }
            return Ok(false);
        }
        self.rows += 1;
        self.write(cells)?;
        Ok(true)
    }

    fn write(&mut self, cells: &[Cell]) -> Result<()> {
        match &mut self.sheet {
            Sheet::Xlsx(writer, _) => writer.row(cells).map_err(table),
            Sheet::Csv(writer) => writer.row(cells).map_err(table),
        }
    }

    /// Writes down who took what, and gives the file out. `detail` holds the filter, nothing of any person.
    async fn finish(
        self,
        ctx: &Ctx,
        action: &'static str,
        object: Object,
        mut detail: serde_json::Value,
    ) -> Result<Copied> {
        let (rows, cut) = (self.rows, self.cut);
        let file = match self.sheet {
            Sheet::Xlsx(writer, file) => {
                let into = file
                    .try_clone()
                    .map_err(|e| Error::internal("a file for a copy", e))?;
                writer.finish_into(into).map_err(table)?;
                file
            }
            Sheet::Csv(writer) => writer.done().map_err(table)?,
        };
        let mut file = file;
        file.seek(SeekFrom::Start(0))
            .map_err(|e| Error::internal("a file for a copy", e))?;
        if let Some(detail) = detail.as_object_mut() {
            detail.insert("rows".into(), rows.into());
            detail.insert("cut".into(), cut.into());
        }
        let record = Record {
            stamp: Stamp::of(ctx),
            action,
            object,
            detail,
        };
        ctx.app.db().write(Lane::Interactive, record).await?;
        Ok(Copied { file, rows, cut })
    }
}

fn table(error: documents::DocumentError) -> Error {
    Error::internal("write a table", error)
}

/// A file that nobody else may read and that has no name: it goes when it is closed, whatever happens.
pub(crate) fn scratch() -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut tries = 0;
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("baokao-{}-{number}.tmp", std::process::id()));
        let made = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match made {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            // Left behind by a process of the same number that was stopped in between.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && tries < 100 => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Some rows, and where the list goes on.
pub(crate) type Paged<R, P> = Result<(Vec<R>, Option<P>)>;

/// A list that can be taken away as a file: what each list says of itself, so that all are masked, bounded, cut at the same
/// place and written down in the same way.
pub(crate) trait Listing: Sync {
    /// A row.
    type Row: Send + Sync;
    /// Where a page begins: what the list's own pages go on by.
    type Place: Clone + Send;
    /// The sheet's name.
    const NAME: &'static str;
    /// Titles and widths.
    const COLUMNS: &'static [(&'static str, f64)];
    /// What the trail calls it: `payment.export`.
    const ACTION: &'static str;

    /// What the copy is of.
    fn object(&self) -> Object;

    /// The filter, for the trail: nothing of any person.
    fn filter(&self) -> serde_json::Value;

    /// The rows from a place on ([`CHUNK`] of them), and where it goes on. The first thing that it does is to ask for the
    /// permission.
    fn page(
        &self,
        ctx: &Ctx,
        from: Option<Self::Place>,
    ) -> impl Future<Output = Paged<Self::Row, Self::Place>> + Send;

    /// A row's cells, as many as there are columns. Numbers of people are masked.
    fn cells(&self, ctx: &Ctx, row: &Self::Row) -> Vec<Cell>;
}

/// Writes a list to a file, page by page, and writes down who took it. A caller that goes away ends it at the next page.
pub(crate) async fn take<L: Listing>(ctx: &Ctx, list: &L, format: Format) -> Result<Copied> {
    let exam_id = list.object().exam_id;
    let rehearsal = exam_id != 0
        && crate::exam::find_by_id(&ctx.app, exam_id)
            .await?
            .is_rehearsal();
    let name = if rehearsal {
        format!("演练 {}", L::NAME)
    } else {
        L::NAME.to_owned()
    };
    let mut book = Book::new(ctx, format, &name, L::COLUMNS)?;
    let mut from = None;
    let mut patience = Patience::default();
    'pages: loop {
        let (rows, next) = match list.page(ctx, from.clone()).await {
            Ok(page) => page,
            Err(error) => {
                tokio::time::sleep(patience.bear(error)?).await;
                continue;
            }
        };
        patience = Patience::default();
        for row in &rows {
            if !book.row(&list.cells(ctx, row))? {
                break 'pages;
            }
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    if rehearsal {
        book.write(&[Cell::text(domain::rehearsal::PAPER)])?;
    }
    let mut filter = list.filter();
    if let Some(filter) = filter.as_object_mut() {
        filter.insert("format".into(), format.ending().into());
    }
    book.finish(ctx, L::ACTION, list.object(), filter).await
}

/// How often a page has been asked for in vain: one slow page of a thousand isn't to lose the others.
#[derive(Debug, Default)]
struct Patience(u32);

impl Patience {
    /// For how long to wait until the page is asked for again; the error, if it isn't one that waiting mends, or has been waited
    /// for long enough.
    fn bear(&mut self, error: Error) -> Result<Duration> {
        self.0 += 1;
        match error {
            Error::Db(DbError::TooSlow) | Error::Busy(_) if self.0 < TRIES => Ok(PAUSE * self.0),
            error => Err(error),
        }
    }
}

/// Where a list goes on behind these rows: nowhere, if they are fewer than were asked for.
pub(crate) fn next<R, P>(rows: &[R], place: impl Fn(&R) -> P) -> Option<P> {
    let full = i64::try_from(rows.len()).is_ok_and(|len| len >= CHUNK);
    rows.last().filter(|_| full).map(place)
}

/// An instant in a cell: `2026-03-18 09:42:05`, nothing for 0.
pub(crate) fn second(at: i64) -> Cell {
    if at <= 0 {
        return Cell::Empty;
    }
    Cell::text(Timestamp::from_micros(at).to_local_second())
}

struct Record {
    stamp: Stamp,
    action: &'static str,
    object: Object,
    detail: serde_json::Value,
}

impl Command for Record {
    const NAME: &'static str = "list.export";
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
    fn a_page_that_was_too_slow_is_asked_for_again_but_not_for_ever() {
        let slow = || Error::Db(DbError::TooSlow);
        let mut patience = Patience::default();
        let waits: Vec<u64> = (1..TRIES)
            .map(|_| patience.bear(slow()).unwrap().as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 3, 4, 5]);
        let given_up = patience.bear(slow());
        assert!(matches!(given_up, Err(Error::Db(DbError::TooSlow))));
        let busy = Patience::default().bear(Error::Busy(Duration::from_secs(9)));
        assert_eq!(busy.unwrap(), PAUSE);
        // What no waiting mends is told at once.
        let refused = Patience::default().bear(Error::Forbidden);
        assert!(matches!(refused, Err(Error::Forbidden)));
    }

    #[test]
    fn a_file_for_a_copy_has_no_name() {
        let before = std::fs::read_dir(std::env::temp_dir()).unwrap().count();
        let mut file = scratch().unwrap();
        std::io::Write::write_all(&mut file, b"x").unwrap();
        let own = format!("baokao-{}-", std::process::id());
        let names = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        let left = names
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&own))
            .count();
        assert_eq!(left, 0, "of {before}");
    }
}
