//! Why a request isn't answered with the page that was asked for.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// Why a request isn't answered with the page that was asked for.
#[derive(Debug)]
pub enum Problem {
    /// What was sent can't be read. The text says so in the visitor's words.
    BadRequest(&'static str),
    /// The form's token isn't this visitor's.
    NotOurForm,
    /// A form came from another site.
    ForeignOrigin,
    /// The role doesn't reach this far.
    Forbidden,
    /// No such page or record, or somebody else's: the two look the same from outside.
    NotFound,
    /// The page exists, but not for this method.
    MethodNotAllowed,
    /// Somebody was faster. The text says what to look at.
    Conflict(String),
    /// More than `limit` bytes were sent.
    TooLarge {
        /// The route's bound in bytes.
        limit: usize,
    },
    /// A body of a type that no form sends.
    UnsupportedType,
    /// What was sent was understood and can't be used, outside a form that could show it again.
    Unprocessable(String),
    /// Too many tries.
    TooMany {
        /// When the next try is welcome.
        wait: Duration,
    },
    /// A rule stands in the way: not open yet, closed, full, not eligible.
    Refused(Refusal),
    /// More visitors than can be served at once.
    Busy {
        /// When to come again.
        wait: Duration,
    },
    /// The page took too long to make.
    TooSlow,
    /// The body took too long to come.
    SlowBody,
    /// The database can't be reached.
    DatabaseAway,
    /// Nothing can be stored: the disk is full.
    DiskFull,
    /// A fault of ours. Logged once, with its causes.
    Internal {
        /// What we were doing, without personal data.
        what: &'static str,
        /// The cause.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// A rule that stands in the way, in the visitor's words: the fact, then the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code for tests and statistics.
    pub code: &'static str,
    /// The heading.
    pub title: String,
    /// What happened and what can be done now.
    pub text: String,
    /// A button: what it says and where it leads.
    pub way_out: Option<(String, String)>,
    /// Something to wait for rather than a no (尚未开始): the page is calm instead of red.
    pub waits: bool,
    /// Something that the reader has to do first (个人信息还没有填完) rather than a no: as calm.
    pub hint: bool,
}

impl Refusal {
    /// A refusal with its code, heading and text.
    pub fn new(code: &'static str, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            text: text.into(),
            way_out: None,
            waits: false,
            hint: false,
        }
    }

    /// The same as a plain hint: nothing was refused, something comes first.
    #[must_use]
    pub fn as_hint(mut self) -> Self {
        self.hint = true;
        self
    }

    /// 报名尚未开始: says when it opens (`3月16日 9:00`).
    pub fn not_open(what: &str, opens: &str) -> Self {
        let mut refusal = Self::new(
            "not_open",
            format!("{what}尚未开始"),
            format!("{what}尚未开始，{opens} 开放。届时请再打开本页，不必提前等候。"),
        );
        refusal.waits = true;
        refusal
    }

    /// 报名已经截止: says when it closed.
    pub fn closed(what: &str, closed: &str) -> Self {
        Self::new(
            "closed",
            format!("{what}已经截止"),
            format!("{what}已于 {closed} 截止，现在不能再办理。其他考试的时间见首页“近期时间”。"),
        )
    }

    /// 刚刚报满.
    pub fn full(what: &str) -> Self {
        Self::new(
            "full",
            format!("{what}已经报满"),
            format!("{what}刚刚报满。您填的内容已保留，可以另选岗位。"),
        )
    }

    /// With a button that leads on.
    #[must_use]
    pub fn way_out(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.way_out = Some((text.into(), href.into()));
        self
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Problem {
    /// A fault of ours without another error behind it.
    pub fn internal(what: &'static str) -> Self {
        Self::Internal { what, source: None }
    }

    /// A fault of ours with its cause.
    pub fn caused<E: Error + Send + Sync + 'static>(what: &'static str, source: E) -> Self {
        Self::Internal {
            what,
            source: Some(Box::new(source)),
        }
    }

    /// The status that says it to machines.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotOurForm | Self::ForeignOrigin | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            // The request was right and the rule says no: a page like any other, that must not be cached.
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::Busy { .. } | Self::TooSlow | Self::DatabaseAway | Self::DiskFull => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What `Retry-After` says.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooMany { wait } | Self::Busy { wait } => Some(*wait),
            Self::TooSlow | Self::DatabaseAway => Some(Duration::from_secs(30)),
            Self::DiskFull => Some(Duration::from_secs(300)),
            _ => None,
        }
    }

    /// The problem that a bare status from below stands for.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Self::Forbidden,
            StatusCode::CONFLICT => Self::Conflict("这条记录刚被更改过，请返回后重新打开。".into()),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedType,
            StatusCode::REQUEST_TIMEOUT => Self::SlowBody,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy {
                wait: Duration::from_secs(10),
            },
            status if status.is_client_error() => {
                Self::BadRequest("这个地址或表单的内容不完整。请返回后从页面上的链接进入。")
            }
            _ => Self::internal("a bare error status"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal { what, .. } => write!(f, "internal: {what}"),
            Self::Refused(refusal) => write!(f, "refused: {}", refusal.code),
            other => write!(f, "{}", other.status()),
        }
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Internal {
                source: Some(source),
                ..
            } => Some(source.as_ref()),
            _ => None,
        }
    }
}
