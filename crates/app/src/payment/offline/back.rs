//! Refunds that somebody pays back: of what came offline, which no channel has, and of what a channel didn't send.

use db::{Command, Lane, Tx};

use super::super::refund::store::RefundRow;
use super::super::refund::{self, ChannelSays};
use super::super::store::AttemptRow;
use super::{by_hand, store};
use crate::{Ctx, Error, Result};

/// Whether a refund is of money that came offline; then the timer leaves it alone from now on.
pub(in crate::payment) async fn rest(
    ctx: &Ctx,
    refund: &RefundRow,
    attempt: &AttemptRow,
) -> Result<bool> {
    if !by_hand(&attempt.channel) {
        return Ok(false);
    }
    let command = Rest {
        id: refund.id,
        version: refund.version,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(true)
}

/// Checks that the channel that had a refund didn't send it, nor is at it.
///
/// # Errors
/// `Refused` otherwise, and while it doesn't say.
pub(super) async fn not_sent(ctx: &Ctx, refund: &RefundRow) -> Result<()> {
    let text = match refund::verify(ctx, refund).await? {
        ChannelSays::NotSent | ChannelSays::Nobody => return Ok(()),
        ChannelSays::Sent => {
            "渠道答复已经退给缴款人，已记为退款成功，不能再线下退回。已经另外付出去的，请向收款人追回；等待复核的登记请选择不予确认。"
        }
        ChannelSays::UnderWay => "渠道答复正在退款，请等渠道的结果，不要再付款。",
        ChannelSays::NoAnswer => {
            "渠道没有答复这笔款退了没有，现在登记可能会退两次。请先不要付款，过一会儿再试。"
        }
    };
    Err(Error::refused("channel_sends", "不能线下退回", text))
}

struct Rest {
    id: i64,
    version: i64,
}

impl Command for Rest {
    const NAME: &'static str = "payment.offline_rest";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::refund_rests(tx, self.id, self.version).await?;
        Ok(())
    }
}
