//! A table with rows that can't be read, each for another reason, and good ones between them.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::sheet::{Table, workbook};

pub(crate) fn positions() -> Result<Workbook, XlsxError> {
    let long = "代码".repeat(20);
    let cells: [[&str; 8]; 12] = [
        [
            "0301",
            "市图书馆",
            "数字资源管理",
            "2",
            "本科及以上",
            "图书情报与档案管理类",
            "35周岁以下",
            "",
        ],
        // A headcount in words that isn't a number.
        [
            "0302",
            "市图书馆",
            "古籍修复",
            "若干",
            "研究生及以上",
            "文物保护技术",
            "35周岁以下",
            "",
        ],
        // A code twice.
        [
            "0301",
            "市图书馆",
            "信息咨询",
            "1",
            "本科及以上",
            "不限",
            "35周岁以下",
            "",
        ],
        // No people.
        [
            "0304",
            "市第一人民医院",
            "药剂",
            "0",
            "大专及以上",
            "药学类",
            "35周岁以下",
            "",
        ],
        // No name.
        [
            "0305",
            "市第一人民医院",
            "",
            "1",
            "大专及以上",
            "护理学类",
            "30周岁以下",
            "",
        ],
        // No code.
        [
            "",
            "市林业事务中心",
            "林业调查",
            "2",
            "本科及以上",
            "林学类",
            "35周岁以下",
            "",
        ],
        // A code longer than any.
        [
            &long,
            "市林业事务中心",
            "护林",
            "1",
            "大专及以上",
            "不限",
            "",
            "",
        ],
        // Too many people, a formula and a script as text: kept as text, escaped on every page.
        [
            "0308",
            "市水文服务中心",
            "<script>alert(1)</script>",
            "99999",
            "本科及以上",
            "水利类",
            "35周岁以下",
            "=HYPERLINK(\"http://example.invalid\")",
        ],
        [
            "0309",
            "市水文服务中心",
            "=1+1",
            "1",
            "本科及以上",
            "水利类",
            "35周岁以下",
            "<b>加粗</b>",
        ],
        // Conditions that nobody can read: for a person, with a remark.
        [
            "0310",
            "市水文服务中心",
            "水文监测",
            "1",
            "高学历优先",
            "相关专业",
            "年轻有为",
            "",
        ],
        // A missing employer below another: filled in with a remark.
        [
            "0311",
            "",
            "综合管理",
            "1",
            "本科及以上",
            "不限",
            "35周岁以下",
            "",
        ],
        [
            "0312",
            "市博物馆",
            "讲解",
            "3",
            "本科及以上",
            "不限",
            "30周岁以下",
            "",
        ],
    ];
    workbook(&Table {
        sheet: "岗位表",
        titles: &["有问题的岗位表（测试用）"],
        header: &[&[
            "岗位代码",
            "招聘单位",
            "岗位名称",
            "招聘人数",
            "学历",
            "专业",
            "年龄",
            "其他条件",
        ]],
        rows: cells.map(|row| row.map(str::to_owned).to_vec()).to_vec(),
        merged: &[],
        numbers: &[3],
        notes: &["注：本表仅用于测试。"],
    })
}
