//! One person: where he stands, what happened, what staff enter, and the second person's word.

use std::sync::Arc;

use app::exam::{Exam, positions, setup};
use app::selection::StepRow;
use app::selection::export::standing_words;
use app::selection::step::{self, Entered, Person};
use askama::Template;
use axum::extract::Path;
use domain::selection::{Stage, StageEvent};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::people::button;
use super::stage_tag;
use crate::context::{Desk, problem};

type PathOf = Path<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "selection/person.html")]
struct Page {
    shell: Shell,
    base: String,
    here: String,
    exam: Arc<Exam>,
    person: Person,
    position: String,
    standing: String,
    /// Code, word and tone of each button.
    buttons: Vec<(&'static str, &'static str, &'static str)>,
    form: Form,
    word: Form,
    /// He asked for what waits himself.
    own: bool,
    signs: bool,
}

fn event_word(step: &&StepRow) -> &'static str {
    StageEvent::from_code(&step.event).map_or("其他", StageEvent::label)
}

fn stage_word(code: &str) -> &'static str {
    Stage::from_code(code).map_or("", Stage::label)
}

fn who(step: &&StepRow) -> String {
    match step.actor_kind.as_str() {
        "candidate" => "考生本人".to_owned(),
        "system" => "系统".to_owned(),
        _ => step.asker.clone(),
    }
}

fn result(step: &&StepRow) -> &'static str {
    match step.state.as_str() {
        "asked" => "待复核",
        "refused" => "未通过复核",
        _ => "",
    }
}

fn form(desk: &Desk, here: &str) -> Form {
    Form::new(&desk.visit, here)
        .bare()
        .field(
            Field::text_area("reason", "原因", 2)
                .hint("不通过、放弃、取消和恢复的须写明原因，考生会看到。体检只登记结果，不填写病情。不要写证件号码。")
                .optional(),
        )
}

fn word(desk: &Desk, here: &str) -> Form {
    Form::new(&desk.visit, format!("{here}/decide"))
        .bare()
        .field(
            Field::text_area("note", "复核意见", 2)
                .hint("不同意的须写明原因。")
                .optional(),
        )
}

async fn found(desk: &Desk, exam: &str, id: &str) -> PageResult<(Arc<Exam>, Person)> {
    let exam = setup::for_staff(&desk.ctx, exam).await.map_err(problem)?;
    let person = step::one(&desk.ctx, &exam, id).await.map_err(problem)?;
    Ok((exam, person))
}

fn address(exam: &Exam, person: &Person) -> String {
    format!(
        "/office/selection/{}/people/{}",
        exam.public_id(),
        person.row.public_id
    )
}

async fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    person: Person,
    (form, word): (Form, Form),
) -> PageResult<Page> {
    let table = positions::table(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let position = table.by_id(person.row.position_id).map_or_else(
        || "（岗位已不在表中）".to_owned(),
        |item| {
            format!(
                "{} {}（{}）",
                item.position.employer, item.position.name, item.position.code
            )
        },
    );
    let buttons = person
        .events
        .iter()
        .map(|event| {
            let tone = if event.is_weighty() || *event == StageEvent::DocumentsMissed {
                "btn-secondary"
            } else {
                "btn-primary"
            };
            (event.code(), button(*event), tone)
        })
        .collect();
    Ok(Page {
        shell: Shell::new(&desk.visit, person.row.name.clone())
            .below("/office/selection")
            .exam(exam.title(), "/office/selection")
            .with_errors(form.has_errors() || word.has_errors()),
        base: format!("/office/selection/{}", exam.public_id()),
        here: address(&exam, &person),
        position,
        standing: standing_words(&person.row.stage, &person.row.left_why),
        buttons,
        own: person
            .waiting
            .as_ref()
            .is_some_and(|step| desk.is(step.asked_by)),
        signs: person.stage == Stage::Called && person.row.signed_at.is_none(),
        form,
        word,
        exam,
        person,
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path((exam, id)): PathOf) -> PageResult {
    let (exam, person) = found(&desk, &exam, &id).await?;
    let here = address(&exam, &person);
    let forms = (
        form(&desk, &here).refill(&desk.visit),
        word(&desk, &here).refill(&desk.visit),
    );
    Ok(Html::new(drawn(&desk, exam, person, forms).await?).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    event: String,
    reason: String,
}

/// Enters a result.
pub(super) async fn act(desk: Desk, Path((exam, id)): PathOf, sent: Protected<Sent>) -> PageResult {
    let (exam, person) = found(&desk, &exam, &id).await?;
    let here = address(&exam, &person);
    let Some(event) = StageEvent::from_code(&sent.event) else {
        return Err(Problem::BadRequest("请选择要登记的结果。").into());
    };
    match step::act(&desk.ctx, &exam, &id, (event, &sent.reason)).await {
        Ok(entered) => {
            let text = match entered {
                Entered::Done(_) => format!("已登记“{}”", button(event)),
                Entered::Asked => format!("“{}”已提交，等待另一人复核", button(event)),
            };
            Ok(answer::redirect_with(&desk.visit, &here, flash::done(text)))
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &here).values(sent.submission()).errors(&errors);
            let forms = (form, word(&desk, &here));
            Ok(Html::invalid(drawn(&desk, exam, person, forms).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// 签到.
pub(super) async fn sign_in(
    desk: Desk,
    Path((exam, id)): PathOf,
    _: Protected<Nothing>,
) -> PageResult {
    let (exam, person) = found(&desk, &exam, &id).await?;
    step::sign_in(&desk.ctx, &exam, &id)
        .await
        .map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        &address(&exam, &person),
        flash::named("已签到", &person.row.name),
    ))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    step: String,
    note: String,
    decision: String,
}

/// The second person's word.
pub(super) async fn decide(
    desk: Desk,
    Path((exam, id)): PathOf,
    sent: Protected<Word>,
) -> PageResult {
    let (exam, person) = found(&desk, &exam, &id).await?;
    let here = address(&exam, &person);
    let agrees = match sent.decision.as_str() {
        "agree" => true,
        "refuse" => false,
        _ => return Err(Problem::BadRequest("请选择同意或者不同意。").into()),
    };
    let of = (id.as_str(), sent.step.as_str());
    match step::decide(&desk.ctx, &exam, of, (agrees, &sent.note)).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &here,
            flash::done(if agrees {
                "已同意，结果生效"
            } else {
                "已退回，结果不生效"
            }),
        )),
        Err(app::Error::Fields(errors)) => {
            let word = word(&desk, &here).values(sent.submission()).errors(&errors);
            let forms = (form(&desk, &here), word);
            Ok(Html::invalid(drawn(&desk, exam, person, forms).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}
