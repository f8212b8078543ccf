//! SQL of 老考生档案. A person is found by the keyed index of the document.

use db::{DbResult, Query, Tx, p, point, record, sql};
use domain::exam::carried::{Carried, Pass};

use crate::{Error, Result};

record! {
    /// An upload of the file.
    #[derive(Debug, Clone)]
    pub struct ImportRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub version: i64,
        pub state: String,
        pub file_name: String,
        pub file_hash: String,
        pub rows_read: i64,
        pub rows_good: i64,
        pub rows_bad: i64,
        pub people: i64,
        pub passes: i64,
        pub lapsed: i64,
        pub created_at: i64,
        /// Who uploaded it.
        pub creator: Option<String>,
        pub confirmed_at: Option<i64>,
        pub ended_at: Option<i64>,
        pub ender: Option<String>,
        /// Why it was withdrawn.
        pub reason: Option<String>,
    }
}

/// The next version of an exam's file.
pub(super) async fn next_version(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        point!("SELECT COALESCE(MAX(version), 0) + 1 FROM carried_import WHERE exam_id = $1"),
        p![exam_id],
    )
    .await
}

/// Opens an upload. `keys`: id, public id, exam, version; `file`: name and hash; `who`: id and time.
pub(super) async fn import_insert(
    tx: &mut Tx,
    keys: (i64, &str, i64, i64),
    file: (&str, &str),
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO carried_import (id, public_id, exam_id, version, state, file_name, file_hash, rows_read, rows_good, \
             rows_bad, people, passes, lapsed, created_by, created_at) \
             VALUES ($1, $2, $3, $4, 'staging', $5, $6, 0, 0, 0, 0, 0, 0, $7, $8)"
        ),
        p![keys.0, keys.1, keys.2, keys.3, file.0, file.1, who.0, who.1],
    )
    .await
}

/// Everything is staged. `rows`: read, good, bad; `counts`: people, passes, lapsed. 0: it was given up meanwhile.
pub(super) async fn import_staged(
    tx: &mut Tx,
    id: i64,
    rows: (i64, i64, i64),
    counts: (i64, i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE carried_import SET state = 'staged', rows_read = $2, rows_good = $3, rows_bad = $4, people = $5, \
             passes = $6, lapsed = $7 WHERE id = $1 AND state = 'staging'"
        ),
        p![id, rows.0, rows.1, rows.2, counts.0, counts.1, counts.2],
    )
    .await
}

/// A staged upload counts from now on; 0: somebody was faster.
pub(super) async fn import_confirmed(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE carried_import SET state = 'current', confirmed_by = $2, confirmed_at = $3 \
             WHERE id = $1 AND state = 'staged'"
        ),
        p![id, who.0, who.1],
    )
    .await
}

/// Takes an upload out of use: `current → replaced | retracted`, `staging | staged → discarded`.
pub(super) async fn import_ended(
    tx: &mut Tx,
    id: i64,
    to: &str,
    who: (i64, i64),
    reason: Option<&str>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE carried_import SET state = $2, ended_by = $3, ended_at = $4, reason = $5 WHERE id = $1 \
             AND ((state = 'current' AND $2 IN ('replaced', 'retracted')) \
             OR (state IN ('staging', 'staged') AND $2 = 'discarded'))"
        ),
        p![id, to, who.0, who.1, reason],
    )
    .await
}

/// One upload of an exam.
pub(super) async fn import_by_public_id(
    q: &mut impl Query,
    exam_id: i64,
    public_id: &str,
) -> DbResult<Option<ImportRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.exam_id, i.version, i.state, i.file_name, i.file_hash, i.rows_read, i.rows_good, \
             i.rows_bad, i.people, i.passes, i.lapsed, i.created_at, c.name, i.confirmed_at, i.ended_at, e.name, i.reason \
             FROM carried_import i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff e ON e.id = i.ended_by \
             WHERE i.public_id = $2 AND i.exam_id = $1"
        ),
        p![exam_id, public_id],
    )
    .await
}

/// The last uploads of an exam, newest first.
pub(super) async fn imports_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<ImportRow>> {
    q.rows(
        sql!(
            "SELECT i.id, i.public_id, i.exam_id, i.version, i.state, i.file_name, i.file_hash, i.rows_read, i.rows_good, \
             i.rows_bad, i.people, i.passes, i.lapsed, i.created_at, c.name, i.confirmed_at, i.ended_at, e.name, i.reason \
             FROM carried_import i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff e ON e.id = i.ended_by \
             WHERE i.exam_id = $1 ORDER BY i.version DESC LIMIT 30"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// What couldn't be read, or should be looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ProblemRow {
        /// Line in the sheet, from 1; 0 for the whole file.
        pub line: i64,
        /// `error`: the row isn't imported. `warning`: it is.
        pub severity: String,
        /// Title of the column.
        pub field: String,
        /// What the cell says; a number is masked.
        pub cell: String,
        /// What is wrong and how to repair it.
        pub message: String,
    }
}

pub(super) async fn problem_insert(
    tx: &mut Tx,
    keys: (i64, i64),
    row: &ProblemRow,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO carried_problem (import_id, item, line, severity, field, cell, message) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        p![
            keys.0,
            keys.1,
            row.line,
            &row.severity,
            &row.field,
            &row.cell,
            &row.message
        ],
    )
    .await
}

/// The problems of an upload, in the order of the file.
pub(super) async fn problems_of(q: &mut impl Query, import_id: i64) -> DbResult<Vec<ProblemRow>> {
    q.rows(
        sql!(
            "SELECT line, severity, field, cell, message FROM carried_problem WHERE import_id = $1 ORDER BY item LIMIT 2000"
        ),
        p![import_id],
    )
    .await
}

/// A new entry.
#[derive(Debug)]
pub(super) struct EntryInsert<'a> {
    pub id: i64,
    pub import_id: i64,
    pub line: i64,
    pub name: &'a str,
    pub id_type: &'a str,
    pub id_number: &'a [u8],
    pub id_index: &'a [u8],
    pub level: &'a str,
    pub specialty: &'a str,
    pub archive_no: &'a str,
    pub holds: i64,
    pub passes: &'a str,
    pub seal: &'a str,
}

pub(super) async fn entry_insert(tx: &mut Tx, row: &EntryInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO carried_entry (id, import_id, line, name, id_type, id_number, id_index, level, specialty, archive_no, \
             holds, passes, seal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        p![
            row.id,
            row.import_id,
            row.line,
            row.name,
            row.id_type,
            row.id_number,
            row.id_index,
            row.level,
            row.specialty,
            row.archive_no,
            row.holds,
            row.passes,
            row.seal
        ],
    )
    .await
}

/// Removes a handful of entries of an upload that was given up before it counted.
pub(super) async fn entries_drop(tx: &mut Tx, import_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM carried_entry WHERE id IN (SELECT e.id FROM carried_entry e JOIN carried_import i \
             ON i.id = e.import_id WHERE e.import_id = $1 AND i.state = 'discarded' ORDER BY e.id LIMIT $2)"
        ),
        p![import_id, limit],
    )
    .await
}

/// Id and version of the file that counts.
pub(super) async fn current(q: &mut impl Query, exam_id: i64) -> DbResult<Option<(i64, i64)>> {
    q.opt(
        point!(
            "SELECT i.id, i.version FROM carried_current c JOIN carried_import i ON i.id = c.import_id WHERE c.exam_id = $1"
        ),
        p![exam_id],
    )
    .await
}

/// The flip: from now on this upload counts.
pub(super) async fn current_put(tx: &mut Tx, exam_id: i64, import_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO carried_current (exam_id, import_id) VALUES ($1, $2) \
             ON CONFLICT (exam_id) DO UPDATE SET import_id = excluded.import_id"
        ),
        p![exam_id, import_id],
    )
    .await
}

/// The flip back: no file counts. 0: another one does by now.
pub(super) async fn current_clear(tx: &mut Tx, exam_id: i64, import_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM carried_current WHERE exam_id = $1 AND import_id = $2"),
        p![exam_id, import_id],
    )
    .await
}

record! {
    /// An entry about the holder of an account.
    #[derive(Debug, Clone)]
    pub struct OwnRow {
        pub name: String,
        pub account_name: String,
        pub level: String,
        pub specialty: String,
        pub archive_no: String,
        pub holds: i64,
        pub passes: String,
        pub seal: String,
    }
}

impl OwnRow {
    /// What it says.
    pub(super) fn carried(&self) -> Result<Carried> {
        Ok(Carried {
            level: self.level.clone(),
            specialty: self.specialty.clone(),
            archive_no: self.archive_no.clone(),
            holds: self.holds == 1,
            passes: passes(&self.passes)?,
        })
    }
}

/// Stored passes.
pub(super) fn passes(json: &str) -> Result<Vec<Pass>> {
    serde_json::from_str(json).map_err(|e| Error::internal("carried_entry.passes", e))
}

/// What an upload has about the holder of an account.
pub(super) async fn entries_of(
    q: &mut impl Query,
    import_id: i64,
    account_id: i64,
) -> DbResult<Vec<OwnRow>> {
    q.rows(
        point!(
            "SELECT e.name, a.name, e.level, e.specialty, e.archive_no, e.holds, e.passes, e.seal FROM account a \
             JOIN carried_entry e ON e.import_id = $1 AND e.id_index = a.id_index WHERE a.id = $2 \
             ORDER BY e.level, e.specialty LIMIT 40"
        ),
        p![import_id, account_id],
    )
    .await
}

record! {
    /// An entry as the office lists it.
    #[derive(Debug, Clone)]
    pub(super) struct EntryRow {
        pub(super) id: i64,
        pub(super) line: i64,
        pub(super) name: String,
        pub(super) id_type: String,
        pub(super) id_number: Vec<u8>,
        pub(super) level: String,
        pub(super) specialty: String,
        pub(super) archive_no: String,
        pub(super) holds: i64,
        pub(super) passes: String,
        /// The account under this document, if there is one.
        pub(super) account: Option<String>,
    }
}

/// A page of entries in the order of the file, after this id.
pub(super) async fn entries_listed(
    q: &mut impl Query,
    import_id: i64,
    level: &str,
    after: i64,
    limit: i64,
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.line, e.name, e.id_type, e.id_number, e.level, e.specialty, e.archive_no, e.holds, e.passes, \
             (SELECT MAX(a.public_id) FROM account a WHERE a.id_index = e.id_index AND a.state <> 'closed') \
             FROM carried_entry e WHERE e.import_id = $1 AND ($2 = '' OR e.level = $2) AND e.id > $3 ORDER BY e.id LIMIT $4"
        ),
        p![import_id, level, after, limit],
    )
    .await
}

/// The entries under a name.
pub(super) async fn entries_named(
    q: &mut impl Query,
    import_id: i64,
    name: &str,
    after: i64,
    limit: i64,
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.line, e.name, e.id_type, e.id_number, e.level, e.specialty, e.archive_no, e.holds, e.passes, \
             (SELECT MAX(a.public_id) FROM account a WHERE a.id_index = e.id_index AND a.state <> 'closed') \
             FROM carried_entry e WHERE e.import_id = $1 AND e.name = $2 AND e.id > $3 ORDER BY e.id LIMIT $4"
        ),
        p![import_id, name, after, limit],
    )
    .await
}

/// The entries of a document.
pub(super) async fn entries_indexed(
    q: &mut impl Query,
    import_id: i64,
    index: &[u8],
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.line, e.name, e.id_type, e.id_number, e.level, e.specialty, e.archive_no, e.holds, e.passes, \
             (SELECT MAX(a.public_id) FROM account a WHERE a.id_index = e.id_index AND a.state <> 'closed') \
             FROM carried_entry e WHERE e.import_id = $1 AND e.id_index = $2 ORDER BY e.id LIMIT 40"
        ),
        p![import_id, index],
    )
    .await
}

/// Applications of an exam about whose applicants the file says something else than when they were saved, after this id.
/// Id of the application and of the account.
pub(super) async fn differing(
    q: &mut impl Query,
    exam_id: i64,
    import_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT c.application_id, a.account_id FROM application_carried c JOIN application a ON a.id = c.application_id \
             JOIN account k ON k.id = a.account_id WHERE c.exam_id = $1 AND a.life = 'live' AND c.import_id <> $2 \
             AND c.application_id > $3 AND ((c.import_id = 0) <> ($2 = 0) OR c.seal <> COALESCE((SELECT MAX(e.seal) \
             FROM carried_entry e WHERE e.import_id = $2 AND e.id_index = k.id_index), '')) \
             ORDER BY c.application_id LIMIT $4"
        ),
        p![exam_id, import_id, after, limit],
    )
    .await
}

/// Removes an entry of an exam that was archived: its days are over.
pub(crate) async fn entry_erase(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM carried_entry WHERE id = $1"), p![id])
        .await
}
