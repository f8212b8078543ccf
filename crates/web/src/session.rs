//! Who is here: a session token in a cookie, looked up through [`Identity`], and the extractors that handlers take.
//!
//! The registry has already refused everybody whom the route isn't for ([`crate::routes::Who`]); the extractors ask
//! again, so that a handler put on the wrong route refuses instead of acting for the wrong person.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use domain::staff::Permission;
use domain::time::Timestamp;
use futures_util::future::BoxFuture;
use http::request::Parts;

use crate::cookie;
use crate::errors::{PageError, Problem};
use crate::visit::Visit;

/// What a session opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Everything of a candidate's.
    Candidate,
    /// Only the page that sets the first password.
    Activation,
    /// The office.
    Staff,
    /// Only the page that asks for the second factor.
    StaffHalf,
}

impl Kind {
    /// The cookie that carries it.
    pub fn surface(self) -> Surface {
        match self {
            Self::Candidate | Self::Activation => Surface::Public,
            Self::Staff | Self::StaffHalf => Surface::Office,
        }
    }
}

/// Which of the two sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The candidates' site.
    Public,
    /// The staff's, below [`OFFICE`].
    Office,
}

/// Every path of the office starts with this.
pub const OFFICE: &str = "/office";

impl Surface {
    /// The site that a path belongs to.
    pub fn of_path(path: &str) -> Self {
        match path.strip_prefix(OFFICE) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::Office,
            _ => Self::Public,
        }
    }

    /// The name of its session cookie.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Public => cookie::CANDIDATE,
            Self::Office => cookie::STAFF,
        }
    }
}

/// A living session.
#[derive(Clone)]
pub struct Session {
    /// What it opens.
    pub kind: Kind,
    /// The account or member of staff.
    pub subject_id: i64,
    /// The name shown on top of the page.
    pub name: String,
    /// When it ends unless used.
    pub expires_at: Timestamp,
    /// What a member of staff may do anywhere at all; empty for candidates. How far it reaches is asked by the use case.
    pub permissions: Vec<Permission>,
    /// Whether the account was made for a rehearsal.
    pub rehearsal: bool,
    /// The store's own record, handed back untouched ([`Session::held`]).
    pub record: Arc<dyn Any + Send + Sync>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind)
            .field("subject_id", &self.subject_id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// May this person do that anywhere at all?
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// The record that the store put in, if it is of type `T`.
    pub fn held<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.record.downcast_ref()
    }
}

/// Where sessions are kept.
pub trait Identity: fmt::Debug + Send + Sync + 'static {
    /// Who holds `token` at `at`; `None` for unknown, ended and timed-out ones alike.
    fn lookup<'a>(
        &'a self,
        token: &'a str,
        at: Timestamp,
    ) -> BoxFuture<'a, Result<Option<Session>, Problem>>;

    /// Notes that the session was used. Called after the handler has answered a page that needed the session.
    fn seen<'a>(&'a self, session: &'a Session, at: Timestamp) -> BoxFuture<'a, ()>;
}

/// A logged-in candidate.
#[derive(Debug, Clone)]
pub struct Candidate(pub Session);

/// A member of staff who holds the permission `P` somewhere.
#[derive(Debug, Clone)]
pub struct Staff<P: Requires> {
    /// His session.
    pub session: Session,
    permission: PhantomData<P>,
}

/// A permission as a type, for [`Staff`].
pub trait Requires: fmt::Debug + Clone + Send + Sync + 'static {
    /// The permission; `None` for any logged-in member of staff.
    const PERMISSION: Option<Permission>;
}

/// Any logged-in member of staff.
#[derive(Debug, Clone)]
pub struct Anybody;

impl Requires for Anybody {
    const PERMISSION: Option<Permission> = None;
}

fn session_of(parts: &Parts, kind: Kind) -> Result<Session, PageError> {
    Visit::of(parts)?
        .session()
        .filter(|session| session.kind == kind)
        .cloned()
        .ok_or_else(|| Problem::Forbidden.into())
}

impl<S: Send + Sync> FromRequestParts<S> for Candidate {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        session_of(parts, Kind::Candidate).map(Self)
    }
}

impl<S: Send + Sync, P: Requires> FromRequestParts<S> for Staff<P> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let session = session_of(parts, Kind::Staff)?;
        match P::PERMISSION {
            Some(permission) if !session.may(permission) => Err(Problem::Forbidden.into()),
            _ => Ok(Self {
                session,
                permission: PhantomData,
            }),
        }
    }
}
