//! What the binary puts into each web session (`web::session::Session::record`): the stored session with the rights it
//! carries. Pages get it back with `session.held::<app::account::Holder>()` and make their [`crate::Ctx`] from it.

use domain::time::Timestamp;

use super::session::{self, Kind, Session};
use crate::staff::Grants;
use crate::{Actor, App, Result, StaffActor};

/// A living session and what its holder may do.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The session as stored: for logout, second factor and first password.
    pub session: Session,
    /// What a member of staff may do; empty for everybody else.
    pub grants: Grants,
}

impl Holder {
    /// Who holds `token` at `at`; `None` for unknown, ended and timed-out ones alike.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(app: &App, token: &str, at: Timestamp) -> Result<Option<Self>> {
        let Some(session) = session::lookup(app, token, at).await? else { return Ok(None) };
        let grants = match session.kind {
            Kind::Staff => crate::staff::grants(app, session.subject_id).await?,
            Kind::Candidate | Kind::Activation | Kind::StaffHalf => Grants::default(),
        };
        Ok(Some(Self { session, grants }))
    }

    /// Who asks, for use cases. Half-open sessions (first password, second factor) act for nobody yet.
    pub fn actor(&self) -> Actor {
        match self.session.kind {
            Kind::Candidate => Actor::Candidate(self.session.subject_id),
            Kind::Staff => {
                Actor::Staff(StaffActor { id: self.session.subject_id, grants: self.grants.clone() })
            }
            Kind::Activation | Kind::StaffHalf => Actor::Anonymous,
        }
    }
}
