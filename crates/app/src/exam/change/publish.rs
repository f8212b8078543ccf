//! Publication of a change: a new version of the settings, its notice, the job that tells those concerned; one commit.

use db::{Command, Lane, Tx};
use domain::exam::{ExamState, Phase, frozen};
use serde_json::json;

use super::tell::Tell;
use crate::announcement::{self, Supplement};
use crate::chunks;
use crate::exam::amendment::Publication;
use crate::exam::catalogue::{self, Exam};
use crate::exam::change_store::{self as store, ChangeRow};
use crate::exam::{setup, store as exams};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

const STALE: &str = "考试设置在这份更正起草之后又有改动，请放弃它，按现在的设置重新更正";
const NOT_WAITING: &str = "这份更正已公布或已放弃，请刷新查看";

/// Publishes a drafted change with its notice; one that takes two people waits for the second.
///
/// # Errors
/// `Fields` under `reason`, `title`, `body`; `Refused` for windows that don't fit together or what may not change any more;
/// `Conflict` if it isn't a draft or the settings have changed since.
pub async fn submit(ctx: &Ctx, exam: &Exam, public_id: &str, with: &Publication) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let with = with.read()?;
    if row.two_people == 1 {
        let stamp = Stamp::of(ctx);
        let command = Ask { stamp, row, with };
        return ctx.app.db().write(Lane::Interactive, command).await;
    }
    publish(ctx, row, with, "draft").await
}

/// The second person's word.
///
/// # Errors
/// `Refused` for who asked himself; `Fields` under `note` for a refusal without a reason; otherwise as [`submit`].
pub async fn decide(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    (approve, note): (bool, &str),
) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let me = ctx.actor.id();
    if !second_person(&row, me) {
        return Err(same_person());
    }
    if !approve {
        let hint = "不同意的，请写明原因，4 至 500 个字";
        let note = crate::reason::read("note", note, 4..=500, hint)?;
        return end(ctx, row, ("asked", "rejected"), note).await;
    }
    let with = Publication {
        reason: row.reason.clone(),
        title: row.notice_title.clone(),
        body: row.notice_body.clone(),
    };
    publish(ctx, row, with, "asked").await
}

/// Whether somebody neither drafted a change nor asked for its confirmation.
fn second_person(row: &ChangeRow, who: i64) -> bool {
    row.asked_by.is_some_and(|asked| asked != who) && row.created_by != who
}

fn same_person() -> Error {
    Error::refused(
        "same_person",
        "须由另一人复核",
        "起草和提交的人不能复核自己的更正，请另一位工作人员办理。",
    )
}

/// 放弃: a draft, or what waits for the second person, is called off.
///
/// # Errors
/// `Conflict` if it has been decided.
pub async fn withdraw(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let from = if row.state == "asked" {
        "asked"
    } else {
        "draft"
    };
    end(ctx, row, (from, "withdrawn"), String::new()).await
}

async fn end(
    ctx: &Ctx,
    row: ChangeRow,
    (from, to): (&'static str, &'static str),
    note: String,
) -> Result<()> {
    let command = End {
        stamp: Stamp::of(ctx),
        row,
        from,
        to,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

async fn publish(ctx: &Ctx, row: ChangeRow, with: Publication, from: &'static str) -> Result<()> {
    let command = Publish {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        row,
        with,
        from,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

fn object(row: &ChangeRow) -> Object {
    Object {
        kind: "settings_change",
        id: row.id,
        exam_id: row.exam_id,
    }
}

struct Ask {
    stamp: Stamp,
    row: ChangeRow,
    with: Publication,
}

impl Command for Ask {
    const NAME: &'static str = "exam.change_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let with = &self.with;
        let texts = (
            with.reason.as_str(),
            with.title.as_str(),
            with.body.as_str(),
        );
        if store::change_ask(tx, self.row.id, texts, self.stamp.actor_id()).await? == 0 {
            return Err(Error::Conflict(NOT_WAITING));
        }
        let detail = json!({ "reason": with.reason });
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "exam.change_ask", object(&self.row), detail)
            .await
    }
}

struct End {
    stamp: Stamp,
    row: ChangeRow,
    from: &'static str,
    to: &'static str,
    note: String,
}

impl Command for End {
    const NAME: &'static str = "exam.change_end";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let to = (self.to, self.note.as_str());
        if store::change_end(tx, (self.row.id, self.from), to, who).await? == 0 {
            return Err(Error::Conflict(NOT_WAITING));
        }
        let detail = json!({ "to": self.to, "note": self.note });
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "exam.change_end", object(&self.row), detail)
            .await
    }
}

struct Publish {
    stamp: Stamp,
    app: App,
    row: ChangeRow,
    with: Publication,
    from: &'static str,
}

impl Command for Publish {
    const NAME: &'static str = "exam.change_publish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        // As it stands now: who asked, and for what, may have changed since the page was read.
        let row = &store::change_by_id(tx, self.row.id)
            .await?
            .filter(|row| row.state == self.from)
            .ok_or(Error::Conflict(NOT_WAITING))?;
        let exam = catalogue::find_in(tx, &self.app, row.exam_id).await?;
        let settings = super::settings_in(&row.settings)?;
        if !exam.is_public() {
            return Err(Error::refused(
                "exam_not_public",
                "考试没有发布",
                "考试发布之后才能公布更正。",
            ));
        }
        if row.base_version != exam.row.settings_version {
            return Err(Error::Conflict(STALE));
        }
        if frozen::takes_two(&exam.settings, &settings)
            && !(self.from == "asked" && second_person(row, self.stamp.actor_id()))
        {
            return Err(same_person());
        }
        let problems = super::new_problems(&exam, &settings);
        if !problems.is_empty() {
            let text = format!("{}。", problems.join("；"));
            return Err(Error::refused(
                "settings_problems",
                "时间或设置前后不一致",
                text,
            ));
        }
        // Somebody may have applied since it was drafted.
        let applied = exams::exam_has_applications(tx, row.exam_id).await? > 0;
        let shortlisted = crate::selection::is_shortlisted(tx, row.exam_id).await?;
        super::thawed(&exam, &settings, (applied, shortlisted))?;
        let made = (row.title.as_str(), row.settings.as_str(), &settings);
        setup::stand(tx, &mut trail, &exam, made, &self.with.reason).await?;
        if exam.state == ExamState::Closed
            && settings.windows.is_open(Phase::Registration, self.stamp.at)
        {
            reopen(tx, &mut trail, &exam).await?;
        }
        let supplement = Supplement {
            exam_id: row.exam_id,
            title: &self.with.title,
            body: &self.with.body,
        };
        let notice = announcement::publish_supplement(tx, &mut trail, &supplement).await?;
        let texts = (
            self.with.reason.as_str(),
            self.with.title.as_str(),
            self.with.body.as_str(),
        );
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::change_publish(tx, (row.id, self.from), texts, notice, who).await? == 0 {
            return Err(Error::Conflict(NOT_WAITING));
        }
        chunks::enqueue::<Tell>(tx, trail.id()?, row.id, self.stamp.at).await?;
        let detail = json!({ "reason": self.with.reason, "notice": notice, "part": row.part });
        trail
            .audit(tx, "exam.change_publish", object(row), detail)
            .await
    }
}

/// Registration that was closed by hand opens again when its new end lies ahead.
async fn reopen(tx: &mut Tx, trail: &mut Trail<'_>, exam: &Exam) -> Result<()> {
    let (from, to) = (ExamState::Closed.code(), ExamState::Published.code());
    if exams::exam_set_state(tx, exam.id(), from, to, None).await? == 0 {
        return Err(Error::Conflict("这场考试刚被别人改过，请刷新后再看"));
    }
    let of = Object {
        kind: "exam",
        id: exam.id(),
        exam_id: exam.id(),
    };
    trail
        .audit(tx, "exam.reopen", of, json!({ "from": from, "to": to }))
        .await
}
