//! 异常单: what doesn't match, until somebody has found out why.
//!
//! ```text
//! Open ⇄ Proposed → Resolved      an order that is held: one proposes, another agrees
//! Open → Resolved                 whatever else
//! Open | Proposed → Resolved      it answers itself: the bill comes, the channel tells
//! ```

use super::Discrepancy;
use crate::coded::coded;

coded! {
    /// Where a discrepancy stands.
    pub enum TicketState {
        /// Nobody has said what it comes to.
        Open = "open", "待核查";
        /// One person says what is to become of the order; another must agree.
        Proposed = "proposed", "待复核";
        /// It is closed.
        Resolved = "resolved", "已处理";
    }
}

coded! {
    /// What happens to a discrepancy.
    pub enum TicketEvent {
        /// Somebody takes it, whoever had it.
        Take = "take", "认领";
        /// Who has it hands it back.
        Leave = "leave", "交回";
        /// It is given to somebody else.
        Assign = "assign", "转给同事";
        /// One person says what is to become of the order.
        Propose = "propose", "提出处理意见";
        /// Another agrees.
        Agree = "agree", "同意";
        /// Another doesn't.
        Decline = "decline", "不同意";
        /// Who looked into it says what was found.
        Resolve = "resolve", "写明结果";
        /// What it asks is answered by later news.
        Answer = "answer", "自行消除";
    }
}

impl TicketState {
    /// The next state.
    pub fn on(self, event: TicketEvent) -> Result<Self, Discrepancy> {
        use TicketEvent as E;
        use TicketState as S;
        match (self, event) {
            (S::Open | S::Proposed, E::Take | E::Leave | E::Assign) => Ok(self),
            (S::Open, E::Propose) => Ok(S::Proposed),
            (S::Proposed, E::Agree) => Ok(S::Resolved),
            (S::Proposed, E::Decline) => Ok(S::Open),
            (S::Open, E::Resolve) => Ok(S::Resolved),
            (S::Open | S::Proposed, E::Answer) => Ok(S::Resolved),
            (state, event) => Err(Discrepancy {
                machine: "异常单",
                state: state.code(),
                event: event.code(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::OrderState;
    use crate::payment::hold::{Gone, Held, Release};

    #[test]
    fn every_pair_of_state_and_event() {
        use TicketState as S;
        // Columns: Take, Leave, Assign, Propose, Agree, Decline, Resolve, Answer.
        let (o, p, r, n) = (Some(S::Open), Some(S::Proposed), Some(S::Resolved), None);
        let table = [
            (S::Open, [o, o, o, p, n, n, r, r]),
            (S::Proposed, [p, p, p, n, r, o, n, r]),
            (S::Resolved, [n, n, n, n, n, n, n, n]),
        ];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), TicketEvent::ALL.len());
            for (event, next) in TicketEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn an_order_is_released_in_no_way_that_its_own_table_does_not_have() {
        let yes_or_no = [false, true];
        for state in OrderState::ALL.iter().copied() {
            for (credited, open) in yes_or_no.iter().flat_map(|a| yes_or_no.map(|b| (*a, b))) {
                for (kept, fits) in yes_or_no.iter().flat_map(|a| yes_or_no.map(|b| (*a, b))) {
                    let held = Held {
                        state,
                        credited,
                        open,
                        kept,
                        by_hand: kept && fits,
                        fits,
                    };
                    for release in Release::possible(held) {
                        assert_eq!(state, OrderState::Hold, "{held:?}");
                        for gone in Gone::ALL.iter().copied() {
                            let event = release.event(credited, gone);
                            assert!(state.on(event).is_ok(), "{held:?} {release:?} {gone:?}");
                        }
                    }
                    // Unless a channel may still take money, somebody can always end it.
                    let ways = Release::possible(held).count();
                    assert!(ways > 0 || open || state != OrderState::Hold, "{held:?}");
                }
            }
        }
    }
}
