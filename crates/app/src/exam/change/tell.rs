//! Telling those who applied what has changed: a job, in chunks, each one commit.

use db::{Command, Crowd, Lane, Tx};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};

use crate::chunks::{self, Over};
use crate::exam::catalogue;
use crate::exam::change_store as store;
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Result, Stamp};

/// People in one commit.
pub const CHUNK: u32 = 100;

/// Works through a published change.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tell {
    /// `settings_change.id`.
    pub change: i64,
}

impl Job for Tell {
    type State = App;
    const NAME: &'static str = "exam.tell_change";
    const QUEUE: &'static str = "message";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { tell_some(&Ctx::system(app), self.change, CHUNK).await };
        chunks::work(run, "人已通知", next).await
    }
}

impl Over for Tell {
    fn over(change: i64) -> Self {
        Self { change }
    }
}

/// Puts a job in for every published change whose people haven't all been told and that has none any more.
pub(in crate::exam) async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::changes_untold(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Tell>(ctx, &rows).await
}

/// The next chunk; how many have been told by now. `None` once everybody was.
///
/// # Errors
/// `Conflict` if another worker did this chunk meanwhile; `NotFound`.
pub async fn tell_some(ctx: &Ctx, change: i64, chunk: u32) -> Result<Option<i64>> {
    let app = &ctx.app;
    let row = store::change_by_id(&mut app.db().read(), change)
        .await?
        .filter(|row| row.state == "published")
        .ok_or(Error::NotFound)?;
    if row.told_at.is_some() {
        return Ok(None);
    }
    let exam = catalogue::find_by_id(app, row.exam_id).await?;
    let mut scan = app.db().scan(Crowd::System);
    let of = (row.exam_id, row.base_version);
    let people = store::live_after(&mut scan, of, row.reached, i64::from(chunk)).await?;
    let changes = super::changes_in(&row.changes)?;
    let clauses: Vec<String> = changes.iter().take(3).map(super::notice::clause).collect();
    let more = match changes.len() {
        0..=3 => String::new(),
        all => format!("等 {all} 项"),
    };
    let body = format!(
        "您报名的《{}》有更正：{}{more}。您的报名继续有效，详见补充公告。",
        exam.title(),
        clauses.join("；")
    );
    let sms = exam.settings.notices.position_sms.then(|| Sms {
        template: "exam_changed",
        params: vec![("exam", exam.title().to_owned()), ("text", body.clone())],
    });
    let notice = Notice {
        kind: "notice",
        title: format!("考试安排有更正：{}", exam.title()),
        body,
        link: format!("/exams/{}", exam.public_id()),
        sms,
    };
    let command = Chunk {
        stamp: Stamp::for_rows(ctx, 2 * chunk),
        app: app.clone(),
        change,
        reached: row.reached,
        last: people.last().map(|(id, _)| *id),
        accounts: people.into_iter().map(|(_, account)| account).collect(),
        notice,
    };
    let told = app.db().write(Lane::Background, command).await?;
    Ok(Some(row.told + told))
}

struct Chunk {
    stamp: Stamp,
    app: App,
    change: i64,
    reached: i64,
    /// The last application of the chunk; `None` if nobody is left.
    last: Option<i64>,
    accounts: Vec<i64>,
    notice: Notice,
}

impl Command for Chunk {
    const NAME: &'static str = "exam.change_tell";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let mut trail = self.stamp.trail();
        let told = i64::try_from(self.accounts.len()).unwrap_or(i64::MAX);
        let span = (self.reached, self.last.unwrap_or(self.reached));
        let done = self.last.is_none().then(|| self.stamp.at.micros());
        if store::change_advance(tx, self.change, span, told, done).await? == 0 {
            return Err(Error::Conflict("另一个任务正在发送这批消息"));
        }
        for account in &self.accounts {
            message::notify(tx, &mut trail, &self.app, *account, &self.notice).await?;
        }
        Ok(told)
    }
}
