//! What payment channels post to.

use app::App;
use app::payment;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use web::page::exact;
use web::{PageResult, Problem, Visit};

use crate::context::{ctx, problem};

/// A notice. What isn't signed by the channel is answered with 401 and forgotten; trouble of ours with 5xx, so that it comes again.
pub(super) async fn notice(
    visit: Visit,
    State(app): State<App>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let answered: Response = match payment::notice(&ctx, &channel, &headers, &body)
        .await
        .map_err(problem)?
    {
        None => return Err(Problem::NotFound.into()),
        Some(Ok(taken)) => exact(StatusCode::OK, taken.media_type, taken.body),
        Some(Err(refused)) => exact(StatusCode::UNAUTHORIZED, refused.media_type, refused.body),
    };
    Ok(answered)
}
