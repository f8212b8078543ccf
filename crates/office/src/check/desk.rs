//! 人工认定: asked for here by who has the document before him, decided by another person under 双人复核.

use app::account::office::{self, Found};
use app::check::{self, Shown};
use askama::Template;
use axum::extract::Path;
use domain::check::Verdict;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, Submission, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "check/desk.html")]
struct Page {
    shell: Shell,
    account: Found,
    checks: Vec<Shown>,
    /// None: there is nothing to find.
    form: Option<Form>,
}

async fn shown(
    desk: &Desk,
    id: &str,
    sent: Option<(&Submission, &FieldErrors)>,
) -> PageResult<Page> {
    let candidate = office::candidate(&desk.ctx, id).await.map_err(problem)?;
    let checks = check::of_candidate(&desk.ctx, id).await.map_err(problem)?;
    let open: Vec<Choice> = checks
        .iter()
        .filter(|one| one.verdict() != Some(Verdict::Match))
        .filter_map(|one| {
            let standing = one.standing.as_ref()?;
            Some(Choice::new(
                standing.public_id.clone(),
                format!("{}（{}）", one.kind.label(), one.label()),
            ))
        })
        .collect();
    let form = (!open.is_empty()).then(|| {
        let form = Form::new(&desk.visit, format!("/office/candidates/{id}/checks"))
            .bare()
            .field(Field::radio("item", "认定哪一项", open).required())
            .field(
                Field::text_area("reason", "核对情况", 3)
                    .hint("写明核对了什么原件、为什么认定一致。不要写号码。")
                    .required(),
            );
        match sent {
            Some((sent, errors)) => form.values(sent).errors(errors),
            None => form.refill(&desk.visit),
        }
    });
    let bad = form.as_ref().is_some_and(Form::has_errors);
    Ok(Page {
        shell: Shell::new(&desk.visit, "实名与学历核验")
            .below("/office/search")
            .with_errors(bad),
        account: candidate.account,
        checks,
        form,
    })
}

/// The checks of a candidate.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(shown(&desk, &id, None).await?).into())
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    item: String,
    reason: String,
}

/// Asks that a check is found to match.
pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    match check::ask_overrule(&desk.ctx, &id, &sent.item, &sent.reason).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/candidates/{id}/checks"),
            flash::done("人工认定的申请已提交，等待另一人复核"),
        )),
        Err(app::Error::Fields(errors)) => {
            Ok(Html::invalid(shown(&desk, &id, Some((sent.submission(), &errors))).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
