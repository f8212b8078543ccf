//! SQL of the office's list of applications for a waiver.

use db::filter::{Piece, Select};
use db::{DbResult, P, Query, p, piece, point, record, sql};

record! {
    /// A line of the list.
    #[derive(Debug, Clone)]
    pub struct WaiverLine {
        pub id: i64,
        pub public_id: String,
        pub name: String,
        pub registration_no: String,
        pub exam: String,
        pub category: String,
        pub grants: String,
        pub state: String,
        pub off: Option<i64>,
        /// What the application has to pay now, and where its payment stands.
        pub fee: i64,
        pub payment: String,
        pub asked_at: i64,
        pub decided_at: Option<i64>,
        pub decider: Option<String>,
        pub note: String,
        /// When the exam stops taking money.
        pub payment_closes: i64,
    }
}

/// What the office asks for; empty and 0 mean any.
pub(super) struct Filter<'a> {
    pub exam_id: i64,
    pub state: &'a str,
    /// The candidate's name, whole.
    pub name: &'a str,
    /// The last row of the page before.
    pub from: Option<i64>,
    /// The oldest first.
    pub oldest: bool,
    pub limit: i64,
}

/// What the indexes begin with: `fee_waiver_exam`, `fee_waiver_list`, `fee_waiver_state`, and the key itself.
fn told(exam_id: i64, state: &str) -> Vec<(Piece, P<'_>)> {
    let mut told = Vec::new();
    if exam_id != 0 {
        told.push((piece!("w.exam_id"), P::Int(exam_id)));
    }
    if !state.is_empty() {
        told.push((piece!("w.state"), P::Text(state)));
    }
    told
}

pub(super) async fn waivers(q: &mut impl Query, filter: &Filter<'_>) -> DbResult<Vec<WaiverLine>> {
    let columns = piece!(
        "w.id, w.public_id, a.name, a.registration_no, e.title, w.category, w.grants, w.state, w.off, a.fee, a.payment, \
         w.asked_at, w.decided_at, s.name, w.note, e.payment_closes"
    );
    let by_name = !filter.name.is_empty();
    // Who is asked for by name is looked up first, not met while the whole list goes by.
    let from = if by_name {
        piece!(
            "application a CROSS JOIN fee_waiver w JOIN exam e ON e.id = w.exam_id LEFT JOIN staff s ON s.id = w.decided_by"
        )
    } else {
        piece!(
            "fee_waiver w JOIN application a ON a.id = w.application_id JOIN exam e ON e.id = w.exam_id \
             LEFT JOIN staff s ON s.id = w.decided_by"
        )
    };
    let select = Select::new(columns, from)
        .and_if(
            by_name,
            piece!("a.name = $1 AND w.application_id = a.id"),
            p![filter.name],
        )
        .and_if(
            by_name && filter.exam_id != 0,
            piece!("a.exam_id = $1"),
            p![filter.exam_id],
        )
        .and_if(
            by_name && !filter.state.is_empty(),
            piece!("w.state = $1"),
            p![filter.state],
        );
    let select = if by_name {
        match (filter.oldest, filter.from) {
            (true, from) => select
                .and(piece!("w.id > $1"), p![from.unwrap_or(0)])
                .order(piece!("w.id")),
            (false, from) => select
                .and(piece!("w.id < $1"), p![from.unwrap_or(i64::MAX)])
                .order(piece!("w.id DESC")),
        }
    } else {
        let after = filter.from.unwrap_or(0).saturating_add(1);
        let before = filter.from.unwrap_or(i64::MAX).saturating_sub(1);
        let (after, before): (&[P<'_>], &[P<'_>]) = (p![after], p![before]);
        let bounds = if filter.oldest {
            (Some(after), None)
        } else {
            (None, Some(before))
        };
        let told = told(filter.exam_id, filter.state);
        select.walk(&told, &[piece!("w.id")], bounds, !filter.oldest)
    };
    select
        .limit(u32::try_from(filter.limit).unwrap_or(1))
        .rows(q)
        .await
}

/// Exams in which somebody asked for a waiver, newest first: what the filter offers.
pub(super) async fn exams(q: &mut impl Query) -> DbResult<Vec<(i64, String, String)>> {
    q.rows(
        sql!(
            "SELECT e.id, e.public_id, e.title FROM exam e WHERE e.payment_closes > 0 \
             AND EXISTS (SELECT 1 FROM fee_waiver w WHERE w.exam_id = e.id) ORDER BY e.id DESC LIMIT 100"
        ),
        p![],
    )
    .await
}

/// How many there are in a state; stops at 1,001. `exam_id` 0 for all exams.
pub(super) async fn waiver_count(q: &mut impl Query, exam_id: i64, state: &str) -> DbResult<i64> {
    Select::new(piece!("w.id"), piece!("fee_waiver w"))
        .walk(
            &told(exam_id, state),
            &[piece!("w.id")],
            (None, None),
            false,
        )
        .count(q, 1_001)
        .await
}

record! {
    /// Applications for a waiver of one exam, category and state.
    pub(super) struct CountRow {
        pub exam_id: i64,
        pub exam: String,
        pub category: String,
        pub state: String,
        pub count: i64,
        /// What was waived, in 分.
        pub off: i64,
    }
}

/// How many there are of each exam, category and state, rehearsals left out: their money is none.
pub(super) async fn counted(q: &mut impl Query) -> DbResult<Vec<CountRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.title, w.category, w.state, COUNT(*), \
             CAST(COALESCE(SUM(CASE WHEN w.state = 'granted' THEN w.off ELSE 0 END), 0) AS BIGINT) \
             FROM fee_waiver w JOIN exam e ON e.id = w.exam_id WHERE e.rehearsal IS NULL \
             GROUP BY e.id, e.title, w.category, w.state ORDER BY e.id DESC, w.category, w.state LIMIT 5000"
        ),
        p![],
    )
    .await
}

/// The same of one exam.
pub(super) async fn counted_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<CountRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.title, w.category, w.state, COUNT(*), \
             CAST(COALESCE(SUM(CASE WHEN w.state = 'granted' THEN w.off ELSE 0 END), 0) AS BIGINT) \
             FROM fee_waiver w JOIN exam e ON e.id = w.exam_id WHERE w.exam_id = $1 \
             GROUP BY e.id, e.title, w.category, w.state ORDER BY w.category, w.state LIMIT 500"
        ),
        p![exam_id],
    )
    .await
}

/// The name of somebody who decided.
pub(super) async fn decider(q: &mut impl Query, staff_id: i64) -> DbResult<Option<String>> {
    q.opt(point!("SELECT name FROM staff WHERE id = $1"), p![staff_id])
        .await
}
