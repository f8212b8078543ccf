//! 操作日志 as the office reads it: filters, pages by key, and how the chain stands.

use db::Crowd;
use domain::staff::Permission;
use domain::time::Date;

use super::find;
use super::store::{self, ListedRow, Narrow};
use super::verify::{self, Report};
use crate::{Ctx, Result};

/// What the list is narrowed to; empty narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `staff`, `candidate`, `system`, `gateway`, `anonymous`.
    pub actor_kind: String,
    /// A member of staff's user name or whole name: what he did, and who tried in vain to get in as him.
    pub username: String,
    /// 报名序号, 缴费单号, 考试代码 or a user name: what happened to that, and to what belongs to it.
    pub number: String,
    /// An action, exactly: `staff.login`.
    pub action: String,
    /// Turned round: every action but that one.
    pub other: bool,
    /// The oldest first, not the newest.
    pub oldest: bool,
    /// What was acted on: `account`, `exam`.
    pub object_kind: String,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

/// A page of entries; `before` is instant and id of the last one shown.
pub async fn entries(
    ctx: &Ctx,
    filter: &Filter,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<ListedRow>> {
    ctx.allow(Permission::AuditView)?;
    let (actor_kind, actor_id) = if filter.username.trim().is_empty() {
        (filter.actor_kind.as_str(), 0)
    } else {
        ("staff", find::actor(ctx, &filter.username).await?)
    };
    let objects = if filter.number.trim().is_empty() {
        Vec::new()
    } else {
        find::objects(ctx, &filter.number).await?
    };
    let narrow = Narrow {
        from: filter.from.map_or(0, |day| day.start().micros()),
        until: filter.until.map_or(i64::MAX, |day| day.end().micros()),
        actor_kind,
        actor_id,
        action: filter.action.trim(),
        other: filter.other && !filter.action.trim().is_empty(),
        oldest: filter.oldest,
        object_kind: filter.object_kind.trim(),
        objects: &objects,
        before: before.unwrap_or(if filter.oldest {
            (0, 0)
        } else {
            (i64::MAX, i64::MAX)
        }),
    };
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut rows = store::entries_listed(&mut scan, &narrow, limit).await?;
    find::name(ctx, &mut rows).await?;
    if rows.iter().any(|row| row.exam_id != 0) {
        // What was done in a rehearsal says so, also after it was wiped.
        let rehearsals = store::rehearsals(&mut scan).await?;
        for row in rows
            .iter_mut()
            .filter(|row| rehearsals.contains(&row.exam_id))
        {
            let what = row
                .object
                .take()
                .unwrap_or_else(|| row.object_id.to_string());
            row.object = Some(format!("{what}（演练）"));
        }
    }
    Ok(rows)
}

/// How the chain stands.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// How many entries are linked.
    pub links: i64,
    /// The newest link's hash, in hex: noted elsewhere it shows a cut-off tail later.
    pub head: String,
    /// When the newest link was made; none in a fresh system.
    pub sealed_at: Option<i64>,
    /// Entries older than a minute that no link holds: the sealer is behind.
    pub late: i64,
}

/// How the chain stands now.
pub async fn chain(ctx: &Ctx) -> Result<Chain> {
    ctx.allow(Permission::AuditView)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let newest = store::newest_link(&mut scan).await?;
    // Older ones are `audit verify`'s to find: this page looks at the last hour.
    let late = store::backlog_between(
        &mut scan,
        ctx.at.plus_seconds(-3600).micros(),
        ctx.at.plus_seconds(-60).micros(),
    )
    .await?;
    Ok(match newest {
        None => Chain {
            late,
            ..Chain::default()
        },
        Some((links, hash, sealed_at)) => Chain {
            links,
            head: hex::encode(hash),
            sealed_at: Some(sealed_at),
            late,
        },
    })
}

/// Checks the newest 2,000 links and their entries. The whole chain is checked by `baokao audit verify`.
pub async fn recheck(ctx: &Ctx) -> Result<Report> {
    ctx.allow(Permission::AuditView)?;
    verify::verify_recent(ctx.app.db(), ctx.app.audit_mac().as_ref(), ctx.at).await
}
