//! Values, rows and errors are the same on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::add;
use db::{Crowd, DbError, FromCol, Lane, P, Query, p, point, record, sql};

record! {
    /// A row of `entry`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct EntryRow {
        pub id: i64,
        /// Its plan.
        pub plan_id: u32,
        pub person: String,
        pub note: Option<Vec<u8>>,
    }
}

/// An id of a feature's own.
#[derive(Debug, Clone, Copy, PartialEq)]
struct EntryId(i64);

impl From<EntryId> for P<'_> {
    fn from(id: EntryId) -> Self {
        P::Int(id.0)
    }
}

impl FromCol for EntryId {
    fn from_col(value: P<'_>) -> Result<Self, &'static str> {
        i64::from_col(value).map(Self)
    }
}

both! {
async fn parameters_bind_by_the_number_in_the_name(case: Case) {
    add(&case.db, 7).await.unwrap();
    // $2 appears first: plain SQLite binding would look for id = 'new' and change nothing.
    let changed = case.db.write(Lane::Interactive, run!(|tx| {
        let n = tx.exec(sql!("UPDATE entry SET person = $2 WHERE id = $1"), p![7, "new"]).await?;
        Ok(i64::try_from(n).unwrap())
    })).await.unwrap();
    assert_eq!(changed, 1);
    let person: String =
        case.db.read().one(point!("SELECT person FROM entry WHERE id = $1"), p![7]).await.unwrap();
    assert_eq!(person, "new");
    // A parameter used twice is given once.
    let found: Option<i64> = case.db.read()
        .opt(point!("SELECT id FROM entry WHERE person = $2 AND (id = $1 OR plan_id = $1)"), p![7, "new"])
        .await.unwrap();
    assert_eq!(found, Some(7));
}
}

both! {
async fn too_few_or_too_many_parameters_are_an_error(case: Case) {
    for p in [p![], p![1, 2]] {
        let result: Result<Option<i64>, _> =
            case.db.read().opt(point!("SELECT id FROM plan WHERE id = $1"), p).await;
        assert!(matches!(result, Err(DbError::Other { .. })), "{result:?}");
    }
}
}

both! {
async fn values_come_back_as_they_went_in(case: Case) {
    let rows = [
        EntryRow { id: i64::MAX, plan_id: 1, person: "张三 ’\"\\ €𠮷".into(), note: None },
        EntryRow { id: -5, plan_id: 1, person: String::new(), note: Some(vec![]) },
        EntryRow { id: 3, plan_id: 1, person: "x".into(), note: Some(vec![0, 255, 39]) },
    ];
    for row in rows.clone() {
        case.db.write(Lane::Interactive, run!(|tx| {
            tx.exec(sql!("DELETE FROM entry WHERE id = $1 AND 1 = $2"), p![0, true]).await?;
            Ok(0)
        })).await.unwrap();
        case.db.write(Lane::Interactive, Insert(row)).await.unwrap();
    }
    for row in rows {
        let text = point!("SELECT id, plan_id, person, note FROM entry WHERE id = $1");
        assert_eq!(case.db.read().one::<EntryRow>(text, p![EntryId(row.id)]).await.unwrap(), row);
        let text = point!("SELECT id FROM entry WHERE id = $1");
        assert_eq!(case.db.read().one::<EntryId>(text, p![Some(EntryId(row.id))]).await.unwrap().0, row.id);
    }
    let none: Option<EntryId> = None;
    let found: Vec<(i64, bool)> = case.db.read()
        .rows(point!("SELECT id, CASE WHEN id > 0 THEN 1 ELSE 0 END FROM entry WHERE id = $1"), p![none]).await.unwrap();
    assert!(found.is_empty());
}
}

/// Inserts a row, `NULL` and all.
struct Insert(EntryRow);

impl db::Command for Insert {
    const NAME: &'static str = "insert";
    type Out = u64;
    type Err = DbError;

    async fn run(&self, tx: &mut db::Tx) -> Result<u64, DbError> {
        let row = &self.0;
        tx.exec(
            sql!("INSERT INTO entry (id, plan_id, person, note) VALUES ($1, $2, $3, $4)"),
            p![row.id, row.plan_id, &row.person, &row.note],
        )
        .await
    }
}

both! {
async fn sums_and_counts_are_integers(case: Case) {
    for id in 1..=3 { add(&case.db, id).await.unwrap(); }
    let scan = case.db.scan(Crowd::Staff);
    let (sum, count, flag): (i64, i64, Option<i64>) = scan
        .one(sql!("SELECT SUM(id), COUNT(*), MAX(CASE WHEN id > 9 THEN 1 END) FROM entry"), p![]).await.unwrap();
    assert_eq!((sum, count, flag), (6, 3, None));
    // A parameter that meets a NUMERIC.
    let plans: Vec<i64> = scan
        .rows(sql!("SELECT plan_id FROM entry GROUP BY plan_id HAVING SUM(id) >= $1"), p![6]).await.unwrap();
    assert_eq!(plans, [1]);
    let fraction: Result<i64, _> = scan.one(sql!("SELECT AVG(id) + 0.5 FROM entry"), p![]).await;
    assert!(matches!(fraction, Err(DbError::Row { column: 0, .. })), "{fraction:?}");
}
}

both! {
async fn a_column_that_does_not_fit_is_named_without_its_value(case: Case) {
    add(&case.db, 1).await.unwrap();
    let text = sql!("SELECT id, person FROM entry");
    let error = case.db.scan(Crowd::Staff).one::<(i64, i64)>(text, p![]).await.unwrap_err();
    assert!(matches!(error, DbError::Row { column: 1, .. }), "{error}");
    assert!(!error.to_string().contains("p1"));
    let text = sql!("SELECT id FROM entry");
    let error = case.db.scan(Crowd::Staff).one::<(i64, i64)>(text, p![]).await.unwrap_err();
    assert!(matches!(error, DbError::Row { column: 1, .. }), "{error}");
}
}

both! {
async fn one_and_opt_tell_none_from_one_from_many(case: Case) {
    add(&case.db, 1).await.unwrap();
    add(&case.db, 2).await.unwrap();
    let mut read = case.db.read();
    let by_id = point!("SELECT person FROM entry WHERE id = $1");
    assert!(matches!(Query::one::<String>(&mut read, by_id.clone(), p![9]).await, Err(DbError::NotFound)));
    assert_eq!(Query::opt::<String>(&mut read, by_id, p![9]).await.unwrap(), None);
    let by_plan = point!("SELECT person FROM entry WHERE plan_id = $1");
    assert!(matches!(read.opt::<String>(by_plan.clone(), p![1]).await, Err(DbError::Other { .. })));
    assert_eq!(read.rows::<String>(by_plan, p![1]).await.unwrap().len(), 2);
}
}

both! {
async fn only_point_statements_are_read_inline(case: Case) {
    let result: Result<i64, _> = case.db.read().one(sql!("SELECT COUNT(*) FROM entry"), p![]).await;
    assert!(matches!(result, Err(DbError::NotAPoint)));
}
}

both! {
async fn neither_reads_nor_scans_can_write(case: Case) {
    let text = point!("UPDATE plan SET taken = 1 WHERE id = $1 RETURNING id");
    assert!(case.db.read().opt::<i64>(text, p![1]).await.is_err());
    let text = sql!("UPDATE plan SET taken = 1 RETURNING id");
    assert!(case.db.scan(Crowd::Staff).rows::<i64>(text, p![]).await.is_err());
    let taken: i64 = case.db.read().one(point!("SELECT taken FROM plan WHERE id = $1"), p![1]).await.unwrap();
    assert_eq!(taken, 0);
}
}

both! {
async fn a_taken_key_has_the_same_name(case: Case) {
    add(&case.db, 1).await.unwrap();
    let error = add(&case.db, 1).await.unwrap_err();
    assert!(error.violates("entry", &["id"]), "{error}");
    let same = common::Add { id: 2, person: "p1".into() };
    let error = case.db.write(Lane::Interactive, same).await.unwrap_err();
    assert!(error.violates("entry", &["person", "plan_id"]), "{error}");
    assert!(!error.violates("entry", &["id"]) && !error.violates("entry", &["person"]), "{error}");
    add(&case.db, 1000).await.unwrap();
    let other_case = common::Add { id: 1001, person: "P1000".into() };
    let error = case.db.write(Lane::Interactive, other_case).await.unwrap_err();
    assert!(error.violates_index("entry_lower"), "{error}");
}
}

both! {
async fn checks_nulls_and_references_are_told_apart(case: Case) {
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("UPDATE plan SET taken = 51 WHERE id = 1"), p![]).await?; Ok(0)
    })).await.unwrap_err();
    assert!(error.violates_check("plan_not_oversold"), "{error}");
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        let null: Option<&str> = None;
        tx.exec(sql!("INSERT INTO entry (id, plan_id, person) VALUES (1, 1, $1)"), p![null]).await?; Ok(0)
    })).await.unwrap_err();
    assert!(error.violates_check("entry.person not null"), "{error}");
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO entry (id, plan_id, person) VALUES (1, 9, 'x')"), p![]).await?; Ok(0)
    })).await.unwrap_err();
    assert!(matches!(error, DbError::Reference), "{error}");
}
}

both! {
async fn text_in_an_integer_column_is_refused(case: Case) {
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO entry (id, plan_id, person) VALUES ($1, 1, 'x')"), p!["abc"]).await?; Ok(0)
    })).await.unwrap_err();
    assert!(!error.to_string().contains("abc"), "{error}");
    assert_eq!(common::count(&case.db).await, 0);
}
}
