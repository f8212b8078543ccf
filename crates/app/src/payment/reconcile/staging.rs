//! Storing the lines of a bill that was counted, and making it the one that counts.

use std::fs::File;

use db::{Command, Lane, Tx};
use futures_util::FutureExt as _;
use gateways::payment::bill::{BadBill, Lines};
use jobs::Run;
use serde_json::json;

use super::bill_store::{self as store, BillRow};
use super::fetch::{Counted, blocking, opened, row};
use super::step_store as steps;
use super::take_store::{self as takes, TakeInsert, TakeRow};
use super::{CHUNK, GONE, gateway, moved, object, progress};
use crate::{Ctx, Error, Result, Stamp, Trail};

/// The next rows as one JSON array, and how many.
fn next(
    merchant: &str,
    from: i64,
    lines: &mut Lines,
) -> std::result::Result<(String, i64), BadBill> {
    let mut rows = Vec::with_capacity(CHUNK);
    let mut seq = from;
    for line in lines.take(CHUNK) {
        seq += 1;
        rows.push(row(merchant, seq, &line?));
    }
    Ok((serde_json::Value::Array(rows).to_string(), seq - from))
}

/// Stores the lines of a counted file behind those that are there, and finishes the reading.
pub(super) async fn stage(
    ctx: &Ctx,
    bill: &BillRow,
    take: &TakeRow,
    file: File,
    run: Option<&Run>,
) -> Result<()> {
    let Some(gateway) = gateway(&ctx.app, &bill.channel).cloned() else {
        return Err(Error::inconsistent("the channel of a bill is gone"));
    };
    let bad = |error| Error::internal("a bill changed while it was read", error);
    let merchant = gateway.merchant().to_owned();
    let mut stored = take.stored;
    let skip = usize::try_from(stored).unwrap_or(usize::MAX);
    let lines: Lines = blocking(move || {
        let mut lines = opened(&gateway, &file)?;
        if skip > 0 {
            lines.nth(skip - 1);
        }
        Ok(lines)
    })
    .await?
    .map_err(bad)?;
    // The next lines are read while those before them are stored.
    let ahead = |from: i64, mut lines: Lines| {
        let merchant = merchant.clone();
        blocking(move || (next(&merchant, from, &mut lines), lines))
    };
    let (mut chunk, mut rest) = ahead(stored, lines).await?;
    loop {
        let (rows, count) = chunk.map_err(bad)?;
        if count == 0 {
            break;
        }
        let command = Stage {
            take: take.id,
            from: stored,
            count,
            rows,
        };
        stored += count;
        let store = ctx.app.db().write(Lane::Background, command);
        let (kept, read) = tokio::join!(store, ahead(stored, rest));
        kept?;
        (chunk, rest) = read?;
        if stored % 10_000 < count {
            progress(run, stored, take.lines, "行已读入").await?;
        }
    }
    if stored != take.lines {
        return Err(Error::inconsistent("a bill changed while it was read"));
    }
    finish(ctx, bill, take).await
}

struct Stage {
    take: i64,
    from: i64,
    count: i64,
    rows: String,
}

impl Command for Stage {
    const NAME: &'static str = "payment.bill_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if takes::take_store(tx, self.take, self.from, self.count).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        takes::lines_insert(tx, self.take, &self.rows).await?;
        Ok(())
    }
}

/// What the channel gave counts from now on; what somebody uploaded waits for a second person.
pub(super) async fn finish(ctx: &Ctx, bill: &BillRow, take: &TakeRow) -> Result<()> {
    if take.source == "upload" {
        let id = take.id;
        return moved(ctx, move |tx| {
            async move { Ok(takes::take_move(tx, id, "reading", "staged").await?) }.boxed()
        })
        .await;
    }
    let command = Flip {
        stamp: Stamp::of(ctx),
        bill: bill.id,
        take: take.id,
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Flip {
    stamp: Stamp,
    bill: i64,
    take: i64,
}

impl Command for Flip {
    const NAME: &'static str = "payment.bill_flip";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if takes::take_move(tx, self.take, "reading", "current").await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let mut trail = self.stamp.trail();
        flip(tx, &mut trail, self.bill, self.take).await
    }
}

/// Makes a whole reading the one that counts.
pub(super) async fn flip(tx: &mut Tx, trail: &mut Trail<'_>, bill: i64, take: i64) -> Result<()> {
    if steps::bill_flip(tx, bill, take).await? == 0 {
        return Err(Error::Conflict(GONE));
    }
    takes::takes_replaced(tx, bill, take).await?;
    let detail = json!({ "take": take });
    trail
        .audit(tx, "payment.bill_read", object(bill), detail)
        .await
}

/// A file that somebody uploads.
#[derive(Debug, Clone)]
pub(super) struct Uploaded {
    pub name: String,
    pub reason: String,
    pub object: crate::object::NewObject,
}

/// A new reading begins; none for a bill that says the same as the one that counts.
pub(super) struct Begin {
    pub stamp: Stamp,
    pub bill: BillRow,
    pub counted: Counted,
    /// One that was begun over another file.
    pub stale: Option<i64>,
    pub upload: Option<Uploaded>,
}

impl Command for Begin {
    const NAME: &'static str = "payment.bill_begin";
    type Out = Option<TakeRow>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<TakeRow>> {
        let mut trail = self.stamp.trail();
        let takes = takes::takes_of(tx, self.bill.id).await?;
        let counts = store::bill_by_id(tx, self.bill.id).await?;
        let counts = counts.and_then(|bill| bill.take);
        if let Some(stale) = self.stale {
            takes::take_move(tx, stale, "reading", "dropping").await?;
        }
        let same = takes
            .iter()
            .any(|take| Some(take.id) == counts && take.file_hash == self.counted.hash);
        if same {
            if steps::bill_again(tx, self.bill.id).await? == 0 {
                return Err(Error::Conflict(GONE));
            }
            return Ok(None);
        }
        let object_id = match &self.upload {
            Some(upload) => Some(crate::object::insert(tx, &mut trail, &upload.object).await?),
            None => None,
        };
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = TakeInsert {
            id,
            public_id: &public_id,
            bill_id: self.bill.id,
            source: if self.upload.is_some() {
                "upload"
            } else {
                "channel"
            },
            file_name: self.upload.as_ref().map_or("", |upload| &upload.name),
            file_hash: &self.counted.hash,
            object_id,
            sums: self.counted.sums,
            reason: self.upload.as_ref().map_or("", |upload| &upload.reason),
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        takes::take_insert(tx, &row).await?;
        if let Some(upload) = &self.upload {
            let detail = json!({ "take": id, "hash": self.counted.hash, "reason": upload.reason });
            trail
                .audit(tx, "payment.bill_upload", object(self.bill.id), detail)
                .await?;
            let job = trail.id()?;
            super::enqueue(tx, job, self.bill.id, self.stamp.at).await?;
        }
        let takes = takes::takes_of(tx, self.bill.id).await?;
        let take = takes.into_iter().find(|take| take.id == id);
        take.map(Some).ok_or(Error::inconsistent("bill_take"))
    }
}
