//! 核对: what an uploaded table would change, before anything is written.

use std::collections::BTreeMap;

use domain::exam::Position;
use serde::{Deserialize, Serialize};

use crate::exam::catalogue::Exam;
use crate::exam::import_store::{BatchRow, ProblemRow};
use crate::{App, Error, Result};

/// What a batch's row keeps of the table for the preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// The sheet's name.
    pub sheet: String,
    /// The day that ages were counted to when the table was read.
    pub counted_to: Option<domain::time::Date>,
    /// Title above the header.
    pub title: String,
    /// Notes under the table.
    pub notes: Vec<String>,
    /// People sought in the good rows.
    pub headcount: u64,
    /// Rows that the exam hasn't.
    pub added: usize,
    /// Rows that differ from what the exam has.
    pub changed: usize,
    /// Rows that are the same.
    pub same: usize,
    /// Rows of the exam that this table hasn't.
    pub removed: usize,
    /// Titles of the columns in [`Summary::lines`].
    pub columns: Vec<String>,
    /// The cells of the lines that have problems, by line.
    pub lines: BTreeMap<u32, Vec<String>>,
    /// Cell by cell, what differs.
    pub changes: Vec<Change>,
}

/// A cell that differs from what the exam has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Line in the sheet.
    pub line: u32,
    /// 岗位代码 and name.
    pub position: String,
    /// The column.
    pub field: String,
    /// Now.
    pub old: String,
    /// Then.
    pub new: String,
}

impl Change {
    /// The published cells in which two rows of one code differ.
    pub(super) fn between(line: u32, old: &Position, new: &Position) -> Vec<Self> {
        let name = format!("{} {}", new.code, new.name);
        let (head_old, head_new) = (old.headcount.to_string(), new.headcount.to_string());
        let cells = [
            ("岗位名称", &old.name, &new.name),
            ("招聘单位", &old.employer, &new.employer),
            ("主管部门", &old.department, &new.department),
            ("招聘人数", &head_old, &head_new),
            ("学历", &old.education, &new.education),
            ("学位", &old.degree, &new.degree),
            ("专业", &old.majors, &new.majors),
            ("年龄", &old.age, &new.age),
            ("性别", &old.sex, &new.sex),
            ("户籍", &old.hukou, &new.hukou),
            ("招聘对象", &old.target, &new.target),
            ("职称/资格", &old.qualification, &new.qualification),
            ("工作经历", &old.experience, &new.experience),
            ("政治面貌", &old.political, &new.political),
            ("其他条件", &old.other, &new.other),
            ("开考比例", &old.open_ratio, &new.open_ratio),
            ("备注", &old.remark, &new.remark),
        ];
        cells
            .into_iter()
            .filter(|(_, old, new)| old != new)
            .map(|(field, old, new)| Self {
                line,
                position: name.clone(),
                field: field.to_owned(),
                old: old.clone(),
                new: new.clone(),
            })
            .collect()
    }
}

/// A batch to look at.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The batch.
    pub batch: BatchRow,
    /// What was kept of the table.
    pub summary: Summary,
    /// What can't be read, errors first.
    pub problems: Vec<ProblemRow>,
}

impl Preview {
    /// The errors: these lines aren't imported.
    pub fn errors(&self) -> Vec<&ProblemRow> {
        self.problems
            .iter()
            .filter(|one| one.severity == "error")
            .collect()
    }

    /// What should be looked at; these lines are imported.
    pub fn warnings(&self) -> Vec<&ProblemRow> {
        self.problems
            .iter()
            .filter(|one| one.severity != "error")
            .collect()
    }

    /// Problems that say the same of the same column, with the lines that have them, in the order of the first.
    pub fn grouped<'p>(problems: &[&'p ProblemRow]) -> Vec<(&'p ProblemRow, Vec<i64>)> {
        let mut groups: Vec<(&ProblemRow, Vec<i64>)> = Vec::new();
        for problem in problems {
            let same =
                |one: &ProblemRow| one.field == problem.field && one.message == problem.message;
            match groups.iter_mut().find(|(first, _)| same(first)) {
                Some((_, lines)) => lines.push(problem.line),
                None => groups.push((*problem, vec![problem.line])),
            }
        }
        groups
    }

    /// Lines with warnings.
    pub fn warned_lines(&self) -> usize {
        let mut lines: Vec<i64> = self.warnings().iter().map(|one| one.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.len()
    }

    /// Whether it waits for a decision.
    pub fn is_open(&self) -> bool {
        self.batch.state == "staged"
    }

    /// The cells of a problem's line; empty for one of the whole table.
    pub fn cells(&self, problem: &ProblemRow) -> &[String] {
        let line = u32::try_from(problem.line).unwrap_or(0);
        self.summary.lines.get(&line).map_or(&[], Vec::as_slice)
    }
}

/// A batch of an exam to look at. The caller has checked who asks.
pub async fn preview(app: &App, exam: &Exam, public_id: &str) -> Result<Preview> {
    let batch = super::find(app, exam.id(), public_id).await?;
    let summary = match batch.summary.as_str() {
        "" => Summary::default(),
        json => {
            serde_json::from_str(json).map_err(|e| Error::internal("import_batch.summary", e))?
        }
    };
    let problems = super::problems_of(app, batch.id).await?;
    Ok(Preview {
        batch,
        summary,
        problems,
    })
}
