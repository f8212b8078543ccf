//! The marks of a batch to take away: a row for each mark as a table, a row for each person as 成绩册.

use std::collections::BTreeMap;

use db::Crowd;
use documents::Field;
use domain::exam::snapshot::Choice;
use domain::score::Flag;
use domain::score::publication::BatchState;
use domain::sheet::Cell;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::marks::{Looked, marks_under};
use super::store::{self, MarkRow};
use super::{Batch, export_store};
use crate::arrangement::room_text;
use crate::copy::{CHUNK, Copied, Format, Listing, take};
use crate::exam::{self, Exam};
use crate::papers_list::{self, Paper};
use crate::{Ctx, Error, Object, Result};

/// People in one 成绩册.
const MOST_PEOPLE: usize = 2_000;
/// People read at once for a 成绩册, and the most marks that they have together.
const PEOPLE: usize = 100;
const MARKS: u32 = 5_000;

/// The marks under the filter of the page, in its order.
///
/// # Errors
/// `Refused` while the batch is being written.
pub async fn export(ctx: &Ctx, batch: &Batch, looked: &Looked, format: Format) -> Result<Copied> {
    complete(batch)?;
    take(ctx, &Marks { batch, looked }, format).await
}

fn complete(batch: &Batch) -> Result<()> {
    match batch.state {
        BatchState::Staging => Err(Error::refused(
            "batch_staging",
            "这批成绩还在写入",
            "写入完成以后才能导出和打印，请稍后再试。",
        )),
        BatchState::Discarded => Err(Error::refused(
            "batch_discarded",
            "这批成绩已放弃",
            "放弃的成绩已经删除，没有可以导出和打印的内容。",
        )),
        _ => Ok(()),
    }
}

fn object(batch: &Batch) -> Object {
    Object {
        kind: "score_batch",
        id: batch.row.id,
        exam_id: batch.row.exam_id,
    }
}

fn choice_text(row: &MarkRow) -> String {
    serde_json::from_str::<Choice>(&row.choice).map_or_else(|_| String::new(), |one| one.text())
}

fn passed_text(passed: &str) -> &'static str {
    match passed {
        "yes" => "合格",
        "no" => "未合格",
        _ => "",
    }
}

/// A number where there is one, otherwise the flag's word.
fn mark_cell(mark: &str, flag: &str) -> Cell {
    match Flag::from_code(flag) {
        Some(Flag::Normal) if !mark.is_empty() => Cell::Number(mark.to_owned()),
        Some(Flag::Normal) | None => Cell::Empty,
        Some(flag) => Cell::text(flag.label()),
    }
}

/// The stored total is a number, a flag's code, or nothing.
fn total_cell(total: &str) -> Cell {
    match Flag::from_code(total) {
        Some(flag) => Cell::text(flag.label()),
        None if total.is_empty() => Cell::Empty,
        None => Cell::Number(total.to_owned()),
    }
}

struct Marks<'a> {
    batch: &'a Batch,
    looked: &'a Looked,
}

impl Listing for Marks<'_> {
    type Row = MarkRow;
    type Place = i64;
    const NAME: &'static str = "成绩";
    const ACTION: &'static str = "score.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("报名序号", 18.0),
        ("准考证号", 18.0),
        ("姓名", 12.0),
        ("报考", 44.0),
        ("科目", 24.0),
        ("成绩", 10.0),
        ("标记", 10.0),
        ("总成绩", 10.0),
        ("名次", 8.0),
        ("合格情况", 10.0),
    ];

    fn object(&self) -> Object {
        object(self.batch)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "version": self.batch.row.version, "by_who": !self.looked.who.trim().is_empty() })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<MarkRow>, Option<i64>)> {
        ctx.allow_for(Permission::ScoreEdit, self.batch.row.exam_id, "")?;
        let limit = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        let mut rows = marks_under(ctx, self.batch, self.looked, from, limit).await?;
        if i64::try_from(rows.len()).is_ok_and(|count| count < CHUNK) {
            return Ok((rows, None));
        }
        // A page ends with a person: the next one begins behind him.
        if let Some(torn) = rows.last().map(|row| row.application_id) {
            rows.retain(|row| row.application_id != torn);
        }
        let next = rows.last().map(|row| row.application_id);
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &MarkRow) -> Vec<Cell> {
        let flag = Flag::from_code(&row.flag).filter(|flag| *flag != Flag::Normal);
        vec![
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.ticket_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(choice_text(row)),
            Cell::text(row.subject_name.as_str()),
            flag.map_or_else(|| mark_cell(&row.mark, &row.flag), |_| Cell::Empty),
            flag.map_or(Cell::Empty, |flag| Cell::text(flag.label())),
            total_cell(&row.total),
            row.rank.map_or(Cell::Empty, Cell::number),
            Cell::text(passed_text(&row.passed)),
        ]
    }
}

/// Who stands in a 成绩册.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked<'a> {
    /// Everybody of the batch.
    All,
    /// Those who applied for the position with this code.
    Position(&'a str),
    /// Those who sat in these rooms, first and last.
    Rooms(i64, i64),
}

/// 成绩册: a row for each person, to sign and to keep.
///
/// # Errors
/// `Fields` under `position` for a code that the exam doesn't have and under `first` for rooms that aren't; `Refused` for more people than
/// a file takes.
pub async fn book(ctx: &Ctx, exam: &Exam, batch: &Batch, who: Booked<'_>) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::ScoreEdit, exam.id(), "")?;
    complete(batch)?;
    let people = people(ctx, exam, batch, who).await?;
    if people.len() > MOST_PEOPLE {
        return Err(Error::refused(
            "too_many_people",
            "人数太多",
            format!("一份成绩册最多 {MOST_PEOPLE} 人，请按岗位或者考场分几次打印。"),
        ));
    }
    let range = match who {
        Booked::All => "全部考生".to_owned(),
        Booked::Position(code) => format!("岗位代码 {}", code.trim()),
        Booked::Rooms(first, last) => {
            format!("第 {} 至 {} 考场", room_text(first), room_text(last))
        }
    };
    let visible = batch.row.visible_at.map(Timestamp::from_micros);
    let published = visible.map_or_else(|| "未公布".to_owned(), Timestamp::to_local_minute);
    let mut notes = Vec::new();
    if visible.is_none_or(|at| at > ctx.at) {
        notes.push("成绩尚未公布，请妥善保管，不得外传。".to_owned());
    }
    let count = people.len();
    let list = Book {
        batch,
        people: &people,
    };
    let paper = Paper {
        heading: "成绩册",
        exam,
        action: "score.paper",
        fields: vec![
            Field::new("范围", range),
            Field::new("人数", count.to_string()),
            Field::new(
                "成绩批次",
                format!("第 {} 批（{}）", batch.row.version, batch.state.label()),
            ),
            Field::new("公布时间", published),
        ],
        notes,
        signatures: &["打印", "核对", "负责人"],
        break_by: (who != Booked::All).then_some(0),
    };
    papers_list::print(ctx, &list, paper).await
}

/// The people, each with what his table is called; one more than fit, if there are.
async fn people(
    ctx: &Ctx,
    exam: &Exam,
    batch: &Batch,
    who: Booked<'_>,
) -> Result<Vec<(i64, Option<String>)>> {
    let limit = i64::try_from(MOST_PEOPLE + 1).unwrap_or(i64::MAX);
    let id = batch.row.id;
    match who {
        Booked::All => {
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let ids = export_store::people_of(&mut scan, id, limit).await?;
            Ok(ids.into_iter().map(|one| (one, None)).collect())
        }
        Booked::Position(code) => {
            let table = exam::positions::table(&ctx.app, exam).await?;
            let code = code.trim();
            let found = table.items().iter().find(|one| one.position.code == code);
            let Some(item) = found else {
                return Err(Error::field(
                    "position",
                    "没有这个岗位代码，请核对后重新填写",
                ));
            };
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let ids = export_store::people_on(&mut scan, (id, item.id), limit).await?;
            Ok(ids.into_iter().map(|one| (one, None)).collect())
        }
        Booked::Rooms(first, last) if first < 1 || last < first => Err(Error::field(
            "first",
            "考场号应为整数，起始号不能大于结束号",
        )),
        Booked::Rooms(first, last) => {
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let of = (id, exam.row.seat_plan);
            let found = export_store::people_in(&mut scan, of, (first, last), limit).await?;
            Ok(found
                .into_iter()
                .map(|(one, room)| (one, Some(format!("第 {} 考场", room_text(room)))))
                .collect())
        }
    }
}

struct Book<'a> {
    batch: &'a Batch,
    people: &'a [(i64, Option<String>)],
}

/// A person with all of his marks.
struct Person {
    group: String,
    ticket_no: String,
    name: String,
    marks: Vec<(String, Cell)>,
    total: String,
    rank: Option<i64>,
    passed: &'static str,
}

impl Listing for Book<'_> {
    type Row = Person;
    type Place = usize;
    const NAME: &'static str = "成绩";
    const ACTION: &'static str = "score.paper";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("报考", 30.0),
        ("准考证号", 22.0),
        ("姓名", 16.0),
        ("各科成绩", 34.0),
        ("总成绩", 14.0),
        ("名次", 10.0),
        ("合格情况", 14.0),
    ];

    fn object(&self) -> Object {
        object(self.batch)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "version": self.batch.row.version, "people": self.people.len() })
    }

    async fn page(&self, ctx: &Ctx, from: Option<usize>) -> Result<(Vec<Person>, Option<usize>)> {
        ctx.allow_for(Permission::ScoreEdit, self.batch.row.exam_id, "")?;
        let begins = from.unwrap_or(0);
        let here: Vec<&(i64, Option<String>)> =
            self.people.iter().skip(begins).take(PEOPLE).collect();
        if here.is_empty() {
            return Ok((Vec::new(), None));
        }
        let whose = store::Whose::These(here.iter().map(|(id, _)| *id).collect());
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let marks =
            store::marks_page(&mut scan, self.batch.row.id, &whose, (false, None), MARKS).await?;
        let mut by_person: BTreeMap<i64, Vec<MarkRow>> = BTreeMap::new();
        for row in marks {
            by_person.entry(row.application_id).or_default().push(row);
        }
        let read = here
            .iter()
            .filter_map(|(id, group)| person(by_person.remove(id)?, group.as_deref()))
            .collect();
        let next = begins + here.len();
        Ok((read, (next < self.people.len()).then_some(next)))
    }

    fn cells(&self, _: &Ctx, row: &Person) -> Vec<Cell> {
        let marks: Vec<String> = row
            .marks
            .iter()
            .map(|(subject, mark)| format!("{subject} {}", mark.raw()))
            .collect();
        vec![
            Cell::text(row.group.as_str()),
            Cell::text(row.ticket_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(marks.join("\n")),
            Cell::text(row.total.as_str()),
            row.rank.map_or(Cell::Empty, Cell::number),
            Cell::text(row.passed),
        ]
    }
}

fn person(rows: Vec<MarkRow>, group: Option<&str>) -> Option<Person> {
    let first = rows.first()?;
    Some(Person {
        group: group.map_or_else(|| choice_text(first), str::to_owned),
        ticket_no: first.ticket_no.clone(),
        name: first.name.clone(),
        total: total_cell(&first.total).raw().to_owned(),
        rank: first.rank,
        passed: passed_text(&first.passed),
        marks: rows
            .iter()
            .map(|row| (row.subject_name.clone(), mark_cell(&row.mark, &row.flag)))
            .collect(),
    })
}
