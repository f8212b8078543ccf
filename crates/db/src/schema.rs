//! What tables a database really has, read from its own catalogue: to compare what the two folders of migrations give,
//! and to copy tables without knowing any feature.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Backend, DbResult, Query};

mod postgres;
mod sqlite;
mod text;

/// The migrations' own table, which differs between the two databases.
pub(crate) const VERSIONS: &str = "schema_version";

/// The tables of a database, by name, without the one that notes the migrations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// By name.
    pub tables: BTreeMap<String, Table>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key, in the key's order.
    pub key: Vec<String>,
    /// Unique constraints and indexes: `unique (a, b) where state = 'open'`, with the name if it was given one.
    pub indexes: BTreeSet<String>,
    /// CHECKs, brought to one form, with the name if it was given one.
    pub checks: BTreeSet<String>,
    /// Foreign keys: `(a) → t (id)`.
    pub references: BTreeSet<String>,
    /// The tables that those name.
    pub referenced: BTreeSet<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What it is if an INSERT doesn't say, empty for nothing.
    pub default: String,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Integers of 64 bits.
    Int,
    /// Text, ordered by its bytes.
    Text,
    /// Bytes.
    Blob,
    /// Something that this project doesn't use, as the database calls it.
    Other(String),
}

/// Reads the catalogue.
///
/// # Errors
/// What the database refuses.
pub async fn read(query: &mut impl Query) -> DbResult<Schema> {
    let mut schema = match query.backend() {
        Backend::Sqlite => sqlite::read(query).await?,
        Backend::Postgres => postgres::read(query).await?,
    };
    schema.tables.remove(VERSIONS);
    Ok(schema)
}

impl Schema {
    /// What differs, a line each; nothing if the two are alike.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let names: BTreeSet<&String> = self.tables.keys().chain(other.tables.keys()).collect();
        for name in names {
            match (self.tables.get(name), other.tables.get(name)) {
                (Some(one), Some(two)) => one.differences(two, &mut found),
                (Some(_), None) => found.push(format!("{name}: missing in the second")),
                (None, _) => found.push(format!("{name}: missing in the first")),
            }
        }
        found
    }

    /// The tables so that each comes after those it refers to. Circles, if there were any, come last.
    pub fn in_reference_order(&self) -> Vec<&Table> {
        let mut ordered: Vec<&Table> = Vec::new();
        let mut rest: Vec<&Table> = self.tables.values().collect();
        loop {
            let placed: BTreeSet<&str> = ordered.iter().map(|table| table.name.as_str()).collect();
            let (ready, waiting): (Vec<&Table>, Vec<&Table>) =
                rest.into_iter().partition(|table| {
                    table
                        .referenced
                        .iter()
                        .all(|other| *other == table.name || placed.contains(other.as_str()))
                });
            if ready.is_empty() {
                ordered.extend(waiting);
                return ordered;
            }
            ordered.extend(ready);
            rest = waiting;
        }
    }
}

impl Table {
    fn differences(&self, other: &Self, found: &mut Vec<String>) {
        let name = &self.name;
        let mut say = |what: &str, one: String, two: String| {
            if one != two {
                found.push(format!("{name}: {what}: {one} | {two}"));
            }
        };
        let columns = |table: &Self| {
            table
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect::<Vec<_>>()
        };
        say(
            "columns",
            columns(self).join(", "),
            columns(other).join(", "),
        );
        for column in &self.columns {
            let twin = other.columns.iter().find(|other| other.name == column.name);
            if let Some(twin) = twin {
                say("column", format!("{column:?}"), format!("{twin:?}"));
            }
        }
        say("primary key", self.key.join(", "), other.key.join(", "));
        for (what, one, two) in [
            ("index", &self.indexes, &other.indexes),
            ("check", &self.checks, &other.checks),
            ("reference", &self.references, &other.references),
        ] {
            let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
                a.difference(b).cloned().collect::<Vec<_>>().join("; ")
            };
            say(what, only(one, two), only(two, one));
        }
    }
}
