//! Rows in bulk: told by their interesting columns, the others filled in by kind, many to a statement.

use std::collections::BTreeMap;

use app::App;
use db::schema::{self, Kind, Schema};
use db::{Backend, Command, Crowd, DbError, Lane, Sql, Tx, Value, p};

/// Variables in one statement. SQLite finds each by walking a list of them all, so many would cost their square.
const MOST_VARIABLES: usize = 250;

/// Statements round every use case.
struct Raw(Vec<(Sql, Vec<Value>)>);

impl Command for Raw {
    const NAME: &'static str = "scale.raw";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        for (sql, values) in &self.0 {
            let values: Vec<_> = values.iter().map(Value::as_p).collect();
            tx.exec(sql.clone(), &values).await?;
        }
        Ok(())
    }
}

/// Statements are put together from the catalogue: each shape once, so what leaks is small.
pub(crate) fn statement(text: String) -> Sql {
    Sql::__any(Box::leak(text.into_boxed_str()))
}

/// Columns told by name.
pub(crate) type Told = [(&'static str, Value)];

struct Pending {
    table: &'static str,
    columns: Vec<String>,
    /// What a column holds that isn't told.
    defaults: Vec<Value>,
    rows_full: usize,
    /// The statement for each number of rows that came up.
    shapes: BTreeMap<usize, Sql>,
    values: Vec<Value>,
}

/// Collects rows by table and writes them in chunks, the tables in the order in which they were first told of: what is
/// referred to comes first.
pub(crate) struct Bulk {
    app: App,
    schema: Schema,
    tables: Vec<Pending>,
    /// What is being written while the next rows are made.
    writing: Option<tokio::task::JoinHandle<Result<(), DbError>>>,
    /// Indexes that were dropped for the load, as they were written.
    indexes: Vec<String>,
    pub(crate) rows: u64,
}

fn insert(table: &str, columns: &[String], rows: usize) -> Sql {
    let mut number = 0;
    let groups: Vec<String> = (0..rows)
        .map(|_| {
            let marks: Vec<String> = columns
                .iter()
                .map(|_| {
                    number += 1;
                    format!("${number}")
                })
                .collect();
            format!("({})", marks.join(","))
        })
        .collect();
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    statement(format!(
        "INSERT INTO {table} ({}) VALUES {}",
        names.join(","),
        groups.join(",")
    ))
}

impl Bulk {
    /// A load into `app`'s database, its secondary indexes dropped until [`Bulk::finish`].
    pub(crate) async fn begin(app: &App) -> Self {
        let mut scan = app.db().scan(Crowd::System);
        let schema = schema::read(&mut scan).await.expect("the catalogue");
        let (list, drop): (&str, fn(&str) -> String) = match app.db().backend() {
            Backend::Sqlite => (
                "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
                |name| format!("DROP INDEX {name}"),
            ),
            Backend::Postgres => (
                "SELECT CAST(i.indexname AS TEXT), i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema() \
                 AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
                |name| format!("DROP INDEX {name}"),
            ),
        };
        let found: Vec<(String, String)> = scan
            .rows(statement(list.to_owned()), p![])
            .await
            .expect("the indexes");
        let mut bulk = Self {
            app: app.clone(),
            schema,
            tables: Vec::new(),
            writing: None,
            indexes: Vec::new(),
            rows: 0,
        };
        for (name, text) in found {
            bulk.run(&drop(&name)).await;
            bulk.indexes.push(text);
        }
        bulk
    }

    /// One statement.
    pub(crate) async fn run(&self, text: &str) {
        let raw = Raw(vec![(statement(text.to_owned()), Vec::new())]);
        let db = self.app.db();
        db.write(Lane::Background, raw)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }

    /// One more row.
    pub(crate) fn put(&mut self, table: &'static str, told: &Told) {
        let place = match self.tables.iter().position(|one| one.table == table) {
            Some(place) => place,
            None => {
                self.tables.push(pending(&self.schema, table));
                self.tables.len() - 1
            }
        };
        let pending = &mut self.tables[place];
        let at = pending.values.len();
        pending.values.extend(pending.defaults.iter().cloned());
        for (name, value) in told {
            let place = pending
                .columns
                .iter()
                .position(|column| column == name)
                .unwrap_or_else(|| panic!("{table} has no column {name}"));
            pending.values[at + place] = value.clone();
        }
        self.rows += 1;
    }

    /// Writes what was told. Returns while it is being written.
    pub(crate) async fn flush(&mut self) {
        let mut raw = Vec::new();
        for pending in &mut self.tables {
            let width = pending.columns.len();
            let mut values = std::mem::take(&mut pending.values);
            while !values.is_empty() {
                let rows = (values.len() / width).min(pending.rows_full);
                let rest = values.split_off(rows * width);
                let sql = pending
                    .shapes
                    .entry(rows)
                    .or_insert_with(|| insert(pending.table, &pending.columns, rows));
                raw.push((sql.clone(), std::mem::replace(&mut values, rest)));
            }
        }
        self.written().await;
        let db = self.app.db().clone();
        self.writing = Some(tokio::spawn(async move {
            db.write(Lane::Background, Raw(raw)).await
        }));
    }

    async fn written(&mut self) {
        if let Some(writing) = self.writing.take() {
            writing.await.expect("no panic").expect("the rows");
        }
    }

    /// Writes what is left and makes the indexes again.
    pub(crate) async fn finish(&mut self) {
        self.flush().await;
        self.written().await;
        for text in std::mem::take(&mut self.indexes) {
            self.run(&text).await;
        }
        if self.app.db().backend() == Backend::Postgres {
            self.run("ANALYZE").await;
        }
    }
}

fn pending(schema: &Schema, table: &'static str) -> Pending {
    let shape = &schema.tables[table];
    let columns: Vec<String> = shape.columns.iter().map(|c| c.name.clone()).collect();
    let of = |column: &schema::Column| match column.kind {
        _ if column.nullable => Value::Null,
        Kind::Int => Value::Int(0),
        Kind::Text => Value::Text(String::new()),
        _ => Value::Blob(Vec::new()),
    };
    Pending {
        table,
        defaults: shape.columns.iter().map(of).collect(),
        rows_full: (MOST_VARIABLES / columns.len()).clamp(1, 200),
        columns,
        shapes: BTreeMap::new(),
        values: Vec::new(),
    }
}

/// A number.
pub(crate) fn int(value: i64) -> Value {
    Value::Int(value)
}

/// A text.
pub(crate) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}
