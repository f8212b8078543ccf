//! 原系统账号: a centre that comes from another system brings its candidates' accounts along.
//!
//! An officer uploads the table; a job stages it ([`stage`]) and says line by line what is wrong. A second person confirms
//! ([`word`], 双人复核), and a job makes the accounts ([`make`]): `pending`, without password, cookie or code, waiting until a day
//! of the import (`account.lapses_at`) and not for the one day that a sign-up has. What opens one is a code sent to the mobile
//! that came along, or an activation code that two members of staff hand over against the document (`recovery`); the six digits
//! open nothing (assurance §5, 8). An account whose owner never came lapses, and what was brought along about him is emptied.
//!
//! An import: `reading → staged → asked → making → done → withdrawing → withdrawn`; `failed`, `discarded`.

mod list;
pub mod make;
mod stage;
mod word;

use db::Crowd;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};

use super::legacy_store as store;
use crate::chunks::{self, Over};
use crate::{App, Ctx, Error, Object, Result};

pub use list::{export_problems, find, list, problems, template};
pub use stage::upload;
pub use store::{ImportRow, ProblemRow};
pub use word::{ask_import, ask_withdrawal, discard, open_request};
pub(crate) use word::{changes, decide};

/// Rows read or written by one commit.
const CHUNK: usize = 100;
/// Staged and never confirmed: given up after so many days.
const FORGOTTEN_DAYS: i64 = 30;

fn object(id: i64) -> Object {
    Object {
        kind: "legacy_import",
        id,
        exam_id: 0,
    }
}

/// Does what an import's state asks for, chunk by chunk; goes on where it was after a crash.
#[derive(Debug, Serialize, Deserialize)]
pub struct Work {
    /// `legacy_import.id`.
    pub import: i64,
}

impl Job for Work {
    type State = App;
    const NAME: &'static str = "account.legacy";
    const QUEUE: &'static str = "account";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        let some = || async {
            let ctx = Ctx::system(app);
            let row = store::import_by_id(&mut app.db().scan(Crowd::System), self.import)
                .await?
                .ok_or(Error::NotFound)?;
            let more = next(&ctx, &row).await?;
            Ok(more.then_some((row.made + row.missed, row.rows_good)))
        };
        chunks::work(run, "个账号", some).await
    }
}

impl Over for Work {
    fn over(import: i64) -> Self {
        Self { import }
    }
}

/// The next chunk of what an import's state asks for. `false`: there is nothing more to do.
async fn next(ctx: &Ctx, row: &ImportRow) -> Result<bool> {
    match row.state.as_str() {
        "reading" => stage::stage(ctx, row).await,
        "making" => make::make_some(ctx, row).await,
        "withdrawing" => make::take_back_some(ctx, row).await,
        "discarded" => make::drop_some(ctx, row).await,
        _ => Ok(false),
    }
}

/// The same for an import by its public id: for demonstrations, which have no jobs.
///
/// # Errors
/// `NotFound`; `Conflict` if somebody was faster.
pub async fn step(ctx: &Ctx, import: &str) -> Result<bool> {
    let row = store::import_by_public_id(&mut ctx.app.db().read(), import)
        .await?
        .ok_or(Error::NotFound)?;
    next(ctx, &row).await
}

/// Puts a job in for every import that has something to do and no job any more.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::imports_unfinished(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Work>(ctx, &rows).await
}

/// Housekeeping: what was staged and forgotten is given up, lapsed accounts are emptied, and imports learn what became of theirs.
pub async fn tend(ctx: &Ctx) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let before = ctx.at.plus_days(-FORGOTTEN_DAYS).micros();
    for import in store::imports_forgotten(&mut scan, before).await? {
        word::give_up(ctx, import).await?;
    }
    for import in store::imports_unsettled(&mut scan).await? {
        make::settle(ctx, import).await?;
    }
    Ok(())
}
