//! SQL of 演练支付: what its other side knows.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A payment at 演练支付.
    #[derive(Debug, Clone)]
    pub(super) struct PaymentRow {
        pub amount: i64,
        pub state: String,
        pub paid_at: Option<i64>,
    }
}

pub(super) async fn payment_find(
    q: &mut impl Query,
    merchant_no: &str,
) -> DbResult<Option<PaymentRow>> {
    q.opt(
        point!("SELECT amount, state, paid_at FROM rehearsal_payment WHERE merchant_no = $1"),
        p![merchant_no],
    )
    .await
}

/// The same number is the same payment, however often it is sent.
pub(super) async fn payment_open(tx: &mut Tx, merchant_no: &str, amount: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO rehearsal_payment (merchant_no, amount, state) VALUES ($1, $2, 'open') \
             ON CONFLICT (merchant_no) DO NOTHING"
        ),
        p![merchant_no, amount],
    )
    .await
}

pub(super) async fn payment_turn(
    tx: &mut Tx,
    merchant_no: &str,
    to: &str,
    at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE rehearsal_payment SET state = $2, paid_at = $3 WHERE merchant_no = $1 AND state = 'open'"),
        p![merchant_no, to, at],
    )
    .await
}

pub(super) async fn refund_at(q: &mut impl Query, refund_no: &str) -> DbResult<Option<(i64,)>> {
    q.opt(
        point!("SELECT at FROM rehearsal_refund WHERE refund_no = $1"),
        p![refund_no],
    )
    .await
}

pub(super) async fn refunds_sum(q: &mut impl Query, merchant_no: &str) -> DbResult<i64> {
    q.one(
        sql!("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM rehearsal_refund WHERE merchant_no = $1"),
        p![merchant_no],
    )
    .await
}

pub(super) async fn refund_insert(
    tx: &mut Tx,
    keys: (&str, &str),
    amount: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("INSERT INTO rehearsal_refund (refund_no, merchant_no, amount, at) VALUES ($1, $2, $3, $4)"),
        p![keys.0, keys.1, amount, at],
    )
    .await
}
