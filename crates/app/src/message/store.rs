//! SQL of the inbox and the outbox.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};

use super::Notice;

record! {
    /// A message as the candidate sees it.
    #[derive(Debug, Clone)]
    pub struct InboxRow {
        pub id: i64,
        pub kind: String,
        pub title: String,
        pub body: String,
        pub link: String,
        pub created_at: i64,
        pub read_at: Option<i64>,
    }
}

record! {
    /// An SMS that is due.
    #[derive(Debug, Clone)]
    pub(super) struct OutboxRow {
        pub id: i64,
        pub template: String,
        pub recipient: Vec<u8>,
        pub params: Vec<u8>,
        pub tries: i64,
    }
}

pub(super) async fn inbox_insert(
    tx: &mut Tx,
    id: i64,
    account_id: i64,
    notice: &Notice,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO inbox_message (id, account_id, kind, title, body, link, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        p![
            id,
            account_id,
            notice.kind,
            &notice.title,
            &notice.body,
            &notice.link,
            at
        ],
    )
    .await
}

pub(super) async fn inbox_page(
    q: &mut impl Query,
    account_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<InboxRow>> {
    q.rows(
        sql!(
            "SELECT id, kind, title, body, link, created_at, read_at FROM inbox_message \
             WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        p![account_id, before, limit],
    )
    .await
}

pub(super) async fn inbox_unread(q: &mut impl Query, account_id: i64) -> DbResult<i64> {
    q.one(
        point!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM inbox_message WHERE account_id = $1 AND read_at IS NULL LIMIT 100) u"
        ),
        p![account_id],
    )
    .await
}

pub(super) async fn inbox_mark_read(tx: &mut Tx, account_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE inbox_message SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL AND created_at <= $2"
        ),
        p![account_id, at],
    )
    .await
}

/// The sealed mobile of an account and when it was verified.
pub(super) async fn mobile_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Option<(Vec<u8>, Option<i64>)>> {
    q.opt(
        point!("SELECT mobile, mobile_verified_at FROM account WHERE id = $1"),
        p![account_id],
    )
    .await
}

pub(super) async fn outbox_insert(
    tx: &mut Tx,
    ids: (i64, i64),
    template: &str,
    sealed: (&[u8], &[u8]),
    ((state, error), at): ((&str, &str), i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO outbox_message (id, account_id, template, recipient, params, state, tries, next_at, \
             created_at, error) VALUES ($1, $2, $3, $4, $5, $7, 0, $6, $6, $8)"
        ),
        p![ids.0, ids.1, template, sealed.0, sealed.1, at, state, error],
    )
    .await
}

/// Due codes in one state. They have an index of their own (`outbox_message_code`), so that finding them costs the same
/// however many other messages wait.
pub(super) async fn outbox_codes_due(
    q: &mut impl Query,
    state: &str,
    at: i64,
    limit: i64,
) -> DbResult<Vec<OutboxRow>> {
    q.rows(
        sql!(
            "SELECT id, template, recipient, params, tries FROM outbox_message WHERE substr(template, 1, 5) = 'code_' \
             AND state = $1 AND next_at <= $2 ORDER BY next_at, id LIMIT $3"
        ),
        p![state, at, limit],
    )
    .await
}

/// Due messages in one state, codes among them: one walk along the index.
pub(super) async fn outbox_due(
    q: &mut impl Query,
    state: &str,
    at: i64,
    limit: i64,
) -> DbResult<Vec<OutboxRow>> {
    q.rows(
        sql!(
            "SELECT id, template, recipient, params, tries FROM outbox_message \
             WHERE state = $1 AND next_at <= $2 ORDER BY next_at, id LIMIT $3"
        ),
        p![state, at, limit],
    )
    .await
}

/// Takes a due message: `next_at` becomes the end of the lease, so that a crash in mid-sending is retried.
pub(super) async fn outbox_claim(tx: &mut Tx, id: i64, at: i64, lease_until: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE outbox_message SET state = 'sending', tries = tries + 1, next_at = $3 \
             WHERE id = $1 AND state IN ('queued', 'sending') AND next_at <= $2"
        ),
        p![id, at, lease_until],
    )
    .await
}

pub(super) async fn outbox_finish(
    tx: &mut Tx,
    id: i64,
    state: &str,
    times: (i64, Option<i64>),
    error: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE outbox_message SET state = $2, next_at = $3, sent_at = $4, error = $5 \
             WHERE id = $1 AND state = 'sending'"
        ),
        p![id, state, times.0, times.1, error],
    )
    .await
}

pub(super) async fn inbox_delete_of(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM inbox_message WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

pub(super) async fn outbox_drop_of(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE outbox_message SET state = 'dropped' WHERE account_id = $1 AND state = 'queued'"
        ),
        p![account_id],
    )
    .await
}

/// Forgets the oldest that are over and from before an instant. What still waits is looked over, however old.
pub(super) async fn outbox_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    // By id, which grows with time, so that a look at the oldest few is enough.
    tx.exec(
        sql!(
            "DELETE FROM outbox_message WHERE id IN (SELECT id FROM (SELECT id, state, created_at FROM outbox_message \
             ORDER BY id LIMIT 500) oldest WHERE created_at < $1 AND state IN ('sent', 'failed', 'dropped'))"
        ),
        p![before],
    )
    .await
}

record! {
    /// An SMS in the office's list.
    #[derive(Debug, Clone)]
    pub(super) struct SentRow {
        pub id: i64,
        pub template: String,
        pub recipient: Vec<u8>,
        pub state: String,
        pub tries: i64,
        pub created_at: i64,
        pub next_at: i64,
        pub sent_at: Option<i64>,
        pub error: String,
    }
}

/// Which part of the outbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// Empty for all.
    pub state: &'a str,
    /// Every state but that one.
    pub other: bool,
    /// The oldest first, not the newest.
    pub oldest: bool,
}

/// Every state of an SMS.
const STATES: [&str; 5] = ["queued", "sending", "sent", "failed", "dropped"];

/// A page of the outbox, beyond the id of the last one shown. Each state is read off its index by itself.
pub(super) async fn outbox_page(
    q: &mut impl Query,
    part: Part<'_>,
    from: i64,
    limit: i64,
) -> DbResult<Vec<SentRow>> {
    let states: Vec<Option<&str>> = match (part.state, part.other) {
        ("", _) => vec![None],
        (state, false) => vec![Some(state)],
        (state, true) => STATES
            .into_iter()
            .filter(|code| *code != state)
            .map(Some)
            .collect(),
    };
    let mut rows: Vec<SentRow> = Vec::new();
    for state in states {
        let select = Select::new(
            piece!("id, template, recipient, state, tries, created_at, next_at, sent_at, error"),
            piece!("outbox_message"),
        );
        let told: Vec<_> = state
            .iter()
            .map(|state| (piece!("state"), P::Text(state)))
            .collect();
        let (after, before): (&[P<'_>], &[P<'_>]) =
            (p![from.saturating_add(1)], p![from.saturating_sub(1)]);
        let bounds = if part.oldest {
            (Some(after), None)
        } else {
            (None, Some(before))
        };
        let select = select.walk(&told, &[piece!("id")], bounds, !part.oldest);
        let limit = u32::try_from(limit).unwrap_or(1);
        rows.extend(select.limit(limit).rows::<SentRow>(q).await?);
    }
    rows.sort_by_key(|row| row.id);
    if !part.oldest {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(rows)
}

/// How many SMS are in a state; stops at 1,001.
pub(super) async fn outbox_count(q: &mut impl Query, state: &str) -> DbResult<i64> {
    let told = [(piece!("state"), P::Text(state))];
    Select::new(piece!("id"), piece!("outbox_message"))
        .walk(&told, &[piece!("id")], (None, None), false)
        .count(q, 1_001)
        .await
}

pub(super) async fn outbox_retry(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE outbox_message SET state = 'queued', tries = 0, next_at = $2, error = '' \
             WHERE id = $1 AND state = 'failed'"
        ),
        p![id, at],
    )
    .await
}

pub(super) async fn outbox_retry_failed(tx: &mut Tx, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE outbox_message SET state = 'queued', tries = 0, next_at = $1, error = '' \
             WHERE state = 'failed' AND id IN (SELECT id FROM outbox_message WHERE state = 'failed' \
             ORDER BY id DESC LIMIT 500)"
        ),
        p![at],
    )
    .await
}
