//! 线下缴费: what comes and goes outside of the channels, by a document and two people.

use serde::{Deserialize, Serialize};

use super::Discrepancy;
use super::order::OrderState;
use super::refund::RefundState;
use crate::coded::coded;

coded! {
    /// How it was paid.
    pub enum Method {
        /// At the counter.
        Cash = "cash", "现金";
        /// Into the centre's account.
        Transfer = "transfer", "银行转账";
        /// By card at the counter.
        Pos = "pos", "POS 刷卡";
    }
}

/// The number under which a document counts among all that came by hand: two kinds of document may bear the same.
pub fn number(method: &str, document_no: &str) -> String {
    format!("{method}:{document_no}")
}

/// Such a number as people read it: the document's own, and what it is. A channel's number stays as it is.
pub fn shown(number: &str) -> String {
    let parts = number.split_once(':');
    match parts.and_then(|(method, own)| Some((Method::from_code(method)?, own))) {
        Some((method, own)) => format!("{own}（{}）", method.label()),
        None => number.to_owned(),
    }
}

coded! {
    /// Where what one person entered stands.
    pub enum EntryState {
        /// It waits for another person.
        Entered = "entered", "待复核";
        /// The other person found the document to be so.
        Confirmed = "confirmed", "已确认";
        /// He didn't.
        Refused = "refused", "未确认";
    }
}

coded! {
    /// The other person's word.
    pub enum EntryEvent {
        /// The document is what it is said to be.
        Confirm = "confirm", "确认";
        /// It isn't.
        Refuse = "refuse", "不予确认";
    }
}

impl EntryState {
    /// The next state.
    pub fn on(self, event: EntryEvent) -> Result<Self, Discrepancy> {
        match (self, event) {
            (Self::Entered, EntryEvent::Confirm) => Ok(Self::Confirmed),
            (Self::Entered, EntryEvent::Refuse) => Ok(Self::Refused),
            (state, event) => Err(Discrepancy {
                machine: "线下登记",
                state: state.code(),
                event: event.code(),
            }),
        }
    }
}

/// The rules of an exam about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfflineRules {
    /// Whether it is taken.
    #[serde(default)]
    pub taken: bool,
    /// Where and how to pay, for candidates.
    #[serde(default)]
    pub how: String,
}

/// Whether money may be entered for an order. One that ran out may have been paid in time.
pub const fn can_take(order: OrderState) -> bool {
    matches!(
        order,
        OrderState::Unpaid | OrderState::Paying | OrderState::Voided | OrderState::Expired
    )
}

/// Whether what was entered for an order may be taken: the order takes money, and asks for that sum.
pub fn takes(order: OrderState, owed: i64, entered: i64) -> bool {
    can_take(order) && owed == entered
}

/// Whether a refund may be paid back by hand: `offline` for money that came that way, `sent` for a refund that a channel has had. A
/// channel that can't reach the payer may still come to it; one that refused doesn't.
pub const fn can_pay_back(refund: RefundState, offline: bool, sent: bool) -> bool {
    match refund {
        RefundState::Approved => offline,
        RefundState::Abnormal => true,
        RefundState::Failed => sent,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{OrderEvent, RefundEvent};

    #[test]
    fn a_document_is_read_by_its_own_number() {
        for (method, told) in [
            ("cash", "S-1（现金）"),
            ("pos", "S-1（POS 刷卡）"),
            ("transfer", "S-1（银行转账）"),
        ] {
            assert_eq!(shown(&number(method, "S-1")), told);
        }
        for other in ["4200007777", "", "nontax:1", ":S-1"] {
            assert_eq!(shown(other), other);
        }
    }

    #[test]
    fn every_pair_of_state_and_event() {
        use EntryState as S;
        // Columns: Confirm, Refuse.
        let table = [
            (S::Entered, [Some(S::Confirmed), Some(S::Refused)]),
            (S::Confirmed, [None, None]),
            (S::Refused, [None, None]),
        ];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), EntryEvent::ALL.len());
            for (event, next) in EntryEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn what_may_be_entered_is_what_the_tables_know() {
        for state in OrderState::ALL.iter().copied() {
            let credits =
                state.on(OrderEvent::Credit).is_ok() || state.on(OrderEvent::LateAccepted).is_ok();
            assert_eq!(can_take(state), credits, "{state:?}");
        }
        for state in RefundState::ALL.iter().copied() {
            for (offline, sent) in [(false, false), (false, true), (true, false), (true, true)] {
                if can_pay_back(state, offline, sent) {
                    let paid = state.on(RefundEvent::PaidByHand);
                    assert_eq!(paid.ok(), Some(RefundState::Succeeded), "{state:?}");
                }
            }
        }
        assert!(!can_pay_back(RefundState::Approved, false, false));
        // What a second person refused never left the house.
        assert!(!can_pay_back(RefundState::Failed, true, false));
    }
}
