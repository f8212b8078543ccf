//! 您提出的申请: what became of what the person who looks asked another for, in words, and where it is.

use app::approval::Kind;
use app::staff::OutcomeRow;
use domain::payment::number::grouped;

use crate::list::Tag;

/// One of them.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) tag: Tag,
    pub(super) what: &'static str,
    /// Of which exam, order or person; empty for what the page behind the link tells.
    pub(super) about: String,
    pub(super) why: String,
    /// Who decided and when.
    pub(super) by: String,
    pub(super) href: String,
}

fn place(row: &OutcomeRow) -> (&'static str, String) {
    let (item, exam) = (&row.item, &row.exam);
    match row.kind.as_str() {
        "refund" => ("退款", format!("/office/payments/{item}")),
        "claim" => ("账号申诉", format!("/office/claims/{item}")),
        "decision" => ("岗位处置", format!("/office/exams/{exam}/decisions/{item}")),
        "change" => (
            "更正考试设置",
            format!("/office/exams/{exam}/changes/{item}"),
        ),
        "archive" => ("归档", format!("/office/exams/{exam}/archive")),
        "score" => (
            "导入的成绩",
            format!("/office/scores/{exam}/batches/{item}"),
        ),
        kind => (Kind::title(kind), format!("/office/approvals/{item}")),
    }
}

fn tag(row: &OutcomeRow) -> Tag {
    match (row.kind.as_str(), row.state.as_str()) {
        (_, "lapsed") => Tag::off("已失效"),
        (_, "dropped" | "withdrawn") => Tag::off("被放弃"),
        ("refund", "failed") => Tag::bad("渠道未退成"),
        ("score", _) => Tag::ok("已核对"),
        _ if row.failed() => Tag::bad("未同意"),
        _ => Tag::ok("已同意"),
    }
}

fn why(row: &OutcomeRow) -> String {
    match (row.kind.as_str(), row.state.as_str()) {
        ("change", "lapsed") => {
            "提交以后考试设置又有改动，不能再公布。请放弃它，按现在的设置重新更正。".to_owned()
        }
        ("refund", "lapsed") => "这笔付款已由另一笔退款全额退回。".to_owned(),
        _ => row.note.clone(),
    }
}

/// One in words.
pub(super) fn words(row: &OutcomeRow) -> Outcome {
    let (what, href) = place(row);
    let at = crate::show::short(row.at);
    Outcome {
        tag: tag(row),
        what,
        about: if row.kind == "refund" {
            grouped(&row.about)
        } else {
            row.about.clone()
        },
        why: why(row),
        by: if row.decider.is_empty() {
            at
        } else {
            format!("{}，{at}", row.decider)
        },
        href,
    }
}
