//! The rooms of an exam: typed as sites with so many rooms, or read from a workbook.

use domain::arrangement::input::DEFAULT_CAPACITY;
use domain::arrangement::{Room, RoomUse};
use domain::field::FieldErrors;
use domain::sheet::{Column, Header, Sheet, clean, plain, squeezed};

use crate::exam::ProblemRow;
use crate::{Error, Result};

/// Most rooms of one plan.
const MOST_ROOMS: usize = 20_000;

/// A site as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteLine {
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// How many rooms.
    pub rooms: String,
    /// Seats in each.
    pub capacity: String,
    /// How many of the rooms are for candidates with accommodations.
    pub special: String,
}

/// Rooms from typed sites, numbered through the exam; lines without anything in them don't count.
///
/// # Errors
/// `Fields` under `name-0`, `rooms-0` and so on.
pub fn from_lines(lines: &[SiteLine], capacity: u32) -> Result<Vec<Room>> {
    let mut errors = FieldErrors::new();
    let mut rooms = Vec::new();
    let mut site = 0;
    for (at, line) in lines.iter().enumerate() {
        let (name, address) = (plain(&line.name), plain(&line.address));
        let typed = [&line.rooms, &line.special].map(|text| plain(text));
        if name.is_empty() && address.is_empty() && typed.iter().all(String::is_empty) {
            continue;
        }
        site += 1;
        let mut wanted = |key: &str, text: &str, otherwise: Option<u32>, most: u32, say: &str| {
            let number = match (plain(text).as_str(), otherwise) {
                ("", Some(number)) => Some(number),
                (text, _) => clean::whole_number(text).filter(|number| *number <= most),
            };
            if number.is_none() {
                errors.add(format!("{key}-{at}"), say);
            }
            number.unwrap_or(0)
        };
        let count = wanted(
            "rooms",
            &line.rooms,
            None,
            5_000,
            "考场数应为大于 0 的整数，例如 30",
        );
        let seats = wanted(
            "capacity",
            &line.capacity,
            Some(capacity),
            500,
            "每场人数应为 1 到 500 的整数",
        );
        let special = wanted(
            "special",
            &line.special,
            Some(0),
            count,
            "合理便利考场数不能超过考场数",
        );
        if name.is_empty() {
            errors.add(format!("name-{at}"), "请填写考点名称");
        }
        if count == 0 {
            errors.add(format!("rooms-{at}"), "考场数应为大于 0 的整数，例如 30");
        }
        if seats == 0 {
            errors.add(format!("capacity-{at}"), "每场人数应为 1 到 500 的整数");
        }
        for index in 0..count {
            let no = u32::try_from(rooms.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            rooms.push(Room {
                no,
                site,
                site_name: name.clone(),
                address: address.clone(),
                name: String::new(),
                region: String::new(),
                capacity: seats.max(1),
                usage: if index + special >= count && special > 0 {
                    RoomUse::Accommodation
                } else {
                    RoomUse::Standard
                },
            });
        }
    }
    if rooms.is_empty() && errors.is_empty() {
        errors.add("name-0", "请至少填写一个考点");
    }
    if rooms.len() > MOST_ROOMS {
        errors.add("rooms-0", format!("一次编排最多 {MOST_ROOMS} 个考场"));
    }
    errors.into_result()?;
    Ok(rooms)
}

const COLUMNS: &[Column] = &[
    Column {
        key: "site_no",
        title: "考点号",
        names: &["考点号", "考点编号", "考点代码"],
    },
    Column {
        key: "site",
        title: "考点",
        names: &["考点", "考点名称", "学校", "考试地点"],
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
        key: "name",
        title: "考场名称",
        names: &["考场名称", "教室", "考场位置", "房间"],
    },
    Column {
        key: "capacity",
        title: "座位数",
        names: &["座位数", "人数", "容量", "每场人数"],
    },
    Column {
        key: "usage",
        title: "用途",
        names: &["用途", "考场类型", "类型"],
    },
];

/// Rooms from an uploaded workbook.
///
/// # Errors
/// `Fields` under `file` when it can't be opened, no sheet has the columns, or with the first rows that can't be read.
pub async fn rooms_from(bytes: &[u8], capacity: u32) -> Result<Vec<Room>> {
    from_workbook(&super::workbook(bytes).await?, capacity)
}

/// Rooms from the first sheet that has them.
fn from_workbook(sheets: &[Sheet], capacity: u32) -> Result<Vec<Room>> {
    let found = sheets
        .iter()
        .find_map(|sheet| Header::find(sheet, COLUMNS, 2).map(|header| (sheet, header)));
    let Some((sheet, header)) = found else {
        return Err(Error::field(
            "file",
            "没有找到表头。请保留“考点、考场号、座位数”等列名",
        ));
    };
    let (rooms, problems) = read(sheet, &header, capacity);
    if !problems.is_empty() {
        let shown: Vec<String> = problems
            .iter()
            .take(5)
            .map(|one| format!("第 {} 行：{}", one.line, one.message))
            .collect();
        let more = if problems.len() > 5 {
            format!("；共 {} 处", problems.len())
        } else {
            String::new()
        };
        return Err(Error::field("file", format!("{}{more}", shown.join("；"))));
    }
    if rooms.is_empty() {
        return Err(Error::field("file", "表中没有考场"));
    }
    if rooms.len() > MOST_ROOMS {
        return Err(Error::field(
            "file",
            format!("一次编排最多 {MOST_ROOMS} 个考场"),
        ));
    }
    Ok(rooms)
}

fn read(sheet: &Sheet, header: &Header, capacity: u32) -> (Vec<Room>, Vec<ProblemRow>) {
    let (mut rooms, mut problems) = (Vec::<Room>::new(), Vec::new());
    let mut sites: Vec<String> = Vec::new();
    for row in header.body..sheet.height() {
        if (0..sheet.width()).all(|column| sheet.at(row, column).is_blank()) {
            continue;
        }
        let text = |key| plain(header.seen(sheet, row, key));
        let mut bad = |key: &'static str, field: &str, message: &str| {
            problems.push(ProblemRow {
                line: i64::from(Sheet::line(row)),
                severity: "error".to_owned(),
                field: field.to_owned(),
                cell: plain(header.seen(sheet, row, key)),
                message: message.to_owned(),
            });
        };
        let site = squeezed(&text("site"));
        let no = clean::whole_number(&text("room")).filter(|number| *number > 0);
        let seats = match text("capacity").as_str() {
            "" => Some(if capacity == 0 {
                DEFAULT_CAPACITY
            } else {
                capacity
            }),
            text => clean::whole_number(text).filter(|number| (1..=500).contains(number)),
        };
        let usage = match squeezed(&text("usage")).as_str() {
            "" | "普通" | "普通考场" | "标准" | "标准考场" => Some(RoomUse::Standard),
            "合理便利" | "合理便利考场" => Some(RoomUse::Accommodation),
            "备用" | "备用考场" => Some(RoomUse::Spare),
            _ => None,
        };
        match (site.is_empty(), no, seats, usage) {
            (true, ..) => bad("site", "考点", "请填写考点名称"),
            (_, None, ..) => bad("room", "考场号", "考场号应为大于 0 的整数，例如 12"),
            (_, _, None, _) => bad("capacity", "座位数", "座位数应为 1 到 500 的整数"),
            (.., None) => bad("usage", "用途", "用途应为普通、合理便利或备用"),
            (false, Some(no), Some(capacity), Some(usage)) => {
                if rooms.iter().any(|room| room.no == no) {
                    bad(
                        "room",
                        "考场号",
                        "考场号重复，全部考点的考场号须连续编排、不能重复",
                    );
                    continue;
                }
                let known = sites.iter().position(|name| *name == site);
                let index = known.unwrap_or_else(|| {
                    sites.push(site.clone());
                    sites.len() - 1
                });
                let given = clean::whole_number(&text("site_no")).filter(|number| *number > 0);
                rooms.push(Room {
                    no,
                    site: given.unwrap_or(u32::try_from(index + 1).unwrap_or(u32::MAX)),
                    site_name: text("site"),
                    address: text("address"),
                    name: text("name"),
                    region: String::new(),
                    capacity,
                    usage,
                });
            }
        }
    }
    (rooms, problems)
}

#[cfg(test)]
mod tests {
    use domain::sheet::Cell;

    use super::*;

    fn line(name: &str, rooms: &str, special: &str) -> SiteLine {
        SiteLine {
            name: name.into(),
            rooms: rooms.into(),
            special: special.into(),
            ..SiteLine::default()
        }
    }

    #[test]
    fn rooms_are_numbered_through_all_sites() {
        let lines = [
            line("一中", "２", ""),
            SiteLine::default(),
            line("二中", "3", "1"),
        ];
        let rooms = from_lines(&lines, 30).unwrap();
        let shown: Vec<_> = rooms.iter().map(|r| (r.no, r.site, r.usage)).collect();
        use RoomUse::{Accommodation as A, Standard as S};
        assert_eq!(
            shown,
            [(1, 1, S), (2, 1, S), (3, 2, S), (4, 2, S), (5, 2, A)]
        );
        assert!(rooms.iter().all(|room| room.capacity == 30));
    }

    #[test]
    fn what_is_missing_is_named_beside_its_field() {
        let Err(Error::Fields(errors)) = from_lines(&[line("", "x", "")], 30) else {
            panic!()
        };
        assert!(errors.get("name-0").is_some() && errors.get("rooms-0").is_some());
        assert!(from_lines(&[], 30).is_err());
    }

    #[test]
    fn a_workbook_of_rooms_is_read_and_a_number_twice_is_refused() {
        let row = |cells: &[&str]| {
            cells
                .iter()
                .map(|text| Cell::text(*text))
                .collect::<Vec<_>>()
        };
        let mut sheet = Sheet {
            name: "考场".into(),
            rows: vec![
                row(&["考点", "考场号", "座位数", "用途"]),
                row(&["一中", "1", "30", ""]),
                row(&["二中", "2", "", "备用"]),
            ],
            merges: vec![],
        };
        let rooms = from_workbook(std::slice::from_ref(&sheet), 25).unwrap();
        assert_eq!(
            (rooms[0].capacity, rooms[1].capacity, rooms[1].site),
            (30, 25, 2)
        );
        sheet.rows.push(row(&["二中", "2", "30", ""]));
        assert!(from_workbook(&[sheet], 25).is_err());
    }
}
