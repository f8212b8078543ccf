//! Composed queries, keyset pages and counts, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::add;
use db::filter::Select;
use db::page::{Count, Cursor, Page, each_page, page};
use db::{Command, Crowd, Db, DbError, Lane, P, Query, Tx, Value, keyset, p, piece, sql};

fn key(row: &(i64, String)) -> (Value, Value) {
    (Value::Text(row.1.clone()), Value::Int(row.0))
}

fn entries<'a>() -> Select<'a> {
    Select::new(piece!("e.id, e.person"), piece!("entry e"))
}

/// Entries 1 to 10: ids grow, the persons' numbers have the order of text.
async fn ten(db: &Db) {
    for id in 1..=10 {
        add(db, id).await.unwrap();
    }
}

async fn ids(db: &Db, select: Select<'_>) -> Vec<i64> {
    let select = select.order(piece!("e.id"));
    let rows: Vec<(i64, String)> = select.rows(&mut db.scan(Crowd::Staff)).await.unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

both! {
async fn conditions_join_and_what_people_typed_means_itself(case: Case) {
    let db = &case.db;
    ten(db).await;
    let rename = run!(|tx| {
        tx.exec(sql!("UPDATE entry SET person = $2 WHERE id = $1"), p![3, "100%_王\\'x"]).await?;
        Ok(0)
    });
    db.write(Lane::Interactive, rename).await.unwrap();
    assert_eq!(ids(db, entries()).await.len(), 10);
    let some = entries().and(piece!("e.id > $1"), p![4]).and(piece!("e.id < $1 OR e.id = $2"), p![6, 9]);
    assert_eq!(ids(db, some).await, [5, 9]);
    assert_eq!(ids(db, entries().one_of(piece!("e.id"), p![1, 7, 99])).await, [1, 7]);
    assert_eq!(ids(db, entries().one_of(piece!("e.id"), &[])).await, [0i64; 0]);
    let either = entries().any(&[(piece!("e.id = $1"), p![2]), (piece!("e.person = $1"), p!["p5"])]);
    assert_eq!(ids(db, either).await, [2, 5]);
    for (word, found) in [("%", vec![3]), ("_", vec![3]), ("王\\'", vec![3]), ("P1", vec![]), ("p1", vec![1, 10])] {
        assert_eq!(ids(db, entries().contains(piece!("e.person"), word)).await, found, "{word}");
    }
    let grouped: Vec<(i64, i64)> = Select::new(piece!("e.plan_id, COUNT(*)"), piece!("entry e"))
        .and(piece!("e.id > $1"), p![2])
        .then(piece!("GROUP BY e.plan_id HAVING COUNT(*) > $1"), p![1])
        .rows(&mut db.scan(Crowd::Staff)).await.unwrap();
    assert_eq!(grouped, [(1, 8)]);
}
}

both! {
async fn a_prefix_is_a_range_of_the_index(case: Case) {
    ten(&case.db).await;
    let end = db::dialect::prefix_end("p1").unwrap();
    let found = entries().and(piece!("e.person >= $1 AND e.person < $2"), p!["p1", &end]);
    assert_eq!(ids(&case.db, found).await, [1, 10]);
}
}

async fn turn(db: &Db, descending: bool, cursor: Option<&Cursor>) -> Page<(i64, String)> {
    let keyset = keyset!("e.person", "e.id");
    let keyset = if descending {
        keyset.descending()
    } else {
        keyset
    };
    page(
        &mut db.scan(Crowd::Staff),
        entries(),
        keyset,
        (cursor, 4),
        key,
    )
    .await
    .unwrap()
}

fn persons(page: &Page<(i64, String)>) -> Vec<&str> {
    page.rows.iter().map(|row| row.1.as_str()).collect()
}

both! {
async fn pages_follow_each_other_forth_and_back_in_both_directions(case: Case) {
    let db = &case.db;
    ten(db).await;
    for descending in [false, true] {
        let mut order = vec!["p1", "p10", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];
        if descending {
            order.reverse();
        }
        let first = turn(db, descending, None).await;
        assert_eq!(persons(&first), order[..4]);
        assert_eq!(first.previous, None);
        let next = Cursor::parse(&first.next.unwrap().to_string()).unwrap();
        let second = turn(db, descending, Some(&next)).await;
        assert_eq!(persons(&second), order[4..8]);
        let third = turn(db, descending, second.next.as_ref()).await;
        assert_eq!(persons(&third), order[8..]);
        assert_eq!(third.next, None);
        let back = turn(db, descending, third.previous.as_ref()).await;
        assert_eq!(persons(&back), order[4..8]);
        let front = turn(db, descending, back.previous.as_ref()).await;
        assert_eq!(persons(&front), order[..4]);
        assert!(front.next.is_some() && front.previous.is_none());
    }
}
}

both! {
async fn a_row_that_comes_between_pages_moves_no_other(case: Case) {
    let db = &case.db;
    ten(db).await;
    let first = turn(db, false, None).await;
    // Would push `p3` onto the next page once more, if pages were counted by rows.
    db.write(Lane::Interactive, common::Add { id: 11, person: "p0".to_owned() }).await.unwrap();
    let second = turn(db, false, first.next.as_ref()).await;
    assert_eq!(persons(&second), ["p4", "p5", "p6", "p7"]);
}
}

both! {
async fn an_export_sees_every_row_once_page_by_page(case: Case) {
    ten(&case.db).await;
    let (mut seen, mut calls) = (Vec::new(), 0);
    each_page(&mut case.db.scan(Crowd::Staff), &entries(), keyset!("e.person", "e.id"), 3, key, |rows| {
        calls += 1;
        seen.extend(rows.into_iter().map(|row| row.0));
        true
    }).await.unwrap();
    assert_eq!((seen.len(), calls), (10, 4));
    seen.sort_unstable();
    assert_eq!(seen, (1..=10).collect::<Vec<i64>>());
}
}

both! {
async fn a_walk_reads_one_stretch_of_an_index_in_its_order(case: Case) {
    let db = &case.db;
    let more = run!(|tx| {
        let plan = sql!("INSERT INTO plan (id, quota, taken) VALUES ($1, 50, 0)");
        for id in [2, 3] {
            tx.exec(plan.clone(), p![id]).await?;
        }
        let entry = sql!("INSERT INTO entry (id, plan_id, person) VALUES ($1, $2, $3)");
        for (id, plan, person) in [(1, 1, "c"), (2, 2, "a"), (3, 2, "c"), (4, 2, "b"), (5, 2, "d"), (6, 3, "b")] {
            tx.exec(entry.clone(), p![id, plan, person]).await?;
        }
        Ok(0)
    });
    db.write(Lane::Interactive, more).await.unwrap();
    let two = [(piece!("e.plan_id"), P::Int(2))];
    let of = |plan: i64| [(piece!("e.plan_id"), P::Int(plan))];
    let key = [piece!("e.person")];
    let walked = async |told: &[(db::filter::Piece, P<'static>)], bounds: (Option<&[P<'static>]>, Option<&[P<'static>]>), descends| {
        let select = entries().walk(told, &key, bounds, descends).limit(3);
        let rows: Vec<(i64, String)> = select.rows(&mut db.scan(Crowd::Staff)).await.unwrap();
        rows.into_iter().map(|row| row.0).collect::<Vec<i64>>()
    };
    assert_eq!(walked(&two, (None, None), false).await, [2, 4, 3]);
    assert_eq!(walked(&two, (None, None), true).await, [5, 3, 4]);
    assert_eq!(walked(&two, (Some(p!["bb"]), None), false).await, [3, 5]);
    assert_eq!(walked(&two, (None, Some(p!["b"])), true).await, [4, 2]);
    assert_eq!(walked(&two, (Some(p!["b"]), Some(p!["c"])), false).await, [4, 3]);
    assert_eq!(walked(&of(3), (None, Some(p!["c"])), true).await, [6]);
    assert_eq!(walked(&of(4), (None, None), true).await, [0i64; 0]);
    // Two columns told: the first equal, the second a range.
    let both = [(piece!("e.plan_id"), P::Int(2)), (piece!("e.person"), P::Text("c"))];
    let id = [piece!("e.id")];
    let select = entries().walk(&both, &id, (None, Some(p![9])), true);
    let rows: Vec<(i64, String)> = select.rows(&mut db.scan(Crowd::Staff)).await.unwrap();
    assert_eq!(rows, [(3, "c".to_owned())]);
    // A walk can be counted, to where counting stops.
    let counted = entries().walk(&two, &key, (None, None), false);
    assert_eq!(counted.count(&mut db.scan(Crowd::Staff), 10).await.unwrap(), 4);
    assert_eq!(counted.count(&mut db.scan(Crowd::Staff), 3).await.unwrap(), 3);
}
}

both! {
async fn a_count_that_came_to_its_end_is_believed_by_scans_for_a_while(case: Case) {
    let db = &case.db;
    db.write(Lane::Interactive, Fill(1, 1_200)).await.unwrap();
    let trail = || Select::new(piece!("t.id"), piece!("trail t"));
    let scan = async |most| trail().count(&mut db.scan(Crowd::Staff), most).await.unwrap();
    assert_eq!((scan(1_000).await, scan(1_201).await, scan(10).await), (1_000, 1_200, 10));
    let none = run!(|tx| {
        tx.exec(sql!("DELETE FROM trail"), p![]).await?;
        // What decides something is looked at, whatever was counted before.
        let counted = Select::new(piece!("t.id"), piece!("trail t")).count(tx, 1_000).await?;
        Ok(counted)
    });
    assert_eq!(db.write(Lane::Interactive, none).await.unwrap(), 0);
    // One that wasn't counted to its end, and one that is small, are made anew.
    assert_eq!((scan(1_000).await, scan(1_201).await, scan(10).await), (1_000, 0, 0));
}
}

/// Many trail rows in one command.
struct Fill(i64, i64);

impl Command for Fill {
    const NAME: &'static str = "fill";
    type Out = ();
    type Err = DbError;
    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        let text = sql!(
            "INSERT INTO trail (id, entry_id) WITH RECURSIVE n (i) AS \
             (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2) SELECT i, i FROM n"
        );
        tx.exec(text, p![self.0, self.1]).await.map(drop)
    }
}

both! {
async fn counting_stops_at_ten_thousand_and_one(case: Case) {
    let all = Select::new(piece!("t.id"), piece!("trail t"));
    let count = async || Count::of(&mut case.db.scan(Crowd::Staff), &all).await.unwrap();
    assert_eq!(count().await.exact(), Some(0));
    case.db.write(Lane::Background, Fill(1, 10_000)).await.unwrap();
    assert_eq!(count().await.exact(), Some(10_000));
    case.db.write(Lane::Background, Fill(10_001, 25_000)).await.unwrap();
    assert_eq!(count().await.to_string(), "超过 1 万");
    let few = all.clone().and(piece!("t.id <= $1"), p![12]);
    assert_eq!(Count::of(&mut case.db.scan(Crowd::Staff), &few).await.unwrap().exact(), Some(12));
    let ordered = all.clone().order(piece!("t.id"));
    assert!(Count::of(&mut case.db.scan(Crowd::Staff), &ordered).await.is_err());
}
}

both! {
async fn a_composed_query_is_no_point_read(case: Case) {
    let select = entries().and(piece!("e.id = $1"), p![1]);
    let result = select.rows::<(i64, String)>(&mut case.db.read()).await;
    assert!(matches!(result, Err(DbError::NotAPoint)));
    let null: Option<i64> = None;
    let (sql, values) = select.build(case.db.backend()).unwrap();
    assert_eq!((sql.text().contains("WHERE"), values[0]), (true, P::Int(1)));
    assert_eq!(P::from(null), P::Null);
    let mut scan = case.db.scan(Crowd::Candidates);
    assert!(Query::rows::<(i64, String)>(&mut scan, sql, &values).await.unwrap().is_empty());
}
}
