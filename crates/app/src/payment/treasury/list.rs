//! Lists for the fiscal office: made of what waits, and what is taken off again.

use db::{Command, Crowd, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use super::store::{self, LineRow, ListRow};
use super::{GONE, object};
use crate::{Ctx, Error, Result, Stamp};

/// Lists shown at once.
const SHOWN: i64 = 50;
/// Refunds on one list.
const MOST: i64 = 2_000;

/// What there is.
#[derive(Debug, Clone)]
pub struct Treasury {
    /// Refunds that wait for a list; 2,000 stands for more.
    pub waiting: i64,
    /// Their sum in 分.
    pub amount: i64,
    /// The lists, the newest first.
    pub lists: Vec<ListRow>,
}

/// What waits, and the newest lists.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn overview(ctx: &Ctx) -> Result<Treasury> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (waiting, amount) = store::waiting(&mut scan).await?;
    Ok(Treasury {
        waiting,
        amount,
        lists: store::lists(&mut scan, SHOWN).await?,
    })
}

/// One list.
///
/// # Errors
/// `NotFound`.
pub async fn list(ctx: &Ctx, public_id: &str) -> Result<ListRow> {
    ctx.allow(Permission::Finance)?;
    let row = store::list_by_public_id(&mut ctx.app.db().read(), public_id).await?;
    row.ok_or(Error::NotFound)
}

/// Refunds of a list (0: those that wait for one), from behind one on.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn lines(ctx: &Ctx, list_id: i64, after: i64, limit: i64) -> Result<Vec<LineRow>> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::lines(&mut scan, list_id, after, limit).await?)
}

/// Makes a list of everything that waits, at most [`MOST`] refunds. The public id of it.
///
/// # Errors
/// `Refused` when nothing waits.
pub async fn make(ctx: &Ctx) -> Result<String> {
    ctx.allow(Permission::Finance)?;
    let command = Make {
        stamp: Stamp::of(ctx),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Make {
    stamp: Stamp,
}

impl Command for Make {
    const NAME: &'static str = "payment.treasury_make";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let (by, at) = (trail.actor_id(), trail.at().micros());
        store::list_insert(tx, (id, &public_id), by, at).await?;
        store::lines_take(tx, id, at).await?;
        let (rows, amount) = store::counted(tx, id).await?;
        if rows == 0 {
            return Err(Error::refused(
                "nothing_waits",
                "没有要退库的退款",
                "已缴库的款批准退款以后，会出现在这里。",
            ));
        }
        debug_assert!(rows <= MOST, "the statement takes no more");
        store::list_total(tx, id, (rows, amount)).await?;
        let detail = json!({ "rows": rows, "amount": amount });
        trail
            .audit(tx, "payment.treasury_list", object(id), detail)
            .await?;
        Ok(public_id)
    }
}

/// Takes a refund off a list that isn't entered as paid: it waits for the next one. `true`: nothing was left, and the list is gone.
///
/// # Errors
/// `Fields` under `note` without a reason; `Conflict` once the list moved on.
pub async fn take_off(ctx: &Ctx, list: &str, refund_id: i64, note: &str) -> Result<bool> {
    let row = self::list(ctx, list).await?;
    let note = crate::reason::read("note", note, 4..=200, "请写明移出的原因，4 至 200 个字")?;
    let command = Off {
        stamp: Stamp::of(ctx),
        list: row.id,
        version: row.version,
        refund_id,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Off {
    stamp: Stamp,
    list: i64,
    version: i64,
    refund_id: i64,
    note: String,
}

impl Command for Off {
    const NAME: &'static str = "payment.treasury_off";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let mut trail = self.stamp.trail();
        // First, so that nobody enters it as paid, or takes another one off, until this is done.
        if store::list_lock(tx, (self.list, self.version)).await? == 0
            || store::line_off(tx, self.list, self.refund_id).await? == 0
        {
            return Err(Error::Conflict(GONE));
        }
        let total = store::counted(tx, self.list).await?;
        let done = if total.0 == 0 {
            store::list_drop(tx, self.list).await?
        } else {
            store::list_total(tx, self.list, total).await?
        };
        if done == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "refund": self.refund_id, "note": self.note });
        trail
            .audit(tx, "payment.treasury_off", object(self.list), detail)
            .await?;
        Ok(total.0 == 0)
    }
}
