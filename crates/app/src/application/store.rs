//! SQL of applications, their history and files.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// An application without its sealed content.
    #[derive(Debug, Clone)]
    pub struct ApplicationRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub account_id: i64,
        pub registration_no: String,
        pub position_id: Option<i64>,
        pub unit: String,
        pub choice: String,
        pub life: String,
        pub end_reason: String,
        pub review: String,
        pub review_at: Option<i64>,
        pub review_reason: String,
        pub review_due: i64,
        pub payment: String,
        pub paid_at: Option<i64>,
        pub attendance: String,
        pub rejections: i64,
        pub verdict: String,
        pub name: String,
        pub snapshot_hash: Vec<u8>,
        pub settings_version: i64,
        pub agreement_version: i64,
        pub agreed_at: i64,
        pub photo_id: i64,
        pub fee: i64,
        pub submitted_at: i64,
        pub changed_at: i64,
        pub version: i64,
    }
}

pub(crate) async fn application_by_id(
    q: &mut impl Query,
    id: i64,
) -> DbResult<Option<ApplicationRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, end_reason, \
             review, review_at, review_reason, review_due, payment, paid_at, attendance, rejections, verdict, name, \
             snapshot_hash, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, changed_at, \
             version FROM application WHERE id = $1"
        ),
        p![id],
    )
    .await
}

pub(crate) async fn application_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ApplicationRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, end_reason, \
             review, review_at, review_reason, review_due, payment, paid_at, attendance, rejections, verdict, name, \
             snapshot_hash, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, changed_at, \
             version FROM application WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The one application of an account in an exam that isn't over.
pub(crate) async fn application_living(
    q: &mut impl Query,
    exam_id: i64,
    account_id: i64,
) -> DbResult<Option<ApplicationRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, end_reason, \
             review, review_at, review_reason, review_due, payment, paid_at, attendance, rejections, verdict, name, \
             snapshot_hash, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, changed_at, \
             version FROM application WHERE exam_id = $1 AND account_id = $2 AND life IN ('draft', 'live')"
        ),
        p![exam_id, account_id],
    )
    .await
}

/// Every application of an account, newest first.
pub(crate) async fn applications_of(
    q: &mut impl Query,
    account_id: i64,
    limit: i64,
) -> DbResult<Vec<ApplicationRow>> {
    q.rows(
        point!(
            "SELECT id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, end_reason, \
             review, review_at, review_reason, review_due, payment, paid_at, attendance, rejections, verdict, name, \
             snapshot_hash, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, changed_at, \
             version FROM application WHERE account_id = $1 AND life <> 'draft' ORDER BY id DESC LIMIT $2"
        ),
        p![account_id, limit],
    )
    .await
}

/// The applications of an exam after a 报名序号, in its order, whatever became of them; drafts are none yet.
pub(crate) async fn applications_after(
    q: &mut impl Query,
    exam_id: i64,
    after: &str,
    limit: i64,
) -> DbResult<Vec<ApplicationRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, end_reason, \
             review, review_at, review_reason, review_due, payment, paid_at, attendance, rejections, verdict, name, \
             snapshot_hash, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, changed_at, \
             version FROM application WHERE exam_id = $1 AND registration_no > $2 AND life <> 'draft' \
             ORDER BY registration_no LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

/// Empties what an applicant submitted; the hash stays and says what it was.
pub(crate) async fn content_erase(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE application SET snapshot = $2, answers = $2 WHERE id = $1"),
        p![id, &[][..] as &[u8]],
    )
    .await
}

/// Bytes of what an applicant submitted, as stored.
pub(crate) async fn content_size(q: &mut impl Query, id: i64) -> DbResult<i64> {
    q.one(
        point!("SELECT LENGTH(snapshot) + LENGTH(answers) FROM application WHERE id = $1"),
        p![id],
    )
    .await
}

/// The living applications of an account whose fee may wait for a photo: a handful beyond `after`.
pub(super) async fn living_ids_of(
    q: &mut impl Query,
    account_id: i64,
    after: i64,
) -> DbResult<Vec<i64>> {
    q.rows(
        point!(
            "SELECT id FROM application WHERE account_id = $1 AND life = 'live' AND payment = 'none' \
             AND id > $2 ORDER BY id LIMIT 8"
        ),
        p![account_id, after],
    )
    .await
}

/// The sealed content: snapshot and answers.
pub(crate) async fn content_of(
    q: &mut impl Query,
    id: i64,
) -> DbResult<Option<(Vec<u8>, Vec<u8>)>> {
    q.opt(
        point!("SELECT snapshot, answers FROM application WHERE id = $1"),
        p![id],
    )
    .await
}

/// What the candidate submitted, as columns. Sealed before the command runs.
#[derive(Debug, Clone)]
pub(crate) struct ContentColumns {
    pub position_id: Option<i64>,
    pub unit: String,
    pub choice: String,
    pub verdict: &'static str,
    pub name: String,
    pub snapshot: Vec<u8>,
    pub snapshot_hash: [u8; 32],
    pub answers: Vec<u8>,
    pub settings_version: i64,
    pub agreement_version: i64,
    pub agreed_at: i64,
    pub photo_id: i64,
    pub fee: i64,
    /// What the carried-over file says; `None` for exams that carry nothing over.
    pub carried: Option<CarriedColumns>,
    /// What was known of the checks that the exam asks for.
    pub checks: Vec<domain::check::CheckSeen>,
}

/// What the carried-over file says of what is submitted.
#[derive(Debug, Clone)]
pub(crate) struct CarriedColumns {
    /// A [`domain::exam::Standing`]'s code.
    pub standing: &'static str,
    /// The upload that was asked; 0 for none.
    pub import_id: i64,
    /// Its seal of this person.
    pub seal: String,
}

/// Keeps what the file says of an application, in place of what it said before.
pub(super) async fn carried_put(
    tx: &mut Tx,
    (application_id, exam_id): (i64, i64),
    c: &CarriedColumns,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application_carried (application_id, exam_id, standing, import_id, seal) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (application_id) DO UPDATE SET standing = excluded.standing, import_id = excluded.import_id, \
             seal = excluded.seal"
        ),
        p![application_id, exam_id, c.standing, c.import_id, &c.seal],
    )
    .await
}

/// What was known of a check when an application was saved.
pub(super) async fn check_put(
    tx: &mut Tx,
    (application_id, exam_id): (i64, i64),
    c: &domain::check::CheckSeen,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application_check (application_id, exam_id, kind, demand, verdict, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (application_id, kind) DO UPDATE SET demand = excluded.demand, verdict = excluded.verdict, at = excluded.at"
        ),
        p![
            application_id,
            exam_id,
            c.kind.code(),
            c.demand.code(),
            c.verdict.map(domain::check::Verdict::code),
            c.at
        ],
    )
    .await
}

/// What the file said of an application when it was saved.
pub(super) async fn carried_standing(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT standing FROM application_carried WHERE application_id = $1"),
        p![application_id],
    )
    .await
}

/// A new application, still a draft; [`super::advance_with`] makes it live in the same transaction. `keys`: id, public id,
/// exam, account, and a registration number that stands in until there is a real one.
pub(super) async fn application_insert(
    tx: &mut Tx,
    keys: (i64, &str, i64, i64),
    c: &ContentColumns,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application (id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, \
             life, end_reason, review, review_reason, review_due, payment, attendance, rejections, verdict, name, \
             snapshot, snapshot_hash, answers, settings_version, agreement_version, agreed_at, photo_id, fee, \
             submitted_at, changed_at, version) VALUES ($1, $2, $3, $4, $2, $5, $6, $7, 'draft', '', 'none', '', 0, \
             'none', 'none', 0, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, 1)"
        ),
        p![
            keys.0,
            keys.1,
            keys.2,
            keys.3,
            c.position_id,
            &c.unit,
            &c.choice,
            c.verdict,
            &c.name,
            &c.snapshot,
            &c.snapshot_hash,
            &c.answers,
            c.settings_version,
            c.agreement_version,
            c.agreed_at,
            c.photo_id,
            c.fee,
            at
        ],
    )
    .await
}

/// Puts new content in place of the old at the version that was read.
pub(super) async fn content_put(
    tx: &mut Tx,
    (id, version): (i64, i64),
    c: &ContentColumns,
    fee: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE application SET position_id = $3, unit = $4, choice = $5, verdict = $6, name = $7, snapshot = $8, \
             snapshot_hash = $9, answers = $10, settings_version = $11, agreement_version = $12, agreed_at = $13, \
             photo_id = $14, fee = $15 WHERE id = $1 AND version = $2"
        ),
        p![
            id,
            version,
            c.position_id,
            &c.unit,
            &c.choice,
            c.verdict,
            &c.name,
            &c.snapshot,
            &c.snapshot_hash,
            &c.answers,
            c.settings_version,
            c.agreement_version,
            c.agreed_at,
            c.photo_id,
            fee
        ],
    )
    .await
}

/// Another fee, at the version that was read: a part of it was waived.
pub(crate) async fn fee_put(tx: &mut Tx, id: i64, version: i64, fee: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE application SET fee = $3, version = version + 1 WHERE id = $1 AND version = $2"
        ),
        p![id, version, fee],
    )
    .await
}

/// Another photo for the living applications that carry the one `before` it; those with a seat only if `seated`.
pub(super) async fn photo_put(
    tx: &mut Tx,
    account_id: i64,
    (before, after): (i64, i64),
    seated: bool,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE application SET photo_id = $3 WHERE account_id = $1 AND photo_id = $2 AND life = 'live' \
             AND ($4 = 1 OR NOT EXISTS (SELECT 1 FROM exam e JOIN seat s ON s.plan_id = e.seat_plan \
             AND s.application_id = application.id WHERE e.id = application.exam_id))"
        ),
        p![account_id, before, after, i64::from(seated)],
    )
    .await
}

/// How a living application compares with its position now: conditions may be amended after it was made. What was submitted,
/// its own comparison among it, stays as it is in the snapshot.
pub(crate) async fn verdict_put(
    tx: &mut Tx,
    id: i64,
    position_id: i64,
    verdict: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE application SET verdict = $3 WHERE id = $1 AND position_id = $2 AND life = 'live' AND verdict <> $3"
        ),
        p![id, position_id, verdict],
    )
    .await
}

/// The columns that a step changes.
#[derive(Debug, Clone)]
pub(super) struct StateColumns<'a> {
    pub registration_no: &'a str,
    pub life: &'a str,
    pub end_reason: &'a str,
    pub review: &'a str,
    pub review_at: Option<i64>,
    pub review_reason: &'a str,
    pub review_due: i64,
    pub payment: &'a str,
    pub paid_at: Option<i64>,
    pub attendance: &'a str,
    pub rejections: i64,
}

/// Stores a state at the version that was read; 0 rows: somebody was faster.
pub(super) async fn state_put(
    tx: &mut Tx,
    id: i64,
    version: i64,
    s: &StateColumns<'_>,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE application SET registration_no = $3, life = $4, end_reason = $5, review = $6, review_at = $7, \
             review_reason = $8, review_due = $9, payment = $10, paid_at = $11, attendance = $12, rejections = $13, \
             changed_at = $14, version = version + 1 WHERE id = $1 AND version = $2"
        ),
        p![
            id,
            version,
            s.registration_no,
            s.life,
            s.end_reason,
            s.review,
            s.review_at,
            s.review_reason,
            s.review_due,
            s.payment,
            s.paid_at,
            s.attendance,
            s.rejections,
            at
        ],
    )
    .await
}

/// One line of an application's history. `who`: kind and id; `what`: event and note.
pub(super) async fn event_insert(
    tx: &mut Tx,
    ids: (i64, i64),
    who: (&str, i64),
    what: (&str, &str),
    position_id: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application_event (id, application_id, at, actor_kind, actor_id, event, position_id, note) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        p![ids.0, ids.1, at, who.0, who.1, what.0, position_id, what.1],
    )
    .await
}

record! {
    /// A line of an application's history.
    #[derive(Debug, Clone)]
    pub struct EventRow {
        pub at: i64,
        pub actor_kind: String,
        pub actor_id: i64,
        /// The name of the member of staff; empty for others.
        pub actor_name: String,
        pub event: String,
        pub note: String,
    }
}

/// The history of an application, oldest first.
pub(crate) async fn events_of(q: &mut impl Query, application_id: i64) -> DbResult<Vec<EventRow>> {
    q.rows(
        point!(
            "SELECT e.at, e.actor_kind, e.actor_id, COALESCE(s.name, ''), e.event, e.note FROM application_event e \
             LEFT JOIN staff s ON e.actor_kind = 'staff' AND s.id = e.actor_id \
             WHERE e.application_id = $1 ORDER BY e.id LIMIT 200"
        ),
        p![application_id],
    )
    .await
}

/// Whether the refusal that stands now was upheld after an appeal.
pub(super) async fn appealed_before(q: &mut impl Query, application_id: i64) -> DbResult<bool> {
    let last: Option<String> = q
        .opt(
            point!(
                "SELECT event FROM application_event WHERE application_id = $1 \
                 AND event IN ('reject', 'supplement_due', 'uphold') ORDER BY id DESC LIMIT 1"
            ),
            p![application_id],
        )
        .await?;
    Ok(last.as_deref() == Some("uphold"))
}

/// How often a position has refused this person in this exam.
pub(super) async fn refusals_by(
    q: &mut impl Query,
    exam_id: i64,
    account_id: i64,
    position_id: i64,
) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT COUNT(*) FROM application_event e JOIN application a ON a.id = e.application_id \
             WHERE a.account_id = $2 AND a.exam_id = $1 AND e.position_id = $3 \
             AND e.event IN ('reject', 'supplement_due')"
        ),
        p![exam_id, account_id, position_id],
    )
    .await
}

/// Whether the published seat plan holds a seat for the application.
pub(crate) async fn seated(q: &mut impl Query, application_id: i64) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM application a JOIN exam e ON e.id = a.exam_id \
             JOIN seat s ON s.plan_id = e.seat_plan AND s.application_id = a.id WHERE a.id = $1) THEN 1 ELSE 0 END"
        ),
        p![application_id],
    )
    .await
}

/// Hangs a stored file on an application's question.
pub(super) async fn file_insert(
    tx: &mut Tx,
    ids: (i64, i64),
    question: &str,
    object_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO application_file (id, application_id, question, object_id) VALUES ($1, $2, $3, $4)"
        ),
        p![ids.0, ids.1, question, object_id],
    )
    .await
}

/// Takes all files off an application before those of the new content are hung on.
pub(super) async fn files_clear(tx: &mut Tx, application_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM application_file WHERE application_id = $1"),
        p![application_id],
    )
    .await
}

/// The object behind a file of an application, by its public id.
pub(crate) async fn file_object(
    q: &mut impl Query,
    application_id: i64,
    public_id: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        point!(
            "SELECT o.id FROM object o JOIN application_file f ON f.object_id = o.id \
             WHERE o.public_id = $2 AND f.application_id = $1 LIMIT 1"
        ),
        p![application_id, public_id],
    )
    .await
}
