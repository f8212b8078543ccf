//! Reads the subject table of a professional exam: 级别, 专业, 科目代码, 科目, 考试时间, 收费.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{SUBJECTS, title};
use super::{ProblemSeverity, RowProblem};
use crate::money::Fen;
use crate::score::Decimal;
use crate::sheet::{Header, Sheet, plain, squeezed};

/// A row that was read. Times are local, `YYYY-MM-DD` and `HH:MM`; the caller makes instants of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// Line in the sheet.
    pub line: u32,
    /// Level, as published.
    pub level: String,
    /// Specialty; empty where the level has one.
    pub specialty: String,
    /// 科目代码.
    pub code: String,
    /// 科目.
    pub name: String,
    /// Day, `2026-09-12`.
    pub date: String,
    /// Start, `09:00`.
    pub starts: String,
    /// End, `11:00`.
    pub ends: String,
    /// Session, from 1: subjects that start together share it.
    pub session: u32,
    /// Fee of this subject.
    pub fee: Fen,
}

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubjectTable {
    /// Title above the header.
    pub title: String,
    /// Notes under the rows.
    pub notes: Vec<String>,
    /// Good rows.
    pub subjects: Vec<SubjectRow>,
    /// What must or should be repaired.
    pub problems: Vec<RowProblem>,
    /// Rows that looked like subjects.
    pub rows_read: u32,
}

/// Reads a subject table. `year` completes dates that have none (`9月12日`).
pub fn read_subjects(sheet: &Sheet, year: u32) -> SubjectTable {
    let mut table = SubjectTable::default();
    let whole = |column: &str, message: String| RowProblem {
        row: 0,
        column: column.to_owned(),
        cell: String::new(),
        message,
        severity: ProblemSeverity::Error,
    };
    let Some(header) = Header::find(sheet, SUBJECTS, 3) else {
        let message = "没有找到表头。表头应有“级别、专业、科目代码、科目、考试时间、收费”等列名";
        table.problems.push(whole("表头", message.to_owned()));
        return table;
    };
    for key in ["level", "name", "time"] {
        if header.column(key).is_none() {
            let name = title(SUBJECTS, key);
            table
                .problems
                .push(whole(name, format!("表中缺少“{name}”列")));
        }
    }
    if !table.problems.is_empty() {
        return table;
    }
    for row in 0..header.top {
        let text = plain(sheet.at(row, 0).raw());
        if !text.is_empty() && !text.starts_with("附件") {
            table.title.push_str(&text);
        }
    }
    let mut seen: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    for row in header.body..sheet.height() {
        let cells: Vec<String> = (0..sheet.width())
            .map(|column| plain(sheet.at(row, column).raw()))
            .collect();
        let filled: Vec<&String> = cells.iter().filter(|text| !text.is_empty()).collect();
        match filled.as_slice() {
            [] => continue,
            [only]
                if header.seen(sheet, row, "time").trim().is_empty()
                    || *only == header.seen(sheet, row, "name") =>
            {
                table.notes.push((*only).clone());
                continue;
            }
            _ => {}
        }
        table.rows_read += 1;
        match subject(sheet, &header, row, year) {
            Ok(subject) => {
                let key = (
                    subject.level.clone(),
                    subject.specialty.clone(),
                    subject.code.clone(),
                );
                if let Some(first) = seen.get(&key) {
                    let message = format!("同一级别、专业下的科目代码与第 {first} 行重复");
                    table
                        .problems
                        .push(problem(subject.line, "科目代码", &subject.code, &message));
                } else {
                    seen.insert(key, subject.line);
                    table.subjects.push(subject);
                }
            }
            Err(problems) => table.problems.extend(problems),
        }
    }
    number_sessions(&mut table.subjects);
    table
}

/// Sessions are numbered by their starts, so that the same table always gives the same numbers.
fn number_sessions(subjects: &mut [SubjectRow]) {
    let starts: BTreeSet<(String, String)> = subjects
        .iter()
        .map(|one| (one.date.clone(), one.starts.clone()))
        .collect();
    let numbers: BTreeMap<(String, String), u32> = starts.into_iter().zip(1u32..).collect();
    for subject in subjects {
        let key = (subject.date.clone(), subject.starts.clone());
        subject.session = numbers.get(&key).copied().unwrap_or(1);
    }
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

fn subject(
    sheet: &Sheet,
    header: &Header,
    row: usize,
    year: u32,
) -> Result<SubjectRow, Vec<RowProblem>> {
    let line = Sheet::line(row);
    let text = |key: &str| plain(header.seen(sheet, row, key));
    let mut problems = Vec::new();
    let level = squeezed(&text("level"));
    let name = text("name");
    if level.is_empty() {
        problems.push(problem(
            line,
            "级别",
            "",
            "请填写级别，例如 考全科、免二科、初级",
        ));
    }
    if name.is_empty() {
        problems.push(problem(line, "科目", "", "请填写科目名称"));
    }
    let (date_text, time_text) = (text("date"), text("time"));
    let both = format!("{date_text} {time_text}");
    let date = read_date(&both, year);
    if date.is_none() {
        let message = "没有看到考试日期，应写作 2026年9月12日 9:00-11:00";
        problems.push(problem(line, "考试时间", &both, message));
    }
    let hours = read_hours(&time_text).or_else(|| read_hours(&date_text));
    if hours.is_none() {
        let message = "没有看到起止时间，应写作 9:00-11:00，结束应晚于开始";
        problems.push(problem(line, "考试时间", &time_text, message));
    }
    let fee = read_fee(&text("fee"));
    if fee.is_none() {
        problems.push(problem(
            line,
            "收费",
            &text("fee"),
            "收费应为金额，例如 60 或 60.00 元，不收费请填 0",
        ));
    }
    let code = squeezed(&text("code"));
    let code = code.strip_suffix(".0").unwrap_or(&code).to_owned();
    if code.is_empty() {
        problems.push(problem(line, "科目代码", "", "请填写科目代码"));
    }
    match (date, hours, fee) {
        (Some(date), Some((starts, ends)), Some(fee)) if problems.is_empty() => Ok(SubjectRow {
            line,
            level,
            specialty: squeezed(&text("specialty")),
            code,
            name,
            date,
            starts,
            ends,
            session: 1,
            fee,
        }),
        _ => Err(problems),
    }
}

/// Without blanks, save between two digits: in `2026-11-08 9:00` the blank alone keeps day and hour apart.
fn tightened(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let apart = out.ends_with(|c: char| c.is_ascii_digit())
            && chars.peek().is_some_and(char::is_ascii_digit);
        if c != ' ' || apart {
            out.push(c);
        }
    }
    out
}

/// `2026年9月12日`, `2026-09-12`, `9月12日` with the year of the exam.
fn read_date(text: &str, year: u32) -> Option<String> {
    let text = tightened(text);
    let head = text.split(['时', ':', '：']).next().unwrap_or(&text);
    let numbers: Vec<u32> = head
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let (year, month, day) = match numbers.as_slice() {
        [y, m, d, ..] if *y >= 2000 => (*y, *m, *d),
        [m, d, ..] if text.contains('月') => (year, *m, *d),
        _ => return None,
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    date.parse::<crate::time::Date>().ok().map(|_| date)
}

/// `9:00-11:00`, `９：００—１１：３０`, `上午9:00至11:30`, `14：00～16：00`, `下午2:00-4:00`.
fn read_hours(text: &str) -> Option<(String, String)> {
    let text = tightened(text)
        .replace(['：', '时'], ":")
        .replace(":分", ":");
    let afternoon = text.contains("下午");
    let mut times: Vec<u32> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == ':') {
        let digits = |c: &&char| c.is_ascii_digit();
        let before: String = chars.iter().take(at).rev().take_while(digits).collect();
        let hour: u32 = before.chars().rev().collect::<String>().parse().ok()?;
        let after: String = chars.iter().skip(at + 1).take_while(digits).collect();
        let minute: u32 = if after.is_empty() {
            0
        } else {
            after.parse().ok()?
        };
        let hour = if afternoon && hour < 12 {
            hour + 12
        } else {
            hour
        };
        if hour > 23 || minute > 59 {
            return None;
        }
        times.push(hour * 60 + minute);
    }
    match times.as_slice() {
        [starts, ends] if starts < ends => {
            let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            Some((clock(*starts), clock(*ends)))
        }
        _ => None,
    }
}

/// `60`, `60.00`, `60元/科`, `免费`.
fn read_fee(text: &str) -> Option<Fen> {
    let text = squeezed(text);
    if ["免费", "不收费", "无"].contains(&text.as_str()) {
        return Some(Fen::ZERO);
    }
    let number = text
        .trim_start_matches(['¥', '￥'])
        .split(['元', '/'])
        .next()
        .unwrap_or_default();
    let decimal: Decimal = number.parse().ok()?;
    if decimal.is_negative() || decimal.scale() > 2 {
        return None;
    }
    let hundred = Decimal::whole(100).ratio();
    let fen = decimal
        .ratio()
        .times(hundred)?
        .round(0, crate::score::Rounding::Truncate)?;
    fen.to_string().parse().ok().map(Fen::new)
}
