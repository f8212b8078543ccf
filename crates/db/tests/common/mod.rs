//! The tiny schema of these tests, on both databases.
#![allow(dead_code, reason = "each test file uses a part of it")]

use db::{Command, Crowd, Db, DbError, Lane, Migration, Migrations, Options, Tx, p, sql};

pub const MIGRATIONS: Migrations = Migrations(&[Migration {
    number: 1,
    name: "0001_tiny",
    sqlite: "
        CREATE TABLE plan (id INTEGER NOT NULL PRIMARY KEY, quota INTEGER NOT NULL, taken INTEGER NOT NULL,
          CONSTRAINT plan_not_oversold CHECK (taken <= quota)) STRICT;
        CREATE TABLE entry (id INTEGER NOT NULL PRIMARY KEY, plan_id INTEGER NOT NULL REFERENCES plan (id),
          person TEXT NOT NULL, note BLOB, UNIQUE (plan_id, person)) STRICT;
        CREATE UNIQUE INDEX entry_lower ON entry (lower(person)) WHERE id >= 1000;
        CREATE TABLE trail (id INTEGER NOT NULL PRIMARY KEY, entry_id INTEGER NOT NULL) STRICT;
        INSERT INTO plan (id, quota, taken) VALUES (1, 50, 0);",
    postgres: "
        CREATE TABLE plan (id BIGINT NOT NULL PRIMARY KEY, quota BIGINT NOT NULL, taken BIGINT NOT NULL,
          CONSTRAINT plan_not_oversold CHECK (taken <= quota));
        CREATE TABLE entry (id BIGINT NOT NULL PRIMARY KEY, plan_id BIGINT NOT NULL REFERENCES plan (id),
          person TEXT COLLATE \"C\" NOT NULL, note BYTEA, UNIQUE (plan_id, person));
        CREATE UNIQUE INDEX entry_lower ON entry (lower(person)) WHERE id >= 1000;
        CREATE TABLE trail (id BIGINT NOT NULL PRIMARY KEY, entry_id BIGINT NOT NULL);
        INSERT INTO plan (id, quota, taken) VALUES (1, 50, 0);",
}]);

/// An open, migrated database and the folder that it may live in.
pub struct Case {
    pub db: Db,
    pub dir: tempfile::TempDir,
    pub options: Options,
}

pub fn sqlite_options(dir: &tempfile::TempDir) -> Options {
    generous(Options::new(format!(
        "sqlite:{}",
        dir.path().join("t.db").display()
    )))
}

pub fn postgres_options() -> Options {
    generous(Options::new(db::testing::fresh_database()))
}

/// These machines are slow at times, and no test here is about the limit of a read unless it says so.
fn generous(options: Options) -> Options {
    let long = std::time::Duration::from_secs(20);
    Options {
        read_limit: long,
        scan_limit: long,
        command_limit: long,
        ..options
    }
}

pub async fn open(options: Options, dir: tempfile::TempDir) -> Case {
    db::migrate(&options, &MIGRATIONS, 1).await.unwrap();
    Case {
        db: Db::open(options.clone()).await.unwrap(),
        dir,
        options,
    }
}

pub async fn sqlite() -> Case {
    let dir = tempfile::tempdir().unwrap();
    open(sqlite_options(&dir), dir).await
}

pub async fn postgres() -> Case {
    open(postgres_options(), tempfile::tempdir().unwrap()).await
}

/// Runs the body as two tests, `sqlite` and `postgres`.
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* async fn $name:ident($case:ident: Case) $body:block) => {
        mod $name {
            use super::*;
            $(#[$meta])*
            async fn body($case: common::Case) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() { body(common::sqlite().await).await; }
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() { body(common::postgres().await).await; }
        }
    };
}

/// Adds an entry and its trail row: two rows that must never be torn apart.
#[derive(Clone)]
pub struct Add {
    pub id: i64,
    pub person: String,
}

impl Add {
    pub fn new(id: i64) -> Self {
        Self {
            id,
            person: format!("p{id}"),
        }
    }
}

impl Command for Add {
    const NAME: &'static str = "add";
    type Out = i64;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<i64, DbError> {
        tx.exec(
            sql!("INSERT INTO entry (person, plan_id, id) VALUES ($3, $2, $1)"),
            p![self.id, 1, &self.person],
        )
        .await?;
        tx.exec(
            sql!("INSERT INTO trail (id, entry_id) VALUES ($1, $1)"),
            p![self.id],
        )
        .await?;
        tx.wake("added");
        Ok(self.id)
    }
}

pub async fn add(db: &Db, id: i64) -> Result<i64, DbError> {
    db.write(Lane::Interactive, Add::new(id)).await
}

pub async fn count(db: &Db) -> i64 {
    db.scan(Crowd::System)
        .one(sql!("SELECT COUNT(*) FROM entry"), p![])
        .await
        .unwrap()
}

/// Entries without a trail row and trail rows without an entry.
pub async fn torn(db: &Db) -> i64 {
    let text = sql!(
        "SELECT (SELECT COUNT(*) FROM entry WHERE id NOT IN (SELECT entry_id FROM trail)) \
         + (SELECT COUNT(*) FROM trail WHERE entry_id NOT IN (SELECT id FROM entry))"
    );
    db.scan(Crowd::System).one(text, p![]).await.unwrap()
}

/// A command made of a closure over one statement, for tests.
pub struct Run<F>(pub F);

impl<F> Command for Run<F>
where
    F: for<'a> Fn(
            &'a mut Tx,
        )
            -> std::pin::Pin<Box<dyn Future<Output = Result<i64, DbError>> + Send + 'a>>
        + Send
        + Sync
        + 'static,
{
    const NAME: &'static str = "run";
    type Out = i64;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<i64, DbError> {
        (self.0)(tx).await
    }
}

/// Tells the compiler what the closure's future is.
pub fn run<F>(body: F) -> Run<F>
where
    F: for<'a> Fn(
            &'a mut Tx,
        )
            -> std::pin::Pin<Box<dyn Future<Output = Result<i64, DbError>> + Send + 'a>>
        + Send
        + Sync
        + 'static,
{
    Run(body)
}

/// `run!(|tx| { … Ok(1) })`: a command in place.
#[macro_export]
macro_rules! run {
    (|$tx:ident| $body:expr) => {
        common::run(move |$tx: &mut db::Tx| Box::pin(async move { $body }))
    };
}
