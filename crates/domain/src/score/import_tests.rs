//! Score files as centres hand them in.

use proptest::prelude::*;

use super::import::{ScoreProblem, Subject, read};
use super::mark::{Flag, Mark};
use crate::sheet::{Cell, Sheet};

fn sheet(rows: &[&[&str]]) -> Sheet {
    let cell = |text: &&str| {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::text(*text)
        }
    };
    Sheet {
        name: "成绩".into(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect(),
        merges: vec![],
    }
}

fn subjects() -> Vec<Subject> {
    let subject = |code: &str, name: &str| Subject {
        code: code.into(),
        name: name.into(),
        full: "150".parse().ok(),
    };
    vec![
        subject("1", "职业能力倾向测验"),
        subject("2", "综合应用能力"),
    ]
}

fn n(text: &str) -> Mark {
    Mark::Normal(text.parse().unwrap())
}

#[test]
fn a_row_per_subject() {
    let file = read(
        &sheet(&[
            &["某市2026年事业单位笔试成绩"],
            &[
                "准考证号",
                "姓名",
                "科目代码",
                "客观分",
                "主观分",
                "成绩",
                "状态码",
            ],
            &["26030701218", "林一舟", "1", "", "", "１０１．５", "0"],
            &["26030701218", "林一舟", "2", "60.5", "37.5", "98", ""],
            &[
                "26030701219",
                "何小宁",
                "综合应用能力",
                "60",
                "30.25",
                "",
                "",
            ],
            &["26030701219", "何小宁", "1", "", "", "", "-1"],
            &["26030701220", "苏晓", "1", "", "", "0", ""],
            &["26030701220", "苏晓", "2", "", "", "-2", ""],
            &["26030701221", "覃文岚", "1", "", "", "缺考", ""],
        ]),
        &subjects(),
    );
    assert_eq!(file.problems, []);
    let marks: Vec<Mark> = file.rows.iter().map(|row| row.mark).collect();
    assert_eq!(
        marks,
        [
            n("101.5"),
            n("98"),
            n("90.25"),
            Mark::Absent,
            n("0"),
            Mark::Violation,
            Mark::Absent
        ]
    );
    assert_eq!((file.lines, file.rows[0].line), (7, 3));
}

#[test]
fn a_row_per_candidate() {
    let file = read(
        &sheet(&[
            &[
                "准考证号",
                "姓名",
                "身份证后四位",
                "职业能力倾向测验成绩",
                "综合应用能力",
            ],
            &["1", "林一舟", "002x", "90", "缺考"],
            &["2", "何小宁", "0019", "", "-4"],
        ]),
        &subjects(),
    );
    let marks: Vec<_> = file
        .rows
        .iter()
        .map(|row| (row.ticket_no.as_str(), row.subject.as_str(), row.mark))
        .collect();
    assert_eq!(
        marks,
        [
            ("1", "1", n("90")),
            ("1", "2", Mark::Absent),
            ("2", "2", Mark::Invalidated)
        ]
    );
    assert_eq!(file.rows[0].id_tail, "002X");
    // A missing mark isn't an absence: somebody must say what it is.
    assert_eq!(file.problems.len(), 1);
    assert_eq!(file.problems[0].problem, ScoreProblem::NoMark);
    assert_eq!(
        (file.problems[0].line, file.problems[0].column.as_str()),
        (3, "职业能力倾向测验")
    );
}

#[test]
fn each_bad_cell_is_named() {
    let file = read(
        &sheet(&[
            &["准考证号", "科目", "成绩", "客观分", "主观分", "状态"],
            &["", "1", "90", "", "", ""],
            &["1", "3", "90", "", "", ""],
            &["1", "1", "九十", "", "", ""],
            &["1", "1", "150.5", "", "", ""],
            &["1", "1", "-3", "", "", ""],
            &["1", "1", "90", "50", "41", ""],
            &["1", "1", "90", "", "", "-1"],
            &["1", "1", "90", "", "", "7"],
            &["1", "1", "90", "", "", ""],
            &["1", "1", "91", "", "", ""],
        ]),
        &subjects(),
    );
    let d = |text: &str| text.parse().unwrap();
    let problems: Vec<_> = file
        .problems
        .iter()
        .map(|placed| placed.problem.clone())
        .collect();
    assert_eq!(
        problems,
        [
            ScoreProblem::NoTicket,
            ScoreProblem::UnknownSubject("3".into()),
            ScoreProblem::BadMark("九十".into()),
            ScoreProblem::AboveFull(d("150.5"), d("150")),
            ScoreProblem::BadMark("-3".into()),
            ScoreProblem::PartsDiffer(d("91"), d("90")),
            ScoreProblem::FlagAndMark(Flag::Absent, d("90")),
            ScoreProblem::BadFlag("7".into()),
            ScoreProblem::Twice(10),
        ]
    );
    assert_eq!(file.rows.len(), 1);
    // Rows in = matched + rejected.
    assert_eq!(file.lines as usize, file.rows.len() + file.problems.len());
}

#[test]
fn a_file_without_the_columns_is_refused_as_a_whole() {
    for (head, problem) in [
        (vec!["姓名", "成绩"], ScoreProblem::NoHeader),
        (vec!["准考证号", "姓名"], ScoreProblem::NoColumn("成绩")),
        (vec!["准考证号", "成绩"], ScoreProblem::NoColumn("科目代码")),
        (vec!["准考证号", "科目"], ScoreProblem::NoColumn("成绩")),
    ] {
        let file = read(&sheet(&[&head, &["1", "1"]]), &subjects());
        assert_eq!(file.problems[0].problem, problem, "{head:?}");
        assert!(file.rows.is_empty());
    }
    let one = read(
        &sheet(&[&["准考证号", "成绩"], &["1", "60"]]),
        &subjects()[..1],
    );
    assert_eq!(one.rows[0].subject, "1");
}

proptest! {
    #[test]
    fn any_cell_is_a_result_or_a_problem(ticket in "\\PC{0,12}", mark in "\\PC{0,8}", flag in "\\PC{0,4}") {
        let file = read(
            &sheet(&[&["准考证号", "科目代码", "成绩", "状态码"], &[&ticket, "1", &mark, &flag]]),
            &subjects(),
        );
        prop_assert_eq!(file.rows.len() + file.problems.len(), 1);
    }
}
