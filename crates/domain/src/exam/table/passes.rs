//! Reads the carried-over file (老考生档案): a row for each passed subject, or for a certificate that was given.

use std::collections::BTreeMap;

use super::columns::{PASSES, title};
use super::{ProblemSeverity, RowProblem};
use crate::exam::carried::{Carried, Pass};
use crate::exam::levels::LevelRules;
use crate::exam::professional::{ProfessionalTable, Subject};
use crate::id_number::{IdDocument, IdType, Typed};
use crate::sheet::{Header, Sheet, plain, squeezed};
use crate::text::PersonName;
use crate::time::Date;

/// What the file is read against.
#[derive(Debug, Clone, Copy)]
pub struct PassReading<'a> {
    /// The subjects of the exam.
    pub table: &'a ProfessionalTable,
    /// Its levels.
    pub rules: &'a LevelRules,
    /// Its year.
    pub year: u32,
    /// Today, for numbers that say a birth date.
    pub today: Date,
}

/// A person at one level and specialty, put together from the rows.
#[derive(Clone, PartialEq, Eq)]
pub struct CarriedPerson {
    /// First line.
    pub line: u32,
    /// 姓名.
    pub name: String,
    /// 证件.
    pub document: IdDocument,
    /// What was passed.
    pub carried: Carried,
}

impl std::fmt::Debug for CarriedPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CarriedPerson(line {})", self.line)
    }
}

/// A file that was read. `rows_read` = good rows + rows with an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassTable {
    /// Everybody in it, in the order of first lines.
    pub people: Vec<CarriedPerson>,
    /// What must or should be repaired. Cells with a document's number are masked.
    pub problems: Vec<RowProblem>,
    /// Rows that hold something.
    pub rows_read: u32,
    /// Rows that are imported.
    pub rows_good: u32,
    /// Passes that are imported.
    pub passes: u32,
    /// Passes among them that have run out by the exam's year.
    pub lapsed: u32,
}

/// One row.
struct Row {
    line: u32,
    name: String,
    document: IdDocument,
    level: String,
    specialty: String,
    archive_no: String,
    holds: bool,
    pass: Option<Pass>,
}

/// Reads the file.
pub fn read_passes(sheet: &Sheet, reading: &PassReading<'_>) -> PassTable {
    let mut out = PassTable::default();
    let Some(header) = Header::find(sheet, PASSES, 4) else {
        let text = "没有找到表头。表头应有“姓名、证件号码、级别、专业、科目、合格日期”等列名";
        out.problems.push(problem(0, "表头", "", text));
        return out;
    };
    for key in ["name", "id_number", "level"] {
        if header.column(key).is_none() {
            let name = title(PASSES, key);
            let text = format!("表中缺少“{name}”列");
            out.problems.push(problem(0, name, "", &text));
        }
    }
    if !out.problems.is_empty() {
        return out;
    }
    let mut keys: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let mut names: BTreeMap<String, (String, u32)> = BTreeMap::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        out.rows_read += 1;
        let read = row_of(sheet, &header, row, reading)
            .and_then(|row| fits(&mut out, &mut keys, &mut names, row).map_err(|one| vec![one]));
        match read {
            Ok(()) => out.rows_good += 1,
            Err(problems) => out.problems.extend(problems),
        }
    }
    for person in &mut out.people {
        person.carried.passes.sort();
        let rule = reading.rules.of(&person.carried.level);
        for pass in &person.carried.passes {
            out.passes += 1;
            if !rule.counts(pass.year, reading.year) {
                out.lapsed += 1;
            }
        }
    }
    out
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

/// Puts a row to its person.
fn fits(
    out: &mut PassTable,
    keys: &mut BTreeMap<(String, String, String), usize>,
    names: &mut BTreeMap<String, (String, u32)>,
    row: Row,
) -> Result<(), RowProblem> {
    let number = row.document.canonical().to_owned();
    match names.get(&number) {
        Some((name, first)) if *name != row.name => {
            let text = format!("同一个证件号码在第 {first} 行是另一个姓名，请核对");
            return Err(problem(row.line, "姓名", &row.name, &text));
        }
        Some(_) => {}
        None => drop(names.insert(number.clone(), (row.name.clone(), row.line))),
    }
    let key = (number, row.level.clone(), row.specialty.clone());
    let place = match keys.get(&key) {
        Some(place) => *place,
        None => {
            keys.insert(key, out.people.len());
            out.people.push(CarriedPerson {
                line: row.line,
                name: row.name,
                document: row.document,
                carried: Carried {
                    level: row.level,
                    specialty: row.specialty,
                    archive_no: row.archive_no.clone(),
                    holds: false,
                    passes: Vec::new(),
                },
            });
            out.people.len() - 1
        }
    };
    let Some(person) = out.people.get_mut(place) else {
        return Ok(());
    };
    let carried = &mut person.carried;
    if !row.archive_no.is_empty() && carried.archive_no != row.archive_no {
        if !carried.archive_no.is_empty() {
            let text = format!("档案号与第 {} 行不同，请核对", person.line);
            return Err(problem(row.line, "档案号", &row.archive_no, &text));
        }
        carried.archive_no = row.archive_no;
    }
    if let Some(pass) = row.pass {
        if carried.passes.iter().any(|one| one.code == pass.code) {
            let text = "这个人的这一科在前面已有一行，请只留有效的一行";
            return Err(problem(row.line, "科目", &pass.name, text));
        }
        carried.passes.push(pass);
    }
    carried.holds |= row.holds;
    Ok(())
}

fn row_of(
    sheet: &Sheet,
    header: &Header,
    row: usize,
    reading: &PassReading<'_>,
) -> Result<Row, Vec<RowProblem>> {
    let line = Sheet::line(row);
    let text = |key: &str| plain(header.seen(sheet, row, key));
    let mut problems = Vec::new();
    let name = match PersonName::parse(&text("name")) {
        Ok(name) => name.as_str().to_owned(),
        Err(error) => {
            problems.push(problem(line, "姓名", &text("name"), &error.to_string()));
            String::new()
        }
    };
    let document = match document(&text("id_type"), &text("id_number"), reading.today) {
        Ok(document) => Some(document),
        Err(message) => {
            problems.push(problem(
                line,
                "证件号码",
                &masked(&text("id_number")),
                &message,
            ));
            None
        }
    };
    let (level, specialty) = (squeezed(&text("level")), squeezed(&text("specialty")));
    let offered = reading.table.subjects_of(&level, &specialty);
    if level.is_empty() {
        problems.push(problem(line, "级别", "", "请填写级别"));
    } else if !reading.table.levels().contains(&level.as_str()) {
        problems.push(problem(line, "级别", &level, "科目表里没有这个级别"));
    } else if offered.is_empty() {
        problems.push(problem(
            line,
            "专业",
            &specialty,
            "科目表里这个级别没有这个专业",
        ));
    }
    let holds = holds(&text("holds"));
    if holds.is_none() {
        let text = text("holds");
        problems.push(problem(line, "已取得证书", &text, "应填“是”或“否”"));
    }
    let wanted = squeezed(&text("code"));
    let wanted = if wanted.is_empty() {
        squeezed(&text("subject"))
    } else {
        wanted
    };
    let pass = if wanted.is_empty() && holds == Some(true) {
        None
    } else {
        let pass = pass(&offered, &wanted, &text("passed"), reading.year);
        pass.map_err(|(column, message)| {
            let cell = if column == "合格日期" {
                text("passed")
            } else {
                wanted.clone()
            };
            // Without a level that exists no subject can be found: one message is enough.
            if !offered.is_empty() || column == "合格日期" {
                problems.push(problem(line, column, &cell, &message));
            }
        })
        .ok()
    };
    match document {
        Some(document) if problems.is_empty() => Ok(Row {
            line,
            name,
            document,
            level,
            specialty,
            archive_no: squeezed(&text("archive_no")),
            holds: holds.unwrap_or_default(),
            pass,
        }),
        _ => Err(problems),
    }
}

/// A document as old files write it: without a type it is a resident's card, and fifteen digits stand for eighteen.
pub(crate) fn document(id_type: &str, number: &str, today: Date) -> Result<IdDocument, String> {
    let id_type = squeezed(id_type);
    let id_type = if id_type.is_empty() {
        IdType::ResidentCard
    } else {
        IdType::ALL
            .iter()
            .find(|one| one.code() == id_type || one.label() == id_type)
            .copied()
            .or_else(|| (id_type == "身份证").then_some(IdType::ResidentCard))
            .ok_or("证件类型应为“居民身份证”等名称")?
    };
    match IdDocument::parse(id_type, number, today) {
        // Old files have numbers of fifteen digits: the person is the same.
        Ok(Typed::Same(document) | Typed::Converted(document)) => Ok(document),
        Err(error) => Err(error.to_string()),
    }
}

/// The first three characters: enough to find the row.
pub(crate) fn masked(number: &str) -> String {
    let head: String = number.chars().take(3).collect();
    if number.is_empty() {
        String::new()
    } else {
        format!("{head}***")
    }
}

fn holds(text: &str) -> Option<bool> {
    match squeezed(text).as_str() {
        "" | "否" | "无" | "未取得" | "0" => Some(false),
        "是" | "有" | "已取得" | "1" | "√" => Some(true),
        _ => None,
    }
}

fn pass(
    offered: &[&Subject],
    wanted: &str,
    passed: &str,
    year: u32,
) -> Result<Pass, (&'static str, String)> {
    let wanted = wanted.strip_suffix(".0").unwrap_or(wanted);
    if wanted.is_empty() {
        return Err(("科目", "请填写科目或科目代码".to_owned()));
    }
    let subject = offered
        .iter()
        .find(|one| one.code == wanted || squeezed(&one.name) == wanted)
        .ok_or_else(|| ("科目", "这个级别和专业没有这个科目".to_owned()))?;
    let (passed_year, date) = when(passed).ok_or_else(|| {
        (
            "合格日期",
            "应为合格的日期或年度，例如 2024-10-20 或 2024".to_owned(),
        )
    })?;
    if passed_year > year {
        return Err(("合格日期", format!("晚于考试年度 {year}，请核对")));
    }
    Ok(Pass {
        code: subject.code.clone(),
        name: subject.name.clone(),
        year: passed_year,
        date,
    })
}

/// `2024-10-20`, `2024年10月20日`, `2024`, `2024年`, `2024.0`: the year, and the day if there is one.
fn when(text: &str) -> Option<(u32, String)> {
    let day = text.split(' ').next().unwrap_or(text);
    if let Some(date) = Date::parse_typed(day) {
        return Some((u32::try_from(date.year()).ok()?, date.to_string()));
    }
    let digits = squeezed(text);
    let digits = digits
        .trim_end_matches("年度")
        .trim_end_matches('年')
        .trim_end_matches(".0");
    let year: u32 = digits.parse().ok()?;
    (1990..=2100).contains(&year).then(|| (year, String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Fen;
    use crate::sheet::Cell;
    use crate::time::Timestamp;

    fn table() -> ProfessionalTable {
        let subject = |code: &str, name: &str| Subject {
            level: "考全科".into(),
            specialty: "安装".into(),
            code: code.into(),
            name: name.into(),
            session: 1,
            starts_at: Timestamp::from_micros(0),
            ends_at: Timestamp::from_micros(1),
            fee: Fen::ZERO,
        };
        ProfessionalTable {
            subjects: vec![subject("01", "基础知识"), subject("05", "计量与计价")],
        }
    }

    fn read(rows: &[[&str; 8]]) -> PassTable {
        let header = [
            "姓名",
            "证件号码",
            "级别",
            "专业",
            "档案号",
            "科目",
            "合格日期",
            "已取得证书",
        ];
        let rows = std::iter::once(&header)
            .chain(rows)
            .map(|row| row.iter().map(|text| Cell::text(*text)).collect())
            .collect();
        let sheet = Sheet {
            name: "档案".into(),
            rows,
            merges: vec![],
        };
        let (table, rules) = (table(), LevelRules::default());
        let reading = PassReading {
            table: &table,
            rules: &rules,
            year: 2026,
            today: Date::new(2026, 7, 1).unwrap(),
        };
        read_passes(&sheet, &reading)
    }

    const HE: &str = "431000199001010019";
    const SHE: &str = "431000199001010027";

    #[test]
    fn rows_are_put_together_by_person() {
        let read = read(&[
            [
                "林一舟",
                HE,
                "考全科",
                "安装",
                "A1",
                "基础知识",
                "2025-11-01",
                "",
            ],
            ["林一舟", HE, "考全科", "安装", "A1", "05", "2025年", ""],
            ["苏晓", SHE, "考全科", "安装", "", "", "", "是"],
            ["", "", "", "", "", "", "", ""],
        ]);
        assert_eq!(
            (read.rows_read, read.rows_good, read.passes),
            (3, 3, 2),
            "{:?}",
            read.problems
        );
        assert_eq!(read.people.len(), 2);
        let he = &read.people[0].carried;
        assert_eq!(
            (he.archive_no.as_str(), he.passes.len(), he.holds),
            ("A1", 2, false)
        );
        assert_eq!(
            (he.passes[0].year, he.passes[0].date.as_str()),
            (2025, "2025-11-01")
        );
        assert_eq!(he.passes[1].name, "计量与计价");
        assert!(read.people[1].carried.holds);
    }

    #[test]
    fn what_is_wrong_is_named_and_a_number_is_never_repeated() {
        let good = ["林一舟", HE, "考全科", "安装", "A1", "01", "2025", ""];
        let with = |place: usize, text: &'static str| {
            let mut row = good;
            row[place] = text;
            row
        };
        for (row, column) in [
            (with(0, ""), "姓名"),
            (with(1, "431000199001010018"), "证件号码"),
            (with(2, "高级"), "级别"),
            (with(3, "园林"), "专业"),
            (with(5, "09"), "科目"),
            (with(6, "去年"), "合格日期"),
            (with(6, "2027"), "合格日期"),
            (with(7, "也许"), "已取得证书"),
            (with(5, ""), "科目"),
        ] {
            let read = read(&[row]);
            assert_eq!((read.rows_read, read.rows_good), (1, 0), "{row:?}");
            assert_eq!(read.problems.len(), 1, "{:?}", read.problems);
            assert_eq!(read.problems[0].column, column);
            assert!(!format!("{:?}", read.problems).contains("19900101"));
        }
        let twice = read(&[good, good]);
        assert_eq!((twice.rows_read, twice.rows_good), (2, 1));
        let renamed = read(&[good, with(0, "林二舟")]);
        assert_eq!(renamed.problems[0].column, "姓名");
        let other_archive = read(&[good, {
            let mut row = with(4, "A2");
            row[5] = "05";
            row
        }]);
        assert_eq!(other_archive.problems[0].column, "档案号");
    }

    #[test]
    fn an_old_number_of_fifteen_digits_is_the_same_person() {
        let read = read(&[
            ["林一舟", HE, "考全科", "安装", "A1", "01", "2025", ""],
            [
                "林一舟",
                "431000900101001",
                "考全科",
                "安装",
                "A1",
                "05",
                "2025",
                "",
            ],
        ]);
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(read.people.len(), 1);
    }
}
