//! 生成名单: a list is computed from what is published, written in chunks, and waits for the second person.

use std::collections::BTreeSet;

use db::{Command, Lane, Tx};
use domain::selection::shortlist::everybody;
use domain::selection::{Listed, RoundKind, Runner, SelectionRules, Verdict, shortlist};
use domain::staff::Permission;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::round_store as store;
use super::row_store::{self, NewRow, StoredRow};
use super::runners::{self, text_of};
use super::{draft_final, round};
use crate::exam::Exam;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Lines in one commit.
const CHUNK: usize = 250;
/// How many times the places of those behind the last place are kept, so that 递补 needn't compute the list anew.
const BEHIND: u32 = 2;

/// Makes a list of a kind. Its public id.
///
/// # Errors
/// `Refused` while what it is made of isn't published, or another list of the kind waits; `Forbidden` to who may not for the whole
/// exam.
pub async fn make(ctx: &Ctx, exam: &Exam, kind: RoundKind) -> Result<String> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    selects(exam)?;
    if store::round_open(&mut ctx.app.db().read(), exam.id(), kind.code())
        .await?
        .is_some()
    {
        return Err(waits(kind));
    }
    let drafted = match kind {
        RoundKind::Shortlist => of_scores(ctx, exam).await?,
        RoundKind::Total => draft_final::total(ctx, exam).await?,
        RoundKind::Medical => draft_final::medical(ctx, exam).await?,
        RoundKind::Hire => draft_final::hire(ctx, exam).await?,
    };
    stage(ctx, exam, kind, drafted).await
}

fn waits(kind: RoundKind) -> Error {
    Error::refused(
        "round_open",
        format!("已有一份{}在办理", kind.label()),
        "请先核对、公布那一份，或者把它放弃，再重新生成。",
    )
}

/// Refuses for an exam that has no selection.
pub(super) fn selects(exam: &Exam) -> Result<()> {
    if exam.settings.selection.on && exam.is_public() {
        return Ok(());
    }
    Err(Error::refused(
        "no_selection",
        "这场考试没有面试",
        "有面试的，请先在考试设置的“面试与聘用”中填写规则。",
    ))
}

/// A list as it was computed.
pub(super) struct Drafted {
    pub(super) basis: i64,
    pub(super) rows: Vec<NewRow>,
}

/// 入围名单.
async fn of_scores(ctx: &Ctx, exam: &Exam) -> Result<Drafted> {
    let rules = exam.settings.selection.clone();
    if !exam.settings.steps.seating {
        let runners = runners::of_direct(&ctx.app, exam).await?;
        let open = runners::headcounts(&ctx.app, exam).await?;
        let runners: Vec<Runner> = runners
            .into_iter()
            .map(|mut runner| {
                runner.gone |= !open.contains_key(&runner.position);
                runner
            })
            .collect();
        let listed = everybody(&runners);
        return Ok(Drafted {
            basis: 0,
            rows: rows_of(&runners, &listed, &rules, &open),
        });
    }
    if !exam.scores_visible(ctx.at) {
        return Err(Error::refused(
            "scores_hidden",
            "成绩还没有公布",
            "成绩公布之后才能生成入围名单。",
        ));
    }
    if exam.settings.score.formula.is_none() {
        return Err(Error::refused(
            "no_formula",
            "没有总成绩，不能排名",
            "成绩规则里没有总成绩公式，只公布了各科成绩，不能按成绩确定入围人员。",
        ));
    }
    let (runners, listed) = computed(&ctx.app, exam, &rules, exam.row.score_batch).await?;
    let open = runners::headcounts(&ctx.app, exam).await?;
    Ok(Drafted {
        basis: exam.row.score_batch,
        rows: rows_of(&runners, &listed, &rules, &open),
    })
}

/// The whole list of a batch of scores, everybody behind the last place with it.
pub(super) async fn computed(
    app: &App,
    exam: &Exam,
    rules: &SelectionRules,
    batch_id: i64,
) -> Result<(Vec<Runner>, Vec<Listed>)> {
    let runners = runners::of_batch(app, batch_id).await?;
    let headcounts = runners::headcounts(app, exam).await?;
    let (rules, tie_break) = (rules.clone(), exam.settings.score.tie_break.clone());
    let work = move || {
        let listed = shortlist(&rules, &tie_break, &headcounts, &runners);
        listed.map(|listed| (runners, listed))
    };
    let done = app.compute("make a shortlist", work).await?;
    done.map_err(|no| {
        Error::refused(
            "no_ratio",
            "入围比例没有设置完整",
            format!("{no}，请先在考试设置的“面试与聘用”中补充。"),
        )
    })
}

/// The lines that are kept: who enters, who is excluded, and the first behind the last place.
fn rows_of(
    runners: &[Runner],
    listed: &[Listed],
    rules: &SelectionRules,
    headcounts: &std::collections::BTreeMap<i64, u32>,
) -> Vec<NewRow> {
    let near = |one: &Listed| {
        let headcount = headcounts.get(&one.position).copied().unwrap_or(0);
        let places = rules.places(headcount).unwrap_or(0);
        let last = places.saturating_mul(BEHIND.saturating_add(1));
        one.rank.is_some_and(|rank| rank <= last)
    };
    runners
        .iter()
        .zip(listed)
        .filter(|(_, one)| one.verdict != Verdict::Beyond || near(one))
        .map(|(runner, one)| NewRow {
            position_id: one.position,
            application_id: one.id,
            rank: i64::from(one.rank.unwrap_or(0)),
            total: String::new(),
            written: text_of(runner.total),
            interview: String::new(),
            verdict: one.verdict.code(),
            why: match one.verdict {
                Verdict::Excluded(why) => why.code(),
                Verdict::In | Verdict::Tie | Verdict::Beyond => "",
            },
        })
        .collect()
}

/// The digest of a list: over its lines by application.
#[derive(Debug, Default)]
pub(super) struct Seal(Sha256);

impl Seal {
    /// One more line.
    pub(super) fn line(&mut self, row: &StoredRow) {
        let text = format!(
            "{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\n",
            row.application_id,
            row.position_id,
            row.rank,
            row.total,
            row.written,
            row.interview,
            row.verdict,
            row.why
        );
        self.0.update(text.as_bytes());
    }

    /// The digest in hexadecimal digits.
    pub(super) fn finish(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn stored(row: &NewRow) -> StoredRow {
    StoredRow {
        application_id: row.application_id,
        position_id: row.position_id,
        rank: row.rank,
        total: row.total.clone(),
        written: row.written.clone(),
        interview: row.interview.clone(),
        verdict: row.verdict.to_owned(),
        why: row.why.to_owned(),
    }
}

async fn stage(ctx: &Ctx, exam: &Exam, kind: RoundKind, drafted: Drafted) -> Result<String> {
    let mut rows = drafted.rows;
    rows.sort_by_key(|row| row.application_id);
    let count = |wanted: fn(&NewRow) -> bool| {
        i64::try_from(rows.iter().filter(|row| wanted(row)).count()).unwrap_or(i64::MAX)
    };
    let people = count(|row| matches!(row.verdict, "in" | "tie"));
    let excluded = count(|row| row.verdict == "excluded");
    if people == 0 {
        return Err(Error::refused(
            "nobody",
            "没有人可以列入名单",
            match kind {
                RoundKind::Shortlist => "没有符合条件的考生，请核对成绩、岗位和入围规则。",
                RoundKind::Total => "没有考生有面试成绩。",
                RoundKind::Medical => "没有考生可以进入体检，请核对总成绩和招聘人数。",
                RoundKind::Hire => "没有考生在公示中。",
            },
        ));
    }
    let positions: BTreeSet<i64> = rows.iter().map(|row| row.position_id).collect();
    let positions = i64::try_from(positions.len()).unwrap_or(i64::MAX);
    let mut seal = Seal::default();
    for row in &rows {
        seal.line(&stored(row));
    }
    let rules = serde_json::to_string(&exam.settings.selection)
        .map_err(|e| Error::internal("selection_round.rules", e))?;
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        kind,
        basis: drafted.basis,
        rules,
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    for chunk in rows.chunks(CHUNK) {
        let command = Lines {
            round_id: id,
            rows: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let finish = Finish {
        stamp: Stamp::of(ctx),
        id,
        exam_id: exam.id(),
        kind,
        digest: seal.finish(),
        counts: (people, excluded, positions),
    };
    ctx.app.db().write(Lane::Interactive, finish).await?;
    Ok(public_id)
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    kind: RoundKind,
    basis: i64,
    rules: String,
}

impl Command for Begin {
    const NAME: &'static str = "selection.begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let ids = (id, public_id.as_str(), self.exam_id);
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let kind = self.kind.code();
        if store::round_insert(tx, ids, kind, self.basis, &self.rules, who).await? == 0 {
            return Err(waits(self.kind));
        }
        Ok((id, public_id))
    }
}

struct Lines {
    round_id: i64,
    rows: Vec<NewRow>,
}

impl Command for Lines {
    const NAME: &'static str = "selection.lines";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        // Whoever gives the list up waits for this chunk, and drops its lines too.
        if store::round_hold(tx, self.round_id).await? == 0 {
            return Err(Error::Conflict(round::GIVEN_UP));
        }
        for row in &self.rows {
            row_store::row_insert(tx, self.round_id, row).await?;
        }
        Ok(())
    }
}

struct Finish {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    kind: RoundKind,
    digest: String,
    counts: (i64, i64, i64),
}

impl Command for Finish {
    const NAME: &'static str = "selection.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::round_drafted(tx, self.id, &self.digest, self.counts).await? == 0 {
            return Err(Error::Conflict(round::GIVEN_UP));
        }
        let object = Object {
            kind: "selection_round",
            id: self.id,
            exam_id: self.exam_id,
        };
        let detail = json!({
            "kind": self.kind.code(),
            "people": self.counts.0,
            "excluded": self.counts.1,
            "digest": self.digest,
        });
        self.stamp
            .trail()
            .audit(tx, "selection.draft", object, detail)
            .await
    }
}
