//! The schema that the migrations give.

use db::Crowd;
use db::schema::{self, Schema};
use testkit::TestApp;

async fn schema_of(t: &TestApp) -> Schema {
    schema::read(&mut t.app.db().scan(Crowd::System))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_two_migration_folders_give_one_schema() {
    let (sqlite, postgres) = (TestApp::sqlite().await, TestApp::postgres().await);
    let (sqlite, postgres) = (schema_of(&sqlite).await, schema_of(&postgres).await);
    assert_eq!(sqlite.differences(&postgres), [""; 0]);
    assert!(sqlite.tables.len() > 50, "{}", sqlite.tables.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_has_a_key_and_only_the_three_kinds_of_columns() {
    for table in schema_of(&TestApp::postgres().await)
        .await
        .tables
        .into_values()
    {
        assert!(!table.key.is_empty(), "{}", table.name);
        for column in &table.columns {
            assert!(
                !matches!(column.kind, schema::Kind::Other(_)),
                "{} {column:?}",
                table.name
            );
            assert!(
                column.default.is_empty(),
                "{} {column:?}: values are made in Rust",
                table.name
            );
        }
    }
}
