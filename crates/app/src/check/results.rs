//! A list that came back: staged, looked at, taken over whole by one flip or not at all.

use std::collections::{BTreeMap, BTreeSet};

use db::{Command, Crowd, Lane, Tx};
use domain::check::{ReadResult, ResultTable, Unknown, Verdict, read_results};
use domain::exam::table::RowProblem;
use serde_json::json;

use super::batch::{CHUNK, GONE, find, object};
use super::store::{self, BatchRow, ProblemRow};
use crate::arrangement::workbook;
use crate::{Ctx, Error, Result, Stamp};

/// Larger files aren't ours.
const LARGEST: usize = 20 * 1024 * 1024;
/// Problems that are kept.
const MOST_PROBLEMS: usize = 500;

/// Stages the answers of a list; nothing counts before [`confirm`].
///
/// # Errors
/// `Fields` under `file` for what can't be read; `Conflict` for a list whose answers count already.
pub async fn upload(ctx: &Ctx, public_id: &str, file_name: &str, bytes: &[u8]) -> Result<()> {
    let batch = find(ctx, public_id).await?;
    if batch.state == "answered" {
        return Err(Error::Conflict("这份名单的结果已经导入，不用再导"));
    }
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 20 MB，请上传导出的那份名单"));
    }
    let sheets = workbook(bytes).await?;
    let read = sheets
        .iter()
        .map(read_results)
        .max_by_key(|table| (table.results.len(), table.rows_read))
        .ok_or_else(|| Error::field("file", "文件里没有工作表，请检查后重新上传"))?;
    if let Some(whole) = read.problems.iter().find(|one| one.row == 0) {
        return Err(Error::field("file", whole.message.clone()));
    }
    if read.rows_read == 0 {
        return Err(Error::field("file", "表中没有核验结果"));
    }
    let file_name = crate::object::shown_name(file_name);
    stage(ctx, &batch, &file_name, read).await
}

async fn stage(ctx: &Ctx, batch: &BatchRow, file_name: &str, read: ResultTable) -> Result<()> {
    let db = ctx.app.db();
    let (numbers, standing) = numbers(ctx, batch.id).await?;
    // Two uploads at the same moment: the answers of the one that began last count.
    let upload = ctx.app.reserve_ids(1);
    let begin = Begin {
        stamp: Stamp::of(ctx),
        id: batch.id,
        upload,
        file_name: file_name.to_owned(),
    };
    db.write(Lane::Interactive, begin).await?;
    while db.write(Lane::Background, Clear { id: batch.id }).await? > 0 {}
    let ResultTable {
        results,
        mut problems,
        rows_read,
    } = read;
    let (known, strange): (Vec<ReadResult>, Vec<ReadResult>) = results
        .into_iter()
        .partition(|one| numbers.contains_key(&one.item));
    for one in strange {
        let message = "这个核验编号不在这份名单里";
        problems.push(problem(one.line, "核验编号", &one.item, message));
    }
    let answered: BTreeSet<&str> = known.iter().map(|one| one.item.as_str()).collect();
    for (item, id) in &numbers {
        if standing.contains(id) && !answered.contains(item.as_str()) {
            problems.push(problem(0, "核验编号", item, "名单里的这个人没有结果"));
        }
    }
    problems.sort_by_key(|one| one.row);
    let size = usize::try_from(CHUNK).unwrap_or(1);
    for chunk in known.chunks(size) {
        let first = ctx
            .app
            .reserve_ids(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
        let rows = (first..)
            .zip(chunk)
            .filter_map(|(id, one)| Some((id, *numbers.get(&one.item)?, one.clone())))
            .collect();
        let command = Stage {
            id: batch.id,
            upload,
            rows,
        };
        db.write(Lane::Background, command).await?;
    }
    let count = |verdict| {
        let found = known.iter().filter(|one| one.verdict == verdict).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    let bad = i64::try_from(problems.len()).unwrap_or(i64::MAX);
    let counts = (
        count(Verdict::Match),
        count(Verdict::Mismatch),
        count(Verdict::Unknown),
    );
    let told = (0i64..)
        .zip(problems.into_iter().take(MOST_PROBLEMS))
        .map(|(item, one)| ProblemRow {
            item,
            line: i64::from(one.row),
            field: one.column,
            cell: one.cell,
            message: one.message,
        });
    let finish = Finish {
        id: batch.id,
        upload,
        problems: told.collect(),
        rows: (i64::from(rows_read), counts.0 + counts.1 + counts.2, bad),
        counts,
    };
    db.write(Lane::Interactive, finish).await
}

fn problem(line: u32, column: &str, cell: &str, message: &str) -> RowProblem {
    RowProblem {
        row: line,
        column: column.to_owned(),
        cell: cell.chars().take(40).collect(),
        message: message.to_owned(),
        severity: domain::exam::table::ProblemSeverity::Error,
    }
}

/// The numbers of a list, and the questions of it that stand.
async fn numbers(ctx: &Ctx, batch_id: i64) -> Result<(BTreeMap<String, i64>, BTreeSet<i64>)> {
    let mut numbers = BTreeMap::new();
    let mut standing = BTreeSet::new();
    let mut after = 0;
    loop {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let page = store::batch_numbers(&mut scan, batch_id, after, CHUNK).await?;
        let Some((last, _)) = page.last() else { break };
        let last = *last;
        let items = store::batch_items(&mut scan, batch_id, after, CHUNK).await?;
        standing.extend(items.into_iter().map(|(id, ..)| id));
        numbers.extend(page.into_iter().map(|(id, number)| (number, id)));
        after = last;
    }
    Ok((numbers, standing))
}

struct Begin {
    stamp: Stamp,
    id: i64,
    upload: i64,
    file_name: String,
}

impl Command for Begin {
    const NAME: &'static str = "check.results";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::results_begin(tx, (self.id, self.upload), &self.file_name).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        store::problems_drop(tx, self.id).await?;
        let detail = json!({ "file": self.file_name });
        self.stamp
            .trail()
            .audit(tx, "check.results", object(self.id), detail)
            .await
    }
}

struct Clear {
    id: i64,
}

impl Command for Clear {
    const NAME: &'static str = "check.results_clear";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::results_drop(tx, self.id, CHUNK).await?)
    }
}

struct Stage {
    id: i64,
    upload: i64,
    /// Id, question, answer.
    rows: Vec<(i64, i64, ReadResult)>,
}

impl Command for Stage {
    const NAME: &'static str = "check.results_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (id, item, one) in &self.rows {
            let answer = (
                one.verdict.code(),
                one.unknown.map(Unknown::code),
                one.reference.as_str(),
            );
            store::result_insert(tx, (*id, self.id, *item, self.upload), answer).await?;
        }
        Ok(())
    }
}

struct Finish {
    id: i64,
    upload: i64,
    problems: Vec<ProblemRow>,
    rows: (i64, i64, i64),
    counts: (i64, i64, i64),
}

impl Command for Finish {
    const NAME: &'static str = "check.results_staged";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let keys = (self.id, self.upload);
        if store::results_staged(tx, keys, self.rows, self.counts).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        for row in &self.problems {
            store::problem_insert(tx, self.id, row).await?;
        }
        Ok(())
    }
}

/// What is wrong with the answers that are staged.
pub async fn problems(ctx: &Ctx, batch: &BatchRow) -> Result<Vec<ProblemRow>> {
    ctx.allow(domain::staff::Permission::AccountDesk)?;
    Ok(store::problems(&mut ctx.app.db().scan(Crowd::Staff), batch.id).await?)
}

/// 启用: one flip, and every answer of the list counts.
///
/// # Errors
/// `Refused` while anything is wrong with one of them; `Conflict` if they aren't staged any more.
pub async fn confirm(ctx: &Ctx, public_id: &str) -> Result<()> {
    let batch = find(ctx, public_id).await?;
    if batch.state == "staged" && batch.rows_bad > 0 {
        return Err(Error::refused(
            "results_bad",
            "结果还有问题，没有导入",
            "名单要么整份导入，要么不导入。请按列出的问题补齐后重新上传。",
        ));
    }
    let command = Confirm {
        stamp: Stamp::of(ctx),
        batch,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Confirm {
    stamp: Stamp,
    batch: BatchRow,
}

impl Command for Confirm {
    const NAME: &'static str = "check.results_confirm";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let batch = &self.batch;
        if store::batch_answer(tx, batch.id, who).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({
            "match": batch.matched, "mismatch": batch.mismatched, "unknown": batch.unknown, "file": batch.file_name,
        });
        self.stamp
            .trail()
            .audit(tx, "check.results_confirm", object(batch.id), detail)
            .await
    }
}
