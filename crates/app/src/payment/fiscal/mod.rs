//! 财政电子票据: the fiscal office issues a receipt for each paid order; its numbers come back in files.
//!
//! Finance takes the orders that have none away as a table ([`template`]), and brings it back filled in ([`upload`]): each row is checked
//! against its order, staged in chunks, and looked at; what is wrong is left out and told. Confirmed ([`confirm`]), the timer takes the
//! rows over one by one ([`apply_due`]) and tells the candidates. The same file again changes nothing; a later one with other numbers is
//! a correction, in the trail. A receipt of more than is left after refunds must be reversed, 冲红: it is flagged ([`reverse`]), and no
//! other number follows before that. A number that was reversed is never anybody's again (`numbers`).

mod import;
mod list;
mod list_store;
mod number_store;
mod numbers;
mod own;
mod store;
mod take;

pub use import::{confirm, discard, imported, imports, problems, upload};
pub use list::{Search, export, list, reverse, template};
pub use list_store::ReceiptRow;
pub use own::{Own, of_order};
pub use store::{ChangeRow, ImportRow, ProblemRow};
pub(super) use take::apply_due;

use domain::money::Fen;
use domain::payment::OrderState;
use domain::payment::fiscal::{Receipt, Settled};
use domain::time::Date;

use crate::{Error, Object, Result};

fn object(id: i64) -> Object {
    Object {
        kind: "fiscal_import",
        id,
        exam_id: 0,
    }
}

/// What an order came to, from its state, its sum, and what went back.
fn settled(state: &str, amount: i64, credited: bool, back: i64) -> Settled {
    let paid = credited
        && matches!(
            OrderState::from_code(state),
            Some(
                OrderState::Paid
                    | OrderState::Refunding
                    | OrderState::PartRefunded
                    | OrderState::Refunded
                    | OrderState::Hold
            )
        );
    Settled {
        paid: paid.then(|| Fen::new(amount)),
        back: Fen::new(back),
    }
}

/// A stored receipt.
fn receipt(code: &str, number: &str, check: &str, issued_on: &str, amount: i64) -> Result<Receipt> {
    Ok(Receipt {
        code: code.to_owned(),
        number: number.to_owned(),
        check: check.to_owned(),
        issued_on: Date::parse_typed(issued_on)
            .ok_or(Error::inconsistent("fiscal_receipt.issued_on"))?,
        amount: Fen::new(amount),
    })
}
