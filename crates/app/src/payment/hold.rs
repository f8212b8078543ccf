//! 核查中: what becomes of an order that was looked into, proposed on its 异常单 by one person of finance and decided by another.

use db::{Command, Crowd, Lane, Query, Tx};
use domain::money::Fen;
use domain::payment::hold::{Gone, Held, Release};
use domain::payment::refund::Earlier;
use domain::payment::ticket::{TicketEvent, TicketState};
use domain::payment::{Application, AttemptState, OrderState};
use domain::staff::Permission;
use serde_json::json;

use super::refund::store::{self as refunds, RefundRow};
use super::store::{self, AttemptRow, OrderRow};
use super::ticket::store::{self as tickets, DiscrepancyRow};
use super::ticket::{GONE, standing, step};
use super::{attempt_state, nontax, offline, order_state, refund, refund_state, settle};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Money that came for an order, credits nothing and isn't on its way back.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The payment.
    pub attempt: AttemptRow,
    /// What of it is here still, in 分.
    pub amount: i64,
    /// Whether it is the whole sum, in time, and the application can use it.
    pub fits: bool,
    /// It came outside of the channels, and goes back that way.
    pub by_hand: bool,
}

/// An 异常单 with what can be done about it.
#[derive(Debug, Clone)]
pub struct Question {
    /// It.
    pub row: DiscrepancyRow,
    /// The state of its order, if it has one.
    pub order: Option<OrderState>,
    /// What the order asks for, in 分.
    pub owed: i64,
    /// Money of its order that nobody decided about.
    pub kept: Vec<Kept>,
    /// What its order may become by two people.
    pub possible: Vec<Release>,
    /// What is proposed.
    pub proposed: Option<Release>,
    /// Who proposed it.
    pub proposer: String,
    /// Who has money of it in hand that no book knows of, and so can't be who says that it went back.
    pub keeper: Option<i64>,
}

/// An order that is looked into, with what money says of it.
pub(super) struct Looked {
    pub order: OrderRow,
    pub kept: Vec<Kept>,
    pub held: Held,
    pub gone: Gone,
}

pub(super) async fn look(q: &mut impl Query, order: OrderRow) -> Result<Looked> {
    let attempts = store::attempts_of(q, order.id).await?;
    let refunds = refunds::refunds_of(q, order.id).await?;
    let wanted = settle::usable(q, &order).await? == Application::Wants;
    let mut kept = Vec::new();
    let (mut open, mut credited) = (false, None);
    for attempt in &attempts {
        let state = attempt_state(attempt)?;
        open |= !state.is_final();
        if state == AttemptState::Succeeded && order.credited_attempt == Some(attempt.id) {
            credited = Some(attempt.id);
        }
        let amount = kept_of(attempt, &refunds)?;
        if amount > 0 {
            let in_time = attempt.paid_at.is_some_and(|at| at < order.expires_at);
            kept.push(Kept {
                fits: wanted && in_time && amount == order.amount,
                by_hand: offline::by_hand(&attempt.channel),
                attempt: attempt.clone(),
                amount,
            });
        }
    }
    let held = Held {
        state: order_state(&order)?,
        credited: credited.is_some(),
        open,
        kept: !kept.is_empty(),
        by_hand: kept.iter().any(|one| one.by_hand),
        fits: kept.iter().any(|one| one.fits),
    };
    let gone = credited.map_or(Ok(Gone::Nothing), |id| gone(&order, id, &refunds))?;
    Ok(Looked {
        order,
        kept,
        held,
        gone,
    })
}

/// What is left of a payment that credits nothing: it came, and neither went back nor is on its way.
pub(super) fn kept_of(attempt: &AttemptRow, refunds: &[RefundRow]) -> Result<i64> {
    if attempt_state(attempt)? != AttemptState::Surplus {
        return Ok(0);
    }
    Ok(refund::left(attempt, refunds)?.max(0))
}

/// What of the payment that credits an order went back.
fn gone(order: &OrderRow, attempt: i64, refunds: &[RefundRow]) -> Result<Gone> {
    let of = refunds.iter().filter(|row| row.attempt_id == attempt);
    let earlier = of
        .map(|row| {
            Ok(Earlier {
                amount: Fen::new(row.amount),
                state: refund_state(row)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let back = refund::back(&earlier);
    Ok(if back >= order.amount {
        Gone::All
    } else if earlier.iter().any(refund::on_its_way) {
        Gone::OnItsWay
    } else if back > 0 {
        Gone::Part
    } else {
        Gone::Nothing
    })
}

pub(super) async fn find(ctx: &Ctx, public_id: &str) -> Result<DiscrepancyRow> {
    ctx.allow(Permission::Finance)?;
    tickets::discrepancy_by_public_id(&mut ctx.app.db().read(), public_id)
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
    let owed = order.as_ref().map_or(0, |order| order.amount);
    let (state, possible, kept) = match order {
        Some(order) => {
            let looked = look(&mut read, order).await?;
            let possible = Release::possible(looked.held).collect();
            (Some(looked.held.state), possible, looked.kept)
        }
        None => (None, Vec::new(), Vec::new()),
    };
    let proposer = match row.proposed_by {
        Some(by) => crate::staff::name_of(ctx, by).await?,
        None => String::new(),
    };
    Ok(Question {
        order: state,
        owed,
        kept,
        possible: if standing(&row)? == TicketState::Open && is_of_its_order(&row.kind) {
            possible
        } else {
            Vec::new()
        },
        proposed: row.proposal.as_deref().and_then(Release::from_code),
        proposer,
        keeper: offline::keeper(&mut ctx.app.db().scan(Crowd::Staff), &row).await?,
        row,
    })
}

/// What becomes of money at the counter, or of a line that couldn't be settled, is another question than what becomes of its order.
fn is_of_its_order(kind: &str) -> bool {
    !offline::is_not_taken(kind) && kind != nontax::STUCK
}

pub(super) fn object(id: i64) -> Object {
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
    step(&question.row, TicketEvent::Propose)?;
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
        if tickets::discrepancy_propose(tx, self.id, of, by, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "release": self.release.code(), "note": self.note });
        self.stamp
            .trail()
            .audit(tx, "payment.propose", object(self.id), detail)
            .await
    }
}
