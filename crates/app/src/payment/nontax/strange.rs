//! Lines of the bank's list whose code is nobody's here: money all the same. No row is stored of one, as each belongs to an order: they
//! are read from the list as it was kept, shown to both persons, and one 异常单 is opened for them when the list is confirmed.

use db::{Crowd, Tx};
use domain::money::Fen;
use domain::payment::nontax::PaidLine;
use domain::staff::Permission;
use serde_json::json;

use super::CHANNEL;
use super::list::{List, rows_json};
use super::paid::Batch;
use super::store::{self, BatchRow};
use crate::payment::ticket::store as tickets;
use crate::payment::ticket::{self, Ticket};
use crate::{Ctx, Error, Result, Trail, object as objects};

/// Such lines shown at once.
const SHOWN: usize = 200;

/// Such a line.
#[derive(Debug, Clone)]
pub struct Stranger {
    /// As the bank wrote it.
    pub paid: PaidLine,
    /// An order was given its code since: the list may be taken once more.
    pub given: bool,
}

impl Batch {
    /// How many lines are nobody's, and what they come to; nothing until all are read.
    pub fn strange(&self) -> (i64, i64) {
        if self.row.is_reading() {
            return (0, 0);
        }
        strange(&self.row, self.ours)
    }
}

/// What a list that is read has besides the lines that are stored: how many, and their sum.
fn strange(row: &BatchRow, (lines, sum): (i64, i64)) -> (i64, i64) {
    let all = row.stored.unwrap_or(row.rows);
    ((all - lines).max(0), (row.amount - sum).max(0))
}

/// The first of a list's lines that are nobody's.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money; trouble with the kept file.
pub async fn strangers(ctx: &Ctx, batch: &Batch) -> Result<Vec<Stranger>> {
    ctx.allow(Permission::Finance)?;
    let (count, _) = batch.strange();
    let wanted = usize::try_from(count).unwrap_or(SHOWN).min(SHOWN);
    let (Some(object), 1..) = (batch.row.object_id, wanted) else {
        return Ok(Vec::new());
    };
    let bytes = objects::read(&ctx.app, object).await?.bytes;
    let opened = List::open(bytes).await?;
    let mut list = opened.map_err(|_| Error::inconsistent("a bank's list that can't be read"))?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut found = Vec::new();
    while found.len() < wanted {
        let piece;
        (list, piece) = list.next().await?;
        let rows = rows_json(&piece.lines);
        let missing = store::lines_missing(&mut scan, batch.row.id, &rows).await?;
        for paid in piece.lines {
            let line = i64::from(paid.line);
            if let Some((_, given)) = missing.iter().find(|(missing, _)| *missing == line) {
                let given = *given > 0;
                found.push(Stranger { paid, given });
            }
        }
        if piece.last {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

/// Opens the 异常单 of a list that is confirmed, if lines of it are nobody's.
pub(super) async fn tell(tx: &mut Tx, trail: &mut Trail<'_>, row: &BatchRow) -> Result<()> {
    let counted = store::rows_counted(tx, row.id).await?;
    let (lines, sum) = strange(row, (counted.lines, counted.amount));
    if lines == 0 {
        return Ok(());
    }
    let detail = format!(
        "到账清单“{}”有 {lines} 笔的缴款码不是本系统的，共 {} 元，没有入账。请打开这份清单看是哪几笔，与代收银行和财政部门核实。",
        row.file_name,
        Fen::new(sum).yuan()
    );
    let ticket = Ticket {
        kind: "nontax_strange",
        channel: CHANNEL,
        number: &row.file_name,
        order_id: 0,
        amount: sum,
        detail: &detail,
        urgent: false,
    };
    // The same list once more: what it says now stands for what it said before.
    let note = "已由再次上传的这份清单代替";
    let at = trail.at().micros();
    tickets::discrepancy_answer(tx, ticket.kind, CHANNEL, &row.file_name, at, note).await?;
    let told = json!({ "kind": ticket.kind, "batch": row.id, "rows": lines, "amount": sum });
    ticket::open(tx, trail, &ticket, told).await?;
    Ok(())
}
