//! A list was paid back: one person enters day and voucher, another confirms, the timer settles it refund by refund.

use db::{Command, Crowd, Lane, Tx};
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Date;
use serde_json::json;

use super::super::{by_another, refund, work};
use super::store::{self, ListRow};
use super::{GONE, list, object};
use crate::{App, Ctx, Error, Result, Stamp};

/// Refunds settled in one round of the timer.
const ROUND: i64 = 50;

/// The first person: the voucher's number and the day.
///
/// # Errors
/// `Fields` for what is to be mended; `Conflict` once the list moved on.
pub async fn enter(ctx: &Ctx, public_id: &str, voucher_no: &str, paid_on: &str) -> Result<()> {
    let row = list(ctx, public_id).await?;
    let mut errors = FieldErrors::new();
    let voucher_no: String = domain::text::to_half_width(voucher_no)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(2..=40).contains(&voucher_no.len()) || !voucher_no.chars().all(fits) {
        errors.add(
            "voucher_no",
            "凭证号应为 2 至 40 位数字、字母或短横线，照着退库凭证填写",
        );
    }
    let made = domain::time::Timestamp::from_micros(row.made_at).date();
    let day = Date::parse_typed(paid_on);
    match day {
        None => errors.add("paid_on", "请填写退库日期"),
        Some(day) if day > ctx.at.date() => errors.add("paid_on", "退库日期不能晚于今天"),
        Some(day) if day < made => errors.add(
            "paid_on",
            format!("退库日期不能早于清单生成的 {}", made.to_chinese()),
        ),
        Some(_) => {}
    }
    errors.into_result()?;
    let command = Enter {
        stamp: Stamp::of(ctx),
        row,
        voucher_no,
        paid_on: day.ok_or(Error::inconsistent("a checked day"))?.to_string(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Enter {
    stamp: Stamp,
    row: ListRow,
    voucher_no: String,
    paid_on: String,
}

impl Command for Enter {
    const NAME: &'static str = "payment.treasury_enter";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let of = (self.row.id, self.row.version);
        let what = (self.voucher_no.as_str(), self.paid_on.as_str());
        let (by, at) = (trail.actor_id(), trail.at().micros());
        if store::list_enter(tx, of, what, by, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "voucher_no": self.voucher_no, "paid_on": self.paid_on, "rows": self.row.rows, "amount": self.row.amount });
        trail
            .audit(tx, "payment.treasury_enter", object(self.row.id), detail)
            .await
    }
}

/// The second person confirms that the list was paid back, or doesn't, with a reason.
///
/// # Errors
/// `Refused` to who entered it; `Fields` under `note` for a no without a reason.
pub async fn decide(ctx: &Ctx, public_id: &str, confirm: bool, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::second_word(note, confirm, 500, "不予确认")?;
    let row = list(ctx, public_id).await?;
    let enterer = row.entered_by.filter(|_| row.state == "entered");
    let enterer = enterer.ok_or(Error::Conflict(GONE))?;
    by_another(enterer, ctx.actor.id(), "复核", "登记和复核")?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        row,
        confirm,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    row: ListRow,
    confirm: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.treasury_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let to = if self.confirm { "paid" } else { "listed" };
        let of = (self.row.id, self.row.version);
        let by = (trail.actor_id(), self.note.as_str());
        if store::list_decide(tx, of, to, by, trail.at().micros()).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        tx.wake(work::TOPIC);
        let detail = json!({ "to": to, "note": self.note, "voucher_no": self.row.voucher_no });
        trail
            .audit(tx, "payment.treasury_decide", object(self.row.id), detail)
            .await
    }
}

/// Settles refunds of confirmed lists; how many.
pub(in crate::payment) async fn settle_due(ctx: &Ctx) -> Result<usize> {
    let due = store::lines_due(&mut ctx.app.db().scan(Crowd::System), ROUND).await?;
    let mut done = 0;
    for (refund_id,) in &due {
        let command = Line {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            refund_id: *refund_id,
        };
        match ctx.app.db().write(Lane::Background, command).await {
            // The order was moved by somebody else meanwhile: the next round has it.
            Ok(()) => done += 1,
            Err(Error::Conflict(_)) => {}
            Err(error) => {
                tracing::warn!(refund = refund_id, %error, "a refund by the treasury can't be settled");
            }
        }
    }
    Ok(done)
}

struct Line {
    app: App,
    stamp: Stamp,
    refund_id: i64,
}

impl Command for Line {
    const NAME: &'static str = "payment.treasury_settle";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        // First: of two who settle its last refunds at once, neither would see what the other has done, and it would stay open for ever.
        if store::list_hold(tx, self.refund_id).await? == 0 {
            return Ok(());
        }
        let Some((voucher, day)) = store::line_open(tx, self.refund_id).await? else {
            return Ok(());
        };
        let day = Date::parse_typed(&day).ok_or(Error::inconsistent("treasury_list.paid_on"))?;
        let how = (voucher, day.start());
        refund::paid_by_hand(tx, &self.app, &self.stamp, self.refund_id, how).await?;
        store::line_done(tx, self.refund_id, self.stamp.at.micros()).await?;
        store::list_done(tx, self.refund_id).await?;
        Ok(())
    }
}
