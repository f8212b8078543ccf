//! 财政电子票据: the receipts that the fiscal office issues for fees, and the file in which it tells their numbers.

use std::collections::BTreeMap;

use super::number;
use crate::coded::coded;
use crate::exam::table::{ProblemSeverity, RowProblem};
use crate::money::Fen;
use crate::sheet::columns::{Column, Header};
use crate::sheet::{Sheet, clean};
use crate::time::Date;

/// Rows of one file.
pub const MOST_ROWS: usize = 20_000;

/// A receipt, as a file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// 票据代码
    pub code: String,
    /// 票据号码
    pub number: String,
    /// 校验码
    pub check: String,
    /// 开票日期
    pub issued_on: Date,
    /// The sum.
    pub amount: Fen,
}

impl Receipt {
    /// Whether it is the same one, whatever else is said of it.
    pub fn is(&self, other: &Self) -> bool {
        self.code == other.code && self.number == other.number
    }
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line in the sheet.
    pub line: u32,
    /// 缴费单号, without blanks.
    pub order_no: String,
    /// What it says.
    pub receipt: Receipt,
}

/// A file as read: good rows, and what is wrong with the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// How many rows hold something.
    pub rows: u32,
    /// The good ones.
    pub good: Vec<Row>,
    /// What must be repaired; line 0 for the whole file.
    pub problems: Vec<RowProblem>,
}

coded! {
    /// What a row does to what is known.
    pub enum Change {
        /// The order had no receipt.
        New = "new", "新增";
        /// It had this one.
        Same = "same", "没有变化";
        /// It had another one, or another sum or check code.
        Changed = "changed", "更正";
    }
}

impl Change {
    /// Beside what is known of the order.
    pub fn of(receipt: &Receipt, known: Option<&Receipt>) -> Self {
        match known {
            None => Self::New,
            Some(known) if known == receipt => Self::Same,
            Some(_) => Self::Changed,
        }
    }
}

/// What an order came to, in 分.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// What was paid; `None` for an order that isn't.
    pub paid: Option<Fen>,
    /// What went back of it.
    pub back: Fen,
}

/// Why a receipt doesn't belong to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It isn't paid.
    #[error("这张缴费单没有支付，不能有票据")]
    Unpaid,
    /// All of it went back.
    #[error("这张缴费单已全额退款，票据应冲红，不能再登记")]
    Refunded,
    /// Another sum.
    #[error("票据金额应为 {} 元", .0.yuan())]
    Amount(Fen),
    /// It would replace one that has to be reversed first.
    #[error("原票据还没有冲红，请先登记红票号码，再导入新票据")]
    Unreversed,
    /// It has to be reversed, and the sum that is told would hide that.
    #[error("这张票据待冲红，金额应仍为 {} 元。请先登记红票号码，重开的票据用新的票据号码导入", .0.yuan())]
    Waits(Fen),
}

impl Settled {
    /// What is left of it.
    pub fn left(self) -> Fen {
        let paid = self.paid.map_or(0, Fen::get);
        Fen::new(paid.saturating_sub(self.back.get()).max(0))
    }

    /// Whether a receipt of a sum fits: the whole of what was paid, or what is left after a part went back.
    ///
    /// # Errors
    /// Why not.
    pub fn check(self, amount: Fen) -> Result<(), Unfit> {
        let paid = self.paid.ok_or(Unfit::Unpaid)?;
        if self.left().get() == 0 {
            return Err(Unfit::Refunded);
        }
        if amount != paid && amount != self.left() {
            return Err(Unfit::Amount(self.left()));
        }
        Ok(())
    }

    /// Whether a receipt may follow the one that is known, of which `reversed` says whether it was: another number would hide that the
    /// known one is due to be, and so would a smaller sum. What else was mistyped about the same number may be mended at any time.
    ///
    /// # Errors
    /// Why not.
    pub fn follow(self, receipt: &Receipt, known: &Receipt, reversed: bool) -> Result<(), Unfit> {
        if reversed || !self.to_reverse(known.amount) {
            return Ok(());
        }
        if !receipt.is(known) {
            return Err(Unfit::Unreversed);
        }
        if !self.to_reverse(receipt.amount) {
            return Err(Unfit::Waits(known.amount));
        }
        Ok(())
    }

    /// Whether a receipt says more than is left: it must be reversed (冲红).
    pub fn to_reverse(self, amount: Fen) -> bool {
        amount.get() > self.left().get()
    }
}

const COLUMNS: &[Column] = &[
    Column {
        key: "order",
        title: "缴费单号",
        names: &["缴费单号", "业务单号", "订单号"],
    },
    Column {
        key: "code",
        title: "票据代码",
        names: &["票据代码", "电子票据代码"],
    },
    Column {
        key: "number",
        title: "票据号码",
        names: &["票据号码", "电子票据号码", "票号"],
    },
    Column {
        key: "check",
        title: "校验码",
        names: &["校验码", "票据校验码"],
    },
    Column {
        key: "date",
        title: "开票日期",
        names: &["开票日期", "开具日期", "票据日期"],
    },
    Column {
        key: "amount",
        title: "金额",
        names: &["金额", "票据金额", "开票金额", "金额元", "票据金额元"],
    },
];

fn problem(line: u32, column: &str, cell: &str, message: &str) -> RowProblem {
    RowProblem {
        row: line,
        column: column.to_owned(),
        cell: cell.chars().take(40).collect(),
        message: message.to_owned(),
        severity: ProblemSeverity::Error,
    }
}

fn whole(message: &str) -> Read {
    Read {
        problems: vec![problem(0, "表", "", message)],
        ..Read::default()
    }
}

/// Digits, so many.
fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Notes a value and says where it stood before.
fn twice(seen: &mut BTreeMap<String, u32>, value: &str, line: u32) -> Option<String> {
    let first = *seen.entry(value.to_owned()).or_insert(line);
    (first != line).then(|| format!("与第 {first} 行重复"))
}

/// Reads a file. A row with a mistake is left out, and told.
pub fn read(sheet: &Sheet) -> Read {
    let Some(header) = Header::find(sheet, COLUMNS, 3) else {
        let titles: Vec<&str> = COLUMNS.iter().map(|column| column.title).collect();
        return whole(&format!("没有找到表头。表头应有：{}", titles.join("、")));
    };
    for column in COLUMNS {
        if header.column(column.key).is_none() {
            return whole(&format!("表中缺少“{}”列", column.title));
        }
    }
    let filled = |row: &usize| (0..sheet.width()).any(|column| !sheet.at(*row, column).is_blank());
    let rows: Vec<usize> = (header.body..sheet.height()).filter(filled).collect();
    if rows.len() > MOST_ROWS {
        return whole(&format!("一次最多 {MOST_ROWS} 行，请分开上传"));
    }
    let mut read = Read {
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        ..Read::default()
    };
    let (mut orders, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let line = Sheet::line(row);
        let text = |key: &str| {
            let seen = clean::plain(header.seen(sheet, row, key));
            crate::text::to_half_width(&clean::squeezed(&seen))
        };
        // Rows of a template that nobody filled in aren't mistakes.
        if ["code", "number", "check", "date"]
            .iter()
            .all(|key| text(key).is_empty())
        {
            read.rows = read.rows.saturating_sub(1);
            continue;
        }
        let before = read.problems.len();
        let mut wrong = |column: &str, cell: &str, message: &str| {
            read.problems.push(problem(line, column, cell, message));
        };
        let order_no = number::typed(&text("order"));
        if order_no.is_empty() {
            wrong("缴费单号", "", "没有填写缴费单号");
        } else if let Some(message) = twice(&mut orders, &order_no, line) {
            wrong("缴费单号", &order_no, &message);
        }
        let code = text("code");
        if !digits(&code, 6..=12) {
            wrong(
                "票据代码",
                &code,
                "应为 6 至 12 位数字；单元格请设为文本格式，以免开头的 0 丢失",
            );
        }
        let number = text("number");
        if !digits(&number, 6..=20) {
            wrong(
                "票据号码",
                &number,
                "应为 6 至 20 位数字；单元格请设为文本格式，以免开头的 0 丢失",
            );
        } else if let Some(message) = twice(&mut numbers, &format!("{code}-{number}"), line) {
            wrong("票据号码", &number, &message);
        }
        let check = text("check");
        if !(4..=20).contains(&check.len()) || !check.chars().all(|c| c.is_ascii_alphanumeric()) {
            wrong("校验码", &check, "应为 4 至 20 位数字或字母，区分大小写");
        }
        let date = text("date");
        let issued_on = Date::parse_typed(&date);
        if issued_on.is_none() {
            wrong("开票日期", &date, "应写成 2026-03-18 的样子");
        }
        let sum = text("amount");
        let amount = Fen::parse_yuan(&sum.replace(',', "")).ok();
        let amount = amount.filter(|amount| amount.get() > 0);
        if amount.is_none() {
            wrong("金额", &sum, "应为大于 0 的金额，单位为元");
        }
        if read.problems.len() > before {
            continue;
        }
        if let (Some(issued_on), Some(amount)) = (issued_on, amount) {
            read.good.push(Row {
                line,
                order_no,
                receipt: Receipt {
                    code,
                    number,
                    check,
                    issued_on,
                    amount,
                },
            });
        }
    }
    if read.rows == 0 {
        return whole("表里没有填好的票据");
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[&str] = &[
        "缴费单号",
        "票据代码",
        "票据号码",
        "校验码",
        "开票日期",
        "金额（元）",
    ];

    #[test]
    fn receipts_are_read_and_every_bad_row_is_named() {
        let read = super::read(&Sheet::of_texts(&[
            HEAD,
            &[
                "JF 260316 0000 0017",
                "43060126",
                "0000000017",
                "a1B2c3",
                "2026-03-18",
                "1,100.50",
            ],
            // Of the template, and not filled in.
            &["JF26031600000018", "", "", "", "", "100"],
            &["", "4306", "4.3E+9", "?", "昨天", "0"],
            &[
                "JF26031600000017",
                "43060126",
                "0000000017",
                "a1B2c3",
                "2026-03-18",
                "100",
            ],
        ]));
        assert_eq!((read.rows, read.good.len()), (3, 1));
        let one = &read.good[0];
        assert_eq!(
            (one.order_no.as_str(), one.receipt.amount),
            ("JF26031600000017", Fen::new(110_050))
        );
        assert_eq!(one.receipt.check, "a1B2c3");
        let told: Vec<_> = read
            .problems
            .iter()
            .map(|one| (one.row, one.column.as_str()))
            .collect();
        let of = |line, columns: &[&'static str]| {
            columns.iter().map(|one| (line, *one)).collect::<Vec<_>>()
        };
        let mut expected = of(
            4,
            &[
                "缴费单号",
                "票据代码",
                "票据号码",
                "校验码",
                "开票日期",
                "金额",
            ],
        );
        expected.extend(of(5, &["缴费单号", "票据号码"]));
        assert_eq!(told, expected);
        for bad in [
            &[&["缴费单号", "姓名"][..]][..],
            &[HEAD],
            &[HEAD, &["JF26031600000018", "", "", "", "", "100"]],
        ] {
            let read = super::read(&Sheet::of_texts(bad));
            assert_eq!(
                (read.good.len(), read.problems.len(), read.problems[0].row),
                (0, 1, 0)
            );
        }
    }

    #[test]
    fn a_receipt_fits_what_was_paid_or_what_is_left() {
        let of = |paid: Option<i64>, back| Settled {
            paid: paid.map(Fen::new),
            back: Fen::new(back),
        };
        let sum = Fen::new;
        assert_eq!(of(None, 0).check(sum(100)), Err(Unfit::Unpaid));
        assert_eq!(of(Some(100), 0).check(sum(100)), Ok(()));
        assert_eq!(
            of(Some(100), 0).check(sum(90)),
            Err(Unfit::Amount(sum(100)))
        );
        assert_eq!(of(Some(100), 40).check(sum(100)), Ok(()));
        assert_eq!(of(Some(100), 40).check(sum(60)), Ok(()));
        assert_eq!(
            of(Some(100), 40).check(sum(40)),
            Err(Unfit::Amount(sum(60)))
        );
        assert_eq!(of(Some(100), 100).check(sum(100)), Err(Unfit::Refunded));
        for (back, amount, reverse) in [
            (0, 100, false),
            (40, 100, true),
            (40, 60, false),
            (100, 100, true),
        ] {
            assert_eq!(of(Some(100), back).to_reverse(sum(amount)), reverse);
        }
    }

    #[test]
    fn another_number_follows_once_what_was_due_is_reversed() {
        let receipt = |number: &str, amount| Receipt {
            code: "43060126".to_owned(),
            number: number.to_owned(),
            check: "a1B2c3".to_owned(),
            issued_on: Date::parse_typed("2026-03-18").unwrap(),
            amount: Fen::new(amount),
        };
        let of = |back| Settled {
            paid: Some(Fen::new(100)),
            back: Fen::new(back),
        };
        let known = receipt("0000000017", 100);
        let due = Err(Unfit::Unreversed);
        for (back, number, reversed, expected) in [
            (0, "0000000018", false, Ok(())),
            (40, "0000000018", false, due),
            (40, "0000000018", true, Ok(())),
            (40, "0000000017", false, Err(Unfit::Waits(Fen::new(100)))),
            (0, "0000000017", false, Ok(())),
            (100, "0000000018", false, due),
        ] {
            let told = of(back).follow(&receipt(number, 60), &known, reversed);
            assert_eq!(told, expected, "{back} {number} {reversed}");
        }
        // What else was mistyped about it is mended, and it still waits.
        let mended = Receipt {
            check: "d4E5f6".to_owned(),
            ..known.clone()
        };
        assert_eq!(of(40).follow(&mended, &known, false), Ok(()));
        let other_code = Receipt {
            code: "43060127".to_owned(),
            ..known.clone()
        };
        assert_eq!(of(40).follow(&other_code, &known, false), due);
    }
}
