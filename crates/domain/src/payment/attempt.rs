//! One try to pay: one merchant number at one channel.
//!
//! ```text
//! Created → Submitted → Succeeded | Closed | Failed | Unknown;  Unknown → Succeeded | Closed | Failed
//! Closed | Failed → Succeeded       late money is a fact
//! any without money → Surplus; Succeeded → Surplus   the order is paid by another, or the sum isn't the debt: it goes back
//! Surplus → Succeeded              two people: it credits the order after all
//! Surplus → Closed                 two people: it was never there
//! ```

use super::Discrepancy;
use crate::coded::coded;

coded! {
    /// Where an attempt stands.
    pub enum AttemptState {
        /// Stored, the channel hasn't been told.
        Created = "created", "已创建";
        /// The channel has it.
        Submitted = "submitted", "等待支付";
        /// Money is there and credits the order.
        Succeeded = "succeeded", "支付成功";
        /// Money is there, and goes back.
        Surplus = "surplus", "多付待退";
        /// Closed at the channel; final unless money shows up.
        Closed = "closed", "已关闭";
        /// The channel says that it failed; final unless money shows up.
        Failed = "failed", "未成功";
        /// Nobody knows. Never shown as a failure.
        Unknown = "unknown", "正在确认";
    }
}

coded! {
    /// What happens to an attempt.
    pub enum AttemptEvent {
        /// The channel took the order.
        Submit = "submit", "已提交渠道";
        /// The channel refused to take it.
        Refuse = "refuse", "渠道拒绝";
        /// No answer, or one that can't be trusted.
        Doubt = "doubt", "结果未知";
        /// Money that credits the order.
        Money = "money", "收到款项";
        /// Money that must go back.
        ExtraMoney = "extra_money", "收到多余款项";
        /// An earlier payment takes the credit over.
        GiveWay = "give_way", "让位于更早的支付";
        /// Two people: money that was kept credits the order after all.
        Count = "count", "核查后入账";
        /// Two people, and the channel with them: what was told of wasn't there.
        Disprove = "disprove", "核查后没有收到";
        /// The channel confirmed the close.
        Close = "close", "渠道已关闭";
        /// The channel says for good that nothing was paid.
        FinallyUnpaid = "finally_unpaid", "渠道确认未支付";
        /// Not paid so far.
        NotPaidYet = "not_paid_yet", "尚未支付";
    }
}

impl AttemptState {
    /// The next state.
    pub fn on(self, event: AttemptEvent) -> Result<Self, Discrepancy> {
        use AttemptEvent as E;
        use AttemptState as S;
        match (self, event) {
            // The notice may arrive before the answer to our own create call.
            (S::Created | S::Submitted | S::Unknown | S::Closed | S::Failed, E::Money) => {
                Ok(S::Succeeded)
            }
            (S::Created | S::Submitted | S::Unknown | S::Closed | S::Failed, E::ExtraMoney) => {
                Ok(S::Surplus)
            }
            (S::Succeeded, E::GiveWay) => Ok(S::Surplus),
            (S::Surplus, E::Count) => Ok(S::Succeeded),
            (S::Surplus, E::Disprove) => Ok(S::Closed),
            (S::Created, E::Submit) => Ok(S::Submitted),
            (S::Unknown, E::Submit) => Ok(S::Submitted),
            // The create answer comes after the result: money has overtaken it.
            (S::Succeeded | S::Surplus, E::Submit) => Ok(self),
            (S::Created, E::Refuse) => Ok(S::Failed),
            (S::Created | S::Submitted | S::Unknown, E::Doubt) => Ok(S::Unknown),
            (S::Succeeded | S::Surplus | S::Closed | S::Failed, E::Doubt) => Ok(self),
            (S::Created | S::Submitted | S::Unknown, E::Close) => Ok(S::Closed),
            (S::Closed | S::Failed, E::Close) => Ok(self),
            (S::Created | S::Submitted | S::Unknown, E::FinallyUnpaid) => Ok(S::Failed),
            (S::Closed | S::Failed, E::FinallyUnpaid) => Ok(self),
            (S::Created | S::Submitted | S::Unknown | S::Closed | S::Failed, E::NotPaidYet) => {
                Ok(self)
            }
            (state, event) => Err(Discrepancy {
                machine: "支付",
                state: state.code(),
                event: event.code(),
            }),
        }
    }

    /// Whether nothing more is waited for: the order may be voided or expire over it.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Surplus | Self::Closed | Self::Failed
        )
    }

    /// Whether the channel is still asked now and then. It is also asked about attempts that failed: one that we gave up may have
    /// been on its way to the channel, and be paid there.
    pub const fn is_asked(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Surplus | Self::Closed)
    }

    /// Whether the channel holds or held money of this attempt.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Succeeded | Self::Surplus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use AttemptState as S;
        // Columns: Submit, Refuse, Doubt, Money, ExtraMoney, GiveWay, Count, Disprove, Close, FinallyUnpaid, NotPaidYet.
        let (y, u, c, f, x) = (
            Some(S::Succeeded),
            Some(S::Unknown),
            Some(S::Closed),
            Some(S::Failed),
            Some(S::Surplus),
        );
        let (s, n) = (Some(S::Submitted), None);
        let table = [
            (S::Created, [s, f, u, y, x, n, n, n, c, f, Some(S::Created)]),
            (S::Submitted, [n, n, u, y, x, n, n, n, c, f, s]),
            (S::Succeeded, [y, n, y, n, n, x, n, n, n, n, n]),
            (S::Surplus, [x, n, x, n, n, n, y, c, n, n, n]),
            (S::Closed, [n, n, c, y, x, n, n, n, c, c, c]),
            (S::Failed, [n, n, f, y, x, n, n, n, f, f, f]),
            (S::Unknown, [s, n, u, y, x, n, n, n, c, f, u]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), AttemptEvent::ALL.len());
            for (event, next) in AttemptEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn what_is_not_final_is_asked_about_and_so_is_what_failed() {
        for state in AttemptState::ALL.iter().copied() {
            let asked = !state.is_final() || state == AttemptState::Failed;
            assert_eq!(state.is_asked(), asked, "{state:?}");
        }
    }

    #[test]
    fn money_is_never_forgotten() {
        for state in AttemptState::ALL.iter().filter(|state| state.has_money()) {
            let told = AttemptEvent::ALL.iter();
            // Two people who asked the channel may say that there was none.
            for event in told.filter(|event| **event != AttemptEvent::Disprove) {
                if let Ok(next) = state.on(*event) {
                    assert!(next.has_money(), "{state:?} {event:?}");
                }
            }
        }
    }
}
