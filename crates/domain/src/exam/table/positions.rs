//! Reads a position table.

use std::collections::BTreeMap;

use super::columns::{POSITIONS, title};
use super::{Meaning, ProblemSeverity, Reading, RowProblem, age, conditions, education};
use crate::eligibility::rule::{Fact, Operand, Operator, Rule};
use crate::exam::position::Position;
use crate::sheet::{Header, Sheet, clean, plain, squeezed};

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionRow {
    /// Line in the sheet.
    pub line: u32,
    /// The position with its rules.
    pub position: Position,
}

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PositionTable {
    /// Title above the header.
    pub title: String,
    /// Notes under or between the rows.
    pub notes: Vec<String>,
    /// Good rows.
    pub positions: Vec<PositionRow>,
    /// What must or should be repaired.
    pub problems: Vec<RowProblem>,
    /// Rows that looked like positions.
    pub rows_read: u32,
}

impl PositionTable {
    /// Lines that have an error and aren't imported.
    pub fn bad_lines(&self) -> usize {
        let errors = self
            .problems
            .iter()
            .filter(|one| one.severity == ProblemSeverity::Error && one.row > 0);
        errors
            .map(|one| one.row)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    }

    fn whole(&mut self, column: &str, severity: ProblemSeverity, message: impl Into<String>) {
        self.problems.push(RowProblem {
            row: 0,
            column: column.to_owned(),
            cell: String::new(),
            message: message.into(),
            severity,
        });
    }
}

/// What a row of the body is.
enum Kind {
    Blank,
    Note(String),
    Total,
    Header,
    Position,
}

/// Reads a position table. Rows read = good rows + lines with errors.
pub fn read_positions(sheet: &Sheet, reading: &Reading) -> PositionTable {
    let mut table = PositionTable::default();
    let Some(header) = Header::find(sheet, POSITIONS, 3) else {
        let message = "没有找到表头。表头应有“岗位名称、招聘单位、招聘人数”等列名";
        table.whole("表头", ProblemSeverity::Error, message);
        return table;
    };
    table.title = titles(sheet, header.top);
    for key in ["name", "employer", "headcount"] {
        if header.column(key).is_none() {
            let name = title(POSITIONS, key);
            table.whole(name, ProblemSeverity::Error, format!("表中缺少“{name}”列"));
        }
    }
    if !table.problems.is_empty() {
        return table;
    }
    let coded = header.column("code").is_some();
    if !coded {
        let message = "表中没有“岗位代码”列，已按行的顺序编为 0001、0002 ……，导入前请核对";
        table.whole("岗位代码", ProblemSeverity::Warning, message);
    }
    let mut reader = Reader {
        sheet,
        header: &header,
        reading,
        above: BTreeMap::new(),
        codes: BTreeMap::new(),
    };
    let (mut heads, mut sum) = (0u32, None);
    for row in header.body..sheet.height() {
        match reader.kind(row) {
            Kind::Blank | Kind::Header => {}
            Kind::Note(text) => table.notes.push(text),
            Kind::Total => sum = clean::whole_number(header.seen(sheet, row, "headcount")).or(sum),
            Kind::Position => {
                table.rows_read += 1;
                let running = (!coded).then_some(table.rows_read);
                let (position, problems) = reader.position(row, running);
                let bad = problems
                    .iter()
                    .any(|one| one.severity == ProblemSeverity::Error);
                table.problems.extend(problems);
                if !bad {
                    heads += position.headcount;
                    table.positions.push(PositionRow {
                        line: Sheet::line(row),
                        position,
                    });
                }
            }
        }
    }
    if let Some(sum) = sum.filter(|sum| *sum != heads && table.bad_lines() == 0) {
        let message = format!("表中合计招聘 {sum} 人，各行相加是 {heads} 人，请核对");
        table.whole("招聘人数", ProblemSeverity::Warning, message);
    }
    if table.rows_read == 0 {
        table.whole("表头", ProblemSeverity::Error, "表头下面没有岗位");
    }
    table
}

/// The title rows above the header, joined.
fn titles(sheet: &Sheet, top: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in 0..top {
        let text = (0..sheet.width())
            .map(|column| plain(sheet.at(row, column).raw()))
            .find(|text| !text.is_empty());
        lines.extend(text.filter(|text| !squeezed(text).starts_with("附件")));
    }
    lines.join(" ")
}

struct Reader<'s> {
    sheet: &'s Sheet,
    header: &'s Header,
    reading: &'s Reading,
    /// The last employer and department, for cells left empty below them.
    above: BTreeMap<&'static str, String>,
    /// Line of each code.
    codes: BTreeMap<String, u32>,
}

impl Reader<'_> {
    fn text(&self, row: usize, key: &str) -> String {
        plain(self.header.seen(self.sheet, row, key))
    }

    fn kind(&self, row: usize) -> Kind {
        let mut texts: Vec<String> = Vec::new();
        for column in 0..self.sheet.width() {
            let own = plain(self.sheet.at(row, column).raw());
            if !own.is_empty() {
                texts.push(own);
            }
        }
        let Some(first) = texts.first() else {
            return Kind::Blank;
        };
        let start = squeezed(first);
        if ["合计", "总计", "小计", "共计", "总数"]
            .iter()
            .any(|word| start.starts_with(word))
        {
            return Kind::Total;
        }
        let noted = [
            "注：",
            "注:",
            "备注：",
            "备注:",
            "说明：",
            "说明:",
            "注",
            "填表说明",
            "联系电话",
        ];
        if texts.len() <= 2 && noted.iter().any(|word| start.starts_with(word)) {
            return Kind::Note(texts.join(" "));
        }
        // One text over the whole row: a note, or the heading of a section.
        let named = ["name", "code", "headcount"].iter().any(|key| {
            self.header
                .column(key)
                .is_some_and(|column| !self.sheet.at(row, column).is_blank())
        });
        if texts.len() == 1
            && (!named
                || self
                    .sheet
                    .merge_at(row, 0)
                    .is_some_and(|merge| merge.width() > 2))
        {
            return Kind::Note(first.clone());
        }
        let repeated = self.header.columns.iter().filter(|(key, column)| {
            let text = clean::condition(self.sheet.at(row, *column).raw());
            POSITIONS
                .iter()
                .any(|one| one.key == *key && one.names.contains(&text.as_str()))
        });
        if repeated.count() >= 3 {
            Kind::Header
        } else {
            Kind::Position
        }
    }

    fn position(&mut self, row: usize, running: Option<u32>) -> (Position, Vec<RowProblem>) {
        let mut problems = Problems {
            line: Sheet::line(row),
            list: Vec::new(),
        };
        let code = match running {
            Some(number) => format!("{number:04}"),
            None => self.code(row, &mut problems),
        };
        let employer = self.filled(row, "employer", true, &mut problems);
        let department = self.filled(row, "department", false, &mut problems);
        let name = self.text(row, "name");
        if name.is_empty() {
            problems.error("岗位名称", "", "请填写岗位名称");
        }
        let text = |key| self.text(row, key);
        let both = text("education_degree");
        let or_both = |own: String| if own.is_empty() { both.clone() } else { own };
        let position = Position {
            code,
            name,
            employer,
            department,
            funding: text("funding"),
            category: text("category"),
            grade: text("grade"),
            headcount: self.headcount(row, &mut problems),
            target: text("target"),
            sex: text("sex"),
            age: if text("age").is_empty() {
                text("born_after")
            } else {
                text("age")
            },
            hukou: text("hukou"),
            education: or_both(text("education")),
            degree: text("degree"),
            majors: text("major"),
            qualification: text("qualification"),
            experience: text("experience"),
            political: text("political"),
            other: [text("conditions"), text("other")]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join("；"),
            open_ratio: text("open_ratio"),
            paper: text("paper"),
            interview: text("interview"),
            phone: text("phone"),
            remark: text("remark"),
            extra: self.extra(row),
            rules: self.rules(row, &mut problems),
        };
        (position, problems.list)
    }

    fn code(&mut self, row: usize, problems: &mut Problems) -> String {
        let raw = squeezed(&self.text(row, "code"));
        // A workbook that took the code for a number may print `317.0`.
        let code = raw.strip_suffix(".0").unwrap_or(&raw).to_owned();
        if code.is_empty() {
            problems.error("岗位代码", "", "请填写岗位代码");
            return code;
        }
        if code.chars().count() > 30 {
            problems.error("岗位代码", &code, "岗位代码最多 30 个字");
        }
        match self.codes.get(&code) {
            Some(first) => {
                problems.error("岗位代码", &code, &format!("“岗位代码”与第 {first} 行重复"));
            }
            None => {
                self.codes.insert(code.clone(), Sheet::line(row));
            }
        }
        code
    }

    /// A cell of a column that is merged downwards, or left empty below its first row.
    fn filled(
        &mut self,
        row: usize,
        key: &'static str,
        required: bool,
        problems: &mut Problems,
    ) -> String {
        let own = self.text(row, key);
        let name = title(POSITIONS, key);
        if !own.is_empty() && !["同上", "〃", "\"", "″"].contains(&own.as_str()) {
            self.above.insert(key, own.clone());
            return own;
        }
        match self.above.get(key) {
            Some(above) => {
                problems.warning(
                    name,
                    &own,
                    &format!("“{name}”为空，已按上一行填为“{above}”"),
                );
                above.clone()
            }
            None if required => {
                problems.error(name, "", &format!("请填写{name}"));
                String::new()
            }
            None => String::new(),
        }
    }

    fn headcount(&self, row: usize, problems: &mut Problems) -> u32 {
        let text = self.text(row, "headcount");
        let column = self.header.column("headcount").unwrap_or(0);
        if let Some(merge) = self
            .sheet
            .merge_at(row, column)
            .filter(|merge| merge.height() > 1)
        {
            let lines = format!(
                "第 {} 到 {} 行",
                Sheet::line(merge.top),
                Sheet::line(merge.bottom)
            );
            problems.error(
                "招聘人数",
                &text,
                &format!("{lines}的招聘人数合并在一个单元格，请按岗位分别填写"),
            );
            return 0;
        }
        match clean::whole_number(&text) {
            Some(0) => problems.error("招聘人数", &text, "“招聘人数”至少为 1"),
            Some(number) if number > 9_999 => {
                problems.error("招聘人数", &text, "“招聘人数”超过 9999，请核对");
            }
            Some(number) => return number,
            None if text.is_empty() => problems.error("招聘人数", "", "请填写招聘人数"),
            None => problems.error(
                "招聘人数",
                &text,
                &format!("“招聘人数”应为整数，例如 2，现在是“{text}”"),
            ),
        }
        0
    }

    fn extra(&self, row: usize) -> Vec<(String, String)> {
        let cells = self.header.extra.iter().map(|one| {
            (
                one.name.clone(),
                plain(self.sheet.seen(row, one.column).raw()),
            )
        });
        cells.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The rules of every condition column, in the order in which candidates think of them.
    fn rules(&self, row: usize, problems: &mut Problems) -> Vec<Rule> {
        let reading = self.reading;
        let mut rules: Vec<Rule> = Vec::new();
        let mut add = |key: &'static str, read: &dyn Fn(&str) -> Meaning| {
            let text = self.text(row, key);
            if text.is_empty() {
                return;
            }
            let meaning = read(&text);
            for remark in meaning.remarks {
                problems.warning(title(POSITIONS, key), &text, &remark);
            }
            rules.extend(meaning.rules);
        };
        add("education_degree", &education::read);
        add("education", &education::read);
        add("degree", &education::read_degree);
        add("major", &conditions::major);
        add("age", &|text| {
            age::read(&without_unlimited(text), reading.counted_to)
        });
        add("born_after", &|text| born_after(text));
        add("sex", &conditions::sex);
        add("hukou", &conditions::hukou);
        add("political", &conditions::political);
        add("experience", &conditions::experience);
        add("qualification", &conditions::qualification);
        add("target", &conditions::target);
        add("conditions", &|text| conditions::free(text, reading));
        add("other", &|text| conditions::free(text, reading));
        add("remark", &|text| conditions::remark(text, reading));
        for (name, text) in self.extra(row) {
            if ["条件", "要求", "资格"]
                .iter()
                .any(|word| name.contains(word))
            {
                rules.extend(conditions::free(&text, reading).rules);
            }
        }
        // The same condition in two columns (专业 and 备注) counts once.
        let mut distinct: Vec<Rule> = Vec::new();
        for rule in rules {
            let same = |one: &Rule| {
                one.fact == rule.fact
                    && one.operator == rule.operator
                    && one.operand == rule.operand
            };
            if !distinct.iter().any(same) {
                distinct.push(rule);
            }
        }
        distinct
    }
}

fn without_unlimited(text: &str) -> String {
    if super::is_unlimited(text) {
        String::new()
    } else {
        text.to_owned()
    }
}

/// A column that holds the cut-off date itself. An age in it can't be counted without doubt.
fn born_after(text: &str) -> Meaning {
    if super::is_unlimited(text) {
        return Meaning::default();
    }
    match age::birth_date(text) {
        Some((date, _)) => Meaning::rule(Rule::hard(
            Fact::BirthDate,
            Operator::AtLeast,
            Operand::Date(date),
            plain(text),
        )),
        None => Meaning {
            rules: vec![Rule::in_words(text)],
            remarks: vec!["“出生不早于”应为日期，例如 1990-03-11，这一条改由人工审核".to_owned()],
        },
    }
}

struct Problems {
    line: u32,
    list: Vec<RowProblem>,
}

impl Problems {
    fn add(&mut self, column: &str, cell: &str, message: &str, severity: ProblemSeverity) {
        self.list.push(RowProblem {
            row: self.line,
            column: column.to_owned(),
            cell: cell.to_owned(),
            message: message.to_owned(),
            severity,
        });
    }

    fn error(&mut self, column: &str, cell: &str, message: &str) {
        self.add(column, cell, message, ProblemSeverity::Error);
    }

    fn warning(&mut self, column: &str, cell: &str, message: &str) {
        self.add(column, cell, message, ProblemSeverity::Warning);
    }
}
