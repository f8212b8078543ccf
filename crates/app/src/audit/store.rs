//! SQL of the audit trail and its chain.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, record, sql};
use domain::audit::Entry;

record! {
    /// An entry as it was stored.
    #[derive(Debug, Clone)]
    pub struct EntryRow {
        pub id: i64,
        pub at: i64,
        pub actor_kind: String,
        pub actor_id: i64,
        pub action: String,
        pub object_kind: String,
        pub object_id: i64,
        pub exam_id: i64,
        pub request_id: String,
        pub detail: String,
        pub key_version: i64,
        pub mac: Vec<u8>,
    }
}

record! {
    /// One link of the chain with the MAC of the entry it holds, none if the entry is gone.
    #[derive(Debug, Clone)]
    pub(super) struct LinkRow {
        pub seq: i64,
        pub entry_id: i64,
        pub prev_hash: Vec<u8>,
        pub hash: Vec<u8>,
        pub mac: Option<Vec<u8>>,
    }
}

pub(super) async fn entry_insert(
    tx: &mut Tx,
    entry: &Entry<'_>,
    key_version: u32,
    mac: &[u8],
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO audit_entry (id, at, actor_kind, actor_id, action, object_kind, object_id, exam_id, \
             request_id, detail, key_version, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        p![
            entry.id,
            entry.at.micros(),
            entry.actor_kind,
            entry.actor_id,
            entry.action,
            entry.object_kind,
            entry.object_id,
            entry.exam_id,
            entry.request_id,
            entry.detail,
            key_version,
            mac
        ],
    )
    .await
}

/// The newest link: its number and hash.
pub(super) async fn head(q: &mut impl Query) -> DbResult<Option<(i64, Vec<u8>)>> {
    q.opt(
        sql!("SELECT seq, hash FROM audit_link ORDER BY seq DESC LIMIT 1"),
        p![],
    )
    .await
}

/// Entries dated from `since` on that no link holds yet, oldest first: id and MAC.
///
/// Not "newer than the last linked one": an entry's id and time are made before its transaction commits, so a slow
/// commit may appear behind a faster one.
pub(super) async fn unlinked(
    q: &mut impl Query,
    since: i64,
    limit: i64,
) -> DbResult<Vec<(i64, Vec<u8>)>> {
    q.rows(
        sql!(
            "SELECT e.id, e.mac FROM audit_entry e WHERE e.at >= $1 \
             AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id) ORDER BY e.at, e.id LIMIT $2"
        ),
        p![since, limit],
    )
    .await
}

pub(super) async fn link_insert(
    tx: &mut Tx,
    seq: i64,
    entry_id: i64,
    hashes: (&[u8], &[u8]),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO audit_link (seq, entry_id, prev_hash, hash, sealed_at) VALUES ($1, $2, $3, $4, $5)"
        ),
        p![seq, entry_id, hashes.0, hashes.1, at],
    )
    .await
}

/// A page of links after `seq`, in order.
pub(super) async fn links_after(
    q: &mut impl Query,
    seq: i64,
    limit: i64,
) -> DbResult<Vec<LinkRow>> {
    q.rows(
        sql!(
            "SELECT l.seq, l.entry_id, l.prev_hash, l.hash, e.mac \
             FROM audit_link l LEFT JOIN audit_entry e ON e.id = l.entry_id WHERE l.seq > $1 ORDER BY l.seq LIMIT $2"
        ),
        p![seq, limit],
    )
    .await
}

/// A page of entries after the id, in order.
pub(super) async fn entries_after(
    q: &mut impl Query,
    id: i64,
    limit: i64,
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT id, at, actor_kind, actor_id, action, object_kind, object_id, exam_id, request_id, detail, \
             key_version, mac FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2"
        ),
        p![id, limit],
    )
    .await
}

/// How many entries older than `before` no link holds: the sealer's backlog.
pub(super) async fn backlog(q: &mut impl Query, before: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM audit_entry e WHERE e.at < $1 \
             AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id)"
        ),
        p![before],
    )
    .await
}

record! {
    /// An entry in the office's list: its actor's name if that is staff, its place in the chain if it has one.
    #[derive(Debug, Clone)]
    pub struct ListedRow {
        pub id: i64,
        pub at: i64,
        pub actor_kind: String,
        pub actor_id: i64,
        pub actor: Option<String>,
        pub action: String,
        pub object_kind: String,
        pub object_id: i64,
        /// 姓名 of the member of staff that it was done to.
        pub object: Option<String>,
        pub exam_id: i64,
        pub request_id: String,
        pub detail: String,
        pub seq: Option<i64>,
    }
}

impl ListedRow {
    /// Whether somebody who proved nothing tried to get in as a member of staff: nobody's doing, but his account's.
    pub fn is_try(&self) -> bool {
        self.action == "staff.login_failed" && self.actor.is_none()
    }
}

/// What the office's list is narrowed to. Empty texts and 0 narrow nothing.
#[derive(Debug, Clone)]
pub(super) struct Narrow<'a> {
    pub from: i64,
    pub until: i64,
    pub actor_kind: &'a str,
    pub actor_id: i64,
    pub action: &'a str,
    /// Every action but that one.
    pub other: bool,
    /// The oldest first, not the newest.
    pub oldest: bool,
    pub object_kind: &'a str,
    /// Certain objects, by kind and id: what a number that was typed stands for.
    pub objects: &'a [(String, i64)],
    pub before: (i64, i64),
}

/// A page of entries, newest first. Only what was asked for stands in the statement, so that an index fits each question; what
/// a member of staff did and who tried in vain to get in as him are two of them.
pub(super) async fn entries_listed(
    q: &mut impl Query,
    narrow: &Narrow<'_>,
    limit: i64,
) -> DbResult<Vec<ListedRow>> {
    if !narrow.objects.is_empty() {
        return entries_of(q, narrow, limit).await;
    }
    let actions: Vec<String> = match (narrow.action, narrow.other) {
        ("", _) => vec![String::new()],
        (action, false) => vec![action.to_owned()],
        // Every action that there is, found by skipping along the index: each is then read off it by itself.
        (action, true) => {
            let all: Vec<String> = q
                .rows(
                    sql!(
                        "WITH RECURSIVE known (action) AS (SELECT MIN(action) FROM audit_entry UNION ALL \
                         SELECT (SELECT MIN(e.action) FROM audit_entry e WHERE e.action > known.action) FROM known \
                         WHERE known.action IS NOT NULL) SELECT action FROM known WHERE action IS NOT NULL"
                    ),
                    p![],
                )
                .await?;
            all.into_iter().filter(|one| one != action).collect()
        }
    };
    let mut rows: Vec<ListedRow> = Vec::new();
    for action in &actions {
        let select = walked(narrow, action, limit);
        let page = select.rows::<ListedRow>(q).await?;
        let within = |row: &ListedRow| (narrow.from..narrow.until).contains(&row.at);
        rows.extend(page.into_iter().filter(within));
    }
    let tries = narrow.action.is_empty() || (narrow.action == LOGIN_FAILED) != narrow.other;
    let tries = tries && narrow.actor_id != 0;
    if tries {
        let select = of_object(narrow, ("staff", narrow.actor_id), limit)
            .and(piece!("e.action || '' = $1"), p![LOGIN_FAILED])
            .and_if(
                !narrow.object_kind.is_empty(),
                piece!("e.object_kind || '' = $1"),
                p![narrow.object_kind],
            );
        rows.extend(select.rows::<ListedRow>(q).await?);
    }
    Ok(if tries || actions.len() != 1 {
        merged(rows, narrow, limit)
    } else {
        rows
    })
}

const LOGIN_FAILED: &str = "staff.login_failed";

/// What happened to certain objects, each read by its own index.
async fn entries_of(
    q: &mut impl Query,
    narrow: &Narrow<'_>,
    limit: i64,
) -> DbResult<Vec<ListedRow>> {
    let mut rows: Vec<ListedRow> = Vec::new();
    for (kind, id) in narrow.objects {
        if !narrow.object_kind.is_empty() && narrow.object_kind != kind {
            continue;
        }
        let select = of_object(narrow, (kind, *id), limit)
            .and_if(
                !narrow.actor_kind.is_empty(),
                piece!("e.actor_kind || '' = $1"),
                p![narrow.actor_kind],
            )
            .and_if(
                narrow.actor_id != 0,
                piece!("e.actor_id + 0 = $1"),
                p![narrow.actor_id],
            )
            .and_if(
                !narrow.action.is_empty() && !narrow.other,
                piece!("e.action || '' = $1"),
                p![narrow.action],
            )
            .and_if(
                narrow.other,
                piece!("e.action || '' <> $1"),
                p![narrow.action],
            );
        rows.extend(select.rows::<ListedRow>(q).await?);
    }
    Ok(merged(rows, narrow, limit))
}

/// Several reads as one page, in the order that was asked for.
fn merged(mut rows: Vec<ListedRow>, narrow: &Narrow<'_>, limit: i64) -> Vec<ListedRow> {
    rows.sort_by_key(|row| (row.at, row.id));
    if !narrow.oldest {
        rows.reverse();
    }
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(limit).unwrap_or(1));
    rows
}

/// A page of what happened to one object: there is little, so it is sorted, and no index by time offers itself.
fn of_object<'a>(narrow: &Narrow<'_>, (kind, id): (&'a str, i64), limit: i64) -> Select<'a> {
    let [from, until] = bounds(narrow);
    listed()
        .and(
            piece!("e.object_kind = $1 AND e.object_id = $2"),
            p![kind, id],
        )
        .and(
            piece!("(+e.at, e.id) >= ($1, $2) AND (+e.at, e.id) <= ($3, $4)"),
            p![from.0, from.1, until.0, until.1],
        )
        .order(if narrow.oldest {
            piece!("+e.at, e.id")
        } else {
            piece!("+e.at DESC, e.id DESC")
        })
        .limit(u32::try_from(limit).unwrap_or(1))
}

fn listed<'a>() -> Select<'a> {
    Select::new(
        piece!(
            "e.id, e.at, e.actor_kind, e.actor_id, s.name, e.action, e.object_kind, e.object_id, o.name, e.exam_id, \
             e.request_id, e.detail, l.seq"
        ),
        piece!(
            "audit_entry e LEFT JOIN staff s ON s.id = e.actor_id AND e.actor_kind = 'staff' \
             LEFT JOIN staff o ON o.id = e.object_id AND e.object_kind = 'staff' \
             LEFT JOIN audit_link l ON l.entry_id = e.id"
        ),
    )
}

/// The least and the greatest instant and id: the days that were asked for, and in the direction of the list what was shown.
fn bounds(narrow: &Narrow<'_>) -> [(i64, i64); 2] {
    let (from, until) = ((narrow.from, 0), (narrow.until.saturating_sub(1), i64::MAX));
    let (at, id) = narrow.before;
    if narrow.oldest {
        [from.max((at, id.saturating_add(1))), until]
    } else {
        [from, until.min((at, id.saturating_sub(1)))]
    }
}

/// A page along the index of the narrowest of what was asked for; the other conditions are none that an index would offer
/// itself for.
fn walked<'a>(narrow: &Narrow<'a>, action: &'a str, limit: i64) -> Select<'a> {
    let kind = (piece!("e.actor_kind"), P::Text(narrow.actor_kind));
    let by_actor = narrow.actor_id != 0;
    let by_action = !by_actor && !action.is_empty();
    let by_object = !by_actor && !by_action && !narrow.object_kind.is_empty();
    let by_kind = !by_actor && !by_action && !by_object && !narrow.actor_kind.is_empty();
    let told = if by_actor {
        vec![kind, (piece!("e.actor_id"), P::Int(narrow.actor_id))]
    } else if by_action {
        vec![(piece!("e.action"), P::Text(action))]
    } else if by_object {
        vec![(piece!("e.object_kind"), P::Text(narrow.object_kind))]
    } else if by_kind {
        vec![kind]
    } else {
        Vec::new()
    };
    let select = listed()
        .and_if(
            !by_action && !action.is_empty(),
            piece!("e.action || '' = $1"),
            p![action],
        )
        .and_if(
            !by_object && !narrow.object_kind.is_empty(),
            piece!("e.object_kind || '' = $1"),
            p![narrow.object_kind],
        )
        .and_if(
            !by_actor && !by_kind && !narrow.actor_kind.is_empty(),
            piece!("e.actor_kind || '' = $1"),
            p![narrow.actor_kind],
        );
    let [from, until] = bounds(narrow);
    let (from, until): (&[P<'_>], &[P<'_>]) = (p![from.0, from.1], p![until.0, until.1]);
    let narrowed = (!by_action && !action.is_empty())
        || (!by_object && !narrow.object_kind.is_empty())
        || (!by_actor && !by_kind && !narrow.actor_kind.is_empty());
    // With nothing but the index to narrow it, a page that goes on behind the last day is cut here: it costs no more than a page.
    let bounds = match narrow.oldest {
        true if !narrowed => (Some(from), None),
        false if !narrowed => (None, Some(until)),
        _ => (Some(from), Some(until)),
    };
    let key = [piece!("e.at"), piece!("e.id")];
    select
        .walk(&told, &key, bounds, !narrow.oldest)
        .limit(u32::try_from(limit).unwrap_or(1))
}

/// The newest link with its time.
pub(super) async fn newest_link(q: &mut impl Query) -> DbResult<Option<(i64, Vec<u8>, i64)>> {
    q.opt(
        sql!("SELECT seq, hash, sealed_at FROM audit_link ORDER BY seq DESC LIMIT 1"),
        p![],
    )
    .await
}

/// A page of links after `seq` with the entries they hold.
pub(super) async fn entries_linked_after(
    q: &mut impl Query,
    seq: i64,
    limit: i64,
) -> DbResult<Vec<EntryRow>> {
    q.rows(
        sql!(
            "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.action, e.object_kind, e.object_id, e.exam_id, \
             e.request_id, e.detail, e.key_version, e.mac FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id \
             WHERE l.seq > $1 ORDER BY l.seq LIMIT $2"
        ),
        p![seq, limit],
    )
    .await
}

/// How many entries of a stretch of time no link holds; stops at 10,001.
pub(super) async fn backlog_between(q: &mut impl Query, from: i64, before: i64) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM audit_entry e WHERE e.at >= $1 AND e.at < $2 \
             AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id) LIMIT 10001) w"
        ),
        p![from, before],
    )
    .await
}

/// Every exam that is or was a rehearsal.
pub(super) async fn rehearsals(q: &mut impl Query) -> DbResult<Vec<i64>> {
    q.rows(
        sql!(
            "SELECT id FROM exam WHERE rehearsal = 1 UNION SELECT exam_id FROM rehearsal_wipe ORDER BY 1 LIMIT 10000"
        ),
        p![],
    )
    .await
}
