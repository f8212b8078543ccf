//! The people of a pass, for use without a network: names, seats, the masked number of the document, photos.

use db::Crowd;
use serde::Serialize;
use serde_json::json;

use super::device::{About, Device, about, acting, plan_version};
use super::{object, roster_store};
use crate::{Ctx, Error, Result, Stamp, account, photo};

/// Most people of one answer.
pub const MOST_PEOPLE: i64 = 500;
/// Most photos of one answer.
pub const MOST_PHOTOS: usize = 40;
/// Bytes of photos after which an answer ends: the phone asks again for the rest.
const ENOUGH: usize = 1_500_000;

/// Somebody who may come.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// 准考证号.
    pub ticket: String,
    /// 姓名.
    pub name: String,
    /// The number of the document: its first three characters, and stars.
    pub number: String,
    /// Session, room and seat of each sitting.
    pub seats: Vec<(i64, i64, i64)>,
    /// Percent of more time.
    pub extra: i64,
    /// Whether there is a photo.
    pub photo: bool,
}

/// Some of the people.
#[derive(Debug, Clone, Serialize)]
pub struct Roster {
    /// Of which version of the plan. A phone that sees another one than before begins anew.
    pub plan: i64,
    /// What comes with the first page.
    pub about: Option<About>,
    /// By ticket number.
    pub people: Vec<Person>,
    /// Where it goes on; `None` at the end.
    pub next: Option<String>,
}

/// People of the phone's rooms, after a ticket number. Taking the first page is written down.
///
/// # Errors
/// `Refused` outside of the pass's time.
pub async fn roster(ctx: &Ctx, device: &Device, after: &str, limit: i64) -> Result<Roster> {
    let exam = device.exam(ctx).await?;
    let limit = limit.clamp(1, MOST_PEOPLE);
    let first = after.is_empty();
    let about = if first {
        taken(ctx, device).await?;
        Some(about(ctx, device).await?)
    } else {
        None
    };
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows =
        roster_store::roster(&mut scan, exam.row.seat_plan, device.rooms(), after, limit).await?;
    let mut people: Vec<Person> = Vec::new();
    for row in rows {
        let seat = (row.session, row.room_no, row.seat_no);
        match people.last_mut().filter(|one| one.ticket == row.ticket_no) {
            Some(person) => person.seats.push(seat),
            None => people.push(Person {
                number: account::masked(&ctx.app, row.account_id, &row.id_type, &row.id_number)?,
                ticket: row.ticket_no,
                name: row.name,
                seats: vec![seat],
                extra: row.extra,
                photo: row.photo_id != 0,
            }),
        }
    }
    let full = i64::try_from(people.len()).is_ok_and(|len| len >= limit);
    let next = people.last().filter(|_| full);
    Ok(Roster {
        plan: plan_version(&ctx.app, &exam).await?,
        about,
        next: next.map(|one| one.ticket.clone()),
        people,
    })
}

/// Writes down that the phone takes the list.
async fn taken(ctx: &Ctx, device: &Device) -> Result<()> {
    let command = Took {
        stamp: Stamp::of(&acting(ctx)),
        device: device.clone(),
    };
    ctx.app.db().write(db::Lane::Interactive, command).await
}

struct Took {
    stamp: Stamp,
    device: Device,
}

impl db::Command for Took {
    const NAME: &'static str = "door.roster";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut db::Tx) -> Result<()> {
        let of = object(self.device.pass_id, self.device.exam_id);
        let detail = json!({ "device": self.device.id });
        self.stamp
            .trail()
            .audit(tx, "door.roster", of, detail)
            .await
    }
}

/// A photo, by its place in what was asked for.
#[derive(Debug)]
pub struct Photo {
    /// Which of the numbers that were asked for.
    pub index: u16,
    /// The picture; empty where there is none, or nobody of the phone's rooms has the number.
    pub jpeg: Vec<u8>,
}

/// Photos of people of the phone's rooms. The answer may end early: the phone asks again for the rest.
///
/// # Errors
/// `Refused` outside of the pass's time; `Fields` for more than [`MOST_PHOTOS`] at once.
pub async fn photos(ctx: &Ctx, device: &Device, tickets: &[String]) -> Result<Vec<Photo>> {
    let exam = device.exam(ctx).await?;
    if tickets.len() > MOST_PHOTOS {
        return Err(Error::field(
            "tickets",
            format!("一次最多 {MOST_PHOTOS} 张照片"),
        ));
    }
    let of = (exam.id(), exam.row.seat_plan);
    let (mut found, mut bytes) = (Vec::new(), 0);
    for (index, ticket) in (0u16..).zip(tickets) {
        let mut read = ctx.app.db().read();
        let owner = roster_store::photo_of(&mut read, of, ticket, device.rooms()).await?;
        let jpeg = match owner {
            Some((account_id, photo_id)) if photo_id != 0 => {
                match photo::of_application(&ctx.app, account_id, photo_id).await {
                    Ok(file) => file.bytes,
                    Err(Error::NotFound) => Vec::new(),
                    Err(error) => return Err(error),
                }
            }
            _ => Vec::new(),
        };
        bytes += jpeg.len();
        found.push(Photo { index, jpeg });
        if bytes >= ENOUGH {
            break;
        }
    }
    Ok(found)
}
