//! How an order leaves 核查中: one person of finance proposes, another decides (payments §5, §8).

use super::order::{OrderEvent, OrderState};
use crate::coded::coded;

coded! {
    /// What is to become of an order that was looked into. The first is what is usual (payments §8: "default refund of the received sum").
    pub enum Release {
        /// What came and credits nothing goes back. The order is as it was before, or closed if nothing credits it.
        Refund = "refund", "退回收到的款";
        /// A payment that credits it, or may, stands; whatever else came goes back.
        Paid = "paid", "核查无误，按已支付办理";
        /// No money of it is ours, whatever a bill or a list said: it is closed, and the candidate may get another one.
        Void = "void", "没有收到款，作废这张缴费单";
    }
}

/// What is known of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its state.
    pub state: OrderState,
    /// Whether an attempt credits it.
    pub credited: bool,
    /// Whether a channel may still take money for it.
    pub open: bool,
    /// Whether money came that credits nothing and isn't on its way back.
    pub kept: bool,
    /// Whether some of that came by a document or by the bank's list, for which two people vouched.
    pub by_hand: bool,
    /// Whether some of that is a payment of the whole sum, in time, that the application can use.
    pub fits: bool,
}

coded! {
    /// What of the payment that credits an order went back before.
    pub enum Gone {
        /// Nothing.
        Nothing = "nothing", "没有退款";
        /// It is on its way.
        OnItsWay = "on_its_way", "退款中";
        /// A part.
        Part = "part", "部分退款";
        /// All.
        All = "all", "已全额退款";
    }
}

/// Why it can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReleased {
    /// It isn't looked into.
    #[error("这张缴费单不在核查中")]
    NotHeld,
    /// There is no payment that could stand.
    #[error("这张缴费单没有能入账的支付，不能按已支付办理")]
    NoMoney,
    /// There is one, which doesn't go away by closing the order.
    #[error("这张缴费单有入账的支付，不能作废；要退的，先恢复为已支付再申请退款")]
    HasMoney,
    /// There is money that must go back.
    #[error("这张缴费单还有没入账的收款，请选择退回收到的款")]
    Kept,
    /// Two people have said that money came.
    #[error("线下缴费和缴款码的收款由两人核对过，不能按没有收到办理，请选择退回收到的款")]
    ByHand,
    /// There is none.
    #[error("这张缴费单没有待退回的收款")]
    NothingKept,
    /// A channel may still take money.
    #[error("还有一笔支付没有结果，等渠道答复后再办理")]
    Open,
}

impl Release {
    /// All of them that are possible now.
    pub fn possible(held: Held) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |release| release.check(held).is_ok())
    }

    /// Whether it is possible now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(self, held: Held) -> Result<(), NotReleased> {
        if held.state != OrderState::Hold {
            return Err(NotReleased::NotHeld);
        }
        match self {
            Self::Refund if !held.kept => Err(NotReleased::NothingKept),
            Self::Refund if !held.credited && held.open => Err(NotReleased::Open),
            Self::Paid if held.credited && held.kept => Err(NotReleased::Kept),
            Self::Paid if !held.credited && !held.fits => Err(NotReleased::NoMoney),
            Self::Void if held.credited => Err(NotReleased::HasMoney),
            Self::Void if held.by_hand => Err(NotReleased::ByHand),
            Self::Void if held.open => Err(NotReleased::Open),
            Self::Refund | Self::Paid | Self::Void => Ok(()),
        }
    }

    /// The order's event: by whether an attempt credits it, and what of that went back.
    pub const fn event(self, credited: bool, gone: Gone) -> OrderEvent {
        match (self, credited, gone) {
            (Self::Void, _, _) | (Self::Refund, false, _) => OrderEvent::ReleaseVoid,
            (Self::Paid, false, _) | (_, true, Gone::Nothing) => OrderEvent::ReleasePaid,
            (_, true, Gone::OnItsWay) => OrderEvent::ReleaseRefunding,
            (_, true, Gone::Part) => OrderEvent::ReleasePart,
            (_, true, Gone::All) => OrderEvent::ReleaseRefunded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_decides_how_an_order_is_released() {
        use NotReleased as N;
        // Credited, open, kept, fits; then refund, paid, void.
        let table = [
            (
                [true, false, false, false],
                [Err(N::NothingKept), Ok(()), Err(N::HasMoney)],
            ),
            (
                [true, true, false, false],
                [Err(N::NothingKept), Ok(()), Err(N::HasMoney)],
            ),
            (
                [true, false, true, false],
                [Ok(()), Err(N::Kept), Err(N::HasMoney)],
            ),
            (
                [true, true, true, true],
                [Ok(()), Err(N::Kept), Err(N::HasMoney)],
            ),
            (
                [false, false, false, false],
                [Err(N::NothingKept), Err(N::NoMoney), Ok(())],
            ),
            (
                [false, true, false, false],
                [Err(N::NothingKept), Err(N::NoMoney), Err(N::Open)],
            ),
            (
                [false, false, true, false],
                [Ok(()), Err(N::NoMoney), Ok(())],
            ),
            ([false, false, true, true], [Ok(()), Ok(()), Ok(())]),
            (
                [false, true, true, true],
                [Err(N::Open), Ok(()), Err(N::Open)],
            ),
        ];
        for ([credited, open, kept, fits], expected) in table {
            let held = Held {
                state: OrderState::Hold,
                credited,
                open,
                kept,
                by_hand: false,
                fits,
            };
            let answers =
                [Release::Refund, Release::Paid, Release::Void].map(|one| one.check(held));
            assert_eq!(answers, expected, "{held:?}");
            // Money that two people vouched for isn't said away.
            let by_hand = Held {
                by_hand: kept,
                ..held
            };
            let [refund, paid, void] = expected;
            let void = if kept && matches!(void, Ok(()) | Err(N::Open)) {
                Err(N::ByHand)
            } else {
                void
            };
            let answers =
                [Release::Refund, Release::Paid, Release::Void].map(|one| one.check(by_hand));
            assert_eq!(answers, [refund, paid, void], "{by_hand:?}");
            let paid = Held {
                state: OrderState::Paid,
                ..held
            };
            assert!(
                Release::ALL
                    .iter()
                    .all(|one| one.check(paid) == Err(N::NotHeld))
            );
        }
    }

    #[test]
    fn every_release_leaves_the_hold_for_what_money_says() {
        for release in Release::ALL.iter().copied() {
            for gone in Gone::ALL.iter().copied() {
                for credited in [false, true] {
                    let (state, _) = OrderState::Hold.on(release.event(credited, gone)).unwrap();
                    let expected = match (release, credited, gone) {
                        (Release::Void, _, _) | (Release::Refund, false, _) => OrderState::Voided,
                        (Release::Paid, false, _) | (_, true, Gone::Nothing) => OrderState::Paid,
                        (_, true, Gone::OnItsWay) => OrderState::Refunding,
                        (_, true, Gone::Part) => OrderState::PartRefunded,
                        (_, true, Gone::All) => OrderState::Refunded,
                    };
                    assert_eq!(state, expected, "{release:?} {gone:?} {credited}");
                }
            }
        }
    }
}
