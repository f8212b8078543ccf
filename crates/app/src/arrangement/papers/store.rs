//! SQL of 成套用纸: runs, their files, and who sits in the rooms that they are for.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A run.
    #[derive(Debug, Clone)]
    pub struct RunRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub plan_id: i64,
        pub plan_version: i64,
        pub plan_public_id: String,
        pub state: String,
        /// JSON of [`super::Wanted`].
        pub wanted: String,
        /// What was made last.
        pub reached: String,
        pub files: i64,
        pub pages: i64,
        /// Rooms made, each as often as there are kinds.
        pub done: i64,
        pub total: i64,
        pub failure: String,
        pub made_by: i64,
        pub made_at: i64,
        pub finished_at: Option<i64>,
        pub expires_at: i64,
        /// Name of who asked.
        pub maker: Option<String>,
    }
}

record! {
    /// A run in a list.
    #[derive(Debug, Clone)]
    pub struct RunLine {
        pub id: i64,
        pub public_id: String,
        pub plan_version: i64,
        pub state: String,
        pub files: i64,
        pub pages: i64,
        pub done: i64,
        pub total: i64,
        pub made_at: i64,
        pub expires_at: i64,
        pub maker: Option<String>,
    }
}

record! {
    /// A file of a run.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FileRow {
        pub id: i64,
        pub seq: i64,
        /// Folder and name.
        pub name: String,
        pub media_type: String,
        pub path: String,
        pub pages: i64,
        pub size: i64,
    }
}

record! {
    /// A room in which somebody sits.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(in crate::arrangement) struct UsedRoom {
        pub(in crate::arrangement) room_no: i64,
        pub(in crate::arrangement) site_no: i64,
        pub(in crate::arrangement) site_name: String,
        pub(in crate::arrangement) site_address: String,
        pub(in crate::arrangement) room_name: String,
        pub(in crate::arrangement) capacity: i64,
        pub(in crate::arrangement) people: i64,
        /// How desks stand, where the room says so itself.
        pub(in crate::arrangement) columns: String,
        pub(in crate::arrangement) snake: i64,
    }
}

record! {
    /// Somebody on a seat.
    #[derive(Debug, Clone)]
    pub(in crate::arrangement) struct SitterRow {
        pub(in crate::arrangement) session: i64,
        pub(in crate::arrangement) room_no: i64,
        pub(in crate::arrangement) seat_no: i64,
        pub(in crate::arrangement) ticket_no: String,
        pub(in crate::arrangement) application_id: i64,
        pub(in crate::arrangement) account_id: i64,
        pub(in crate::arrangement) photo_id: i64,
        pub(in crate::arrangement) position_id: Option<i64>,
        pub(in crate::arrangement) name: String,
        /// JSON of the choice.
        pub(in crate::arrangement) choice: String,
    }
}

/// The rooms of a plan in which somebody sits, by site and room, after one of them.
pub(super) async fn used_rooms(
    q: &mut impl Query,
    plan_id: i64,
    numbers: (i64, i64),
    after: (i64, i64),
    limit: i64,
) -> DbResult<Vec<UsedRoom>> {
    q.rows(
        sql!(
            "SELECT room_no, site_no, site_name, site_address, room_name, capacity, COALESCE(people, 0), \
             COALESCE(columns, ''), COALESCE(snake, 0) FROM seat_room \
             WHERE plan_id = $1 AND room_no BETWEEN $2 AND $3 AND people > 0 AND (site_no, room_no) > ($4, $5) \
             ORDER BY site_no, room_no LIMIT $6"
        ),
        p![plan_id, numbers.0, numbers.1, after.0, after.1, limit],
    )
    .await
}

/// Who sits in a range of rooms, by room, session and seat.
pub(super) async fn sitters_in(
    q: &mut impl Query,
    plan_id: i64,
    rooms: (i64, i64),
) -> DbResult<Vec<SitterRow>> {
    q.rows(
        sql!(
            "SELECT s.session, s.room_no, s.seat_no, s.ticket_no, s.application_id, a.account_id, a.photo_id, \
             a.position_id, a.name, a.choice FROM seat s JOIN application a ON a.id = s.application_id \
             WHERE s.plan_id = $1 AND s.room_no BETWEEN $2 AND $3 ORDER BY s.room_no, s.session, s.seat_no"
        ),
        p![plan_id, rooms.0, rooms.1],
    )
    .await
}

/// Room, session and how many sit there.
pub(super) async fn rooms_sat(q: &mut impl Query, plan_id: i64) -> DbResult<Vec<(i64, i64, i64)>> {
    q.rows(
        sql!(
            "SELECT room_no, session, COUNT(*) FROM seat WHERE plan_id = $1 GROUP BY room_no, session \
             ORDER BY room_no, session"
        ),
        p![plan_id],
    )
    .await
}

/// A new run's columns.
pub(super) struct RunInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub exam_id: i64,
    pub plan_id: i64,
    pub wanted: &'a str,
    pub total: i64,
    pub by: i64,
    pub at: i64,
    pub expires_at: i64,
}

/// Begins a run; 0 rows: its plan was given up meanwhile.
pub(super) async fn run_insert(tx: &mut Tx, row: &RunInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO paper_run (id, public_id, exam_id, plan_id, state, wanted, reached, files, pages, done, total, \
             failure, made_by, made_at, expires_at) \
             SELECT $1, $2, $3, p.id, 'making', $5, '', 0, 0, 0, $6, '', $7, $8, $9 FROM seat_plan p \
             WHERE p.id = $4 AND p.state IN ('ready', 'published', 'superseded')"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.plan_id,
            row.wanted,
            row.total,
            row.by,
            row.at,
            row.expires_at
        ],
    )
    .await
}

/// How many runs of an exam are being made.
pub(super) async fn runs_making(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM paper_run WHERE exam_id = $1 AND state = 'making'"),
        p![exam_id],
    )
    .await
}

pub(super) async fn run_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<RunRow>> {
    q.opt(
        point!(
            "SELECT r.id, r.public_id, r.exam_id, r.plan_id, p.version, p.public_id, r.state, r.wanted, r.reached, r.files, \
             r.pages, r.done, r.total, r.failure, r.made_by, r.made_at, r.finished_at, r.expires_at, k.name FROM paper_run r \
             JOIN seat_plan p ON p.id = r.plan_id LEFT JOIN staff k ON k.id = r.made_by WHERE r.id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn run_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<RunRow>> {
    q.opt(
        point!(
            "SELECT r.id, r.public_id, r.exam_id, r.plan_id, p.version, p.public_id, r.state, r.wanted, r.reached, r.files, \
             r.pages, r.done, r.total, r.failure, r.made_by, r.made_at, r.finished_at, r.expires_at, k.name FROM paper_run r \
             JOIN seat_plan p ON p.id = r.plan_id LEFT JOIN staff k ON k.id = r.made_by WHERE r.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The runs of an exam, newest first, before one of them.
pub(super) async fn runs_before(
    q: &mut impl Query,
    exam_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<RunLine>> {
    q.rows(
        sql!(
            "SELECT r.id, r.public_id, p.version, r.state, r.files, r.pages, r.done, r.total, r.made_at, r.expires_at, \
             k.name FROM paper_run r JOIN seat_plan p ON p.id = r.plan_id LEFT JOIN staff k ON k.id = r.made_by \
             WHERE r.exam_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"
        ),
        p![exam_id, before, limit],
    )
    .await
}

/// Runs that are being made.
pub(super) async fn making(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM paper_run WHERE state = 'making' ORDER BY id"),
        p![],
    )
    .await
}

/// What a step adds to a run.
pub(super) struct Advance<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub files: i64,
    pub pages: i64,
    pub rooms: i64,
}

/// A step further; 0 rows: another worker made it, or the run isn't being made any more.
pub(super) async fn run_advance(tx: &mut Tx, id: i64, step: &Advance<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE paper_run SET reached = $3, files = files + $4, pages = pages + $5, done = done + $6 \
             WHERE id = $1 AND state = 'making' AND reached = $2"
        ),
        p![id, step.from, step.to, step.files, step.pages, step.rooms],
    )
    .await
}

/// The end of making: `ready`, or `failed` and why. 0 rows: it isn't being made any more.
pub(super) async fn run_end(
    tx: &mut Tx,
    id: i64,
    to: &str,
    failure: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE paper_run SET state = $2, failure = $3, finished_at = $4 WHERE id = $1 AND state = 'making'"
        ),
        p![id, to, failure, at],
    )
    .await
}

pub(super) async fn file_insert(tx: &mut Tx, run_id: i64, row: &FileRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO paper_file (id, run_id, seq, name, media_type, path, pages, size) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        p![
            row.id,
            run_id,
            row.seq,
            row.name.as_str(),
            row.media_type.as_str(),
            row.path.as_str(),
            row.pages,
            row.size
        ],
    )
    .await
}

/// The files of a run after one of them, in the order in which they were made.
pub(super) async fn files_after(
    q: &mut impl Query,
    run_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<FileRow>> {
    q.rows(
        sql!(
            "SELECT id, seq, name, media_type, path, pages, size FROM paper_file \
             WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ),
        p![run_id, after, limit],
    )
    .await
}

pub(super) async fn file_find(
    q: &mut impl Query,
    run_id: i64,
    seq: i64,
) -> DbResult<Option<FileRow>> {
    q.opt(
        point!(
            "SELECT id, seq, name, media_type, path, pages, size FROM paper_file WHERE run_id = $1 AND seq = $2"
        ),
        p![run_id, seq],
    )
    .await
}

/// Runs whose days are over and that weren't emptied: id, exam, public id.
pub(super) async fn expired(q: &mut impl Query, at: i64, limit: i64) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT id, exam_id FROM paper_run WHERE state IN ('making', 'ready', 'failed') AND expires_at <= $1 \
             ORDER BY id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Removes the rows of files whose content is gone.
pub(super) async fn files_drop(tx: &mut Tx, run_id: i64, through: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM paper_file WHERE run_id = $1 AND seq <= $2"),
        p![run_id, through],
    )
    .await
}

/// Stops a run whose days are over, so that nothing is added any more; what was asked for says nothing of a person from then
/// on. 0 rows: it was done before.
pub(super) async fn run_expire(tx: &mut Tx, id: i64, wanted: &str, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE paper_run SET state = 'emptied', wanted = $2, finished_at = COALESCE(finished_at, $3) \
             WHERE id = $1 AND state IN ('making', 'ready', 'failed')"
        ),
        p![id, wanted, at],
    )
    .await
}

/// Runs that were emptied and have files left: a crash came between.
pub(super) async fn left_over(q: &mut impl Query, limit: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT DISTINCT f.run_id FROM paper_file f JOIN paper_run r ON r.id = f.run_id \
             WHERE r.state = 'emptied' ORDER BY f.run_id LIMIT $1"
        ),
        p![limit],
    )
    .await
}
