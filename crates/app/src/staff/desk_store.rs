//! SQL of the dashboard: counts over other features' tables, each bounded.

use db::{DbResult, Query, p, record, sql};

record! {
    /// How one exam stands.
    #[derive(Debug, Clone)]
    pub struct ExamFigures {
        pub id: i64,
        pub public_id: String,
        pub title: String,
        pub state: String,
        pub registration_opens: i64,
        pub registration_closes: i64,
        pub payment_closes: i64,
        pub ticket_opens: i64,
        pub ticket_closes: i64,
        pub submitted: i64,
        pub today: i64,
        pub in_review: i64,
        pub paid: i64,
    }
}

/// The exams that are out, with their counts; `today` is the least id of a row made today.
pub(super) async fn figures(q: &mut impl Query, today: i64) -> DbResult<Vec<ExamFigures>> {
    q.rows(
        sql!(
            "SELECT e.id, e.public_id, e.title, e.state, e.registration_opens, e.registration_closes, \
             e.payment_closes, e.ticket_opens, e.ticket_closes, \
             (SELECT COUNT(*) FROM (SELECT 1 FROM application a WHERE a.exam_id = e.id AND a.life = 'live' \
             LIMIT 10001) s), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM application a WHERE a.exam_id = e.id AND a.life = 'live' \
             AND a.id >= $1 LIMIT 10001) t), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM application a WHERE a.exam_id = e.id AND a.life = 'live' \
             AND a.review IN ('pending', 'first_approved', 'appealed') LIMIT 10001) r), \
             (SELECT COUNT(*) FROM (SELECT 1 FROM application a WHERE a.exam_id = e.id AND a.life = 'live' \
             AND a.payment IN ('paid', 'waived') LIMIT 10001) p) \
             FROM exam e WHERE e.state IN ('published', 'closed') ORDER BY e.registration_closes DESC, e.id DESC LIMIT 30"
        ),
        p![today],
    )
    .await
}

pub(super) async fn photos(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM photo WHERE state = 'pending' LIMIT 10001) w"),
        p![],
    )
    .await
}

/// Applications in one state of the review, in every exam that is out.
pub(super) async fn reviews(q: &mut impl Query, state: &str) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM exam e JOIN application a ON a.exam_id = e.id AND a.review = $1 \
             WHERE e.state IN ('published', 'closed') AND a.life = 'live' LIMIT 10001) w"
        ),
        p![state],
    )
    .await
}

/// Claims that this person may take on: nobody both checks and decides one.
pub(super) async fn claims(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM account_claim WHERE state = 'open' \
             OR (state = 'checked' AND checked_by <> $1) LIMIT 10001) w"
        ),
        p![staff_id],
    )
    .await
}

pub(super) async fn discrepancies(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM discrepancy WHERE state = 'open' LIMIT 10001) w"),
        p![],
    )
    .await
}

/// Score tables that somebody else imported and that wait for a second person.
pub(super) async fn scores(q: &mut impl Query, staff_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM score_batch WHERE state = 'imported' AND imported_by <> $1"),
        p![staff_id],
    )
    .await
}

pub(super) async fn failed_sms(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM outbox_message WHERE state = 'failed' LIMIT 10001) w"
        ),
        p![],
    )
    .await
}
