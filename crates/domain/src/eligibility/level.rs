//! Levels of education and degrees that rules compare, with the equivalences that notices use.

use crate::coded::coded;

coded! {
    /// 学历, lowest first. Only completed education counts: notices reject 结业 and 肄业.
    pub enum EducationLevel {
        /// 初中及以下.
        Junior = "junior", "初中";
        /// 高中, 中专, 职高, 技校.
        Secondary = "secondary", "高中（中专）";
        /// 大专, 高级工班.
        College = "college", "大专";
        /// 本科, 预备技师（技师）班.
        Bachelor = "bachelor", "本科";
        /// 硕士研究生.
        Master = "master", "硕士研究生";
        /// 博士研究生.
        Doctor = "doctor", "博士研究生";
    }
}

coded! {
    /// 学位, lowest first.
    pub enum Degree {
        /// 学士.
        Bachelor = "bachelor", "学士";
        /// 硕士.
        Master = "master", "硕士";
        /// 博士.
        Doctor = "doctor", "博士";
    }
}

impl EducationLevel {
    /// The level of a GB/T 4658 code; `None` for what wasn't completed and for codes outside the table.
    pub fn from_gb(code: &str) -> Option<Self> {
        match code {
            "11" => Some(Self::Doctor),
            "14" => Some(Self::Master),
            // 研究生班 gives no master's education.
            "17" | "21" | "28" => Some(Self::Bachelor),
            "31" => Some(Self::College),
            "41" | "44" | "47" | "61" => Some(Self::Secondary),
            "71" | "81" => Some(Self::Junior),
            _ => None,
        }
    }

    /// The level at which a major was studied, for lists by level.
    pub const fn band(self) -> Option<crate::major::Band> {
        match self {
            Self::Doctor | Self::Master => Some(crate::major::Band::Graduate),
            Self::Bachelor => Some(crate::major::Band::Bachelor),
            Self::College => Some(crate::major::Band::College),
            Self::Secondary | Self::Junior => None,
        }
    }
}

impl Degree {
    /// The degree of a GB/T 6864 code: its first digit. Honorary doctors (1) don't count.
    pub fn from_gb(code: &str) -> Option<Self> {
        match code.chars().next() {
            Some('2') => Some(Self::Doctor),
            Some('3') => Some(Self::Master),
            Some('4') => Some(Self::Bachelor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_completed_education_counts() {
        for (code, level) in [
            ("11", Some(EducationLevel::Doctor)),
            ("12", None),
            ("13", None),
            ("14", Some(EducationLevel::Master)),
            ("16", None),
            ("21", Some(EducationLevel::Bachelor)),
            ("22", None),
            ("31", Some(EducationLevel::College)),
            ("33", None),
            ("61", Some(EducationLevel::Secondary)),
            ("90", None),
            ("", None),
        ] {
            assert_eq!(EducationLevel::from_gb(code), level, "{code}");
        }
        assert!(EducationLevel::Master > EducationLevel::Bachelor);
        assert_eq!(Degree::from_gb("344"), Some(Degree::Master));
        assert_eq!(Degree::from_gb("1"), None);
    }
}
