//! SQL of candidates' photos.

use db::filter::Select;
use db::{DbResult, Query, Tx, p, piece, point, record, sql};

record! {
    /// A photo with what review said of it.
    #[derive(Debug, Clone)]
    pub struct PhotoRow {
        pub id: i64,
        pub public_id: String,
        pub account_id: i64,
        pub state: String,
        pub object_id: i64,
        /// What the machine noticed, as a JSON list of codes; for the reviewer.
        pub hints: String,
        pub uploaded_at: i64,
        pub reason_code: String,
        pub reason: String,
        pub decided_at: Option<i64>,
        pub version: i64,
        pub decided_by: Option<i64>,
        pub claimed_by: Option<i64>,
        pub claimed_until: i64,
    }
}

/// The photo that counts: the newest that wasn't replaced.
pub(super) async fn photo_current(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Option<PhotoRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, account_id, state, object_id, hints, uploaded_at, reason_code, reason, decided_at, \
             version, decided_by, claimed_by, claimed_until FROM photo WHERE account_id = $1 AND state <> 'replaced'"
        ),
        p![account_id],
    )
    .await
}

pub(super) async fn photo_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<PhotoRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, account_id, state, object_id, hints, uploaded_at, reason_code, reason, decided_at, \
             version, decided_by, claimed_by, claimed_until FROM photo WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The file of one photo of an account, current or replaced: what an application was made with.
pub(super) async fn photo_object(
    q: &mut impl Query,
    account_id: i64,
    photo_id: i64,
) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT object_id FROM photo WHERE id = $2 AND account_id = $1"),
        p![account_id, photo_id],
    )
    .await
}

/// Whether a live application of the account has a seat whose ticket can still be printed after `at`: then the photo stays
/// as it is. Once that is over, the application keeps its photo and the candidate may have another.
pub(super) async fn photo_frozen(q: &mut impl Query, account_id: i64, at: i64) -> DbResult<bool> {
    q.one(
        point!(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM application a JOIN exam e ON e.id = a.exam_id \
             JOIN seat s ON s.plan_id = e.seat_plan AND s.application_id = a.id \
             WHERE a.account_id = $1 AND a.life = 'live' AND e.state <> 'archived' \
             AND (e.ticket_closes = 0 OR e.ticket_closes > $2)) THEN 1 ELSE 0 END"
        ),
        p![account_id, at],
    )
    .await
}

pub(super) async fn photo_replace(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE photo SET state = 'replaced', version = version + 1 \
             WHERE account_id = $1 AND state <> 'replaced'"
        ),
        p![account_id],
    )
    .await
}

/// A new photo's columns.
pub(super) struct PhotoInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub account_id: i64,
    pub object_id: i64,
    pub size: (u32, u32),
    pub hints: &'a str,
    pub at: i64,
}

pub(super) async fn photo_insert(tx: &mut Tx, row: &PhotoInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO photo (id, public_id, account_id, state, object_id, width, height, hints, uploaded_at, \
             reason_code, reason, claimed_until, version) \
             VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, '', '', 0, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.account_id,
            row.object_id,
            row.size.0,
            row.size.1,
            row.hints,
            row.at
        ],
    )
    .await
}

/// The review's word on a pending photo. 0 rows: decided, replaced, or in another reviewer's hands.
pub(super) async fn photo_decide(
    tx: &mut Tx,
    id: i64,
    version: i64,
    decision: (&str, &str, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE photo SET state = $3, reason_code = $4, reason = $5, decided_by = $6, decided_at = $7, \
             claimed_by = NULL, claimed_until = 0, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state = 'pending' AND (claimed_by = $6 OR claimed_until <= $7)"
        ),
        p![id, version, decision.0, decision.1, decision.2, by, at],
    )
    .await
}

/// Takes photos for one reviewer: those nobody holds, oldest first.
pub(super) async fn photos_claim(
    tx: &mut Tx,
    staff_id: i64,
    at: i64,
    until: i64,
    limit: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE photo SET claimed_by = $1, claimed_until = $3 WHERE state = 'pending' \
             AND (claimed_until <= $2 OR claimed_by = $1) AND id IN (SELECT id FROM photo WHERE state = 'pending' \
             AND (claimed_until <= $2 OR claimed_by = $1) ORDER BY uploaded_at, id LIMIT $4)"
        ),
        p![staff_id, at, until, limit],
    )
    .await
}

record! {
    /// A photo in the review queue.
    #[derive(Debug, Clone)]
    pub struct QueueRow {
        pub id: i64,
        pub public_id: String,
        pub account_id: i64,
        pub name: String,
        pub id_type: String,
        pub id_number: Vec<u8>,
        pub hints: String,
        pub uploaded_at: i64,
        pub version: i64,
    }
}

/// What one reviewer holds.
pub(super) async fn photos_held(
    q: &mut impl Query,
    staff_id: i64,
    at: i64,
    limit: i64,
) -> DbResult<Vec<QueueRow>> {
    q.rows(
        sql!(
            "SELECT p.id, p.public_id, p.account_id, a.name, a.id_type, a.id_number, p.hints, p.uploaded_at, p.version FROM photo p \
             JOIN account a ON a.id = p.account_id WHERE p.state = 'pending' AND p.claimed_by = $1 \
             AND p.claimed_until > $2 ORDER BY p.uploaded_at, p.id LIMIT $3"
        ),
        p![staff_id, at, limit],
    )
    .await
}

/// How many photos wait; stops at 10,001.
pub(super) async fn photos_pending(q: &mut impl Query) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM photo WHERE state = 'pending' LIMIT 10001) w"),
        p![],
    )
    .await
}

record! {
    /// A photo that was decided.
    #[derive(Debug, Clone)]
    pub struct DecidedRow {
        pub id: i64,
        pub public_id: String,
        pub name: String,
        pub state: String,
        pub reason: String,
        pub decided_at: Option<i64>,
        pub decided_by: Option<i64>,
        pub reviewer: Option<String>,
        pub version: i64,
        pub uploaded_at: i64,
    }
}

/// Which decided photos.
#[derive(Debug, Clone)]
pub(super) struct Decided<'a> {
    /// `approved` or `rejected`.
    pub state: &'a str,
    /// Codes of the reasons for which they were rejected; `None` for whatever reason.
    pub reasons: Option<Vec<&'a str>>,
    /// Those uploaded first on top, not those uploaded last.
    pub oldest: bool,
}

/// A page of decided photos, beyond instant and id of the last one shown. Each reason is read off its index by itself.
pub(super) async fn photos_decided(
    q: &mut impl Query,
    part: &Decided<'_>,
    from: (i64, i64),
    limit: i64,
) -> DbResult<Vec<DecidedRow>> {
    let reasons: Vec<Option<&str>> = match &part.reasons {
        None => vec![None],
        Some(codes) => codes.iter().copied().map(Some).collect(),
    };
    let mut rows: Vec<DecidedRow> = Vec::new();
    for reason in reasons {
        let mut select = Select::new(
            piece!(
                "p.id, p.public_id, a.name, p.state, p.reason, p.decided_at, p.decided_by, s.name, p.version, p.uploaded_at"
            ),
            piece!(
                "photo p JOIN account a ON a.id = p.account_id LEFT JOIN staff s ON s.id = p.decided_by"
            ),
        );
        select = match reason {
            None => select.and(piece!("p.state = $1"), p![part.state]),
            Some(code) => select.and(
                piece!("p.state = 'rejected' AND p.reason_code = $1"),
                p![code],
            ),
        };
        let select = if part.oldest {
            select
                .and(
                    piece!("(p.uploaded_at, p.id) > ($1, $2)"),
                    p![from.0, from.1],
                )
                .order(piece!("p.uploaded_at, p.id"))
        } else {
            select
                .and(
                    piece!("(p.uploaded_at, p.id) < ($1, $2)"),
                    p![from.0, from.1],
                )
                .order(piece!("p.uploaded_at DESC, p.id DESC"))
        };
        let limit = u32::try_from(limit).unwrap_or(1);
        rows.extend(select.limit(limit).rows::<DecidedRow>(q).await?);
    }
    rows.sort_by_key(|row| (row.uploaded_at, row.id));
    if !part.oldest {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(rows)
}

/// Takes a decision back: the photo waits again.
pub(super) async fn photo_reopen(tx: &mut Tx, id: i64, version: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE photo SET state = 'pending', reason_code = '', reason = '', decided_by = NULL, decided_at = NULL, \
             claimed_by = NULL, claimed_until = 0, version = version + 1 \
             WHERE id = $1 AND version = $2 AND state IN ('approved', 'rejected')"
        ),
        p![id, version],
    )
    .await
}

/// Puts back what one reviewer holds and didn't decide.
pub(super) async fn photos_release(tx: &mut Tx, staff_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE photo SET claimed_by = NULL, claimed_until = 0 WHERE state = 'pending' AND claimed_by = $1"
        ),
        p![staff_id],
    )
    .await
}
