//! The day's bill as UnionPay makes it: lines of 607 bytes in GBK, in a zip, packed again and written as text.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Date;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use zip::write::SimpleFileOptions;

use super::{Unionpay, query_id, trace_time};

const WIDTH: usize = 607;

/// Puts a text at its place in a line.
fn put(line: &mut [u8], from: usize, text: &str) {
    for (place, byte) in line.iter_mut().skip(from).zip(text.bytes()) {
        *place = byte;
    }
}

impl Unionpay {
    /// `fileContent` of a day; `None` if nothing happened.
    pub(super) fn packed(&self, day: Date) -> Option<String> {
        let table = self.table(day);
        if table.is_empty() {
            return None;
        }
        let compact: String = day.to_string().replace('-', "");
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let names = [
            (format!("INN{compact}88ZM_{}", self.0.mer_id), table),
            (format!("INN{compact}88ZME_{}", self.0.mer_id), Vec::new()),
        ];
        for (name, bytes) in names {
            zip.start_file(name, SimpleFileOptions::default()).ok()?;
            zip.write_all(&bytes).ok()?;
        }
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&zip.finish().ok()?.into_inner()).ok()?;
        Some(STANDARD.encode(packed.finish().ok()?))
    }

    /// The day's lines.
    pub fn table(&self, day: Date) -> Vec<u8> {
        let (trades, refunds) = self.0.bank.day(day);
        let mut table = Vec::new();
        let mut line = |code: &str,
                        kind: &str,
                        order: &str,
                        number: &str,
                        original: &str,
                        amount: i64,
                        at: i64| {
            let mut line = [b' '; WIDTH];
            let sum = format!("{amount:012}");
            for (from, text) in [
                (0, code),
                (28, "000001"),
                (35, &trace_time(at)),
                (66, &sum),
                (87, number),
                (112, order),
                (166, "D000000000000"),
                (180, &format!("C{sum}")),
                (215, kind),
                (271, original),
                (293, &self.0.mer_id),
            ] {
                put(&mut line, from, text);
            }
            table.extend_from_slice(&line);
            table.extend_from_slice(b"\r\n");
        };
        for trade in &trades {
            let number = query_id(trade.paid_at, &trade.channel_no);
            let order = &trade.order;
            line(
                "S22",
                "01",
                &order.merchant_no,
                &number,
                "",
                trade.sum(),
                trade.paid_at,
            );
        }
        // What came to nothing isn't money that moved.
        for refund in refunds.iter().filter(|refund| refund.moves()) {
            let of = self.0.bank.trade(&refund.order.merchant_no);
            let original = of.map(|trade| query_id(trade.paid_at, &trade.channel_no));
            let number = query_id(refund.begun_at, &refund.channel_no);
            let order = &refund.order;
            line(
                "S30",
                "04",
                &order.refund_no,
                &number,
                &original.unwrap_or_default(),
                order.amount,
                refund.begun_at,
            );
        }
        table
    }
}
