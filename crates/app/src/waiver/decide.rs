//! Finance's word about a waiver.

use db::{Command, Lane, Tx};
use domain::application::Event;
use domain::exam::Phase;
use domain::money::Fen;
use domain::payment::{WaiverEvent, number};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::{CHANGED, WaiverRow, gate, state, store};
use crate::application::{self, ApplicationRow};
use crate::exam::Exam;
use crate::message::{self, Notice, Sms};
use crate::payment::{self, Owed};
use crate::{App, Ctx, Error, Result, Stamp, Trail};

/// What a grant came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// Nothing was paid yet: the candidate pays less, or nothing.
    Now,
    /// It was paid: the refund waits for a second person.
    Proposed,
}

async fn find(ctx: &Ctx, public_id: &str) -> Result<WaiverRow> {
    store::waiver_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Grants a waiver. What the candidate has begun at a channel is asked about and closed there first: he may have paid.
///
/// # Errors
/// `Refused` while a payment is in doubt, and where nothing can be granted any more.
pub async fn grant(ctx: &Ctx, public_id: &str, note: &str) -> Result<Granted> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::read("note", note, 0..=500, "最多 500 个字")?;
    let row = find(ctx, public_id).await?;
    payment::close_begun(ctx, row.application_id).await?;
    let command = Grant {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Grant {
    app: App,
    stamp: Stamp,
    row: WaiverRow,
    note: String,
}

impl Command for Grant {
    const NAME: &'static str = "waiver.grant";
    type Out = Granted;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Granted> {
        let mut trail = self.stamp.trail();
        let row = application::store::application_by_id(tx, self.row.application_id)
            .await?
            .ok_or(Error::inconsistent("fee_waiver.application_id"))?;
        if row.life != "live" {
            return Err(no("报名已终止，不能再减免。"));
        }
        let owed = payment::owed(tx, row.id).await?;
        let (event, full) = match &owed {
            Owed::Nothing | Owed::Open => (WaiverEvent::Grant, row.fee),
            Owed::Paid { amount, .. } => (WaiverEvent::Propose, *amount),
            Owed::Busy(why) => return Err(no(why)),
        };
        let off = self.row.waiver()?.off(Fen::new(full)).get();
        if off == 0 {
            return Err(no("这项报名没有可减免的费用。"));
        }
        step(tx, &mut trail, &self.row, event, &self.note).await?;
        store::waiver_count(tx, self.row.id, full, off).await?;
        let detail =
            json!({ "category": self.row.category, "fee": full, "off": off, "note": self.note });
        trail
            .audit(tx, "waiver.grant", self.row.object(), detail)
            .await?;
        if let Owed::Paid { order, .. } = &owed {
            let refund = payment::ask_back(tx, &mut trail, order, off).await?;
            store::waiver_refund(tx, self.row.id, Some(refund)).await?;
            return Ok(Granted::Proposed);
        }
        let exam = crate::exam::find_in(tx, &self.app, row.exam_id).await?;
        let until = last_day(tx, &exam, &row, trail.at()).await?;
        if off < full {
            lower(tx, &mut trail, &row, full - off, until).await?;
        } else if row.payment != "due" {
            // Nothing of the application changes, but who reviews it at the same time must see it: once approved, it would owe the fee.
            if application::store::fee_put(tx, row.id, row.version, row.fee).await? == 0 {
                return Err(CHANGED);
            }
        } else {
            application::advance(tx, &mut trail, &self.app, row.id, Event::Waive, "").await?;
        }
        let told = granted(
            &exam,
            &self.row,
            (full, off),
            (row.payment == "due").then_some(until),
        );
        message::notify(tx, &mut trail, &self.app, row.account_id, &told).await?;
        Ok(Granted::Now)
    }
}

/// Moves a waiver by the word of the asker.
async fn step(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    row: &WaiverRow,
    event: WaiverEvent,
    note: &str,
) -> Result<()> {
    let was = state(row)?;
    let next = was.on(event).map_err(|_| CHANGED)?;
    let (of, by) = ((row.id, row.version), Some((trail.actor_id(), note)));
    let at = trail.at().micros();
    if store::waiver_move(tx, of, (was.code(), next.code()), by, at).await? == 0 {
        return Err(CHANGED);
    }
    Ok(())
}

fn no(text: &str) -> Error {
    Error::refused("waiver_impossible", "不能减免", text)
}

/// The fee of an application goes down; its order, if one is open, is replaced.
async fn lower(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    row: &ApplicationRow,
    fee: i64,
    until: i64,
) -> Result<()> {
    if application::store::fee_put(tx, row.id, row.version, fee).await? == 0 {
        return Err(CHANGED);
    }
    if row.payment != "due" {
        return Ok(());
    }
    payment::replace(tx, trail, row, fee, until).await
}

/// Until when somebody may pay about whom is decided now.
async fn last_day(tx: &mut Tx, exam: &Exam, row: &ApplicationRow, at: Timestamp) -> Result<i64> {
    let close = exam
        .window(Phase::Payment)
        .map_or(0, |window| window.close().micros());
    let grace = gate::until(tx, row.id).await?.unwrap_or(at.micros());
    Ok(close.max(grace))
}

fn sms(exam: &Exam, text: &str) -> Option<Sms> {
    Some(Sms {
        template: "waiver_decided",
        params: vec![("exam", exam.title().to_owned()), ("text", text.to_owned())],
    })
}

/// `until`: when a rest is due, if one is due now.
pub(super) fn granted(
    exam: &Exam,
    row: &WaiverRow,
    (full, off): (i64, i64),
    until: Option<i64>,
) -> Notice {
    let off_yuan = Fen::new(off).yuan();
    let body = if off >= full {
        format!("按“{}”减免 {off_yuan} 元，您不需要再缴费。", row.category)
    } else {
        let rest = Fen::new(full - off).yuan();
        let by = until.map_or_else(String::new, |at| {
            format!(
                "请在 {} 前缴费，逾期未缴视为放弃报名。",
                Timestamp::from_micros(at).to_chinese_short()
            )
        });
        format!(
            "按“{}”减免 {off_yuan} 元，应缴 {rest} 元。{by}",
            row.category
        )
    };
    Notice {
        kind: "payment",
        title: format!("减免申请已通过：{}", exam.title()),
        sms: sms(exam, &body),
        body,
        link: "/payments".to_owned(),
    }
}

/// Of a fee that was paid: what goes back.
pub(super) fn granted_back(exam: &Exam, row: &WaiverRow, amount: i64, order_no: &str) -> Notice {
    let body = format!(
        "按“{}”减免，缴费单 {} 的 {} 元正在退回，进度见缴费单。报名继续有效。",
        row.category,
        number::grouped(order_no),
        Fen::new(amount).yuan()
    );
    Notice {
        kind: "payment",
        title: format!("减免申请已通过：{}", exam.title()),
        sms: sms(exam, &body),
        body,
        link: "/payments".to_owned(),
    }
}

/// Refuses a waiver with a reason. Whoever owes the fee may still pay it, for two days at least.
///
/// # Errors
/// `Fields` under `note` without a reason.
pub async fn reject(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let hint = "请写明不同意的原因和怎样补正，4 至 500 个字，考生会看到";
    let note = crate::reason::read("note", note, 4..=500, hint)?;
    let command = Reject {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row: find(ctx, public_id).await?,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Reject {
    app: App,
    stamp: Stamp,
    row: WaiverRow,
    note: String,
}

impl Command for Reject {
    const NAME: &'static str = "waiver.reject";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = self.row.application_id;
        let row = application::store::application_by_id(tx, id)
            .await?
            .ok_or(Error::inconsistent("fee_waiver.application_id"))?;
        step(tx, &mut trail, &self.row, WaiverEvent::Reject, &self.note).await?;
        let detail = json!({ "category": self.row.category, "note": self.note });
        trail
            .audit(tx, "waiver.reject", self.row.object(), detail)
            .await?;
        let exam = crate::exam::find_in(tx, &self.app, row.exam_id).await?;
        let until = last_day(tx, &exam, &row, trail.at()).await?;
        let due = row.life == "live" && row.payment == "due";
        if due {
            payment::replace(tx, &mut trail, &row, row.fee, until).await?;
        }
        let window = domain::payment::waiver::window(exam.windows());
        let open = window.filter(|window| window.contains(trail.at()));
        let again = open.map_or_else(String::new, |window| {
            format!(
                "{} 前可以补充材料重新申请。",
                window.close().to_chinese_short()
            )
        });
        let pay = if due {
            format!(
                "请在 {} 前缴费，逾期未缴视为放弃报名。",
                Timestamp::from_micros(until).to_chinese_short()
            )
        } else {
            String::new()
        };
        let reason = self.note.trim_end_matches('。');
        let body = format!("原因：{reason}。{again}{pay}");
        let told = Notice {
            kind: "payment",
            title: format!("减免申请未通过：{}", exam.title()),
            sms: sms(&exam, &body),
            body,
            link: format!("/applications/{}/waiver", row.public_id),
        };
        message::notify(tx, &mut trail, &self.app, row.account_id, &told).await
    }
}
