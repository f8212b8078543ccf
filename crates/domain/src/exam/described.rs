//! A question in words, as staff read it in lists and in notices.

use super::asked::TextForm;
use super::question::{Question, QuestionKind, spoken, type_names};

impl QuestionKind {
    /// What kind of answer it wants, with its rules: `多选，最多 2 项：英语、法语`.
    pub fn says(&self) -> String {
        match self {
            Self::Text {
                max,
                long,
                min,
                form,
                mask,
            } => {
                let lines = if *long { "多行" } else { "一行" };
                let length = match min {
                    0 => format!("最多 {max} 字"),
                    min => format!("{min} 至 {max} 字"),
                };
                let form = match form {
                    TextForm::Any => String::new(),
                    TextForm::Mask => format!("，写作 {}", spoken(mask)),
                    form => format!("，{}", form.label()),
                };
                format!("{lines}文字，{length}{form}")
            }
            Self::Choice {
                options,
                many: false,
                ..
            } => format!("单选：{}", options.join("、")),
            Self::Choice { options, most, .. } => {
                let most = match most {
                    0 => String::new(),
                    most => format!("，最多 {most} 项"),
                };
                format!("多选{most}：{}", options.join("、"))
            }
            Self::Date { from, to } => match (from, to) {
                (None, None) => "日期".to_owned(),
                (Some(from), None) => format!("日期，不早于 {from}"),
                (None, Some(to)) => format!("日期，不晚于 {to}"),
                (Some(from), Some(to)) => format!("日期，{from} 至 {to}"),
            },
            Self::Number { min, max } => format!("整数，{min} 至 {max}"),
            Self::File {
                types,
                max_kb,
                max_files,
            } => format!(
                "上传文件（{}），最多 {max_files} 个，每个不超过 {max_kb} KB",
                type_names(types)
            ),
        }
    }
}

impl Question {
    /// Its kind, and whether it must be answered: `必答，整数，1 至 40`.
    pub fn says(&self) -> String {
        let needed = if self.required { "必答" } else { "选答" };
        format!("{needed}，{}", self.kind.says())
    }
}
