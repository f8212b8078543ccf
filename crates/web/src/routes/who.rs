//! Who may come to a route, and how much it takes.

use std::fmt;
use std::time::Duration;

use domain::staff::Permission;

/// 1,024 bytes.
pub const KIB: usize = 1024;
/// 1,048,576 bytes.
pub const MIB: usize = 1024 * KIB;

/// Who may come to a route. What they may see and do there is asked again by the use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Everybody, logged in or not.
    Anonymous,
    /// A logged-in candidate.
    Candidate,
    /// Somebody who proved an activation and sets a first password.
    Activation,
    /// A logged-in member of staff, whatever his role: the dashboard, his own password.
    AnyStaff,
    /// A member of staff who holds this permission somewhere.
    Staff(Permission),
    /// Somebody who gave a staff password and owes the second factor.
    StaffHalf,
    /// A payment or message channel: no cookie, no form; the handler checks a signature over the raw body.
    Gateway,
    /// A phone at the door of an exam: no cookie, no form; the handler looks at the token in `Authorization`, which no browser
    /// sends by itself, so that nobody else's page can make it speak. What it gets is kept by no cache.
    Device,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Candidate => f.write_str("candidate"),
            Self::Activation => f.write_str("activation"),
            Self::AnyStaff => f.write_str("staff"),
            Self::Staff(permission) => write!(f, "staff:{permission:?}"),
            Self::StaffHalf => f.write_str("staff_half"),
            Self::Gateway => f.write_str("gateway"),
            Self::Device => f.write_str("device"),
        }
    }
}

/// A [`Who`] with the route's bounds.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    who: Who,
    body: usize,
    body_time: Option<Duration>,
    page_time: Option<Duration>,
    file: bool,
    export: bool,
}

/// How long a list may take to be written to a file: half a million rows on a slow machine.
const EXPORT: Duration = Duration::from_secs(15 * 60);

impl From<Who> for Rule {
    fn from(who: Who) -> Self {
        Self {
            who,
            body: 256 * KIB,
            body_time: None,
            page_time: None,
            file: false,
            export: false,
        }
    }
}

impl Who {
    /// Takes bodies up to `bytes` instead of 256 KiB.
    #[must_use]
    pub fn body(self, bytes: usize) -> Rule {
        Rule {
            body: bytes,
            ..self.into()
        }
    }

    /// Gives a file: no form stands there.
    #[must_use]
    pub fn file(self) -> Rule {
        Rule {
            file: true,
            ..self.into()
        }
    }

    /// Writes a list to a file: takes its time, and one of the few places that there are for it
    /// ([`Limits::exports`](crate::kit::Limits::exports)).
    #[must_use]
    pub fn export(self) -> Rule {
        Rule {
            page_time: Some(EXPORT),
            export: true,
            ..self.into()
        }
    }

    /// May take `time` to be made, instead of the site's limit.
    #[must_use]
    pub fn page_time(self, time: Duration) -> Rule {
        Rule {
            page_time: Some(time),
            ..self.into()
        }
    }
}

impl Rule {
    /// The body may take `time` to come: for large uploads.
    #[must_use]
    pub fn body_time(self, time: Duration) -> Self {
        Self {
            body_time: Some(time),
            ..self
        }
    }

    /// May take `time` to be made, instead of the site's limit.
    #[must_use]
    pub fn page_time(self, time: Duration) -> Self {
        Self {
            page_time: Some(time),
            ..self
        }
    }

    /// Who may come.
    pub fn who(&self) -> Who {
        self.who
    }

    /// Is it a page, that a form may stand on?
    pub(crate) fn is_page(&self) -> bool {
        !self.file
    }

    pub(crate) fn is_export(&self) -> bool {
        self.export
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.body
    }

    pub(crate) fn body_wait(&self, otherwise: Duration) -> Duration {
        self.body_time.unwrap_or(otherwise)
    }

    pub(crate) fn page_wait(&self, otherwise: Duration) -> Duration {
        self.page_time.unwrap_or(otherwise)
    }
}
