//! 自动编排: a plan of our own from rooms, options and a seed.

use domain::arrangement::{self, Candidate, Options, PlanProblem, Room};
use domain::staff::Permission;
use serde_json::json;

use super::sitters::{self, Sitter};
use super::stage::{self, Made};
use super::view::Summary;
use crate::exam::Exam;
use crate::{Ctx, Error, Result};

/// What a plan is made from.
#[derive(Debug, Clone)]
pub struct Generate {
    /// The rooms.
    pub rooms: Vec<Room>,
    /// The options; the exam's own unless the officer chose others.
    pub options: Options,
    /// The seed; empty for one drawn now.
    pub seed: String,
    /// 报名序号 of those who need a room of the accommodation kind.
    pub special: Vec<String>,
}

/// Makes a plan and stages it. Returns its public id.
///
/// # Errors
/// `Refused` when there is nobody to seat, rooms are missing, or the exam has no written part.
pub async fn generate(ctx: &Ctx, exam: &Exam, wanted: Generate) -> Result<String> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    with_seats(exam)?;
    let seed = match wanted.seed.trim() {
        "" => format!("{}/{}", ctx.at.date(), hex::encode(ctx.app.random::<8>())),
        typed => typed.chars().take(100).collect(),
    };
    let people = sitters::seatable(&ctx.app, exam, &wanted.special).await?;
    let strangers: Vec<&String> = wanted
        .special
        .iter()
        .filter(|no| !people.iter().any(|one| one.registration_no == **no))
        .collect();
    if let Some(first) = strangers.first() {
        let text = format!(
            "报名序号 {first} 不在可编排的名单中，请核对（共 {} 个）",
            strangers.len()
        );
        return Err(Error::field("special", text));
    }
    let candidates: Vec<Candidate> = people.iter().map(|one| one.candidate.clone()).collect();
    let (rooms, options) = (wanted.rooms, wanted.options);
    let work = (candidates, rooms, options.clone(), seed.clone());
    let (outcome, rooms, broken) = tokio::task::spawn_blocking(move || {
        let (candidates, rooms, options, seed) = work;
        let outcome = arrangement::generate(&candidates, &rooms, &options, &seed);
        let broken = outcome.as_ref().map_or(0, |plan| {
            arrangement::check(&candidates, &rooms, &plan.seats).len()
        });
        (outcome, rooms, broken)
    })
    .await
    .map_err(|e| Error::internal("generate a seat plan", e))?;
    let plan = outcome.map_err(|problem| refusal(&problem, &people))?;
    if broken > 0 {
        return Err(Error::inconsistent(
            "a generated seat plan breaks the rules",
        ));
    }
    let summary = Summary {
        mixed_rooms: plan.mixed_rooms.len(),
        close_pairs: plan.close_pairs,
        floor: Some(plan.floor),
        ..Summary::default()
    };
    let made = Made {
        source: "generated",
        seed,
        options: json!({
            "options": options, "special": wanted.special, "algorithm": arrangement::ALGORITHM,
        })
        .to_string(),
        rooms,
        seats: plan.seats,
        given: std::collections::BTreeMap::new(),
        levels: sitters::levels(&people),
        summary,
    };
    stage::stage(ctx, exam, made).await
}

/// Refuses exams without a written part, and drafts.
pub(super) fn with_seats(exam: &Exam) -> Result<()> {
    if !exam.settings.steps.seating {
        return Err(Error::refused(
            "no_seats",
            "本考试不编排考场",
            "本考试的流程中没有笔试。",
        ));
    }
    if !exam.is_public() {
        return Err(Error::refused(
            "exam_not_public",
            "考试没有发布",
            "考试发布并有人报名后才能编排考场。",
        ));
    }
    Ok(())
}

/// The plan's problem in words: numbers of applications become 报名序号.
fn refusal(problem: &PlanProblem, people: &[Sitter]) -> Error {
    let named = |id: i64| {
        people
            .iter()
            .find(|one| one.candidate.id == id)
            .map_or_else(String::new, |one| {
                format!("{}（报名序号 {}）", one.name, one.registration_no)
            })
    };
    let text = match problem {
        PlanProblem::NoCandidates => {
            "还没有审核通过、缴费完成的考生。请在缴费结束后再编排。".to_owned()
        }
        PlanProblem::BadSittings(id) => format!(
            "{}的考试科目有误：没有科目，或同一场次有两个科目。请检查考试科目与岗位的笔试类别。",
            named(*id)
        ),
        PlanProblem::NotEnough { need, have, .. } => {
            format!(
                "{problem}。请增加 {} 个座位的考场后再编排。",
                need.saturating_sub(*have)
            )
        }
        other => other.to_string(),
    };
    Error::refused("plan", "不能编排", text)
}
