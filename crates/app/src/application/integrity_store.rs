//! SQL of 诚信档案. A person is looked up by the keyed index of the document, never by name alone.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A record as the office lists it. `public_id`, `source` and the lifting are columns of a later migration.
    #[derive(Debug, Clone)]
    pub struct IntegrityRow {
        pub id: i64,
        pub public_id: String,
        /// 姓名
        pub name: String,
        /// Code of [`domain::integrity::IntegrityKind`].
        pub kind: String,
        /// Whose decision it stands on, with its number.
        pub source: String,
        /// What was done.
        pub reason: String,
        /// First day, `YYYY-MM-DD`.
        pub starts_on: String,
        /// Last day; none for good.
        pub ends_on: Option<String>,
        pub created_by: i64,
        pub created_at: i64,
        /// Who entered it.
        pub creator: Option<String>,
        pub lifted_at: Option<i64>,
        /// Who lifted it.
        pub lifter: Option<String>,
        pub lift_reason: Option<String>,
        /// Public id of the account under this document, if there is one.
        pub account: Option<String>,
    }
}

/// What the list is narrowed to. Empty texts narrow nothing.
#[derive(Debug, Clone)]
pub(super) struct Narrow<'a> {
    /// `active`, `over`, `lifted`, or empty.
    pub state: &'a str,
    pub kind: &'a str,
    pub name: &'a str,
    /// The day that `active` and `over` are judged by.
    pub today: &'a str,
}

/// Kind, reason, first and last day of every record of an account's document that wasn't lifted.
pub(super) async fn integrity_of(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Vec<(String, String, String, Option<String>)>> {
    q.rows(
        point!(
            "SELECT i.kind, i.reason, i.starts_on, i.ends_on FROM integrity_record i \
             JOIN account a ON a.id_index = i.id_index WHERE a.id = $1 AND i.lifted_at IS NULL ORDER BY i.id"
        ),
        p![account_id],
    )
    .await
}

/// A page of records, newest first, before this id.
pub(super) async fn integrity_listed(
    q: &mut impl Query,
    narrow: &Narrow<'_>,
    before: i64,
    limit: i64,
) -> DbResult<Vec<IntegrityRow>> {
    q.rows(
        sql!(
            "SELECT i.id, i.public_id, i.name, i.kind, COALESCE(i.source, ''), i.reason, i.starts_on, i.ends_on, \
             i.created_by, i.created_at, c.name, i.lifted_at, l.name, i.lift_reason, \
             (SELECT MAX(a.public_id) FROM account a WHERE a.id_index = i.id_index AND a.state <> 'closed') \
             FROM integrity_record i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff l ON l.id = i.lifted_by \
             WHERE i.id < $1 AND (i.kind = $2 OR $2 = '') AND (i.name = $3 OR $3 = '') AND ($4 = '' \
             OR ($4 = 'lifted' AND i.lifted_at IS NOT NULL) \
             OR ($4 = 'active' AND i.lifted_at IS NULL AND (i.ends_on IS NULL OR i.ends_on >= $5)) \
             OR ($4 = 'over' AND i.lifted_at IS NULL AND i.ends_on < $5)) ORDER BY i.id DESC LIMIT $6"
        ),
        p![before, narrow.kind, narrow.name, narrow.state, narrow.today, limit],
    )
    .await
}

/// How many records the list would show, at most 10,001.
pub(super) async fn integrity_counted(q: &mut impl Query, narrow: &Narrow<'_>) -> DbResult<i64> {
    q.one(
        sql!(
            "SELECT COUNT(*) FROM (SELECT i.id FROM integrity_record i \
             WHERE (i.kind = $1 OR $1 = '') AND (i.name = $2 OR $2 = '') AND ($3 = '' \
             OR ($3 = 'lifted' AND i.lifted_at IS NOT NULL) \
             OR ($3 = 'active' AND i.lifted_at IS NULL AND (i.ends_on IS NULL OR i.ends_on >= $4)) \
             OR ($3 = 'over' AND i.lifted_at IS NULL AND i.ends_on < $4)) LIMIT 10001) found"
        ),
        p![narrow.kind, narrow.name, narrow.state, narrow.today],
    )
    .await
}

/// One record.
pub(super) async fn integrity_find(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<IntegrityRow>> {
    q.opt(
        point!(
            "SELECT i.id, i.public_id, i.name, i.kind, COALESCE(i.source, ''), i.reason, i.starts_on, i.ends_on, \
             i.created_by, i.created_at, c.name, i.lifted_at, l.name, i.lift_reason, \
             (SELECT MAX(a.public_id) FROM account a WHERE a.id_index = i.id_index AND a.state <> 'closed') \
             FROM integrity_record i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff l ON l.id = i.lifted_by \
             WHERE i.public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// A new record.
#[derive(Debug)]
pub(super) struct IntegrityInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub id_index: &'a [u8],
    pub name: &'a str,
    pub kind: &'a str,
    pub source: &'a str,
    pub reason: &'a str,
    pub starts_on: &'a str,
    pub ends_on: Option<&'a str>,
    pub by: i64,
    pub at: i64,
}

/// Enters a record. The index `integrity_record_standing` refuses a second one of the kind from the same day.
pub(super) async fn integrity_insert(tx: &mut Tx, row: &IntegrityInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO integrity_record (id, public_id, id_index, name, kind, source, reason, starts_on, ends_on, \
             created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        p![
            row.id,
            row.public_id,
            row.id_index,
            row.name,
            row.kind,
            row.source,
            row.reason,
            row.starts_on,
            row.ends_on,
            row.by,
            row.at
        ],
    )
    .await
}

/// Lifts a record that stands; 0 if somebody was faster.
pub(super) async fn integrity_lift(
    tx: &mut Tx,
    id: i64,
    reason: &str,
    who: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE integrity_record SET lifted_at = $2, lifted_by = $3, lift_reason = $4 \
             WHERE id = $1 AND lifted_at IS NULL"
        ),
        p![id, who.1, who.0, reason],
    )
    .await
}
