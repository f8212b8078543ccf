//! Sending what waits in the outbox.

use db::{Command, Crowd, Lane, Tx};
use gateways::sms::SmsMessage;
use vault::Place;

use super::store::{self, OutboxRow};
use crate::{Ctx, Error, Result};

/// Woken when an SMS is queued.
pub const TOPIC: &str = "message.outbox";
/// After this many tries a message is given up; staff see it as failed.
pub const MAX_TRIES: i64 = 6;
/// How long one try may take before another worker may take the message.
const LEASE_MICROS: i64 = 60_000_000;
/// Messages looked at in one round.
const ROUND: i64 = 50;

/// Sends everything that is due; returns how many were handed over.
pub async fn send_due(ctx: &Ctx) -> Result<usize> {
    let mut sent = 0;
    loop {
        let now = ctx.app.now().micros();
        let due = store::outbox_due(&mut ctx.app.db().scan(Crowd::System), now, ROUND).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        for row in due {
            let claim = Claim {
                id: row.id,
                at: now,
                until: now + LEASE_MICROS,
            };
            if ctx.app.db().write(Lane::Background, claim).await? == 1
                && send_one(ctx, &row).await?
            {
                sent += 1;
            }
        }
    }
}

async fn send_one(ctx: &Ctx, row: &OutboxRow) -> Result<bool> {
    let message = open(ctx, row)?;
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
