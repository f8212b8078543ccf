//! SQL of messages that staff write to applicants.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A message to many.
    #[derive(Debug, Clone)]
    pub struct BroadcastRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub state: String,
        /// [`domain::message::Audience`] as JSON.
        pub audience: String,
        pub title: String,
        pub body: String,
        pub leads: String,
        pub by_sms: i64,
        pub reached: i64,
        pub told: i64,
        pub created_by: i64,
        pub created_at: i64,
        pub sent_at: Option<i64>,
        pub finished_at: Option<i64>,
        pub version: i64,
        /// Who wrote it.
        pub writer: Option<String>,
        /// Who sent it.
        pub sender: Option<String>,
    }
}

/// What may change while it is a draft.
pub(super) struct Columns<'a> {
    pub audience: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub leads: &'a str,
    pub by_sms: bool,
}

pub(super) async fn insert(
    tx: &mut Tx,
    keys: (i64, &str, i64),
    c: &Columns<'_>,
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO broadcast (id, public_id, exam_id, state, audience, title, body, leads, by_sms, reached, told, \
             created_by, created_at, version) VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, 0, 0, $9, $10, 1)"
        ),
        p![
            keys.0,
            keys.1,
            keys.2,
            c.audience,
            c.title,
            c.body,
            c.leads,
            i64::from(c.by_sms),
            by,
            at
        ],
    )
    .await
}

/// 0 rows: sent meanwhile, or changed by somebody else.
pub(super) async fn update(tx: &mut Tx, id: i64, version: i64, c: &Columns<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE broadcast SET audience = $3, title = $4, body = $5, leads = $6, by_sms = $7, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'draft'"
        ),
        p![
            id,
            version,
            c.audience,
            c.title,
            c.body,
            c.leads,
            i64::from(c.by_sms)
        ],
    )
    .await
}

/// 0 rows: no draft any more.
pub(super) async fn delete(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM broadcast WHERE id = $1 AND state = 'draft'"),
        p![id],
    )
    .await
}

/// Sends a draft on its way, as it was shown. 0 rows: changed or sent meanwhile.
pub(super) async fn start(tx: &mut Tx, id: i64, version: i64, by: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE broadcast SET state = 'sending', sent_by = $3, sent_at = $4, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'draft'"
        ),
        p![id, version, by, at],
    )
    .await
}

/// Ends one that is on its way: everybody has it (`sent`), or somebody stopped it.
pub(super) async fn end(tx: &mut Tx, id: i64, state: &str, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE broadcast SET state = $2, finished_at = $3, version = version + 1 WHERE id = $1 AND state = 'sending'"
        ),
        p![id, state, at],
    )
    .await
}

/// Goes on to `to`; 0 rows: another worker did, or it was stopped.
pub(super) async fn advance(
    tx: &mut Tx,
    id: i64,
    (from, to): (i64, i64),
    told: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE broadcast SET reached = $3, told = told + $4 WHERE id = $1 AND reached = $2 AND state = 'sending'"
        ),
        p![id, from, to, told],
    )
    .await
}

pub(super) async fn by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BroadcastRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.exam_id, b.state, b.audience, b.title, b.body, b.leads, b.by_sms, b.reached, \
             b.told, b.created_by, b.created_at, b.sent_at, b.finished_at, b.version, w.name, s.name FROM broadcast b \
             LEFT JOIN staff w ON w.id = b.created_by LEFT JOIN staff s ON s.id = b.sent_by WHERE b.id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn by_public_id(
    q: &mut impl Query,
    exam_id: i64,
    public_id: &str,
) -> DbResult<Option<BroadcastRow>> {
    q.opt(
        point!(
            "SELECT b.id, b.public_id, b.exam_id, b.state, b.audience, b.title, b.body, b.leads, b.by_sms, b.reached, \
             b.told, b.created_by, b.created_at, b.sent_at, b.finished_at, b.version, w.name, s.name FROM broadcast b \
             LEFT JOIN staff w ON w.id = b.created_by LEFT JOIN staff s ON s.id = b.sent_by \
             WHERE b.exam_id = $1 AND b.public_id = $2"
        ),
        p![exam_id, public_id],
    )
    .await
}

/// A page of an exam's messages, newest first.
pub(super) async fn listed(
    q: &mut impl Query,
    exam_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<BroadcastRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.exam_id, b.state, b.audience, b.title, b.body, b.leads, b.by_sms, b.reached, \
             b.told, b.created_by, b.created_at, b.sent_at, b.finished_at, b.version, w.name, s.name FROM broadcast b \
             LEFT JOIN staff w ON w.id = b.created_by LEFT JOIN staff s ON s.id = b.sent_by \
             WHERE b.exam_id = $1 AND b.id < $2 ORDER BY b.id DESC LIMIT $3"
        ),
        p![exam_id, before, limit],
    )
    .await
}

/// Messages on their way, oldest first: their ids.
pub(super) async fn sending(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!("SELECT id FROM broadcast WHERE state = 'sending' ORDER BY id LIMIT 100"),
        p![],
    )
    .await
}

record! {
    /// An applicant, with what decides whether he is written to.
    #[derive(Debug, Clone)]
    pub(super) struct ReaderRow {
        pub(super) application_id: i64,
        pub(super) account_id: i64,
        pub(super) name: String,
        pub(super) registration_no: String,
        pub(super) review: String,
        pub(super) payment: String,
        pub(super) unit: String,
        pub(super) position_id: Option<i64>,
    }
}

/// The next living applications of an exam, whoever they are: the audience is picked out of them.
pub(super) async fn readers_after(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ReaderRow>> {
    q.rows(
        sql!(
            "SELECT id, account_id, name, registration_no, review, payment, unit, position_id FROM application \
             WHERE exam_id = $1 AND life = 'live' AND id > $2 ORDER BY id LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}
