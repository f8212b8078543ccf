//! The list that goes to the authority and comes back with its answers.

use std::collections::BTreeMap;

use super::{CheckKind, Subject, Unknown, Verdict};
use crate::exam::table::{ProblemSeverity, RowProblem};
use crate::profile::Degree;
use crate::sheet::{Cell, Column, Header, Sheet, plain, squeezed};

/// What the last row of a list begins with: who took it, when and for what.
const WATERMARK: &str = "【敏感信息】";

/// The columns of a list, whatever is asked: the number by which an answer finds its question, and the answer.
pub const TITLES: &[Column] = &[
    Column {
        key: "item",
        title: "核验编号",
        names: &["核验编号"],
    },
    Column {
        key: "verdict",
        title: "核验结果",
        names: &["核验结果", "结果", "比对结果"],
    },
    Column {
        key: "why",
        title: "无法核验的原因",
        names: &["无法核验的原因", "原因", "说明"],
    },
    Column {
        key: "reference",
        title: "回执编号",
        names: &["回执编号", "回执号", "流水号"],
    },
];

/// Titles and widths of the list of a kind.
pub fn titles(kind: CheckKind) -> Vec<(&'static str, f64)> {
    let mut titles = vec![
        ("核验编号", 22.0),
        ("姓名", 14.0),
        ("证件类型", 18.0),
        ("证件号码", 24.0),
    ];
    if kind == CheckKind::Education {
        titles.extend([
            ("学历", 14.0),
            ("学位", 12.0),
            ("毕业院校", 28.0),
            ("专业", 20.0),
            ("毕业时间", 12.0),
            ("毕业证书编号", 24.0),
            ("学位证书编号", 24.0),
        ]);
    }
    titles.extend([
        ("核验结果", 14.0),
        ("无法核验的原因", 20.0),
        ("回执编号", 20.0),
    ]);
    titles
}

/// One question of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// 核验编号.
    pub item: String,
    /// What is asked.
    pub subject: Subject,
}

impl BatchRow {
    /// Its cells, as many as there are [`titles`]; the last three are for the authority to fill in.
    pub fn cells(&self) -> Vec<Cell> {
        let identity = &self.subject.identity;
        let mut cells = vec![
            Cell::text(self.item.as_str()),
            Cell::text(identity.name.as_str()),
            Cell::text(identity.document.id_type().label()),
            Cell::text(identity.document.canonical()),
        ];
        if let Some(education) = &self.subject.education {
            cells.extend([
                Cell::text(education.level.label()),
                Cell::text(education.degree.map_or("", Degree::label)),
                Cell::text(education.school.as_str()),
                Cell::text(education.major.as_str()),
                Cell::text(education.graduated_on.to_string()),
                Cell::text(education.certificate_no.as_str()),
                Cell::text(education.degree_certificate_no.as_str()),
            ]);
        }
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
        cells
    }
}

/// The last row: a list that lies about says whose it is.
pub fn watermark(text: &str) -> Vec<Cell> {
    vec![Cell::text(format!("{WATERMARK}{text}"))]
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadResult {
    /// Line in the sheet, from 1.
    pub line: u32,
    /// 核验编号.
    pub item: String,
    /// The answer.
    pub verdict: Verdict,
    /// Why there is none.
    pub unknown: Option<Unknown>,
    /// The authority's reference.
    pub reference: String,
}

/// A list with answers. `rows_read` = results + rows with an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultTable {
    /// The answers, in the order of the sheet.
    pub results: Vec<ReadResult>,
    /// What must be repaired.
    pub problems: Vec<RowProblem>,
    /// Rows that hold something.
    pub rows_read: u32,
}

/// Reads a list that came back. Whether its numbers are those of a batch is the caller's question.
pub fn read_results(sheet: &Sheet) -> ResultTable {
    let mut out = ResultTable::default();
    let Some(header) = Header::find(sheet, TITLES, 2) else {
        let text = "没有找到表头。请在导出的名单里填写“核验结果”列，不要改动“核验编号”列";
        out.problems.push(problem(0, "表头", "", text));
        return out;
    };
    for key in ["item", "verdict"] {
        if header.column(key).is_none() {
            let title = if key == "item" {
                "核验编号"
            } else {
                "核验结果"
            };
            let text = format!("表中缺少“{title}”列");
            out.problems.push(problem(0, title, "", &text));
        }
    }
    if !out.problems.is_empty() {
        return out;
    }
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in header.body..sheet.height() {
        let first = (0..sheet.width()).find_map(|column| {
            let cell = sheet.at(row, column);
            (!cell.is_blank()).then(|| cell.raw().to_owned())
        });
        let Some(first) = first else { continue };
        if first.starts_with(WATERMARK) {
            continue;
        }
        out.rows_read += 1;
        match result(sheet, &header, row, &mut seen) {
            Ok(result) => out.results.push(result),
            Err(problem) => out.problems.push(problem),
        }
    }
    out
}

fn result(
    sheet: &Sheet,
    header: &Header,
    row: usize,
    seen: &mut BTreeMap<String, u32>,
) -> Result<ReadResult, RowProblem> {
    let line = Sheet::line(row);
    let text = |key: &str| plain(header.seen(sheet, row, key));
    let item = squeezed(&text("item"));
    if item.is_empty() {
        return Err(problem(
            line,
            "核验编号",
            "",
            "没有核验编号，不知道是谁的结果",
        ));
    }
    if let Some(first) = seen.insert(item.clone(), line) {
        let text = format!("与第 {first} 行是同一个核验编号");
        return Err(problem(line, "核验编号", &item, &text));
    }
    let answer = squeezed(&text("verdict"));
    let verdict = match answer.as_str() {
        "一致" | "相符" | "匹配" | "通过" => Verdict::Match,
        "不一致" | "不相符" | "不符" | "不匹配" | "不通过" => Verdict::Mismatch,
        "无法核验" | "未知" | "查无" | "查无此人" | "无记录" => Verdict::Unknown,
        "" => {
            let text = "没有填写核验结果，应为“一致”“不一致”或“无法核验”";
            return Err(problem(line, "核验结果", "", text));
        }
        _ => {
            let text = "核验结果应为“一致”“不一致”或“无法核验”";
            return Err(problem(line, "核验结果", &answer, text));
        }
    };
    let why = squeezed(&text("why"));
    let unknown = (verdict == Verdict::Unknown).then(|| {
        Unknown::ALL
            .iter()
            .copied()
            .find(|one| one.label() == why || one.code() == why)
            .unwrap_or(if why.contains("资料") || why.contains("缺") {
                Unknown::Missing
            } else {
                Unknown::NotFound
            })
    });
    Ok(ReadResult {
        line,
        item,
        verdict,
        unknown,
        reference: text("reference").chars().take(60).collect(),
    })
}

fn problem(line: u32, column: &str, cell: &str, message: &str) -> RowProblem {
    RowProblem {
        row: line,
        column: column.to_owned(),
        cell: cell.chars().take(40).collect(),
        message: message.to_owned(),
        severity: ProblemSeverity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sheet(rows: &[[&str; 4]]) -> Sheet {
        let mut all = vec![["核验编号", "核验结果", "说明", "回执号"]];
        all.extend_from_slice(rows);
        Sheet {
            name: "表".into(),
            rows: all
                .iter()
                .map(|row| row.iter().map(|text| Cell::text(*text)).collect())
                .collect(),
            merges: Vec::new(),
        }
    }

    #[test]
    fn answers_are_read_in_the_authoritys_words() {
        let read = read_results(&sheet(&[
            ["a", "一致", "", "R1"],
            ["b", "不 一致", "", ""],
            ["c", "查无此人", "", ""],
            ["d", "无法核验", "缺少证书编号", ""],
            ["【敏感信息】某人导出", "", "", ""],
        ]));
        assert_eq!((read.rows_read, read.problems.len()), (4, 0), "{read:?}");
        let told: Vec<_> = read
            .results
            .iter()
            .map(|one| (one.item.as_str(), one.verdict, one.unknown))
            .collect();
        assert_eq!(
            told,
            [
                ("a", Verdict::Match, None),
                ("b", Verdict::Mismatch, None),
                ("c", Verdict::Unknown, Some(Unknown::NotFound)),
                ("d", Verdict::Unknown, Some(Unknown::Missing)),
            ]
        );
        assert_eq!(read.results[0].reference, "R1");
    }

    #[test]
    fn what_cannot_be_read_is_told_by_line() {
        let read = read_results(&sheet(&[
            ["a", "也许", "", ""],
            ["b", "", "", ""],
            ["", "一致", "", ""],
            ["c", "一致", "", ""],
            ["c", "不一致", "", ""],
        ]));
        let lines: Vec<u32> = read.problems.iter().map(|one| one.row).collect();
        assert_eq!((lines, read.results.len()), (vec![2, 3, 4, 6], 1));
        let whole = read_results(&Sheet {
            name: "表".into(),
            rows: vec![vec![Cell::text("甲")]],
            merges: Vec::new(),
        });
        assert_eq!(whole.problems[0].row, 0);
    }

    proptest! {
        #[test]
        fn rows_in_are_answers_and_rejected(rows in prop::collection::vec(("[a-c]{0,1}", "(一致|不一致|无法核验|也许)?"), 0..12)) {
            let rows: Vec<[&str; 4]> = rows.iter().map(|(item, answer)| [item.as_str(), answer.as_str(), "", ""]).collect();
            let read = read_results(&sheet(&rows));
            prop_assert_eq!(read.rows_read as usize, read.results.len() + read.problems.len());
        }
    }
}
