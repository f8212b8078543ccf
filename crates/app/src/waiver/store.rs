//! SQL of applications for a waiver and their evidence.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An application for a waiver.
    #[derive(Debug, Clone)]
    pub struct WaiverRow {
        pub id: i64,
        pub public_id: String,
        pub application_id: i64,
        pub exam_id: i64,
        pub account_id: i64,
        pub category: String,
        /// What the category grants, as JSON.
        pub grants: String,
        /// What the candidate wrote, sealed.
        pub statement: Vec<u8>,
        pub state: String,
        pub fee: Option<i64>,
        pub off: Option<i64>,
        pub refund_id: Option<i64>,
        pub note: String,
        pub asked_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub version: i64,
    }
}

/// A new application's columns.
pub(super) struct WaiverInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub application_id: i64,
    pub exam_id: i64,
    pub account_id: i64,
    pub category: &'a str,
    pub grants: &'a str,
    pub statement: &'a [u8],
    pub at: i64,
}

pub(super) async fn waiver_insert(tx: &mut Tx, row: &WaiverInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO fee_waiver (id, public_id, application_id, exam_id, account_id, category, grants, statement, \
             state, note, asked_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', '', $9, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.application_id,
            row.exam_id,
            row.account_id,
            row.category,
            row.grants,
            row.statement,
            row.at
        ],
    )
    .await
}

pub(super) async fn waiver_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<WaiverRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, application_id, exam_id, account_id, category, grants, statement, state, fee, off, \
             refund_id, note, asked_at, decided_by, decided_at, version FROM fee_waiver WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn waiver_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<WaiverRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, application_id, exam_id, account_id, category, grants, statement, state, fee, off, \
             refund_id, note, asked_at, decided_by, decided_at, version FROM fee_waiver WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// What an account asked for, the newest first: id, exam, 报名序号, the application's public id.
pub(super) async fn waivers_of_account(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<(i64, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT w.id, e.title, a.registration_no, a.public_id FROM application a JOIN fee_waiver w \
             ON w.application_id = a.id JOIN exam e ON e.id = w.exam_id WHERE a.account_id = $1 ORDER BY w.id DESC LIMIT 200"
        ),
        p![account_id],
    )
    .await
}

/// The one that a refund is of.
pub(super) async fn waiver_of_refund(
    q: &mut impl Query,
    refund_id: i64,
) -> DbResult<Option<WaiverRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, application_id, exam_id, account_id, category, grants, statement, state, fee, off, \
             refund_id, note, asked_at, decided_by, decided_at, version FROM fee_waiver WHERE refund_id = $1"
        ),
        p![refund_id],
    )
    .await
}

/// All that were asked for with one application, the newest first.
pub(super) async fn waivers_of(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Vec<WaiverRow>> {
    q.rows(
        point!(
            "SELECT id, public_id, application_id, exam_id, account_id, category, grants, statement, state, fee, off, \
             refund_id, note, asked_at, decided_by, decided_at, version FROM fee_waiver WHERE application_id = $1 \
             ORDER BY id DESC LIMIT 50"
        ),
        p![application_id],
    )
    .await
}

/// The state of the one that was asked for last with an application.
pub(super) async fn waiver_last(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT state FROM fee_waiver WHERE application_id = $1 ORDER BY id DESC LIMIT 1"),
        p![application_id],
    )
    .await
}

/// The one that was granted to an application.
pub(super) async fn waiver_granted(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<WaiverRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, application_id, exam_id, account_id, category, grants, statement, state, fee, off, \
             refund_id, note, asked_at, decided_by, decided_at, version FROM fee_waiver WHERE application_id = $1 \
             AND state IN ('pending', 'proposed', 'granted') AND state = 'granted'"
        ),
        p![application_id],
    )
    .await
}

/// When the last word about an application's waiver was said.
pub(super) async fn decided_last(q: &mut impl Query, application_id: i64) -> DbResult<Option<i64>> {
    q.one(
        point!(
            "SELECT MAX(decided_at) FROM fee_waiver WHERE application_id = $1 AND state IN ('granted', 'rejected')"
        ),
        p![application_id],
    )
    .await
}

/// A move at the version that was read, with who moved it and why (`None`: nobody of the staff). 0 rows: somebody was faster.
pub(super) async fn waiver_move(
    tx: &mut Tx,
    (id, version): (i64, i64),
    (from, to): (&str, &str),
    by: Option<(i64, &str)>,
    at: i64,
) -> DbResult<u64> {
    let (who, note) = by.map_or((None, None), |(who, note)| (Some(who), Some(note)));
    tx.exec(
        sql!(
            "UPDATE fee_waiver SET state = $4, decided_by = COALESCE($5, decided_by), note = COALESCE($6, note), \
             decided_at = $7, version = version + 1 WHERE id = $1 AND version = $2 AND state = $3"
        ),
        p![id, version, from, to, who, note, at],
    )
    .await
}

/// What was granted: the fee it is counted from, and what is taken off.
pub(super) async fn waiver_count(tx: &mut Tx, id: i64, fee: i64, off: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE fee_waiver SET fee = $2, off = $3, version = version + 1 WHERE id = $1"),
        p![id, fee, off],
    )
    .await
}

/// The refund that waits for a second person; `None` once it came to nothing.
pub(super) async fn waiver_refund(tx: &mut Tx, id: i64, refund_id: Option<i64>) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE fee_waiver SET refund_id = $2 WHERE id = $1"),
        p![id, refund_id],
    )
    .await
}

/// Ends what nobody has decided; the application is over.
pub(super) async fn waivers_lapse(tx: &mut Tx, application_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE fee_waiver SET state = 'void', decided_at = $2, version = version + 1 \
             WHERE application_id = $1 AND state = 'pending'"
        ),
        p![application_id, at],
    )
    .await
}

/// What a candidate wrote goes with what he submitted.
pub(crate) async fn statements_erase(tx: &mut Tx, application_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE fee_waiver SET statement = $2 WHERE application_id = $1"),
        p![application_id, &[][..] as &[u8]],
    )
    .await
}

pub(super) async fn file_insert(
    tx: &mut Tx,
    id: i64,
    waiver_id: i64,
    object_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("INSERT INTO fee_waiver_file (id, waiver_id, object_id) VALUES ($1, $2, $3)"),
        p![id, waiver_id, object_id],
    )
    .await
}

record! {
    /// A file that came with an application for a waiver.
    #[derive(Debug, Clone)]
    pub struct EvidenceRow {
        pub object_id: i64,
        /// What URLs carry.
        pub public_id: String,
        pub file_name: String,
        pub media_type: String,
        /// Bytes; 0 once it was deleted.
        pub size: i64,
    }
}

pub(super) async fn files_of(q: &mut impl Query, waiver_id: i64) -> DbResult<Vec<EvidenceRow>> {
    q.rows(
        point!(
            "SELECT o.id, o.public_id, o.file_name, o.media_type, o.size FROM fee_waiver_file f \
             JOIN object o ON o.id = f.object_id WHERE f.waiver_id = $1 ORDER BY f.id"
        ),
        p![waiver_id],
    )
    .await
}
