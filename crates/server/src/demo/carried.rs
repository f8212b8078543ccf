//! 老考生 of the demonstration: an exam that takes over passes of earlier years, with its file.

use anyhow::Context as _;
use app::exam::{self, Exam};
use app::{application, carried};
use domain::clock::Clock as _;
use domain::exam::carried::{Lookup, offer};
use domain::exam::{ExamSettings, LevelChoice, LevelRule, LevelRules, OnMismatch, TakeMode};

use super::candidates::Candidate;
use super::people::{Dice, Person};
use super::world::World;

/// The exam that has them.
pub(super) const CODE: &str = "ZJ-02";
const ALL: &str = "考全科";
const EXEMPT: &str = "免考基础科目";
const SPECIALTIES: [&str; 4] = ["土木建筑工程", "交通运输工程", "水利工程", "安装工程"];
const BASICS: &str = "01";

/// All subjects within three years, an exemption to be claimed; what the file bears out is approved by itself.
pub(super) fn levels(settings: &mut ExamSettings) {
    let rule = |level: &str, mode, valid_years| LevelRule {
        mode,
        valid_years,
        ..LevelRule::unset(level)
    };
    settings.levels = LevelRules {
        levels: vec![
            rule(ALL, TakeMode::All, 3),
            LevelRule {
                conditions: vec![
                    "已取得一级造价工程师职业资格证书".into(),
                    "取得经专业评估的工程管理、工程造价专业学士学位".into(),
                ],
                proof: "职业资格证书或学位证书".into(),
                ..rule(EXEMPT, TakeMode::Exempt, 2)
            },
        ],
        mismatch: OnMismatch::Manual,
    };
    settings.review.auto_returning = true;
    settings.review.auto_when_all_pass = false;
}

/// The file: every other applicant has passed the basics, some of them too long ago, and one who hasn't applied yet.
pub(super) async fn import(
    world: &World,
    exam: &Exam,
    people: &[Candidate],
    fresh: u32,
) -> anyhow::Result<()> {
    let year = exam.settings.year;
    let mut text = "姓名,证件号码,级别,专业,档案号,科目代码,合格日期,已取得证书\n".to_owned();
    let newcomer = Person::new(world.seed, fresh);
    let returning = people.iter().map(|one| &one.person).step_by(2);
    for (place, person) in (0u32..).zip(returning.chain([&newcomer])) {
        // Every fourth one has let it run out; the newcomer's counts.
        let ago = if place % 4 == 3 && person.index != fresh {
            3
        } else {
            1 + place % 2
        };
        let specialty = SPECIALTIES
            .get(usize::try_from(place).unwrap_or(0) % SPECIALTIES.len())
            .copied()
            .unwrap_or_default();
        text.push_str(&format!(
            "{},{},{ALL},{specialty},NY{:06},{BASICS},{}-11-02,\n",
            person.name,
            person.number,
            4_001 + place,
            year - ago,
        ));
    }
    // What every real file has: a row that doesn't fit.
    text.push_str("周远,431000199001010018,考全科,安装工程,NY009999,01,2024-11-02,\n");
    let officer = world.by("kaowu", world.clock.now()).await?;
    let bytes = text.into_bytes();
    let id = carried::upload(&officer, exam, "老考生合格成绩.csv", &bytes).await?;
    carried::confirm(&officer, exam, &id).await?;
    Ok(())
}

/// What somebody chooses in an exam with levels: what the file leaves him, else everything.
pub(super) async fn choose(
    world: &World,
    exam: &Exam,
    candidate: &Candidate,
    dice: &mut Dice,
) -> anyhow::Result<Option<application::Pick>> {
    let table = exam::subjects(&world.app, exam).await?;
    let found = carried::lookup(&world.app, exam, candidate.id).await?;
    let own = match &found.lookup {
        Lookup::Found(carried) => carried.first().map(|one| one.specialty.clone()),
        Lookup::NotFound | Lookup::Unchecked(_) => None,
    };
    let specialty = match own {
        Some(own) => own,
        None => (*dice.pick(&SPECIALTIES).context("专业")?).to_owned(),
    };
    let ground = (&exam.settings.levels, &*table, exam.settings.year);
    let Ok(open) = offer(ground, &found.lookup, ALL, &specialty) else {
        return Ok(None);
    };
    let subjects = open.left.iter().map(|one| one.code.clone()).collect();
    Ok(Some(application::Pick::Professional(LevelChoice {
        level: ALL.to_owned(),
        specialty,
        subjects,
        claims_passes: false,
    })))
}
