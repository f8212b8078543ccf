//! 登记: a decision that was made elsewhere is entered.

use app::application::integrity::{self, IntegrityForm};
use askama::Template;
use domain::id_number::IdType;
use domain::integrity::IntegrityKind;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "integrity/enter.html")]
struct Page {
    shell: Shell,
    form: Form,
}

fn form(visit: &Visit) -> Form {
    let types = IdType::ALL.iter().map(|one| (one.code(), one.label()));
    let kinds = IntegrityKind::ALL
        .iter()
        .map(|one| (one.code(), one.label()));
    Form::new(visit, "/office/integrity/new")
        .field(
            Field::text("name", "姓名")
                .required()
                .attribute("autocomplete", "off"),
        )
        .field(
            Field::select("id_type", "证件类型", types)
                .with(IdType::ResidentCard.code())
                .required(),
        )
        .field(
            Field::text("id_number", "证件号码")
                .required()
                .attribute("autocomplete", "off"),
        )
        .field(
            Field::select("kind", "种类", kinds)
                .blank("请选择")
                .required(),
        )
        .field(
            Field::text("source", "处理机关和文号")
                .hint("例如：南屿市人社局，南人社罚〔2026〕12 号")
                .required(),
        )
        .field(
            Field::text_area("reason", "原因", 3)
                .hint("写明时间、考试和事实。不要写号码。")
                .required(),
        )
        .field(
            Field::date("starts_on", "开始日期")
                .hint("决定写明的起算日")
                .with(visit.at().date().to_string())
                .required(),
        )
        .field(
            Field::date("ends_on", "截止日期")
                .hint("留空按种类计算")
                .optional(),
        )
}

fn shown(visit: &Visit, form: Form) -> Page {
    let shell = Shell::new(visit, "登记诚信档案")
        .below("/office/integrity")
        .with_errors(form.has_errors());
    Page { shell, form }
}

/// The form.
pub(super) async fn page(desk: Desk) -> PageResult {
    let form = form(&desk.visit).refill(&desk.visit);
    Ok(Html::new(shown(&desk.visit, form)).into())
}

/// What it sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    id_type: String,
    id_number: String,
    kind: String,
    source: String,
    reason: String,
    starts_on: String,
    ends_on: String,
}

/// Enters it.
pub(super) async fn submit(desk: Desk, sent: Protected<Sent>) -> PageResult {
    let typed = IntegrityForm {
        name: sent.name.clone(),
        id_type: sent.id_type.clone(),
        id_number: sent.id_number.clone(),
        kind: sent.kind.clone(),
        source: sent.source.clone(),
        reason: sent.reason.clone(),
        starts_on: sent.starts_on.clone(),
        ends_on: sent.ends_on.clone(),
    };
    match integrity::enter(&desk.ctx, &typed).await {
        Ok(id) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/integrity/{id}"),
            flash::named("诚信记录已登记", &sent.name),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit).values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk.visit, form)).into())
        }
        Err(other) => Err(problem(other)),
    }
}
