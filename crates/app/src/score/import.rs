//! 导入成绩. All or nothing: rows read = matched + rejected, and one rejected row stages nothing (invariant 21).

use std::collections::{BTreeMap, BTreeSet};

use db::Crowd;
use domain::exam::snapshot::Choice;
use domain::score::import::{self as file, ScoreFile, ScoreRow, Subject};
use domain::score::{Decimal, Mark};
use domain::sheet::{Sheet, squeezed};
use domain::staff::Permission;
use serde_json::json;

use super::{stage, subjects};
use crate::arrangement::sitters::Programme;
use crate::arrangement::{self, TicketSitterRow, bad_lines, workbook};
use crate::exam::import::{self, Counts, Kind};
use crate::exam::{Exam, ProblemRow};
use crate::{Ctx, Error, Result, account};

/// A person of the published plan.
pub(super) struct Examinee {
    pub(super) row: TicketSitterRow,
    /// Codes of what he sits.
    pub(super) sits: Vec<String>,
    /// What he is ranked within.
    pub(super) group: i64,
}

/// One accepted result.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) application_id: i64,
    pub(super) subject: Subject,
    pub(super) mark: Mark,
}

/// Reads a score file. Returns the batch's public id; its summary names the score batch (`batch`) if every row was good.
///
/// `reason` says why published scores are to be replaced; empty the first time.
///
/// # Errors
/// `Fields` under `file` for what isn't a readable workbook; `Refused` without published seats.
pub async fn upload(
    ctx: &Ctx,
    exam: &Exam,
    (file_name, bytes): (&str, &[u8]),
    reason: &str,
) -> Result<String> {
    ctx.allow_for(Permission::ScoreEdit, exam.id(), "")?;
    if exam.row.seat_plan == 0 {
        return Err(Error::refused(
            "no_tickets",
            "还没有公布考场编排",
            "成绩按准考证号对应考生。请先公布考场编排，再导入成绩。",
        ));
    }
    if exam.row.score_batch != 0 && reason.trim().chars().count() < 4 {
        return Err(Error::field(
            "reason",
            "已公布的成绩要更改，请写明原因，例如：成绩复查更正 2 人",
        ));
    }
    let sheets = workbook(bytes).await?;
    let subjects = subjects::of(&ctx.app, exam).await?;
    let people = examinees(ctx, exam).await?;
    let (sheet, read) = best(&sheets, &subjects);
    let mut problems: Vec<ProblemRow> = read.problems.iter().map(placed).collect();
    let results = matched(ctx, &read, &people, &subjects, &mut problems).await?;
    let batch = import::begin(ctx, exam.id(), Kind::Scores, (file_name, bytes)).await?;
    let bad = bad_lines(&problems);
    let lines = usize::try_from(read.lines).unwrap_or(usize::MAX);
    let whole = problems.iter().any(|one| one.line == 0);
    let good = if whole { 0 } else { lines.saturating_sub(bad) };
    let mut staged = None;
    let mut missing = 0;
    if problems.is_empty() && results.is_empty() {
        problems.push(whole_file("表中没有可以导入的成绩"));
    }
    if problems.is_empty() {
        let gaps = gaps(&people, &results, &subjects);
        missing = gaps.len();
        problems.extend(gaps);
        let made = stage::Made {
            import_id: batch.id,
            reason,
            subjects: &subjects,
            people: &people,
        };
        staged = Some(stage::stage(ctx, exam, made, &results).await?);
    }
    import::problems(ctx, batch.id, &problems).await?;
    let counts = Counts {
        read: lines,
        good,
        bad: lines - good,
    };
    let summary =
        json!({ "batch": staged, "sheet": sheet, "results": results.len(), "missing": missing });
    import::finish(ctx, batch.id, counts, &summary).await?;
    Ok(batch.public_id)
}

async fn examinees(ctx: &Ctx, exam: &Exam) -> Result<Vec<Examinee>> {
    let programme = Programme::of(&ctx.app, exam).await?;
    let (mut people, mut after) = (Vec::new(), 0);
    let mut groups: BTreeMap<(String, String), i64> = BTreeMap::new();
    loop {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = arrangement::ticket_sitters(&mut scan, exam.row.seat_plan, after, 1_000).await?;
        let Some(last) = rows.last() else { break };
        after = last.application_id;
        for row in rows {
            let choice: Choice = serde_json::from_str(&row.choice)
                .map_err(|e| Error::internal("application.choice", e))?;
            let group = match &choice {
                Choice::Professional {
                    level, specialty, ..
                } => {
                    let next = -1 - i64::try_from(groups.len()).unwrap_or(0);
                    *groups
                        .entry((level.clone(), specialty.clone()))
                        .or_insert(next)
                }
                Choice::Position { .. } | Choice::Exam => row.position_id.unwrap_or(0),
            };
            let sat = programme.sat(row.position_id, &choice);
            people.push(Examinee {
                sits: sat.into_iter().map(|one| one.code).collect(),
                group,
                row,
            });
        }
    }
    Ok(people)
}

/// The sheet with most results.
fn best(sheets: &[Sheet], subjects: &[Subject]) -> (String, ScoreFile) {
    sheets
        .iter()
        .map(|sheet| (sheet.name.clone(), file::read(sheet, subjects)))
        .max_by_key(|(_, read)| (read.rows.len(), read.lines))
        .unwrap_or_default()
}

fn placed(problem: &file::Placed) -> ProblemRow {
    row(
        problem.line,
        &problem.column,
        &problem.cell,
        problem.problem.to_string(),
    )
}

fn whole_file(message: &str) -> ProblemRow {
    row(0, "整份文件", "", message.to_owned())
}

fn row(line: u32, field: &str, cell: &str, message: String) -> ProblemRow {
    ProblemRow {
        line: i64::from(line),
        severity: "error".to_owned(),
        field: field.to_owned(),
        cell: cell.chars().take(200).collect(),
        message,
    }
}

/// Finds the person of each result; what doesn't fit goes to the problems.
async fn matched(
    ctx: &Ctx,
    read: &ScoreFile,
    people: &[Examinee],
    subjects: &[Subject],
    problems: &mut Vec<ProblemRow>,
) -> Result<Vec<Scored>> {
    let by_ticket: BTreeMap<&str, &Examinee> = people
        .iter()
        .map(|one| (one.row.ticket_no.as_str(), one))
        .collect();
    let mut results = Vec::new();
    for result in &read.rows {
        let Some(person) = by_ticket.get(result.ticket_no.as_str()) else {
            let text = "没有这个准考证号，请核对是否为本场考试".to_owned();
            problems.push(row(result.line, "准考证号", &result.ticket_no, text));
            continue;
        };
        if let Some(problem) = contradiction(ctx, result, person).await? {
            problems.push(problem);
            continue;
        }
        let Some(subject) = subjects.iter().find(|one| one.code == result.subject) else {
            continue;
        };
        if !person.sits.contains(&subject.code) {
            let text = format!("该考生没有报考“{}”", subject.name);
            problems.push(row(result.line, "科目", &subject.name, text));
            continue;
        }
        results.push(Scored {
            application_id: person.row.application_id,
            subject: subject.clone(),
            mark: result.mark,
        });
    }
    Ok(results)
}

/// Name, last four of the number, bonus: whatever the file says that isn't so.
async fn contradiction(
    ctx: &Ctx,
    result: &ScoreRow,
    person: &Examinee,
) -> Result<Option<ProblemRow>> {
    if !result.name.is_empty() && squeezed(&person.row.name) != result.name {
        let text = format!("姓名与准考证号不符，报名信息为“{}”", person.row.name);
        return Ok(Some(row(result.line, "姓名", &result.name, text)));
    }
    if !result.id_tail.is_empty() {
        let identity = account::identity(&ctx.app, person.row.account_id).await?;
        if !identity.document.canonical().ends_with(&result.id_tail) {
            let text = "证件号后四位与准考证号不符".to_owned();
            return Ok(Some(row(result.line, "证件号后四位", "****", text)));
        }
    }
    if result.bonus.is_some_and(|bonus| bonus != Decimal::ZERO) {
        let text = "本考试的成绩规则没有加分项，请先把加分计入成绩规则".to_owned();
        return Ok(Some(row(result.line, "加分", "", text)));
    }
    Ok(None)
}

/// Those who sit a subject and have no result in it: a warning each, for a missing mark is no absence.
fn gaps(people: &[Examinee], results: &[Scored], subjects: &[Subject]) -> Vec<ProblemRow> {
    let have: BTreeSet<(i64, &str)> = results
        .iter()
        .map(|one| (one.application_id, one.subject.code.as_str()))
        .collect();
    let name = |code: &str| {
        subjects
            .iter()
            .find(|one| one.code == *code)
            .map_or_else(String::new, |one| one.name.clone())
    };
    let mut gaps = Vec::new();
    for person in people {
        for code in &person.sits {
            if !have.contains(&(person.row.application_id, code.as_str())) {
                gaps.push(ProblemRow {
                    line: 0,
                    severity: "warning".to_owned(),
                    field: name(code),
                    cell: person.row.ticket_no.clone(),
                    message: format!("{} 没有这一科的成绩（缺考请填 -1）", person.row.name),
                });
            }
        }
    }
    gaps
}
