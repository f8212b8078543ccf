//! Decisions: approve, return, refuse, and what an appeal comes to.

use db::{Command, Lane, Tx};
use domain::application::{Event, State};
use domain::exam::question::Question;
use domain::profile::Part;
use domain::review::people::{self, Decision as Kind, Past};
use domain::review::reason::{self, ReasonKind};
use domain::review::{ReturnItem, Review};
use domain::time::Timestamp;

use super::store::{self, DecisionInsert, DecisionRow};
use super::{claim, scope};
use crate::application::store::{ApplicationRow, application_by_id, application_by_public_id};
use crate::application::{Extra, advance_with, kept};
use crate::exam;
use crate::{App, Ctx, Error, Result, Stamp};

/// What a reviewer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// 通过.
    Approve,
    /// 退回补充.
    Return {
        /// A template's code.
        code: String,
        /// What the candidate reads.
        reason: String,
        /// What is to be mended.
        items: Vec<ReturnItem>,
        /// By when; the exam's setting if none.
        due: Option<Timestamp>,
    },
    /// 不通过.
    Reject {
        /// A template's code.
        code: String,
        /// What the candidate reads.
        reason: String,
    },
    /// The appeal fails.
    Uphold {
        /// Why.
        reason: String,
    },
    /// The appeal is right.
    Reverse {
        /// Why.
        reason: String,
    },
}

impl Decision {
    const fn code(&self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Return { .. } => "return",
            Self::Reject { .. } => "reject",
            Self::Uphold { .. } => "uphold",
            Self::Reverse { .. } => "reverse",
        }
    }

    const fn event(&self) -> Event {
        match self {
            Self::Approve => Event::Approve,
            Self::Return { .. } => Event::Return,
            Self::Reject { .. } => Event::Reject,
            Self::Uphold { .. } => Event::Uphold,
            Self::Reverse { .. } => Event::Reverse,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Approve => "",
            Self::Return { reason, .. }
            | Self::Reject { reason, .. }
            | Self::Uphold { reason }
            | Self::Reverse { reason } => reason.trim(),
        }
    }

    /// What the candidate reads: the reason and, with a return, which parts are to be mended.
    fn said(&self, questions: &[Question]) -> String {
        let reason = self.reason();
        let Self::Return { items, .. } = self else {
            return reason.to_owned();
        };
        let labels: Vec<&str> = items
            .iter()
            .filter_map(|item| label(&item.field, questions))
            .collect();
        if labels.is_empty() {
            return reason.to_owned();
        }
        let reason = reason.trim_end_matches('。');
        format!("{reason}。需修改：{}。", labels.join("、"))
    }

    fn reason_code(&self) -> &str {
        match self {
            Self::Return { code, .. } | Self::Reject { code, .. } => code,
            _ => "",
        }
    }

    fn check(&self, at: Timestamp) -> Result<()> {
        let wrong = |e: reason::ReasonProblem| {
            let field = if e == reason::ReasonProblem::NoItems {
                "items"
            } else {
                "reason"
            };
            Error::field(field, e.to_string())
        };
        match self {
            Self::Approve => Ok(()),
            Self::Return { items, due, .. } => {
                reason::check(ReasonKind::Return, self.reason(), items).map_err(wrong)?;
                if due.is_some_and(|due| due <= at.plus_seconds(3600)) {
                    return Err(Error::field("due", "补充截止时间至少在 1 小时以后"));
                }
                Ok(())
            }
            Self::Reject { .. } | Self::Uphold { .. } | Self::Reverse { .. } => {
                reason::check(ReasonKind::Reject, self.reason(), &[]).map_err(wrong)
            }
        }
    }
}

/// The words for what a return asks for: `profile.` and a part, `q.` and a question's key, `photo`.
pub fn label<'a>(field: &str, questions: &'a [Question]) -> Option<&'a str> {
    if field == "photo" {
        return Some("照片");
    }
    if let Some(key) = field.strip_prefix("q.") {
        let asked = questions.iter().find(|question| question.key == key);
        return asked.map(|question| question.label.as_str());
    }
    let part = field.strip_prefix("profile.")?;
    let known = Part::ALL.iter().find(|known| known.code() == part);
    known.map(|part| part.label())
}

/// What the reviewer had before him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The application.
    pub public_id: String,
    /// The hash of the content that was shown, in hex.
    pub hash: String,
    /// Where the review stood.
    pub review: Review,
}

/// Decides on what was shown.
///
/// # Errors
/// `Conflict` if it isn't any more what was shown, or another reviewer holds it; `Refused` for the wrong person;
/// `Fields` for a reason that a candidate can't act on.
pub async fn decide(ctx: &Ctx, shown: &Shown, decision: &Decision) -> Result<State> {
    decision.check(ctx.at)?;
    let row = application_by_public_id(&mut ctx.app.db().read(), &shown.public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_decide(ctx, shown.review, row.exam_id, &row.unit)?;
    let staff_id = ctx.staff()?.id;
    let kind = match shown.review {
        Review::FirstApproved => Kind::Second,
        Review::Appealed => Kind::Appeal,
        _ => Kind::First,
    };
    right_person(ctx, &row, kind, staff_id).await?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: row.id,
        review: shown.review,
        hash: shown.hash.clone(),
        staff_id,
        decision: decision.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Four eyes, and nobody decides on himself or a relative.
async fn right_person(ctx: &Ctx, row: &ApplicationRow, kind: Kind, staff_id: i64) -> Result<()> {
    let mut read = ctx.app.db().read();
    let past = past(&store::decisions_of(&mut read, row.id).await?);
    let own_name = store::staff_name(&mut read, staff_id)
        .await?
        .unwrap_or_default();
    let content = kept(&ctx.app, row).await?;
    let rows = content
        .profile
        .profile
        .family
        .as_ref()
        .map(|family| family.rows.as_slice());
    let family: Vec<&str> = rows
        .unwrap_or_default()
        .iter()
        .map(|member| member.name.as_str())
        .collect();
    people::may_decide(
        kind,
        staff_id,
        &past,
        &own_name,
        &content.profile.name,
        &family,
    )
    .map_err(|no| Error::refused("not_this_person", "请由其他人员办理", format!("{no}。")))
}

/// Who decided before, from the decisions in their order.
pub(super) fn past(decisions: &[DecisionRow]) -> Past {
    let mut past = Past::default();
    for one in decisions {
        match one.decision.as_str() {
            "approve" if one.level == 1 => past.first_approved_by = Some(one.decided_by),
            "return" | "reject" => past.first_approved_by = None,
            _ => {}
        }
        if one.decision == "reject" {
            past.rejected_by = Some(one.decided_by);
        }
        past.concluded_by = Some(one.decided_by);
    }
    past
}

struct Decide {
    stamp: Stamp,
    app: App,
    id: i64,
    review: Review,
    hash: String,
    staff_id: i64,
    decision: Decision,
}

impl Command for Decide {
    const NAME: &'static str = "review.decide";
    type Out = State;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<State> {
        let row = application_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        if row.review != self.review.code() || hex::encode(&row.snapshot_hash) != self.hash {
            return Err(Error::Conflict(
                "考生或其他人员刚更新过这条报名，请看最新内容后再审",
            ));
        }
        let at = self.stamp.at.micros();
        claim::hold(tx, self.id, self.staff_id, at).await?;
        let mut trail = self.stamp.trail();
        let mut said = self.decision.said(&[]);
        let (items, due) = match &self.decision {
            Decision::Return { items, due, .. } => {
                let made = exam::find_in(tx, &self.app, row.exam_id).await?;
                said = self.decision.said(&made.settings.questions);
                let hours = i64::from(made.settings.review.supplement_hours);
                let due = due.unwrap_or(self.stamp.at.plus_seconds(hours * 3600));
                let items = serde_json::to_string(items)
                    .map_err(|e| Error::internal("review_decision.items", e))?;
                (items, Some(due))
            }
            _ => ("[]".to_owned(), None),
        };
        let level = match self.review {
            Review::FirstApproved => 2,
            Review::Appealed => 3,
            _ => 1,
        };
        let insert = DecisionInsert {
            id: trail.id()?,
            application_id: self.id,
            level,
            decision: self.decision.code(),
            reason_code: self.decision.reason_code(),
            reason: self.decision.reason(),
            items: &items,
            due: due.map(Timestamp::micros),
            snapshot_hash: &row.snapshot_hash,
            by: self.staff_id,
            at,
        };
        store::decision_insert(tx, &insert).await?;
        let extra = Extra {
            note: &said,
            due,
            ..Extra::default()
        };
        let event = self.decision.event();
        advance_with(tx, &mut trail, &self.app, self.id, event, &extra).await
    }
}

/// Takes a conclusion back: another person than the one who gave it, with a reason.
pub async fn reopen(ctx: &Ctx, public_id: &str, why: &str) -> Result<State> {
    if reason::check(ReasonKind::Reject, why, &[]).is_err() {
        return Err(Error::field("reason", "请写明撤销结论的原因，至少 4 个字"));
    }
    let row = application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let review = Review::from_code(&row.review).ok_or(Error::inconsistent("application.review"))?;
    scope::may_decide(ctx, review, row.exam_id, &row.unit)?;
    right_person(ctx, &row, Kind::Reopen, ctx.staff()?.id).await?;
    let command = Reopen {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: row.id,
        why: why.trim().to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Reopen {
    stamp: Stamp,
    app: App,
    id: i64,
    why: String,
}

impl Command for Reopen {
    const NAME: &'static str = "review.reopen";
    type Out = State;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<State> {
        let mut trail = self.stamp.trail();
        let extra = Extra {
            note: &self.why,
            ..Extra::default()
        };
        advance_with(
            tx,
            &mut trail,
            &self.app,
            self.id,
            Event::ReopenReview,
            &extra,
        )
        .await
    }
}
