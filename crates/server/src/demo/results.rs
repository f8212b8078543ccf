//! Seats and scores, for the exams that have come so far: arranged, published, marked, checked by another, published.

use std::sync::Arc;

use anyhow::Context as _;
use app::arrangement::{self, Generate, SiteLine};
use app::exam::{self, Exam};
use app::score;
use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::snapshot::Choice;
use domain::sheet::Cell;

use super::exams::{Recipe, Stage};
use super::people::Dice;
use super::world::World;

/// What follows the registration of an exam.
pub(super) async fn finish(world: &World, recipe: &Recipe, exam_id: &str) -> anyhow::Result<()> {
    if !matches!(recipe.stage, Stage::Tickets | Stage::Scored) {
        return Ok(());
    }
    let seated = arrange(world, recipe, exam_id).await.context("考场编排")?;
    if seated && recipe.stage == Stage::Scored {
        mark(world, recipe, exam_id).await.context("成绩")?;
    }
    Ok(())
}

/// Seats whoever came so far; of a few candidates there may be nobody. Whether there is a plan.
async fn arrange(world: &World, recipe: &Recipe, exam_id: &str) -> anyhow::Result<bool> {
    let Some((prints, _, _)) = recipe.ticket() else {
        return Ok(false);
    };
    world.clock.set(world.days.at(prints - 4, 10));
    let ctx = world.by("kaowu", world.days.at(prints - 4, 10)).await?;
    let exam = exam::find(&world.app, exam_id).await?;
    let seatable = arrangement::overview(&ctx, &exam).await?.seatable;
    if seatable == 0 {
        return Ok(false);
    }
    // Two sites with room for everybody and a little more.
    let rooms = seatable / 60 + 1;
    let site = |name: &str, address: &str| SiteLine {
        name: name.into(),
        address: address.into(),
        rooms: rooms.to_string(),
        ..SiteLine::default()
    };
    let sites = [
        site("南屿市第一中学", "南屿市城中区书院路 12 号"),
        site("南屿市实验中学", "南屿市城中区滨江路 88 号"),
    ];
    let wanted = Generate {
        rooms: arrangement::from_lines(&sites, exam.settings.room_capacity)?,
        options: exam.settings.arrangement.clone(),
        seed: format!("demo-{}", world.seed),
        special: Vec::new(),
    };
    let plan = arrangement::generate(&ctx, &exam, wanted).await?;
    arrangement::make::make_all(&ctx, &exam, &plan).await?;
    arrangement::publish(&ctx, &exam, &plan).await?;
    Ok(true)
}

async fn mark(world: &World, recipe: &Recipe, exam_id: &str) -> anyhow::Result<()> {
    let Some(day) = recipe.score() else {
        return Ok(());
    };
    let at = world.days.at(day - 2, 10);
    world.clock.set(at);
    let officer = world.by("kaowu", at).await?;
    let exam = exam::find(&world.app, exam_id).await?;
    let table = marks(world, &officer, &exam).await?;
    let ctx = world.by("chengji", at).await?;
    score::upload(&ctx, &exam, ("成绩.xlsx", &table), "").await?;
    let batch = score::batches(&ctx, &exam)
        .await?
        .into_iter()
        .next()
        .context("成绩没有导入")?;
    let second = world.by("chengji2", at.plus_seconds(3600)).await?;
    score::check(&second, &exam, &batch.row.public_id).await?;
    score::publish(
        &second,
        &exam,
        &batch.row.public_id,
        (world.days.at(day, 10), ""),
    )
    .await?;
    Ok(())
}

/// A score file as the marking centre would hand it in: a row per person and subject.
async fn marks(world: &World, ctx: &app::Ctx, exam: &Arc<Exam>) -> anyhow::Result<Vec<u8>> {
    let plan = arrangement::overview(ctx, exam)
        .await?
        .published
        .context("没有公布的编排")?;
    let columns =
        ["准考证号", "姓名", "科目代码", "成绩"].map(|title| ColumnSpec::new(title, 16.0));
    let mut writer = Writer::new("成绩", &columns, ctx.at).context("成绩表")?;
    let papers: Vec<String> = exam
        .settings
        .papers
        .iter()
        .map(|paper| paper.code.clone())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut number = 0_u32;
    for room in arrangement::all_rooms(&ctx.app, plan.id).await? {
        for seat in arrangement::room(ctx, &plan, room.room_no).await? {
            if !seen.insert(seat.application_id) {
                continue;
            }
            let subjects = match serde_json::from_str(&seat.choice)? {
                Choice::Professional { subjects, .. } => subjects,
                Choice::Position { .. } | Choice::Exam => papers.clone(),
            };
            let mut dice = Dice::new(world.seed, &seat.ticket_no, 0);
            number += 1;
            for (place, code) in subjects.iter().enumerate() {
                // Counted, not drawn: a small demonstration has an absence and a violation, too. A zero is a mark like others.
                let mark = match (number % 19, place) {
                    (2, _) => "缺考".to_owned(),
                    (4, 0) => "违纪".to_owned(),
                    (6, 0) => "0".to_owned(),
                    _ => format!("{}", 42 + dice.below(50)),
                };
                let cells = [&seat.ticket_no, &seat.name, code, &mark]
                    .map(|text| Cell::text(text.as_str()));
                writer.row(&cells).context("成绩表")?;
            }
        }
    }
    writer.finish().context("成绩表")
}
