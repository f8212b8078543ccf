//! A score file, as rows of a sheet.
//!
//! Two layouts are read: one row per subject (with 科目代码 or 科目), and one row per candidate with a column per
//! subject. Absent, violation, void, zero and missing stay apart; nothing is guessed.

use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::mark::{Flag, Mark};
use crate::sheet::{Column, Header, Sheet, plain, squeezed};

/// The columns of a score file.
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
        key: "id_tail",
        title: "证件号后四位",
        names: &[
            "证件号后四位",
            "证件号码后四位",
            "身份证号后四位",
            "身份证后四位",
        ],
    },
    Column {
        key: "subject",
        title: "科目",
        names: &["科目代码", "科目", "科目名称", "考试科目"],
    },
    Column {
        key: "objective",
        title: "客观分",
        names: &["客观分", "客观题", "客观题成绩"],
    },
    Column {
        key: "subjective",
        title: "主观分",
        names: &["主观分", "主观题", "主观题成绩"],
    },
    Column {
        key: "mark",
        title: "成绩",
        names: &["成绩", "分数", "得分", "笔试成绩", "科目成绩", "卷面成绩"],
    },
    Column {
        key: "flag",
        title: "状态码",
        names: &["状态码", "状态", "缺考违纪标志", "缺考标记", "标志"],
    },
    Column {
        key: "bonus",
        title: "加分",
        names: &["加分", "政策加分", "加分成绩"],
    },
    Column {
        key: "remark",
        title: "备注",
        names: &["备注", "说明"],
    },
];

/// A subject that the exam has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Full marks; a mark above is refused.
    pub full: Option<Decimal>,
}

/// One subject's result of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRow {
    /// Line in the sheet.
    pub line: u32,
    /// 准考证号.
    pub ticket_no: String,
    /// 姓名, to cross-check; empty when the file has none.
    pub name: String,
    /// Last four of the document, to cross-check; empty when the file has none.
    pub id_tail: String,
    /// Code of the subject.
    pub subject: String,
    /// The result.
    pub mark: Mark,
    /// Bonus points.
    pub bonus: Option<Decimal>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreProblem {
    /// No header.
    #[error("没有找到表头。请保留“准考证号”和“成绩”（或各科目名称）等列名")]
    NoHeader,
    /// A column is missing.
    #[error("表中缺少“{0}”列")]
    NoColumn(&'static str),
    /// No ticket number.
    #[error("请填写准考证号")]
    NoTicket,
    /// A subject that the exam doesn't have.
    #[error("本考试没有科目“{0}”，请填写科目代码")]
    UnknownSubject(String),
    /// Not a number and not a flag.
    #[error("成绩“{0}”看不懂，应为数字，或缺考（-1）、违纪（-2）、无效（-4）")]
    BadMark(String),
    /// Neither a mark nor a flag.
    #[error("没有成绩。缺考请填 -1，零分请填 0")]
    NoMark,
    /// A status code that isn't in the table.
    #[error("状态码“{0}”不在 0、-1、-2、-4 之中")]
    BadFlag(String),
    /// A flag and a mark above zero.
    #[error("状态为{}，成绩却是 {}，请核对", .0.label(), .1)]
    FlagAndMark(Flag, Decimal),
    /// Above full marks.
    #[error("成绩 {0} 超过满分 {1}")]
    AboveFull(Decimal, Decimal),
    /// Objective and subjective don't add up.
    #[error("客观分与主观分之和是 {0}，成绩却是 {1}")]
    PartsDiffer(Decimal, Decimal),
    /// Two results for one candidate and subject.
    #[error("与第 {0} 行重复：同一准考证号、同一科目")]
    Twice(u32),
}

/// A problem with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Line in the sheet; 0 for the whole file.
    pub line: u32,
    /// Title of the column.
    pub column: String,
    /// What the cell says.
    pub cell: String,
    /// What is wrong and how to mend it.
    pub problem: ScoreProblem,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScoreFile {
    /// Good results.
    pub rows: Vec<ScoreRow>,
    /// Problems.
    pub problems: Vec<Placed>,
    /// Lines with something in them below the header.
    pub lines: u32,
}

/// Reads a score file against the exam's subjects.
pub fn read(sheet: &Sheet, subjects: &[Subject]) -> ScoreFile {
    let mut file = ScoreFile::default();
    let whole = |problem| Placed {
        line: 0,
        column: "表头".into(),
        cell: String::new(),
        problem,
    };
    let Some(header) =
        Header::find(sheet, COLUMNS, 1).filter(|header| header.column("ticket_no").is_some())
    else {
        file.problems.push(whole(ScoreProblem::NoHeader));
        return file;
    };
    let layout = Layout::of(&header, subjects);
    let layout = match layout {
        Ok(layout) => layout,
        Err(problem) => {
            file.problems.push(whole(problem));
            return file;
        }
    };
    let mut seen: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        file.lines += 1;
        let reader = Reader {
            sheet,
            header: &header,
            row,
            line: Sheet::line(row),
        };
        for result in reader.results(&layout, subjects) {
            match result {
                Ok(result) => {
                    let key = (result.ticket_no.clone(), result.subject.clone());
                    if let Some(first) = seen.get(&key) {
                        file.problems.push(reader.placed(
                            "准考证号",
                            &result.ticket_no,
                            ScoreProblem::Twice(*first),
                        ));
                    } else {
                        seen.insert(key, result.line);
                        file.rows.push(result);
                    }
                }
                Err(problem) => file.problems.push(problem),
            }
        }
    }
    file
}

enum Layout {
    /// One row per subject; `Some` when the exam has just one and the file doesn't name it.
    Long(Option<usize>),
    /// One column per subject: column and index of the subject.
    Wide(Vec<(usize, usize)>),
}

impl Layout {
    fn of(header: &Header, subjects: &[Subject]) -> Result<Self, ScoreProblem> {
        if header.column("subject").is_some() {
            let has_mark = ["mark", "objective", "subjective"]
                .iter()
                .any(|key| header.column(key).is_some());
            return if has_mark {
                Ok(Self::Long(None))
            } else {
                Err(ScoreProblem::NoColumn("成绩"))
            };
        }
        let named: Vec<(usize, usize)> = header
            .extra
            .iter()
            .filter_map(|extra| {
                subject_index(subjects, &extra.name).map(|index| (extra.column, index))
            })
            .collect();
        match (
            named.is_empty(),
            header.column("mark").is_some(),
            subjects.len(),
        ) {
            (false, ..) => Ok(Self::Wide(named)),
            (true, true, 1) => Ok(Self::Long(Some(0))),
            (true, true, _) => Err(ScoreProblem::NoColumn("科目代码")),
            (true, false, _) => Err(ScoreProblem::NoColumn("成绩")),
        }
    }
}

fn subject_index(subjects: &[Subject], text: &str) -> Option<usize> {
    let text = squeezed(text);
    let bare = text
        .strip_suffix("成绩")
        .or_else(|| text.strip_suffix("分数"))
        .unwrap_or(&text);
    subjects.iter().position(|one| {
        [text.as_str(), bare]
            .iter()
            .any(|text| squeezed(&one.code) == *text || squeezed(&one.name) == *text)
    })
}

struct Reader<'s> {
    sheet: &'s Sheet,
    header: &'s Header,
    row: usize,
    line: u32,
}

impl Reader<'_> {
    fn text(&self, key: &str) -> String {
        plain(self.header.seen(self.sheet, self.row, key))
    }

    fn placed(&self, column: &str, cell: &str, problem: ScoreProblem) -> Placed {
        Placed {
            line: self.line,
            column: column.to_owned(),
            cell: cell.to_owned(),
            problem,
        }
    }

    fn results(&self, layout: &Layout, subjects: &[Subject]) -> Vec<Result<ScoreRow, Placed>> {
        let ticket_no = squeezed(&self.text("ticket_no"));
        if ticket_no.is_empty() {
            return vec![Err(self.placed("准考证号", "", ScoreProblem::NoTicket))];
        }
        match layout {
            Layout::Long(only) => {
                let named = self.text("subject");
                let index = (*only).or_else(|| subject_index(subjects, &named));
                let Some(subject) = index.and_then(|index| subjects.get(index)) else {
                    return vec![Err(self.placed(
                        "科目代码",
                        &named,
                        ScoreProblem::UnknownSubject(named.clone()),
                    ))];
                };
                let mark = self.long_mark();
                vec![self.result(&ticket_no, subject, "成绩", &self.text("mark"), mark)]
            }
            Layout::Wide(columns) => columns
                .iter()
                .filter_map(|(column, index)| {
                    subjects.get(*index).map(|subject| (*column, subject))
                })
                .map(|(column, subject)| {
                    let cell = plain(self.sheet.seen(self.row, column).raw());
                    let mark = read_mark(&cell).and_then(|mark| mark.ok_or(ScoreProblem::NoMark));
                    self.result(&ticket_no, subject, &subject.name, &cell, mark)
                })
                .collect(),
        }
    }

    fn result(
        &self,
        ticket_no: &str,
        subject: &Subject,
        column: &str,
        cell: &str,
        mark: Result<Mark, ScoreProblem>,
    ) -> Result<ScoreRow, Placed> {
        let mark = mark.and_then(|mark| match (mark.number(), subject.full) {
            (Some(number), _) if number.is_negative() => {
                Err(ScoreProblem::BadMark(number.to_string()))
            }
            (Some(number), Some(full)) if number > full => {
                Err(ScoreProblem::AboveFull(number, full))
            }
            _ => Ok(mark),
        });
        let mark = mark.map_err(|problem| self.placed(column, cell, problem))?;
        let bonus = self.text("bonus");
        let bonus =
            match bonus.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| {
                    self.placed("加分", text, ScoreProblem::BadMark(text.to_owned()))
                })?),
            };
        Ok(ScoreRow {
            line: self.line,
            ticket_no: ticket_no.to_owned(),
            name: squeezed(&self.text("name")),
            id_tail: squeezed(&self.text("id_tail")).to_uppercase(),
            subject: subject.code.clone(),
            mark,
            bonus,
        })
    }

    /// The mark of a row per subject: 状态码 first, then 成绩, then the sum of its parts.
    fn long_mark(&self) -> Result<Mark, ScoreProblem> {
        let flag = read_flag(&self.text("flag"))?;
        let mark = read_mark(&self.text("mark"))?;
        let parts = self.parts()?;
        match (flag, mark, parts) {
            (Some(flag), mark, _) if flag != Flag::Normal => match mark {
                Some(Mark::Normal(number)) if !number.is_zero() => {
                    Err(ScoreProblem::FlagAndMark(flag, number))
                }
                _ => Mark::from_parts(flag, None).ok_or(ScoreProblem::NoMark),
            },
            (_, Some(Mark::Normal(number)), Some(sum)) if number != sum => {
                Err(ScoreProblem::PartsDiffer(sum, number))
            }
            (_, Some(mark), _) => Ok(mark),
            (_, None, Some(sum)) => Ok(Mark::Normal(sum)),
            (_, None, None) => Err(ScoreProblem::NoMark),
        }
    }

    fn parts(&self) -> Result<Option<Decimal>, ScoreProblem> {
        let number = |key| match self.text(key).as_str() {
            "" => Ok(None),
            text => text
                .parse::<Decimal>()
                .map(Some)
                .map_err(|_| ScoreProblem::BadMark(text.to_owned())),
        };
        Ok(match (number("objective")?, number("subjective")?) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(a), Some(b)) => {
                let digits = a.scale().max(b.scale());
                a.ratio()
                    .plus(b.ratio())
                    .and_then(|sum| sum.round(digits, super::Rounding::HalfUp))
            }
        })
    }
}

/// A score cell: a number, a flag's number (-1, -2, -4) or a flag's word. `None` for an empty cell.
fn read_mark(cell: &str) -> Result<Option<Mark>, ScoreProblem> {
    let text = squeezed(cell);
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(flag) = Flag::from_word(&text).filter(|flag| *flag != Flag::Normal) {
        return Ok(Mark::from_parts(flag, None));
    }
    let number: Decimal = text
        .parse()
        .map_err(|_| ScoreProblem::BadMark(cell.to_owned()))?;
    if !number.is_negative() {
        return Ok(Some(Mark::Normal(number)));
    }
    [Flag::Absent, Flag::Violation, Flag::Invalidated]
        .into_iter()
        .find(|flag| Decimal::whole(i64::from(flag.number())) == number)
        .map_or_else(
            || Err(ScoreProblem::BadMark(cell.to_owned())),
            |flag| Ok(Mark::from_parts(flag, None)),
        )
}

fn read_flag(cell: &str) -> Result<Option<Flag>, ScoreProblem> {
    let text = squeezed(cell);
    if text.is_empty() {
        return Ok(None);
    }
    let by_number = || text.parse::<i64>().ok().and_then(Flag::from_number);
    match Flag::from_word(&text).or_else(by_number) {
        Some(flag) => Ok(Some(flag)),
        None => Err(ScoreProblem::BadFlag(cell.to_owned())),
    }
}
