//! Sending what waits in the outbox.

use db::{Command, Crowd, Lane, Tx};
use futures_util::future::join_all;
use gateways::sms::SmsMessage;
use vault::Place;

use super::store::{self, OutboxRow};
use crate::{Ctx, Error, Result};

/// Woken when an SMS is queued.
pub const TOPIC: &str = "message.outbox";
/// After this many tries a message is given up; staff see it as failed.
pub const MAX_TRIES: i64 = 6;
/// What stands beside a message that can't be decrypted.
pub(super) const UNREADABLE: &str = "unreadable";
/// How long one try may take before another worker may take the message.
const LEASE_MICROS: i64 = 60_000_000;
/// Messages sent at once. After each handful the outbox is looked at anew, so that a code waits for no more than these.
pub const AT_ONCE: usize = 4;
/// What may be due: what was left half done goes before what is new.
const STATES: [&str; 2] = ["sending", "queued"];

/// Sends everything that is due; returns how many were handed over. One that can't be read fails alone.
pub async fn send_due(ctx: &Ctx) -> Result<usize> {
    let mut sent = 0;
    loop {
        let due = next(ctx).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        for outcome in join_all(due.iter().map(|row| take(ctx, row))).await {
            sent += usize::from(outcome?);
        }
    }
}

/// The next handful: codes first, because whoever waits for one stands at a form.
async fn next(ctx: &Ctx) -> Result<Vec<OutboxRow>> {
    let now = ctx.app.now().micros();
    let mut scan = ctx.app.db().scan(Crowd::System);
    let most = i64::try_from(AT_ONCE).unwrap_or(1);
    let mut due: Vec<OutboxRow> = Vec::new();
    for state in STATES {
        due.append(&mut store::outbox_codes_due(&mut scan, state, now, most).await?);
    }
    for state in STATES {
        if due.len() < AT_ONCE {
            for row in store::outbox_due(&mut scan, state, now, most).await? {
                if due.iter().all(|known| known.id != row.id) {
                    due.push(row);
                }
            }
        }
    }
    due.truncate(AT_ONCE);
    Ok(due)
}

/// Claims a message and sends it; whether it was handed over. Another worker's is left to him.
async fn take(ctx: &Ctx, row: &OutboxRow) -> Result<bool> {
    let now = ctx.app.now().micros();
    let claim = Claim {
        id: row.id,
        at: now,
        until: now + LEASE_MICROS,
    };
    Ok(ctx.app.db().write(Lane::Background, claim).await? == 1 && send_one(ctx, row).await?)
}

async fn send_one(ctx: &Ctx, row: &OutboxRow) -> Result<bool> {
    let message = match open(ctx, row) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(outbox.id = row.id, %error, "an SMS can't be read");
            let unreadable = Finish {
                id: row.id,
                state: "failed",
                next_at: ctx.app.now().micros(),
                sent_at: None,
                error: UNREADABLE,
            };
            ctx.app.db().write(Lane::Background, unreadable).await?;
            return Ok(false);
        }
    };
    let tries = row.tries + 1;
    let outcome = ctx.app.sms().send(message).await;
    let now = ctx.app.now().micros();
    let finish = match &outcome {
        Ok(()) => Finish {
            id: row.id,
            state: "sent",
            next_at: now,
            sent_at: Some(now),
            error: "",
        },
        Err(error) => {
            tracing::warn!(outbox.id = row.id, tries, %error, "an SMS was not taken");
            let state = if tries >= MAX_TRIES {
                "failed"
            } else {
                "queued"
            };
            let wait = 30_000_000_i64 << tries.min(8);
            Finish {
                id: row.id,
                state,
                next_at: now + wait,
                sent_at: None,
                error: "not taken",
            }
        }
    };
    ctx.app.db().write(Lane::Background, finish).await?;
    Ok(outcome.is_ok())
}

fn open(ctx: &Ctx, row: &OutboxRow) -> Result<SmsMessage> {
    let cipher = ctx.app.cipher();
    let place = |column| Place {
        table: "outbox_message",
        column,
        row: row.id,
    };
    let broken = |e| Error::internal("outbox_message", e);
    let to = cipher
        .open(place("recipient"), &row.recipient)
        .map_err(broken)?;
    let params = cipher.open(place("params"), &row.params).map_err(broken)?;
    let params =
        serde_json::from_slice(&params).map_err(|e| Error::internal("outbox_message.params", e))?;
    let to = String::from_utf8(to.to_vec())
        .map_err(|e| Error::internal("outbox_message.recipient", e))?;
    Ok(SmsMessage {
        id: row.id.to_string(),
        to,
        template: row.template.clone(),
        params,
    })
}

struct Claim {
    id: i64,
    at: i64,
    until: i64,
}

impl Command for Claim {
    const NAME: &'static str = "message.claim";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(store::outbox_claim(tx, self.id, self.at, self.until).await?)
    }
}

struct Finish {
    id: i64,
    state: &'static str,
    next_at: i64,
    sent_at: Option<i64>,
    error: &'static str,
}

impl Command for Finish {
    const NAME: &'static str = "message.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let times = (self.next_at, self.sent_at);
        store::outbox_finish(tx, self.id, self.state, times, self.error).await?;
        Ok(())
    }
}
