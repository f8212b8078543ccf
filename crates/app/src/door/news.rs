//! What the other phones of the site noted meanwhile, so that nobody gets in twice, and whether the list is still the newest.

use db::Crowd;
use domain::time::Timestamp;
use serde::Serialize;

use super::device::{Device, millis, plan_version};
use super::mark_store;
use crate::{Ctx, Result};

/// Most words of one answer.
const MOST: i64 = 1_000;
/// How far back an answer reaches behind the instant that was asked for: a mark is dated by the head of its request, and may be
/// written down later than one that came after it.
const OVERLAP: i64 = 60;

/// The last word about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// 准考证号.
    pub ticket: String,
    /// The session.
    pub session: i64,
    /// A code of `domain::door::MarkKind`.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who holds the phone; empty for the one that asks.
    pub holder: String,
}

/// What happened since.
#[derive(Debug, Clone, Serialize)]
pub struct News {
    /// The last words, in order of arrival; some may be known already.
    pub words: Vec<Word>,
    /// What to ask with next time, in microseconds, as text.
    pub since: String,
    /// Whether there is more at once.
    pub more: bool,
    /// Version of the published plan: another one means that the list is old.
    pub plan: i64,
    /// The time here, in milliseconds.
    pub now: i64,
}

/// What happened since an earlier answer; since ever for 0.
///
/// # Errors
/// `Refused` outside of the pass's time.
pub async fn news(ctx: &Ctx, device: &Device, since: i64) -> Result<News> {
    let exam = device.exam(ctx).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows =
        mark_store::words_since(&mut scan, device.exam_id, since, device.rooms(), MOST).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|len| len >= MOST);
    let on = match rows.last() {
        Some(last) if more => last.received_at,
        _ => ctx.at.plus_seconds(-OVERLAP).micros().max(since),
    };
    let words = rows.into_iter().map(|row| Word {
        ticket: row.ticket_no,
        session: row.session,
        kind: row.kind,
        at: millis(Timestamp::from_micros(row.marked_at)),
        holder: if row.device_id == device.id {
            String::new()
        } else {
            row.holder
        },
    });
    Ok(News {
        words: words.collect(),
        since: on.to_string(),
        more,
        plan: plan_version(&ctx.app, &exam).await?,
        now: millis(ctx.at),
    })
}
