//! What we ask of UnionPay.

use std::io::{Cursor, Seek as _, SeekFrom, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::payment::evidence::News;
use domain::time::Date;
use flate2::read::ZlibDecoder;
use http::Request;

use super::sign::{self, Fields};
use super::{Unionpay, compact, read};
use crate::payment::bill::unpacked;
use crate::payment::{
    BillAnswer, Checkout, Device, Lost, Named, NewPayment, NewRefund, RefundNews, encoded,
};

/// The answer with a bill holds it as text: no more of it is held in memory. A day of some 300,000 lines; larger ones are uploaded.
const LARGEST_ANSWER: u64 = 96 * 1024 * 1024;
/// A bill is there from 10:30 of the next day on.
const BILL_SECONDS: i64 = 10 * 3600 + 1800;

impl Unionpay {
    /// The fields that every call has.
    fn fields(&self, kinds: (&str, &str, &str), channel: &str, of: (&str, String)) -> Fields {
        let (txn_type, sub_type, biz_type) = kinds;
        let (order_id, txn_time) = of;
        [
            ("version", "5.1.0"),
            ("encoding", "UTF-8"),
            ("txnType", txn_type),
            ("txnSubType", sub_type),
            ("bizType", biz_type),
            ("channelType", channel),
            ("accessType", "0"),
            ("merId", &self.config.mer_id),
            ("orderId", order_id),
            ("txnTime", &txn_time),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    fn request(&self, url: &str, fields: Fields) -> Option<Request<Bytes>> {
        Request::post(url)
            .header(
                "content-type",
                "application/x-www-form-urlencoded;charset=UTF-8",
            )
            .body(Bytes::from(encoded(self.config.identity.sign(fields))))
            .ok()
    }

    /// The verified fields of an answer.
    async fn call(&self, place: &str, fields: Fields) -> Result<Fields, Lost> {
        let url = format!("{}/{place}", self.config.gateway);
        let request = self.request(&url, fields).ok_or(Lost::Unsent)?;
        let answer = self.line.send(request).await?;
        if !answer.status().is_success() {
            return Err(Lost::Unanswered);
        }
        let body = std::str::from_utf8(answer.body()).map_err(|_| Lost::Unanswered)?;
        let fields = sign::answer(body.trim()).ok_or(Lost::Unanswered)?;
        if !self.config.trust.holds(&fields, self.clock.now()) {
            return Err(Lost::Unanswered);
        }
        Ok(fields)
    }

    /// The form that leads to the cashier. Nothing is sent by us.
    pub(super) fn form(&self, payment: &NewPayment) -> Checkout {
        let channel = match payment.payer.device {
            Device::Desk => "07",
            Device::Phone | Device::WeChat { .. } => "08",
        };
        let of = (payment.merchant_no.as_str(), compact(payment.begun_at));
        let mut fields = self.fields(("01", "01", "000201"), channel, of);
        for (name, value) in [
            ("txnAmt", payment.amount.get().to_string()),
            ("currencyCode", "156".to_owned()),
            ("frontUrl", payment.return_url.clone()),
            ("backUrl", payment.notify_url.clone()),
            ("payTimeout", compact(payment.expires_at)),
            ("orderDesc", payment.subject.clone()),
        ] {
            fields.insert(name.to_owned(), value);
        }
        Checkout::Form {
            action: format!("{}/frontTransReq.do", self.config.gateway),
            fields: self.config.identity.sign(fields).into_iter().collect(),
        }
    }

    async fn query_fields(&self, of: (&str, String)) -> Result<Fields, Lost> {
        let fields = self.fields(("00", "00", "000201"), "07", of.clone());
        let answer = self.call("queryTrans.do", fields).await?;
        let same = read::get(&answer, "orderId") == of.0
            && read::get(&answer, "txnTime") == of.1
            && read::get(&answer, "merId") == self.config.mer_id;
        if same {
            Ok(answer)
        } else {
            Err(Lost::Unanswered)
        }
    }

    /// What became of a payment.
    pub(super) async fn look(&self, payment: &Named) -> News {
        let of = (payment.merchant_no.as_str(), compact(payment.begun_at));
        match self.query_fields(of).await {
            Ok(answer) => read::payment(&answer, payment.begun_at),
            Err(_) => News::Unknown,
        }
    }

    pub(super) async fn send_back(&self, refund: &NewRefund) -> RefundNews {
        let Some(query_id) = &refund.of.channel_no else {
            return RefundNews::Failed("没有原交易的流水号".to_owned());
        };
        let of = (refund.refund_no.as_str(), compact(refund.begun_at));
        let mut fields = self.fields(("04", "00", "000201"), "07", of);
        fields.insert("origQryId".to_owned(), query_id.clone());
        fields.insert("txnAmt".to_owned(), refund.amount.get().to_string());
        fields.insert("currencyCode".to_owned(), "156".to_owned());
        fields.insert("backUrl".to_owned(), refund.notify_url.clone());
        match self.call("backTransReq.do", fields).await {
            Ok(answer) => read::refund_taken(&answer),
            Err(_) => RefundNews::Unknown,
        }
    }

    pub(super) async fn look_back(&self, refund: &NewRefund) -> RefundNews {
        let of = (refund.refund_no.as_str(), compact(refund.begun_at));
        match self.query_fields(of).await {
            Ok(answer) => read::refund(&answer, refund),
            Err(_) => RefundNews::Unknown,
        }
    }

    pub(super) async fn fetch_bill(&self, day: Date) -> BillAnswer {
        let now = self.clock.now();
        let mut fields = self.fields(("76", "01", "000000"), "07", ("", compact(now)));
        fields.insert("fileType".to_owned(), "00".to_owned());
        fields.insert(
            "settleDate".to_owned(),
            format!("{:02}{:02}", day.month(), day.day()),
        );
        fields.remove("orderId");
        let Some(answer) = self.file(fields).await else {
            return BillAnswer::Unknown;
        };
        match read::get(&answer, "respCode") {
            "00" => inside(read::get(&answer, "fileContent")).unwrap_or(BillAnswer::Unknown),
            // There is no such file: not yet, or there was nothing.
            "98" if now < day.end().plus_seconds(BILL_SECONDS) => BillAnswer::NotReady,
            "98" => BillAnswer::Empty,
            _ => BillAnswer::Refused(read::get(&answer, "respMsg").to_owned()),
        }
    }

    async fn file(&self, fields: Fields) -> Option<Fields> {
        let request = self.request(&self.config.files, fields)?;
        let mut text = Vec::new();
        let fetched = {
            let mut keep = |piece: &[u8]| text.write_all(piece);
            self.line
                .transport()
                .fetch(request, LARGEST_ANSWER, &mut keep)
                .await
        };
        if fetched != Ok(200) {
            return None;
        }
        let fields = sign::answer(std::str::from_utf8(&text).ok()?.trim())?;
        self.config
            .trust
            .holds(&fields, self.clock.now())
            .then_some(fields)
    }
}

/// The zip inside `fileContent`: Base64 of what zlib packed.
fn inside(content: &str) -> Option<BillAnswer> {
    let packed = STANDARD.decode(content).ok()?;
    let mut file = unpacked(ZlibDecoder::new(Cursor::new(packed))).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    Some(BillAnswer::File(file))
}
