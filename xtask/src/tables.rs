//! Which feature owns which table: `-- owner: feature` stands above each `CREATE TABLE`, alike in both dialects.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::sources::{Kind, Source, files};

/// Owner by table.
pub type Owners = BTreeMap<String, String>;

/// The owners of all tables, and what is wrong with the comments.
pub fn owners(root: &Path) -> Result<(Owners, Vec<String>)> {
    let mut problems = Vec::new();
    let jobs = |dialect: &str| -> Result<Source> {
        let path = format!("crates/jobs/migrations/{dialect}.sql");
        let text = std::fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
        Ok(Source { path, text })
    };
    let mut dialects = Vec::new();
    for dialect in ["sqlite", "postgres"] {
        let mut owners = Owners::new();
        let mut sources = files(root, &format!("crates/app/migrations/{dialect}"), &["sql"])?;
        sources.push(jobs(dialect)?);
        for source in sources {
            read(&source, &mut owners, &mut problems);
        }
        dialects.push(owners);
    }
    if let [sqlite, postgres] = dialects.as_slice()
        && sqlite != postgres
    {
        let differ = |one: &Owners, two: &Owners| {
            one.iter()
                .filter(|(table, owner)| two.get(*table) != Some(*owner))
                .count()
        };
        let count = differ(sqlite, postgres).max(differ(postgres, sqlite));
        problems.push(format!(
            "the owners of {count} tables differ between the two dialects"
        ));
    }
    Ok((dialects.into_iter().next().unwrap_or_default(), problems))
}

fn read(source: &Source, owners: &mut Owners, problems: &mut Vec<String>) {
    let mut owner: Option<String> = None;
    for (number, line) in source.text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("-- owner:") {
            owner = Some(name.trim().to_owned());
        } else if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let table: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            match owner.take() {
                Some(owner) => drop(owners.insert(table, owner)),
                None => problems.push(format!(
                    "{}:{}: {table} has no owner",
                    source.path,
                    number + 1
                )),
            }
        }
    }
}

/// Writes of features to tables that they don't own, and how many writes there are.
pub fn writes(sources: &[Source], owners: &Owners) -> (Vec<String>, usize) {
    let mut problems = Vec::new();
    let mut count = 0;
    for source in sources {
        let writer = match source.crate_name() {
            "jobs" => "jobs",
            // It writes its own table of migrations, and whatever a backup holds.
            "db" => continue,
            _ => source.feature(),
        };
        for statement in source.statements() {
            if statement.kind != Kind::Whole {
                continue;
            }
            for table in written(&statement.text) {
                count += 1;
                let place = format!("{}:{}", source.path, statement.line);
                match owners.get(&table) {
                    None => problems.push(format!(
                        "{place}: writes to {table}, which no migration makes"
                    )),
                    Some(owner) if owner != writer => problems.push(format!(
                        "{place}: {writer} writes to {table}, which belongs to {owner}"
                    )),
                    Some(_) => {}
                }
            }
        }
    }
    (problems, count)
}

/// The tables that a statement changes.
fn written(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut tables = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let at = |offset: usize| words.get(index + offset).copied().unwrap_or_default();
        let table = match *word {
            "INSERT" if at(1) == "INTO" => at(2),
            "DELETE" if at(1) == "FROM" => at(2),
            // Not `ON CONFLICT … DO UPDATE SET` nor `FOR UPDATE`.
            "UPDATE" if at(1) != "SET" && words.get(index.wrapping_sub(1)) != Some(&"FOR") => at(1),
            _ => continue,
        };
        let table: String = table
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        tables.push(table);
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_tables_of_a_statement_are_told() {
        for (text, tables) in [
            (
                "SELECT a FROM b WHERE c = $1 FOR UPDATE SKIP LOCKED",
                vec![],
            ),
            (
                "INSERT INTO a (b) VALUES ($1) ON CONFLICT (b) DO UPDATE SET c = 1",
                vec!["a"],
            ),
            ("UPDATE a SET b = 1", vec!["a"]),
            ("DELETE FROM a WHERE b = 1", vec!["a"]),
            ("INSERT INTO a(b) SELECT c FROM d", vec!["a"]),
        ] {
            assert_eq!(written(text), tables, "{text}");
        }
    }

    #[test]
    fn a_foreign_write_is_found() {
        let owners = Owners::from([("account".to_owned(), "account".to_owned())]);
        let source = |path: &str| Source {
            path: path.to_owned(),
            text: "fn f() { sql!(\"UPDATE account SET a = 1\"); }".to_owned(),
        };
        let own = [source("crates/app/src/account/store.rs")];
        assert_eq!(writes(&own, &owners), (vec![], 1));
        let foreign = [source("crates/app/src/photo/store.rs")];
        assert_eq!(writes(&foreign, &owners).0.len(), 1);
    }
}
