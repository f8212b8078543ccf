//! 考场分布总表 and 监考名册: the tables of a site, and the sums of all.

use std::collections::{BTreeMap, BTreeSet};

use documents::Field;
use documents::room::{self as document, Row, TablePaper};
use domain::arrangement::invigilate::{self, Drawn, Invigilator};

use super::ask::duties;
use super::make::{Made, Work};
use super::rooms::{line_of, sittings};
use super::sitters;
use super::step::Step;
use crate::arrangement::room_text;
use crate::{Error, Result, paper};

/// Names of a reserve that stand on a roster.
const RESERVE: usize = 40;

fn columns<const N: usize>(columns: [(&str, u32); N]) -> Vec<(String, u32)> {
    columns
        .map(|(title, width)| (title.to_owned(), width))
        .to_vec()
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// What is at the head of a site's table.
fn facts(work: &Work<'_>, step: &Step) -> Vec<Field> {
    let Some(room) = step.rooms.first() else {
        return Vec::new();
    };
    let mut fields = vec![
        Field::new("考点", format!("{:02} {}", room.site_no, room.site_name)),
        Field::new("地址", room.site_address.clone()),
    ];
    let numbers: BTreeSet<i64> = work
        .sessions
        .iter()
        .map(|session| i64::from(session.number))
        .filter(|number| work.wanted.has_session(*number))
        .collect();
    for number in numbers.into_iter().take(8) {
        let line = line_of(&work.sessions, number);
        let (label, text) = match line.split_once(' ') {
            Some(("第", rest)) => match rest.split_once(" 场 ") {
                Some((number, text)) => (format!("第 {number} 场"), text.to_owned()),
                None => (format!("第 {number} 场"), line.clone()),
            },
            _ => (format!("第 {number} 场"), line.clone()),
        };
        fields.push(Field::new(label, text));
    }
    fields
}

fn footer(work: &Work<'_>) -> String {
    format!(
        "第 {} 版编排 {}",
        work.plan.version,
        work.at().to_local_minute()
    )
}

/// Rooms, sessions, papers, ranges of tickets and people of a site.
pub(super) async fn overview(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let app = &work.ctx.app;
    let rows = sitters(app, work.plan.id, &step.rooms, work.wanted).await?;
    let list = sittings(&step.rooms, &rows, &work.programme)?;
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    let mut sums: BTreeMap<i64, (BTreeSet<i64>, usize)> = BTreeMap::new();
    for one in &list {
        let (first, last) = one.range();
        lines.push(Row::of(vec![
            room_text(one.room.room_no),
            one.room.room_name.clone(),
            one.session.to_string(),
            one.name.clone(),
            format!("{first}\n{last}"),
            one.seats.len().to_string(),
        ]));
        let sum = sums.entry(one.session).or_default();
        sum.0.insert(one.room.room_no);
        sum.1 += one.seats.len();
    }
    for (session, (rooms, people)) in &sums {
        lines.push(Row::sum(vec![
            "合计".to_owned(),
            format!("{} 个考场", rooms.len()),
            session.to_string(),
            String::new(),
            String::new(),
            people.to_string(),
        ]));
    }
    let table = TablePaper {
        heading: step.unit.kind.label().to_owned(),
        exam: work.exam.title().to_owned(),
        fields: facts(work, step),
        columns: columns([
            ("考场", 3),
            ("地点", 6),
            ("场次", 2),
            ("科目", 8),
            ("准考证号（起、止）", 7),
            ("人数", 3),
        ]),
        rows: lines,
        row_height: 0,
        notes: vec!["人数按场次和科目计，是应发试卷的份数，不含备用。".to_owned()],
        signatures: cells(["制表", "复核"]),
        footer: footer(work),
    };
    set(work, step, table, &work.name(step)).await
}

async fn set(work: &Work<'_>, step: &Step, table: TablePaper, name: &str) -> Result<Vec<Made>> {
    let imprint = work.imprint(step);
    let pdf = paper::set(&work.ctx.app, move |engine| {
        document::table(engine, &table, &imprint)
    })
    .await?;
    Ok(vec![Made::pdf(name, pdf)])
}

/// Sites and sessions of all that was wanted: rooms and people.
pub(super) async fn totals(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let mut scan = work.ctx.app.db().scan(db::Crowd::System);
    let sat = super::store::rooms_sat(&mut scan, work.plan.id).await?;
    let sites: BTreeMap<i64, (i64, &str)> = step
        .rooms
        .iter()
        .map(|room| (room.room_no, (room.site_no, room.site_name.as_str())))
        .collect();
    let mut by_site: BTreeMap<(i64, &str, i64), (i64, i64)> = BTreeMap::new();
    let mut by_session: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (room, session, people) in sat {
        let Some((site, name)) = sites.get(&room) else {
            continue;
        };
        if !work.wanted.has_session(session) {
            continue;
        }
        for sum in [
            by_site.entry((*site, *name, session)).or_default(),
            by_session.entry(session).or_default(),
        ] {
            sum.0 += 1;
            sum.1 += people;
        }
    }
    if by_site.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<Row> = by_site
        .iter()
        .map(|((site, name, session), (rooms, people))| {
            Row::of(vec![
                format!("{site:02}"),
                (*name).to_owned(),
                session.to_string(),
                rooms.to_string(),
                people.to_string(),
            ])
        })
        .collect();
    for (session, (rooms, people)) in &by_session {
        rows.push(Row::sum(vec![
            String::new(),
            "合计".to_owned(),
            session.to_string(),
            rooms.to_string(),
            people.to_string(),
        ]));
    }
    let label = step.unit.kind.label();
    let table = TablePaper {
        heading: format!("{label}（合计）"),
        exam: work.exam.title().to_owned(),
        fields: Vec::new(),
        columns: columns([
            ("考点号", 2),
            ("考点", 8),
            ("场次", 2),
            ("考场数", 2),
            ("人数", 3),
        ]),
        rows,
        row_height: 0,
        notes: Vec::new(),
        signatures: cells(["制表", "复核"]),
        footer: footer(work),
    };
    set(work, step, table, &format!("{label}（合计）")).await
}

/// A line of a roster: session, room, and who watches it.
pub(super) struct Watch {
    pub(super) session: u32,
    pub(super) room: i64,
    pub(super) room_name: String,
    pub(super) people: Vec<Invigilator>,
}

/// Who watches the rooms of a step, and the reserve of each session. The draw is over all that was wanted, so that it is the
/// same in every step.
pub(super) async fn watches(work: &Work<'_>, step: &Step) -> Result<(Vec<Watch>, Drawn)> {
    let app = &work.ctx.app;
    let mine = duties(app, work.plan.id, &step.rooms, work.wanted).await?;
    let drawn = if work.wanted.invigilators.is_empty() {
        Drawn::default()
    } else {
        let rooms = super::used(app, work.plan.id, work.wanted).await?;
        let all = duties(app, work.plan.id, &rooms, work.wanted).await?;
        let people = &work.wanted.invigilators;
        invigilate::draw(people, &all, &work.wanted.seed)
            .map_err(|few| Error::refused("papers_staff", "监考员不够", few.to_string()))?
    };
    let names: BTreeMap<i64, &str> = step
        .rooms
        .iter()
        .map(|room| (room.room_no, room.room_name.as_str()))
        .collect();
    let list = mine
        .into_iter()
        .map(|duty| {
            let two = drawn.watch.get(&(duty.session, duty.room));
            let people = two.into_iter().flatten();
            Watch {
                session: duty.session,
                room: duty.room,
                room_name: names
                    .get(&duty.room)
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                people: people
                    .filter_map(|index| work.wanted.invigilators.get(*index).cloned())
                    .collect(),
            }
        })
        .collect();
    Ok((list, drawn))
}

/// Who invigilates where in a site.
pub(super) async fn staff(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let (list, drawn) = watches(work, step).await?;
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let said = |one: Option<&Invigilator>| {
        one.map_or_else(String::new, |one| {
            if one.employer.is_empty() {
                one.name.clone()
            } else {
                format!("{}\n{}", one.name, one.employer)
            }
        })
    };
    let rows = list
        .iter()
        .map(|one| {
            Row::of(vec![
                room_text(one.room),
                one.room_name.clone(),
                one.session.to_string(),
                said(one.people.first()),
                String::new(),
                said(one.people.get(1)),
                String::new(),
            ])
        })
        .collect();
    let table = TablePaper {
        heading: step.unit.kind.label().to_owned(),
        exam: work.exam.title().to_owned(),
        fields: facts(work, step),
        columns: columns([
            ("考场", 3),
            ("地点", 5),
            ("场次", 2),
            ("监考员一", 7),
            ("签名", 5),
            ("监考员二", 7),
            ("签名", 5),
        ]),
        rows,
        row_height: 90,
        notes: notes(work, &drawn),
        signatures: cells(["主考", "考务负责人"]),
        footer: footer(work),
    };
    set(work, step, table, &work.name(step)).await
}

/// How it was drawn, so that it can be drawn again, and who is in reserve.
fn notes(work: &Work<'_>, drawn: &Drawn) -> Vec<String> {
    let people = &work.wanted.invigilators;
    if people.is_empty() {
        return Vec::new();
    }
    let mut notes = vec![format!(
        "由系统从 {} 人的名单中抽签确定，种子 {}。同样的名单和种子得到同样的结果。",
        people.len(),
        work.wanted.seed
    )];
    if drawn.alike > 0 {
        notes.push(format!(
            "名单里有的单位人数过半，{} 个考场的两名监考员来自同一单位。",
            drawn.alike
        ));
    }
    for (session, spare) in &drawn.spare {
        if spare.is_empty() {
            continue;
        }
        let names: Vec<&str> = spare
            .iter()
            .take(RESERVE)
            .filter_map(|index| people.get(*index).map(|one| one.name.as_str()))
            .collect();
        let more = if spare.len() > RESERVE {
            format!("等 {} 人", spare.len())
        } else {
            String::new()
        };
        notes.push(format!(
            "第 {session} 场备用监考员（全部考点）：{}{more}。",
            names.join("、")
        ));
    }
    notes
}
