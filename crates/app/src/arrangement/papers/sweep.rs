//! The end of a run's days: the run is stopped and says nothing of a person any more, then its content goes, then the rows that
//! name it. Done again after a crash it does no harm.

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::invigilate::Invigilator;
use serde_json::json;

use super::store;
use super::{RunRow, Wanted};
use crate::{Ctx, Error, Result, Stamp, object};

/// Runs of one round.
const RUNS: i64 = 20;
/// Files of one commit.
const FILES: i64 = 200;

/// Empties what has expired. Returns how many runs it worked on.
///
/// # Errors
/// Trouble with the database or the store.
pub async fn sweep(ctx: &Ctx) -> Result<usize> {
    let now = ctx.at.micros();
    let mut scan = ctx.app.db().scan(Crowd::System);
    let due = store::expired(&mut scan, now, RUNS).await?;
    for (id, _) in &due {
        let Some(row) = store::run_by_id(&mut ctx.app.db().read(), *id).await? else {
            continue;
        };
        let command = Expire {
            stamp: Stamp::of(ctx),
            text: without_people(&row)?,
            row,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let left = store::left_over(&mut ctx.app.db().scan(Crowd::System), RUNS).await?;
    for id in &left {
        empty(ctx, *id).await?;
    }
    Ok(due.len().max(left.len()))
}

/// What was asked for, with the number of those who might invigilate and no name.
fn without_people(row: &RunRow) -> Result<String> {
    let wanted = Wanted {
        invigilators: Vec::<Invigilator>::new(),
        ..row.wanted()?
    };
    serde_json::to_string(&wanted).map_err(|e| Error::internal("paper_run.wanted", e))
}

async fn empty(ctx: &Ctx, run: i64) -> Result<()> {
    loop {
        let mut scan = ctx.app.db().scan(Crowd::System);
        let files = store::files_after(&mut scan, run, 0, FILES).await?;
        let Some(last) = files.last() else {
            return Ok(());
        };
        let through = last.seq;
        object::wipe(&ctx.app, files.iter().map(|file| file.path.as_str())).await?;
        let command = Clear { run, through };
        ctx.app.db().write(Lane::Background, command).await?;
    }
}

struct Expire {
    stamp: Stamp,
    row: RunRow,
    text: String,
}

impl Command for Expire {
    const NAME: &'static str = "arrangement.papers_expire";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let row = &self.row;
        // Another process was faster: nothing is left to say.
        if store::run_expire(tx, row.id, &self.text, self.stamp.at.micros()).await? == 0 {
            return Ok(());
        }
        let detail = json!({ "files": row.files });
        self.stamp
            .trail()
            .audit(tx, "arrangement.papers_expire", row.object(), detail)
            .await
    }
}

struct Clear {
    run: i64,
    through: i64,
}

impl Command for Clear {
    const NAME: &'static str = "arrangement.papers_drop";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::files_drop(tx, self.run, self.through).await?;
        Ok(())
    }
}
