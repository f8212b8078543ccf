//! Sessions: an opaque token in a cookie, its hash in the database, a row only after a login.
//!
//! A session dies by time-out, by logout, a fixed time after the login however much it is used, and at once when its account's `epoch` moves on: a changed password, a frozen
//! or closed account, a disabled member of staff (invariant 26). On SQLite each request reads the row (5 µs); on PostgreSQL it is
//! remembered for up to [`CACHE_SECONDS`], which bounds how long another process may still honour a dead session.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::{Backend, Command, Lane, Tx};
use domain::staff::Permission;
use domain::time::Timestamp;
use moka::sync::Cache;
use vault::Token;

use super::store;
use crate::staff::Grants;
use crate::{App, Ctx, Error, Result, Stamp};

/// How long a process may remember a session on PostgreSQL.
pub const CACHE_SECONDS: u64 = 30;
/// `last_seen_at` is written at most this often.
const TOUCH_MICROS: i64 = 5 * 60 * 1_000_000;

/// What a session opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Everything of a candidate's.
    Candidate,
    /// Only the page that sets the first password (`manual_bound`, step 4).
    Activation,
    /// The office.
    Staff,
    /// Only the page that asks for the second factor, or sets up what is missing.
    StaffHalf,
}

impl Kind {
    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Activation => "activation",
            Self::Staff => "staff",
            Self::StaffHalf => "staff_half",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [
            Self::Candidate,
            Self::Activation,
            Self::Staff,
            Self::StaffHalf,
        ]
        .into_iter()
        .find(|kind| kind.code() == code)
    }

    fn seconds(self, app: &App) -> i64 {
        match self {
            Self::Candidate => app.policy().candidate_session,
            Self::Activation | Self::StaffHalf => 30 * 60,
            Self::Staff => app.policy().staff_session,
        }
    }

    /// How long after the login a session of this kind may be used at most, in seconds.
    fn longest(self, app: &App) -> i64 {
        match self {
            Self::Candidate => app.policy().candidate_longest,
            Self::Activation | Self::StaffHalf => 30 * 60,
            Self::Staff => app.policy().staff_longest,
        }
    }

    /// When a session that began at `began` ends, unless it is used after `at`.
    fn ends(self, app: &App, began: Timestamp, at: Timestamp) -> Timestamp {
        let last = began.plus_seconds(self.longest(app));
        at.plus_seconds(self.seconds(app)).min(last)
    }
}

/// A living session.
#[derive(Debug, Clone)]
pub struct Session {
    /// `session.id`.
    pub id: i64,
    /// What it opens.
    pub kind: Kind,
    /// The account or member of staff.
    pub subject_id: i64,
    /// The name shown on top of the page.
    pub name: String,
    /// The category door that the candidate came through; empty for staff.
    pub door: String,
    /// When it ends unless used.
    pub expires_at: Timestamp,
    /// The one exam that the account was made for, by `exam.id`, if it is a rehearsal's.
    pub rehearses: Option<i64>,
    /// What a member of staff may do, with its scope; nothing for candidates.
    pub grants: Grants,
    created_at: Timestamp,
    /// Shared by every copy of what is remembered, so that one use is noted once.
    last_seen_at: Arc<AtomicI64>,
}

impl Session {
    /// What this person may do anywhere at all: decides which routes open, never how far they reach.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(|permission| self.grants.any(*permission))
            .collect()
    }
}

/// Remembered sessions; present on PostgreSQL only.
#[derive(Debug, Clone)]
pub struct SessionCache(Option<Cache<[u8; 32], Session>>);

impl SessionCache {
    /// A cache that suits the database.
    pub fn for_backend(backend: Backend) -> Self {
        Self(match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(
                Cache::builder()
                    .max_capacity(200_000)
                    .time_to_live(Duration::from_secs(CACHE_SECONDS))
                    .build(),
            ),
        })
    }

    /// Forgets all: a session ended, somewhere.
    pub fn clear(&self) {
        if let Some(cache) = &self.0 {
            cache.invalidate_all();
        }
    }
}

/// Who holds `token` at `at`. `None` for unknown, ended and timed-out ones alike.
pub async fn lookup(app: &App, token: &str, at: Timestamp) -> Result<Option<Session>> {
    let Some(hash) = Token::hash_of(token) else {
        return Ok(None);
    };
    if let Some(found) = app.sessions().0.as_ref().and_then(|cache| cache.get(&hash)) {
        // One that seems to have ended may have been used since it was remembered: the row knows.
        if found.expires_at > at {
            return Ok(Some(found));
        }
    }
    let Some(row) = store::session_find(&mut app.db().read(), &hash).await? else {
        return Ok(None);
    };
    let Some(kind) = Kind::parse(&row.kind) else {
        return Err(Error::inconsistent("session.kind"));
    };
    let alive = match kind {
        Kind::Candidate => row.account_state.as_deref() == Some("active"),
        Kind::Activation => row.account_state.as_deref() == Some("pending"),
        Kind::Staff | Kind::StaffHalf => {
            row.staff_state.as_deref().is_some_and(|s| s != "disabled")
        }
    };
    let subject_epoch = row.account_epoch.or(row.staff_epoch);
    if !alive || subject_epoch != Some(row.epoch) || row.expires_at <= at.micros() {
        return Ok(None);
    }
    let grants = match kind {
        Kind::Staff => crate::staff::grants(app, row.subject_id).await?,
        _ => Grants::default(),
    };
    let session = Session {
        id: row.id,
        kind,
        subject_id: row.subject_id,
        name: row.account_name.or(row.staff_name).unwrap_or_default(),
        door: row.door,
        rehearses: row.account_rehearsal,
        expires_at: Timestamp::from_micros(row.expires_at),
        grants,
        created_at: Timestamp::from_micros(row.created_at),
        last_seen_at: Arc::new(AtomicI64::new(row.last_seen_at)),
    };
    if let Some(cache) = &app.sessions().0 {
        cache.insert(hash, session.clone());
    }
    Ok(Some(session))
}

/// Notes that the session was used, at most every five minutes; called after the answer is on its way.
pub async fn touch(app: &App, session: &Session, at: Timestamp) -> Result<()> {
    let due = |seen: i64| (at.micros() - seen >= TOUCH_MICROS).then_some(at.micros());
    let noted = session
        .last_seen_at
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due);
    if noted.is_err() {
        return Ok(());
    }
    let expires_at = session.kind.ends(app, session.created_at, at).micros();
    app.db()
        .write(
            Lane::Background,
            Touch {
                id: session.id,
                at: at.micros(),
                expires_at,
            },
        )
        .await
}

struct Touch {
    id: i64,
    at: i64,
    expires_at: i64,
}

impl Command for Touch {
    const NAME: &'static str = "session.touch";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::session_touch(tx, self.id, self.at, self.expires_at).await?;
        Ok(())
    }
}

/// A session about to be stored, made before the command that stores it.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    /// For the cookie; nowhere else.
    pub(crate) token: Token,
    kind: Kind,
    door: String,
    network: String,
    device: String,
    at: i64,
    expires_at: i64,
}

impl NewSession {
    /// A fresh session for what `ctx` asks.
    pub(crate) fn new(ctx: &Ctx, kind: Kind, door: &str) -> Self {
        Self {
            token: Token::random(ctx.app.entropy()),
            kind,
            door: door.to_owned(),
            network: ctx.network.clone(),
            device: ctx.device.chars().take(120).collect(),
            at: ctx.at.micros(),
            expires_at: kind.ends(&ctx.app, ctx.at, ctx.at).micros(),
        }
    }

    /// Stores it for the account or member of staff `subject_id`.
    pub(crate) async fn insert(&self, tx: &mut Tx, id: i64, subject: (i64, i64)) -> Result<()> {
        let row = store::SessionInsert {
            id,
            token_hash: self.token.hash(),
            kind: self.kind.code(),
            subject_id: subject.0,
            epoch: subject.1,
            door: &self.door,
            network: &self.network,
            device: &self.device,
            at: self.at,
            expires_at: self.expires_at,
        };
        store::session_insert(tx, &row).await?;
        Ok(())
    }
}

/// Ends one session.
pub async fn logout(ctx: &Ctx, session: &Session) -> Result<()> {
    let command = Logout {
        id: session.id,
        stamp: Stamp::of(ctx),
        kind: session.kind,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct Logout {
    id: i64,
    kind: Kind,
    stamp: Stamp,
}

impl Command for Logout {
    const NAME: &'static str = "session.logout";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if store::session_delete(tx, self.id).await? == 1 {
            let object = crate::Object {
                kind: "session",
                id: self.id,
                exam_id: 0,
            };
            trail
                .audit(
                    tx,
                    "session.logout",
                    object,
                    serde_json::json!({ "kind": self.kind.code() }),
                )
                .await?;
        }
        Ok(())
    }
}

/// Ends one session in the caller's transaction.
pub(crate) async fn end(tx: &mut Tx, id: i64) -> Result<()> {
    store::session_delete(tx, id).await?;
    Ok(())
}
