//! 归档: an exam that is over becomes a file, and what has an end is deleted with a certificate.
//!
//! One person asks with a reason and the days that each kind of material is kept ([`ask`]); another confirms ([`decide`]), and with that
//! commit the exam is archived: nothing of it moves any more. A job makes the file section by section ([`build`]): tables, forms
//! as PDF, photos, attachments, the trail, and a list of it all with the digest of every file. When all files have been taken and the
//! list's check code was read out, the file is handed over ([`hand`]). Only then, and only while nobody has a hold on it
//! ([`hold`]), does the timer delete what is due ([`purge`]); [`certificate`] says what went, when, and what stays.
//!
//! `asked → building → built → handed`, or `rejected`, `withdrawn`; one that counts for each exam (a unique index).

pub mod build;
mod certificate;
mod file_store;
mod lines;
pub mod purge;
mod store;
mod take;
mod volume;
pub(crate) mod wipe_store;
mod word;

use std::sync::Arc;

use db::Crowd;
use domain::archive::{ArchiveState, Retention};
use domain::exam::Phase;

pub use certificate::certificate;
pub use store::{ArchiveRow, FileRow, PurgeRow};
pub use take::{take, take_all};
pub use word::{Ask, ask, decide, hand, hold, release, withdraw};

use crate::exam::{Exam, setup};
use crate::{Ctx, Error, Object, Result};

/// Files listed on a page.
pub const SHOWN: i64 = 500;

/// Something that isn't over yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPoint {
    /// Whether the exam can't be archived before it is.
    pub blocks: bool,
    /// What it is, with how many.
    pub text: String,
}

impl ArchiveRow {
    /// Its state.
    ///
    /// # Errors
    /// `Internal` for a code that isn't in the table.
    pub fn standing(&self) -> Result<ArchiveState> {
        ArchiveState::from_code(&self.state).ok_or(Error::inconsistent("exam_archive.state"))
    }

    /// How long each material is kept.
    pub fn kept(&self) -> Retention {
        Retention::from_text(&self.retention)
    }

    /// The end of the digest of the list: who types it has the list before him.
    pub fn check_code(&self) -> &str {
        let from = self.contents_hash.len().saturating_sub(8);
        self.contents_hash.get(from..).unwrap_or_default()
    }

    fn object(&self) -> Object {
        Object {
            kind: "exam_archive",
            id: self.id,
            exam_id: self.exam_id,
        }
    }
}

/// An exam with its newest archive.
///
/// # Errors
/// `NotFound`; `Forbidden` to who may not edit the exam.
pub async fn find(ctx: &Ctx, exam: &str) -> Result<(Arc<Exam>, Option<ArchiveRow>)> {
    let exam = setup::for_edit(ctx, exam).await?;
    let row = store::newest(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    Ok((exam, row))
}

/// The one that counts.
async fn live(ctx: &Ctx, exam: &str) -> Result<(Arc<Exam>, ArchiveRow)> {
    let (exam, row) = find(ctx, exam).await?;
    let row = row.ok_or(Error::NotFound)?;
    if row.standing()?.is_live() {
        Ok((exam, row))
    } else {
        Err(Error::NotFound)
    }
}

/// The files of an archive, at most [`SHOWN`] after `after`.
pub async fn files(ctx: &Ctx, row: &ArchiveRow, after: i64) -> Result<Vec<FileRow>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::files(&mut scan, row.id, after, SHOWN).await?)
}

/// What is deleted and when.
pub async fn purges(ctx: &Ctx, row: &ArchiveRow) -> Result<Vec<PurgeRow>> {
    Ok(store::purges(&mut ctx.app.db().scan(Crowd::Staff), row.id).await?)
}

/// What isn't over yet: what blocks first.
pub async fn open_points(ctx: &Ctx, exam: &Exam) -> Result<Vec<OpenPoint>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let id = exam.id();
    let mut points = Vec::new();
    let mut point = |blocks: bool, count: i64, text: &dyn Fn(String) -> String| {
        if count > 0 {
            let shown = match count {
                10_001.. => "1 万以上".to_owned(),
                count => count.to_string(),
            };
            let text = text(shown);
            points.push(OpenPoint { blocks, text });
        }
    };
    let orders = file_store::open_orders(&mut scan, id).await?;
    point(true, orders, &|n| {
        format!("{n} 张缴费单还没有结果（待支付、正在确认或正在退款）")
    });
    let refunds = file_store::open_refunds(&mut scan, id).await?;
    point(true, refunds, &|n| format!("{n} 笔退款还没有办完"));
    let decisions = file_store::open_decisions(&mut scan, id).await?;
    point(true, decisions, &|n| format!("{n} 项岗位处置还没有办完"));
    let messages = file_store::open_messages(&mut scan, id).await?;
    point(true, messages, &|n| format!("{n} 批通知还在发送"));
    let early = exam.row.score_batch != 0 && exam.row.score_visible_at > ctx.at.micros();
    point(true, i64::from(early), &|_| {
        "成绩还没有到公布时间".to_owned()
    });
    for phase in [Phase::Ticket, Phase::Score, Phase::Recheck] {
        let until = exam.window(phase).map(|window| window.close());
        if let Some(until) = until.filter(|until| *until > ctx.at) {
            point(false, 1, &|_| {
                let until = until.to_chinese_minute();
                format!("{}到 {until} 才截止，归档后考生看不到了", phase.label())
            });
        }
    }
    let reviews = file_store::open_reviews(&mut scan, id).await?;
    point(false, reviews, &|n| {
        format!("{n} 人的资格审查还没有结论，归档后不能再审")
    });
    let scores = file_store::open_scores(&mut scan, id).await?;
    point(false, scores, &|n| {
        format!("{n} 批成绩导入后没有公布，不会进入档案")
    });
    let awaits = exam.is_seated() && exam.row.score_batch == 0;
    point(false, i64::from(awaits), &|_| {
        "已编排考场，但没有公布过成绩".to_owned()
    });
    Ok(points)
}
