//! The collection bank's list, once it is read in: confirmed by a second person, settled line by line.

use db::{Command, Crowd, Lane, Tx};
use domain::money::Fen;
use domain::payment::AttemptState;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::nontax::{BatchEvent, identity, stored_identity};
use domain::payment::number::{Purpose, merchant_no};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::super::by_another;
use super::super::settle::{Settle, outcome_code};
use super::super::store as orders;
use super::super::work;
use super::CHANNEL;
use super::store::{self, BatchRow, PaidRow};
use super::strange;
use super::stuck;
use crate::{App, Ctx, Error, Object, Result, Stamp, Trouble};

/// Lines settled in one round of the timer.
const ROUND: usize = 50;
/// Lists shown at once.
const SHOWN: i64 = 50;
/// What becomes of a line that another list had.
const TOLD_BEFORE: &str = "told_before";

pub(super) fn object(id: i64) -> Object {
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
    /// Lines that can't be, of which somebody must find out why.
    pub stuck: i64,
    /// Lines whose code is an order's, and what they come to.
    pub ours: (i64, i64),
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
    let counted = store::rows_counted(&mut scan, row.id).await?;
    Ok(Batch {
        row,
        differ: counted.differ,
        settled: counted.settled,
        stuck: counted.stuck,
        ours: (counted.lines, counted.amount),
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
    if row.is_reading() {
        return Err(Error::refused(
            "nontax_reading",
            "清单还在读入",
            "全部读入后才能复核，请稍后刷新。",
        ));
    }
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
        let told = Error::Conflict("这份清单已有结果，请刷新查看");
        let event = if self.confirm {
            BatchEvent::Confirm
        } else {
            BatchEvent::Refuse
        };
        let Some(row) = store::batch_by_id(tx, self.id).await? else {
            return Err(told);
        };
        let Some(Ok(to)) = row.standing().map(|standing| standing.on(event)) else {
            return Err(told);
        };
        let by = (trail.actor_id(), self.note.as_str());
        if store::batch_decide(tx, self.id, to.code(), by, trail.at().micros()).await? == 0 {
            return Err(told);
        }
        if self.confirm {
            strange::tell(tx, &mut trail, &row).await?;
        }
        tx.wake(work::TOPIC);
        let detail = json!({ "to": to.code(), "note": self.note });
        trail
            .audit(tx, "payment.nontax_decide", object(self.id), detail)
            .await
    }
}

/// Settles lines of confirmed lists; how many. One that can't be settled stands in no other's way: the round goes on behind
/// it, to the last line if need be, and it waits until somebody has found out why.
pub(in crate::payment) async fn settle_due(ctx: &Ctx) -> Result<usize> {
    let limit = i64::try_from(ROUND).unwrap_or(i64::MAX);
    let (mut done, mut behind) = (0, (0, 0));
    let mut asks = true;
    while done < ROUND {
        let due = store::rows_due(&mut ctx.app.db().scan(Crowd::System), behind, limit).await?;
        let Some(last) = due.last() else {
            break;
        };
        behind = *last;
        for of in &due {
            let Err(error) = settle_line(ctx, *of).await else {
                done += 1;
                continue;
            };
            tracing::warn!(batch = of.0, line = of.1, %error, "a line can't be settled");
            // It isn't the line, and the next one would fare no better.
            if is_away(&error) {
                return Ok(done);
            }
            asks = asks && stuck::ask(ctx, *of, &error).await;
        }
        if due.len() < ROUND {
            break;
        }
    }
    // Asked for anew each time: who settled a list's last line may have died before he could say so.
    if store::batch_over(&mut ctx.app.db().scan(Crowd::System)).await? {
        ctx.app.db().write(Lane::Background, Done).await?;
    }
    Ok(done)
}

/// Settles one line. Who moves its application at this moment is given way to; what is in the way after that stays there.
async fn settle_line(ctx: &Ctx, of: (i64, i64)) -> Result<()> {
    let mut tries = 0;
    loop {
        let command = Line {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            settling: Stamp::of(ctx),
            of,
        };
        match ctx.app.db().write(Lane::Background, command).await {
            Err(Error::Conflict(_)) if tries < 3 => tries += 1,
            answer => return answer,
        }
    }
}

/// Nothing can be stored now, whatever it is.
fn is_away(error: &Error) -> bool {
    matches!(error, Error::Busy(_))
        || matches!(
            error.trouble(),
            Some(Trouble::Full | Trouble::Away | Trouble::Slow)
        )
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
        // As read, for people to find it in the bank's papers.
        let channel_no = format!("{code}:{voucher}");
        // A list may go over days that another one told of: what was settled then is not another payment, even if a
        // spreadsheet dropped zeros of it in one of them. A code is one order's, so all that it paid is there.
        let payment = Some(identity(&code, &voucher));
        let attempts = orders::attempts_of(tx, order_id).await?;
        let told = attempts.iter().any(|row| {
            let stored = row.channel_no.as_deref().and_then(stored_identity);
            row.channel == CHANNEL && stored == payment
        });
        if told {
            store::row_settled(tx, self.of.0, self.of.1, TOLD_BEFORE).await?;
            return Ok(());
        }
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
                channel_no,
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
