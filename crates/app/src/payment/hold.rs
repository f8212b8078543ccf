//! 核查中: what becomes of an order that was looked into, proposed on its 异常单 by one person of finance and decided by another.

use db::{Command, Lane, Tx};
use domain::payment::hold::{Held, Release};
use domain::payment::{AttemptState, OrderState};
use domain::staff::Permission;
use serde_json::json;

use super::book_store::{self as books, DiscrepancyRow};
use super::store::{self, AttemptRow, OrderRow};
use super::{attempt_state, order_state};
use crate::{Ctx, Error, Object, Result, Stamp};

const GONE: &str = "这条异常刚有变化，请刷新查看";

/// An 异常单 with what can be done about it.
#[derive(Debug, Clone)]
pub struct Question {
    /// It.
    pub row: DiscrepancyRow,
    /// The state of its order, if it has one.
    pub order: Option<OrderState>,
    /// What its order may become by two people.
    pub possible: Vec<Release>,
    /// What is proposed.
    pub proposed: Option<Release>,
    /// Who proposed it.
    pub proposer: String,
}

fn held(order: &OrderRow, attempts: &[AttemptRow]) -> Result<Held> {
    let mut open = false;
    let mut credited = false;
    for attempt in attempts {
        let state = attempt_state(attempt)?;
        open |= !state.is_final();
        credited |= state == AttemptState::Succeeded && order.credited_attempt == Some(attempt.id);
    }
    Ok(Held {
        state: order_state(order)?,
        credited,
        open,
    })
}

async fn find(ctx: &Ctx, public_id: &str) -> Result<DiscrepancyRow> {
    ctx.allow(Permission::Finance)?;
    books::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// One 异常单.
///
/// # Errors
/// `NotFound`.
pub async fn question(ctx: &Ctx, public_id: &str) -> Result<Question> {
    let row = find(ctx, public_id).await?;
    let mut read = ctx.app.db().read();
    let order = store::order_by_id(&mut read, row.order_id).await?;
    let (state, possible) = match &order {
        Some(order) => {
            let attempts = store::attempts_of(&mut read, order.id).await?;
            let held = held(order, &attempts)?;
            (Some(held.state), Release::possible(held).collect())
        }
        None => (None, Vec::new()),
    };
    let proposer = match row.proposed_by {
        Some(by) => crate::staff::name_of(ctx, by).await?,
        None => String::new(),
    };
    Ok(Question {
        order: state,
        possible: if row.state == "open" {
            possible
        } else {
            Vec::new()
        },
        proposed: row.proposal.as_deref().and_then(Release::from_code),
        proposer,
        row,
    })
}

fn object(id: i64) -> Object {
    Object {
        kind: "discrepancy",
        id,
        exam_id: 0,
    }
}

/// The first person proposes what is to become of the order.
///
/// # Errors
/// `Fields` under `release` and `note`; `Conflict` if something is proposed already.
pub async fn propose_release(ctx: &Ctx, public_id: &str, release: &str, note: &str) -> Result<()> {
    let question = question(ctx, public_id).await?;
    let release = Release::from_code(release)
        .filter(|release| question.possible.contains(release))
        .ok_or_else(|| Error::field("release", "请选择怎么办理"))?;
    let note = crate::reason::read("note", note, 4..=300, "请写明核查的依据，4 至 300 个字")?;
    let command = Propose {
        stamp: Stamp::of(ctx),
        id: question.row.id,
        release,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Propose {
    stamp: Stamp,
    id: i64,
    release: Release,
    note: String,
}

impl Command for Propose {
    const NAME: &'static str = "payment.propose";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let of = (self.release.code(), self.note.as_str());
        if books::discrepancy_propose(tx, self.id, of, by, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "release": self.release.code(), "note": self.note });
        self.stamp
            .trail()
            .audit(tx, "payment.propose", object(self.id), detail)
            .await
    }
}

/// The second person agrees, and the order is released and the question closed; or doesn't, and it is as before.
///
/// # Errors
/// `Refused` for who proposed it, and when the order has changed meanwhile; `Fields` under `note`.
pub async fn decide_release(ctx: &Ctx, public_id: &str, agrees: bool, note: &str) -> Result<()> {
    let row = find(ctx, public_id).await?;
    let note = crate::reason::second_word(note, agrees, 300, "不同意")?;
    if let (true, Some(proposer)) = (agrees, row.proposed_by) {
        super::by_another(proposer, ctx.actor.id(), "复核", "提出办理和复核")?;
    }
    let release = row.proposal.as_deref().and_then(Release::from_code);
    let command = Decide {
        stamp: Stamp::of(ctx),
        release: release.ok_or(Error::Conflict(GONE))?,
        row,
        agrees,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    row: DiscrepancyRow,
    release: Release,
    agrees: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.decide_release";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let (row, release) = (&self.row, self.release);
        let detail = json!({ "release": release.code(), "agrees": self.agrees, "note": self.note, "order": row.order_id });
        trail
            .audit(tx, "payment.decide_release", object(row.id), detail)
            .await?;
        if !self.agrees {
            if books::discrepancy_unpropose(tx, row.id, release.code()).await? == 0 {
                return Err(Error::Conflict(GONE));
            }
            return Ok(());
        }
        store::order_lock(tx, row.order_id).await?;
        let order = store::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let attempts = store::attempts_of(tx, order.id).await?;
        release
            .check(held(&order, &attempts)?)
            .map_err(|why| Error::refused("not_released", "不能办理", format!("{why}。")))?;
        let (next, _) = OrderState::Hold
            .on(release.event())
            .map_err(|_| Error::inconsistent("payment_order.state"))?;
        // What credits it was posted and told when it came; nothing of that is done again.
        store::order_set_state(tx, order.id, OrderState::Hold.code(), next.code()).await?;
        if release == Release::Void {
            store::order_close(tx, order.id, at).await?;
        }
        let said = format!(
            "{}。{}{}",
            release.label(),
            row.proposal_note.as_deref().unwrap_or_default(),
            self.note
        );
        let said: String = said.chars().take(500).collect();
        if books::discrepancy_release(tx, row.id, release.code(), (by, at), &said).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        Ok(())
    }
}
