//! 公布 and 放弃.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::{self, Candidate, PlanEvent, PlanState, Seat};
use domain::staff::Permission;
use serde_json::json;

use super::sitters;
use super::store::{self, PlanRow};
use super::{stage_store, view};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, ticket};

/// Makes a ready plan the exam's: checks the stored rows again, gives the ticket numbers for ever, then flips one pointer.
///
/// # Errors
/// `Refused` when the plan doesn't fit the candidates any more; `Conflict` when another plan was published meanwhile.
pub async fn publish(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let plan = view::plan(ctx, exam, public_id).await?;
    if state(&plan)?.on(PlanEvent::Publish).is_none() {
        return Err(Error::Conflict(
            "这份编排已公布、已被替换或已放弃，请刷新查看",
        ));
    }
    let rows = stored(&ctx.app, plan.id).await?;
    recheck(&ctx.app, exam, &plan, &rows).await?;
    let mut numbers: BTreeMap<i64, String> = BTreeMap::new();
    for (seat, number) in rows {
        numbers.insert(seat.candidate, number);
    }
    ticket::give(ctx, exam.id(), numbers).await?;
    let command = Publish {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        plan,
        from: exam.row.seat_plan,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

pub(super) fn state(plan: &PlanRow) -> Result<PlanState> {
    PlanState::from_code(&plan.state).ok_or(Error::inconsistent("seat_plan.state"))
}

/// Every stored seat of a plan, with its ticket number.
pub(super) async fn stored(app: &App, plan_id: i64) -> Result<Vec<(Seat, String)>> {
    let number = |number: i64| u32::try_from(number).map_err(|_| Error::inconsistent("seat"));
    let (mut seats, mut after) = (Vec::new(), 0);
    loop {
        let mut scan = app.db().scan(Crowd::Staff);
        let rows = store::seats_after(&mut scan, plan_id, after, 500).await?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (candidate, session, room, seat, ticket) in rows {
            let seat = Seat {
                candidate,
                session: number(session)?,
                room: number(room)?,
                seat: number(seat)?,
            };
            seats.push((seat, ticket));
        }
    }
    Ok(seats)
}

async fn recheck(app: &App, exam: &Exam, plan: &PlanRow, rows: &[(Seat, String)]) -> Result<()> {
    let people = sitters::seatable(app, exam, &view::kept(plan)?.special).await?;
    let candidates: Vec<Candidate> = people.iter().map(|one| one.candidate.clone()).collect();
    let rooms = view::all_rooms(app, plan.id).await?;
    let rooms = rooms
        .iter()
        .map(view::room_of)
        .collect::<Result<Vec<_>>>()?;
    let seats: Vec<Seat> = rows.iter().map(|(seat, _)| *seat).collect();
    let broken =
        tokio::task::spawn_blocking(move || arrangement::check(&candidates, &rooms, &seats))
            .await
            .map_err(|e| Error::internal("check a seat plan", e))?;
    if broken.is_empty() {
        return Ok(());
    }
    let named = |id: i64| people.iter().find(|one| one.candidate.id == id);
    let new = broken
        .iter()
        .filter(|one| matches!(one, arrangement::Violation::NoSeat { .. }));
    let gone = broken
        .iter()
        .filter(|one| matches!(one, arrangement::Violation::UnknownCandidate(_)));
    let (new, gone) = (new.count(), gone.count());
    let first = broken.iter().find_map(|one| match one {
        arrangement::Violation::NoSeat { candidate, .. } => named(*candidate),
        _ => None,
    });
    let example = first.map_or_else(String::new, |one| {
        format!(
            "例如 {}（报名序号 {}）还没有座位。",
            one.name, one.registration_no
        )
    });
    Err(Error::refused(
        "plan_stale",
        "编排与考生名单不一致",
        format!(
            "编排之后名单有变化：{new} 个座位待补，{gone} 个座位的考生已不在名单中，其他 {} 处。{example}请重新编排后再公布。",
            broken.len() - new - gone
        ),
    ))
}

struct Publish {
    stamp: Stamp,
    app: App,
    plan: PlanRow,
    from: i64,
}

impl Command for Publish {
    const NAME: &'static str = "arrangement.publish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let exam = exam::find_in(tx, &self.app, self.plan.exam_id).await?;
        super::generate::with_seats(&exam)?;
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::plan_published(tx, self.plan.id, who).await? == 0
            || exam::exam_point_seats(tx, exam.id(), self.from, self.plan.id).await? == 0
        {
            return Err(Error::Conflict("另一份编排刚刚公布，请刷新后核对"));
        }
        if self.from != 0 {
            store::plan_set_state(tx, self.from, "published", "superseded").await?;
        }
        let object = Object {
            kind: "seat_plan",
            id: self.plan.id,
            exam_id: exam.id(),
        };
        let detail =
            json!({ "replaces": self.from, "seats": self.plan.seats, "rooms": self.plan.rooms });
        self.stamp
            .trail()
            .audit(tx, "arrangement.publish", object, detail)
            .await
    }
}

/// 放弃 a plan that isn't published; its rows go.
pub async fn discard(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let plan = view::plan(ctx, exam, public_id).await?;
    let command = Discard {
        stamp: Stamp::of(ctx),
        plan: plan.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    drop_seats(ctx, plan.id).await
}

/// Takes the seats of a plan that was given up away.
pub(super) async fn drop_seats(ctx: &Ctx, plan_id: i64) -> Result<()> {
    while ctx
        .app
        .db()
        .write(Lane::Background, Drop { plan_id })
        .await?
        > 0
    {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    plan: PlanRow,
}

impl Command for Discard {
    const NAME: &'static str = "arrangement.discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let id = self.plan.id;
        let changed = store::plan_set_state(tx, id, "ready", "discarded").await?
            + store::plan_set_state(tx, id, "staging", "discarded").await?;
        if changed == 0 {
            return Err(Error::Conflict("这份编排已公布或已放弃，请刷新查看"));
        }
        let object = Object {
            kind: "seat_plan",
            id,
            exam_id: self.plan.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "arrangement.discard", object, json!({}))
            .await
    }
}

struct Drop {
    plan_id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "arrangement.drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(stage_store::seats_drop(tx, self.plan_id, 250).await?)
    }
}
