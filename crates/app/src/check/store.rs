//! SQL of 实名核验 and 学历核验.
//!
//! An answer that came on a list lies in `check_result` and counts from the one commit in which its list is taken over
//! (`check_batch.state = 'answered'`): which answer a question has is always read through both.

use db::{DbResult, Query, Tx, p, point, record, sql};

/// Somebody may have another question to be asked about him. Nobody is asked about the made-up people of a rehearsal.
pub(super) async fn due_put(tx: &mut Tx, kind: &str, account_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO check_due (kind, account_id, at) SELECT $1, id, $3 FROM account WHERE id = $2 \
             AND rehearsal_exam IS NULL ON CONFLICT (kind, account_id) DO UPDATE SET at = excluded.at"
        ),
        p![kind, account_id, at],
    )
    .await
}

/// The next whom it is due for: account and mark.
pub(super) async fn due(q: &mut impl Query, kind: &str, limit: i64) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT account_id, at FROM check_due WHERE kind = $1 ORDER BY at, account_id LIMIT $2"
        ),
        p![kind, limit],
    )
    .await
}

/// Dealt with, unless something was saved again meanwhile.
pub(super) async fn due_take(tx: &mut Tx, kind: &str, account_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM check_due WHERE kind = $1 AND account_id = $2 AND at = $3"),
        p![kind, account_id, at],
    )
    .await
}

/// Not now: behind the others.
pub(super) async fn due_later(
    tx: &mut Tx,
    kind: &str,
    account_id: i64,
    (at, to): (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE check_due SET at = $4 WHERE kind = $1 AND account_id = $2 AND at = $3"),
        p![kind, account_id, at, to],
    )
    .await
}

pub(super) async fn due_drop(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM check_due WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

/// No question about an account stands any more.
pub(super) async fn items_end(tx: &mut Tx, account_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_item SET replaced_at = $2 WHERE account_id = $1 AND replaced_at IS NULL"
        ),
        p![account_id, at],
    )
    .await
}

record! {
    /// A question with its answer, if there is one that counts.
    #[derive(Debug, Clone)]
    pub(crate) struct ItemRow {
        pub id: i64,
        pub public_id: String,
        pub kind: String,
        pub account_id: i64,
        pub subject: Vec<u8>,
        pub source: String,
        pub verdict: Option<String>,
        pub unknown: Option<String>,
        pub reference: Option<String>,
        pub at: Option<i64>,
        pub due_at: i64,
    }
}

/// The questions about an account that stand.
pub(crate) async fn items_of(q: &mut impl Query, account_id: i64) -> DbResult<Vec<ItemRow>> {
    q.rows(
        point!(
            "SELECT i.id, i.public_id, i.kind, i.account_id, i.subject, i.source, COALESCE(i.verdict, r.verdict), \
             COALESCE(i.unknown, r.unknown), COALESCE(i.reference, r.reference), COALESCE(i.answered_at, b.answered_at), i.due_at \
             FROM check_item i LEFT JOIN check_batch b ON b.id = i.batch_id AND b.state = 'answered' \
             LEFT JOIN check_result r ON r.item_id = i.id AND r.batch_id = b.id AND r.upload = b.upload \
             WHERE i.account_id = $1 AND i.replaced_at IS NULL ORDER BY i.kind DESC"
        ),
        p![account_id],
    )
    .await
}

/// One question.
pub(super) async fn item_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<ItemRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.kind, i.account_id, i.subject, i.source, COALESCE(i.verdict, r.verdict), \
             COALESCE(i.unknown, r.unknown), COALESCE(i.reference, r.reference), COALESCE(i.answered_at, b.answered_at), i.due_at \
             FROM check_item i LEFT JOIN check_batch b ON b.id = i.batch_id AND b.state = 'answered' \
             LEFT JOIN check_result r ON r.item_id = i.id AND r.batch_id = b.id AND r.upload = b.upload \
             WHERE i.id = $1 AND i.replaced_at IS NULL"
        ),
        p![id],
    )
    .await
}

/// A new question's columns, with its answer if it has one at once.
pub(super) struct ItemInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub kind: &'a str,
    pub account_id: i64,
    pub subject: &'a [u8],
    pub source: &'a str,
    /// Verdict, why it is unknown, reference.
    pub answer: Option<(&'a str, Option<&'a str>, &'a str)>,
    pub at: i64,
}

/// A new question. The index `check_item_current` refuses a second one of a kind that stands for an account.
pub(super) async fn item_insert(tx: &mut Tx, row: &ItemInsert<'_>) -> DbResult<u64> {
    let answer = row.answer;
    tx.exec(
        sql!(
            "INSERT INTO check_item (id, public_id, kind, account_id, subject, source, verdict, unknown, reference, answered_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        p![
            row.id,
            row.public_id,
            row.kind,
            row.account_id,
            row.subject,
            row.source,
            answer.map(|one| one.0),
            answer.and_then(|one| one.1),
            answer.map(|one| one.2),
            answer.map(|_| row.at),
            row.at
        ],
    )
    .await
}

/// Another question stands in its place. 0: it was replaced already.
pub(super) async fn item_replace(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE check_item SET replaced_at = $2 WHERE id = $1 AND replaced_at IS NULL"),
        p![id, at],
    )
    .await
}

/// How many questions of a kind wait for a list; stops at 10,001.
pub(super) async fn waiting(q: &mut impl Query, kind: &str) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM check_item WHERE kind = $1 AND batch_id IS NULL AND verdict IS NULL \
             AND replaced_at IS NULL LIMIT 10001) w"
        ),
        p![kind],
    )
    .await
}

record! {
    /// A list.
    #[derive(Debug, Clone)]
    pub struct BatchRow {
        pub id: i64,
        pub public_id: String,
        pub kind: String,
        pub state: String,
        pub people: i64,
        pub reason: String,
        pub made_by: i64,
        pub made_at: i64,
        pub expires_at: i64,
        pub rows_read: i64,
        pub rows_good: i64,
        pub rows_bad: i64,
        pub matched: i64,
        pub mismatched: i64,
        pub unknown: i64,
        pub file_name: String,
        pub answered_at: Option<i64>,
        /// Who made it.
        pub maker: Option<String>,
        /// Who took the answers over.
        pub answerer: Option<String>,
    }
}

/// A new list's columns.
pub(super) struct BatchInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub kind: &'a str,
    pub reason: &'a str,
    pub by: i64,
    pub at: i64,
    pub expires_at: i64,
}

pub(super) async fn batch_insert(tx: &mut Tx, row: &BatchInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO check_batch (id, public_id, kind, state, people, reason, made_by, made_at, expires_at, rows_read, rows_good, \
             rows_bad, matched, mismatched, unknown, file_name, upload) \
             VALUES ($1, $2, $3, 'filling', 0, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, '', 0)"
        ),
        p![
            row.id,
            row.public_id,
            row.kind,
            row.reason,
            row.by,
            row.at,
            row.expires_at
        ],
    )
    .await
}

pub(super) async fn batch_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.kind, b.state, b.people, b.reason, b.made_by, b.made_at, b.expires_at, b.rows_read, \
             b.rows_good, b.rows_bad, b.matched, b.mismatched, b.unknown, b.file_name, b.answered_at, m.name, a.name \
             FROM check_batch b LEFT JOIN staff m ON m.id = b.made_by LEFT JOIN staff a ON a.id = b.answered_by \
             WHERE b.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// A page of lists, newest first.
pub(super) async fn batches(
    q: &mut impl Query,
    before: i64,
    limit: i64,
) -> DbResult<Vec<BatchRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.kind, b.state, b.people, b.reason, b.made_by, b.made_at, b.expires_at, b.rows_read, \
             b.rows_good, b.rows_bad, b.matched, b.mismatched, b.unknown, b.file_name, b.answered_at, m.name, a.name \
             FROM check_batch b LEFT JOIN staff m ON m.id = b.made_by LEFT JOIN staff a ON a.id = b.answered_by \
             WHERE b.id < $1 ORDER BY b.id DESC LIMIT $2"
        ),
        p![before, limit],
    )
    .await
}

/// Puts the next questions that wait on a list; how many.
pub(super) async fn batch_fill(tx: &mut Tx, (id, kind): (i64, &str), limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_item SET batch_id = $1 WHERE id IN (SELECT i.id FROM check_item i WHERE i.kind = $2 AND i.batch_id IS NULL \
             AND i.verdict IS NULL AND i.replaced_at IS NULL ORDER BY i.id LIMIT $3) AND batch_id IS NULL AND replaced_at IS NULL"
        ),
        p![id, kind, limit],
    )
    .await
}

/// From one state to another, with so many people more. 0: it is in another one by now.
pub(super) async fn batch_move(
    tx: &mut Tx,
    id: i64,
    (from, to): (&str, &str),
    people: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_batch SET state = $3, people = people + $4 WHERE id = $1 AND state = $2"
        ),
        p![id, from, to, people],
    )
    .await
}

/// Takes some questions of a list that was given up off it again.
pub(super) async fn batch_release(tx: &mut Tx, id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_item SET batch_id = NULL WHERE id IN (SELECT i.id FROM check_item i JOIN check_batch b ON b.id = i.batch_id \
             WHERE i.batch_id = $1 AND b.state = 'discarded' ORDER BY i.id LIMIT $2)"
        ),
        p![id, limit],
    )
    .await
}

/// The questions of a list that stand, after this one: id, public id, account, digest of what is asked.
pub(super) async fn batch_items(
    q: &mut impl Query,
    batch_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, String, i64, Vec<u8>)>> {
    q.rows(
        sql!(
            "SELECT id, public_id, account_id, subject FROM check_item WHERE batch_id = $1 AND id > $2 AND replaced_at IS NULL \
             ORDER BY id LIMIT $3"
        ),
        p![batch_id, after, limit],
    )
    .await
}

/// Every question of a list, whether it stands or not, after this one: id and public id.
pub(super) async fn batch_numbers(
    q: &mut impl Query,
    batch_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!("SELECT id, public_id FROM check_item WHERE batch_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
        p![batch_id, after, limit],
    )
    .await
}

/// Answers begin to be staged: those of an earlier upload go. 0: they are taken over, or the list is given up.
pub(super) async fn results_begin(
    tx: &mut Tx,
    (id, upload): (i64, i64),
    file_name: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_batch SET state = 'reading', file_name = $2, upload = $3, rows_read = 0, rows_good = 0, rows_bad = 0, matched = 0, \
             mismatched = 0, unknown = 0 WHERE id = $1 AND state IN ('open', 'reading', 'staged')"
        ),
        p![id, file_name, upload],
    )
    .await
}

/// Forgets some answers of uploads that another one took the place of, or of a list that was given up.
pub(super) async fn results_drop(tx: &mut Tx, batch_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM check_result WHERE id IN (SELECT r.id FROM check_result r JOIN check_batch b ON b.id = r.batch_id \
             WHERE r.batch_id = $1 AND (r.upload <> b.upload OR b.state = 'discarded') ORDER BY r.id LIMIT $2)"
        ),
        p![batch_id, limit],
    )
    .await
}

pub(super) async fn problems_drop(tx: &mut Tx, batch_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM check_problem WHERE batch_id = $1"),
        p![batch_id],
    )
    .await
}

/// `keys`: id, list, question, upload.
pub(super) async fn result_insert(
    tx: &mut Tx,
    keys: (i64, i64, i64, i64),
    answer: (&str, Option<&str>, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO check_result (id, batch_id, item_id, upload, verdict, unknown, reference) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        p![keys.0, keys.1, keys.2, keys.3, answer.0, answer.1, answer.2],
    )
    .await
}

record! {
    /// What is wrong with a row of answers.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ProblemRow {
        pub item: i64,
        pub line: i64,
        pub field: String,
        pub cell: String,
        pub message: String,
    }
}

pub(super) async fn problem_insert(tx: &mut Tx, batch_id: i64, row: &ProblemRow) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO check_problem (batch_id, item, line, field, cell, message) VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        p![
            batch_id,
            row.item,
            row.line,
            &row.field,
            &row.cell,
            &row.message
        ],
    )
    .await
}

pub(super) async fn problems(q: &mut impl Query, batch_id: i64) -> DbResult<Vec<ProblemRow>> {
    q.rows(
        sql!(
            "SELECT item, line, field, cell, message FROM check_problem WHERE batch_id = $1 ORDER BY item LIMIT 500"
        ),
        p![batch_id],
    )
    .await
}

/// All answers are staged. `rows`: read, good, bad; `counts`: match, mismatch, unknown.
pub(super) async fn results_staged(
    tx: &mut Tx,
    (id, upload): (i64, i64),
    rows: (i64, i64, i64),
    counts: (i64, i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_batch SET state = 'staged', rows_read = $2, rows_good = $3, rows_bad = $4, matched = $5, mismatched = $6, \
             unknown = $7 WHERE id = $1 AND state = 'reading' AND upload = $8"
        ),
        p![id, rows.0, rows.1, rows.2, counts.0, counts.1, counts.2, upload],
    )
    .await
}

/// The one flip: from now on the answers count. Only if nothing is wrong with any of them.
pub(super) async fn batch_answer(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE check_batch SET state = 'answered', answered_by = $2, answered_at = $3 \
             WHERE id = $1 AND state = 'staged' AND rows_bad = 0 AND rows_good > 0"
        ),
        p![id, who.0, who.1],
    )
    .await
}
