//! 阅卷数据包: who writes what where, by number and without a name, for those who mark; and the digests of its files.

use std::collections::{BTreeMap, BTreeSet};

use documents::csv_file;
use documents::xlsx::{ColumnSpec, Writer};
use domain::rehearsal;
use domain::sheet::Cell;
use sha2::{Digest, Sha256};

use super::make::{Made, Work};
use super::rooms::paper_of;
use super::step::Step;
use super::tables::written;
use super::{SitterRow, sitters};
use crate::arrangement::room_text;
use crate::{Error, Result};

const COLUMNS: [(&str, f64); 6] = [
    ("准考证号", 20.0),
    ("场次", 6.0),
    ("科目代码", 12.0),
    ("考点号", 8.0),
    ("考场号", 8.0),
    ("座位号", 8.0),
];
const COUNTS: [(&str, f64); 7] = [
    ("场次", 6.0),
    ("科目代码", 12.0),
    ("科目", 24.0),
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场数", 8.0),
    ("人数", 10.0),
];
/// Rooms read at once.
const ROOMS: usize = 50;

/// Session, code and name of the paper, site.
type Key = (i64, String, String, i64);

fn specs(columns: &[(&str, f64)]) -> Vec<ColumnSpec> {
    columns
        .iter()
        .map(|(title, width)| ColumnSpec::new(*title, *width))
        .collect()
}

/// The files of the pack.
pub(super) async fn pack(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let folder = step.unit.kind.label();
    let name = work.exam.sheet("座位与科目");
    let titles: Vec<&str> = COLUMNS.iter().map(|(title, _)| *title).collect();
    let mut book = Writer::new(&name, &specs(&COLUMNS), work.at()).map_err(written)?;
    let mut text = csv_file::Writer::new(&titles).map_err(written)?;
    let mut counts: BTreeMap<Key, (BTreeSet<i64>, i64)> = BTreeMap::new();
    let mut sites: BTreeMap<i64, String> = BTreeMap::new();
    let site_of: BTreeMap<i64, i64> = step
        .rooms
        .iter()
        .map(|room| (room.room_no, room.site_no))
        .collect();
    for part in step.rooms.chunks(ROOMS) {
        for room in part {
            sites
                .entry(room.site_no)
                .or_insert_with(|| room.site_name.clone());
        }
        for row in sitters(&work.ctx.app, work.plan.id, part, work.wanted).await? {
            let site = site_of.get(&row.room_no).copied().unwrap_or(0);
            let (code, name) = paper_of(&work.programme, &row)?;
            let line = cells(&row, &code, site);
            book.row(&line).map_err(written)?;
            text.row(&line).map_err(written)?;
            let sum = counts.entry((row.session, code, name, site)).or_default();
            sum.0.insert(row.room_no);
            sum.1 += 1;
        }
    }
    if work.exam.is_rehearsal() {
        let mark = [Cell::text(rehearsal::PAPER)];
        book.row(&mark).map_err(written)?;
        text.row(&mark).map_err(written)?;
    }
    let mut files = vec![
        (
            format!("{folder}/座位与科目.csv"),
            "text/csv",
            text.finish().map_err(written)?,
        ),
        (
            format!("{folder}/座位与科目.xlsx"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            book.finish().map_err(written)?,
        ),
        (
            format!("{folder}/人数核对.xlsx"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            sums(work, &counts, &sites)?,
        ),
    ];
    let mut list = String::new();
    for (name, _, bytes) in &files {
        let name = name.rsplit('/').next().unwrap_or_default();
        list.push_str(&format_line(bytes, name));
    }
    let name = format!("{folder}/SHA-256.txt");
    files.push((name, "text/plain", list.into_bytes()));
    Ok(files
        .into_iter()
        .map(|(name, media_type, bytes)| Made {
            name,
            media_type,
            pages: 0,
            bytes,
        })
        .collect())
}

/// As `sha256sum` writes and checks it.
fn format_line(bytes: &[u8], name: &str) -> String {
    format!("{}  {name}\n", hex::encode(Sha256::digest(bytes)))
}

fn cells(row: &SitterRow, code: &str, site: i64) -> [Cell; 6] {
    [
        Cell::text(&row.ticket_no),
        Cell::number(row.session),
        Cell::text(code),
        Cell::number(site),
        Cell::text(room_text(row.room_no)),
        Cell::number(row.seat_no),
    ]
}

fn sums(
    work: &Work<'_>,
    counts: &BTreeMap<Key, (BTreeSet<i64>, i64)>,
    sites: &BTreeMap<i64, String>,
) -> Result<Vec<u8>> {
    let name = work.exam.sheet("人数核对");
    let mut book = Writer::new(&name, &specs(&COUNTS), work.at()).map_err(written)?;
    let mut all: BTreeMap<(i64, &str, &str), (i64, i64)> = BTreeMap::new();
    for ((session, code, paper, site), (rooms, people)) in counts {
        let rooms = i64::try_from(rooms.len()).map_err(|e| Error::internal("count rooms", e))?;
        let sum = all
            .entry((*session, code.as_str(), paper.as_str()))
            .or_default();
        sum.0 += rooms;
        sum.1 += people;
        let site_name = sites.get(site).map_or("", String::as_str);
        book.row(&[
            Cell::number(*session),
            Cell::text(code),
            Cell::text(paper),
            Cell::number(*site),
            Cell::text(site_name),
            Cell::number(rooms),
            Cell::number(*people),
        ])
        .map_err(written)?;
    }
    for ((session, code, paper), (rooms, people)) in all {
        book.row(&[
            Cell::number(session),
            Cell::text(code),
            Cell::text(paper),
            Cell::Empty,
            Cell::text("合计"),
            Cell::number(rooms),
            Cell::number(people),
        ])
        .map_err(written)?;
    }
    if work.exam.is_rehearsal() {
        book.row(&[Cell::text(rehearsal::PAPER)]).map_err(written)?;
    }
    book.finish().map_err(written)
}
