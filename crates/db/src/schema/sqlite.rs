//! SQLite's catalogue. CHECKs are found in the text of the table, which is all that SQLite keeps of them.

use std::collections::BTreeMap;

use super::text::{bracketed, index, normal, parts, shape};
use super::{Column, Kind, Schema, Table};
use crate::{DbResult, Query, p, sql};

pub(super) async fn read(query: &mut impl Query) -> DbResult<Schema> {
    let tables: Vec<(String, String, bool)> = query
        .rows(
            sql!(
                "SELECT s.name, s.sql, l.strict FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name \
                 WHERE s.type = 'table' AND l.schema = 'main' AND substr(s.name, 1, 7) <> 'sqlite_'"
            ),
            p![],
        )
        .await?;
    let mut schema = Schema::default();
    for (name, create, strict) in tables {
        let mut table = Table {
            name: name.clone(),
            ..Table::default()
        };
        columns(query, &mut table, strict).await?;
        indexes(query, &mut table).await?;
        references(query, &mut table).await?;
        checks(&create, &mut table);
        schema.tables.insert(name, table);
    }
    Ok(schema)
}

async fn columns(query: &mut impl Query, table: &mut Table, strict: bool) -> DbResult<()> {
    let rows: Vec<(String, String, bool, Option<String>, i64)> = query
        .rows(
            sql!("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info($1) ORDER BY cid"),
            p![&table.name],
        )
        .await?;
    let mut key = BTreeMap::new();
    for (name, kind, not_null, default, pk) in rows {
        if pk > 0 {
            key.insert(pk, name.clone());
        }
        let kind = match kind.as_str() {
            // Anything goes into a column of a table that isn't strict.
            _ if !strict => Kind::Other(format!("{kind} of a table that is not STRICT")),
            "INTEGER" => Kind::Int,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Blob,
            other => Kind::Other(other.to_owned()),
        };
        let default = default.as_deref().map(normal).unwrap_or_default();
        table.columns.push(Column {
            name,
            kind,
            nullable: !not_null,
            default,
        });
    }
    table.key = key.into_values().collect();
    Ok(())
}

async fn indexes(query: &mut impl Query, table: &mut Table) -> DbResult<()> {
    let rows: Vec<(String, bool, String, Option<String>)> = query
        .rows(
            sql!(
                "SELECT l.name, l.\"unique\", l.origin, s.sql FROM pragma_index_list($1) l \
                 LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name"
            ),
            p![&table.name],
        )
        .await?;
    for (name, unique, origin, create) in rows {
        match (origin.as_str(), create) {
            ("pk", _) => {}
            (_, Some(create)) => {
                let shape = index(&create, unique).unwrap_or(create);
                table.indexes.insert(format!("{name}: {shape}"));
            }
            (_, None) => {
                let columns: Vec<String> = query
                    .rows(
                        sql!("SELECT name FROM pragma_index_info($1) ORDER BY seqno"),
                        p![&name],
                    )
                    .await?;
                table.indexes.insert(shape(unique, &columns, ""));
            }
        }
    }
    Ok(())
}

async fn references(query: &mut impl Query, table: &mut Table) -> DbResult<()> {
    let rows: Vec<(i64, String, String, Option<String>)> = query
        .rows(
            sql!(
                "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list($1) ORDER BY id, seq"
            ),
            p![&table.name],
        )
        .await?;
    let mut keys: BTreeMap<i64, (String, Vec<String>, Vec<String>)> = BTreeMap::new();
    for (id, other, from, to) in rows {
        let key = keys
            .entry(id)
            .or_insert_with(|| (other, Vec::new(), Vec::new()));
        key.1.push(from);
        key.2.extend(to);
    }
    for (other, from, to) in keys.into_values() {
        table.references.insert(format!(
            "({}) → {other} ({})",
            from.join(", "),
            to.join(", ")
        ));
        table.referenced.insert(other);
    }
    Ok(())
}

/// The CHECKs among the parts of `CREATE TABLE name (…)`, those of columns included.
fn checks(create: &str, table: &mut Table) {
    let without_comments: String = create
        .lines()
        .map(|line| line.split_once("--").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join(" ");
    let Some((body, _)) = bracketed(&without_comments) else {
        return;
    };
    for part in parts(body) {
        let mut rest = part;
        while let Some((before, after)) = rest.split_once("CHECK") {
            let Some((expression, remaining)) = bracketed(after) else {
                break;
            };
            let name = before
                .rsplit_once("CONSTRAINT ")
                .map(|(_, name)| format!("{}: ", name.trim()))
                .unwrap_or_default();
            table.checks.insert(format!("{name}{}", normal(expression)));
            rest = remaining;
        }
    }
}
