//! A list for the authority: filled with what waits, taken by an officer for a reason, given up.

use db::{Command, Crowd, Lane, Tx};
use documents::xlsx::{ColumnSpec, Writer};
use domain::check::{BatchRow as Line, CheckKind, Subject, titles, watermark};
use domain::staff::Permission;
use serde_json::json;

use super::store::{self, BatchInsert, BatchRow};
use super::{digest, subject_now};
use crate::{Ctx, Error, Object, Result, Stamp};

pub use super::results::{confirm, problems, upload};

/// Rows written or read by one commit.
pub(super) const CHUNK: i64 = 500;
/// People on one list.
const MOST: i64 = 20_000;
/// How long a list can be taken.
const DAYS: i64 = 7;

pub(super) fn object(id: i64) -> Object {
    Object {
        kind: "check_batch",
        id,
        exam_id: 0,
    }
}

pub(super) const GONE: &str = "这份名单刚被别人处理过，请刷新后再看";

impl BatchRow {
    /// What it asks.
    ///
    /// # Errors
    /// `Internal` for a code that isn't in the table.
    pub fn asks(&self) -> Result<CheckKind> {
        CheckKind::from_code(&self.kind).ok_or(Error::inconsistent("check_batch.kind"))
    }

    /// Whether it can be taken at this time.
    pub fn is_open(&self, ctx: &Ctx) -> bool {
        let there = ["open", "reading", "staged"].contains(&self.state.as_str());
        there && self.expires_at > ctx.at.micros()
    }
}

/// How many questions of a kind wait for a list; beyond ten thousand only that they are more.
pub async fn waiting(ctx: &Ctx, kind: CheckKind) -> Result<i64> {
    ctx.allow(Permission::AccountDesk)?;
    Ok(store::waiting(&mut ctx.app.db().scan(Crowd::Staff), kind.code()).await?)
}

/// A page of lists, newest first.
pub async fn list(ctx: &Ctx, before: Option<i64>, limit: i64) -> Result<Vec<BatchRow>> {
    ctx.allow(Permission::AccountDesk)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::batches(&mut scan, before.unwrap_or(i64::MAX), limit).await?)
}

/// One list.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<BatchRow> {
    ctx.allow(Permission::AccountDesk)?;
    store::batch_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Puts what waits on a list, for a reason. Returns its public id.
///
/// # Errors
/// `Fields` under `reason`; `Refused` if nothing waits.
pub async fn make(ctx: &Ctx, kind: CheckKind, reason: &str) -> Result<String> {
    ctx.allow(Permission::AccountDesk)?;
    let hint = "请写明送哪个部门核验、用于哪场考试，4 至 200 个字";
    let reason = crate::reason::read("reason", reason, 4..=200, hint)?;
    if waiting(ctx, kind).await? == 0 {
        return Err(Error::refused(
            "nothing_waits",
            "没有待核验的考生",
            "考生激活账号、保存个人信息后，系统每分钟登记一次待核验的内容。",
        ));
    }
    let begin = Begin {
        stamp: Stamp::of(ctx),
        kind,
        reason,
        expires_at: ctx.at.plus_days(DAYS).micros(),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    let mut people = 0;
    while people < MOST {
        let fill = Fill { id, kind };
        let some = ctx.app.db().write(Lane::Background, fill).await?;
        if some == 0 {
            break;
        }
        people += some;
    }
    let done = Moved {
        id,
        states: ("filling", "open"),
    };
    ctx.app.db().write(Lane::Interactive, done).await?;
    Ok(public_id)
}

struct Begin {
    stamp: Stamp,
    kind: CheckKind,
    reason: String,
    expires_at: i64,
}

impl Command for Begin {
    const NAME: &'static str = "check.batch";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = BatchInsert {
            id,
            public_id: &public_id,
            kind: self.kind.code(),
            reason: &self.reason,
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
            expires_at: self.expires_at,
        };
        store::batch_insert(tx, &row).await?;
        let detail = json!({ "kind": self.kind.code(), "reason": self.reason });
        trail.audit(tx, "check.batch", object(id), detail).await?;
        Ok((id, public_id))
    }
}

struct Fill {
    id: i64,
    kind: CheckKind,
}

impl Command for Fill {
    const NAME: &'static str = "check.fill";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let some = store::batch_fill(tx, (self.id, self.kind.code()), CHUNK).await?;
        let some = i64::try_from(some).unwrap_or(i64::MAX);
        if store::batch_move(tx, self.id, ("filling", "filling"), some).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        Ok(some)
    }
}

struct Moved {
    id: i64,
    states: (&'static str, &'static str),
}

impl Command for Moved {
    const NAME: &'static str = "check.batch_move";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::batch_move(tx, self.id, self.states, 0).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        Ok(())
    }
}

/// The list with clear numbers, to be filled in by the authority. Each taking is recorded with its reason before it is given, and
/// the last row says who took it.
///
/// # Errors
/// `Fields` under `why`; `Refused` once its days are over.
pub async fn take(ctx: &Ctx, public_id: &str, why: &str) -> Result<Vec<u8>> {
    let batch = find(ctx, public_id).await?;
    let hint = "请写明下载的用途，4 至 100 个字";
    let why = crate::reason::read("why", why, 4..=100, hint)?;
    if !batch.is_open(ctx) {
        return Err(Error::refused(
            "batch_closed",
            "名单不能再下载",
            "名单只能在生成后 7 天内下载。没有送核验的，请放弃这份名单，重新生成。",
        ));
    }
    let kind = batch.asks()?;
    let xlsx = |e| Error::internal("xlsx", e);
    let columns: Vec<ColumnSpec> = titles(kind)
        .into_iter()
        .map(|(title, width)| ColumnSpec::new(title, width))
        .collect();
    let mut writer = Writer::new(kind.label(), &columns, ctx.at).map_err(xlsx)?;
    let (mut after, mut people) = (0, 0u64);
    loop {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let items = store::batch_items(&mut scan, batch.id, after, CHUNK).await?;
        let Some((last, ..)) = items.last() else {
            break;
        };
        after = *last;
        for (_, item, account_id, stored) in items {
            // What was changed since is another question, and goes on another list.
            let Some(subject) = subject_of(ctx, kind, account_id, &stored).await? else {
                continue;
            };
            people += 1;
            writer.row(&Line { item, subject }.cells()).map_err(xlsx)?;
        }
    }
    let staff = crate::staff::own(ctx).await?.row.name;
    let mark = format!(
        "{staff} 于 {} 下载，用途：{why}。只用于核验，用后删除，{} 前有效",
        ctx.at.to_local_minute(),
        domain::time::Timestamp::from_micros(batch.expires_at).to_local_minute(),
    );
    let mut last = watermark(&mark);
    last.resize(columns.len(), domain::sheet::Cell::Empty);
    writer.row(&last).map_err(xlsx)?;
    let bytes = writer.finish().map_err(xlsx)?;
    let command = Note {
        stamp: Stamp::of(ctx),
        id: batch.id,
        detail: json!({ "reason": why, "people": people }),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(bytes)
}

async fn subject_of(
    ctx: &Ctx,
    kind: CheckKind,
    account_id: i64,
    stored: &[u8],
) -> Result<Option<Subject>> {
    let subject = subject_now(&ctx.app, kind, account_id).await?;
    Ok(subject.filter(|one| digest(&ctx.app, one) == stored))
}

/// An audit row alone: what left the house is written down before it does.
struct Note {
    stamp: Stamp,
    id: i64,
    detail: serde_json::Value,
}

impl Command for Note {
    const NAME: &'static str = "check.take";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let detail = self.detail.clone();
        self.stamp
            .trail()
            .audit(tx, "check.take", object(self.id), detail)
            .await
    }
}

/// 放弃 a list without answers: who is on it waits again.
///
/// # Errors
/// `Conflict` once its answers count.
pub async fn discard(ctx: &Ctx, public_id: &str) -> Result<()> {
    let batch = find(ctx, public_id).await?;
    let command = Discard {
        stamp: Stamp::of(ctx),
        id: batch.id,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx
        .app
        .db()
        .write(Lane::Background, Release { id: batch.id })
        .await?
        > 0
    {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    id: i64,
}

impl Command for Discard {
    const NAME: &'static str = "check.discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut moved = 0;
        for from in ["filling", "open", "reading", "staged"] {
            moved += store::batch_move(tx, self.id, (from, "discarded"), 0).await?;
        }
        if moved == 0 {
            return Err(Error::Conflict(GONE));
        }
        self.stamp
            .trail()
            .audit(tx, "check.discard", object(self.id), json!({}))
            .await
    }
}

struct Release {
    id: i64,
}

impl Command for Release {
    const NAME: &'static str = "check.release";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let dropped = store::results_drop(tx, self.id, CHUNK).await?;
        Ok(dropped + store::batch_release(tx, self.id, CHUNK).await?)
    }
}
