//! 导入编排: a plan made elsewhere. All or nothing: one bad row, and nothing is staged.

use std::collections::BTreeMap;

use domain::arrangement::{self, Candidate, Room, Seat, Violation, import as file};
use domain::sheet::Sheet;
use domain::staff::Permission;
use serde_json::json;

use super::generate::with_seats;
use super::sitters::{self, Sitter};
use super::stage::{self, Draft, Numbering};
use super::view::Summary;
use crate::exam::import::{self, Counts, Kind};
use crate::exam::{Exam, ProblemRow};
use crate::{Ctx, Error, Result};

/// Reads a seat file. Returns the batch's public id; its summary names the plan (`plan`) if every row was good.
///
/// # Errors
/// `Fields` under `file` for what isn't a readable workbook.
pub async fn upload(ctx: &Ctx, exam: &Exam, file_name: &str, bytes: &[u8]) -> Result<String> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    with_seats(exam)?;
    let sheets = workbook(bytes).await?;
    let people = sitters::seatable(&ctx.app, exam, &[]).await?;
    let (read, people) = tokio::task::spawn_blocking(move || (read(&sheets, &people), people))
        .await
        .map_err(|e| Error::internal("read a seat file", e))?;
    let batch = import::begin(ctx, exam.id(), Kind::Seats, (file_name, bytes)).await?;
    let mut problems = read.problems;
    let mut plan = None;
    if problems.is_empty() {
        match staged(
            ctx,
            exam,
            (read.rooms, read.seats),
            &read.given,
            &people,
            &batch.public_id,
        )
        .await
        {
            Ok(public_id) => plan = Some(public_id),
            Err(Error::Refused(refusal)) => problems.push(whole(&refusal.text)),
            Err(error) => return Err(error),
        }
    }
    import::problems(ctx, batch.id, &problems).await?;
    let bad = bad_lines(&problems);
    let good = if problems.is_empty() {
        read.lines
    } else {
        read.lines.saturating_sub(bad)
    };
    let counts = Counts {
        read: read.lines,
        good,
        bad,
    };
    import::finish(
        ctx,
        batch.id,
        counts,
        &json!({ "plan": plan, "sheet": read.sheet }),
    )
    .await?;
    Ok(batch.public_id)
}

/// Writes the plan that a file holds. Its public id.
async fn staged(
    ctx: &Ctx,
    exam: &Exam,
    (mut rooms, seats): (Vec<Room>, Vec<Seat>),
    given: &BTreeMap<i64, String>,
    people: &[Sitter],
    batch: &str,
) -> Result<String> {
    rooms.sort_by_key(|room| (room.site, room.no));
    let options = &exam.settings.arrangement;
    let candidates: Vec<Candidate> = people.iter().map(|one| one.candidate.clone()).collect();
    let numbering = Numbering {
        rooms: &rooms,
        seats: &seats,
        given,
        levels: &sitters::levels(people),
    };
    let tickets = stage::tickets(ctx, exam, &numbering).await?;
    let draft = Draft {
        source: "imported",
        seed: String::new(),
        options: json!({ "options": options, "special": [] }).to_string(),
        input: stage::digest(&candidates, &rooms, options)?,
        rooms,
    };
    let summary = Summary {
        batch: batch.to_owned(),
        ..Summary::default()
    };
    stage::stage(ctx, exam, draft, (seats, tickets), summary).await
}

/// Opens an upload off the request's thread.
pub(crate) async fn workbook(bytes: &[u8]) -> Result<Vec<Sheet>> {
    if bytes.is_empty() {
        return Err(Error::field("file", "请选择要导入的 xlsx 文件"));
    }
    let bytes = bytes.to_vec();
    tokio::task::spawn_blocking(move || {
        // Text that is a page saved under a wrong name isn't a table of one column.
        let other = bytes.starts_with(b"PK") || bytes.starts_with(b"<");
        if other || documents::csv_file::read(&bytes).is_err() {
            documents::xlsx::read(&bytes).map_err(|e| Error::field("file", e.to_string()))
        } else {
            documents::csv_file::read(&bytes)
                .map(|sheet| vec![sheet])
                .map_err(|e| Error::field("file", e.to_string()))
        }
    })
    .await
    .map_err(|e| Error::internal("read a workbook", e))?
}

#[derive(Default)]
struct Read {
    sheet: String,
    lines: usize,
    rooms: Vec<Room>,
    seats: Vec<Seat>,
    given: BTreeMap<i64, String>,
    problems: Vec<ProblemRow>,
}

/// The lines that have an error.
pub(crate) fn bad_lines(problems: &[ProblemRow]) -> usize {
    let lines: std::collections::BTreeSet<i64> = problems
        .iter()
        .filter(|one| one.line > 0)
        .map(|one| one.line)
        .collect();
    lines.len()
}

fn whole(message: &str) -> ProblemRow {
    placed(&file::SeatProblem {
        line: 0,
        column: "整份文件".to_owned(),
        cell: String::new(),
        message: message.to_owned(),
    })
}

fn placed(problem: &file::SeatProblem) -> ProblemRow {
    ProblemRow {
        line: i64::from(problem.line),
        severity: "error".to_owned(),
        field: problem.column.clone(),
        cell: problem.cell.chars().take(200).collect(),
        message: problem.message.chars().take(300).collect(),
    }
}

fn read(sheets: &[Sheet], people: &[Sitter]) -> Read {
    let read_all = || sheets.iter().map(|sheet| (sheet, file::read(sheet)));
    let Some((sheet, content)) = read_all().max_by_key(|(_, content)| content.rows.len()) else {
        return Read::default();
    };
    let mut read = Read {
        sheet: sheet.name.clone(),
        ..Read::default()
    };
    read.problems.extend(content.problems.iter().map(placed));
    read.lines = content.rows.len() + bad_lines(&read.problems);
    let candidates: Vec<Candidate> = people.iter().map(|one| one.candidate.clone()).collect();
    let known: Vec<file::Known<'_>> = people
        .iter()
        .zip(&candidates)
        .map(|(one, candidate)| file::Known {
            registration_no: &one.registration_no,
            name: &one.name,
            candidate,
        })
        .collect();
    let (seats, problems) = file::seats(&content.rows, &known);
    read.problems.extend(problems.iter().map(placed));
    match file::rooms(&content.rows) {
        Ok(rooms) => read.rooms = rooms,
        Err(problems) => read.problems.extend(problems.iter().map(placed)),
    }
    read.numbers(&content.rows, people);
    if read.problems.is_empty() && content.rows.is_empty() {
        read.problems.push(whole("表中没有可以导入的行"));
    }
    if read.problems.is_empty() {
        let broken = arrangement::check(&candidates, &read.rooms, &seats);
        let lines: BTreeMap<&str, u32> = content
            .rows
            .iter()
            .map(|row| (row.registration_no.as_str(), row.line))
            .collect();
        let by_id: BTreeMap<i64, &Sitter> =
            people.iter().map(|one| (one.candidate.id, one)).collect();
        read.problems
            .extend(broken.iter().map(|one| violation(one, &by_id, &lines)));
    }
    read.seats = seats;
    read
}

impl Read {
    /// Ticket numbers of the file: all digits, one for a person, none twice.
    fn numbers(&mut self, rows: &[file::SeatRow], people: &[Sitter]) {
        let ids: BTreeMap<&str, i64> = people
            .iter()
            .map(|one| (one.registration_no.as_str(), one.candidate.id))
            .collect();
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.ticket_no.is_empty()) {
            let mut bad = |message: &str| {
                self.problems.push(placed(&file::SeatProblem {
                    line: row.line,
                    column: "准考证号".to_owned(),
                    cell: row.ticket_no.clone(),
                    message: message.to_owned(),
                }));
            };
            let digits = row.ticket_no.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !(6..=20).contains(&row.ticket_no.len()) {
                bad("准考证号应为 6 到 20 位数字");
                continue;
            }
            let owner = owners.entry(&row.ticket_no).or_insert(&row.registration_no);
            if *owner != row.registration_no {
                bad("准考证号与另一名考生重复");
                continue;
            }
            if let Some(id) = ids.get(row.registration_no.as_str()) {
                let known = self
                    .given
                    .entry(*id)
                    .or_insert_with(|| row.ticket_no.clone());
                if *known != row.ticket_no {
                    bad("同一名考生有两个准考证号");
                }
            }
        }
    }
}

/// A broken rule, with the line of its candidate.
fn violation(
    broken: &Violation,
    people: &BTreeMap<i64, &Sitter>,
    lines: &BTreeMap<&str, u32>,
) -> ProblemRow {
    use Violation as V;
    let (id, message) = match broken {
        V::NoSeat { candidate, session } => (*candidate, format!("第 {session} 场没有座位")),
        V::TwoSeats { candidate, session } => (*candidate, format!("第 {session} 场有两个座位")),
        V::NotSitting { candidate, session } => {
            (*candidate, format!("没有报考第 {session} 场，却编排了座位"))
        }
        V::TwoSites(id) => (*id, "各场次不在同一个考点".to_owned()),
        V::UnknownCandidate(id) => (*id, "不在可编排名单中".to_owned()),
        V::WrongRoom(id) => (*id, "与所在考场的用途不符".to_owned()),
        V::WrongRegion(id) => (*id, "不在所选考区".to_owned()),
        V::UnknownRoom(_) | V::NoSuchSeat { .. } | V::SeatTwice { .. } => (0, broken.to_string()),
    };
    let person = people.get(&id);
    let cell = person.map_or_else(String::new, |one| one.registration_no.clone());
    placed(&file::SeatProblem {
        line: lines.get(cell.as_str()).copied().unwrap_or(0),
        column: if person.is_some() {
            "报名序号"
        } else {
            "座位号"
        }
        .to_owned(),
        message: match person {
            Some(one) => format!("{}：{message}", one.name),
            None => message,
        },
        cell,
    })
}
