//! A draft written down: begun, staged in chunks, finished with its summary and the notice as it is proposed.

use db::{Command, Lane, Tx};
use domain::exam::Position;
use serde_json::json;

use super::diff::FieldChange;
use super::draft::{Changed, Summary, revision};
use super::effects;
use crate::exam::amendment_store::{self as store, AmendmentInsert, RevisionInsert};
use crate::exam::catalogue::Exam;
use crate::exam::import::{self, CHUNK};
use crate::exam::position_store::{self, PositionInsert};
use crate::exam::positions::{self, PositionTable};
use crate::{Ctx, Error, Object, Result, Stamp};

/// What a draft is to hold.
pub(super) struct Plan {
    pub(super) kind: &'static str,
    pub(super) import_id: i64,
    pub(super) changed: Vec<Changed>,
    pub(super) added: Vec<(i64, Position)>,
    pub(super) summary: Summary,
}

/// Writes a draft down; its public id.
pub(super) async fn write(ctx: &Ctx, exam: &Exam, mut plan: Plan) -> Result<String> {
    plan.summary.changed = plan.changed.len();
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        base: (exam.row.positions_batch, exam.row.positions_amendment),
        kind: plan.kind,
        import_id: plan.import_id,
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    for chunk in plan.changed.chunks(CHUNK) {
        let rows = chunk
            .iter()
            .map(|one| revision((&one.item, "change"), &one.new, &one.changes))
            .collect::<Result<_>>()?;
        let command = Stage {
            amendment_id: id,
            rows,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let table = positions::table(&ctx.app, exam).await?;
    add(ctx, exam, (id, &table), &plan.added).await?;
    effects::count(ctx, exam, &plan.changed, &mut plan.summary).await?;
    let summary =
        serde_json::to_string(&plan.summary).map_err(|e| Error::internal("summary", e))?;
    let finish = Finish {
        stamp: Stamp::of(ctx),
        id,
        exam_id: exam.id(),
        summary,
        notice: notice(exam, &plan),
    };
    ctx.app.db().write(Lane::Interactive, finish).await?;
    Ok(public_id)
}

/// Positions that the amendment adds: staged under its id, visible with it.
async fn add(
    ctx: &Ctx,
    exam: &Exam,
    (id, table): (i64, &PositionTable),
    added: &[(i64, Position)],
) -> Result<()> {
    let last = table
        .items()
        .iter()
        .map(|item| item.line)
        .max()
        .unwrap_or(0);
    let lines: Vec<(i64, &Position)> = (last + 1..).zip(added.iter().map(|(_, new)| new)).collect();
    for chunk in lines.chunks(CHUNK) {
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let rows = chunk
            .iter()
            .map(|(line, new)| {
                Ok((
                    *line,
                    (*new).clone(),
                    serde_json::to_string(&new.rules)
                        .map_err(|e| Error::internal("position", e))?,
                ))
            })
            .collect::<Result<Vec<_>>>()?;
        let command = Add {
            stamp: Stamp::of(ctx),
            first_id: ctx.app.reserve_ids(count),
            exam_id: exam.id(),
            amendment_id: id,
            rows,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

/// The supplementary notice as it is proposed: one line a position.
fn notice(exam: &Exam, plan: &Plan) -> (String, String) {
    let title = format!("{}补充公告", exam.title());
    let mut lines = vec![format!(
        "根据工作需要，现对《{}》岗位表作如下更正：",
        exam.title()
    )];
    for (index, one) in plan.changed.iter().enumerate() {
        let position = &one.item.position;
        let clauses: Vec<String> = one.changes.iter().map(FieldChange::clause).collect();
        lines.push(format!(
            "{}．{}“{}”岗位（代码 {}）：{}。",
            index + 1,
            position.employer,
            position.name,
            position.code,
            clauses.join("；")
        ));
    }
    if !plan.added.is_empty() {
        lines.push("新增岗位：".to_owned());
        for (_, new) in &plan.added {
            lines.push(format!(
                "{}“{}”岗位（代码 {}），招聘 {} 人。",
                new.employer, new.name, new.code, new.headcount
            ));
        }
    }
    lines.push("其他事项不变。".to_owned());
    if !exam.settings.organizer.is_empty() {
        lines.push(exam.settings.organizer.clone());
    }
    (title, lines.join("\n"))
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    base: (i64, i64),
    kind: &'static str,
    import_id: i64,
}

impl Command for Begin {
    const NAME: &'static str = "exam.amendment_begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = AmendmentInsert {
            id,
            public_id: &public_id,
            exam_id: self.exam_id,
            kind: self.kind,
            base: self.base,
            import_id: self.import_id,
            reason: "",
            notice: ("", ""),
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        store::amendment_insert(tx, &row).await?;
        Ok((id, public_id))
    }
}

struct Stage {
    amendment_id: i64,
    rows: Vec<RevisionInsert>,
}

impl Command for Stage {
    const NAME: &'static str = "exam.amendment_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for row in &self.rows {
            store::revision_insert(tx, self.amendment_id, row).await?;
        }
        Ok(())
    }
}

struct Add {
    stamp: Stamp,
    first_id: i64,
    exam_id: i64,
    amendment_id: i64,
    /// Line, position, rules.
    rows: Vec<(i64, Position, String)>,
}

impl Command for Add {
    const NAME: &'static str = "exam.amendment_add";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let trail = self.stamp.trail();
        let json = |e| Error::internal("position", e);
        for (id, (line, new, rules)) in (self.first_id..).zip(&self.rows) {
            let mut bare = new.clone();
            bare.rules.clear();
            let unit = if new.department.is_empty() {
                &new.employer
            } else {
                &new.department
            };
            let insert = PositionInsert {
                id,
                public_id: &trail.public_id(id).to_string(),
                exam_id: self.exam_id,
                batch_id: self.amendment_id,
                line: *line,
                code: &new.code,
                name: &new.name,
                employer: &new.employer,
                department: &new.department,
                unit,
                headcount: i64::from(new.headcount),
                education: &new.education,
                majors: &new.majors,
                search_text: &new.search_text(),
                content: &serde_json::to_string(&bare).map_err(json)?,
                rules,
                capacity: import::capacity(new),
            };
            position_store::position_insert(tx, &insert).await?;
            let row = RevisionInsert {
                position_id: id,
                kind: "add",
                name: new.name.clone(),
                headcount: i64::from(new.headcount),
                education: new.education.clone(),
                majors: new.majors.clone(),
                search_text: new.search_text(),
                content: serde_json::to_string(&bare).map_err(json)?,
                rules: rules.clone(),
                capacity: import::capacity(new),
                changes: "[]".to_owned(),
                done: true,
            };
            store::revision_insert(tx, self.amendment_id, &row).await?;
        }
        Ok(())
    }
}

struct Finish {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    summary: String,
    notice: (String, String),
}

impl Command for Finish {
    const NAME: &'static str = "exam.amendment_draft";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let notice = (self.notice.0.as_str(), self.notice.1.as_str());
        if store::amendment_drafted(tx, self.id, &self.summary, notice).await? == 0 {
            return Err(Error::Conflict("这份更正已被放弃，请重新开始"));
        }
        let object = Object {
            kind: "position_amendment",
            id: self.id,
            exam_id: self.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "exam.amendment_draft", object, json!({}))
            .await
    }
}
