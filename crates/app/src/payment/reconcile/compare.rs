//! The comparison: the bill's lines beside ours, then ours beside the lines. Each chunk is a few reads and one commit, which keeps what
//! was found and says how far it is.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Scan, Tx};
use domain::payment::RefundState;
use domain::payment::reconcile::{self as rules, Back, Class, Found, Kind, Line, Paid};
use domain::time::Date;
use jobs::Run;

use super::bill_store::BillRow;
use super::finding_store::{self as finds, FindingPut};
use super::match_store::{self as matches, BesideRow, LINES, OursRow, SOME};
use super::revenue_store as revenues;
use super::step_store::{self as steps, Onward};
use super::{CHUNK, GONE, SETTLING, progress, prove};
use crate::payment::ledger::channel_book;
use crate::{Ctx, Error, Result, Stamp};

/// Reads that one commit may stand for, where they find nothing.
const READS: usize = 10;

/// One chunk of a comparison.
pub(super) async fn step(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    match bill.step.as_str() {
        "lines" => match bill.reached_id {
            0 => lines(ctx, bill, run).await,
            _ => prove::step(ctx, bill, run).await,
        },
        _ => ours(ctx, bill, run).await,
    }
}

/// What a chunk adds and where it ends.
pub(super) struct Chunk {
    pub found: Vec<FindingPut>,
    /// Findings that were looked at again: what of them is true still is in `found`.
    pub gone: Vec<i64>,
    /// Lines that match, payments of ours and their sum, refunds and theirs.
    pub add: [i64; 5],
    /// The same four sums of ours by exam.
    pub exams: BTreeMap<i64, [i64; 4]>,
    pub to: &'static str,
    pub reached: (i64, i64),
}

impl Chunk {
    /// Nothing yet, within a step.
    pub fn at(to: &'static str, reached: (i64, i64)) -> Self {
        Self {
            found: Vec::new(),
            gone: Vec::new(),
            add: [0; 5],
            exams: BTreeMap::new(),
            to,
            reached,
        }
    }
}

pub(super) async fn keep(ctx: &Ctx, bill: &BillRow, chunk: Chunk) -> Result<()> {
    let rows = u32::try_from(chunk.found.len()).unwrap_or(u32::MAX);
    let first = ctx.app.reserve_ids(rows.max(1));
    let mut chunk = chunk;
    for (id, found) in (first..).zip(&mut chunk.found) {
        found.id = id;
    }
    let command = Keep {
        stamp: Stamp::of(ctx),
        bill: bill.clone(),
        chunk,
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Keep {
    stamp: Stamp,
    bill: BillRow,
    chunk: Chunk,
}

impl Command for Keep {
    const NAME: &'static str = "payment.bill_compare";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (bill, chunk) = (&self.bill, &self.chunk);
        let on = Onward {
            id: bill.id,
            run: bill.run,
            step: &bill.step,
            from: (bill.reached, bill.reached_id),
            to: chunk.to,
            reached: chunk.reached,
        };
        if steps::bill_onward(tx, &on, chunk.add).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let now = self.stamp.at.micros();
        for id in &chunk.gone {
            finds::finding_clear(tx, *id, now).await?;
        }
        for found in &chunk.found {
            finds::finding_put(tx, bill.id, bill.run, found, now).await?;
        }
        for (exam, sums) in &chunk.exams {
            revenues::revenue_add(tx, (bill.id, bill.run), *exam, *sums).await?;
        }
        if chunk.to == "acting" {
            revenues::revenue_clear(tx, bill.id, bill.run).await?;
            finds::findings_clear(tx, bill.id, bill.run, now).await?;
        }
        Ok(())
    }
}

async fn lines(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    let take = bill.take.ok_or(Error::inconsistent("bill.take"))?;
    let span = bill.span()?;
    let mut scan = ctx.app.db().scan(Crowd::System);
    let mut chunk = Chunk::at("lines", (bill.reached, 0));
    let mut through = false;
    'chunk: for _ in 0..READS / 2 {
        for rows in twice(ctx, bill, take, chunk.reached.0).await? {
            for row in &rows {
                chunk.reached.0 = row.seq;
                let beside = look(&mut scan, bill, take, span, row).await?;
                match beside {
                    Some(found) => chunk.found.push(found),
                    None => chunk.add[0] += 1,
                }
            }
            if rows.len() < SOME {
                through = true;
                break 'chunk;
            }
            if chunk.found.len() >= CHUNK {
                break 'chunk;
            }
        }
    }
    let done = if through {
        chunk.reached = (0, SETTLING);
        bill.lines
    } else {
        chunk.reached.0
    };
    keep(ctx, bill, chunk).await?;
    progress(run, done, bill.lines, "行已与本系统比对").await
}

/// The next lines and those behind them, read at the same time: their places have no gap between them.
async fn twice(ctx: &Ctx, bill: &BillRow, take: i64, after: i64) -> Result<[Vec<BesideRow>; 2]> {
    let db = ctx.app.db();
    let (mut one, mut two) = (db.scan(Crowd::System), db.scan(Crowd::System));
    let of = (take, bill.channel.as_str(), bill.day.as_str());
    let (first, second) = tokio::join!(
        matches::lines_beside(&mut one, of, after, LINES),
        matches::lines_beside(&mut two, of, after + LINES, LINES),
    );
    Ok([first?, second?])
}

/// What a line is; none if it matches.
pub(super) async fn look(
    scan: &mut Scan,
    bill: &BillRow,
    take: i64,
    span: (i64, i64),
    row: &BesideRow,
) -> Result<Option<FindingPut>> {
    let line = Line {
        channel_no: &row.channel_no,
        amount: row.amount,
        fee: row.fee,
        // Stored empty where it is the bill's own.
        merchant: if row.merchant.is_empty() {
            &bill.merchant
        } else {
            &row.merchant
        },
        done: row.done == 1,
        again: row.again == 1,
    };
    let kind = Kind::from_code(&row.kind).ok_or(Error::inconsistent("bill_line.kind"))?;
    let (found, order, ours, amount, at) = match kind {
        Kind::Payment => payment(scan, bill, take, span, (row, &line)).await?,
        Kind::Refund => refund(bill, span, row, &line),
    };
    let Some(class) = found.class else {
        return Ok(None);
    };
    let mut item = format!("{}|{}|{}", kind.code(), row.our_no, row.channel_no);
    if class == Class::Duplicate || row.our_no.is_empty() {
        item.push_str(&format!("|{}", row.seq));
    }
    let other = match class {
        Class::CarriedIn | Class::Day => {
            at.map(|at| rules::date_of(at, super::is_early(&bill.channel)).to_string())
        }
        _ => None,
    };
    Ok(Some(FindingPut {
        id: 0,
        class: class.code(),
        item,
        seq: row.seq,
        kind: kind.code(),
        channel_no: row.channel_no.clone(),
        our_no: row.our_no.clone(),
        merchant: row.merchant.clone(),
        order_id: order,
        ours,
        bill_amount: row.amount,
        our_amount: amount,
        delta: found.delta,
        at: row.at,
        other_day: other.unwrap_or_default(),
        acted_at: None,
    }))
}

/// What a line is, our order, our attempt or refund, our sum, and our time.
type Looked = (Found, i64, i64, i64, Option<i64>);

async fn payment(
    scan: &mut Scan,
    bill: &BillRow,
    take: i64,
    span: (i64, i64),
    (row, line): (&BesideRow, &Line<'_>),
) -> Result<Looked> {
    let known = row.attempt.map(|id| {
        (
            id,
            row.order.unwrap_or(0),
            row.received,
            row.paid_at,
            row.our_merchant.clone().unwrap_or_default(),
        )
    });
    let same = row.our_channel_no.as_deref() == Some(row.channel_no.as_str());
    // The channel's number goes before ours (payments §9).
    let by_channel = if same || row.channel_no.is_empty() || line.again {
        None
    } else {
        matches::attempt_of_channel_no(scan, &bill.channel, &row.channel_no).await?
    };
    if let Some(ours) = by_channel {
        let listed = matches::is_listed(scan, take, &ours.our_no, &row.channel_no).await?;
        let today = is_ours(bill, &ours.merchant)
            && ours
                .paid_at
                .is_some_and(|at| (span.0..span.1).contains(&at));
        let beside = if today && !listed { ours.received } else { 0 };
        let found = Found {
            class: Some(Class::Number),
            delta: row.amount - beside,
        };
        return Ok((found, ours.order_id, ours.id, ours.received, ours.paid_at));
    }
    let Some((id, order, received, paid_at, merchant)) = known else {
        return Ok((rules::payment(line, None, span), 0, 0, 0, None));
    };
    let ours_no = row.our_channel_no.as_deref().unwrap_or_default();
    let listed =
        paid_at.is_some() && !same && matches::is_listed(scan, take, &row.our_no, ours_no).await?;
    let ours = Paid {
        channel_no: ours_no,
        received: received.unwrap_or(0),
        paid_at,
        merchant: &merchant,
        here: is_ours(bill, &merchant),
        listed,
    };
    let found = rules::payment(line, Some(&ours), span);
    Ok((found, order, id, ours.received, paid_at))
}

fn refund(bill: &BillRow, span: (i64, i64), row: &BesideRow, line: &Line<'_>) -> Looked {
    let here = row.refund_channel.as_deref() == Some(bill.channel.as_str())
        && row
            .refund_merchant
            .as_deref()
            .is_some_and(|merchant| is_ours(bill, merchant));
    let state = row.refund_state.as_deref().and_then(RefundState::from_code);
    let ours = match (row.refund_amount, state) {
        (Some(amount), Some(state)) if here => Some(Back {
            amount,
            state,
            finished_at: row.finished_at,
        }),
        _ => None,
    };
    let found = rules::refund(line, ours.as_ref(), span);
    let (order, id) = match ours {
        Some(_) => (row.refund_order.unwrap_or(0), row.refund.unwrap_or(0)),
        None => (0, 0),
    };
    (
        found,
        order,
        id,
        ours.map_or(0, |ours| ours.amount),
        row.finished_at,
    )
}

/// Whether an identity is of the account that a bill is of.
fn is_ours(bill: &BillRow, merchant: &str) -> bool {
    rules::account(&bill.channel, merchant) == rules::account(&bill.channel, &bill.merchant)
}

async fn ours(ctx: &Ctx, bill: &BillRow, run: Option<&Run>) -> Result<()> {
    let span = bill.span()?;
    let day = bill.date()?;
    let book = channel_book(&bill.channel);
    let account = rules::account_like(&bill.channel, &bill.merchant);
    let of = (bill.channel.as_str(), account.as_str(), book.as_str());
    let kind = if bill.step == "payments" {
        Kind::Payment
    } else {
        Kind::Refund
    };
    let mut scan = ctx.app.db().scan(Crowd::System);
    let to = if kind == Kind::Payment {
        "payments"
    } else {
        "refunds"
    };
    let mut chunk = Chunk::at(to, (bill.reached, bill.reached_id));
    for _ in 0..READS {
        let rows = match kind {
            Kind::Payment => matches::our_payments(&mut scan, of, chunk.reached, span.1).await?,
            Kind::Refund => matches::our_refunds(&mut scan, of, chunk.reached, span.1).await?,
        };
        for row in &rows {
            chunk.reached = (row.at, row.id);
            let [_, add @ ..] = &mut chunk.add;
            sum(kind, add, row.booked);
            sum(
                kind,
                chunk.exams.entry(row.exam_id).or_default(),
                row.booked,
            );
            let seen = row.seen.as_deref().and_then(Date::parse_typed);
            let Some(class) = rules::ours(kind, day, seen) else {
                continue;
            };
            if class == Class::LocalOnly
                && finds::stands_for(&mut scan, (bill.id, bill.run), row.id).await?
            {
                continue;
            }
            chunk.found.push(own(kind, class, row));
        }
        if rows.len() < SOME {
            chunk.to = if kind == Kind::Payment {
                "refunds"
            } else {
                "acting"
            };
            chunk.reached = (span.0 - 1, i64::MAX);
            break;
        }
        if chunk.found.len() >= CHUNK {
            break;
        }
    }
    let done = bill.our_payments + bill.our_refunds + chunk.add[1] + chunk.add[3];
    keep(ctx, bill, chunk).await?;
    progress(run, done, 0, "笔本系统收支已与账单比对").await
}

/// Adds one movement of ours: payments and their sum, refunds and theirs.
fn sum(kind: Kind, sums: &mut [i64; 4], booked: i64) {
    let [payments, paid, refunds, refunded] = sums;
    let (count, sum) = match kind {
        Kind::Payment => (payments, paid),
        Kind::Refund => (refunds, refunded),
    };
    *count += 1;
    *sum += booked;
}

fn own(kind: Kind, class: Class, row: &OursRow) -> FindingPut {
    let delta = match kind {
        Kind::Payment => -row.booked,
        Kind::Refund => row.booked,
    };
    FindingPut {
        id: 0,
        class: class.code(),
        item: format!("{}|{}", kind.code(), row.our_no),
        seq: 0,
        kind: kind.code(),
        channel_no: row.channel_no.clone().unwrap_or_default(),
        our_no: row.our_no.clone(),
        merchant: String::new(),
        order_id: row.order_id,
        ours: row.id,
        bill_amount: 0,
        our_amount: row.amount,
        delta,
        at: row.at,
        other_day: row.seen.clone().unwrap_or_default(),
        acted_at: None,
    }
}
