//! WeChat Pay's bill: a table in UTF-8, every value behind a backtick, two heads (payments §10).

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use domain::money::Fen;
use domain::time::Timestamp;
use flate2::read::GzDecoder;

use crate::payment::bill::{
    BadBill, BillKind, BillLine, BillReader, Columns, Lines, RawLines, Tally, cells, lines,
    signed_fen, unpacked,
};

const TITLES: [&str; 11] = [
    "交易时间",
    "商户号",
    "公众账号ID",
    "微信订单号",
    "商户订单号",
    "交易状态",
    "订单金额",
    "微信退款单号",
    "商户退款单号",
    "申请退款金额",
    "退款状态",
];
/// What it keeps, at the end of the line or near it.
const FEE: [&str; 1] = ["手续费"];
const SUMS: [&str; 3] = ["总交易单数", "订单总金额", "申请退款总金额"];

/// Reads its bills.
#[derive(Debug)]
pub(super) struct Reader {
    /// Whose bill it must be.
    pub(super) merchant: String,
}

/// Counts a stream's hash while it is read.
struct Hashed<R> {
    from: R,
    hash: Context,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Unpacks a bill; the SHA-1 of what was inside, in hexadecimal.
pub(super) fn unzipped(packed: File) -> Result<(File, String), BadBill> {
    let mut hashed = Hashed {
        from: GzDecoder::new(BufReader::new(packed)),
        hash: Context::new(&SHA1_FOR_LEGACY_USE_ONLY),
    };
    let file = unpacked(&mut hashed)?;
    Ok((file, hex::encode(hashed.hash.finish())))
}

impl BillReader for Reader {
    fn lines(&self, mut file: File) -> Result<Lines, BadBill> {
        let mut magic = [0u8; 2];
        let packed = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
        file.seek(SeekFrom::Start(0)).map_err(|_| BadBill::Io)?;
        let file = if packed { unzipped(file)?.0 } else { file };
        let mut details = Details {
            raw: RawLines::new(BufReader::new(file)),
            columns: None,
            merchant: self.merchant.clone(),
            tally: Tally::default(),
        };
        Ok(lines(move || details.step()))
    }
}

struct Details {
    raw: RawLines<BufReader<File>>,
    columns: Option<(Columns<11>, Columns<1>)>,
    merchant: String,
    tally: Tally,
}

impl Details {
    fn row(&mut self) -> Result<Option<Vec<String>>, BadBill> {
        loop {
            let Some(bytes) = self.raw.next()? else {
                return Ok(None);
            };
            let text = String::from_utf8(bytes).map_err(|_| self.raw.bad("文字编码不是 UTF-8"))?;
            let text = text.trim_start_matches('\u{feff}').trim();
            if !text.is_empty() {
                return cells(text)
                    .map(|row| row.iter().map(|cell| bare(cell)).collect())
                    .map(Some)
                    .ok_or_else(|| self.raw.bad("不是一行表格"));
            }
        }
    }

    fn step(&mut self) -> Result<Option<BillLine>, BadBill> {
        let Some(row) = self.row()? else {
            return Err(BadBill::Sum("文件末尾没有汇总，可能不完整".to_owned()));
        };
        let Some((columns, fee)) = self.columns.clone() else {
            self.columns = Some((Columns::find(&row, TITLES)?, Columns::find(&row, FEE)?));
            return self.step();
        };
        if row.first().is_some_and(|cell| cell == SUMS[0]) {
            self.close(&row)?;
            return Ok(None);
        }
        let (Some(cells), Some([fee])) = (columns.of(&row), fee.of(&row)) else {
            return Err(self.raw.bad("列数不足"));
        };
        let line = self.read(cells, fee)?;
        self.tally.add(&line)?;
        Ok(Some(line))
    }

    fn read(&self, cells: [&str; 11], fee: &str) -> Result<BillLine, BadBill> {
        let [
            at,
            mchid,
            appid,
            number,
            merchant_no,
            state,
            amount,
            refund_id,
            refund_no,
            back,
            refund_state,
        ] = cells;
        let kind = match state {
            "SUCCESS" => BillKind::Payment,
            "REFUND" | "REVOKED" => BillKind::Refund,
            _ => return Err(self.raw.bad("交易状态不是 SUCCESS 或 REFUND")),
        };
        let sum = |text: &str| {
            signed_fen(text)
                .filter(|sum| sum.get() >= 0)
                .ok_or_else(|| self.raw.bad("金额不能识别"))
        };
        let merchant = format!("{mchid}:{appid}");
        if mchid != self.merchant.split(':').next().unwrap_or_default() {
            return Err(self.raw.bad("不是本商户号的对账单"));
        }
        let at = Timestamp::parse_local(at).ok_or_else(|| self.raw.bad("交易时间不能识别"))?;
        let fee = signed_fen(fee_digits(fee)).unwrap_or(Fen::ZERO);
        Ok(match kind {
            BillKind::Payment => BillLine {
                kind,
                channel_no: number.to_owned(),
                merchant_no: merchant_no.to_owned(),
                refund_no: String::new(),
                amount: sum(amount)?,
                fee,
                at,
                merchant,
                done: true,
            },
            BillKind::Refund => BillLine {
                kind,
                channel_no: refund_id.to_owned(),
                merchant_no: merchant_no.to_owned(),
                refund_no: refund_no.to_owned(),
                amount: sum(back)?,
                fee,
                at,
                merchant,
                done: refund_state == "SUCCESS",
            },
        })
    }

    /// Whether the end says what the lines come to.
    fn close(&mut self, head: &[String]) -> Result<(), BadBill> {
        let columns = Columns::<3>::find(head, SUMS)?;
        let row = self.row()?;
        let cells = row.as_deref().and_then(|row| columns.of(row));
        let Some([count, paid, back]) = cells else {
            return Err(BadBill::Sum("没有汇总数".to_owned()));
        };
        let sum = |text: &str| signed_fen(text).map(Fen::get);
        let told = (count.parse::<u64>().ok(), sum(paid), sum(back));
        let tally = &self.tally;
        let own = (
            Some(tally.payments + tally.refunds),
            Some(tally.paid),
            Some(tally.refunded),
        );
        if told != own {
            return Err(BadBill::Sum(format!(
                "汇总为 {count} 笔、{paid} 元、退款 {back} 元，明细为 {} 笔、{} 元、退款 {} 元",
                tally.payments + tally.refunds,
                Fen::new(tally.paid).yuan(),
                Fen::new(tally.refunded).yuan()
            )));
        }
        Ok(())
    }
}

/// Fees are told to five decimals; beyond 分 nothing is booked.
fn fee_digits(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, rest)) if rest.len() > 2 => text.get(..whole.len() + 3).unwrap_or(text),
        _ => text,
    }
}

/// A value without the backtick before it.
fn bare(cell: &str) -> String {
    cell.trim_start_matches('`').trim().to_owned()
}
