//! SQL that writes plans which aren't ready yet: the row, rooms, seats; and that takes seats away again.

use db::{DbResult, P, Query, Tx, p, sql};

/// A new plan's columns.
pub(super) struct PlanInsert<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) source: &'a str,
    pub(super) seed: &'a str,
    pub(super) options: &'a str,
    /// Digest of what it is made from.
    pub(super) input: &'a str,
    /// Seats that are to come, and rooms to choose from: the progress is told by them until it is ready.
    pub(super) expected: (i64, i64),
    pub(super) by: i64,
    pub(super) at: i64,
}

pub(super) async fn plan_insert(tx: &mut Tx, row: &PlanInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO seat_plan (id, public_id, exam_id, version, source, state, seed, options, seats, rooms, summary, \
             created_by, created_at, input_sha256, changes) \
             SELECT $1, $2, $3, COALESCE(MAX(version), 0) + 1, $4, 'staging', $5, $6, $9, $10, '', $7, $8, $11, 0 \
             FROM seat_plan WHERE exam_id = $3"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.source,
            row.seed,
            row.options,
            row.by,
            row.at,
            row.expected.0,
            row.expected.1,
            row.input
        ],
    )
    .await
}

/// Everything is written and checked; 0 rows: it was given up meanwhile.
pub(super) async fn plan_ready(
    tx: &mut Tx,
    id: i64,
    counts: (i64, i64),
    summary: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE seat_plan SET state = 'ready', seats = $2, rooms = $3, summary = $4 WHERE id = $1 AND state = 'staging'"
        ),
        p![id, counts.0, counts.1, summary],
    )
    .await
}

/// Making a plan has ended for this reason; 0 rows: it isn't being made any more.
pub(super) async fn plan_failed(tx: &mut Tx, id: i64, why: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE seat_plan SET state = 'discarded', failure = $2 WHERE id = $1 AND state = 'staging'"
        ),
        p![id, why],
    )
    .await
}

/// Holds a plan that is being made of one input; 0 rows: it isn't any more, or of another.
pub(super) async fn plan_hold(tx: &mut Tx, id: i64, input: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE seat_plan SET state = 'staging' WHERE id = $1 AND state = 'staging' AND input_sha256 = $2"
        ),
        p![id, input],
    )
    .await
}

/// From now on a plan is made of another input, with so many seats to come; 0 rows: somebody was faster.
pub(super) async fn plan_input_set(
    tx: &mut Tx,
    id: i64,
    input: (&str, &str),
    seats: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE seat_plan SET input_sha256 = $3, seats = $4 WHERE id = $1 AND state = 'staging' AND input_sha256 = $2"
        ),
        p![id, input.0, input.1, seats],
    )
    .await
}

pub(super) async fn room_insert(
    tx: &mut Tx,
    plan_id: i64,
    numbers: (i64, i64, i64, i64),
    texts: (&str, &str, &str),
    (usage, region): (&str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO seat_room (plan_id, room_no, site_no, capacity, people, site_name, site_address, room_name, \
             usage, region) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        p![
            plan_id, numbers.0, numbers.1, numbers.2, numbers.3, texts.0, texts.1, texts.2, usage, region
        ],
    )
    .await
}

/// How many people sit in a room.
pub(super) async fn room_people(
    tx: &mut Tx,
    plan_id: i64,
    room_no: i64,
    people: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE seat_room SET people = $3 WHERE plan_id = $1 AND room_no = $2"),
        p![plan_id, room_no, people],
    )
    .await
}

/// A seat as it is written: application, session, room, seat, ticket number.
pub(super) type NewSeat<'a> = (i64, i64, i64, i64, &'a str);

/// Seats that one statement writes.
pub(super) const AT_ONCE: usize = 20;

/// Writes seats; those of people and sessions that have one already stay as they are. [`AT_ONCE`] at a time, since every
/// statement is a way to the database and back, and the rest one by one.
pub(super) async fn seats_insert(tx: &mut Tx, plan_id: i64, seats: &[NewSeat<'_>]) -> DbResult<()> {
    let (many, rest) = seats.as_chunks::<AT_ONCE>();
    for chunk in many {
        seat_insert_20(tx, plan_id, chunk).await?;
    }
    for seat in rest {
        seat_insert(tx, plan_id, *seat).await?;
    }
    Ok(())
}

async fn seat_insert_20(
    tx: &mut Tx,
    plan_id: i64,
    seats: &[NewSeat<'_>; AT_ONCE],
) -> DbResult<u64> {
    let mut values: Vec<P<'_>> = Vec::with_capacity(1 + 5 * AT_ONCE);
    values.push(P::from(plan_id));
    for (application, session, room, seat, ticket) in seats {
        values.extend([
            P::from(*application),
            P::from(*session),
            P::from(*room),
            P::from(*seat),
            P::from(*ticket),
        ]);
    }
    tx.exec(
        sql!(
            "INSERT INTO seat (plan_id, application_id, session, room_no, seat_no, ticket_no) VALUES \
             ($1, $2, $3, $4, $5, $6), ($1, $7, $8, $9, $10, $11), ($1, $12, $13, $14, $15, $16), ($1, $17, $18, $19, $20, $21), \
             ($1, $22, $23, $24, $25, $26), ($1, $27, $28, $29, $30, $31), ($1, $32, $33, $34, $35, $36), ($1, $37, $38, $39, $40, $41), \
             ($1, $42, $43, $44, $45, $46), ($1, $47, $48, $49, $50, $51), ($1, $52, $53, $54, $55, $56), ($1, $57, $58, $59, $60, $61), \
             ($1, $62, $63, $64, $65, $66), ($1, $67, $68, $69, $70, $71), ($1, $72, $73, $74, $75, $76), ($1, $77, $78, $79, $80, $81), \
             ($1, $82, $83, $84, $85, $86), ($1, $87, $88, $89, $90, $91), ($1, $92, $93, $94, $95, $96), ($1, $97, $98, $99, $100, $101) \
             ON CONFLICT (plan_id, application_id, session) DO NOTHING"
        ),
        &values,
    )
    .await
}

async fn seat_insert(
    tx: &mut Tx,
    plan_id: i64,
    (application, session, room, seat, ticket): NewSeat<'_>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO seat (plan_id, application_id, session, room_no, seat_no, ticket_no) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (plan_id, application_id, session) DO NOTHING"
        ),
        p![plan_id, application, session, room, seat, ticket],
    )
    .await
}

/// How many seats a plan has by now.
pub(super) async fn seats_count(q: &mut impl Query, plan_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM seat WHERE plan_id = $1"),
        p![plan_id],
    )
    .await
}

/// Removes the seats of a handful of people of a plan that was given up.
pub(super) async fn seats_drop(tx: &mut Tx, plan_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM seat WHERE plan_id = $1 AND application_id IN (SELECT s.application_id FROM seat s \
             JOIN seat_plan p ON p.id = s.plan_id WHERE s.plan_id = $1 AND p.state = 'discarded' LIMIT $2)"
        ),
        p![plan_id, limit],
    )
    .await
}

/// Removes the seats of a handful of people of a plan that is being made, before it is made anew. The caller holds it.
pub(super) async fn seats_undo(tx: &mut Tx, plan_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM seat WHERE plan_id = $1 AND application_id IN (SELECT application_id FROM seat \
             WHERE plan_id = $1 LIMIT $2)"
        ),
        p![plan_id, limit],
    )
    .await
}

/// Plans that a job makes, begun before an instant and not ready.
pub(super) async fn plans_unmade(q: &mut impl Query, before: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM seat_plan WHERE state = 'staging' AND created_at < $1 \
             AND (source = 'generated' OR base_plan IS NOT NULL) ORDER BY id LIMIT 100"
        ),
        p![before],
    )
    .await
}

/// Imported plans begun before an instant and not ready: only the request that read the file had their rows.
pub(super) async fn plans_torn(q: &mut impl Query, before: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM seat_plan WHERE state = 'staging' AND created_at < $1 \
             AND source = 'imported' AND base_plan IS NULL ORDER BY id LIMIT 100"
        ),
        p![before],
    )
    .await
}

/// Plans that were given up and still have seats.
pub(super) async fn plans_littered(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT p.id FROM seat_plan p WHERE p.state = 'discarded' \
             AND EXISTS (SELECT 1 FROM seat s WHERE s.plan_id = p.id) ORDER BY p.id LIMIT 100"
        ),
        p![],
    )
    .await
}
