//! 家庭成员与其他: rows for 回避, awards and remarks.

use serde::{Deserialize, Serialize};

use super::{PoliticalStatus, Relation, required_line};
use crate::field::FieldErrors;
use crate::text::PersonName;

/// More rows than the registration form prints.
pub const MOST_FAMILY: usize = 10;

/// One member of the family, checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyRow {
    /// 与本人关系.
    pub relation: Relation,
    /// 姓名.
    pub name: String,
    /// 政治面貌.
    pub political: PoliticalStatus,
    /// 工作单位及职务.
    pub unit: String,
}

/// 家庭成员与其他, checked.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Family {
    /// Members of the family; may be none.
    pub rows: Vec<FamilyRow>,
    /// 奖惩情况.
    pub awards: String,
    /// 备注.
    pub remarks: String,
}

/// One row as typed.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `FamilyRow`"
)]
pub struct FamilyRowForm {
    pub relation: String,
    pub name: String,
    pub political: String,
    pub unit: String,
}

/// The form as typed.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `Family`"
)]
pub struct FamilyForm {
    pub rows: Vec<FamilyRowForm>,
    pub awards: String,
    pub remarks: String,
}

macro_rules! silent {
    ($($name:ident)*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

silent!(FamilyRow Family FamilyRowForm FamilyForm);

impl FamilyRowForm {
    /// Whether nothing was typed into the row.
    pub fn is_empty(&self) -> bool {
        [&self.relation, &self.name, &self.political, &self.unit]
            .iter()
            .all(|text| text.trim().is_empty())
    }
}

impl FamilyForm {
    /// Checks all of it; rows without a word are dropped. Errors lie under `relation_0`, `name_0`, …
    ///
    /// # Errors
    /// Every field to mend, in the order of the page.
    pub fn check(&self) -> Result<Family, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut rows = Vec::new();
        for (index, row) in self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_empty())
        {
            let key = |name: &str| format!("{name}_{index}");
            let relation = Relation::from_code(&row.relation);
            if relation.is_none() {
                errors.add(key("relation"), "请选择与本人关系");
            }
            let name = errors.take(&key("name"), PersonName::parse(&row.name));
            let political = PoliticalStatus::from_code(&row.political);
            if political.is_none() {
                errors.add(key("political"), "请选择政治面貌");
            }
            let unit = required_line(&mut errors, &key("unit"), "工作单位及职务", &row.unit, 60);
            if let (Some(relation), Some(name), Some(political)) = (relation, name, political) {
                rows.push(FamilyRow {
                    relation,
                    name: name.as_str().to_owned(),
                    political,
                    unit,
                });
            }
        }
        if rows.len() > MOST_FAMILY {
            errors.add("relation_0", format!("家庭成员最多填 {MOST_FAMILY} 人"));
        }
        let mut text = |field: &str, what: &str, typed: &str| {
            let text = crate::text::paragraph(typed);
            let length = text.chars().count();
            if length > 300 {
                errors.add(field, format!("{what}最多 300 个字，您填了 {length} 个"));
            }
            text
        };
        let awards = text("awards", "奖惩情况", &self.awards);
        let remarks = text("remarks", "备注", &self.remarks);
        errors.into_result()?;
        Ok(Family {
            rows,
            awards,
            remarks,
        })
    }
}

impl From<&Family> for FamilyForm {
    fn from(family: &Family) -> Self {
        let rows = family
            .rows
            .iter()
            .map(|row| FamilyRowForm {
                relation: row.relation.code().to_owned(),
                name: row.name.clone(),
                political: row.political.code().to_owned(),
                unit: row.unit.clone(),
            })
            .collect();
        Self {
            rows,
            awards: family.awards.clone(),
            remarks: family.remarks.clone(),
        }
    }
}
