//! 缴库: the file of a closed day for the treasury, and that it was handed over.

use app::payment::reconcile;
use axum::extract::Path;
use web::protected::Nothing;
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

/// It was handed over.
pub(super) async fn hand_over(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    reconcile::hand_over(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let said = flash::done("已登记缴库");
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/bills/{id}"),
        said,
    ))
}
