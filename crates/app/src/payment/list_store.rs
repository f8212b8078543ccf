//! SQL of the lists of orders: a candidate's, the office's.

use db::filter::{Piece, Select};
use db::{DbResult, P, Query, p, piece, record, sql};

record! {
    /// A line of a candidate's list.
    #[derive(Debug, Clone)]
    pub struct OwnOrderRow {
        pub id: i64,
        pub public_id: String,
        pub order_no: String,
        pub exam: String,
        pub application_id: i64,
        pub choice: String,
        pub amount: i64,
        pub state: String,
        pub expires_at: i64,
        pub paid_at: Option<i64>,
        pub created_at: i64,
    }
}

/// A candidate's orders, newest first. `number` empty for all; made within `[from, to)`.
pub(super) async fn orders_of(
    q: &mut impl Query,
    account_id: i64,
    number: &str,
    made: (i64, i64),
    limit: i64,
) -> DbResult<Vec<OwnOrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.public_id, o.order_no, e.title, o.application_id, a.choice, o.amount, o.state, \
             o.expires_at, o.paid_at, o.created_at FROM payment_order o JOIN exam e ON e.id = o.exam_id \
             JOIN application a ON a.id = o.application_id WHERE o.account_id = $1 \
             AND ($2 = '' OR o.order_no = $2) AND o.created_at >= $3 AND o.created_at < $4 \
             ORDER BY o.id DESC LIMIT $5"
        ),
        p![account_id, number, made.0, made.1, limit],
    )
    .await
}

/// A candidate's orders that may still be paid.
pub(super) async fn orders_unpaid_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<OwnOrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.public_id, o.order_no, e.title, o.application_id, a.choice, o.amount, o.state, \
             o.expires_at, o.paid_at, o.created_at FROM payment_order o JOIN exam e ON e.id = o.exam_id \
             JOIN application a ON a.id = o.application_id WHERE o.account_id = $1 \
             AND o.state IN ('unpaid', 'paying') ORDER BY o.id DESC LIMIT 50"
        ),
        p![account_id],
    )
    .await
}

record! {
    /// A line of the office's list.
    #[derive(Debug, Clone)]
    pub struct OfficeOrderRow {
        pub id: i64,
        pub application_id: i64,
        pub public_id: String,
        pub order_no: String,
        pub exam: String,
        pub name: String,
        pub registration_no: String,
        pub amount: i64,
        pub state: String,
        pub channel: Option<String>,
        pub paid_at: Option<i64>,
        pub created_at: i64,
    }
}

/// What the office asks for; empty and 0 mean any.
pub(super) struct OfficeFilter<'a> {
    pub exam_id: i64,
    pub state: &'a str,
    /// Every state but that one.
    pub other: bool,
    pub order_no: &'a str,
    pub merchant_no: &'a str,
    pub name: &'a str,
    /// What the list is ordered by ([`OfficeOrderRow::key`]), of the last row of the page before.
    pub before: (i64, i64),
    /// The oldest first, not the newest.
    pub oldest: bool,
    pub limit: i64,
}

impl OfficeOrderRow {
    /// What the list is ordered by: the order's id, or with a name asked for the application's and then the order's.
    pub(super) const fn key(&self, named: bool) -> (i64, i64) {
        if named {
            (self.application_id, self.id)
        } else {
            (self.id, 0)
        }
    }
}

/// A page of orders, newest first, or with a name asked for those of who applied last. Only what was asked for stands in the statement, so that an index fits each question: a
/// number's, a name's, a state's of an exam, and the list's own.
pub(super) async fn orders_office(
    q: &mut impl Query,
    filter: &OfficeFilter<'_>,
) -> DbResult<Vec<OfficeOrderRow>> {
    // Who is asked for by name is looked up first, not met while the whole list goes by.
    let from = if filter.name.is_empty() {
        piece!(
            "payment_order o JOIN exam e ON e.id = o.exam_id JOIN application a ON a.id = o.application_id"
        )
    } else {
        piece!("application a CROSS JOIN payment_order o JOIN exam e ON e.id = o.exam_id")
    };
    let named = |text: &str| !text.is_empty();
    let by_name = named(filter.name);
    let select = Select::new(
        piece!(
            "o.id, o.application_id, o.public_id, o.order_no, e.title, a.name, a.registration_no, o.amount, o.state, \
             (SELECT t.channel FROM payment_attempt t WHERE t.id = o.credited_attempt), o.paid_at, o.created_at"
        ),
        from,
    )
    .and_if(
        by_name,
        piece!("a.name = $1 AND o.application_id = a.id"),
        p![filter.name],
    )
    .and_if(
        filter.exam_id != 0 && by_name,
        piece!("a.exam_id = $1"),
        p![filter.exam_id],
    )
    // Without a name the list is walked along an index that begins with exam and state.
    .and_if(
        named(filter.state) && !filter.other && by_name,
        piece!("o.state = $1"),
        p![filter.state],
    )
    .and_if(
        named(filter.state) && filter.other,
        piece!("o.state <> $1"),
        p![filter.state],
    )
    .and_if(
        named(filter.order_no),
        piece!("o.order_no = $1"),
        p![filter.order_no],
    )
    .and_if(
        named(filter.merchant_no),
        piece!("o.id = (SELECT t.order_id FROM payment_attempt t WHERE t.merchant_no = $1)"),
        p![filter.merchant_no],
    );
    let (first, second) = filter.before;
    let select = match (by_name, filter.oldest) {
        (true, false) => select
            .and(piece!("(a.id, o.id) < ($1, $2)"), p![first, second])
            .order(piece!("a.id DESC, o.id DESC")),
        (true, true) => select
            .and(piece!("(a.id, o.id) > ($1, $2)"), p![first, second])
            .order(piece!("a.id, o.id")),
        (false, oldest) => {
            let state = if filter.other { "" } else { filter.state };
            let (after, before): (&[P<'_>], &[P<'_>]) =
                (p![first.saturating_add(1)], p![first.saturating_sub(1)]);
            let bounds = if oldest {
                (Some(after), None)
            } else {
                (None, Some(before))
            };
            let told = told(filter.exam_id, state);
            select.walk(&told, &[piece!("o.id")], bounds, !oldest)
        }
    };
    select
        .limit(u32::try_from(filter.limit).unwrap_or(1))
        .rows(q)
        .await
}

/// What the orders' indexes begin with, of an exam (0 for all) and a state (empty for all): `payment_order_exam`,
/// `payment_order_list`, `payment_order_state`, and the key itself.
fn told(exam_id: i64, state: &str) -> Vec<(Piece, P<'_>)> {
    let mut told = Vec::new();
    if exam_id != 0 {
        told.push((piece!("o.exam_id"), P::Int(exam_id)));
    }
    if !state.is_empty() {
        told.push((piece!("o.state"), P::Text(state)));
    }
    told
}

/// How many orders of a state there are; stops at 1,001. `exam_id` 0 for all exams.
pub(super) async fn order_count(q: &mut impl Query, exam_id: i64, state: &str) -> DbResult<i64> {
    Select::new(piece!("o.id"), piece!("payment_order o"))
        .walk(
            &told(exam_id, state),
            &[piece!("o.id")],
            (None, None),
            false,
        )
        .count(q, 1_001)
        .await
}

/// How many orders are paid, and their sum; stops at 10,001 orders. `exam_id` 0 for all exams but rehearsals, which took nothing.
pub(super) async fn paid_total(q: &mut impl Query, exam_id: i64) -> DbResult<(i64, i64)> {
    // Ranges and an order that only one index has, as `Select::walk` writes them.
    if exam_id == 0 {
        return q
            .one(
                sql!(
                    "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (SELECT amount FROM payment_order \
                     WHERE state >= 'paid' AND state <= 'paid' \
                     AND exam_id NOT IN (SELECT id FROM exam WHERE rehearsal = 1) ORDER BY state, id LIMIT 10001) counted"
                ),
                p![],
            )
            .await;
    }
    q.one(
        sql!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM (SELECT amount FROM payment_order \
             WHERE exam_id = $1 AND state >= 'paid' AND state <= 'paid' ORDER BY state, id LIMIT 10001) counted"
        ),
        p![exam_id],
    )
    .await
}

/// Exams that have orders, newest first: what the filter offers.
pub(super) async fn exams_with_orders(q: &mut impl Query) -> DbResult<Vec<(i64, String, String)>> {
    q.rows(
        sql!(
            "SELECT e.id, e.public_id, e.title FROM exam e WHERE e.payment_closes > 0 \
             AND EXISTS (SELECT 1 FROM payment_order o WHERE o.exam_id = e.id) ORDER BY e.id DESC LIMIT 100"
        ),
        p![],
    )
    .await
}
