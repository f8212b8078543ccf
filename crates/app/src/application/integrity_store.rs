//! SQL of 诚信档案. A person is looked up by the keyed index of the document, never by name alone.

use db::filter::Select;
use db::{DbResult, P, Query, Tx, p, piece, point, record, sql};
use domain::integrity::IntegrityKind;

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
    /// Every kind but that one.
    pub other: bool,
    pub name: &'a str,
    /// The day that `active` and `over` are judged by.
    pub today: &'a str,
    /// The order turned round.
    pub turned: bool,
}

impl IntegrityRow {
    /// What a list of `state` is ordered by: the last day as a number (20260430; for good 99991231), when it was lifted, or
    /// nothing but the id.
    pub(super) fn key(&self, state: &str) -> (i64, i64) {
        let first = match state {
            "active" | "over" => {
                let day = self.ends_on.as_deref().unwrap_or(FOR_GOOD);
                day.replace('-', "").parse().unwrap_or(0)
            }
            "lifted" => self.lifted_at.unwrap_or(0),
            _ => 0,
        };
        (first, self.id)
    }
}

/// What stands for a record's last day where it has none, in the indexes too (`integrity_record_ends`).
const FOR_GOOD: &str = "9999-12-31";

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

/// The list as an index has it: every condition is told, none asks whether another one counts. Without the day that `active`
/// and `over` are judged by.
fn narrowed<'a>(select: Select<'a>, narrow: &Narrow<'a>, kind: Option<&'a str>) -> Select<'a> {
    let named = !narrow.name.is_empty();
    let select = match narrow.state {
        "active" | "over" => select.and(piece!("i.lifted_at IS NULL"), &[]),
        "lifted" => select.and(piece!("i.lifted_at IS NOT NULL"), &[]),
        _ => select,
    };
    let select = select.and_if(named, piece!("i.name = $1"), p![narrow.name]);
    match kind {
        // Of a name there are few: its own index is to be read.
        Some(kind) if named => select.and(piece!("i.kind || '' = $1"), p![kind]),
        Some(kind) => select.and(piece!("i.kind = $1"), p![kind]),
        None => select,
    }
}

/// The day that splits what stands from what is over.
fn judged<'a>(select: Select<'a>, narrow: &Narrow<'a>) -> Select<'a> {
    let today = p![narrow.today];
    match narrow.state {
        "active" => select.and(piece!("COALESCE(i.ends_on, '9999-12-31') >= $1"), today),
        "over" => select.and(piece!("COALESCE(i.ends_on, '9999-12-31') < $1"), today),
        _ => select,
    }
}

/// The kinds that are asked for, each read by itself; `None` for all together.
fn kinds<'a>(narrow: &Narrow<'a>) -> Vec<Option<&'a str>> {
    if narrow.kind.is_empty() {
        return vec![None];
    }
    if !narrow.other {
        return vec![Some(narrow.kind)];
    }
    let codes = IntegrityKind::ALL.iter().map(|kind| kind.code());
    codes
        .filter(|code| *code != narrow.kind)
        .map(Some)
        .collect()
}

/// A page of records, before the key of the last one shown: by their last day, the latest first, those that stand or are over;
/// by when they were lifted; all together the newest first.
pub(super) async fn integrity_listed(
    q: &mut impl Query,
    narrow: &Narrow<'_>,
    before: (i64, i64),
    limit: i64,
) -> DbResult<Vec<IntegrityRow>> {
    let digits = before.0.clamp(0, 99_991_232).to_string();
    let day = format!("{digits:0>8}");
    let (year, rest) = day.split_at_checked(4).unwrap_or(("9999", "1232"));
    let (month, day) = rest.split_at_checked(2).unwrap_or(("12", "32"));
    let day = format!("{year}-{month}-{day}");
    let mut rows: Vec<IntegrityRow> = Vec::new();
    for kind in kinds(narrow) {
        let select = Select::new(
            piece!(
                "i.id, i.public_id, i.name, i.kind, COALESCE(i.source, ''), i.reason, i.starts_on, i.ends_on, \
                 i.created_by, i.created_at, c.name, i.lifted_at, l.name, i.lift_reason, \
                 (SELECT a.public_id FROM account a WHERE a.id_index = i.id_index \
                 AND a.state IN ('pending', 'active', 'frozen') ORDER BY a.id_index, a.id_type LIMIT 1)"
            ),
            piece!(
                "integrity_record i LEFT JOIN staff c ON c.id = i.created_by LEFT JOIN staff l ON l.id = i.lifted_by"
            ),
        );
        let select = narrowed(select, narrow, kind);
        // One bound a side: of two, PostgreSQL begins at the wider.
        let split = match (narrow.state, narrow.turned) {
            ("over", false) => (day.as_str(), before.1).min((narrow.today, i64::MIN)),
            ("active", true) => (day.as_str(), before.1).max((narrow.today, i64::MIN)),
            _ => (day.as_str(), before.1),
        };
        let other_side = matches!(
            (narrow.state, narrow.turned),
            ("active", false) | ("over", true)
        );
        let select = if other_side {
            judged(select, narrow)
        } else {
            select
        };
        let by_day = p![split.0, split.1];
        let by_instant = p![before.0, before.1];
        let (beyond, values, order): (_, &[P<'_>], _) = match (narrow.state, narrow.turned) {
            ("active" | "over", false) => (
                piece!("(COALESCE(i.ends_on, '9999-12-31'), i.id) < ($1, $2)"),
                by_day,
                piece!("COALESCE(i.ends_on, '9999-12-31') DESC, i.id DESC"),
            ),
            ("active" | "over", true) => (
                piece!("(COALESCE(i.ends_on, '9999-12-31'), i.id) > ($1, $2)"),
                by_day,
                piece!("COALESCE(i.ends_on, '9999-12-31'), i.id"),
            ),
            ("lifted", false) => (
                piece!("(i.lifted_at, i.id) < ($1, $2)"),
                by_instant,
                piece!("i.lifted_at DESC, i.id DESC"),
            ),
            ("lifted", true) => (
                piece!("(i.lifted_at, i.id) > ($1, $2)"),
                by_instant,
                piece!("i.lifted_at, i.id"),
            ),
            (_, false) => (piece!("i.id < $1"), p![before.1], piece!("i.id DESC")),
            (_, true) => (piece!("i.id > $1"), p![before.1], piece!("i.id")),
        };
        let select = select.and(beyond, values).order(order);
        let limit = u32::try_from(limit).unwrap_or(1);
        rows.extend(select.limit(limit).rows::<IntegrityRow>(q).await?);
    }
    rows.sort_by_key(|row| row.key(narrow.state));
    if !narrow.turned {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(1));
    Ok(rows)
}

/// How many records the list would show, at most 10,001.
pub(super) async fn integrity_counted(q: &mut impl Query, narrow: &Narrow<'_>) -> DbResult<i64> {
    let mut count = 0;
    for kind in kinds(narrow) {
        let select = Select::new(piece!("i.id"), piece!("integrity_record i"));
        let select = judged(narrowed(select, narrow, kind), narrow);
        count += select.count(q, 10_001).await?;
    }
    Ok(count.min(10_001))
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
             (SELECT a.public_id FROM account a WHERE a.id_index = i.id_index \
             AND a.state IN ('pending', 'active', 'frozen') ORDER BY a.id_index, a.id_type LIMIT 1) \
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
