//! Staged rows become accounts, and what becomes of those: closed with a withdrawn import, lapsed, counted.

use db::{Command, Crowd, Lane, Tx};
use domain::account::legacy::{MOST_PER_MOBILE, crowded};
use domain::id_number::{IdDocument, IdType};
use domain::phone::Mobile;
use serde_json::json;

use super::stage::{OVERTAKEN, clear, known_problem, problem};
use super::store::{self, AccountInsert, EntryRow, ImportRow};
use super::{CHUNK, object};
use crate::account::session::Kind;
use crate::account::signup::Sealed;
use crate::account::store as accounts;
use crate::{Ctx, Error, Result, Stamp};

fn chunk() -> i64 {
    i64::try_from(CHUNK).unwrap_or(i64::MAX)
}

/// Makes the next accounts. `false` once there are none left.
///
/// # Errors
/// `Conflict` if another worker has the chunk.
pub async fn make_some(ctx: &Ctx, import: &ImportRow) -> Result<bool> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let entries = store::entries(&mut scan, import.id, chunk()).await?;
    let stamp = Stamp::of(ctx);
    if entries.is_empty() {
        let command = Done {
            stamp,
            import_id: import.id,
        };
        ctx.app.db().write(Lane::Background, command).await?;
        return Ok(false);
    }
    let first = ctx
        .app
        .reserve_ids(u32::try_from(entries.len()).unwrap_or(u32::MAX));
    let rows = (first..)
        .zip(&entries)
        .map(|(id, entry)| account(ctx, id, entry))
        .collect::<Result<Vec<_>>>()?;
    let command = Make {
        stamp,
        import_id: import.id,
        lapses_at: import
            .lapses_at
            .ok_or(Error::inconsistent("legacy_import.lapses_at"))?,
        rows,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(true)
}

/// An account about to be made.
struct NewAccount {
    id: i64,
    entry: i64,
    line: i64,
    name: String,
    id_type: String,
    mobile: Mobile,
    sealed: Sealed,
}

fn account(ctx: &Ctx, id: i64, entry: &EntryRow) -> Result<NewAccount> {
    let number = clear(ctx, "id_number", entry.id, &entry.id_number)?;
    let id_type =
        IdType::parse(&entry.id_type).ok_or(Error::inconsistent("legacy_entry.id_type"))?;
    let document = IdDocument::from_stored(id_type, &number);
    let mobile = Mobile::parse(&clear(ctx, "mobile", entry.id, &entry.mobile)?)
        .map_err(|e| Error::internal("legacy_entry.mobile", e))?;
    Ok(NewAccount {
        id,
        entry: entry.id,
        line: entry.line,
        name: entry.name.clone(),
        id_type: entry.id_type.clone(),
        sealed: Sealed::of(&ctx.app, id, &document, &mobile),
        mobile,
    })
}

struct Make {
    stamp: Stamp,
    import_id: i64,
    lapses_at: i64,
    rows: Vec<NewAccount>,
}

/// What became of a row.
enum Became {
    Account,
    Known,
    Crowded,
}

impl Make {
    async fn one(&self, tx: &mut Tx, row: &NewAccount, public_id: &str) -> Result<Became> {
        // Each row goes with its account: whoever comes second finds nothing to take.
        if store::entry_take(tx, row.entry).await? == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        let at = self.stamp.at.micros();
        accounts::account_lapse(tx, &row.sealed.id_index, at).await?;
        let there = accounts::accounts_by_number(tx, &row.sealed.id_index).await?;
        if !there.is_empty() {
            return Ok(Became::Known);
        }
        let sharing = accounts::accounts_with_mobile(tx, &row.sealed.mobile_index).await?;
        if sharing >= i64::from(MOST_PER_MOBILE) {
            return Ok(Became::Crowded);
        }
        let insert = AccountInsert {
            id: row.id,
            public_id,
            import_id: self.import_id,
            id_type: &row.id_type,
            id_number: &row.sealed.id_number,
            id_index: &row.sealed.id_index,
            name: &row.name,
            mobile: &row.sealed.mobile,
            mobile_index: &row.sealed.mobile_index,
            lapses_at: self.lapses_at,
            at,
        };
        // Somebody may be signing up with this number at this very moment.
        Ok(match store::account_import(tx, &insert).await? {
            0 => Became::Known,
            _ => Became::Account,
        })
    }
}

impl Command for Make {
    const NAME: &'static str = "account.legacy_make";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (mut made, mut missed) = (Vec::new(), 0);
        for row in &self.rows {
            let public_id = trail.public_id(row.id).to_string();
            let told = match self.one(tx, row, &public_id).await? {
                Became::Account => {
                    made.push(row.id);
                    continue;
                }
                Became::Known => known_problem(row.line),
                Became::Crowded => {
                    let line = u32::try_from(row.line).unwrap_or(u32::MAX);
                    problem(row.line, 0, "error", &crowded(line, &row.mobile))
                }
            };
            missed += 1;
            store::problem_insert(tx, self.import_id, &told).await?;
        }
        let count = i64::try_from(made.len()).unwrap_or(i64::MAX);
        if store::import_made(tx, self.import_id, (count, missed)).await? == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        // One entry for the commit: the accounts say themselves which import they are of.
        let detail = json!({
            "made": count, "missed": missed, "first": made.first().map(i64::to_string), "last": made.last().map(i64::to_string),
        });
        trail
            .audit(tx, "account.legacy_make", object(self.import_id), detail)
            .await
    }
}

struct Done {
    stamp: Stamp,
    import_id: i64,
}

impl Command for Done {
    const NAME: &'static str = "account.legacy_done";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::import_move(tx, self.import_id, "making", "done").await? == 0 {
            return Ok(());
        }
        self.stamp
            .trail()
            .audit(tx, "account.legacy_done", object(self.import_id), json!({}))
            .await
    }
}

/// Closes the next accounts of a withdrawn import that nobody has opened. `false` once there are none left.
pub(super) async fn take_back_some(ctx: &Ctx, import: &ImportRow) -> Result<bool> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let accounts = store::waiting(&mut scan, import.id, chunk()).await?;
    let more = !accounts.is_empty();
    let command = TakeBack {
        stamp: Stamp::of(ctx),
        import_id: import.id,
        accounts,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    ctx.app.sessions().clear();
    if !more {
        settle(ctx, import.id).await?;
    }
    Ok(more)
}

struct TakeBack {
    stamp: Stamp,
    import_id: i64,
    /// None: it is over.
    accounts: Vec<i64>,
}

impl Command for TakeBack {
    const NAME: &'static str = "account.legacy_take_back";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        if self.accounts.is_empty() {
            store::import_move(tx, self.import_id, "withdrawing", "withdrawn").await?;
            return Ok(());
        }
        let mut closed = 0;
        for id in &self.accounts {
            if store::account_take_back(tx, *id, self.stamp.at.micros()).await? == 0 {
                continue;
            }
            closed += 1;
            accounts::sessions_delete_of(tx, Kind::Activation.code(), *id).await?;
            store::account_forget(tx, *id).await?;
        }
        let detail = json!({ "closed": closed });
        trail
            .audit(
                tx,
                "account.legacy_take_back",
                object(self.import_id),
                detail,
            )
            .await
    }
}

/// Removes the next staged rows of an import that was given up. `false` once there are none left.
pub(super) async fn drop_some(ctx: &Ctx, import: &ImportRow) -> Result<bool> {
    let command = DropSome {
        import_id: import.id,
    };
    Ok(ctx.app.db().write(Lane::Background, command).await? > 0)
}

struct DropSome {
    import_id: i64,
}

impl Command for DropSome {
    const NAME: &'static str = "account.legacy_drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::entries_drop(tx, self.import_id, chunk()).await?)
    }
}

/// Empties what lapsed, and writes down what became of an import's accounts.
pub(super) async fn settle(ctx: &Ctx, import: i64) -> Result<()> {
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let lapsed = store::lapsed_named(&mut scan, import, chunk()).await?;
        if lapsed.is_empty() {
            break;
        }
        let command = Forget { accounts: lapsed };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let counts = store::counts(&mut ctx.app.db().scan(Crowd::System), import).await?;
    let command = Count {
        import_id: import,
        counts,
        at: ctx.at.micros(),
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Forget {
    accounts: Vec<i64>,
}

impl Command for Forget {
    const NAME: &'static str = "account.legacy_forget";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for id in &self.accounts {
            store::account_forget(tx, *id).await?;
        }
        Ok(())
    }
}

struct Count {
    import_id: i64,
    counts: store::Counts,
    at: i64,
}

impl Command for Count {
    const NAME: &'static str = "account.legacy_count";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let counts = self.counts;
        let became = (counts.activated, counts.lapsed, counts.closed);
        let settled = counts.waiting == 0;
        store::import_counted(tx, self.import_id, became, settled, self.at).await?;
        Ok(())
    }
}
