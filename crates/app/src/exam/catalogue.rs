//! Exams in memory: settings parsed once per version, the public list, position tables.

use std::collections::HashSet;
use std::sync::Arc;

use db::{Crowd, Query};
use domain::exam::{
    ExamCategory, ExamSettings, ExamState, OpenNow, Phase, ProfessionalTable, Windows,
};
use domain::time::Timestamp;
use domain::window::Window;
use moka::sync::Cache;

use super::positions::{PositionTable, TableFigures};
use super::shelf::Shelf;
use super::store::{self, ExamRow};
use crate::{App, Ctx, Error, Result};

/// More exams than any portal shows.
const HELD: i64 = 500;

/// An exam with its settings as they are now.
#[derive(Debug, Clone)]
pub struct Exam {
    /// The row.
    pub row: ExamRow,
    /// The category.
    pub category: ExamCategory,
    /// Where it stands.
    pub state: ExamState,
    /// The settings at [`ExamRow::settings_version`].
    pub settings: Arc<ExamSettings>,
}

impl Exam {
    /// `exam.id`.
    pub fn id(&self) -> i64 {
        self.row.id
    }

    /// What URLs carry.
    pub fn public_id(&self) -> &str {
        &self.row.public_id
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.row.title
    }

    /// Its windows.
    pub fn windows(&self) -> &Windows {
        &self.settings.windows
    }

    /// One window.
    pub fn window(&self, phase: Phase) -> Option<Window> {
        self.settings.windows.get(phase)
    }

    /// Whether it is out: seen by those whom it is for ([`Exam::is_shown_to`]), everybody unless it is a rehearsal.
    pub fn is_public(&self) -> bool {
        matches!(self.state, ExamState::Published | ExamState::Closed)
    }

    /// Whether it is tried out only: 演练考试.
    pub fn is_rehearsal(&self) -> bool {
        self.row.rehearsal
    }

    /// What a table of it is called: with the mark if it is a rehearsal.
    pub fn sheet(&self, name: &str) -> String {
        if self.is_rehearsal() {
            format!("演练 {name}")
        } else {
            name.to_owned()
        }
    }

    /// Whether somebody outside of the office may see it.
    pub fn is_shown_to(&self, viewer: Viewer) -> bool {
        self.is_public() && viewer.sees(self.is_rehearsal().then_some(self.id()))
    }

    /// Whether candidates choose positions; otherwise levels, specialties and subjects.
    pub fn has_positions(&self) -> bool {
        self.category.has_positions()
    }

    /// What is open at an instant: nothing for an exam that nobody sees, and no registration after it was closed for good.
    pub fn open_at(&self, now: Timestamp) -> OpenNow {
        match self.state {
            ExamState::Draft | ExamState::Archived => OpenNow::NONE,
            ExamState::Published => self.settings.windows.open_at(now),
            ExamState::Closed => OpenNow {
                registration: false,
                ..self.settings.windows.open_at(now)
            },
        }
    }

    /// Whether one window is open, by the same rule.
    pub fn is_open(&self, phase: Phase, now: Timestamp) -> bool {
        self.is_public()
            && !(phase == Phase::Registration && self.state == ExamState::Closed)
            && self.settings.windows.is_open(phase, now)
    }

    /// Whether seats are published: 已导入考场编排.
    pub fn is_seated(&self) -> bool {
        self.row.seat_plan != 0
    }

    /// Whether scores are published and may be seen.
    pub fn scores_visible(&self, now: Timestamp) -> bool {
        self.row.score_batch != 0 && self.row.score_visible_at <= now.micros()
    }
}

/// Who looks, from outside of the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody, logged in or not.
    Everybody,
    /// A candidate made for this rehearsal, by `exam.id`.
    Rehearsing(i64),
}

impl Viewer {
    /// Whether he may see what belongs to the rehearsal `of`, or to no rehearsal: the one place where that is decided. A rehearsal
    /// is for the candidates that were made for it and for nobody else, and they see nothing else.
    pub fn sees(self, of: Option<i64>) -> bool {
        match self {
            Self::Everybody => of.is_none(),
            Self::Rehearsing(exam) => of == Some(exam),
        }
    }
}

/// What is out, by whom it is for.
#[derive(Debug)]
struct Published {
    /// With the rehearsals: for those who work on them.
    all: Arc<Vec<Arc<Exam>>>,
    /// What everybody sees.
    public: Arc<Vec<Arc<Exam>>>,
}

/// What a process remembers of exams. Everything in it can be read anew.
#[derive(Debug)]
pub struct Catalogue {
    settings: Cache<(i64, i64), Arc<ExamSettings>>,
    /// By batch and amendment.
    pub(super) tables: Cache<(i64, i64), Arc<PositionTable>>,
    pub(super) figures: Cache<i64, Arc<Shelf<TableFigures>>>,
    pub(super) subjects: Cache<i64, Arc<ProfessionalTable>>,
    published: Shelf<Published>,
    /// The public ids of all rehearsals.
    rehearsals: Shelf<HashSet<String>>,
    /// One reader at a time fetches a table.
    pub(super) filling: tokio::sync::Mutex<()>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            settings: Cache::new(1_000),
            tables: Cache::new(64),
            figures: Cache::new(64),
            subjects: Cache::new(64),
            published: Shelf::default(),
            rehearsals: Shelf::default(),
            filling: tokio::sync::Mutex::new(()),
        }
    }
}

impl Catalogue {
    /// Forgets the public list: an exam was published, closed or amended.
    pub fn forget(&self) {
        self.published.forget();
        self.rehearsals.forget();
    }

    /// Forgets figures: deltas were folded.
    pub(crate) fn forget_figures(&self) {
        for (_, shelf) in &self.figures {
            shelf.forget();
        }
    }

    fn parse(&self, row: ExamRow) -> Result<Arc<Exam>> {
        let key = (row.id, row.settings_version);
        let settings = match self.settings.get(&key) {
            Some(settings) => settings,
            None => {
                let settings = ExamSettings::from_json(&row.settings)
                    .map_err(|e| Error::internal("exam.settings", e))?;
                let settings = Arc::new(settings);
                self.settings.insert(key, Arc::clone(&settings));
                settings
            }
        };
        let category =
            ExamCategory::from_code(&row.category).ok_or(Error::inconsistent("exam.category"))?;
        let state = ExamState::from_code(&row.state).ok_or(Error::inconsistent("exam.state"))?;
        Ok(Arc::new(Exam {
            row,
            category,
            state,
            settings,
        }))
    }

    pub(super) fn parse_all(&self, rows: Vec<ExamRow>) -> Result<Vec<Arc<Exam>>> {
        rows.into_iter().map(|row| self.parse(row)).collect()
    }
}

/// One exam in any state. Who may see it is the caller's to decide; public pages use [`public`].
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, public_id: &str) -> Result<Arc<Exam>> {
    let row = store::exam_by_public_id(&mut app.db().read(), public_id).await?;
    app.exams().parse(row.ok_or(Error::NotFound)?)
}

/// One exam in any state, by id.
///
/// # Errors
/// `NotFound`.
pub async fn find_by_id(app: &App, id: i64) -> Result<Arc<Exam>> {
    find_in(&mut app.db().read(), app, id).await
}

/// One exam as the caller's transaction sees it: what decides about windows inside a command.
///
/// # Errors
/// `NotFound`.
pub(crate) async fn find_in(q: &mut impl Query, app: &App, id: i64) -> Result<Arc<Exam>> {
    let row = store::exam_by_id(q, id).await?;
    app.exams().parse(row.ok_or(Error::NotFound)?)
}

async fn published(app: &App) -> Result<Arc<Published>> {
    let catalogue = app.exams();
    let read = async {
        let rows = store::exams_public(&mut app.db().scan(Crowd::System), HELD).await?;
        let all = catalogue.parse_all(rows)?;
        let public = all
            .iter()
            .filter(|exam| exam.is_shown_to(Viewer::Everybody));
        Ok(Published {
            public: Arc::new(public.cloned().collect()),
            all: Arc::new(all),
        })
    };
    catalogue.published.get(app, read).await
}

/// Every exam that everybody may see, latest registration first; from memory, also while the database is away.
///
/// # Errors
/// Only if the list was never read.
pub async fn public_list(app: &App) -> Result<Arc<Vec<Arc<Exam>>>> {
    Ok(Arc::clone(&published(app).await?.public))
}

/// Every exam that is out, rehearsals among them, for those who work on them; narrowed by the caller to what the asker may see.
///
/// # Errors
/// Only if the list was never read.
pub(crate) async fn running_list(app: &App) -> Result<Arc<Vec<Arc<Exam>>>> {
    Ok(Arc::clone(&published(app).await?.all))
}

/// Every exam that the asker may see from outside of the office, from memory: what everybody sees, or the one rehearsal that his
/// account was made for.
///
/// # Errors
/// Only if the list was never read.
pub async fn shown_list(ctx: &Ctx) -> Result<Arc<Vec<Arc<Exam>>>> {
    let published = published(&ctx.app).await?;
    let viewer = ctx.viewer();
    if viewer == Viewer::Everybody {
        return Ok(Arc::clone(&published.public));
    }
    let shown = published.all.iter().filter(|exam| exam.is_shown_to(viewer));
    Ok(Arc::new(shown.cloned().collect()))
}

/// One exam that the asker may see from outside of the office; from memory.
///
/// # Errors
/// `NotFound`, also for one that isn't out or isn't for him.
pub async fn shown(ctx: &Ctx, public_id: &str) -> Result<Arc<Exam>> {
    let exams = shown_list(ctx).await?;
    exams
        .iter()
        .find(|exam| exam.public_id() == public_id)
        .cloned()
        .ok_or(Error::NotFound)
}

/// Whether there is a rehearsal at all, and whether a public id is that of one, in whatever state; from memory.
///
/// # Errors
/// Only if the list was never read.
pub(crate) async fn rehearsal_id(app: &App, public_id: &str) -> Result<(bool, bool)> {
    let read = async {
        let rows = store::rehearsals(&mut app.db().scan(Crowd::System)).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    };
    let rehearsals: Arc<HashSet<String>> = app.exams().rehearsals.get(app, read).await?;
    Ok((!rehearsals.is_empty(), rehearsals.contains(public_id)))
}
