//! From a request to a use case's [`Ctx`], and from a use case's answer back to a page.

use app::account::session::Session;
use app::{Actor, App, Ctx};
use axum::extract::FromRequestParts;
use http::request::Parts;
pub(crate) use web::errors::{fields, problem};
use web::session::Kind;
use web::{PageError, Problem, Shell, Visit};

/// One request of a logged-in candidate: what nearly every handler takes.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    /// The request.
    pub(crate) visit: Visit,
    /// The first argument of use cases.
    pub(crate) ctx: Ctx,
}

impl Me {
    /// The account.
    pub(crate) fn account_id(&self) -> i64 {
        self.ctx.actor.id()
    }

    /// The session as the store keeps it.
    pub(crate) fn session(&self) -> Result<&Session, PageError> {
        record(&self.visit).ok_or_else(|| Problem::Forbidden.into())
    }

    /// The frame of a page with this heading, with the count of unread messages.
    pub(crate) async fn shell(&self, title: impl Into<String>) -> Shell {
        let unread = app::message::unread(&self.ctx.app, self.account_id()).await;
        // The count is an ornament: a page isn't refused for want of it.
        let unread = unread
            .ok()
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(0);
        Shell::new(&self.visit, title).unread(unread)
    }
}

impl FromRequestParts<App> for Me {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let ctx = ctx(&visit, app);
        match ctx.actor {
            Actor::Candidate(_) => Ok(Self { visit, ctx }),
            _ => Err(Problem::Forbidden.into()),
        }
    }
}

/// The context of a request, whoever asks: for pages before the login, too.
pub(crate) fn ctx(visit: &Visit, app: &App) -> Ctx {
    let actor = match visit.session() {
        Some(session) if session.kind == Kind::Candidate => Actor::Candidate(session.subject_id),
        _ => Actor::Anonymous,
    };
    Ctx {
        app: app.clone(),
        actor,
        at: visit.at(),
        request_id: visit.id().to_owned(),
        network: visit.addr().network(),
        device: visit.device(),
        rehearses: record(visit).and_then(|session| session.rehearses),
    }
}

/// The session as the store keeps it: what the steps of the login take.
pub(crate) fn record(visit: &Visit) -> Option<&Session> {
    visit
        .session()
        .and_then(|session| session.held::<Session>())
}
