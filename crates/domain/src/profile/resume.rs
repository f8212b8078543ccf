//! 简历: rows from senior high school to today, without gaps.

use serde::{Deserialize, Serialize};

use super::{Month, required_line};
use crate::field::FieldErrors;
use crate::time::Date;

/// More rows than the registration form prints.
pub const MOST_RESUME: usize = 15;
/// Months between two rows that count as no gap: holidays, waiting for a school or post.
const REST: i32 = 4;

/// One row, checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeRow {
    /// 起.
    pub from: Month,
    /// 止; `None` is 至今.
    pub to: Option<Month>,
    /// 学校或单位.
    pub place: String,
    /// 学习或职务.
    pub role: String,
}

impl std::fmt::Debug for ResumeRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResumeRow")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl ResumeRow {
    /// `2014.09–2017.06`, as the registration form prints it.
    pub fn period(&self) -> String {
        let to = self.to.map_or_else(|| "至今".to_owned(), Month::to_dotted);
        format!("{}–{to}", self.from.to_dotted())
    }
}

/// One row as typed.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `ResumeRow`"
)]
pub struct ResumeRowForm {
    pub from: String,
    pub to: String,
    pub place: String,
    pub role: String,
}

impl std::fmt::Debug for ResumeRowForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResumeRowForm(…)")
    }
}

impl ResumeRowForm {
    /// Whether nothing was typed into the row.
    pub fn is_empty(&self) -> bool {
        [&self.from, &self.to, &self.place, &self.role]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

impl From<&ResumeRow> for ResumeRowForm {
    fn from(row: &ResumeRow) -> Self {
        Self {
            from: row.from.to_chinese(),
            to: row.to.map_or_else(|| "至今".to_owned(), Month::to_chinese),
            place: row.place.clone(),
            role: row.role.clone(),
        }
    }
}

/// Checks the rows; those without a word are dropped. Errors lie under `from_0`, `to_0`, `place_0`, `role_0`.
///
/// # Errors
/// Every field to mend, in the order of the page.
pub fn check_resume(rows: &[ResumeRowForm], today: Date) -> Result<Vec<ResumeRow>, FieldErrors> {
    let mut errors = FieldErrors::new();
    let mut checked: Vec<(usize, ResumeRow)> = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_empty()) {
        if let Some(row) = check_row(&mut errors, index, row, today) {
            checked.push((index, row));
        }
    }
    if checked.is_empty() && errors.is_empty() {
        errors.add("from_0", "请从高中（中专）开始填写简历");
    }
    if checked.len() > MOST_RESUME {
        errors.add(
            "from_0",
            format!("简历最多 {MOST_RESUME} 段，请合并相近的经历"),
        );
    }
    checked.sort_by_key(|(_, row)| row.from);
    let mut before: Option<&ResumeRow> = None;
    for (index, row) in &checked {
        if let Some(end) = before.and_then(|before| before.to)
            && row.from.number() - end.number() > REST
        {
            errors.add(
                format!("from_{index}"),
                format!(
                    "上一段到 {} 为止，与这一段之间有空缺，请补上中间的经历（待业也要填写）",
                    end.to_chinese()
                ),
            );
        }
        let later = before.is_none_or(|b| match (b.to, row.to) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(end), Some(this)) => this > end,
        });
        if later {
            before = Some(row);
        }
    }
    if let (Some(end), Some((index, _))) = (before.and_then(|row| row.to), checked.last())
        && Month::of(today).number() - end.number() > REST
    {
        errors.add(
            format!("to_{index}"),
            "简历要填到现在，最后一段请填“至今”，或补上之后的经历",
        );
    }
    if errors.is_empty() {
        Ok(checked.into_iter().map(|(_, row)| row).collect())
    } else {
        Err(errors)
    }
}

fn check_row(
    errors: &mut FieldErrors,
    index: usize,
    row: &ResumeRowForm,
    today: Date,
) -> Option<ResumeRow> {
    let key = |name: &str| format!("{name}_{index}");
    let from = Month::parse_typed(&row.from);
    match from {
        None => errors.add(key("from"), "开始时间应写成 2014年9月 的样子"),
        Some(from) if from > Month::of(today) => errors.add(key("from"), "开始时间不能晚于今天"),
        Some(_) => {}
    }
    let to = match row.to.trim() {
        "至今" | "今" | "现在" => None,
        "" => {
            errors.add(key("to"), "请填写结束时间，还在进行的填“至今”");
            None
        }
        text => {
            let to = Month::parse_typed(text);
            match to {
                None => errors.add(
                    key("to"),
                    "结束时间应写成 2017年6月 的样子，还在进行的填“至今”",
                ),
                Some(to) if to > Month::of(today) => {
                    errors.add(key("to"), "结束时间不能晚于今天，还在进行的填“至今”");
                }
                Some(to) if from.is_some_and(|from| from > to) => {
                    errors.add(key("to"), "结束时间不能早于开始时间");
                }
                Some(_) => {}
            }
            to
        }
    };
    let place = required_line(errors, &key("place"), "学校或单位", &row.place, 60);
    let role = required_line(errors, &key("role"), "学习或担任的职务", &row.role, 40);
    from.map(|from| ResumeRow {
        from,
        to,
        place,
        role,
    })
}
