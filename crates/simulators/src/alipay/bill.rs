//! The day's bill as Alipay makes it: a zip of two tables in GBK.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use bytes::Bytes;
use domain::money::Fen;
use domain::time::Date;
use http::{Response, StatusCode, header};
use zip::write::SimpleFileOptions;

use super::{Alipay, second, trade_no};

const HEAD: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,\
支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,\
服务费（元）,分润（元）,备注";

impl Alipay {
    pub(super) fn bill(&self, day: Option<Date>) -> Response<Bytes> {
        let zipped = day.and_then(|day| self.zipped(day));
        let mut answer = Response::new(Bytes::new());
        match zipped {
            Some(bytes) => {
                *answer.body_mut() = Bytes::from(bytes);
                answer.headers_mut().insert(
                    header::CONTENT_TYPE,
                    header::HeaderValue::from_static("application/zip"),
                );
            }
            None => *answer.status_mut() = StatusCode::NOT_FOUND,
        }
        answer
    }

    fn zipped(&self, day: Date) -> Option<Vec<u8>> {
        let compact: String = day.to_string().replace('-', "");
        let stem = format!("{}_{compact}", self.0.seller_id);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let tables = [
            (format!("{stem}_业务明细.csv"), self.table(day)),
            (format!("{stem}_业务明细(汇总).csv"), sums(day)),
        ];
        for (name, text) in tables {
            zip.start_file(name, SimpleFileOptions::default()).ok()?;
            let (bytes, _, _) = encoding_rs::GBK.encode(&text);
            zip.write_all(&bytes).ok()?;
        }
        Some(zip.finish().ok()?.into_inner())
    }

    /// The table of the day's lines.
    pub fn table(&self, day: Date) -> String {
        let (trades, refunds) = self.0.bank.day(day);
        let mut text = format!(
            "#支付宝业务明细查询\r\n#账号：[{}]\r\n#起始日期：[{day} 00:00:00]\r\n#-----业务明细列表----\r\n{HEAD}\r\n",
            self.0.seller_id
        );
        let mut row = |kind: &str, ids: [&str; 3], amount: i64, at: i64, subject: &str| {
            let [channel_no, merchant_no, request] = ids;
            let sum = Fen::new(amount).yuan();
            // Writing to a String can't fail.
            let _ = write!(
                text,
                "{channel_no}\t,{merchant_no}\t,{kind},{subject},{at},{at},,,,,buy***@example.com,{sum},{sum},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,\
                 {request}\t,0.00,0.00,\r\n",
                at = second(at)
            );
        };
        for trade in &trades {
            let ids = [&*trade_no(trade), &trade.order.merchant_no, ""];
            row(
                "交易",
                ids,
                trade.sum(),
                trade.paid_at,
                &trade.order.subject,
            );
        }
        // What came to nothing isn't money that moved.
        let refunds: Vec<_> = refunds
            .into_iter()
            .filter(|refund| refund.moves())
            .collect();
        for refund in &refunds {
            let of = self.0.bank.trade(&refund.order.merchant_no);
            let number = of.as_ref().map(trade_no).unwrap_or_default();
            let ids = [&*number, &refund.order.merchant_no, &refund.order.refund_no];
            row("退款", ids, -refund.order.amount, refund.begun_at, "退款");
        }
        let paid: i64 = trades.iter().map(|trade| trade.sum()).sum();
        let back: i64 = refunds.iter().map(|refund| refund.order.amount).sum();
        let _ = write!(
            text,
            "#-----业务明细列表结束----\r\n#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n#退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n",
            trades.len(),
            Fen::new(paid).yuan(),
            refunds.len(),
            Fen::new(-back).yuan()
        );
        text
    }
}

fn sums(day: Date) -> String {
    format!("#支付宝业务汇总查询\r\n#起始日期：[{day} 00:00:00]\r\n")
}
