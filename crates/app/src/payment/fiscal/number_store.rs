//! SQL of receipts and of their numbers: who has one, who had it, and whose red one it is.

use db::{DbResult, Query, Tx, p, point, record, sql};
use domain::payment::fiscal::Receipt;

/// The number was a receipt's that was reversed.
pub(super) const PAST: &str = "past";
/// The number is a red receipt's.
pub(super) const RED: &str = "red";

record! {
    /// What a number is to an order.
    #[derive(Debug, Clone)]
    pub(super) struct UseRow {
        /// `receipt` (also of one that was reversed and isn't replaced), [`PAST`], [`RED`].
        pub what: String,
        pub order_id: i64,
        pub order_no: String,
    }
}

/// Whose a number is. One statement, so that a number that moves from the receipt to the past meanwhile isn't missed.
pub(super) async fn uses(q: &mut impl Query, code: &str, number: &str) -> DbResult<Vec<UseRow>> {
    q.rows(
        point!(
            "SELECT x.what, o.id, o.order_no FROM (SELECT 'receipt' AS what, f.order_id FROM fiscal_receipt f \
             WHERE f.code = $1 AND f.number = $2 UNION ALL SELECT 'past', n.order_id FROM fiscal_past n \
             WHERE n.code = $1 AND n.number = $2 UNION ALL SELECT 'red', r.order_id FROM fiscal_past r \
             WHERE r.code = $1 AND r.red_no = $2) x JOIN payment_order o ON o.id = x.order_id"
        ),
        p![code, number],
    )
    .await
}

/// The receipt of an order, for the first time or another one. What was said of its reversal is over with that.
pub(super) async fn receipt_put(
    tx: &mut Tx,
    (order_id, exam_id, import_id): (i64, i64, i64),
    receipt: &Receipt,
    at: i64,
) -> DbResult<u64> {
    let issued_on = receipt.issued_on.to_string();
    tx.exec(
        sql!(
            "INSERT INTO fiscal_receipt (order_id, exam_id, code, number, check_code, issued_on, amount, import_id, taken_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT (order_id) DO UPDATE SET code = excluded.code, \
             number = excluded.number, check_code = excluded.check_code, issued_on = excluded.issued_on, amount = excluded.amount, \
             import_id = excluded.import_id, taken_at = excluded.taken_at, red_no = NULL, red_by = NULL, red_at = NULL, \
             version = fiscal_receipt.version + 1"
        ),
        p![
            order_id,
            exam_id,
            receipt.code.as_str(),
            receipt.number.as_str(),
            receipt.check.as_str(),
            issued_on.as_str(),
            receipt.amount.get(),
            import_id,
            at
        ],
    )
    .await
}

/// It was reversed, at the version that was read.
pub(super) async fn receipt_red(
    tx: &mut Tx,
    (order_id, version): (i64, i64),
    red_no: &str,
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fiscal_receipt SET red_no = $3, red_by = $4, red_at = $5, version = version + 1 \
             WHERE order_id = $1 AND version = $2 AND red_at IS NULL"
        ),
        p![order_id, version, red_no, by, at],
    )
    .await
}

/// A receipt was reversed: its number is over for good.
pub(super) async fn past_put(
    tx: &mut Tx,
    order_id: i64,
    receipt: &Receipt,
    red_no: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO fiscal_past (code, number, order_id, amount, red_no, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (code, number) DO NOTHING"
        ),
        p![
            receipt.code.as_str(),
            receipt.number.as_str(),
            order_id,
            receipt.amount.get(),
            red_no,
            at
        ],
    )
    .await
}
