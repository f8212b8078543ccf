//! Notices as UnionPay sends them: of what went through, and of nothing else.

use bytes::Bytes;
use http::Request;

use super::{Fields, Unionpay, fields, told, told_refund};
use crate::bank::{Forgery, RefundState, Trade, TradeState};

impl Unionpay {
    /// What is told of a payment; `None` while it isn't paid.
    pub(super) fn paid(&self, merchant_no: &str) -> Option<Request<Bytes>> {
        let trade = self.0.bank.trade(merchant_no)?;
        if trade.state != TradeState::Paid {
            return None;
        }
        self.letter(self.told_of(&trade), &trade.order.notify_url, true)
    }

    fn told_of(&self, trade: &Trade) -> Fields {
        let order = &trade.order;
        self.notice(told(trade), [&order.merchant_no, &order.begun, "01"])
    }

    /// What is told of a refund.
    pub(super) fn sent_back(&self, refund_no: &str) -> Option<Request<Bytes>> {
        let refund = self.0.bank.refund_of(refund_no)?;
        let order = &refund.order;
        if refund.state != RefundState::Succeeded || order.notify_url.is_empty() {
            return None;
        }
        let said = self.notice(told_refund(&refund), [&order.refund_no, &order.begun, "04"]);
        self.letter(said, &order.notify_url, true)
    }

    /// The fields of a notice: order number, time and transaction type are the transaction's own.
    fn notice(&self, mut said: Fields, of: [&str; 3]) -> Fields {
        said.remove("origRespCode");
        said.remove("origRespMsg");
        let [order, begun, kind] = of;
        said.extend(fields(&[
            ("version", "5.1.0"),
            ("encoding", "UTF-8"),
            ("bizType", "000201"),
            ("accessType", "0"),
            ("merId", &self.0.mer_id),
            ("orderId", order),
            ("txnTime", begun),
            ("txnType", kind),
        ]));
        said
    }

    /// A notice that isn't true.
    pub(super) fn forged(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        let mut trade = self.0.bank.trade(merchant_no)?;
        trade.paid_at = self.0.bank.now().micros();
        let mut said = self.told_of(&trade);
        let url = &trade.order.notify_url;
        match how {
            Forgery::WrongKey => self.letter(said, url, false),
            Forgery::OtherMerchant => {
                said.insert("merId".to_owned(), "777290058119999".to_owned());
                self.letter(said, url, true)
            }
            Forgery::Altered => {
                said.insert("respCode".to_owned(), "03".to_owned());
                let honest = self.letter(said, url, true)?;
                let body = std::str::from_utf8(honest.body()).ok()?;
                let body = Bytes::from(body.replace("respCode=03", "respCode=00"));
                Some(honest.map(|_| body))
            }
            // Its notices are good at any time.
            Forgery::Stale => None,
        }
    }
}
