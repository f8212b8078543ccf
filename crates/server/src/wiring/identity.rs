//! Sessions of the database as the web kit sees them.

use std::sync::Arc;

use app::App;
use app::account::session as stored;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use web::Problem;
use web::session::{Identity, Kind, Session};

/// Looks sessions up in the database.
#[derive(Debug, Clone)]
pub struct Sessions(pub App);

fn kind_of(kind: stored::Kind) -> Kind {
    match kind {
        stored::Kind::Candidate => Kind::Candidate,
        stored::Kind::Activation => Kind::Activation,
        stored::Kind::Staff => Kind::Staff,
        stored::Kind::StaffHalf => Kind::StaffHalf,
    }
}

impl Sessions {
    async fn find(&self, token: &str, at: Timestamp) -> Result<Option<Session>, Problem> {
        let found = stored::lookup(&self.0, token, at).await?;
        Ok(found.map(|session| Session {
            kind: kind_of(session.kind),
            subject_id: session.subject_id,
            name: session.name.clone(),
            expires_at: session.expires_at,
            permissions: session.permissions(),
            rehearsal: session.rehearses.is_some(),
            // Both sites make their `app::Ctx` from it: `session.held::<app::account::session::Session>()`.
            record: Arc::new(session),
        }))
    }
}

impl Identity for Sessions {
    fn lookup<'a>(
        &'a self,
        token: &'a str,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Session>, Problem>> {
        self.find(token, at).boxed()
    }

    fn seen<'a>(&'a self, session: &'a Session, at: Timestamp) -> BoxFuture<'a, ()> {
        async move {
            let Some(session) = session.held::<stored::Session>() else {
                return;
            };
            if let Err(error) = stored::touch(&self.0, session, at).await {
                tracing::warn!(%error, "a session's last use wasn't noted");
            }
        }
        .boxed()
    }
}
