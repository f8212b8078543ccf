//! The tickets of a candidate: the list, the preview, what the PDF says.

use std::sync::Arc;

use domain::application::may_be_seated;
use domain::application::state::{Attendance, Life, Payment, Tracks};
use domain::exam::Phase;
use domain::exam::snapshot::Choice;
use domain::id_number::IdDocument;
use domain::review::Review;
use domain::ticket::content::{NoTicket, may_print};
use domain::ticket::pass::{Pass, Unfit};
use domain::ticket::{SessionLine, TicketContent, opens_for};
use domain::time::Timestamp;
use domain::window::Window;

use super::cache::Plan;
use super::pass;
use super::store::{self, OwnSeatRow};
use crate::application::ApplicationRow;
use crate::application::store as applications;
use crate::arrangement::sitters::{Programme, Sat};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, account};

/// Most applications of one person that the list shows.
const MOST: i64 = 50;

/// Whether a ticket can be printed, and if not, why.
pub type Standing = std::result::Result<(), NoTicket>;

/// Where and when, for the list.
#[derive(Debug, Clone)]
pub struct Place {
    /// The number in groups.
    pub ticket_no: String,
    /// Site.
    pub site: String,
    /// First room, as printed.
    pub room: String,
    /// First seat.
    pub seat: String,
    /// Day and hours of the first session.
    pub first: String,
}

/// One exam of 准考证打印.
#[derive(Debug, Clone)]
pub struct Item {
    /// The application's public id.
    pub public_id: String,
    /// The exam.
    pub exam: Arc<Exam>,
    /// What was applied for.
    pub choice: String,
    /// When tickets can be printed.
    pub window: Option<Window>,
    /// From when on this one can: everybody has his own minute where printing is 分批.
    pub opens: Option<Timestamp>,
    /// Whether this one can, now.
    pub standing: Standing,
    /// Where, once it can.
    pub place: Option<Place>,
    /// How often it was printed, and when last.
    pub printed: Option<(i64, Timestamp)>,
}

/// A ticket that may be printed.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The application's public id.
    pub public_id: String,
    /// The exam.
    pub exam: Arc<Exam>,
    /// What the card says.
    pub content: TicketContent,
    /// Until when it can be printed.
    pub window: Option<Window>,
    pub(super) pass: std::result::Result<Pass, Unfit>,
    pub(super) row: ApplicationRow,
    pub(super) plan: Plan,
}

impl Ticket {
    /// What its QR says: seat and name, signed.
    pub fn code(&self, app: &App) -> String {
        pass::text(app, &self.pass, &self.content.ticket_no)
    }
}

/// The asking candidate's exams with seats, newest application first.
pub async fn list(ctx: &Ctx) -> Result<Vec<Item>> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let rows = applications::applications_of(&mut read, account_id, MOST).await?;
    let mut items = Vec::new();
    for row in rows.into_iter().filter(|row| row.life == Life::Live.code()) {
        let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
        if !exam.is_public() || !exam.settings.steps.seating {
            continue;
        }
        let seats = store::own_seats(&mut read, row.id).await?;
        let standing = standing(&exam, &row, !seats.is_empty(), ctx.at)?;
        let choice = choice_of(&row)?;
        let place = match (standing, seats.first()) {
            (Ok(()), Some(first)) => {
                let programme = Programme::of(&ctx.app, &exam).await?;
                Some(place(
                    &exam,
                    first,
                    &programme.sat(row.position_id, &choice),
                ))
            }
            _ => None,
        };
        let printed = store::printed(&mut read, row.id).await?;
        let opens = opens(&exam, &row);
        items.push(Item {
            public_id: row.public_id,
            window: exam.window(Phase::Ticket),
            opens,
            choice: choice.text(),
            exam,
            standing,
            place,
            printed: printed.map(|(times, last)| (times, Timestamp::from_micros(last))),
        });
    }
    Ok(items)
}

fn choice_of(row: &ApplicationRow) -> Result<Choice> {
    crate::application::choice_of(row)
}

/// From when on the ticket can be printed.
fn opens(exam: &Exam, row: &ApplicationRow) -> Option<Timestamp> {
    let window = exam.window(Phase::Ticket)?;
    let stagger = exam.settings.stagger;
    Some(opens_for(window, stagger, &row.registration_no))
}

/// Whether the ticket may be printed at an instant.
fn standing(exam: &Exam, row: &ApplicationRow, seated: bool, at: Timestamp) -> Result<Standing> {
    let early = opens(exam, row).is_none_or(|opens| at < opens);
    let window = exam.window(Phase::Ticket);
    let late = window.is_some_and(|window| at >= window.close());
    Ok(may_print(done(exam, row)?, seated, early, late))
}

/// Whether the steps before the ticket are done.
pub(super) fn done(exam: &Exam, row: &ApplicationRow) -> Result<bool> {
    let tracks = Tracks {
        review: Review::from_code(&row.review).ok_or(Error::inconsistent("application.review"))?,
        payment: Payment::from_code(&row.payment)
            .ok_or(Error::inconsistent("application.payment"))?,
        attendance: Attendance::from_code(&row.attendance)
            .ok_or(Error::inconsistent("application.attendance"))?,
    };
    let live = row.life == Life::Live.code();
    Ok(live && may_be_seated(tracks, exam.settings.steps))
}

/// The plan that seats are of.
pub(super) fn plan(seats: &[OwnSeatRow]) -> Result<Plan> {
    let first = seats
        .first()
        .ok_or(Error::inconsistent("a ticket without a seat"))?;
    Ok(Plan {
        version: first.plan_version,
        at: Timestamp::from_micros(first.published_at),
    })
}

fn place(exam: &Exam, first: &OwnSeatRow, sat: &[Sat]) -> Place {
    let when = sat
        .iter()
        .find(|one| i64::from(one.session) == first.session)
        .or(sat.first());
    Place {
        ticket_no: exam.settings.ticket.grouped(&first.ticket_no),
        site: first.site_name.clone(),
        room: crate::arrangement::room_text(first.room_no),
        seat: first.seat_no.to_string(),
        first: when.map_or_else(String::new, |one| {
            format!(
                "{}{}",
                super::day(one.starts_at),
                super::hours(one.starts_at, one.ends_at)
            )
        }),
    }
}

/// One ticket of the asking candidate.
///
/// # Errors
/// `NotFound` for somebody else's; `Refused` with what is missing and the dates when it can't be printed now.
pub async fn own(ctx: &Ctx, public_id: &str) -> Result<Ticket> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let row = applications::application_by_public_id(&mut read, public_id)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    if !exam.is_public() {
        return Err(Error::NotFound);
    }
    let seats = store::own_seats(&mut read, row.id).await?;
    standing(&exam, &row, !seats.is_empty(), ctx.at)?.map_err(|no| refused(no, &exam, &row))?;
    let plan = plan(&seats)?;
    let (content, pass) = content(&ctx.app, &exam, &row, &seats).await?;
    Ok(Ticket {
        public_id: row.public_id.clone(),
        window: exam.window(Phase::Ticket),
        exam,
        content,
        pass,
        row,
        plan,
    })
}

fn refused(no: NoTicket, exam: &Exam, row: &ApplicationRow) -> Error {
    let window = exam.window(Phase::Ticket);
    let own = opens(exam, row).filter(|_| !exam.settings.stagger.is_off());
    let when = match (no, window) {
        (NoTicket::NotYet, Some(window)) if own.is_some() => {
            let own = own.unwrap_or(window.open()).to_chinese_minute();
            format!("打印分批进行，您的打印时间从 {own} 起。请届时再来。")
        }
        (NoTicket::NotYet, Some(window)) => {
            format!("打印时间是 {}。请届时再来。", window.to_chinese())
        }
        (NoTicket::NotYet, None) => "打印时间还没有公布，请留意公告。".to_owned(),
        (NoTicket::Over, Some(window)) => {
            format!(
                "打印已于 {} 结束。确有需要，请联系考试机构。",
                window.close().to_chinese_minute()
            )
        }
        (NoTicket::NotSeated, _) => "编排公布后会出现在“准考证打印”中。".to_owned(),
        _ => "请到“我的报名信息”查看还缺哪一步。".to_owned(),
    };
    let code = match no {
        NoTicket::StepsMissing => "ticket_steps",
        NoTicket::NotSeated => "ticket_seat",
        NoTicket::NotYet => "ticket_not_yet",
        NoTicket::Over => "ticket_over",
    };
    Error::refused(code, no.to_string(), when)
}

/// What the card says, and what its QR does.
pub(super) async fn content(
    app: &App,
    exam: &Exam,
    row: &ApplicationRow,
    seats: &[OwnSeatRow],
) -> Result<(TicketContent, std::result::Result<Pass, Unfit>)> {
    let identity = account::identity(app, row.account_id).await?;
    let choice = choice_of(row)?;
    let programme = Programme::of(app, exam).await?;
    let sat = programme.sat(row.position_id, &choice);
    let first = seats
        .first()
        .ok_or(Error::inconsistent("a ticket without a seat"))?;
    let sessions = seats
        .iter()
        .map(|seat| {
            let one = sat
                .iter()
                .find(|one| i64::from(one.session) == seat.session);
            SessionLine {
                subject: one
                    .map_or_else(|| format!("第 {} 场", seat.session), |one| one.name.clone()),
                date: one.map_or_else(String::new, |one| super::day(one.starts_at)),
                time: one.map_or_else(String::new, |one| super::hours(one.starts_at, one.ends_at)),
                room: crate::arrangement::room_text(seat.room_no),
                seat: seat.seat_no.to_string(),
            }
        })
        .collect();
    let site = if first.room_name.is_empty() {
        first.site_name.clone()
    } else {
        format!("{}（{}）", first.site_name, first.room_name)
    };
    let content = TicketContent {
        exam: exam.title().to_owned(),
        ticket_no: first.ticket_no.clone(),
        ticket_no_grouped: exam.settings.ticket.grouped(&first.ticket_no),
        name: row.name.clone(),
        sex: sex(&identity.document),
        id_type: identity.document.id_type().label().to_owned(),
        id_number: identity.document.canonical().to_owned(),
        choice: choice_lines(&choice),
        site,
        address: first.site_address.clone(),
        sessions,
        notice: exam.settings.notices.ticket.clone(),
        issuer: exam.settings.organizer.clone(),
    };
    Ok((content, pass::of(exam, row, seats, &sat)))
}

/// 男 or 女 where the number tells it.
fn sex(document: &IdDocument) -> String {
    document
        .sex()
        .map_or_else(String::new, |sex| sex.label().to_owned())
}

/// What was applied for, line by line.
pub(crate) fn choice_lines(choice: &Choice) -> Vec<(String, String)> {
    let line = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    match choice {
        Choice::Position {
            code,
            name,
            employer,
            ..
        } => vec![
            line("报考单位", employer),
            line("报考岗位", &format!("{name}（岗位代码 {code}）")),
        ],
        Choice::Professional {
            level, specialty, ..
        } => {
            let mut lines = vec![line("级别", level)];
            if !specialty.is_empty() {
                lines.push(line("专业", specialty));
            }
            lines
        }
        Choice::Exam => Vec::new(),
    }
}
