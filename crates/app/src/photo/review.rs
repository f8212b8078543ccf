//! The photo queue of the office: claimed in handfuls, so that two reviewers never hold the same one.

use db::{Command, Crowd, Lane, Tx};
use domain::id_number::{IdDocument, IdType};
use domain::review::reason::{self, ReasonKind};
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;
use vault::Place;

use super::store::{self, DecidedRow, PhotoRow, QueueRow};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
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

/// What the list of decided photos is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecidedFilter {
    /// `approved` or `rejected`.
    pub state: String,
    /// The code of a reason for rejecting; empty for all.
    pub reason: String,
    /// Turned round: every reason but that one.
    pub other: bool,
    /// Those uploaded first on top, not those uploaded last.
    pub oldest: bool,
}

impl DecidedFilter {
    fn part(&self) -> store::Decided<'_> {
        let codes = || reason::templates(ReasonKind::PhotoReject).map(|template| template.code);
        let reasons = match (self.reason.as_str(), self.other) {
            ("", _) => None,
            (code, false) => Some(vec![code]),
            (code, true) => Some(codes().filter(|one| *one != code).collect()),
        };
        store::Decided {
            state: &self.state,
            reasons: reasons.filter(|_| self.state == "rejected"),
            oldest: self.oldest,
        }
    }
}

/// A page of decided photos, beyond instant and id of the last one shown.
pub async fn recent(
    ctx: &Ctx,
    filter: &DecidedFilter,
    from: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<DecidedRow>> {
    ctx.allow(Permission::PhotoReview)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let end = if filter.oldest { 0 } else { i64::MAX };
    let from = from.unwrap_or((end, end));
    Ok(store::photos_decided(&mut scan, &filter.part(), from, limit).await?)
}

/// The decided photos under a filter as a file: whose, what was decided, why and by whom. No picture.
///
/// # Errors
/// `Forbidden`.
pub async fn export(ctx: &Ctx, filter: &DecidedFilter, format: Format) -> Result<Copied> {
    take(ctx, &DecidedList(filter), format).await
}

struct DecidedList<'a>(&'a DecidedFilter);

impl Listing for DecidedList<'_> {
    type Row = DecidedRow;
    type Place = (i64, i64);
    const NAME: &'static str = "照片审核";
    const ACTION: &'static str = "photo.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("姓名", 12.0),
        ("结果", 10.0),
        ("原因", 48.0),
        ("审核人", 12.0),
        ("上传时间", 20.0),
        ("审核时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "photo",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.0.state, "reason_code": self.0.reason, "not": self.0.other })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<DecidedRow>, Option<(i64, i64)>)> {
        let rows = recent(ctx, self.0, from, CHUNK).await?;
        let next = next(&rows, |row| (row.uploaded_at, row.id));
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &DecidedRow) -> Vec<Cell> {
        let approved = row.state == "approved";
        vec![
            Cell::text(row.name.as_str()),
            Cell::text(if approved { "已通过" } else { "未通过" }),
            Cell::text(row.reason.as_str()),
            Cell::text(row.reviewer.as_deref().unwrap_or("系统")),
            second(row.uploaded_at),
            second(row.decided_at.unwrap_or(0)),
        ]
    }
}

/// A photo on the reviewer's table: the number masked.
#[derive(Debug, Clone)]
pub struct Card {
    /// What URLs and forms carry.
    pub public_id: String,
    /// 姓名
    pub name: String,
    /// The first three characters of the number.
    pub id_number: String,
    /// What the machine noticed, in words.
    pub hints: Vec<String>,
    /// 上传时间
    pub uploaded_at: i64,
    /// Sent back with the decision: the photo may be replaced meanwhile.
    pub version: i64,
}

/// What the asking reviewer holds; takes nothing.
pub async fn held(ctx: &Ctx) -> Result<Vec<Card>> {
    ctx.allow(Permission::PhotoReview)?;
    let staff_id = ctx.staff()?.id;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    store::photos_held(&mut scan, staff_id, ctx.at.micros(), HANDFUL)
        .await?
        .into_iter()
        .map(|row| card(ctx, row))
        .collect()
}

fn card(ctx: &Ctx, row: QueueRow) -> Result<Card> {
    let place = Place {
        table: "account",
        column: "id_number",
        row: row.account_id,
    };
    let clear = ctx
        .app
        .cipher()
        .open(place, &row.id_number)
        .map_err(|e| Error::internal("account.id_number", e))?;
    let number =
        std::str::from_utf8(&clear).map_err(|e| Error::internal("account.id_number", e))?;
    let id_type = IdType::parse(&row.id_type).ok_or(Error::inconsistent("account.id_type"))?;
    let hints: Vec<imaging::photo::Hint> = serde_json::from_str(&row.hints).unwrap_or_default();
    Ok(Card {
        public_id: row.public_id,
        name: row.name,
        id_number: IdDocument::from_stored(id_type, number).masked(),
        hints: hints.iter().map(|hint| hint.label().to_owned()).collect(),
        uploaded_at: row.uploaded_at,
        version: row.version,
    })
}

/// Takes the next handful for the asking reviewer; returns how many he now holds.
pub async fn claim(ctx: &Ctx) -> Result<usize> {
    ctx.allow(Permission::PhotoReview)?;
    let staff_id = ctx.staff()?.id;
    for _ in 0..3 {
        let command = Claim {
            stamp: Stamp::of(ctx),
            staff_id,
            at: ctx.at.micros(),
        };
        let held = ctx.app.db().write(Lane::Interactive, command).await?;
        // On PostgreSQL two reviewers may reach for the same rows; the second then finds them taken and reaches again.
        if held > 0 || pending(ctx).await? == 0 {
            return Ok(held);
        }
    }
    Ok(0)
}

/// Puts back what the asking reviewer holds.
pub async fn release(ctx: &Ctx) -> Result<()> {
    ctx.allow(Permission::PhotoReview)?;
    let staff_id = ctx.staff()?.id;
    ctx.app
        .db()
        .write(Lane::Interactive, Release { staff_id })
        .await
}

struct Release {
    staff_id: i64,
}

impl Command for Release {
    const NAME: &'static str = "photo.release";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::photos_release(tx, self.staff_id).await?;
        Ok(())
    }
}

struct Claim {
    stamp: Stamp,
    staff_id: i64,
    at: i64,
}

impl Command for Claim {
    const NAME: &'static str = "photo.claim";
    type Out = usize;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<usize> {
        let until = self.at + CLAIM_MICROS;
        store::photos_claim(tx, self.staff_id, self.at, until, HANDFUL).await?;
        let held = store::photos_held(tx, self.staff_id, self.at, HANDFUL)
            .await?
            .len();
        if held > 0 {
            // Whose photos were given to whom: who looks at one answers for it.
            let object = Object {
                kind: "photo",
                id: 0,
                exam_id: 0,
            };
            self.stamp
                .trail()
                .audit(tx, "photo.claim", object, json!({ "held": held }))
                .await?;
        }
        Ok(held)
    }
}

/// A photo for a reviewer's eyes: a waiting one to him who holds it, a decided one to all reviewers. Taking photos is what
/// is recorded ([`claim`]).
pub async fn view(ctx: &Ctx, public_id: &str) -> Result<File> {
    ctx.allow(Permission::PhotoReview)?;
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| match row.state.as_str() {
            "pending" => {
                row.claimed_by == Some(ctx.actor.id()) && row.claimed_until > ctx.at.micros()
            }
            "replaced" => false,
            _ => true,
        })
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, row.object_id).await
}

/// Approves or rejects a photo at the version that was looked at. The candidate is told.
pub async fn decide(ctx: &Ctx, public_id: &str, version: i64, decision: &Decision) -> Result<()> {
    ctx.allow(Permission::PhotoReview)?;
    if let Decision::Reject { reason, .. } = decision {
        domain::review::reason::check(ReasonKind::PhotoReject, reason, &[])
            .map_err(|problem| Error::field("reason", problem.to_string()))?;
    }
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        row,
        version,
        decision: decision.clone(),
    };
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
            store::photo_decide(tx, self.row.id, self.version, (state, code, reason), by, at)
                .await?;
        if changed == 0 {
            return Err(Error::Conflict(
                "这张照片已被审核、更换或由别人领取，请看下一张",
            ));
        }
        let mut trail = self.stamp.trail();
        let object = Object {
            kind: "photo",
            id: self.row.id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "photo.decide",
                object,
                json!({ "state": state, "reason": code }),
            )
            .await?;
        if state == "approved" {
            let account_id = self.row.account_id;
            crate::application::photo_approved(tx, &mut trail, &self.app, account_id).await?;
        }
        if state == "rejected" {
            let notice = Notice {
                kind: "review",
                title: "照片审核不通过".to_owned(),
                body: format!(
                    "原因：{}。请按要求重新上传照片。",
                    reason.trim_end_matches('。')
                ),
                link: "/photo".to_owned(),
                sms: Some(Sms {
                    template: "photo_rejected",
                    params: vec![("reason", reason.to_owned())],
                }),
            };
            message::notify(tx, &mut trail, &self.app, self.row.account_id, &notice).await?;
        }
        Ok(())
    }
}

/// How long a reviewer may take his own decision back, in seconds; later a second person has to.
const UNDO_SECONDS: i64 = 10 * 60;

/// Takes a decision back: the photo waits again. One's own within ten minutes, another's at any time until the seating.
pub async fn reopen(ctx: &Ctx, public_id: &str, version: i64) -> Result<()> {
    ctx.allow(Permission::PhotoReview)?;
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let own = row.decided_by == Some(ctx.actor.id());
    let fresh = row
        .decided_at
        .is_some_and(|at| at > ctx.at.plus_seconds(-UNDO_SECONDS).micros());
    if own && !fresh {
        return Err(Error::refused(
            "same_person",
            "须由另一位审核员重新审核",
            "自己的审核结果 10 分钟内可以撤回，之后须由另一位审核员重新审核。",
        ));
    }
    let at = ctx.at.micros();
    if store::photo_frozen(&mut ctx.app.db().read(), row.account_id, at).await? {
        return Err(Error::refused(
            "photo_frozen",
            "照片已用于准考证",
            "考场已编排，照片不能再重新审核。",
        ));
    }
    let command = Reopen {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        row,
        version,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Reopen {
    stamp: Stamp,
    app: crate::App,
    row: PhotoRow,
    version: i64,
}

impl Command for Reopen {
    const NAME: &'static str = "photo.reopen";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::photo_reopen(tx, self.row.id, self.version).await? == 0 {
            return Err(Error::Conflict("这张照片刚有变化，请刷新查看"));
        }
        let mut trail = self.stamp.trail();
        let object = Object {
            kind: "photo",
            id: self.row.id,
            exam_id: 0,
        };
        trail
            .audit(tx, "photo.reopen", object, json!({ "was": self.row.state }))
            .await?;
        if self.row.state == "rejected" {
            // The candidate was told of the refusal.
            let notice = Notice {
                kind: "review",
                title: "照片重新审核".to_owned(),
                body: "您的照片正在重新审核，请等候结果，暂不需要重新上传。".to_owned(),
                link: "/photo".to_owned(),
                sms: None,
            };
            message::notify(tx, &mut trail, &self.app, self.row.account_id, &notice).await?;
        }
        Ok(())
    }
}
