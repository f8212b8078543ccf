//! What a candidate does to an application besides saving it: withdraw, appeal.

use db::{Command, Lane, Tx};
use domain::application::Event;

use super::advance::{Extra, advance_with};
use super::store::{self, ApplicationRow};
use crate::{App, Ctx, Error, Result, Stamp};

/// An application of the asking candidate; somebody else's isn't found.
pub(crate) async fn own_row(ctx: &Ctx, public_id: &str) -> Result<ApplicationRow> {
    let account_id = ctx.candidate()?;
    store::application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.account_id == account_id && row.life != "draft")
        .ok_or(Error::NotFound)
}

/// 取消报名. Done twice, it is done once.
pub async fn withdraw(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = own_row(ctx, public_id).await?;
    if row.life == "ended" && row.end_reason == "withdrawn" {
        return Ok(());
    }
    step(ctx, &row, Event::Withdraw, "").await
}

/// 申诉 against a refusal, with what the candidate has to say.
///
/// # Errors
/// `Fields` under `note`.
pub async fn appeal(ctx: &Ctx, public_id: &str, note: &str) -> Result<()> {
    let row = own_row(ctx, public_id).await?;
    let length = note.trim().chars().count();
    if !(10..=500).contains(&length) {
        return Err(Error::field(
            "note",
            format!("请用 10 至 500 个字写明申诉理由，您写了 {length} 个字"),
        ));
    }
    step(ctx, &row, Event::Appeal, note.trim()).await
}

async fn step(ctx: &Ctx, row: &ApplicationRow, event: Event, note: &str) -> Result<()> {
    let command = Change {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: row.id,
        event,
        note: note.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Change {
    stamp: Stamp,
    app: App,
    id: i64,
    event: Event,
    note: String,
}

impl Command for Change {
    const NAME: &'static str = "application.change";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let extra = Extra {
            note: &self.note,
            ..Extra::default()
        };
        advance_with(tx, &mut trail, &self.app, self.id, self.event, &extra).await?;
        Ok(())
    }
}
