//! Asking for a run: what was ticked and typed, looked at, stored with the job that makes it.

use std::collections::BTreeSet;

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::invigilate::{self, Duty, Invigilator};
use domain::arrangement::{PaperKind, PlanState};
use domain::field::FieldErrors;
use domain::sheet::clean;
use domain::staff::Permission;
use domain::time::Timestamp;

use super::make::Make;
use super::store::{self, UsedRoom};
use super::{Wanted, step, used};
use crate::arrangement::PlanRow;
use crate::exam::Exam;
use crate::{App, Ctx, Error, Object, Result, Stamp, chunks, reason};

/// How many days files are kept.
const DAYS: i64 = 14;
/// Runs of an exam that are made at once.
const AT_ONCE: i64 = 3;
/// Most spare papers of a bag.
const MOST_SPARE: u32 = 50;

/// A run as the form has it.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Codes of kinds.
    pub kinds: Vec<String>,
    /// Numbers of sites; none: all.
    pub sites: Vec<String>,
    /// Numbers of sessions; none: all.
    pub sessions: Vec<String>,
    /// First room; empty: the first.
    pub first: String,
    /// Last room; empty: the last.
    pub last: String,
    /// With photos.
    pub photos: bool,
    /// With workbooks.
    pub tables: bool,
    /// Spare papers of each bag.
    pub spare: String,
    /// Whole document numbers.
    pub whole_numbers: bool,
    /// Why.
    pub reason: String,
    /// The list of invigilators; empty: none.
    pub list: Vec<u8>,
}

/// Begins a run over a plan. Returns its public id.
///
/// # Errors
/// `Fields` for what has to be mended; `Refused` while too many are made; `Conflict` for a plan that was given up; `Forbidden`.
pub async fn ask(ctx: &Ctx, exam: &Exam, plan: &PlanRow, ask: &Ask) -> Result<String> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let state = PlanState::from_code(&plan.state).ok_or(Error::inconsistent("seat_plan.state"))?;
    if !matches!(
        state,
        PlanState::Ready | PlanState::Published | PlanState::Superseded
    ) {
        return Err(Error::refused(
            "papers_plan",
            "这一版编排没有座位",
            "编排完成后才能生成考场用纸。",
        ));
    }
    let mut wanted = read(exam, plan, ask)?;
    let rooms = used(&ctx.app, plan.id, &wanted).await?;
    if rooms.is_empty() {
        return Err(Error::field("first", "这个范围内没有安排了考生的考场"));
    }
    if !ask.list.is_empty() && wanted.kinds.contains(&PaperKind::Staff) {
        wanted.invigilators = listed(&ask.list).await?;
        let seed: [u8; 16] = ctx.app.random();
        wanted.seed = hex::encode(seed);
        let duties = duties(&ctx.app, plan.id, &rooms, &wanted).await?;
        fits(&wanted, &duties)?;
    }
    let stamp = Stamp::of(ctx);
    let text =
        serde_json::to_string(&wanted).map_err(|e| Error::internal("paper_run.wanted", e))?;
    let command = Begin {
        exam_id: exam.id(),
        plan_id: plan.id,
        text,
        detail: wanted.detail(),
        total: step::total(&wanted, &rooms),
        expires_at: ctx.at.micros().saturating_add(DAYS * 86_400 * 1_000_000),
        stamp,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

fn read(exam: &Exam, plan: &PlanRow, ask: &Ask) -> Result<Wanted> {
    let mut errors = FieldErrors::new();
    let kinds: BTreeSet<PaperKind> = ask
        .kinds
        .iter()
        .filter_map(|code| PaperKind::from_code(code))
        .collect();
    if kinds.is_empty() {
        errors.add("kinds", "请至少选择一种用纸");
    }
    if kinds.contains(&PaperKind::Tickets) && exam.row.seat_plan != plan.id {
        errors.add("kinds", "准考证只能按已公布的编排打印，请先公布这一版");
    }
    let mut number = |field: &'static str, typed: &str| {
        let typed = typed.trim();
        let read = clean::whole_number(typed).filter(|number| *number > 0);
        if read.is_none() && !typed.is_empty() {
            errors.add(field, "考场号应为大于 0 的整数，留空为全部");
        }
        i64::from(read.unwrap_or(0))
    };
    let (first_room, last_room) = (number("first", &ask.first), number("last", &ask.last));
    if last_room > 0 && first_room > last_room {
        errors.add("last", "结束的考场号不能小于起始的考场号");
    }
    let spare = match ask.spare.trim() {
        "" => Some(0),
        typed => clean::whole_number(typed).filter(|spare| *spare <= MOST_SPARE),
    };
    if spare.is_none() {
        errors.add("spare", format!("备用份数应为 0 至 {MOST_SPARE} 的整数"));
    }
    let whole_numbers = ask.whole_numbers && kinds.iter().any(|kind| kind.has_numbers());
    let mut why = String::new();
    if whole_numbers {
        match reason::read(
            "reason",
            &ask.reason,
            4..=200,
            "请写明为什么要印完整的证件号码，4 至 200 个字",
        ) {
            Ok(text) => why = text,
            Err(Error::Fields(found)) => {
                for (field, message) in found.iter() {
                    errors.add(field, message);
                }
            }
            Err(error) => return Err(error),
        }
    }
    errors.into_result()?;
    let numbers = |typed: &[String]| typed.iter().filter_map(|one| one.parse().ok()).collect();
    Ok(Wanted {
        first_room,
        last_room,
        sites: numbers(&ask.sites),
        sessions: numbers(&ask.sessions),
        photos: ask.photos && kinds.iter().any(|kind| kind.has_photos()),
        tables: ask.tables,
        spare: spare.unwrap_or(0),
        whole_numbers,
        reason: why,
        kinds,
        ..Wanted::default()
    })
}

/// The people of an uploaded list.
async fn listed(bytes: &[u8]) -> Result<Vec<Invigilator>> {
    let sheets = crate::arrangement::workbook(bytes).await?;
    let mut problem = "文件里没有表格".to_owned();
    for sheet in &sheets {
        match invigilate::read(sheet) {
            Ok(people) => return Ok(people),
            Err(said) => problem = said,
        }
    }
    Err(Error::field("file", problem))
}

/// Whether every duty can be done, and every site of the list exists.
fn fits(wanted: &Wanted, duties: &[Duty]) -> Result<()> {
    let known: BTreeSet<String> = duties
        .iter()
        .flat_map(|duty| [duty.site_name.clone(), duty.site.to_string()])
        .collect();
    let sites = wanted.invigilators.iter().map(|one| &one.site);
    if let Some(other) = sites
        .filter(|site| !site.is_empty())
        .find(|site| !known.contains(*site))
    {
        let text = format!("名单里的考点“{other}”不在要生成的考场里，请核对考点名称");
        return Err(Error::field("file", text));
    }
    invigilate::draw(&wanted.invigilators, duties, &wanted.seed)
        .map(drop)
        .map_err(|few| Error::field("file", few.to_string()))
}

/// The rooms and sessions that are watched.
pub(super) async fn duties(
    app: &App,
    plan_id: i64,
    rooms: &[UsedRoom],
    wanted: &Wanted,
) -> Result<Vec<Duty>> {
    let sat = store::rooms_sat(&mut app.db().scan(Crowd::System), plan_id).await?;
    let mut duties = Vec::new();
    for room in rooms {
        let from = sat.partition_point(|(number, ..)| *number < room.room_no);
        let here = sat.iter().skip(from);
        for (_, session, _) in here.take_while(|(number, ..)| *number == room.room_no) {
            if wanted.has_session(*session) {
                duties.push(Duty {
                    session: u32::try_from(*session).unwrap_or(0),
                    site: room.site_no,
                    site_name: room.site_name.clone(),
                    room: room.room_no,
                });
            }
        }
    }
    Ok(duties)
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    plan_id: i64,
    text: String,
    detail: serde_json::Value,
    total: i64,
    expires_at: i64,
}

impl Command for Begin {
    const NAME: &'static str = "arrangement.papers";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        if store::runs_making(tx, self.exam_id).await? >= AT_ONCE {
            return Err(Error::refused(
                "papers_busy",
                "正在生成的已有几套",
                format!("一场考试同时最多生成 {AT_ONCE} 套用纸，请等一套完成后再来。"),
            ));
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let at: Timestamp = self.stamp.at;
        let row = store::RunInsert {
            id,
            public_id: &public_id,
            exam_id: self.exam_id,
            plan_id: self.plan_id,
            wanted: &self.text,
            total: self.total,
            by: trail.actor_id(),
            at: at.micros(),
            expires_at: self.expires_at,
        };
        if store::run_insert(tx, &row).await? == 0 {
            return Err(Error::Conflict("这一版编排已被放弃"));
        }
        let object = Object {
            kind: "paper_run",
            id,
            exam_id: self.exam_id,
        };
        trail
            .audit(tx, "arrangement.papers", object, self.detail.clone())
            .await?;
        chunks::enqueue::<Make>(tx, trail.id()?, id, at).await?;
        Ok(public_id)
    }
}
