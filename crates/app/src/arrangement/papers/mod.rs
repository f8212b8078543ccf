//! 成套用纸: all papers of a plan as files, made by a job, kept for some days, taken one by one or together.
//!
//! A run is `making → ready`, or `failed`, and `emptied` when its days are over. The job ([`make`]) goes kind by kind and site by
//! site, a few rooms at a time, each step one commit; what it holds in memory is one step. Content is sealed in the object store
//! before the commit that names it. Whole document numbers are printed only with a reason, and every taking leaves an entry.
//!
//! Called by the office.

mod ask;
mod data;
pub mod make;
mod people;
mod rooms;
mod sheets;
mod site;
mod step;
mod store;
pub mod sweep;
mod tables;
mod take;

use std::collections::BTreeSet;

use db::Crowd;
use domain::arrangement::invigilate::Invigilator;
use domain::arrangement::{PaperKind, Pattern, RunState};
use domain::staff::Permission;
use serde::{Deserialize, Serialize};

pub use ask::{Ask, ask};
pub use store::{FileRow, RunLine, RunRow};
pub use take::{take, take_all};

pub(super) use people::People;
pub(super) use rooms::grouped;
pub(super) use store::{SitterRow, UsedRoom};

use crate::exam::Exam;
use crate::{App, Ctx, Error, Object, Result};

/// Runs on a page.
pub const PAGE: i64 = 20;
/// Files listed on a page.
pub const SHOWN: i64 = 200;

/// What a run makes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Kinds.
    pub kinds: BTreeSet<PaperKind>,
    /// First room's number; 0 begins with the first.
    pub first_room: i64,
    /// Last room's number; 0 goes to the last.
    pub last_room: i64,
    /// Numbers of sites; empty: all.
    pub sites: BTreeSet<i64>,
    /// Sessions; empty: all.
    pub sessions: BTreeSet<i64>,
    /// With photos, where a kind has them.
    pub photos: bool,
    /// A workbook besides each PDF that has one.
    pub tables: bool,
    /// Papers in each bag beyond those that are needed.
    pub spare: u32,
    /// Document numbers whole, and why.
    pub whole_numbers: bool,
    /// Why.
    pub reason: String,
    /// What invigilators are drawn by.
    pub seed: String,
    /// Who may invigilate; empty leaves the lines blank.
    pub invigilators: Vec<Invigilator>,
}

impl Wanted {
    /// The rooms' numbers, from and to.
    fn numbers(&self) -> (i64, i64) {
        let last = if self.last_room == 0 {
            i64::MAX
        } else {
            self.last_room
        };
        (self.first_room, last)
    }

    /// Whether a session is wanted.
    fn has_session(&self, session: i64) -> bool {
        self.sessions.is_empty() || self.sessions.contains(&session)
    }

    /// What the trail keeps of it: nothing of a person.
    fn detail(&self) -> serde_json::Value {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.label()).collect();
        let rooms = match self.numbers() {
            (0, i64::MAX) => Vec::new(),
            (first, i64::MAX) => vec![first],
            (first, last) => vec![first, last],
        };
        serde_json::json!({
            "kinds": kinds,
            "rooms": rooms,
            "sites": self.sites,
            "sessions": self.sessions,
            "photos": self.photos,
            "whole_numbers": self.whole_numbers,
            "reason": self.reason,
            "invigilators": self.invigilators.len(),
        })
    }
}

impl RunRow {
    /// Its state.
    ///
    /// # Errors
    /// `Internal` for a code that isn't in the table.
    pub fn standing(&self) -> Result<RunState> {
        RunState::from_code(&self.state).ok_or(Error::inconsistent("paper_run.state"))
    }

    /// What was asked for.
    ///
    /// # Errors
    /// `Internal` for a text that isn't ours.
    pub fn wanted(&self) -> Result<Wanted> {
        serde_json::from_str(&self.wanted).map_err(|e| Error::internal("paper_run.wanted", e))
    }

    fn object(&self) -> Object {
        Object {
            kind: "paper_run",
            id: self.id,
            exam_id: self.exam_id,
        }
    }
}

impl RunLine {
    /// Its state.
    ///
    /// # Errors
    /// `Internal` for a code that isn't in the table.
    pub fn standing(&self) -> Result<RunState> {
        RunState::from_code(&self.state).ok_or(Error::inconsistent("paper_run.state"))
    }
}

impl UsedRoom {
    /// How its desks stand: as it says itself, else as the plan does.
    pub(super) fn pattern(&self, of_plan: &Pattern) -> Pattern {
        let columns: Vec<u32> = self
            .columns
            .split_whitespace()
            .filter_map(|part| part.parse().ok())
            .collect();
        let own = Pattern {
            columns,
            snake: self.snake == 1,
        };
        if own.problems().is_empty() {
            own
        } else {
            of_plan.clone()
        }
    }

    /// Name of the room and address of the site.
    pub(super) fn place(&self) -> String {
        let parts = [self.room_name.as_str(), self.site_address.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|text| !text.is_empty()).collect();
        parts.join(" ")
    }
}

/// The runs of an exam, newest first, before one of them.
///
/// # Errors
/// `Forbidden`.
pub async fn runs(ctx: &Ctx, exam: &Exam, before: Option<i64>) -> Result<Vec<RunLine>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let before = before.unwrap_or(i64::MAX);
    Ok(store::runs_before(&mut scan, exam.id(), before, PAGE + 1).await?)
}

/// One run of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam; `Forbidden`.
pub async fn run(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<RunRow> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    store::run_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)
}

/// The files of a run after one of them. The caller got the run from [`run`].
pub async fn files(ctx: &Ctx, run: &RunRow, after: i64) -> Result<Vec<FileRow>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::files_after(&mut scan, run.id, after, SHOWN + 1).await?)
}

/// The rooms of a plan in which somebody sits, as far as they are wanted, by site and room.
pub(super) async fn used(app: &App, plan_id: i64, wanted: &Wanted) -> Result<Vec<UsedRoom>> {
    let (mut rooms, mut after) = (Vec::new(), (i64::MIN, 0));
    loop {
        let mut scan = app.db().scan(Crowd::System);
        let page = store::used_rooms(&mut scan, plan_id, wanted.numbers(), after, 500).await?;
        let Some(last) = page.last() else {
            return Ok(rooms);
        };
        after = (last.site_no, last.room_no);
        let sites = &wanted.sites;
        rooms.extend(
            page.into_iter()
                .filter(|room| sites.is_empty() || sites.contains(&room.site_no)),
        );
    }
}

/// Who sits in some rooms of a site in the sessions that are wanted, by room, session and seat.
pub(super) async fn sitters(
    app: &App,
    plan_id: i64,
    rooms: &[UsedRoom],
    wanted: &Wanted,
) -> Result<Vec<SitterRow>> {
    let numbers: BTreeSet<i64> = rooms.iter().map(|room| room.room_no).collect();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return Ok(Vec::new());
    };
    let mut scan = app.db().scan(Crowd::System);
    let mut rows = store::sitters_in(&mut scan, plan_id, (*first, *last)).await?;
    rows.retain(|row| numbers.contains(&row.room_no) && wanted.has_session(row.session));
    Ok(rows)
}

/// How much a plan has for what was wanted, for the page: rooms.
///
/// # Errors
/// `Forbidden`.
pub async fn sites(ctx: &Ctx, exam: &Exam, plan_id: i64) -> Result<Vec<(i64, String, usize)>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut sites: Vec<(i64, String, usize)> = Vec::new();
    for room in used(&ctx.app, plan_id, &Wanted::default()).await? {
        match sites.last_mut() {
            Some((site, _, count)) if *site == room.site_no => *count += 1,
            _ => sites.push((room.site_no, room.site_name, 1)),
        }
    }
    Ok(sites)
}
