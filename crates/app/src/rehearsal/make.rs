//! 生成演练考生: asked for by an officer, made by a job one after the other, each with profile and photo.

use db::{Command, Crowd, Lane, Tx};
use domain::chance::Dice;
use domain::photo::PhotoSpec;
use domain::rehearsal::{Person, Wanted};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault::Place;

use super::store::{self, CandidateInsert, RunRow};
use super::{act, candidate};
use crate::account::rehearsing::{self, NewAccount};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, photo, profile};

/// Has candidates made.
///
/// # Errors
/// `Fields`; `Refused` while others are being made, or once the rehearsal is being wiped.
pub async fn ask(ctx: &Ctx, exam: &Exam, (count, apply, pay): (&str, &str, &str)) -> Result<()> {
    let there = store::next_no(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await? - 1;
    let there = u32::try_from(there).unwrap_or(u32::MAX);
    let wanted = Wanted::check(count, apply, pay, there)?;
    let command = Ask {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        wanted,
        seed: i64::from(u32::from_be_bytes(ctx.app.random())),
        first_no: i64::from(there) + 1,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Ask {
    stamp: Stamp,
    exam_id: i64,
    wanted: Wanted,
    seed: i64,
    first_no: i64,
}

impl Command for Ask {
    const NAME: &'static str = "rehearsal.ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let busy = |text: &str| Error::refused("rehearsal_busy", "现在不能生成", text);
        if super::wipe_store::wipe_of(tx, self.exam_id)
            .await?
            .is_some()
        {
            return Err(busy("这场演练已经开始清除。"));
        }
        if store::next_no(tx, self.exam_id).await? != self.first_no {
            return Err(busy("刚才已有人生成，请等做完再看。"));
        }
        let open = store::runs(tx, self.exam_id).await?;
        if open.iter().any(|run| run.state == "running") {
            return Err(busy("上一批还在生成，请等做完再试。"));
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let row = RunRow {
            id,
            public_id: trail.public_id(id).to_string(),
            exam_id: self.exam_id,
            state: String::new(),
            wanted: i64::from(self.wanted.count),
            apply_share: i64::from(self.wanted.apply),
            pay_share: i64::from(self.wanted.pay),
            seed: self.seed,
            first_no: self.first_no,
            made: 0,
            applied: 0,
            created_at: self.stamp.at.micros(),
        };
        store::run_insert(tx, &row, self.stamp.actor_id()).await?;
        chunks::enqueue::<Make>(tx, trail.id()?, id, self.stamp.at).await?;
        let object = Object {
            kind: "exam",
            id: self.exam_id,
            exam_id: self.exam_id,
        };
        let detail = json!({
            "count": row.wanted, "apply": row.apply_share, "pay": row.pay_share, "first": row.first_no,
        });
        trail
            .audit(tx, "rehearsal.candidates", object, detail)
            .await
    }
}

/// Makes the candidates of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Make {
    /// `rehearsal_run.id`.
    pub run: i64,
}

impl Job for Make {
    type State = App;
    const NAME: &'static str = "rehearsal.make";
    const QUEUE: &'static str = "archive";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        let next = || async { make_some(&Ctx::system(app), self.run).await };
        chunks::work(run, "名演练考生已生成", next).await
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
    let rows = store::runs_open(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Make>(ctx, &rows).await
}

/// The next candidate: account, profile and photo, each step a commit of its own that is not done twice. How many there are and how
/// many are wanted; `None` once all are there.
///
/// # Errors
/// `Conflict` if another worker made this one meanwhile; `NotFound`.
pub async fn make_some(ctx: &Ctx, run: i64) -> Result<Option<(i64, i64)>> {
    let row = store::run_by_id(&mut ctx.app.db().read(), run)
        .await?
        .ok_or(Error::NotFound)?;
    if row.state != "running" {
        return Ok(None);
    }
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    if row.made >= row.wanted {
        act::act_in(ctx, &exam).await?;
        let command = Finish {
            run,
            at: ctx.app.now().micros(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
        return Ok(None);
    }
    let no = row.first_no + row.made;
    let person = person(ctx, &exam, &row, no).await?;
    let found = store::candidate_of(&mut ctx.app.db().read(), row.exam_id, no).await?;
    let account_id = match found {
        Some((account_id, _)) => account_id,
        None => enter(ctx, &row, &person, no).await?,
    };
    if !matches!(found, Some((_, stage)) if stage != "made") {
        prepare(ctx, &exam, &person, account_id).await?;
    }
    let command = Step {
        run,
        from: row.made,
        account_id,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(Some((row.made + 1, row.wanted)))
}

async fn person(ctx: &Ctx, exam: &Exam, row: &RunRow, no: i64) -> Result<Person> {
    let serial = store::serial(&mut ctx.app.db().scan(Crowd::System), exam.id()).await?;
    let number = |value: i64| u32::try_from(value).unwrap_or(0);
    Ok(Person::new(
        row.seed.unsigned_abs(),
        number(serial % 10_000),
        number(no),
    ))
}

/// Who of a run applies and pays by himself: drawn from its seed.
fn draws(row: &RunRow, no: i64) -> (bool, bool) {
    let number = |value: i64| u32::try_from(value).unwrap_or(0);
    let mut dice = Dice::new(row.seed.unsigned_abs(), "share", number(no));
    let applies = dice.chance(number(row.apply_share));
    let pays = dice.chance(number(row.pay_share));
    (applies, applies && pays)
}

async fn enter(ctx: &Ctx, row: &RunRow, person: &Person, no: i64) -> Result<i64> {
    let app = &ctx.app;
    let (password, hash) = rehearsing::first_password(app).await?;
    let account = NewAccount::new(app, person, hash)?;
    let account_id = account.id;
    let place = secret_place(account_id);
    let secret = app
        .cipher()
        .seal(place, password.expose().as_bytes(), app.entropy());
    let (applies, pays) = draws(row, no);
    let command = Enter {
        stamp: Stamp::of(ctx),
        account,
        exam_id: row.exam_id,
        run_id: row.id,
        no,
        applies,
        pays,
        secret,
    };
    app.db().write(Lane::Background, command).await?;
    Ok(account_id)
}

/// Where a password lies that wasn't handed out.
pub(super) fn secret_place(account_id: i64) -> Place {
    Place {
        table: "rehearsal_candidate",
        column: "secret",
        row: account_id,
    }
}

struct Enter {
    stamp: Stamp,
    account: NewAccount,
    exam_id: i64,
    run_id: i64,
    no: i64,
    applies: bool,
    pays: bool,
    secret: Vec<u8>,
}

impl Command for Enter {
    const NAME: &'static str = "rehearsal.enter";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        const TAKEN: Error = Error::Conflict("另一个任务正在生成");
        if super::wipe_store::wipe_of(tx, self.exam_id)
            .await?
            .is_some()
            || store::candidate_of(tx, self.exam_id, self.no)
                .await?
                .is_some()
        {
            return Err(TAKEN);
        }
        let mut trail = self.stamp.trail();
        self.account.insert(tx, &mut trail, self.exam_id).await?;
        let row = CandidateInsert {
            account_id: self.account.id,
            exam_id: self.exam_id,
            run_id: self.run_id,
            no: self.no,
            applies: self.applies,
            pays: self.pays,
            secret: &self.secret,
        };
        store::candidate_insert(tx, &row).await?;
        Ok(())
    }
}

/// Profile and photo, through the use cases that a candidate's own pages call. What is there already isn't saved again.
async fn prepare(ctx: &Ctx, exam: &Exam, person: &Person, account_id: i64) -> Result<()> {
    let him = candidate(ctx, account_id, exam.id());
    let majors = majors(ctx, exam).await?;
    let forms = person.forms(&majors, ctx.app.now().date());
    let stored = profile::find(&ctx.app, account_id).await?.profile;
    if stored.basic.is_none() {
        profile::save_basic(&him, &forms.basic).await?;
    }
    if stored.educations.is_empty() {
        profile::save_education(&him, None, &forms.education).await?;
    }
    if stored.work.is_none() {
        profile::save_work(&him, &forms.work).await?;
    }
    if stored.resume.is_empty() {
        profile::save_resume(&him, &forms.resume).await?;
    }
    if stored.family.is_none() {
        profile::save_family(&him, &forms.family).await?;
    }
    if photo::current(&ctx.app, account_id).await?.is_none() {
        let asked = &exam.settings.photo;
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
        let spec = PhotoSpec {
            width: side(asked.width),
            height: side(asked.height),
            max_kb: side(asked.max_kb),
        };
        let seed = account_id.unsigned_abs();
        let drawn = ctx
            .app
            .compute("draw a photo", move || {
                imaging::drawn::stand_in(seed, (spec.width, spec.height), spec.max_bytes())
            })
            .await?;
        photo::upload(&him, &drawn, &spec).await?;
    }
    Ok(())
}

/// Majors that the positions of an exam name one by one.
async fn majors(ctx: &Ctx, exam: &Exam) -> Result<Vec<String>> {
    if !exam.has_positions() {
        return Ok(Vec::new());
    }
    let table = exam::positions::table(&ctx.app, exam).await?;
    let named = |text: &str| -> Vec<String> {
        text.split(['、', '，', ',', '；', ';', '/', '\n'])
            .map(str::trim)
            .filter(|one| (2..=12).contains(&one.chars().count()))
            .filter(|one| {
                !one.contains("不限") && !one.ends_with('类') && !one.contains(['（', '('])
            })
            .map(str::to_owned)
            .collect()
    };
    Ok(table
        .items()
        .iter()
        .flat_map(|item| named(&item.position.majors))
        .take(200)
        .collect())
}

struct Step {
    run: i64,
    from: i64,
    account_id: i64,
}

impl Command for Step {
    const NAME: &'static str = "rehearsal.step";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::candidate_stage(tx, self.account_id, "made", ("ready", "")).await?;
        if store::run_advance(tx, (self.run, self.from), self.from + 1).await? == 0 {
            return Err(Error::Conflict("另一个任务正在生成"));
        }
        Ok(())
    }
}

struct Finish {
    run: i64,
    at: i64,
}

impl Command for Finish {
    const NAME: &'static str = "rehearsal.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::run_finish(tx, self.run, self.at).await?;
        Ok(())
    }
}
