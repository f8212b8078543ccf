//! The receipt of one order, for its candidate's page and for the office's.

use db::Query;
use domain::money::Fen;

use super::super::refund::store as refunds;
use super::super::store::OrderRow;
use super::{list_store, settled};
use crate::{Ctx, Result};

/// A receipt, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// 票据代码
    pub code: String,
    /// 票据号码
    pub number: String,
    /// 校验码
    pub check: String,
    /// 开票日期
    pub issued_on: String,
    /// The sum.
    pub amount: Fen,
    /// It must be reversed, and wasn't yet.
    pub to_reverse: bool,
    /// The number of the red one.
    pub red_no: Option<String>,
    /// Where to check it, if the installation says.
    pub verify_at: Option<String>,
}

/// The receipt of an order that was found for whoever asks.
///
/// # Errors
/// The database's.
pub async fn of_order(ctx: &Ctx, order: &OrderRow) -> Result<Option<Own>> {
    own(&mut ctx.app.db().read(), ctx, order).await
}

async fn own(q: &mut impl Query, ctx: &Ctx, order: &OrderRow) -> Result<Option<Own>> {
    let Some(row) = list_store::of_order(q, order.id).await? else {
        return Ok(None);
    };
    let back: i64 = refunds::refunds_of(q, order.id)
        .await?
        .iter()
        .filter(|one| one.state == "succeeded" && Some(one.attempt_id) == order.credited_attempt)
        .map(|one| one.amount)
        .sum();
    let amount = Fen::new(row.amount);
    let credited = order.credited_attempt.is_some();
    let stands = settled(&order.state, order.amount, credited, back);
    let verify_at = &ctx.app.policy().receipt_check;
    Ok(Some(Own {
        code: row.code,
        number: row.number,
        check: row.check_code,
        issued_on: row.issued_on,
        amount,
        to_reverse: row.red_at.is_none() && stands.to_reverse(amount),
        red_no: row.red_no,
        verify_at: (!verify_at.is_empty()).then(|| verify_at.clone()),
    }))
}
