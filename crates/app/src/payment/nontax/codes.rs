//! Codes: asked for by candidates, given by the fiscal office.

use db::{Command, Crowd, Lane, Tx};
use domain::exam::table::RowProblem;
use domain::money::Fen;
use domain::payment::nontax::{Given, grouped, read_given};
use domain::staff::Permission;
use serde_json::json;

use super::super::store as orders;
use super::super::{debt, order_state};
use super::store::{self, CodeRow, WaitingCode};
use super::{Uploaded, at, first_sheet, taken};
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
    Ok(store::codes_waiting(&mut scan, after.unwrap_or(0), limit).await?)
}

/// Codes in one commit.
const GIVEN: usize = 50;

/// Takes the codes that the fiscal office gave: all of the file or none. How many orders got one.
///
/// # Errors
/// `Fields` under `file` for a file that can't be read.
pub async fn give(ctx: &Ctx, bytes: &[u8]) -> Result<Uploaded<usize>> {
    ctx.allow(Permission::Finance)?;
    let sheet = first_sheet(bytes).await?;
    let given = match read_given(&sheet) {
        Ok(given) => given,
        Err(problems) => return Ok(Uploaded::Bad(problems)),
    };
    let mut found = Vec::new();
    let mut problems: Vec<RowProblem> = Vec::new();
    let mut read = ctx.app.db().read();
    for one in given {
        let wrong = match store::order_waiting(&mut read, &one.order_no).await? {
            None => Some("没有这个缴费单号"),
            Some((.., 0, _)) => Some("这张缴费单没有在等缴款码，或者已经有缴款码"),
            Some((id, account, _, order)) => {
                if store::order_of_code(&mut read, &one.code).await?.is_some() {
                    Some("这个缴款码已经给了另一张缴费单")
                } else {
                    found.push((id, account, order, one.clone()));
                    None
                }
            }
        };
        if let Some(wrong) = wrong {
            problems.push(at(one.line, "缴费单号", &one.order_no, wrong));
        }
    }
    if !problems.is_empty() {
        return Ok(Uploaded::Bad(problems));
    }
    let count = found.len();
    for chunk in found.chunks(GIVEN) {
        let rows = u32::try_from(chunk.len() * 4).unwrap_or(u32::MAX);
        let command = Give {
            app: ctx.app.clone(),
            stamp: Stamp::for_rows(ctx, rows),
            given: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(Uploaded::Taken(count))
}

struct Give {
    app: App,
    stamp: Stamp,
    /// Order, account, the order's public id, what the file says.
    given: Vec<(i64, i64, String, Given)>,
}

impl Command for Give {
    const NAME: &'static str = "payment.nontax_give";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        for (id, account, public_id, one) in &self.given {
            let now = trail.at().micros();
            // Given by another upload meanwhile: that one counts.
            if store::code_give(tx, *id, &one.code, now).await? == 0 {
                continue;
            }
            let order = orders::order_by_id(tx, *id).await?.ok_or(Error::NotFound)?;
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
                link: format!("/payments/{public_id}"),
            };
            message::notify(tx, &mut trail, &self.app, *account, &notice).await?;
        }
        let object = Object {
            kind: "nontax_batch",
            id: 0,
            exam_id: 0,
        };
        let detail = json!({ "rows": self.given.len() });
        trail.audit(tx, "payment.nontax_give", object, detail).await
    }
}
