//! What watches the server: `/health/live` (the process answers), `/health/ready` (the database answers too), `/metrics`.

use std::fmt::Write as _;

use app::App;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use web::page::plain;
use web::{PageResult, Problem, Routes, Visit, Who};

/// The routes.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("health")
        .get("/health/live", Who::Anonymous, live)
        .get("/health/ready", Who::Anonymous, ready)
        .get("/metrics", Who::Anonymous, metrics)
}

async fn live() -> Response {
    plain(StatusCode::OK, "ok\n")
}

async fn ready(State(app): State<App>) -> Response {
    match db::check(app.db(), &app::schema::MIGRATIONS).await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

/// The token that `/metrics` asks for, if one is set; kept beside the application since no use case needs it.
static TOKEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Asks for `token` at `/metrics`; without one it answers this machine only.
pub(crate) fn protect_metrics(token: String) {
    let _ = TOKEN.set(token);
}

async fn metrics(State(app): State<App>, visit: Visit, headers: http::HeaderMap) -> PageResult {
    let allowed = match TOKEN.get() {
        Some(token) => headers
            .get(http::header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
            .is_some_and(|given| vault::same(given, token.as_bytes())),
        None => visit.addr().0.is_loopback(),
    };
    if !allowed {
        return Err(Problem::NotFound.into());
    }
    Ok(plain(StatusCode::OK, text(&app)))
}

fn text(app: &App) -> String {
    let stats = app.db().stats();
    let mut out = String::new();
    for (name, kind, help, value) in [
        (
            "baokao_db_commands_total",
            "counter",
            "Commands run",
            stats.commands,
        ),
        (
            "baokao_db_batches_total",
            "counter",
            "Batches of the SQLite writer",
            stats.batches,
        ),
        (
            "baokao_db_commits_total",
            "counter",
            "Transactions committed",
            stats.commits,
        ),
        (
            "baokao_db_repeats_total",
            "counter",
            "Batches or transactions run again",
            stats.repeats,
        ),
        (
            "baokao_db_refused_total",
            "counter",
            "Commands refused because the queue was full",
            stats.refused,
        ),
        (
            "baokao_db_queued",
            "gauge",
            "Commands that wait",
            stats.queued,
        ),
        (
            "baokao_db_wal_bytes",
            "gauge",
            "Bytes of the write-ahead log",
            stats.wal_bytes,
        ),
    ] {
        let _ = writeln!(
            out,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        );
    }
    out
}
