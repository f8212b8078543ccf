//! The statements. A job is held by naming its `attempt`: whoever names an older one has lost it, and changes nothing.

use db::{Backend, DbError, DbResult, Query, Tx, p, point, record, sql};
use domain::time::Timestamp;

use crate::{DeadJob, JobState, JobStatus, NewJob};

record! {
    /// A job that may be taken.
    pub(crate) struct Due {
        pub id: i64,
        pub name: String,
        pub payload: String,
        pub attempt: i64,
        pub failures: u32,
        pub max_failures: u32,
        pub cancel_asked: bool,
        pub state: String,
    }
}

record! {
    struct StatusRow {
        state: String,
        last_error: String,
        failures: u32,
        cancel_asked: bool,
        done: Option<i64>,
        total: Option<i64>,
        note: Option<String>,
    }
}

record! {
    struct DeadRow {
        id: i64,
        name: String,
        last_error: String,
        failures: u32,
        finished_at: i64,
    }
}

/// Inserts a job, or finds the one with its key that waits already. The id of the one that is there now.
pub(crate) async fn job_insert(tx: &mut Tx, job: &NewJob, now: i64) -> DbResult<i64> {
    tx.one(
        sql!(
            "INSERT INTO job (id, queue, name, payload, dedup_key, state, due_at, attempt, failures, max_failures, \
             worker, cancel_asked, last_error, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'ready', $6, 0, 0, $7, '', 0, '', $8) \
             ON CONFLICT (name, dedup_key) WHERE state = 'ready' DO UPDATE SET due_at = \
             CASE WHEN excluded.due_at < job.due_at THEN excluded.due_at ELSE job.due_at END \
             RETURNING id"
        ),
        p![
            job.id,
            job.queue,
            job.name,
            &job.payload,
            &job.dedup_key,
            job.run_at.micros(),
            job.max_failures,
            now
        ],
    )
    .await
}

/// When the next job of a queue is due.
pub(crate) async fn due_next<Q: Query>(query: &mut Q, queue: &str) -> DbResult<Option<i64>> {
    let sql = point!(
        "SELECT due_at FROM job WHERE queue = $1 AND finished_at IS NULL ORDER BY due_at, id LIMIT 1"
    );
    query.opt(sql, p![queue]).await
}

/// Up to `limit` jobs of a queue that are due and that nobody else is taking in this moment.
pub(crate) async fn due_lock(tx: &mut Tx, queue: &str, now: i64, limit: u32) -> DbResult<Vec<Due>> {
    let sql = match tx.backend() {
        // One writer: nobody else is taking anything.
        Backend::Sqlite => sql!(
            "SELECT id, name, payload, attempt, failures, max_failures, cancel_asked, state FROM job \
             WHERE queue = $1 AND finished_at IS NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3"
        ),
        Backend::Postgres => sql!(
            "SELECT id, name, payload, attempt, failures, max_failures, cancel_asked, state FROM job \
             WHERE queue = $1 AND finished_at IS NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3 \
             FOR UPDATE SKIP LOCKED"
        ),
    };
    tx.rows(sql, p![queue, now, limit]).await
}

/// Takes a job until `lease_end`. The number that its holder names from now on.
pub(crate) async fn job_take(
    tx: &mut Tx,
    due: &Due,
    failures: u32,
    worker: &str,
    (now, lease_end): (i64, i64),
) -> DbResult<i64> {
    let attempt = due.attempt + 1;
    let taken = tx
        .exec(
            sql!(
                "UPDATE job SET state = 'running', attempt = $2, failures = $3, worker = $4, started_at = $5, \
                 due_at = $6 WHERE id = $1 AND attempt = $7 AND finished_at IS NULL"
            ),
            p![due.id, attempt, failures, worker, now, lease_end, due.attempt],
        )
        .await?;
    if taken == 1 {
        Ok(attempt)
    } else {
        Err(DbError::NotFound)
    }
}

/// Extends the lease. Whether the job is still held, and whether it was asked to stop.
pub(crate) async fn lease_extend(
    tx: &mut Tx,
    id: i64,
    attempt: i64,
    lease_end: i64,
) -> DbResult<Option<bool>> {
    tx.opt(
        sql!(
            "UPDATE job SET due_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'running' \
             RETURNING cancel_asked"
        ),
        p![id, attempt, lease_end],
    )
    .await
}

/// Ends a job that is held. Whether it still was.
pub(crate) async fn job_finish(
    tx: &mut Tx,
    (id, attempt): (i64, i64),
    state: &str,
    (failures, last_error): (u32, &str),
    now: i64,
) -> DbResult<bool> {
    let ended = tx
        .exec(
            sql!(
                "UPDATE job SET state = $3, failures = $4, last_error = $5, finished_at = $6 \
                 WHERE id = $1 AND attempt = $2 AND state = 'running'"
            ),
            p![id, attempt, state, failures, last_error, now],
        )
        .await?;
    Ok(ended == 1)
}

/// Gives a held job back, to be taken at `due_at`. Where another one with its key waits already, that one will do the
/// work, and this one ends as cancelled. Whether it was still held.
pub(crate) async fn job_return(
    tx: &mut Tx,
    (id, attempt): (i64, i64),
    (failures, last_error): (u32, &str),
    (now, due_at): (i64, i64),
) -> DbResult<bool> {
    let twin: Option<i64> = tx
        .opt(
            sql!(
                "SELECT twin.id FROM job me JOIN job twin ON twin.name = me.name \
                 AND twin.dedup_key = me.dedup_key AND twin.state = 'ready' \
                 WHERE me.id = $1 AND me.attempt = $2 AND me.state = 'running'"
            ),
            p![id, attempt],
        )
        .await?;
    if twin.is_some() {
        return job_finish(tx, (id, attempt), "cancelled", (failures, last_error), now).await;
    }
    let returned = tx
        .exec(
            sql!(
                "UPDATE job SET state = 'ready', failures = $3, last_error = $4, due_at = $5, worker = '' \
                 WHERE id = $1 AND attempt = $2 AND state = 'running'"
            ),
            p![id, attempt, failures, last_error, due_at],
        )
        .await?;
    Ok(returned == 1)
}

/// Cancels a job that waits.
pub(crate) async fn job_cancel_ready(tx: &mut Tx, id: i64, now: i64) -> DbResult<bool> {
    let sql = sql!(
        "UPDATE job SET state = 'cancelled', cancel_asked = 1, finished_at = $2 WHERE id = $1 AND state = 'ready'"
    );
    Ok(tx.exec(sql, p![id, now]).await? == 1)
}

/// Asks a job that runs to stop.
pub(crate) async fn job_ask_cancel(tx: &mut Tx, id: i64) -> DbResult<bool> {
    let sql = sql!("UPDATE job SET cancel_asked = 1 WHERE id = $1 AND state = 'running'");
    Ok(tx.exec(sql, p![id]).await? == 1)
}

/// Removes the jobs with a key, whatever their state: what they worked on is being removed.
pub(crate) async fn jobs_forget(tx: &mut Tx, key: &str) -> DbResult<u64> {
    let progress =
        sql!("DELETE FROM job_progress WHERE job_id IN (SELECT id FROM job WHERE dedup_key = $1)");
    tx.exec(progress, p![key]).await?;
    tx.exec(sql!("DELETE FROM job WHERE dedup_key = $1"), p![key])
        .await
}

/// Brings a dead job back, unless one with its key waits already.
pub(crate) async fn job_revive(tx: &mut Tx, id: i64, now: i64) -> DbResult<bool> {
    let sql = sql!(
        "UPDATE job SET state = 'ready', failures = 0, due_at = $2, finished_at = NULL, worker = '' \
         WHERE id = $1 AND state = 'dead' AND NOT EXISTS (SELECT 1 FROM job twin WHERE twin.name = job.name \
         AND twin.dedup_key = job.dedup_key AND twin.state = 'ready')"
    );
    Ok(tx.exec(sql, p![id, now]).await? == 1)
}

/// Whether the job is still held and was not asked to stop.
pub(crate) async fn cancel_asked<Q: Query>(query: &mut Q, id: i64, attempt: i64) -> DbResult<bool> {
    let sql =
        point!("SELECT cancel_asked FROM job WHERE id = $1 AND attempt = $2 AND state = 'running'");
    Ok(query.opt(sql, p![id, attempt]).await?.unwrap_or(true))
}

/// Notes how far a held job is. Whether it is still held.
pub(crate) async fn progress_put(
    tx: &mut Tx,
    (id, attempt): (i64, i64),
    (done, total, note): (i64, i64, &str),
    now: i64,
) -> DbResult<bool> {
    let changed = tx
        .exec(
            sql!(
                "INSERT INTO job_progress (job_id, done, total, note, changed_at) \
                 SELECT id, $3, $4, $5, $6 FROM job WHERE id = $1 AND attempt = $2 AND state = 'running' \
                 ON CONFLICT (job_id) DO UPDATE SET done = excluded.done, total = excluded.total, \
                 note = excluded.note, changed_at = excluded.changed_at"
            ),
            p![id, attempt, done, total, note, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn status_find<Q: Query>(query: &mut Q, id: i64) -> DbResult<Option<JobStatus>> {
    let row: Option<StatusRow> = query
        .opt(
            point!(
                "SELECT j.state, j.last_error, j.failures, j.cancel_asked, g.done, g.total, g.note \
                 FROM job j LEFT JOIN job_progress g ON g.job_id = j.id WHERE j.id = $1"
            ),
            p![id],
        )
        .await?;
    row.map(|row| {
        let state = JobState::of(&row.state).ok_or(DbError::Row {
            column: 0,
            problem: "is not a state of a job",
        })?;
        Ok(JobStatus {
            state,
            done: row.done.unwrap_or(0),
            total: row.total.unwrap_or(0),
            note: row.note.unwrap_or_default(),
            last_error: row.last_error,
            failures: row.failures,
            cancel_asked: row.cancel_asked,
        })
    })
    .transpose()
}

pub(crate) async fn dead_page<Q: Query>(
    query: &mut Q,
    before: i64,
    limit: u32,
) -> DbResult<Vec<DeadJob>> {
    let sql = sql!(
        "SELECT id, name, last_error, failures, finished_at FROM job WHERE state = 'dead' AND id < $1 \
         ORDER BY id DESC LIMIT $2"
    );
    let rows: Vec<DeadRow> = query.rows(sql, p![before, limit]).await?;
    Ok(rows
        .into_iter()
        .map(|row| DeadJob {
            id: row.id,
            name: row.name,
            last_error: row.last_error,
            failures: row.failures,
            finished_at: Timestamp::from_micros(row.finished_at),
        })
        .collect())
}

/// Forgets up to `limit` finished jobs: done and cancelled ones that ended before `done_before`, dead ones before
/// `dead_before`. How many.
pub(crate) async fn finished_delete(
    tx: &mut Tx,
    (done_before, dead_before): (i64, i64),
    limit: u32,
) -> DbResult<u64> {
    let old: Vec<i64> = tx
        .rows(
            sql!(
                "SELECT id FROM job WHERE finished_at < $1 AND (state <> 'dead' OR finished_at < $2) \
                 ORDER BY finished_at, id LIMIT $3"
            ),
            p![done_before, dead_before, limit],
        )
        .await?;
    let mut deleted = 0;
    for id in old {
        tx.exec(sql!("DELETE FROM job_progress WHERE job_id = $1"), p![id])
            .await?;
        deleted += tx
            .exec(
                sql!("DELETE FROM job WHERE id = $1 AND finished_at IS NOT NULL"),
                p![id],
            )
            .await?;
    }
    Ok(deleted)
}

/// When a plan enqueues next; none if it is new.
pub(crate) async fn plan_next<Q: Query>(query: &mut Q, name: &str) -> DbResult<Option<i64>> {
    query
        .opt(
            point!("SELECT next_at FROM job_plan WHERE name = $1"),
            p![name],
        )
        .await
}

/// Notes a plan that is new.
pub(crate) async fn plan_insert(tx: &mut Tx, name: &str, next_at: i64) -> DbResult<bool> {
    let sql =
        sql!("INSERT INTO job_plan (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    Ok(tx.exec(sql, p![name, next_at]).await? == 1)
}

/// Moves a plan on from `from`. Whether it stood there: who moves it enqueues.
pub(crate) async fn plan_move(tx: &mut Tx, name: &str, from: i64, to: i64) -> DbResult<bool> {
    let sql = sql!("UPDATE job_plan SET next_at = $3 WHERE name = $1 AND next_at = $2");
    Ok(tx.exec(sql, p![name, from, to]).await? == 1)
}

/// Whether a job with this name and key still waits or runs.
pub(crate) async fn is_busy(tx: &mut Tx, name: &str, key: &str) -> DbResult<bool> {
    let sql = sql!(
        "SELECT COUNT(*) FROM job WHERE name = $1 AND dedup_key = $2 AND finished_at IS NULL AND dedup_key IS NOT NULL"
    );
    Ok(tx.one::<i64>(sql, p![name, key]).await? > 0)
}

/// Who holds a lease, and until when.
pub(crate) async fn lease_find<Q: Query>(
    query: &mut Q,
    name: &str,
) -> DbResult<Option<(String, i64)>> {
    query
        .opt(
            point!("SELECT holder, ends_at FROM job_lease WHERE name = $1"),
            p![name],
        )
        .await
}

/// Takes or extends a lease that is free, run out, or held by `holder` already. Whether `holder` has it now.
pub(crate) async fn lease_take(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    (now, ends_at): (i64, i64),
) -> DbResult<bool> {
    let sql = sql!(
        "INSERT INTO job_lease (name, holder, ends_at) VALUES ($1, $2, $4) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at \
         WHERE job_lease.holder = excluded.holder OR job_lease.ends_at <= $3"
    );
    Ok(tx.exec(sql, p![name, holder, now, ends_at]).await? == 1)
}

/// Gives a lease up.
pub(crate) async fn lease_release(tx: &mut Tx, name: &str, holder: &str) -> DbResult<()> {
    let sql = sql!("DELETE FROM job_lease WHERE name = $1 AND holder = $2");
    tx.exec(sql, p![name, holder]).await.map(drop)
}
