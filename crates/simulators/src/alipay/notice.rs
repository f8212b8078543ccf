//! Notices as Alipay sends them.

use bytes::Bytes;
use domain::money::Fen;
use gateways::payment::alipay::sign::{self, Params};
use http::{Request, header};

use super::{Alipay, second, trade_no};
use crate::bank::{Forgery, Trade, TradeState};

impl Alipay {
    /// What is told of a payment; `None` while it isn't paid.
    pub(super) fn notice(&self, merchant_no: &str, id: u64) -> Option<Request<Bytes>> {
        let trade = self.0.bank.trade(merchant_no)?;
        if trade.state != TradeState::Paid {
            return None;
        }
        self.letter(self.told_of(&trade, id), &trade.order.notify_url, true)
    }

    fn told_of(&self, trade: &Trade, id: u64) -> Params {
        let bank = &self.0.bank;
        let refunded = bank.refunded(&trade.order.merchant_no);
        let amount = Fen::new(trade.sum()).yuan();
        let mut params = Params::new();
        let mut put = |name: &str, value: String| params.insert(name.to_owned(), value);
        put("notify_id", format!("{id:034}"));
        put("notify_type", "trade_status_sync".to_owned());
        put("notify_time", bank.now().to_local_second());
        put("charset", "utf-8".to_owned());
        put("version", "1.0".to_owned());
        put("app_id", self.0.app_id.clone());
        put("seller_id", self.0.seller_id.clone());
        put("out_trade_no", trade.order.merchant_no.clone());
        put("trade_no", trade_no(trade));
        let status = if refunded >= trade.sum() {
            "TRADE_CLOSED"
        } else {
            "TRADE_SUCCESS"
        };
        put("trade_status", status.to_owned());
        put("subject", trade.order.subject.clone());
        put("total_amount", amount.clone());
        put("receipt_amount", amount.clone());
        put("buyer_pay_amount", amount);
        put("gmt_payment", second(trade.paid_at));
        if refunded > 0 {
            put("refund_fee", Fen::new(refunded).yuan());
        }
        params
    }

    /// A notice that isn't true.
    pub(super) fn forged(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        let mut trade = self.0.bank.trade(merchant_no)?;
        trade.paid_at = self.0.bank.now().micros();
        let mut params = self.told_of(&trade, 0);
        params.insert("trade_status".to_owned(), "TRADE_SUCCESS".to_owned());
        let url = &trade.order.notify_url;
        match how {
            Forgery::WrongKey => self.letter(params, url, false),
            Forgery::OtherMerchant => {
                params.insert("app_id".to_owned(), "2021000000000999".to_owned());
                params.insert("seller_id".to_owned(), "2088000000000999".to_owned());
                self.letter(params, url, true)
            }
            Forgery::Altered => {
                params.insert("trade_status".to_owned(), "WAIT_BUYER_PAY".to_owned());
                let honest = self.letter(params, url, true)?;
                let body = std::str::from_utf8(honest.body()).ok()?;
                let body = Bytes::from(body.replace("WAIT_BUYER_PAY", "TRADE_SUCCESS"));
                Some(honest.map(|_| body))
            }
            // Its notices are good at any time.
            Forgery::Stale => None,
        }
    }

    /// A notice with these parameters, signed rightly or not.
    pub fn letter(&self, mut params: Params, url: &str, rightly: bool) -> Option<Request<Bytes>> {
        params.insert("sign_type".to_owned(), "RSA2".to_owned());
        if let Some([_, _, own]) = &self.0.certificates {
            params.insert("alipay_cert_sn".to_owned(), own.clone());
        }
        let key = if rightly {
            &self.0.key
        } else {
            &self.0.wrong_key
        };
        let sign = key.sign(sign::notice_text(&params).as_bytes());
        params.insert("sign".to_owned(), sign);
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(params);
        Request::post(url)
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .body(Bytes::from(body.finish()))
            .ok()
    }

    /// A forged notice with a right signature.
    pub(super) fn signed_rightly(&self, notice: &Request<Bytes>) -> Option<Request<Bytes>> {
        let mut params: Params = form_urlencoded::parse(notice.body()).into_owned().collect();
        params.remove("sign");
        self.letter(params, &notice.uri().to_string(), true)
    }
}
