//! Plans as the office looks at them.

use db::Crowd;
use domain::arrangement::{Options, Room, RoomUse};
use domain::staff::Permission;
use serde::{Deserialize, Serialize};

use super::store::{self, DifferenceRow, PlanRow, RoomRow, SeatRow};
use crate::exam::Exam;
use crate::{App, Ctx, Error, Result};

/// What a plan's row keeps for its page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// How many people have seats.
    pub people: usize,
    /// How many rooms there were to seat them in; 0 in plans of before.
    pub rooms: usize,
    /// Rooms that open more than one paper in some session.
    pub mixed_rooms: usize,
    /// Neighbours who share an employer, because there was no other way.
    pub close_pairs: u32,
    /// The least that it could be; `None` in plans of before, and in imported ones.
    pub floor: Option<u32>,
    /// The import batch that it came from; empty for a generated one.
    pub batch: String,
}

impl PlanRow {
    /// The summary.
    pub fn figures(&self) -> Summary {
        serde_json::from_str(&self.summary).unwrap_or_default()
    }
}

/// What a plan was asked for with, as its row keeps it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub(super) options: Options,
    /// 报名序号 of those who need a room of the accommodation kind.
    pub(super) special: Vec<String>,
    /// The way in which it is made; 0 for one that came in a file.
    pub(super) algorithm: u32,
}

/// What a plan was asked for with.
pub(super) fn kept(plan: &PlanRow) -> Result<Kept> {
    serde_json::from_str(&plan.options).map_err(|e| Error::internal("seat_plan.options", e))
}

/// A room as the rules know it.
pub(super) fn room_of(row: &RoomRow) -> Result<Room> {
    let number = |number: i64| u32::try_from(number).map_err(|_| Error::inconsistent("seat_room"));
    Ok(Room {
        no: number(row.room_no)?,
        site: number(row.site_no)?,
        site_name: row.site_name.clone(),
        address: row.site_address.clone(),
        name: row.room_name.clone(),
        region: row.region.clone(),
        capacity: number(row.capacity)?,
        usage: RoomUse::from_code(&row.usage).ok_or(Error::inconsistent("seat_room.usage"))?,
    })
}

/// How far the making of a plan is: seats that are there, and seats in all.
pub async fn progress(ctx: &Ctx, plan: &PlanRow) -> Result<(i64, i64)> {
    ctx.allow_for(Permission::Arrange, plan.exam_id, "")?;
    let there =
        super::stage_store::seats_count(&mut ctx.app.db().scan(Crowd::Staff), plan.id).await?;
    Ok((there, plan.seats))
}

/// Where an exam stands.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many may be seated now.
    pub seatable: usize,
    /// Sessions of the exam.
    pub sessions: Vec<super::Session>,
    /// The published plan.
    pub published: Option<PlanRow>,
    /// All plans, newest first.
    pub plans: Vec<PlanRow>,
}

/// Where an exam stands.
pub async fn overview(ctx: &Ctx, exam: &Exam) -> Result<Overview> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let plans = store::plans_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    let published = match exam.row.seat_plan {
        0 => None,
        id => store::plan_by_id(&mut ctx.app.db().read(), id).await?,
    };
    Ok(Overview {
        seatable: seatable(ctx, exam).await?,
        sessions: super::sessions(&ctx.app, exam).await?,
        published,
        plans,
    })
}

/// How many have every step before the seating behind them, from the statistics: whoever is in one of the steps is in those
/// before it, so the last one that fewest have reached counts.
async fn seatable(ctx: &Ctx, exam: &Exam) -> Result<usize> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let units = crate::statistics::units_now(&mut scan, exam.id()).await?;
    let tally: domain::application::Tally = units.into_iter().map(|(_, tally)| tally).sum();
    let steps = exam.settings.steps;
    let mut people = tally.applied;
    if steps.has_review() {
        people = people.min(tally.approved);
    }
    if steps.has_payment() {
        people = people.min(tally.paid);
    }
    Ok(usize::try_from(people).unwrap_or(0))
}

/// How many people the published plan seats; 0 without one.
pub(crate) async fn people_seated(app: &App, exam: &Exam) -> Result<i64> {
    if exam.row.seat_plan == 0 {
        return Ok(0);
    }
    let plan = store::plan_by_id(&mut app.db().read(), exam.row.seat_plan).await?;
    let people = plan.map_or(0, |plan| plan.figures().people);
    Ok(i64::try_from(people).unwrap_or(i64::MAX))
}

/// The plans of an exam, newest first.
pub async fn plans(ctx: &Ctx, exam: &Exam) -> Result<Vec<PlanRow>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    Ok(store::plans_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?)
}

/// One plan of an exam.
///
/// # Errors
/// `NotFound` also for a plan of another exam.
pub async fn plan(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<PlanRow> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    store::plan_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|plan| plan.exam_id == exam.id())
        .ok_or(Error::NotFound)
}

/// Rooms on a page.
pub const ROOMS: i64 = 100;

/// A page of the rooms of a plan, after site and room of the last one shown, and where the next page begins. The caller got
/// the plan from [`plan`].
pub async fn rooms(
    ctx: &Ctx,
    plan: &PlanRow,
    after: (i64, i64),
) -> Result<(Vec<RoomRow>, Option<(i64, i64)>)> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut rows = store::rooms_after(&mut scan, plan.id, after, ROOMS + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|len| len > ROOMS);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more);
    let next = next.map(|room| (room.site_no, room.room_no));
    Ok((rows, next))
}

/// Every room of a plan, by site and room: for papers and files.
pub async fn all_rooms(app: &App, plan_id: i64) -> Result<Vec<RoomRow>> {
    let (mut rooms, mut after) = (Vec::new(), (i64::MIN, 0));
    loop {
        let mut scan = app.db().scan(Crowd::Staff);
        let rows = store::rooms_after(&mut scan, plan_id, after, 500).await?;
        let Some(last) = rows.last() else {
            return Ok(rooms);
        };
        after = (last.site_no, last.room_no);
        rooms.extend(rows);
    }
}

/// The numbers of the first room of a plan that somebody sits in, and of the last of the next fifty: what papers are
/// offered for. The caller got the plan from [`plan`].
pub async fn first_rooms(ctx: &Ctx, plan: &PlanRow) -> Result<(i64, i64)> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let all = (i64::MIN, i64::MAX);
    let first = store::rooms_used(&mut scan, plan.id, all, 1).await?;
    let Some(first) = first.first().map(|room| room.room_no) else {
        return Ok((1, 1));
    };
    let fifty = (first, first.saturating_add(49));
    let used = store::rooms_used(&mut scan, plan.id, fifty, 50).await?;
    Ok((first, used.last().map_or(first, |room| room.room_no)))
}

/// One room of a plan. The caller got the plan from [`plan`].
///
/// # Errors
/// `NotFound` for a number that no room has.
pub async fn one_room(ctx: &Ctx, plan: &PlanRow, room_no: i64) -> Result<RoomRow> {
    store::room_find(&mut ctx.app.db().read(), plan.id, room_no)
        .await?
        .ok_or(Error::NotFound)
}

/// Who sits in a room. The caller got the plan from [`plan`].
pub async fn room(ctx: &Ctx, plan: &PlanRow, room_no: i64) -> Result<Vec<SeatRow>> {
    Ok(store::seats_in(
        &mut ctx.app.db().scan(Crowd::Staff),
        plan.id,
        (room_no, room_no),
    )
    .await?)
}

/// What a plan changes against the published one.
#[derive(Debug, Clone)]
pub struct Differences {
    /// Seats of people and sessions that had none.
    pub added: i64,
    /// Seats that are elsewhere now.
    pub moved: i64,
    /// Seats that are gone.
    pub removed: i64,
    /// The first of them.
    pub rows: Vec<DifferenceRow>,
}

/// What a plan changes against the published one; `None` when there is none or it is that one.
pub async fn differences(ctx: &Ctx, exam: &Exam, plan: &PlanRow) -> Result<Option<Differences>> {
    let old = exam.row.seat_plan;
    if old == 0 || old == plan.id {
        return Ok(None);
    }
    let (added, moved, removed) =
        store::difference_counts(&mut ctx.app.db().scan(Crowd::Staff), old, plan.id).await?;
    let rows = store::differences(&mut ctx.app.db().scan(Crowd::Staff), old, plan.id, 200).await?;
    Ok(Some(Differences {
        added,
        moved,
        removed,
        rows,
    }))
}
