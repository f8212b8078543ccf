//! Whose a 异常单 is. Who takes it says so; who goes away hands it on.

use db::{Command, Lane, Tx};
use domain::payment::ticket::TicketEvent;
use domain::staff::Permission;
use serde_json::json;

use super::store as tickets;
use super::{GONE, step};
use crate::staff::{self, Colleague};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Takes a discrepancy, whoever had it.
///
/// # Errors
/// `Conflict` if it is closed, or changed hands meanwhile.
pub async fn own_discrepancy(ctx: &Ctx, public_id: &str) -> Result<()> {
    let me = Some(ctx.staff()?.id);
    hand(ctx, public_id, TicketEvent::Take, me).await
}

/// Gives a discrepancy back, so that another takes it.
///
/// # Errors
/// `Conflict` if it is closed, or changed hands meanwhile.
pub async fn leave_discrepancy(ctx: &Ctx, public_id: &str) -> Result<()> {
    hand(ctx, public_id, TicketEvent::Leave, None).await
}

/// Who may be given a discrepancy: whoever has to do with money.
///
/// # Errors
/// `Forbidden` to who has nothing to do with it.
pub async fn owners(ctx: &Ctx) -> Result<Vec<Colleague>> {
    staff::colleagues(ctx, Permission::Finance).await
}

/// Gives a discrepancy to a colleague who has to do with money, whoever had it.
///
/// # Errors
/// `Fields` under `to` for nobody of these; `Conflict` if it is closed, or changed hands meanwhile.
pub async fn assign_discrepancy(ctx: &Ctx, public_id: &str, to: &str) -> Result<()> {
    let all = owners(ctx).await?;
    let one = all.into_iter().find(|one| one.public_id == to);
    let one = one.ok_or_else(|| Error::field("to", "请选择由谁负责"))?;
    hand(ctx, public_id, TicketEvent::Assign, Some(one.id)).await
}

async fn hand(ctx: &Ctx, public_id: &str, event: TicketEvent, to: Option<i64>) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let row = tickets::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    step(&row, event)?;
    let command = Hand {
        stamp: Stamp::of(ctx),
        id: row.id,
        from: row.owner_id,
        to,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Hand {
    stamp: Stamp,
    id: i64,
    from: Option<i64>,
    to: Option<i64>,
}

impl Command for Hand {
    const NAME: &'static str = "payment.own";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        if tickets::discrepancy_own(tx, self.id, self.from, self.to, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let object = Object {
            kind: "discrepancy",
            id: self.id,
            exam_id: 0,
        };
        let detail = json!({ "from": self.from, "to": self.to });
        // Somebody else was told to, which is another thing than taking it.
        let action = match self.to {
            Some(to) if to != self.stamp.actor_id() => "payment.assign",
            _ => "payment.own",
        };
        self.stamp.trail().audit(tx, action, object, detail).await
    }
}
