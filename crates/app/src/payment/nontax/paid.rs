//! The collection bank's list: staged, confirmed by a second person, settled line by line.

use db::{Command, Crowd, Lane, Tx};
use domain::money::Fen;
use domain::payment::AttemptState;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::nontax::{PaidLine, read_paid};
use domain::payment::number::{Purpose, merchant_no};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::super::by_another;
use super::super::settle::{Settle, outcome_code};
use super::super::store as orders;
use super::super::work;
use super::store::{self, BatchRow, PaidRow};
use super::{CHANNEL, Uploaded, at, first_sheet};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Lines settled in one round of the timer.
const ROUND: i64 = 50;
/// Lists shown at once.
const SHOWN: i64 = 50;

/// Stages a list. The public id of it.
///
/// # Errors
/// `Fields` under `file` for a file that can't be read.
pub async fn upload(ctx: &Ctx, file_name: &str, bytes: &[u8]) -> Result<Uploaded<String>> {
    ctx.allow(Permission::Finance)?;
    let sheet = first_sheet(bytes).await?;
    let paid = match read_paid(&sheet) {
        Ok(paid) => paid,
        Err(problems) => return Ok(Uploaded::Bad(problems)),
    };
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let mut read = ctx.app.db().read();
    for one in paid {
        match store::order_of_code(&mut read, &one.code).await? {
            Some(order) => found.push((order, one)),
            None => problems.push(at(one.line, "缴款码", &one.code, "不是本系统的缴款码")),
        }
    }
    if !problems.is_empty() {
        return Ok(Uploaded::Bad(problems));
    }
    let file_name: String = file_name
        .chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect();
    let command = Stage {
        stamp: Stamp::of(ctx),
        file_name,
        rows: found,
    };
    let public_id = ctx.app.db().write(Lane::Background, command).await?;
    Ok(Uploaded::Taken(public_id))
}

struct Stage {
    stamp: Stamp,
    file_name: String,
    rows: Vec<(i64, PaidLine)>,
}

impl Command for Stage {
    const NAME: &'static str = "payment.nontax_stage";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let amount: i64 = self.rows.iter().map(|(_, one)| one.amount.get()).sum();
        let batch = store::BatchInsert {
            id,
            public_id: &public_id,
            file_name: &self.file_name,
            rows: i64::try_from(self.rows.len()).unwrap_or(i64::MAX),
            amount,
            by: trail.actor_id(),
            at: trail.at().micros(),
        };
        store::batch_insert(tx, &batch).await?;
        for (order, one) in &self.rows {
            let of = (id, i64::from(one.line), *order);
            let paid = (one.amount.get(), one.paid_at.micros());
            store::row_insert(tx, of, (&one.code, &one.voucher), paid).await?;
        }
        let detail = json!({ "rows": self.rows.len(), "amount": amount });
        trail
            .audit(tx, "payment.nontax_upload", object(id), detail)
            .await?;
        Ok(public_id)
    }
}

fn object(id: i64) -> Object {
    Object {
        kind: "nontax_batch",
        id,
        exam_id: 0,
    }
}

/// The newest lists.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn batches(ctx: &Ctx) -> Result<Vec<BatchRow>> {
    ctx.allow(Permission::Finance)?;
    Ok(store::batches(&mut ctx.app.db().scan(Crowd::Staff), SHOWN).await?)
}

/// A list with its figures.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The row.
    pub row: BatchRow,
    /// Lines whose sum isn't what the order asks for: they become discrepancies.
    pub differ: i64,
    /// Lines that are settled.
    pub settled: i64,
}

/// One list.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn batch(ctx: &Ctx, public_id: &str) -> Result<Batch> {
    ctx.allow(Permission::Finance)?;
    let row = store::batch_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (differ, settled, _) = store::rows_counted(&mut scan, row.id).await?;
    Ok(Batch {
        row,
        differ,
        settled,
    })
}

/// Lines of a list, from behind one on.
///
/// # Errors
/// As above.
pub async fn lines(ctx: &Ctx, batch_id: i64, after: i64, limit: i64) -> Result<Vec<PaidRow>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::rows_of(&mut scan, batch_id, after, limit).await?)
}

/// The second person confirms a list, or refuses it with a reason.
///
/// # Errors
/// `Refused` to who uploaded it; `Fields` under `note` for a refusal without a reason.
pub async fn decide(ctx: &Ctx, public_id: &str, confirm: bool, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::second_word(note, confirm, 500, "不予确认")?;
    let row = store::batch_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    by_another(row.entered_by, ctx.actor.id(), "复核", "上传和复核")?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        id: row.id,
        confirm,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    id: i64,
    confirm: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.nontax_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let to = if self.confirm { "confirmed" } else { "refused" };
        let by = (trail.actor_id(), self.note.as_str());
        if store::batch_decide(tx, self.id, to, by, trail.at().micros()).await? == 0 {
            return Err(Error::Conflict("这份清单已有结果，请刷新查看"));
        }
        tx.wake(work::TOPIC);
        let detail = json!({ "to": to, "note": self.note });
        trail
            .audit(tx, "payment.nontax_decide", object(self.id), detail)
            .await
    }
}

/// Settles lines of confirmed lists; how many.
pub(in crate::payment) async fn settle_due(ctx: &Ctx) -> Result<usize> {
    let due = store::rows_due(&mut ctx.app.db().scan(Crowd::System), ROUND).await?;
    let mut done = 0;
    for (batch_id, line) in &due {
        let command = Line {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            settling: Stamp::of(ctx),
            of: (*batch_id, *line),
        };
        match ctx.app.db().write(Lane::Background, command).await {
            // The application was moved by somebody else meanwhile: the next round has it.
            Ok(()) => done += 1,
            Err(Error::Conflict(_)) => {}
            Err(error) => tracing::warn!(batch = batch_id, line, %error, "a line can't be settled"),
        }
    }
    if !due.is_empty() {
        ctx.app.db().write(Lane::Background, Done).await?;
    }
    Ok(done)
}

struct Done;

impl Command for Done {
    const NAME: &'static str = "payment.nontax_done";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::batches_done(tx).await?;
        Ok(())
    }
}

struct Line {
    app: App,
    stamp: Stamp,
    /// Ids of what follows for the order.
    settling: Stamp,
    of: (i64, i64),
}

impl Command for Line {
    const NAME: &'static str = "payment.nontax_settle";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let Some((order_id, code, amount, paid_at, voucher)) =
            store::row_open(tx, self.of.0, self.of.1).await?
        else {
            return Ok(());
        };
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, order_id).await?;
        let order = orders::order_by_id(tx, order_id)
            .await?
            .ok_or(Error::inconsistent("nontax_row.order_id"))?;
        let id = trail.id()?;
        let number = merchant_no(Purpose::Payment, trail.at(), id.unsigned_abs());
        let attempt = orders::AttemptInsert {
            id,
            order_id,
            channel: CHANNEL,
            merchant: CHANNEL,
            merchant_no: &number,
            way: "page",
            amount: order.amount,
            expires_at: order.expires_at,
            next_query_at: None,
            at: trail.at().micros(),
        };
        orders::attempt_insert(tx, &attempt).await?;
        let evidence = Evidence {
            source: Source::Offline,
            channel: CHANNEL.to_owned(),
            merchant: CHANNEL.to_owned(),
            merchant_no: number,
            news: News::Paid(PaidNews {
                channel_no: format!("{code}:{voucher}"),
                amount: Fen::new(amount),
                currency: CNY.to_owned(),
                paid_at: Timestamp::from_micros(paid_at),
            }),
        };
        let settled = Settle::new(&self.app, self.settling.clone(), evidence)
            .run(tx)
            .await?;
        if settled.attempt == Some(AttemptState::Created) {
            // Nothing was credited by it, and nobody is asked about it: what is wrong stands in the discrepancy.
            let (from, to) = (AttemptState::Created.code(), AttemptState::Closed.code());
            orders::attempt_set_state(tx, id, from, to, true).await?;
        }
        let outcome = outcome_code(&settled.outcome);
        store::row_settled(tx, self.of.0, self.of.1, outcome).await?;
        Ok(())
    }
}
