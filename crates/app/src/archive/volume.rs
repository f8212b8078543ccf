//! One file of an exam's file after the other: the next rows or pictures of a section, up to a size that stands in memory.

use db::Crowd;
use documents::bundle::Bundle;
use documents::xlsx::{ColumnSpec, Writer};
use domain::archive::Section;
use domain::exam::ExamSettings;
use domain::money::Fen;
use domain::payment::{OrderState, RefundReason, RefundState};
use domain::sheet::Cell;
use domain::time::Timestamp;

use super::file_store as store;
use super::lines;
use super::store::ArchiveRow;
use crate::application::{self, ApplicationRow};
use crate::exam::change::words;
use crate::exam::{self, Exam, export, positions};
use crate::{Ctx, Error, Result, object, photo};

/// Rows of one workbook: what people still open.
const BOOK_ROWS: i64 = 20_000;
/// Bytes of one bundle.
const BUNDLE_BYTES: usize = 24 * 1024 * 1024;
/// Applicants read at once.
const PAGE: i64 = 200;
/// Entries of the trail looked at once.
const ENTRIES: i64 = 2_000;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ZIP: &str = "application/zip";

/// A file, not stored yet.
pub(super) struct Volume {
    /// What its name ends with; the name itself is made of section and number.
    pub(super) ending: &'static str,
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Rows or files in it.
    pub(super) entries: i64,
}

/// What came of one step.
pub(super) struct Made {
    /// Nothing where the section has nothing (more).
    pub(super) volume: Option<Volume>,
    /// Where to go on in the section; `None` when it is over.
    pub(super) next: Option<String>,
}

impl Made {
    fn over(volume: Option<Volume>) -> Self {
        Self { volume, next: None }
    }
}

/// The next file of a section after `row.reached`. The contents are made elsewhere: they need the digests of the rest.
pub(super) async fn make(
    ctx: &Ctx,
    exam: &Exam,
    section: Section,
    row: &ArchiveRow,
) -> Result<Made> {
    let reached = row.reached.as_str();
    match section {
        Section::Settings => settings(ctx, exam).await,
        Section::Notices => notices(ctx, exam).await,
        Section::Table => table(ctx, exam).await,
        Section::Roster
        | Section::Reviews
        | Section::Waivers
        | Section::Documents
        | Section::Seats
        | Section::Scores => people(ctx, exam, section, reached).await,
        Section::Payments => payments(ctx, exam, reached).await,
        Section::Log => log(ctx, exam, reached).await,
        Section::Forms | Section::Photos | Section::Attachments => {
            bundles(ctx, exam, section, reached).await
        }
        Section::Contents => Ok(Made::over(None)),
    }
}

/// A workbook in the making.
struct Book {
    writer: Writer,
    rows: i64,
    /// It ends with the mark of a rehearsal.
    rehearsal: bool,
}

impl Book {
    fn new(ctx: &Ctx, exam: &Exam, section: Section, columns: &[(&str, f64)]) -> Result<Self> {
        let columns: Vec<ColumnSpec> = columns
            .iter()
            .map(|(title, width)| ColumnSpec::new(*title, *width))
            .collect();
        let name = exam.sheet(section.label());
        let writer = Writer::new(&name, &columns, ctx.at).map_err(broken)?;
        Ok(Self {
            writer,
            rows: 0,
            rehearsal: exam.is_rehearsal(),
        })
    }

    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        self.rows += 1;
        self.writer.row(cells).map_err(broken)
    }

    /// The file, or nothing where no row was written.
    fn volume(mut self) -> Result<Option<Volume>> {
        if self.rows == 0 {
            return Ok(None);
        }
        if self.rehearsal {
            self.writer
                .row(&[Cell::text(domain::rehearsal::PAPER)])
                .map_err(broken)?;
        }
        Ok(Some(Volume {
            ending: "xlsx",
            media_type: XLSX,
            entries: self.rows,
            bytes: self.writer.finish().map_err(broken)?,
        }))
    }
}

fn broken(error: documents::DocumentError) -> Error {
    Error::internal("write a file of the archive", error)
}

fn second(at: i64) -> Cell {
    Cell::text(Timestamp::from_micros(at).to_local_second())
}

fn second_or_none(at: Option<i64>) -> Cell {
    at.map_or(Cell::Empty, second)
}

/// Every version of the settings in words: the first whole, of the later ones what changed.
async fn settings(ctx: &Ctx, exam: &Exam) -> Result<Made> {
    let columns = [
        ("版本", 8.0),
        ("时间", 20.0),
        ("修改人", 14.0),
        ("原因", 40.0),
        ("项目", 40.0),
        ("原来的值", 50.0),
        ("值", 50.0),
    ];
    let mut book = Book::new(ctx, exam, Section::Settings, &columns)?;
    let mut before = Vec::new();
    for row in store::settings(&mut ctx.app.db().scan(Crowd::System), exam.id()).await? {
        let settings = ExamSettings::from_json(&row.settings)
            .map_err(|e| Error::internal("exam_settings.settings", e))?;
        let now = words::lines(exam.title(), &settings);
        let who = row.who.unwrap_or_else(|| "系统".to_owned());
        for change in words::diff(&before, &now) {
            book.row(&[
                Cell::number(row.version),
                second(row.changed_at),
                Cell::text(who.as_str()),
                Cell::text(row.reason.as_str()),
                Cell::text(change.field),
                Cell::text(change.old),
                Cell::text(change.new),
            ])?;
        }
        before = now;
    }
    Ok(Made::over(book.volume()?))
}

/// The announcements as one page that any browser opens.
async fn notices(ctx: &Ctx, exam: &Exam) -> Result<Made> {
    let rows = store::notices(&mut ctx.app.db().scan(Crowd::System), exam.id()).await?;
    if rows.is_empty() {
        return Ok(Made::over(None));
    }
    let title = escaped(exam.title());
    let mut page = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title} 公告</title></head><body><h1>{title}</h1>"
    );
    for row in &rows {
        let at = Timestamp::from_micros(row.publish_at).to_local_minute();
        let gone = if row.state == "withdrawn" {
            "（已撤回）"
        } else {
            ""
        };
        let head = escaped(&row.title);
        // The body was sanitised when it was saved.
        page.push_str(&format!(
            "<article><h2>{head}{gone}</h2><p>{at}</p>{}</article><hr>",
            row.body
        ));
    }
    page.push_str("</body></html>");
    Ok(Made::over(Some(Volume {
        ending: "html",
        media_type: "text/html",
        bytes: page.into_bytes(),
        entries: i64::try_from(rows.len()).unwrap_or(i64::MAX),
    })))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

async fn table(ctx: &Ctx, exam: &Exam) -> Result<Made> {
    if exam.has_positions() {
        let entries = positions::table(&ctx.app, exam).await?.items().len();
        if entries == 0 {
            return Ok(Made::over(None));
        }
        return Ok(Made::over(Some(Volume {
            ending: "xlsx",
            media_type: XLSX,
            bytes: export::positions_xlsx(ctx, exam, &positions::Filter::default()).await?,
            entries: i64::try_from(entries).unwrap_or(i64::MAX),
        })));
    }
    let columns = [
        ("级别", 16.0),
        ("专业", 24.0),
        ("科目代码", 12.0),
        ("科目", 30.0),
        ("开始时间", 20.0),
        ("结束时间", 20.0),
        ("收费（元）", 12.0),
    ];
    let mut book = Book::new(ctx, exam, Section::Table, &columns)?;
    for row in exam::subject_rows(&mut ctx.app.db().scan(Crowd::System), exam.id()).await? {
        book.row(&[
            Cell::text(row.level),
            Cell::text(row.specialty),
            Cell::text(row.code),
            Cell::text(row.name),
            second(row.starts_at),
            second(row.ends_at),
            Cell::text(Fen::new(row.fee).yuan()),
        ])?;
    }
    Ok(Made::over(book.volume()?))
}

/// The next applicants of an exam, in the order of their numbers.
async fn applicants(ctx: &Ctx, exam: &Exam, after: &str) -> Result<Vec<ApplicationRow>> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    Ok(application::store::applications_after(&mut scan, exam.id(), after, PAGE).await?)
}

/// A table with rows for each applicant.
async fn people(ctx: &Ctx, exam: &Exam, section: Section, reached: &str) -> Result<Made> {
    let mut book = Book::new(ctx, exam, section, lines::columns(section))?;
    let mut after = reached.to_owned();
    loop {
        let page = applicants(ctx, exam, &after).await?;
        let Some(last) = page.last() else {
            return Ok(Made::over(book.volume()?));
        };
        after.clone_from(&last.registration_no);
        for one in &page {
            for line in lines::of(ctx, exam, section, one).await? {
                book.row(&line)?;
            }
        }
        if book.rows >= BOOK_ROWS {
            return Ok(Made {
                volume: book.volume()?,
                next: Some(after),
            });
        }
    }
}

async fn payments(ctx: &Ctx, exam: &Exam, reached: &str) -> Result<Made> {
    let columns = [
        ("缴费单号", 22.0),
        ("报名序号", 18.0),
        ("姓名", 12.0),
        ("金额（元）", 12.0),
        ("状态", 12.0),
        ("渠道", 12.0),
        ("渠道流水号", 32.0),
        ("开单时间", 20.0),
        ("支付时间", 20.0),
        ("退款单号", 22.0),
        ("退款金额（元）", 12.0),
        ("退款状态", 12.0),
        ("退款原因", 30.0),
        ("退款时间", 20.0),
    ];
    let mut book = Book::new(ctx, exam, Section::Payments, &columns)?;
    let mut after = reached.parse().unwrap_or(0);
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let page = store::orders(&mut scan, exam.id(), after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(Made::over(book.volume()?));
        };
        after = last.id;
        for row in &page {
            let order = [
                Cell::text(row.order_no.as_str()),
                Cell::text(row.registration_no.as_str()),
                Cell::text(row.name.as_str()),
                Cell::text(Fen::new(row.amount).yuan()),
                Cell::text(OrderState::from_code(&row.state).map_or("", OrderState::label)),
                Cell::text(row.channel.as_deref().unwrap_or_default()),
                Cell::text(row.channel_no.as_deref().unwrap_or_default()),
                second(row.created_at),
                second_or_none(row.paid_at),
            ];
            let refunds = store::refunds(&mut scan, row.id).await?;
            if refunds.is_empty() {
                book.row(&order)?;
            }
            for refund in refunds {
                let reason = RefundReason::from_code(&refund.reason);
                let reason = reason.map_or(refund.reason, |known| known.label().to_owned());
                let mut line = order.to_vec();
                line.extend([
                    Cell::text(refund.refund_no),
                    Cell::text(Fen::new(refund.amount).yuan()),
                    Cell::text(
                        RefundState::from_code(&refund.state).map_or("", RefundState::label),
                    ),
                    Cell::text(reason),
                    second(refund.finished_at.unwrap_or(refund.created_at)),
                ]);
                book.row(&line)?;
            }
        }
        if book.rows >= BOOK_ROWS {
            return Ok(Made {
                volume: book.volume()?,
                next: Some(after.to_string()),
            });
        }
    }
}

/// The trail of the exam. Ids grow with time, so what is older than the exam itself isn't looked at.
async fn log(ctx: &Ctx, exam: &Exam, reached: &str) -> Result<Made> {
    let columns = [
        ("时间", 20.0),
        ("操作人类别", 12.0),
        ("操作人", 16.0),
        ("动作代码", 28.0),
        ("对象", 20.0),
        ("对象编号", 22.0),
        ("内容", 80.0),
    ];
    let mut book = Book::new(ctx, exam, Section::Log, &columns)?;
    let mut after = reached.parse().unwrap_or_else(|_| exam.id() - 1);
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let page = store::entries(&mut scan, after, ENTRIES).await?;
        let Some(last) = page.last() else {
            return Ok(Made::over(book.volume()?));
        };
        after = last.id;
        for row in page.iter().filter(|row| row.exam_id == exam.id()) {
            let kind = match row.actor_kind.as_str() {
                "staff" => "工作人员",
                "candidate" => "考生",
                "gateway" => "渠道",
                "system" => "系统",
                _ => "未登录",
            };
            let who = row.who.clone().unwrap_or_else(|| row.actor_id.to_string());
            book.row(&[
                second(row.at),
                Cell::text(kind),
                Cell::text(who),
                Cell::text(row.action.as_str()),
                Cell::text(row.object_kind.as_str()),
                Cell::text(row.object_id.to_string()),
                Cell::text(row.detail.as_str()),
            ])?;
        }
        if book.rows >= BOOK_ROWS {
            return Ok(Made {
                volume: book.volume()?,
                next: Some(after.to_string()),
            });
        }
    }
}

/// Files of applicants, packed.
async fn bundles(ctx: &Ctx, exam: &Exam, section: Section, reached: &str) -> Result<Made> {
    let mut bundle = Bundle::new();
    let mut after = reached.to_owned();
    let mut next = None;
    'pages: loop {
        let page = applicants(ctx, exam, &after).await?;
        if page.is_empty() {
            break;
        }
        for one in &page {
            for (name, bytes) in entries(ctx, section, one).await? {
                bundle.put(&name, &bytes).map_err(broken)?;
            }
            after.clone_from(&one.registration_no);
            if bundle.bytes() >= BUNDLE_BYTES {
                next = Some(after);
                break 'pages;
            }
        }
    }
    if bundle.entries() == 0 {
        return Ok(Made { volume: None, next });
    }
    let volume = Volume {
        ending: "zip",
        media_type: ZIP,
        entries: i64::try_from(bundle.entries()).unwrap_or(i64::MAX),
        bytes: bundle.finish().map_err(broken)?,
    };
    Ok(Made {
        volume: Some(volume),
        next,
    })
}

/// The files of one applicant. One that is gone (an account that was closed) is left out, never an error.
async fn entries(
    ctx: &Ctx,
    section: Section,
    one: &ApplicationRow,
) -> Result<Vec<(String, Vec<u8>)>> {
    let stem = format!("{} {}", one.registration_no, file_name(&one.name));
    match section {
        Section::Forms => {
            let view = application::view(ctx, one.clone()).await?;
            let kept = application::kept(&ctx.app, one).await?;
            let pdf = application::archive_pdf(ctx, &view, &kept).await?;
            Ok(vec![(format!("{stem}.pdf"), pdf)])
        }
        Section::Photos => {
            match photo::of_application(&ctx.app, one.account_id, one.photo_id).await {
                Ok(file) => Ok(vec![(format!("{stem}.jpg"), file.bytes)]),
                Err(Error::NotFound) => Ok(Vec::new()),
                Err(error) => Err(error),
            }
        }
        _ => {
            let rows = store::attachments(&mut ctx.app.db().scan(Crowd::System), one.id).await?;
            let mut files = Vec::new();
            for (number, row) in (1..).zip(rows) {
                let file = object::read(&ctx.app, row.object_id).await?;
                let name = file_name(&row.file_name);
                files.push((format!("{stem}/{number:02} {name}"), file.bytes));
            }
            Ok(files)
        }
    }
}

/// A name that any file system takes.
pub(super) fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .take(80)
        .collect();
    kept.trim_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_lead_nowhere() {
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("毕业证:正面?.jpg "), "毕业证_正面_.jpg");
        assert_eq!(file_name("买买提·吐尔逊"), "买买提·吐尔逊");
    }
}
