//! PostgreSQL's catalogue, of the schema that unqualified names are made in.

use super::text::{bracketed, index, normal, parts};
use super::{Column, Kind, Schema, Table};
use crate::{DbResult, Query, p, sql};

pub(super) async fn read(query: &mut impl Query) -> DbResult<Schema> {
    let tables: Vec<(i64, String)> = query
        .rows(
            sql!(
                "SELECT c.oid, CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = current_schema() AND c.relkind = 'r'"
            ),
            p![],
        )
        .await?;
    let mut schema = Schema::default();
    for (oid, name) in tables {
        let mut table = Table {
            name: name.clone(),
            ..Table::default()
        };
        columns(query, &mut table, oid).await?;
        indexes(query, &mut table, oid).await?;
        constraints(query, &mut table, oid).await?;
        schema.tables.insert(name, table);
    }
    Ok(schema)
}

/// Name, type, NOT NULL, default, collation.
type ColumnRow = (String, String, bool, Option<String>, Option<String>);

async fn columns(query: &mut impl Query, table: &mut Table, oid: i64) -> DbResult<()> {
    let rows: Vec<ColumnRow> = query
        .rows(
            sql!(
                "SELECT CAST(a.attname AS TEXT), format_type(a.atttypid, a.atttypmod), a.attnotnull, \
                 pg_get_expr(d.adbin, d.adrelid), CAST(l.collname AS TEXT) FROM pg_attribute a \
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
                 LEFT JOIN pg_collation l ON l.oid = a.attcollation \
                 WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
            ),
            p![oid],
        )
        .await?;
    for (name, kind, not_null, default, collation) in rows {
        let kind = match kind.as_str() {
            "bigint" => Kind::Int,
            "text" if collation.as_deref() == Some("C") => Kind::Text,
            "text" => Kind::Other("text without COLLATE \"C\"".to_owned()),
            "bytea" => Kind::Blob,
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
    Ok(())
}

async fn indexes(query: &mut impl Query, table: &mut Table, oid: i64) -> DbResult<()> {
    let rows: Vec<(String, bool, bool, bool, String)> = query
        .rows(
            sql!(
                "SELECT CAST(c.relname AS TEXT), x.indisunique, x.indisprimary, \
                 EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype = 'u'), \
                 pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid \
                 WHERE x.indrelid = $1"
            ),
            p![oid],
        )
        .await?;
    for (name, unique, primary, constraint, create) in rows {
        if primary {
            let columns = bracketed(&create).map_or("", |(columns, _)| columns);
            table.key = parts(columns).into_iter().map(str::to_owned).collect();
            continue;
        }
        let shape = index(&create, unique).unwrap_or(create);
        table.indexes.insert(if constraint {
            shape
        } else {
            format!("{name}: {shape}")
        });
    }
    Ok(())
}

async fn constraints(query: &mut impl Query, table: &mut Table, oid: i64) -> DbResult<()> {
    let rows: Vec<(String, bool, String)> = query
        .rows(
            sql!(
                "SELECT CAST(k.conname AS TEXT), k.contype = 'c', pg_get_constraintdef(k.oid) FROM pg_constraint k \
                 WHERE k.conrelid = $1 AND k.contype IN ('c', 'f')"
            ),
            p![oid],
        )
        .await?;
    for (name, is_check, definition) in rows {
        if is_check {
            let expression = definition.strip_prefix("CHECK ").unwrap_or(&definition);
            let name = if is_made_up(&name) {
                String::new()
            } else {
                format!("{name}: ")
            };
            table.checks.insert(format!("{name}{}", normal(expression)));
            continue;
        }
        // FOREIGN KEY (a) REFERENCES t(id)
        let Some((from, rest)) = bracketed(&definition) else {
            continue;
        };
        let Some((other, _)) = rest
            .trim()
            .strip_prefix("REFERENCES ")
            .and_then(|r| r.split_once('('))
        else {
            continue;
        };
        // A name that is a keyword too (`position`) comes in quotes.
        let other = other.trim_matches('"');
        let to = bracketed(rest).map_or("", |(to, _)| to);
        table
            .references
            .insert(format!("({from}) → {other} ({to})"));
        table.referenced.insert(other.to_owned());
    }
    Ok(())
}

/// PostgreSQL calls a CHECK without a name `table_column_check`, `table_check1`, ….
fn is_made_up(name: &str) -> bool {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
        .ends_with("_check")
}
