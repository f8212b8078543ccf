//! 打印: the PDF of one's own ticket, and the count of how often.

use db::{Command, Lane, Tx};

use super::cache::{self, Kept, Paper};
use super::{Ticket, store, template};
use crate::{Ctx, Error, Result};

/// The PDF of one ticket: two downloads of the same ticket are the same bytes. Counts the printing; call it from a POST.
///
/// # Errors
/// As [`super::own`]; `Refused` when the exam's notice doesn't fit on the page.
pub async fn download(ctx: &Ctx, ticket: Ticket) -> Result<Vec<u8>> {
    let app = &ctx.app;
    let layout = template::layout(app, &ticket.exam).await?;
    let code = ticket.code(app);
    let said = (ticket.content, code);
    let paper = Paper::of(&ticket.exam, &ticket.row, said, ticket.plan, &layout);
    let (bytes, kept) = cache::pdf(app, &paper).await?;
    let path = kept.as_ref().map(|kept| kept.path().to_owned());
    let command = Print {
        application: (ticket.row.id, ticket.row.exam_id),
        at: ctx.at,
        kept,
    };
    match app.db().write(Lane::Interactive, command).await {
        Ok(stale) => {
            cache::delete(app, stale).await;
            Ok(bytes)
        }
        Err(error) => {
            cache::delete(app, path).await;
            Err(error)
        }
    }
}

struct Print {
    /// Its id and its exam's.
    application: (i64, i64),
    at: domain::time::Timestamp,
    /// The file to be named, where the ticket was set anew.
    kept: Option<Kept>,
}

impl Command for Print {
    const NAME: &'static str = "ticket.print";
    /// The file that isn't needed any more.
    type Out = Option<String>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<String>> {
        store::print_count(tx, self.application, self.at.micros()).await?;
        match &self.kept {
            Some(kept) => kept.name(tx, self.at).await,
            None => Ok(None),
        }
    }
}
