//! 缴款码: the fiscal office gives an order a number, the candidate pays it at a collection bank, the bank's list says who did.
//!
//! A candidate asks for a code ([`ask`]); staff take the orders that wait to the fiscal office's system as a file ([`export`]) and
//! bring the codes back ([`give`]). The bank's list may be of any length ([`upload`]): it is read to its end and checked before
//! anything is stored, then stored chunk by chunk, by the job [`Read`] what doesn't fit one, and confirmed by a second person
//! ([`decide`]). Then the timer settles it line by line ([`settle_due`]), each as news of the channel `nontax`. Lines whose code is
//! nobody's here keep no other from that ([`strangers`]); about a line that can't be settled finance is asked (`stuck`). No channel is asked
//! about such a payment, and money goes back by hand. The same list once more changes nothing.

mod code_store;
mod codes;
mod export;
mod list;
mod paid;
mod stage;
mod store;
mod strange;
mod stuck;

pub use code_store::{CodeRow, WaitingCode};
pub(super) use codes::drop_unwanted;
pub use codes::{CodesTaken, ask, give, of_order, waiting};
pub use export::export;
pub use list::LARGEST as LARGEST_LIST;
pub(super) use paid::settle_due;
pub use paid::{Batch, batch, batches, decide, lines};
pub use stage::{Read, read_on, resume, upload};
pub use store::{BatchRow, PaidRow};
pub use strange::{Stranger, strangers};
pub(super) use stuck::{KIND as STUCK, try_again};

use domain::exam::table::RowProblem;
use domain::sheet::Sheet;

use crate::arrangement::workbook;
use crate::exam::Exam;
use crate::{Error, Result};

/// The code of the channel.
pub const CHANNEL: &str = gateways::payment::NONTAX;
/// Lines of the bank's list in one commit, rows of a file of codes in one look-up.
const CHUNK: usize = 500;
/// Larger tables aren't ours.
const LARGEST: usize = 10 * 1024 * 1024;

/// What came of a file.
#[derive(Debug)]
pub enum Uploaded<T> {
    /// It was taken.
    Taken(T),
    /// It was taken before, and nothing has changed.
    Again(T),
    /// Nothing of it was: what must be repaired.
    Bad(Vec<RowProblem>),
}

/// Whether an exam takes it, a rehearsal never.
pub fn taken(exam: &Exam) -> bool {
    exam.settings.fees.nontax.taken && !exam.is_rehearsal()
}

async fn first_sheet(bytes: &[u8]) -> Result<Sheet> {
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 10 MB，请分开上传"));
    }
    let sheets = workbook(bytes).await?;
    let filled = sheets.into_iter().find(|sheet| sheet.height() > 0);
    filled.ok_or_else(|| Error::field("file", "文件里没有内容，请检查后重新上传"))
}

fn at(line: u32, column: &str, cell: &str, message: &str) -> RowProblem {
    RowProblem {
        row: line,
        column: column.to_owned(),
        cell: cell.to_owned(),
        message: message.to_owned(),
        severity: domain::exam::table::ProblemSeverity::Error,
    }
}
