//! How an order leaves 核查中: one person of finance proposes, another decides (payments §5, §8).

use super::order::{OrderEvent, OrderState};
use crate::coded::coded;

coded! {
    /// What is to become of an order that was looked into.
    pub enum Release {
        /// The payment that credits it stands.
        Paid = "paid", "核查无误，恢复为已支付";
        /// No money of it is ours: it is closed, and the candidate may get another one.
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
}

/// Why it can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReleased {
    /// It isn't looked into.
    #[error("这张缴费单不在核查中")]
    NotHeld,
    /// There is no payment that could stand.
    #[error("这张缴费单没有入账的支付，不能恢复为已支付")]
    NoMoney,
    /// There is one, which doesn't go away by closing the order.
    #[error("这张缴费单有入账的支付，不能作废；要退的，先恢复为已支付再申请退款")]
    HasMoney,
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
            Self::Paid if !held.credited => Err(NotReleased::NoMoney),
            Self::Void if held.credited => Err(NotReleased::HasMoney),
            Self::Void if held.open => Err(NotReleased::Open),
            Self::Paid | Self::Void => Ok(()),
        }
    }

    /// The order's event.
    pub const fn event(self) -> OrderEvent {
        match self {
            Self::Paid => OrderEvent::ReleasePaid,
            Self::Void => OrderEvent::ReleaseVoid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_decides_how_an_order_is_released() {
        let held = |credited, open| Held {
            state: OrderState::Hold,
            credited,
            open,
        };
        for (held, paid, void) in [
            (held(true, false), Ok(()), Err(NotReleased::HasMoney)),
            (held(true, true), Ok(()), Err(NotReleased::HasMoney)),
            (held(false, false), Err(NotReleased::NoMoney), Ok(())),
            (
                held(false, true),
                Err(NotReleased::NoMoney),
                Err(NotReleased::Open),
            ),
            (
                Held {
                    state: OrderState::Paid,
                    credited: true,
                    open: false,
                },
                Err(NotReleased::NotHeld),
                Err(NotReleased::NotHeld),
            ),
        ] {
            assert_eq!(
                (Release::Paid.check(held), Release::Void.check(held)),
                (paid, void),
                "{held:?}"
            );
        }
        assert_eq!(
            Release::possible(held(true, false)).collect::<Vec<_>>(),
            [Release::Paid]
        );
    }
}
