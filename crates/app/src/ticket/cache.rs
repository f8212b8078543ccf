//! Tickets that are kept set, so that the hour when printing opens costs a look-up each and not 12 ms of a core.
//!
//! A file is good for as long as everything that is printed is the same: its digest is taken of the content, the code, the photo and
//! the template. Whatever changes, however it changes, makes another digest, and the ticket is set anew. The content is sealed in the
//! object store, outside of `object`, so that backups leave it out. It can be lost at any time: a missing file is a miss and never
//! an error.

use db::Tx;
use documents::{Imprint, ticket as document};
use domain::exam::Phase;
use domain::ticket::TicketContent;
use domain::time::Timestamp;
use domain::window::Window;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use vault::Place;

use super::file_store::{self as store, FileColumns};
use super::template::{self, Layout};
use crate::application::ApplicationRow;
use crate::exam::Exam;
use crate::{App, Error, Result, object, paper, photo};

/// Grows when the same content is printed otherwise by a later program.
const FORMAT: u32 = 1;
/// A file outlives the window by so many days: the window may be extended.
const DAYS_AFTER: i64 = 3;

/// The plan that a ticket shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Its version.
    pub(super) version: i64,
    /// When it was published: the date of the PDF, which is so the same every time.
    pub(super) at: Timestamp,
}

/// All that one printed ticket is made of.
pub(super) struct Paper {
    application_id: i64,
    exam_id: i64,
    account_id: i64,
    photo_id: i64,
    card: document::Ticket,
    imprint: Imprint,
    layout: Layout,
    digest: String,
    expires_at: i64,
}

impl Paper {
    pub(super) fn of(
        exam: &Exam,
        row: &ApplicationRow,
        (content, verify): (TicketContent, String),
        plan: Plan,
        layout: &Layout,
    ) -> Self {
        let card = document::Ticket {
            verify,
            footer: format!("编排第 {} 版", plan.version),
            content,
            photo: None,
        };
        let imprint = Imprint::new(row.public_id.clone(), plan.at).of_exam(exam.row.code.clone());
        let whole = json!({
            "format": FORMAT, "card": card, "ident": imprint.ident, "at": plan.at.micros(), "photo": row.photo_id,
            "layout": layout.digest,
        });
        let close = exam.window(Phase::Ticket).map(Window::close);
        Self {
            application_id: row.id,
            exam_id: row.exam_id,
            account_id: row.account_id,
            photo_id: row.photo_id,
            digest: hex::encode(Sha256::digest(whole.to_string())),
            expires_at: close.unwrap_or(plan.at).plus_days(DAYS_AFTER).micros(),
            card,
            imprint,
            layout: layout.clone(),
        }
    }

    /// What the file is known by.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// Until when it is kept.
    pub(super) fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

/// A file in the store that no row speaks of yet.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    application_id: i64,
    exam_id: i64,
    digest: String,
    path: String,
    size: i64,
    expires_at: i64,
    /// The file that it takes the place of.
    old: Option<String>,
}

impl Kept {
    /// Names the file in the caller's transaction. The file that is not needed any more is told: the one before, or this one if
    /// somebody was faster. It is deleted after the commit.
    pub(super) async fn name(&self, tx: &mut Tx, at: Timestamp) -> Result<Option<String>> {
        let row = FileColumns {
            application_id: self.application_id,
            exam_id: self.exam_id,
            digest: &self.digest,
            path: &self.path,
            size: self.size,
            expires_at: self.expires_at,
        };
        let named = match &self.old {
            None => store::file_insert(tx, &row, at.micros()).await?,
            Some(old) => store::file_replace(tx, &row, old, at.micros()).await?,
        };
        Ok(match named {
            0 => Some(self.path.clone()),
            _ => self.old.clone(),
        })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// The PDF of a ticket: the kept one, or set now; then with the file to be named, if it is to be kept.
///
/// # Errors
/// `Refused` when the exam's notice doesn't fit on the page.
pub(super) async fn pdf(app: &App, paper: &Paper) -> Result<(Vec<u8>, Option<Kept>)> {
    if !app.policy().ticket_cache {
        return Ok((set(app, paper).await?, None));
    }
    let row = store::file_find(&mut app.db().read(), paper.application_id).await?;
    if let Some(row) = row.as_ref().filter(|row| row.digest == paper.digest)
        && let Some(bytes) = opened(app, paper.application_id, &row.path).await
    {
        return Ok((bytes, None));
    }
    let bytes = set(app, paper).await?;
    let kept = put(app, paper, &bytes, row.map(|row| row.path)).await;
    Ok((bytes, kept))
}

/// The kept file's content; `None` if it is lost or isn't ours.
async fn opened(app: &App, application_id: i64, path: &str) -> Option<Vec<u8>> {
    let sealed = match app.objects().get(path).await {
        Ok(sealed) => sealed,
        Err(error) => {
            tracing::warn!(%error, "a kept ticket is lost and set anew");
            return None;
        }
    };
    match app.cipher().open(place(application_id), &sealed) {
        Ok(bytes) => Some(bytes.to_vec()),
        Err(error) => {
            tracing::warn!(%error, "a kept ticket can't be opened and is set anew");
            None
        }
    }
}

/// Sets a ticket.
pub(super) async fn set(app: &App, paper: &Paper) -> Result<Vec<u8>> {
    let mut card = paper.card.clone();
    if paper.photo_id != 0 {
        let file = photo::of_application(app, paper.account_id, paper.photo_id).await?;
        card.photo = Some(file.bytes);
    }
    let template = template::source(app, paper.exam_id, &paper.layout).await?;
    let imprint = paper.imprint.clone().with_template(template);
    let pdf = paper::set(app, move |engine| document::render(engine, &card, &imprint)).await?;
    Ok(pdf.bytes)
}

/// Puts a set ticket into the store. A store that refuses (a full disk) loses the cache and nothing else.
pub(super) async fn put(
    app: &App,
    paper: &Paper,
    bytes: &[u8],
    old: Option<String>,
) -> Option<Kept> {
    let sealed = app
        .cipher()
        .seal(place(paper.application_id), bytes, app.entropy());
    match app.objects().put(sealed.into()).await {
        Ok(path) => Some(Kept {
            application_id: paper.application_id,
            exam_id: paper.exam_id,
            digest: paper.digest.clone(),
            path,
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            expires_at: paper.expires_at,
            old,
        }),
        Err(error) => {
            tracing::warn!(%error, "a ticket can't be kept");
            None
        }
    }
}

fn place(application_id: i64) -> Place {
    Place {
        table: "ticket_file",
        column: "content",
        row: application_id,
    }
}

/// Deletes files that no row speaks of any more. One that stays is told in the log.
pub(super) async fn delete(app: &App, paths: impl IntoIterator<Item = String>) {
    for path in paths {
        if let Err(error) = app.objects().delete(&path).await {
            tracing::warn!(%error, "a ticket that isn't kept any more stays in the store");
        }
    }
}

/// Deletes tickets whose time is over, the file first, so that nobody's ticket stays behind a crash. Returns how many.
///
/// # Errors
/// Trouble with the database or the store.
pub async fn sweep(ctx: &crate::Ctx) -> Result<usize> {
    let now = ctx.app.now().micros();
    let due = store::files_expired(&mut ctx.app.db().scan(db::Crowd::System), now, 200).await?;
    if due.is_empty() {
        return Ok(0);
    }
    object::wipe(&ctx.app, due.iter().map(|(_, path)| path.as_str())).await?;
    let gone = due.len();
    ctx.app
        .db()
        .write(db::Lane::Background, Forget { files: due })
        .await?;
    Ok(gone)
}

struct Forget {
    files: Vec<(i64, String)>,
}

impl db::Command for Forget {
    const NAME: &'static str = "ticket.forget_files";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (application_id, path) in &self.files {
            store::file_delete(tx, *application_id, path).await?;
        }
        Ok(())
    }
}
