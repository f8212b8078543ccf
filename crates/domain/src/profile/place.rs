//! A place: the province by its code (GB/T 2260), the rest as people say it.
//!
//! Counties are abolished, merged and renamed each year, provinces are not; rules over 户籍 compare names with all their
//! parents (`湖南省郴州市桂东县`), so the names below the province are kept as text.

use serde::{Deserialize, Serialize};

use super::codes::listed;
use crate::field::FieldErrors;

listed! {
    /// 省、自治区、直辖市, GB/T 2260.
    pub struct Province = PROVINCES;
}

const PROVINCES: &[(&str, &str)] = &[
    ("11", "北京市"),
    ("12", "天津市"),
    ("13", "河北省"),
    ("14", "山西省"),
    ("15", "内蒙古自治区"),
    ("21", "辽宁省"),
    ("22", "吉林省"),
    ("23", "黑龙江省"),
    ("31", "上海市"),
    ("32", "江苏省"),
    ("33", "浙江省"),
    ("34", "安徽省"),
    ("35", "福建省"),
    ("36", "江西省"),
    ("37", "山东省"),
    ("41", "河南省"),
    ("42", "湖北省"),
    ("43", "湖南省"),
    ("44", "广东省"),
    ("45", "广西壮族自治区"),
    ("46", "海南省"),
    ("50", "重庆市"),
    ("51", "四川省"),
    ("52", "贵州省"),
    ("53", "云南省"),
    ("54", "西藏自治区"),
    ("61", "陕西省"),
    ("62", "甘肃省"),
    ("63", "青海省"),
    ("64", "宁夏回族自治区"),
    ("65", "新疆维吾尔自治区"),
    ("71", "台湾省"),
    ("81", "香港特别行政区"),
    ("82", "澳门特别行政区"),
];

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Province.
    pub province: Province,
    /// 市 and 县（区）: `郴州市桂东县`.
    pub rest: String,
}

impl Place {
    /// The name with all its parents, as rules compare it.
    pub fn text(&self) -> String {
        format!("{}{}", self.province.label(), self.rest)
    }

    /// Reads a list and a line; nothing in both is no place. Errors lie under `<name>_province` and `<name>_place`.
    pub(super) fn check(
        errors: &mut FieldErrors,
        name: &str,
        what: &str,
        typed: (&str, &str),
        required: bool,
    ) -> Option<Self> {
        let (province_field, rest_field) = (format!("{name}_province"), format!("{name}_place"));
        let rest: String = crate::text::line(typed.1).split(' ').collect();
        let province = Province::from_code(typed.0);
        if province.is_none() && rest.is_empty() && !required {
            return None;
        }
        let Some(province) = province else {
            errors.add(province_field, format!("请选择{what}的省份"));
            return None;
        };
        // The province typed once more in front of the rest is a habit, not an error.
        let rest = rest
            .strip_prefix(province.label())
            .unwrap_or(&rest)
            .to_owned();
        let outside = matches!(province.code(), "71" | "81" | "82");
        if rest.is_empty() && !outside {
            errors.add(
                rest_field,
                format!("请填写{what}的市和县（区），例如：郴州市桂东县"),
            );
        } else if rest.chars().count() > 40 {
            errors.add(rest_field, format!("{what}最多 40 个字"));
        }
        Some(Self { province, rest })
    }
}
