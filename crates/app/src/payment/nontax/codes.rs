//! Codes: asked for by candidates, given by the fiscal office.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};
use domain::exam::table::RowProblem;
use domain::money::Fen;
use domain::payment::OrderState;
use domain::payment::nontax::{Given, grouped, read_given};
use domain::staff::Permission;
use serde_json::json;

use super::super::store as orders;
use super::super::{debt, order_state};
use super::code_store::{self as store, CodeRow, NamedOrder, WaitingCode};
use super::{CHUNK, Uploaded, at, first_sheet, taken};
use crate::message::{self, Notice, Sms};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The candidate asks for a code of an order that he owes.
///
/// # Errors
/// `Refused` where none are given, or the order takes no money.
pub async fn ask(ctx: &Ctx, order: &str) -> Result<()> {
    let account_id = ctx.candidate()?;
    let row = orders::order_by_public_id(&mut ctx.app.db().read(), order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let exam = crate::exam::find_by_id(&ctx.app, row.exam_id).await?;
    let open = order_state(&row)?.is_open() && debt::takes_money(&exam, row.expires_at, ctx.at);
    if !taken(&exam) || !open {
        return Err(Error::refused(
            "nontax_closed",
            "现在不能申请缴款码",
            "这项考试没有开通缴款码缴费，或者这张缴费单现在不能支付。",
        ));
    }
    let command = Ask {
        stamp: Stamp::of(ctx),
        of: (row.id, row.exam_id),
        order_no: row.order_no,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Ask {
    stamp: Stamp,
    of: (i64, i64),
    order_no: String,
}

impl Command for Ask {
    const NAME: &'static str = "payment.nontax_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if store::code_ask(tx, self.of, trail.at().micros()).await? == 0 {
            return Ok(());
        }
        let object = Object {
            kind: "payment_order",
            id: self.of.0,
            exam_id: self.of.1,
        };
        let detail = json!({ "order_no": self.order_no });
        trail.audit(tx, "payment.nontax_ask", object, detail).await
    }
}

/// The code of an order of the asking candidate; `None` if he asked for none.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn of_order(ctx: &Ctx, order: &str) -> Result<Option<CodeRow>> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let row = orders::order_by_public_id(&mut read, order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    Ok(store::code_of(&mut read, row.id).await?)
}

/// Orders that wait for a code, from behind one on.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn waiting(ctx: &Ctx, after: Option<i64>, limit: i64) -> Result<Vec<WaitingCode>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let from = after.unwrap_or(0);
    Ok(store::codes_waiting(&mut scan, from, ctx.at.micros(), limit).await?)
}

/// Codes in one commit.
const GIVEN: usize = 50;

/// What came of a file of codes: orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodesTaken {
    /// That got their code and were told of it.
    pub given: usize,
    /// That had it: from the part of the same file that was taken before it was cut short.
    pub before: usize,
    /// That are paid or closed: they got none, and nobody is asked to pay.
    pub left_out: usize,
    /// Numbers of those whose time to pay is over: they got none either.
    pub late: Vec<String>,
}

/// An order and the code that it gets.
#[derive(Debug, Clone)]
struct Due {
    order_id: i64,
    code: String,
}

/// What a file of codes comes to.
#[derive(Debug, Default)]
struct Found {
    due: Vec<Due>,
    /// Orders that have their code.
    before: usize,
}

/// Takes the codes that the fiscal office gave: all of the file or none. Once more it goes on where it was cut short.
///
/// # Errors
/// `Fields` under `file` for a file that can't be read.
pub async fn give(ctx: &Ctx, bytes: &[u8]) -> Result<Uploaded<CodesTaken>> {
    ctx.allow(Permission::Finance)?;
    let sheet = first_sheet(bytes).await?;
    let given = match read_given(&sheet) {
        Ok(given) => given,
        Err(problems) => return Ok(Uploaded::Bad(problems)),
    };
    let Found { mut due, before } = match looked_up(ctx, &given).await? {
        Ok(found) => found,
        Err(problems) => return Ok(Uploaded::Bad(problems)),
    };
    let mut taken = CodesTaken {
        before,
        ..CodesTaken::default()
    };
    // Two files at once lock their orders in the same order.
    due.sort_by_key(|one| one.order_id);
    for chunk in due.chunks(GIVEN) {
        let rows = u32::try_from(chunk.len() * 4).unwrap_or(u32::MAX);
        let command = Give {
            app: ctx.app.clone(),
            stamp: Stamp::for_rows(ctx, rows),
            due: chunk.to_vec(),
        };
        let done = ctx.app.db().write(Lane::Background, command).await?;
        taken.given += done.given;
        taken.before += done.before;
        taken.left_out += done.left_out;
        taken.late.extend(done.late);
    }
    if taken.given == 0 && taken.left_out == 0 && taken.late.is_empty() {
        return Ok(Uploaded::Again(taken));
    }
    Ok(Uploaded::Taken(taken))
}

/// Looks the orders of a file up: what it comes to, or what is wrong with it.
async fn looked_up(
    ctx: &Ctx,
    given: &[Given],
) -> Result<std::result::Result<Found, Vec<RowProblem>>> {
    let (mut found, mut problems) = (Found::default(), Vec::new());
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    for chunk in given.chunks(CHUNK) {
        let rows = chunk.iter().map(|one| json!([one.order_no, one.code]));
        let rows = serde_json::Value::Array(rows.collect()).to_string();
        let named = store::orders_named(&mut scan, &rows).await?;
        let named: BTreeMap<&str, &NamedOrder> = named
            .iter()
            .map(|row| (row.order_no.as_str(), row))
            .collect();
        for one in chunk {
            let wrong = match named.get(one.order_no.as_str()) {
                None => "没有这个缴费单号",
                // Given by this file before it was cut short.
                Some(row) if row.code.as_ref() == Some(&one.code) => {
                    found.before += 1;
                    continue;
                }
                Some(row) if row.asked_at.is_none() || row.code.is_some() => {
                    "这张缴费单没有在等缴款码，或者已经有缴款码"
                }
                Some(row) if row.holder.is_some() => "这个缴款码已经给了另一张缴费单",
                Some(row) => {
                    found.due.push(Due {
                        order_id: row.id,
                        code: one.code.clone(),
                    });
                    continue;
                }
            };
            problems.push(at(one.line, "缴费单号", &one.order_no, wrong));
        }
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    Ok(Ok(found))
}

/// A file of codes may come so long after it was asked for.
const DAYS: i64 = 30;

/// Drops requests that nobody can answer any more.
pub(in crate::payment) async fn drop_unwanted(ctx: &Ctx) -> Result<usize> {
    let before = ctx.app.now().plus_days(-DAYS).micros();
    let mut scan = ctx.app.db().scan(Crowd::System);
    if !store::code_unwanted(&mut scan, before).await? {
        return Ok(0);
    }
    let dropped = ctx.app.db().write(Lane::Background, Drop { before });
    Ok(usize::try_from(dropped.await?).unwrap_or(usize::MAX))
}

struct Drop {
    before: i64,
}

impl Command for Drop {
    const NAME: &'static str = "payment.nontax_drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::codes_drop(tx, self.before).await?)
    }
}

struct Give {
    app: App,
    stamp: Stamp,
    due: Vec<Due>,
}

impl Command for Give {
    const NAME: &'static str = "payment.nontax_give";
    type Out = CodesTaken;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<CodesTaken> {
        let mut trail = self.stamp.trail();
        let (mut taken, now) = (CodesTaken::default(), trail.at().micros());
        for one in &self.due {
            // Whoever pays, voids or closes it at this moment does it before, or finds the code given.
            orders::order_lock(tx, one.order_id).await?;
            let order = orders::order_by_id(tx, one.order_id)
                .await?
                .ok_or(Error::NotFound)?;
            let state = order_state(&order)?;
            let exam = crate::exam::find_in(tx, &self.app, order.exam_id).await?;
            // The timer closes it later, and much later what somebody has begun to pay or asked a waiver for.
            let over = now >= debt::deadline(&exam, order.expires_at);
            if state == OrderState::Expired || (state.is_open() && over) {
                taken.late.push(order.order_no);
                continue;
            }
            if !state.is_open() {
                taken.left_out += 1;
                continue;
            }
            // Given by another upload meanwhile: that one counts.
            if store::code_give(tx, one.order_id, &one.code, now).await? == 0 {
                taken.before += 1;
                continue;
            }
            taken.given += 1;
            let body = format!(
                "缴费单 {} 的缴款码为 {}，金额 {} 元，请在支付截止前缴款。",
                domain::payment::number::grouped(&order.order_no),
                grouped(&one.code),
                Fen::new(order.amount).yuan()
            );
            let notice = Notice {
                kind: "payment",
                title: "缴款码已生成".to_owned(),
                sms: Some(Sms {
                    template: "payment_code",
                    params: vec![("text", body.clone())],
                }),
                body,
                link: format!("/payments/{}", order.public_id),
            };
            message::notify(tx, &mut trail, &self.app, order.account_id, &notice).await?;
        }
        let object = Object {
            kind: "nontax_batch",
            id: 0,
            exam_id: 0,
        };
        let detail = json!({
            "rows": taken.given, "left_out": taken.left_out, "too_late": taken.late.len(),
        });
        trail
            .audit(tx, "payment.nontax_give", object, detail)
            .await?;
        Ok(taken)
    }
}
