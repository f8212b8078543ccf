//! 附加问题: what the exam asks besides the profile, one question at a time.

use domain::eligibility::EducationLevel;
use domain::exam::{AskedOf, Question, QuestionKind, SeenBy, TextForm};
use domain::field::FieldErrors;
use domain::time::Date;
use serde::Deserialize;

use super::{Changing, number, text};
use crate::exam::Exam;

/// More questions than any form should have.
const MOST: usize = 30;

/// A question as typed. What belongs to another kind is left out.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct QuestionDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// What the candidate reads.
    pub label: String,
    /// A hint below it.
    pub hint: String,
    /// Whether it must be answered.
    pub required: bool,
    /// `text`, `long`, `choice`, `many`, `date`, `number`, `file`.
    pub kind: String,
    /// Answers to choose from, one a line.
    pub options: String,
    /// Most characters, or the largest number.
    pub max: String,
    /// The smallest number.
    pub min: String,
    /// Not before.
    pub from: String,
    /// Not after.
    pub to: String,
    /// Media types of files.
    pub types: Vec<String>,
    /// Largest file in KB.
    pub max_kb: String,
    /// Most files.
    pub max_files: String,
    /// Fewest characters; empty for any.
    pub shortest: String,
    /// A [`TextForm`]'s code.
    pub form: String,
    /// The mask of a line.
    pub mask: String,
    /// Most answers to choose; empty for all.
    pub most: String,
    /// Codes of the positions that it is asked of, separated by spaces or commas; empty for all.
    pub positions: String,
    /// Levels that it is asked of; none for all.
    pub levels: Vec<String>,
    /// Codes of [`EducationLevel`]s that it is asked of; none for all.
    pub education: Vec<String>,
    /// A [`SeenBy`]'s code.
    pub seen_by: String,
}

impl QuestionDraft {
    /// The kinds to choose from.
    pub const KINDS: [(&'static str, &'static str); 7] = [
        ("text", "一行文字"),
        ("long", "多行文字"),
        ("choice", "单选"),
        ("many", "多选"),
        ("date", "日期"),
        ("number", "整数"),
        ("file", "上传文件"),
    ];
    /// The files that may be asked for.
    pub const TYPES: [(&'static str, &'static str); 3] = [
        ("application/pdf", "PDF"),
        ("image/jpeg", "JPG 图片"),
        ("image/png", "PNG 图片"),
    ];

    /// A question as it is stored; the draft of a new one for `None`.
    pub fn of(exam: &Exam, question: Option<&Question>) -> Self {
        let mut draft = Self {
            version: exam.row.version,
            kind: "text".to_owned(),
            max: "100".to_owned(),
            types: vec!["application/pdf".to_owned(), "image/jpeg".to_owned()],
            max_kb: "2048".to_owned(),
            max_files: "3".to_owned(),
            form: TextForm::Any.code().to_owned(),
            seen_by: SeenBy::All.code().to_owned(),
            ..Self::default()
        };
        let Some(question) = question else {
            return draft;
        };
        draft.label.clone_from(&question.label);
        draft.hint.clone_from(&question.hint);
        draft.required = question.required;
        draft.positions = question.asked_of.positions.join("、");
        draft.levels.clone_from(&question.asked_of.levels);
        let education = question.asked_of.education.iter();
        draft.education = education.map(|level| level.code().to_owned()).collect();
        draft.seen_by = question.seen_by.code().to_owned();
        let some = |number: u32| match number {
            0 => String::new(),
            number => number.to_string(),
        };
        let kind = match &question.kind {
            QuestionKind::Text {
                max,
                long,
                min,
                form,
                mask,
            } => {
                (draft.max, draft.shortest) = (max.to_string(), some(*min));
                (draft.form, draft.mask) = (form.code().to_owned(), mask.clone());
                if *long { "long" } else { "text" }
            }
            QuestionKind::Choice {
                options,
                many,
                most,
            } => {
                (draft.options, draft.most) = (options.join("\n"), some(*most));
                if *many { "many" } else { "choice" }
            }
            QuestionKind::Date { from, to } => {
                draft.from = from.map(|day| day.to_string()).unwrap_or_default();
                draft.to = to.map(|day| day.to_string()).unwrap_or_default();
                "date"
            }
            QuestionKind::Number { min, max } => {
                (draft.min, draft.max) = (min.to_string(), max.to_string());
                "number"
            }
            QuestionKind::File {
                types,
                max_kb,
                max_files,
            } => {
                draft.types.clone_from(types);
                (draft.max_kb, draft.max_files) = (max_kb.to_string(), max_files.to_string());
                "file"
            }
        };
        draft.kind = kind.to_owned();
        draft
    }

    /// Puts the question in place of the one with `key`, or at the end.
    ///
    /// # Errors
    /// Every field that has to be mended.
    pub fn put(&self, exam: &mut Changing, key: Option<&str>) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let label = text(&mut errors, "label", &self.label, 60);
        if label.is_empty() {
            errors.add("label", "请填写问题");
        }
        let hint = text(&mut errors, "hint", &self.hint, 120);
        let kind = self.kind(&mut errors);
        let asked_of = self.asked_of();
        let seen_by = SeenBy::from_code(&self.seen_by).unwrap_or_default();
        let (version, questions) = (exam.version, &mut exam.settings.questions);
        if key.is_none() && questions.len() >= MOST {
            errors.add("label", format!("附加问题最多 {MOST} 个"));
        }
        errors.into_result()?;
        let Some(kind) = kind else { return Ok(()) };
        // Never a key that an earlier question had: its answers would show as answers to this one.
        let new_key = || format!("q{version}");
        let question = Question {
            key: key.map_or_else(new_key, str::to_owned),
            label,
            hint,
            required: self.required,
            kind,
            asked_of,
            seen_by,
        };
        match questions.iter_mut().find(|one| one.key == question.key) {
            Some(slot) => *slot = question,
            None => questions.push(question),
        }
        Ok(())
    }

    /// Of whom it is asked; codes are compared with the tables by [`crate::exam::setup::put_question`].
    fn asked_of(&self) -> AskedOf {
        let codes = self
            .positions
            .split(|sign: char| sign.is_whitespace() || "、,，;；".contains(sign))
            .map(domain::sheet::squeezed)
            .filter(|code| !code.is_empty());
        let mut positions: Vec<String> = Vec::new();
        for code in codes {
            if !positions.contains(&code) {
                positions.push(code);
            }
        }
        let known = self.education.iter();
        AskedOf {
            positions,
            levels: self
                .levels
                .iter()
                .filter(|one| !one.is_empty())
                .cloned()
                .collect(),
            education: known
                .filter_map(|code| EducationLevel::from_code(code))
                .collect(),
        }
    }

    fn line(&self, errors: &mut FieldErrors) -> Option<QuestionKind> {
        let max = number(errors, "max", &self.max, (1, 2_000));
        let min = match self.shortest.trim() {
            "" => Some(0),
            typed => number(errors, "shortest", typed, (0, 2_000)),
        };
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            errors.add("shortest", "最少字数不能超过最多字数");
        }
        let long = self.kind == "long";
        let form = match TextForm::from_code(&self.form) {
            Some(form) if !long => form,
            _ => TextForm::Any,
        };
        let mask = match form {
            TextForm::Mask => domain::sheet::plain(&self.mask),
            _ => String::new(),
        };
        if form == TextForm::Mask && !(1..=40).contains(&mask.chars().count()) {
            errors.add("mask", "请填写格式，例如 湘A-9999");
        }
        Some(QuestionKind::Text {
            max: max?,
            long,
            min: min?,
            form,
            mask,
        })
    }

    fn kind(&self, errors: &mut FieldErrors) -> Option<QuestionKind> {
        match self.kind.as_str() {
            "text" | "long" => self.line(errors),
            "choice" | "many" => {
                let options: Vec<String> = self
                    .options
                    .lines()
                    .map(domain::sheet::plain)
                    .filter(|line| !line.is_empty())
                    .collect();
                if options.len() < 2 {
                    errors.add("options", "至少要有两个选项，每行一个");
                }
                let many = self.kind == "many";
                let most = match self.most.trim() {
                    "" => 0,
                    _ if !many => 0,
                    typed => {
                        let all = u32::try_from(options.len()).unwrap_or(u32::MAX).max(2);
                        number(errors, "most", typed, (1, all))?
                    }
                };
                Some(QuestionKind::Choice {
                    options,
                    many,
                    most,
                })
            }
            "date" => {
                let mut day = |field: &str, typed: &str| match typed.trim() {
                    "" => None,
                    typed => {
                        let day = Date::parse_typed(typed);
                        if day.is_none() {
                            errors.add(field, "应为日期，例如 2026-03-18");
                        }
                        day
                    }
                };
                let (from, to) = (day("from", &self.from), day("to", &self.to));
                if matches!((from, to), (Some(from), Some(to)) if from > to) {
                    errors.add("to", "最晚不能早于最早");
                }
                Some(QuestionKind::Date { from, to })
            }
            "number" => {
                let mut bound = |field: &str, typed: &str| {
                    let number = domain::sheet::squeezed(typed).parse::<i64>();
                    if number.is_err() {
                        errors.add(field, "请填写整数");
                    }
                    number.ok()
                };
                let (min, max) = (bound("min", &self.min)?, bound("max", &self.max)?);
                if min > max {
                    errors.add("max", "最大不能小于最小");
                }
                Some(QuestionKind::Number { min, max })
            }
            "file" => {
                let known = |media: &&String| Self::TYPES.iter().any(|(code, _)| code == *media);
                let types: Vec<String> = self.types.iter().filter(known).cloned().collect();
                if types.is_empty() {
                    errors.add("types", "请选择文件格式");
                }
                Some(QuestionKind::File {
                    types,
                    max_kb: number(errors, "max_kb", &self.max_kb, (10, 10_240))?,
                    max_files: number(errors, "max_files", &self.max_files, (1, 10))?,
                })
            }
            _ => {
                errors.add("kind", "请选择问题类型");
                None
            }
        }
    }
}
