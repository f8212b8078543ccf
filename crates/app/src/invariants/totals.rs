//! Published totals, computed once more from the published marks.

use std::collections::BTreeMap;

use db::Query;
use domain::exam::ExamSettings;
use domain::score::{Flag, Mark, Total};

use super::{Finding, store};
use crate::Result;

/// The marks of one candidate, under code and name, and the total that was stored.
struct Candidate {
    id: i64,
    marks: BTreeMap<String, Mark>,
    total: Option<String>,
    unreadable: bool,
}

/// Every total of every published batch.
pub(super) async fn check(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    for (settings, batch_id) in store::scored_exams(q).await? {
        let Ok(settings) = ExamSettings::from_json(&settings) else {
            broken.push(format!("batch {batch_id}: settings"));
            continue;
        };
        let mut judge = |candidate: Option<Candidate>| {
            let Some(candidate) = candidate else { return };
            examined += 1;
            let total = match settings.score.total(&candidate.marks) {
                Ok(Total::Score(total)) => total.to_string(),
                Ok(Total::Flagged(flag)) => flag.code().to_owned(),
                // A mark is missing: then there is no total.
                Ok(Total::NotUsed) | Err(_) => String::new(),
            };
            if candidate.unreadable || candidate.total.as_deref() != Some(total.as_str()) {
                broken.push(format!("batch {batch_id}: {}", candidate.id));
            }
        };
        let mut current: Option<Candidate> = None;
        let mut after = (i64::MIN, String::new());
        loop {
            let page = store::marks_after(q, batch_id, (after.0, &after.1)).await?;
            let Some(last) = page.last() else { break };
            after = (last.application_id, last.subject_code.clone());
            for row in page {
                if current
                    .as_ref()
                    .is_none_or(|candidate| candidate.id != row.application_id)
                {
                    judge(current.take());
                }
                let candidate = current.get_or_insert_with(|| Candidate {
                    id: row.application_id,
                    marks: BTreeMap::new(),
                    total: row.total,
                    unreadable: false,
                });
                let mark = Flag::from_code(&row.flag)
                    .and_then(|flag| Mark::from_parts(flag, row.mark.parse().ok()));
                match mark {
                    Some(mark) => {
                        candidate.marks.insert(row.subject_code, mark);
                        candidate.marks.insert(row.subject_name, mark);
                    }
                    None => candidate.unreadable = true,
                }
            }
        }
        judge(current.take());
    }
    Ok(Finding::new(
        22,
        "总成绩由单科成绩重新算出，分毫不差",
        examined,
        broken,
    ))
}
