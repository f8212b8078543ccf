//! 成绩单: printed with a code, and vouched for by it. Whoever holds a sheet sees on a public page what was published, with the name and the
//! ticket's number masked: enough to compare with the paper, nothing to find anybody by.

use std::sync::Arc;

use db::{Command, Lane, Tx};
use documents::score_sheet::{self, ScoreSheet};
use documents::{Field, Imprint};
use domain::score::sheet_code;
use domain::text::masked_name;
use domain::time::Timestamp;
use serde_json::json;

use super::own::{Line, Report, line, refused, total_line, waiting};
use super::{sheet_store, store};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, account, paper};

/// Characters of a ticket's number that a stranger sees.
const SHOWN: usize = 4;

/// 成绩单 as a PDF of one page, with the code that vouches for it. Each printing is recorded.
///
/// # Errors
/// `Conflict` if the scores were corrected since the report was read; `Refused` once they can't be looked at any more.
pub async fn sheet(ctx: &Ctx, report: Report) -> Result<Vec<u8>> {
    let identity = account::identity(&ctx.app, report.account_id).await?;
    let command = Print {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        exam_id: report.exam.id(),
        batch_id: report.batch_id,
        application_id: report.application_id,
    };
    let code = ctx.app.db().write(Lane::Interactive, command).await?;
    let line = |line: &Line| score_sheet::Line {
        subject: line.subject.clone(),
        mark: line.mark.clone(),
        note: line.flag.to_owned(),
    };
    let mut person = vec![
        Field::new("姓名", report.name),
        Field::new("准考证号", report.ticket_no),
        Field::new("证件号码", identity.document.masked()),
    ];
    person.extend(
        report
            .choice
            .into_iter()
            .map(|(label, text)| Field::new(label, text)),
    );
    let mut totals: Vec<score_sheet::Line> = report.total.iter().map(line).collect();
    if let Some((rank, out_of)) = report.rank {
        totals.push(score_sheet::Line {
            subject: "排名".to_owned(),
            mark: rank.to_string(),
            note: format!("共 {out_of} 人有成绩"),
        });
    }
    if let Some(passed) = report.passed {
        totals.push(score_sheet::Line {
            subject: "合格情况".to_owned(),
            mark: if passed { "合格" } else { "未合格" }.to_owned(),
            note: String::new(),
        });
    }
    let sheet = ScoreSheet {
        exam: report.exam.title().to_owned(),
        person,
        subjects: report.lines.iter().map(line).collect(),
        totals,
        notes: report.note.lines().map(str::to_owned).collect(),
        published: format!("公布时间 {}", report.published_at.to_local_minute()),
        verify: format!("{}/check/{code}", ctx.app.site_url().trim_end_matches('/')),
        code: sheet_code::grouped(&code),
        issuer: report.exam.settings.organizer.clone(),
        footer: format!(
            "打印时间 {}，以考试机构存档的成绩为准",
            ctx.at.to_local_minute()
        ),
    };
    let imprint = Imprint::new(report.public_id, ctx.at).of_exam(report.exam.row.code.clone());
    Ok(paper::set(&ctx.app, move |engine| {
        score_sheet::render(engine, &sheet, &imprint)
    })
    .await?
    .bytes)
}

struct Print {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    batch_id: i64,
    application_id: i64,
}

impl Command for Print {
    const NAME: &'static str = "score.print";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let exam = exam::find_in(tx, &self.app, self.exam_id).await?;
        if let Some(waiting) = waiting(&exam, self.stamp.at) {
            return Err(refused(waiting));
        }
        if exam.row.score_batch != self.batch_id {
            return Err(Error::Conflict("成绩刚有更正，请刷新后再打印"));
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let fresh = trail.public_id(id).to_string();
        let of = (self.batch_id, self.application_id);
        sheet_store::sheet_print(tx, &fresh, of, self.stamp.at.micros()).await?;
        let printed = sheet_store::sheet_of(tx, of).await?;
        let (code, times) = printed.ok_or(Error::inconsistent("a score sheet without a code"))?;
        let object = Object {
            kind: "application",
            id: self.application_id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "batch": self.batch_id, "times": times });
        trail.audit(tx, "score.print", object, detail).await?;
        Ok(code)
    }
}

/// What is said of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It says what is published: subjects, and the total where there is one.
    Stands(Vec<Line>),
    /// The scores were corrected since; what the sheet said isn't told.
    Corrected,
}

/// A sheet that a code was found on.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The exam.
    pub exam: Arc<Exam>,
    /// The name, masked.
    pub name: String,
    /// The ticket's number, but for its last characters.
    pub ticket_no: String,
    /// What is said of it.
    pub word: Word,
    /// Since when that can be seen.
    pub published_at: Timestamp,
}

/// What is published of the candidate whose sheet carries `code`. For anybody, and writes nothing. An unknown code, one of a rehearsal and
/// one of scores that nobody may see are one answer: `NotFound`.
pub async fn vouch(app: &App, code: &str, now: Timestamp) -> Result<Vouched> {
    let code = sheet_code::typed(code).ok_or(Error::NotFound)?;
    let mut read = app.db().read();
    let sheet = sheet_store::sheet_by_code(&mut read, &code)
        .await?
        .filter(|sheet| sheet.visible_at.is_some_and(|at| at <= now.micros()))
        .ok_or(Error::NotFound)?;
    let exam = exam::find_by_id(app, sheet.exam_id).await?;
    if exam.is_rehearsal() || !exam.scores_visible(now) {
        return Err(Error::NotFound);
    }
    let current = exam.row.score_batch;
    let marks = store::own_scores(&mut read, current, sheet.application_id).await?;
    let total = store::own_total(&mut read, current, sheet.application_id).await?;
    let stands = current == sheet.batch_id || {
        let then = store::own_scores(&mut read, sheet.batch_id, sheet.application_id).await?;
        let total_then = store::own_total(&mut read, sheet.batch_id, sheet.application_id).await?;
        // A place that others' corrections moved stands on the paper only where the exam shows it.
        let told = |total: Option<(String, Option<i64>, Option<i64>, String)>| {
            total.map(|(total, rank, out_of, passed)| {
                let place = (rank, out_of);
                (
                    total,
                    passed,
                    exam.settings.score.rank_shown.then_some(place),
                )
            })
        };
        marks == then && told(total.clone()) == told(total_then)
    };
    let ticket_no = store::own_ticket(&mut read, sheet.application_id).await?;
    let word = if stands {
        let mut lines = marks
            .into_iter()
            .map(|(_, subject, mark, flag)| line(subject, mark, &flag))
            .collect::<Result<Vec<_>>>()?;
        let total = total.filter(|_| exam.settings.score.formula.is_some());
        lines.extend(total.map(|(total, ..)| total_line(total)));
        Word::Stands(lines)
    } else {
        Word::Corrected
    };
    Ok(Vouched {
        name: masked_name(&sheet.name),
        ticket_no: ticket_no.map_or_else(String::new, |number| last(&number)),
        word,
        published_at: Timestamp::from_micros(exam.row.score_visible_at),
        exam,
    })
}

/// A number of which the last characters are shown.
fn last(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(SHOWN);
    number
        .chars()
        .enumerate()
        .map(|(at, c)| if at < hidden { '*' } else { c })
        .collect()
}
