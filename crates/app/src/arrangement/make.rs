//! Making a plan: a job that goes on, chunk by chunk, where a crash left it.
//!
//! The same people, rooms, options and seed give the same plan, so the job makes it once more and writes what isn't there yet. If
//! people came or went since it was asked for, what was written goes, and the plan is one of the new list. What can't be made is
//! given up with its reason, which its page tells.

use std::collections::{BTreeMap, BTreeSet};

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::{self, Candidate, Options, Plan, PlanProblem, PlanState, Room, Seat};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use super::stage::{self, CHUNK, Numbering, Seats, number};
use super::store::{self as plans, PlanRow};
use super::view::{self, Summary};
use super::{publish, sitters, sitters::Sitter, stage_store as store};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// A request that stages a plan has died if it isn't ready after so many seconds: one whose seats a job makes, and one from a file.
const DEAD_AFTER: (i64, i64) = (600, 3_600);

/// Makes a plan that was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Make {
    /// `seat_plan.id`.
    pub plan: i64,
}

impl Job for Make {
    type State = App;
    const NAME: &'static str = "arrangement.make";
    const QUEUE: &'static str = "arrangement";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        let held = Mutex::new(None);
        let next = || async {
            let mut held = held.lock().await;
            make_some(&Ctx::system(app), self.plan, &mut held, CHUNK).await
        };
        chunks::work(run, "个座位已写入", next).await
    }
}

impl Over for Make {
    fn over(plan: i64) -> Self {
        Self { plan }
    }
}

/// A plan in the making: what is still to be written.
#[derive(Debug)]
pub struct Work {
    input: String,
    rooms: usize,
    seats: Vec<Seat>,
    summary: Summary,
    /// Seats that aren't there yet.
    todo: Vec<(Seat, String)>,
}

/// Goes on with plans whose job died, gives up those of a file whose request died, and takes the seats of those given up away.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let db = ctx.app.db();
    let since = |seconds: i64| ctx.at.plus_seconds(-seconds).micros();
    let unmade = store::plans_unmade(&mut db.scan(Crowd::System), since(DEAD_AFTER.0)).await?;
    chunks::resume::<Make>(ctx, &unmade).await?;
    for plan in store::plans_torn(&mut db.scan(Crowd::System), since(DEAD_AFTER.1)).await? {
        if let Some(row) = plans::plan_by_id(&mut db.read(), plan).await? {
            give_up(ctx, &row, "torn", "导入中断，没有写完。请重新导入。").await?;
        }
    }
    for plan in store::plans_littered(&mut db.scan(Crowd::System)).await? {
        publish::drop_seats(ctx, plan).await?;
    }
    Ok(())
}

/// All that there is to do for a plan: for demonstrations and tests, which have no jobs.
///
/// # Errors
/// `NotFound`; `Conflict` if somebody was faster.
pub async fn make_all(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let plan = view::plan(ctx, exam, public_id).await?;
    let mut held = None;
    while make_some(ctx, plan.id, &mut held, CHUNK).await?.is_some() {}
    Ok(())
}

/// The next `chunk` seats of a plan. `held` is what the last call left; `None` to begin, also after a crash. How many seats there
/// are by now, and how many there will be; `None` once there is nothing left to do.
///
/// # Errors
/// `Conflict` if another worker was faster, or the plan was given up meanwhile; `NotFound`.
pub async fn make_some(
    ctx: &Ctx,
    plan: i64,
    held: &mut Option<Work>,
    chunk: usize,
) -> Result<Option<(i64, i64)>> {
    let row = plans::plan_by_id(&mut ctx.app.db().read(), plan)
        .await?
        .ok_or(Error::NotFound)?;
    if publish::state(&row)? != PlanState::Staging {
        return Ok(None);
    }
    // Gone if this fails: what comes next begins with what is there.
    let mut work = match held.take() {
        Some(work) => work,
        None => match prepared(ctx, &row).await {
            Ok(work) => work,
            Err(Error::Refused(refusal)) => {
                give_up(ctx, &row, refusal.code, &refusal.text).await?;
                return Ok(None);
            }
            Err(error @ Error::Internal { .. }) => {
                tracing::error!(plan = row.id, %error, "a seat plan can't be made");
                give_up(ctx, &row, "internal", TROUBLE).await?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        },
    };
    let all = work.seats.len();
    if work.todo.is_empty() {
        let of = (row.id, row.exam_id);
        let finish = stage::finish(ctx, of, work.rooms, &work.seats, work.summary.clone())?;
        ctx.app.db().write(Lane::Interactive, finish).await?;
        return Ok(None);
    }
    let rest = work.todo.split_off(chunk.clamp(1, work.todo.len()));
    let command = Seats {
        plan_id: row.id,
        input: work.input.clone(),
        seats: std::mem::replace(&mut work.todo, rest),
    };
    ctx.app.db().write(Lane::Background, command).await?;
    let done = all - work.todo.len();
    *held = Some(work);
    Ok(Some((number(done), number(all))))
}

const TROUBLE: &str =
    "系统在编排时出错，已记入运行日志。请重新编排；再次出错时请联系系统维护人员。";

/// What a plan is made of, and what it comes to.
pub(super) struct Outcome {
    pub(super) plan: Plan,
    pub(super) input: String,
    pub(super) tickets: BTreeMap<i64, String>,
}

/// Makes a plan out of people and rooms, and checks it: always the same one out of the same.
///
/// # Errors
/// `Refused` with what is missing.
pub(super) async fn outcome(
    ctx: &Ctx,
    exam: &Exam,
    people: &[Sitter],
    rooms: &[Room],
    (options, seed): (&Options, &str),
) -> Result<Outcome> {
    let candidates: Vec<Candidate> = people.iter().map(|one| one.candidate.clone()).collect();
    let work = (rooms.to_vec(), options.clone(), seed.to_owned());
    let (plan, broken, input) = tokio::task::spawn_blocking(move || {
        let (rooms, options, seed) = work;
        let plan = arrangement::generate(&candidates, &rooms, &options, &seed);
        let broken = plan.as_ref().map_or(0, |plan| {
            arrangement::check(&candidates, &rooms, &plan.seats).len()
        });
        (plan, broken, stage::digest(&candidates, &rooms, &options))
    })
    .await
    .map_err(|e| Error::internal("generate a seat plan", e))?;
    let plan = plan.map_err(|problem| refusal(&problem, people))?;
    if broken > 0 {
        return Err(Error::inconsistent(
            "a generated seat plan breaks the rules",
        ));
    }
    let numbering = Numbering {
        rooms,
        seats: &plan.seats,
        given: &BTreeMap::new(),
        levels: &sitters::levels(people),
    };
    let tickets = stage::tickets(ctx, exam, &numbering).await?;
    Ok(Outcome {
        input: input?,
        tickets,
        plan,
    })
}

/// The plan's problem in words: numbers of applications become 报名序号.
fn refusal(problem: &PlanProblem, people: &[Sitter]) -> Error {
    let named = |id: i64| {
        people
            .iter()
            .find(|one| one.candidate.id == id)
            .map_or_else(String::new, |one| {
                format!("{}（报名序号 {}）", one.name, one.registration_no)
            })
    };
    let text = match problem {
        PlanProblem::NoCandidates => {
            "还没有审核通过、缴费完成的考生。请在缴费结束后再编排。".to_owned()
        }
        PlanProblem::BadSittings(id) => format!(
            "{}的考试科目有误：没有科目，或同一场次有两个科目。请检查考试科目与岗位的笔试类别。",
            named(*id)
        ),
        PlanProblem::NotEnough { need, have, .. } => {
            format!(
                "{problem}。请增加 {} 个座位的考场后再编排。",
                need.saturating_sub(*have)
            )
        }
        other => other.to_string(),
    };
    Error::refused("plan", "不能编排", text)
}

/// Works a plan out once more, and makes room for it if what is there is of another list.
async fn prepared(ctx: &Ctx, row: &PlanRow) -> Result<Work> {
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    super::generate::with_seats(&exam)?;
    let kept = view::kept(row)?;
    let rooms = view::all_rooms(&ctx.app, row.id).await?;
    if number(rooms.len()) < row.rooms {
        let text = "考场没有写完，请重新编排。";
        return Err(Error::refused("rooms_torn", "不能编排", text));
    }
    if kept.algorithm != arrangement::ALGORITHM {
        let text = "系统升级后编排方法有变化，请重新编排。";
        return Err(Error::refused("algorithm", "不能编排", text));
    }
    let rooms = rooms
        .iter()
        .map(view::room_of)
        .collect::<Result<Vec<_>>>()?;
    let people = sitters::seatable(&ctx.app, &exam, &kept.special).await?;
    let of = (&kept.options, row.seed.as_str());
    let made = outcome(ctx, &exam, &people, &rooms, of).await?;
    let seats = stage::numbered(&made.plan.seats, &made.tickets)?;
    let stored: BTreeSet<(Seat, String)> = publish::stored(&ctx.app, row.id)
        .await?
        .into_iter()
        .collect();
    let known = {
        let wanted: BTreeSet<&(Seat, String)> = seats.iter().collect();
        stored.iter().all(|seat| wanted.contains(seat))
    };
    let mut there = stored;
    if made.input != row.input_sha256 || !known {
        anew(ctx, row, &made, &rooms).await?;
        there = BTreeSet::new();
    }
    Ok(Work {
        input: made.input,
        rooms: rooms.len(),
        summary: summary(&made.plan),
        seats: made.plan.seats,
        todo: seats
            .into_iter()
            .filter(|seat| !there.contains(seat))
            .collect(),
    })
}

fn summary(plan: &Plan) -> Summary {
    Summary {
        mixed_rooms: plan.mixed_rooms.len(),
        close_pairs: plan.close_pairs,
        floor: Some(plan.floor),
        ..Summary::default()
    }
}

/// Takes away what was written of another list. The plan is of the new one only when that is done, so that a crash begins here again.
async fn anew(ctx: &Ctx, row: &PlanRow, made: &Outcome, rooms: &[Room]) -> Result<()> {
    let db = ctx.app.db();
    let undo = || Undo {
        plan_id: row.id,
        input: row.input_sha256.clone(),
    };
    while db.write(Lane::Background, undo()).await? > 0 {}
    let people = stage::people_in(&made.plan.seats);
    for chunk in rooms.chunks(CHUNK) {
        let of = |room: &Room| {
            let people = people.get(&room.no).copied().unwrap_or(0);
            (i64::from(room.no), people)
        };
        let command = People {
            plan_id: row.id,
            input: row.input_sha256.clone(),
            rooms: chunk.iter().map(of).collect(),
        };
        db.write(Lane::Background, command).await?;
    }
    let command = Renew {
        plan_id: row.id,
        from: row.input_sha256.clone(),
        to: made.input.clone(),
        seats: number(made.plan.seats.len()),
    };
    db.write(Lane::Background, command).await
}

struct Undo {
    plan_id: i64,
    input: String,
}

impl Command for Undo {
    const NAME: &'static str = "arrangement.undo";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        stage::still_staging(tx, self.plan_id, &self.input).await?;
        Ok(store::seats_undo(tx, self.plan_id, 250).await?)
    }
}

/// How many sit in each room, of another list than the rooms were written with.
struct People {
    plan_id: i64,
    input: String,
    rooms: Vec<(i64, i64)>,
}

impl Command for People {
    const NAME: &'static str = "arrangement.people";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        stage::still_staging(tx, self.plan_id, &self.input).await?;
        for (room, people) in &self.rooms {
            store::room_people(tx, self.plan_id, *room, *people).await?;
        }
        Ok(())
    }
}

struct Renew {
    plan_id: i64,
    from: String,
    to: String,
    seats: i64,
}

impl Command for Renew {
    const NAME: &'static str = "arrangement.renew";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let input = (self.from.as_str(), self.to.as_str());
        if store::plan_input_set(tx, self.plan_id, input, self.seats).await? == 0 {
            return Err(Error::Conflict("另一个任务正在编排"));
        }
        Ok(())
    }
}

/// Ends the making of a plan; its page says why. Nothing happens if it isn't being made any more.
async fn give_up(ctx: &Ctx, row: &PlanRow, code: &'static str, why: &str) -> Result<()> {
    let command = Fail {
        stamp: Stamp::of(ctx),
        plan: (row.id, row.exam_id),
        code,
        why: why.to_owned(),
    };
    if ctx.app.db().write(Lane::Background, command).await? {
        publish::drop_seats(ctx, row.id).await?;
    }
    Ok(())
}

struct Fail {
    stamp: Stamp,
    plan: (i64, i64),
    /// For the trail: the words may name a candidate.
    code: &'static str,
    why: String,
}

impl Command for Fail {
    const NAME: &'static str = "arrangement.fail";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        if store::plan_failed(tx, self.plan.0, &self.why).await? == 0 {
            return Ok(false);
        }
        let object = Object {
            kind: "seat_plan",
            id: self.plan.0,
            exam_id: self.plan.1,
        };
        let detail = json!({ "code": self.code });
        self.stamp
            .trail()
            .audit(tx, "arrangement.failed", object, detail)
            .await?;
        Ok(true)
    }
}
