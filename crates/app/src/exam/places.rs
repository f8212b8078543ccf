//! Places of positions: one conditional `UPDATE` takes one, with a `CHECK` behind it (invariant 11). The counts that people look at
//! are [`crate::statistics`]'s.

use db::Tx;
use domain::exam::PositionState;

use super::position_store as store;
use crate::{Error, Result};

/// Takes a place of a position.
///
/// # Errors
/// `Refused` with code `position_full` when there is none, or the position was cancelled.
pub(crate) async fn take(tx: &mut Tx, position_id: i64) -> Result<()> {
    if store::position_take(tx, position_id).await? == 1 {
        return Ok(());
    }
    let cancelled = PositionState::Cancelled.code();
    if store::position_state(tx, position_id).await?.as_deref() == Some(cancelled) {
        return Err(Error::refused(
            "position_cancelled",
            "这个岗位已取消",
            "这个岗位刚刚取消。您填的内容已保留，可以另选岗位。",
        ));
    }
    Err(Error::refused(
        "position_full",
        "这个岗位已经报满",
        "这个岗位刚刚报满。您填的内容已保留，可以另选岗位。",
    ))
}

/// Gives a place back: withdrawn, moved away, refused for good.
pub(crate) async fn give_back(tx: &mut Tx, position_id: i64) -> Result<()> {
    store::position_give_back(tx, position_id).await?;
    Ok(())
}
