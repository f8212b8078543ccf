//! A file: read, checked against the orders, staged, confirmed or given up.

use db::{Command, Crowd, Lane, Tx};
use domain::payment::fiscal::{Change, Read, Row, Unfit, read};
use domain::staff::Permission;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::work;
use super::numbers::{Stand, stand};
use super::object;
use super::store::{self, ChangeRow, ImportRow, ProblemRow};
use crate::arrangement::workbook;
use crate::{Ctx, Error, Result, Stamp};

/// Larger files are cut.
const LARGEST: usize = 10 * 1024 * 1024;
/// Rows written by one command.
const CHUNK: usize = 250;
/// Problems that are kept.
const MOST_PROBLEMS: usize = 500;
/// Files shown at once.
const SHOWN: i64 = 50;
const GONE: &str = "这份文件刚被别人处理过，请刷新后再看";

/// Reads a file and stages it; nothing counts before [`confirm`]. The public id of it.
///
/// # Errors
/// `Fields` under `file` for what can't be read.
pub async fn upload(ctx: &Ctx, file_name: &str, bytes: &[u8]) -> Result<String> {
    ctx.allow(Permission::Finance)?;
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 10 MB，请分开上传"));
    }
    let sheets = workbook(bytes).await?;
    let found = sheets
        .iter()
        .map(read)
        .max_by_key(|found| (found.good.len(), found.rows))
        .ok_or_else(|| Error::field("file", "文件里没有工作表，请检查后重新上传"))?;
    if let Some(whole) = found.problems.iter().find(|one| one.row == 0) {
        return Err(Error::field("file", whole.message.clone()));
    }
    let begin = Begin {
        stamp: Stamp::of(ctx),
        file_name: crate::object::shown_name(file_name),
        file_hash: hex::encode(Sha256::digest(bytes)),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    stage(ctx, id, found).await?;
    Ok(public_id)
}

async fn stage(ctx: &Ctx, id: i64, found: Read) -> Result<()> {
    let mut problems: Vec<ProblemRow> = found
        .problems
        .into_iter()
        .map(|one| ProblemRow {
            line: i64::from(one.row),
            field: one.column,
            cell: one.cell,
            message: one.message,
        })
        .collect();
    let (mut changes, mut counts) = (Vec::new(), [0_i64; 2]);
    let mut same = 0;
    for row in found.good {
        match check(ctx, &row).await? {
            Ok((_, Change::Same)) => same += 1,
            Ok((order, change)) => {
                let [new, changed] = &mut counts;
                *(if change == Change::New { new } else { changed }) += 1;
                changes.push((order, change, row));
            }
            Err((field, cell, message)) => problems.push(ProblemRow {
                line: i64::from(row.line),
                field: field.to_owned(),
                cell,
                message,
            }),
        }
    }
    let [new, changed] = counts;
    let read = i64::from(found.rows);
    let bad = read - new - same - changed;
    problems.sort_by_key(|one| one.line);
    for chunk in changes.chunks(CHUNK) {
        let rows = chunk.to_vec();
        let command = StageRows { id, rows };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    problems.truncate(MOST_PROBLEMS);
    let finish = Finish {
        id,
        problems,
        counts: [read, new, same, changed, bad],
    };
    ctx.app.db().write(Lane::Interactive, finish).await
}

/// What a row does to its order, or what is wrong with it: column, cell, message.
type Checked = std::result::Result<(i64, Change), (&'static str, String, String)>;

async fn check(ctx: &Ctx, row: &Row) -> Result<Checked> {
    let mut db = ctx.app.db().read();
    let wrong = |field, cell: &str, message: String| Ok(Err((field, cell.to_owned(), message)));
    let order = store::fit_by_no(&mut db, &row.order_no).await?;
    let Some(order) = order.filter(|order| order.rehearsal == 0) else {
        return wrong(
            "缴费单号",
            &row.order_no,
            "没有这个缴费单号，请核对".to_owned(),
        );
    };
    let receipt = &row.receipt;
    let known = order.known()?;
    let change = Change::of(receipt, known.as_ref());
    let stand = stand(&mut db, order.order_id, receipt).await?;
    // What was corrected or reversed since doesn't come back by an older file: that changes nothing.
    if change == Change::Same || stand == Stand::Past {
        return Ok(Ok((order.order_id, Change::Same)));
    }
    if receipt.issued_on > ctx.at.date() {
        let day = receipt.issued_on.to_string();
        return wrong("开票日期", &day, "开票日期不能晚于今天".to_owned());
    }
    match order.fit(receipt, known.as_ref()) {
        Ok(()) => {}
        Err(unfit @ Unfit::Unreversed) => {
            return wrong("票据号码", &receipt.number, unfit.to_string());
        }
        Err(unfit) => return wrong("金额", &receipt.amount.yuan(), unfit.to_string()),
    }
    if let Stand::Taken(message) = stand {
        return wrong("票据号码", &receipt.number, message);
    }
    Ok(Ok((order.order_id, change)))
}

struct Begin {
    stamp: Stamp,
    file_name: String,
    file_hash: String,
}

impl Command for Begin {
    const NAME: &'static str = "payment.fiscal_begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let who = (trail.actor_id(), trail.at().micros());
        let file = (self.file_name.as_str(), self.file_hash.as_str());
        store::import_insert(tx, (id, &public_id), file, who).await?;
        let detail = json!({ "file": self.file_name, "sha256": self.file_hash });
        trail
            .audit(tx, "payment.fiscal_upload", object(id), detail)
            .await?;
        Ok((id, public_id))
    }
}

struct StageRows {
    id: i64,
    rows: Vec<(i64, Change, Row)>,
}

impl Command for StageRows {
    const NAME: &'static str = "payment.fiscal_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (order, change, row) in &self.rows {
            let of = (self.id, i64::from(row.line), *order);
            store::row_insert(tx, of, (&row.receipt, change.code())).await?;
        }
        Ok(())
    }
}

struct Finish {
    id: i64,
    problems: Vec<ProblemRow>,
    counts: [i64; 5],
}

impl Command for Finish {
    const NAME: &'static str = "payment.fiscal_staged";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::import_staged(tx, self.id, self.counts).await? == 0 {
            return Err(Error::Conflict("这次上传已被放弃，请重新上传"));
        }
        for (item, row) in (0..).zip(&self.problems) {
            store::problem_insert(tx, (self.id, item), row).await?;
        }
        Ok(())
    }
}

/// The newest files.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn imports(ctx: &Ctx) -> Result<Vec<ImportRow>> {
    ctx.allow(Permission::Finance)?;
    Ok(store::imports(&mut ctx.app.db().scan(Crowd::Staff), SHOWN).await?)
}

/// One file: its row, the first of its changes, how many were taken over and left out after all.
///
/// # Errors
/// `NotFound`.
pub async fn imported(
    ctx: &Ctx,
    public_id: &str,
) -> Result<(ImportRow, Vec<ChangeRow>, (i64, i64))> {
    let row = found(ctx, public_id).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let changes = store::changes(&mut scan, row.id, 200).await?;
    let outcomes = store::outcomes(&mut scan, row.id).await?;
    Ok((row, changes, outcomes))
}

/// What is wrong with rows of a file.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn problems(ctx: &Ctx, row: &ImportRow) -> Result<Vec<ProblemRow>> {
    ctx.allow(Permission::Finance)?;
    Ok(store::problems(&mut ctx.app.db().scan(Crowd::Staff), row.id).await?)
}

async fn found(ctx: &Ctx, public_id: &str) -> Result<ImportRow> {
    ctx.allow(Permission::Finance)?;
    let row = store::import_by_public_id(&mut ctx.app.db().read(), public_id).await?;
    row.ok_or(Error::NotFound)
}

/// 导入: the rows without mistakes are taken over, by the timer.
///
/// # Errors
/// `Refused` if the file says nothing new; `Conflict` if it isn't staged any more.
pub async fn confirm(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = found(ctx, public_id).await?;
    if row.rows_new + row.rows_changed == 0 {
        return Err(Error::refused(
            "nothing_new",
            "没有要导入的内容",
            "文件里的票据都已登记，没有新增和更正。",
        ));
    }
    let command = End {
        stamp: Stamp::of(ctx),
        row,
        confirm: true,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// 放弃 before it counted; its rows go.
///
/// # Errors
/// `Conflict` if it isn't staged any more.
pub async fn discard(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = found(ctx, public_id).await?;
    let id = row.id;
    let command = End {
        stamp: Stamp::of(ctx),
        row,
        confirm: false,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx.app.db().write(Lane::Background, Drop { id }).await? > 0 {}
    Ok(())
}

struct End {
    stamp: Stamp,
    row: ImportRow,
    confirm: bool,
}

impl Command for End {
    const NAME: &'static str = "payment.fiscal_end";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        let who = (trail.actor_id(), trail.at().micros());
        let (done, action) = if self.confirm {
            tx.wake(work::TOPIC);
            let done = store::import_confirm(tx, row.id, who).await?;
            (done, "payment.fiscal_confirm")
        } else {
            let done = store::import_discard(tx, row.id).await?;
            (done, "payment.fiscal_discard")
        };
        if done == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "new": row.rows_new, "changed": row.rows_changed, "same": row.rows_same, "left_out": row.rows_bad });
        trail.audit(tx, action, object(row.id), detail).await
    }
}

struct Drop {
    id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "payment.fiscal_drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        Ok(store::rows_drop(tx, self.id, limit).await?)
    }
}
