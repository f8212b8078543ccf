//! 附加问题: a simple builder, one question a page: first its kind, then what that kind needs.

use std::sync::Arc;

use app::exam::part::{Changing, Part, QuestionDraft};
use app::exam::{Exam, change, setup};
use askama::Template;
use axum::extract::{Path, Query};
use domain::eligibility::EducationLevel;
use domain::exam::{ExamState, Question, SeenBy, TextForm};
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageError, PageResult, Problem, Protected, Shell};

use super::missing::Missing;
use crate::context::{Desk, problem};

#[derive(Debug)]
struct Line {
    key: String,
    label: String,
    says: String,
    /// Of whom it is asked, and who reads the answer.
    whom: String,
    seen: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "exam/questions.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    lines: Vec<Line>,
    /// Whether questions may be changed, in place or by a change that is published.
    open: bool,
    missing: Missing,
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
    /// How many of the form's inputs are about the answer; the others are about whom it is asked of.
    own: usize,
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
            says: question.says(),
            whom: question.asked_of.says(),
            seen: question.seen_by.label(),
        })
        .collect();
    let missing = Missing::of(&desk, &exam, Part::Questions).await?;
    let shell = Shell::new(&desk.visit, "附加问题").below("/office/exams");
    let open = exam.state == ExamState::Draft || exam.is_public();
    Ok(Html::new(ListPage {
        shell,
        exam,
        lines,
        open,
        missing,
    })
    .into())
}

/// The form of one kind of question: what belongs to another kind isn't asked. How many inputs are about the answer itself.
async fn form(
    desk: &Desk,
    exam: &Exam,
    action: String,
    draft: &QuestionDraft,
) -> PageResult<(Form, usize)> {
    let form = kind_form(desk, action, draft);
    let own = form.inputs().len();
    Ok((whom(desk, exam, draft, form).await?, own))
}

/// Of whom it is asked, and who reads the answer.
async fn whom(desk: &Desk, exam: &Exam, draft: &QuestionDraft, form: Form) -> PageResult<Form> {
    let form = if exam.has_positions() {
        form.field(
            Field::text("positions", "只问报考这些岗位的人")
                .hint("填岗位代码，几个用顿号分开。不填的，问所有岗位")
                .optional()
                .with(&draft.positions),
        )
    } else {
        let table = app::exam::subjects(&desk.ctx.app, exam)
            .await
            .map_err(problem)?;
        let levels: Vec<Choice> = table
            .levels()
            .into_iter()
            .map(|level| Choice::new(level, level))
            .collect();
        if levels.is_empty() {
            form
        } else {
            form.field(
                Field::checks("levels", "只问报考这些级别的人", levels)
                    .hint("不选的，问所有级别")
                    .optional()
                    .with_all(draft.levels.iter().cloned()),
            )
        }
    };
    let education = EducationLevel::ALL
        .iter()
        .map(|one| (one.code(), one.label()));
    let seen = SeenBy::ALL.iter().map(|one| (one.code(), one.label()));
    Ok(form
        .field(
            Field::checks("education", "只问最高学历是这些的人", education)
                .hint("不选的，不限学历")
                .optional()
                .with_all(draft.education.iter().cloned()),
        )
        .field(
            Field::radio("seen_by", "哪一级审核人员看到回答", seen)
                .required()
                .with(&draft.seen_by),
        ))
}

fn kind_form(desk: &Desk, action: String, draft: &QuestionDraft) -> Form {
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
        "choice" => form.field(options(draft)),
        "many" => form.field(options(draft)).field(
            Field::text("most", "最多选几项")
                .hint("不填的不限")
                .optional()
                .digits()
                .narrow()
                .with(&draft.most),
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
        kind => {
            let form = form.field(count("max", "最多字数", &draft.max)).field(
                Field::text("shortest", "最少字数")
                    .optional()
                    .digits()
                    .narrow()
                    .with(&draft.shortest),
            );
            if kind == "long" {
                return form;
            }
            let forms = TextForm::ALL.iter().map(|one| (one.code(), one.label()));
            form.field(Field::select("form", "填写的格式", forms).with(&draft.form))
                .field(
                    Field::text("mask", "格式")
                        .hint("选“按格式”时填：9 代表数字，A 代表字母，* 代表数字或字母，其他照写，例如 湘A-9999")
                        .optional()
                        .narrow()
                        .with(&draft.mask),
                )
        }
    }
}

fn options(draft: &QuestionDraft) -> Field {
    Field::text_area("options", "选项", 4)
        .hint("每行一个")
        .required()
        .with(&draft.options)
}

/// What the kinds are good for, beside their names.
fn example(kind: &str) -> &'static str {
    match kind {
        "text" => "例如：服务单位",
        "long" => "例如：主要业绩",
        "choice" => "例如：是否服从调剂",
        "many" => "例如：掌握的外语语种",
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
    (form, own): (Form, usize),
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
        own,
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
    let (form, own) = form(&desk, &exam, action, &draft).await?;
    let form = (form.refill(&desk.visit), own);
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
    let (form, own) = form(&desk, &exam, action, &draft).await?;
    let form = (form.refill(&desk.visit), own);
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

/// A change of a published exam, to look at and publish.
async fn changed(
    desk: &Desk,
    exam: &Exam,
    version: i64,
    changing: Changing,
) -> app::Result<axum::response::Response> {
    let at = (Part::Questions, version);
    let change = change::draft_settings(&desk.ctx, exam, at, changing).await?;
    Ok(web::redirect(&super::changes::address(exam, &change)))
}

async fn put(desk: &Desk, exam: Arc<Exam>, key: Option<&str>, sent: &QuestionDraft) -> PageResult {
    let answer = if exam.is_public() {
        let mut changing = Changing::of(&exam);
        match sent.put(&mut changing, key) {
            Ok(()) => changed(desk, &exam, sent.version, changing).await,
            Err(errors) => Err(app::Error::Fields(errors)),
        }
    } else {
        setup::put_question(&desk.ctx, &exam, sent, key)
            .await
            .map(|()| listed(desk, &exam, "附加问题已保存", &sent.label))
    };
    match answer {
        Ok(response) => Ok(response),
        Err(app::Error::Fields(errors)) => again(desk, exam, key, sent, &errors).await,
        Err(error) => Err(problem(error)),
    }
}

async fn again(
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
    let action = address(&exam, key.unwrap_or("new"));
    let (form, own) = form(desk, &exam, action, sent).await?;
    let form = (form.errors(errors), own);
    Ok(Html::invalid(drawn(desk, exam, title, form, sent)).into())
}

fn listed(desk: &Desk, exam: &Exam, what: &str, question: &str) -> axum::response::Response {
    let path = format!("/office/exams/{}/questions", exam.public_id());
    web::page::redirect_with(&desk.visit, &path, web::flash::named(what, question))
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
    let label = question(&exam, &key)?.label.clone();
    let mut changing = Changing::of(&exam);
    changing.settings.questions.retain(|one| one.key != key);
    if exam.is_public() {
        return changed(&desk, &exam, sent.version, changing)
            .await
            .map_err(problem);
    }
    setup::put(&desk.ctx, &exam, sent.version, changing)
        .await
        .map_err(problem)?;
    Ok(listed(&desk, &exam, "附加问题已删除", &label))
}

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    version: i64,
    /// `up` or `down`.
    to: String,
}

pub(super) async fn place(
    desk: Desk,
    Path((id, key)): Path<(String, String)>,
    sent: Protected<Place>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let to = (key.as_str(), sent.to == "up");
    if exam.is_public() {
        let changing = setup::moved_question(&exam, to).map_err(problem)?;
        return changed(&desk, &exam, sent.version, changing)
            .await
            .map_err(problem);
    }
    setup::move_question(&desk.ctx, &exam, sent.version, to)
        .await
        .map_err(problem)?;
    Ok(listed(&desk, &exam, "附加问题的顺序已保存", exam.title()))
}
