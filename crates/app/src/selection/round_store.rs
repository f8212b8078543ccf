//! SQL of lists.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A list.
    #[derive(Debug, Clone)]
    pub struct RoundRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        /// A [`domain::selection::RoundKind`]'s code.
        pub kind: String,
        pub version: i64,
        pub state: String,
        /// What it was made of; 0 where there is nothing.
        pub basis: i64,
        /// `SelectionRules` as JSON.
        pub rules: String,
        pub digest: String,
        /// How many the list lets go on, how many it excludes, and positions that it speaks of.
        pub people: i64,
        pub excluded: i64,
        pub positions: i64,
        pub reason: String,
        pub made_by: i64,
        pub made_at: i64,
        pub checked_by: Option<i64>,
        pub checked_at: Option<i64>,
        pub published_by: Option<i64>,
        pub published_at: Option<i64>,
        pub visible_at: Option<i64>,
        pub reached: i64,
        pub carried: i64,
        pub carried_at: Option<i64>,
        /// Names of those who made, checked and published it; empty for none.
        pub maker: String,
        pub checker: String,
        pub publisher: String,
    }
}

/// 0 rows: another list of the kind is open.
pub(super) async fn round_insert(
    tx: &mut Tx,
    ids: (i64, &str, i64),
    kind: &str,
    basis: i64,
    rules: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO selection_round (id, public_id, exam_id, kind, version, state, basis, rules, digest, people, excluded, \
             positions, reason, made_by, made_at, reached, carried) SELECT $1, $2, $3, $4, COALESCE(MAX(version), 0) + 1, \
             'staging', $5, $6, '', 0, 0, 0, '', $7, $8, 0, 0 FROM selection_round WHERE exam_id = $3 AND kind = $4 ON CONFLICT DO NOTHING"
        ),
        p![ids.0, ids.1, ids.2, kind, basis, rules, who.0, who.1],
    )
    .await
}

/// A list of this kind that is being made, checked or waits to be published.
pub(super) async fn round_open(
    q: &mut impl Query,
    exam_id: i64,
    kind: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        point!(
            "SELECT id FROM selection_round WHERE exam_id = $1 AND kind = $2 AND state IN ('staging', 'draft', 'checked')"
        ),
        p![exam_id, kind],
    )
    .await
}

/// Holds a list that is being written; 0 rows: it was given up.
pub(super) async fn round_hold(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE selection_round SET carried = 0 WHERE id = $1 AND state = 'staging'"),
        p![id],
    )
    .await
}

/// All lines are there.
pub(super) async fn round_drafted(
    tx: &mut Tx,
    id: i64,
    digest: &str,
    counts: (i64, i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET state = 'draft', digest = $2, people = $3, excluded = $4, positions = $5 \
             WHERE id = $1 AND state = 'staging'"
        ),
        p![id, digest, counts.0, counts.1, counts.2],
    )
    .await
}

/// A line was decided about: the list has another digest. 0 rows: it isn't a draft any more.
pub(super) async fn round_redigested(
    tx: &mut Tx,
    id: i64,
    was: &str,
    digest: &str,
    people: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET digest = $3, people = $4 WHERE id = $1 AND state = 'draft' AND digest = $2"
        ),
        p![id, was, digest, people],
    )
    .await
}

/// The second person's word; 0 rows: it was moved meanwhile, or it is the same person.
pub(super) async fn round_checked(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET state = 'checked', checked_by = $2, checked_at = $3 \
             WHERE id = $1 AND state = 'draft' AND made_by <> $2"
        ),
        p![id, who.0, who.1],
    )
    .await
}

pub(super) async fn round_published(
    tx: &mut Tx,
    id: i64,
    who: (i64, i64),
    visible_at: i64,
    reason: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET state = 'published', published_by = $2, published_at = $3, visible_at = $4, reason = $5, \
             reached = 0, carried = 0 WHERE id = $1 AND state = 'checked'"
        ),
        p![id, who.0, who.1, visible_at, reason],
    )
    .await
}

/// Takes a time back before it came; 0 rows: it came.
pub(super) async fn round_withdrawn(tx: &mut Tx, id: i64, now: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET state = 'checked', published_by = NULL, published_at = NULL, visible_at = NULL \
             WHERE id = $1 AND state = 'published' AND visible_at > $2 AND carried_at IS NULL"
        ),
        p![id, now],
    )
    .await
}

/// Moves a list along; 0 rows: it wasn't in that state any more.
pub(super) async fn round_set_state(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE selection_round SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// Gives a list up; 0 rows: it is published, or given up already.
pub(super) async fn round_dropped(
    tx: &mut Tx,
    id: i64,
    who: (i64, i64),
    why: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET state = 'discarded', dropped_by = $2, dropped_at = $3, dropped_why = $4 \
             WHERE id = $1 AND state IN ('staging', 'draft', 'checked')"
        ),
        p![id, who.0, who.1, why],
    )
    .await
}

/// How far a list was carried out; 0 rows: another worker was there.
pub(super) async fn round_advance(
    tx: &mut Tx,
    id: i64,
    span: (i64, i64),
    carried: i64,
    done: Option<i64>,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE selection_round SET reached = $3, carried = carried + $4, carried_at = $5 \
             WHERE id = $1 AND reached = $2 AND state = 'published' AND carried_at IS NULL"
        ),
        p![id, span.0, span.1, carried, done],
    )
    .await
}

/// Keeps others out until the transaction ends: whoever gives places of an exam away looks at them alone.
pub(super) async fn round_lock(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE selection_round SET carried = carried WHERE id = $1 AND state = 'published'"),
        p![id],
    )
    .await
}

pub(super) async fn round_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<RoundRow>> {
    q.opt(
        point!(
            "SELECT r.id, r.public_id, r.exam_id, r.kind, r.version, r.state, r.basis, r.rules, r.digest, r.people, r.excluded, \
             r.positions, r.reason, r.made_by, r.made_at, r.checked_by, r.checked_at, r.published_by, r.published_at, \
             r.visible_at, r.reached, r.carried, r.carried_at, COALESCE(m.name, ''), COALESCE(c.name, ''), COALESCE(p.name, '') \
             FROM selection_round r LEFT JOIN staff m ON m.id = r.made_by LEFT JOIN staff c ON c.id = r.checked_by \
             LEFT JOIN staff p ON p.id = r.published_by WHERE r.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn round_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<RoundRow>> {
    q.opt(
        point!(
            "SELECT r.id, r.public_id, r.exam_id, r.kind, r.version, r.state, r.basis, r.rules, r.digest, r.people, r.excluded, \
             r.positions, r.reason, r.made_by, r.made_at, r.checked_by, r.checked_at, r.published_by, r.published_at, \
             r.visible_at, r.reached, r.carried, r.carried_at, COALESCE(m.name, ''), COALESCE(c.name, ''), COALESCE(p.name, '') \
             FROM selection_round r LEFT JOIN staff m ON m.id = r.made_by LEFT JOIN staff c ON c.id = r.checked_by \
             LEFT JOIN staff p ON p.id = r.published_by WHERE r.id = $1"
        ),
        p![id],
    )
    .await
}

/// The list of a kind that is in force, or will be at its time.
pub(super) async fn round_live(
    q: &mut impl Query,
    exam_id: i64,
    kind: &str,
) -> DbResult<Option<RoundRow>> {
    q.opt(
        point!(
            "SELECT r.id, r.public_id, r.exam_id, r.kind, r.version, r.state, r.basis, r.rules, r.digest, r.people, r.excluded, \
             r.positions, r.reason, r.made_by, r.made_at, r.checked_by, r.checked_at, r.published_by, r.published_at, \
             r.visible_at, r.reached, r.carried, r.carried_at, COALESCE(m.name, ''), COALESCE(c.name, ''), COALESCE(p.name, '') \
             FROM selection_round r LEFT JOIN staff m ON m.id = r.made_by LEFT JOIN staff c ON c.id = r.checked_by \
             LEFT JOIN staff p ON p.id = r.published_by WHERE r.exam_id = $1 AND r.kind = $2 AND r.state = 'published'"
        ),
        p![exam_id, kind],
    )
    .await
}

/// The list that a published one took the place of; `$3` is that one's version.
pub(super) async fn round_before(
    tx: &mut Tx,
    exam_id: i64,
    kind: &str,
    version: i64,
) -> DbResult<Option<i64>> {
    tx.opt(
        sql!(
            "SELECT id FROM selection_round WHERE exam_id = $1 AND kind = $2 AND version < $3 AND state = 'superseded' \
             ORDER BY version DESC LIMIT 1"
        ),
        p![exam_id, kind, version],
    )
    .await
}

/// The lists of an exam, newest first.
pub(super) async fn rounds_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<RoundRow>> {
    q.rows(
        sql!(
            "SELECT r.id, r.public_id, r.exam_id, r.kind, r.version, r.state, r.basis, r.rules, r.digest, r.people, r.excluded, \
             r.positions, r.reason, r.made_by, r.made_at, r.checked_by, r.checked_at, r.published_by, r.published_at, \
             r.visible_at, r.reached, r.carried, r.carried_at, COALESCE(m.name, ''), COALESCE(c.name, ''), COALESCE(p.name, '') \
             FROM selection_round r LEFT JOIN staff m ON m.id = r.made_by LEFT JOIN staff c ON c.id = r.checked_by \
             LEFT JOIN staff p ON p.id = r.published_by WHERE r.exam_id = $1 ORDER BY r.id DESC LIMIT 100"
        ),
        p![exam_id],
    )
    .await
}

/// Lists whose time has come and that aren't carried out.
pub(super) async fn rounds_due(q: &mut impl Query, now: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM selection_round WHERE state = 'published' AND carried_at IS NULL AND visible_at <= $1 \
             ORDER BY visible_at, id LIMIT 100"
        ),
        p![now],
    )
    .await
}

/// Whether a list of who comes to the interview was ever in force or will be.
pub(super) async fn shortlisted(q: &mut impl Query, exam_id: i64) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            point!(
                "SELECT id FROM selection_round WHERE exam_id = $1 AND kind = 'shortlist' AND state = 'published'"
            ),
            p![exam_id],
        )
        .await?;
    Ok(found.is_some())
}
