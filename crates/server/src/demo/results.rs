//! Seats and scores, for the exams that have come so far.

use super::exams::{Recipe, Stage};
use super::world::World;

/// What follows the registration of an exam.
pub(super) async fn finish(world: &World, recipe: &Recipe, exam_id: &str) -> anyhow::Result<()> {
    if matches!(recipe.stage, Stage::Tickets | Stage::Scored) {
        tracing::debug!(exam_id, code = recipe.code, seed = world.seed, "seats and scores");
    }
    Ok(())
}
