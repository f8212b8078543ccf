//! SQL of 清除: who asked for it, how far it is, what there is.

use db::{DbResult, Query, Tx, p, point, record, sql};

use super::wipe::WipeRow;

record! {
    /// A file of a rehearsal.
    #[derive(Debug, Clone)]
    pub(super) struct FileRow {
        pub id: i64,
        pub path: Option<String>,
    }
}

record! {
    /// A row that is no `object` and has a content in the store: its table, and what its `Wipe` takes.
    #[derive(Debug, Clone)]
    pub(super) struct StoredRow {
        pub table_name: String,
        pub id: i64,
        pub path: String,
    }
}

pub(super) async fn wipe_insert(tx: &mut Tx, row: &WipeRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO rehearsal_wipe (id, public_id, exam_id, title, code, state, planned, removed, asked_by, asked_at, version) \
             VALUES ($1, $2, $3, $4, $5, 'running', $6, '{}', $7, $8, 1)"
        ),
        p![
            row.id,
            &row.public_id,
            row.exam_id,
            &row.title,
            &row.code,
            &row.planned,
            row.asked_by,
            row.asked_at
        ],
    )
    .await
}

pub(super) async fn wipe_of(q: &mut impl Query, exam_id: i64) -> DbResult<Option<WipeRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, title, code, state, planned, removed, asked_by, asked_at, finished_at, version \
             FROM rehearsal_wipe WHERE exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn wipe_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<WipeRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, title, code, state, planned, removed, asked_by, asked_at, finished_at, version \
             FROM rehearsal_wipe WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// The latest wipes, newest first.
pub(super) async fn wipes(q: &mut impl Query) -> DbResult<Vec<WipeRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, title, code, state, planned, removed, asked_by, asked_at, finished_at, version \
             FROM rehearsal_wipe ORDER BY id DESC LIMIT 100"
        ),
        p![],
    )
    .await
}

/// Wipes whose job may have died.
pub(super) async fn wipes_open(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM rehearsal_wipe WHERE state = 'running' ORDER BY id LIMIT 50"),
        p![],
    )
    .await
}

/// What has gone by now, and whether that was all. 0 rows: another worker wrote meanwhile.
pub(super) async fn wipe_advance(
    tx: &mut Tx,
    (id, version): (i64, i64),
    removed: &str,
    finished_at: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE rehearsal_wipe SET removed = $3, finished_at = $4, version = version + 1, \
             state = $5 WHERE id = $1 AND version = $2 AND state = 'running'"
        ),
        p![
            id,
            version,
            removed,
            finished_at,
            if finished_at.is_some() {
                "done"
            } else {
                "running"
            }
        ],
    )
    .await
}

/// The files of a rehearsal: its candidates', its imports', its announcements', its archive's, and those of claims.
pub(super) async fn files(q: &mut impl Query, exam_id: i64, limit: i64) -> DbResult<Vec<FileRow>> {
    q.rows(
        sql!(
            "SELECT id, path FROM object WHERE (owner_kind = 'account' AND owner_id IN \
             (SELECT id FROM account WHERE rehearsal_exam = $1)) \
             OR id IN (SELECT b.object_id FROM import_batch b WHERE b.exam_id = $1) \
             OR id IN (SELECT s.replay_object FROM seat_plan s WHERE s.exam_id = $1) \
             OR id IN (SELECT f.object_id FROM archive_file f JOIN exam_archive a ON a.id = f.archive_id WHERE a.exam_id = $1) \
             OR id IN (SELECT t.object_id FROM announcement_attachment t JOIN announcement n ON n.id = t.announcement_id \
             WHERE n.exam_id = $1) \
             OR id IN (SELECT c.evidence_id FROM account_claim c JOIN account p ON p.id = c.account_id \
             WHERE p.rehearsal_exam = $1) ORDER BY id LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// Tickets that were set ahead, and papers that a job made.
pub(super) async fn stored(
    q: &mut impl Query,
    exam_id: i64,
    limit: i64,
) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT 'ticket_file', application_id, path FROM ticket_file WHERE exam_id = $1 \
             UNION ALL SELECT 'paper_file', f.id, f.path FROM paper_file f JOIN paper_run r ON r.id = f.run_id \
             WHERE r.exam_id = $1 LIMIT $2"
        ),
        p![exam_id, limit],
    )
    .await
}

/// The rows of the exam that jobs are over (`crate::chunks`).
pub(super) async fn worked_on(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM message_round WHERE exam_id = $1 UNION ALL SELECT id FROM broadcast WHERE exam_id = $1 \
             UNION ALL SELECT id FROM position_amendment WHERE exam_id = $1 \
             UNION ALL SELECT id FROM settings_change WHERE exam_id = $1 \
             UNION ALL SELECT id FROM position_decision WHERE exam_id = $1 \
             UNION ALL SELECT id FROM exam_archive WHERE exam_id = $1 \
             UNION ALL SELECT id FROM rehearsal_run WHERE exam_id = $1 \
             UNION ALL SELECT id FROM seat_plan WHERE exam_id = $1 \
             UNION ALL SELECT id FROM ticket_bake WHERE exam_id = $1 \
             UNION ALL SELECT id FROM paper_run WHERE exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}

/// What there is of the kinds that people think of: name and count.
pub(super) async fn there(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<(String, i64)>> {
    q.rows(
        sql!(
            "SELECT '演练考生', COUNT(*) FROM account WHERE rehearsal_exam = $1 \
             UNION ALL SELECT '报名', COUNT(*) FROM application WHERE exam_id = $1 \
             UNION ALL SELECT '审核', COUNT(*) FROM review_decision d JOIN application a ON a.id = d.application_id WHERE a.exam_id = $1 \
             UNION ALL SELECT '照片', COUNT(*) FROM photo p JOIN account a ON a.id = p.account_id WHERE a.rehearsal_exam = $1 \
             UNION ALL SELECT '缴费单', COUNT(*) FROM payment_order WHERE exam_id = $1 \
             UNION ALL SELECT '站内消息', COUNT(*) FROM inbox_message m JOIN account a ON a.id = m.account_id WHERE a.rehearsal_exam = $1 \
             UNION ALL SELECT '短信', COUNT(*) FROM outbox_message m JOIN account a ON a.id = m.account_id WHERE a.rehearsal_exam = $1 \
             UNION ALL SELECT '座位', COUNT(*) FROM seat s JOIN seat_plan p ON p.id = s.plan_id WHERE p.exam_id = $1 \
             UNION ALL SELECT '成绩', COUNT(*) FROM score s JOIN score_batch b ON b.id = s.batch_id WHERE b.exam_id = $1 \
             UNION ALL SELECT '岗位', COUNT(*) FROM position WHERE exam_id = $1 \
             UNION ALL SELECT '科目', COUNT(*) FROM subject WHERE exam_id = $1 \
             UNION ALL SELECT '公告', COUNT(*) FROM announcement WHERE exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}
