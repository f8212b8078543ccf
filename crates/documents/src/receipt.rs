//! 缴费凭据: what a candidate prints of a paid order. It is no fiscal receipt, and says so.

use std::fmt;

use domain::money::Fen;
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf, money};

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Number of the refund.
    pub number: String,
    /// How much.
    pub amount: Fen,
    /// When, ready to print.
    pub at: String,
    /// `已退款`.
    pub status: String,
}

/// One receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// 缴费单号.
    pub order_no: String,
    /// `已支付`, `已退款`.
    pub status: String,
    /// 缴款人, 考试, 项目, 支付渠道, 渠道流水号, 支付时间, in order.
    pub rows: Vec<Field>,
    /// What was paid.
    pub amount: Fen,
    /// What went back.
    pub refunds: Vec<Refund>,
    /// Notes below: how to get the fiscal receipt.
    pub notes: Vec<String>,
    /// Who took the money.
    pub issuer: String,
    /// Small print: `打印时间 …`.
    pub footer: String,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("order_no", &self.order_no)
            .finish_non_exhaustive()
    }
}

/// Sets the receipt on one page.
///
/// # Errors
/// [`DocumentError::TooLong`] with more refunds and notes than fit.
pub fn render(engine: &Engine, receipt: &Receipt, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    let refunds: Vec<[String; 4]> = receipt
        .refunds
        .iter()
        .map(|refund| {
            [
                refund.number.clone(),
                refund.amount.yuan(),
                refund.at.clone(),
                refund.status.clone(),
            ]
        })
        .collect();
    let data = json!({
        "heading": "缴费凭据",
        "order_no": receipt.order_no,
        "status": receipt.status,
        "rows": receipt.rows,
        "amount": receipt.amount.yuan(),
        "capital": money::capital(receipt.amount),
        "refunds": refunds,
        "notes": receipt.notes,
    });
    let job = Job {
        template: "receipt",
        title: format!("缴费凭据 {}", receipt.order_no),
        issuer: receipt.issuer.clone(),
        footer: receipt.footer.clone(),
        data,
        photo: None,
        bar: None,
        qr: None,
        one_page: true,
        tagged: true,
    };
    engine.set(job, imprint)
}
