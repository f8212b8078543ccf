//! 缴库: the file of a closed day for the treasury, and that it was handed over.

use app::payment::reconcile;
use axum::extract::Path;
use web::forms::{Field, Form};
use web::{PageResult, Protected, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Taken, given};

/// The file.
pub(super) async fn file(
    desk: Desk,
    Path(id): Path<String>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = reconcile::treasury_file(&desk.ctx, &id, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "缴库", taken.format(), copy)
}

/// What is typed.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Handed {
    amount: String,
}

/// The form that says how much was handed over.
pub(super) fn form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/bills/{id}/treasury")).field(
        Field::text("amount", "缴库金额（元）")
            .hint("按缴库的回单填写，应与缴库文件的应缴合计一致")
            .attribute("inputmode", "decimal")
            .narrow()
            .required(),
    )
}

/// It was handed over.
pub(super) async fn hand_over(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Handed>,
) -> PageResult {
    match reconcile::hand_over(&desk.ctx, &id, &sent.amount).await {
        Ok(()) => {
            let said = flash::done("已登记缴库");
            let to = format!("/office/bills/{id}");
            Ok(answer::redirect_with(&desk.visit, &to, said))
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &id).values(sent.submission()).errors(&errors);
            super::day::invalid(desk, &id, form).await
        }
        Err(app::Error::Refused(refusal)) => {
            let form = form(&desk, &id)
                .values(sent.submission())
                .error("", &refusal.text);
            super::day::invalid(desk, &id, form).await
        }
        Err(other) => Err(problem(other)),
    }
}
