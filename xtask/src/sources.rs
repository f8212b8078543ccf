//! The files of the workspace, and the SQL in them.

use std::path::Path;

use anyhow::{Context, Result};

use crate::lex::{Placed, Token, without_tests};

/// A source file.
#[derive(Debug)]
pub struct Source {
    /// From the root on, with `/`.
    pub path: String,
    pub text: String,
}

/// Which database a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    Both,
    Sqlite,
    Postgres,
}

/// What made a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `sql!` or `point!`: the whole text.
    Whole,
    /// `piece!`: a part of one that is put together.
    Piece,
    /// `keyset!`: the two columns that a list is ordered by.
    Keyset,
}

/// A literal of one of the macros.
#[derive(Debug, Clone)]
pub struct Statement {
    pub kind: Kind,
    pub text: String,
    pub only: For,
    pub line: usize,
}

/// All files below `folder` with one of these endings, in order of their paths.
pub fn files(root: &Path, folder: &str, endings: &[&str]) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| endings.contains(&e))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found.iter().map(|path| read(root, path)).collect()
}

fn read(root: &Path, path: &Path) -> Result<Source> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let path = path
        .strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/");
    Ok(Source { path, text })
}

impl Source {
    /// `app` of `crates/app/src/photo/store.rs`.
    pub fn crate_name(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// `photo` of `crates/app/src/photo/store.rs`; of a file directly in `src`, its own name.
    pub fn feature(&self) -> &str {
        let name = self.path.split('/').nth(3).unwrap_or_default();
        name.strip_suffix(".rs").unwrap_or(name)
    }

    /// Its tokens, without tests.
    pub fn tokens(&self) -> Vec<Placed> {
        without_tests(&self.text)
    }

    /// Its SQL, without tests.
    pub fn statements(&self) -> Vec<Statement> {
        let tokens = self.tokens();
        let of_file = match () {
            () if self.path.ends_with("/sqlite.rs") || self.path.contains("/sqlite/") => {
                For::Sqlite
            }
            () if self.path.ends_with("/postgres.rs") || self.path.contains("/postgres/") => {
                For::Postgres
            }
            () => For::Both,
        };
        let mut found = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            let kind = match &token.token {
                Token::Word(word) if word == "sql" || word == "point" => Kind::Whole,
                Token::Word(word) if word == "piece" => Kind::Piece,
                Token::Word(word) if word == "keyset" => Kind::Keyset,
                _ => continue,
            };
            let Some([bang, open, rest @ ..]) = tokens.get(index + 1..) else {
                continue;
            };
            if !bang.is_sign('!') || !open.is_sign('(') {
                continue;
            }
            let texts: Vec<&String> = rest
                .iter()
                .take_while(|token| !token.is_sign(')'))
                .filter_map(|token| match &token.token {
                    Token::Text(text) => Some(text),
                    _ => None,
                })
                .collect();
            let text = match texts.as_slice() {
                [one] => (*one).clone(),
                [key, unique] if kind == Kind::Keyset => format!("{key}, {unique}"),
                // The macro's own definition.
                _ => continue,
            };
            let only = if of_file == For::Both {
                only_for(&tokens, index)
            } else {
                of_file
            };
            found.push(Statement {
                kind,
                text,
                only,
                line: token.line,
            });
        }
        found
    }
}

/// `Backend::Sqlite => sql!(…)` and `dialect::pick(backend, sql!(…), sql!(…))` are for one database only.
fn only_for(tokens: &[Placed], at: usize) -> For {
    let before = |back: usize| at.checked_sub(back).and_then(|index| tokens.get(index));
    let mut back = 1;
    // `db::sql!`, `{ let text = sql!`.
    while before(back).is_some_and(|token| match &token.token {
        Token::Word(word) => word == "let" || word == "text" || word == "sql" || word == "db",
        Token::Sign(sign) => matches!(sign, '{' | ':'),
        Token::Text(_) => false,
    }) || (before(back).is_some_and(|token| token.is_sign('='))
        && before(back + 1).is_some_and(|token| token.is_word("text") || token.is_word("sql")))
    {
        back += 1;
    }
    let arm = before(back).is_some_and(|token| token.is_sign('>'))
        && before(back + 1).is_some_and(|token| token.is_sign('='));
    if arm {
        return match before(back + 2).map(|token| &token.token) {
            Some(Token::Word(word)) if word == "Sqlite" => For::Sqlite,
            Some(Token::Word(word)) if word == "Postgres" => For::Postgres,
            _ => For::Both,
        };
    }
    picked(tokens, at)
}

/// The second or third argument of `pick(…)`.
fn picked(tokens: &[Placed], at: usize) -> For {
    let (mut depth, mut commas) = (0usize, 0usize);
    for index in (0..at).rev().take(400) {
        let Some(token) = tokens.get(index) else {
            break;
        };
        match token.token {
            Token::Sign(')' | ']' | '}') => depth += 1,
            Token::Sign('(' | '[' | '{') if depth > 0 => depth -= 1,
            Token::Sign('(') => {
                let name = index.checked_sub(1).and_then(|index| tokens.get(index));
                return match (name.is_some_and(|name| name.is_word("pick")), commas) {
                    (true, 1) => For::Sqlite,
                    (true, 2) => For::Postgres,
                    _ => For::Both,
                };
            }
            Token::Sign('[' | '{' | ';') => break,
            Token::Sign(',') if depth == 0 => commas += 1,
            _ => {}
        }
    }
    For::Both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> Vec<(String, For)> {
        let source = Source {
            path: "crates/app/src/x/store.rs".to_owned(),
            text: text.to_owned(),
        };
        source
            .statements()
            .into_iter()
            .map(|s| (s.text, s.only))
            .collect()
    }

    #[test]
    fn literals_of_the_macros_are_found_with_their_database() {
        let found = statements(
            r#"
            tx.exec(sql!("A"), p![]); query.opt(db::point!("B"), p![1]);
            match backend { Backend::Sqlite => sql!("C"), Backend::Postgres => sql!("D"), }
            match tx.backend() {
                // A comment.
                Backend::Sqlite => { let text = sql!("E"); run(text) }
                Backend::Postgres => db::sql!("F \
                    G"),
            }
            pick(tx.backend(), sql!("H"), sql!("I"));
            run(a, sql!("J"), sql!("K"));
            list(keyset!("a.x", "a.id")).and(piece!("z = $1"))
            "#,
        );
        let expected = [
            ("A", For::Both),
            ("B", For::Both),
            ("C", For::Sqlite),
            ("D", For::Postgres),
            ("E", For::Sqlite),
            ("F G", For::Postgres),
            ("H", For::Sqlite),
            ("I", For::Postgres),
            ("J", For::Both),
            ("K", For::Both),
            ("a.x, a.id", For::Both),
            ("z = $1", For::Both),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(t, o)| ((*t).to_owned(), *o))
            .collect();
        assert_eq!(found, expected);
    }
}
