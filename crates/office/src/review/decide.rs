//! The decision, and taking one back.

use app::App;
use app::review::{self, Decision, Shown};
use axum::extract::{Path, State};
use domain::field::FieldErrors;
use domain::review::Review;
use domain::time::Timestamp;
use serde::Deserialize;
use web::{PageResult, Protected, flash, redirect};

use super::bench::{Typed, chosen_items, found, page};
use super::queue::Looked;
use crate::context::{Desk, problem};

pub(super) async fn save(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    form: Protected<Typed>,
) -> PageResult {
    let typed = form.into_inner();
    let (found_exam, bench) = found(&desk, &app, &exam, &id).await?;
    let review = Review::from_code(&typed.review).unwrap_or(Review::None);
    let decision = match decision(&typed, |names, note| chosen_items(&bench, names, note)) {
        Ok(decision) => decision,
        Err(errors) => return page(&desk, &app, (&exam, &id), typed, errors, None).await,
    };
    let shown = Shown {
        public_id: id.clone(),
        hash: typed.hash.clone(),
        review,
    };
    match review::decide(&desk.ctx, &shown, &decision).await {
        Ok(_) => {}
        Err(app::Error::Fields(errors)) => {
            return page(&desk, &app, (&exam, &id), typed, errors, None).await;
        }
        Err(error) => return Err(problem(error)),
    }
    let name = bench.view.row.name.clone();
    // On to the next one of the same queue.
    let looked = Looked {
        state: review.code().to_owned(),
        ..Looked::default()
    };
    let filter = looked.filter(&desk);
    let next = review::claim_next(&desk.ctx, &found_exam, &filter, Some(&id)).await;
    let base = format!("/office/reviews/{}", found_exam.public_id());
    let next = match next.map_err(problem)? {
        Some(next) => format!("{base}/{next}"),
        None => format!("{base}?state={}", review.code()),
    };
    Ok(web::page::redirect_with(
        &desk.visit,
        &next,
        flash::named(&format!("审查结论已提交：{}", word(&decision)), &name),
    ))
}

/// A conclusion in a word.
const fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Approve => "通过",
        Decision::Return { .. } => "退回补充",
        Decision::Reject { .. } => "不通过",
        Decision::Uphold { .. } => "维持原结论",
        Decision::Reverse { .. } => "改为通过",
    }
}

fn decision(
    typed: &Typed,
    items: impl Fn(&[String], &str) -> Vec<domain::review::ReturnItem>,
) -> Result<Decision, FieldErrors> {
    let mut errors = FieldErrors::new();
    let (code, reason) = (typed.code.clone(), typed.reason.clone());
    let decision = match typed.decision.as_str() {
        "approve" => Decision::Approve,
        "return" => {
            let due = Timestamp::parse_local(&typed.due);
            if due.is_none() {
                errors.add("due", "补充截止应为日期和时间，例如 2026-03-20 17:00");
            }
            Decision::Return {
                code,
                items: items(&typed.item, &reason),
                reason,
                due,
            }
        }
        "reject" => Decision::Reject { code, reason },
        "uphold" => Decision::Uphold { reason },
        "reverse" => Decision::Reverse { reason },
        _ => {
            errors.add("decision", "请选择审核意见");
            Decision::Approve
        }
    };
    errors.into_result().map(|()| decision)
}

/// Why a conclusion is taken back.
#[derive(Debug, Deserialize)]
pub(super) struct ReopenForm {
    why: String,
}

pub(super) async fn reopen(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    form: Protected<ReopenForm>,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    match review::reopen(&desk.ctx, &id, &form.why).await {
        Ok(_) => Ok(redirect(&format!("/office/reviews/{exam}/{id}"))),
        Err(app::Error::Fields(errors)) => {
            let typed = Typed {
                reason: form.why.clone(),
                ..Typed::default()
            };
            page(&desk, &app, (&exam, &id), typed, errors, None).await
        }
        Err(error) => Err(problem(error)),
    }
}
