//! `cargo xtask sql FOLDER`: SQL isn't checked by the compiler, so every statement must have been executed by the tests,
//! on both databases. The traces are written by `db::testing::trace`, which describes their format.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::say;
use crate::sources::{For, Kind, Statement, files};

/// The limits of a point read, as in `db::testing::trace`.
const POINT_FULL_SCAN_STEPS: u64 = 100;
const POINT_VM_STEPS: u64 = 5_000;

/// What was executed.
#[derive(Debug, Default)]
struct Executed {
    sqlite: BTreeSet<String>,
    postgres: BTreeSet<String>,
    /// Point reads that worked too hard: the text with steps and full-scan steps.
    too_hard: BTreeMap<String, (u64, u64)>,
}

/// Whether every statement of the sources was executed.
pub fn check(root: &Path, folder: &Path) -> Result<bool> {
    let executed = read(folder)?;
    // What was executed, with all placeholders alike: pieces are renumbered when they are joined.
    let joined = |texts: &BTreeSet<String>| texts.iter().map(|t| unnumbered(t)).collect::<Vec<_>>();
    let (joined_sqlite, joined_postgres) = (joined(&executed.sqlite), joined(&executed.postgres));
    let mut required: BTreeMap<(String, Kind2), (Statement, String)> = BTreeMap::new();
    for source in files(root, "crates", &["rs"])? {
        let parts: Vec<&str> = source.path.split('/').collect();
        let counts = parts.get(2) == Some(&"src")
            && source.crate_name() != "testkit"
            && !source.path.starts_with("crates/db/src/testing/");
        if !counts {
            continue;
        }
        for statement in source.statements() {
            // The toolkit's own pieces have names in them that others fill in.
            if source.crate_name() == "db" && statement.kind != Kind::Whole {
                continue;
            }
            let place = format!("{}:{}", source.path, statement.line);
            let key = (statement.text.clone(), Kind2::of(statement.kind));
            required.entry(key).or_insert((statement, place));
        }
    }
    let (mut on_sqlite, mut on_postgres, mut missing) = (0, 0, 0);
    for (statement, place) in required.values() {
        let mut where_missing = Vec::new();
        if statement.only != For::Postgres {
            if was_executed(statement, &executed.sqlite, &joined_sqlite) {
                on_sqlite += 1;
            } else {
                where_missing.push("SQLite");
            }
        }
        if statement.only != For::Sqlite {
            if was_executed(statement, &executed.postgres, &joined_postgres) {
                on_postgres += 1;
            } else {
                where_missing.push("PostgreSQL");
            }
        }
        if !where_missing.is_empty() {
            missing += 1;
            say(&format!(
                "{place}: not executed on {}: {}",
                where_missing.join(", "),
                statement.text
            ));
        }
    }
    let hard: Vec<_> = executed
        .too_hard
        .iter()
        .filter(|(text, _)| is_ours(text, &required))
        .collect();
    for (text, (steps, scanned)) in &hard {
        say(&format!(
            "a point read of {steps} steps, {scanned} of them without an index: {text}"
        ));
    }
    let only = |only: For| required.values().filter(|(s, _)| s.only == only).count();
    say(&format!(
        "sql: {} statements, {on_sqlite} on SQLite, {on_postgres} on PostgreSQL \
         ({} for SQLite only, {} for PostgreSQL only), {missing} not executed, {} point reads too hard",
        required.len(),
        only(For::Sqlite),
        only(For::Postgres),
        hard.len()
    ));
    if required.is_empty() {
        bail!("no statement was found in the sources");
    }
    Ok(missing == 0 && hard.is_empty())
}

/// For the order of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind2 {
    Whole,
    Part,
}

impl Kind2 {
    fn of(kind: Kind) -> Self {
        if kind == Kind::Whole {
            Self::Whole
        } else {
            Self::Part
        }
    }
}

fn is_ours(text: &str, required: &BTreeMap<(String, Kind2), (Statement, String)>) -> bool {
    required.contains_key(&(text.to_owned(), Kind2::Whole))
}

fn was_executed(statement: &Statement, whole: &BTreeSet<String>, joined: &[String]) -> bool {
    match statement.kind {
        Kind::Whole => whole.contains(&statement.text),
        Kind::Piece => {
            let piece = unnumbered(&statement.text);
            joined.iter().any(|text| text.contains(&piece))
        }
        Kind::Keyset => {
            let forth = format!("ORDER BY {}", statement.text);
            let back = format!("ORDER BY {} DESC", statement.text.replace(", ", " DESC, "));
            joined
                .iter()
                .any(|text| text.contains(&forth) || text.contains(&back))
        }
    }
}

/// `$12` is `$`.
fn unnumbered(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut after_mark = false;
    for c in text.chars() {
        if after_mark && c.is_ascii_digit() {
            continue;
        }
        after_mark = c == '$';
        bare.push(c);
    }
    bare
}

fn read(folder: &Path) -> Result<Executed> {
    let mut executed = Executed::default();
    let mut lines = 0usize;
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for line in text.lines() {
            lines += usize::from(note(line, &mut executed).is_some());
        }
    }
    if lines == 0 {
        bail!(
            "{} holds no trace: run the tests with BAOKAO_SQL_TRACE={0}",
            folder.display()
        );
    }
    Ok(executed)
}

/// `backend · kind · full-scan steps · sorts · steps · text`. None for a line that a killed process left torn.
fn note(line: &str, executed: &mut Executed) -> Option<()> {
    let fields: Vec<&str> = line.splitn(6, '\t').collect();
    let [backend, kind, scanned, _, steps, text] = fields.as_slice() else {
        return None;
    };
    let (scanned, steps): (u64, u64) = (scanned.parse().ok()?, steps.parse().ok()?);
    let text = unescaped(text);
    if *kind == "point" && (scanned > POINT_FULL_SCAN_STEPS || steps > POINT_VM_STEPS) {
        executed.too_hard.insert(text.clone(), (steps, scanned));
    }
    match *backend {
        "sqlite" => executed.sqlite.insert(text),
        "postgres" => executed.postgres.insert(text),
        _ => return None,
    };
    Some(())
}

fn unescaped(text: &str) -> String {
    let mut clear = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        clear.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => break,
            },
            other => other,
        });
    }
    clear
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(kind: Kind, text: &str) -> Statement {
        Statement {
            kind,
            text: text.to_owned(),
            only: For::Both,
            line: 1,
        }
    }

    #[test]
    fn a_trace_is_read_and_a_torn_line_is_not() {
        let mut executed = Executed::default();
        note(
            "sqlite\tpoint\t0\t0\t12\tSELECT a\\n\\\\ FROM b",
            &mut executed,
        );
        note("postgres\tany\t0\t0\t0\tSELECT c", &mut executed);
        note("sqlite\tpoint\t101\t0\t12\tSELECT d", &mut executed);
        assert!(note("sqlite\tpoi", &mut executed).is_none());
        assert!(executed.sqlite.contains("SELECT a\n\\ FROM b"));
        assert!(executed.postgres.contains("SELECT c"));
        assert_eq!(executed.too_hard.keys().collect::<Vec<_>>(), ["SELECT d"]);
    }

    #[test]
    fn pieces_are_found_in_what_they_were_joined_to() {
        let whole = BTreeSet::from([
            "SELECT x FROM t WHERE (a = $1) AND (b = $2 OR c = $3) ORDER BY k DESC, id DESC"
                .to_owned(),
        ]);
        let joined: Vec<String> = whole.iter().map(|text| unnumbered(text)).collect();
        let found = |kind, text: &str| was_executed(&statement(kind, text), &whole, &joined);
        assert!(found(Kind::Piece, "b = $1 OR c = $2"));
        assert!(!found(Kind::Piece, "d = $1"));
        assert!(found(Kind::Keyset, "k, id"));
        assert!(!found(Kind::Keyset, "z, id"));
        assert!(!found(Kind::Whole, "b = $1 OR c = $2"));
    }
}
