//! Publication: one flip, with its notice.

use db::{Command, Lane, Tx};
use domain::field::FieldErrors;
use serde_json::json;

use super::tell::Tell;
use crate::announcement::{self, Supplement};
use crate::chunks;
use crate::exam::amendment_store::{self as store, AmendmentRow};
use crate::exam::catalogue::{self, Exam};
use crate::exam::import;
use crate::exam::store::exam_point_amendment;
use crate::exam::{decision_store, import_store};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// What staff add to a draft.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// Why; kept, and shown to auditors.
    pub reason: String,
    /// Title of the supplementary notice.
    pub title: String,
    /// Its text, a paragraph a line.
    pub body: String,
}

impl Publication {
    /// As it is kept.
    ///
    /// # Errors
    /// `Fields` under `reason`, `title`, `body`.
    pub(in crate::exam) fn read(&self) -> Result<Self> {
        let mut errors = FieldErrors::new();
        let mut text =
            |field: &'static str, typed: &str, length, hint: &str| match crate::reason::read(
                field, typed, length, hint,
            ) {
                Ok(text) => text,
                Err(_) => {
                    errors.add(field, hint);
                    String::new()
                }
            };
        let reason = text("reason", &self.reason, 4..=500, "请写明原因，4 至 500 个字");
        // A notice names telephone numbers: it is for everybody to read.
        let title = domain::text::paragraph(&self.title).replace('\n', " ");
        let body = domain::text::paragraph(&self.body);
        if !(4..=120).contains(&title.chars().count()) {
            errors.add("title", "请填写补充公告的标题，4 至 120 个字");
        }
        if !(10..=20_000).contains(&body.chars().count()) {
            errors.add("body", "请填写补充公告的正文，10 至 20000 个字");
        }
        errors.into_result()?;
        Ok(Self {
            reason,
            title,
            body,
        })
    }
}

/// Publishes a draft with its notice.
///
/// # Errors
/// `Fields`; `Conflict` if it isn't a draft any more or the table has been amended since; `Refused` while a decision about
/// positions is being carried out.
pub async fn publish(ctx: &Ctx, exam: &Exam, public_id: &str, with: &Publication) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let command = Publish {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        row,
        with: with.read()?,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    ctx.app.exams().forget_figures();
    Ok(())
}

struct Publish {
    stamp: Stamp,
    app: App,
    row: AmendmentRow,
    with: Publication,
}

impl Command for Publish {
    const NAME: &'static str = "exam.amendment_publish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        if row.state != "draft" {
            return Err(Error::Conflict(NOT_A_DRAFT));
        }
        let exam = catalogue::find_in(tx, &self.app, row.exam_id).await?;
        if !exam.is_public() {
            return Err(Error::refused(
                "exam_not_public",
                "考试没有发布",
                "考试发布之后才能更正岗位表。",
            ));
        }
        stand(tx, &mut trail, row, &self.with).await?;
        // Looked at after the exam's row is held: whoever confirms a decision holds it, too.
        if decision_store::decision_running(tx, row.exam_id).await? {
            return Err(Error::refused(
                "decision_running",
                "岗位处置正在办理",
                "核减、取消岗位的处置正在办理，请等办完再公布更正。",
            ));
        }
        if row.import_id != 0 {
            let batch = import_store::batch_by_id(tx, row.import_id)
                .await?
                .ok_or(Error::inconsistent("position_amendment.import_id"))?;
            import::confirm_in(tx, &mut trail, &batch, self.stamp.actor_id()).await?;
        }
        Ok(())
    }
}

const NOT_A_DRAFT: &str = "这份更正已公布或已放弃，请刷新查看";

/// Makes an amendment stand: the flip of the pointer, the notice, the job that tells those concerned. The caller has checked who asks.
///
/// # Errors
/// `Conflict` if it doesn't wait any more, or the table isn't what it was drafted against.
pub(in crate::exam) async fn stand(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    row: &AmendmentRow,
    with: &Publication,
) -> Result<()> {
    let at = trail.at();
    let base = (row.base_batch, row.base_amendment);
    if exam_point_amendment(tx, row.exam_id, base, row.id).await? == 0 {
        return Err(Error::Conflict(
            "岗位表在这份更正起草之后又有改动，请放弃它，按现在的岗位表重新更正",
        ));
    }
    let notice = announcement::publish_supplement(
        tx,
        trail,
        &Supplement {
            exam_id: row.exam_id,
            title: &with.title,
            body: &with.body,
        },
    )
    .await?;
    let who = (trail.actor_id(), at.micros());
    let texts = (with.title.as_str(), with.body.as_str());
    let from = (row.state.as_str(), with.reason.as_str());
    if store::amendment_publish(tx, row.id, from, texts, notice, who).await? == 0 {
        return Err(Error::Conflict(NOT_A_DRAFT));
    }
    store::capacities_put(tx, row.id).await?;
    chunks::enqueue::<Tell>(tx, trail.id()?, row.id, at).await?;
    let object = Object {
        kind: "position_amendment",
        id: row.id,
        exam_id: row.exam_id,
    };
    let (told, unfit, positions) = store::amendment_figures(tx, row.id).await?;
    debug_assert!(told == 0 && unfit == 0);
    let detail = json!({ "positions": positions, "reason": with.reason, "notice": notice });
    trail
        .audit(tx, "exam.amendment_publish", object, detail)
        .await
}
