//! How far an exam is, for its next step ([`domain::exam::next`]).

use db::Crowd;
use domain::exam::next::{self, Marks, Next, Progress};

use super::catalogue::Exam;
use super::store;
use crate::{Ctx, Result};

/// What is due in an exam now. `missing`: what forbids publication, counted for a draft; `waiting`: applications that wait for a
/// review. Both stand on the pages that ask.
///
/// # Errors
/// Trouble with the database.
pub async fn next_steps(
    ctx: &Ctx,
    exam: &Exam,
    (missing, waiting): (usize, i64),
) -> Result<Vec<Next>> {
    let stands = store::exam_progress(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    let marks = match (exam.row.score_batch, stands.checked, stands.imported) {
        (1.., _, _) => Marks::Published,
        (_, 1.., _) => Marks::Checked,
        (_, _, 1..) => Marks::Imported,
        _ => Marks::None,
    };
    let progress = Progress {
        state: exam.state,
        category: exam.category,
        settings: &exam.settings,
        missing,
        waiting,
        ratio_decided: stands.decided > 0,
        plan_ready: stands.plans > 0,
        plan_published: exam.row.seat_plan > 0,
        marks,
        archive_asked: stands.archives > 0,
    };
    Ok(next::next(&progress, ctx.at))
}
