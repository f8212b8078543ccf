//! From a request to a use case's [`Ctx`], and from a use case's answer back to a page.

use app::account::session::{Kind, Session};
use app::{Actor, App, Ctx, StaffActor};
use axum::extract::{FromRequestParts, RawPathParams};
use domain::staff::Permission;
use http::Method;
use http::request::Parts;
pub(crate) use web::errors::problem;
use web::{PageError, Problem, Upload, Visit};

/// One request of a logged-in member of staff: what nearly every handler of the office takes.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The request.
    pub visit: Visit,
    /// The first argument of use cases.
    pub ctx: Ctx,
}

impl Desk {
    /// May this person do that anywhere? Decides what a page shows; the use case asks again.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.ctx
            .staff()
            .is_ok_and(|staff| staff.grants.any(permission))
    }

    /// Whether this is the person with this id: who asked for something may not decide it.
    pub(crate) fn is(&self, staff_id: i64) -> bool {
        self.ctx.actor.id() == staff_id
    }
}

impl FromRequestParts<App> for Desk {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let ctx = ctx(&visit, app);
        if !matches!(ctx.actor, Actor::Staff(_)) {
            return Err(Problem::Forbidden.into());
        }
        mark(parts, app, &visit).await;
        // The menu's figures. A page is shown without them rather than not at all.
        if let Ok(waiting) = app::staff::waiting_lately(&ctx).await {
            visit.set_waiting(crate::desk::counts(&waiting));
        }
        if *visit.method() != Method::GET {
            // What is decided now shows on the page that follows.
            app::staff::forget_waiting(&ctx);
        }
        Ok(Self { visit, ctx })
    }
}

/// Marks a page whose address names a rehearsal or something of one.
async fn mark(parts: &mut Parts, app: &App, visit: &Visit) {
    let Ok(params) = RawPathParams::from_request_parts(parts, app).await else {
        return;
    };
    for (_, value) in &params {
        // An exam that can't be looked up is refused by the page itself.
        if matches!(app::rehearsal::owns(app, value).await, Ok(true)) {
            visit.mark_rehearsal();
        }
    }
}

/// The context of a request, whoever asks: for pages before the login, too.
pub(crate) fn ctx(visit: &Visit, app: &App) -> Ctx {
    let actor = match record(visit) {
        Some(session) if session.kind == Kind::Staff => Actor::Staff(StaffActor {
            id: session.subject_id,
            grants: session.grants.clone(),
        }),
        _ => Actor::Anonymous,
    };
    Ctx {
        app: app.clone(),
        actor,
        at: visit.at(),
        request_id: visit.id().to_owned(),
        network: visit.addr().network(),
        device: visit.device(),
        rehearses: None,
    }
}

fn record(visit: &Visit) -> Option<&Session> {
    visit
        .session()
        .and_then(|session| session.held::<Session>())
}

/// Why nothing can be read from what was uploaded: no file was chosen, or it holds nothing. `None` where there is something.
pub(crate) fn nothing_in(file: Option<&Upload>) -> Option<&'static str> {
    match file {
        None => Some("没有选择文件，请选择后再上传"),
        Some(file) if file.bytes.is_empty() => Some("文件是空的，里面没有内容，请检查后重新上传"),
        Some(_) => None,
    }
}

/// The session as it is stored: what the steps of the login take.
pub(crate) fn stored(visit: &Visit) -> Result<&Session, PageError> {
    record(visit).ok_or_else(|| Problem::Forbidden.into())
}
