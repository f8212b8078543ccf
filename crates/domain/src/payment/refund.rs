//! A refund of one attempt.
//!
//! ```text
//! Requested → Approved → Submitted → Succeeded | Failed | Abnormal | Unknown
//! ```
//! A retry re-uses the refund number, or the channel pays twice. What `Failed` goes back by a refund of its own, or by hand.

use serde::{Deserialize, Serialize};

use super::Discrepancy;
use crate::coded::coded;
use crate::money::Fen;

coded! {
    /// Where a refund stands.
    pub enum RefundState {
        /// Asked for, waits for a second person (or for the automatic limits).
        Requested = "requested", "待审批";
        /// Approved, not yet sent.
        Approved = "approved", "已批准";
        /// The channel has it.
        Submitted = "submitted", "退款中";
        /// The channel confirmed it.
        Succeeded = "succeeded", "退款成功";
        /// The channel refused or closed it; the money is still ours.
        Failed = "failed", "退款未成功";
        /// The channel can't reach the payer's card; a person must act.
        Abnormal = "abnormal", "退款异常";
        /// Nobody knows.
        Unknown = "unknown", "正在确认";
    }
}

coded! {
    /// What happens to a refund.
    pub enum RefundEvent {
        /// A second person, or the automatic limits, approved it.
        Approve = "approve", "批准";
        /// A second person refused it.
        Refuse = "refuse", "不批准";
        /// Sent to the channel. Stored before the call.
        Submit = "submit", "提交渠道";
        /// No answer, or one that can't be trusted.
        Doubt = "doubt", "结果未知";
        /// The channel is at work.
        Processing = "processing", "渠道处理中";
        /// The channel confirmed it.
        Succeed = "succeed", "退款成功";
        /// The channel refused or closed it.
        Fail = "fail", "渠道未退成";
        /// The channel needs a person.
        GoAbnormal = "go_abnormal", "渠道异常";
        /// Sent again under its number. What failed goes back by a refund of its own.
        Retry = "retry", "重新提交";
        /// Paid back outside the channel, with two people and a document.
        PaidByHand = "paid_by_hand", "线下退回";
    }
}

coded! {
    /// Why money goes back.
    pub enum RefundReason {
        /// Paid twice.
        Duplicate = "duplicate", "重复支付";
        /// Paid after the deadline or for a place that is gone.
        Late = "late", "逾期支付";
        /// The position was cancelled.
        Cancelled = "cancelled", "岗位取消";
        /// The fee was waived after it was paid.
        Waived = "waived", "减免";
        /// The agency's own fault.
        Agency = "agency", "考试机构原因";
        /// The sum didn't match the debt.
        Mismatch = "mismatch", "金额不符";
    }
}

impl RefundReason {
    /// Whether money that credits nothing may go back for it without an approver, below the daily limits (payments §8).
    pub const fn automatic(self) -> bool {
        matches!(
            self,
            Self::Duplicate | Self::Late | Self::Cancelled | Self::Waived
        )
    }
}

impl RefundState {
    /// The next state.
    pub fn on(self, event: RefundEvent) -> Result<Self, Discrepancy> {
        use RefundEvent as E;
        use RefundState as S;
        match (self, event) {
            (S::Requested, E::Approve) => Ok(S::Approved),
            (S::Requested | S::Approved, E::Refuse) => Ok(S::Failed),
            (S::Approved, E::Submit) => Ok(S::Submitted),
            (S::Submitted | S::Unknown, E::Doubt) => Ok(S::Unknown),
            // One that couldn't be sent is taken up again at the channel itself, by its people or ours.
            (S::Submitted | S::Unknown | S::Abnormal, E::Processing) => Ok(S::Submitted),
            (S::Submitted | S::Unknown | S::Failed | S::Abnormal, E::Succeed) => Ok(S::Succeeded),
            (S::Succeeded, E::Succeed | E::Doubt | E::Processing) => Ok(S::Succeeded),
            (S::Submitted | S::Unknown | S::Abnormal, E::Fail) => Ok(S::Failed),
            (S::Failed, E::Fail) => Ok(S::Failed),
            (S::Submitted | S::Unknown | S::Abnormal, E::GoAbnormal) => Ok(S::Abnormal),
            (S::Unknown | S::Abnormal, E::Retry) => Ok(S::Submitted),
            (S::Requested | S::Approved | S::Failed | S::Abnormal, E::PaidByHand) => {
                Ok(S::Succeeded)
            }
            (state, event) => Err(Discrepancy {
                machine: "退款",
                state: state.code(),
                event: event.code(),
            }),
        }
    }

    /// Whether its sum counts against what may still be refunded: everything that isn't known to have failed.
    pub const fn reserves(self) -> bool {
        !matches!(self, Self::Failed)
    }
}

/// How a refund that isn't on its way any more, or never was, is told apart from one that a channel refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// The channel was asked at least once.
    pub sent: bool,
    /// A second person spoke.
    pub decided: bool,
}

/// A second person refused it.
pub const NOT_APPROVED: &str = "未批准";
/// Called off, because a payment that took over made the whole sum go back by itself.
pub const TAKEN_OVER: &str = "已由另一笔退款代替";

impl RefundState {
    /// What people read. [`Self::Failed`] has three causes, and only one of them is the channel's.
    pub const fn label_for(self, passage: Passage) -> &'static str {
        match (self, passage.sent, passage.decided) {
            (Self::Failed, false, true) => NOT_APPROVED,
            (Self::Failed, false, false) => TAKEN_OVER,
            (other, _, _) => other.label(),
        }
    }
}

/// One earlier refund of the same attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its sum.
    pub amount: Fen,
    /// Its state.
    pub state: RefundState,
}

/// Why a refund can't be raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundProblem {
    /// Nothing or less.
    #[error("退款金额应大于 0")]
    NotPositive,
    /// More than was received and isn't on its way back.
    #[error("可退金额为 {} 元，您填的超出了这个数", .0.yuan())]
    TooMuch(Fen),
}

/// Checks Σ refunds ≤ received. To be called under the lock of the attempt.
pub fn check_amount(received: Fen, earlier: &[Earlier], wanted: Fen) -> Result<(), RefundProblem> {
    if wanted.get() <= 0 {
        return Err(RefundProblem::NotPositive);
    }
    let reserved: i64 = earlier
        .iter()
        .filter(|refund| refund.state.reserves())
        .map(|refund| refund.amount.get())
        .sum();
    let left = received.get().saturating_sub(reserved).max(0);
    if wanted.get() > left {
        Err(RefundProblem::TooMuch(Fen::new(left)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use RefundState as S;
        // Columns: Approve, Refuse, Submit, Doubt, Processing, Succeed, Fail, GoAbnormal, Retry, PaidByHand.
        let (a, s, y) = (Some(S::Approved), Some(S::Submitted), Some(S::Succeeded));
        let (f, x, u, n) = (Some(S::Failed), Some(S::Abnormal), Some(S::Unknown), None);
        let table = [
            (S::Requested, [a, f, n, n, n, n, n, n, n, y]),
            (S::Approved, [n, f, s, n, n, n, n, n, n, y]),
            (S::Submitted, [n, n, n, u, s, y, f, x, n, n]),
            (S::Succeeded, [n, n, n, y, y, y, n, n, n, n]),
            (S::Failed, [n, n, n, n, n, y, f, n, n, y]),
            (S::Abnormal, [n, n, n, n, s, y, f, x, s, y]),
            (S::Unknown, [n, n, n, u, s, y, f, x, s, n]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), RefundEvent::ALL.len());
            for (event, next) in RefundEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn only_what_the_channel_refused_reads_as_such() {
        for state in RefundState::ALL.iter().copied() {
            for (sent, decided) in [(false, false), (false, true), (true, false), (true, true)] {
                let told = state.label_for(Passage { sent, decided });
                let expected = match (state, sent, decided) {
                    (RefundState::Failed, false, true) => "未批准",
                    (RefundState::Failed, false, false) => "已由另一笔退款代替",
                    _ => state.label(),
                };
                assert_eq!(told, expected, "{state:?} {sent} {decided}");
            }
        }
    }

    #[test]
    fn a_refund_that_succeeded_never_goes_out_again() {
        for event in RefundEvent::ALL {
            assert!(matches!(
                RefundState::Succeeded.on(*event),
                Ok(RefundState::Succeeded) | Err(_)
            ));
        }
    }

    proptest! {
        #[test]
        fn the_refunds_together_never_exceed_what_was_received(
            received in 1i64..100_000,
            wanted in proptest::collection::vec((-10i64..60_000, 0usize..7), 0..12),
        ) {
            let mut made: Vec<Earlier> = Vec::new();
            for (amount, state) in wanted {
                if check_amount(Fen::new(received), &made, Fen::new(amount)).is_ok() {
                    made.push(Earlier { amount: Fen::new(amount), state: RefundState::ALL[state] });
                }
                let out: i64 = made.iter().filter(|r| r.state.reserves()).map(|r| r.amount.get()).sum();
                prop_assert!(out <= received);
            }
        }
    }
}
