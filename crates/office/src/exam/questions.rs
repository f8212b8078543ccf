//! 附加问题: a simple builder, one question a page: first its kind, then what that kind needs.

use std::sync::Arc;

use app::exam::part::{Changing, QuestionDraft};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use domain::exam::{ExamState, Question, QuestionKind};
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageError, PageResult, Problem, Protected, Shell};

use crate::context::{Desk, problem};

#[derive(Debug)]
struct Line {
    key: String,
    label: String,
    says: String,
}

#[derive(Debug, Template)]
#[template(path = "exam/questions.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    lines: Vec<Line>,
    draft: bool,
}

#[derive(Debug, Template)]
#[template(path = "exam/question.html")]
struct FormPage {
    shell: Shell,
    exam: Arc<Exam>,
    title: &'static str,
    form: Form,
    version: String,
    /// Code and name.
    kind: (&'static str, &'static str),
}

/// The first step of a new question: what kind of answer it wants.
#[derive(Debug, Template)]
#[template(path = "exam/question_kind.html")]
struct KindPage {
    shell: Shell,
    exam: Arc<Exam>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Kind {
    #[serde(default)]
    kind: String,
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let lines = exam
        .settings
        .questions
        .iter()
        .map(|question| Line {
            key: question.key.clone(),
            label: question.label.clone(),
            says: says(question),
        })
        .collect();
    let shell = Shell::new(&desk.visit, "附加问题").below("/office/exams");
    let draft = exam.state == ExamState::Draft;
    Ok(Html::new(ListPage {
        shell,
        exam,
        lines,
        draft,
    })
    .into())
}

fn says(question: &Question) -> String {
    let kind = match &question.kind {
        QuestionKind::Text { max, long: false } => format!("一行文字，最多 {max} 字"),
        QuestionKind::Text { max, long: true } => format!("多行文字，最多 {max} 字"),
        QuestionKind::Choice { options } => format!("单选：{}", options.join("、")),
        QuestionKind::Date { .. } => "日期".to_owned(),
        QuestionKind::Number { min, max } => format!("整数，{min} 至 {max}"),
        QuestionKind::File {
            max_kb, max_files, ..
        } => {
            format!("上传文件，最多 {max_files} 个，每个不超过 {max_kb} KB")
        }
    };
    format!(
        "{}，{kind}",
        if question.required {
            "必答"
        } else {
            "选答"
        }
    )
}

/// The form of one kind of question: what belongs to another kind isn't asked.
fn form(desk: &Desk, action: String, draft: &QuestionDraft) -> Form {
    let tick = if draft.required { "1" } else { "" };
    let form = Form::new(&desk.visit, action)
        .field(
            Field::text("label", "问题")
                .hint("考生看到的文字，例如 服务基层项目的地点")
                .required()
                .with(&draft.label),
        )
        .field(Field::text("hint", "说明").optional().with(&draft.hint))
        .field(Field::check("required", "必须回答").with(tick));
    let count = |name, label, value: &String| {
        Field::text(name, label)
            .required()
            .digits()
            .narrow()
            .with(value)
    };
    match draft.kind.as_str() {
        "choice" => form.field(
            Field::text_area("options", "选项", 4)
                .hint("每行一个")
                .required()
                .with(&draft.options),
        ),
        "date" => form
            .field(Field::date("from", "最早日期").optional().with(&draft.from))
            .field(Field::date("to", "最晚日期").optional().with(&draft.to)),
        "number" => form
            .field(count("min", "最小整数", &draft.min))
            .field(count("max", "最大整数", &draft.max)),
        "file" => form
            .field(
                Field::checks("types", "文件格式", QuestionDraft::TYPES)
                    .with_all(draft.types.iter().cloned()),
            )
            .field(count("max_kb", "每个文件最大（KB）", &draft.max_kb))
            .field(count("max_files", "最多几个文件", &draft.max_files)),
        _ => form.field(count("max", "最多字数", &draft.max)),
    }
}

/// What the kinds are good for, beside their names.
fn example(kind: &str) -> &'static str {
    match kind {
        "text" => "例如：服务单位",
        "long" => "例如：主要业绩",
        "choice" => "例如：是否服从调剂",
        "date" => "例如：服务期满的日期",
        "number" => "例如：工作年限",
        "file" => "例如：服务证明的扫描件",
        _ => "",
    }
}

fn known(kind: &str) -> Option<(&'static str, &'static str)> {
    let mut kinds = QuestionDraft::KINDS.into_iter();
    kinds.find(|(code, _)| *code == kind)
}

/// The kind that the address asks for, or that was sent before the session ended.
fn asked(desk: &Desk, action: &str, query: &Kind) -> Option<&'static str> {
    let sent = desk.visit.refill_of(action);
    let sent = sent.and_then(|refill| refill.values("kind").next().map(str::to_owned));
    let kind = sent.unwrap_or_else(|| query.kind.clone());
    known(&kind).map(|(code, _)| code)
}

fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    title: &'static str,
    form: Form,
    draft: &QuestionDraft,
) -> FormPage {
    let shell = Shell::new(&desk.visit, title)
        .below("/office/exams")
        .with_errors(form.has_errors());
    FormPage {
        shell,
        exam,
        title,
        version: draft.version.to_string(),
        kind: known(&draft.kind).unwrap_or(QuestionDraft::KINDS[0]),
        form,
    }
}

fn address(exam: &Exam, key: &str) -> String {
    format!("/office/exams/{}/questions/{key}", exam.public_id())
}

fn question<'e>(exam: &'e Exam, key: &str) -> Result<&'e Question, PageError> {
    let found = exam.settings.questions.iter().find(|one| one.key == key);
    found.ok_or_else(|| Problem::NotFound.into())
}

pub(super) async fn new(
    desk: Desk,
    Path(id): Path<String>,
    Query(query): Query<Kind>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let action = address(&exam, "new");
    let Some(kind) = asked(&desk, &action, &query) else {
        let shell = Shell::new(&desk.visit, "添加附加问题").below("/office/exams");
        return Ok(Html::new(KindPage { shell, exam }).into());
    };
    let mut draft = QuestionDraft::of(&exam, None);
    kind.clone_into(&mut draft.kind);
    let form = form(&desk, action, &draft).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, "添加附加问题", form, &draft)).into())
}

pub(super) async fn edit(
    desk: Desk,
    Path((id, key)): Path<(String, String)>,
    Query(query): Query<Kind>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let mut draft = QuestionDraft::of(&exam, Some(question(&exam, &key)?));
    let action = address(&exam, &key);
    if let Some(kind) = asked(&desk, &action, &query) {
        kind.clone_into(&mut draft.kind);
    }
    let form = form(&desk, action, &draft).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, "修改附加问题", form, &draft)).into())
}

pub(super) async fn add(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<QuestionDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    put(&desk, exam, None, &sent).await
}

pub(super) async fn change(
    desk: Desk,
    Path((id, key)): Path<(String, String)>,
    sent: Protected<QuestionDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    question(&exam, &key)?;
    put(&desk, exam, Some(&key), &sent).await
}

async fn put(desk: &Desk, exam: Arc<Exam>, key: Option<&str>, sent: &QuestionDraft) -> PageResult {
    let mut changing = Changing::of(&exam);
    if let Err(errors) = sent.put(&mut changing, key) {
        return again(desk, exam, key, sent, &errors);
    }
    match setup::put(&desk.ctx, &exam, sent.version, changing).await {
        Ok(()) => Ok(listed(desk, &exam)),
        Err(error) => Err(problem(error)),
    }
}

fn again(
    desk: &Desk,
    exam: Arc<Exam>,
    key: Option<&str>,
    sent: &QuestionDraft,
    errors: &FieldErrors,
) -> PageResult {
    let title = if key.is_none() {
        "添加附加问题"
    } else {
        "修改附加问题"
    };
    let form = form(desk, address(&exam, key.unwrap_or("new")), sent).errors(errors);
    Ok(Html::invalid(drawn(desk, exam, title, form, sent)).into())
}

fn listed(desk: &Desk, exam: &Exam) -> axum::response::Response {
    let path = format!("/office/exams/{}/questions", exam.public_id());
    web::page::redirect_with(&desk.visit, &path, web::flash::SAVED)
}

#[derive(Debug, Deserialize)]
pub(super) struct Remove {
    version: i64,
}

pub(super) async fn remove(
    desk: Desk,
    Path((id, key)): Path<(String, String)>,
    sent: Protected<Remove>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    question(&exam, &key)?;
    let mut changing = Changing::of(&exam);
    changing.settings.questions.retain(|one| one.key != key);
    setup::put(&desk.ctx, &exam, sent.version, changing)
        .await
        .map_err(problem)?;
    Ok(listed(&desk, &exam))
}
