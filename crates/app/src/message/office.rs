//! 短信记录: what was sent, what waits, what was given up, and trying again.

use db::{Command, Crowd, Lane, Tx};
use domain::phone::Mobile;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;
use vault::Place;

use super::{send, store};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
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

/// What the list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A state's code; empty for all.
    pub state: String,
    /// Turned round: every state but that one.
    pub other: bool,
    /// The oldest first, not the newest.
    pub oldest: bool,
}

/// A page of the outbox, beyond the id of the last one shown.
pub async fn sent(ctx: &Ctx, filter: &Filter, from: Option<i64>, limit: i64) -> Result<Vec<Sent>> {
    ctx.allow(Permission::MessageView)?;
    let sees_people = ctx.allow(Permission::AccountDesk).is_ok();
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let part = store::Part {
        state: &filter.state,
        other: filter.other,
        oldest: filter.oldest,
    };
    let from = from.unwrap_or(if filter.oldest { 0 } else { i64::MAX });
    let rows = store::outbox_page(&mut scan, part, from, limit).await?;
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

/// The outbox under a filter as a file: what about, in what state and when, the mobile masked. What a message says isn't told.
///
/// # Errors
/// `Forbidden`.
pub async fn export(
    ctx: &Ctx,
    filter: &Filter,
    about: &(dyn Fn(&str) -> String + Sync),
    format: Format,
) -> Result<Copied> {
    take(ctx, &Outbox { filter, about }, format).await
}

struct Outbox<'a> {
    filter: &'a Filter,
    /// What a template is about.
    about: &'a (dyn Fn(&str) -> String + Sync),
}

impl Listing for Outbox<'_> {
    type Row = Sent;
    type Place = i64;
    const NAME: &'static str = "短信记录";
    const ACTION: &'static str = "message.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("事项", 20.0),
        ("手机号码", 16.0),
        ("状态", 12.0),
        ("次数", 8.0),
        ("提交时间", 20.0),
        ("发送时间", 20.0),
        ("未成功的原因", 30.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "outbox_message",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.filter.state, "not": self.filter.other })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<Sent>, Option<i64>)> {
        let rows = sent(ctx, self.filter, from, CHUNK).await?;
        let next = next(&rows, |row| row.id);
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &Sent) -> Vec<Cell> {
        let state = STATES.iter().find(|(code, _)| *code == row.state);
        vec![
            Cell::text((self.about)(&row.template)),
            Cell::text(row.recipient.as_deref().unwrap_or_default()),
            Cell::text(match row.error.as_str() {
                super::REHEARSED => "演练不发",
                _ => state.map_or("发送中", |(_, text)| text),
            }),
            Cell::number(row.tries),
            second(row.created_at),
            second(row.sent_at.unwrap_or(0)),
            Cell::text(row.error.as_str()),
        ]
    }
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
