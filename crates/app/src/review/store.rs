//! SQL of review claims, decisions and queues.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};
use domain::eligibility::Verdict;
use domain::review::Review;

pub(super) async fn claim_delete(tx: &mut Tx, application_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM review_claim WHERE application_id = $1"),
        p![application_id],
    )
    .await
}

/// Takes an application for a reviewer; 0 rows: another one holds it.
pub(super) async fn claim_put(
    tx: &mut Tx,
    application_id: i64,
    staff_id: i64,
    at: i64,
    until: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO review_claim (application_id, staff_id, until) VALUES ($1, $2, $4) \
             ON CONFLICT (application_id) DO UPDATE SET staff_id = excluded.staff_id, until = excluded.until \
             WHERE review_claim.staff_id = $2 OR review_claim.until <= $3"
        ),
        p![application_id, staff_id, at, until],
    )
    .await
}

pub(super) async fn claim_delete_own(
    tx: &mut Tx,
    application_id: i64,
    staff_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM review_claim WHERE application_id = $1 AND staff_id = $2"),
        p![application_id, staff_id],
    )
    .await
}

/// Who holds an application: staff id, name, until when.
pub(super) async fn claim_of(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<(i64, String, i64)>> {
    q.opt(
        point!(
            "SELECT c.staff_id, s.name, c.until FROM review_claim c JOIN staff s ON s.id = c.staff_id \
             WHERE c.application_id = $1"
        ),
        p![application_id],
    )
    .await
}

record! {
    /// An application in a queue.
    #[derive(Debug, Clone)]
    pub struct QueueRow {
        pub id: i64,
        pub public_id: String,
        pub registration_no: String,
        pub name: String,
        pub choice: String,
        pub unit: String,
        pub verdict: String,
        pub review: String,
        pub review_due: i64,
        pub submitted_at: i64,
        pub rejections: i64,
        /// Who holds it, empty for nobody.
        pub holder: String,
        pub holder_id: i64,
        pub held_until: i64,
    }
}

/// Units that a list is narrowed to, padded: SQL takes a fixed number. `all` lifts the bound.
#[derive(Debug, Clone)]
pub(super) struct Units {
    pub all: bool,
    pub names: [String; 8],
}

impl Units {
    /// Each unit once, padding left out.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| !name.starts_with('\u{1f}'))
    }
}

/// Which part of a queue.
#[derive(Debug, Clone)]
pub(super) struct Slice<'a> {
    pub exam_id: i64,
    pub review: &'a str,
    /// Every state but that one.
    pub other: bool,
    /// A verdict's code; empty for all.
    pub verdict: &'a str,
    /// Every verdict but that one.
    pub other_verdict: bool,
    /// The latest deadline first.
    pub latest: bool,
    /// A name or registration number, whole; empty for all.
    pub who: &'a str,
    /// A unit, whole; empty for all within the scope.
    pub unit: &'a str,
    /// Only those whose deadline had passed at this instant.
    pub late: Option<i64>,
    pub units: &'a Units,
}

/// One of the queues that a slice is read by: each of an index's leading columns is told, so that a page is read off its end.
#[derive(Debug, Clone, Copy)]
struct Lane<'a> {
    review: &'a str,
    /// `None` for all units together.
    unit: Option<&'a str>,
    /// Empty for all.
    verdict: &'a str,
}

fn lanes<'a>(s: &Slice<'a>) -> Vec<Lane<'a>> {
    let units: Vec<Option<&str>> = match (s.unit, s.units.all) {
        ("", true) => vec![None],
        ("", false) => s.units.each().map(Some).collect(),
        (unit, all) if all || s.units.each().any(|one| one == unit) => vec![Some(unit)],
        _ => Vec::new(),
    };
    let codes = Verdict::ALL.iter().map(|verdict| verdict.code());
    let verdicts: Vec<&str> = match s.verdict {
        // The index of verdicts holds living applications only: a count of it reads no row.
        "" if s.who.is_empty() && (s.late.is_some() || units.iter().any(Option::is_some)) => {
            codes.collect()
        }
        other if s.other_verdict => codes.filter(|code| *code != other).collect(),
        one => vec![one],
    };
    let codes = Review::ALL.iter().map(|review| review.code());
    let reviews: Vec<&str> = codes
        .filter(|code| (*code == s.review) != s.other)
        .collect();
    let mut lanes = Vec::new();
    for review in reviews {
        for unit in units.iter().copied() {
            let each = verdicts.iter().map(|verdict| Lane {
                review,
                unit,
                verdict,
            });
            lanes.extend(each);
        }
    }
    lanes
}

fn narrowed<'a>(select: Select<'a>, s: &Slice<'a>, lane: Lane<'a>) -> Select<'a> {
    let numbered = s.who.starts_with(|c: char| c.is_ascii_digit());
    let named = !s.who.is_empty() && !numbered;
    let select = select
        .and(
            piece!("a.exam_id = $1 AND a.review = $2 AND a.life = 'live'"),
            p![s.exam_id, lane.review],
        )
        .and_if(
            !lane.verdict.is_empty() && !named,
            piece!("a.verdict = $1"),
            p![lane.verdict],
        )
        // Of a name there are few: its own index (`application_named`) is to be read, not that of verdicts or units, which a
        // database without figures about its rows thinks as good. An expression is in no index.
        .and_if(
            !lane.verdict.is_empty() && named,
            piece!("a.verdict || '' = $1"),
            p![lane.verdict],
        )
        .and_if(
            !s.who.is_empty() && numbered,
            piece!("a.registration_no = $1"),
            p![s.who],
        )
        .and_if(named, piece!("a.name = $1"), p![s.who]);
    match lane.unit {
        Some(unit) if named => select.and(piece!("a.unit || '' = $1"), p![unit]),
        Some(unit) => select.and(piece!("a.unit = $1"), p![unit]),
        None => select,
    }
}

/// Where a list begins.
pub(super) const fn beginning(latest: bool) -> (i64, i64) {
    if latest {
        (i64::MAX, i64::MAX)
    } else {
        (i64::MIN, 0)
    }
}

/// Where a list of what is late begins or goes on: never among those without a deadline, which lie before, nor among those that
/// have time, which lie behind. So a page has one bound a side.
fn within(late: Option<i64>, latest: bool, after: (i64, i64)) -> (i64, i64) {
    match late {
        Some(at) if latest => after.min((at, i64::MAX)),
        Some(_) => after.max((0, i64::MAX)),
        None => after,
    }
}

/// A page of a queue, the most urgent or the latest first, after `(review_due, id)`.
pub(super) async fn queue_page(
    q: &mut impl Query,
    s: &Slice<'_>,
    after: (i64, i64),
    limit: i64,
) -> DbResult<Vec<QueueRow>> {
    let after = within(s.late, s.latest, after);
    let mut rows: Vec<QueueRow> = Vec::new();
    for lane in lanes(s) {
        let select = Select::new(
            piece!(
                "a.id, a.public_id, a.registration_no, a.name, a.choice, a.unit, a.verdict, a.review, a.review_due, \
                 a.submitted_at, a.rejections, COALESCE(s.name, ''), COALESCE(c.staff_id, 0), COALESCE(c.until, 0)"
            ),
            piece!(
                "application a LEFT JOIN review_claim c ON c.application_id = a.id \
                 LEFT JOIN staff s ON s.id = c.staff_id"
            ),
        );
        let select = narrowed(select, s, lane);
        let (beyond, order) = if s.latest {
            (
                piece!("(a.review_due, a.id) < ($1, $2)"),
                piece!("a.review_due DESC, a.id DESC"),
            )
        } else {
            (
                piece!("(a.review_due, a.id) > ($1, $2)"),
                piece!("a.review_due, a.id"),
            )
        };
        let far = match (s.late, s.latest) {
            (Some(_), true) => Some((piece!("a.review_due > $1"), 0)),
            (Some(at), false) => Some((piece!("a.review_due <= $1"), at)),
            (None, _) => None,
        };
        let select = match far {
            Some((piece, at)) => select.and(piece, p![at]),
            None => select,
        };
        let select = select
            .and(beyond, p![after.0, after.1])
            .order(order)
            .limit(u32::try_from(limit).unwrap_or(1));
        rows.extend(select.rows::<QueueRow>(q).await?);
    }
    rows.sort_by_key(|row| (row.review_due, row.id));
    if s.latest {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(rows)
}

/// Application, kind and sealed number of the documents of some applicants, with the account that each belongs to.
pub(super) async fn documents_of(
    q: &mut impl Query,
    applications: &[i64],
) -> DbResult<Vec<(i64, i64, String, Vec<u8>)>> {
    let ids: Vec<P<'_>> = applications.iter().map(|id| P::Int(*id)).collect();
    Select::new(
        piece!("a.id, c.id, c.id_type, c.id_number"),
        piece!("application a JOIN account c ON c.id = a.account_id"),
    )
    .one_of(piece!("a.id"), &ids)
    .rows(q)
    .await
}

/// How many there are in a queue; stops at `most`.
pub(super) async fn queue_count(q: &mut impl Query, s: &Slice<'_>, most: i64) -> DbResult<i64> {
    let mut count = 0;
    for lane in lanes(s) {
        let select = Select::new(piece!("a.id"), piece!("application a"));
        let select = match s.late {
            Some(at) => select.and(piece!("a.review_due > 0 AND a.review_due <= $1"), p![at]),
            None => select,
        };
        count += narrowed(select, s, lane).count(q, most).await?;
        if count >= most {
            break;
        }
    }
    Ok(count.min(most))
}

/// The most urgent application that nobody else holds.
pub(super) async fn queue_first_free(
    tx: &mut Tx,
    s: &Slice<'_>,
    staff_id: i64,
    at: i64,
    skip: i64,
) -> DbResult<Option<(i64, String)>> {
    let [a, b, c, d, e, f, g, h] = &s.units.names;
    tx.opt(
        sql!(
            "SELECT a.id, a.public_id FROM application a LEFT JOIN review_claim c ON c.application_id = a.id \
             WHERE a.exam_id = $1 AND a.review = $2 AND a.life = 'live' AND a.id <> $6 \
             AND (c.application_id IS NULL OR c.staff_id = $3 OR c.until <= $4) \
             AND ($5 = '' OR (a.verdict = $5) <> ($17 = 1)) AND ($7 = '' OR a.unit = $7) \
             AND ($8 = 1 OR a.unit IN ($9, $10, $11, $12, $13, $14, $15, $16)) \
             ORDER BY a.review_due, a.id LIMIT 1"
        ),
        p![
            s.exam_id, s.review, staff_id, at, s.verdict, skip, s.unit, s.units.all, a, b, c, d, e,
            f, g, h, s.other_verdict
        ],
    )
    .await
}

record! {
    /// A decision, with the name of who decided.
    #[derive(Debug, Clone)]
    pub struct DecisionRow {
        pub level: i64,
        pub decision: String,
        pub reason_code: String,
        pub reason: String,
        /// What is to be mended, as JSON.
        pub items: String,
        pub due: Option<i64>,
        pub snapshot_hash: Vec<u8>,
        pub decided_by: i64,
        pub decided_by_name: String,
        pub decided_at: i64,
    }
}

/// The decisions on an application, oldest first.
pub(crate) async fn decisions_of(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Vec<DecisionRow>> {
    q.rows(
        point!(
            "SELECT d.level, d.decision, d.reason_code, d.reason, d.items, d.due, d.snapshot_hash, d.decided_by, \
             COALESCE(s.name, ''), d.decided_at FROM review_decision d LEFT JOIN staff s ON s.id = d.decided_by \
             WHERE d.application_id = $1 ORDER BY d.id LIMIT 100"
        ),
        p![application_id],
    )
    .await
}

/// A decision's columns.
pub(super) struct DecisionInsert<'a> {
    pub id: i64,
    pub application_id: i64,
    pub level: i64,
    pub decision: &'a str,
    pub reason_code: &'a str,
    pub reason: &'a str,
    pub items: &'a str,
    pub due: Option<i64>,
    pub snapshot_hash: &'a [u8],
    pub by: i64,
    pub at: i64,
}

pub(super) async fn decision_insert(tx: &mut Tx, d: &DecisionInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO review_decision (id, application_id, level, decision, reason_code, reason, items, due, \
             snapshot_hash, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        p![
            d.id,
            d.application_id,
            d.level,
            d.decision,
            d.reason_code,
            d.reason,
            d.items,
            d.due,
            d.snapshot_hash,
            d.by,
            d.at
        ],
    )
    .await
}

/// The name of a member of staff.
pub(super) async fn staff_name(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(point!("SELECT name FROM staff WHERE id = $1"), p![id])
        .await
}

/// Applications whose reviewers are late and haven't been reminded since the review began.
pub(super) async fn overdue(q: &mut impl Query, at: i64, limit: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT a.id FROM application a WHERE a.life = 'live' AND a.review IN ('pending', 'first_approved') \
             AND a.review_due > 0 AND a.review_due <= $1 AND NOT EXISTS (SELECT 1 FROM application_event e \
             WHERE e.application_id = a.id AND e.event = 'review_timed_out' AND e.at >= COALESCE(a.review_at, 0)) \
             AND NOT EXISTS (SELECT 1 FROM setback s WHERE s.kind = 'review' AND s.id = a.id AND s.until > $1) \
             ORDER BY a.id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Applications that were sent back and not mended in time.
pub(super) async fn supplements_due(q: &mut impl Query, at: i64, limit: i64) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT a.id FROM application a WHERE a.life = 'live' AND a.review = 'returned' AND a.review_due > 0 \
             AND a.review_due <= $1 \
             AND NOT EXISTS (SELECT 1 FROM setback s WHERE s.kind = 'review' AND s.id = a.id AND s.until > $1) \
             ORDER BY a.id LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}
