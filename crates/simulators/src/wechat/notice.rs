//! Notices as WeChat Pay sends them.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use serde_json::{Value, json};

use super::{Wechat, refunded, rfc3339};
use crate::bank::{Forgery, RefundState, TradeState};

impl Wechat {
    /// What is told of a payment; `None` while it isn't paid.
    pub(super) fn paid(&self, merchant_no: &str, id: u64) -> Option<Request<Bytes>> {
        let trade = self.0.bank.trade(merchant_no)?;
        if trade.state != TradeState::Paid {
            return None;
        }
        let mut resource = self.told(&trade);
        // A notice of a payment tells of its success, whatever went back since.
        resource["trade_state"] = "SUCCESS".into();
        self.letter(
            ("TRANSACTION.SUCCESS", "transaction"),
            (&resource, id),
            &trade.order.notify_url,
            true,
        )
    }

    /// A notice that isn't true.
    pub(super) fn forged(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        let mut trade = self.0.bank.trade(merchant_no)?;
        trade.state = TradeState::Paid;
        trade.paid_at = self.0.bank.now().micros();
        if trade.channel_no.is_empty() {
            trade.channel_no = format!("4{}", trade.token.get(..20)?);
        }
        let mut resource = self.told(&trade);
        resource["trade_state"] = "SUCCESS".into();
        if how == Forgery::OtherMerchant {
            resource["mchid"] = "1600000999".into();
        }
        let what = ("TRANSACTION.SUCCESS", "transaction");
        let rightly = how != Forgery::WrongKey;
        let mut notice = self.letter(what, (&resource, 0), &trade.order.notify_url, rightly)?;
        match how {
            Forgery::Altered => {
                let text = std::str::from_utf8(notice.body()).ok()?;
                *notice.body_mut() = Bytes::from(text.replace("TRANSACTION", "transaction"));
            }
            Forgery::Stale => {
                let long_ago = self.0.bank.now().plus_seconds(-3_600);
                let body = String::from_utf8(notice.body().to_vec()).ok()?;
                let headers = self.headers_at(&body, long_ago, true);
                notice.headers_mut().extend(headers);
            }
            Forgery::WrongKey | Forgery::OtherMerchant => {}
        }
        Some(notice)
    }

    /// What is told of a refund; `None` while it is being processed or nobody listens.
    pub(super) fn sent_back(&self, refund_no: &str, id: u64) -> Option<Request<Bytes>> {
        let refund = self.0.bank.refund_of(refund_no)?;
        let event = match refund.state {
            RefundState::Processing => return None,
            RefundState::Succeeded => "REFUND.SUCCESS",
            RefundState::Failed => "REFUND.CLOSED",
            RefundState::Abnormal => "REFUND.ABNORMAL",
        };
        if refund.order.notify_url.is_empty() {
            return None;
        }
        let mut resource = refunded(&refund);
        let status = resource["status"].clone();
        resource["refund_status"] = status;
        resource["mchid"] = self.0.mchid.clone().into();
        self.letter(
            (event, "refund"),
            (&resource, id),
            &refund.order.notify_url,
            true,
        )
    }

    /// A notice of this content, sealed, and signed rightly or not.
    pub fn letter(
        &self,
        (event, kind): (&str, &str),
        (resource, id): (&Value, u64),
        url: &str,
        rightly: bool,
    ) -> Option<Request<Bytes>> {
        let nonce = format!("{id:012}");
        let nonce = nonce.get(nonce.len() - 12..)?;
        let sealed = self
            .0
            .api_key
            .seal(nonce, kind, resource.to_string().as_bytes())?;
        let body = json!({
            "id": format!("EV-{id:030}"),
            "create_time": rfc3339(self.0.bank.now().micros()),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": event,
            "resource": {
                "original_type": kind,
                "algorithm": sealed.algorithm,
                "ciphertext": sealed.ciphertext,
                "associated_data": sealed.associated_data,
                "nonce": sealed.nonce,
            },
        })
        .to_string();
        let mut request = Request::post(url).body(Bytes::from(body.clone())).ok()?;
        request.headers_mut().extend(self.headers(&body, rightly));
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        Some(request)
    }
}
