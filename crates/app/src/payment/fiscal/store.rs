//! SQL of files of fiscal receipts, and of the orders that they name.

use db::{DbResult, Query, Tx, p, point, record, sql};
use domain::payment::fiscal::{Receipt, Settled, Unfit};

use crate::Result;

/// Whether a receipt belongs to an order.
pub(super) type Fit = std::result::Result<(), Unfit>;

record! {
    /// A file.
    #[derive(Debug, Clone)]
    pub struct ImportRow {
        pub id: i64,
        pub public_id: String,
        /// `staging`, `staged`, `applying`, `done`, `discarded`.
        pub state: String,
        pub file_name: String,
        pub file_hash: String,
        pub rows_read: i64,
        pub rows_new: i64,
        pub rows_same: i64,
        pub rows_changed: i64,
        pub rows_bad: i64,
        pub created_at: i64,
        pub confirmed_at: Option<i64>,
        pub maker: Option<String>,
    }
}

record! {
    /// What is wrong with a row.
    #[derive(Debug, Clone)]
    pub struct ProblemRow {
        pub line: i64,
        pub field: String,
        pub cell: String,
        pub message: String,
    }
}

record! {
    /// An order beside the receipt that it has.
    #[derive(Debug, Clone)]
    pub struct FitRow {
        pub order_id: i64,
        pub public_id: String,
        pub order_no: String,
        pub exam_id: i64,
        pub account_id: i64,
        /// 1 for one of a rehearsal.
        pub rehearsal: i64,
        pub state: String,
        pub amount: i64,
        pub credited: Option<i64>,
        /// What went back of the payment that credits it.
        pub back: i64,
        pub code: Option<String>,
        pub number: Option<String>,
        pub check_code: Option<String>,
        pub issued_on: Option<String>,
        pub receipt_amount: Option<i64>,
        pub version: Option<i64>,
        /// The number of the red one, once the receipt is reversed.
        pub red_no: Option<String>,
    }
}

impl FitRow {
    pub(super) fn settled(&self) -> Settled {
        super::settled(&self.state, self.amount, self.credited.is_some(), self.back)
    }

    /// Whether a receipt may be the order's now, after the one that is known.
    pub(super) fn fit(&self, receipt: &Receipt, known: Option<&Receipt>) -> Fit {
        let settled = self.settled();
        settled.check(receipt.amount)?;
        known.map_or(Ok(()), |known| {
            settled.follow(receipt, known, self.red_no.is_some())
        })
    }

    pub(super) fn known(&self) -> Result<Option<Receipt>> {
        match (&self.code, &self.number, &self.check_code, &self.issued_on) {
            (Some(code), Some(number), Some(check), Some(issued_on)) => {
                let amount = self.receipt_amount.unwrap_or(0);
                super::receipt(code, number, check, issued_on, amount).map(Some)
            }
            _ => Ok(None),
        }
    }
}

pub(super) async fn fit_by_no(q: &mut impl Query, order_no: &str) -> DbResult<Option<FitRow>> {
    q.opt(
        point!(
            "SELECT o.id, o.public_id, o.order_no, o.exam_id, o.account_id, COALESCE(e.rehearsal, 0), o.state, o.amount, \
             o.credited_attempt, (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r WHERE r.order_id = o.id \
             AND r.attempt_id = o.credited_attempt AND r.state = 'succeeded'), f.code, f.number, f.check_code, f.issued_on, f.amount, \
             f.version, f.red_no FROM payment_order o JOIN exam e ON e.id = o.exam_id LEFT JOIN fiscal_receipt f ON f.order_id = o.id \
             WHERE o.order_no = $1"
        ),
        p![order_no],
    )
    .await
}

pub(super) async fn fit_by_id(q: &mut impl Query, order_id: i64) -> DbResult<Option<FitRow>> {
    q.opt(
        point!(
            "SELECT o.id, o.public_id, o.order_no, o.exam_id, o.account_id, COALESCE(e.rehearsal, 0), o.state, o.amount, \
             o.credited_attempt, (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r WHERE r.order_id = o.id \
             AND r.attempt_id = o.credited_attempt AND r.state = 'succeeded'), f.code, f.number, f.check_code, f.issued_on, f.amount, \
             f.version, f.red_no FROM payment_order o JOIN exam e ON e.id = o.exam_id LEFT JOIN fiscal_receipt f ON f.order_id = o.id \
             WHERE o.id = $1"
        ),
        p![order_id],
    )
    .await
}

pub(super) async fn imports(q: &mut impl Query, limit: i64) -> DbResult<Vec<ImportRow>> {
    q.rows(
        sql!(
            "SELECT i.id, i.public_id, i.state, i.file_name, i.file_hash, i.rows_read, i.rows_new, i.rows_same, i.rows_changed, \
             i.rows_bad, i.created_at, i.confirmed_at, s.name FROM fiscal_import i LEFT JOIN staff s ON s.id = i.created_by \
             ORDER BY i.id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

pub(super) async fn import_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ImportRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.state, i.file_name, i.file_hash, i.rows_read, i.rows_new, i.rows_same, i.rows_changed, \
             i.rows_bad, i.created_at, i.confirmed_at, s.name FROM fiscal_import i LEFT JOIN staff s ON s.id = i.created_by \
             WHERE i.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn import_insert(
    tx: &mut Tx,
    (id, public_id): (i64, &str),
    (file_name, file_hash): (&str, &str),
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO fiscal_import (id, public_id, state, file_name, file_hash, rows_read, rows_new, rows_same, rows_changed, \
             rows_bad, created_by, created_at) VALUES ($1, $2, 'staging', $3, $4, 0, 0, 0, 0, 0, $5, $6)"
        ),
        p![id, public_id, file_name, file_hash, by, at],
    )
    .await
}

/// Everything is staged: rows that were read, new, the same, changed, bad.
pub(super) async fn import_staged(
    tx: &mut Tx,
    id: i64,
    [read, new, same, changed, bad]: [i64; 5],
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_import SET state = 'staged', rows_read = $2, rows_new = $3, rows_same = $4, rows_changed = $5, \
             rows_bad = $6 WHERE id = $1 AND state = 'staging'"
        ),
        p![id, read, new, same, changed, bad],
    )
    .await
}

pub(super) async fn import_confirm(tx: &mut Tx, id: i64, (by, at): (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_import SET state = 'applying', confirmed_by = $2, confirmed_at = $3 WHERE id = $1 AND state = 'staged'"
        ),
        p![id, by, at],
    )
    .await
}

pub(super) async fn import_discard(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_import SET state = 'discarded' WHERE id = $1 AND state IN ('staging', 'staged')"
        ),
        p![id],
    )
    .await
}

/// Rows of a file that was given up go, some at a time.
pub(super) async fn rows_drop(tx: &mut Tx, id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM fiscal_row WHERE import_id = $1 AND line IN (SELECT r.line FROM fiscal_row r JOIN fiscal_import i \
             ON i.id = r.import_id WHERE r.import_id = $1 AND i.state = 'discarded' ORDER BY r.line LIMIT $2)"
        ),
        p![id, limit],
    )
    .await
}

pub(super) async fn row_insert(
    tx: &mut Tx,
    (import_id, line, order_id): (i64, i64, i64),
    (receipt, change): (&Receipt, &str),
) -> DbResult<u64> {
    let issued_on = receipt.issued_on.to_string();
    tx.exec(
        sql!(
            "INSERT INTO fiscal_row (import_id, line, order_id, code, number, check_code, issued_on, amount, change, outcome) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')"
        ),
        p![
            import_id,
            line,
            order_id,
            receipt.code.as_str(),
            receipt.number.as_str(),
            receipt.check.as_str(),
            issued_on.as_str(),
            receipt.amount.get(),
            change
        ],
    )
    .await
}

pub(super) async fn problem_insert(
    tx: &mut Tx,
    (import_id, item): (i64, i64),
    row: &ProblemRow,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO fiscal_problem (import_id, item, line, field, cell, message) VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        p![
            import_id,
            item,
            row.line,
            row.field.as_str(),
            row.cell.as_str(),
            row.message.as_str()
        ],
    )
    .await
}

pub(super) async fn problems(q: &mut impl Query, import_id: i64) -> DbResult<Vec<ProblemRow>> {
    q.rows(
        sql!(
            "SELECT line, field, cell, message FROM fiscal_problem WHERE import_id = $1 ORDER BY item LIMIT 500"
        ),
        p![import_id],
    )
    .await
}

record! {
    /// A change that a file makes, as it is previewed and as it came out.
    #[derive(Debug, Clone)]
    pub struct ChangeRow {
        pub line: i64,
        pub order_public_id: String,
        pub order_no: String,
        pub name: String,
        pub code: String,
        pub number: String,
        pub check_code: String,
        pub issued_on: String,
        pub amount: i64,
        pub change: String,
        pub outcome: String,
        /// The number that the order has now.
        pub known: Option<String>,
    }
}

/// The first changes of a file: corrections before what is new.
pub(super) async fn changes(
    q: &mut impl Query,
    import_id: i64,
    limit: i64,
) -> DbResult<Vec<ChangeRow>> {
    q.rows(
        sql!(
            "SELECT r.line, o.public_id, o.order_no, a.name, r.code, r.number, r.check_code, r.issued_on, r.amount, r.change, \
             r.outcome, f.number FROM fiscal_row r JOIN payment_order o ON o.id = r.order_id JOIN application a ON a.id = o.application_id \
             LEFT JOIN fiscal_receipt f ON f.order_id = r.order_id WHERE r.import_id = $1 ORDER BY r.change, r.line LIMIT $2"
        ),
        p![import_id, limit],
    )
    .await
}

/// How many rows of a file were taken over, and were left out after all.
pub(super) async fn outcomes(q: &mut impl Query, import_id: i64) -> DbResult<(i64, i64)> {
    q.one(
        sql!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN outcome = 'taken' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN outcome = 'left_out' THEN 1 ELSE 0 END), 0) AS BIGINT) FROM fiscal_row WHERE import_id = $1"
        ),
        p![import_id],
    )
    .await
}

/// Rows of confirmed files that aren't taken over.
pub(super) async fn rows_due(q: &mut impl Query, limit: i64) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT r.import_id, r.line FROM fiscal_import i JOIN fiscal_row r ON r.import_id = i.id \
             WHERE i.state = 'applying' AND r.outcome = '' ORDER BY r.import_id, r.line LIMIT $1"
        ),
        p![limit],
    )
    .await
}

record! {
    /// One of them.
    #[derive(Debug, Clone)]
    pub struct OpenRow {
        pub order_id: i64,
        pub code: String,
        pub number: String,
        pub check_code: String,
        pub issued_on: String,
        pub amount: i64,
    }
}

pub(super) async fn row_open(
    q: &mut impl Query,
    (import_id, line): (i64, i64),
) -> DbResult<Option<OpenRow>> {
    q.opt(
        point!(
            "SELECT order_id, code, number, check_code, issued_on, amount FROM fiscal_row \
             WHERE import_id = $1 AND line = $2 AND outcome = ''"
        ),
        p![import_id, line],
    )
    .await
}

pub(super) async fn row_done(
    tx: &mut Tx,
    (import_id, line): (i64, i64),
    outcome: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_row SET outcome = $3 WHERE import_id = $1 AND line = $2 AND outcome = ''"
        ),
        p![import_id, line, outcome],
    )
    .await
}

/// Locks a confirmed file until the commit. 0 rows: it is done.
pub(super) async fn import_hold(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE fiscal_import SET state = 'applying' WHERE id = $1 AND state = 'applying'"),
        p![id],
    )
    .await
}

/// A locked file of which nothing is left is done.
pub(super) async fn import_done(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_import SET state = 'done' WHERE id = $1 AND state = 'applying' \
             AND NOT EXISTS (SELECT 1 FROM fiscal_row r WHERE r.import_id = fiscal_import.id AND r.outcome = '')"
        ),
        p![id],
    )
    .await
}
