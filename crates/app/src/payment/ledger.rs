//! The ledger: double entry, one posting for each movement of money, in the transaction that learns of it.
//!
//! Books: `channel:<code>` (what a channel holds for us; `channel:offline` is the centre's own account), `fees` (credited to orders),
//! `surplus` (must go back, unless two people say otherwise), `treasury` (paid back by it), `claims` (went back twice, and is asked back
//! from the payer).

use db::{Crowd, Tx};

use super::book_store as store;
use crate::{App, Result, Trail};

/// Money that is credited to orders.
pub(super) const FEES: &str = "fees";
/// Money that must go back.
pub(super) const SURPLUS: &str = "surplus";
/// Money that went back twice: by hand, and then by the channel all the same.
pub(super) const CLAIMS: &str = "claims";

/// What the treasury paid back of what was handed over to it.
pub(super) const TREASURY: &str = "treasury";

/// What a channel holds for us.
pub(super) fn channel_book(code: &str) -> String {
    format!("channel:{code}")
}

/// One movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting<'a> {
    /// The book that is debited.
    pub debit: &'a str,
    /// The book that is credited.
    pub credit: &'a str,
    /// The sum in 分.
    pub amount: i64,
    /// Order, attempt, refund (0 for none).
    pub of: (i64, i64, i64),
}

/// Writes both sides.
pub(super) async fn post(tx: &mut Tx, trail: &mut Trail<'_>, posting: &Posting<'_>) -> Result<()> {
    let (first, second) = (trail.id()?, trail.id()?);
    let at = trail.at().micros();
    let side = |id, book, debit, credit| store::LedgerInsert {
        id,
        posting: first,
        book,
        debit,
        credit,
        of: posting.of,
        at,
    };
    store::ledger_insert(tx, &side(first, posting.debit, posting.amount, 0)).await?;
    store::ledger_insert(tx, &side(second, posting.credit, 0, posting.amount)).await?;
    by_hand(tx, trail, posting).await
}

/// The books of money that no channel's bill tells of, by what 收入 calls them.
const BY_HAND: [(&str, &str); 3] = [
    ("channel:offline", super::offline::CHANNEL),
    ("channel:nontax", super::nontax::CHANNEL),
    (TREASURY, TREASURY),
];

/// Adds what came and went beside the channels to 收入.
async fn by_hand(tx: &mut Tx, trail: &Trail<'_>, posting: &Posting<'_>) -> Result<()> {
    let called = |book| BY_HAND.iter().find(|(own, _)| *own == book);
    let (sum, of) = (posting.amount, posting.of);
    let day = trail.at().date().to_string();
    if let Some((_, book)) = called(posting.debit) {
        store::hand_revenue_add(tx, (&day, book), of.0, [1, sum, 0, 0]).await?;
    }
    if let Some((_, book)) = called(posting.credit) {
        // What leaves without a refund had never come.
        let moved = match of.2 {
            0 => [-1, -sum, 0, 0],
            _ => [0, 0, 1, sum],
        };
        store::hand_revenue_add(tx, (&day, book), of.0, moved).await?;
    }
    Ok(())
}

/// A book with its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookTotal {
    /// Its name.
    pub book: String,
    /// Σ debits in 分.
    pub debit: i64,
    /// Σ credits in 分.
    pub credit: i64,
}

/// The trial balance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    /// Every book.
    pub books: Vec<BookTotal>,
    /// Postings whose sides differ; empty unless the database was tampered with.
    pub unbalanced: Vec<i64>,
}

impl Trial {
    /// Debits minus credits of one book, 0 if it was never used.
    pub fn balance(&self, book: &str) -> i64 {
        self.books
            .iter()
            .find(|b| b.book == book)
            .map_or(0, |b| b.debit - b.credit)
    }
}

/// Sums every book: for finance and `baokao invariants` (invariant 6).
pub async fn trial_balance(app: &App) -> Result<Trial> {
    let mut scan = app.db().scan(Crowd::System);
    let books = store::ledger_totals(&mut scan).await?;
    let unbalanced = store::ledger_unbalanced(&mut scan).await?;
    Ok(Trial {
        books: books
            .into_iter()
            .map(|(book, debit, credit)| BookTotal {
                book,
                debit,
                credit,
            })
            .collect(),
        unbalanced: unbalanced.into_iter().map(|(posting,)| posting).collect(),
    })
}
