//! SQL of score batches, marks and totals.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};

record! {
    /// A batch of scores.
    #[derive(Debug, Clone)]
    pub struct BatchRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub version: i64,
        pub state: String,
        /// `import_batch.id`.
        pub import_id: i64,
        /// Results.
        pub matched: i64,
        pub imported_by: i64,
        pub imported_at: i64,
        pub checked_by: Option<i64>,
        pub checked_at: Option<i64>,
        pub published_by: Option<i64>,
        pub published_at: Option<i64>,
        pub visible_at: Option<i64>,
        pub reason: String,
        /// A line for each subject, as JSON; none for batches of before.
        pub figures: Option<String>,
        /// Names of those who imported, checked and published; empty for none.
        pub importer: String,
        pub checker: String,
        pub publisher: String,
    }
}

pub(super) async fn batch_insert(
    tx: &mut Tx,
    ids: (i64, &str, i64),
    import_id: i64,
    who: (i64, i64),
    reason: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO score_batch (id, public_id, exam_id, version, state, import_id, matched, imported_by, imported_at, \
             reason) SELECT $1, $2, $3, COALESCE(MAX(version), 0) + 1, 'staging', $4, 0, $5, $6, $7 \
             FROM score_batch WHERE exam_id = $3"
        ),
        p![ids.0, ids.1, ids.2, import_id, who.0, who.1, reason],
    )
    .await
}

pub(super) async fn batch_imported(
    tx: &mut Tx,
    id: i64,
    matched: i64,
    figures: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE score_batch SET state = 'imported', matched = $2, figures = $3 WHERE id = $1 AND state = 'staging'"
        ),
        p![id, matched, figures],
    )
    .await
}

/// The second person's word; 0 rows: it was moved meanwhile, or it is the same person.
pub(super) async fn batch_checked(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE score_batch SET state = 'checked', checked_by = $2, checked_at = $3 \
             WHERE id = $1 AND state = 'imported' AND imported_by <> $2"
        ),
        p![id, who.0, who.1],
    )
    .await
}

pub(super) async fn batch_published(
    tx: &mut Tx,
    id: i64,
    who: (i64, i64),
    visible_at: i64,
    reason: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE score_batch SET state = 'published', published_by = $2, published_at = $3, visible_at = $4, reason = $5 \
             WHERE id = $1 AND state = 'checked'"
        ),
        p![id, who.0, who.1, visible_at, reason],
    )
    .await
}

/// Moves a batch along; 0 rows: it wasn't in that state any more.
pub(super) async fn batch_set_state(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE score_batch SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// Gives a batch up; 0 rows: it is published, or given up already.
pub(super) async fn batch_dropped(
    tx: &mut Tx,
    id: i64,
    who: (i64, i64),
    why: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE score_batch SET state = 'discarded', dropped_by = $2, dropped_at = $3, dropped_why = $4 \
             WHERE id = $1 AND state IN ('staging', 'imported', 'checked')"
        ),
        p![id, who.0, who.1, why],
    )
    .await
}

pub(super) async fn batch_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<BatchRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.exam_id, b.version, b.state, b.import_id, b.matched, b.imported_by, b.imported_at, \
             b.checked_by, b.checked_at, b.published_by, b.published_at, b.visible_at, b.reason, b.figures, COALESCE(i.name, ''), \
             COALESCE(c.name, ''), COALESCE(p.name, '') FROM score_batch b LEFT JOIN staff i ON i.id = b.imported_by \
             LEFT JOIN staff c ON c.id = b.checked_by LEFT JOIN staff p ON p.id = b.published_by WHERE b.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The batches of an exam, newest first.
pub(super) async fn batches_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<BatchRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.exam_id, b.version, b.state, b.import_id, b.matched, b.imported_by, b.imported_at, \
             b.checked_by, b.checked_at, b.published_by, b.published_at, b.visible_at, b.reason, b.figures, COALESCE(i.name, ''), \
             COALESCE(c.name, ''), COALESCE(p.name, '') FROM score_batch b LEFT JOIN staff i ON i.id = b.imported_by \
             LEFT JOIN staff c ON c.id = b.checked_by LEFT JOIN staff p ON p.id = b.published_by \
             WHERE b.exam_id = $1 ORDER BY b.version DESC LIMIT 50"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn score_insert(
    tx: &mut Tx,
    ids: (i64, i64),
    subject: (&str, &str),
    mark: (&str, &str),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO score (batch_id, application_id, subject_code, subject_name, mark, flag) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        p![ids.0, ids.1, subject.0, subject.1, mark.0, mark.1],
    )
    .await
}

/// A total's columns.
#[derive(Debug, Clone)]
pub(super) struct TotalInsert {
    pub(super) application_id: i64,
    pub(super) total: String,
    pub(super) rank: Option<i64>,
    pub(super) out_of: Option<i64>,
    pub(super) passed: &'static str,
}

pub(super) async fn total_insert(tx: &mut Tx, batch_id: i64, row: &TotalInsert) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO score_total (batch_id, application_id, total, rank, out_of, passed) \
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        p![
            batch_id,
            row.application_id,
            &row.total,
            row.rank,
            row.out_of,
            row.passed
        ],
    )
    .await
}

pub(super) async fn scores_drop(tx: &mut Tx, batch_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM score WHERE batch_id = $1 AND application_id IN (SELECT s.application_id FROM score s \
             JOIN score_batch b ON b.id = s.batch_id WHERE s.batch_id = $1 AND b.state = 'discarded' LIMIT $2)"
        ),
        p![batch_id, limit],
    )
    .await
}

pub(super) async fn totals_drop(tx: &mut Tx, batch_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM score_total WHERE batch_id = $1 AND application_id IN (SELECT s.application_id FROM score_total s \
             JOIN score_batch b ON b.id = s.batch_id WHERE s.batch_id = $1 AND b.state = 'discarded' LIMIT $2)"
        ),
        p![batch_id, limit],
    )
    .await
}

record! {
    /// A mark of a batch with whose it is, for the office.
    #[derive(Debug, Clone)]
    pub struct MarkRow {
        pub application_id: i64,
        pub registration_no: String,
        pub ticket_no: String,
        pub name: String,
        pub subject_code: String,
        pub subject_name: String,
        pub mark: String,
        pub flag: String,
        pub total: String,
        pub rank: Option<i64>,
        /// `yes`, `no`; empty while the exam has set no line.
        pub passed: String,
        /// What was applied for, as JSON.
        pub choice: String,
    }
}

/// Whose marks of a batch.
#[derive(Debug)]
pub(super) enum Whose<'a> {
    /// Everybody's.
    All,
    /// Those of some applications.
    These(Vec<i64>),
    /// Those of an exam's applicants with this name.
    Named(i64, &'a str),
}

/// A page of a batch's marks, by application, subject by subject; `after` is the last application of the page before.
pub(super) async fn marks_page(
    q: &mut impl Query,
    batch_id: i64,
    whose: &Whose<'_>,
    (descends, after): (bool, Option<i64>),
    limit: u32,
) -> DbResult<Vec<MarkRow>> {
    let columns = piece!(
        "s.application_id, a.registration_no, COALESCE((SELECT MIN(t.ticket_no) FROM ticket_number t WHERE t.application_id = a.id), ''), \
         a.name, s.subject_code, s.subject_name, s.mark, s.flag, COALESCE(x.total, ''), x.rank, \
         COALESCE(x.passed, ''), a.choice"
    );
    let select = match whose {
        // A name is looked for in its own index, which ends in the order; the marks are then read by key.
        Whose::Named(exam_id, name) => Select::new(
            columns,
            piece!(
                "application a CROSS JOIN score s LEFT JOIN score_total x ON x.batch_id = s.batch_id \
                 AND x.application_id = s.application_id"
            ),
        )
        .and(
            piece!("a.name = $1 AND a.exam_id + 0 = $2 AND s.application_id = a.id AND s.batch_id = $3"),
            p![name, exam_id, batch_id],
        ),
        Whose::All | Whose::These(_) => Select::new(
            columns,
            piece!(
                "score s JOIN application a ON a.id = s.application_id LEFT JOIN score_total x ON x.batch_id = s.batch_id \
                 AND x.application_id = s.application_id"
            ),
        )
        .and(piece!("s.batch_id = $1"), p![batch_id]),
    };
    let ids: Vec<P<'_>> = match whose {
        Whose::These(ids) => ids.iter().map(|id| P::Int(*id)).collect(),
        _ => Vec::new(),
    };
    let select = if ids.is_empty() {
        select
    } else {
        select.one_of(piece!("s.application_id"), &ids)
    };
    let named = matches!(whose, Whose::Named(..));
    let select = match (after, descends, named) {
        (None, ..) => select,
        (Some(after), false, false) => select.and(piece!("s.application_id > $1"), p![after]),
        (Some(after), true, false) => select.and(piece!("s.application_id < $1"), p![after]),
        (Some(after), false, true) => select.and(piece!("a.id > $1"), p![after]),
        (Some(after), true, true) => select.and(piece!("a.id < $1"), p![after]),
    };
    let order = match (descends, named) {
        (false, false) => piece!("s.application_id, s.subject_code"),
        (true, false) => piece!("s.application_id DESC, s.subject_code DESC"),
        (false, true) => piece!("a.id, s.subject_code"),
        (true, true) => piece!("a.id DESC, s.subject_code DESC"),
    };
    select.order(order).limit(limit).rows(q).await
}

/// The applications of an exam with this 准考证号 or 报名序号.
pub(super) async fn applications_numbered(
    q: &mut impl Query,
    (exam_id, ticket, registration): (i64, &str, &str),
) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT application_id FROM ticket_number WHERE exam_id = $1 AND ticket_no = $2 \
             UNION SELECT id FROM application WHERE exam_id = $1 AND registration_no = $3"
        ),
        p![exam_id, ticket, registration],
    )
    .await
}

record! {
    /// A subject of a batch in figures. Marks come as the texts of the database: the least and greatest are found in Rust.
    #[derive(Debug, Clone)]
    pub(super) struct FigureRow {
        pub(super) subject_code: String,
        pub(super) subject_name: String,
        pub(super) flag: String,
        pub(super) mark: String,
        pub(super) people: i64,
    }
}

/// How many have each mark and flag, by subject.
pub(super) async fn figures_of(q: &mut impl Query, batch_id: i64) -> DbResult<Vec<FigureRow>> {
    q.rows(
        sql!(
            "SELECT subject_code, MIN(subject_name), flag, mark, COUNT(*) FROM score WHERE batch_id = $1 \
             GROUP BY subject_code, flag, mark ORDER BY subject_code, flag, mark"
        ),
        p![batch_id],
    )
    .await
}

record! {
    /// A mark that differs between two batches; empty texts stand for none.
    #[derive(Debug, Clone)]
    pub(super) struct ChangeRow {
        pub(super) name: String,
        pub(super) registration_no: String,
        pub(super) subject_name: String,
        pub(super) old_mark: String,
        pub(super) old_flag: String,
        pub(super) new_mark: String,
        pub(super) new_flag: String,
    }
}

/// Marks of batch `$2` that differ from batch `$1`, those that are gone among them.
pub(super) async fn changes_of(
    q: &mut impl Query,
    old: i64,
    new: i64,
    limit: i64,
) -> DbResult<Vec<ChangeRow>> {
    q.rows(
        sql!(
            "SELECT a.name, a.registration_no, d.subject_name, d.old_mark, d.old_flag, d.new_mark, d.new_flag FROM ( \
             SELECT n.application_id, n.subject_name, COALESCE(o.mark, '') AS old_mark, COALESCE(o.flag, '') AS old_flag, \
             n.mark AS new_mark, n.flag AS new_flag FROM score n LEFT JOIN score o ON o.batch_id = $1 \
             AND o.application_id = n.application_id AND o.subject_code = n.subject_code WHERE n.batch_id = $2 \
             AND (o.mark IS NULL OR o.mark <> n.mark OR o.flag <> n.flag) \
             UNION ALL \
             SELECT o.application_id, o.subject_name, o.mark, o.flag, '', '' FROM score o WHERE o.batch_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM score n WHERE n.batch_id = $2 AND n.application_id = o.application_id \
             AND n.subject_code = o.subject_code)) AS d JOIN application a ON a.id = d.application_id \
             ORDER BY a.registration_no, d.subject_name LIMIT $3"
        ),
        p![old, new, limit],
    )
    .await
}

/// Subject code, name, mark and flag of one application in a batch.
pub(super) async fn own_scores(
    q: &mut impl Query,
    batch_id: i64,
    application_id: i64,
) -> DbResult<Vec<(String, String, String, String)>> {
    q.rows(
        point!(
            "SELECT subject_code, subject_name, mark, flag FROM score WHERE batch_id = $1 AND application_id = $2 \
             ORDER BY subject_code"
        ),
        p![batch_id, application_id],
    )
    .await
}

/// Total, rank, out of, passed of one application in a batch.
pub(super) async fn own_total(
    q: &mut impl Query,
    batch_id: i64,
    application_id: i64,
) -> DbResult<Option<(String, Option<i64>, Option<i64>, String)>> {
    q.opt(
        point!(
            "SELECT total, rank, out_of, passed FROM score_total WHERE batch_id = $1 AND application_id = $2"
        ),
        p![batch_id, application_id],
    )
    .await
}

/// The ticket number of an application, if it has one.
pub(super) async fn own_ticket(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT MIN(ticket_no) FROM ticket_number WHERE application_id = $1 GROUP BY application_id"),
        p![application_id],
    )
    .await
}
