//! 考试科目 of exams by position: what everybody of a class sits.

use domain::exam::settings::Paper;
use domain::field::FieldErrors;
use domain::sheet::squeezed;
use domain::time::Timestamp;
use serde::Deserialize;

use super::{Changing, Draft};
use crate::exam::Exam;

/// 考试科目 as typed: a row is the same place of every list.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PapersDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// 笔试类别, empty where there is one.
    pub class: Vec<String>,
    /// 科目代码.
    pub code: Vec<String>,
    /// 科目名称.
    pub name: Vec<String>,
    /// Start, `2026-04-12T09:00`.
    pub starts: Vec<String>,
    /// End.
    pub ends: Vec<String>,
}

/// More papers than any exam has.
const MOST: usize = 40;

impl PapersDraft {
    /// How many rows were sent.
    pub fn rows(&self) -> usize {
        [
            &self.class,
            &self.code,
            &self.name,
            &self.starts,
            &self.ends,
        ]
        .map(Vec::len)
        .into_iter()
        .max()
        .unwrap_or(0)
        .min(MOST)
    }

    /// A cell; empty where nothing was sent.
    pub fn cell<'a>(&'a self, column: &str, row: &usize) -> &'a str {
        let list = match column {
            "class" => &self.class,
            "code" => &self.code,
            "name" => &self.name,
            "starts" => &self.starts,
            _ => &self.ends,
        };
        list.get(*row).map_or("", String::as_str)
    }
}

impl Draft for PapersDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let mut draft = Self {
            version: exam.row.version,
            ..Self::default()
        };
        for paper in &exam.settings.papers {
            draft.class.push(paper.class.clone());
            draft.code.push(paper.code.clone());
            draft.name.push(paper.name.clone());
            draft.starts.push(paper.starts_at.to_input());
            draft.ends.push(paper.ends_at.to_input());
        }
        draft
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut papers: Vec<Paper> = Vec::new();
        for row in 0..self.rows() {
            let cell = |column| squeezed(self.cell(column, &row));
            let (class, code, name) = (cell("class"), cell("code"), cell("name"));
            let (starts, ends) = (self.cell("starts", &row), self.cell("ends", &row));
            if [&class, &code, &name].iter().all(|text| text.is_empty())
                && starts.trim().is_empty()
                && ends.trim().is_empty()
            {
                continue;
            }
            let field = format!("row{row}");
            let mut refuse = |what: &str| errors.add(&field, format!("第 {} 行：{what}", row + 1));
            if name.is_empty() || code.is_empty() {
                refuse("请填写科目代码和名称");
            }
            if papers
                .iter()
                .any(|one| one.code == code && one.class == class)
            {
                refuse("科目代码重复");
            }
            match (Timestamp::parse_local(starts), Timestamp::parse_local(ends)) {
                (Some(starts_at), Some(ends_at)) if starts_at < ends_at => {
                    papers.push(Paper {
                        class,
                        code,
                        name,
                        session: 1,
                        starts_at,
                        ends_at,
                    });
                }
                (Some(_), Some(_)) => refuse("结束时间应晚于开始时间"),
                _ => refuse("请填写开始和结束时间"),
            }
        }
        errors.into_result()?;
        // Sessions are numbered by their starts, so that the same papers always give the same numbers.
        let mut starts: Vec<Timestamp> = papers.iter().map(|paper| paper.starts_at).collect();
        starts.sort_unstable();
        starts.dedup();
        for paper in &mut papers {
            let at = starts
                .iter()
                .position(|start| *start == paper.starts_at)
                .unwrap_or(0);
            paper.session = u32::try_from(at + 1).unwrap_or(1);
        }
        papers.sort_by(|a, b| {
            (a.starts_at, &a.class, &a.code).cmp(&(b.starts_at, &b.class, &b.code))
        });
        exam.settings.papers = papers;
        Ok(())
    }
}
