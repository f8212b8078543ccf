//! A person of finance closes a 异常单 with what was found out.

use db::{Command, Lane, Tx};
use domain::payment::ticket::TicketEvent;
use domain::staff::Permission;
use serde_json::json;

use super::store as tickets;
use super::{GONE, step};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Closes a discrepancy with what was found out.
///
/// # Errors
/// `Fields` under `note` if nothing is written down.
pub async fn resolve(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let note = crate::reason::read("note", note, 1..=500, "请写明核查结果，最多 500 个字")?;
    let row = tickets::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    step(&row, TicketEvent::Resolve)?;
    let command = Resolve {
        stamp: Stamp::of(ctx),
        id: row.id,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Resolve {
    stamp: Stamp,
    id: i64,
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
