//! One position: how it stands, what was amended, and the ways to amend, cut or cancel it.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::App;
use app::exam::amendment::{self, FIELDS, Past};
use app::exam::decision::{self, Single, Standing};
use app::exam::positions::{self, Item};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::{PositionOutcome, RatioBasis};
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageError, PageResult, Protected, Shell};

use crate::context::{Desk, problem};

/// A position that the asking member of staff may see.
async fn find(desk: &Desk, id: &str, position: &str) -> Result<(Arc<Exam>, Arc<Item>), PageError> {
    let exam = setup::for_staff(&desk.ctx, id).await.map_err(problem)?;
    let item = positions::find(&desk.ctx.app, &exam, position)
        .await
        .map_err(problem)?;
    let scope = positions::scope(&desk.ctx, &exam);
    if scope.is_some_and(|units| !units.contains(&item.unit)) {
        return Err(problem(app::Error::NotFound));
    }
    Ok((exam, item))
}

/// The same for somebody who may change it.
async fn for_edit(
    desk: &Desk,
    id: &str,
    position: &str,
) -> Result<(Arc<Exam>, Arc<Item>), PageError> {
    let exam = setup::for_edit(&desk.ctx, id).await.map_err(problem)?;
    let item = positions::find(&desk.ctx.app, &exam, position)
        .await
        .map_err(problem)?;
    Ok((exam, item))
}

#[derive(Debug, Template)]
#[template(path = "exam/position.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    standing: Standing,
    basis: &'static str,
    history: Vec<Past>,
    may_edit: bool,
}

impl Page {
    fn at(&self) -> String {
        format!(
            "/office/exams/{}/positions/{}",
            self.exam.public_id(),
            self.standing.item.public_id
        )
    }
}

pub(super) async fn page(
    desk: Desk,
    State(app): State<App>,
    Path((id, position)): Path<(String, String)>,
) -> PageResult {
    let (exam, item) = find(&desk, &id, &position).await?;
    let figures = positions::figures(&app, &exam)
        .await
        .map_err(problem)?
        .of(item.id);
    let history = amendment::history(&app, &item).await.map_err(problem)?;
    let edits = desk
        .ctx
        .allow_for(Permission::ExamEdit, exam.id(), "")
        .is_ok();
    let page = Page {
        shell: Shell::new(&desk.visit, item.position.name.clone()).below("/office/exams"),
        basis: RatioBasis::of(exam.settings.steps).label(),
        may_edit: edits && exam.is_public() && !figures.cancelled,
        standing: Standing::of(&exam, item, figures),
        exam,
        history,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "exam/amend.html")]
struct AmendPage {
    shell: Shell,
    exam: Arc<Exam>,
    item: Arc<Item>,
    form: Form,
}

fn amend_form(desk: &Desk, exam: &Exam, item: &Item) -> Form {
    let action = format!(
        "/office/exams/{}/positions/{}/amend",
        exam.public_id(),
        item.public_id
    );
    let mut form = Form::new(&desk.visit, action);
    for key in FIELDS {
        let label = amendment::title(key);
        let field = match key {
            "name" => Field::text(key, label).required(),
            "headcount" => Field::text(key, label).required().digits().narrow(),
            "major" | "other" | "remark" => Field::text_area(key, label, 2).optional(),
            _ => Field::text(key, label).optional(),
        };
        form = form.field(field.with(amendment::text(&item.position, key)));
    }
    form
}

fn amend_page(desk: &Desk, exam: Arc<Exam>, item: Arc<Item>, form: Form) -> AmendPage {
    AmendPage {
        shell: Shell::new(&desk.visit, "更正岗位")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        exam,
        item,
        form,
    }
}

pub(super) async fn amend(desk: Desk, Path((id, position)): Path<(String, String)>) -> PageResult {
    let (exam, item) = for_edit(&desk, &id, &position).await?;
    let form = amend_form(&desk, &exam, &item).refill(&desk.visit);
    Ok(Html::new(amend_page(&desk, exam, item, form)).into())
}

/// The texts of a position by the keys of their columns.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Texts(BTreeMap<String, String>);

pub(super) async fn amend_save(
    desk: Desk,
    Path((id, position)): Path<(String, String)>,
    sent: Protected<Texts>,
) -> PageResult {
    let (exam, item) = for_edit(&desk, &id, &position).await?;
    match amendment::draft_one(&desk.ctx, &exam, &position, &sent.0).await {
        Ok(draft) => Ok(web::redirect(&format!(
            "/office/exams/{id}/amendments/{draft}"
        ))),
        Err(app::Error::Fields(errors)) => {
            let form = amend_form(&desk, &exam, &item)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(amend_page(&desk, exam, item, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "exam/decide.html")]
struct DecidePage {
    shell: Shell,
    exam: Arc<Exam>,
    standing: Standing,
    basis: &'static str,
    warnings: Vec<String>,
    form: Form,
}

fn decide_form(desk: &Desk, exam: &Exam, item: &Item) -> Form {
    let action = format!(
        "/office/exams/{}/positions/{}/decide",
        exam.public_id(),
        item.public_id
    );
    let cut = (PositionOutcome::Cut.code(), "核减招聘人数");
    let cancel = (PositionOutcome::Cancel.code(), "取消岗位");
    let choices: Vec<(&str, &str)> = if item.position.headcount > 1 {
        vec![cut, cancel]
    } else {
        vec![cancel]
    };
    let mut form =
        Form::new(&desk.visit, action).field(Field::radio("outcome", "处置", choices).required());
    if item.position.headcount > 1 {
        form = form.field(
            Field::text("headcount", "核减后的招聘人数")
                .hint(format!(
                    "现在招聘 {} 人。取消岗位的不用填",
                    item.position.headcount
                ))
                .optional()
                .digits()
                .narrow(),
        );
    }
    form.field(
        Field::text_area("reason", "原因", 3)
            .hint("报考人员和审计都会看到。不要写个人的号码")
            .required(),
    )
}

async fn decide_page(
    desk: &Desk,
    exam: Arc<Exam>,
    item: Arc<Item>,
    form: Form,
) -> PageResult<DecidePage> {
    let figures = positions::figures(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?
        .of(item.id);
    Ok(DecidePage {
        shell: Shell::new(&desk.visit, "核减或取消岗位")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        basis: RatioBasis::of(exam.settings.steps).label(),
        warnings: decision::warnings(&exam, desk.ctx.at),
        standing: Standing::of(&exam, item, figures),
        exam,
        form,
    })
}

pub(super) async fn decide(desk: Desk, Path((id, position)): Path<(String, String)>) -> PageResult {
    let (exam, item) = for_edit(&desk, &id, &position).await?;
    let form = decide_form(&desk, &exam, &item).refill(&desk.visit);
    Ok(Html::new(decide_page(&desk, exam, item, form).await?).into())
}

/// What is decided about one position, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    outcome: String,
    headcount: String,
    reason: String,
}

impl Typed {
    pub(super) fn single(&self) -> Single {
        Single {
            outcome: self.outcome.clone(),
            headcount: self.headcount.clone(),
            reason: self.reason.clone(),
        }
    }
}

pub(super) async fn decide_save(
    desk: Desk,
    Path((id, position)): Path<(String, String)>,
    sent: Protected<Typed>,
) -> PageResult {
    let (exam, item) = for_edit(&desk, &id, &position).await?;
    match decision::draft_single(&desk.ctx, &exam, &position, &sent.single()).await {
        Ok(draft) => Ok(web::redirect(&format!(
            "/office/exams/{id}/decisions/{draft}"
        ))),
        Err(app::Error::Fields(errors)) => {
            let form = decide_form(&desk, &exam, &item)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(decide_page(&desk, exam, item, form).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}
