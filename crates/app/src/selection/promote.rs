//! 递补: the offer before the interview, the post after it, and what becomes of an offer that nobody answers.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Life;
use domain::selection::promote::answer_by;
use domain::selection::{Entry, Stage, StageEvent};
use domain::staff::Permission;
use serde_json::json;

use super::advance::{Because, ROWS_EACH, advance_in};
use super::notice;
use super::pool::{Behind, Pools};
use super::round_store;
use super::runners::headcounts;
use super::store::{self, NewContender};
use super::vacancy::{after, before, lists, lists_in, posts_to_fill};
use crate::application::store as applications;
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, message};

pub use super::vacancy::{MOST, Next, Point, Vacancy, vacancies};

/// An offer lapses this much after its hour, so that an answer that came in time and is still on its way counts.
const GRACE_SECONDS: i64 = 60;
/// People who are asked at once, at most.
const MOST_ASKED: u32 = 5_000;

fn nothing_free() -> Error {
    Error::refused(
        "no_vacancy",
        "没有空出的名额",
        "这个岗位的名额已满，或者刚有人递补。请刷新查看。",
    )
}

/// 递补 before the interview: asks the next in rank whether they come. Whole ranks: of two who are equal neither can be asked before
/// the other. Who was asked.
///
/// # Errors
/// `Refused` when nothing is free, nobody is left, or the interviews are planned.
pub async fn offer(ctx: &Ctx, exam: &Exam, position_id: i64) -> Result<Vec<String>> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    let lists = lists(ctx, exam).await?.ok_or_else(nothing_free)?;
    let counts = headcounts(&ctx.app, exam).await?;
    let headcount = counts.get(&position_id).copied().ok_or(Error::NotFound)?;
    let people =
        store::contenders_of_position(&mut ctx.app.db().scan(Crowd::Staff), position_id).await?;
    let of = (position_id, headcount);
    let pool = Pools::new(ctx, exam, &lists.shortlist)
        .of(of, &people)
        .await?;
    // Whoever is equal is asked, however many they are.
    let most = u32::try_from(pool.len())
        .unwrap_or(MOST_ASKED)
        .min(MOST_ASKED);
    let command = Offer {
        stamp: Stamp::for_rows(ctx, most.saturating_mul(ROWS_EACH)),
        app: ctx.app.clone(),
        exam_id: exam.id(),
        position: of,
        pool,
        round_id: lists.shortlist.id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Offer {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    position: (i64, u32),
    pool: Vec<Behind>,
    round_id: i64,
}

impl Command for Offer {
    const NAME: &'static str = "selection.offer";
    type Out = Vec<String>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<String>> {
        let mut trail = self.stamp.trail();
        // Whoever else gives a place of this list away waits until this is done.
        if round_store::round_lock(tx, self.round_id).await? == 0 {
            return Err(Error::Conflict("入围名单刚有变化，请刷新查看"));
        }
        let exam = exam::find_in(tx, &self.app, self.exam_id).await?;
        let rules = &exam.settings.selection;
        let lists = lists_in(tx, &exam).await?.ok_or_else(nothing_free)?;
        if lists.planned || lists.medical.is_some() {
            return Err(Error::refused(
                "planned",
                "面试安排已经公布",
                "面试安排公布之后不再递补。",
            ));
        }
        let people = store::contenders_of_position(tx, self.position.0).await?;
        let vacancy = before(rules, self.position, &people, &self.pool)?;
        if vacancy.free == 0 {
            return Err(nothing_free());
        }
        if vacancy.next.is_empty() {
            return Err(Error::refused(
                "nobody_left",
                "没有可以递补的考生",
                "排名在后的考生都已递补过，或者报名已终止。",
            ));
        }
        let due = answer_by(rules, self.stamp.at);
        let mut names = Vec::with_capacity(vacancy.next.len());
        for next in &vacancy.next {
            let application = applications::application_by_id(tx, next.id)
                .await?
                .ok_or(Error::inconsistent("selection_row.application_id"))?;
            if application.life != Life::Live.code() {
                return Err(Error::Conflict("有考生的报名刚终止，请刷新后再递补"));
            }
            let id = trail.id()?;
            let public_id = trail.public_id(id).to_string();
            let row = NewContender {
                application_id: next.id,
                public_id: &public_id,
                exam_id: exam.id(),
                position_id: self.position.0,
                unit: &application.unit,
                name: &application.name,
                round_id: 0,
                entry: Entry::Offer.code(),
                rank: next.rank,
                written: &next.total,
                stage: Stage::entry(Entry::Offer, rules.path()).code(),
                due_at: Some(due.micros()),
                promoted: Point::Interview.code(),
                at: self.stamp.at.micros(),
            };
            if store::contender_insert(tx, &row).await? == 0 {
                return Err(Error::Conflict("这位考生刚被递补，请刷新查看"));
            }
            let object = Object {
                kind: "contender",
                id: next.id,
                exam_id: exam.id(),
            };
            let detail = json!({ "rank": next.rank, "due_at": due.micros(), "free": vacancy.free });
            trail.audit(tx, "selection.offer", object, detail).await?;
            let notice = notice::offered(&exam, &application.public_id, due);
            message::notify(tx, &mut trail, &self.app, application.account_id, &notice).await?;
            names.push(application.name);
        }
        Ok(names)
    }
}

/// 递补 after the interview: the next by the combined total go on at once. Where more are equal than there are posts, `chosen` are those
/// who were decided for, by public id, with why.
///
/// # Errors
/// `Refused` when no post is free or may be filled; `Fields` under `chosen` and `reason` where somebody has to decide.
pub async fn follow(
    ctx: &Ctx,
    exam: &Exam,
    position_id: i64,
    (chosen, reason): (&[String], &str),
) -> Result<Vec<String>> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    let counts = headcounts(&ctx.app, exam).await?;
    let headcount = counts.get(&position_id).copied().ok_or(Error::NotFound)?;
    let command = Follow {
        stamp: Stamp::for_rows(ctx, 300),
        app: ctx.app.clone(),
        exam_id: exam.id(),
        position: (position_id, headcount),
        chosen: chosen.to_vec(),
        reason: crate::reason::read("reason", reason, 0..=200, "最多 200 个字")?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Follow {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    position: (i64, u32),
    chosen: Vec<String>,
    reason: String,
}

impl Follow {
    /// Who goes on: everybody who follows, or those who were decided for.
    fn going<'v>(&self, vacancy: &'v Vacancy) -> Result<Vec<&'v Next>> {
        if !vacancy.tied {
            return Ok(vacancy.next.iter().collect());
        }
        let going: Vec<&Next> = vacancy
            .next
            .iter()
            .filter(|next| self.chosen.contains(&next.public_id))
            .collect();
        if u32::try_from(going.len()).is_ok_and(|count| count == vacancy.free) {
            if self.reason.chars().count() < 4 {
                return Err(Error::field(
                    "reason",
                    "请写明怎样确定的，例如：加试成绩高于并列的另一人，4 至 200 个字",
                ));
            }
            return Ok(going);
        }
        Err(Error::field(
            "chosen",
            format!("有人并列，请选定 {} 人", vacancy.free),
        ))
    }
}

impl Command for Follow {
    const NAME: &'static str = "selection.follow";
    type Out = Vec<String>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<String>> {
        let mut trail = self.stamp.trail();
        let exam = exam::find_in(tx, &self.app, self.exam_id).await?;
        let rules = &exam.settings.selection;
        let medical = round_store::round_live(tx, exam.id(), "medical").await?;
        let medical = medical.filter(|row| row.carried_at.is_some());
        let medical = medical.ok_or_else(nothing_free)?;
        if round_store::round_lock(tx, medical.id).await? == 0 {
            return Err(Error::Conflict("体检名单刚有变化，请刷新查看"));
        }
        let people = store::contenders_of_position(tx, self.position.0).await?;
        let vacancy = after(rules, self.position, &people)?;
        let (_, posts, used_up) = posts_to_fill(rules, self.position.1, &people)?;
        if posts.is_empty() && used_up {
            return Err(Error::refused(
                "used_up",
                "递补次数已满",
                format!(
                    "体检、考察环节空出的名额最多递补 {} 次，这个名额已经递补过。",
                    rules.medical_rounds
                ),
            ));
        }
        if posts.is_empty() || vacancy.next.is_empty() {
            return Err(nothing_free());
        }
        let mut names = Vec::new();
        for (next, filled) in self.going(&vacancy)?.into_iter().zip(posts) {
            let Some(row) = people.iter().find(|one| one.application_id == next.id) else {
                continue;
            };
            let because = Because {
                action: "selection.offer",
                reason: &self.reason,
                by_system: false,
            };
            advance_in(
                tx,
                &mut trail,
                &self.app,
                row,
                StageEvent::ToMedical,
                because,
            )
            .await?;
            store::contender_follows(tx, next.id, filled + 1).await?;
            names.push(next.name.clone());
        }
        Ok(names)
    }
}

/// Ends the offers that nobody answered in time; how many.
pub async fn lapse(ctx: &Ctx) -> Result<i64> {
    let until = ctx.at.plus_seconds(-GRACE_SECONDS).micros();
    let due = store::offers_due(&mut ctx.app.db().scan(Crowd::System), until).await?;
    let mut lapsed = 0;
    for id in due {
        let command = Lapse {
            stamp: Stamp::of(ctx),
            app: ctx.app.clone(),
            id,
            until,
        };
        match ctx.app.db().write(Lane::Background, command).await {
            Ok(true) => lapsed += 1,
            // He answered in this moment.
            Ok(false) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(lapsed)
}

struct Lapse {
    stamp: Stamp,
    app: App,
    id: i64,
    until: i64,
}

impl Command for Lapse {
    const NAME: &'static str = "selection.lapse";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let row = store::contender_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        if row.due_at.is_none_or(|due| due > self.until) {
            return Ok(false);
        }
        let because = Because {
            action: "selection.lapse",
            reason: "",
            by_system: true,
        };
        let mut trail = self.stamp.trail();
        advance_in(tx, &mut trail, &self.app, &row, StageEvent::Lapse, because).await?;
        Ok(true)
    }
}
