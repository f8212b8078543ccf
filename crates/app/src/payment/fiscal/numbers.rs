//! Whose a number is. Within a 票据代码 it names one receipt for good: one that stands, one that was reversed, or a red one. What a
//! later file corrected before that was never that order's, and is free.

use db::{DbResult, Query};
use domain::payment::fiscal::Receipt;

use super::number_store::{self as store, PAST, RED};

/// How the number of a receipt stands to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stand {
    /// Nobody else has it, and the order hasn't had it before.
    Free,
    /// The order had it until it was reversed: a file that says so is an old one.
    Past,
    /// It is another's, or a red one: in the words of who imports.
    Taken(String),
}

/// Looks whose a number is.
pub(super) async fn stand(q: &mut impl Query, order_id: i64, receipt: &Receipt) -> DbResult<Stand> {
    let uses = store::uses(q, &receipt.code, &receipt.number).await?;
    if uses
        .iter()
        .any(|one| one.what == PAST && one.order_id == order_id)
    {
        return Ok(Stand::Past);
    }
    let other = uses
        .iter()
        .find(|one| one.what == RED || one.order_id != order_id);
    Ok(other.map_or(Stand::Free, |one| {
        let number = &one.order_no;
        Stand::Taken(match one.what.as_str() {
            RED => format!("这个号码已登记为缴费单 {number} 的红票号码，请核对"),
            PAST => format!("该票据号码已用于另一张缴费单 {number}，不能再登记"),
            _ => format!("这张票据已登记在缴费单 {number}，请核对"),
        })
    }))
}

/// Why a number can't be that of the red receipt of an order, in the words of who types it.
pub(super) async fn red_unfit(
    q: &mut impl Query,
    order_id: i64,
    code: &str,
    red_no: &str,
) -> DbResult<Option<String>> {
    let uses = store::uses(q, code, red_no).await?;
    Ok(uses.first().map(|one| {
        let number = &one.order_no;
        match one.what.as_str() {
            RED => format!("这个号码已登记为缴费单 {number} 的红票号码，请核对"),
            _ if one.order_id == order_id => {
                "这是这张缴费单自己的票据号码，请填写红票号码".to_owned()
            }
            _ => format!("这是缴费单 {number} 的票据号码，请填写红票号码"),
        }
    }))
}
