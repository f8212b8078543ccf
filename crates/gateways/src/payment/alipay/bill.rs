//! Alipay's bill: a zip of tables in GBK, one of the day's lines, one of their sums (payments §10).
//!
//! Lines that begin with `#` are for people, but for the last ones, which say how many lines there were and what they come to. Numbers end in
//! a tab, so that a spreadsheet leaves them alone.

use std::fs::File;
use std::io::BufReader;

use domain::time::Timestamp;
use encoding_rs::GBK;

use crate::payment::bill::{
    BadBill, BillKind, BillLine, BillReader, Columns, Lines, RawLines, Tally, cells, lines,
    signed_fen, unpacked,
};

/// Columns that are read, by their titles.
const TITLES: [&str; 8] = [
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "创建时间",
    "完成时间",
    "订单金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
];

/// Reads its bills.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) merchant: String,
}

impl BillReader for Reader {
    fn lines(&self, file: File) -> Result<Lines, BadBill> {
        let table = details(file)?;
        let raw = RawLines::new(BufReader::new(table));
        let mut details = Details {
            raw,
            columns: None,
            merchant: self.merchant.clone(),
            tally: Tally::default(),
            told: [None, None],
        };
        Ok(lines(move || details.step()))
    }
}

/// The table of lines inside the zip, unpacked.
fn details(file: File) -> Result<File, BadBill> {
    let not_zip = |_| BadBill::Format("不是 zip 文件".to_owned());
    let mut archive = zip::ZipArchive::new(file).map_err(not_zip)?;
    // Two tables, and room for what may be added to them.
    if archive.len() > 16 {
        return Err(BadBill::TooLarge);
    }
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(not_zip)?;
        let name = entry.name_raw().to_vec();
        let (name, _, _) = GBK.decode(&name);
        // Some of them are named in UTF-8.
        let sums = name.contains("汇总") || entry.name().is_ok_and(|name| name.contains("汇总"));
        if name.ends_with(".csv") && !sums {
            return unpacked(entry);
        }
    }
    Err(BadBill::Format("压缩包里没有业务明细".to_owned()))
}

/// The lines of the table.
struct Details {
    raw: RawLines<BufReader<File>>,
    columns: Option<Columns<8>>,
    merchant: String,
    tally: Tally,
    /// What the end says: payments and refunds, number and sum.
    told: [Option<(u64, i64)>; 2],
}

impl Details {
    fn step(&mut self) -> Result<Option<BillLine>, BadBill> {
        while let Some(bytes) = self.raw.next()? {
            let (text, _, broken) = GBK.decode(&bytes);
            if broken {
                return Err(self.raw.bad("文字编码不是 GBK"));
            }
            if let Some(note) = text.strip_prefix('#') {
                if !self.is_ours(note) {
                    return Err(BadBill::Format("是另一个支付宝账号的账单".to_owned()));
                }
                self.note(note);
                continue;
            }
            if text.trim().is_empty() {
                continue;
            }
            let row = cells(&text).ok_or_else(|| self.raw.bad("不是一行表格"))?;
            let Some(columns) = self.columns.clone() else {
                self.columns = Some(Columns::find(&row, TITLES)?);
                continue;
            };
            let cells = columns.of(&row).ok_or_else(|| self.raw.bad("列数不足"))?;
            let line = self.read(cells)?;
            self.tally.add(&line)?;
            return Ok(Some(line));
        }
        self.close()?;
        Ok(None)
    }

    fn read(&self, cells: [&str; 8]) -> Result<BillLine, BadBill> {
        let [
            channel_no,
            merchant_no,
            kind,
            created,
            done,
            amount,
            request,
            fee,
        ] = cells;
        let kind = match kind {
            "交易" => BillKind::Payment,
            "退款" => BillKind::Refund,
            _ => return Err(self.raw.bad("业务类型不是交易或退款")),
        };
        let amount = signed_fen(amount).ok_or_else(|| self.raw.bad("订单金额不能识别"))?;
        let amount = match kind {
            BillKind::Payment => amount,
            BillKind::Refund => domain::money::Fen::new(-amount.get()),
        };
        if amount.get() < 0 {
            return Err(self.raw.bad("金额的正负与业务类型不符"));
        }
        let fee = signed_fen(fee).ok_or_else(|| self.raw.bad("服务费不能识别"))?;
        let at = [done, created]
            .into_iter()
            .find_map(Timestamp::parse_local)
            .ok_or_else(|| self.raw.bad("时间不能识别"))?;
        Ok(BillLine {
            kind,
            channel_no: if kind == BillKind::Payment {
                channel_no
            } else {
                request
            }
            .to_owned(),
            merchant_no: merchant_no.to_owned(),
            refund_no: if kind == BillKind::Refund {
                request
            } else {
                ""
            }
            .to_owned(),
            amount,
            fee,
            at,
            merchant: self.merchant.clone(),
            done: true,
        })
    }

    /// `账号：[20880000000000000156]`: whose bill it is, our PID and the number of one of its accounts. Digits that are hidden say nothing.
    fn is_ours(&self, note: &str) -> bool {
        let Some(account) = note.trim().strip_prefix("账号：") else {
            return true;
        };
        let account = account.trim_matches(['[', ']']);
        let seller = self.merchant.split(':').nth(1).unwrap_or_default();
        let told = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
        !told || account.starts_with(seller)
    }

    /// `交易合计：8笔，商家实收共960.00元，…`, `退款合计：2笔，商家实收退款共-240.00元，…`.
    fn note(&mut self, note: &str) {
        for (told, name) in self.told.iter_mut().zip(["交易合计：", "退款合计："]) {
            let Some(rest) = note.trim().strip_prefix(name) else {
                continue;
            };
            let count = rest.split('笔').next().and_then(|n| n.trim().parse().ok());
            let sum = rest
                .split('共')
                .nth(1)
                .and_then(|rest| rest.split('元').next())
                .and_then(|sum| signed_fen(sum.trim()));
            if let (Some(count), Some(sum)) = (count, sum) {
                *told = Some((count, sum.get().abs()));
            }
        }
    }

    /// Whether its end says what its lines come to.
    fn close(&self) -> Result<(), BadBill> {
        let [Some(payments), Some(refunds)] = self.told else {
            return Err(BadBill::Sum("文件末尾没有合计，可能不完整".to_owned()));
        };
        if self.columns.is_none() {
            return Err(BadBill::Format("没有表头".to_owned()));
        }
        if payments.0 != self.tally.payments || refunds.0 != self.tally.refunds {
            return Err(BadBill::Sum(format!(
                "合计 {} 笔交易、{} 笔退款，明细 {} 笔、{} 笔",
                payments.0, refunds.0, self.tally.payments, self.tally.refunds
            )));
        }
        Ok(())
    }
}
