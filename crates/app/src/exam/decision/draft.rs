//! Drafts: every position that falls short, or one position.

use db::{Command, Crowd, Lane, Tx};
use domain::exam::{Position, PositionOutcome, RatioBasis};
use domain::staff::Permission;
use serde_json::json;

use super::{Decision, Standing, exact, is_closed};
use crate::exam::catalogue::Exam;
use crate::exam::decision_store::{self as store, ItemInsert};
use crate::exam::import::CHUNK;
use crate::exam::positions::{self, PositionFigures};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Drafts a decision about every position that falls short of its ratio; its public id.
///
/// # Errors
/// `Refused` before the close, and where nothing falls short.
pub async fn draft_ratio(ctx: &Ctx, exam: &Exam) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    if !exam.is_public() || !is_closed(exam, ctx.at) {
        return Err(Error::refused(
            "ratio_too_early",
            "现在还不能核定开考比例",
            "报名和缴费都截止之后，人数才不再变动。",
        ));
    }
    let table = positions::table(&ctx.app, exam).await?;
    let counts = exact(&mut ctx.app.db().scan(Crowd::Staff), exam).await?;
    let figures = positions::figures(&ctx.app, exam).await?;
    let mut items = Vec::new();
    for item in table.items() {
        if figures.of(item.id).cancelled {
            continue;
        }
        let standing = counted(
            exam,
            item,
            counts.get(&item.id).copied().unwrap_or_default(),
        );
        if standing.ratio.is_short() {
            items.push(insert(&standing, None));
        }
    }
    if items.is_empty() {
        return Err(Error::refused(
            "ratio_kept",
            "没有达不到开考比例的岗位",
            "按现在的人数，所有岗位都可以保留，不需要处置。",
        ));
    }
    write(ctx, exam, ("ratio", ""), items).await
}

/// A position with exact figures.
pub(super) fn counted(
    exam: &Exam,
    item: &std::sync::Arc<positions::Item>,
    (applied, approved, paid): (i64, i64, i64),
) -> Standing {
    let figures = PositionFigures {
        applied,
        approved,
        paid,
        ..PositionFigures::default()
    };
    Standing::of(exam, std::sync::Arc::clone(item), figures)
}

fn insert(standing: &Standing, chosen: Option<(PositionOutcome, u32)>) -> ItemInsert {
    let (proposal, proposed) = standing.proposal();
    let (outcome, headcount) = chosen.unwrap_or((proposal, proposed));
    let figures = standing.figures;
    ItemInsert {
        position_id: standing.item.id,
        line: standing.item.line,
        headcount: i64::from(standing.item.position.headcount),
        counts: (figures.applied, figures.approved, figures.paid),
        ratio: i64::from(standing.ratio.ratio),
        proposal: (proposal.code(), i64::from(proposed)),
        outcome: (outcome.code(), i64::from(headcount)),
    }
}

/// What is decided about one position.
#[derive(Debug, Clone, Default)]
pub struct Single {
    /// `cut` or `cancel`.
    pub outcome: String,
    /// The headcount after a cut, as typed.
    pub headcount: String,
    /// Why.
    pub reason: String,
}

/// Drafts a decision about one position; its public id.
///
/// # Errors
/// `Fields` under `outcome`, `headcount`, `reason`; `Refused` for a position that was cancelled.
pub async fn draft_single(
    ctx: &Ctx,
    exam: &Exam,
    position: &str,
    single: &Single,
) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    if !exam.is_public() {
        return Err(Error::refused(
            "exam_not_public",
            "考试没有发布",
            "没有发布的岗位表请直接重新导入。",
        ));
    }
    let item = positions::find(&ctx.app, exam, position).await?;
    if positions::figures(&ctx.app, exam)
        .await?
        .of(item.id)
        .cancelled
    {
        return Err(Error::refused(
            "position_cancelled",
            "岗位已取消",
            "已取消的岗位不能再处置。",
        ));
    }
    let outcome = PositionOutcome::from_code(&single.outcome)
        .filter(|outcome| *outcome != PositionOutcome::Keep)
        .ok_or_else(|| Error::field("outcome", "请选择核减人数或取消岗位"))?;
    let headcount = headcount(outcome, &single.headcount, item.position.headcount)?;
    let reason = crate::reason::read(
        "reason",
        &single.reason,
        4..=500,
        "请写明原因，4 至 500 个字",
    )?;
    let counts = exact(&mut ctx.app.db().scan(Crowd::Staff), exam).await?;
    let standing = counted(
        exam,
        &item,
        counts.get(&item.id).copied().unwrap_or_default(),
    );
    let items = vec![insert(&standing, Some((outcome, headcount)))];
    write(ctx, exam, ("single", &reason), items).await
}

/// The headcount after an outcome.
fn headcount(outcome: PositionOutcome, typed: &str, now: u32) -> Result<u32> {
    match outcome {
        PositionOutcome::Keep => Ok(now),
        PositionOutcome::Cancel => Ok(0),
        PositionOutcome::Cut => domain::sheet::clean::whole_number(typed)
            .filter(|to| (1..now).contains(to))
            .ok_or_else(|| {
                Error::field(
                    "headcount",
                    if now > 1 {
                        format!("核减后的人数应为 1 至 {} 的整数", now - 1)
                    } else {
                        "这个岗位只招 1 人，不能再核减，可以取消岗位".to_owned()
                    },
                )
            }),
    }
}

async fn write(
    ctx: &Ctx,
    exam: &Exam,
    (kind, reason): (&'static str, &str),
    items: Vec<ItemInsert>,
) -> Result<String> {
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        kind,
        reason: reason.to_owned(),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    for chunk in items.chunks(CHUNK) {
        let command = Stage {
            id,
            items: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let command = Drafted {
        stamp: Stamp::of(ctx),
        id,
        exam_id: exam.id(),
        kind,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(public_id)
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    kind: &'static str,
    reason: String,
}

impl Command for Begin {
    const NAME: &'static str = "exam.decision_begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let keys = (id, public_id.as_str(), self.exam_id, self.kind);
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        store::decision_insert(tx, keys, &self.reason, who).await?;
        Ok((id, public_id))
    }
}

struct Stage {
    id: i64,
    items: Vec<ItemInsert>,
}

impl Command for Stage {
    const NAME: &'static str = "exam.decision_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for item in &self.items {
            store::item_insert(tx, self.id, item).await?;
        }
        Ok(())
    }
}

struct Drafted {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    kind: &'static str,
}

impl Command for Drafted {
    const NAME: &'static str = "exam.decision_draft";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::decision_drafted(tx, self.id).await?;
        let object = Object {
            kind: "position_decision",
            id: self.id,
            exam_id: self.exam_id,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "exam.decision_draft",
                object,
                json!({ "kind": self.kind }),
            )
            .await
    }
}

/// Chooses for one position of a draft. Whatever differs from the proposal needs a reason.
///
/// # Errors
/// `Fields` under `outcome`, `headcount`, `reason`; `Conflict` if it isn't a draft any more.
pub async fn choose(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    position: &str,
    choice: &Single,
) -> Result<()> {
    let decision = super::find(ctx, exam, public_id).await?;
    let (item, _) = decision
        .items
        .iter()
        .find(|(item, _)| item.public_id == position)
        .ok_or(Error::NotFound)?;
    let outcome = PositionOutcome::from_code(&choice.outcome)
        .ok_or_else(|| Error::field("outcome", "请选择保留、核减或取消"))?;
    let now = u32::try_from(item.headcount).unwrap_or(0);
    let headcount = i64::from(headcount(outcome, &choice.headcount, now)?);
    let proposed = item.proposal == outcome.code() && item.proposed == headcount;
    let reason = if proposed && choice.reason.trim().is_empty() {
        String::new()
    } else {
        crate::reason::read(
            "reason",
            &choice.reason,
            4..=200,
            "与建议不同的，请写明原因，4 至 200 个字",
        )?
    };
    let command = Choose {
        stamp: Stamp::of(ctx),
        of: (decision.row.id, item.position_id),
        exam_id: exam.id(),
        outcome: outcome.code(),
        headcount,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Choose {
    stamp: Stamp,
    of: (i64, i64),
    exam_id: i64,
    outcome: &'static str,
    headcount: i64,
    reason: String,
}

impl Command for Choose {
    const NAME: &'static str = "exam.decision_choose";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let to = (self.outcome, self.headcount);
        if store::item_choose(tx, self.of, to, &self.reason).await? == 0 {
            return Err(Error::Conflict("这份处置已提交复核，不能再改"));
        }
        let object = Object {
            kind: "position_decision",
            id: self.of.0,
            exam_id: self.exam_id,
        };
        let detail = json!({
            "position": self.of.1, "outcome": self.outcome, "headcount": self.headcount, "reason": self.reason,
        });
        self.stamp
            .trail()
            .audit(tx, "exam.decision_choose", object, detail)
            .await
    }
}

/// The supplementary notice as it is proposed.
pub fn notice(exam: &Exam, decision: &Decision) -> (String, String) {
    let basis = RatioBasis::of(exam.settings.steps).label();
    let title = format!(
        "{}{}的公告",
        exam.title(),
        match decision.counts {
            (_, 0, _) => "取消部分岗位",
            (_, _, 0) => "核减部分岗位招聘人数",
            _ => "取消部分岗位、核减招聘人数",
        }
    );
    let cause = if decision.row.kind == "ratio" {
        format!("报名工作已结束。按照公告规定的开考比例（按{basis}计算），")
    } else {
        "根据工作需要，".to_owned()
    };
    let mut lines = vec![format!("{cause}现对以下岗位作出调整：")];
    let named = |position: &Position| {
        format!(
            "{}“{}”岗位（代码 {}）",
            position.employer, position.name, position.code
        )
    };
    let of = |outcome: PositionOutcome| {
        decision
            .items
            .iter()
            .filter(move |(item, _)| item.outcome == outcome.code())
            .filter_map(|(item, position)| position.as_ref().map(|found| (item, &found.position)))
    };
    if decision.counts.2 > 0 {
        lines.push("取消的岗位：".to_owned());
        lines.extend(
            of(PositionOutcome::Cancel).map(|(_, position)| format!("{}。", named(position))),
        );
    }
    if decision.counts.1 > 0 {
        lines.push("核减招聘人数的岗位：".to_owned());
        lines.extend(of(PositionOutcome::Cut).map(|(item, position)| {
            format!(
                "{}，招聘人数由 {} 人核减为 {} 人。",
                named(position),
                item.headcount,
                item.new_headcount
            )
        }));
    }
    if decision.counts.2 > 0 {
        lines.push(match exam.window(domain::exam::Phase::Reapply) {
            Some(window) => format!(
                "报考被取消岗位的人员，可在 {} 登录本网站改报其他岗位，并重新接受资格审查；到期没有改报的，报名终止，已缴的费用全额原路退回。",
                window.to_chinese()
            ),
            None => "报考被取消岗位的人员，报名终止，已缴的费用全额原路退回。".to_owned(),
        });
    }
    if !exam.settings.organizer.is_empty() {
        lines.push(exam.settings.organizer.clone());
    }
    (title, lines.join("\n"))
}
