//! What the copy of his data that a candidate takes says of his money: orders, what went back, documents of money that came outside of
//! the channels, 缴款码 and what the bank told of them.

use domain::payment::offline::{EntryState, Method};
use domain::payment::{OrderState, RefundReason, RefundState};
use domain::time::Timestamp;

use super::own_store as store;
use crate::{Ctx, Result};

/// One of his orders.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OwnMoney {
    /// 缴费单号
    pub number: String,
    /// The exam's title.
    pub exam: String,
    /// In 分.
    pub amount: i64,
    /// Where it stands, in a word.
    pub state: &'static str,
    /// When it was raised, and paid.
    pub made_at: Timestamp,
    /// The same.
    pub paid_at: Option<Timestamp>,
    /// By what, and its number there; empty for nothing.
    pub channel: String,
    /// The same.
    pub channel_no: String,
    /// What went back, or is to.
    pub refunds: Vec<OwnRefund>,
    /// Money outside of the channels.
    pub documents: Vec<OwnDocument>,
    /// 缴款码.
    pub code: Option<OwnCode>,
}

/// Money that goes back.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OwnRefund {
    /// 退款单号
    pub number: String,
    /// In 分.
    pub amount: i64,
    /// In a word.
    pub state: &'static str,
    /// Why.
    pub reason: &'static str,
    /// When it was raised, and done.
    pub asked_at: Timestamp,
    /// The same.
    pub done_at: Option<Timestamp>,
}

/// A document of money that came or went outside of the channels.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OwnDocument {
    /// Whether it went back.
    pub back: bool,
    /// 现金, 银行转账, …
    pub method: &'static str,
    /// 凭证号
    pub number: String,
    /// In 分.
    pub amount: i64,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// In a word.
    pub state: &'static str,
    /// Whether a scan of it is kept.
    pub scanned: bool,
}

/// A 缴款码, and what was paid by it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OwnCode {
    /// 20 digits; `None` until it was given.
    pub code: Option<String>,
    /// When he asked for it.
    pub asked_at: Timestamp,
    /// When it was given.
    pub given_at: Option<Timestamp>,
    /// What the bank told: 分, when, its number.
    pub paid: Vec<(i64, Timestamp, String)>,
}

/// The orders of an account, the newest first.
pub(crate) async fn own_money(ctx: &Ctx, account_id: i64) -> Result<Vec<OwnMoney>> {
    let mut scan = ctx.app.db().scan(db::Crowd::Candidates);
    let orders = store::orders(&mut scan, account_id).await?;
    let refunds = store::refunds(&mut scan, account_id).await?;
    let documents = store::documents(&mut scan, account_id).await?;
    let codes = store::codes(&mut scan, account_id).await?;
    let told = store::told(&mut scan, account_id).await?;
    let at = Timestamp::from_micros;
    let money = |row: store::OrderCopyRow| OwnMoney {
        refunds: refunds
            .iter()
            .filter(|one| one.order_id == row.id)
            .map(|one| OwnRefund {
                number: one.number.clone(),
                amount: one.amount,
                state: RefundState::from_code(&one.state).map_or("", RefundState::label),
                reason: RefundReason::from_code(&one.reason).map_or("", RefundReason::label),
                asked_at: at(one.at),
                done_at: one.finished_at.map(at),
            })
            .collect(),
        documents: documents
            .iter()
            .filter(|one| one.order_id == row.id)
            .map(|one| OwnDocument {
                back: one.refund_id.is_some(),
                method: Method::from_code(&one.method).map_or("", Method::label),
                number: one.document_no.clone(),
                amount: one.amount,
                paid_at: at(one.paid_at),
                state: EntryState::from_code(&one.state).map_or("", EntryState::label),
                scanned: one.scanned == 1,
            })
            .collect(),
        code: codes
            .iter()
            .find(|(order, ..)| *order == row.id)
            .map(|(_, code, asked, given)| OwnCode {
                code: code.clone(),
                asked_at: at(*asked),
                given_at: given.map(at),
                paid: told
                    .iter()
                    .filter(|(order, ..)| *order == row.id)
                    .map(|(_, amount, paid, voucher)| (*amount, at(*paid), voucher.clone()))
                    .collect(),
            }),
        number: row.order_no,
        exam: row.exam,
        amount: row.amount,
        state: OrderState::from_code(&row.state).map_or("", OrderState::label),
        made_at: at(row.created_at),
        paid_at: row.paid_at.map(at),
        channel: row
            .channel
            .map_or_else(String::new, |code| ctx.app.channels().name(&code)),
        channel_no: row.channel_no.unwrap_or_default(),
    };
    Ok(orders.into_iter().map(money).collect())
}
