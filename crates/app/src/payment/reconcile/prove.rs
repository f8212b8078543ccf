//! What the lines of a bill prove is settled once all of them were looked at, and before anything of ours is: what is compared after that
//! is so already. A million lines that match are gone over once, whatever the others come to.

use db::Crowd;
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::reconcile::Class;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use jobs::Run;

use super::act::class;
use super::bill_store::BillRow;
use super::compare::{Chunk, keep, look};
use super::finding_store::{self as finds, FindingRow};
use super::match_store as matches;
use super::{LOOKING, SETTLING, moved, progress};
use crate::payment::settle::settle;
use crate::{Ctx, Error, Result};

/// Findings read at once.
const PAGE: i64 = 200;

/// One chunk: of settling, or of looking again.
pub(super) async fn step(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    if bill.reached_id == SETTLING {
        settle_all(ctx, bill, run).await
    } else {
        look_again(ctx, bill).await
    }
}

/// Whatever is settled twice, because of a crash or of another worker, is settled once.
async fn settle_all(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    let (mut after, mut done, mut proved) = (0, 0, false);
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let rows = finds::findings(&mut scan, bill.id, "", after, PAGE).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.id;
        for row in &rows {
            // What an earlier comparison found and this one didn't isn't cleared yet.
            if row.run < bill.run || !class(row)?.is_evidence() {
                continue;
            }
            proved = true;
            if row.acted_at.is_some() {
                continue;
            }
            settle(ctx, &evidence(bill, row)).await?;
            let (id, at) = (row.id, ctx.app.now().micros());
            moved(ctx, move |tx| {
                async move { Ok(finds::finding_acted(tx, id, at).await?) }.boxed()
            })
            .await?;
            done += 1;
            progress(run, done, bill.findings, "笔差异已处理").await?;
        }
    }
    let chunk = if proved {
        Chunk::at("lines", (0, LOOKING))
    } else {
        onward(bill)?
    };
    keep(ctx, bill, chunk).await
}

/// What settling changed may explain any line that didn't match: all that were found are looked at once more.
async fn look_again(ctx: &Ctx, bill: &BillRow) -> Result<()> {
    let take = bill.take.ok_or(Error::inconsistent("bill.take"))?;
    let span = bill.span()?;
    let mut scan = ctx.app.db().scan(Crowd::System);
    let rows = finds::findings(&mut scan, bill.id, "", bill.reached, PAGE).await?;
    let Some(last) = rows.last() else {
        return keep(ctx, bill, onward(bill)?).await;
    };
    let mut chunk = Chunk::at("lines", (last.id, LOOKING));
    for row in rows.iter().filter(|row| row.run == bill.run) {
        let of = (take, bill.channel.as_str(), bill.day.as_str());
        let lines = matches::lines_beside(&mut scan, of, row.seq - 1, 1).await?;
        let Some(line) = lines.first().filter(|line| line.seq == row.seq) else {
            continue;
        };
        chunk.gone.push(row.id);
        match look(&mut scan, bill, take, span, line).await? {
            Some(mut found) => {
                // It proves the same whatever it is called now.
                found.acted_at = row
                    .acted_at
                    .filter(|_| evident(found.class) && evident(&row.class));
                chunk.found.push(found);
            }
            None => chunk.add[0] += 1,
        }
    }
    keep(ctx, bill, chunk).await
}

fn evident(class: &str) -> bool {
    Class::from_code(class).is_some_and(Class::is_evidence)
}

/// To our payments. Places are times from here on.
fn onward(bill: &BillRow) -> Result<Chunk> {
    Ok(Chunk::at("payments", (bill.span()?.0 - 1, i64::MAX)))
}

/// What a line of the bill proves.
fn evidence(bill: &BillRow, row: &FindingRow) -> Evidence {
    let merchant = if row.merchant.is_empty() {
        &bill.merchant
    } else {
        &row.merchant
    };
    Evidence {
        source: Source::Bill,
        channel: bill.channel.clone(),
        merchant: merchant.clone(),
        merchant_no: row.our_no.clone(),
        news: News::Paid(PaidNews {
            channel_no: row.channel_no.clone(),
            amount: Fen::new(row.bill_amount),
            currency: CNY.to_owned(),
            paid_at: Timestamp::from_micros(row.at),
        }),
    }
}
