//! What moves a template: written, thrown away, taken into use, put aside. What a page was looking at comes back with the form,
//! as the digest of the draft: what somebody else wrote meanwhile is neither overwritten nor used unseen.

use db::{Command, Lane, Tx};
use domain::staff::Permission;
use domain::ticket::layout::{LayoutEvent, LayoutState, next};
use serde_json::json;

use super::super::template_store::{self as store, NewTemplate};
use super::{checked, sha256, tested, text};
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp, reason};

const CHANGED: Error = Error::Conflict("版式草稿刚刚被修改过，请看最新内容");

/// 保存草稿; its version. `known` is what [`super::Overview::mark`] said when the page was shown.
///
/// # Errors
/// `Fields` under `source`: also for a draft that somebody else changed meanwhile, so that nothing typed is lost; `Forbidden`.
pub async fn write(ctx: &Ctx, exam: &Exam, source: &str, known: &str) -> Result<i64> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let source = checked(source)?;
    let command = Write {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        sha256: sha256(&source),
        source,
        known: known.to_owned(),
    };
    match ctx.app.db().write(Lane::Interactive, command).await {
        Err(Error::Conflict(_)) => Err(Error::field(
            "source",
            "草稿刚刚被别人修改或启用。请复制您写的内容，重新打开本页再改",
        )),
        outcome => outcome,
    }
}

struct Write {
    stamp: Stamp,
    exam_id: i64,
    source: String,
    sha256: String,
    known: String,
}

/// The last version and where it stands.
async fn last(tx: &mut Tx, exam_id: i64) -> Result<Option<(i64, LayoutState, String)>> {
    let Some((version, state, sha256)) = store::template_last(tx, exam_id).await? else {
        return Ok(None);
    };
    let state =
        LayoutState::from_code(&state).ok_or(Error::inconsistent("ticket_template.state"))?;
    Ok(Some((version, state, sha256)))
}

fn object(exam_id: i64) -> Object {
    Object {
        kind: "ticket_template",
        id: exam_id,
        exam_id,
    }
}

impl Command for Write {
    const NAME: &'static str = "ticket.write_template";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let mut trail = self.stamp.trail();
        let last = last(tx, self.exam_id).await?;
        let draft = last
            .as_ref()
            .filter(|(_, state, _)| next(*state, LayoutEvent::Write).is_some());
        let known = draft.map_or("", |(.., sha256)| sha256.as_str());
        if known != self.known {
            return Err(CHANGED);
        }
        let version = match (draft, &last) {
            (Some((version, ..)), _) => *version,
            (None, Some((version, ..))) => version + 1,
            (None, None) => 1,
        };
        let row = NewTemplate {
            exam_id: self.exam_id,
            version,
            source: &self.source,
            sha256: &self.sha256,
            by: trail.actor_id(),
            at: trail.at().micros(),
        };
        let written = match draft {
            Some(_) => store::template_rewrite(tx, &row, known).await?,
            None => store::template_insert(tx, &row).await?,
        };
        if written == 0 {
            return Err(CHANGED);
        }
        let detail = json!({ "version": version, "sha256": self.sha256 });
        trail
            .audit(tx, "ticket.template", object(self.exam_id), detail)
            .await?;
        Ok(version)
    }
}

/// 放弃草稿.
///
/// # Errors
/// `Conflict` when it was changed or used meanwhile; `Forbidden`.
pub async fn drop_draft(ctx: &Ctx, exam: &Exam, known: &str) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let command = Drop {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        known: known.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Drop {
    stamp: Stamp,
    exam_id: i64,
    known: String,
}

impl Command for Drop {
    const NAME: &'static str = "ticket.drop_template";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (version, state, _) = last(tx, self.exam_id).await?.ok_or(CHANGED)?;
        next(state, LayoutEvent::Drop).ok_or(CHANGED)?;
        if store::template_drop(tx, (self.exam_id, version), &self.known).await? == 0 {
            return Err(CHANGED);
        }
        let detail = json!({ "version": version, "dropped": true });
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "ticket.template", object(self.exam_id), detail)
            .await
    }
}

/// 启用: the draft that was looked at, after the test set has passed on exactly this text.
///
/// # Errors
/// `Fields` under `reason`; `Refused` with what the test set missed; `Conflict` when it was changed meanwhile; `Busy`; `Forbidden`.
pub async fn take_into_use(
    ctx: &Ctx,
    exam: &Exam,
    (version, known): (i64, &str),
    why: &str,
) -> Result<()> {
    let source = text(ctx, exam, Some(version)).await?;
    let why = reason_of(why)?;
    if sha256(&source) != known {
        return Err(CHANGED);
    }
    let faults = tested(&ctx.app, exam, source).await?;
    if let Some(fault) = faults.first() {
        return Err(Error::refused(
            "ticket_template",
            "版式没有通过检查，不能启用",
            format!("{fault}。共 {} 处，改好后再启用。", faults.len()),
        ));
    }
    let command = Use {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        version,
        known: known.to_owned(),
        reason: why,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn reason_of(typed: &str) -> Result<String> {
    reason::read(
        "reason",
        typed,
        4..=200,
        "请写明原因，4 至 200 个字，会记入操作日志",
    )
}

struct Use {
    stamp: Stamp,
    exam_id: i64,
    version: i64,
    known: String,
    reason: String,
}

impl Command for Use {
    const NAME: &'static str = "ticket.use_template";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let keys = (self.exam_id, self.version);
        match last(tx, self.exam_id).await? {
            Some((version, state, _)) if version == self.version => {
                next(state, LayoutEvent::Use).ok_or(CHANGED)?;
            }
            _ => return Err(CHANGED),
        }
        // One version is used at a time: the index holds it, so the other one goes first.
        store::template_replace(tx, self.exam_id).await?;
        let by = (trail.actor_id(), trail.at().micros());
        if store::template_use(tx, keys, &self.known, &self.reason, by).await? == 0 {
            return Err(CHANGED);
        }
        let detail =
            json!({ "version": self.version, "sha256": self.known, "reason": self.reason });
        trail
            .audit(tx, "ticket.template_use", object(self.exam_id), detail)
            .await
    }
}

/// 改回内置版式.
///
/// # Errors
/// `Fields` under `reason`; `Conflict` when none is used; `Forbidden`.
pub async fn back_to_built_in(ctx: &Ctx, exam: &Exam, why: &str) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let command = Back {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        reason: reason_of(why)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Back {
    stamp: Stamp,
    exam_id: i64,
    reason: String,
}

impl Command for Back {
    const NAME: &'static str = "ticket.back_to_built_in";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::template_replace(tx, self.exam_id).await? == 0 {
            return Err(Error::Conflict("现在用的就是内置版式"));
        }
        let detail = json!({ "version": 0, "reason": self.reason });
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "ticket.template_use", object(self.exam_id), detail)
            .await
    }
}
