//! The statements: for each invariant one that counts what it looks at, and one that names what breaks it.

mod access;
mod applications;
mod money;
mod postgres;
mod rehearsals;
mod results;
pub(super) mod selection;
mod sqlite;

use db::{Backend, DbResult, Query, Sql, p, record, sql};

/// An invariant that two statements check.
pub(super) struct Check {
    pub(super) number: u32,
    pub(super) name: &'static str,
    examined: Sql,
    /// At most a thousand rows of one text.
    broken: Sql,
}

/// Counts, then looks.
pub(super) async fn run(q: &mut impl Query, check: &Check) -> DbResult<(u64, Vec<String>)> {
    let examined: i64 = q.one(check.examined.clone(), p![]).await?;
    let broken = q.rows(check.broken.clone(), p![]).await?;
    Ok((u64::try_from(examined).unwrap_or(0), broken))
}

/// The invariants that SQL alone can check.
pub(super) fn checks() -> impl Iterator<Item = &'static Check> {
    [
        money::CHECKS,
        applications::CHECKS,
        results::CHECKS,
        selection::CHECKS,
        access::CHECKS,
        rehearsals::CHECKS,
    ]
    .into_iter()
    .flatten()
}

record! {
    /// A decision of the review.
    pub(super) struct DecisionRow {
        pub(super) id: i64,
        pub(super) application_id: i64,
        pub(super) registration_no: String,
        pub(super) level: i64,
        pub(super) decision: String,
        pub(super) decided_by: i64,
    }
}

/// A page of decisions by application, in their order.
pub(super) async fn decisions_after(
    q: &mut impl Query,
    after: (i64, i64),
) -> DbResult<Vec<DecisionRow>> {
    q.rows(
        sql!(
            "SELECT d.id, d.application_id, a.registration_no, d.level, d.decision, d.decided_by \
             FROM review_decision d JOIN application a ON a.id = d.application_id \
             WHERE (d.application_id, d.id) > ($1, $2) ORDER BY d.application_id, d.id LIMIT 1000"
        ),
        p![after.0, after.1],
    )
    .await
}

/// A page of living applications on cancelled positions that no running decision has to do with: id, number, exam.
pub(super) async fn on_cancelled_after(
    q: &mut impl Query,
    after: i64,
) -> DbResult<Vec<(i64, String, i64)>> {
    q.rows(
        sql!(
            "SELECT a.id, a.registration_no, a.exam_id FROM position p JOIN application a ON a.position_id = p.id \
             WHERE p.state = 'cancelled' AND a.life = 'live' AND a.id > $1 AND NOT EXISTS (SELECT 1 \
             FROM position_decision_item i JOIN position_decision d ON d.id = i.decision_id WHERE i.position_id = p.id \
             AND i.state <> 'done' AND d.state = 'running') ORDER BY a.id LIMIT 1000"
        ),
        p![after],
    )
    .await
}

/// How many positions were cancelled.
pub(super) async fn cancelled_positions(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM position WHERE state = 'cancelled'"),
        p![],
    )
    .await
}

record! {
    /// An exam with its settings as they are in force, and what the columns say of them.
    pub(super) struct ExamRow {
        pub(super) id: i64,
        pub(super) code: String,
        pub(super) state: String,
        pub(super) settings: String,
        pub(super) settings_version: i64,
        pub(super) registration_opens: i64,
        pub(super) registration_closes: i64,
        pub(super) payment_closes: i64,
        pub(super) ticket_opens: i64,
        pub(super) ticket_closes: i64,
        pub(super) published_at: Option<i64>,
    }
}

/// The exams that were published.
pub(super) async fn exams(q: &mut impl Query) -> DbResult<Vec<ExamRow>> {
    q.rows(
        sql!(
            "SELECT id, code, state, settings, settings_version, registration_opens, registration_closes, payment_closes, \
             ticket_opens, ticket_closes, published_at FROM exam WHERE state <> 'draft' ORDER BY id"
        ),
        p![],
    )
    .await
}

record! {
    /// Settings as they were recorded.
    pub(super) struct SettingsRow {
        pub(super) version: i64,
        pub(super) settings: String,
        pub(super) reason: String,
        pub(super) changed_at: i64,
    }
}

/// Every version of an exam's settings, the first one first.
pub(super) async fn settings_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<SettingsRow>> {
    q.rows(
        sql!(
            "SELECT version, settings, reason, changed_at FROM exam_settings WHERE exam_id = $1 ORDER BY version"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// A step of an application.
    pub(super) struct StepRow {
        pub(super) id: i64,
        pub(super) application_id: i64,
        pub(super) exam_id: i64,
        pub(super) registration_no: String,
        pub(super) event: String,
        pub(super) actor_kind: String,
        pub(super) at: i64,
    }
}

/// A page of steps by application, in their order.
pub(super) async fn steps_after(q: &mut impl Query, after: (i64, i64)) -> DbResult<Vec<StepRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.application_id, a.exam_id, a.registration_no, e.event, e.actor_kind, e.at \
             FROM application_event e JOIN application a ON a.id = e.application_id \
             WHERE (e.application_id, e.id) > ($1, $2) ORDER BY e.application_id, e.id LIMIT 1000"
        ),
        p![after.0, after.1],
    )
    .await
}

/// A page of looks at what is veiled: entry and detail.
pub(super) async fn looks_after(q: &mut impl Query, after: i64) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!(
            "SELECT id, detail FROM audit_entry WHERE id > $1 AND action IN ('account.unmask', 'review.unveil') \
             ORDER BY id LIMIT 1000"
        ),
        p![after],
    )
    .await
}

/// How many rows have an end, and which of them should have been emptied by `until`.
pub(super) async fn overdue(q: &mut impl Query, until: i64) -> DbResult<(i64, Vec<String>)> {
    let examined = q
        .one(
            sql!(
                "SELECT (SELECT COUNT(*) FROM object WHERE expires_at IS NOT NULL) \
                 + (SELECT COUNT(*) FROM account WHERE state = 'pending') + (SELECT COUNT(*) FROM archive_purge)"
            ),
            p![],
        )
        .await?;
    let broken = q
        .rows(
            sql!(
                "SELECT 'object ' || CAST(id AS TEXT) FROM object WHERE expires_at IS NOT NULL AND expires_at <= $1 \
                 UNION ALL SELECT 'account ' || CAST(id AS TEXT) FROM account WHERE state = 'pending' \
                 AND activated_at IS NULL AND COALESCE(lapses_at, activation_expires_at) <= $1 \
                 UNION ALL SELECT 'exam_archive ' || CAST(p.archive_id AS TEXT) || ' ' || p.kind FROM archive_purge p \
                 JOIN exam_archive a ON a.id = p.archive_id WHERE p.state <> 'done' AND p.due_at <= $1 \
                 AND a.state = 'handed' AND a.held_at IS NULL AND a.handed_at <= $1 ORDER BY 1 LIMIT 1000"
            ),
            p![until],
        )
        .await?;
    Ok((examined, broken))
}

/// Exams with published scores: settings and batch.
pub(super) async fn scored_exams(q: &mut impl Query) -> DbResult<Vec<(String, i64)>> {
    q.rows(
        sql!("SELECT settings, score_batch FROM exam WHERE score_batch <> 0 ORDER BY id"),
        p![],
    )
    .await
}

record! {
    /// A mark with the total of its candidate.
    pub(super) struct MarkRow {
        pub(super) application_id: i64,
        pub(super) subject_code: String,
        pub(super) subject_name: String,
        pub(super) mark: String,
        pub(super) flag: String,
        pub(super) total: Option<String>,
    }
}

/// A page of marks by candidate.
pub(super) async fn marks_after(
    q: &mut impl Query,
    batch_id: i64,
    after: (i64, &str),
) -> DbResult<Vec<MarkRow>> {
    q.rows(
        sql!(
            "SELECT s.application_id, s.subject_code, s.subject_name, s.mark, s.flag, t.total FROM score s \
             LEFT JOIN score_total t ON t.batch_id = s.batch_id AND t.application_id = s.application_id \
             WHERE s.batch_id = $1 AND (s.application_id, s.subject_code) > ($2, $3) \
             ORDER BY s.application_id, s.subject_code LIMIT 1000"
        ),
        p![batch_id, after.0, after.1],
    )
    .await
}

record! {
    /// An account's document, sealed and indexed.
    pub(super) struct DocumentRow {
        pub(super) id: i64,
        pub(super) id_type: String,
        pub(super) id_number: Vec<u8>,
        pub(super) id_index: Vec<u8>,
        pub(super) mobile: Vec<u8>,
        pub(super) mobile_index: Vec<u8>,
    }
}

/// A page of documents of accounts that weren't closed: closing empties them.
pub(super) async fn documents_after(q: &mut impl Query, after: i64) -> DbResult<Vec<DocumentRow>> {
    q.rows(
        sql!(
            "SELECT id, id_type, id_number, id_index, mobile, mobile_index FROM account \
             WHERE id > $1 AND state IN ('pending', 'active', 'frozen') ORDER BY id LIMIT 1000"
        ),
        p![after],
    )
    .await
}

/// What the database finds wrong with itself.
pub(super) async fn soundness(q: &mut impl Query) -> DbResult<(u64, Vec<String>)> {
    match q.backend() {
        Backend::Sqlite => sqlite::soundness(q).await,
        Backend::Postgres => postgres::soundness(q).await,
    }
}
