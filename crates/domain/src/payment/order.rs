//! 缴费单: the debt of one application.
//!
//! ```text
//! Unpaid ⇄ Paying → Paid → Refunding → Refunded | PartRefunded
//! Unpaid | Paying → Voided | Expired;  Voided | Expired → Paid only by LateAccepted
//! any → Hold;  Hold leaves only by two people
//! ```

use super::Discrepancy;
use crate::coded::coded;

coded! {
    /// Where a payment order stands.
    pub enum OrderState {
        /// Raised, no attempt is open.
        Unpaid = "unpaid", "未支付";
        /// An attempt is open at a channel.
        Paying = "paying", "支付中";
        /// Exactly one attempt is credited.
        Paid = "paid", "已支付";
        /// A refund is on its way.
        Refunding = "refunding", "退款中";
        /// Everything went back.
        Refunded = "refunded", "已退款";
        /// A part went back.
        PartRefunded = "part_refunded", "部分退款";
        /// 作废 by the candidate.
        Voided = "voided", "已作废";
        /// Closed for lateness.
        Expired = "expired", "已过期";
        /// Something doesn't match; two people decide.
        Hold = "hold", "核查中";
    }
}

coded! {
    /// What happens to an order.
    pub enum OrderEvent {
        /// The candidate chose a channel.
        StartAttempt = "start_attempt", "发起支付";
        /// Every attempt ended without money.
        AttemptsOver = "attempts_over", "支付未完成";
        /// Money is there.
        Credit = "credit", "入账";
        /// 作废; every attempt is final.
        Void = "void", "作废";
        /// The deadline passed; every attempt is final.
        Expire = "expire", "过期关闭";
        /// Money paid in time came to light after the close, and is accepted.
        LateAccepted = "late_accepted", "补单入账";
        /// More money than the debt: a second payment.
        Surplus = "surplus", "重复支付";
        /// A mismatch.
        Hold = "hold", "转人工核查";
        /// Two people: the money counts.
        ReleasePaid = "release_paid", "核查后入账";
        /// Two people: no money is ours, or what came goes back.
        ReleaseVoid = "release_void", "核查后作废";
        /// Two people: the money counts, and is on its way back for another reason.
        ReleaseRefunding = "release_refunding", "核查后继续退款";
        /// Two people: the money counts, and a part of it went back before.
        ReleasePart = "release_part", "核查后部分退款";
        /// Two people: the money counts, and all of it went back before.
        ReleaseRefunded = "release_refunded", "核查后已退款";
        /// A refund was approved.
        StartRefund = "start_refund", "开始退款";
        /// The channel confirmed, and nothing of the payment is left.
        RefundedAll = "refunded_all", "全额退款成功";
        /// The channel confirmed, and a part is left.
        RefundedPart = "refunded_part", "部分退款成功";
        /// The refund came to nothing, none went back before.
        RefundFailed = "refund_failed", "退款未成功";
        /// The refund came to nothing, a part went back before.
        RefundFailedAfterPart = "refund_failed_after_part", "再次退款未成功";
    }
}

coded! {
    /// What the caller does in the same transaction.
    pub enum OrderEffect {
        /// Tell the application that the fee is paid.
        AdvanceApplication = "advance_application", "推进报名状态";
        /// Post the receipt in the ledger.
        PostReceipt = "post_receipt", "登记收款";
        /// Post the refund in the ledger.
        PostRefund = "post_refund", "登记退款";
        /// Query and close the other open attempts.
        CloseOthers = "close_others", "关闭其他支付";
        /// Raise the refund of the surplus.
        RefundSurplus = "refund_surplus", "退回多付款项";
        /// Open a discrepancy and alert finance.
        Alert = "alert", "提醒财务";
        /// Tell the candidate.
        Notify = "notify", "通知考生";
    }
}

impl OrderState {
    /// The next state and what follows.
    pub fn on(self, event: OrderEvent) -> Result<(Self, &'static [OrderEffect]), Discrepancy> {
        use OrderEffect as F;
        use OrderEvent as E;
        use OrderState as S;
        const PAID: &[F] = &[
            F::PostReceipt,
            F::AdvanceApplication,
            F::CloseOthers,
            F::Notify,
        ];
        const SURPLUS: &[F] = &[F::PostReceipt, F::RefundSurplus, F::Notify];
        match (self, event) {
            (S::Unpaid | S::Paying, E::StartAttempt) => Ok((S::Paying, &[])),
            (S::Paying, E::AttemptsOver) => Ok((S::Unpaid, &[])),
            (S::Unpaid | S::Paying, E::Credit) => Ok((S::Paid, PAID)),
            (S::Unpaid | S::Paying, E::Void) => Ok((S::Voided, &[])),
            (S::Unpaid | S::Paying, E::Expire) => Ok((S::Expired, &[F::Notify])),
            (S::Voided | S::Expired, E::LateAccepted) => Ok((S::Paid, PAID)),
            (state, E::Surplus) => Ok((state, SURPLUS)),
            (S::Hold, E::Hold) => Ok((S::Hold, &[F::Alert])),
            (_, E::Hold) => Ok((S::Hold, &[F::Alert])),
            (S::Hold, E::ReleasePaid) => Ok((S::Paid, PAID)),
            (S::Hold, E::ReleaseVoid) => Ok((S::Voided, &[F::Notify])),
            (S::Hold, E::ReleaseRefunding) => Ok((S::Refunding, &[F::Notify])),
            (S::Hold, E::ReleasePart) => Ok((S::PartRefunded, &[F::Notify])),
            (S::Hold, E::ReleaseRefunded) => Ok((S::Refunded, &[F::Notify])),
            (S::Paid | S::PartRefunded, E::StartRefund) => Ok((S::Refunding, &[F::Notify])),
            (S::Refunding, E::RefundedAll) => Ok((S::Refunded, &[F::PostRefund, F::Notify])),
            (S::Refunding, E::RefundedPart) => Ok((S::PartRefunded, &[F::PostRefund, F::Notify])),
            (S::Refunding, E::RefundFailed) => Ok((S::Paid, &[F::Alert])),
            (S::Refunding, E::RefundFailedAfterPart) => Ok((S::PartRefunded, &[F::Alert])),
            // A check that began meanwhile goes on, whatever becomes of the refund that is on its way.
            (S::Hold, E::RefundedAll | E::RefundedPart) => {
                Ok((S::Hold, &[F::PostRefund, F::Notify]))
            }
            (S::Hold, E::RefundFailed | E::RefundFailedAfterPart) => Ok((S::Hold, &[F::Alert])),
            (state, event) => Err(Discrepancy {
                machine: "缴费单",
                state: state.code(),
                event: event.code(),
            }),
        }
    }

    /// Whether the candidate may still pay it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unpaid | Self::Paying)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use OrderEvent as E;
        use OrderState as S;
        let table: &[(S, E, S)] = &[
            (S::Unpaid, E::StartAttempt, S::Paying),
            (S::Unpaid, E::Credit, S::Paid),
            (S::Unpaid, E::Void, S::Voided),
            (S::Unpaid, E::Expire, S::Expired),
            (S::Paying, E::StartAttempt, S::Paying),
            (S::Paying, E::AttemptsOver, S::Unpaid),
            (S::Paying, E::Credit, S::Paid),
            (S::Paying, E::Void, S::Voided),
            (S::Paying, E::Expire, S::Expired),
            (S::Paid, E::StartRefund, S::Refunding),
            (S::PartRefunded, E::StartRefund, S::Refunding),
            (S::Refunding, E::RefundedAll, S::Refunded),
            (S::Refunding, E::RefundedPart, S::PartRefunded),
            (S::Refunding, E::RefundFailed, S::Paid),
            (S::Refunding, E::RefundFailedAfterPart, S::PartRefunded),
            (S::Voided, E::LateAccepted, S::Paid),
            (S::Expired, E::LateAccepted, S::Paid),
            (S::Hold, E::RefundedAll, S::Hold),
            (S::Hold, E::RefundedPart, S::Hold),
            (S::Hold, E::RefundFailed, S::Hold),
            (S::Hold, E::RefundFailedAfterPart, S::Hold),
            (S::Hold, E::ReleasePaid, S::Paid),
            (S::Hold, E::ReleaseVoid, S::Voided),
            (S::Hold, E::ReleaseRefunding, S::Refunding),
            (S::Hold, E::ReleasePart, S::PartRefunded),
            (S::Hold, E::ReleaseRefunded, S::Refunded),
        ];
        for state in S::ALL.iter().copied() {
            for event in E::ALL.iter().copied() {
                let next = match event {
                    E::Hold => Some(S::Hold),
                    E::Surplus => Some(state),
                    _ => table
                        .iter()
                        .find(|row| row.0 == state && row.1 == event)
                        .map(|row| row.2),
                };
                match (state.on(event), next) {
                    (Ok((to, _)), Some(expected)) => {
                        assert_eq!(to, expected, "{state:?} {event:?}");
                    }
                    (Err(wrong), None) => {
                        assert_eq!((wrong.state, wrong.event), (state.code(), event.code()));
                    }
                    (answer, _) => panic!("{state:?} {event:?}: {answer:?}"),
                }
            }
        }
    }

    #[test]
    fn whatever_ends_in_paid_for_the_first_time_posts_and_advances() {
        for state in OrderState::ALL {
            for event in [
                OrderEvent::Credit,
                OrderEvent::LateAccepted,
                OrderEvent::ReleasePaid,
            ] {
                if let Ok((next, effects)) = state.on(event) {
                    assert_eq!(next, OrderState::Paid);
                    assert!(effects.contains(&OrderEffect::PostReceipt));
                    assert!(effects.contains(&OrderEffect::AdvanceApplication));
                }
            }
        }
    }
}
