//! 登录设备: where somebody is logged in, on his own page and on that of the security admin.

use db::{Command, Crowd, Lane, Tx};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::session::Session;
use super::store;
use crate::{Actor, App, Ctx, Error, Object, Result, Stamp};

/// A device on which somebody is logged in.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// What the button that ends it sends.
    pub handle: String,
    /// What the browser said of itself.
    pub device: String,
    /// Its network.
    pub network: String,
    /// When it logged in.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub seen_at: Timestamp,
    /// Is it the one that asks?
    pub current: bool,
}

/// Whose sessions: a kind of person and an id.
#[derive(Debug, Clone, Copy)]
struct Owner {
    kind: &'static str,
    object: &'static str,
    id: i64,
}

/// The asker himself.
fn own(ctx: &Ctx) -> Result<Owner> {
    match &ctx.actor {
        Actor::Staff(staff) => Ok(Owner {
            kind: "staff",
            object: "staff",
            id: staff.id,
        }),
        _ => Ok(Owner {
            kind: "candidate",
            object: "account",
            id: ctx.candidate()?,
        }),
    }
}

/// A colleague, to a security admin.
fn colleague(ctx: &Ctx, staff_id: i64) -> Result<Owner> {
    ctx.allow(Permission::StaffManage)?;
    Ok(Owner {
        kind: "staff",
        object: "staff",
        id: staff_id,
    })
}

fn handle(app: &App, id: i64) -> String {
    let index = app.index().index("session.handle", &id.to_string());
    hex::encode(index.get(..12).unwrap_or_default())
}

async fn of(ctx: &Ctx, owner: Owner) -> Result<Vec<store::OpenSessionRow>> {
    let crowd = match owner.kind {
        "staff" => Crowd::Staff,
        _ => Crowd::Candidates,
    };
    let mut scan = ctx.app.db().scan(crowd);
    Ok(store::sessions_of(&mut scan, owner.kind, owner.id, ctx.at.micros()).await?)
}

async fn listed(ctx: &Ctx, owner: Owner, current: i64) -> Result<Vec<OpenSession>> {
    let rows = of(ctx, owner).await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenSession {
            handle: handle(&ctx.app, row.id),
            current: row.id == current,
            device: row.device,
            network: row.network,
            created_at: Timestamp::from_micros(row.created_at),
            seen_at: Timestamp::from_micros(row.last_seen_at),
        })
        .collect())
}

/// Where the asker, a candidate or a member of staff, is logged in, last used first.
///
/// # Errors
/// `Forbidden` to who is nobody.
pub async fn sessions(ctx: &Ctx, current: &Session) -> Result<Vec<OpenSession>> {
    listed(ctx, own(ctx)?, current.id).await
}

/// Where a colleague is logged in.
///
/// # Errors
/// `Forbidden` to who doesn't manage the staff.
pub async fn sessions_of_staff(ctx: &Ctx, staff_id: i64) -> Result<Vec<OpenSession>> {
    listed(ctx, colleague(ctx, staff_id)?, 0).await
}

/// Ends the asker's session with this handle, or every session of his but the asking one.
///
/// # Errors
/// `Forbidden` to who is nobody.
pub async fn end_sessions(ctx: &Ctx, current: &Session, which: Option<&str>) -> Result<()> {
    end(ctx, own(ctx)?, which, current.id).await
}

/// Ends a colleague's session with this handle, or all of them.
///
/// # Errors
/// `Forbidden` to who doesn't manage the staff.
pub async fn end_sessions_of_staff(ctx: &Ctx, staff_id: i64, which: Option<&str>) -> Result<()> {
    end(ctx, colleague(ctx, staff_id)?, which, 0).await
}

async fn end(ctx: &Ctx, owner: Owner, which: Option<&str>, current: i64) -> Result<()> {
    let ids: Vec<i64> = of(ctx, owner)
        .await?
        .iter()
        .map(|row| row.id)
        .filter(|id| match which {
            Some(which) => handle(&ctx.app, *id) == which,
            None => *id != current,
        })
        .collect();
    let command = EndSessions {
        stamp: Stamp::of(ctx),
        owner,
        ids,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct EndSessions {
    stamp: Stamp,
    owner: Owner,
    ids: Vec<i64>,
}

impl Command for EndSessions {
    const NAME: &'static str = "account.end_sessions";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut ended = 0;
        for id in &self.ids {
            ended += store::session_delete(tx, *id).await?;
        }
        let object = Object {
            kind: self.owner.object,
            id: self.owner.id,
            exam_id: 0,
        };
        let detail = json!({ "ended": ended });
        let mut trail = self.stamp.trail();
        trail
            .audit(tx, "account.end_sessions", object, detail)
            .await
    }
}
