//! What a channel knows: trades and refunds. It is the truth that ours is compared with.

use std::collections::BTreeMap;

use domain::money::Fen;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A trade as the merchant ordered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The merchant's number.
    pub merchant_no: String,
    /// What else the channel knows it by: UnionPay's `txnTime`; empty elsewhere.
    pub begun: String,
    /// The sum in 分.
    pub amount: i64,
    /// What the payer reads.
    pub subject: String,
    /// No money is taken from then on, in microseconds.
    pub expires_at: i64,
    /// Where notices go.
    pub notify_url: String,
    /// Where the payer's browser returns to; empty for none.
    pub return_url: String,
    /// Which product: `native`, `page`, …
    pub way: String,
}

/// Where a trade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeState {
    /// Nobody has paid.
    Waiting,
    /// Money was taken.
    Paid,
    /// No money will be taken.
    Closed,
}

/// One trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// As ordered.
    pub order: Order,
    /// The secret part of the cashier's address.
    pub token: String,
    /// Where it stands.
    pub state: TradeState,
    /// The channel's number, once it is paid.
    pub channel_no: String,
    /// When it was paid, in microseconds.
    pub paid_at: i64,
    /// What was taken, in 分, where it isn't the sum that was ordered; else 0.
    #[serde(default)]
    pub taken: i64,
    /// Queries that still see it unpaid.
    pub lag: u32,
    /// Whether the payer has scanned or logged in: Alipay knows a trade only from then on.
    pub seen: bool,
}

impl Trade {
    /// What was taken or is to be taken, in 分.
    pub const fn sum(&self) -> i64 {
        if self.taken > 0 {
            self.taken
        } else {
            self.order.amount
        }
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Taken, not done.
    Processing,
    /// The money went back.
    Succeeded,
    /// Closed, the money is still the merchant's.
    Failed,
    /// The payer's card can't be reached; the money has left the merchant's account.
    Abnormal,
}

/// A refund as the merchant ordered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOrder {
    /// The merchant's number of the refund.
    pub refund_no: String,
    /// What else the channel knows it by.
    pub begun: String,
    /// The merchant's number of the payment.
    pub merchant_no: String,
    /// The sum in 分.
    pub amount: i64,
    /// Where notices go; empty for none.
    pub notify_url: String,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// As ordered.
    pub order: RefundOrder,
    /// Where it stands.
    pub state: RefundState,
    /// The channel's number.
    pub channel_no: String,
    /// When it was taken, in microseconds.
    pub begun_at: i64,
    /// When it was done, in microseconds; 0 until then.
    pub done_at: i64,
}

impl Refund {
    /// Whether money goes back by it, or did.
    pub const fn moves(&self) -> bool {
        matches!(self.state, RefundState::Processing | RefundState::Succeeded)
    }
}

/// Why the channel doesn't do what was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The number is taken by another order.
    Differs,
    /// Sum or end make no sense.
    Invalid,
    /// It is paid.
    Paid,
    /// It is closed.
    Closed,
    /// There is no such trade, or no money in it.
    Missing,
    /// More than is left of it.
    TooMuch,
}

/// The book.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Book {
    /// By the merchant's number.
    pub trades: BTreeMap<String, Trade>,
    /// By the merchant's number of the refund.
    pub refunds: BTreeMap<String, Refund>,
    /// The next of the channel's own numbers.
    pub next: u64,
}

impl Book {
    fn number(&mut self, letter: &str, at: Timestamp) -> String {
        self.next += 1;
        let day: String = at
            .to_local_second()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        format!("{letter}{day}{:08}", self.next)
    }

    /// Takes an order. The same number with the same order is the same trade.
    pub(super) fn open(
        &mut self,
        order: Order,
        token: String,
        now: Timestamp,
    ) -> Result<&Trade, Refusal> {
        if order.amount <= 0 || order.expires_at <= now.micros() {
            return Err(Refusal::Invalid);
        }
        let number = order.merchant_no.clone();
        match self.trades.get(&number) {
            Some(known) if known.order != order => return Err(Refusal::Differs),
            Some(known) if known.state == TradeState::Paid => return Err(Refusal::Paid),
            Some(known) if known.state == TradeState::Closed => return Err(Refusal::Closed),
            _ => {}
        }
        Ok(self.trades.entry(number).or_insert(Trade {
            order,
            token,
            state: TradeState::Waiting,
            channel_no: String::new(),
            paid_at: 0,
            taken: 0,
            lag: 0,
            seen: false,
        }))
    }

    /// Takes money.
    pub(super) fn pay(&mut self, merchant_no: &str, at: Timestamp, lag: u32) -> bool {
        let channel_no = self.number("", at);
        match self.trades.get_mut(merchant_no) {
            Some(trade)
                if trade.state == TradeState::Waiting && trade.order.expires_at > at.micros() =>
            {
                trade.state = TradeState::Paid;
                trade.channel_no = channel_no;
                trade.paid_at = at.micros();
                trade.lag = lag;
                trade.seen = true;
                true
            }
            _ => false,
        }
    }

    /// Closes a trade that waits.
    pub(super) fn close(&mut self, merchant_no: &str) -> Result<(), Refusal> {
        let trade = self.trades.get_mut(merchant_no).ok_or(Refusal::Missing)?;
        match trade.state {
            TradeState::Paid => Err(Refusal::Paid),
            TradeState::Closed => Ok(()),
            TradeState::Waiting => {
                trade.state = TradeState::Closed;
                Ok(())
            }
        }
    }

    /// A trade as it is at an instant: one that has run out is closed.
    pub fn trade(&self, merchant_no: &str, now: Timestamp) -> Option<Trade> {
        let mut trade = self.trades.get(merchant_no)?.clone();
        if trade.state == TradeState::Waiting && trade.order.expires_at <= now.micros() {
            trade.state = TradeState::Closed;
        }
        Some(trade)
    }

    /// What has gone back of a payment or is on its way.
    pub fn refunded(&self, merchant_no: &str) -> i64 {
        self.refunds
            .values()
            .filter(|refund| refund.order.merchant_no == merchant_no)
            .filter(|refund| refund.state != RefundState::Failed)
            .map(|refund| refund.order.amount)
            .sum()
    }

    /// Takes a refund. The same number is the same refund; Σ refunds ≤ paid.
    pub(super) fn refund(
        &mut self,
        order: RefundOrder,
        becomes: RefundState,
        now: Timestamp,
    ) -> Result<Refund, Refusal> {
        if let Some(known) = self.refunds.get(&order.refund_no) {
            return if known.order == order {
                Ok(known.clone())
            } else {
                Err(Refusal::Differs)
            };
        }
        let trade = self
            .trades
            .get(&order.merchant_no)
            .filter(|trade| trade.state == TradeState::Paid)
            .ok_or(Refusal::Missing)?;
        let left = trade.sum() - self.refunded(&order.merchant_no);
        if order.amount <= 0 || order.amount > left {
            return Err(Refusal::TooMuch);
        }
        let channel_no = self.number("5", now);
        let refund = Refund {
            state: becomes,
            channel_no,
            begun_at: now.micros(),
            done_at: if becomes == RefundState::Processing {
                0
            } else {
                now.micros()
            },
            order,
        };
        let number = refund.order.refund_no.clone();
        self.refunds.insert(number, refund.clone());
        Ok(refund)
    }

    /// Says what becomes of a refund that is being processed, or of one whose payer was found after all.
    pub(super) fn finish(&mut self, refund_no: &str, to: RefundState, now: Timestamp) -> bool {
        match self.refunds.get_mut(refund_no) {
            Some(refund)
                if matches!(
                    refund.state,
                    RefundState::Processing | RefundState::Abnormal
                ) =>
            {
                refund.state = to;
                refund.done_at = now.micros();
                true
            }
            _ => false,
        }
    }

    /// Money that the merchant has of it all, in 分.
    pub fn balance(&self) -> Fen {
        let came: i64 = self
            .trades
            .values()
            .filter(|trade| trade.state == TradeState::Paid)
            .map(Trade::sum)
            .sum();
        let went: i64 = self
            .refunds
            .values()
            .filter(|refund| refund.state == RefundState::Succeeded)
            .map(|refund| refund.order.amount)
            .sum();
        Fen::new(came - went)
    }
}
