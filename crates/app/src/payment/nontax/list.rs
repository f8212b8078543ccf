//! The collection bank's list as a file: read row by row, whatever its length, checked to its end before anything is stored.

use std::collections::{BTreeSet, VecDeque};

use db::Query;
use documents::csv_file;
use domain::exam::table::RowProblem;
use domain::payment::nontax::{PaidLine, PaidReader};
use domain::sheet::{Cell, Sheet};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::{CHUNK, at, first_sheet, store};
use crate::{Error, Result};

/// A list is no larger, as it comes: half a million lines are.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// Rows among which the header stands.
const HEAD: usize = 40;
/// More mistakes than anybody mends one by one: reading on is of no use.
const MOST_PROBLEMS: usize = 1_000;

/// Where rows come from.
enum Rows {
    Csv(csv_file::Rows),
    /// A workbook can't be read piece by piece, and is small.
    Sheet(Sheet, usize),
}

impl Rows {
    fn next(&mut self) -> std::result::Result<Option<Vec<Cell>>, String> {
        match self {
            Self::Csv(rows) => rows.next().transpose().map_err(|error| error.to_string()),
            Self::Sheet(sheet, next) => {
                let row = sheet.rows.get_mut(*next).map(std::mem::take);
                *next += 1;
                Ok(row)
            }
        }
    }
}

/// A list that is being read.
pub(super) struct List {
    rows: Rows,
    reader: PaidReader,
    /// Rows that were looked at for the header and not read yet.
    ahead: VecDeque<Vec<Cell>>,
    line: u32,
}

/// The next lines.
#[derive(Default)]
pub(super) struct Piece {
    pub lines: Vec<PaidLine>,
    pub problems: Vec<RowProblem>,
    /// Whether nothing follows.
    pub last: bool,
}

fn bad(message: impl Into<String>) -> Error {
    Error::field("file", message.into())
}

fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(b"<")
}

impl List {
    /// Opens a file; `Err` in the answer is a header that isn't one.
    pub(super) async fn open(bytes: Vec<u8>) -> Result<std::result::Result<Self, RowProblem>> {
        if bytes.len() > LARGEST {
            return Err(bad("文件超过 32 MB，请分开上传"));
        }
        let rows = if is_workbook(&bytes) {
            Rows::Sheet(first_sheet(&bytes).await?, 0)
        } else {
            let rows = blocking(move || csv_file::Rows::of(bytes)).await?;
            Rows::Csv(rows.map_err(|error| bad(error.to_string()))?)
        };
        blocking(move || Self::over(rows)).await?
    }

    fn over(mut rows: Rows) -> Result<std::result::Result<Self, RowProblem>> {
        let mut head = Sheet::default();
        while head.rows.len() < HEAD
            && let Some(row) = rows.next().map_err(bad)?
        {
            head.rows.push(row);
        }
        if let Rows::Sheet(sheet, _) = &rows {
            head.merges.clone_from(&sheet.merges);
        }
        Ok(PaidReader::over(&head).map(|reader| {
            let body = reader.body();
            Self {
                rows,
                reader,
                line: u32::try_from(body).unwrap_or(u32::MAX),
                ahead: head.rows.into_iter().skip(body).collect(),
            }
        }))
    }

    /// The next lines, [`CHUNK`] at most.
    fn piece(&mut self) -> Result<Piece> {
        let mut piece = Piece::default();
        while piece.lines.len() < CHUNK && piece.problems.len() < MOST_PROBLEMS {
            let row = match self.ahead.pop_front() {
                Some(row) => row,
                None => match self.rows.next().map_err(bad)? {
                    Some(row) => row,
                    None => {
                        piece.last = true;
                        break;
                    }
                },
            };
            self.line = self.line.saturating_add(1);
            let one = Sheet {
                rows: vec![row],
                ..Sheet::default()
            };
            match self.reader.read(&one, 0, self.line) {
                Ok(line) => piece.lines.extend(line),
                Err(problems) => piece.problems.extend(problems),
            }
        }
        Ok(piece)
    }

    /// The same, away from the threads that answer.
    pub(super) async fn next(mut self) -> Result<(Self, Piece)> {
        blocking(move || {
            let piece = self.piece()?;
            Ok((self, piece))
        })
        .await?
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work)
        .await
        .map_err(|error| Error::internal("reading a bank's list", error))
}

/// What a list's lines come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub rows: i64,
    /// In 分.
    pub amount: i64,
    /// Of what the lines say: the same list saved another way is the same. Not so once a code is known that wasn't: then it may be
    /// taken again, and what it tells of that code is settled.
    pub hash: String,
}

/// Lines as one JSON array: line, code, 分, microseconds, voucher.
pub(super) fn rows_json(lines: &[PaidLine]) -> String {
    let rows = lines.iter().map(|one| {
        let (sum, at) = (one.amount.get(), one.paid_at.micros());
        json!([one.line, one.code, sum, at, one.voucher])
    });
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Reads a list to its end and looks each code up: what it comes to, or what must be mended. Codes that are nobody's are no mistake of
/// its, unless all are: then it is another's list.
pub(super) async fn checked(
    q: &mut impl Query,
    bytes: Vec<u8>,
) -> Result<std::result::Result<Counted, Vec<RowProblem>>> {
    let mut list = match List::open(bytes).await? {
        Ok(list) => list,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let (mut counted, mut hash) = (Counted::default(), Sha256::new());
    let (mut problems, mut strange) = (Vec::new(), Vec::new());
    let mut ours = false;
    loop {
        let piece;
        (list, piece) = list.next().await?;
        problems.extend(piece.problems);
        let unknown = store::codes_unknown(q, &rows_json(&piece.lines)).await?;
        let unknown: BTreeSet<String> = unknown.into_iter().collect();
        for one in &piece.lines {
            let known = !unknown.contains(&one.code);
            ours |= known;
            if !known && strange.len() < MOST_PROBLEMS {
                strange.push(at(one.line, "缴款码", &one.code, "不是本系统的缴款码"));
            }
            counted.rows += 1;
            let sum = counted.amount.checked_add(one.amount.get());
            counted.amount = sum.ok_or_else(|| bad("金额合计过大，请核对"))?;
            // Without the line: a blank row more or less makes it no other list.
            let (sum, paid_at) = (one.amount.get(), one.paid_at.micros());
            let mark = if known { "" } else { "?" };
            hash.update(format!(
                "{mark}{} {sum} {paid_at} {}\n",
                one.code, one.voucher
            ));
        }
        if piece.last || problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    if !problems.is_empty() {
        problems.sort_by_key(|one| one.row);
        return Ok(Err(problems));
    }
    if counted.rows == 0 {
        return Ok(Err(vec![at(0, "表", "", "表里没有内容")]));
    }
    if !ours {
        return Ok(Err(strange));
    }
    counted.hash = hex::encode(hash.finalize());
    Ok(Ok(counted))
}
