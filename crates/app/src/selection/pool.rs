//! Who is behind the last place of a position: whom 递补 before the interview draws from.

use std::collections::BTreeSet;

use db::Crowd;
use domain::application::Life;
use domain::selection::promote::vacant;
use domain::selection::{Listed, SelectionRules, Stage, Verdict};

use super::advance::stage_of;
use super::draft;
use super::round_store::RoundRow;
use super::row_store;
use super::runners::text_of;
use super::store::ContenderRow;
use crate::application::store as applications;
use crate::exam::Exam;
use crate::{Ctx, Error, Result};

/// Who is behind the last place of a position, with what the list says of him.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub(super) listed: Listed,
    pub(super) name: String,
    pub(super) written: String,
    /// His application has ended since.
    pub(super) gone: bool,
}

/// Those behind the last place of each position: the lines that were kept, or, when they aren't enough any more, the list computed anew,
/// once for all positions.
pub(super) struct Pools<'a> {
    ctx: &'a Ctx,
    exam: &'a Exam,
    round: &'a RoundRow,
    anew: Option<Vec<Behind>>,
}

impl<'a> Pools<'a> {
    pub(super) fn new(ctx: &'a Ctx, exam: &'a Exam, round: &'a RoundRow) -> Self {
        Self {
            ctx,
            exam,
            round,
            anew: None,
        }
    }

    pub(super) async fn of(
        &mut self,
        (position_id, headcount): (i64, u32),
        people: &[ContenderRow],
    ) -> Result<Vec<Behind>> {
        let mut scan = self.ctx.app.db().scan(Crowd::Staff);
        let rows = row_store::rows_of_position(&mut scan, self.round.id, position_id).await?;
        let kept: Vec<Behind> = rows
            .into_iter()
            .filter(|row| row.verdict == Verdict::Beyond.code())
            .map(|row| Behind {
                listed: Listed {
                    id: row.application_id,
                    position: position_id,
                    rank: u32::try_from(row.rank).ok().filter(|rank| *rank > 0),
                    verdict: Verdict::Beyond,
                },
                name: row.name,
                written: row.written,
                gone: row.life != Life::Live.code(),
            })
            .collect();
        let used: BTreeSet<i64> = people.iter().map(|one| one.application_id).collect();
        let left = kept
            .iter()
            .filter(|one| !one.gone && !used.contains(&one.listed.id))
            .count();
        let places = self.exam.settings.selection.places(headcount).unwrap_or(0);
        let free = usize::try_from(vacant(places, on_their_way(people)?)).unwrap_or(usize::MAX);
        if left >= free || self.round.basis == 0 {
            return Ok(kept);
        }
        let anew = match self.anew.take() {
            Some(anew) => anew,
            None => computed(self.ctx, self.exam, self.round).await?,
        };
        let here = |one: &&Behind| one.listed.position == position_id;
        let mut behind: Vec<Behind> = anew.iter().filter(here).cloned().collect();
        self.anew = Some(anew);
        for one in behind.iter_mut().filter(|one| !one.gone) {
            let read = &mut self.ctx.app.db().read();
            let row = applications::application_by_id(read, one.listed.id).await?;
            one.name = row.map_or_else(String::new, |row| row.name);
        }
        Ok(behind)
    }
}

/// Everybody behind the last place of his position, from the scores; names are looked up where they are needed.
async fn computed(ctx: &Ctx, exam: &Exam, round: &RoundRow) -> Result<Vec<Behind>> {
    let rules: SelectionRules = serde_json::from_str(&round.rules)
        .map_err(|e| Error::internal("selection_round.rules", e))?;
    let (runners, listed) = draft::computed(&ctx.app, exam, &rules, round.basis).await?;
    Ok(runners
        .iter()
        .zip(listed)
        .filter(|(_, one)| one.verdict == Verdict::Beyond)
        .map(|(runner, one)| Behind {
            listed: one,
            name: String::new(),
            written: text_of(runner.total),
            gone: runner.gone,
        })
        .collect())
}

/// People of a position who are on the list and not out.
pub(super) fn on_their_way(people: &[ContenderRow]) -> Result<u32> {
    let mut count = 0u32;
    for one in people {
        if stage_of(one)? != Stage::Out {
            count += 1;
        }
    }
    Ok(count)
}
