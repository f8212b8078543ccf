//! The statements about lists and those who are on them.

use db::{DbResult, Query, p, record, sql};

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 19,
        name: "公布的名单由一人生成、另一人核对，更改写明理由",
        examined: sql!(
            "SELECT COUNT(*) FROM selection_round WHERE state IN ('published', 'superseded')"
        ),
        broken: sql!(
            "SELECT CAST(r.id AS TEXT) FROM selection_round r WHERE r.state IN ('published', 'superseded') \
             AND (r.checked_by IS NULL OR r.checked_by = r.made_by OR r.published_by IS NULL OR r.visible_at IS NULL \
             OR (r.reason = '' AND EXISTS (SELECT 1 FROM selection_round x WHERE x.exam_id = r.exam_id AND x.kind = r.kind \
             AND x.state IN ('published', 'superseded') AND x.version < r.version))) ORDER BY r.id LIMIT 1000"
        ),
    },
    Check {
        number: 20,
        name: "名单到公布的时间才办理",
        examined: sql!(
            "SELECT COUNT(*) FROM selection_round WHERE carried > 0 OR carried_at IS NOT NULL"
        ),
        broken: sql!(
            "SELECT CAST(r.id AS TEXT) FROM selection_round r WHERE (r.carried > 0 OR r.carried_at IS NOT NULL) \
             AND (r.visible_at IS NULL OR r.visible_at < COALESCE(r.published_at, 0) OR COALESCE(r.carried_at, r.visible_at) \
             < r.visible_at) ORDER BY r.id LIMIT 1000"
        ),
    },
    Check {
        number: 15,
        name: "入围人员的进程自洽，不利的结果由两人办理",
        examined: sql!("SELECT COUNT(*) FROM contender"),
        broken: sql!(
            "SELECT c.public_id FROM contender c LEFT JOIN contender_step s ON s.id = (SELECT MAX(x.id) FROM contender_step x \
             WHERE x.application_id = c.application_id AND x.state = 'done') \
             WHERE (s.id IS NULL AND c.stage NOT IN ('offered', 'called', 'qualified')) OR (s.id IS NOT NULL AND s.to_stage <> c.stage) \
             OR EXISTS (SELECT 1 FROM contender_step w WHERE w.application_id = c.application_id AND w.state = 'done' \
             AND w.actor_kind = 'staff' AND w.decided_by IS NULL AND w.event IN ('documents_fail', 'medical_fail', \
             'background_fail', 'objection_upheld', 'give_up', 'remove', 'reinstate')) ORDER BY c.application_id LIMIT 1000"
        ),
    },
    Check {
        number: 22,
        name: "递补按名次进行",
        examined: sql!("SELECT COUNT(*) FROM contender WHERE promoted = 'interview'"),
        broken: sql!(
            "SELECT a.registration_no FROM selection_round r JOIN selection_row s ON s.round_id = r.id AND s.verdict = 'beyond' \
             JOIN application a ON a.id = s.application_id AND a.life = 'live' \
             LEFT JOIN contender c ON c.application_id = s.application_id WHERE r.kind = 'shortlist' AND r.state = 'published' \
             AND c.application_id IS NULL AND EXISTS (SELECT 1 FROM contender o WHERE o.position_id = s.position_id \
             AND o.promoted = 'interview' AND o.rank > s.rank) AND NOT EXISTS (SELECT 1 FROM selection_round x \
             WHERE x.exam_id = r.exam_id AND x.kind = 'shortlist' AND x.state = 'superseded') ORDER BY a.id LIMIT 1000"
        ),
    },
];

/// People who take up a post, by position: position, people.
pub(in crate::invariants) async fn posts_taken(q: &mut impl Query) -> DbResult<Vec<(i64, i64)>> {
    q.rows(
        sql!(
            "SELECT position_id, COUNT(*) FROM contender WHERE stage IN ('medical', 'medical_again', 'background', 'proposed', \
             'announced', 'hired') GROUP BY position_id ORDER BY position_id"
        ),
        p![],
    )
    .await
}

record! {
    /// A list of who comes to the interview that is in force, with the settings of its exam.
    pub(in crate::invariants) struct ListRow {
        pub(in crate::invariants) id: i64,
        pub(in crate::invariants) basis: i64,
        pub(in crate::invariants) rules: String,
        pub(in crate::invariants) settings: String,
    }
}

/// Every list that was made of scores and is in force.
pub(in crate::invariants) async fn shortlists(q: &mut impl Query) -> DbResult<Vec<ListRow>> {
    q.rows(
        sql!(
            "SELECT r.id, r.basis, r.rules, e.settings FROM selection_round r JOIN exam e ON e.id = r.exam_id \
             WHERE r.kind = 'shortlist' AND r.state = 'published' AND r.basis <> 0 ORDER BY r.id"
        ),
        p![],
    )
    .await
}
