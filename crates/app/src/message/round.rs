//! A message to everybody whom a publication concerns: tickets can be printed, scores can be seen.
//!
//! What a publication implies is derived from a pointer and the clock, so nothing happens at the instant when tickets open.
//! A tick ([`open_rounds`]) finds publications that candidates may see by now and opens a round for each, with the job
//! that works through it ([`Tell`]). The job goes by application in chunks, each one commit: messages, who was told, and how
//! far it is stand or fall together, so that a crash goes on where it was. Whoever is in `message_told` is not told
//! again, even if two workers do the same chunk.
//!
//! A plan or batch that replaces a published one concerns only those for whom something changed.

use db::{Command, Crowd, Lane, Tx};
use domain::time::Timestamp;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::round_store::{self as store, ConcernedRow, DueRow, RoundRow};
use super::{Notice, Sms, notify};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// People in one commit: each has up to three rows.
pub const CHUNK: u32 = 100;
/// Older scores are no news: a server that comes back after a long time, or was upgraded, says nothing about them.
const NEWS_DAYS: i64 = 7;

/// What a round is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ticket,
    Score,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Score => "score",
        }
    }

    fn parse(code: &str) -> Result<Self> {
        match code {
            "ticket" => Ok(Self::Ticket),
            "score" => Ok(Self::Score),
            _ => Err(Error::inconsistent("message_round.kind")),
        }
    }

    /// What the exam points at now.
    fn object(self, exam: &Exam) -> i64 {
        match self {
            Self::Ticket => exam.row.seat_plan,
            Self::Score => exam.row.score_batch,
        }
    }

    /// Whether candidates can see it at an instant.
    fn visible(self, exam: &Exam, at: Timestamp) -> bool {
        match self {
            Self::Ticket => (exam.row.ticket_opens..exam.row.ticket_closes).contains(&at.micros()),
            Self::Score => exam.scores_visible(at),
        }
    }

    fn by_sms(self, exam: &Exam) -> bool {
        let texts = &exam.settings.notices;
        match self {
            Self::Ticket => texts.ticket_sms,
            Self::Score => texts.score_sms,
        }
    }
}

/// Opens a round for each publication that candidates may see by now; how many. Rounds that are still open and have no job any
/// more (it died) are given a new one, which goes on where the last one was.
pub async fn open_rounds(ctx: &Ctx) -> Result<usize> {
    let now = ctx.app.now();
    let mut scan = ctx.app.db().scan(Crowd::System);
    let tickets = store::tickets_due(&mut scan, now.micros()).await?;
    let since = now.plus_days(-NEWS_DAYS).micros();
    let scores = store::scores_due(&mut scan, since, now.micros()).await?;
    let due = tickets
        .into_iter()
        .map(|due| (Kind::Ticket, due))
        .chain(scores.into_iter().map(|due| (Kind::Score, due)));
    let mut opened = 0;
    for (kind, due) in due {
        let command = Open {
            stamp: Stamp::of(ctx),
            kind,
            due,
        };
        opened += usize::from(ctx.app.db().write(Lane::Background, command).await?);
    }
    chunks::resume::<Tell>(ctx, &unfinished(&ctx.app).await?).await?;
    Ok(opened)
}

/// Rounds that are still at work, oldest first: their ids.
pub async fn unfinished(app: &App) -> Result<Vec<i64>> {
    Ok(store::rounds_unfinished(&mut app.db().scan(Crowd::System)).await?)
}

struct Open {
    stamp: Stamp,
    kind: Kind,
    due: DueRow,
}

impl Command for Open {
    const NAME: &'static str = "message.open_round";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let mut trail = self.stamp.trail();
        let (id, job) = (trail.id()?, trail.id()?);
        let DueRow { exam_id, object_id } = self.due;
        let at = self.stamp.at;
        let keys = (id, exam_id);
        if store::round_insert(tx, keys, self.kind.code(), object_id, at.micros()).await? == 0 {
            return Ok(false);
        }
        chunks::enqueue::<Tell>(tx, job, id, at).await?;
        let object = Object {
            kind: "message_round",
            id,
            exam_id,
        };
        let detail = json!({ "about": self.kind.code(), "object": object_id });
        trail.audit(tx, "message.round", object, detail).await?;
        Ok(true)
    }
}

/// Works through a round.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tell {
    /// `message_round.id`.
    pub round: i64,
}

impl Job for Tell {
    type State = App;
    const NAME: &'static str = "message.tell";
    const QUEUE: &'static str = "message";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { tell_some(&Ctx::system(app), self.round, CHUNK).await };
        chunks::work(run, "人已通知", next).await
    }
}

impl Over for Tell {
    fn over(round: i64) -> Self {
        Self { round }
    }
}

/// The next chunk of a round of at most `chunk` people, in one commit. How many have been told by now; `None` once the round
/// is over, or while what it tells of can't be seen.
///
/// # Errors
/// `Conflict` if another worker did this chunk meanwhile.
pub async fn tell_some(ctx: &Ctx, round: i64, chunk: u32) -> Result<Option<i64>> {
    let command = Chunk {
        // An inbox message and an SMS each.
        stamp: Stamp::for_rows(ctx, 2 * chunk),
        app: ctx.app.clone(),
        round,
        chunk,
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Chunk {
    stamp: Stamp,
    app: App,
    round: i64,
    chunk: u32,
}

impl Command for Chunk {
    const NAME: &'static str = "message.tell";
    type Out = Option<i64>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<i64>> {
        let round = store::round_by_id(tx, self.round).await?;
        let round = round.ok_or(Error::NotFound)?;
        if round.finished_at.is_some() {
            return Ok(None);
        }
        let kind = Kind::parse(&round.kind)?;
        let exam = exam::find_in(tx, &self.app, round.exam_id).await?;
        // What has been replaced or withdrawn is no news any more.
        let stands = exam.is_public() && kind.object(&exam) == round.object_id;
        if stands && !kind.visible(&exam, self.stamp.at) {
            // Out of sight again (its time was moved): the round stays open until it can be seen.
            return Ok(None);
        }
        let people = if stands {
            self.people(tx, kind, &round).await?
        } else {
            Vec::new()
        };
        let Some(last) = people.last().map(|one| one.application_id) else {
            store::round_finish(tx, round.id, self.stamp.at.micros()).await?;
            return Ok(None);
        };
        let mut trail = self.stamp.trail();
        let mut told = 0;
        for one in people.iter().filter(|one| one.live == 1) {
            let application = one.application_id;
            if store::told_insert(tx, kind.code(), application, round.object_id).await? == 1 {
                let notice = notice(&exam, kind, one.before != 0);
                notify(tx, &mut trail, &self.app, one.account_id, &notice).await?;
                told += 1;
            }
        }
        if store::round_advance(tx, round.id, (round.reached, last), told).await? == 0 {
            return Err(Error::Conflict("另一个任务正在发送这批消息"));
        }
        Ok(Some(round.told + told))
    }
}

impl Chunk {
    async fn people(&self, tx: &mut Tx, kind: Kind, round: &RoundRow) -> Result<Vec<ConcernedRow>> {
        let limit = i64::from(self.chunk);
        Ok(match kind {
            Kind::Ticket => store::seated_after(tx, round.object_id, round.reached, limit).await?,
            Kind::Score => {
                let (code, object) = (kind.code(), round.object_id);
                let before = store::object_before(tx, round.exam_id, code, object).await?;
                store::scored_after(tx, (object, before), round.reached, limit).await?
            }
        })
    }
}

/// The fact, then the step. Marks, rooms and numbers stand on the pages, not in messages.
fn notice(exam: &Exam, kind: Kind, again: bool) -> Notice {
    let until = |phase| {
        exam.window(phase)
            .map(|window| format!("，{} 截止", window.close().to_chinese_short()))
            .unwrap_or_default()
    };
    let (title, body, link, template) = match (kind, again) {
        (Kind::Ticket, false) => (
            "可以打印准考证了",
            format!(
                "请在“准考证打印”下载打印{}。{}考试当天须带准考证和身份证件。",
                until(domain::exam::Phase::Ticket),
                if exam.settings.stagger.is_off() {
                    ""
                } else {
                    "打印分批进行，您的开始时间见“准考证打印”。"
                }
            ),
            "/tickets",
            "ticket_open",
        ),
        (Kind::Ticket, true) => (
            "考场或座位有调整",
            "您的考场或座位有调整，以前打印的准考证作废，请在“准考证打印”重新打印。".to_owned(),
            "/tickets",
            "ticket_changed",
        ),
        (Kind::Score, false) => (
            "成绩已公布",
            format!("请在“成绩查询”查看{}。", until(domain::exam::Phase::Score)),
            "/scores",
            "score_published",
        ),
        (Kind::Score, true) => (
            "成绩有更正",
            "您的成绩有更正，请在“成绩查询”查看。有疑问的，请联系考试机构。".to_owned(),
            "/scores",
            "score_corrected",
        ),
    };
    let sms = kind.by_sms(exam).then(|| Sms {
        template,
        params: vec![("exam", exam.title().to_owned()), ("text", body.clone())],
    });
    Notice {
        kind: kind.code(),
        title: format!("{title}：{}", exam.title()),
        body,
        link: link.to_owned(),
        sms,
    }
}
