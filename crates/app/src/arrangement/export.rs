//! Papers and tables of a plan: 门贴, 座次表, 签到表, the list as a workbook.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};
use documents::room::{self as document, MOST_ROOMS};
use documents::xlsx::{ColumnSpec, Writer};
use documents::{DocumentError, Imprint};
use domain::arrangement::PaperKind;
use domain::exam::snapshot::Choice;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::papers::{self, People, SitterRow, Wanted, grouped};
use super::sitters::Programme;
use super::store::{self, PlanRow, RoomRow, SeatRow};
use super::view;
use crate::exam::Exam;
use crate::{Ctx, Error, Object, Result, Stamp, paper};

/// The papers of a range of rooms as one PDF; at most fifty rooms. Each printing is recorded.
///
/// # Errors
/// `Refused` for more rooms than a file takes or a range without anybody.
pub async fn print(
    ctx: &Ctx,
    exam: &Exam,
    plan: &PlanRow,
    kind: PaperKind,
    rooms: (i64, i64),
) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let range = Wanted {
        first_room: rooms.0,
        last_room: rooms.1,
        ..Wanted::default()
    };
    let wanted = papers::used(&ctx.app, plan.id, &range).await?;
    let too_many = |count: usize| {
        let text =
            format!("选中的有 {count} 份，一个文件最多 {MOST_ROOMS} 份。请按考场号分次打印。");
        Error::refused("too_many_rooms", "考场太多", text)
    };
    if wanted.len() > MOST_ROOMS {
        return Err(too_many(wanted.len()));
    }
    if wanted.is_empty() {
        return Err(Error::refused(
            "no_rooms",
            "没有可打印的考场",
            "这个范围内没有安排了考生的考场。",
        ));
    }
    let sessions = super::sessions(&ctx.app, exam).await?;
    let programme = Programme::of(&ctx.app, exam).await?;
    let seats = papers::sitters(&ctx.app, plan.id, &wanted, &range).await?;
    let mut people = People::default();
    if kind.has_numbers() {
        people = people.with_numbers(&ctx.app, &seats, false).await?;
    }
    let pattern = view::kept(plan)?.options.pattern;
    let mut set = Vec::new();
    for room in &wanted {
        let here: Vec<&SitterRow> = seats
            .iter()
            .filter(|seat| seat.room_no == room.room_no)
            .collect();
        let how = (kind, &people, &programme);
        set.extend(grouped(exam, (room, &pattern), &here, &sessions, how)?);
    }
    if set.len() > MOST_ROOMS {
        return Err(too_many(set.len()));
    }
    record(
        ctx,
        exam,
        plan,
        json!({ "paper": kind.label(), "rooms": [rooms.0, rooms.1] }),
    )
    .await?;
    let imprint = Imprint::new(plan.public_id.clone(), ctx.at).of_exam(exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        document::render(engine, kind, &set, None, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}

/// A room's number as tickets print it: at least three digits.
pub(crate) fn room_text(room_no: i64) -> String {
    format!("{room_no:03}")
}

fn choice_text(seat: &SeatRow) -> Result<String> {
    let choice: Choice =
        serde_json::from_str(&seat.choice).map_err(|e| Error::internal("application.choice", e))?;
    Ok(choice.text())
}

/// The whole plan as a workbook, a row for each seat. Each export is recorded.
pub async fn seats_xlsx(ctx: &Ctx, exam: &Exam, plan: &PlanRow) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    record(ctx, exam, plan, json!({ "paper": "编排表" })).await?;
    let rooms = view::all_rooms(&ctx.app, plan.id).await?;
    let by_no: BTreeMap<i64, &RoomRow> = rooms.iter().map(|room| (room.room_no, room)).collect();
    let mut writer = Writer::new(&exam.sheet("考场编排"), &columns(), ctx.at).map_err(table)?;
    let mut numbers: Vec<i64> = by_no.keys().copied().collect();
    numbers.sort_unstable();
    for chunk in numbers.chunks(50) {
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
            continue;
        };
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        for seat in store::seats_in(&mut scan, plan.id, (*first, *last)).await? {
            let Some(room) = by_no.get(&seat.room_no) else {
                continue;
            };
            let cells = [
                Cell::text(&seat.registration_no),
                Cell::text(&seat.ticket_no),
                Cell::text(&seat.name),
                Cell::number(seat.session),
                Cell::number(room.site_no),
                Cell::text(&room.site_name),
                Cell::text(&room.site_address),
                Cell::text(room_text(seat.room_no)),
                Cell::text(&room.room_name),
                Cell::number(seat.seat_no),
                Cell::text(choice_text(&seat)?),
            ];
            writer.row(&cells).map_err(table)?;
        }
    }
    writer.finish().map_err(table)
}

fn columns() -> Vec<ColumnSpec> {
    [
        ("报名序号", 18.0),
        ("准考证号", 18.0),
        ("姓名", 12.0),
        ("场次", 6.0),
        ("考点号", 8.0),
        ("考点名称", 24.0),
        ("考点地址", 28.0),
        ("考场号", 8.0),
        ("考场名称", 16.0),
        ("座位号", 8.0),
        ("报考信息", 40.0),
    ]
    .map(|(title, width)| ColumnSpec::new(title, width))
    .to_vec()
}

/// A workbook to fill in elsewhere and import: everybody who may be seated, seats empty. Each export is recorded.
pub async fn template_xlsx(ctx: &Ctx, exam: &Exam) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let people = super::sitters::seatable(&ctx.app, exam, &[]).await?;
    let command = Record {
        stamp: Stamp::of(ctx),
        object: Object {
            kind: "exam",
            id: exam.id(),
            exam_id: exam.id(),
        },
        detail: json!({ "paper": "待编排名单", "people": people.len() }),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    let mut writer = Writer::new(&exam.sheet("考场编排"), &columns(), ctx.at).map_err(table)?;
    for one in people {
        let cells = [
            Cell::text(one.registration_no),
            Cell::Empty,
            Cell::text(one.name),
        ];
        writer.row(&cells).map_err(table)?;
    }
    writer.finish().map_err(table)
}

fn table(error: DocumentError) -> Error {
    Error::internal("write a workbook", error)
}

async fn record(ctx: &Ctx, exam: &Exam, plan: &PlanRow, detail: serde_json::Value) -> Result<()> {
    let object = Object {
        kind: "seat_plan",
        id: plan.id,
        exam_id: exam.id(),
    };
    let command = Record {
        stamp: Stamp::of(ctx),
        object,
        detail,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Record {
    stamp: Stamp,
    object: Object,
    detail: serde_json::Value,
}

impl Command for Record {
    const NAME: &'static str = "arrangement.export";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        self.stamp
            .trail()
            .audit(tx, "arrangement.export", self.object, self.detail.clone())
            .await
    }
}
