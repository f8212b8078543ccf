//! 缴款码 (非税收入): numbers that the fiscal office gives out for orders, and the collection bank's list of what was paid by them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number;
use crate::exam::table::{ProblemSeverity, RowProblem};
use crate::money::Fen;
use crate::sheet::columns::{Column, Header};
use crate::sheet::{Sheet, clean};
use crate::time::Timestamp;

/// Digits of a 缴款码 (GB/T 财政电子票据 and the provinces' 非税系统).
const DIGITS: usize = 20;
/// Rows of one file.
const MOST_ROWS: usize = 20_000;

/// The rules of an exam about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NontaxRules {
    /// Whether it is taken.
    #[serde(default)]
    pub taken: bool,
    /// Where and how to pay with a code, for candidates.
    #[serde(default)]
    pub how: String,
}

/// A code as typed or read: its 20 digits, without blanks and hyphens.
pub fn code(typed: &str) -> Option<String> {
    let text: String = crate::text::to_half_width(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let fits = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(text)
}

/// A code in groups of four, as people read it out.
pub fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    let groups = chars
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// The code that an order was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Line in the sheet.
    pub line: u32,
    /// 缴费单号, without blanks.
    pub order_no: String,
    /// The code.
    pub code: String,
}

/// What was paid by a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidLine {
    /// Line in the sheet.
    pub line: u32,
    /// The code.
    pub code: String,
    /// The sum.
    pub amount: Fen,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// The bank's number.
    pub voucher: String,
}

const GIVEN: &[Column] = &[
    Column {
        key: "order",
        title: "缴费单号",
        names: &["缴费单号", "业务单号", "订单号"],
    },
    Column {
        key: "code",
        title: "缴款码",
        names: &["缴款码", "缴款识别码", "电子缴款码"],
    },
];

const PAID: &[Column] = &[
    Column {
        key: "code",
        title: "缴款码",
        names: &["缴款码", "缴款识别码", "电子缴款码"],
    },
    Column {
        key: "amount",
        title: "金额",
        names: &["金额", "缴款金额", "实缴金额", "金额元", "缴款金额元"],
    },
    Column {
        key: "time",
        title: "缴款时间",
        names: &["缴款时间", "缴款日期", "交易时间", "支付时间"],
    },
    Column {
        key: "voucher",
        title: "凭证号",
        names: &["凭证号", "流水号", "交易流水号", "银行流水号"],
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

/// The rows below the header that hold something, or why there are none.
fn rows(sheet: &Sheet, wanted: &[Column]) -> Result<(Header, Vec<usize>), RowProblem> {
    let titles: Vec<&str> = wanted.iter().map(|column| column.title).collect();
    let missing = |what: &str| {
        let text = format!("{what}。表头应有：{}", titles.join("、"));
        problem(0, "表头", "", &text)
    };
    let header = Header::find(sheet, wanted, 2).ok_or_else(|| missing("没有找到表头"))?;
    for column in wanted {
        if header.column(column.key).is_none() {
            return Err(missing(&format!("表中缺少“{}”列", column.title)));
        }
    }
    let filled = |row: &usize| (0..sheet.width()).any(|column| !sheet.at(*row, column).is_blank());
    let rows: Vec<usize> = (header.body..sheet.height()).filter(filled).collect();
    if rows.is_empty() {
        return Err(problem(0, "表", "", "表里没有内容"));
    }
    if rows.len() > MOST_ROWS {
        let text = format!("一次最多 {MOST_ROWS} 行，请分开上传");
        return Err(problem(0, "表", "", &text));
    }
    Ok((header, rows))
}

/// Notes a value and says where it stood before.
fn twice(seen: &mut BTreeMap<String, u32>, value: &str, line: u32) -> Option<String> {
    let first = seen.insert(value.to_owned(), line)?;
    Some(format!("与第 {first} 行重复"))
}

/// Reads the codes that orders were given.
pub fn read_given(sheet: &Sheet) -> Result<Vec<Given>, Vec<RowProblem>> {
    let (header, rows) = rows(sheet, GIVEN).map_err(|problem| vec![problem])?;
    let (mut given, mut problems) = (Vec::new(), Vec::new());
    let (mut orders, mut codes) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let line = Sheet::line(row);
        let text = |key: &str| clean::squeezed(&clean::plain(header.seen(sheet, row, key)));
        let order_no = number::typed(&text("order"));
        let typed = text("code");
        let Some(code) = code(&typed) else {
            let message = "缴款码应为 20 位数字；单元格请设为文本格式，以免末几位变成 0";
            problems.push(problem(line, "缴款码", &typed, message));
            continue;
        };
        if order_no.is_empty() {
            problems.push(problem(line, "缴费单号", "", "没有填写缴费单号"));
            continue;
        }
        if let Some(message) = twice(&mut orders, &order_no, line) {
            problems.push(problem(line, "缴费单号", &order_no, &message));
            continue;
        }
        if let Some(message) = twice(&mut codes, &code, line) {
            problems.push(problem(line, "缴款码", &code, &message));
            continue;
        }
        given.push(Given {
            line,
            order_no,
            code,
        });
    }
    if problems.is_empty() {
        Ok(given)
    } else {
        Err(problems)
    }
}

/// Reads the collection bank's list of what was paid.
pub fn read_paid(sheet: &Sheet) -> Result<Vec<PaidLine>, Vec<RowProblem>> {
    let (header, rows) = rows(sheet, PAID).map_err(|problem| vec![problem])?;
    let (mut paid, mut problems) = (Vec::new(), Vec::new());
    let mut codes = BTreeMap::new();
    for row in rows {
        let line = Sheet::line(row);
        let seen = |key: &str| clean::plain(header.seen(sheet, row, key));
        let text = |key: &str| clean::squeezed(&seen(key));
        let before = problems.len();
        let typed = text("code");
        let found = code(&typed);
        match &found {
            None => problems.push(problem(line, "缴款码", &typed, "缴款码应为 20 位数字")),
            Some(code) => {
                if let Some(message) = twice(&mut codes, code, line) {
                    problems.push(problem(line, "缴款码", code, &message));
                }
            }
        }
        let sum = text("amount");
        let amount = Fen::parse_yuan(&sum.replace(',', "")).ok();
        let amount = amount.filter(|amount| amount.get() > 0);
        if amount.is_none() {
            problems.push(problem(line, "金额", &sum, "应为大于 0 的金额，单位为元"));
        }
        let when = seen("time");
        let paid_at = Timestamp::parse_local(when.trim());
        if paid_at.is_none() {
            let message = "应写成 2026-03-18 09:30 的样子";
            problems.push(problem(line, "缴款时间", &when, message));
        }
        let voucher = text("voucher");
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !(2..=40).contains(&voucher.len()) || !voucher.chars().all(fits) {
            let message = "应为 2 至 40 位数字、字母或短横线";
            problems.push(problem(line, "凭证号", &voucher, message));
        }
        if problems.len() > before {
            continue;
        }
        if let (Some(code), Some(amount), Some(paid_at)) = (found, amount, paid_at) {
            paid.push(PaidLine {
                line,
                code,
                amount,
                paid_at,
                voucher,
            });
        }
    }
    if problems.is_empty() {
        Ok(paid)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Cell;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let rows = rows.iter();
        Sheet {
            rows: rows
                .map(|row| row.iter().map(|text| Cell::text(*text)).collect())
                .collect(),
            ..Sheet::default()
        }
    }

    #[test]
    fn a_code_is_twenty_digits_however_it_is_parted() {
        for (typed, expected) in [
            ("43000026000000000017", Some("43000026000000000017")),
            ("4300 0026 0000 0000 0017", Some("43000026000000000017")),
            ("４３００-0026-0000-0000-0017", Some("43000026000000000017")),
            ("4300002600000000001", None),
            ("4300002600000000001X", None),
            ("4.3E+19", None),
            ("", None),
        ] {
            assert_eq!(code(typed).as_deref(), expected, "{typed}");
        }
        assert_eq!(grouped("43000026000000000017"), "4300 0026 0000 0000 0017");
    }

    #[test]
    fn codes_and_payments_are_read_or_every_bad_row_is_named() {
        let one = "43000026000000000017";
        let two = "43000026000000000025";
        let good = sheet(&[
            &["缴费单号", "缴款码"],
            &["JF 260316 0000 0017", one],
            &["jf260316 00000025", two],
        ]);
        let given = read_given(&good).unwrap();
        assert_eq!(given[0].order_no, "JF26031600000017");
        assert_eq!(given[1].order_no, "JF26031600000025");
        assert_eq!((given[1].line, given[1].code.as_str()), (3, two));
        let bad = sheet(&[
            &["缴费单号", "缴款码"],
            &["1", one],
            &["1", two],
            &["2", one],
            &["", two],
            &["3", "4.3E+19"],
        ]);
        assert_eq!(read_given(&bad).unwrap_err().len(), 4);
        assert_eq!(
            read_given(&sheet(&[&["缴费单号", "姓名"]])).unwrap_err()[0].row,
            0
        );
        let good = sheet(&[
            &["缴款码", "缴款金额（元）", "缴款时间", "银行流水号"],
            &[one, "1,100.50", "2026-03-18 09:30", "GH-17"],
        ]);
        let paid = read_paid(&good).unwrap();
        assert_eq!(paid[0].amount, Fen::new(110_050));
        let bad = sheet(&[
            &["缴款码", "金额", "缴款时间", "凭证号"],
            &["17", "0", "昨天", "流水"],
        ]);
        let columns: Vec<String> = read_paid(&bad)
            .unwrap_err()
            .into_iter()
            .map(|one| one.column)
            .collect();
        assert_eq!(columns, ["缴款码", "金额", "缴款时间", "凭证号"]);
    }
}
