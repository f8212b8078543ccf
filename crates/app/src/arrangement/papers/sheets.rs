//! What is printed of some rooms: their papers, the labels of their bags, their tickets.

use std::collections::BTreeSet;
use std::sync::Arc;

use documents::Imprint;
use documents::room::{self as document, MOST_ROOMS, RoomPaper};
use domain::arrangement::PaperKind;

use super::make::{Made, Work};
use super::rooms::{bag, grouped, of_room, sittings};
use super::step::Step;
use super::{People, sitters};
use crate::{Error, Result, paper, ticket};

/// Most bags of one file.
const MOST_BAGS: usize = 200;

/// A second, third file of a step gets a number.
fn numbered(name: &str, at: usize) -> String {
    if at == 0 {
        name.to_owned()
    } else {
        format!("{name} ({})", at + 1)
    }
}

/// 门贴, 座次表, 签到表, 桌签, 登记表.
pub(super) async fn papers(work: &Work<'_>, step: &Step, kind: PaperKind) -> Result<Vec<Made>> {
    let app = &work.ctx.app;
    let rows = sitters(app, work.plan.id, &step.rooms, work.wanted).await?;
    let mut people = People::default();
    if kind.has_numbers() {
        people = people
            .with_numbers(app, &rows, work.wanted.whole_numbers)
            .await?;
    }
    let photos = kind.has_photos() && work.wanted.photos;
    if photos {
        people = people.with_photos(app, &rows).await?;
    }
    let mut set: Vec<RoomPaper> = Vec::new();
    for room in &step.rooms {
        set.extend(grouped(
            work.exam,
            (room, &work.pattern),
            &of_room(&rows, room.room_no),
            &work.sessions,
            (kind, &people, &work.programme),
        )?);
    }
    let photos = photos.then(|| Arc::new(people.into_photos()));
    let mut made = Vec::new();
    for (at, part) in set.chunks(MOST_ROOMS).enumerate() {
        let (part, photos) = (part.to_vec(), photos.clone());
        let imprint = work.imprint(step);
        let pdf = paper::set(app, move |engine| {
            document::render(engine, kind, &part, photos.as_deref(), &imprint)
        })
        .await?;
        made.push(Made::pdf(&numbered(&work.name(step), at), pdf));
    }
    Ok(made)
}

/// 试卷袋标签.
pub(super) async fn bags(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let app = &work.ctx.app;
    let rows = sitters(app, work.plan.id, &step.rooms, work.wanted).await?;
    let list: Vec<document::Bag> = sittings(&step.rooms, &rows, &work.programme)?
        .iter()
        .map(|one| bag(work.exam, one, &work.sessions, work.wanted.spare))
        .collect();
    let mut made = Vec::new();
    for (at, part) in list.chunks(MOST_BAGS).enumerate() {
        let (part, imprint) = (part.to_vec(), work.imprint(step));
        let pdf = paper::set(app, move |engine| document::bags(engine, &part, &imprint)).await?;
        made.push(Made::pdf(&numbered(&work.name(step), at), pdf));
    }
    Ok(made)
}

/// The tickets of some rooms by room and seat, each once. They are those of the published plan.
pub(super) async fn tickets(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    if work.exam.row.seat_plan != work.plan.id {
        return Err(Error::refused(
            "papers_plan",
            "编排已更换",
            "已公布新的一版编排，请按新的一版重新生成准考证。",
        ));
    }
    let app = &work.ctx.app;
    let rows = sitters(app, work.plan.id, &step.rooms, work.wanted).await?;
    let mut seen = BTreeSet::new();
    let mut pages = Vec::new();
    for row in &rows {
        if !seen.insert(row.application_id) {
            continue;
        }
        let Some((ident, card)) =
            ticket::of_application(app, work.exam, row.application_id).await?
        else {
            continue;
        };
        let imprint = Imprint::new(ident, work.at()).of_exam(work.exam.row.code.clone());
        let page = paper::set(app, move |engine| {
            documents::ticket::render(engine, &card, &imprint)
        })
        .await?;
        pages.push(page);
    }
    let mut made = Vec::new();
    for (at, part) in pages.chunks(documents::MOST_PICTURES).enumerate() {
        let (part, imprint) = (part.to_vec(), work.imprint(step));
        let title = work.exam.title().to_owned();
        let pdf = paper::set(app, move |engine| {
            document::bind(engine, &title, &part, &imprint)
        })
        .await?;
        made.push(Made::pdf(&numbered(&work.name(step), at), pdf));
    }
    Ok(made)
}
