//! Who asks, and in what request: the first argument of every use case.

use domain::time::Timestamp;

use crate::App;
use crate::staff::Grants;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Somebody who hasn't logged in.
    Anonymous,
    /// A logged-in candidate, by account id.
    Candidate(i64),
    /// A logged-in member of staff with what he may do.
    Staff(StaffActor),
    /// A payment or message channel.
    Gateway,
    /// The clock, a job, or the operator at the command line.
    System,
}

/// A member of staff and the roles he holds, with their scope.
#[derive(Debug, Clone)]
pub struct StaffActor {
    /// `staff.id`.
    pub id: i64,
    /// What he may do, on which exam, for which unit.
    pub grants: Grants,
}

impl Actor {
    /// The code kept in audit rows and histories.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Candidate(_) => "candidate",
            Self::Staff(_) => "staff",
            Self::Gateway => "gateway",
            Self::System => "system",
        }
    }

    /// The account or staff id, 0 for those who have none.
    pub fn id(&self) -> i64 {
        match self {
            Self::Candidate(id) => *id,
            Self::Staff(staff) => staff.id,
            Self::Anonymous | Self::Gateway | Self::System => 0,
        }
    }
}

/// One request: who, when, from where. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The application's parts.
    pub app: App,
    /// Who asks.
    pub actor: Actor,
    /// The instant the request's head was read: deadlines are judged by it (DESIGN §4).
    pub at: Timestamp,
    /// The request's reference number, shown on error pages.
    pub request_id: String,
    /// The asker's network (IPv4 /24 or IPv6 /48 as text), for throttling; empty for system actors.
    pub network: String,
    /// A short description of the device, for the list of sessions; never used to decide anything.
    pub device: String,
    /// The one exam that a candidate's account was made for, by `exam.id`, if it is a rehearsal's (演练考生).
    pub rehearses: Option<i64>,
}

impl Ctx {
    /// A context for jobs and commands.
    pub fn system(app: &App) -> Self {
        Self {
            app: app.clone(),
            actor: Actor::System,
            at: app.now(),
            request_id: String::new(),
            network: String::new(),
            device: String::new(),
            rehearses: None,
        }
    }

    /// Who looks, from outside of the office.
    pub fn viewer(&self) -> crate::exam::Viewer {
        match self.rehearses {
            Some(exam) => crate::exam::Viewer::Rehearsing(exam),
            None => crate::exam::Viewer::Everybody,
        }
    }

    /// The same request, asked by somebody else (after a login).
    pub fn with_actor(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }

    /// The candidate who asks, or `Forbidden`.
    pub fn candidate(&self) -> crate::Result<i64> {
        match self.actor {
            Actor::Candidate(id) => Ok(id),
            _ => Err(crate::Error::Forbidden),
        }
    }

    /// The member of staff who asks, or `Forbidden`.
    pub fn staff(&self) -> crate::Result<&StaffActor> {
        match &self.actor {
            Actor::Staff(staff) => Ok(staff),
            _ => Err(crate::Error::Forbidden),
        }
    }
}
