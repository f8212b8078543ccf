//! SQL of a batch's people, for papers.

use db::{DbResult, Query, p, sql};

/// Those of a batch, by application.
pub(super) async fn people_of(q: &mut impl Query, batch_id: i64, limit: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT application_id FROM score_total WHERE batch_id = $1 ORDER BY application_id LIMIT $2"
        ),
        p![batch_id, limit],
    )
    .await
}

/// Those of a batch who applied for a position, the best first, those without a rank last.
pub(super) async fn people_on(
    q: &mut impl Query,
    (batch_id, position_id): (i64, i64),
    limit: i64,
) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT a.id FROM application a JOIN score_total t ON t.batch_id = $1 AND t.application_id = a.id \
             WHERE a.position_id = $2 ORDER BY CASE WHEN t.rank IS NULL THEN 1 ELSE 0 END, t.rank, a.id LIMIT $3"
        ),
        p![batch_id, position_id, limit],
    )
    .await
}

/// Those of a batch who are seated in a range of rooms, in the order of their first seats: application and room.
pub(super) async fn people_in(
    q: &mut impl Query,
    (batch_id, plan_id): (i64, i64),
    (first, last): (i64, i64),
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT s.application_id, MIN(s.room_no) FROM seat s JOIN score_total t ON t.batch_id = $1 \
             AND t.application_id = s.application_id WHERE s.plan_id = $2 AND s.room_no BETWEEN $3 AND $4 \
             GROUP BY s.application_id ORDER BY MIN(s.room_no), MIN(s.seat_no), s.application_id LIMIT $5"
        ),
        p![batch_id, plan_id, first, last, limit],
    )
    .await
}
