//! What a candidate sees of his waiver.

use db::Query;
use domain::money::Fen;
use domain::payment::waiver as rules;
use domain::payment::{WaiverCategory, WaiverState};
use domain::time::Timestamp;
use domain::window::Window;

use super::ask::barred;
use super::store::{self, EvidenceRow, WaiverRow};
use crate::application::{self, ApplicationRow, View};
use crate::exam::Exam;
use crate::object::{self, File};
use crate::{Ctx, Error, Result, payment};

/// An application for a waiver as its owner sees it.
#[derive(Debug, Clone)]
pub struct Own {
    /// The row.
    pub row: WaiverRow,
    /// Its state.
    pub state: WaiverState,
    /// What he wrote.
    pub statement: String,
    /// What he sent along.
    pub files: Vec<EvidenceRow>,
}

/// Everything about the waiver of one application.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The application.
    pub view: View,
    /// Who gets what.
    pub categories: Vec<WaiverCategory>,
    /// When one may ask.
    pub window: Option<Window>,
    /// The newest first.
    pub asked: Vec<Own>,
    /// Why he can't ask now; `None` if he can.
    pub barred: Option<String>,
}

impl Desk {
    /// Whether he may ask now: nothing stands in the way, and none is open or granted.
    pub fn may_ask(&self) -> bool {
        self.barred.is_none() && !self.asked.iter().any(|one| one.state.is_live())
    }
}

/// The waiver of one of the asking candidate's applications.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn desk(ctx: &Ctx, application: &str) -> Result<Desk> {
    let view = application::own(ctx, application).await?;
    let mut read = ctx.app.db().read();
    let mut asked = Vec::new();
    for row in store::waivers_of(&mut read, view.row.id).await? {
        asked.push(Own {
            state: super::state(&row)?,
            statement: super::statement(&ctx.app, &row)?,
            files: store::files_of(&mut read, row.id).await?,
            row,
        });
    }
    let barred = match barred(&view.exam, &view.row, ctx.at) {
        Some(Error::Refused(no)) => Some(no.text),
        Some(other) => return Err(other),
        None => None,
    };
    Ok(Desk {
        categories: view.exam.settings.fees.waiver.categories.clone(),
        window: rules::window(view.exam.windows()),
        asked,
        barred,
        view,
    })
}

/// Where the waiver of an application stands, for its other pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// That of the one that was asked for last; `None` if none was.
    pub state: Option<WaiverState>,
    /// Whether one may be asked for now.
    pub may_ask: bool,
}

impl Glimpse {
    /// Whether somebody still has to decide.
    pub const fn is_open(self) -> bool {
        matches!(
            self.state,
            Some(WaiverState::Pending | WaiverState::Proposed)
        )
    }
}

/// The glimpse of an application. Nothing is asked where no waivers are taken and none ever were.
pub(crate) async fn glimpse(
    q: &mut impl Query,
    exam: &Exam,
    row: &ApplicationRow,
    at: Timestamp,
) -> Result<Glimpse> {
    if !exam.settings.fees.waivers {
        return Ok(Glimpse::default());
    }
    let last = store::waiver_last(q, row.id).await?;
    let state = last.as_deref().and_then(WaiverState::from_code);
    Ok(Glimpse {
        may_ask: !state.is_some_and(WaiverState::is_live) && barred(exam, row, at).is_none(),
        state,
    })
}

/// A file that the asking candidate sent along.
///
/// # Errors
/// `NotFound`, also for somebody else's and once it was deleted.
pub async fn own_evidence(ctx: &Ctx, application: &str, file: &str) -> Result<File> {
    let desk = desk(ctx, application).await?;
    let mut files = desk.asked.iter().flat_map(|one| &one.files);
    let found = files.find(|one| one.public_id == file && one.size > 0);
    let found = found.ok_or(Error::NotFound)?;
    object::read(&ctx.app, found.object_id).await
}

/// What happened to the waivers of an application, in words.
pub(crate) async fn story(q: &mut impl Query, application_id: i64) -> Result<Vec<(i64, String)>> {
    let mut told = Vec::new();
    for row in store::waivers_of(q, application_id).await? {
        told.push((row.asked_at, format!("申请减免（{}）", row.category)));
        let ended = WaiverState::from_code(&row.state).and_then(payment::waived);
        if let (Some(at), Some(text)) = (row.decided_at, ended) {
            let off = row.off.filter(|_| row.state == WaiverState::Granted.code());
            let off = off.map_or_else(String::new, |off| {
                format!("，减免 {} 元", Fen::new(off).yuan())
            });
            told.push((at, format!("{text}{off}")));
        }
    }
    Ok(told)
}

/// An application for a waiver in the copy of his data that its owner takes.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OwnCopy {
    /// The exam's title.
    pub exam: String,
    /// 报名序号
    pub registration_no: String,
    /// The category.
    pub category: String,
    /// What it grants, in words.
    pub grants: String,
    /// What he wrote.
    pub statement: String,
    /// Where it stands, in a word.
    pub state: &'static str,
    /// What was taken off, in 分, of one that was granted.
    pub off: Option<i64>,
    /// When he asked, and when somebody decided.
    pub asked_at: Timestamp,
    /// The same.
    pub decided_at: Option<Timestamp>,
    /// What he was told.
    pub note: String,
    /// What he sent along: name, bytes (0 once it was deleted), and the page that gives it to him.
    pub files: Vec<(String, i64, String)>,
}

/// All that an account asked for, the newest first.
pub(crate) async fn own_copies(ctx: &Ctx, account_id: i64) -> Result<Vec<OwnCopy>> {
    let mut scan = ctx.app.db().scan(db::Crowd::Candidates);
    let mut copies = Vec::new();
    for (id, exam, registration_no, application) in
        store::waivers_of_account(&mut scan, account_id).await?
    {
        let row = store::waiver_by_id(&mut scan, id).await?;
        let row = row.ok_or(Error::inconsistent("fee_waiver"))?;
        let files = store::files_of(&mut scan, id).await?;
        let state = super::state(&row)?;
        copies.push(OwnCopy {
            exam,
            registration_no,
            category: row.category.clone(),
            grants: row.waiver()?.words(),
            statement: super::statement(&ctx.app, &row)?,
            state: state.label(),
            off: row.off.filter(|_| state == WaiverState::Granted),
            asked_at: Timestamp::from_micros(row.asked_at),
            decided_at: row.decided_at.map(Timestamp::from_micros),
            note: row.note,
            files: files
                .into_iter()
                .map(|file| {
                    let page = format!(
                        "/applications/{application}/waiver/files/{}",
                        file.public_id
                    );
                    (file.file_name, file.size, page)
                })
                .collect(),
        });
    }
    Ok(copies)
}
