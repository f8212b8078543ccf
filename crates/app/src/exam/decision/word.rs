//! The two people's words: one asks, another confirms.

use db::{Command, Lane, Tx};
use domain::exam::PositionOutcome;
use domain::staff::Permission;
use serde_json::json;

use super::carry::CarryOut;
use super::draft::counted;
use super::{exact, items};
use crate::chunks;
use crate::exam::amendment::Publication;
use crate::exam::catalogue::{self, Exam};
use crate::exam::decision_store::{self as store, DecisionRow};
use crate::exam::positions::{self, PositionTable};
use crate::exam::store::exam_hold;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// 提交复核: asks for the second person's word.
///
/// # Errors
/// `Fields` under `reason`, `title`, `body`; `Refused` if everything would be kept, or another decision of the exam is asked for
/// or running; `Conflict` if it isn't a draft any more.
pub async fn ask(ctx: &Ctx, exam: &Exam, public_id: &str, with: &Publication) -> Result<()> {
    let decision = super::find(ctx, exam, public_id).await?;
    let with = with.read()?;
    if decision.counts.1 + decision.counts.2 == 0 {
        return Err(Error::refused(
            "decision_empty",
            "没有需要办理的岗位",
            "所有岗位都选择了保留，不需要提交。",
        ));
    }
    let command = Ask {
        stamp: Stamp::of(ctx),
        row: decision.row,
        with,
    };
    match ctx.app.db().write(Lane::Interactive, command).await {
        Err(Error::Db(error)) if error.violates("position_decision", &["exam_id"]) => Err(taken()),
        other => other,
    }
}

fn taken() -> Error {
    Error::refused(
        "decision_open",
        "另一项岗位处置还没有办完",
        "同一场考试一次只能办理一项岗位处置。请等它复核、办完或撤回之后再提交。",
    )
}

struct Ask {
    stamp: Stamp,
    row: DecisionRow,
    with: Publication,
}

impl Command for Ask {
    const NAME: &'static str = "exam.decision_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let with = &self.with;
        let texts = (
            with.reason.as_str(),
            with.title.as_str(),
            with.body.as_str(),
        );
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::decision_ask(tx, self.row.id, texts, who).await? == 0 {
            return Err(Error::Conflict("这份处置已提交或已撤回，请刷新查看"));
        }
        let object = Object {
            kind: "position_decision",
            id: self.row.id,
            exam_id: self.row.exam_id,
        };
        let detail = json!({ "reason": with.reason });
        self.stamp
            .trail()
            .audit(tx, "exam.decision_ask", object, detail)
            .await
    }
}

/// 撤回: a draft, or what waits for the second person, is called off.
pub async fn withdraw(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let stamp = Stamp::of(ctx);
    ctx.app
        .db()
        .write(Lane::Interactive, Withdraw { stamp, row })
        .await
}

struct Withdraw {
    stamp: Stamp,
    row: DecisionRow,
}

impl Command for Withdraw {
    const NAME: &'static str = "exam.decision_withdraw";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::decision_withdraw(tx, self.row.id).await? == 0 {
            return Err(Error::Conflict("这份处置已有结果，请刷新查看"));
        }
        let object = Object {
            kind: "position_decision",
            id: self.row.id,
            exam_id: self.row.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "exam.decision_withdraw", object, json!({}))
            .await
    }
}

/// The second person's word. Confirmed, the job that carries it out is put in with the same commit.
///
/// # Errors
/// `Refused` for who asked himself; `Fields` under `note` for a refusal without a reason; `Conflict` if it has been decided,
/// the positions were amended, or (a ratio check) other people count now than were shown.
pub async fn decide(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    approve: bool,
    note: &str,
) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    if row.asked_by == Some(ctx.actor.id()) {
        return Err(Error::refused(
            "same_person",
            "须由另一人复核",
            "提交人不能复核自己提交的岗位处置，请另一位工作人员办理。",
        ));
    }
    let least = if approve { 0 } else { 4 };
    let note = crate::reason::read(
        "note",
        note,
        least..=500,
        "不同意的，请写明原因，4 至 500 个字",
    )?;
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        table: positions::table(&ctx.app, exam).await?,
        row,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    app: App,
    row: DecisionRow,
    table: std::sync::Arc<PositionTable>,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "exam.decision_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        let exam = catalogue::find_in(tx, &self.app, row.exam_id).await?;
        if self.approve {
            // Whoever publishes an amendment needs the exam's row, too: one of the two sees the other.
            let base = (exam.row.positions_batch, exam.row.positions_amendment);
            if exam_hold(tx, exam.id(), base).await? == 0 {
                return Err(Error::Conflict("岗位表刚有更正，请重新核对后再复核"));
            }
            self.still_so(tx, &exam).await?;
        }
        let to = if self.approve { "running" } else { "rejected" };
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::decision_decide(tx, row.id, to, &self.note, who).await? == 0 {
            return Err(Error::Conflict("这份处置已有结果，请刷新查看"));
        }
        if self.approve {
            chunks::enqueue::<CarryOut>(tx, trail.id()?, row.id, self.stamp.at).await?;
        }
        let object = Object {
            kind: "position_decision",
            id: row.id,
            exam_id: row.exam_id,
        };
        let detail = json!({ "state": to, "note": self.note });
        trail
            .audit(tx, "exam.decision_decide", object, detail)
            .await
    }
}

impl Decide {
    /// Whether everything is as it was shown: no position was amended or cancelled meanwhile, and the ratio proposes the same.
    async fn still_so(&self, tx: &mut Tx, exam: &Exam) -> Result<()> {
        let counts = exact(tx, exam).await?;
        for item in items(tx, self.row.id).await? {
            let position = self.table.by_id(item.position_id);
            let position = position.filter(|found| {
                i64::from(found.position.headcount) == item.headcount
                    && item.position_state == domain::exam::PositionState::Open.code()
            });
            let Some(position) = position else {
                return Err(Error::Conflict(
                    "有岗位在提交之后被更正或取消，请撤回这份处置，重新核定",
                ));
            };
            if self.row.kind != "ratio" {
                continue;
            }
            let now = counted(
                exam,
                position,
                counts.get(&position.id).copied().unwrap_or_default(),
            );
            let (proposal, proposed) = now.proposal();
            if (proposal.code(), i64::from(proposed)) != (item.proposal.as_str(), item.proposed) {
                return Err(Error::Conflict(
                    "提交之后人数有变化，按新的人数建议不同，请撤回这份处置，重新核定",
                ));
            }
        }
        Ok(())
    }
}

/// Whether an outcome's code is that of a cancellation.
pub(super) fn cancels(outcome: &str) -> bool {
    outcome == PositionOutcome::Cancel.code()
}
