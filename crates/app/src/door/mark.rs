//! What phones noted: taken late, twice and in any order.

use db::{Command, Lane, Tx};
use domain::door::{MarkHow, MarkKind, is_key};
use domain::time::Timestamp;
use serde_json::json;

use super::device::{Device, acting};
use super::mark_store::{self, MarkInsert};
use super::{device_store, object};
use crate::{Ctx, Error, Result, Stamp};

/// Most marks that are taken at once.
pub const MOST_MARKS: usize = 200;
/// Most characters of a note.
const NOTE: usize = 60;

/// A mark as a phone sends it.
#[derive(Debug, Clone)]
pub struct MarkSent {
    /// Sixteen hexadecimal digits that the phone drew.
    pub key: String,
    /// 准考证号.
    pub ticket: String,
    /// Number of the session.
    pub session: i64,
    /// A code of [`MarkKind`].
    pub kind: String,
    /// A code of [`MarkHow`].
    pub how: String,
    /// Why somebody was sent back; may be empty.
    pub note: String,
    /// When, by the phone's corrected clock, in milliseconds since 1970.
    pub at: i64,
}

/// What became of marks, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Written down, now or before.
    pub kept: Vec<String>,
    /// Not written down, and why.
    pub refused: Vec<(String, &'static str)>,
}

/// A mark that can be one.
struct Mark {
    key: String,
    ticket: String,
    session: i64,
    kind: MarkKind,
    how: MarkHow,
    note: String,
    at: Timestamp,
}

const BROKEN: &str = "内容无法识别";
const TIME: &str = "时间不在授权的范围内，请检查手机时间";
const ELSEWHERE: &str = "不是本授权考场的考生，或本场次没有他的考试";

/// Takes marks. One that can't be true is refused with its reason, and the others are kept.
///
/// # Errors
/// `Refused` if the phone was taken back; `Fields` for more than [`MOST_MARKS`].
pub async fn mark(ctx: &Ctx, device: &Device, sent: Vec<MarkSent>) -> Result<Taken> {
    if sent.len() > MOST_MARKS {
        return Err(Error::field(
            "marks",
            format!("一次最多上报 {MOST_MARKS} 条"),
        ));
    }
    let mut refused = Vec::new();
    let mut marks = Vec::new();
    for one in sent {
        let key = one.key.clone();
        match read(ctx, device, one) {
            Ok(mark) => marks.push(mark),
            Err(why) => refused.push((key, why)),
        }
    }
    if marks.is_empty() {
        return Ok(Taken {
            refused,
            ..Taken::default()
        });
    }
    // Two phones that hand in marks about the same people wait for each other's rows in one order.
    marks.sort_by(|a, b| (a.session, &a.ticket, &a.key).cmp(&(b.session, &b.ticket, &b.key)));
    let command = Take {
        stamp: Stamp::of(&acting(ctx)),
        device: device.clone(),
        marks,
    };
    let mut taken = ctx.app.db().write(Lane::Interactive, command).await?;
    taken.refused.extend(refused);
    Ok(taken)
}

fn read(ctx: &Ctx, device: &Device, sent: MarkSent) -> std::result::Result<Mark, &'static str> {
    let kind = MarkKind::from_code(&sent.kind).ok_or(BROKEN)?;
    let how = MarkHow::from_code(&sent.how).ok_or(BROKEN)?;
    let note = domain::text::line(&sent.note);
    if !is_key(&sent.key) || note.chars().count() > NOTE || crate::holds_number(&note) {
        return Err(BROKEN);
    }
    let at = Timestamp::from_micros(sent.at.saturating_mul(1000));
    if !device.span.may_be_made(at, ctx.at) {
        return Err(TIME);
    }
    Ok(Mark {
        key: sent.key,
        ticket: sent.ticket,
        session: sent.session,
        kind,
        how,
        note,
        at,
    })
}

struct Take {
    stamp: Stamp,
    device: Device,
    marks: Vec<Mark>,
}

impl Command for Take {
    const NAME: &'static str = "door.marks";
    type Out = Taken;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Taken> {
        let (device, at) = (&self.device, self.stamp.at.micros());
        let mut taken = Taken::default();
        let mut fresh = 0;
        for mark in &self.marks {
            let seat = mark_store::seat_of(tx, device.exam_id, &mark.ticket, mark.session).await?;
            let inside = seat.filter(|(_, room, site)| device.area.holds(*site, *room));
            let Some((application_id, room_no, site_no)) = inside else {
                taken.refused.push((mark.key.clone(), ELSEWHERE));
                continue;
            };
            let row = MarkInsert {
                device_id: device.id,
                key: &mark.key,
                exam_id: device.exam_id,
                site_no,
                application_id,
                session: mark.session,
                room_no,
                kind: mark.kind.code(),
                how: mark.how.code(),
                note: &mark.note,
                marked_at: mark.at.micros(),
                received_at: at,
            };
            if mark_store::mark_insert(tx, &row).await? > 0 {
                mark_store::presence_set(tx, &row).await?;
                fresh += 1;
            }
            taken.kept.push(mark.key.clone());
        }
        // Whoever was taken back since the request began hands nothing in.
        if device_store::device_marked(tx, device.id, fresh, at).await? == 0 {
            return Err(super::device::revoked());
        }
        if fresh > 0 {
            let of = object(device.pass_id, device.exam_id);
            let detail = json!({ "device": device.id, "marks": fresh });
            self.stamp
                .trail()
                .audit(tx, "door.marks", of, detail)
                .await?;
        }
        Ok(taken)
    }
}
