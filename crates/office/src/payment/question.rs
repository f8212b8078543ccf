//! One 异常单: what is known, whose it is, and what two people make of its order.

use app::App;
use app::payment::{self, Question, discrepancy_title, offline};
use askama::Template;
use axum::extract::Path;
use domain::payment::OrderState;
use domain::payment::hold::Release;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::word::{self, Word};
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
    /// What became of money that was entered and not taken.
    back: Option<Form>,
    /// Who is to answer for it; none where there is nobody else.
    assign: Option<Form>,
    me: i64,
    app: App,
}

impl Page {
    fn held(&self) -> bool {
        self.question.order == Some(OrderState::Hold)
    }

    /// Whether it is about money that was entered from a document and not taken.
    fn not_taken(&self) -> bool {
        offline::is_not_taken(&self.question.row.kind)
    }

    fn name(&self, channel: &str) -> String {
        self.app.channels().name(channel)
    }

    /// What the second person's word does, where money moves by it.
    fn meaning(&self, release: &Release) -> Option<String> {
        let kept = &self.question.kept;
        let sum: i64 = kept.iter().map(|one| one.amount).sum();
        match release {
            Release::Refund if !kept.is_empty() => Some(format!(
                "同意后 {} 元{}，不能撤回。",
                yuan(&sum),
                if kept.iter().any(|one| one.by_hand) {
                    "列入待线下退回"
                } else {
                    "原路退到付款人的账户"
                }
            )),
            Release::Paid if !kept.is_empty() => {
                Some("同意后金额相符的一笔入账，报名算已缴费；其余的退回，不能撤回。".to_owned())
            }
            Release::Void if !kept.is_empty() => Some(format!(
                "同意时先向渠道查询：渠道答复没有收到的，{} 元从账上冲销；已收到的，不能作废。",
                yuan(&sum)
            )),
            _ => None,
        }
    }
}

fn propose_form(desk: &Desk, id: &str, question: &Question) -> Form {
    let choices: Vec<Choice> = question
        .possible
        .iter()
        .map(|release| Choice::new(release.code(), release.label()))
        .collect();
    // Where money is to go back that is what is usual; nothing else is chosen for anybody.
    let first = match question.possible.first() {
        Some(Release::Refund) => Release::Refund.code(),
        _ => "",
    };
    Form::new(
        &desk.visit,
        format!("/office/payments/discrepancies/{id}/propose"),
    )
    .bare()
    .field(Field::radio("release", "怎么办理", choices).required())
    .value("release", first)
    .field(
        Field::text_area("note", "核查的依据", 3)
            .hint("与渠道后台核对了什么，另一位财务人员会看到")
            .required(),
    )
}

fn back_form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/payments/discrepancies/{id}"))
        .bare()
        .field(
            Field::text_area("note", "退还情况", 3)
                .hint("哪一天、怎样退还（当面退现金、转账）、经手人；更正后重新登记的，写明新的凭证号")
                .attribute("maxlength", "500")
                .required(),
        )
}

fn decide_form(desk: &Desk, id: &str) -> Form {
    word::form(
        desk,
        format!("/office/payments/discrepancies/{id}/decide"),
        "不同意的须写明原因；同意的可以不填",
    )
}

/// What the form of the owner sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct To {
    to: String,
}

/// Gives it to a colleague.
pub(super) async fn assign(desk: Desk, Path(id): Path<String>, sent: Protected<To>) -> PageResult {
    match payment::assign_discrepancy(&desk.ctx, &id, &sent.to).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/discrepancies/{id}"),
            flash::done("已转给同事，对方的工作台会提示"),
        )),
        Err(app::Error::Fields(errors)) => {
            let page = shown(&desk, &id, |form| form.errors(&errors)).await?;
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

async fn assign_form(desk: &Desk, id: &str, question: &Question) -> PageResult<Option<Form>> {
    let all = payment::owners(&desk.ctx).await.map_err(problem)?;
    let others: Vec<Choice> = all
        .into_iter()
        .filter(|one| Some(one.id) != question.row.owner_id && one.id != desk.ctx.actor.id())
        .map(|one| Choice::new(&one.public_id, &one.name))
        .collect();
    if question.row.state != "open" || others.is_empty() {
        return Ok(None);
    }
    let to = format!("/office/payments/discrepancies/{id}/assign");
    let form = Form::new(&desk.visit, to).bare();
    Ok(Some(
        form.field(
            Field::select("to", "转给同事", others)
                .blank("请选择")
                .required(),
        ),
    ))
}

async fn shown(desk: &Desk, id: &str, change: impl Fn(Form) -> Form) -> PageResult<Page> {
    let question = payment::question(&desk.ctx, id).await.map_err(problem)?;
    let open = question.row.state == "open";
    let propose = open && question.proposed.is_none() && !question.possible.is_empty();
    let decide = open && question.proposed.is_some();
    let propose = propose.then(|| change(propose_form(desk, id, &question)));
    let decide = decide.then(|| change(decide_form(desk, id)));
    let keeps = question.keeper == Some(desk.ctx.actor.id());
    let back = open && offline::is_not_taken(&question.row.kind) && !keeps;
    let assign = assign_form(desk, id, &question).await?.map(change);
    let bad = [&propose, &decide, &assign]
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
        back: back.then(|| back_form(desk, id)),
        assign,
        me: desk.ctx.actor.id(),
        app: desk.ctx.app.clone(),
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

/// Agrees, or doesn't.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let agrees = sent.agrees("agree", "请选择同意或者不同意。")?;
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
