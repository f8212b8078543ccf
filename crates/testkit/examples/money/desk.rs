//! The truth about money that no channel tells of: what is in the till and at the fiscal bank, and what the centre paid back itself.

use std::collections::BTreeMap;

use domain::time::Timestamp;

/// How far a payment at the counter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// Paid, with a receipt.
    Paid,
    /// One person entered it.
    Entered,
    /// Another confirmed it.
    Taken,
    /// It wasn't owed: handed back over the counter.
    Returned,
}

/// A payment at the counter.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    pub(crate) order: String,
    pub(crate) number: String,
    pub(crate) amount: i64,
    pub(crate) at: Timestamp,
    pub(crate) slip: Slip,
}

/// A payment by a code.
#[derive(Debug, Clone)]
pub(crate) struct Credit {
    pub(crate) code: String,
    pub(crate) voucher: String,
    pub(crate) amount: i64,
    pub(crate) at: Timestamp,
    /// Whether a list of the bank's had it.
    pub(crate) listed: bool,
}

/// What was paid back by the centre itself: from which account, and how much.
#[derive(Debug, Clone)]
pub(crate) struct Back {
    pub(crate) book: String,
    pub(crate) amount: i64,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) counter: Vec<Counter>,
    pub(crate) credits: Vec<Credit>,
    /// By the refund's number.
    pub(crate) back: BTreeMap<String, Back>,
    numbers: u64,
}

impl Desk {
    /// A number for a document, a code or a receipt.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn pay(&mut self, order: &str, amount: i64, at: Timestamp) {
        let number = format!("S-{}", self.number());
        self.counter.push(Counter {
            order: order.to_owned(),
            number,
            amount,
            at,
            slip: Slip::Paid,
        });
    }

    pub(crate) fn pay_code(&mut self, code: &str, amount: i64, at: Timestamp) {
        let voucher = format!("GH-{}", self.number());
        self.credits.push(Credit {
            code: code.to_owned(),
            voucher,
            amount,
            at,
            listed: false,
        });
    }

    /// What was taken: channel, the number under which it is known, the sum.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (&'static str, String, i64)> {
        let counter = self.counter.iter();
        let counter = counter
            .filter(|one| one.slip != Slip::Returned)
            .map(|one| ("offline", format!("cash:{}", one.number), one.amount));
        let credits = self.credits.iter();
        let credits = credits.map(|one| {
            let number = format!("{}:{}", one.code, one.voucher);
            ("nontax", number, one.amount)
        });
        counter.chain(credits)
    }
}
