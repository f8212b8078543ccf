//! `cargo xtask arch`: what the folders promise.

use std::path::Path;

use anyhow::Result;

use crate::lex::Token;
use crate::sources::{Source, files};
use crate::{crates, say, tables};

/// More lines than this are pointed out.
const LONG: usize = 400;
/// More lines than this fail.
const TOO_LONG: usize = 800;

/// Whether everything is as it should be.
pub fn check(root: &Path) -> Result<bool> {
    let mut problems = Vec::new();
    let (wrong, dependencies) = crates::check(root)?;
    problems.extend(wrong);

    let sources: Vec<Source> = files(root, "crates", &["rs"])?
        .into_iter()
        .filter(|source| source.path.split('/').nth(2) == Some("src"))
        .collect();
    problems.extend(sql_out_of_place(&sources));
    let (owners, wrong) = tables::owners(root)?;
    problems.extend(wrong);
    let (wrong, writes) = tables::writes(&sources, &owners);
    problems.extend(wrong);

    let mut all = Vec::new();
    for folder in ["crates", "xtask", "scripts", "tests"] {
        all.extend(files(
            root,
            folder,
            &["rs", "mjs", "js", "sh", "c", "html", "typ"],
        )?);
    }
    let (wrong, long) = sizes(&all);
    problems.extend(wrong);

    problems.iter().for_each(|problem| say(problem));
    say(&format!(
        "arch: {dependencies} dependencies, {} tables, {writes} writes, {} files ({long} over {LONG} lines), {} problems",
        owners.len(),
        all.len(),
        problems.len()
    ));
    Ok(problems.is_empty())
}

/// SQL lives in the stores of `app`, in `jobs` and in `db`, as literals of the macros.
fn sql_out_of_place(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        if source.crate_name() == "db" {
            continue;
        }
        let statements = source.statements();
        if let Some(first) = statements.first()
            && !is_store(source)
        {
            problems.push(format!(
                "{}:{}: SQL outside of a store",
                source.path, first.line
            ));
        }
        // A text that reads like a statement and isn't a literal of the macros was put together, or goes round `db`.
        let known: Vec<&str> = statements
            .iter()
            .map(|statement| statement.text.as_str())
            .collect();
        for placed in source.tokens() {
            if let Token::Text(text) = &placed.token
                && looks_like_sql(text)
                && !known.contains(&text.as_str())
            {
                problems.push(format!(
                    "{}:{}: SQL that is not a literal of sql!, point! or piece!",
                    source.path, placed.line
                ));
            }
        }
    }
    problems
}

/// `store.rs`, `claim_store.rs`, `store/orders.rs` in a feature of `app`; everything in `jobs`.
fn is_store(source: &Source) -> bool {
    let file = source.path.rsplit('/').next().unwrap_or_default();
    let in_feature = source.path.split('/').count() > 4;
    match source.crate_name() {
        "jobs" => true,
        "app" => {
            in_feature
                && (file.starts_with("store")
                    || file.ends_with("_store.rs")
                    || source.path.contains("/store/"))
        }
        _ => false,
    }
}

fn looks_like_sql(text: &str) -> bool {
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some("SELECT"), Some(_)) => text.contains(" FROM ") || text.contains('$'),
        (Some("INSERT"), Some("INTO")) | (Some("DELETE"), Some("FROM")) => true,
        (Some("UPDATE"), Some(_)) => text.contains(" SET "),
        _ => false,
    }
}

/// Files that are too long, and how many are long.
fn sizes(all: &[Source]) -> (Vec<String>, usize) {
    let mut problems = Vec::new();
    let mut long = 0;
    for source in all {
        let lines = source.text.lines().count();
        if lines > TOO_LONG {
            problems.push(format!(
                "{}: {lines} lines, at most {TOO_LONG}",
                source.path
            ));
        } else if lines > LONG {
            say(&format!(
                "note: {}: {lines} lines, better at most {LONG}",
                source.path
            ));
            long += 1;
        }
    }
    (problems, long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        sql_out_of_place(&[Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
        .len()
    }

    #[test]
    fn sql_is_literals_in_stores() {
        let literal = "fn f() { sql!(\"SELECT a FROM b\"); }";
        assert_eq!(problems("crates/app/src/photo/store.rs", literal), 0);
        assert_eq!(
            problems("crates/app/src/account/claim_store.rs", literal),
            0
        );
        assert_eq!(
            problems("crates/app/src/payment/store/orders.rs", literal),
            0
        );
        assert_eq!(problems("crates/jobs/src/lease.rs", literal), 0);
        assert_eq!(problems("crates/app/src/photo/mod.rs", literal), 1);
        assert_eq!(problems("crates/office/src/photo/store.rs", literal), 1);
        let composed = "fn f() { format!(\"SELECT {a} FROM b\"); }";
        assert_eq!(problems("crates/app/src/photo/store.rs", composed), 1);
        let words = "fn f() { text(\"UPDATE your browser\"); \"SELECT one\"; }";
        assert_eq!(problems("crates/app/src/photo/store.rs", words), 0);
    }

    #[test]
    fn a_file_of_801_lines_is_too_long() {
        let source = |lines: usize| Source {
            path: "x.rs".to_owned(),
            text: "\n".repeat(lines),
        };
        assert_eq!(sizes(&[source(400)]), (vec![], 0));
        assert_eq!(sizes(&[source(800)]).1, 1);
        assert_eq!(sizes(&[source(801)]).0.len(), 1);
    }
}
