//! SQL of announcements, their attachments and the standing pages.

use db::filter::Select;
use db::{DbResult, Query, Tx, p, piece, point, record, sql};

record! {
    /// An announcement.
    #[derive(Debug, Clone)]
    pub struct AnnouncementRow {
        pub id: i64,
        pub public_id: String,
        pub category: String,
        pub title: String,
        /// Sanitised HTML.
        pub body: String,
        pub state: String,
        pub pinned: bool,
        pub exam_id: i64,
        pub publish_at: i64,
        pub version: i64,
    }
}

record! {
    /// A file that hangs on an announcement.
    #[derive(Debug, Clone)]
    pub struct AttachmentRow {
        pub announcement_id: i64,
        pub object_id: i64,
        pub public_id: String,
        pub file_name: String,
        pub media_type: String,
        pub size: i64,
    }
}

record! {
    /// A standing page.
    #[derive(Debug, Clone)]
    pub struct PageRow {
        pub slug: String,
        pub title: String,
        /// Sanitised HTML.
        pub body: String,
        pub changed_at: i64,
        pub version: i64,
    }
}

/// What is out or will be: the portal decides by the clock.
pub(super) async fn announcements_out(
    q: &mut impl Query,
    limit: i64,
) -> DbResult<Vec<AnnouncementRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, category, title, body, state, pinned, exam_id, publish_at, version \
             FROM announcement WHERE state IN ('published', 'scheduled') \
             ORDER BY pinned DESC, publish_at DESC, id DESC LIMIT $1"
        ),
        p![limit],
    )
    .await
}

/// Which of what is out or will be is bound to a rehearsal.
pub(super) async fn announcements_rehearsed(q: &mut impl Query) -> DbResult<Vec<(i64,)>> {
    q.rows(
        sql!(
            "SELECT n.id FROM announcement n JOIN exam e ON e.id = n.exam_id \
             WHERE n.state IN ('published', 'scheduled') AND e.rehearsal = 1"
        ),
        p![],
    )
    .await
}

/// The office's list, beyond the id of the last one shown; an empty state is every state.
pub(super) async fn announcements_all(
    q: &mut impl Query,
    (state, other, oldest): (&str, bool, bool),
    from: i64,
    limit: i64,
) -> DbResult<Vec<AnnouncementRow>> {
    let select = Select::new(
        piece!("id, public_id, category, title, body, state, pinned, exam_id, publish_at, version"),
        piece!("announcement"),
    )
    .and_if(!state.is_empty() && !other, piece!("state = $1"), p![state])
    .and_if(!state.is_empty() && other, piece!("state <> $1"), p![state]);
    let select = if oldest {
        select.and(piece!("id > $1"), p![from]).order(piece!("id"))
    } else {
        select
            .and(piece!("id < $1"), p![from])
            .order(piece!("id DESC"))
    };
    let limit = u32::try_from(limit).unwrap_or(1);
    select.limit(limit).rows(q).await
}

/// How many are in a state.
pub(super) async fn announcements_count(q: &mut impl Query, state: &str) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM announcement WHERE state = $1 LIMIT 10001) w"),
        p![state],
    )
    .await
}

pub(super) async fn announcement_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<AnnouncementRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, category, title, body, state, pinned, exam_id, publish_at, version \
             FROM announcement WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The attachments of everything that is out.
pub(super) async fn attachments_out(q: &mut impl Query) -> DbResult<Vec<AttachmentRow>> {
    q.rows(
        sql!(
            "SELECT a.announcement_id, a.object_id, o.public_id, o.file_name, o.media_type, o.size \
             FROM announcement_attachment a JOIN object o ON o.id = a.object_id \
             JOIN announcement n ON n.id = a.announcement_id \
             WHERE n.state IN ('published', 'scheduled') ORDER BY a.announcement_id, a.position"
        ),
        p![],
    )
    .await
}

pub(super) async fn attachments_of(
    q: &mut impl Query,
    announcement_id: i64,
) -> DbResult<Vec<AttachmentRow>> {
    q.rows(
        point!(
            "SELECT a.announcement_id, a.object_id, o.public_id, o.file_name, o.media_type, o.size \
             FROM announcement_attachment a JOIN object o ON o.id = a.object_id \
             WHERE a.announcement_id = $1 ORDER BY a.position"
        ),
        p![announcement_id],
    )
    .await
}

/// A new announcement's columns.
pub(super) struct AnnouncementWrite<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub category: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    pub pinned: bool,
    pub exam_id: i64,
    pub publish_at: i64,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn announcement_insert(tx: &mut Tx, row: &AnnouncementWrite<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO announcement (id, public_id, category, title, body, state, pinned, exam_id, publish_at, \
             created_by, created_at, changed_at, version) \
             VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, $10, $10, 1)"
        ),
        p![
            row.id,
            row.public_id,
            row.category,
            row.title,
            row.body,
            row.pinned,
            row.exam_id,
            row.publish_at,
            row.by,
            row.at
        ],
    )
    .await
}

pub(super) async fn announcement_update(
    tx: &mut Tx,
    row: &AnnouncementWrite<'_>,
    version: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE announcement SET category = $3, title = $4, body = $5, pinned = $6, exam_id = $7, \
             changed_at = $8, version = version + 1 WHERE id = $1 AND version = $2"
        ),
        p![row.id, version, row.category, row.title, row.body, row.pinned, row.exam_id, row.at],
    )
    .await
}

pub(super) async fn announcement_set_state(
    tx: &mut Tx,
    id: i64,
    state: &str,
    publish_at: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE announcement SET state = $2, publish_at = CASE WHEN CAST($3 AS BIGINT) > 0 THEN CAST($3 AS BIGINT) ELSE publish_at END, \
             changed_at = $4, version = version + 1 WHERE id = $1"
        ),
        p![id, state, publish_at, at],
    )
    .await
}

pub(super) async fn attachment_insert(
    tx: &mut Tx,
    id: i64,
    announcement_id: i64,
    object_id: i64,
    position: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO announcement_attachment (id, announcement_id, object_id, position) VALUES ($1, $2, $3, $4)"
        ),
        p![id, announcement_id, object_id, position],
    )
    .await
}

pub(super) async fn attachment_delete(
    tx: &mut Tx,
    announcement_id: i64,
    object_id: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM announcement_attachment WHERE announcement_id = $1 AND object_id = $2"),
        p![announcement_id, object_id],
    )
    .await
}

pub(super) async fn pages(q: &mut impl Query) -> DbResult<Vec<PageRow>> {
    q.rows(
        sql!("SELECT slug, title, body, changed_at, version FROM site_page ORDER BY slug"),
        p![],
    )
    .await
}

pub(super) async fn page_by_slug(q: &mut impl Query, slug: &str) -> DbResult<Option<PageRow>> {
    q.opt(
        point!("SELECT slug, title, body, changed_at, version FROM site_page WHERE slug = $1"),
        p![slug],
    )
    .await
}

pub(super) async fn page_put(
    tx: &mut Tx,
    slug: &str,
    text: (&str, &str),
    by: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO site_page (slug, title, body, changed_at, changed_by, version) VALUES ($1, $2, $3, $5, $4, 1) \
             ON CONFLICT (slug) DO UPDATE SET title = excluded.title, body = excluded.body, \
             changed_at = excluded.changed_at, changed_by = excluded.changed_by, version = site_page.version + 1"
        ),
        p![slug, text.0, text.1, by, at],
    )
    .await
}
