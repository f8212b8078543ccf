//! SQL of stored files.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A file as it lies.
    #[derive(Debug, Clone)]
    pub(super) struct ObjectRow {
        pub id: i64,
        pub media_type: String,
        pub file_name: String,
        pub content: Option<Vec<u8>>,
        pub path: Option<String>,
    }
}

/// A new file's columns.
pub(super) struct ObjectInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub kind: &'a str,
    pub owner_kind: &'a str,
    pub owner_id: i64,
    pub media_type: &'a str,
    pub file_name: &'a str,
    pub size: i64,
    pub content: Option<&'a [u8]>,
    pub path: Option<&'a str>,
    pub at: i64,
    pub expires_at: Option<i64>,
}

pub(super) async fn object_insert(tx: &mut Tx, row: &ObjectInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO object (id, public_id, kind, owner_kind, owner_id, media_type, file_name, size, content, \
             path, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        p![
            row.id,
            row.public_id,
            row.kind,
            row.owner_kind,
            row.owner_id,
            row.media_type,
            row.file_name,
            row.size,
            row.content,
            row.path,
            row.at,
            row.expires_at
        ],
    )
    .await
}

pub(super) async fn object_find(q: &mut impl Query, id: i64) -> DbResult<Option<ObjectRow>> {
    q.opt(
        point!("SELECT id, media_type, file_name, content, path FROM object WHERE id = $1"),
        p![id],
    )
    .await
}

pub(super) async fn object_public(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<ObjectRow>> {
    q.opt(
        point!(
            "SELECT id, media_type, file_name, content, path FROM object \
             WHERE public_id = $1 AND owner_kind = 'public'"
        ),
        p![public_id],
    )
    .await
}

/// Id, media type, name and size of a file of one owner and kind that still has content.
pub(super) async fn object_owned(
    q: &mut impl Query,
    public_id: &str,
    owner: (&str, i64),
    kind: &str,
) -> DbResult<Option<(i64, String, String, i64)>> {
    q.opt(
        point!(
            "SELECT id, media_type, file_name, size FROM object WHERE public_id = $1 AND owner_kind = $2 \
             AND owner_id = $3 AND kind = $4 AND size > 0"
        ),
        p![public_id, owner.0, owner.1, kind],
    )
    .await
}

pub(super) async fn object_keep(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE object SET expires_at = NULL WHERE id = $1 AND size > 0"),
        p![id],
    )
    .await
}

pub(super) async fn objects_expired(
    q: &mut impl Query,
    at: i64,
    limit: i64,
) -> DbResult<Vec<(i64, Option<String>)>> {
    q.rows(
        sql!(
            "SELECT id, path FROM object WHERE expires_at IS NOT NULL AND expires_at <= $1 \
             ORDER BY expires_at LIMIT $2"
        ),
        p![at, limit],
    )
    .await
}

/// Empties an expired file; its row stays for those that refer to it.
pub(super) async fn object_empty(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE object SET content = $2, path = NULL, size = 0, expires_at = NULL WHERE id = $1"
        ),
        p![id, &[][..] as &[u8]],
    )
    .await
}

pub(super) async fn objects_expire_of(tx: &mut Tx, account_id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE object SET expires_at = $2 WHERE owner_kind = 'account' AND owner_id = $1"),
        p![account_id, at],
    )
    .await
}
