//! The words of people: asked for, confirmed or refused, handed over, held.

use db::{Command, Lane, Tx};
use domain::archive::{ArchiveState, Material, Retention, Section};
use domain::exam::ExamState;
use domain::field::FieldErrors;
use domain::staff::Permission;
use serde_json::json;

use super::build::Build;
use super::store::{self, ArchiveRow, Insert};
use super::{find, live, open_points};
use crate::chunks;
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, reason};

const REASON: &str = "请写明归档的原因或依据，4 至 500 个字";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Why, or on what ground.
    pub reason: String,
    /// Days by [`Material`] code.
    pub keep: std::collections::BTreeMap<String, String>,
    /// Whether what is still open was read and is archived all the same.
    pub aware: bool,
}

/// 申请归档.
///
/// # Errors
/// `Fields` under `reason`, `keep.<material>`, `aware`; `Refused` while something blocks, the exam isn't closed, or it was asked for
/// already.
pub async fn ask(ctx: &Ctx, public_id: &str, ask: &Ask) -> Result<()> {
    let (exam, _) = find(ctx, public_id).await?;
    if exam.state != ExamState::Closed {
        return Err(Error::refused(
            "archive_open",
            "现在不能归档",
            "请先结束报名，等缴费、退款、成绩都办完，再申请归档。",
        ));
    }
    let points = open_points(ctx, &exam).await?;
    if let Some(point) = points.iter().find(|point| point.blocks) {
        return Err(Error::refused(
            "archive_blocked",
            "还有事项没有办完",
            format!("{}。办完后再申请归档。", point.text),
        ));
    }
    let mut errors = FieldErrors::new();
    let reason = match reason::read("reason", &ask.reason, 4..=500, REASON) {
        Ok(reason) => reason,
        Err(Error::Fields(wrong)) => {
            copy(&mut errors, &wrong);
            String::new()
        }
        Err(other) => return Err(other),
    };
    let kept = Retention::read(|code| ask.keep.get(code).map(String::as_str));
    let kept = match kept {
        Ok(kept) => kept,
        Err(wrong) => {
            copy(&mut errors, &wrong);
            Retention::default()
        }
    };
    if !points.is_empty() && !ask.aware {
        errors.add("aware", "请确认已了解上面没有办完的事项");
    }
    errors.into_result()?;
    let open: Vec<&str> = points.iter().map(|point| point.text.as_str()).collect();
    let command = Asked {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        reason,
        open: open.join("\n"),
        kept,
    };
    match ctx.app.db().write(Lane::Interactive, command).await {
        Err(Error::Db(error)) if error.violates("exam_archive", &["exam_id"]) => {
            Err(Error::Conflict("这场考试已有人申请归档，请刷新查看"))
        }
        other => other,
    }
}

fn copy(into: &mut FieldErrors, from: &FieldErrors) {
    for (field, message) in from.iter() {
        into.add(field, message);
    }
}

struct Asked {
    stamp: Stamp,
    exam_id: i64,
    reason: String,
    open: String,
    kept: Retention,
}

impl Command for Asked {
    const NAME: &'static str = "archive.ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let row = Insert {
            id,
            public_id: &trail.public_id(id).to_string(),
            exam_id: self.exam_id,
            reason: &self.reason,
            open_points: &self.open,
            retention: &self.kept.to_text(),
            section: Section::FIRST.code(),
            by: trail.actor_id(),
            at: trail.at().micros(),
        };
        store::insert(tx, &row).await?;
        let object = Object {
            kind: "exam_archive",
            id,
            exam_id: self.exam_id,
        };
        let detail =
            json!({ "reason": self.reason, "keep": self.kept.to_text(), "open": self.open });
        trail.audit(tx, "archive.ask", object, detail).await
    }
}

/// 撤回, while it waits for the second person.
///
/// # Errors
/// `Conflict` once it was decided; `NotFound`.
pub async fn withdraw(ctx: &Ctx, public_id: &str) -> Result<()> {
    let (_, row) = live(ctx, public_id).await?;
    step(ctx, row, Step::Withdraw).await
}

/// The second person's word. Confirmed, the exam is archived and the job that makes its file is put in, with the same commit.
///
/// # Errors
/// `Refused` for who asked himself, or while something blocks; `Fields` under `note` for a refusal without a reason; `Conflict` if it
/// has been decided or the exam was opened again.
pub async fn decide(ctx: &Ctx, public_id: &str, approve: bool, note: &str) -> Result<()> {
    let (exam, row) = live(ctx, public_id).await?;
    if row.asked_by == ctx.actor.id() {
        return Err(Error::refused(
            "same_person",
            "须由另一人复核",
            "申请人不能复核自己申请的归档，请另一位工作人员办理。",
        ));
    }
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let least = if approve { 0 } else { 4 };
    let note = reason::read(
        "note",
        note,
        least..=500,
        "不同意的，请写明原因，4 至 500 个字",
    )?;
    if approve {
        let points = open_points(ctx, &exam).await?;
        if let Some(point) = points.iter().find(|point| point.blocks) {
            return Err(Error::refused(
                "archive_blocked",
                "还有事项没有办完",
                format!("申请之后又有{}。办完后再复核。", point.text),
            ));
        }
    }
    let command = Decide {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        exam,
        row,
        approve,
        note,
    };
    let forget = ctx.app.clone();
    ctx.app.db().write(Lane::Interactive, command).await?;
    forget.exams().forget();
    Ok(())
}

struct Decide {
    stamp: Stamp,
    app: App,
    exam: std::sync::Arc<Exam>,
    row: ArchiveRow,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "archive.decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let to = if self.approve {
            ArchiveState::Building
        } else {
            ArchiveState::Rejected
        };
        let who = (trail.actor_id(), trail.at().micros());
        if store::decide(tx, self.row.id, to.code(), &self.note, who).await? == 0 {
            return Err(Error::Conflict("这份归档申请已有结果，请刷新查看"));
        }
        if self.approve {
            exam::archive_in(tx, &self.app, &mut trail, self.exam.id()).await?;
            chunks::enqueue::<Build>(tx, trail.id()?, self.row.id, self.stamp.at).await?;
        }
        let detail = json!({ "state": to.code(), "note": self.note });
        trail
            .audit(tx, "archive.decide", self.row.object(), detail)
            .await
    }
}

/// 确认移交: somebody outside the server has the file now. `proof` is the check code on the list.
///
/// # Errors
/// `Fields` under `receiver`, `proof`; `Refused` while files have never been taken; `Conflict`; `NotFound`.
pub async fn hand(ctx: &Ctx, public_id: &str, receiver: &str, proof: &str) -> Result<()> {
    let (_, row) = live(ctx, public_id).await?;
    let receiver = domain::text::line(receiver);
    let mut errors = FieldErrors::new();
    if !(2..=60).contains(&receiver.chars().count()) {
        errors.add("receiver", "请填写接收档案的部门和人，2 至 60 个字");
    }
    let proof = domain::sheet::squeezed(proof).to_ascii_lowercase();
    if row.contents_hash.is_empty() || proof != row.check_code() {
        errors.add(
            "proof",
            "校验码不对。请看下载的“卷内目录”最后一页，填写 8 位校验码",
        );
    }
    errors.into_result()?;
    let left = store::untaken(&mut ctx.app.db().scan(db::Crowd::Staff), row.id).await?;
    if left > 0 {
        return Err(Error::refused(
            "archive_untaken",
            "还有文件没有下载",
            format!("还有 {left} 个文件从来没有下载过。请下载全部文件、核对后再确认移交。"),
        ));
    }
    step(ctx, row, Step::Hand(reason::hide_numbers(&receiver))).await
}

/// 暂缓清除: an appeal or a lawsuit needs what would go.
///
/// # Errors
/// `Fields` under `reason`; `Conflict` if it is held already; `NotFound`.
pub async fn hold(ctx: &Ctx, public_id: &str, why: &str) -> Result<()> {
    let (_, row) = live(ctx, public_id).await?;
    let why = reason::read(
        "reason",
        why,
        4..=500,
        "请写明暂缓清除的原因，4 至 500 个字",
    )?;
    step(ctx, row, Step::Hold(why)).await
}

/// 恢复清除.
///
/// # Errors
/// `Conflict` if nobody holds it; `NotFound`.
pub async fn release(ctx: &Ctx, public_id: &str) -> Result<()> {
    let (_, row) = live(ctx, public_id).await?;
    step(ctx, row, Step::Release).await
}

enum Step {
    Withdraw,
    Hand(String),
    Hold(String),
    Release,
}

async fn step(ctx: &Ctx, row: ArchiveRow, step: Step) -> Result<()> {
    let command = Stepped {
        stamp: Stamp::of(ctx),
        row,
        step,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Stepped {
    stamp: Stamp,
    row: ArchiveRow,
    step: Step,
}

impl Command for Stepped {
    const NAME: &'static str = "archive.step";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (id, who) = (self.row.id, (trail.actor_id(), trail.at().micros()));
        let (done, action, detail) = match &self.step {
            Step::Withdraw => (
                store::withdraw(tx, id).await?,
                "archive.withdraw",
                json!({}),
            ),
            Step::Hand(receiver) => {
                let done = store::hand(tx, id, receiver, who).await?;
                if done == 1 {
                    // Its own copy is the only thing whose days count from here.
                    let due = self.row.kept().due(Material::Package, trail.at());
                    store::purge_insert(tx, id, Material::Package.code(), due.micros()).await?;
                }
                (done, "archive.hand", json!({ "receiver": receiver }))
            }
            Step::Hold(why) => (
                store::hold(tx, id, why, who).await?,
                "archive.hold",
                json!({ "reason": why }),
            ),
            Step::Release => (store::unhold(tx, id).await?, "archive.release", json!({})),
        };
        if done == 0 {
            return Err(Error::Conflict("这份档案刚被别人办理过，请刷新查看"));
        }
        trail.audit(tx, action, self.row.object(), detail).await
    }
}
