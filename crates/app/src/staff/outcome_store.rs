//! SQL of what became of what somebody asked another for: over other features' tables, each read along an index of its own that
//! begins with who asked, and no further than some rows.

use db::{DbResult, Query, p, record, sql};

record! {
    /// What became of one request.
    #[derive(Debug, Clone)]
    pub struct OutcomeRow {
        /// An approval's kind, or `refund`, `claim`, `decision`, `change`, `archive`, `score`.
        pub kind: String,
        /// As its table calls it; a refund is `approved`, `refused`, `failed` at the channel or `lapsed`, scores are `checked` or
        /// `dropped`, a change that was drafted over older settings is `lapsed`.
        pub state: String,
        /// What URLs carry; for a refund its order's.
        pub item: String,
        /// The exam's public id; empty for none.
        pub exam: String,
        /// The exam's title, the order's number, the name in a claim; empty where the kind says it all.
        pub about: String,
        /// Why.
        pub note: String,
        /// Who decided; empty for the system.
        pub decider: String,
        /// When.
        pub at: i64,
    }
}

/// What became of what this person asked for since then.
pub(super) async fn outcomes(
    q: &mut impl Query,
    staff_id: i64,
    since: i64,
) -> DbResult<Vec<OutcomeRow>> {
    q.rows(
        sql!(
            "SELECT w.kind, w.state, w.item, w.exam, w.about, w.note, COALESCE(s.name, ''), w.at FROM ( \
             SELECT * FROM (SELECT a.kind AS kind, a.state AS state, a.public_id AS item, '' AS exam, '' AS about, a.note \
             AS note, a.decided_by AS who, a.decided_at AS at FROM approval a WHERE a.requested_by = $1 AND a.state = \
             'rejected' AND a.decided_at > $2 ORDER BY a.decided_at DESC LIMIT 20) AS x1 \
             UNION ALL SELECT * FROM (SELECT a.kind AS kind, a.state AS state, a.public_id AS item, '' AS exam, '' AS \
             about, a.note AS note, a.decided_by AS who, a.decided_at AS at FROM approval a WHERE a.requested_by = $1 AND \
             a.state = 'approved' AND a.decided_at > $2 ORDER BY a.decided_at DESC LIMIT 20) AS x2 \
             UNION ALL SELECT * FROM (SELECT 'refund' AS kind, CASE WHEN r.state <> 'failed' THEN 'approved' WHEN \
             r.queries > 0 THEN 'failed' WHEN r.approved_by IS NULL THEN 'lapsed' ELSE 'refused' END AS state, \
             o.public_id AS item, '' AS exam, o.order_no AS about, COALESCE(r.note, '') AS note, r.approved_by AS who, \
             r.decided_at AS at FROM refund r JOIN payment_order o ON o.id = r.order_id WHERE r.requested_by = $1 AND \
             r.state = 'failed' AND r.decided_at > $2 ORDER BY r.decided_at DESC LIMIT 20) AS x3 \
             UNION ALL SELECT * FROM (SELECT 'refund' AS kind, CASE WHEN r.state <> 'failed' THEN 'approved' WHEN \
             r.queries > 0 THEN 'failed' WHEN r.approved_by IS NULL THEN 'lapsed' ELSE 'refused' END AS state, \
             o.public_id AS item, '' AS exam, o.order_no AS about, COALESCE(r.note, '') AS note, r.approved_by AS who, \
             r.decided_at AS at FROM refund r JOIN payment_order o ON o.id = r.order_id WHERE r.requested_by = $1 AND \
             r.state = 'approved' AND r.decided_at > $2 ORDER BY r.decided_at DESC LIMIT 20) AS x4 \
             UNION ALL SELECT * FROM (SELECT 'refund' AS kind, CASE WHEN r.state <> 'failed' THEN 'approved' WHEN \
             r.queries > 0 THEN 'failed' WHEN r.approved_by IS NULL THEN 'lapsed' ELSE 'refused' END AS state, \
             o.public_id AS item, '' AS exam, o.order_no AS about, COALESCE(r.note, '') AS note, r.approved_by AS who, \
             r.decided_at AS at FROM refund r JOIN payment_order o ON o.id = r.order_id WHERE r.requested_by = $1 AND \
             r.state = 'submitted' AND r.decided_at > $2 ORDER BY r.decided_at DESC LIMIT 20) AS x5 \
             UNION ALL SELECT * FROM (SELECT 'refund' AS kind, CASE WHEN r.state <> 'failed' THEN 'approved' WHEN \
             r.queries > 0 THEN 'failed' WHEN r.approved_by IS NULL THEN 'lapsed' ELSE 'refused' END AS state, \
             o.public_id AS item, '' AS exam, o.order_no AS about, COALESCE(r.note, '') AS note, r.approved_by AS who, \
             r.decided_at AS at FROM refund r JOIN payment_order o ON o.id = r.order_id WHERE r.requested_by = $1 AND \
             r.state = 'succeeded' AND r.decided_at > $2 ORDER BY r.decided_at DESC LIMIT 20) AS x6 \
             UNION ALL SELECT * FROM (SELECT 'claim' AS kind, c.state AS state, c.public_id AS item, '' AS exam, c.name \
             AS about, c.note AS note, c.decided_by AS who, c.decided_at AS at FROM account_claim c WHERE c.checked_by = \
             $1 AND c.state = 'refused' AND c.decided_at > $2 ORDER BY c.decided_at DESC LIMIT 20) AS x7 \
             UNION ALL SELECT * FROM (SELECT 'claim' AS kind, c.state AS state, c.public_id AS item, '' AS exam, c.name \
             AS about, c.note AS note, c.decided_by AS who, c.decided_at AS at FROM account_claim c WHERE c.checked_by = \
             $1 AND c.state = 'granted' AND c.decided_at > $2 ORDER BY c.decided_at DESC LIMIT 20) AS x8 \
             UNION ALL SELECT * FROM (SELECT 'decision' AS kind, d.state AS state, d.public_id AS item, e.public_id AS \
             exam, e.title AS about, d.note AS note, d.decided_by AS who, d.decided_at AS at FROM position_decision d \
             JOIN exam e ON e.id = d.exam_id WHERE d.asked_by = $1 AND d.decided_at > $2 AND d.state IN ('rejected', \
             'running', 'done') ORDER BY d.decided_at DESC LIMIT 20) AS x9 \
             UNION ALL SELECT * FROM (SELECT 'change' AS kind, h.state AS state, h.public_id AS item, e.public_id AS \
             exam, e.title AS about, h.note AS note, h.decided_by AS who, h.decided_at AS at FROM settings_change h JOIN \
             exam e ON e.id = h.exam_id WHERE h.asked_by = $1 AND h.decided_at > $2 AND h.decided_by <> $1 ORDER BY \
             h.decided_at DESC LIMIT 20) AS x10 \
             UNION ALL SELECT * FROM (SELECT 'change' AS kind, 'lapsed' AS state, h.public_id AS item, e.public_id AS \
             exam, e.title AS about, '' AS note, h.decided_by AS who, h.created_at AS at FROM settings_change h JOIN exam \
             e ON e.id = h.exam_id WHERE h.asked_by = $1 AND h.state = 'asked' AND h.base_version <> e.settings_version \
             ORDER BY h.created_at DESC LIMIT 20) AS x11 \
             UNION ALL SELECT * FROM (SELECT 'archive' AS kind, v.state AS state, v.public_id AS item, e.public_id AS \
             exam, e.title AS about, v.note AS note, v.decided_by AS who, v.decided_at AS at FROM exam_archive v JOIN \
             exam e ON e.id = v.exam_id WHERE v.asked_by = $1 AND v.decided_at > $2 AND v.state <> 'withdrawn' ORDER BY \
             v.decided_at DESC LIMIT 20) AS x12 \
             UNION ALL SELECT * FROM (SELECT 'score' AS kind, 'checked' AS state, b.public_id AS item, e.public_id AS \
             exam, e.title AS about, '' AS note, b.checked_by AS who, b.checked_at AS at FROM score_batch b JOIN exam e \
             ON e.id = b.exam_id WHERE b.imported_by = $1 AND b.checked_at > $2 AND b.dropped_at IS NULL ORDER BY \
             b.checked_at DESC LIMIT 20) AS x13 \
             UNION ALL SELECT * FROM (SELECT 'score' AS kind, 'dropped' AS state, b.public_id AS item, e.public_id AS \
             exam, e.title AS about, COALESCE(b.dropped_why, '') AS note, b.dropped_by AS who, b.dropped_at AS at FROM \
             score_batch b JOIN exam e ON e.id = b.exam_id WHERE b.imported_by = $1 AND b.dropped_at > $2 AND \
             b.dropped_by <> $1 ORDER BY b.dropped_at DESC LIMIT 20) AS x14 \
             ) AS w LEFT JOIN staff s ON s.id = w.who"
        ),
        p![staff_id, since],
    )
    .await
}
