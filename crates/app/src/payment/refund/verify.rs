//! What a refund came to is asked of its channel on demand: before its money is paid back by hand, above all. A channel that couldn't
//! send it may have since (its people reached the payer), and the notice of it may be lost; then the payer would have it twice.

use domain::payment::RefundState;
use domain::staff::Permission;
use gateways::payment::RefundNews;

use super::super::offline;
use super::super::pay::gateway_of;
use super::super::refund_state;
use super::finish::finish;
use super::follow::{follow, named_to, of, or_faster};
use super::store::{self as refunds, RefundRow};
use crate::{Ctx, Error, Result};

/// What a channel answers about a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelSays {
    /// The money is with it still.
    NotSent,
    /// It is at it.
    UnderWay,
    /// It sent the money back; so the refund stands from now on.
    Sent,
    /// It couldn't be asked, or gave no answer that counts.
    NoAnswer,
    /// No channel has it: the money came outside of them, or through one that isn't connected any more.
    Nobody,
}

impl ChannelSays {
    fn of(news: &RefundNews) -> Self {
        match news {
            RefundNews::Succeeded { .. } => Self::Sent,
            RefundNews::Processing => Self::UnderWay,
            RefundNews::Failed(_) | RefundNews::Abnormal(_) | RefundNews::Missing => Self::NotSent,
            RefundNews::Unknown => Self::NoAnswer,
        }
    }
}

/// Asks a channel about a refund that it was sent, and takes its answer in.
///
/// # Errors
/// `Refused` for a refund that no channel has had.
pub async fn ask_channel(ctx: &Ctx, refund: &str) -> Result<ChannelSays> {
    ctx.allow(Permission::Finance)?;
    let row = refunds::refund_by_public_id(&mut ctx.app.db().read(), refund)
        .await?
        .ok_or(Error::NotFound)?;
    if !row.asked_of_channel() {
        return Err(Error::refused(
            "not_sent",
            "不用查询",
            "这笔退款没有提交过支付渠道，或者已有结果。",
        ));
    }
    if !matches!(
        refund_state(&row)?,
        RefundState::Failed | RefundState::Abnormal
    ) {
        // One that is on its way is followed as the timer does it.
        or_faster(follow(ctx, &row).await)?;
        let now = refunds::refund_by_id(&mut ctx.app.db().read(), row.id).await?;
        return Ok(match refund_state(&now.ok_or(Error::NotFound)?)? {
            RefundState::Succeeded => ChannelSays::Sent,
            RefundState::Submitted => ChannelSays::UnderWay,
            RefundState::Failed | RefundState::Abnormal => ChannelSays::NotSent,
            _ => ChannelSays::NoAnswer,
        });
    }
    verify(ctx, &row).await
}

/// The same for one that came to nothing. Nothing is sent again.
pub(in crate::payment) async fn verify(ctx: &Ctx, row: &RefundRow) -> Result<ChannelSays> {
    let (order, attempt) = of(ctx, row).await?;
    if offline::by_hand(&attempt.channel) {
        return Ok(ChannelSays::Nobody);
    }
    let Some(gateway) = gateway_of(&ctx.app, &attempt) else {
        return Ok(ChannelSays::Nobody);
    };
    let news = gateway
        .query_refund(&named_to(&ctx.app, row, &attempt))
        .await;
    let says = ChannelSays::of(&news);
    // What doesn't know of it tells nothing new.
    if matches!(says, ChannelSays::Sent | ChannelSays::UnderWay) {
        or_faster(finish(ctx, row.id, (order, attempt), news).await)?;
    }
    Ok(says)
}
