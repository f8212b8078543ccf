//! Making the files of a run: a job that goes on, step by step, where a crash left it. A step is a few rooms of one site in one
//! kind; its files are stored before the commit that names them and says how far the run is.

use db::{Command, Crowd, Lane, Tx};
use documents::{Imprint, Pdf};
use domain::arrangement::{Options, PaperKind, Pattern, PlanState, RunState};
use domain::time::Timestamp;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault::Place;

use super::step::{self, Form, Step};
use super::store::{self, Advance, FileRow, RunRow};
use super::{Wanted, data, sheets, site, tables, used};
use crate::arrangement::sitters::Programme;
use crate::arrangement::{PlanRow, Session, room_text};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp, paper};

/// Makes the files of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Make {
    /// `paper_run.id`.
    pub run: i64,
}

impl Job for Make {
    type State = App;
    const NAME: &'static str = "arrangement.papers";
    const QUEUE: &'static str = "papers";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each step: what holds is asked at the clock's time.
        let next = || async { make_some(&Ctx::system(app), self.run).await };
        chunks::work(run, "份已生成", next).await
    }
}

impl Over for Make {
    fn over(run: i64) -> Self {
        Self { run }
    }
}

/// Gives runs whose job died another one.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::making(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Make>(ctx, &rows).await
}

/// A file before it is stored.
pub(super) struct Made {
    /// Folder and name.
    pub(super) name: String,
    pub(super) media_type: &'static str,
    pub(super) pages: usize,
    pub(super) bytes: Vec<u8>,
}

impl Made {
    pub(super) fn pdf(name: &str, pdf: Pdf) -> Self {
        Self {
            name: format!("{name}.pdf"),
            media_type: "application/pdf",
            pages: pdf.pages,
            bytes: pdf.bytes,
        }
    }

    pub(super) fn table(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: format!("{name}.xlsx"),
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            pages: 0,
            bytes,
        }
    }
}

/// What a step needs to know of its run.
pub(super) struct Work<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) exam: &'a Exam,
    pub(super) plan: &'a PlanRow,
    pub(super) run: &'a RunRow,
    pub(super) wanted: &'a Wanted,
    pub(super) sessions: Vec<Session>,
    pub(super) programme: Programme,
    pub(super) pattern: Pattern,
}

impl Work<'_> {
    /// Dated with the run, so that a step that is made again gives the same bytes.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.run.made_at)
    }

    pub(super) fn imprint(&self, step: &Step) -> Imprint {
        let ident = format!("{} {}", self.run.public_id, step.reached);
        Imprint::new(ident, self.at()).of_exam(self.exam.row.code.clone())
    }

    /// Folder and name of a step's file, without an ending: `01 市第五中学/考场门贴 001-020`.
    pub(super) fn name(&self, step: &Step) -> String {
        let label = step.unit.kind.label();
        match (step.rooms.first(), step.rooms.last()) {
            (Some(first), Some(last)) => format!(
                "{}/{label} {}-{}",
                clean(&format!("{:02} {}", first.site_no, first.site_name)),
                room_text(first.room_no),
                room_text(last.room_no)
            ),
            _ => label.to_owned(),
        }
    }
}

/// A name that any file system takes.
fn clean(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .take(60)
        .collect();
    kept.trim_matches(['.', ' ']).to_owned()
}

/// The next step of a run. How much is made by now and how much there is; `None` once all is, or nothing more will be.
///
/// # Errors
/// `Conflict` if another worker made this step meanwhile; `NotFound`.
pub async fn make_some(ctx: &Ctx, run: i64) -> Result<Option<(i64, i64)>> {
    let row = store::run_by_id(&mut ctx.app.db().read(), run)
        .await?
        .ok_or(Error::NotFound)?;
    if row.standing()? != RunState::Making {
        return Ok(None);
    }
    let wanted = row.wanted()?;
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    let plan = crate::arrangement::store::plan_by_id(&mut ctx.app.db().read(), row.plan_id)
        .await?
        .ok_or(Error::NotFound)?;
    if plan.state == PlanState::Discarded.code() {
        return end(
            ctx,
            &row,
            RunState::Failed,
            "这一版编排已被放弃，没有座位了",
        )
        .await;
    }
    let rooms = used(&ctx.app, plan.id, &wanted).await?;
    let next = step::next(&wanted, &rooms, &row.reached).map_err(Error::inconsistent)?;
    let Some(step) = next else {
        return end(ctx, &row, RunState::Ready, "").await;
    };
    let work = Work {
        ctx,
        exam: &exam,
        plan: &plan,
        run: &row,
        wanted: &wanted,
        sessions: crate::arrangement::sessions(&ctx.app, &exam).await?,
        programme: Programme::of(&ctx.app, &exam).await?,
        pattern: pattern(&plan)?,
    };
    let made = match make(&work, &step).await {
        Ok(made) => made,
        // Waiting mends neither: the exam's texts don't fit, or a template of the operator's is broken.
        Err(Error::Refused(refusal)) => {
            return end(ctx, &row, RunState::Failed, &refusal.text).await;
        }
        Err(error) if matches!(&error, Error::Internal { what, .. } if *what == paper::SETTING) => {
            tracing::error!(error = ?error, "a run of papers ends");
            let text = "排版没有成功，请让技术人员核对本机的打印模板后重新生成";
            return end(ctx, &row, RunState::Failed, text).await;
        }
        Err(error) => return Err(error),
    };
    let files = stored(&ctx.app, row.files, made).await?;
    let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let weight = step.weight();
    let command = StepOn {
        id: row.id,
        from: row.reached.clone(),
        to: step.reached,
        files,
        rooms: weight,
    };
    if let Err(error) = ctx.app.db().write(Lane::Background, command).await {
        // Another worker's files count. A commit whose end isn't known keeps its own: a file too many is no harm, one too few is.
        if matches!(error, Error::Conflict(_)) {
            crate::object::wipe(&ctx.app, paths.iter().map(String::as_str)).await?;
        }
        return Err(error);
    }
    Ok(Some((row.done + weight, row.total)))
}

fn pattern(plan: &PlanRow) -> Result<Pattern> {
    #[derive(Deserialize)]
    struct Kept {
        options: Options,
    }
    let kept: Kept =
        serde_json::from_str(&plan.options).map_err(|e| Error::internal("seat_plan.options", e))?;
    Ok(kept.options.pattern)
}

/// Seals the files of a step and puts them into the store.
async fn stored(app: &App, before: i64, made: Vec<Made>) -> Result<Vec<FileRow>> {
    let mut files = Vec::new();
    for (seq, one) in (before + 1..).zip(made) {
        let id = app.reserve_ids(1);
        let sealed = app.cipher().seal(place(id), &one.bytes, app.entropy());
        let path = app
            .objects()
            .put(sealed.into())
            .await
            .map_err(|e| Error::internal("object store", e))?;
        files.push(FileRow {
            id,
            seq,
            name: one.name,
            media_type: one.media_type.to_owned(),
            path,
            pages: i64::try_from(one.pages).unwrap_or(i64::MAX),
            size: i64::try_from(one.bytes.len()).unwrap_or(i64::MAX),
        });
    }
    Ok(files)
}

/// Where the content of a file is sealed.
pub(super) fn place(id: i64) -> Place {
    Place {
        table: "paper_file",
        column: "content",
        row: id,
    }
}

async fn make(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    match (step.unit.form, step.unit.kind) {
        (_, PaperKind::Data) => data::pack(work, step).await,
        (Form::Table, _) => tables::table(work, step).await,
        (Form::Whole, _) => site::totals(work, step).await,
        (_, PaperKind::Overview) => site::overview(work, step).await,
        (_, PaperKind::Staff) => site::staff(work, step).await,
        (_, PaperKind::Bag) => sheets::bags(work, step).await,
        (_, PaperKind::Tickets) => sheets::tickets(work, step).await,
        (_, kind) => sheets::papers(work, step, kind).await,
    }
}

/// One step: the files, and how far it is, in one commit.
struct StepOn {
    id: i64,
    from: String,
    to: String,
    files: Vec<FileRow>,
    rooms: i64,
}

impl Command for StepOn {
    const NAME: &'static str = "arrangement.papers_step";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let step = Advance {
            from: &self.from,
            to: &self.to,
            files: i64::try_from(self.files.len()).unwrap_or(0),
            pages: self.files.iter().map(|file| file.pages).sum(),
            rooms: self.rooms,
        };
        if store::run_advance(tx, self.id, &step).await? == 0 {
            return Err(Error::Conflict("另一个任务正在生成这套用纸"));
        }
        for file in &self.files {
            store::file_insert(tx, self.id, file).await?;
        }
        Ok(())
    }
}

/// No step follows.
async fn end<T>(ctx: &Ctx, row: &RunRow, to: RunState, failure: &str) -> Result<Option<T>> {
    let command = End {
        stamp: Stamp::of(ctx),
        row: row.clone(),
        to,
        failure: failure.to_owned(),
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(None)
}

struct End {
    stamp: Stamp,
    row: RunRow,
    to: RunState,
    failure: String,
}

impl Command for End {
    const NAME: &'static str = "arrangement.papers_end";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (row, at) = (&self.row, self.stamp.at.micros());
        if store::run_end(tx, row.id, self.to.code(), &self.failure, at).await? == 0 {
            return Err(Error::Conflict("这套用纸已经不在生成"));
        }
        let detail = json!({ "state": self.to.label(), "files": row.files, "pages": row.pages });
        self.stamp
            .trail()
            .audit(tx, "arrangement.papers_end", row.object(), detail)
            .await
    }
}
