//! The tables that the exams of the demonstration are made from: fixtures as centres publish them, a subject table moved to
//! the days of the demonstration, and a table of posts with a limit on who may apply.

use anyhow::Context as _;
use documents::xlsx::{self, ColumnSpec, Writer};
use domain::sheet::{Cell, Sheet};
use domain::time::{Date, Timestamp};

use super::clock::Days;

/// The post of [`limited`] that so many may apply for and no more.
pub(super) const LIMITED: (&str, usize) = ("JY005", 3);

/// Where an exam's table comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    /// A file as it is.
    Fixture(&'static str, &'static [u8]),
    /// A subject table whose first day becomes the day of the exam.
    Subjects(&'static str, &'static [u8]),
    /// Posts with a column 报名人数上限, which no fixture has.
    Limited,
}

impl Table {
    /// Name and content, for an exam that starts so many days from today.
    pub(super) fn file(self, days: Days, exam_day: i64) -> anyhow::Result<(String, Vec<u8>)> {
        Ok(match self {
            Self::Fixture(name, bytes) => (name.to_owned(), bytes.to_vec()),
            Self::Subjects(name, bytes) => (name.to_owned(), moved(bytes, days, exam_day)?),
            Self::Limited => ("teacher-posts.xlsx".to_owned(), limited(days.0)?),
        })
    }
}

/// The table with its days moved: the first one that it names to `exam_day`, the others as far behind it as they were.
fn moved(bytes: &[u8], days: Days, exam_day: i64) -> anyhow::Result<Vec<u8>> {
    let sheets = xlsx::read(bytes).context("科目表")?;
    let sheet = sheets.first().context("科目表")?;
    let width = sheet.width();
    let seen = |row: usize| (0..width).map(move |column| sheet.seen(row, column).raw());
    let header = (0..sheet.height())
        .find(|row| seen(*row).any(|text| text == "科目代码"))
        .context("科目表没有表头")?;
    let year = days.0.date().year();
    let first = (header..sheet.height())
        .flat_map(seen)
        .filter_map(|text| day_in(text).and_then(|(_, month, day)| Date::new(year, month, day)))
        .min()
        .context("科目表没有日期")?;
    let shift = |text: &str| {
        let Some((written, month, day)) = day_in(text) else {
            return text.to_owned();
        };
        let Some(date) = Date::new(year, month, day) else {
            return text.to_owned();
        };
        let behind = date.start().seconds_since(first.start()).div_euclid(86_400);
        text.replace(written, &days.at(exam_day + behind, 9).date().to_chinese())
    };
    let columns: Vec<ColumnSpec> = seen(header)
        .map(|title| ColumnSpec::new(title, 24.0))
        .collect();
    let mut writer = Writer::new(&sheet.name, &columns, days.0).context("科目表")?;
    for row in header + 1..sheet.height() {
        writer.row(&cells(sheet, row, &shift)).context("科目表")?;
    }
    writer.finish().context("科目表")
}

/// A row as a person sees it. A note under the table stays in its one cell.
fn cells(sheet: &Sheet, row: usize, shift: &impl Fn(&str) -> String) -> Vec<Cell> {
    (0..sheet.width())
        .map(|column| match sheet.seen(row, column).raw() {
            "" => Cell::Empty,
            text => Cell::text(shift(text)),
        })
        .collect()
}

/// `9月12日` in a text: as written, month, day.
fn day_in(text: &str) -> Option<(&str, i8, i8)> {
    let digits = |c: char| c.is_ascii_digit();
    let (head, rest) = text.split_once('月')?;
    let (day, _) = rest.split_once('日')?;
    let from = head.rfind(|c: char| !digits(c)).map_or(0, |at| {
        at + head
            .get(at..)
            .and_then(|t| t.chars().next())
            .map_or(1, char::len_utf8)
    });
    let month = head.get(from..)?;
    let to = from + month.len() + '月'.len_utf8() + day.len() + '日'.len_utf8();
    Some((text.get(from..to)?, month.parse().ok()?, day.parse().ok()?))
}

/// Posts of schools. The last one takes anybody, so that its limit is soon reached.
fn limited(at: Timestamp) -> anyhow::Result<Vec<u8>> {
    const TITLES: [&str; 11] = [
        "主管部门",
        "招聘单位",
        "岗位名称",
        "岗位代码",
        "招聘人数",
        "学历",
        "学位",
        "专业",
        "年龄",
        "其他条件",
        "报名人数上限",
    ];
    const POSTS: [[&str; 11]; 5] = [
        [
            "南屿市教育局",
            "南屿市第一中学",
            "高中语文教师",
            "JY001",
            "3",
            "本科及以上",
            "学士及以上",
            "汉语言文学、新闻学类",
            "40周岁以下",
            "",
            "",
        ],
        [
            "南屿市教育局",
            "南屿市第一中学",
            "高中数学教师",
            "JY002",
            "2",
            "本科及以上",
            "学士及以上",
            "数学与应用数学",
            "40周岁以下",
            "",
            "",
        ],
        [
            "南屿市教育局",
            "南屿市实验小学",
            "小学英语教师",
            "JY003",
            "2",
            "大专及以上",
            "不限",
            "英语",
            "40周岁以下",
            "",
            "",
        ],
        [
            "南屿市教育局",
            "南屿市实验小学",
            "学校财务",
            "JY004",
            "1",
            "本科及以上",
            "不限",
            "会计学、财务管理",
            "40周岁以下",
            "",
            "",
        ],
        [
            "南屿市教育局",
            "南屿市机关幼儿园",
            "后勤管理",
            "JY005",
            "1",
            "大专及以上",
            "不限",
            "不限",
            "40周岁以下",
            "",
            "3",
        ],
    ];
    let columns = TITLES.map(|title| ColumnSpec::new(title, 18.0));
    let mut writer = Writer::new("岗位表", &columns, at).context("岗位表")?;
    for post in POSTS {
        writer.row(&post.map(Cell::text)).context("岗位表")?;
    }
    writer.finish().context("岗位表")
}

#[cfg(test)]
mod tests {
    use domain::exam::table::read_subjects;

    use super::*;

    const PROFESSIONAL: &[u8] = include_bytes!("../../fixtures/professional-subjects.xlsx");
    const SKILLS: &[u8] = include_bytes!("../../fixtures/skills-subjects.xlsx");

    /// The days of a subject table after it was moved, each once, and how many subjects it has.
    fn days_of(bytes: &[u8], today: &str, exam_day: i64) -> (Vec<String>, usize) {
        let days = Days(Timestamp::parse_local(today).unwrap());
        let sheets = xlsx::read(&moved(bytes, days, exam_day).unwrap()).unwrap();
        let table = read_subjects(&sheets[0], 2026);
        assert!(table.problems.is_empty(), "{:?}", table.problems);
        assert_eq!(table.notes.len(), 1, "{:?}", table.notes);
        let mut dates: Vec<String> = table.subjects.iter().map(|one| one.date.clone()).collect();
        dates.sort();
        dates.dedup();
        (dates, table.subjects.len())
    }

    #[test]
    fn a_subject_table_moves_to_the_day_of_the_exam_even_into_another_year() {
        let (dates, count) = days_of(PROFESSIONAL, "2026-11-24 12:00", 45);
        assert_eq!((dates, count), (vec!["2027-01-08".to_owned()], 12));
    }

    #[test]
    fn days_of_one_table_stay_as_far_apart_as_they_were() {
        let (dates, count) = days_of(SKILLS, "2026-03-03 12:00", -63);
        assert_eq!(dates, ["2025-12-30", "2025-12-31"]);
        assert_eq!(count, 5);
    }

    #[test]
    fn what_names_no_day_stays_as_it_is() {
        assert_eq!(day_in("9月12日 9:00"), Some(("9月12日", 9, 12)));
        assert_eq!(day_in("定于10月8日上午"), Some(("10月8日", 10, 8)));
        assert_eq!(day_in("当月通过"), None);
    }
}
