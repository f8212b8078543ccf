//! 网上缴费: the debt of an application ([`OrderRow`]), its tries at channels, refunds, the ledger, and what a person must
//! look at.
//!
//! States of an order `unpaid ⇄ paying → paid → refunding → refunded | part_refunded`, `unpaid | paying → voided | expired`,
//! any `→ hold` (`domain::payment`). `application::advance` raises and closes orders ([`raise`], [`close_order`],
//! [`refund_all`]); the candidate pays them ([`pay`]), voids them ([`void`]) and asks ([`ask`]).
//!
//! Notice ([`notice`]), return page, button, timer ([`work`]) and bill all bring evidence to one command, [`settle`]: it locks the
//! order, lets `domain::payment::settle` decide, posts the ledger and advances the application in the same transaction. No
//! network call happens inside one. Doubt is never shown as failure.

mod ask;
mod attempt_store;
mod book_store;
#[cfg(feature = "control")]
pub mod control;
mod credited;
mod debt;
mod export;
pub mod fiscal;
mod hold;
mod ledger;
mod list_store;
pub mod nontax;
mod office;
pub mod offline;
mod own_copy;
mod own_store;
mod pay;
mod progress_store;
mod receipt;
pub mod reconcile;
mod recover;
mod refund;
pub mod rehearsal;
mod rehearsal_store;
mod release;
mod settle;
mod store;
mod story;
mod ticket;
pub mod treasury;
mod view;
mod void;
mod waived;
pub(crate) mod wipe_store;
mod work;

pub use ask::{Asked, ask, ask_returned, notice};
pub use book_store::{EventRow, LedgerRow};
pub use debt::raise_again;
pub(crate) use debt::{Debt, close_order, raise, refund_all};
pub use export::export;
pub use hold::{Kept, Question, propose_release, question};
pub use ledger::{BookTotal, Trial, trial_balance};
pub use list_store::{OfficeOrderRow, OwnOrderRow};

pub use office::{Detail, Search, counts, detail, exams, list, paid_sum};
pub(crate) use own_copy::own_money;
pub use own_copy::{OwnCode, OwnDocument, OwnMoney, OwnRefund};
pub use pay::{Started, pay};
pub use receipt::receipt;
pub use recover::{Recovered, order_of, recover};
pub use refund::store::{RefundRow, WaitingRefund};
pub use refund::{
    ChannelSays, ask_channel, decide_refund, refunds_waiting, request_again, request_refund,
    send_again,
};
pub use release::decide_release;
pub use settle::{Settled, settle};
pub use store::{AttemptRow, OrderRow};
pub(crate) use story::waived;
pub use story::{Progress, Step, Told};
pub use ticket::{
    DISCREPANCIES, DiscrepancyRow, Mismatches, assign_discrepancy, discrepancies,
    discrepancy_title, export_mismatches, leave_discrepancy, mismatches, own_discrepancy, owners,
    resolve,
};
pub use view::{
    Bill, Cashier, History, Standing, bills, cashier, code_picture, find, history, payable,
    standing, state_label, told, unpaid,
};
pub use void::void;
pub(crate) use waived::{Owed, ask_back, close_begun, live_order, owed, replace};
pub use work::{TOPIC, work};

pub use gateways::payment::{Acknowledgement, Checkout, Device, Payer, Way};

use domain::payment::{AttemptState, OrderState, RefundState};

use crate::{Error, Result};

/// The state of an order.
pub(crate) fn order_state(row: &OrderRow) -> Result<OrderState> {
    OrderState::from_code(&row.state).ok_or(Error::inconsistent("payment_order.state"))
}

/// The state of an attempt.
pub(crate) fn attempt_state(row: &AttemptRow) -> Result<AttemptState> {
    AttemptState::from_code(&row.state).ok_or(Error::inconsistent("payment_attempt.state"))
}

/// The state of a refund.
pub(crate) fn refund_state(row: &RefundRow) -> Result<RefundState> {
    RefundState::from_code(&row.state).ok_or(Error::inconsistent("refund.state"))
}

/// Money takes two people: `tasks` ("登记和复核") aren't done by the same one. `word` is what the other is asked for.
///
/// # Errors
/// `Refused` to who did the first of them.
pub(crate) fn by_another(first: i64, second: i64, word: &str, tasks: &str) -> Result<()> {
    if first == second {
        return Err(Error::refused(
            "same_person",
            format!("须由另一人{word}"),
            format!("{tasks}不能是同一个人，请另一位财务人员办理。"),
        ));
    }
    Ok(())
}
