//! Extra questions of an exam: what it asks besides the profile, with rules for the answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::asked::{AskedOf, SeenBy, TextForm};
use super::levels::{CLAIM_KEY, PROOF_KEY};
use super::snapshot::Choice;
use crate::eligibility::EducationLevel;
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
    /// Of whom.
    #[serde(default)]
    pub asked_of: AskedOf,
    /// Which reviewers read the answer.
    #[serde(default)]
    pub seen_by: SeenBy,
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
        /// Fewest characters of an answer; 0 for any.
        #[serde(default)]
        min: u32,
        /// What a line has to look like.
        #[serde(default)]
        form: TextForm,
        /// The mask of [`TextForm::Mask`].
        #[serde(default)]
        mask: String,
    },
    /// One of some answers, or several.
    Choice {
        /// The answers.
        options: Vec<String>,
        /// Whether several may be chosen.
        #[serde(default)]
        many: bool,
        /// Most that may be chosen; 0 for all.
        #[serde(default)]
        most: u32,
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
    /// Several chosen.
    Chosen(Vec<String>),
}

impl Answer {
    /// In words; names of files for files.
    pub fn says(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Chosen(chosen) => chosen.join("、"),
            Self::Files(files) => {
                let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
                names.join("、")
            }
        }
    }
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
            (
                QuestionKind::Choice {
                    many: true,
                    options,
                    most,
                },
                given,
            ) => self.check_chosen(options, *most, given),
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

    /// Several answers, in the order of the options; one alone may come as text.
    fn check_chosen(
        &self,
        options: &[String],
        most: u32,
        given: Option<&Answer>,
    ) -> Result<Option<Answer>, String> {
        let label = &self.label;
        let given: Vec<String> = match given {
            Some(Answer::Chosen(chosen)) => chosen.iter().map(|one| plain(one)).collect(),
            Some(Answer::Text(text)) => vec![plain(text)],
            _ => Vec::new(),
        };
        let given: Vec<String> = given.into_iter().filter(|one| !one.is_empty()).collect();
        if given.iter().any(|one| !options.contains(one)) {
            return Err(format!("请在列出的选项中选择{label}"));
        }
        let chosen: Vec<String> = options
            .iter()
            .filter(|option| given.contains(option))
            .cloned()
            .collect();
        if chosen.is_empty() {
            return self.unanswered("请选择");
        }
        if most > 0 && chosen.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(format!(
                "{label}最多选 {most} 项，您选了 {} 项",
                chosen.len()
            ));
        }
        Ok(Some(Answer::Chosen(chosen)))
    }

    fn check_text(&self, text: &str) -> Result<String, String> {
        let label = &self.label;
        match &self.kind {
            QuestionKind::Text {
                max,
                long,
                min,
                form,
                mask,
            } => {
                let text = if *long { text.to_owned() } else { plain(text) };
                let length = text.chars().count();
                if length > usize::try_from(*max).unwrap_or(usize::MAX) {
                    return Err(format!("{label}最多 {max} 个字，您填了 {length} 个字"));
                }
                if length < usize::try_from(*min).unwrap_or(0) {
                    return Err(format!("{label}至少 {min} 个字，您填了 {length} 个字"));
                }
                if !form.takes(&text, mask) {
                    return Err(match form {
                        TextForm::Mask => format!("{label}应写作 {}", spoken(mask)),
                        other => format!("{label}应为{}", other.label().trim_start_matches("只有")),
                    });
                }
                Ok(text)
            }
            QuestionKind::Choice { options, .. } => {
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

/// A mask as an example to read: `湘A-9999` becomes `湘X-0000`, where X stands for any letter.
pub fn spoken(mask: &str) -> String {
    let example = |sign| match sign {
        '9' => '0',
        'A' => 'X',
        '*' => 'X',
        other => other,
    };
    mask.chars().map(example).collect()
}

/// The questions that somebody with this choice and this education is asked, in order.
pub fn asked(
    questions: &[Question],
    choice: &Choice,
    education: Option<EducationLevel>,
) -> Vec<Question> {
    questions
        .iter()
        .filter(|question| question.asked_of.includes(choice, education))
        .cloned()
        .collect()
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
        if [CLAIM_KEY, PROOF_KEY].contains(&key.as_str()) {
            problems.push(format!("附加问题的代号“{key}”留给免试条件使用，请换一个"));
        }
        if questions.iter().take(index).any(|other| other.key == *key) {
            problems.push(format!("附加问题的代号“{key}”重复"));
        }
        let empty = match &question.kind {
            QuestionKind::Choice { options, most, .. } => {
                options.len() < 2 || usize::try_from(*most).unwrap_or(0) > options.len()
            }
            QuestionKind::Text {
                max,
                min,
                form,
                mask,
                ..
            } => *max == 0 || min > max || (*form == TextForm::Mask && mask.is_empty()),
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
