//! A seat plan made elsewhere, as rows of a sheet: read, then checked by the same rules as our own.

use std::collections::{BTreeMap, BTreeSet};

use super::input::{Candidate, DEFAULT_CAPACITY, Room, RoomUse, Seat};
use crate::sheet::{Column, Header, Sheet, clean, plain, squeezed};

/// The columns of a seat file.
pub const COLUMNS: &[Column] = &[
    Column {
        key: "registration_no",
        title: "报名序号",
        names: &["报名序号", "报名号", "序列号"],
    },
    Column {
        key: "ticket_no",
        title: "准考证号",
        names: &["准考证号", "准考证号码"],
    },
    Column {
        key: "name",
        title: "姓名",
        names: &["姓名", "考生姓名"],
    },
    Column {
        key: "session",
        title: "场次",
        names: &["场次", "场次号", "考试场次"],
    },
    Column {
        key: "site_no",
        title: "考点号",
        names: &["考点号", "考点编号", "考点代码"],
    },
    Column {
        key: "site",
        title: "考点",
        names: &["考点", "考点名称", "考试地点"],
    },
    Column {
        key: "address",
        title: "考点地址",
        names: &["考点地址", "地址"],
    },
    Column {
        key: "room",
        title: "考场号",
        names: &["考场号", "考场", "考场编号", "试室号"],
    },
    Column {
        key: "room_name",
        title: "考场名称",
        names: &["考场名称", "教室", "考场位置"],
    },
    Column {
        key: "seat",
        title: "座位号",
        names: &["座位号", "座号", "座位"],
    },
];

/// One readable row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    /// Line in the sheet.
    pub line: u32,
    /// 报名序号, digits only.
    pub registration_no: String,
    /// 准考证号 as given; empty when the centre leaves it to us.
    pub ticket_no: String,
    /// 姓名, to cross-check.
    pub name: String,
    /// Session; `None` means every session that he sits.
    pub session: Option<u32>,
    /// Site number; 0 when only a name is given.
    pub site_no: u32,
    /// Site name.
    pub site: String,
    /// Site address.
    pub address: String,
    /// Room number.
    pub room: u32,
    /// Room name.
    pub room_name: String,
    /// Seat number.
    pub seat: u32,
}

/// A row that can't be used, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatProblem {
    /// Line in the sheet; 0 for the whole file.
    pub line: u32,
    /// Title of the column.
    pub column: String,
    /// What the cell says.
    pub cell: String,
    /// How to mend it.
    pub message: String,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeatFile {
    /// Good rows.
    pub rows: Vec<SeatRow>,
    /// Bad rows.
    pub problems: Vec<SeatProblem>,
}

/// Reads a seat file. Rows in = good rows + lines with problems; blank rows don't count.
pub fn read(sheet: &Sheet) -> SeatFile {
    let mut file = SeatFile::default();
    let Some(header) = Header::find(sheet, COLUMNS, 3) else {
        file.problems.push(problem(
            0,
            "表头",
            "",
            "没有找到表头。请保留“报名序号、考场号、座位号”等列名",
        ));
        return file;
    };
    for (key, title) in [
        ("registration_no", "报名序号"),
        ("room", "考场号"),
        ("seat", "座位号"),
        ("site", "考点"),
    ] {
        if header.column(key).is_none() {
            file.problems
                .push(problem(0, title, "", &format!("表中缺少“{title}”列")));
        }
    }
    if !file.problems.is_empty() {
        return file;
    }
    for row in header.body..sheet.height() {
        let text = |key| plain(header.seen(sheet, row, key));
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        let line = Sheet::line(row);
        let registration_no = crate::application::number::typed(&text("registration_no"));
        let mut bad = |column: &str, key: &'static str, message: &str| {
            file.problems.push(problem(
                line,
                column,
                &plain(header.seen(sheet, row, key)),
                message,
            ));
        };
        let number = |key| clean::whole_number(&text(key)).filter(|number| *number > 0);
        let mut good = true;
        if registration_no.is_empty() {
            bad("报名序号", "registration_no", "请填写报名序号");
            good = false;
        }
        let (room, seat) = (number("room"), number("seat"));
        if room.is_none() {
            bad("考场号", "room", "考场号应为大于 0 的整数，例如 12");
            good = false;
        }
        if seat.is_none() {
            bad("座位号", "seat", "座位号应为大于 0 的整数，例如 18");
            good = false;
        }
        let session = number("session");
        if session.is_none() && !text("session").is_empty() {
            bad(
                "场次",
                "session",
                "场次应为整数，例如 1；各场次座位相同时可留空",
            );
            good = false;
        }
        if squeezed(&text("site")).is_empty() {
            bad("考点", "site", "请填写考点名称");
            good = false;
        }
        if let (true, Some(room), Some(seat)) = (good, room, seat) {
            file.rows.push(SeatRow {
                line,
                registration_no,
                ticket_no: squeezed(&text("ticket_no")),
                name: squeezed(&text("name")),
                session,
                site_no: number("site_no").unwrap_or(0),
                site: text("site"),
                address: text("address"),
                room,
                room_name: text("room_name"),
                seat,
            });
        }
    }
    file
}

/// The rooms that the rows name, with the seats that they use (at least the default). A room in two sites is a problem.
pub fn rooms(rows: &[SeatRow]) -> Result<Vec<Room>, Vec<SeatProblem>> {
    let mut sites: BTreeMap<&str, u32> = BTreeMap::new();
    let used: BTreeSet<u32> = rows.iter().map(|row| row.site_no).collect();
    let mut free = (1u32..).filter(|number| !used.contains(number));
    let mut rooms: BTreeMap<u32, Room> = BTreeMap::new();
    let mut problems = Vec::new();
    for row in rows {
        let site = *sites.entry(&row.site).or_insert_with(|| match row.site_no {
            0 => free.next().unwrap_or(u32::MAX),
            given => given,
        });
        let room = rooms.entry(row.room).or_insert_with(|| Room {
            no: row.room,
            site,
            site_name: row.site.clone(),
            address: row.address.clone(),
            name: row.room_name.clone(),
            region: String::new(),
            capacity: DEFAULT_CAPACITY,
            usage: RoomUse::Standard,
        });
        if room.site_name != row.site {
            let message = format!(
                "第 {} 考场既在“{}”又在“{}”，考场号在全部考点中不能重复",
                row.room, room.site_name, row.site
            );
            problems.push(problem(row.line, "考场号", &row.room.to_string(), &message));
        }
        room.capacity = room.capacity.max(row.seat);
    }
    if problems.is_empty() {
        Ok(rooms.into_values().collect())
    } else {
        Err(problems)
    }
}

/// A candidate as the file's rows are matched with: his 报名序号 and name beside the arrangement's own facts.
#[derive(Debug, Clone)]
pub struct Known<'c> {
    /// 报名序号.
    pub registration_no: &'c str,
    /// 姓名.
    pub name: &'c str,
    /// What the arrangement knows.
    pub candidate: &'c Candidate,
}

/// The seats that the rows mean. A row without a session gives the seat for every session of its candidate.
pub fn seats(rows: &[SeatRow], known: &[Known<'_>]) -> (Vec<Seat>, Vec<SeatProblem>) {
    let by_no: BTreeMap<&str, &Known<'_>> =
        known.iter().map(|one| (one.registration_no, one)).collect();
    let (mut seats, mut problems) = (Vec::new(), Vec::new());
    for row in rows {
        let Some(one) = by_no.get(row.registration_no.as_str()) else {
            let message = "没有这个报名序号，或该考生不具备编排条件（未审核通过、未缴费或已取消）";
            problems.push(problem(row.line, "报名序号", &row.registration_no, message));
            continue;
        };
        if !row.name.is_empty() && squeezed(one.name) != row.name {
            let message = format!("姓名与报名信息不一致，报名信息为“{}”", one.name);
            problems.push(problem(row.line, "姓名", &row.name, &message));
            continue;
        }
        for sitting in &one.candidate.sittings {
            if row.session.is_none_or(|session| session == sitting.session) {
                seats.push(Seat {
                    candidate: one.candidate.id,
                    session: sitting.session,
                    room: row.room,
                    seat: row.seat,
                });
            }
        }
        if let Some(session) = row.session
            && !one
                .candidate
                .sittings
                .iter()
                .any(|sitting| sitting.session == session)
        {
            problems.push(problem(
                row.line,
                "场次",
                &session.to_string(),
                "该考生没有报考这个场次的科目",
            ));
        }
    }
    (seats, problems)
}

fn problem(line: u32, column: &str, cell: &str, message: &str) -> SeatProblem {
    SeatProblem {
        line,
        column: column.to_owned(),
        cell: cell.to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{Violation, check};
    use super::super::input::Sitting;
    use super::*;
    use crate::sheet::Cell;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let cell = |text: &&str| {
            if text.is_empty() {
                Cell::Empty
            } else {
                Cell::text(*text)
            }
        };
        Sheet {
            name: "编排".into(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect(),
            merges: vec![],
        }
    }

    fn candidate(id: i64) -> Candidate {
        Candidate {
            id,
            sittings: vec![
                Sitting {
                    session: 1,
                    paper: "A".into(),
                },
                Sitting {
                    session: 2,
                    paper: "B".into(),
                },
            ],
            group: String::new(),
            region: String::new(),
            apart: vec![],
            accommodation: false,
        }
    }

    const HEAD: &[&str] = &["报名序号", "姓名", "考点名称", "考场号", "座位号"];

    #[test]
    fn a_plan_from_elsewhere_is_read_matched_and_checked() {
        let file = read(&sheet(&[
            &["某市编排结果"],
            HEAD,
            &["2026 0318 00001", "林一舟", "一中", "００１", "1"],
            &[],
            &["2026031800002", "何 小宁", "一中", "1", "1"],
        ]));
        assert_eq!(file.problems, []);
        assert_eq!(file.rows[0].line, 3);
        let people = [candidate(1), candidate(2)];
        let known = [
            Known {
                registration_no: "2026031800001",
                name: "林一舟",
                candidate: &people[0],
            },
            Known {
                registration_no: "2026031800002",
                name: "何小宁",
                candidate: &people[1],
            },
        ];
        let (seats, problems) = seats(&file.rows, &known);
        assert_eq!((seats.len(), problems.len()), (4, 0));
        let rooms = rooms(&file.rows).unwrap();
        // Two people on one seat: the same check as for our own plans finds it.
        let twice = |session| Violation::SeatTwice {
            session,
            room: 1,
            seat: 1,
        };
        assert_eq!(check(&people, &rooms, &seats), [twice(1), twice(2)]);
    }

    #[test]
    fn each_bad_row_says_how_to_mend_it() {
        let file = read(&sheet(&[
            HEAD,
            &["", "甲", "一中", "1", "1"],
            &["1", "甲", "一中", "一楼", "1"],
            &["2", "甲", "一中", "1", "0"],
            &["3", "甲", "", "1", "1"],
        ]));
        let found: Vec<_> = file
            .problems
            .iter()
            .map(|p| (p.line, p.column.as_str(), p.cell.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (2, "报名序号", ""),
                (3, "考场号", "一楼"),
                (4, "座位号", "0"),
                (5, "考点", "")
            ]
        );
        assert!(file.rows.is_empty());
        assert_eq!(read(&sheet(&[&["随便", "什么"]])).problems[0].line, 0);
        assert_eq!(
            read(&sheet(&[&["报名序号", "考场号", "姓名"]]))
                .problems
                .len(),
            2
        );
    }

    #[test]
    fn strangers_and_wrong_names_are_told() {
        let people = [candidate(1)];
        let known = [Known {
            registration_no: "1",
            name: "林一舟",
            candidate: &people[0],
        }];
        let file = read(&sheet(&[
            HEAD,
            &["9", "甲", "一中", "1", "1"],
            &["1", "林一丹", "一中", "1", "2"],
        ]));
        let (seats, problems) = seats(&file.rows, &known);
        assert!(seats.is_empty());
        assert_eq!(
            problems
                .iter()
                .map(|p| p.column.as_str())
                .collect::<Vec<_>>(),
            ["报名序号", "姓名"]
        );
    }

    #[test]
    fn a_room_number_belongs_to_one_site() {
        let file = read(&sheet(&[
            HEAD,
            &["1", "", "一中", "1", "1"],
            &["2", "", "二中", "1", "2"],
        ]));
        let problems = rooms(&file.rows).unwrap_err();
        assert!(problems[0].message.contains("一中") && problems[0].message.contains("二中"));
    }
}
