//! SQL that an exam's file is made of: reads only, by key, a page at a time.

use db::{DbResult, Query, p, point, record, sql};

record! {
    /// A version of the settings.
    pub(super) struct SettingsRow {
        pub(super) version: i64,
        pub(super) settings: String,
        pub(super) reason: String,
        pub(super) changed_at: i64,
        pub(super) who: Option<String>,
    }
}

pub(super) async fn settings(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<SettingsRow>> {
    q.rows(
        sql!(
            "SELECT h.version, h.settings, h.reason, h.changed_at, s.name FROM exam_settings h \
             LEFT JOIN staff s ON s.id = h.changed_by WHERE h.exam_id = $1 ORDER BY h.version"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// An announcement that was out.
    pub(super) struct NoticeRow {
        pub(super) title: String,
        /// Sanitised HTML.
        pub(super) body: String,
        pub(super) state: String,
        pub(super) publish_at: i64,
    }
}

pub(super) async fn notices(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<NoticeRow>> {
    q.rows(
        sql!(
            "SELECT title, body, state, publish_at FROM announcement \
             WHERE exam_id = $1 AND state IN ('published', 'withdrawn') ORDER BY publish_at, id"
        ),
        p![exam_id],
    )
    .await
}

record! {
    /// A decision of the review.
    pub(super) struct DecisionRow {
        pub(super) level: i64,
        pub(super) decision: String,
        pub(super) reason: String,
        pub(super) decided_at: i64,
        pub(super) who: Option<String>,
    }
}

pub(super) async fn decisions(q: &mut impl Query, application: i64) -> DbResult<Vec<DecisionRow>> {
    q.rows(
        sql!(
            "SELECT d.level, d.decision, d.reason, d.decided_at, s.name FROM review_decision d \
             LEFT JOIN staff s ON s.id = d.decided_by WHERE d.application_id = $1 ORDER BY d.id"
        ),
        p![application],
    )
    .await
}

record! {
    /// An order with whose it is and how it was paid.
    pub(super) struct OrderRow {
        pub(super) id: i64,
        pub(super) order_no: String,
        pub(super) registration_no: String,
        pub(super) name: String,
        pub(super) amount: i64,
        pub(super) state: String,
        pub(super) created_at: i64,
        pub(super) paid_at: Option<i64>,
        pub(super) channel: Option<String>,
        pub(super) channel_no: Option<String>,
    }
}

pub(super) async fn orders(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<OrderRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.order_no, a.registration_no, a.name, o.amount, o.state, o.created_at, o.paid_at, t.channel, \
             t.channel_no FROM payment_order o JOIN application a ON a.id = o.application_id \
             LEFT JOIN payment_attempt t ON t.id = o.credited_attempt \
             WHERE o.exam_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

record! {
    /// Money that went back.
    pub(super) struct RefundRow {
        pub(super) refund_no: String,
        pub(super) amount: i64,
        pub(super) state: String,
        pub(super) reason: String,
        pub(super) created_at: i64,
        pub(super) finished_at: Option<i64>,
    }
}

pub(super) async fn refunds(q: &mut impl Query, order: i64) -> DbResult<Vec<RefundRow>> {
    q.rows(
        sql!(
            "SELECT refund_no, amount, state, reason, created_at, finished_at FROM refund \
             WHERE order_id = $1 ORDER BY id"
        ),
        p![order],
    )
    .await
}

record! {
    /// Money outside of the channels: a document, a 缴款码, or a line of a bank's list that counts.
    pub(super) struct DocumentRow {
        /// `paid`, `back`, `code`, `told`.
        pub(super) kind: String,
        pub(super) order_no: String,
        pub(super) method: String,
        pub(super) number: Option<String>,
        pub(super) amount: Option<i64>,
        pub(super) paid_at: Option<i64>,
        pub(super) state: String,
        pub(super) enterer: Option<String>,
        pub(super) entered_at: Option<i64>,
        pub(super) decider: Option<String>,
        pub(super) decided_at: Option<i64>,
        pub(super) note: String,
    }
}

/// All of an application, order by order.
pub(super) async fn documents(q: &mut impl Query, application: i64) -> DbResult<Vec<DocumentRow>> {
    let mut all: Vec<DocumentRow> = q
        .rows(
            sql!(
                "SELECT CASE WHEN x.refund_id IS NULL THEN 'paid' ELSE 'back' END, o.order_no, x.method, x.document_no, \
                 x.amount, x.paid_at, x.state, s.name, x.entered_at, d.name, x.decided_at, \
                 CASE WHEN x.note = '' THEN x.remark ELSE x.note END FROM payment_order o \
                 JOIN offline_entry x ON x.order_id = o.id LEFT JOIN staff s ON s.id = x.entered_by \
                 LEFT JOIN staff d ON d.id = x.decided_by WHERE o.application_id = $1 ORDER BY x.id"
            ),
            p![application],
        )
        .await?;
    let codes: Vec<DocumentRow> = q
        .rows(
            sql!(
                "SELECT 'code', o.order_no, '', c.code, NULL, NULL, '', NULL, c.asked_at, NULL, c.given_at, '' \
                 FROM payment_order o JOIN nontax_code c ON c.order_id = o.id WHERE o.application_id = $1 ORDER BY o.id"
            ),
            p![application],
        )
        .await?;
    all.extend(codes);
    let told: Vec<DocumentRow> = q
        .rows(
            sql!(
                "SELECT 'told', o.order_no, '', r.code || ' / ' || r.voucher, r.amount, r.paid_at, 'confirmed', s.name, \
                 b.entered_at, d.name, b.decided_at, b.file_name FROM payment_order o \
                 JOIN nontax_row r ON r.order_id = o.id JOIN nontax_batch b ON b.id = r.batch_id \
                 LEFT JOIN staff s ON s.id = b.entered_by LEFT JOIN staff d ON d.id = b.decided_by \
                 WHERE o.application_id = $1 AND b.state IN ('confirmed', 'done') AND r.outcome <> 'told_before' \
                 ORDER BY r.batch_id, r.line"
            ),
            p![application],
        )
        .await?;
    all.extend(told);
    Ok(all)
}

record! {
    /// A seat.
    pub(super) struct SeatRow {
        pub(super) session: i64,
        pub(super) site: String,
        pub(super) room: String,
        pub(super) room_no: i64,
        pub(super) seat_no: i64,
        pub(super) ticket_no: String,
    }
}

pub(super) async fn seats(
    q: &mut impl Query,
    plan: i64,
    application: i64,
) -> DbResult<Vec<SeatRow>> {
    q.rows(
        sql!(
            "SELECT s.session, r.site_name, r.room_name, s.room_no, s.seat_no, s.ticket_no FROM seat s \
             JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             WHERE s.plan_id = $1 AND s.application_id = $2 ORDER BY s.session"
        ),
        p![plan, application],
    )
    .await
}

/// Subject, mark and flag.
pub(super) async fn marks(
    q: &mut impl Query,
    batch: i64,
    application: i64,
) -> DbResult<Vec<(String, String, String)>> {
    q.rows(
        sql!(
            "SELECT subject_name, mark, flag FROM score WHERE batch_id = $1 AND application_id = $2 ORDER BY subject_code"
        ),
        p![batch, application],
    )
    .await
}

/// Total, rank, out of how many, whether passed.
pub(super) async fn total(
    q: &mut impl Query,
    batch: i64,
    application: i64,
) -> DbResult<Option<(String, Option<i64>, Option<i64>, String)>> {
    q.opt(
        point!(
            "SELECT total, rank, out_of, passed FROM score_total WHERE batch_id = $1 AND application_id = $2"
        ),
        p![batch, application],
    )
    .await
}

record! {
    /// An entry of the trail, whatever exam it is of.
    pub(super) struct EntryRow {
        pub(super) id: i64,
        pub(super) exam_id: i64,
        pub(super) at: i64,
        pub(super) actor_kind: String,
        pub(super) actor_id: i64,
        pub(super) action: String,
        pub(super) object_kind: String,
        pub(super) object_id: i64,
        pub(super) detail: String,
        pub(super) who: Option<String>,
    }
}

/// The next entries, of all exams: there is no index by exam, since every commit would pay for it; who wants one exam's picks them
/// out, and no read is long.
pub(super) async fn entries(q: &mut impl Query, after: i64, limit: i64) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.exam_id, e.at, e.actor_kind, e.actor_id, e.action, e.object_kind, e.object_id, e.detail, s.name \
             FROM audit_entry e LEFT JOIN staff s ON s.id = e.actor_id AND e.actor_kind = 'staff' \
             WHERE e.id > $1 ORDER BY e.id LIMIT $2"
        ),
        p![after, limit],
    )
    .await
}

record! {
    /// A stored file that something personal is in.
    pub(super) struct StoredRow {
        pub(super) object_id: i64,
        pub(super) file_name: String,
        pub(super) path: Option<String>,
        pub(super) size: i64,
    }
}

/// What an applicant uploaded, evidence for a waiver and scans of vouchers among it, as far as it is still there.
pub(super) async fn attachments(q: &mut impl Query, application: i64) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.file_name, o.path, o.size FROM object o WHERE o.size > 0 AND o.id IN \
             (SELECT f.object_id FROM application_file f WHERE f.application_id = $1 \
             UNION SELECT f.object_id FROM fee_waiver w JOIN fee_waiver_file f ON f.waiver_id = w.id \
             WHERE w.application_id = $1 UNION SELECT x.voucher_id FROM payment_order p JOIN offline_entry x \
             ON x.order_id = p.id WHERE p.application_id = $1 AND x.voucher_id IS NOT NULL) ORDER BY o.id"
        ),
        p![application],
    )
    .await
}

/// Photos of an account that were replaced and that no application to another exam still needs.
pub(super) async fn old_photos(
    q: &mut impl Query,
    exam_id: i64,
    account: i64,
) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.file_name, o.path, o.size FROM photo p JOIN object o ON o.id = p.object_id \
             WHERE p.account_id = $2 AND p.state = 'replaced' AND o.size > 0 AND NOT EXISTS ( \
             SELECT 1 FROM application a WHERE a.account_id = $2 AND a.photo_id = p.id AND a.exam_id <> $1 \
             AND NOT EXISTS (SELECT 1 FROM exam_archive x JOIN archive_purge g ON g.archive_id = x.id \
             WHERE x.exam_id = a.exam_id AND g.kind = 'old_photos' AND g.state = 'done')) ORDER BY p.id"
        ),
        p![exam_id, account],
    )
    .await
}

/// The tables that staff uploaded for an exam.
pub(super) async fn uploads(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.file_name, o.path, o.size FROM import_batch b JOIN object o ON o.id = b.object_id \
             WHERE b.exam_id = $1 AND o.size > 0 ORDER BY b.id LIMIT 500"
        ),
        p![exam_id],
    )
    .await
}

/// Entries of the files of returning candidates of an exam, whether they counted or not: id, and bytes of what is sealed.
pub(super) async fn carried(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT e.id, LENGTH(e.id_number) FROM carried_import i JOIN carried_entry e ON e.import_id = i.id \
             WHERE i.exam_id = $1 LIMIT 500"
        ),
        p![exam_id],
    )
    .await
}

/// The files of an archive, as far as they are still there.
pub(super) async fn package(q: &mut impl Query, archive: i64) -> DbResult<Vec<StoredRow>> {
    q.rows(
        sql!(
            "SELECT o.id, o.file_name, o.path, o.size FROM archive_file f JOIN object o ON o.id = f.object_id \
             WHERE f.archive_id = $1 AND o.size > 0 ORDER BY f.seq LIMIT 50"
        ),
        p![archive],
    )
    .await
}

/// What isn't over yet in an exam: reviews without an end, orders with money on its way, decisions, messages, scores that wait.
pub(super) async fn open_reviews(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM application WHERE exam_id = $1 AND life = 'live' \
             AND review IN ('pending', 'first_approved', 'returned', 'appealed') LIMIT 10001) AS open"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn open_orders(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM payment_order WHERE exam_id = $1 \
             AND state IN ('unpaid', 'paying', 'refunding', 'hold') LIMIT 10001) AS open"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn open_refunds(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM refund r JOIN payment_order o ON o.id = r.order_id WHERE o.exam_id = $1 \
             AND r.state IN ('requested', 'approved', 'submitted', 'unknown', 'abnormal')"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn open_decisions(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM position_decision WHERE exam_id = $1 AND state IN ('asked', 'running')"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn open_messages(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT (SELECT COUNT(*) FROM broadcast WHERE exam_id = $1 AND state = 'sending') \
             + (SELECT COUNT(*) FROM message_round WHERE exam_id = $1 AND finished_at IS NULL)"
        ),
        p![exam_id],
    )
    .await
}

pub(super) async fn open_scores(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM score_batch WHERE exam_id = $1 AND state IN ('staging', 'imported', 'checked')"
        ),
        p![exam_id],
    )
    .await
}
