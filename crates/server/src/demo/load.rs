//! `demo load`: the days before today, one exam after the other.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use app::application::Pick;
use app::exam;
use domain::clock::Clock;
use domain::time::Timestamp;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use vault::{Entropy, SeededEntropy};

use super::accounts::{Candidate as Shown, Marker};
use super::applications::{Fate, Fates};
use super::candidates::Candidate;
use super::carried;
use super::clock::{Days, TurnedClock};
use super::exams::{Recipe, Stage, recipes};
use super::people::Dice;
use super::world::World;
use crate::SystemClock;
use crate::config::{CheckKind, Config, SmsKind};
use crate::output::out;
use crate::wiring::{self, Opener};

/// How many are worked on at once: enough to keep two cores busy.
const AT_ONCE: usize = 16;
/// Fewer candidates leave pages empty.
const FEWEST: u32 = 20;
/// How many of each finished exam apply again in those that are open.
const REGULARS: usize = 3;

/// Loads the demonstration.
///
/// # Errors
/// If the database isn't empty, or a rule of the product refuses what the demonstration does.
pub(super) async fn load(config: Config, candidates: u32, seed: u64) -> anyhow::Result<()> {
    let started = Instant::now();
    let now = SystemClock.now();
    // The days before today had no SMS: nobody read codes off a phone then, and thousands of notices would drown those that
    // a visitor causes.
    let mut config = config;
    config.sms.sender = SmsKind::None;
    config.checks.identity = CheckKind::File;
    config.checks.education = CheckKind::File;
    let days = Days(now);
    let clock = Arc::new(TurnedClock::at(days.at(-130, 9)));
    let turned: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    // The tokens and keys of a demonstration are no secrets, and the same seed must give the same people.
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));

    let (trio, channels) = wiring::unserved(&config, &turned)?;
    let opened = Opener::new(config)
        .clock(turned)
        .entropy(entropy)
        .cheap_passwords()
        .undurable()
        .channels(channels)
        .open()
        .await?;
    if let Some(marker) = Marker::read(&opened.app).await? {
        bail!(if marker.complete {
            "数据库里已经有演示数据，没有改动。要重来，请先运行 baokao demo wipe"
        } else {
            "上次载入没有完成。请先运行 baokao demo wipe，再重新载入"
        });
    }
    let mut world = World::new(opened.app.clone(), clock, days, seed, trio.clone());
    let count = fill(&mut world, candidates.max(FEWEST)).await?;
    wiring::keep_books(&opened.config, &trio)?;
    opened.app.db().clone().close().await;
    out!(
        "演示数据已载入：{} 名考生、{} 项报名，用时 {} 秒",
        candidates.max(FEWEST),
        count,
        started.elapsed().as_secs()
    );
    Ok(())
}

async fn fill(world: &mut World, candidates: u32) -> anyhow::Result<usize> {
    let first_day = world.days.at(-130, 9);
    let mut marker = Marker {
        seed: world.seed,
        complete: false,
        staff: Vec::new(),
        candidates: Vec::new(),
    };
    marker.write(&world.system(first_day)).await?;
    marker.staff = world.hire(first_day).await?;

    let mut applied = 0;
    let mut next = 0;
    let mut done = Vec::new();
    // Those who sat an earlier exam apply again.
    let mut regulars: Vec<Candidate> = Vec::new();
    for recipe in recipes() {
        let opens = recipe.registration().0;
        world
            .clock
            .set(world.days.at(opens - 5, 9).min(world.days.0));
        let officer = world.by("kaowu", world.clock.now()).await?;
        let exam_id = recipe
            .make(&officer, world.days)
            .await
            .with_context(|| recipe.code.to_owned())?;
        if recipe.stage == Stage::Draft {
            continue;
        }
        world.announce(&recipe).await.context("公告")?;
        let share = (candidates * recipe.share / 100).max(recipe.least);
        let group: Vec<u32> = (next..next + share).collect();
        next += share;
        let mut people = join(world, &recipe, &group).await.context("注册")?;
        if recipe.stage == Stage::Open {
            people.extend(regulars.iter().cloned());
        }
        if recipe.code == carried::CODE {
            let exam = exam::find(&world.app, &exam_id).await?;
            let last = candidates.saturating_sub(1);
            carried::import(world, &exam, &people, last)
                .await
                .context("老考生档案")?;
        }
        let fates = apply(world, &recipe, &exam_id, &people)
            .await
            .context("报名")?;
        applied += fates.len();
        super::results::finish(world, &recipe, &exam_id).await?;
        if recipe.stage == Stage::Scored {
            regulars.extend(people.iter().take(REGULARS).cloned());
        }
        done.push((recipe, people, fates));
    }
    world.clock.set(world.days.0);
    // The rest have signed up and not applied yet.
    let rest: Vec<u32> = (next..candidates).collect();
    let late = world.days.0.plus_seconds(-7200);
    let fresh = join_at(world, &rest, late).await.context("注册")?;
    for (recipe, people, fates) in &done {
        let found = world
            .shown(recipe, people, fates)
            .await
            .context(recipe.code)?;
        marker.candidates.extend(found);
    }
    marker
        .candidates
        .extend(world.shown_regular(&regulars).await?);
    marker
        .candidates
        .extend(fresh.first().map(|candidate| Shown {
            name: candidate.person.name.clone(),
            number: candidate.person.number.clone(),
            note: "还没有报名：个人信息和照片都已填好，可以从“网上报名”走一遍；教师招聘的“后勤管理”岗位已经报满".to_owned(),
        }));
    if let [_, .., last] = fresh.as_slice() {
        marker.candidates.push(Shown {
            name: last.person.name.clone(),
            number: last.person.number.clone(),
            note: "二级造价工程师考试的老考生，还没有报名：选科目时可以看到以前年度合格的科目"
                .to_owned(),
        });
    }
    world.announce_the_rest().await?;
    world.bar(candidates).await.context("诚信档案")?;
    world.bring_along(candidates).await.context("原系统账号")?;
    world.check_people().await.context("实名核验")?;
    app::statistics::fold(&world.app).await?;
    app::audit::seal_all(&world.system(world.days.0)).await?;
    marker.complete = true;
    marker.write(&world.system(world.days.0)).await?;
    Ok(applied)
}

/// The days on which candidates of an exam apply: from its opening to its close, or to now.
fn span(world: &World, recipe: &Recipe) -> (Timestamp, i64) {
    let (opens, closes) = recipe.registration();
    let from = world.days.at(opens, 9);
    // What follows (review, payment, and the return from the cashier's) takes up to three hours.
    let to = world
        .days
        .at(closes, 12)
        .min(world.days.0.plus_seconds(-4 * 3600));
    (from, to.seconds_since(from).max(3600))
}

async fn join(world: &World, recipe: &Recipe, group: &[u32]) -> anyhow::Result<Vec<Candidate>> {
    // An exam that is still to come is joined by people who are here already: nothing happens tomorrow.
    let yesterday = world.days.0.plus_seconds(-86_400);
    let before = world.days.at(recipe.registration().0 - 1, 9).min(yesterday);
    let people = join_at(world, group, before).await?;
    let leave = if recipe.stage == Stage::Open { 33 } else { 0 };
    world
        .review_photos(before.plus_seconds(9 * 3600), leave)
        .await
        .context("照片审核")?;
    Ok(people)
}

async fn join_at(world: &World, group: &[u32], at: Timestamp) -> anyhow::Result<Vec<Candidate>> {
    world.clock.set(at);
    let mut people: Vec<Candidate> = stream::iter(group.iter().copied())
        .map(|index| world.join(index, at.plus_seconds(i64::from(index % 3_600))))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    people.sort_by_key(|candidate| candidate.person.index);
    Ok(people)
}

/// Who applied, with what became of it.
async fn apply(
    world: &World,
    recipe: &Recipe,
    exam_id: &str,
    people: &[Candidate],
) -> anyhow::Result<Fates> {
    let (from, seconds) = span(world, recipe);
    world.clock.set(from);
    let exam = exam::find(&world.app, exam_id).await?;
    let mut fates = fill_up(world, recipe, &exam, (people, from)).await?;
    let others: Vec<&Candidate> = people
        .iter()
        .filter(|candidate| !fates.contains_key(&candidate.person.index))
        .collect();
    let done: Vec<Option<(u32, (Fate, String))>> = stream::iter(others)
        .map(|candidate| {
            let exam = Arc::clone(&exam);
            let mut dice = Dice::new(world.seed, recipe.code, candidate.person.index);
            let at = from.plus_seconds(i64::from(
                dice.below(u32::try_from(seconds).unwrap_or(3600)),
            ));
            let fate = Fate::draw(recipe.stage, &mut dice);
            async move {
                let applied = world.apply(&exam, candidate, at, fate).await?;
                anyhow::Ok(applied.map(|id| (candidate.person.index, (fate, id))))
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    fates.extend(done.into_iter().flatten());
    Ok(fates)
}

/// The first to come take a post that takes so many and no more.
async fn fill_up(
    world: &World,
    recipe: &Recipe,
    exam: &Arc<exam::Exam>,
    (people, from): (&[Candidate], Timestamp),
) -> anyhow::Result<Fates> {
    let mut fates = Fates::new();
    let Some((code, most)) = recipe.fills() else {
        return Ok(fates);
    };
    let table = exam::positions::table(&world.app, exam).await?;
    let post = table.items().iter().find(|item| item.position.code == code);
    let post = post.with_context(|| format!("没有岗位 {code}"))?;
    for candidate in people {
        if fates.len() >= most {
            break;
        }
        let pick = Pick::Position(post.public_id.clone());
        let applied = world
            .apply_for(exam, candidate, from.plus_seconds(600), (pick, Fate::Waits))
            .await?;
        fates.extend(applied.map(|id| (candidate.person.index, (Fate::Waits, id))));
    }
    Ok(fates)
}
