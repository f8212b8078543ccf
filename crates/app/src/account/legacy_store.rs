//! SQL of 原系统账号: imports, their staged rows, and the accounts that were made of them.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An import.
    #[derive(Debug, Clone)]
    pub struct ImportRow {
        pub id: i64,
        pub public_id: String,
        pub state: String,
        pub file_name: String,
        pub file_hash: String,
        pub object_id: i64,
        pub months: i64,
        pub lapses_at: Option<i64>,
        pub reached: i64,
        pub rows_read: i64,
        pub rows_good: i64,
        pub rows_known: i64,
        pub rows_bad: i64,
        pub made: i64,
        pub missed: i64,
        pub activated: i64,
        pub lapsed: i64,
        pub closed: i64,
        pub counted_at: Option<i64>,
        pub settled: i64,
        pub created_by: i64,
        pub created_at: i64,
        pub confirmed_at: Option<i64>,
        pub withdrawn_at: Option<i64>,
        /// Who uploaded it.
        pub creator: Option<String>,
        /// The second person.
        pub confirmer: Option<String>,
        /// Who had the last word in its withdrawal.
        pub withdrawer: Option<String>,
    }
}

/// A new import's columns.
pub(super) struct ImportInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub file: (&'a str, &'a str),
    pub object_id: i64,
    pub months: i64,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn import_insert(tx: &mut Tx, row: &ImportInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO legacy_import (id, public_id, state, file_name, file_hash, object_id, months, reached, rows_read, \
             rows_good, rows_known, rows_bad, made, missed, activated, lapsed, closed, settled, created_by, created_at) \
             VALUES ($1, $2, 'reading', $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $7, $8)"
        ),
        p![
            row.id,
            row.public_id,
            row.file.0,
            row.file.1,
            row.object_id,
            row.months,
            row.by,
            row.at
        ],
    )
    .await
}

pub(super) async fn import_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ImportRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.state, i.file_name, i.file_hash, i.object_id, i.months, i.lapses_at, i.reached, \
             i.rows_read, i.rows_good, i.rows_known, i.rows_bad, i.made, i.missed, i.activated, i.lapsed, i.closed, \
             i.counted_at, i.settled, i.created_by, i.created_at, i.confirmed_at, i.withdrawn_at, c.name, f.name, w.name \
             FROM legacy_import i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff f ON f.id = i.confirmed_by \
             LEFT JOIN staff w ON w.id = i.withdrawn_by WHERE i.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn import_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ImportRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.state, i.file_name, i.file_hash, i.object_id, i.months, i.lapses_at, i.reached, \
             i.rows_read, i.rows_good, i.rows_known, i.rows_bad, i.made, i.missed, i.activated, i.lapsed, i.closed, \
             i.counted_at, i.settled, i.created_by, i.created_at, i.confirmed_at, i.withdrawn_at, c.name, f.name, w.name \
             FROM legacy_import i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff f ON f.id = i.confirmed_by \
             LEFT JOIN staff w ON w.id = i.withdrawn_by WHERE i.id = $1"
        ),
        p![id],
    )
    .await
}

/// A page of imports, newest first.
pub(super) async fn imports(
    q: &mut impl Query,
    before: i64,
    limit: i64,
) -> DbResult<Vec<ImportRow>> {
    q.rows(
        sql!(
            "SELECT i.id, i.public_id, i.state, i.file_name, i.file_hash, i.object_id, i.months, i.lapses_at, i.reached, \
             i.rows_read, i.rows_good, i.rows_known, i.rows_bad, i.made, i.missed, i.activated, i.lapsed, i.closed, \
             i.counted_at, i.settled, i.created_by, i.created_at, i.confirmed_at, i.withdrawn_at, c.name, f.name, w.name \
             FROM legacy_import i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff f ON f.id = i.confirmed_by \
             LEFT JOIN staff w ON w.id = i.withdrawn_by WHERE i.id < $1 ORDER BY i.id DESC LIMIT $2"
        ),
        p![before, limit],
    )
    .await
}

/// Imports in which a job has something to do.
pub(super) async fn imports_unfinished(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM legacy_import WHERE state IN ('reading', 'making', 'withdrawing', 'discarded') \
             AND (state <> 'discarded' OR EXISTS (SELECT 1 FROM legacy_entry e WHERE e.import_id = legacy_import.id)) \
             ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// Imports of which some accounts wait yet, or have just stopped to.
pub(super) async fn imports_unsettled(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM legacy_import WHERE state IN ('done', 'withdrawn') AND settled = 0 ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// Staged long ago and never confirmed.
pub(super) async fn imports_forgotten(q: &mut impl Query, before: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM legacy_import WHERE state IN ('staged', 'failed') AND created_at <= $1 ORDER BY id LIMIT 20"
        ),
        p![before],
    )
    .await
}

/// From one state to another; 0: it is in another one by now.
pub(super) async fn import_move(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE legacy_import SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// So many lines of the file are staged. 0: another worker has done it, or it was given up.
pub(super) async fn import_reach(
    tx: &mut Tx,
    id: i64,
    (from, to): (i64, i64),
    (good, known, bad): (i64, i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET reached = $3, rows_good = rows_good + $4, rows_known = rows_known + $5, \
             rows_bad = rows_bad + $6 WHERE id = $1 AND state = 'reading' AND reached = $2"
        ),
        p![id, from, to, good, known, bad],
    )
    .await
}

/// All of it is staged.
pub(super) async fn import_staged(
    tx: &mut Tx,
    id: i64,
    reached: i64,
    (read, bad): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET state = 'staged', rows_read = $3, rows_bad = rows_bad + $4, object_id = 0 \
             WHERE id = $1 AND state = 'reading' AND reached = $2"
        ),
        p![id, reached, read, bad],
    )
    .await
}

/// The second person's word. `who`: id and time.
pub(super) async fn import_confirm(
    tx: &mut Tx,
    id: i64,
    lapses_at: i64,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET state = 'making', lapses_at = $2, confirmed_by = $3, confirmed_at = $4 \
             WHERE id = $1 AND state = 'asked'"
        ),
        p![id, lapses_at, who.0, who.1],
    )
    .await
}

/// Adds to what was made and what couldn't be.
pub(super) async fn import_made(tx: &mut Tx, id: i64, (made, missed): (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET made = made + $2, missed = missed + $3 WHERE id = $1 AND state = 'making'"
        ),
        p![id, made, missed],
    )
    .await
}

/// The second person's word in a withdrawal.
pub(super) async fn import_withdraw(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET state = 'withdrawing', withdrawn_by = $2, withdrawn_at = $3 \
             WHERE id = $1 AND state = 'done'"
        ),
        p![id, who.0, who.1],
    )
    .await
}

/// What became of the accounts; settled when none of them waits any more.
pub(super) async fn import_counted(
    tx: &mut Tx,
    id: i64,
    (activated, lapsed, closed): (i64, i64, i64),
    settled: bool,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE legacy_import SET activated = $2, lapsed = $3, closed = $4, settled = $5, counted_at = $6 WHERE id = $1"
        ),
        p![id, activated, lapsed, closed, i64::from(settled), at],
    )
    .await
}

record! {
    /// What became of an import's accounts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct Counts {
        /// Opened by their owners.
        pub activated: i64,
        /// Not opened in time.
        pub lapsed: i64,
        /// Closed before they were opened.
        pub closed: i64,
        /// Waiting, or stopped by a dispute.
        pub waiting: i64,
    }
}

pub(super) async fn counts(q: &mut impl Query, import_id: i64) -> DbResult<Counts> {
    q.one(
        sql!(
            "SELECT COALESCE(SUM(CASE WHEN activated_at IS NOT NULL THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN activated_at IS NULL AND state = 'lapsed' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN activated_at IS NULL AND state = 'closed' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN activated_at IS NULL AND state IN ('pending', 'frozen') THEN 1 ELSE 0 END), 0) \
             FROM account WHERE legacy_import_id = $1"
        ),
        p![import_id],
    )
    .await
}

record! {
    /// What couldn't be read, or is left out.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ProblemRow {
        /// Its place, for the next page.
        pub item: i64,
        /// Line in the sheet, from 1; 0 for the whole file.
        pub line: i64,
        /// `error`: to be mended. `warning`: left out for a good reason.
        pub severity: String,
        /// Title of the column.
        pub field: String,
        /// What the cell says; a number is masked.
        pub cell: String,
        /// What is wrong and how to repair it.
        pub message: String,
    }
}

pub(super) async fn problem_insert(tx: &mut Tx, import_id: i64, row: &ProblemRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO legacy_problem (import_id, item, line, severity, field, cell, message) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (import_id, item) DO NOTHING"
        ),
        p![
            import_id,
            row.item,
            row.line,
            &row.severity,
            &row.field,
            &row.cell,
            &row.message
        ],
    )
    .await
}

/// A page of problems after this place.
pub(super) async fn problems(
    q: &mut impl Query,
    import_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ProblemRow>> {
    q.rows(
        sql!(
            "SELECT item, line, severity, field, cell, message FROM legacy_problem WHERE import_id = $1 AND item > $2 \
             ORDER BY item LIMIT $3"
        ),
        p![import_id, after, limit],
    )
    .await
}

record! {
    /// Somebody whose account is to be made.
    #[derive(Clone)]
    pub(super) struct EntryRow {
        pub id: i64,
        pub line: i64,
        pub name: String,
        pub id_type: String,
        pub id_number: Vec<u8>,
        pub mobile: Vec<u8>,
    }
}

pub(super) async fn entry_insert(tx: &mut Tx, import_id: i64, row: &EntryRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO legacy_entry (id, import_id, line, name, id_type, id_number, mobile) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        p![
            row.id,
            import_id,
            row.line,
            &row.name,
            &row.id_type,
            row.id_number.as_slice(),
            row.mobile.as_slice()
        ],
    )
    .await
}

/// The next staged rows, in the order of the file.
pub(super) async fn entries(
    q: &mut impl Query,
    import_id: i64,
    limit: i64,
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT id, line, name, id_type, id_number, mobile FROM legacy_entry WHERE import_id = $1 ORDER BY line LIMIT $2"
        ),
        p![import_id, limit],
    )
    .await
}

/// A staged row goes with the commit that deals with it; 0: it is dealt with.
pub(super) async fn entry_take(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM legacy_entry WHERE id = $1"), p![id])
        .await
}

/// Some rows of an import that was given up.
pub(super) async fn entries_drop(tx: &mut Tx, import_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM legacy_entry WHERE id IN (SELECT e.id FROM legacy_entry e JOIN legacy_import i ON i.id = e.import_id \
             WHERE e.import_id = $1 AND i.state = 'discarded' ORDER BY e.line LIMIT $2)"
        ),
        p![import_id, limit],
    )
    .await
}

/// An imported account's columns.
pub(super) struct AccountInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub import_id: i64,
    pub id_type: &'a str,
    pub id_number: &'a [u8],
    pub id_index: &'a [u8],
    pub name: &'a str,
    pub mobile: &'a [u8],
    pub mobile_index: &'a [u8],
    pub lapses_at: i64,
    pub at: i64,
}

/// An account without any password or proof that waits for its owner. 0: the number has an account by now, even one whose commit is
/// on its way.
pub(super) async fn account_import(tx: &mut Tx, row: &AccountInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO account (id, public_id, state, id_type, id_number, id_index, name, name_order, mobile, mobile_index, \
             activation_expires_at, epoch, created_at, version, legacy_import_id, lapses_at) \
             VALUES ($1, $2, 'pending', $3, $4, $5, $6, $6, $7, $8, $9, 1, $10, 1, $11, $9) \
             ON CONFLICT (id_index, id_type) WHERE state IN ('pending', 'active', 'frozen') DO NOTHING"
        ),
        p![
            row.id,
            row.public_id,
            row.id_type,
            row.id_number,
            row.id_index,
            row.name,
            row.mobile,
            row.mobile_index,
            row.lapses_at,
            row.at,
            row.import_id
        ],
    )
    .await
}

/// Accounts of an import that nobody has opened.
pub(super) async fn waiting(q: &mut impl Query, import_id: i64, limit: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM account WHERE legacy_import_id = $1 AND state = 'pending' AND activated_at IS NULL ORDER BY id LIMIT $2"
        ),
        p![import_id, limit],
    )
    .await
}

/// Lapsed accounts of an import that still carry a name.
pub(super) async fn lapsed_named(
    q: &mut impl Query,
    import_id: i64,
    limit: i64,
) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM account WHERE legacy_import_id = $1 AND state = 'lapsed' AND name <> '' ORDER BY id LIMIT $2"
        ),
        p![import_id, limit],
    )
    .await
}

/// Closes an account that its owner never opened. 0: he was faster.
pub(super) async fn account_take_back(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET state = 'closed', closed_at = $2, activation_code_hash = NULL, activation_expires_at = NULL, \
             epoch = epoch + 1, version = version + 1 \
             WHERE id = $1 AND state = 'pending' AND activated_at IS NULL AND lapses_at IS NOT NULL"
        ),
        p![id, at],
    )
    .await
}

/// Empties what was brought along about somebody who never came: name, mobile and number.
pub(super) async fn account_forget(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET name = '', name_order = '', mobile = $2, mobile_index = $2, id_number = $2, version = version + 1 \
             WHERE id = $1 AND state IN ('closed', 'lapsed') AND activated_at IS NULL AND legacy_import_id IS NOT NULL"
        ),
        p![id, &[][..] as &[u8]],
    )
    .await
}

/// The imported mobile was proven by a code.
pub(super) async fn mobile_proven(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE account SET mobile_verified_at = $2 WHERE id = $1 AND state = 'pending' AND mobile_verified_at IS NULL"
        ),
        p![id, at],
    )
    .await
}
