//! The day's bill as WeChat Pay makes it: a table in UTF-8, gzipped.

use std::fmt::Write as _;
use std::io::Write as _;

use bytes::Bytes;
use domain::money::Fen;
use domain::time::{Date, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Response, StatusCode};
use sha1::{Digest as _, Sha1};

use super::Wechat;
use crate::bank::RefundState;

const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMS: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/// SHA-1 of a table, in hexadecimal.
pub(super) fn hash(table: &str) -> String {
    hex::encode(Sha1::digest(table.as_bytes()))
}

impl Wechat {
    pub(super) fn bill(&self, day: &str) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        let zipped = Date::parse_typed(day).and_then(|day| {
            let mut zip = GzEncoder::new(Vec::new(), Compression::default());
            zip.write_all(self.table(day).as_bytes()).ok()?;
            zip.finish().ok()
        });
        match zipped {
            Some(bytes) => *answer.body_mut() = Bytes::from(bytes),
            None => *answer.status_mut() = StatusCode::NOT_FOUND,
        }
        answer
    }

    /// The table of the day's lines.
    pub fn table(&self, day: Date) -> String {
        let (trades, refunds) = self.0.bank.day(day);
        let (appid, mchid) = (&self.0.appid, &self.0.mchid);
        let mut text = format!("\u{feff}{HEAD}\r\n");
        let time = |at: i64| Timestamp::from_micros(at).to_local_second();
        let (mut paid, mut back) = (0, 0);
        // Writing to a String can't fail.
        for trade in &trades {
            let sum = Fen::new(trade.sum()).yuan();
            paid += trade.sum();
            let _ = write!(
                text,
                "`{},`{appid},`{mchid},`0,`,`{},`{},`o-payer,`NATIVE,`SUCCESS,`OTHERS,`CNY,`{sum},`0.00,`0,`0,`0.00,`0.00,`,`,`{},`,\
                 `0.00000,`0.00%,`{sum},`0.00,`\r\n",
                time(trade.paid_at),
                trade.channel_no,
                trade.order.merchant_no,
                trade.order.subject,
            );
        }
        for refund in &refunds {
            let sum = Fen::new(refund.order.amount).yuan();
            back += refund.order.amount;
            let of = self.0.bank.trade(&refund.order.merchant_no);
            let number = of.map(|trade| trade.channel_no).unwrap_or_default();
            let state = match refund.state {
                RefundState::Processing => "PROCESSING",
                RefundState::Succeeded => "SUCCESS",
                RefundState::Failed => "FAIL",
                RefundState::Abnormal => "CHANGE",
            };
            let _ = write!(
                text,
                "`{},`{appid},`{mchid},`0,`,`{number},`{},`o-payer,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`{},`{},`{sum},`0.00,`ORIGINAL,\
                 `{state},`退款,`,`0.00000,`0.00%,`0.00,`{sum},`\r\n",
                time(refund.begun_at),
                refund.order.merchant_no,
                refund.channel_no,
                refund.order.refund_no,
            );
        }
        let (paid, back) = (Fen::new(paid).yuan(), Fen::new(back).yuan());
        let _ = write!(
            text,
            "{SUMS}\r\n`{},`{paid},`{back},`0.00,`0.00000,`{paid},`{back}\r\n",
            trades.len() + refunds.len(),
        );
        text
    }
}
