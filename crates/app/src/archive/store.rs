//! SQL of archives: their life, their files, what is deleted.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An archive.
    #[derive(Debug, Clone)]
    pub struct ArchiveRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub state: String,
        pub reason: String,
        /// One a line.
        pub open_points: String,
        /// [`domain::archive::Retention`] as text.
        pub retention: String,
        pub asked_by: i64,
        pub asked_at: i64,
        pub decided_at: Option<i64>,
        pub note: String,
        pub section: String,
        pub reached: String,
        pub files: i64,
        pub built_at: Option<i64>,
        pub contents_hash: String,
        pub handed_at: Option<i64>,
        pub receiver: String,
        pub held_at: Option<i64>,
        pub hold_reason: String,
        pub version: i64,
        /// Names of those who did it.
        pub asker: Option<String>,
        pub decider: Option<String>,
        pub hander: Option<String>,
        pub holder: Option<String>,
    }
}

/// The newest archive of an exam, whatever became of it.
pub(super) async fn newest(q: &mut impl Query, exam_id: i64) -> DbResult<Option<ArchiveRow>> {
    q.opt(
        sql!(
            "SELECT a.id, a.public_id, a.exam_id, a.state, a.reason, a.open_points, a.retention, a.asked_by, a.asked_at, \
             a.decided_at, a.note, a.section, a.reached, a.files, a.built_at, a.contents_hash, a.handed_at, a.receiver, \
             a.held_at, a.hold_reason, a.version, k.name, d.name, h.name, o.name FROM exam_archive a \
             LEFT JOIN staff k ON k.id = a.asked_by LEFT JOIN staff d ON d.id = a.decided_by \
             LEFT JOIN staff h ON h.id = a.handed_by LEFT JOIN staff o ON o.id = a.held_by \
             WHERE a.id = (SELECT MAX(id) FROM exam_archive WHERE exam_id = $1)"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ArchiveRow>> {
    q.opt(
        point!(
            "SELECT a.id, a.public_id, a.exam_id, a.state, a.reason, a.open_points, a.retention, a.asked_by, a.asked_at, \
             a.decided_at, a.note, a.section, a.reached, a.files, a.built_at, a.contents_hash, a.handed_at, a.receiver, \
             a.held_at, a.hold_reason, a.version, k.name, d.name, h.name, o.name FROM exam_archive a \
             LEFT JOIN staff k ON k.id = a.asked_by LEFT JOIN staff d ON d.id = a.decided_by \
             LEFT JOIN staff h ON h.id = a.handed_by LEFT JOIN staff o ON o.id = a.held_by WHERE a.id = $1"
        ),
        p![id],
    )
    .await
}

/// A new archive's columns.
pub(super) struct Insert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub exam_id: i64,
    pub reason: &'a str,
    pub open_points: &'a str,
    pub retention: &'a str,
    pub section: &'a str,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn insert(tx: &mut Tx, row: &Insert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO exam_archive (id, public_id, exam_id, state, reason, open_points, retention, asked_by, asked_at, \
             note, section, reached, files, contents_hash, receiver, hold_reason, version) \
             VALUES ($1, $2, $3, 'asked', $4, $5, $6, $7, $8, '', $9, '', 0, '', '', '', 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.reason,
            row.open_points,
            row.retention,
            row.by,
            row.at,
            row.section
        ],
    )
    .await
}

/// The second person's word. 0 rows: it doesn't wait for one any more.
pub(super) async fn decide(
    tx: &mut Tx,
    id: i64,
    to: &str,
    note: &str,
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET state = $2, note = $3, decided_by = $4, decided_at = $5, version = version + 1 \
             WHERE id = $1 AND state = 'asked'"
        ),
        p![id, to, note, by, at],
    )
    .await
}

pub(super) async fn withdraw(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET state = 'withdrawn', version = version + 1 WHERE id = $1 AND state = 'asked'"
        ),
        p![id],
    )
    .await
}

/// Archives whose files are being made, oldest first.
pub(super) async fn building(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM exam_archive WHERE state = 'building' ORDER BY id LIMIT 20"),
        p![],
    )
    .await
}

/// Goes on from `from` to `to` (section, row), with `files` more. 0 rows: another worker did.
pub(super) async fn advance(
    tx: &mut Tx,
    id: i64,
    from: (&str, &str),
    to: (&str, &str),
    files: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET section = $4, reached = $5, files = files + $6 \
             WHERE id = $1 AND section = $2 AND reached = $3 AND state = 'building'"
        ),
        p![id, from.0, from.1, to.0, to.1, files],
    )
    .await
}

/// All files are there.
pub(super) async fn built(tx: &mut Tx, id: i64, hash: &str, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET state = 'built', built_at = $3, contents_hash = $2, version = version + 1 \
             WHERE id = $1 AND state = 'building'"
        ),
        p![id, hash, at],
    )
    .await
}

pub(super) async fn hand(
    tx: &mut Tx,
    id: i64,
    receiver: &str,
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET state = 'handed', receiver = $2, handed_by = $3, handed_at = $4, \
             version = version + 1 WHERE id = $1 AND state = 'built'"
        ),
        p![id, receiver, by, at],
    )
    .await
}

/// 暂缓清除. 0 rows: held already, or it isn't there yet.
pub(super) async fn hold(
    tx: &mut Tx,
    id: i64,
    reason: &str,
    (by, at): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET held_by = $3, held_at = $4, hold_reason = $2, version = version + 1 \
             WHERE id = $1 AND held_at IS NULL AND state IN ('built', 'handed')"
        ),
        p![id, reason, by, at],
    )
    .await
}

pub(super) async fn unhold(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE exam_archive SET held_by = NULL, held_at = NULL, hold_reason = '', version = version + 1 \
             WHERE id = $1 AND held_at IS NOT NULL"
        ),
        p![id],
    )
    .await
}

record! {
    /// A file of an archive.
    #[derive(Debug, Clone)]
    pub struct FileRow {
        pub seq: i64,
        pub section: String,
        pub name: String,
        pub media_type: String,
        pub object_id: i64,
        /// Rows of a table, files of a bundle.
        pub entries: i64,
        pub size: i64,
        pub sha256: String,
        /// How often it was taken.
        pub taken: i64,
    }
}

pub(super) async fn file_insert(tx: &mut Tx, archive: i64, row: &FileRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO archive_file (archive_id, seq, section, name, media_type, object_id, entries, size, sha256, taken) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)"
        ),
        p![
            archive,
            row.seq,
            row.section.as_str(),
            row.name.as_str(),
            row.media_type.as_str(),
            row.object_id,
            row.entries,
            row.size,
            row.sha256.as_str()
        ],
    )
    .await
}

/// The files of an archive after `seq`, in order.
pub(super) async fn files(
    q: &mut impl Query,
    archive: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<FileRow>> {
    q.rows(
        sql!(
            "SELECT seq, section, name, media_type, object_id, entries, size, sha256, taken FROM archive_file \
             WHERE archive_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ),
        p![archive, after, limit],
    )
    .await
}

/// One more taking of a file, or (`seq` 0) of all of them.
pub(super) async fn taken(tx: &mut Tx, archive: i64, seq: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE archive_file SET taken = taken + 1 WHERE archive_id = $1 AND (seq = $2 OR $2 = 0)"
        ),
        p![archive, seq],
    )
    .await
}

/// Files that nobody has taken yet.
pub(super) async fn untaken(q: &mut impl Query, archive: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM archive_file WHERE archive_id = $1 AND taken = 0"),
        p![archive],
    )
    .await
}

record! {
    /// What is deleted of an archive's exam, and when.
    #[derive(Debug, Clone)]
    pub struct PurgeRow {
        pub archive_id: i64,
        pub kind: String,
        pub due_at: i64,
        pub state: String,
        /// The last row that was dealt with.
        pub reached: String,
        pub removed: i64,
        pub bytes: i64,
        pub digest: String,
        pub finished_at: Option<i64>,
    }
}

pub(super) async fn purge_insert(
    tx: &mut Tx,
    archive: i64,
    kind: &str,
    due_at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO archive_purge (archive_id, kind, due_at, state, reached, removed, bytes, digest) \
             VALUES ($1, $2, $3, 'waiting', '', 0, 0, '')"
        ),
        p![archive, kind, due_at],
    )
    .await
}

/// What is deleted of one archive, the earliest first.
pub(super) async fn purges(q: &mut impl Query, archive: i64) -> DbResult<Vec<PurgeRow>> {
    q.rows(
        sql!(
            "SELECT archive_id, kind, due_at, state, reached, removed, bytes, digest, finished_at FROM archive_purge \
             WHERE archive_id = $1 ORDER BY due_at, kind"
        ),
        p![archive],
    )
    .await
}

/// What is due now: handed over, not held. The earliest first.
pub(super) async fn purges_due(q: &mut impl Query, at: i64) -> DbResult<Vec<PurgeRow>> {
    q.rows(
        sql!(
            "SELECT p.archive_id, p.kind, p.due_at, p.state, p.reached, p.removed, p.bytes, p.digest, p.finished_at \
             FROM archive_purge p JOIN exam_archive a ON a.id = p.archive_id \
             WHERE p.state <> 'done' AND p.due_at <= $1 AND a.state = 'handed' AND a.held_at IS NULL \
             ORDER BY p.due_at, p.archive_id LIMIT 20"
        ),
        p![at],
    )
    .await
}

/// One chunk more is gone. 0 rows: another worker did it, or it was held meanwhile.
pub(super) async fn purge_advance(
    tx: &mut Tx,
    row: &PurgeRow,
    to: &str,
    (removed, bytes): (i64, i64),
    digest: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE archive_purge SET state = 'running', reached = $4, removed = removed + $5, bytes = bytes + $6, \
             digest = $7, started_at = COALESCE(started_at, $8) \
             WHERE archive_id = $1 AND kind = $2 AND reached = $3 AND state <> 'done' \
             AND EXISTS (SELECT 1 FROM exam_archive a WHERE a.id = $1 AND a.held_at IS NULL AND a.state = 'handed')"
        ),
        p![
            row.archive_id,
            row.kind.as_str(),
            row.reached.as_str(),
            to,
            removed,
            bytes,
            digest,
            at
        ],
    )
    .await
}

pub(super) async fn purge_finish(tx: &mut Tx, row: &PurgeRow, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE archive_purge SET state = 'done', started_at = COALESCE(started_at, $4), finished_at = $4 \
             WHERE archive_id = $1 AND kind = $2 AND reached = $3 AND state <> 'done'"
        ),
        p![row.archive_id, row.kind.as_str(), row.reached.as_str(), at],
    )
    .await
}
