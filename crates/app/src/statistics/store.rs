//! SQL of the live figures.

use db::{DbResult, Query, Tx, p, record, sql};
use domain::application::Tally;

use super::Place;

record! {
    /// A difference that waits to be folded.
    #[derive(Debug, Clone)]
    pub(super) struct DeltaRow {
        pub(super) id: i64,
        pub(super) exam_id: i64,
        pub(super) unit: String,
        pub(super) position_id: i64,
        pub(super) hour: i64,
        pub(super) applied: i64,
        pub(super) pending: i64,
        pub(super) first_approved: i64,
        pub(super) returned: i64,
        pub(super) rejected: i64,
        pub(super) appealed: i64,
        pub(super) approved: i64,
        pub(super) due: i64,
        pub(super) paid: i64,
    }
}

/// Appends a difference (a counter row for each position would queue every commit).
pub(super) async fn delta_insert(
    tx: &mut Tx,
    id: i64,
    place: Place<'_>,
    hour: i64,
    t: &Tally,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application_delta (id, exam_id, unit, position_id, hour, applied, pending, first_approved, \
             returned, rejected, appealed, approved, due, paid) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        p![
            id,
            place.exam_id,
            place.unit,
            place.position_id.unwrap_or(0),
            hour,
            t.applied,
            t.pending,
            t.first_approved,
            t.returned,
            t.rejected,
            t.appealed,
            t.approved,
            t.due,
            t.paid
        ],
    )
    .await
}

/// The differences that wait, oldest first.
pub(super) async fn deltas(q: &mut impl Query, limit: i64) -> DbResult<Vec<DeltaRow>> {
    q.rows(
        sql!(
            "SELECT id, exam_id, unit, position_id, hour, applied, pending, first_approved, returned, rejected, \
             appealed, approved, due, paid FROM application_delta ORDER BY id LIMIT $1"
        ),
        p![limit],
    )
    .await
}

pub(super) async fn delta_delete(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM application_delta WHERE id = $1"), p![id])
        .await
}

pub(super) async fn position_add(
    tx: &mut Tx,
    position_id: i64,
    t: &Tally,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO position_count (position_id, applied, pending, first_approved, returned, rejected, appealed, \
             approved, due, paid, folded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (position_id) DO UPDATE SET applied = position_count.applied + excluded.applied, \
             pending = position_count.pending + excluded.pending, \
             first_approved = position_count.first_approved + excluded.first_approved, \
             returned = position_count.returned + excluded.returned, \
             rejected = position_count.rejected + excluded.rejected, \
             appealed = position_count.appealed + excluded.appealed, \
             approved = position_count.approved + excluded.approved, due = position_count.due + excluded.due, \
             paid = position_count.paid + excluded.paid, folded_at = excluded.folded_at"
        ),
        p![
            position_id,
            t.applied,
            t.pending,
            t.first_approved,
            t.returned,
            t.rejected,
            t.appealed,
            t.approved,
            t.due,
            t.paid,
            at
        ],
    )
    .await
}

pub(super) async fn unit_add(tx: &mut Tx, unit: (i64, &str), t: &Tally, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO unit_count (exam_id, unit, applied, pending, first_approved, returned, rejected, appealed, \
             approved, due, paid, folded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (exam_id, unit) DO UPDATE SET applied = unit_count.applied + excluded.applied, \
             pending = unit_count.pending + excluded.pending, \
             first_approved = unit_count.first_approved + excluded.first_approved, \
             returned = unit_count.returned + excluded.returned, rejected = unit_count.rejected + excluded.rejected, \
             appealed = unit_count.appealed + excluded.appealed, approved = unit_count.approved + excluded.approved, \
             due = unit_count.due + excluded.due, paid = unit_count.paid + excluded.paid, \
             folded_at = excluded.folded_at"
        ),
        p![
            unit.0,
            unit.1,
            t.applied,
            t.pending,
            t.first_approved,
            t.returned,
            t.rejected,
            t.appealed,
            t.approved,
            t.due,
            t.paid,
            at
        ],
    )
    .await
}

pub(super) async fn hour_add(tx: &mut Tx, hour: (i64, &str, i64), t: &Tally) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO hour_count (exam_id, unit, hour, applied, approved, paid) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (exam_id, unit, hour) DO UPDATE SET applied = hour_count.applied + excluded.applied, \
             approved = hour_count.approved + excluded.approved, paid = hour_count.paid + excluded.paid"
        ),
        p![hour.0, hour.1, hour.2, t.applied, t.approved, t.paid],
    )
    .await
}

record! {
    /// The figures of a unit.
    #[derive(Debug, Clone)]
    pub(super) struct UnitRow {
        pub(super) unit: String,
        pub(super) applied: i64,
        pub(super) pending: i64,
        pub(super) first_approved: i64,
        pub(super) returned: i64,
        pub(super) rejected: i64,
        pub(super) appealed: i64,
        pub(super) approved: i64,
        pub(super) due: i64,
        pub(super) paid: i64,
        /// Microseconds UTC.
        pub(super) folded_at: i64,
    }
}

/// The nine figures of a row as one value.
macro_rules! tally {
    ($($row:ident),*) => { $(
        impl $row {
            pub(super) const fn tally(&self) -> Tally {
                Tally {
                    applied: self.applied,
                    pending: self.pending,
                    first_approved: self.first_approved,
                    returned: self.returned,
                    rejected: self.rejected,
                    appealed: self.appealed,
                    approved: self.approved,
                    due: self.due,
                    paid: self.paid,
                }
            }
        }
    )* };
}

tally!(DeltaRow, UnitRow);

/// The units of an exam: as many as its table names, never as many as its candidates.
pub(super) async fn units(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<UnitRow>> {
    q.rows(
        sql!(
            "SELECT unit, applied, pending, first_approved, returned, rejected, appealed, approved, due, paid, \
             folded_at FROM unit_count WHERE exam_id = $1 ORDER BY unit"
        ),
        p![exam_id],
    )
    .await
}

/// The units of an exam as they stand now: the counts and the few differences that nobody has folded yet.
pub(super) async fn units_now(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<UnitRow>> {
    q.rows(
        sql!(
            "SELECT unit, CAST(SUM(applied) AS BIGINT), CAST(SUM(pending) AS BIGINT), \
             CAST(SUM(first_approved) AS BIGINT), CAST(SUM(returned) AS BIGINT), CAST(SUM(rejected) AS BIGINT), \
             CAST(SUM(appealed) AS BIGINT), CAST(SUM(approved) AS BIGINT), CAST(SUM(due) AS BIGINT), \
             CAST(SUM(paid) AS BIGINT), MAX(folded_at) FROM (SELECT unit, applied, pending, first_approved, returned, \
             rejected, appealed, approved, due, paid, folded_at FROM unit_count WHERE exam_id = $1 UNION ALL SELECT unit, applied, \
             pending, first_approved, returned, rejected, appealed, approved, due, paid, 0 FROM application_delta \
             WHERE exam_id = $1) AS now GROUP BY unit ORDER BY unit"
        ),
        p![exam_id],
    )
    .await
}

/// What the hours added, oldest first: hour, applied, approved, paid. At most `limit`, the newest ones.
pub(super) async fn hours(
    q: &mut impl Query,
    exam_id: i64,
    unit: &str,
    limit: i64,
) -> DbResult<Vec<(i64, i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT hour, applied, approved, paid FROM (SELECT hour, applied, approved, paid FROM hour_count \
             WHERE exam_id = $1 AND unit = $2 ORDER BY hour DESC LIMIT $3) AS newest ORDER BY hour"
        ),
        p![exam_id, unit, limit],
    )
    .await
}

/// Reviews past their time, up to `limit`, at one place of the review.
pub(super) async fn overdue(
    q: &mut impl Query,
    exam_id: i64,
    review: &str,
    now: i64,
    limit: i64,
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM application WHERE exam_id = $1 AND review = $2 AND review_due > 0 \
             AND review_due <= $3 AND life = 'live' LIMIT $4) AS late"
        ),
        p![exam_id, review, now, limit],
    )
    .await
}

/// How many 报名序号 an exam has given: each submission takes one, and none is given twice.
pub(super) async fn numbers_given(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT next_registration_no - 1 FROM exam WHERE id = $1"),
        p![exam_id],
    )
    .await
}

/// What was added to the living applications of a unit since the hour of an instant.
pub(super) async fn added_since(
    q: &mut impl Query,
    exam_id: i64,
    unit: &str,
    since: i64,
) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT CAST(COALESCE(SUM(applied), 0) AS BIGINT) FROM hour_count WHERE exam_id = $1 AND unit = $2 AND hour >= $3"
        ),
        p![exam_id, unit, since],
    )
    .await
}
