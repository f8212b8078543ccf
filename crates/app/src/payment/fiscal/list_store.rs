//! SQL of the lists of receipts: those that are there, those to be reversed, orders that have none.

use db::filter::Select;
use db::{DbResult, Query, p, piece, point, record, sql};

record! {
    /// A receipt beside its order.
    #[derive(Debug, Clone)]
    pub struct ReceiptRow {
        pub order_id: i64,
        pub order_public_id: String,
        pub order_no: String,
        /// The candidate's.
        pub name: String,
        pub exam: String,
        pub state: String,
        /// What was paid, in 分.
        pub paid: i64,
        /// What went back of it.
        pub back: i64,
        pub code: String,
        pub number: String,
        pub check_code: String,
        pub issued_on: String,
        pub amount: i64,
        pub taken_at: i64,
        pub red_no: Option<String>,
        pub red_at: Option<i64>,
    }
}

impl ReceiptRow {
    /// Whether it must be reversed and nobody said that it was.
    pub fn to_reverse(&self) -> bool {
        self.red_at.is_none() && self.amount > self.paid - self.back
    }
}

/// What is asked for; empty and 0 mean any.
pub(super) struct Asked<'a> {
    pub exam_id: i64,
    /// `red`: to be reversed; `reversed`.
    pub state: &'a str,
    pub order_no: &'a str,
    pub number: &'a str,
    pub before: i64,
    pub limit: i64,
}

/// A page, the newest orders first. Those to be reversed are looked for among orders that were refunded, which are few.
pub(super) async fn receipts(q: &mut impl Query, asked: &Asked<'_>) -> DbResult<Vec<ReceiptRow>> {
    Select::new(
        piece!(
            "f.order_id, o.public_id, o.order_no, a.name, e.title, o.state, o.amount, \
             (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r WHERE r.order_id = o.id \
             AND r.attempt_id = o.credited_attempt AND r.state = 'succeeded'), f.code, f.number, f.check_code, f.issued_on, f.amount, \
             f.taken_at, f.red_no, f.red_at"
        ),
        piece!(
            "fiscal_receipt f JOIN payment_order o ON o.id = f.order_id JOIN application a ON a.id = o.application_id \
             JOIN exam e ON e.id = f.exam_id"
        ),
    )
    .and_if(asked.exam_id != 0, piece!("f.exam_id = $1"), p![asked.exam_id])
    .and_if(!asked.order_no.is_empty(), piece!("o.order_no = $1"), p![asked.order_no])
    .and_if(!asked.number.is_empty(), piece!("f.number = $1"), p![asked.number])
    .and_if(
        asked.state == "red",
        piece!(
            "f.red_at IS NULL AND o.state IN ('refunding', 'part_refunded', 'refunded', 'hold') AND f.amount > o.amount - \
             (SELECT COALESCE(SUM(r.amount), 0) FROM refund r WHERE r.order_id = o.id AND r.attempt_id = o.credited_attempt \
             AND r.state = 'succeeded')"
        ),
        p![],
    )
    .and_if(asked.state == "reversed", piece!("f.red_at IS NOT NULL"), p![])
    .and(piece!("f.order_id < $1"), p![asked.before])
    .order(piece!("f.order_id DESC"))
    .limit(u32::try_from(asked.limit).unwrap_or(1))
    .rows(q)
    .await
}

record! {
    /// An order that is paid and has no receipt.
    #[derive(Debug, Clone)]
    pub struct BareRow {
        pub order_id: i64,
        pub order_no: String,
        pub name: String,
        pub exam: String,
        /// What is left of it, in 分.
        pub left: i64,
    }
}

/// Paid orders without a receipt, from behind one on; `exam_id` 0 for all exams but rehearsals.
pub(super) async fn bare(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<BareRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.order_no, a.name, e.title, o.amount - (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r \
             WHERE r.order_id = o.id AND r.attempt_id = o.credited_attempt AND r.state = 'succeeded') FROM payment_order o \
             JOIN application a ON a.id = o.application_id JOIN exam e ON e.id = o.exam_id \
             WHERE o.id > $1 AND o.state IN ('paid', 'part_refunded') AND (o.exam_id = $2 OR $2 = 0) AND COALESCE(e.rehearsal, 0) = 0 \
             AND NOT EXISTS (SELECT 1 FROM fiscal_receipt f WHERE f.order_id = o.id) ORDER BY o.id LIMIT $3"
        ),
        p![after, exam_id, limit],
    )
    .await
}

record! {
    /// The receipt of one order.
    #[derive(Debug, Clone)]
    pub struct OwnRow {
        pub code: String,
        pub number: String,
        pub check_code: String,
        pub issued_on: String,
        pub amount: i64,
        pub red_no: Option<String>,
        pub red_at: Option<i64>,
    }
}

pub(super) async fn of_order(q: &mut impl Query, order_id: i64) -> DbResult<Option<OwnRow>> {
    q.opt(
        point!(
            "SELECT code, number, check_code, issued_on, amount, red_no, red_at FROM fiscal_receipt WHERE order_id = $1"
        ),
        p![order_id],
    )
    .await
}
