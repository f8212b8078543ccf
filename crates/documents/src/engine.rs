//! typst as a library: fixed virtual files, no file system, no packages, no clock.
//!
//! typst never forgets a path (its file ids are 16 bits, for the life of the process), so every document uses the
//! same few virtual paths and only the bytes behind them change.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::{fmt, fs};

use domain::rehearsal::{PAPER, is_titled};
use domain::time::Timestamp;
use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::{DocumentError, Fault, Fonts, fault, text};

/// The papers, and the template that each comes with.
const BUILT_IN: [(&str, &str); 15] = [
    ("base", include_str!("../templates/base.typ")),
    ("room", include_str!("../templates/room.typ")),
    ("ticket", include_str!("../templates/ticket.typ")),
    (
        "registration_form",
        include_str!("../templates/registration_form.typ"),
    ),
    ("receipt", include_str!("../templates/receipt.typ")),
    ("score_sheet", include_str!("../templates/score_sheet.typ")),
    ("activation", include_str!("../templates/activation.typ")),
    ("room_list", include_str!("../templates/room_list.typ")),
    ("room_label", include_str!("../templates/room_label.typ")),
    ("room_bag", include_str!("../templates/room_bag.typ")),
    ("room_record", include_str!("../templates/room_record.typ")),
    ("room_table", include_str!("../templates/room_table.typ")),
    (
        "room_tickets",
        include_str!("../templates/room_tickets.typ"),
    ),
    ("listing", include_str!("../templates/listing.typ")),
    ("door_slip", include_str!("../templates/door_slip.typ")),
];

/// Largest template that an operator may bring, in bytes.
const LARGEST_TEMPLATE: u64 = 256 * 1024;
/// How many documents long typst keeps what it worked out for an earlier one.
const CACHE_AGE: usize = 10;
/// Most pictures of one document: those of twenty rooms, and some more.
pub const MOST_PICTURES: usize = 640;

/// How a JPEG begins.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];

/// A finished document.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Number of its pages.
    pub pages: usize,
}

impl fmt::Debug for Pdf {
    /// Sizes only: what is printed on it is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pdf({} pages, {} bytes)", self.pages, self.bytes.len())
    }
}

/// What identifies one printing of a document, so that the same input always gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    /// Names the document for ever (its public id), never a person.
    pub ident: String,
    /// When it was made.
    pub at: Timestamp,
    /// Whose own templates apply: the exam's code; empty for the common ones.
    pub scope: String,
    /// A template in place of the one that would apply.
    pub template: Option<Arc<str>>,
}

impl Imprint {
    /// An imprint with the common templates.
    pub fn new(ident: impl Into<String>, at: Timestamp) -> Self {
        Self {
            ident: ident.into(),
            at,
            scope: String::new(),
            template: None,
        }
    }

    /// The same with the templates of one exam, where it has some.
    #[must_use]
    pub fn of_exam(mut self, code: impl Into<String>) -> Self {
        self.scope = code.into();
        self
    }

    /// The same set by this template, if there is one.
    #[must_use]
    pub fn with_template(mut self, template: Option<Arc<str>>) -> Self {
        self.template = template;
        self
    }

    fn created(&self) -> Option<typst_pdf::Timestamp> {
        let utc = jiff::tz::Offset::UTC
            .to_datetime(jiff::Timestamp::from_microsecond(self.at.micros()).ok()?);
        let part = |number: i8| u8::try_from(number).ok();
        let datetime = Datetime::from_ymd_hms(
            i32::from(utc.year()),
            part(utc.month())?,
            part(utc.day())?,
            part(utc.hour())?,
            part(utc.minute())?,
            part(utc.second())?,
        )?;
        Some(typst_pdf::Timestamp::new_utc(datetime))
    }
}

/// The templates: built in, and an operator's own for all exams or for one.
#[derive(Clone, Default)]
pub struct Templates {
    /// By scope (an exam's code, or empty) and name.
    own: BTreeMap<(String, String), String>,
}

impl Templates {
    /// The built-in templates alone.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Takes `<folder>/ticket.typ` in place of the built-in ticket, and `<folder>/<exam code>/ticket.typ` for one exam.
    ///
    /// # Errors
    /// [`DocumentError::Template`] for an unreadable or oversized file, or one whose name no paper has.
    pub fn with_folder(folder: &Path) -> Result<Self, DocumentError> {
        let mut templates = Self::default();
        for entry in listed(folder)? {
            if entry.is_dir() {
                let scope = entry
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                for file in listed(&entry)? {
                    templates.take(&scope, &file)?;
                }
            } else {
                templates.take("", &entry)?;
            }
        }
        Ok(templates)
    }

    /// Sets one template from its text.
    ///
    /// # Errors
    /// [`DocumentError::Template`] for a name that no paper has.
    pub fn set(&mut self, scope: &str, name: &str, text: String) -> Result<(), DocumentError> {
        if !BUILT_IN.iter().any(|(known, _)| *known == name) {
            return Err(DocumentError::Template(format!("没有名为 {name} 的打印件")));
        }
        self.own.insert((scope.to_owned(), name.to_owned()), text);
        Ok(())
    }

    fn take(&mut self, scope: &str, path: &Path) -> Result<(), DocumentError> {
        let wrong = |why: String| DocumentError::Template(format!("{}：{why}", path.display()));
        if path.extension().is_none_or(|extension| extension != "typ") {
            return Ok(());
        }
        let size = fs::metadata(path)
            .map_err(|error| wrong(error.to_string()))?
            .len();
        if size > LARGEST_TEMPLATE {
            return Err(wrong("文件过大".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        self.set(scope, &name, text)
    }

    fn find(&self, scope: &str, name: &str) -> &str {
        let own = |scope: &str| self.own.get(&(scope.to_owned(), name.to_owned()));
        own(scope).or_else(|| own("")).map_or_else(
            || {
                BUILT_IN
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map_or("", |(_, text)| *text)
            },
            String::as_str,
        )
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.own.keys()).finish()
    }
}

fn listed(folder: &Path) -> Result<Vec<std::path::PathBuf>, DocumentError> {
    let wrong =
        |error: std::io::Error| DocumentError::Template(format!("{}：{error}", folder.display()));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// One document to set.
pub(crate) struct Job<'a> {
    /// Name of its template.
    pub template: &'static str,
    /// Title in the PDF and in messages.
    pub title: String,
    /// Who issues it.
    pub issuer: String,
    /// Small print at the foot.
    pub footer: String,
    /// What the template reads as `/data.json`; an object.
    pub data: Value,
    /// JPEG of the photo.
    pub photo: Option<&'a [u8]>,
    /// SVG of the Code 128.
    pub bar: Option<String>,
    /// SVG of the QR code.
    pub qr: Option<String>,
    /// Whether it must fit on one page.
    pub one_page: bool,
    /// Whether assistive technology gets a structure; costs size in long lists.
    pub tagged: bool,
}

/// The typesetter. Build one at start and share it; clones are cheap.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    fonts: Fonts,
    families: Vec<String>,
    book: LazyHash<FontBook>,
    library: LazyHash<Library>,
    templates: Templates,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("fonts", &self.shared.fonts)
            .field("templates", &self.shared.templates)
            .finish()
    }
}

/// The only paths that exist for a template.
struct Paths {
    main: FileId,
    base: FileId,
    room: FileId,
    data: FileId,
    photo: FileId,
    bar: FileId,
    qr: FileId,
    /// `/p/0`, `/p/1` and so on: the pictures of a paper that has many. All are known from the beginning, so that typst's file
    /// ids never run out.
    pictures: HashMap<FileId, usize>,
}

/// `None` only if typst refused a constant path.
static PATHS: LazyLock<Option<Paths>> = LazyLock::new(|| {
    let id = |path: &str| {
        let path = VirtualPath::new(path).ok()?;
        Some(RootedPath::new(VirtualRoot::Project, path).intern())
    };
    Some(Paths {
        main: id("/main.typ")?,
        base: id("/base.typ")?,
        room: id("/room.typ")?,
        data: id("/data.json")?,
        photo: id("/photo.jpg")?,
        bar: id("/bar.svg")?,
        qr: id("/qr.svg")?,
        pictures: (0..MOST_PICTURES)
            .map(|at| Some((id(&format!("/p/{at}"))?, at)))
            .collect::<Option<_>>()?,
    })
});

impl Engine {
    /// An engine over these fonts and templates.
    pub fn new(fonts: Fonts, templates: Templates) -> Self {
        Self {
            shared: Arc::new(Shared {
                families: fonts.families(),
                book: LazyHash::new(fonts.book()),
                library: LazyHash::new(Library::default()),
                fonts,
                templates,
            }),
        }
    }

    /// The fonts that it sets in: ask them about names.
    pub fn fonts(&self) -> &Fonts {
        &self.shared.fonts
    }

    /// The text of a template as it applies to a scope: `ticket`, or `base`, which all share. Empty for a name that no paper
    /// has.
    pub fn template(&self, scope: &str, name: &str) -> &str {
        self.shared.templates.find(scope, name)
    }

    /// Sets one document.
    pub(crate) fn set(&self, job: Job<'_>, imprint: &Imprint) -> Result<Pdf, DocumentError> {
        self.set_with(job, &[], imprint)
    }

    /// Sets one document with pictures, which its template knows as `/p/0`, `/p/1` and so on: JPEG or PDF.
    #[expect(clippy::needless_pass_by_value, reason = "a job is made for one call")]
    pub(crate) fn set_with(
        &self,
        job: Job<'_>,
        pictures: &[&[u8]],
        imprint: &Imprint,
    ) -> Result<Pdf, DocumentError> {
        self.laid_out_with(&job, pictures, imprint, |document, world| {
            let options = PdfOptions {
                ident: Smart::Custom(imprint.ident.clone()),
                creator: Smart::Custom(Some("baokao".to_owned())),
                timestamp: imprint.created(),
                tagged: job.tagged,
                ..PdfOptions::default()
            };
            let bytes =
                typst_pdf::pdf(document, &options).map_err(|errors| problem(&errors, world))?;
            let pages = document.pages().len();
            Ok(Pdf { bytes, pages })
        })
    }

    /// Lays one document out and gives its pages to `finish`.
    pub(crate) fn laid_out<T>(
        &self,
        job: &Job<'_>,
        imprint: &Imprint,
        finish: impl FnOnce(&PagedDocument, &Desk) -> Result<T, DocumentError>,
    ) -> Result<T, DocumentError> {
        self.laid_out_with(job, &[], imprint, finish)
    }

    fn laid_out_with<T>(
        &self,
        job: &Job<'_>,
        pictures: &[&[u8]],
        imprint: &Imprint,
        finish: impl FnOnce(&PagedDocument, &Desk) -> Result<T, DocumentError>,
    ) -> Result<T, DocumentError> {
        if pictures.len() > MOST_PICTURES {
            return Err(DocumentError::BatchTooBig {
                given: pictures.len(),
                most: MOST_PICTURES,
            });
        }
        let known = |bytes: &&[u8]| bytes.starts_with(JPEG) || bytes.starts_with(b"%PDF");
        if !pictures.iter().all(known) {
            return Err(DocumentError::Photo);
        }
        let paths = PATHS
            .as_ref()
            .ok_or_else(|| DocumentError::Typeset(vec![Fault::new("virtual paths")]))?;
        let mut world = self.world(job, imprint, paths)?;
        world.pictures = pictures
            .iter()
            .map(|bytes| Bytes::new(bytes.to_vec()))
            .collect();
        let compiled = typst::compile::<PagedDocument>(&world);
        let result = compiled
            .output
            .map_err(|errors| problem(&errors, &world))
            .and_then(|document| {
                if job.one_page && document.pages().len() != 1 {
                    return Err(DocumentError::TooLong(paper(job.template)));
                }
                finish(&document, &world)
            });
        drop(world);
        // Decoded, the pictures of one paper take hundreds of MiB; nobody prints the same ones next.
        comemo::evict(if pictures.is_empty() { CACHE_AGE } else { 0 });
        result
    }

    fn world(
        &self,
        job: &Job<'_>,
        imprint: &Imprint,
        paths: &'static Paths,
    ) -> Result<Desk, DocumentError> {
        if job.photo.is_some_and(|photo| !photo.starts_with(JPEG)) {
            return Err(DocumentError::Photo);
        }
        let mut data = job.data.clone();
        clean(&mut data);
        let mark = if is_rehearsal(job) { PAPER } else { "" };
        if let Value::Object(map) = &mut data {
            map.insert("title".into(), text::printable(&job.title).into());
            map.insert("issuer".into(), text::printable(&job.issuer).into());
            map.insert("footer".into(), text::printable(&job.footer).into());
            map.insert("has_photo".into(), job.photo.is_some().into());
            map.insert("has_qr".into(), job.qr.is_some().into());
            map.insert("mark".into(), mark.into());
            map.insert("fonts".into(), self.shared.families.clone().into());
        }
        let templates = &self.shared.templates;
        let source =
            |id, name: &str| Source::new(id, templates.find(&imprint.scope, name).to_owned());
        let svg = |text: &Option<String>| text.clone().map(Bytes::from_string);
        let main = match &imprint.template {
            Some(text) => Source::new(paths.main, text.as_ref().to_owned()),
            None => source(paths.main, job.template),
        };
        Ok(Desk {
            shared: Arc::clone(&self.shared),
            paths,
            main,
            base: source(paths.base, "base"),
            room: source(paths.room, "room"),
            data: Bytes::from_string(data.to_string()),
            photo: job.photo.map(|photo| Bytes::new(photo.to_vec())),
            bar: svg(&job.bar),
            qr: svg(&job.qr),
            pictures: Vec::new(),
        })
    }
}

/// Whether the paper is one of a rehearsal: its exam's title says so, in whatever place of the job it stands.
fn is_rehearsal(job: &Job<'_>) -> bool {
    let titled = |value: &Value| value.as_str().is_some_and(is_titled);
    let rows = job.data["rows"]
        .as_array()
        .filter(|_| job.template == "receipt");
    let receipt = rows.is_some_and(|rows| rows.iter().any(|row| titled(&row["value"])));
    is_titled(&job.title) || titled(&job.data["exam"]) || receipt
}

/// The Chinese name of a paper.
fn paper(template: &str) -> &'static str {
    match template {
        "ticket" => "准考证",
        "registration_form" => "报名登记表",
        "receipt" => "缴费凭据",
        "score_sheet" => "成绩单",
        "activation" => "激活码",
        "door_slip" => "核验授权单",
        "room_bag" => "试卷袋标签",
        _ => "打印件",
    }
}

/// Makes every text of the data printable.
fn clean(value: &mut Value) {
    match value {
        Value::String(string) => *string = text::printable(string),
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(map) => map.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn problem(errors: &[SourceDiagnostic], world: &Desk) -> DocumentError {
    let faults = errors.iter().map(|error| world.fault(error)).collect();
    DocumentError::Typeset(faults)
}

/// What one document sees.
pub(crate) struct Desk {
    shared: Arc<Shared>,
    paths: &'static Paths,
    main: Source,
    base: Source,
    room: Source,
    data: Bytes,
    photo: Option<Bytes>,
    bar: Option<Bytes>,
    qr: Option<Bytes>,
    pictures: Vec<Bytes>,
}

impl Desk {
    /// What the typesetter said, with the line of the template that led to it: what happens in the shared part happens because the
    /// template called it.
    fn fault(&self, error: &SourceDiagnostic) -> Fault {
        let called = error
            .trace
            .iter()
            .find_map(|trace| self.line(trace.span.into()));
        let hints = error.hints.iter().map(|hint| hint.v.as_str());
        Fault {
            line: self.line(error.span).or(called),
            text: fault::in_chinese(&error.message, hints),
        }
    }

    fn line(&self, span: DiagSpan) -> Option<u32> {
        if span.id() != Some(self.paths.main) {
            return None;
        }
        let at = self.range(span)?.start;
        let line = self.main.lines().byte_to_line(at)?;
        u32::try_from(line).ok()?.checked_add(1)
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.paths.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.paths.main {
            Ok(self.main.clone())
        } else if id == self.paths.base {
            Ok(self.base.clone())
        } else if id == self.paths.room {
            Ok(self.room.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = if id == self.paths.data {
            Some(&self.data)
        } else if id == self.paths.photo {
            self.photo.as_ref()
        } else if id == self.paths.bar {
            self.bar.as_ref()
        } else if id == self.paths.qr {
            self.qr.as_ref()
        } else {
            let at = self.paths.pictures.get(&id);
            at.and_then(|at| self.pictures.get(*at))
        };
        found.cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
