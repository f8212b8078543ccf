//! 原系统账号: the table of accounts that a centre brings along from the system it used before.

use std::collections::BTreeMap;

use crate::exam::table::{ProblemSeverity, RowProblem, masked_number, read_document};
use crate::id_number::IdDocument;
use crate::phone::Mobile;
use crate::sheet::{Column, Header, Sheet, plain};
use crate::text::PersonName;
use crate::time::{Date, Timestamp};

/// Accounts that may share a mobile: a family's phone, not a trader's.
pub const MOST_PER_MOBILE: u32 = 3;

/// How many months imported accounts may wait for their owners.
pub const MONTHS: std::ops::RangeInclusive<u8> = 1..=24;

/// How long they wait unless somebody says otherwise.
pub const USUAL_MONTHS: u8 = 12;

/// The columns of the table, as the template has them.
pub const COLUMNS: &[Column] = &[
    Column {
        key: "name",
        title: "姓名",
        names: &["姓名", "考生姓名", "真实姓名"],
    },
    Column {
        key: "id_type",
        title: "证件类型",
        names: &["证件类型", "证件类别", "证件种类"],
    },
    Column {
        key: "id_number",
        title: "证件号码",
        names: &[
            "证件号码",
            "证件号",
            "身份证号",
            "身份证号码",
            "身份证件号码",
        ],
    },
    Column {
        key: "mobile",
        title: "手机号码",
        names: &["手机号码", "手机号", "手机", "联系电话", "移动电话"],
    },
];

/// Somebody who had an account there.
#[derive(Clone, PartialEq, Eq)]
pub struct LegacyPerson {
    /// Line in the sheet, from 1.
    pub line: u32,
    /// 姓名.
    pub name: PersonName,
    /// 证件.
    pub document: IdDocument,
    /// 手机号码.
    pub mobile: Mobile,
    /// How many rows up to this one have this mobile.
    pub nth_of_mobile: u32,
}

impl std::fmt::Debug for LegacyPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LegacyPerson(line {})", self.line)
    }
}

/// A table that was read. `rows_read` = people + rows with an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegacyTable {
    /// Whose account can be made, in the order of the table.
    pub people: Vec<LegacyPerson>,
    /// What must be repaired. Numbers in it are masked.
    pub problems: Vec<RowProblem>,
    /// Rows that hold something.
    pub rows_read: u32,
}

/// Reads the table. A problem at line 0 is about all of it.
pub fn read_accounts(sheet: &Sheet, today: Date) -> LegacyTable {
    let mut out = LegacyTable::default();
    let Some(header) = Header::find(sheet, COLUMNS, 2) else {
        let text = "没有找到表头。表头应有“姓名、证件类型、证件号码、手机号码”这几列";
        out.problems.push(problem(0, "表头", "", text));
        return out;
    };
    for key in ["name", "id_number", "mobile"] {
        if header.column(key).is_none() {
            let title = COLUMNS.iter().find(|column| column.key == key);
            let title = title.map_or("", |column| column.title);
            let text = format!("表中缺少“{title}”列");
            out.problems.push(problem(0, title, "", &text));
        }
    }
    if !out.problems.is_empty() {
        return out;
    }
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut mobiles: BTreeMap<String, u32> = BTreeMap::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        out.rows_read += 1;
        match person(sheet, &header, row, today)
            .and_then(|person| fits(&mut numbers, &mut mobiles, person).map_err(|one| vec![one]))
        {
            Ok(person) => out.people.push(person),
            Err(problems) => out.problems.extend(problems),
        }
    }
    out
}

fn person(
    sheet: &Sheet,
    header: &Header,
    row: usize,
    today: Date,
) -> Result<LegacyPerson, Vec<RowProblem>> {
    let line = Sheet::line(row);
    let text = |key: &str| plain(header.seen(sheet, row, key));
    let mut problems = Vec::new();
    let name = PersonName::parse(&text("name"))
        .map_err(|e| problems.push(problem(line, "姓名", &text("name"), &e.to_string())))
        .ok();
    let number = text("id_number");
    let document = read_document(&text("id_type"), &number, today)
        .map_err(|e| problems.push(problem(line, "证件号码", &masked_number(&number), &e)))
        .ok();
    let typed = text("mobile");
    let mobile = Mobile::parse(&typed)
        .map_err(|e| {
            let text = e.to_string();
            problems.push(problem(line, "手机号码", &masked_number(&typed), &text));
        })
        .ok();
    match (name, document, mobile) {
        (Some(name), Some(document), Some(mobile)) => Ok(LegacyPerson {
            line,
            name,
            document,
            mobile,
            nth_of_mobile: 1,
        }),
        _ => Err(problems),
    }
}

/// One row for one person, and no more people on one mobile than may share it.
fn fits(
    numbers: &mut BTreeMap<String, u32>,
    mobiles: &mut BTreeMap<String, u32>,
    mut person: LegacyPerson,
) -> Result<LegacyPerson, RowProblem> {
    let key = format!(
        "{}:{}",
        person.document.id_type().code(),
        person.document.canonical()
    );
    if let Some(first) = numbers.get(&key) {
        let text = format!("与第 {first} 行是同一个证件号码，一人只留一行");
        let cell = masked_number(person.document.canonical());
        return Err(problem(person.line, "证件号码", &cell, &text));
    }
    let mobile = person.mobile.as_str();
    let before = mobiles.get(mobile).copied().unwrap_or(0);
    if before >= MOST_PER_MOBILE {
        return Err(crowded(person.line, &person.mobile));
    }
    numbers.insert(key, person.line);
    mobiles.insert(mobile.to_owned(), before + 1);
    person.nth_of_mobile = before + 1;
    Ok(person)
}

/// What is wrong with a row whose mobile too many people have.
pub fn crowded(line: u32, mobile: &Mobile) -> RowProblem {
    let text = format!("一个手机号码最多用于 {MOST_PER_MOBILE} 个账号，请改成本人的手机号码");
    problem(line, "手机号码", &mobile.masked(), &text)
}

fn problem(line: u32, column: &str, cell: &str, message: &str) -> RowProblem {
    RowProblem {
        row: line,
        column: column.to_owned(),
        cell: cell.to_owned(),
        message: message.to_owned(),
        severity: ProblemSeverity::Error,
    }
}

/// The instant at which accounts that were confirmed at `from` stop waiting: the end of the day so many months later.
pub fn lapses_at(from: Timestamp, months: u8) -> Timestamp {
    let day = from.date();
    let month = i16::from(day.month()) - 1 + i16::from(months);
    let (year, month) = (
        day.year() + month / 12,
        i8::try_from(month % 12 + 1).unwrap_or(1),
    );
    // The 31st of a shorter month is its last day.
    (0..4)
        .find_map(|less| Date::new(year, month, day.day() - less))
        .unwrap_or(day)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::new(2026, 3, 1).unwrap()
    }

    #[test]
    fn a_table_is_read_row_by_row_and_says_what_is_wrong_with_each() {
        let table = Sheet::of_texts(&[
            &["原报名系统考生"],
            &["姓名", "证件类型", "身份证号", "手机号"],
            &[
                "林一舟",
                "居民身份证",
                "11010519491231002X",
                "139 0000 0001",
            ],
            &["苏晓", "", "110105491231002", "13900000002"],
            &["陈默", "身份证", "110105194912310021", "13900000003"],
            &["", "", "", ""],
            &["王五", "护照", "E12345678", "12345"],
            &["赵六", "户口本", "E12345679", "13900000006"],
        ]);
        let read = read_accounts(&table, today());
        assert_eq!((read.rows_read, read.people.len()), (5, 1));
        assert_eq!(read.people[0].mobile.as_str(), "13900000001");
        let told: Vec<(u32, &str)> = read
            .problems
            .iter()
            .map(|one| (one.row, one.column.as_str()))
            .collect();
        // The old number of fifteen digits is the first one's.
        assert_eq!(
            told,
            [
                (4, "证件号码"),
                (5, "证件号码"),
                (7, "手机号码"),
                (8, "证件号码")
            ]
        );
        assert!(
            read.problems[0].message.contains("第 3 行"),
            "{:?}",
            read.problems
        );
        let cells: String = read.problems.iter().map(|one| one.cell.as_str()).collect();
        assert!(
            !cells.contains("0021") && !cells.contains("12345"),
            "{cells}"
        );
    }

    #[test]
    fn a_mobile_is_shared_by_three_and_no_fourth() {
        let mut rows: Vec<Vec<String>> = vec![
            ["姓名", "证件类型", "证件号码", "手机号码"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for n in 0..4 {
            rows.push(
                ["张三", "护照", &format!("E1234567{n}"), "13900000001"]
                    .map(str::to_owned)
                    .to_vec(),
            );
        }
        let rows: Vec<Vec<&str>> = rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let read = read_accounts(&Sheet::of_texts(&rows), today());
        let nth: Vec<u32> = read.people.iter().map(|one| one.nth_of_mobile).collect();
        assert_eq!(nth, [1, 2, 3]);
        assert_eq!((read.problems.len(), read.problems[0].row), (1, 5));
    }

    #[test]
    fn a_table_without_its_columns_is_refused_whole() {
        let read = read_accounts(
            &Sheet::of_texts(&[&["姓名", "证件号码"], &["张三", "E1"]]),
            today(),
        );
        assert_eq!((read.people.len(), read.problems[0].row), (0, 0));
        assert!(read.problems[0].message.contains("手机号码"));
        assert_eq!(
            read_accounts(&Sheet::of_texts(&[&["甲", "乙"]]), today())
                .problems
                .len(),
            1
        );
    }

    #[test]
    fn accounts_wait_to_the_end_of_the_day_so_many_months_later() {
        let at = |text: &str| Timestamp::parse_local(text).unwrap();
        for (from, months, until) in [
            ("2026-03-18 09:00", 12, "2027-03-19 00:00"),
            ("2026-08-31 23:59", 6, "2027-03-01 00:00"),
            ("2026-12-31 00:00", 1, "2027-02-01 00:00"),
            ("2026-11-30 08:00", 24, "2028-12-01 00:00"),
        ] {
            assert_eq!(lapses_at(at(from), months), at(until), "{from} + {months}");
        }
    }
}
