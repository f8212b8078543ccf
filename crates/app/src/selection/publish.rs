//! 公布 a list for its time, and 撤回 before it came.

use db::{Command, Crowd, Lane, Tx};
use domain::selection::RoundKind;
use domain::selection::round::{Hands, RoundEvent};
use domain::time::Timestamp;
use serde_json::json;

use super::carry::Carry;
use super::draft::Seal;
use super::draft_final::posts_of;
use super::round::{
    Obstacles, PAGE, Round, TOUCHED, found_in, hands, obstacles_in, refused, round, tied,
};
use super::round_store as store;
use super::{row_store, runners};
use crate::chunks;
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp};

/// 公布: the list is in force from `visible_at` on. One that takes the place of another needs a reason.
///
/// # Errors
/// `Fields` under `visible_at` and `reason`; `Refused` for what stands in its way, or if its lines were altered; `Conflict` when somebody
/// was faster, or the list before is still being carried out.
pub async fn publish(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    (visible_at, reason): (Timestamp, &str),
) -> Result<()> {
    let round = round(ctx, exam, public_id).await?;
    unaltered(ctx, &round).await?;
    let reason = crate::reason::read("reason", reason, 0..=300, "最多 300 个字")?;
    if round.kind == RoundKind::Medical {
        let headcounts = runners::headcounts(&ctx.app, exam).await?;
        let going = row_store::going_on(&mut ctx.app.db().scan(Crowd::Staff), round.row.id).await?;
        let full = posts_of(&going, &headcounts);
        if !full.is_empty() {
            return Err(Error::refused(
                "too_many",
                "有岗位的体检人数超过招聘人数",
                format!(
                    "有 {} 个岗位的体检人数超过招聘人数，请重新生成名单。",
                    full.len()
                ),
            ));
        }
    }
    let command = Publish {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        public_id: round.row.public_id,
        visible_at,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Refuses a list whose lines aren't those that were made and checked.
async fn unaltered(ctx: &Ctx, round: &Round) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (mut seal, mut after) = (Seal::default(), 0);
    loop {
        let rows = row_store::rows_after(&mut scan, round.row.id, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.application_id;
        for row in &rows {
            seal.line(row);
        }
    }
    if seal.finish() == round.row.digest {
        return Ok(());
    }
    Err(Error::refused(
        "round_altered",
        "名单与生成时不一致",
        "名单的内容与生成、核对时不一致，不能公布，请联系系统管理员。",
    ))
}

struct Publish {
    stamp: Stamp,
    app: App,
    public_id: String,
    visible_at: Timestamp,
    reason: String,
}

impl Publish {
    fn may(&self, exam: &Exam, obstacles: Obstacles) -> Result<()> {
        if obstacles.stale {
            return Err(Error::refused(
                "stale",
                "名单的依据已有变化",
                "生成名单以后，成绩或者前一份名单已经更正，请重新生成名单。",
            ));
        }
        if obstacles.too_far > 0 {
            return Err(Error::refused(
                "too_far",
                "有人已进入后面的环节",
                format!(
                    "新名单里没有的人当中，有 {} 人已经面试或进入后面的环节，不能随名单取消，请先逐人办理。",
                    obstacles.too_far
                ),
            ));
        }
        if obstacles.ties > 0 {
            return Err(tied(obstacles.ties));
        }
        if exam.settings.steps.seating && !exam.scores_visible(self.stamp.at) {
            return Err(Error::refused(
                "scores_hidden",
                "成绩还没有公布",
                "成绩公布之后才能公布名单。",
            ));
        }
        Ok(())
    }
}

impl Command for Publish {
    const NAME: &'static str = "selection.publish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let now = found_in(tx, &self.public_id).await?;
        let exam = exam::find_in(tx, &self.app, now.row.exam_id).await?;
        let live = store::round_live(tx, exam.id(), now.kind.code()).await?;
        let actor = self.stamp.actor_id();
        let hands = hands(&now, actor, (live.is_some(), &self.reason));
        now.state.on(RoundEvent::Publish, hands).map_err(refused)?;
        let obstacles = obstacles_in(tx, &exam, &now).await?;
        self.may(&exam, obstacles)?;
        let replaces = live.as_ref().map_or(0, |live| live.id);
        if let Some(live) = live {
            if live.carried_at.is_none() {
                return Err(Error::refused(
                    "carrying",
                    "前一份名单正在办理",
                    "前一份名单还没有到公布时间或者正在办理。还没有到时间的，请先撤回；正在办理的，请稍后再公布。",
                ));
            }
            if store::round_set_state(tx, live.id, "published", "superseded").await? == 0 {
                return Err(Error::Conflict(TOUCHED));
            }
        }
        // A time that has passed would claim that the list had been seen before it was.
        let visible = self.visible_at.max(self.stamp.at);
        let who = (actor, self.stamp.at.micros());
        let id = now.row.id;
        if store::round_published(tx, id, who, visible.micros(), &self.reason).await? == 0 {
            return Err(Error::Conflict(TOUCHED));
        }
        chunks::enqueue::<Carry>(tx, trail.id()?, id, visible).await?;
        let detail = json!({
            "kind": now.kind.code(),
            "replaces": replaces,
            "reason": self.reason,
            "visible_at": visible.micros(),
            "made_by": now.row.made_by,
            "checked_by": now.row.checked_by,
            "digest": now.row.digest,
        });
        trail
            .audit(tx, "selection.publish", now.row.object(), detail)
            .await
    }
}

/// 撤回定时公布, before its time: the list that it took the place of is in force again.
///
/// # Errors
/// `Refused` once its time has come.
pub async fn withdraw(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let round = round(ctx, exam, public_id).await?;
    let command = Withdraw {
        stamp: Stamp::of(ctx),
        public_id: round.row.public_id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Withdraw {
    stamp: Stamp,
    public_id: String,
}

impl Command for Withdraw {
    const NAME: &'static str = "selection.withdraw";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = found_in(tx, &self.public_id).await?;
        let hands = Hands {
            seen: now.is_visible(self.stamp.at),
            ..hands(&now, self.stamp.actor_id(), (false, ""))
        };
        now.state.on(RoundEvent::Withdraw, hands).map_err(refused)?;
        let row = &now.row;
        if store::round_withdrawn(tx, row.id, self.stamp.at.micros()).await? == 0 {
            return Err(Error::Conflict(TOUCHED));
        }
        let before = store::round_before(tx, row.exam_id, &row.kind, row.version).await?;
        if let Some(before) = before {
            store::round_set_state(tx, before, "superseded", "published").await?;
        }
        let detail = json!({ "visible_at": row.visible_at, "reinstated": before });
        self.stamp
            .trail()
            .audit(tx, "selection.withdraw", row.object(), detail)
            .await
    }
}
