//! Drafts: from one changed position, or from a changed table.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{Command, Lane, Tx};
use domain::exam::Position;
use domain::exam::table::{ProblemSeverity, Reading};
use domain::staff::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::diff::{self, FieldChange};
use super::effects::Effect;
use super::stage::{Plan, write};
use crate::exam::amendment_store::{self as store, RevisionInsert};
use crate::exam::catalogue::Exam;
use crate::exam::import::{self, CHUNK, Kind};
use crate::exam::import_store::ProblemRow;
use crate::exam::positions::{self, Item};
use crate::{Ctx, Error, Object, Result, Stamp};

/// What a changed table came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Positions that change.
    pub changed: usize,
    /// Rows that are as published.
    pub same: usize,
    /// Codes that the published table hasn't.
    pub added: Vec<Named>,
    /// Codes that the changed table hasn't: they stay.
    pub vanished: Vec<Named>,
    /// Rows that aren't taken, and why.
    pub refused: Vec<Refused>,
    /// What the changed conditions mean to those who applied, by position.
    pub effects: Vec<Effect>,
    /// Live applications on changed positions when it was counted.
    pub applied: i64,
    /// When it was counted.
    pub counted_at: i64,
}

impl Summary {
    /// Live applications that no longer fit.
    pub fn unfit(&self) -> i64 {
        self.effects.iter().map(|one| one.unfit).sum()
    }
}

/// A position by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// 岗位代码.
    pub code: String,
    /// 岗位名称.
    pub name: String,
    /// 招聘单位.
    pub employer: String,
    /// Posts of one that is added, live applications of one that vanished.
    pub count: i64,
}

/// A row that isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Line in the sheet.
    pub line: i64,
    /// 岗位代码, where there is one.
    pub code: String,
    /// Why, and what to do.
    pub text: String,
}

/// One position as it will stand.
pub(super) struct Changed {
    pub(super) item: Arc<Item>,
    pub(super) new: Position,
    pub(super) changes: Vec<FieldChange>,
}

/// Only a table that everybody sees is amended; a draft is changed by another import.
fn only_public(exam: &Exam) -> Result<()> {
    if exam.is_public() && exam.has_positions() {
        return Ok(());
    }
    Err(Error::refused(
        "exam_not_public",
        "考试没有发布",
        "没有发布的岗位表请直接重新导入；归档的考试不能更正。",
    ))
}

/// Drafts the change of one position; the amendment's public id. `typed` by the keys of [`super::FIELDS`].
///
/// # Errors
/// `Fields` by key; `Refused` for an exam that isn't public or a position that was cancelled.
pub async fn draft_one(
    ctx: &Ctx,
    exam: &Exam,
    position: &str,
    typed: &BTreeMap<String, String>,
) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    only_public(exam)?;
    let item = positions::find(&ctx.app, exam, position).await?;
    if positions::figures(&ctx.app, exam)
        .await?
        .of(item.id)
        .cancelled
    {
        return Err(cancelled());
    }
    let reading = Reading {
        counted_to: exam.settings.counted_to,
    };
    let new = diff::amended(&item.position, typed, &reading)?;
    let changes = diff::between(&item.position, &new);
    if changes.is_empty() {
        return Err(Error::field("name", "没有改动任何内容，请修改后再继续"));
    }
    let plan = Plan {
        kind: "change",
        import_id: 0,
        changed: vec![Changed { item, new, changes }],
        added: Vec::new(),
        summary: Summary::default(),
    };
    write(ctx, exam, plan).await
}

fn cancelled() -> Error {
    Error::refused(
        "position_cancelled",
        "岗位已取消",
        "已取消的岗位不能再更正。",
    )
}

/// Drafts what a changed table says against the published one; the amendment's public id.
///
/// # Errors
/// `Fields` under `file`: not a readable table, or one in which nothing differs.
pub async fn draft_import(ctx: &Ctx, exam: &Exam, file_name: &str, bytes: &[u8]) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    only_public(exam)?;
    let (read, problems) = import::read_table(exam, bytes).await?;
    let table = positions::table(&ctx.app, exam).await?;
    let figures = positions::figures(&ctx.app, exam).await?;
    let mut plan = Plan {
        kind: "import",
        import_id: 0,
        changed: Vec::new(),
        added: Vec::new(),
        summary: Summary::default(),
    };
    let by_code: BTreeMap<&str, &Arc<Item>> = table
        .items()
        .iter()
        .map(|item| (item.position.code.as_str(), item))
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    for row in &read {
        let line = i64::from(row.line);
        let new = &row.position;
        let Some(item) = by_code.get(new.code.as_str()) else {
            plan.summary.added.push(Named {
                code: new.code.clone(),
                name: new.name.clone(),
                employer: new.employer.clone(),
                count: i64::from(new.headcount),
            });
            plan.added.push((line, new.clone()));
            continue;
        };
        seen.push(item.position.code.as_str());
        let old = &item.position;
        let refuse = if old.department != new.department || old.employer != new.employer {
            "主管部门、招聘单位不能更正：审核范围按它们划分。确需更改的，请取消这个岗位并另设代码"
        } else if figures.of(item.id).cancelled {
            "这个岗位已取消，不能再更正"
        } else {
            ""
        };
        let changes = diff::between(old, new);
        if !refuse.is_empty() {
            if !changes.is_empty()
                || old.employer != new.employer
                || old.department != new.department
            {
                plan.summary.refused.push(Refused {
                    line,
                    code: new.code.clone(),
                    text: refuse.to_owned(),
                });
            }
        } else if changes.is_empty() {
            plan.summary.same += 1;
        } else {
            plan.changed.push(Changed {
                item: Arc::clone(item),
                new: new.clone(),
                changes,
            });
        }
    }
    plan.summary
        .refused
        .extend(problems.iter().filter_map(refused));
    seen.sort_unstable();
    let gone = table.items().iter().filter(|item| {
        seen.binary_search(&item.position.code.as_str()).is_err() && !figures.of(item.id).cancelled
    });
    plan.summary.vanished = gone
        .map(|item| Named {
            code: item.position.code.clone(),
            name: item.position.name.clone(),
            employer: item.position.employer.clone(),
            count: figures.of(item.id).applied,
        })
        .collect();
    if plan.changed.is_empty() && plan.added.is_empty() {
        return Err(Error::field(
            "file",
            if plan.summary.refused.is_empty() {
                "这份表格与已公布的岗位表相同，没有可以更正的内容"
            } else {
                "这份表格里没有可以更正的行，请先修改有错误的行"
            },
        ));
    }
    let batch = import::begin(ctx, exam.id(), Kind::Positions, (file_name, bytes)).await?;
    import::problems(ctx, batch.id, &problems).await?;
    let good = plan.changed.len() + plan.added.len() + plan.summary.same;
    let counts = import::Counts {
        read: good + plan.summary.refused.len(),
        good,
        bad: plan.summary.refused.len(),
    };
    plan.import_id = batch.id;
    let draft = write(ctx, exam, plan).await?;
    import::finish(ctx, batch.id, counts, &json!({})).await?;
    Ok(draft)
}

fn refused(problem: &ProblemRow) -> Option<Refused> {
    (problem.severity == ProblemSeverity::Error.code() && problem.line > 0).then(|| Refused {
        line: problem.line,
        code: problem.cell.clone(),
        text: problem.message.clone(),
    })
}

/// The columns of a revision.
pub(in crate::exam) fn revision(
    (item, kind): (&Item, &'static str),
    new: &Position,
    changes: &[FieldChange],
) -> Result<RevisionInsert> {
    let json = |e| Error::internal("position", e);
    let mut bare = new.clone();
    bare.rules.clear();
    Ok(RevisionInsert {
        position_id: item.id,
        kind,
        name: new.name.clone(),
        headcount: i64::from(new.headcount),
        education: new.education.clone(),
        majors: new.majors.clone(),
        search_text: new.search_text(),
        content: serde_json::to_string(&bare).map_err(json)?,
        rules: serde_json::to_string(&new.rules).map_err(json)?,
        capacity: import::capacity(new),
        changes: serde_json::to_string(changes).map_err(json)?,
        done: kind != "change" && kind != "cut",
    })
}

/// 放弃: a draft is given up, and what it staged goes.
pub async fn discard(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let row = super::row_of(ctx, exam, public_id).await?;
    let command = Discard {
        stamp: Stamp::of(ctx),
        id: row.id,
        exam_id: exam.id(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    let db = ctx.app.db();
    while db.write(Lane::Background, Drop { id: row.id }).await? > 0 {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
}

impl Command for Discard {
    const NAME: &'static str = "exam.amendment_discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::amendment_discard(tx, self.id).await? == 0 {
            return Err(Error::Conflict("这份更正已公布或已放弃，请刷新查看"));
        }
        let object = Object {
            kind: "position_amendment",
            id: self.id,
            exam_id: self.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "exam.amendment_discard", object, json!({}))
            .await
    }
}

struct Drop {
    id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "exam.amendment_drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let chunk = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let revisions = store::revisions_drop(tx, self.id, chunk).await?;
        Ok(revisions + store::added_drop(tx, self.id, chunk).await?)
    }
}
