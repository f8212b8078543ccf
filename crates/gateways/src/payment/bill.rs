//! 对账单: what a channel says about a whole day, line by line.
//!
//! A bill comes from outside and is read as if it were hostile: its size, how far it unpacks, the length of its lines and their
//! number are bounded, and it is never held in memory whole.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, Read, Seek as _, SeekFrom};

use domain::money::Fen;
use domain::time::Timestamp;

/// No bill is larger, as it comes.
pub const LARGEST: u64 = 512 * 1024 * 1024;
/// No bill is larger when it is unpacked: three million lines.
pub const LARGEST_UNPACKED: u64 = 2 * 1024 * 1024 * 1024;
/// No bill has more lines.
pub const MOST_LINES: u64 = 3_000_000;
/// No line is longer.
pub const LONGEST_LINE: usize = 16 * 1024;

/// What a line speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillKind {
    /// Money that came.
    Payment,
    /// Money that goes back.
    Refund,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLine {
    /// What it speaks of.
    pub kind: BillKind,
    /// The channel's number of the transaction; of a refund: its own number where the channel gives one, else empty.
    pub channel_no: String,
    /// Our number of the payment, also on the line of a refund.
    pub merchant_no: String,
    /// Our number of the refund; empty for a payment.
    pub refund_no: String,
    /// The sum, never negative.
    pub amount: Fen,
    /// What the channel keeps for it; negative when it gives it back.
    pub fee: Fen,
    /// When it happened, by the channel's clock.
    pub at: Timestamp,
    /// Under which of our identities, as [`Evidence::merchant`](domain::payment::Evidence) has it.
    pub merchant: String,
    /// Whether the channel calls a refund done; a payment is in a bill only once it is.
    pub done: bool,
}

/// What became of a request for a bill.
#[derive(Debug)]
pub enum BillAnswer {
    /// It is in the file, from its beginning.
    File(File),
    /// There was nothing on that day.
    Empty,
    /// It isn't made yet: later.
    NotReady,
    /// The channel won't give it, for the reason that it tells: somebody uploads it by hand.
    Refused(String),
    /// Nobody knows.
    Unknown,
}

/// Why a bill isn't taken. Nothing of it counts then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBill {
    /// It isn't what this channel gives.
    #[error("文件不是这个渠道的对账单：{0}")]
    Format(String),
    /// A line can't be read.
    #[error("第 {line} 行：{what}")]
    Line {
        /// From 1, as a text editor counts.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// What its end sums up isn't what its lines come to, or its end is missing.
    #[error("明细与汇总不符：{0}")]
    Sum(String),
    /// It is beyond a bound.
    #[error("文件太大，或压缩比异常")]
    TooLarge,
    /// The file can't be read.
    #[error("文件无法读取")]
    Io,
}

/// The lines of a bill, one after the other. A bill is good only when all were read without an error: what sums it up stands at the
/// end.
pub type Lines = Box<dyn Iterator<Item = Result<BillLine, BadBill>> + Send>;

/// What reads a channel's bills.
pub trait BillReader: fmt::Debug + Send + Sync {
    /// The lines of a file, as the channel gives it or as somebody uploaded it.
    ///
    /// # Errors
    /// If its head already tells that it is no bill.
    fn lines(&self, file: File) -> Result<Lines, BadBill>;
}

/// What `step` reads, until it ends or fails.
pub(super) fn lines(
    mut step: impl FnMut() -> Result<Option<BillLine>, BadBill> + Send + 'static,
) -> Lines {
    let mut over = false;
    Box::new(std::iter::from_fn(move || {
        if over {
            return None;
        }
        let read = step();
        over = !matches!(read, Ok(Some(_)));
        read.transpose()
    }))
}

/// The cells of a line of a table, trimmed of the blanks and tabs around them.
pub(super) fn cells(line: &str) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).ok().filter(|read| *read)?;
    Some(record.iter().map(|cell| cell.trim().to_owned()).collect())
}

/// Raw lines of a file, bounded in length and number.
pub(super) struct RawLines<R> {
    from: R,
    /// The number of the last line, from 1.
    pub(super) line: u64,
}

impl<R: BufRead> RawLines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, line: 0 }
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, BadBill> {
        let mut line = Vec::new();
        let longest = LONGEST_LINE as u64 + 1;
        let read = (&mut self.from)
            .take(longest)
            .read_until(b'\n', &mut line)
            .map_err(|_| BadBill::Io)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.line > MOST_LINES || line.len() > LONGEST_LINE {
            return Err(BadBill::TooLarge);
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(line))
    }

    /// An error of the last line.
    pub(super) fn bad(&self, what: impl Into<String>) -> BadBill {
        BadBill::Line {
            line: self.line,
            what: what.into(),
        }
    }
}

/// Copies what unpacks from `from` to a file without a name, no more than [`LARGEST_UNPACKED`].
pub(super) fn unpacked(from: impl Read) -> Result<File, BadBill> {
    let mut file = crate::scratch().map_err(|_| BadBill::Io)?;
    let copied = std::io::copy(&mut from.take(LARGEST_UNPACKED + 1), &mut file);
    // What is broken inside is told by the unpacking.
    let copied = copied.map_err(|_| BadBill::Format("压缩包已损坏".to_owned()))?;
    if copied > LARGEST_UNPACKED {
        return Err(BadBill::TooLarge);
    }
    file.seek(SeekFrom::Start(0)).map_err(|_| BadBill::Io)?;
    Ok(file)
}

/// Columns by their titles, as a bill's head names them: their number and order change with the channel's versions.
#[derive(Debug, Clone)]
pub(super) struct Columns<const N: usize>([usize; N]);

impl<const N: usize> Columns<N> {
    /// Finds the columns of these titles.
    pub(super) fn find(head: &[String], titles: [&str; N]) -> Result<Self, BadBill> {
        let mut places = [0; N];
        for (place, title) in places.iter_mut().zip(titles) {
            *place = head
                .iter()
                .position(|cell| cell == title)
                .ok_or_else(|| BadBill::Format(format!("没有“{title}”这一列")))?;
        }
        Ok(Self(places))
    }

    /// A row's cells in the order of the titles; `None` if it is too short.
    pub(super) fn of<'a>(&self, row: &'a [String]) -> Option<[&'a str; N]> {
        let mut cells = [""; N];
        for (cell, place) in cells.iter_mut().zip(self.0) {
            *cell = row.get(place)?;
        }
        Some(cells)
    }
}

/// A sum in 元 with its sign, exactly.
pub(super) fn signed_fen(text: &str) -> Option<Fen> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let fen = Fen::parse_yuan(digits).ok().filter(|_| plain)?;
    Some(Fen::new(sign * fen.get()))
}

/// What a bill's lines come to, beside what its end says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) payments: u64,
    pub(super) paid: i64,
    pub(super) refunds: u64,
    pub(super) refunded: i64,
}

impl Tally {
    pub(super) fn add(&mut self, line: &BillLine) -> Result<(), BadBill> {
        let (count, sum) = match line.kind {
            BillKind::Payment => (&mut self.payments, &mut self.paid),
            BillKind::Refund => (&mut self.refunds, &mut self.refunded),
        };
        *count += 1;
        *sum = sum
            .checked_add(line.amount.get())
            .ok_or(BadBill::TooLarge)?;
        Ok(())
    }
}
