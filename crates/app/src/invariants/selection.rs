//! Lists of who comes to the interview, made once more from their scores; and no more people on their way than posts.

use std::collections::BTreeMap;

use db::Query;
use domain::exam::ExamSettings;
use domain::selection::{Runner, SelectionRules, Verdict, second, shortlist};

use super::Finding;
use super::store::selection as store;
use crate::exam::{self, PositionRow};
use crate::selection::{Kept, kept_of, runners_of};
use crate::{Error, Result};

/// Fields up to so many people are compared everybody with everybody, straight from the definition.
const SMALL: usize = 3_000;

/// 入围名单与成绩和规则相符.
pub(super) async fn lists(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    for list in store::shortlists(q).await? {
        let rules: SelectionRules = serde_json::from_str(&list.rules)
            .map_err(|e| Error::internal("selection_round.rules", e))?;
        let Ok(settings) = ExamSettings::from_json(&list.settings) else {
            broken.push(format!("list {}: settings", list.id));
            continue;
        };
        let kept = kept_of(q, list.id).await?;
        let mut runners = runners_of(q, list.basis).await?;
        // Who had left when the list was made is what the list says: he may have come or gone since.
        for runner in &mut runners {
            runner.gone = kept.get(&runner.id).is_some_and(|row| row.why == "gone");
        }
        examined += u64::try_from(kept.len()).unwrap_or(u64::MAX);
        let mut fields: BTreeMap<i64, Vec<Runner>> = BTreeMap::new();
        for runner in runners {
            fields.entry(runner.position).or_default().push(runner);
        }
        for (position_id, field) in fields {
            let row = exam::position_by_id(q, position_id).await?;
            let wrong = differs(&rules, &settings.score.tie_break, (row, field), &kept);
            broken.extend(
                wrong
                    .into_iter()
                    .map(|id| format!("list {}: {id}", list.id)),
            );
        }
    }
    Ok(Finding::new(
        22,
        "入围名单与成绩和规则相符",
        examined,
        broken,
    ))
}

/// The applications of one position of which the list says otherwise than the rules.
fn differs(
    rules: &SelectionRules,
    tie_break: &[String],
    (row, field): (Option<PositionRow>, Vec<Runner>),
    kept: &BTreeMap<i64, Kept>,
) -> Vec<i64> {
    let Some(row) = row else { return Vec::new() };
    let headcount = u32::try_from(row.headcount).unwrap_or(0);
    let headcounts = [(row.id, headcount)].into();
    let listed = if field.len() <= SMALL {
        second::shortlist(rules, tie_break, &headcounts, &field)
    } else {
        shortlist(rules, tie_break, &headcounts, &field).ok()
    };
    // What a position hires may have been cut since; its ranks stand.
    let amended = row.amendment_id != 0;
    let fits = |one: &domain::selection::Listed| match kept.get(&one.id) {
        Some(row) => {
            row.rank == i64::from(one.rank.unwrap_or(0))
                && (amended || row.verdict == one.verdict.code())
        }
        // Only who is far behind isn't kept.
        None => amended || one.verdict == Verdict::Beyond,
    };
    match listed {
        Some(listed) => listed
            .iter()
            .filter(|one| !fits(one))
            .map(|one| one.id)
            .collect(),
        None => field.iter().map(|one| one.id).collect(),
    }
}

/// 同一岗位在聘的不超过招聘人数.
pub(super) async fn posts(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    for (position_id, people) in store::posts_taken(q).await? {
        examined += 1;
        let row = exam::position_by_id(q, position_id).await?;
        let headcount = row.map_or(0, |row| row.headcount);
        if people > headcount {
            broken.push(format!("position {position_id}"));
        }
    }
    Ok(Finding::new(
        14,
        "同一岗位在体检以后各环节的不超过招聘人数",
        examined,
        broken,
    ))
}
