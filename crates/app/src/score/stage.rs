//! Writing a batch: marks, totals, ranks, in chunks on the background lane.

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use domain::score::import::Subject;
use domain::score::rank::{self, Entry};
use domain::score::{Mark, Total};
use serde_json::json;

use super::batch::{SubjectFigures, summed};
use super::import::{Examinee, Scored};
use super::store::{self, FigureRow, TotalInsert};
use super::subjects::keyed;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp};

const CHUNK: usize = 250;

/// What a batch is made from beside its results.
pub(super) struct Made<'a> {
    pub(super) import_id: i64,
    pub(super) reason: &'a str,
    pub(super) subjects: &'a [Subject],
    pub(super) people: &'a [Examinee],
}

/// Writes a batch that waits for the second person. Returns its public id.
pub(super) async fn stage(
    ctx: &Ctx,
    exam: &Exam,
    made: Made<'_>,
    results: &[Scored],
) -> Result<String> {
    let totals = totals(exam, &made, results);
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        import_id: made.import_id,
        reason: made.reason.trim().to_owned(),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    for chunk in results.chunks(CHUNK) {
        let command = Marks {
            batch_id: id,
            marks: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    for chunk in totals.chunks(CHUNK) {
        let command = Totals {
            batch_id: id,
            totals: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let matched = i64::try_from(results.len()).unwrap_or(i64::MAX);
    let figures = serde_json::to_string(&figures(results)?)
        .map_err(|e| Error::internal("score_batch.figures", e))?;
    let finish = Finish {
        stamp: Stamp::of(ctx),
        figures,
        id,
        exam_id: exam.id(),
        matched,
    };
    ctx.app.db().write(Lane::Interactive, finish).await?;
    Ok(public_id)
}

/// Total, rank and result of everybody who has a mark. A total with a mark missing is no total.
fn totals(exam: &Exam, made: &Made<'_>, results: &[Scored]) -> Vec<TotalInsert> {
    let rules = &exam.settings.score;
    let mut marks: BTreeMap<i64, BTreeMap<String, Mark>> = BTreeMap::new();
    for one in results {
        marks
            .entry(one.application_id)
            .or_default()
            .insert(one.subject.code.clone(), one.mark);
    }
    let groups: BTreeMap<i64, i64> = made
        .people
        .iter()
        .map(|one| (one.row.application_id, one.group))
        .collect();
    let entries: Vec<Entry> = marks
        .into_iter()
        .map(|(id, marks)| {
            let marks = keyed(&marks, made.subjects);
            let total = rules.total(&marks).unwrap_or(Total::NotUsed);
            Entry {
                id,
                group: groups.get(&id).copied().unwrap_or(0),
                total,
                marks,
            }
        })
        .collect();
    let places = rank::rank(&entries, &rules.tie_break);
    entries
        .iter()
        .zip(places)
        .map(|(entry, place)| TotalInsert {
            application_id: entry.id,
            total: match entry.total {
                Total::Score(total) => total.to_string(),
                Total::Flagged(flag) => flag.code().to_owned(),
                Total::NotUsed => String::new(),
            },
            rank: place.rank.map(i64::from),
            out_of: place.rank.map(|_| i64::from(place.out_of)),
            passed: match rules.passed(&entry.marks, entry.total) {
                None => "",
                Some(true) => "yes",
                Some(false) => "no",
            },
        })
        .collect()
}

/// The batch by subject, so that no page has to count it.
fn figures(results: &[Scored]) -> Result<Vec<SubjectFigures>> {
    let mut counted: BTreeMap<(&str, &str, String), FigureRow> = BTreeMap::new();
    for one in results {
        let number = one.mark.number();
        let mark = number.map_or_else(String::new, |number| number.to_string());
        let code = one.subject.code.as_str();
        let flag = one.mark.flag().code();
        let row = counted
            .entry((code, flag, mark.clone()))
            .or_insert_with(|| FigureRow {
                subject_code: code.to_owned(),
                subject_name: one.subject.name.clone(),
                flag: flag.to_owned(),
                mark,
                people: 0,
            });
        row.people += 1;
    }
    summed(counted.into_values())
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    import_id: i64,
    reason: String,
}

impl Command for Begin {
    const NAME: &'static str = "score.begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let ids = (id, public_id.as_str(), self.exam_id);
        store::batch_insert(tx, ids, self.import_id, who, &self.reason).await?;
        Ok((id, public_id))
    }
}

/// What the loser reads.
const GIVEN_UP: &str = "这批成绩已被放弃，请重新导入";

/// Holds the batch until the chunk is written: whoever gives it up waits, and drops the rows of this chunk too.
///
/// # Errors
/// `Conflict` if it was given up meanwhile.
async fn still_staging(tx: &mut Tx, batch_id: i64) -> Result<()> {
    if store::batch_set_state(tx, batch_id, "staging", "staging").await? == 0 {
        return Err(Error::Conflict(GIVEN_UP));
    }
    Ok(())
}

struct Marks {
    batch_id: i64,
    marks: Vec<Scored>,
}

impl Command for Marks {
    const NAME: &'static str = "score.marks";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.batch_id).await?;
        for one in &self.marks {
            let number = one
                .mark
                .number()
                .map_or_else(String::new, |number| number.to_string());
            let subject = (one.subject.code.as_str(), one.subject.name.as_str());
            let mark = (number.as_str(), one.mark.flag().code());
            store::score_insert(tx, (self.batch_id, one.application_id), subject, mark).await?;
        }
        Ok(())
    }
}

struct Totals {
    batch_id: i64,
    totals: Vec<TotalInsert>,
}

impl Command for Totals {
    const NAME: &'static str = "score.totals";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        still_staging(tx, self.batch_id).await?;
        for row in &self.totals {
            store::total_insert(tx, self.batch_id, row).await?;
        }
        Ok(())
    }
}

struct Finish {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    matched: i64,
    figures: String,
}

impl Command for Finish {
    const NAME: &'static str = "score.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::batch_imported(tx, self.id, self.matched, &self.figures).await? == 0 {
            return Err(Error::Conflict(GIVEN_UP));
        }
        let object = Object {
            kind: "score_batch",
            id: self.id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "results": self.matched });
        self.stamp
            .trail()
            .audit(tx, "score.import", object, detail)
            .await
    }
}
