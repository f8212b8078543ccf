//! A position table as candidates and staff look through it: from memory, with search, filter, pages and verdicts.
//!
//! A table that is visible never changes (an amended one is another version), so it is parsed once. Search is a walk over
//! it: 20,000 positions take a few milliseconds, and nobody's search costs the database anything.

mod figures;
mod filter;
mod search;

use std::collections::HashMap;
use std::sync::Arc;

use db::Crowd;
use domain::eligibility::Rule;
use domain::exam::Position;

pub use figures::{PositionFigures, TableFigures, figures};
pub use filter::{Filter, Situation, Sort};
pub(crate) use search::all;
pub use search::{
    Page, Shown, VerdictCounts, positions_with_verdicts, report, rules, scope, search,
};

use super::catalogue::Exam;
use super::position_store::{self as store, PositionRow};
use crate::{App, Error, Result};

/// Positions on a page.
pub const PAGE: usize = 20;
/// Rows read at a time when a table is brought into memory.
const CHUNK: i64 = 1_000;

/// A position with everything that stands in the table.
#[derive(Debug, Clone)]
pub struct Item {
    /// `position.id`.
    pub id: i64,
    /// What URLs carry.
    pub public_id: String,
    /// Its line in the published table.
    pub line: i64,
    /// The unit that reviewers are bound to: the employer's department, or the employer.
    pub unit: String,
    /// The amendment that it stands in now; 0 as long as it stands as it was first published.
    pub amendment: i64,
    /// How many may apply, when the table was read; 0 for any number.
    pub capacity: i64,
    /// The published texts and the rules read from them.
    pub position: Position,
    search: String,
}

impl Item {
    /// The main conditions in one line: 学历, 学位, 专业, 年龄 and the rest as published.
    pub fn conditions(&self) -> String {
        let p = &self.position;
        let mut parts: Vec<&str> = Vec::new();
        let all = [
            &p.education,
            &p.degree,
            &p.majors,
            &p.age,
            &p.sex,
            &p.hukou,
            &p.political,
            &p.target,
            &p.qualification,
            &p.experience,
        ];
        for text in all {
            if !domain::exam::table::is_unlimited(text) && !parts.contains(&text.as_str()) {
                parts.push(text);
            }
        }
        if parts.is_empty() {
            "不限".to_owned()
        } else {
            parts.join("；")
        }
    }

    /// The published columns that say something, with their names, in the order of the table.
    pub fn columns(&self) -> Vec<(&str, &str)> {
        let p = &self.position;
        let known = [
            ("主管部门", &p.department),
            ("招聘单位", &p.employer),
            ("单位性质", &p.funding),
            ("岗位类别", &p.category),
            ("岗位等级", &p.grade),
            ("招聘对象", &p.target),
            ("性别", &p.sex),
            ("年龄", &p.age),
            ("户籍", &p.hukou),
            ("学历", &p.education),
            ("学位", &p.degree),
            ("专业", &p.majors),
            ("职称/资格", &p.qualification),
            ("工作经历", &p.experience),
            ("政治面貌", &p.political),
            ("其他条件", &p.other),
            ("开考比例", &p.open_ratio),
            ("笔试类别", &p.paper),
            ("面试方式", &p.interview),
            ("咨询电话", &p.phone),
            ("备注", &p.remark),
        ];
        let known = known.into_iter().map(|(name, text)| (name, text.as_str()));
        let extra = p
            .extra
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        known
            .chain(extra)
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }
}

/// A table in memory.
#[derive(Debug, Default)]
pub struct PositionTable {
    items: Vec<Arc<Item>>,
    by_public_id: HashMap<String, usize>,
    by_id: HashMap<i64, usize>,
    departments: Vec<String>,
}

impl PositionTable {
    /// All positions in the order of the table.
    pub fn items(&self) -> &[Arc<Item>] {
        &self.items
    }

    /// One position.
    pub fn get(&self, public_id: &str) -> Option<&Arc<Item>> {
        self.by_public_id
            .get(public_id)
            .and_then(|at| self.items.get(*at))
    }

    /// One position by `position.id`.
    pub fn by_id(&self, id: i64) -> Option<&Arc<Item>> {
        self.by_id.get(&id).and_then(|at| self.items.get(*at))
    }

    /// 主管部门, each once, in order; employers where the table has no departments.
    pub fn departments(&self) -> &[String] {
        &self.departments
    }

    /// How many people are sought.
    pub fn headcount(&self) -> u64 {
        self.items
            .iter()
            .map(|item| u64::from(item.position.headcount))
            .sum()
    }

    fn push(&mut self, row: PositionRow) -> Result<()> {
        let mut position: Position = serde_json::from_str(&row.content)
            .map_err(|e| Error::internal("position.content", e))?;
        position.rules = serde_json::from_str::<Vec<Rule>>(&row.rules)
            .map_err(|e| Error::internal("position.rules", e))?;
        let unit = if position.department.is_empty() {
            &position.employer
        } else {
            &position.department
        };
        if !self.departments.contains(unit) {
            self.departments.push(unit.clone());
        }
        self.by_id.insert(row.id, self.items.len());
        self.by_public_id
            .insert(row.public_id.clone(), self.items.len());
        self.items.push(Arc::new(Item {
            id: row.id,
            public_id: row.public_id,
            line: row.line,
            unit: row.unit,
            amendment: row.amendment_id,
            capacity: row.capacity.unwrap_or(0),
            search: position.search_text(),
            position,
        }));
        Ok(())
    }
}

/// The visible positions of an exam.
pub async fn table(app: &App, exam: &Exam) -> Result<Arc<PositionTable>> {
    of_batch(
        app,
        exam.id(),
        (exam.row.positions_batch, exam.row.positions_amendment),
    )
    .await
}

async fn of_batch(app: &App, exam_id: i64, key: (i64, i64)) -> Result<Arc<PositionTable>> {
    let (catalogue, batch) = (app.exams(), key.0);
    if batch == 0 {
        return Ok(Arc::default());
    }
    if let Some(table) = catalogue.tables.get(&key) {
        return Ok(table);
    }
    let _filling = catalogue.filling.lock().await;
    if let Some(table) = catalogue.tables.get(&key) {
        return Ok(table);
    }
    let mut scan = app.db().scan(Crowd::System);
    let (mut table, mut after) = (PositionTable::default(), 0);
    loop {
        let rows = store::positions_of(&mut scan, exam_id, batch, after, CHUNK).await?;
        let Some(last) = rows.last().map(|row| row.line) else {
            break;
        };
        after = last;
        for row in rows {
            table.push(row)?;
        }
    }
    let table = Arc::new(table);
    catalogue.tables.insert(key, Arc::clone(&table));
    Ok(table)
}
/// One visible position of an exam.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, exam: &Exam, public_id: &str) -> Result<Arc<Item>> {
    table(app, exam)
        .await?
        .get(public_id)
        .cloned()
        .ok_or(Error::NotFound)
}
