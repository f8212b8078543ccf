//! A person of finance closes a 异常单 with what was found out. A line of a bank's list that couldn't be settled is tried again then.

use db::{Command, Crowd, Lane, Tx};
use domain::payment::ticket::TicketEvent;
use domain::staff::Permission;
use serde_json::json;

use super::super::{by_another, nontax, offline};
use super::store as tickets;
use super::{GONE, step};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Closes a discrepancy with what was found out.
///
/// # Errors
/// `Fields` under `note` if nothing is written down; `Refused` for who has the money in hand that it is about.
pub async fn resolve(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::read("note", note, 1..=500, "请写明核查结果，最多 500 个字")?;
    let row = tickets::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    step(&row, TicketEvent::Resolve)?;
    // Nobody says alone that money went back which no book knows of.
    let keeper = offline::keeper(&mut ctx.app.db().scan(Crowd::Staff), &row).await?;
    if let Some(keeper) = keeper {
        by_another(keeper, ctx.actor.id(), "结案", "收款和结案")?;
    }
    let command = Resolve {
        stamp: Stamp::of(ctx),
        id: row.id,
        line: (row.kind == nontax::STUCK).then_some((row.order_id, row.merchant_no)),
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Resolve {
    stamp: Stamp,
    id: i64,
    /// The order and the number of the payment that waits for the answer.
    line: Option<(i64, String)>,
    note: String,
}

impl Command for Resolve {
    const NAME: &'static str = "payment.resolve";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        if tickets::discrepancy_resolve(tx, self.id, by, at, &self.note).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        if let Some((order_id, number)) = &self.line {
            nontax::try_again(tx, (*order_id, number)).await?;
        }
        let object = Object {
            kind: "discrepancy",
            id: self.id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "payment.resolve", object, json!({}))
            .await
    }
}
