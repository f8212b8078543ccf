//! UnionPay's bill: lines of fixed width in bytes, in a zip (payments §10).

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use domain::clock::Clock;
use domain::money::Fen;
use domain::time::Timestamp;

use super::read::trace_time;
use crate::payment::bill::{
    BadBill, BillKind, BillLine, BillReader, Lines, RawLines, lines, unpacked,
};

/// Beyond this column lines differ by version.
const NEEDED: usize = 308;

/// Reads its bills.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) mer_id: String,
    pub(super) clock: Arc<dyn Clock>,
}

impl BillReader for Reader {
    fn lines(&self, file: File) -> Result<Lines, BadBill> {
        let not_zip = |_| BadBill::Format("不是 zip 文件".to_owned());
        let mut archive = zip::ZipArchive::new(file).map_err(not_zip)?;
        if archive.len() > 64 {
            return Err(BadBill::TooLarge);
        }
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(not_zip)?;
            // `ZM_` lists what went through, `ZME_` what didn't.
            if entry.name().is_ok_and(|name| name.contains("ZM_")) {
                let table = unpacked(entry)?;
                let mut details = Details {
                    raw: RawLines::new(BufReader::new(table)),
                    mer_id: self.mer_id.clone(),
                    now: self.clock.now(),
                };
                return Ok(lines(move || details.step()));
            }
        }
        Err(BadBill::Format("压缩包里没有 ZM 明细文件".to_owned()))
    }
}

struct Details {
    raw: RawLines<BufReader<File>>,
    mer_id: String,
    now: Timestamp,
}

impl Details {
    fn step(&mut self) -> Result<Option<BillLine>, BadBill> {
        loop {
            let Some(line) = self.raw.next()? else {
                // It has no sums: that it is whole is what its length in lines and the zip's own check tell.
                return Ok(None);
            };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if let Some(line) = self.read(&line)? {
                return Ok(Some(line));
            }
        }
    }

    /// `None` for what is neither a payment nor a refund.
    fn read(&self, line: &[u8]) -> Result<Option<BillLine>, BadBill> {
        if line.len() < NEEDED {
            return Err(self.raw.bad("行太短"));
        }
        let field = |from: usize, length: usize| -> &str {
            line.get(from..from + length)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default()
                .trim()
        };
        let kind = match field(215, 2) {
            "01" => BillKind::Payment,
            "04" | "31" => BillKind::Refund,
            _ => return Ok(None),
        };
        if field(293, 15) != self.mer_id {
            return Err(self.raw.bad("不是本商户代码的对账单"));
        }
        let amount: i64 = field(66, 12)
            .parse()
            .map_err(|_| self.raw.bad("交易金额不能识别"))?;
        let order = field(112, 32).to_owned();
        let query_id = field(87, 21).to_owned();
        // Bills are of the last months: the year is this one or the one before.
        let at = trace_time(field(35, 10), self.now.plus_days(-300))
            .ok_or_else(|| self.raw.bad("交易时间不能识别"))?;
        Ok(Some(BillLine {
            kind,
            channel_no: query_id,
            merchant_no: if kind == BillKind::Payment {
                order.clone()
            } else {
                String::new()
            },
            refund_no: if kind == BillKind::Refund {
                order
            } else {
                String::new()
            },
            amount: Fen::new(amount),
            fee: fee(field(166, 13)),
            at,
            merchant: self.mer_id.clone(),
            done: true,
        }))
    }
}

/// `C` or `D` and twelve digits, or digits alone; what else it is isn't booked.
fn fee(text: &str) -> Fen {
    let digits = text.trim_start_matches(['C', 'D']);
    let sum: i64 = digits.parse().unwrap_or(0);
    Fen::new(if text.starts_with('C') { -sum } else { sum })
}
