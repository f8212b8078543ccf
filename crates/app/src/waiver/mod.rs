//! 减免: who needn't pay the fee, or not all of it.
//!
//! `pending → granted` before anything is paid, `pending → proposed → granted` after it, `pending → rejected | withdrawn | void`
//! (`domain::payment::waiver`). The candidate asks ([`ask`], [`withdraw`]) with words and evidence, both encrypted; finance
//! decides ([`grant`], [`reject`]).
//!
//! * Nothing was paid: what was begun at channels is asked about and closed there first. Then the fee of the application goes
//!   down and its order is replaced by a lower one, or, waived as a whole, the payment track becomes `waived` and the fee stays
//!   as it was. No order ever changes its sum.
//! * It was paid: the first person's word raises a refund with the reason 减免, and a second person approves it where refunds
//!   are approved. Refused there, it is for the first person again.
//! * Not yet decided, the debt doesn't run out; who is told late that he has to pay gets two days more ([`until`]).
//! * 改报 keeps what was granted and counts it from the new fee ([`refit`]); the end of the application ends what nobody has
//!   decided ([`lapse`]).

mod ask;
mod decide;
mod export;
mod gate;
mod list;
mod list_store;
mod refunded;
mod statistics;
mod store;
mod view;
pub(crate) mod wipe_store;

pub use ask::{Form, Upload, ask, withdraw};
pub use decide::{Granted, grant, reject};
pub use export::export;
pub(crate) use gate::{granted, held, lapse, refit, until};
pub(crate) use list::of_application;
pub use list::{Asked, Detail, counts, detail, evidence, exams, page};
pub use list_store::WaiverLine;
pub(crate) use refunded::{called_off, decided, owed_back};
pub use statistics::{Line, Statistics, export_statistics, statistics};
pub(crate) use store::statements_erase;
pub use store::{EvidenceRow, WaiverRow};
pub use view::{Desk, Glimpse, Own, OwnCopy, desk, own_evidence};
pub(crate) use view::{glimpse, own_copies, story};

use domain::payment::{Waiver, WaiverState};
use vault::Place;

use crate::{App, Error, Object, Result};

/// What a stored file of evidence is called.
const KIND: &str = "waiver";

/// The state of an application for a waiver.
pub(crate) fn state(row: &WaiverRow) -> Result<WaiverState> {
    WaiverState::from_code(&row.state).ok_or(Error::inconsistent("fee_waiver.state"))
}

impl WaiverRow {
    /// What its category grants.
    pub fn waiver(&self) -> Result<Waiver> {
        serde_json::from_str(&self.grants).map_err(|e| Error::internal("fee_waiver.grants", e))
    }

    /// What people read of its state.
    pub fn label(&self) -> &'static str {
        WaiverState::from_code(&self.state).map_or("未知", WaiverState::label)
    }

    fn object(&self) -> Object {
        Object {
            kind: "fee_waiver",
            id: self.id,
            exam_id: self.exam_id,
        }
    }
}

fn place(id: i64) -> Place {
    Place {
        table: "fee_waiver",
        column: "statement",
        row: id,
    }
}

/// What the candidate wrote.
fn statement(app: &App, row: &WaiverRow) -> Result<String> {
    // Erased with the rest of what he submitted.
    if row.statement.is_empty() {
        return Ok(String::new());
    }
    let clear = app
        .cipher()
        .open(place(row.id), &row.statement)
        .map_err(|e| Error::internal("fee_waiver.statement", e))?;
    String::from_utf8(clear.to_vec()).map_err(|e| Error::internal("fee_waiver.statement", e))
}

/// What the losers of a race read.
const CHANGED: Error = Error::Conflict("这项减免申请刚有变化，请刷新查看");
