//! The supplementary notice of a change as the system words it; staff mend it before it is published.

use domain::exam::ExamSettings;

use crate::exam::amendment::FieldChange;
use crate::exam::catalogue::Exam;

/// One line of a notice. Long texts aren't repeated.
pub(super) fn clause(change: &FieldChange) -> String {
    let long = |text: &str| text.chars().count() > 80 || text.contains('\n');
    if long(&change.old) || long(&change.new) {
        return format!("{}有更新，以网站公布的为准", change.field);
    }
    // Chinese typography puts a space between a code and the word after it.
    let gap = if change
        .field
        .ends_with(|sign: char| sign.is_ascii_alphanumeric())
    {
        " "
    } else {
        ""
    };
    let field = &change.field;
    match (change.old.as_str(), change.new.as_str()) {
        ("", new) => format!("{field}{gap}定为“{new}”"),
        (old, "") => format!("取消{field}（原为“{old}”）"),
        (old, new) => format!("{field}{gap}由“{old}”改为“{new}”"),
    }
}

/// Title and text.
pub(super) fn supplement(
    exam: &Exam,
    changes: &[FieldChange],
    settings: &ExamSettings,
    extended: bool,
    reason: &str,
) -> (String, String) {
    let title = format!("{}补充公告", exam.title());
    let why = match reason.trim_end_matches('。') {
        "" => "根据工作需要".to_owned(),
        reason => format!("因{}", reason.trim_start_matches('因')),
    };
    let what = if extended {
        "时间安排作如下调整"
    } else {
        "作如下更正"
    };
    let mut lines = vec![format!("{why}，现对《{}》{what}：", exam.title())];
    for (index, change) in changes.iter().enumerate() {
        lines.push(format!("{}．{}。", index + 1, clause(change)));
    }
    lines.push("其他事项不变。".to_owned());
    if !settings.organizer.is_empty() {
        lines.push(settings.organizer.clone());
    }
    (title, lines.join("\n"))
}
