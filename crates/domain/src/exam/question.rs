//! Extra questions of an exam: what it asks besides the profile, with rules for the answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sheet::plain;
use crate::time::Date;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Key under which the answer is stored: lower-case letters, digits, `_`.
    pub key: String,
    /// What the candidate reads.
    pub label: String,
    /// A hint below it.
    #[serde(default)]
    pub hint: String,
    /// Whether it must be answered.
    pub required: bool,
    /// What is asked for.
    pub kind: QuestionKind,
}

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum QuestionKind {
    /// A line or more of text.
    Text {
        /// Most characters.
        max: u32,
        /// Whether it has several lines.
        #[serde(default)]
        long: bool,
    },
    /// One of some answers.
    Choice {
        /// The answers.
        options: Vec<String>,
    },
    /// A day.
    Date {
        /// Not before.
        #[serde(default)]
        from: Option<Date>,
        /// Not after.
        #[serde(default)]
        to: Option<Date>,
    },
    /// A whole number.
    Number {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// Uploaded files.
    File {
        /// Media types, `application/pdf` and the like.
        types: Vec<String>,
        /// Largest size of one in KB.
        max_kb: u32,
        /// Most files.
        max_files: u32,
    },
}

/// What a candidate handed in for one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Typed or chosen.
    Text(String),
    /// Uploaded: what was checked about each file.
    Files(Vec<FileFacts>),
}

/// What is known about an uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Public id of the stored object.
    pub object: String,
    /// Name as uploaded.
    pub name: String,
    /// Media type as recognised by its content, not as claimed.
    pub media_type: String,
    /// Size in bytes.
    pub size: u64,
}

impl Question {
    /// The answer in its stored form, or what is wrong with it. `None`: not answered, and it needn't be.
    pub fn check(&self, answer: Option<&Answer>) -> Result<Option<Answer>, String> {
        match (&self.kind, answer) {
            (QuestionKind::File { .. }, Some(Answer::Files(files))) if !files.is_empty() => self
                .check_files(files)
                .map(|()| Some(Answer::Files(files.clone()))),
            (QuestionKind::File { .. }, _) => self.unanswered("请上传"),
            (_, Some(Answer::Text(text))) if !plain(text).is_empty() => self
                .check_text(text.trim())
                .map(|text| Some(Answer::Text(text))),
            (QuestionKind::Choice { .. }, _) => self.unanswered("请选择"),
            _ => self.unanswered("请填写"),
        }
    }

    fn unanswered(&self, verb: &str) -> Result<Option<Answer>, String> {
        if self.required {
            Err(format!("{verb}{}", self.label))
        } else {
            Ok(None)
        }
    }

    fn check_text(&self, text: &str) -> Result<String, String> {
        let label = &self.label;
        match &self.kind {
            QuestionKind::Text { max, long } => {
                let text = if *long { text.to_owned() } else { plain(text) };
                let length = text.chars().count();
                if length > usize::try_from(*max).unwrap_or(usize::MAX) {
                    return Err(format!("{label}最多 {max} 个字，您填了 {length} 个字"));
                }
                Ok(text)
            }
            QuestionKind::Choice { options } => {
                let chosen = plain(text);
                if options.contains(&chosen) {
                    Ok(chosen)
                } else {
                    Err(format!("请在列出的选项中选择{label}"))
                }
            }
            QuestionKind::Date { from, to } => {
                let date: Date = plain(text)
                    .parse()
                    .map_err(|_| format!("{label}应为日期，例如 2026-03-18"))?;
                match (from, to) {
                    (Some(from), _) if date < *from => Err(format!("{label}不能早于 {from}")),
                    (_, Some(to)) if date > *to => Err(format!("{label}不能晚于 {to}")),
                    _ => Ok(date.to_string()),
                }
            }
            QuestionKind::Number { min, max } => match plain(text).parse::<i64>() {
                Ok(number) if (*min..=*max).contains(&number) => Ok(number.to_string()),
                Ok(_) => Err(format!("{label}应在 {min} 到 {max} 之间")),
                Err(_) => Err(format!("{label}应为整数")),
            },
            QuestionKind::File { .. } => Err(format!("请上传{label}")),
        }
    }

    fn check_files(&self, files: &[FileFacts]) -> Result<(), String> {
        let QuestionKind::File {
            types,
            max_kb,
            max_files,
        } = &self.kind
        else {
            return Ok(());
        };
        let label = &self.label;
        if files.len() > usize::try_from(*max_files).unwrap_or(usize::MAX) {
            return Err(format!("{label}最多上传 {max_files} 个文件"));
        }
        for file in files {
            if !types.contains(&file.media_type) {
                return Err(format!(
                    "“{}”的格式不符合要求，{label}只接受 {}",
                    file.name,
                    type_names(types)
                ));
            }
            if file.size > u64::from(*max_kb) * 1024 {
                return Err(format!("“{}”超过 {max_kb} KB，请压缩后再上传", file.name));
            }
        }
        Ok(())
    }
}

/// The kinds of files that a question takes, as people call them: `PDF、JPG`.
pub fn type_names(types: &[String]) -> String {
    let name = |media: &String| match media.as_str() {
        "application/pdf" => "PDF".to_owned(),
        "image/jpeg" => "JPG".to_owned(),
        "image/png" => "PNG".to_owned(),
        other => other.to_owned(),
    };
    types.iter().map(name).collect::<Vec<_>>().join("、")
}

/// Checks all answers: the stored ones, or every problem by question key.
pub fn check_all(
    questions: &[Question],
    answers: &BTreeMap<String, Answer>,
) -> Result<BTreeMap<String, Answer>, Vec<(String, String)>> {
    let (mut stored, mut wrong) = (BTreeMap::new(), Vec::new());
    for question in questions {
        match question.check(answers.get(&question.key)) {
            Ok(Some(answer)) => {
                stored.insert(question.key.clone(), answer);
            }
            Ok(None) => {}
            Err(message) => wrong.push((question.key.clone(), message)),
        }
    }
    if wrong.is_empty() {
        Ok(stored)
    } else {
        Err(wrong)
    }
}

/// Problems in the questions themselves.
pub fn problems(questions: &[Question]) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, question) in questions.iter().enumerate() {
        let key = &question.key;
        let proper = !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !proper {
            problems.push(format!(
                "附加问题“{}”的代号只能用小写字母、数字和下划线",
                question.label
            ));
        }
        if questions.iter().take(index).any(|other| other.key == *key) {
            problems.push(format!("附加问题的代号“{key}”重复"));
        }
        let empty = match &question.kind {
            QuestionKind::Choice { options } => options.len() < 2,
            QuestionKind::Text { max, .. } => *max == 0,
            QuestionKind::Number { min, max } => min > max,
            QuestionKind::Date { from, to } => {
                matches!((from, to), (Some(from), Some(to)) if from > to)
            }
            QuestionKind::File {
                types,
                max_kb,
                max_files,
            } => types.is_empty() || *max_kb == 0 || *max_files == 0,
        };
        if empty {
            problems.push(format!("附加问题“{}”的选项或范围不完整", question.label));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: QuestionKind, required: bool) -> Question {
        Question {
            key: "q".into(),
            label: "服务地".into(),
            hint: String::new(),
            required,
            kind,
        }
    }

    fn text(text: &str) -> Option<Answer> {
        Some(Answer::Text(text.into()))
    }

    #[test]
    fn each_kind_accepts_and_refuses() {
        let date = |text: &str| text.parse::<Date>().ok();
        let choice = QuestionKind::Choice {
            options: vec!["是".into(), "否".into()],
        };
        let days = QuestionKind::Date {
            from: date("2020-01-01"),
            to: date("2026-01-01"),
        };
        let line = QuestionKind::Text {
            max: 4,
            long: false,
        };
        let number = QuestionKind::Number { min: 0, max: 40 };
        for (kind, given, stored) in [
            (line.clone(), "　郴州 ", Ok("郴州")),
            (line, "一二三四五", Err("服务地最多 4 个字，您填了 5 个字")),
            (choice.clone(), "是", Ok("是")),
            (choice, "也许", Err("请在列出的选项中选择服务地")),
            (days.clone(), "2021-02-03", Ok("2021-02-03")),
            (days.clone(), "2019-12-31", Err("服务地不能早于 2020-01-01")),
            (days.clone(), "2026-01-02", Err("服务地不能晚于 2026-01-01")),
            (days, "昨天", Err("服务地应为日期，例如 2026-03-18")),
            (number.clone(), "４０", Ok("40")),
            (number.clone(), "41", Err("服务地应在 0 到 40 之间")),
            (number, "两年", Err("服务地应为整数")),
        ] {
            let answer = question(kind.clone(), true).check(text(given).as_ref());
            match stored {
                Ok(stored) => assert_eq!(answer, Ok(text(stored)), "{kind:?} {given}"),
                Err(message) => assert_eq!(answer, Err(message.to_owned()), "{kind:?} {given}"),
            }
        }
    }

    #[test]
    fn files_are_limited_by_type_size_and_number() {
        let kind = QuestionKind::File {
            types: vec!["application/pdf".into()],
            max_kb: 1,
            max_files: 1,
        };
        let file = |media: &str, size| FileFacts {
            object: "o".into(),
            name: "证明.pdf".into(),
            media_type: media.into(),
            size,
        };
        let check =
            |files: Vec<FileFacts>| question(kind.clone(), true).check(Some(&Answer::Files(files)));
        assert!(check(vec![file("application/pdf", 1024)]).is_ok());
        assert!(
            check(vec![file("application/pdf", 1025)])
                .unwrap_err()
                .contains("超过 1 KB")
        );
        assert!(
            check(vec![file("image/png", 10)])
                .unwrap_err()
                .contains("只接受 PDF")
        );
        assert!(
            check(vec![file("application/pdf", 1), file("application/pdf", 1)])
                .unwrap_err()
                .contains("最多上传")
        );
        assert_eq!(check(vec![]), Err("请上传服务地".into()));
        assert_eq!(question(kind.clone(), false).check(None), Ok(None));
    }

    #[test]
    fn all_problems_come_at_once() {
        let mut second = question(QuestionKind::Number { min: 0, max: 1 }, true);
        second.key = "n".into();
        let questions = [
            question(
                QuestionKind::Text {
                    max: 9,
                    long: false,
                },
                true,
            ),
            second,
        ];
        let wrong = check_all(&questions, &BTreeMap::new()).unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert!(problems(&questions).is_empty());
        assert_eq!(
            problems(&[questions[0].clone(), questions[0].clone()]).len(),
            1
        );
    }
}
