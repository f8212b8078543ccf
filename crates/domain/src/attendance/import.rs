//! A file of absences and violations, as rows of a sheet: one row for a candidate and a session, or for all of his sessions.
//!
//! Every line with something in it is a row or a problem, never both and never neither (assurance.md, invariant 21).

use std::collections::BTreeMap;

use super::IncidentKind;
use crate::sheet::{Column, Header, Sheet, plain, squeezed};

/// The columns of the file.
pub const COLUMNS: &[Column] = &[
    Column {
        key: "ticket_no",
        title: "准考证号",
        names: &["准考证号", "准考证号码", "准考证"],
    },
    Column {
        key: "name",
        title: "姓名",
        names: &["姓名", "考生姓名"],
    },
    Column {
        key: "session",
        title: "场次",
        names: &["场次", "科目", "科目代码", "科目名称", "考试科目"],
    },
    Column {
        key: "kind",
        title: "情况",
        names: &[
            "情况",
            "类别",
            "状态",
            "状态码",
            "缺考违纪",
            "缺考违纪情况",
            "登记情况",
        ],
    },
    Column {
        key: "clause",
        title: "违纪条款",
        names: &["违纪条款", "处理依据", "条款"],
    },
    Column {
        key: "note",
        title: "说明",
        names: &["说明", "备注", "违纪情况", "情况说明"],
    },
];

/// Longest 违纪条款.
pub const MOST_CLAUSE: usize = 100;
/// Longest 说明.
pub const MOST_NOTE: usize = 200;

/// A session of the exam, with the names and codes of what is sat in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its number, from 1.
    pub number: u32,
    /// Names and codes of its subjects.
    pub subjects: Vec<String>,
}

/// Which sessions a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that he has a seat in.
    All,
    /// This one.
    One(u32),
}

/// A row that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// Line in the sheet.
    pub line: u32,
    /// 准考证号.
    pub ticket_no: String,
    /// 姓名, to cross-check; empty when the file has none.
    pub name: String,
    /// Which sessions.
    pub which: Which,
    /// What happened.
    pub kind: IncidentKind,
    /// 违纪条款; empty for none.
    pub clause: String,
    /// 说明; empty for none.
    pub note: String,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IncidentProblem {
    /// No header.
    #[error("没有找到表头。请保留“准考证号”和“情况”等列名")]
    NoHeader,
    /// No ticket number.
    #[error("请填写准考证号")]
    NoTicket,
    /// The spreadsheet kept the number as a rounded one.
    #[error("准考证号的末几位已被表格软件改成 0，请把这一列设为文本后重新填写")]
    Rounded,
    /// A session or subject that the exam doesn't have.
    #[error("本考试没有场次或科目“{0}”")]
    UnknownSession(String),
    /// Not a kind.
    #[error("情况“{0}”看不懂，应为缺考（-1）、违纪（-2）或雷同（-4）")]
    UnknownKind(String),
    /// A violation without a word about it.
    #[error("违纪、雷同请填写违纪条款或说明")]
    Unexplained,
    /// Too long.
    #[error("{column}最多 {most} 个字")]
    TooLong {
        /// Title of the column.
        column: &'static str,
        /// How many characters it may have.
        most: usize,
    },
    /// Somebody twice for one session.
    #[error("与第 {0} 行重复：同一准考证号、同一场次")]
    Twice(u32),
}

/// A problem with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Line in the sheet; 0 for the whole file.
    pub line: u32,
    /// Title of the column.
    pub column: &'static str,
    /// What the cell says.
    pub cell: String,
    /// What is wrong and how to mend it.
    pub problem: IncidentProblem,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncidentFile {
    /// Good rows.
    pub rows: Vec<IncidentRow>,
    /// Problems.
    pub problems: Vec<Placed>,
    /// Lines with something in them below the header: as many as rows and problems together, unless the header itself is the problem.
    pub lines: usize,
}

/// Reads the file against the exam's sessions.
pub fn read(sheet: &Sheet, sessions: &[Session]) -> IncidentFile {
    let mut file = IncidentFile::default();
    let found = Header::find(sheet, COLUMNS, 2)
        .filter(|header| header.column("ticket_no").is_some() && header.column("kind").is_some());
    let Some(header) = found else {
        file.problems.push(Placed {
            line: 0,
            column: "表头",
            cell: String::new(),
            problem: IncidentProblem::NoHeader,
        });
        return file;
    };
    let mut seen: BTreeMap<String, Vec<(Which, u32)>> = BTreeMap::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        file.lines += 1;
        match read_row(sheet, &header, row, sessions) {
            Ok(one) => {
                let before = seen.entry(one.ticket_no.clone()).or_default();
                let same = |other: Which| {
                    other == one.which || other == Which::All || one.which == Which::All
                };
                if let Some((_, first)) = before.iter().find(|(other, _)| same(*other)) {
                    file.problems.push(Placed {
                        line: one.line,
                        column: "准考证号",
                        problem: IncidentProblem::Twice(*first),
                        cell: one.ticket_no,
                    });
                } else {
                    before.push((one.which, one.line));
                    file.rows.push(one);
                }
            }
            Err(problem) => file.problems.push(problem),
        }
    }
    file
}

fn read_row(
    sheet: &Sheet,
    header: &Header,
    row: usize,
    sessions: &[Session],
) -> Result<IncidentRow, Placed> {
    let text = |key: &str| plain(header.seen(sheet, row, key));
    let line = Sheet::line(row);
    let placed = |column: &'static str, cell: String, problem| Placed {
        line,
        column,
        cell,
        problem,
    };
    let ticket_no = squeezed(&text("ticket_no"));
    if ticket_no.is_empty() {
        return Err(placed("准考证号", ticket_no, IncidentProblem::NoTicket));
    }
    if header.cell(sheet, row, "ticket_no").is_rounded() {
        return Err(placed("准考证号", ticket_no, IncidentProblem::Rounded));
    }
    let typed = text("session");
    let which = match squeezed(&typed).as_str() {
        "" => Which::All,
        name => match session(sessions, name) {
            Some(number) => Which::One(number),
            None => {
                let problem = IncidentProblem::UnknownSession(typed.clone());
                return Err(placed("场次", typed, problem));
            }
        },
    };
    let typed = text("kind");
    let Some(kind) = IncidentKind::from_cell(&typed) else {
        let problem = IncidentProblem::UnknownKind(typed.clone());
        return Err(placed("情况", typed, problem));
    };
    let (clause, note) = (text("clause"), text("note"));
    for (column, written, most) in [
        ("违纪条款", &clause, MOST_CLAUSE),
        ("说明", &note, MOST_NOTE),
    ] {
        if written.chars().count() > most {
            let problem = IncidentProblem::TooLong { column, most };
            return Err(placed(column, written.clone(), problem));
        }
    }
    if kind != IncidentKind::Absent && clause.is_empty() && note.is_empty() {
        return Err(placed("违纪条款", clause, IncidentProblem::Unexplained));
    }
    Ok(IncidentRow {
        line,
        ticket_no,
        name: squeezed(&text("name")),
        which,
        kind,
        clause,
        note,
    })
}

/// `1`, `第1场`, or the name or code of a subject; where a subject is called like a number, the subject.
fn session(sessions: &[Session], name: &str) -> Option<u32> {
    let named = sessions
        .iter()
        .find(|one| one.subjects.iter().any(|known| squeezed(known) == name));
    let number = || {
        let digits = name.trim_start_matches('第').trim_end_matches(['场', '次']);
        let number: u32 = digits.parse().ok()?;
        sessions.iter().find(|one| one.number == number)
    };
    named.or_else(number).map(|one| one.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Cell;
    use proptest::prelude::*;

    fn sessions() -> Vec<Session> {
        [(1, "职业能力倾向测验", "01"), (2, "综合应用能力", "02")]
            .map(|(number, name, code)| Session {
                number,
                subjects: vec![name.to_owned(), code.to_owned()],
            })
            .to_vec()
    }

    const HEAD: &[&str] = &["准考证号", "姓名", "场次", "情况", "违纪条款", "说明"];

    fn of(rows: &[&[&str]]) -> IncidentFile {
        let rows: Vec<&[&str]> = std::iter::once(HEAD).chain(rows.iter().copied()).collect();
        read(&Sheet::of_texts(&rows), &sessions())
    }

    #[test]
    fn rows_are_read_as_centres_write_them() {
        let file = of(&[
            &["26010101", "欧阳喆", "", "缺考", "", ""],
            &["26010102", "", "第1场", "-1", "", ""],
            &[
                "26010102",
                "",
                "综合应用能力",
                "违纪",
                "第六条（二）",
                "传纸条",
            ],
            &["26010103", "", "02", "雷同", "", "与 26010199 雷同"],
            &["", "", "", "", "", ""],
            &["26010104", "", "2", "-2", "第七条", ""],
        ]);
        assert_eq!(file.problems, []);
        let rows: Vec<_> = file
            .rows
            .iter()
            .map(|row| (row.ticket_no.as_str(), row.which, row.kind))
            .collect();
        assert_eq!(
            rows,
            [
                ("26010101", Which::All, IncidentKind::Absent),
                ("26010102", Which::One(1), IncidentKind::Absent),
                ("26010102", Which::One(2), IncidentKind::Violation),
                ("26010103", Which::One(2), IncidentKind::Similar),
                ("26010104", Which::One(2), IncidentKind::Violation),
            ]
        );
        assert_eq!((file.lines, file.rows[2].line), (5, 4));
        assert_eq!(file.rows[0].name, "欧阳喆");
        assert_eq!(file.rows[2].clause, "第六条（二）");
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        use IncidentProblem as P;
        let long = "字".repeat(MOST_NOTE + 1);
        let file = of(&[
            &["", "某", "", "缺考", "", ""],
            &["26010102", "", "3", "缺考", "", ""],
            &["26010103", "", "", "迟到", "", ""],
            &["26010104", "", "", "违纪", "", ""],
            &["26010105", "", "", "违纪", "", &long],
            &["26010106", "", "1", "缺考", "", ""],
            &["26010106", "", "", "缺考", "", ""],
            &["26010106", "", "2", "缺考", "", ""],
            &["26010106", "", "01", "违纪", "第六条", ""],
        ]);
        let problems: Vec<_> = file
            .problems
            .iter()
            .map(|one| (one.line, one.column, &one.problem))
            .collect();
        assert_eq!(
            problems,
            [
                (2, "准考证号", &P::NoTicket),
                (3, "场次", &P::UnknownSession("3".into())),
                (4, "情况", &P::UnknownKind("迟到".into())),
                (5, "违纪条款", &P::Unexplained),
                (
                    6,
                    "说明",
                    &P::TooLong {
                        column: "说明",
                        most: MOST_NOTE
                    }
                ),
                (8, "准考证号", &P::Twice(7)),
                (10, "准考证号", &P::Twice(7)),
            ]
        );
        assert_eq!(file.rows.len(), 2);
        let none = read(&Sheet::of_texts(&[&["姓名", "情况"]]), &sessions());
        assert_eq!(none.problems[0].problem, P::NoHeader);
        let mut sheet = Sheet::of_texts(&[HEAD, &["", "", "", "缺考", "", ""]]);
        sheet.rows[1][0] = Cell::Number("2601010112345678".into());
        assert_eq!(read(&sheet, &sessions()).problems[0].problem, P::Rounded);
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_or_a_problem(
            rows in prop::collection::vec(
                (
                    prop::sample::select(vec!["", "26010101", "26010102", " 26010103"]),
                    prop::sample::select(vec!["", "1", "2", "9", "综合应用能力", "x"]),
                    prop::sample::select(vec!["", "缺考", "违纪", "-4", "0", "?"]),
                    "[第六条 ]{0,3}", "\\PC{0,5}",
                ),
                0..30,
            )
        ) {
            let rows: Vec<[&str; 6]> = rows.iter()
                .map(|(ticket, session, kind, clause, note)| [*ticket, "", *session, *kind, clause.as_str(), note.as_str()])
                .collect();
            let slices: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
            let file = of(&slices);
            prop_assert_eq!(file.lines, file.rows.len() + file.problems.len());
            // Nobody has two incidents in a session.
            for one in &file.rows {
                let same = file.rows.iter().filter(|other| other.ticket_no == one.ticket_no
                    && (other.which == one.which || other.which == Which::All));
                prop_assert_eq!(same.count(), 1);
            }
        }
    }
}
