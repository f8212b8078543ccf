//! 自动编排: a plan of our own from rooms, options and a seed. Asked for here, made by a job.

use domain::arrangement::{self, Options, Room};
use domain::staff::Permission;
use serde_json::json;

use super::stage::{self, Draft};
use super::{make, sitters};
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

/// Has a plan made: its row and rooms are there, a job writes the seats. Returns its public id.
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
    let mut rooms = wanted.rooms;
    rooms.sort_by_key(|room| (room.site, room.no));
    // Worked out here as well, so that what is missing is said while the form is at hand.
    let made = make::outcome(ctx, exam, &people, &rooms, (&wanted.options, &seed)).await?;
    let draft = Draft {
        source: "generated",
        seed,
        options: json!({
            "options": wanted.options, "special": wanted.special, "algorithm": arrangement::ALGORITHM,
        })
        .to_string(),
        rooms,
        input: made.input,
    };
    let (_, public_id) = stage::begin(ctx, exam, &draft, &made.plan.seats, true).await?;
    Ok(public_id)
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
