//! What the channel knows: its trades and refunds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use domain::time::Timestamp;
use gateways::payment::sandbox::wire::{
    Create, CreateRefund, Payment, PaymentStatus, Refund, RefundStatus,
};
use serde::{Deserialize, Serialize};

/// One trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// As ordered.
    pub order: Create,
    /// The secret part of the cashier's address.
    pub token: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The channel's number, once it is paid.
    pub channel_no: Option<String>,
    /// When it was paid, in microseconds.
    pub paid_at: Option<i64>,
    /// Queries that still see it unpaid.
    #[serde(default)]
    pub lag: u32,
    /// How often a notice was delivered and acknowledged.
    #[serde(default)]
    pub acknowledged: u32,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeRefund {
    /// As ordered.
    pub order: CreateRefund,
    /// Where it stands.
    pub status: RefundStatus,
    /// The channel's number.
    pub channel_no: Option<String>,
    /// When it was done, in microseconds.
    pub finished_at: Option<i64>,
}

/// The book.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Book {
    /// By the merchant's number.
    pub trades: BTreeMap<String, Trade>,
    /// By the merchant's number of the refund.
    pub refunds: BTreeMap<String, TradeRefund>,
    /// The next of the channel's own numbers.
    pub next: u64,
}

impl Book {
    pub(super) fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn store(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("part");
        fs::write(&beside, serde_json::to_vec(self)?)?;
        fs::rename(&beside, path)
    }

    fn number(&mut self, letter: char, at: Timestamp) -> String {
        self.next += 1;
        let day: String = at
            .to_local_second()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        format!("{letter}{day}{:08}", self.next)
    }

    /// Takes an order. The same number with the same order is the same trade.
    pub(super) fn create(
        &mut self,
        order: Create,
        token: String,
        now: Timestamp,
    ) -> Result<String, String> {
        if let Some(known) = self.trades.get(&order.merchant_no) {
            return if known.order == order {
                Ok(known.token.clone())
            } else {
                Err("同一商户单号的订单内容不一致".to_owned())
            };
        }
        if order.amount <= 0 || order.currency != "CNY" {
            return Err("金额或币种不支持".to_owned());
        }
        if order.expires_at <= now.seconds() {
            return Err("订单已超过支付时间".to_owned());
        }
        let trade = Trade {
            token: token.clone(),
            status: PaymentStatus::Unpaid,
            channel_no: None,
            paid_at: None,
            lag: 0,
            acknowledged: 0,
            order,
        };
        self.trades.insert(trade.order.merchant_no.clone(), trade);
        Ok(token)
    }

    /// Takes money; `false` if the trade is closed, run out or paid.
    pub(super) fn pay(&mut self, merchant_no: &str, at: Timestamp, lag: u32) -> bool {
        let channel_no = self.number('S', at);
        let Some(trade) = self.trades.get_mut(merchant_no) else {
            return false;
        };
        if trade.status != PaymentStatus::Unpaid || trade.order.expires_at <= at.seconds() {
            return false;
        }
        trade.status = PaymentStatus::Paid;
        trade.channel_no = Some(channel_no);
        trade.paid_at = Some(at.micros());
        trade.lag = lag;
        true
    }

    /// Closes an unpaid trade.
    pub(super) fn close(&mut self, merchant_no: &str) {
        if let Some(trade) = self.trades.get_mut(merchant_no)
            && trade.status == PaymentStatus::Unpaid
        {
            trade.status = PaymentStatus::Closed;
        }
    }

    /// A trade as the merchant is told.
    pub(super) fn payment(&self, merchant: &str, merchant_no: &str, now: Timestamp) -> Payment {
        let missing = Payment {
            merchant: merchant.to_owned(),
            merchant_no: merchant_no.to_owned(),
            status: PaymentStatus::Missing,
            channel_no: None,
            amount: 0,
            currency: "CNY".to_owned(),
            paid_at: None,
        };
        let Some(trade) = self.trades.get(merchant_no) else {
            return missing;
        };
        let run_out =
            trade.status == PaymentStatus::Unpaid && trade.order.expires_at <= now.seconds();
        Payment {
            status: if run_out {
                PaymentStatus::Closed
            } else {
                trade.status
            },
            channel_no: trade.channel_no.clone(),
            amount: trade.order.amount,
            paid_at: trade.paid_at,
            ..missing
        }
    }

    /// Takes a refund. The same number is the same refund; Σ refunds ≤ paid.
    pub(super) fn refund(
        &mut self,
        order: CreateRefund,
        status: RefundStatus,
        now: Timestamp,
    ) -> Result<Refund, String> {
        if let Some(known) = self.refunds.get(&order.refund_no) {
            return if known.order == order {
                Ok(told(known))
            } else {
                Err("同一退款单号的内容不一致".to_owned())
            };
        }
        let gone: i64 = self
            .refunds
            .values()
            .filter(|refund| refund.order.merchant_no == order.merchant_no)
            .filter(|refund| refund.status != RefundStatus::Failed)
            .map(|refund| refund.order.amount)
            .sum();
        let paid = self
            .trades
            .get(&order.merchant_no)
            .filter(|trade| trade.paid_at.is_some());
        let left = paid.map_or(0, |trade| trade.order.amount - gone);
        if order.amount <= 0 || order.amount > left {
            return Err("退款金额超出可退金额".to_owned());
        }
        let number = order.refund_no.clone();
        self.refunds.insert(
            number.clone(),
            TradeRefund {
                order,
                status: RefundStatus::Processing,
                channel_no: None,
                finished_at: None,
            },
        );
        self.finish_refund(&number, status, now);
        self.refunds
            .get(&number)
            .map(told)
            .ok_or_else(|| "退款未登记".to_owned())
    }

    /// Says what becomes of a refund.
    pub(super) fn finish_refund(
        &mut self,
        refund_no: &str,
        status: RefundStatus,
        now: Timestamp,
    ) -> bool {
        let channel_no = self.number('B', now);
        let Some(refund) = self.refunds.get_mut(refund_no) else {
            return false;
        };
        if refund.status == RefundStatus::Succeeded {
            return false;
        }
        refund.status = status;
        if status == RefundStatus::Succeeded {
            refund.channel_no = Some(channel_no);
            refund.finished_at = Some(now.micros());
            if let Some(trade) = self.trades.get_mut(&refund.order.merchant_no) {
                trade.status = PaymentStatus::Refunded;
            }
        }
        true
    }

    /// A refund as the merchant is told.
    pub(super) fn refund_told(&self, refund_no: &str) -> Refund {
        self.refunds.get(refund_no).map_or_else(
            || Refund {
                refund_no: refund_no.to_owned(),
                merchant_no: String::new(),
                amount: 0,
                status: RefundStatus::Missing,
                channel_no: None,
                finished_at: None,
                message: String::new(),
            },
            told,
        )
    }

    /// Money that came in and hasn't gone back, in 分: what our own ledger must say too.
    pub fn balance(&self) -> i64 {
        let paid: i64 = self
            .trades
            .values()
            .filter(|trade| trade.paid_at.is_some())
            .map(|trade| trade.order.amount)
            .sum();
        let back: i64 = self
            .refunds
            .values()
            .filter(|refund| refund.status == RefundStatus::Succeeded)
            .map(|refund| refund.order.amount)
            .sum();
        paid - back
    }
}

fn told(refund: &TradeRefund) -> Refund {
    let message = match refund.status {
        RefundStatus::Failed => "渠道未受理退款",
        RefundStatus::Abnormal => "付款账户状态异常，无法原路退回",
        _ => "",
    };
    Refund {
        refund_no: refund.order.refund_no.clone(),
        merchant_no: refund.order.merchant_no.clone(),
        amount: refund.order.amount,
        status: refund.status,
        channel_no: refund.channel_no.clone(),
        finished_at: refund.finished_at,
        message: message.to_owned(),
    }
}
