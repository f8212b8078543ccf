//! Field by field: what differs between two versions of a position, and a changed version read from its texts.

use std::collections::BTreeMap;

use domain::exam::Position;
use domain::exam::table::columns::POSITIONS;
use domain::exam::table::{ProblemSeverity, Reading, read_positions};
use domain::field::FieldErrors;
use domain::sheet::{Cell, Sheet, plain};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A cell that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The column's title.
    pub field: String,
    /// As published.
    pub old: String,
    /// As amended.
    pub new: String,
}

impl FieldChange {
    /// A change of one field.
    pub fn new(field: &str, old: impl Into<String>, new: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            old: old.into(),
            new: new.into(),
        }
    }

    /// As one clause of a notice: `招聘人数由“2”改为“1”`.
    pub fn clause(&self) -> String {
        format!(
            "{}由“{}”改为“{}”",
            self.field,
            self.said(&self.old),
            self.said(&self.new)
        )
    }

    /// What stood there, in words.
    pub fn was(&self) -> &str {
        self.said(&self.old)
    }

    /// What stands there now, in words.
    pub fn is(&self) -> &str {
        self.said(&self.new)
    }

    /// An empty condition is none; an empty remark is nothing.
    fn said<'t>(&self, text: &'t str) -> &'t str {
        let condition = CONDITIONS
            .iter()
            .any(|key| *key != "remark" && title(key) == self.field);
        match text {
            "" if condition => "不限",
            "" => "无",
            text => text,
        }
    }
}

/// The texts that an amendment may change, by the key of their column. Code, employer and department stay: they are what an
/// application and a reviewer's scope hang on.
pub const FIELDS: [&str; 21] = [
    "name",
    "headcount",
    "education",
    "degree",
    "major",
    "age",
    "sex",
    "hukou",
    "target",
    "qualification",
    "experience",
    "political",
    "other",
    "open_ratio",
    "funding",
    "category",
    "grade",
    "paper",
    "interview",
    "phone",
    "remark",
];

/// Those from which rules are read.
const CONDITIONS: [&str; 12] = [
    "education",
    "degree",
    "major",
    "age",
    "sex",
    "hukou",
    "target",
    "qualification",
    "experience",
    "political",
    "other",
    "remark",
];

/// The published title of a column.
pub fn title(key: &str) -> &'static str {
    POSITIONS
        .iter()
        .find(|column| column.key == key)
        .map_or("", |column| column.title)
}

/// The text of a column.
pub fn text(position: &Position, key: &str) -> String {
    match key {
        "name" => position.name.clone(),
        "headcount" => position.headcount.to_string(),
        "education" => position.education.clone(),
        "degree" => position.degree.clone(),
        "major" => position.majors.clone(),
        "age" => position.age.clone(),
        "sex" => position.sex.clone(),
        "hukou" => position.hukou.clone(),
        "target" => position.target.clone(),
        "qualification" => position.qualification.clone(),
        "experience" => position.experience.clone(),
        "political" => position.political.clone(),
        "other" => position.other.clone(),
        "open_ratio" => position.open_ratio.clone(),
        "funding" => position.funding.clone(),
        "category" => position.category.clone(),
        "grade" => position.grade.clone(),
        "paper" => position.paper.clone(),
        "interview" => position.interview.clone(),
        "phone" => position.phone.clone(),
        "remark" => position.remark.clone(),
        _ => String::new(),
    }
}

/// Everything that differs, columns of the centre's own among it.
pub(super) fn between(old: &Position, new: &Position) -> Vec<FieldChange> {
    let mut changes: Vec<FieldChange> = FIELDS
        .iter()
        .map(|key| FieldChange::new(title(key), text(old, key), text(new, key)))
        .filter(|change| change.old != change.new)
        .collect();
    let mut names: Vec<&String> = old
        .extra
        .iter()
        .chain(&new.extra)
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let of = |position: &Position, name: &str| {
        position
            .extra
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    };
    for name in names {
        let (was, is) = (of(old, name), of(new, name));
        if was != is {
            changes.push(FieldChange::new(name, was, is));
        }
    }
    changes
}

/// A position with the texts that were typed, read as a table would be. Rules are read anew only if a condition changed.
///
/// # Errors
/// `Fields` by key.
pub(super) fn amended(
    old: &Position,
    typed: &BTreeMap<String, String>,
    reading: &Reading,
) -> Result<Position> {
    let wanted = |key: &str| {
        typed
            .get(key)
            .map_or_else(|| text(old, key), |text| plain(text))
    };
    let (education, degree) = (wanted("education"), wanted("degree"));
    // A table with 学历学位 in one column left the same text in both.
    let joint = education == degree && !education.is_empty();
    let mut columns: Vec<(String, String)> = vec![
        ("岗位代码".into(), old.code.clone()),
        ("招聘单位".into(), old.employer.clone()),
    ];
    if !old.department.is_empty() {
        columns.push(("主管部门".into(), old.department.clone()));
    }
    for key in FIELDS {
        match key {
            "education" if joint => columns.push(("学历学位".into(), education.clone())),
            "degree" if joint => {}
            _ => columns.push((title(key).to_owned(), wanted(key))),
        }
    }
    columns.extend(old.extra.iter().cloned());
    let sheet = Sheet {
        name: String::new(),
        rows: vec![
            columns.iter().map(|(name, _)| Cell::text(name)).collect(),
            columns.iter().map(|(_, text)| Cell::text(text)).collect(),
        ],
        merges: Vec::new(),
    };
    let table = read_positions(&sheet, reading);
    let mut errors = FieldErrors::new();
    for problem in &table.problems {
        if problem.severity == ProblemSeverity::Error {
            let key = FIELDS
                .iter()
                .find(|key| title(key) == problem.column)
                .copied()
                .unwrap_or("name");
            errors.add(key, problem.message.clone());
        }
    }
    errors.into_result()?;
    let Some(row) = table.positions.into_iter().next() else {
        return Err(Error::field("name", "请检查填写的内容，这一行读不出岗位"));
    };
    let mut new = row.position;
    let same = CONDITIONS
        .iter()
        .all(|key| text(old, key) == text(&new, key));
    if same {
        new.rules = old.rules.clone();
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::eligibility::describe_all;

    fn position() -> Position {
        let mut position = Position {
            code: "0301".into(),
            name: "数字资源管理".into(),
            employer: "市图书馆".into(),
            department: "市文旅局".into(),
            headcount: 2,
            education: "本科及以上".into(),
            majors: "不限".into(),
            extra: vec![("报名人数上限".into(), "30".into())],
            ..Position::default()
        };
        position.rules = amended(&position, &BTreeMap::new(), &Reading::default())
            .map(|read| read.rules)
            .unwrap_or_default();
        position
    }

    fn typed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn what_is_typed_is_read_as_a_table_would_be() {
        let old = position();
        let new = amended(
            &old,
            &typed(&[("headcount", " １ "), ("major", "会计学")]),
            &Reading::default(),
        )
        .expect("read");
        let changes = between(&old, &new);
        assert_eq!(
            changes,
            [
                FieldChange::new("招聘人数", "2", "1"),
                FieldChange::new("专业", "不限", "会计学"),
            ]
        );
        assert_eq!(changes[0].clause(), "招聘人数由“2”改为“1”");
        let clause = |field| FieldChange::new(field, "", "甲").clause();
        assert_eq!(clause("备注"), "备注由“无”改为“甲”");
        assert_eq!(clause("专业"), "专业由“不限”改为“甲”");
        assert!(
            describe_all(&new.rules).contains("会计学"),
            "{:?}",
            new.rules
        );
        assert_eq!(
            (&new.code, &new.employer, &new.extra),
            (&old.code, &old.employer, &old.extra)
        );
    }

    #[test]
    fn the_rules_stay_as_they_are_while_no_condition_changes() {
        let mut old = position();
        old.rules.clear();
        let new = amended(&old, &typed(&[("headcount", "3")]), &Reading::default());
        assert!(new.expect("read").rules.is_empty());
        let new = amended(&old, &typed(&[("age", "35周岁以下")]), &Reading::default());
        assert!(!new.expect("read").rules.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said_beside_its_field() {
        for (key, text) in [("headcount", "若干"), ("headcount", "0"), ("name", " ")] {
            let answer = amended(&position(), &typed(&[(key, text)]), &Reading::default());
            match answer {
                Err(Error::Fields(errors)) => assert!(errors.get(key).is_some(), "{key}"),
                other => panic!("{key} {text}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_field_has_a_title_and_a_text_of_its_own() {
        let empty = Position::default();
        for key in FIELDS {
            assert!(!title(key).is_empty(), "{key}");
            let all = typed(&[(key, if key == "headcount" { "7" } else { "甲乙丙" })]);
            let mut old = position();
            if key == "name" {
                old.name = "旧名".into();
            }
            if let Ok(new) = amended(&old, &all, &Reading::default()) {
                assert!(
                    between(&old, &new).iter().any(|c| c.field == title(key)),
                    "{key}"
                );
            }
            assert_eq!(text(&empty, key), if key == "headcount" { "0" } else { "" });
        }
    }
}
