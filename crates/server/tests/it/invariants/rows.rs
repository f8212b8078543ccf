//! Rows and statements round every use case: what a broken disk, a bug or somebody with a database shell might leave.

use db::schema::{self, Kind, Schema};
use db::{Backend, Command, Crowd, DbError, Lane, Sql, Tx, Value};
use domain::audit::Entry;
use testkit::TestApp;
use vault::Mac as _;

/// Statements of a test, round every use case.
struct Raw(Vec<(Sql, Vec<Value>)>);

impl Command for Raw {
    const NAME: &'static str = "test.raw";
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

fn statement(text: String) -> Sql {
    Sql::__any(Box::leak(text.into_boxed_str()))
}

pub(crate) async fn run(t: &TestApp, texts: &[&str]) {
    for text in texts {
        let raw = Raw(vec![(statement((*text).to_owned()), Vec::new())]);
        t.app
            .db()
            .write(Lane::Interactive, raw)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

/// The guard off, for control runs: from now on the database forgets a column as soon as it is written.
pub(crate) async fn forgets(t: &TestApp, table: &str, column: &str, value: &str) {
    let name = format!("forgets_{table}_{column}");
    let texts = match t.app.db().backend() {
        Backend::Sqlite => ["INSERT", "UPDATE"]
            .map(|when| {
                format!(
                    "CREATE TRIGGER {name}_{when} AFTER {when} ON {table} WHEN NEW.{column} IS NOT {value} BEGIN \
                     UPDATE {table} SET {column} = {value} WHERE rowid = NEW.rowid; END"
                )
            })
            .to_vec(),
        Backend::Postgres => vec![
            format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN NEW.{column} := {value}; RETURN NEW; END'"
            ),
            format!(
                "CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            ),
        ],
    };
    for text in texts {
        run(t, &[&text]).await;
    }
}

/// Whether the database refuses a statement.
pub(crate) async fn refused(t: &TestApp, text: &str) -> bool {
    let raw = Raw(vec![(statement(text.to_owned()), Vec::new())]);
    t.app.db().write(Lane::Interactive, raw).await.is_err()
}

/// The one text that a statement reads.
pub(crate) async fn text_of(t: &TestApp, text: &str) -> String {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(statement(text.to_owned()), &[])
        .await
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Inserts rows that are told by their interesting columns only.
pub(crate) struct Rows<'a> {
    t: &'a TestApp,
    pub(crate) schema: Schema,
    next: u32,
}

impl<'a> Rows<'a> {
    pub(crate) async fn new(t: &'a TestApp) -> Self {
        let schema = schema::read(&mut t.app.db().scan(Crowd::System))
            .await
            .unwrap();
        Self { t, schema, next: 0 }
    }

    pub(crate) async fn put(&mut self, table: &str, told: &[(&str, Value)]) {
        self.next += 1;
        let shape = &self.schema.tables[table];
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in &shape.columns {
            let value = told
                .iter()
                .find(|(name, _)| *name == column.name)
                .map(|(_, value)| value.clone());
            let unique = column.name.ends_with("_id") && column.kind == Kind::Text
                || column.name.ends_with("_no")
                || ["code", "username"].contains(&column.name.as_str());
            let value = value.or(match column.kind {
                _ if column.nullable => None,
                Kind::Int => Some(Value::Int(0)),
                Kind::Text if unique => Some(Value::Text(format!("{table}{}", self.next))),
                Kind::Text => Some(Value::Text(String::new())),
                _ => Some(Value::Blob(Vec::new())),
            });
            if let Some(value) = value {
                names.push(format!("\"{}\"", column.name));
                values.push(value);
            }
        }
        let marks: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            marks.join(", ")
        );
        let raw = Raw(vec![(statement(text), values)]);
        self.t
            .app
            .db()
            .write(Lane::Interactive, raw)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error:?}"));
    }

    /// An entry of the trail, with a MAC as the product makes them.
    pub(super) async fn audit(&mut self, action: &str, object: (&str, i64), detail: &str) {
        self.next += 1;
        let entry = Entry {
            // Above all ids of the product's: the first entries stay its own.
            id: (1 << 62) + i64::from(self.next),
            at: self.t.now(),
            actor_kind: "system",
            actor_id: 0,
            action,
            object_kind: object.0,
            object_id: object.1,
            exam_id: 0,
            request_id: "test",
            detail,
        };
        let tag = self.t.keyring.audit_mac().sign(&entry.canonical());
        let told = [
            ("id", int(entry.id)),
            ("at", int(entry.at.micros())),
            ("actor_kind", text(entry.actor_kind)),
            ("action", text(action)),
            ("object_kind", text(entry.object_kind)),
            ("object_id", int(entry.object_id)),
            ("request_id", text(entry.request_id)),
            ("detail", text(detail)),
            ("key_version", int(i64::from(tag.version))),
            ("mac", Value::Blob(tag.bytes)),
        ];
        self.put("audit_entry", &told).await;
    }
}

pub(crate) fn int(value: i64) -> Value {
    Value::Int(value)
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
