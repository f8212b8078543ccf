//! 短信记录: what was sent, what waits, what was given up, and trying again.

use db::{Command, Crowd, Lane, Tx};
use domain::phone::Mobile;
use domain::staff::Permission;
use serde_json::json;
use vault::Place;

use super::{send, store};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// An SMS as the office sees it. What it says isn't shown: a code opens an account.
#[derive(Debug, Clone)]
pub struct Sent {
    /// `outbox_message.id`.
    pub id: i64,
    /// The template's name.
    pub template: String,
    /// `queued`, `sending`, `sent`, `failed`, `dropped`.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it was left.
    pub created_at: i64,
    /// When it is tried next.
    pub next_at: i64,
    /// When the provider took it.
    pub sent_at: Option<i64>,
    /// Why it wasn't taken.
    pub error: String,
    /// `138****0000`; nothing for those who run the system and see no candidate.
    pub recipient: Option<String>,
}

/// States that the page has a tab for.
pub const STATES: [(&str, &str); 5] = [
    ("", "全部"),
    ("queued", "待发送"),
    ("sent", "已发送"),
    ("failed", "发送失败"),
    ("dropped", "已取消"),
];

/// A page of the outbox, newest first; `state` empty for all.
pub async fn sent(ctx: &Ctx, state: &str, before: Option<i64>, limit: i64) -> Result<Vec<Sent>> {
    ctx.allow(Permission::MessageView)?;
    let sees_people = ctx.allow(Permission::AccountDesk).is_ok();
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let before = before.unwrap_or(i64::MAX);
    let rows = if state.is_empty() {
        store::outbox_all(&mut scan, before, limit).await?
    } else {
        store::outbox_in_state(&mut scan, state, before, limit).await?
    };
    rows.into_iter()
        .map(|row| {
            let recipient = if sees_people {
                Some(masked(ctx, &row))
            } else {
                None
            };
            Ok(Sent {
                id: row.id,
                template: row.template,
                state: row.state,
                tries: row.tries,
                created_at: row.created_at,
                next_at: row.next_at,
                sent_at: row.sent_at,
                error: row.error,
                recipient,
            })
        })
        .collect()
}

/// `138****0000`; stars for one that can't be read: the list must show it all the same.
fn masked(ctx: &Ctx, row: &store::SentRow) -> String {
    let place = Place {
        table: "outbox_message",
        column: "recipient",
        row: row.id,
    };
    let clear = ctx.app.cipher().open(place, &row.recipient).ok();
    clear
        .as_ref()
        .and_then(|clear| std::str::from_utf8(clear).ok())
        .and_then(|text| Mobile::parse(text).ok())
        .map_or_else(|| "***".to_owned(), |mobile| mobile.masked())
}

/// How many are in a state; stops at 1,001: a page with few rows must not cost what its tabs count.
pub async fn count(ctx: &Ctx, state: &str) -> Result<i64> {
    ctx.allow(Permission::MessageView)?;
    Ok(store::outbox_count(&mut ctx.app.db().scan(Crowd::Staff), state).await?)
}

/// Tries again what was given up: one message, or with `None` all of the last ones, up to 500. Returns how many.
pub async fn retry(ctx: &Ctx, id: Option<i64>) -> Result<u64> {
    ctx.allow(Permission::MessageView)?;
    ctx.app
        .db()
        .write(
            Lane::Interactive,
            Retry {
                stamp: Stamp::of(ctx),
                id,
            },
        )
        .await
}

struct Retry {
    stamp: Stamp,
    id: Option<i64>,
}

impl Command for Retry {
    const NAME: &'static str = "message.retry";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let at = self.stamp.at.micros();
        let count = match self.id {
            Some(id) => store::outbox_retry(tx, id, at).await?,
            None => store::outbox_retry_failed(tx, at).await?,
        };
        if count == 0 {
            return Err(Error::Conflict("没有需要重发的短信，请刷新查看"));
        }
        let object = Object {
            kind: "outbox_message",
            id: self.id.unwrap_or(0),
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "message.retry", object, json!({ "count": count }))
            .await?;
        tx.wake(send::TOPIC);
        Ok(count)
    }
}

/// The messages of the demonstration, newest first; `None` where SMS are really sent, or not at all.
pub fn demonstrated(app: &App) -> Option<Vec<Demonstrated>> {
    if !app.policy().sms {
        return None;
    }
    let shown = app.sms().shown()?;
    Some(
        shown
            .into_iter()
            .map(|sms| Demonstrated {
                at: sms.at.micros(),
                to: sms.to,
                text: sms.text,
            })
            .collect(),
    )
}

/// An SMS of the demonstration. Its people are made up, so nothing is masked.
#[derive(Debug, Clone)]
pub struct Demonstrated {
    /// When it was sent.
    pub at: i64,
    /// To whom.
    pub to: String,
    /// As a phone would show it.
    pub text: String,
}
