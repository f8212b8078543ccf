//! Batches as the office works on them: look, check by a second person, publish, give up.

use db::{Command, Crowd, Lane, Tx};
use domain::exam::Phase;
use domain::score::publication::{BatchEvent, BatchRefused, BatchState, Hands};
use domain::score::{Decimal, Flag};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{self, BatchRow, FigureRow};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// A batch with where it stands.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The row.
    pub row: BatchRow,
    /// Where it stands.
    pub state: BatchState,
}

impl TryFrom<BatchRow> for Batch {
    type Error = Error;

    fn try_from(row: BatchRow) -> Result<Self> {
        let state =
            BatchState::from_code(&row.state).ok_or(Error::inconsistent("score_batch.state"))?;
        Ok(Self { row, state })
    }
}

/// The batches of an exam, newest first.
pub async fn batches(ctx: &Ctx, exam: &Exam) -> Result<Vec<Batch>> {
    ctx.allow_for(Permission::ScoreEdit, exam.id(), "")?;
    let rows = store::batches_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    rows.into_iter().map(Batch::try_from).collect()
}

/// One batch of an exam.
///
/// # Errors
/// `NotFound` also for a batch of another exam.
pub async fn batch(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Batch> {
    ctx.allow_for(Permission::ScoreEdit, exam.id(), "")?;
    store::batch_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)?
        .try_into()
}

/// A subject of a batch in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectFigures {
    /// Name.
    pub name: String,
    /// Ordinary marks, zeros among them.
    pub marks: i64,
    /// Zeros.
    pub zeros: i64,
    /// Absences.
    pub absent: i64,
    /// Violations.
    pub violation: i64,
    /// Void marks.
    pub invalidated: i64,
    /// Least and greatest mark; `None` without any.
    pub range: Option<(Decimal, Decimal)>,
}

/// A batch by subject, in figures: what the second person compares with the source first. Written with the batch; those of
/// before are counted.
pub async fn figures(ctx: &Ctx, batch: &Batch) -> Result<Vec<SubjectFigures>> {
    if let Some(text) = &batch.row.figures {
        return serde_json::from_str(text).map_err(|e| Error::internal("score_batch.figures", e));
    }
    let rows = store::figures_of(&mut ctx.app.db().scan(Crowd::Staff), batch.row.id).await?;
    summed(rows)
}

/// The figures of rows that are ordered by subject.
pub(super) fn summed(rows: impl IntoIterator<Item = FigureRow>) -> Result<Vec<SubjectFigures>> {
    let mut figures: Vec<(String, SubjectFigures)> = Vec::new();
    for row in rows {
        if figures
            .last()
            .is_none_or(|(code, _)| *code != row.subject_code)
        {
            let empty = SubjectFigures {
                name: row.subject_name,
                marks: 0,
                zeros: 0,
                absent: 0,
                violation: 0,
                invalidated: 0,
                range: None,
            };
            figures.push((row.subject_code, empty));
        }
        let Some((_, one)) = figures.last_mut() else {
            continue;
        };
        match Flag::from_code(&row.flag).ok_or(Error::inconsistent("score.flag"))? {
            Flag::Absent => one.absent += row.people,
            Flag::Violation => one.violation += row.people,
            Flag::Invalidated => one.invalidated += row.people,
            Flag::Normal => {
                let mark: Decimal = row
                    .mark
                    .parse()
                    .map_err(|_| Error::inconsistent("score.mark"))?;
                one.marks += row.people;
                if mark.is_zero() {
                    one.zeros += row.people;
                }
                one.range = Some(match one.range {
                    None => (mark, mark),
                    Some((low, high)) => (low.min(mark), high.max(mark)),
                });
            }
        }
    }
    Ok(figures.into_iter().map(|(_, one)| one).collect())
}

/// A published mark that a batch would change.
#[derive(Debug, Clone)]
pub struct Change {
    /// 姓名.
    pub name: String,
    /// 报名序号.
    pub registration_no: String,
    /// Subject.
    pub subject: String,
    /// Now.
    pub old: String,
    /// Then.
    pub new: String,
}

/// What a batch changes against the published one; empty when there is none or it is that one.
pub async fn changes(ctx: &Ctx, exam: &Exam, batch: &Batch) -> Result<Vec<Change>> {
    let old = exam.row.score_batch;
    if old == 0 || old == batch.row.id {
        return Ok(Vec::new());
    }
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::changes_of(&mut scan, old, batch.row.id, 500).await?;
    let text = |mark: &str, flag: &str| match Flag::from_code(flag) {
        None => "无".to_owned(),
        Some(Flag::Normal) => mark.to_owned(),
        Some(flag) => flag.label().to_owned(),
    };
    Ok(rows
        .into_iter()
        .map(|row| Change {
            old: text(&row.old_mark, &row.old_flag),
            new: text(&row.new_mark, &row.new_flag),
            name: row.name,
            registration_no: row.registration_no,
            subject: row.subject_name,
        })
        .collect())
}

fn refused(no: BatchRefused) -> Error {
    match no {
        BatchRefused::Impossible(..) => Error::Conflict("这批成绩刚被别人处理过，请刷新查看"),
        BatchRefused::CheckerIsMaker => Error::refused(
            "same_person",
            "须由另一人核对",
            "导入成绩的人不能核对自己导入的成绩，请另一位成绩管理员办理。",
        ),
        BatchRefused::NoReason => Error::field(
            "reason",
            "已公布的成绩要更改，请写明原因，例如：成绩复查更正 2 人",
        ),
    }
}

/// 核对无误: a second person has compared the batch with its source.
pub async fn check(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let batch = batch(ctx, exam, public_id).await?;
    let command = Check {
        stamp: Stamp::of(ctx),
        batch: batch.row,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Check {
    stamp: Stamp,
    batch: BatchRow,
}

fn hands<'r>(batch: &BatchRow, actor: i64, published: i64, reason: &'r str) -> Hands<'r> {
    Hands {
        imported_by: batch.imported_by,
        actor,
        replaces_published: published != 0,
        reason,
    }
}

impl Command for Check {
    const NAME: &'static str = "score.check";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = store::batch_by_public_id(tx, &self.batch.public_id).await?;
        let now = Batch::try_from(now.ok_or(Error::NotFound)?)?;
        let hands = hands(&now.row, self.stamp.actor_id(), 0, "");
        now.state.on(BatchEvent::Check, hands).map_err(refused)?;
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::batch_checked(tx, now.row.id, who).await? == 0 {
            return Err(Error::Conflict("这批成绩刚被别人处理过，请刷新查看"));
        }
        let object = Object {
            kind: "score_batch",
            id: now.row.id,
            exam_id: now.row.exam_id,
        };
        let detail = json!({ "imported_by": now.row.imported_by, "results": now.row.matched });
        self.stamp
            .trail()
            .audit(tx, "score.check", object, detail)
            .await
    }
}

/// 公布: from `visible_at` on candidates see the batch. A batch that replaces published scores needs a reason; its differences
/// stay in both batches for ever.
///
/// # Errors
/// `Fields` under `visible_at` (after 成绩查询, or in the future while candidates see other scores) and `reason`; `Conflict` when somebody published meanwhile.
pub async fn publish(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    (visible_at, reason): (Timestamp, &str),
) -> Result<()> {
    let batch = batch(ctx, exam, public_id).await?;
    let given = if reason.trim().is_empty() {
        batch.row.reason.trim()
    } else {
        reason.trim()
    };
    let command = Publish {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        public_id: batch.row.public_id.clone(),
        exam_id: exam.id(),
        from: exam.row.score_batch,
        visible_at,
        reason: given.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

struct Publish {
    stamp: Stamp,
    app: App,
    public_id: String,
    exam_id: i64,
    from: i64,
    visible_at: Timestamp,
    reason: String,
}

impl Command for Publish {
    const NAME: &'static str = "score.publish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let exam = exam::find_in(tx, &self.app, self.exam_id).await?;
        let now = store::batch_by_public_id(tx, &self.public_id).await?;
        let now = Batch::try_from(now.ok_or(Error::NotFound)?)?;
        let actor = self.stamp.actor_id();
        let hands = hands(&now.row, actor, exam.row.score_batch, &self.reason);
        now.state.on(BatchEvent::Publish, hands).map_err(refused)?;
        let who = (actor, self.stamp.at.micros());
        // A time that has passed would claim that the scores had been seen before they were.
        let visible_at = self.visible_at.max(self.stamp.at);
        may_show(&exam, self.stamp.at, visible_at)?;
        let visible = visible_at.micros();
        if store::batch_published(tx, now.row.id, who, visible, &self.reason).await? == 0
            || exam::exam_point_scores(tx, exam.id(), self.from, now.row.id, visible).await? == 0
        {
            return Err(Error::Conflict("另一批成绩刚刚公布，请刷新后核对"));
        }
        if self.from != 0 {
            store::batch_set_state(tx, self.from, "published", "superseded").await?;
        }
        let object = Object {
            kind: "score_batch",
            id: now.row.id,
            exam_id: exam.id(),
        };
        let detail = json!({
            "replaces": self.from,
            "reason": crate::reason::hide_numbers(&self.reason),
            "visible_at": visible,
            "imported_by": now.row.imported_by,
            "checked_by": now.row.checked_by,
        });
        self.stamp
            .trail()
            .audit(tx, "score.publish", object, detail)
            .await
    }
}

/// Refuses a time that would take scores out of sight again, or at which nobody could see them.
fn may_show(exam: &Exam, now: Timestamp, visible_at: Timestamp) -> Result<()> {
    let closes = exam.window(Phase::Score).map(|window| window.close());
    if let Some(closes) = closes.filter(|closes| visible_at >= *closes) {
        return Err(Error::field(
            "visible_at",
            format!(
                "成绩查询 {} 截止，公布时间须早于截止时间；要晚些公布，请先延长成绩查询时间",
                closes.to_chinese_minute()
            ),
        ));
    }
    let sits = exam.window(Phase::Sitting).map(|window| window.close());
    if let Some(sits) = sits.filter(|sits| visible_at < *sits) {
        return Err(Error::field(
            "visible_at",
            format!(
                "考试 {} 才结束，成绩不能在这之前公布",
                sits.to_chinese_minute()
            ),
        ));
    }
    if visible_at > now && exam.scores_visible(now) {
        return Err(Error::field(
            "visible_at",
            "现在的成绩考生已经能查到，更正只能立即公布，请把公布时间改为现在",
        ));
    }
    Ok(())
}

/// 放弃 a batch that isn't published; its rows go.
///
/// # Errors
/// `Fields` under `why` if somebody else imported it and isn't told why.
pub async fn discard(ctx: &Ctx, exam: &Exam, public_id: &str, why: &str) -> Result<()> {
    let batch = batch(ctx, exam, public_id).await?;
    let id = batch.row.id;
    let own = batch.row.imported_by == ctx.actor.id();
    let (length, hint) = if own {
        (0..=500, "最多 500 个字")
    } else {
        (4..=500, "别人导入的成绩，请写明为什么放弃，4 至 500 个字")
    };
    let command = Discard {
        stamp: Stamp::of(ctx),
        batch: batch.row,
        why: crate::reason::read("why", why, length, hint)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx
        .app
        .db()
        .write(Lane::Background, Drop { batch_id: id })
        .await?
        > 0
    {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    batch: BatchRow,
    why: String,
}

impl Command for Discard {
    const NAME: &'static str = "score.discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let id = self.batch.id;
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::batch_dropped(tx, id, who, &self.why).await? == 0 {
            return Err(Error::Conflict("这批成绩已公布或已放弃，请刷新查看"));
        }
        let object = Object {
            kind: "score_batch",
            id,
            exam_id: self.batch.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "score.discard", object, json!({ "why": self.why }))
            .await
    }
}

struct Drop {
    batch_id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "score.drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::scores_drop(tx, self.batch_id, 250).await?
            + store::totals_drop(tx, self.batch_id, 250).await?)
    }
}
