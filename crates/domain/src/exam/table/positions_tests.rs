//! Position tables as centres publish them.

use proptest::prelude::*;

use super::positions::{PositionTable, read_positions};
use super::subjects_tests::sheet;
use super::{ProblemSeverity, Reading};
use crate::eligibility::{
    Degree, EducationLevel, Facts, Studies, Verdict, check_all, describe_all,
};
use crate::sheet::{Cell, Merge, Sheet};

fn reading() -> Reading {
    Reading {
        counted_to: "2026-03-11".parse().ok(),
    }
}

/// A county's table: title, merged two-row header, merged employers, notes, totals, full-width digits.
fn county() -> Sheet {
    let mut sheet = sheet(
        &[
            &["附件1"],
            &["某县2026年事业单位公开招聘工作人员岗位计划表"],
            &[
                "序号",
                "主管部门",
                "用人单位",
                "职位名称",
                "岗位代码",
                "招聘计划",
                "岗位条件",
                "",
                "",
                "",
                "备注",
            ],
            &[
                "",
                "",
                "",
                "",
                "",
                "",
                "学历学位",
                "专业要求",
                "年龄",
                "其他",
                "",
            ],
            &[
                "1",
                "县文化局",
                "县图书馆",
                "数字资源管理",
                "０３１７",
                "２",
                "本科及以上",
                "图书情报与档案管理类、信息管理类",
                "35周岁以下",
                "",
                "",
            ],
            &[
                "2",
                "",
                "",
                "财务会计",
                "0322",
                "1名",
                "本科及以上，学士学位",
                "会计学、财务管理",
                "35周岁以下（1990年3月16日及以后出生）",
                "限男性；具有2年以上会计工作经历",
                "",
            ],
            &["", "", "", "", "", "", "", "", "", "", ""],
            &[
                "3",
                "县卫健局",
                "县人民医院",
                "护理",
                "0411",
                "3",
                "大专及以上",
                "不限",
                "18-35周岁",
                "取得护士执业资格证",
                "适合女性",
            ],
            &["合计", "", "", "", "", "6", "", "", "", "", ""],
            &["注：1.年龄计算截止报名首日；2.咨询电话见公告。"],
        ],
        &[
            Merge {
                top: 0,
                left: 0,
                bottom: 0,
                right: 10,
            },
            Merge {
                top: 1,
                left: 0,
                bottom: 1,
                right: 10,
            },
            Merge {
                top: 2,
                left: 6,
                bottom: 2,
                right: 9,
            },
            Merge {
                top: 2,
                left: 10,
                bottom: 3,
                right: 10,
            },
            Merge {
                top: 4,
                left: 1,
                bottom: 5,
                right: 1,
            },
            Merge {
                top: 4,
                left: 2,
                bottom: 5,
                right: 2,
            },
            Merge {
                top: 9,
                left: 0,
                bottom: 9,
                right: 10,
            },
        ],
    );
    for column in 0..6 {
        sheet.merges.push(Merge {
            top: 2,
            left: column,
            bottom: 3,
            right: column,
        });
    }
    sheet
}

#[test]
fn a_county_table_is_read_whole() {
    let table = read_positions(&county(), &reading());
    assert_eq!(table.problems, []);
    assert_eq!(table.title, "某县2026年事业单位公开招聘工作人员岗位计划表");
    assert_eq!(table.notes.len(), 1);
    assert_eq!((table.rows_read, table.positions.len()), (3, 3));
    let rows: Vec<_> = table
        .positions
        .iter()
        .map(|row| {
            let one = &row.position;
            (
                row.line,
                one.code.as_str(),
                one.employer.as_str(),
                one.department.as_str(),
                one.headcount,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (5, "0317", "县图书馆", "县文化局", 2),
            (6, "0322", "县图书馆", "县文化局", 1),
            (8, "0411", "县人民医院", "县卫健局", 3),
        ]
    );
    let described: Vec<String> = table
        .positions
        .iter()
        .map(|row| describe_all(&row.position.rules))
        .collect();
    assert_eq!(
        described,
        [
            "本科及以上；图书情报与档案管理类、信息管理类；1990年3月11日及以后出生",
            "本科及以上；学士学位及以上；会计学、财务管理；1990年3月16日及以后出生；限男性；2 年以上工作经历",
            "大专及以上；2008年3月11日及以前出生；1990年3月11日及以后出生；具有护士执业资格证；适合女性",
        ]
    );
}

#[test]
fn the_candidate_of_the_mock_gets_the_answers_of_the_mock() {
    let table = read_positions(&county(), &reading());
    let facts = Facts {
        sex: Some("女".into()),
        birth_date: "2000-06-01".parse().ok(),
        studies: vec![Studies {
            level: Some(EducationLevel::Bachelor),
            degree: Some(Degree::Bachelor),
            study_mode: "全日制".into(),
            major: "信息管理与信息系统".into(),
            graduated_on: "2022-06-30".parse().ok(),
        }],
        ..Facts::default()
    };
    let reports: Vec<_> = table
        .positions
        .iter()
        .map(|row| check_all(&row.position.rules, &facts))
        .collect();
    assert_eq!(
        (reports[0].verdict, reports[0].reason.as_str()),
        (Verdict::Pass, "您的 3 项条件全部符合")
    );
    assert_eq!(
        (reports[1].verdict, reports[1].title.as_str()),
        (Verdict::Fail, "专业不符")
    );
    assert_eq!(reports[1].reason, "您的专业“信息管理与信息系统”不在要求内");
    assert_eq!(reports[2].verdict, Verdict::Manual);
}

fn errors(table: &PositionTable) -> Vec<(u32, &str, &str)> {
    let errors = table
        .problems
        .iter()
        .filter(|one| one.severity == ProblemSeverity::Error);
    errors
        .map(|one| (one.row, one.column.as_str(), one.message.as_str()))
        .collect()
}

#[test]
fn bad_rows_say_how_to_repair_them_and_the_others_are_read() {
    let head: &[&str] = &["岗位代码", "岗位名称", "招聘单位", "招聘人数", "学历"];
    let table = read_positions(
        &sheet(
            &[
                head,
                &["0317", "数字资源", "市图书馆", "1", "本科"],
                &["0317", "信息咨询", "市图书馆", "1", "本科及以上"],
                &["0412", "药剂", "市第一人民医院", "0", "大专及以上"],
                &["0413", "检验", "市第一人民医院", "若干", "大专及以上"],
                &["", "检验", "市第一人民医院", "1", "大专及以上"],
                &["0415", "", "市第一人民医院", "", "大专及以上"],
                &["0416", "检验", "", "1", "大专及以上"],
            ],
            &[],
        ),
        &reading(),
    );
    assert_eq!(
        errors(&table),
        [
            (3, "岗位代码", "“岗位代码”与第 2 行重复"),
            (4, "招聘人数", "“招聘人数”至少为 1"),
            (5, "招聘人数", "“招聘人数”应为整数，例如 2，现在是“若干”"),
            (6, "岗位代码", "请填写岗位代码"),
            (7, "岗位名称", "请填写岗位名称"),
            (7, "招聘人数", "请填写招聘人数"),
        ]
    );
    assert_eq!(
        table.positions.len() + table.bad_lines(),
        table.rows_read as usize
    );
    let warnings: Vec<_> = table
        .problems
        .iter()
        .filter(|one| one.severity == ProblemSeverity::Warning)
        .map(|one| (one.row, one.column.as_str()))
        .collect();
    assert_eq!(warnings, [(2, "学历"), (8, "招聘单位")]);
    assert_eq!(table.positions[1].position.employer, "市第一人民医院");
}

#[test]
fn a_merged_headcount_is_not_counted_twice() {
    let rows: &[&[&str]] = &[
        &["岗位代码", "岗位名称", "招聘单位", "招聘人数"],
        &["1", "甲", "单位", "2"],
        &["2", "乙", "单位", ""],
    ];
    let table = read_positions(
        &sheet(
            rows,
            &[Merge {
                top: 1,
                left: 3,
                bottom: 2,
                right: 3,
            }],
        ),
        &reading(),
    );
    assert_eq!(errors(&table).len(), 2);
    assert!(errors(&table)[0].2.contains("第 2 到 3 行"));
}

#[test]
fn a_wrong_total_is_told() {
    let rows: &[&[&str]] = &[
        &["岗位代码", "岗位名称", "招聘单位", "招聘人数"],
        &["1", "甲", "单位", "2"],
        &["合计", "", "", "3"],
    ];
    let table = read_positions(&sheet(rows, &[]), &reading());
    assert_eq!(
        table.problems[0].message,
        "表中合计招聘 3 人，各行相加是 2 人，请核对"
    );
    assert_eq!(table.positions.len(), 1);
}

#[test]
fn a_small_notice_without_codes_gets_them_and_a_foreign_sheet_is_refused() {
    let table = read_positions(
        &sheet(
            &[
                &["岗位", "单位名称", "人数", "要求"],
                &["司机", "县医院", "2", "C1驾驶证"],
            ],
            &[],
        ),
        &reading(),
    );
    assert_eq!(table.positions[0].position.code, "0001");
    assert_eq!(table.problems.len(), 1);
    assert_eq!(
        table.positions[0].position.rules.len(),
        1,
        "the unknown column 要求 is a condition"
    );
    let foreign = read_positions(&sheet(&[&["姓名", "电话"], &["甲", "1"]], &[]), &reading());
    assert_eq!(foreign.problems[0].column, "表头");
    let partial = read_positions(
        &sheet(
            &[&["岗位代码", "岗位名称", "招聘单位"], &["1", "甲", "乙"]],
            &[],
        ),
        &reading(),
    );
    assert_eq!(partial.problems[0].message, "表中缺少“招聘人数”列");
}

#[test]
fn numbers_of_the_workbook_are_codes_and_heads() {
    let mut sheet = sheet(&[&["岗位代码", "岗位名称", "招聘单位", "招聘人数"]], &[]);
    sheet.rows.push(vec![
        Cell::Number("317.0".into()),
        Cell::text("甲"),
        Cell::text("乙"),
        Cell::Number("2.0".into()),
    ]);
    let table = read_positions(&sheet, &reading());
    assert_eq!(
        (
            table.positions[0].position.code.as_str(),
            table.positions[0].position.headcount
        ),
        ("317", 2)
    );
}

proptest! {
    #[test]
    fn every_row_is_a_position_or_has_an_error(
        rows in proptest::collection::vec(("[0-9]{1,2}", "[一-龥]{1,4}", "[0-9一二若干]{1,3}", "\\PC{0,20}"), 1..12)
    ) {
        let mut sheet = sheet(&[&["岗位代码", "岗位名称", "招聘单位", "招聘人数", "学历", "专业", "年龄"]], &[]);
        for (code, name, heads, text) in &rows {
            let cells = [code, name, &"单位".to_owned(), heads, text, text, text];
            sheet.rows.push(cells.into_iter().map(|cell| Cell::text(cell.as_str())).collect());
        }
        let table = read_positions(&sheet, &reading());
        prop_assert_eq!(table.positions.len() + table.bad_lines(), table.rows_read as usize);
        prop_assert_eq!(table.rows_read as usize, rows.len());
    }
}
