//! Messages to candidates: the on-site inbox, and SMS through an outbox.
//!
//! A use case leaves a message in the transaction of the change it tells of ([`notify`]), so that there is never one without
//! the other. SMS wait in `outbox_message` and are sent by the `message.send` job: at least once, retried with growing
//! gaps, given up after [`send::MAX_TRIES`] (invariant 32); codes before everything else. Recipient and parameters are
//! encrypted.
//!
//! What a publication tells everybody goes out in rounds ([`round`]).

pub mod broadcast;
mod broadcast_store;
pub mod office;
pub mod round;
mod round_store;
mod send;
pub(crate) mod store;
mod sweep;
pub(crate) mod wipe_store;

use db::{Crowd, Tx};
use domain::time::Timestamp;
use vault::Place;

pub use send::{AT_ONCE, TOPIC, send_due};
pub use store::InboxRow;
pub use sweep::{KEPT_DAYS, sweep};

use crate::{App, Ctx, Result, Trail};

/// What stands beside an SMS that isn't sent because it would go to a rehearsal's account.
pub const REHEARSED: &str = "rehearsal";

/// What an SMS says: a template registered with the operator's provider, and its parameters in order.
#[derive(Debug, Clone)]
pub struct Sms {
    /// The template's name in the configuration: `signup_code`, `review_approved`, …
    pub template: &'static str,
    /// Parameters by name.
    pub params: Vec<(&'static str, String)>,
}

/// A message about to be left for a candidate.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Which kind, for icons and filters: `review`, `payment`, `ticket`, `score`, `account`, `notice`.
    pub kind: &'static str,
    /// One line.
    pub title: String,
    /// A few sentences: the fact, then the step.
    pub body: String,
    /// A path on this site that the message leads to; empty for none.
    pub link: String,
    /// The SMS that goes with it.
    pub sms: Option<Sms>,
}

/// Leaves a message in the inbox, and its SMS in the outbox if the account has a verified mobile.
pub(crate) async fn notify(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    account_id: i64,
    notice: &Notice,
) -> Result<()> {
    let id = trail.id()?;
    store::inbox_insert(tx, id, account_id, notice, trail.at().micros()).await?;
    let Some(sms) = notice.sms.as_ref().filter(|_| app.policy().sms) else {
        return Ok(());
    };
    let rehearsed = crate::account::rehearsal_of(tx, account_id)
        .await?
        .is_some();
    let Some((mobile, verified)) = store::mobile_of(tx, account_id).await? else {
        return Ok(());
    };
    if verified.is_none() && !rehearsed {
        return Ok(());
    }
    let place = Place {
        table: "account",
        column: "mobile",
        row: account_id,
    };
    match app.cipher().open(place, &mobile) {
        Ok(mobile) => queue_sms(tx, trail, app, account_id, &mobile, sms).await,
        Err(error) => {
            // The message stands in his inbox. One broken number must not hold up the others of a round.
            tracing::error!(account.id = account_id, %error, "a mobile can't be read, its SMS is left out");
            Ok(())
        }
    }
}

/// Queues an SMS to a number that need not belong to an account yet (sign-up codes). `mobile` is its canonical text.
pub(crate) async fn queue_sms(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    account_id: i64,
    mobile: &[u8],
    sms: &Sms,
) -> Result<()> {
    let id = trail.id()?;
    let params = serde_json::to_vec(&sms.params)
        .map_err(|e| crate::Error::internal("outbox_message.params", e))?;
    let recipient = trail.seal(
        app,
        Place {
            table: "outbox_message",
            column: "recipient",
            row: id,
        },
        mobile,
    );
    let params = trail.seal(
        app,
        Place {
            table: "outbox_message",
            column: "params",
            row: id,
        },
        &params,
    );
    let at = trail.at().micros();
    // To a rehearsal's account nothing is ever sent: it stands in the list as not sent, and no worker takes it up.
    let rehearsed = crate::account::rehearsal_of(tx, account_id)
        .await?
        .is_some();
    let state = if rehearsed {
        ("dropped", REHEARSED)
    } else {
        ("queued", "")
    };
    store::outbox_insert(
        tx,
        (id, account_id),
        sms.template,
        (&recipient, &params),
        (state, at),
    )
    .await?;
    tx.wake(send::TOPIC);
    Ok(())
}

/// A page of a candidate's inbox, newest first.
pub async fn inbox(ctx: &Ctx, before: Option<i64>) -> Result<Vec<InboxRow>> {
    let account_id = ctx.candidate()?;
    let mut scan = ctx.app.db().scan(Crowd::Candidates);
    Ok(store::inbox_page(&mut scan, account_id, before.unwrap_or(i64::MAX), 20).await?)
}

/// How many messages a candidate hasn't read; stops at 100.
pub async fn unread(app: &App, account_id: i64) -> Result<i64> {
    Ok(store::inbox_unread(&mut app.db().read(), account_id).await?)
}

/// Marks everything up to now as read: the POST behind 全部标为已读.
pub async fn mark_read(ctx: &Ctx) -> Result<()> {
    struct MarkRead {
        account_id: i64,
        at: Timestamp,
    }
    impl db::Command for MarkRead {
        const NAME: &'static str = "message.mark_read";
        type Out = ();
        type Err = crate::Error;
        async fn run(&self, tx: &mut Tx) -> Result<()> {
            store::inbox_mark_read(tx, self.account_id, self.at.micros()).await?;
            Ok(())
        }
    }
    let command = MarkRead {
        account_id: ctx.candidate()?,
        at: ctx.at,
    };
    ctx.app.db().write(db::Lane::Interactive, command).await
}

/// Removes the inbox and what still waits in the outbox of an account that is being closed.
pub(crate) async fn erase(tx: &mut Tx, account_id: i64) -> Result<()> {
    store::inbox_delete_of(tx, account_id).await?;
    store::outbox_drop_of(tx, account_id).await?;
    Ok(())
}
