//! The photo queue of the office: claimed in handfuls, so that two reviewers never hold the same one.

use db::{Command, Crowd, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use super::store::{self, PhotoRow, QueueRow};
use crate::message::{self, Notice, Sms};
use crate::object::{self, File};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Photos one reviewer holds at a time.
const HANDFUL: i64 = 24;
/// How long they stay his.
const CLAIM_MICROS: i64 = 15 * 60 * 1_000_000;

/// What the reviewer decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// 通过
    Approve,
    /// 不通过, with the reason's code and the sentence for the candidate.
    Reject {
        /// A template's code.
        code: String,
        /// What the candidate reads; never empty.
        reason: String,
    },
}

/// How many wait.
pub async fn pending(ctx: &Ctx) -> Result<i64> {
    ctx.allow(Permission::PhotoReview)?;
    Ok(store::photos_pending(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// The photos decided or waiting, newest first.
pub async fn recent(ctx: &Ctx, state: &str, before: Option<i64>) -> Result<Vec<PhotoRow>> {
    ctx.allow(Permission::PhotoReview)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::photos_in_state(&mut scan, state, before.unwrap_or(i64::MAX), 50).await?)
}

/// Takes the next handful for the asking reviewer and returns what he now holds.
pub async fn claim(ctx: &Ctx) -> Result<Vec<QueueRow>> {
    ctx.allow(Permission::PhotoReview)?;
    let staff_id = ctx.staff()?.id;
    let command = Claim { staff_id, at: ctx.at.micros() };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Claim {
    staff_id: i64,
    at: i64,
}

impl Command for Claim {
    const NAME: &'static str = "photo.claim";
    type Out = Vec<QueueRow>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<QueueRow>> {
        let until = self.at + CLAIM_MICROS;
        store::photos_claim(tx, self.staff_id, self.at, until, HANDFUL).await?;
        Ok(store::photos_held(tx, self.staff_id, self.at, HANDFUL).await?)
    }
}

/// A photo for a reviewer's eyes; each look is recorded.
pub async fn view(ctx: &Ctx, public_id: &str) -> Result<File> {
    ctx.allow(Permission::PhotoReview)?;
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, row.object_id).await
}

/// Approves or rejects a photo at the version that was looked at. The candidate is told.
pub async fn decide(ctx: &Ctx, public_id: &str, version: i64, decision: &Decision) -> Result<()> {
    ctx.allow(Permission::PhotoReview)?;
    if matches!(decision, Decision::Reject { reason, .. } if reason.trim().is_empty()) {
        return Err(Error::field("reason", "请写明不通过的原因"));
    }
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let command = Decide { stamp: Stamp::of(ctx), app: ctx.app.clone(), row, version, decision: decision.clone() };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    app: crate::App,
    row: PhotoRow,
    version: i64,
    decision: Decision,
}

impl Command for Decide {
    const NAME: &'static str = "photo.decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (state, code, reason) = match &self.decision {
            Decision::Approve => ("approved", "", ""),
            Decision::Reject { code, reason } => ("rejected", code.as_str(), reason.trim()),
        };
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let changed =
            store::photo_decide(tx, self.row.id, self.version, (state, code, reason), by, at).await?;
        if changed == 0 {
            return Err(Error::Conflict("这张照片已被审核或更换，请看下一张"));
        }
        let mut trail = self.stamp.trail();
        let object = Object { kind: "photo", id: self.row.id, exam_id: 0 };
        trail.audit(tx, "photo.decide", object, json!({ "state": state, "reason": code })).await?;
        if state == "approved" {
            let account_id = self.row.account_id;
            crate::application::photo_approved(tx, &mut trail, &self.app, account_id).await?;
        }
        if state == "rejected" {
            let notice = Notice {
                kind: "review",
                title: "照片审核不通过".to_owned(),
                body: format!("原因：{reason}。请按要求重新上传照片。"),
                link: "/photo".to_owned(),
                sms: Some(Sms { template: "photo_rejected", params: vec![("reason", reason.to_owned())] }),
            };
            message::notify(tx, &mut trail, &self.app, self.row.account_id, &notice).await?;
        }
        Ok(())
    }
}
