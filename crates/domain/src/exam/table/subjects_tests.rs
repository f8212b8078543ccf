//! A professional exam's table as a centre publishes it.

use proptest::prelude::*;

use super::subjects::read_subjects;
use crate::sheet::{Cell, Merge, Sheet};

pub(super) fn sheet(rows: &[&[&str]], merges: &[Merge]) -> Sheet {
    let cell = |text: &&str| {
        if text.is_empty() {
            Cell::Empty
        } else {
            Cell::text(*text)
        }
    };
    Sheet {
        name: "表".into(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect(),
        merges: merges.to_vec(),
    }
}

const HEAD: &[&str] = &[
    "级别",
    "专业",
    "科目代码",
    "科目名称",
    "考试时间",
    "收费标准（元/科）",
];

#[test]
fn merged_levels_and_times_as_people_write_them() {
    let table = read_subjects(
        &sheet(
            &[
                &["2026年度一级注册消防工程师考试科目表"],
                HEAD,
                &[
                    "考全科",
                    "消防",
                    "1",
                    "消防安全技术实务",
                    "11月7日 ９：００—１１：３０",
                    "60",
                ],
                &[
                    "",
                    "",
                    "2",
                    "消防安全技术综合能力",
                    "11月7日 下午2:00-4:30",
                    "60.5元",
                ],
                &[
                    "",
                    "",
                    "3",
                    "消防安全案例分析",
                    "2026年11月8日上午9:00至12:00",
                    "￥60.00",
                ],
                &[
                    "免二科",
                    "消防",
                    "3",
                    "消防安全案例分析",
                    "2026-11-08 9:00-12:00",
                    "免费",
                ],
                &["注：请携带身份证。"],
            ],
            &[
                Merge {
                    top: 0,
                    left: 0,
                    bottom: 0,
                    right: 5,
                },
                Merge {
                    top: 2,
                    left: 0,
                    bottom: 4,
                    right: 0,
                },
                Merge {
                    top: 2,
                    left: 1,
                    bottom: 4,
                    right: 1,
                },
            ],
        ),
        2026,
    );
    assert_eq!(table.problems, []);
    let rows: Vec<_> = table
        .subjects
        .iter()
        .map(|one| {
            (
                one.level.as_str(),
                one.code.as_str(),
                one.date.as_str(),
                one.starts.as_str(),
                one.ends.as_str(),
                one.session,
                one.fee.get(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("考全科", "1", "2026-11-07", "09:00", "11:30", 1, 6_000),
            ("考全科", "2", "2026-11-07", "14:00", "16:30", 2, 6_050),
            ("考全科", "3", "2026-11-08", "09:00", "12:00", 3, 6_000),
            ("免二科", "3", "2026-11-08", "09:00", "12:00", 3, 0),
        ]
    );
    assert_eq!(table.notes, ["注：请携带身份证。"]);
    assert_eq!(table.title, "2026年度一级注册消防工程师考试科目表");
}

#[test]
fn each_unreadable_cell_is_named() {
    let table = read_subjects(
        &sheet(
            &[
                HEAD,
                &["", "消防", "1", "实务", "2026年11月7日 9:00-11:00", "60"],
                &[
                    "考全科",
                    "消防",
                    "",
                    "实务",
                    "2026年11月7日 9:00-11:00",
                    "60",
                ],
                &["考全科", "消防", "1", "实务", "待定", "60"],
                &[
                    "考全科",
                    "消防",
                    "1",
                    "实务",
                    "2026年13月7日 9:00-11:00",
                    "60",
                ],
                &[
                    "考全科",
                    "消防",
                    "1",
                    "实务",
                    "2026年11月7日 11:00-9:00",
                    "60",
                ],
                &[
                    "考全科",
                    "消防",
                    "1",
                    "实务",
                    "2026年11月7日 9:00-11:00",
                    "六十",
                ],
                &[
                    "考全科",
                    "消防",
                    "1",
                    "实务",
                    "2026年11月7日 9:00-11:00",
                    "60",
                ],
                &[
                    "考全科",
                    "消防",
                    "1",
                    "能力",
                    "2026年11月7日 14:00-16:00",
                    "60",
                ],
            ],
            &[],
        ),
        2026,
    );
    let found: Vec<_> = table
        .problems
        .iter()
        .map(|one| (one.row, one.column.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, "级别"),
            (3, "科目代码"),
            (4, "考试时间"),
            (4, "考试时间"),
            (5, "考试时间"),
            (6, "考试时间"),
            (7, "收费"),
            (9, "科目代码")
        ]
    );
    assert_eq!(table.subjects.len(), 1);
    assert_eq!(
        read_subjects(&sheet(&[&["你好"]], &[]), 2026).problems[0].row,
        0
    );
}

proptest! {
    #[test]
    fn any_cell_is_a_subject_or_a_problem(time in "\\PC{0,24}", fee in "\\PC{0,8}", code in "[0-9]{1,3}") {
        let table = read_subjects(&sheet(&[HEAD, &["考全科", "消防", &code, "实务", &time, &fee]], &[]), 2026);
        prop_assert_eq!(table.rows_read, 1);
        prop_assert!(table.subjects.len() == 1 || !table.problems.is_empty());
    }
}
