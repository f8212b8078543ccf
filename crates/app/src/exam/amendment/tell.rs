//! Telling those who applied for a position that was amended: a job, in chunks, each one commit.

use std::sync::atomic::{AtomicI64, Ordering};

use db::{Command, Crowd, Lane, Tx};
use domain::eligibility::Verdict;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};

use super::diff::FieldChange;
use super::effects;
use crate::chunks::{self, Over};
use crate::exam::amendment_store::{self as store, RevisionRow};
use crate::exam::catalogue::{self, Exam};
use crate::exam::positions::{self, Item};
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Result, Stamp, application};

/// People in one commit.
pub const CHUNK: u32 = 100;

/// Works through a published amendment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tell {
    /// `position_amendment.id`.
    pub amendment: i64,
}

impl Job for Tell {
    type State = App;
    const NAME: &'static str = "exam.tell_amendment";
    const QUEUE: &'static str = "message";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        let told = AtomicI64::new(0);
        let next = || async {
            let more = tell_some(&Ctx::system(app), self.amendment, CHUNK).await?;
            Ok(more.map(|more| told.fetch_add(more, Ordering::Relaxed) + more))
        };
        chunks::work(run, "人已通知", next).await
    }
}

impl Over for Tell {
    fn over(amendment: i64) -> Self {
        Self { amendment }
    }
}

/// Puts a job in for every published amendment whose people haven't all been told and that has none any more.
pub(in crate::exam) async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::amendments_untold(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Tell>(ctx, &rows).await
}

/// The next chunk; how many were told. `None` once everybody was.
///
/// # Errors
/// `Conflict` if another worker did this chunk meanwhile; `NotFound`.
pub async fn tell_some(ctx: &Ctx, amendment: i64, chunk: u32) -> Result<Option<i64>> {
    let app = &ctx.app;
    let mut scan = app.db().scan(Crowd::System);
    let row = store::amendment_by_id(&mut scan, amendment)
        .await?
        .filter(|row| row.state == "published")
        .ok_or(Error::NotFound)?;
    if row.told_at.is_some() {
        return Ok(None);
    }
    let Some(revision) = store::revision_untold(&mut scan, amendment).await? else {
        let command = AllTold {
            id: amendment,
            at: ctx.at.micros(),
        };
        app.db().write(Lane::Background, command).await?;
        return Ok(None);
    };
    let exam = catalogue::find_by_id(app, row.exam_id).await?;
    let table = positions::table(app, &exam).await?;
    let item = table
        .by_id(revision.position_id)
        .ok_or(Error::inconsistent("position_revision.position_id"))?;
    let people = store::live_at(
        &mut scan,
        revision.position_id,
        revision.reached,
        i64::from(chunk),
    )
    .await?;
    let changes = super::changes(&revision.changes)?;
    let mut people_told = Vec::with_capacity(people.len());
    for person in &people {
        let report = if revision.kind == "change" {
            effects::report(app, &exam, person.id, &item.position).await?
        } else {
            None
        };
        let verdict = report.as_ref().map(|report| report.verdict);
        let unfit = report.filter(|report| report.verdict == Verdict::Fail);
        let reason = unfit.map(|report| report.reason);
        people_told.push(Told {
            application_id: person.id,
            account_id: person.account_id,
            verdict,
            notice: notice(&exam, item, (&revision, &changes), reason.as_deref()),
        });
    }
    let command = Chunk {
        stamp: Stamp::for_rows(ctx, 2 * chunk),
        app: app.clone(),
        last: people.last().map(|person| person.id),
        revision,
        people: people_told,
    };
    app.db().write(Lane::Background, command).await.map(Some)
}

struct Chunk {
    stamp: Stamp,
    app: App,
    revision: RevisionRow,
    /// The last application of the chunk; `None` if nobody is left.
    last: Option<i64>,
    people: Vec<Told>,
}

/// One of those who applied.
struct Told {
    application_id: i64,
    account_id: i64,
    /// How he compares with the amended conditions; `None` where none changed.
    verdict: Option<Verdict>,
    notice: Notice,
}

impl Command for Chunk {
    const NAME: &'static str = "exam.amendment_tell";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let mut trail = self.stamp.trail();
        let r = &self.revision;
        let count = |counted: usize| i64::try_from(counted).unwrap_or(i64::MAX);
        let told = count(self.people.len());
        let fails = |one: &&Told| one.verdict == Some(Verdict::Fail);
        let unfit = count(self.people.iter().filter(fails).count());
        let to = self.last.unwrap_or(r.reached);
        let of = (r.amendment_id, r.position_id);
        let done = self.last.is_none();
        if store::revision_advance(tx, of, (r.reached, to), (told, unfit), done).await? == 0 {
            return Err(Error::Conflict("另一个任务正在发送这批消息"));
        }
        for one in &self.people {
            // The reviewers' queue and what passes by itself go by how he compares now.
            if let Some(verdict) = one.verdict {
                let (id, code) = (one.application_id, verdict.code());
                application::verdict_put(tx, id, r.position_id, code).await?;
            }
            message::notify(tx, &mut trail, &self.app, one.account_id, &one.notice).await?;
        }
        Ok(told)
    }
}

struct AllTold {
    id: i64,
    at: i64,
}

impl Command for AllTold {
    const NAME: &'static str = "exam.amendment_told";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::amendment_told(tx, self.id, self.at).await?;
        Ok(())
    }
}

/// The fact, then the step.
fn notice(
    exam: &Exam,
    item: &Item,
    (revision, changes): (&RevisionRow, &[FieldChange]),
    unfit: Option<&str>,
) -> Notice {
    let position = &item.position;
    let named = format!("您报考的“{}”岗位（代码 {}）", position.name, position.code);
    let clauses: Vec<String> = changes.iter().take(3).map(FieldChange::clause).collect();
    let more = if changes.len() > 3 {
        format!("等 {} 项", changes.len())
    } else {
        String::new()
    };
    let fact = format!("{named}{}{more}。", clauses.join("；"));
    let registration = exam
        .window(domain::exam::Phase::Registration)
        .map(|window| window.close().to_chinese_short());
    let (title, body) = match (revision.kind.as_str(), unfit) {
        ("cut", _) => (
            "报考岗位核减招聘人数",
            format!("{fact}您的报名继续有效，不需要办理手续。"),
        ),
        (_, Some(reason)) => (
            "报考岗位有更正，请核对条件",
            format!(
                "{fact}按更正后的条件自动比对，您不符合：{}。资格审查以更正后的条件为准。{}",
                reason.trim_end_matches('。'),
                registration.map_or_else(String::new, |close| format!(
                    "网上报名 {close} 截止，截止前可以按规定改报其他岗位。"
                ))
            ),
        ),
        _ => (
            "报考岗位有更正",
            format!("{fact}您的报名继续有效，详见补充公告。"),
        ),
    };
    let sms = exam.settings.notices.position_sms.then(|| Sms {
        template: "position_changed",
        params: vec![("exam", exam.title().to_owned()), ("text", body.clone())],
    });
    Notice {
        kind: "notice",
        title: format!("{title}：{}", exam.title()),
        body,
        link: format!("/exams/{}/positions/{}", exam.public_id(), item.public_id),
        sms,
    }
}
