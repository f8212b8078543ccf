//! What was typed and not yet saved.
//!
//! A dropped connection, an expired session or a page closed too early loses nothing: the form's fields are kept,
//! encrypted, per account and form, until the form is saved or a month has passed. Secrets are never among them.

mod store;
pub(crate) mod wipe_store;

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use vault::Place;

use crate::{Ctx, Error, Result};

/// Fields by name, as typed; a name may hold several values.
pub type Fields = BTreeMap<String, Vec<String>>;

/// Larger drafts are refused: no form of ours comes near.
const LONGEST: usize = 64 * 1024;

fn place(account_id: i64) -> Place {
    Place {
        table: "form_draft",
        column: "content",
        row: account_id,
    }
}

/// Keeps what was typed into `form`, in place of what was kept before.
pub async fn keep(ctx: &Ctx, form: &str, fields: &Fields) -> Result<()> {
    let account_id = ctx.candidate()?;
    let clear = serde_json::to_vec(fields).map_err(|e| Error::internal("form_draft", e))?;
    if clear.len() > LONGEST || form.len() > 80 {
        return Err(Error::refused(
            "draft_too_long",
            "内容太长",
            "暂存的内容太长，请先保存。",
        ));
    }
    let content = ctx
        .app
        .cipher()
        .seal(place(account_id), &clear, ctx.app.entropy());
    let command = Keep {
        account_id,
        form: form.to_owned(),
        content,
        at: ctx.at.micros(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Keep {
    account_id: i64,
    form: String,
    content: Vec<u8>,
    at: i64,
}

impl Command for Keep {
    const NAME: &'static str = "draft.keep";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::draft_put(tx, self.account_id, &self.form, &self.content, self.at).await?;
        Ok(())
    }
}

/// What was kept for `form`, and when.
pub async fn find(ctx: &Ctx, form: &str) -> Result<Option<(Fields, domain::time::Timestamp)>> {
    let account_id = ctx.candidate()?;
    let Some((content, saved_at)) =
        store::draft_find(&mut ctx.app.db().read(), account_id, form).await?
    else {
        return Ok(None);
    };
    let clear = ctx
        .app
        .cipher()
        .open(place(account_id), &content)
        .map_err(|e| Error::internal("form_draft.content", e))?;
    let fields = serde_json::from_slice(&clear).map_err(|e| Error::internal("form_draft", e))?;
    Ok(Some((
        fields,
        domain::time::Timestamp::from_micros(saved_at),
    )))
}

/// Forgets what was kept for `form`, because its owner doesn't want it.
pub async fn discard(ctx: &Ctx, form: &str) -> Result<()> {
    let command = Discard {
        account_id: ctx.candidate()?,
        form: form.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Discard {
    account_id: i64,
    form: String,
}

impl Command for Discard {
    const NAME: &'static str = "draft.discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::draft_delete(tx, self.account_id, &self.form).await?;
        Ok(())
    }
}

/// Forgets what was kept, in the transaction that saves the form.
pub(crate) async fn forget(tx: &mut Tx, account_id: i64, form: &str) -> Result<()> {
    store::draft_delete(tx, account_id, form).await?;
    Ok(())
}

/// Forgets drafts older than `before`, a few at a time; returns how many.
pub(crate) async fn sweep(tx: &mut Tx, before: i64) -> Result<u64> {
    Ok(store::drafts_sweep(tx, before).await?)
}

/// Forgets every draft of an account that is being closed.
pub(crate) async fn erase(tx: &mut Tx, account_id: i64) -> Result<()> {
    store::drafts_delete_of(tx, account_id).await?;
    Ok(())
}
