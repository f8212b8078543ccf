//! Getting a bill, and counting it to its end before a line is stored.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::sync::Arc;

use db::Lane;
use futures_util::FutureExt as _;
use gateways::payment::bill::{BadBill, BillKind, BillLine, Lines};
use gateways::payment::{BillAnswer, PaymentGateway};
use jobs::Run;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::bill_store::{self as store, BillRow};
use super::staging::{Begin, finish, stage};
use super::take_store::{self as takes, TakeRow};
use super::{gateway, moved, progress};
use crate::{Ctx, Error, Result, Stamp};

/// After a channel that hasn't made its bill yet.
const NOT_READY: i64 = 15 * 60;
/// After one that didn't answer.
const SILENT: i64 = 5 * 60;
/// After one that refuses, or whose file is broken.
const REFUSED: i64 = 60 * 60;
/// A number in a bill is no longer.
const LONGEST: usize = 64;

/// What a bill's lines come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Lines, payments and their sum, refunds and theirs, fees.
    pub sums: [i64; 6],
    /// Of what the lines say: the same bill packed another time is the same.
    pub hash: String,
    /// How many lines are of another day than the bill's.
    pub elsewhere: i64,
}

/// Whether anything was done about getting or reading a bill.
pub(super) async fn bring(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<bool> {
    let takes = takes::takes_of(&mut ctx.app.db().scan(db::Crowd::System), bill.id).await?;
    let reading = takes.iter().find(|take| take.state == "reading");
    if let Some(take) = reading.filter(|take| take.source == "upload") {
        let object = take
            .object_id
            .ok_or(Error::inconsistent("bill_take.object_id"))?;
        let bytes = crate::object::read(&ctx.app, object).await?.bytes;
        let file = written(bytes).await?;
        stage(ctx, bill, take, file, run).await?;
        return Ok(true);
    }
    let due = bill.next_at.is_some_and(|at| at <= ctx.at.micros());
    let asks = ["waiting", "open"].contains(&bill.step.as_str()) && due;
    let left = reading.is_some() && bill.next_at.is_none();
    if !(asks || left) {
        return Ok(false);
    }
    request(ctx, bill, reading, run).await
}

async fn later(ctx: &Ctx, bill: &BillRow, seconds: i64, problem: String) -> Result<bool> {
    let (id, next) = (bill.id, ctx.app.now().plus_seconds(seconds).micros());
    moved(ctx, move |tx| {
        let problem = problem.clone();
        async move { Ok(store::bill_tried(tx, id, Some(next), &problem).await?) }.boxed()
    })
    .await?;
    Ok(false)
}

async fn request(
    ctx: &Ctx,
    bill: &BillRow,
    reading: Option<&TakeRow>,
    run: Option<&Run>,
) -> Result<bool> {
    let Some(gateway) = gateway(&ctx.app, &bill.channel).cloned() else {
        let problem = "这个渠道现在没有开通，请把对账单文件交给财务人员上传".to_owned();
        return later(ctx, bill, 6 * REFUSED, problem).await;
    };
    progress(run, 0, 0, "正在向渠道取对账单").await?;
    let (file, counted) = match gateway.bill(bill.date()?).await {
        BillAnswer::File(file) => match counted(&gateway, &file, bill.span()?).await? {
            Ok(counted) => (Some(file), counted),
            Err(bad) => {
                return later(ctx, bill, REFUSED, format!("渠道给的对账单不能读：{bad}")).await;
            }
        },
        BillAnswer::Empty => (None, Counted::default()),
        BillAnswer::NotReady => {
            return later(ctx, bill, NOT_READY, "渠道还没有生成对账单".to_owned()).await;
        }
        BillAnswer::Refused(why) => {
            let why: String = why.chars().take(200).collect();
            return later(ctx, bill, REFUSED, format!("渠道不给对账单：{why}")).await;
        }
        BillAnswer::Unknown => {
            return later(ctx, bill, SILENT, "渠道没有应答".to_owned()).await;
        }
    };
    let take = match reading {
        // Where a crash left it.
        Some(take) if take.file_hash == counted.hash => take.clone(),
        _ => {
            let command = Begin {
                stamp: Stamp::of(ctx),
                bill: bill.clone(),
                counted,
                stale: reading.map(|take| take.id),
                upload: None,
            };
            match ctx.app.db().write(Lane::Background, command).await? {
                Some(take) => take,
                // The same as before: it is only compared again.
                None => return Ok(true),
            }
        }
    };
    match file {
        Some(file) => stage(ctx, bill, &take, file, run).await?,
        None => finish(ctx, bill, &take).await?,
    }
    Ok(true)
}

/// A file without a name that holds these bytes.
pub(super) async fn written(bytes: Vec<u8>) -> Result<File> {
    blocking(move || {
        let mut file = crate::copy::scratch()?;
        std::io::Write::write_all(&mut file, &bytes)?;
        file.seek(SeekFrom::Start(0))?;
        Ok::<_, std::io::Error>(file)
    })
    .await?
    .map_err(|error| Error::internal("a file for a bill", error))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    spawn_blocking(work)
        .await
        .map_err(|error| Error::internal("reading a bill", error))
}

pub(super) fn opened(
    gateway: &Arc<dyn PaymentGateway>,
    file: &File,
) -> std::result::Result<Lines, BadBill> {
    let mut file = file.try_clone().map_err(|_| BadBill::Io)?;
    file.seek(SeekFrom::Start(0)).map_err(|_| BadBill::Io)?;
    let reader = gateway
        .bills()
        .ok_or_else(|| BadBill::Format("这个渠道没有对账单".to_owned()))?;
    reader.lines(file)
}

/// Reads a bill to its end: what its lines come to, if it is whole.
pub(super) async fn counted(
    gateway: &Arc<dyn PaymentGateway>,
    file: &File,
    span: (i64, i64),
) -> Result<std::result::Result<Counted, BadBill>> {
    let gateway = Arc::clone(gateway);
    let file = file
        .try_clone()
        .map_err(|error| Error::internal("a file for a bill", error))?;
    blocking(move || count(&gateway, &file, span)).await
}

fn count(
    gateway: &Arc<dyn PaymentGateway>,
    file: &File,
    span: (i64, i64),
) -> std::result::Result<Counted, BadBill> {
    let mut elsewhere = 0;
    let mut hash = Sha256::new();
    let [
        mut lines,
        mut payments,
        mut paid,
        mut refunds,
        mut refunded,
        mut fee,
    ] = [0i64; 6];
    let add = |sum: &mut i64, amount: i64| {
        *sum = sum.checked_add(amount).ok_or(BadBill::TooLarge)?;
        Ok::<_, BadBill>(())
    };
    for line in opened(gateway, file)? {
        let line = line?;
        if line.amount.get() < 0 {
            return Err(BadBill::Format("金额为负数".to_owned()));
        }
        lines += 1;
        elsewhere += i64::from(!(span.0..span.1).contains(&line.at.micros()));
        add(&mut fee, line.fee.get())?;
        let (number, sum) = match line.kind {
            BillKind::Payment => (&mut payments, &mut paid),
            BillKind::Refund => (&mut refunds, &mut refunded),
        };
        *number += 1;
        add(sum, line.amount.get())?;
        hash.update(row(gateway.merchant(), lines, &line).to_string().as_bytes());
    }
    Ok(Counted {
        sums: [lines, payments, paid, refunds, refunded, fee],
        hash: hex::encode(hash.finalize()),
        elsewhere,
    })
}

/// A number without what no database stores and no page shows.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

/// A line as it is stored.
pub(super) fn row(merchant: &str, seq: i64, line: &BillLine) -> serde_json::Value {
    let (kind, ours, of) = match line.kind {
        BillKind::Payment => ("payment", &line.merchant_no, ""),
        BillKind::Refund => ("refund", &line.refund_no, line.merchant_no.as_str()),
    };
    let other = if line.merchant == merchant {
        String::new()
    } else {
        clean(&line.merchant)
    };
    json!([
        seq,
        kind,
        clean(&line.channel_no),
        clean(ours),
        clean(of),
        line.amount.get(),
        line.fee.get(),
        line.at.micros(),
        other,
        i64::from(line.done)
    ])
}
