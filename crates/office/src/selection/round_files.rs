//! A list to take away: as a table, and as a paper.

use app::exam::positions;
use app::selection::export;
use axum::extract::{Path, Query};
use axum::response::Response;
use web::protected::Nothing;
use web::{PageResult, Protected, page as answer};

use super::round::{Asked, found};
use crate::context::{Desk, problem};
use crate::list::{Taken, given};

type PathOf = Path<(String, String)>;

/// The lines under the page's filter as a file.
pub(super) async fn export(
    desk: Desk,
    Path((exam, id)): PathOf,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (exam, round) = found(&desk, &exam, &id).await?;
    let table = positions::table(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let looked = asked.looked(&table);
    let copy = export::lines(&desk.ctx, &exam, (&round, &looked), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, round.kind.label(), taken.format(), copy)
}

/// The lines under the page's filter as a paper.
pub(super) async fn paper(
    desk: Desk,
    Path((exam, id)): PathOf,
    Query(asked): Query<Asked>,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let (exam, round) = found(&desk, &exam, &id).await?;
    let table = positions::table(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let looked = asked.looked(&table);
    let bytes = export::lines_paper(&desk.ctx, &exam, (&round, &looked))
        .await
        .map_err(problem)?;
    let name = format!("{} {}.pdf", exam.title(), round.kind.label());
    Ok(answer::download("application/pdf", &name, bytes))
}
