//! What a channel, verified, has told about one merchant number.

use crate::coded::coded;
use crate::money::Fen;
use crate::time::Timestamp;

coded! {
    /// How the news came. All weigh the same once they are verified; a browser's return alone is not evidence.
    pub enum Source {
        /// A signed notice.
        Notice = "notice", "渠道通知";
        /// The answer to our query.
        Query = "query", "主动查询";
        /// The query that the return page triggered.
        Return = "return", "返回页查询";
        /// A line of the channel's bill.
        Bill = "bill", "对账单";
        /// Entered by two people from a document.
        Offline = "offline", "线下登记";
    }
}

/// The currency that every channel must name.
pub const CNY: &str = "CNY";

/// A payment, as the channel states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidNews {
    /// The channel's own number for the transaction.
    pub channel_no: String,
    /// The sum.
    pub amount: Fen,
    /// Its currency, `CNY`.
    pub currency: String,
    /// When the payer paid, by the channel's clock. It decides about deadlines, not the arrival of the news.
    pub paid_at: Timestamp,
}

/// The verdict. A timeout, a server error and a bad signature are [`News::Unknown`], never "not paid".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Money is there.
    Paid(PaidNews),
    /// Not paid. `last`: the channel says that this can't change any more.
    NotPaid {
        /// Whether it is final.
        last: bool,
    },
    /// The channel closed it unpaid.
    Closed,
    /// Nobody knows.
    Unknown,
}

/// One verified piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// How it came.
    pub source: Source,
    /// Name of the channel.
    pub channel: String,
    /// Whom the channel credited, and under which of our identities: `mchid:appid` or the like.
    pub merchant: String,
    /// Our number of the attempt.
    pub merchant_no: String,
    /// What it says.
    pub news: News,
}
