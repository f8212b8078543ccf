//! What changed conditions mean to those who applied already: counted before anybody confirms them.

use db::{Command, Crowd, Lane, Tx};
use domain::eligibility::{Report, Rule, Verdict, check_all};
use domain::exam::Position;
use serde::{Deserialize, Serialize};

use super::draft::{Changed, Summary};
use crate::application;
use crate::exam::amendment_store as store;
use crate::exam::catalogue::Exam;
use crate::exam::positions;
use crate::{App, Ctx, Error, Result};

/// Applications read at a time.
const PAGE: i64 = 200;

/// One position whose conditions change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// 岗位代码.
    pub code: String,
    /// 岗位名称.
    pub name: String,
    /// Live applications.
    pub applied: i64,
    /// Those that fitted, or went to a person, and no longer fit.
    pub unfit: i64,
    /// Those that didn't fit or went to a person, and fit now.
    pub fits: i64,
    /// Those that a person has to judge now and hadn't to before.
    pub manual: i64,
}

/// Counts into the summary.
pub(super) async fn count(
    ctx: &Ctx,
    exam: &Exam,
    changed: &[Changed],
    summary: &mut Summary,
) -> Result<()> {
    summary.effects.clear();
    summary.applied = 0;
    for one in changed {
        let (old, new) = (
            positions::rules(exam, &one.item.position),
            positions::rules(exam, &one.new),
        );
        let compared = old != new;
        let mut effect = Effect {
            code: one.item.position.code.clone(),
            name: one.item.position.name.clone(),
            applied: 0,
            unfit: 0,
            fits: 0,
            manual: 0,
        };
        let mut after = 0;
        loop {
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let people = store::live_at(&mut scan, one.item.id, after, PAGE).await?;
            let Some(last) = people.last().map(|person| person.id) else {
                break;
            };
            after = last;
            for person in people {
                effect.applied += 1;
                if !compared {
                    continue;
                }
                let Some(facts) = application::submitted_facts(&ctx.app, exam, person.id).await?
                else {
                    continue;
                };
                let verdict = |rules: &[Rule]| check_all(rules, &facts).verdict;
                match (verdict(&old), verdict(&new)) {
                    (Verdict::Pass | Verdict::Manual, Verdict::Fail) => effect.unfit += 1,
                    (Verdict::Fail | Verdict::Manual, Verdict::Pass) => effect.fits += 1,
                    (Verdict::Pass | Verdict::Fail, Verdict::Manual) => effect.manual += 1,
                    _ => {}
                }
            }
        }
        summary.applied += effect.applied;
        if compared {
            summary.effects.push(effect);
        }
    }
    summary.counted_at = ctx.at.micros();
    Ok(())
}

/// How what was submitted compares with a position's conditions as they stand in a revision.
pub(super) async fn report(
    app: &App,
    exam: &Exam,
    application_id: i64,
    position: &Position,
) -> Result<Option<Report>> {
    let facts = application::submitted_facts(app, exam, application_id).await?;
    Ok(facts.map(|facts| check_all(&positions::rules(exam, position), &facts)))
}

/// Counts a draft anew: people apply while it is being written.
pub async fn recount(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let found = super::find(ctx, exam, public_id).await?;
    let table = positions::table(&ctx.app, exam).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (mut changed, mut after) = (Vec::new(), 0);
    loop {
        let rows = store::revisions_of(&mut scan, found.row.id, after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position_id) else {
            break;
        };
        after = last;
        for row in rows.iter().filter(|row| row.kind == "change") {
            let Some(item) = table.by_id(row.position_id) else {
                continue;
            };
            let mut new = item.position.clone();
            new.rules = serde_json::from_str(&row.rules)
                .map_err(|e| Error::internal("position_revision.rules", e))?;
            changed.push(Changed {
                item: item.clone(),
                new,
                changes: Vec::new(),
            });
        }
    }
    let mut summary = found.summary;
    count(ctx, exam, &changed, &mut summary).await?;
    let command = Recount {
        id: found.row.id,
        summary: serde_json::to_string(&summary).map_err(|e| Error::internal("summary", e))?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Recount {
    id: i64,
    summary: String,
}

impl Command for Recount {
    const NAME: &'static str = "exam.amendment_recount";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::amendment_recount(tx, self.id, &self.summary).await? == 0 {
            return Err(Error::Conflict("这份更正已公布或已放弃，请刷新查看"));
        }
        Ok(())
    }
}
