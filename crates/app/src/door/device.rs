//! Phones: how one is let in by a code, and what it may do with the token that it got.

use db::{Command, Lane, Tx};
use domain::door::{Area, OutOfTime, PassState, Span};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use vault::{ActivationCode, Token};

use super::pass_store::{self, PassRow};
use super::{device_store, object, roster_store, unseated};
use crate::account::challenge;
use crate::account::subject::Subjects;
use crate::exam::{self, Exam};
use crate::{Actor, App, Ctx, Error, Result, Stamp};

/// Most characters of a holder's name.
const HOLDER: usize = 20;
/// Seconds between two notes of when a phone was there.
const SEEN: i64 = 300;

/// A phone that showed its token: what it may see and do. Only [`authenticate`] makes one.
#[derive(Debug, Clone)]
pub struct Device {
    pub(super) id: i64,
    pub(super) pass_id: i64,
    pub(super) exam_id: i64,
    pub(super) area: Area,
    pub(super) span: Span,
    pub(super) holder: String,
    pub(super) label: String,
}

impl Device {
    /// Site, first and last room, for the range of a query.
    pub(super) fn rooms(&self) -> (i64, i64, i64) {
        let (first, last) = self.area.range();
        (self.area.site, first, last)
    }

    /// The exam, if the phone may still get names of it.
    ///
    /// # Errors
    /// `Refused` before the pass opens, after it closed, and when the exam was archived or has no plan.
    pub(super) async fn exam(&self, ctx: &Ctx) -> Result<std::sync::Arc<Exam>> {
        self.span.lets_in(ctx.at).map_err(out_of_time)?;
        let exam = exam::find_by_id(&ctx.app, self.exam_id).await?;
        if !exam.is_public() {
            return Err(out_of_time(OutOfTime::Late));
        }
        if exam.row.seat_plan == 0 {
            return Err(unseated());
        }
        Ok(exam)
    }
}

/// The context in which a phone acts: the request's, by nobody who has an account.
pub(super) fn acting(ctx: &Ctx) -> Ctx {
    ctx.with_actor(Actor::System)
}

fn out_of_time(why: OutOfTime) -> Error {
    match why {
        OutOfTime::Early => Error::refused(
            "door_early",
            "还没到核验时间",
            "授权单上写有开始时间，请届时再试。",
        ),
        OutOfTime::Late => Error::refused(
            "door_over",
            "授权已过期",
            "核验时间已经结束。确有需要，请考务办公室新建授权。",
        ),
    }
}

pub(super) fn revoked() -> Error {
    Error::refused(
        "door_revoked",
        "授权已撤销",
        "考务办公室已撤销本机的授权。需要继续核验的，请领取新的授权码。",
    )
}

/// The phone that holds this token.
///
/// # Errors
/// `Refused`: nobody's token, one that was taken back, or one of a pass that ended two days ago.
pub async fn authenticate(ctx: &Ctx, token: &str) -> Result<Device> {
    let unknown = || {
        Error::refused(
            "door_unknown",
            "本机尚未登记",
            "请扫授权单上的二维码，重新登记本机。",
        )
    };
    let hash = Token::hash_of(token).ok_or_else(unknown)?;
    let row = device_store::device_by_token(&mut ctx.app.db().read(), &hash)
        .await?
        .ok_or_else(unknown)?;
    for state in [&row.state, &row.pass_state] {
        let state = PassState::from_code(state).ok_or(Error::inconsistent("door_device.state"))?;
        if state == PassState::Revoked {
            return Err(revoked());
        }
    }
    let span = Span {
        opens: Timestamp::from_micros(row.opens_at),
        closes: Timestamp::from_micros(row.closes_at),
    };
    if !span.takes_marks(ctx.at) {
        return Err(out_of_time(OutOfTime::Late));
    }
    if ctx.at.seconds_since(Timestamp::from_micros(row.seen_at)) >= SEEN {
        let seen = Seen {
            id: row.id,
            at: ctx.at.micros(),
        };
        ctx.app.db().write(Lane::Interactive, seen).await?;
    }
    Ok(Device {
        id: row.id,
        pass_id: row.pass_id,
        exam_id: row.exam_id,
        area: Area {
            site: row.site_no,
            rooms: (row.first_room, row.last_room),
        },
        span,
        holder: row.holder,
        label: row.label,
    })
}

struct Seen {
    id: i64,
    at: i64,
}

impl Command for Seen {
    const NAME: &'static str = "door.seen";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        device_store::device_seen(tx, self.id, self.at).await?;
        Ok(())
    }
}

/// A phone that was let in.
#[derive(Debug)]
pub struct Joined {
    /// What it shows from now on; only its hash is stored.
    pub token: Token,
    /// What it is.
    pub device: Device,
}

/// Lets a phone in by the code of a pass. Wrong codes are counted against the network, as every credential is; right ones aren't,
/// since a whole school comes from one address.
///
/// # Errors
/// `Fields` under `code` or `holder`; `TooMany`; `Refused`: too early or late, taken back, or all places are taken.
pub async fn join(ctx: &Ctx, typed: &str, holder: &str) -> Result<Joined> {
    let holder = domain::text::line(holder);
    if holder.is_empty() || holder.chars().count() > HOLDER || crate::holds_number(&holder) {
        let say = format!("请填写监考人员姓名，最多 {HOLDER} 字");
        return Err(Error::field("holder", say));
    }
    let wrong = || Error::field("code", "授权码不对，请核对授权单");
    // What can't be a code is compared with nothing.
    let hash = ActivationCode::hash_of(typed).ok_or_else(wrong)?;
    let attempt = challenge::take(ctx, None, Subjects::crowd(ctx, "door")).await?;
    let found = pass_store::pass_by_code(&mut ctx.app.db().read(), &hash).await;
    let Some(pass) = found? else {
        attempt.failed(ctx, None).await?;
        return Err(wrong());
    };
    if !exam::find_by_id(&ctx.app, pass.exam_id).await?.is_public() {
        return Err(out_of_time(OutOfTime::Late));
    }
    let token = Token::random(ctx.app.entropy());
    let device = Device {
        id: 0,
        pass_id: pass.id,
        exam_id: pass.exam_id,
        area: pass.area(),
        span: pass.span(),
        holder: holder.clone(),
        label: pass.label.clone(),
    };
    let command = Join {
        stamp: Stamp::of(&acting(ctx)),
        pass,
        holder,
        token_hash: token.hash(),
    };
    let id = ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(Joined {
        token,
        device: Device { id, ..device },
    })
}

struct Join {
    stamp: Stamp,
    pass: PassRow,
    holder: String,
    token_hash: [u8; 32],
}

impl Command for Join {
    const NAME: &'static str = "door.join";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let (pass, at) = (&self.pass, self.stamp.at);
        if pass_store::device_place(tx, pass.id, at.micros()).await? == 0 {
            return Err(self.why_not(tx).await?);
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let ids = (id, pass.id, pass.exam_id);
        device_store::device_insert(tx, ids, &self.token_hash, &self.holder, at.micros()).await?;
        let detail = json!({ "device": id });
        trail
            .audit(tx, "door.join", object(pass.id, pass.exam_id), detail)
            .await?;
        Ok(id)
    }
}

impl Join {
    /// Why there is no place: as the pass is now.
    async fn why_not(&self, tx: &mut Tx) -> Result<Error> {
        let now = pass_store::pass_by_public_id(tx, &self.pass.public_id)
            .await?
            .ok_or(Error::NotFound)?;
        if !now.is_active() {
            return Ok(revoked());
        }
        if let Err(why) = now.span().lets_in(self.stamp.at) {
            return Ok(out_of_time(why));
        }
        Ok(Error::refused(
            "door_full",
            "登记的手机已满",
            format!(
                "这个授权最多登记 {} 部手机。请考务办公室停用一部，或新建授权。",
                now.most_devices
            ),
        ))
    }
}

/// A room: its number, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    /// The number on the tickets.
    pub no: i64,
    /// `教学楼 301`; may be empty.
    pub name: String,
}

/// A session as phones show it. Times in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionOf {
    /// From 1.
    pub number: u32,
    /// What is written.
    pub subjects: String,
    /// `4月12日 09:00`.
    pub when: String,
    /// Start.
    pub starts: i64,
    /// End.
    pub ends: i64,
}

/// What a phone has to know besides the people: all that needs no network afterwards.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// `exam.id`, as text: it is larger than a script's numbers.
    pub exam: String,
    /// The exam's title.
    pub title: String,
    /// Version of the seat plan.
    pub plan: i64,
    /// The site.
    pub site: String,
    /// Its address.
    pub address: String,
    /// All rooms of the site: who belongs into another is sent there.
    pub rooms: Vec<Room>,
    /// First and last room of the pass; 0 and 0 for all.
    pub mine: (i64, i64),
    /// What the pass is called.
    pub label: String,
    /// Who holds the phone.
    pub holder: String,
    /// The exam's sessions.
    pub sessions: Vec<SessionOf>,
    /// Ids and public keys of tickets' signatures, in hexadecimal digits, newest first.
    pub keys: Vec<(String, String)>,
    /// From then on no names are given. Milliseconds, as the next two.
    pub closes: i64,
    /// From then on nothing is taken, and the phone deletes what it has.
    pub until: i64,
    /// The time here.
    pub now: i64,
}

/// What a phone has to know besides the people.
pub async fn about(ctx: &Ctx, device: &Device) -> Result<About> {
    let exam = device.exam(ctx).await?;
    let plan = plan_version(&ctx.app, &exam).await?;
    let mut scan = ctx.app.db().scan(db::Crowd::Staff);
    let rows = roster_store::rooms_of_site(&mut scan, exam.row.seat_plan, device.area.site).await?;
    let (site, address) = rows
        .first()
        .map(|row| (row.site_name.clone(), row.site_address.clone()))
        .unwrap_or_default();
    let rooms = rows.into_iter().map(|row| Room {
        no: row.room_no,
        name: row.room_name,
    });
    let sessions = crate::arrangement::sessions(&ctx.app, &exam).await?;
    let keys = ctx.app.ticket_keys().public();
    Ok(About {
        exam: exam.id().to_string(),
        title: exam.title().to_owned(),
        plan,
        site,
        address,
        rooms: rooms.collect(),
        mine: device.area.rooms,
        label: device.label.clone(),
        holder: device.holder.clone(),
        sessions: sessions
            .iter()
            .map(|one| SessionOf {
                number: one.number,
                subjects: one.subjects.join("、"),
                when: one.starts_at.to_chinese_short(),
                starts: millis(one.starts_at),
                ends: millis(one.ends_at),
            })
            .collect(),
        keys: keys
            .iter()
            .map(|(id, key)| (hex::encode(id), hex::encode(key)))
            .collect(),
        closes: millis(device.span.closes),
        until: millis(device.span.ends()),
        now: millis(ctx.at),
    })
}

/// Milliseconds since 1970, as scripts count.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.micros().div_euclid(1000)
}

/// The version of the published plan.
pub(super) async fn plan_version(app: &App, exam: &Exam) -> Result<i64> {
    roster_store::plan_version(&mut app.db().read(), exam.row.seat_plan)
        .await?
        .ok_or(Error::inconsistent("exam.seat_plan"))
}
