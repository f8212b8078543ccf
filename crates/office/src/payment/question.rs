//! One 异常单: what is known, whose it is, and what two people make of its order.

use app::payment::{self, Question, discrepancy_title};
use askama::Template;
use axum::extract::Path;
use domain::payment::OrderState;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::{state_tag, yuan};
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "payment/question.html")]
struct Page {
    shell: Shell,
    question: Question,
    channel: String,
    /// What may be proposed; none where something is, or nothing can be.
    propose: Option<Form>,
    /// The second person's word.
    decide: Option<Form>,
    me: i64,
}

impl Page {
    fn held(&self) -> bool {
        self.question.order == Some(OrderState::Hold)
    }
}

fn propose_form(desk: &Desk, id: &str, question: &Question) -> Form {
    let choices: Vec<Choice> = question
        .possible
        .iter()
        .map(|release| Choice::new(release.code(), release.label()))
        .collect();
    Form::new(
        &desk.visit,
        format!("/office/payments/discrepancies/{id}/propose"),
    )
    .bare()
    .field(Field::radio("release", "怎么办理", choices).required())
    .field(
        Field::text_area("note", "核查的依据", 3)
            .hint("与渠道后台核对了什么，另一位财务人员会看到")
            .required(),
    )
}

fn decide_form(desk: &Desk, id: &str) -> Form {
    Form::new(
        &desk.visit,
        format!("/office/payments/discrepancies/{id}/decide"),
    )
    .bare()
    .field(
        Field::text_area("note", "说明", 3)
            .hint("不同意的须写明原因；同意的可以不填")
            .optional(),
    )
}

async fn shown(desk: &Desk, id: &str, change: impl Fn(Form) -> Form) -> PageResult<Page> {
    let question = payment::question(&desk.ctx, id).await.map_err(problem)?;
    let open = question.row.state == "open";
    let propose = open && question.proposed.is_none() && !question.possible.is_empty();
    let decide = open && question.proposed.is_some();
    let propose = propose.then(|| change(propose_form(desk, id, &question)));
    let decide = decide.then(|| change(decide_form(desk, id)));
    let bad = [&propose, &decide]
        .into_iter()
        .flatten()
        .any(Form::has_errors);
    Ok(Page {
        shell: Shell::new(&desk.visit, "异常单")
            .below("/office/payments")
            .with_errors(bad),
        channel: desk.ctx.app.channels().name(&question.row.channel),
        question,
        propose,
        decide,
        me: desk.ctx.actor.id(),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let page = shown(&desk, &id, |form| form.refill(&desk.visit)).await?;
    Ok(Html::new(page).into())
}

/// What is proposed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Proposed {
    release: String,
    note: String,
}

/// The first person's word.
pub(super) async fn propose(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Proposed>,
) -> PageResult {
    match payment::propose_release(&desk.ctx, &id, &sent.release, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/discrepancies/{id}"),
            flash::done("已提出，等待另一位财务人员复核"),
        )),
        Err(app::Error::Fields(errors)) => {
            let page = shown(&desk, &id, |form| {
                form.values(sent.submission()).errors(&errors)
            })
            .await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// The second person's word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    note: String,
    decision: String,
}

/// Agrees, or doesn't.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let agrees = match sent.decision.as_str() {
        "agree" => true,
        "refuse" => false,
        _ => return Err(Problem::BadRequest("请选择同意或者不同意。").into()),
    };
    match payment::decide_release(&desk.ctx, &id, agrees, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/discrepancies/{id}"),
            if agrees {
                flash::done("已办理，异常单已结案")
            } else {
                flash::done("没有同意，缴费单仍在核查中")
            },
        )),
        Err(app::Error::Fields(errors)) => {
            let page = shown(&desk, &id, |form| {
                form.values(sent.submission()).errors(&errors)
            })
            .await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}
