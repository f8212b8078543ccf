//! An extra question as fields of a form.

use app::draft::Fields;
use domain::exam::TextForm;
use domain::exam::question::{self, FileFacts, Question, QuestionKind, type_names};
use web::forms::{Choice, Field};

/// The name of a question's field.
pub(super) fn field_name(question: &Question) -> String {
    format!("q.{}", question.key)
}

/// The name of the field that holds what was uploaded for a question.
pub(super) fn kept_name(question: &Question) -> String {
    format!("kept.{}", question.key)
}

/// The inputs of a question, filled in with what was typed; `kept` are the files that are there already.
pub(crate) fn inputs(question: &Question, fields: &Fields, kept: &[FileFacts]) -> Vec<Field> {
    let name = field_name(question);
    let typed = fields
        .get(&name)
        .and_then(|values| values.first())
        .cloned()
        .unwrap_or_default();
    let dress = |field: Field| {
        let field = if question.hint.is_empty() {
            field
        } else {
            field.hint(question.hint.clone())
        };
        if question.required {
            field.required()
        } else {
            field.optional()
        }
    };
    let label = question.label.clone();
    let field = match &question.kind {
        QuestionKind::Text {
            max, long: true, ..
        } => Field::text_area(name, label, 4).attribute("maxlength", max.to_string()),
        QuestionKind::Text {
            max, form, mask, ..
        } => {
            let field = Field::text(name, label).attribute("maxlength", max.to_string());
            let field = match form {
                TextForm::Digits | TextForm::Mobile | TextForm::Postcode => field.digits().narrow(),
                _ => field,
            };
            if *form == TextForm::Mask && question.hint.is_empty() {
                field.hint(format!("写作 {}", question::spoken(mask)))
            } else {
                field
            }
        }
        QuestionKind::Choice {
            options,
            many: true,
            most,
        } => {
            let choices = options
                .iter()
                .map(|option| Choice::new(option.clone(), option.clone()));
            let all = fields.get(&name).cloned().unwrap_or_default();
            let hint = match (question.hint.is_empty(), *most) {
                (true, 0) => "可以选几项".to_owned(),
                (true, most) => format!("最多选 {most} 项"),
                (false, 0) => question.hint.clone(),
                (false, most) => {
                    format!("{}。最多选 {most} 项", question.hint.trim_end_matches('。'))
                }
            };
            let field = Field::checks(name, label, choices).hint(hint).with_all(all);
            return vec![if question.required {
                field.required()
            } else {
                field.optional()
            }];
        }
        QuestionKind::Choice { options, .. } => {
            let choices: Vec<Choice> = options
                .iter()
                .map(|option| Choice::new(option.clone(), option.clone()))
                .collect();
            if options.len() <= 4 {
                Field::radio(name, label, choices)
            } else {
                Field::select(name, label, choices)
            }
        }
        QuestionKind::Date { .. } => Field::date(name, label),
        QuestionKind::Number { .. } => Field::text(name, label).digits().narrow(),
        QuestionKind::File {
            types,
            max_kb,
            max_files,
        } => {
            let hint = format!(
                "{}{} 文件，{} 以内，最多 {max_files} 个",
                if question.hint.is_empty() {
                    String::new()
                } else {
                    format!("{}。", question.hint.trim_end_matches('。'))
                },
                type_names(types),
                size(u64::from(*max_kb) * 1024)
            );
            let mut upload = Field::file(name, label.clone(), types.join(",")).hint(hint);
            if *max_files > 1 {
                upload = upload.attribute("multiple", "multiple");
            }
            // What is there already answers the question: the browser needn't ask for more.
            upload = if question.required && kept.is_empty() {
                upload.required()
            } else {
                upload.optional()
            };
            let mut both = vec![upload];
            if !kept.is_empty() {
                let choices: Vec<Choice> = kept
                    .iter()
                    .map(|file| {
                        Choice::new(file.object.clone(), file.name.clone()).hint(size(file.size))
                    })
                    .collect();
                let all: Vec<String> = kept.iter().map(|file| file.object.clone()).collect();
                both.insert(
                    0,
                    Field::checks(kept_name(question), format!("{label}：已上传"), choices)
                        .hint("不要的文件请去掉勾选")
                        .with_all(all),
                );
            }
            return both;
        }
    };
    vec![dress(field).with(typed)]
}

fn size(bytes: u64) -> String {
    match bytes {
        ..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
    }
}
