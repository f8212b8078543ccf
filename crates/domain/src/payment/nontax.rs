//! 缴款码 (非税收入): numbers that the fiscal office gives out for orders, and the collection bank's list of what was paid by them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Discrepancy, number};
use crate::coded::coded;
use crate::exam::table::{ProblemSeverity, RowProblem};
use crate::money::Fen;
use crate::sheet::columns::{Column, Header};
use crate::sheet::{Cell, Sheet, clean};
use crate::time::Timestamp;

/// Digits of a 缴款码 (GB/T 财政电子票据 and the provinces' 非税系统).
const DIGITS: usize = 20;
/// Rows of one file of codes.
const MOST_ROWS: usize = 20_000;
/// What is said of a number in whose place another one stands ([`Cell::is_rounded`]): a code so read would be somebody else's.
const ROUNDED: &str = "这一格是数值格式，末几位已变成 0。请设为文本格式后重新填写";

coded! {
    /// Where the code of an order stands.
    pub enum CodeState {
        /// Nobody asked for one.
        None = "none", "没有缴款码";
        /// The candidate asked; the fiscal office hasn't given it.
        Asked = "asked", "待取码";
        /// It was given.
        Given = "given", "已取码";
    }
}

coded! {
    /// What happens to it.
    pub enum CodeEvent {
        /// The candidate asks.
        Ask = "ask", "申请缴款码";
        /// Finance brings it.
        Give = "give", "导入缴款码";
    }
}

impl CodeState {
    /// The state of a stored row: whether there is one, and whether it has a code.
    pub const fn of(asked: bool, given: bool) -> Self {
        match (asked, given) {
            (_, true) => Self::Given,
            (true, false) => Self::Asked,
            (false, false) => Self::None,
        }
    }

    /// The next state. Who asks again gets no other code.
    pub fn on(self, event: CodeEvent) -> Result<Self, Discrepancy> {
        match (self, event) {
            (Self::None | Self::Asked, CodeEvent::Ask) => Ok(Self::Asked),
            (Self::Given, CodeEvent::Ask) => Ok(Self::Given),
            (Self::Asked, CodeEvent::Give) => Ok(Self::Given),
            (state, event) => Err(Discrepancy {
                machine: "缴款码",
                state: state.code(),
                event: event.code(),
            }),
        }
    }
}

coded! {
    /// Where a list of the bank's stands.
    pub enum BatchState {
        /// Its lines are being stored.
        Reading = "reading", "正在读入";
        /// All are; a second person must confirm it.
        Staged = "staged", "待复核";
        /// He did; its lines are being settled.
        Confirmed = "confirmed", "正在入账";
        /// All are settled.
        Done = "done", "已入账";
        /// He didn't.
        Refused = "refused", "未确认";
    }
}

coded! {
    /// What happens to a list.
    pub enum BatchEvent {
        /// Its last line is stored.
        Stored = "stored", "读完";
        /// The second person confirms it.
        Confirm = "confirm", "确认";
        /// He refuses it.
        Refuse = "refuse", "不予确认";
        /// Its last line is settled.
        Settled = "settled", "入账完毕";
    }
}

impl BatchState {
    /// The state of a stored row; `stored` lines of `rows` are there (`None`: all).
    pub fn of(code: &str, stored: Option<i64>, rows: i64) -> Option<Self> {
        match Self::from_code(code)? {
            Self::Staged if stored.is_some_and(|stored| stored < rows) => Some(Self::Reading),
            state => Some(state),
        }
    }

    /// The next state.
    pub fn on(self, event: BatchEvent) -> Result<Self, Discrepancy> {
        match (self, event) {
            (Self::Reading, BatchEvent::Stored) => Ok(Self::Staged),
            (Self::Staged, BatchEvent::Confirm) => Ok(Self::Confirmed),
            (Self::Staged, BatchEvent::Refuse) => Ok(Self::Refused),
            (Self::Confirmed, BatchEvent::Settled) => Ok(Self::Done),
            (state, event) => Err(Discrepancy {
                machine: "到账清单",
                state: state.code(),
                event: event.code(),
            }),
        }
    }
}

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

/// What makes a payment the same one wherever it is told of: its code and the bank's number, whose zeros in front a
/// spreadsheet drops.
pub fn identity(code: &str, voucher: &str) -> String {
    format!("{code}:{}", voucher.trim_start_matches('0'))
}

/// The same of a payment as it is stored: `code:voucher`, as read.
pub fn stored_identity(stored: &str) -> Option<String> {
    let (code, voucher) = stored.split_once(':')?;
    Some(identity(code, voucher))
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

/// The header, or why there is none.
fn header(sheet: &Sheet, wanted: &[Column]) -> Result<Header, RowProblem> {
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
    Ok(header)
}

fn is_empty(sheet: &Sheet, row: usize) -> bool {
    (0..sheet.width()).all(|column| sheet.at(row, column).is_blank())
}

/// The rows below the header that hold something, or why there are none.
fn rows(sheet: &Sheet, wanted: &[Column]) -> Result<(Header, Vec<usize>), RowProblem> {
    let header = header(sheet, wanted)?;
    let rows: Vec<usize> = (header.body..sheet.height())
        .filter(|row| !is_empty(sheet, *row))
        .collect();
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
        if header.cell(sheet, row, "code").is_rounded() {
            problems.push(problem(line, "缴款码", &typed, ROUNDED));
            continue;
        }
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

/// The instant in a cell. A date cell tells no time at midnight, and in a column of days never: its day begins then. Who
/// types a day as text must say the time.
fn instant(cell: &Cell) -> Option<Timestamp> {
    let text = clean::plain(cell.raw());
    match cell {
        Cell::Date(_) if !text.contains(':') => Timestamp::parse_local(&format!("{text} 00:00")),
        _ => Timestamp::parse_local(&text),
    }
}

/// Reads the collection bank's list of what was paid, row by row, however long it is.
#[derive(Debug)]
pub struct PaidReader {
    header: Header,
    /// Where each payment stood first, by its [`identity`].
    payments: BTreeMap<String, u32>,
}

impl PaidReader {
    /// Over the first rows of the list, in which its header stands.
    ///
    /// # Errors
    /// Why it is no such list.
    pub fn over(head: &Sheet) -> Result<Self, RowProblem> {
        Ok(Self {
            header: header(head, PAID)?,
            payments: BTreeMap::new(),
        })
    }

    /// The first row below the header.
    pub fn body(&self) -> usize {
        self.header.body
    }

    /// Reads a row of a sheet that is line `line` of the list; `None` for an empty one.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn read(
        &mut self,
        sheet: &Sheet,
        row: usize,
        line: u32,
    ) -> Result<Option<PaidLine>, Vec<RowProblem>> {
        if is_empty(sheet, row) {
            return Ok(None);
        }
        let seen = |key: &str| clean::plain(self.header.seen(sheet, row, key));
        let text = |key: &str| clean::squeezed(&seen(key));
        let rounded = |key: &str| self.header.cell(sheet, row, key).is_rounded();
        let mut problems = Vec::new();
        let typed = text("code");
        let found = code(&typed).filter(|_| !rounded("code"));
        match &found {
            None if rounded("code") => {
                problems.push(problem(line, "缴款码", &typed, ROUNDED));
            }
            None => problems.push(problem(line, "缴款码", &typed, "缴款码应为 20 位数字")),
            // Numbers that were two may be rounded to one.
            Some(_) if rounded("voucher") => {}
            // Whoever pays by a code twice has two vouchers: both are money, and one of them goes back.
            Some(code) => {
                let payment = identity(code, &text("voucher"));
                if let Some(message) = twice(&mut self.payments, &payment, line) {
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
        let paid_at = instant(self.header.cell(sheet, row, "time"));
        if paid_at.is_none() {
            let message = "应写成 2026-03-18 09:30 的样子";
            problems.push(problem(line, "缴款时间", &when, message));
        }
        let voucher = text("voucher");
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if rounded("voucher") {
            problems.push(problem(line, "凭证号", &voucher, ROUNDED));
        } else if !(2..=40).contains(&voucher.len()) || !voucher.chars().all(fits) {
            let message = "应为 2 至 40 位数字、字母或短横线";
            problems.push(problem(line, "凭证号", &voucher, message));
        }
        match (found, amount, paid_at) {
            (Some(code), Some(amount), Some(paid_at)) if problems.is_empty() => {
                Ok(Some(PaidLine {
                    line,
                    code,
                    amount,
                    paid_at,
                    voucher,
                }))
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_a_codes_state_and_event() {
        use CodeState as S;
        let (a, g, n) = (Some(S::Asked), Some(S::Given), None);
        // Columns: Ask, Give.
        let table = [(S::None, [a, n]), (S::Asked, [a, g]), (S::Given, [g, n])];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), CodeEvent::ALL.len());
            for (event, next) in CodeEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
        let rows = [(false, false), (true, false), (true, true)];
        assert_eq!(rows.map(|(asked, given)| S::of(asked, given)), *S::ALL);
    }

    #[test]
    fn every_pair_of_a_lists_state_and_event() {
        use BatchState as S;
        let (s, c, r, d) = (
            Some(S::Staged),
            Some(S::Confirmed),
            Some(S::Refused),
            Some(S::Done),
        );
        let n = None;
        // Columns: Stored, Confirm, Refuse, Settled.
        let table = [
            (S::Reading, [s, n, n, n]),
            (S::Staged, [n, c, r, n]),
            (S::Confirmed, [n, n, n, d]),
            (S::Done, [n, n, n, n]),
            (S::Refused, [n, n, n, n]),
        ];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), BatchEvent::ALL.len());
            for (event, next) in BatchEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
        assert_eq!(S::of("staged", Some(499), 500), Some(S::Reading));
        assert_eq!(S::of("staged", Some(500), 500), s);
        assert_eq!(S::of("staged", None, 500), s);
        assert_eq!(S::of("done", None, 500), d);
        assert_eq!(S::of("x", None, 500), n);
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
        let good = Sheet::of_texts(&[
            &["缴费单号", "缴款码"],
            &["JF 260316 0000 0017", one],
            &["jf260316 00000025", two],
        ]);
        let given = read_given(&good).unwrap();
        assert_eq!(given[0].order_no, "JF26031600000017");
        assert_eq!(given[1].order_no, "JF26031600000025");
        assert_eq!((given[1].line, given[1].code.as_str()), (3, two));
        let bad = Sheet::of_texts(&[
            &["缴费单号", "缴款码"],
            &["1", one],
            &["1", two],
            &["2", one],
            &["", two],
            &["3", "4.3E+19"],
        ]);
        assert_eq!(read_given(&bad).unwrap_err().len(), 4);
        assert_eq!(
            read_given(&Sheet::of_texts(&[&["缴费单号", "姓名"]])).unwrap_err()[0].row,
            0
        );
        let good = Sheet::of_texts(&[
            &["缴款码", "缴款金额（元）", "缴款时间", "银行流水号"],
            &[one, "1,100.50", "2026-03-18 09:30", "GH-17"],
        ]);
        let mut reader = PaidReader::over(&good).unwrap();
        assert_eq!(reader.body(), 1);
        let paid = reader.read(&good, 1, 2).unwrap().unwrap();
        assert_eq!((paid.amount, paid.line), (Fen::new(110_050), 2));
        // Once more it is the same payment twice, in whatever piece of the list it stands.
        let again = reader.read(&good, 1, 700).unwrap_err();
        assert_eq!(
            (again[0].row, again[0].message.as_str()),
            (700, "与第 2 行重复")
        );
        assert_eq!(
            reader
                .read(&Sheet::of_texts(&[&["", " "]]), 0, 701)
                .unwrap(),
            None
        );
        // Paid twice by one code it has another voucher: money, too.
        let second = Sheet::of_texts(&[&[one, "1,100.50", "2026-03-18 09:31", "GH-18"]]);
        assert!(reader.read(&second, 0, 702).unwrap().is_some());
        let bad = Sheet::of_texts(&[
            &["缴款码", "金额", "缴款时间", "凭证号"],
            &["17", "0", "昨天", "流水"],
        ]);
        let columns: Vec<String> = PaidReader::over(&bad)
            .unwrap()
            .read(&bad, 1, 2)
            .unwrap_err()
            .into_iter()
            .map(|one| one.column)
            .collect();
        assert_eq!(columns, ["缴款码", "金额", "缴款时间", "凭证号"]);
    }

    /// A list of the bank's as a workbook: a header above these rows.
    fn workbook(rows: Vec<[Cell; 4]>) -> Sheet {
        let head = ["缴款码", "金额", "缴款日期", "凭证号"].map(Cell::text);
        let rows = std::iter::once(head).chain(rows);
        Sheet {
            rows: rows.map(Vec::from).collect(),
            ..Sheet::default()
        }
    }

    fn digits(text: &str) -> Cell {
        Cell::Number(text.to_owned())
    }

    #[test]
    fn a_number_that_a_spreadsheet_rounded_is_no_code_and_no_voucher() {
        let code = "43012326301234567897";
        let given = |cell: Cell| {
            let head = ["缴费单号", "缴款码"].map(Cell::text);
            let sheet = Sheet {
                rows: vec![Vec::from(head), vec![Cell::text("JF26031600000017"), cell]],
                ..Sheet::default()
            };
            read_given(&sheet)
        };
        assert_eq!(given(Cell::text(code)).unwrap()[0].code, code);
        let wrong = given(digits("43012326301234500000")).unwrap_err();
        assert_eq!((wrong.len(), wrong[0].row), (1, 2));
        assert_eq!(
            (wrong[0].column.as_str(), wrong[0].message.as_str()),
            ("缴款码", ROUNDED)
        );
        // A number that is merely too short is told so.
        assert_ne!(given(digits("430123")).unwrap_err()[0].message, ROUNDED);

        let (sum, at) = (digits("100"), Cell::Date("2026-03-18 09:30".into()));
        let sheet = workbook(vec![
            [
                digits("43012326301234500000"),
                sum.clone(),
                at.clone(),
                Cell::text("GH-1"),
            ],
            [
                Cell::text(code),
                sum.clone(),
                at.clone(),
                digits("1234567890123450"),
            ],
            [
                Cell::text(code),
                sum.clone(),
                at.clone(),
                digits("1234567890123450"),
            ],
            [Cell::text(code), sum, at, digits("123456789012345")],
        ]);
        let mut reader = PaidReader::over(&sheet).unwrap();
        for (row, column) in [(1, "缴款码"), (2, "凭证号"), (3, "凭证号")] {
            let wrong = reader.read(&sheet, row, 9).unwrap_err();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert_eq!(
                (wrong[0].column.as_str(), wrong[0].message.as_str()),
                (column, ROUNDED)
            );
        }
        let paid = reader.read(&sheet, 4, 9).unwrap().unwrap();
        assert_eq!(paid.voucher, "123456789012345");
    }

    #[test]
    fn zeros_that_a_spreadsheet_drops_make_no_other_payment() {
        let (one, two) = ("43000026000000000017", "43000026000000000025");
        assert_eq!(identity(one, "0012345678"), identity(one, "12345678"));
        assert_ne!(identity(one, "12345678"), identity(two, "12345678"));
        assert_ne!(identity(one, "12345678"), identity(one, "123456780"));
        let stored = format!("{one}:0012345678");
        assert_eq!(stored_identity(&stored), Some(identity(one, "12345678")));
        assert_eq!(stored_identity("S-1"), None);
        let at = Cell::Date("2026-03-18 09:30".into());
        let row = |code: &str, voucher: Cell| {
            let sum = digits("100");
            [Cell::text(code), sum, at.clone(), voucher]
        };
        let sheet = workbook(vec![
            row(one, Cell::text("0012345678")),
            row(two, digits("12345678")),
            row(one, digits("12345678")),
        ]);
        let mut reader = PaidReader::over(&sheet).unwrap();
        let first = reader.read(&sheet, 1, 2).unwrap().unwrap();
        // It is shown as it was read.
        assert_eq!(first.voucher, "0012345678");
        assert!(reader.read(&sheet, 2, 3).unwrap().is_some());
        let again = reader.read(&sheet, 3, 4).unwrap_err();
        assert_eq!(again[0].message, "与第 2 行重复");
    }

    #[test]
    fn a_date_cell_without_a_time_is_the_beginning_of_its_day() {
        let one = "43000026000000000017";
        for (cell, expected) in [
            (Cell::Date("2026-03-18".into()), Some("2026-03-18 00:00")),
            (
                Cell::Date("2026-03-18 09:30".into()),
                Some("2026-03-18 09:30"),
            ),
            (Cell::text("2026-03-18 09:30"), Some("2026-03-18 09:30")),
            // What is typed must say which end of the day is meant.
            (Cell::text("2026-03-18"), None),
            (digits("46099"), None),
            (Cell::Empty, None),
        ] {
            let sum = digits("100");
            let sheet = workbook(vec![[
                Cell::text(one),
                sum,
                cell.clone(),
                Cell::text("GH-1"),
            ]]);
            let mut reader = PaidReader::over(&sheet).unwrap();
            let paid_at = reader
                .read(&sheet, 1, 2)
                .ok()
                .flatten()
                .map(|line| line.paid_at.to_local_minute());
            assert_eq!(paid_at.as_deref(), expected, "{cell:?}");
        }
    }
}
